//! Block Ack action frames: ADDBA Request, ADDBA Response and DELBA (9.6.4).

use crate::bits::bit_fields;
use crate::reader::Reader;
use crate::{Elements, FrameError, ReasonCode, SequenceControl, StatusCode, TimeUnits};

bit_fields! {
    /// The Block Ack Parameter Set (9.4.1.13).
    BlockAckParameters(u16) {
        /// A-MSDUs may be sent in the agreement.
        amsdu_supported, with_amsdu_supported: bool = 0..1;
        /// Block Ack is immediate, not delayed.
        immediate, with_immediate: bool = 1..2;
        /// The TID the agreement is for.
        tid, with_tid: u8 = 2..6;
        /// MSDUs the receiver can hold; 0 in a request leaves it to the receiver.
        buffer_size, with_buffer_size: u16 = 6..16;
    }
}

bit_fields! {
    /// The DELBA Parameter Set (9.4.1.15).
    DeleteParameters(u16) {
        /// The sender of the DELBA is the one that sends the data.
        initiator, with_initiator: bool = 11..12;
        /// The TID whose agreement ends.
        tid, with_tid: u8 = 12..16;
    }
}

/// ADDBA Request (9.6.4.2), after category and action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddBlockAckRequest<'a> {
    /// Ties the response to it.
    pub dialog_token: u8,
    /// What is asked for.
    pub parameters: BlockAckParameters,
    /// Silence that ends the agreement; 0 for none.
    pub timeout: TimeUnits,
    /// The first MSDU under the agreement.
    pub start: SequenceControl,
    /// Elements that follow.
    pub elements: Elements<'a>,
}

/// ADDBA Response (9.6.4.3), after category and action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddBlockAckResponse<'a> {
    /// That of the request.
    pub dialog_token: u8,
    /// Whether there is an agreement now.
    pub status: StatusCode,
    /// What was agreed to.
    pub parameters: BlockAckParameters,
    /// Silence that ends the agreement; 0 for none.
    pub timeout: TimeUnits,
    /// Elements that follow.
    pub elements: Elements<'a>,
}

/// DELBA (9.6.4.4), after category and action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteBlockAck<'a> {
    /// Whose agreement.
    pub parameters: DeleteParameters,
    /// Why.
    pub reason: ReasonCode,
    /// Elements that follow.
    pub elements: Elements<'a>,
}

impl<'a> AddBlockAckRequest<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        Ok(Self {
            dialog_token: reader.u8()?,
            parameters: BlockAckParameters(reader.u16()?),
            timeout: TimeUnits(reader.u16()?),
            start: SequenceControl::from_raw(reader.u16()?),
            elements: Elements(reader.take_rest()),
        })
    }

    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.dialog_token);
        out.extend(self.parameters.0.to_le_bytes());
        out.extend(self.timeout.0.to_le_bytes());
        out.extend(self.start.raw().to_le_bytes());
        out.extend_from_slice(self.elements.0);
    }
}

impl<'a> AddBlockAckResponse<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        Ok(Self {
            dialog_token: reader.u8()?,
            status: StatusCode(reader.u16()?),
            parameters: BlockAckParameters(reader.u16()?),
            timeout: TimeUnits(reader.u16()?),
            elements: Elements(reader.take_rest()),
        })
    }

    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.dialog_token);
        out.extend(self.status.0.to_le_bytes());
        out.extend(self.parameters.0.to_le_bytes());
        out.extend(self.timeout.0.to_le_bytes());
        out.extend_from_slice(self.elements.0);
    }
}

impl<'a> DeleteBlockAck<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        Ok(Self {
            parameters: DeleteParameters(reader.u16()?),
            reason: ReasonCode(reader.u16()?),
            elements: Elements(reader.take_rest()),
        })
    }

    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.parameters.0.to_le_bytes());
        out.extend(self.reason.0.to_le_bytes());
        out.extend_from_slice(self.elements.0);
    }
}
