//! Control frames (9.3.1).
//!
//! Bytes after a frame's last field are kept, not refused: stations of this project put their own
//! there, between the last field and the FCS, and receivers by others ignore them.

mod body;

pub use body::ControlBody;

use crate::reader::Reader;
use crate::{ControlSubtype, DurationId, FrameControl, FrameError, FrameKind, MacAddr};

/// A control frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control<'a> {
    /// Subtype and flags.
    pub frame_control: FrameControl,
    /// How long the medium is reserved; in a PS-Poll who polls.
    pub duration: DurationId,
    /// Address 1.
    pub receiver: MacAddr,
    /// The fields after it, by the subtype.
    pub body: ControlBody<'a>,
    /// What follows the last field.
    pub trailing: &'a [u8],
}

impl<'a> Control<'a> {
    /// A frame without flags and trailing bytes.
    pub fn new(receiver: MacAddr, duration: DurationId, body: ControlBody<'a>) -> Self {
        let frame_control = FrameControl::new(FrameKind::Control(body.subtype()));
        Self { frame_control, duration, receiver, body, trailing: &[] }
    }

    /// Reads an MPDU without FCS.
    pub fn parse(mpdu: &'a [u8]) -> Result<Self, FrameError> {
        let what = "control frame";
        let mut reader = Reader::new(what, mpdu);
        let is_control = |kind| matches!(kind, FrameKind::Control(_));
        let frame_control = FrameControl::read(what, &mut reader, is_control)?;
        let subtype = ControlSubtype::ALL[usize::from(frame_control.subtype_number())];
        let duration = DurationId(reader.u16()?);
        let receiver = reader.address()?;
        let body = ControlBody::read(subtype, &mut reader)?;
        Ok(Self { frame_control, duration, receiver, body, trailing: reader.rest() })
    }

    /// Appends the MPDU, without an FCS.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let kind = FrameKind::Control(self.body.subtype());
        assert_eq!(self.frame_control.kind(), kind, "body and frame control are of one subtype");
        out.extend(self.frame_control.to_bytes());
        out.extend(self.duration.0.to_le_bytes());
        out.extend(self.receiver.0);
        self.body.emit(out);
        out.extend_from_slice(self.trailing);
    }

    /// Address 2, which CTS and Ack have not. Its lowest bit, which makes addresses those of
    /// groups, tells in frames of VHT and later how wide they were sent (9.3.1.2).
    pub fn transmitter(&self) -> Option<MacAddr> {
        self.body.transmitter()
    }
}

#[cfg(test)]
mod tests;
