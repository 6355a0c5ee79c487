//! The Block Ack request (9.3.1.7).

use super::{BlockAckControl, BlockAckVariant};
use crate::reader::Reader;
use crate::{FrameError, SequenceControl, SequenceNumber};

/// A Block Ack request after its two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockAckReq<'a> {
    /// Variant and TID.
    pub control: BlockAckControl,
    /// What is asked for.
    pub information: RequestInformation<'a>,
}

/// The BAR Information field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestInformation<'a> {
    /// Of the compressed variant: the first MSDU asked for. The receiver forgets those before it.
    Compressed(SequenceControl),
    /// Of another variant.
    Other(&'a [u8]),
}

impl<'a> BlockAckReq<'a> {
    /// A compressed request.
    pub fn compressed(tid: u8, start: SequenceNumber) -> Self {
        let information = RequestInformation::Compressed(SequenceControl::unfragmented(start));
        Self { control: BlockAckControl::compressed(tid), information }
    }

    /// The first MSDU that a compressed request asks for.
    pub fn start(&self) -> Option<SequenceNumber> {
        match self.information {
            RequestInformation::Compressed(start) => Some(start.sequence),
            RequestInformation::Other(_) => None,
        }
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        let control = BlockAckControl(reader.u16()?);
        let information = match control.variant() {
            BlockAckVariant::Compressed => {
                RequestInformation::Compressed(SequenceControl::from_raw(reader.u16()?))
            }
            _ => RequestInformation::Other(reader.take_rest()),
        };
        Ok(Self { control, information })
    }

    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.control.0.to_le_bytes());
        match self.information {
            RequestInformation::Compressed(start) => out.extend(start.raw().to_le_bytes()),
            RequestInformation::Other(rest) => out.extend_from_slice(rest),
        }
    }
}
