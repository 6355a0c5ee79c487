//! Action frames (9.3.3.13, 9.6): those of Block Ack, and the bytes of the others.

use crate::reader::Reader;
use crate::{AddBlockAckRequest, AddBlockAckResponse, DeleteBlockAck, Elements, FrameError};

/// The category of Block Ack action frames (9.4.1.11).
const BLOCK_ACK: u8 = 3;

/// Actions within it (9.6.4.1).
const ADDBA_REQUEST: u8 = 0;
const ADDBA_RESPONSE: u8 = 1;
const DELBA: u8 = 2;

/// The body of an Action frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action<'a> {
    /// Asks for a Block Ack agreement.
    AddBlockAckRequest(AddBlockAckRequest<'a>),
    /// Answers that.
    AddBlockAckResponse(AddBlockAckResponse<'a>),
    /// Ends an agreement.
    DeleteBlockAck(DeleteBlockAck<'a>),
    /// Another action.
    Other {
        /// Its category; with the highest bit set the frame says that an action of the category
        /// was not understood.
        category: u8,
        /// What follows.
        body: &'a [u8],
    },
}

impl<'a> Action<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        let category = reader.u8()?;
        let body = reader.rest();
        if category != BLOCK_ACK {
            return Ok(Self::Other { category, body: reader.take_rest() });
        }
        Ok(match reader.u8()? {
            ADDBA_REQUEST => Self::AddBlockAckRequest(AddBlockAckRequest::read(reader)?),
            ADDBA_RESPONSE => Self::AddBlockAckResponse(AddBlockAckResponse::read(reader)?),
            DELBA => Self::DeleteBlockAck(DeleteBlockAck::read(reader)?),
            _ => Self::Other { category, body },
        })
    }

    /// Appends the body.
    pub fn emit(&self, out: &mut Vec<u8>) {
        match self {
            Self::AddBlockAckRequest(action) => {
                out.extend([BLOCK_ACK, ADDBA_REQUEST]);
                action.emit(out);
            }
            Self::AddBlockAckResponse(action) => {
                out.extend([BLOCK_ACK, ADDBA_RESPONSE]);
                action.emit(out);
            }
            Self::DeleteBlockAck(action) => {
                out.extend([BLOCK_ACK, DELBA]);
                action.emit(out);
            }
            Self::Other { category, body } => {
                out.push(*category);
                out.extend_from_slice(body);
            }
        }
    }

    /// The elements at the body's end, if it has any that are read.
    pub fn elements(&self) -> Elements<'a> {
        match self {
            Self::AddBlockAckRequest(action) => action.elements,
            Self::AddBlockAckResponse(action) => action.elements,
            Self::DeleteBlockAck(action) => action.elements,
            Self::Other { .. } => Elements::default(),
        }
    }
}
