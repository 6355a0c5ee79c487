//! Any MPDU (9.2.3), without its FCS.

use crate::{
    Control, Data, DurationId, FrameControl, FrameError, FrameKind, MacAddr, Management,
    SequenceControl,
};

/// A frame: its header's fields, and its body where it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A management frame.
    Management(Management<'a>),
    /// A control frame.
    Control(Control<'a>),
    /// A data frame.
    Data(Data<'a>),
    /// A frame of the extension type (DMG and S1G beacons), whose header is not read.
    Other {
        /// Its frame control field.
        frame_control: FrameControl,
        /// What follows.
        rest: &'a [u8],
    },
}

impl<'a> Frame<'a> {
    /// Reads an MPDU whose FCS has been taken off.
    pub fn parse(mpdu: &'a [u8]) -> Result<Self, FrameError> {
        let frame_control = FrameControl::parse(mpdu)?;
        Ok(match frame_control.kind() {
            FrameKind::Management(_) => Self::Management(Management::parse(mpdu)?),
            FrameKind::Control(_) => Self::Control(Control::parse(mpdu)?),
            FrameKind::Data(_) => Self::Data(Data::parse(mpdu)?),
            FrameKind::Extension(_) => Self::Other { frame_control, rest: &mpdu[2..] },
        })
    }

    /// Appends the MPDU, without an FCS.
    pub fn emit(&self, out: &mut Vec<u8>) {
        match self {
            Self::Management(frame) => frame.emit(out),
            Self::Control(frame) => frame.emit(out),
            Self::Data(frame) => frame.emit(out),
            Self::Other { frame_control, rest } => {
                out.extend(frame_control.to_bytes());
                out.extend_from_slice(rest);
            }
        }
    }

    /// The frame control field.
    pub fn frame_control(&self) -> FrameControl {
        match self {
            Self::Management(frame) => frame.header.frame_control,
            Self::Control(frame) => frame.frame_control,
            Self::Data(frame) => frame.header.frame_control,
            Self::Other { frame_control, .. } => *frame_control,
        }
    }

    /// Type and subtype.
    pub fn kind(&self) -> FrameKind {
        self.frame_control().kind()
    }

    /// The Duration/ID field.
    pub fn duration_id(&self) -> Option<DurationId> {
        match self {
            Self::Management(frame) => Some(frame.header.duration),
            Self::Control(frame) => Some(frame.duration),
            Self::Data(frame) => Some(frame.header.duration),
            Self::Other { .. } => None,
        }
    }

    /// Address 1: who is to receive the frame.
    pub fn receiver(&self) -> Option<MacAddr> {
        match self {
            Self::Management(frame) => Some(frame.header.receiver),
            Self::Control(frame) => Some(frame.receiver),
            Self::Data(frame) => Some(frame.header.receiver),
            Self::Other { .. } => None,
        }
    }

    /// Address 2: who sent it; CTS and Ack do not say.
    pub fn transmitter(&self) -> Option<MacAddr> {
        match self {
            Self::Management(frame) => Some(frame.header.transmitter),
            Self::Control(frame) => frame.transmitter(),
            Self::Data(frame) => Some(frame.header.transmitter),
            Self::Other { .. } => None,
        }
    }

    /// The Sequence Control field of management and data frames.
    pub fn sequence_control(&self) -> Option<SequenceControl> {
        match self {
            Self::Management(frame) => Some(frame.header.sequence_control),
            Self::Data(frame) => Some(frame.header.sequence_control),
            Self::Control(_) | Self::Other { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_parses_is_emitted_byte_for_byte(
            mut bytes in proptest::collection::vec(any::<u8>(), 2..80),
        ) {
            bytes[0] &= !3;
            if let Ok(frame) = Frame::parse(&bytes) {
                let mut out = vec![];
                frame.emit(&mut out);
                prop_assert_eq!(out, bytes);
            }
        }

        #[test]
        fn any_forty_bytes_of_version_0_are_a_frame(mut bytes: [[u8; 8]; 5]) {
            bytes[0][0] &= !3;
            prop_assert!(Frame::parse(bytes.as_flattened()).is_ok());
        }
    }
}
