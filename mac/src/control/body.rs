//! What follows the receiver's address in a control frame (9.3.1.2 to 9.3.1.9).

use crate::reader::Reader;
use crate::{BlockAck, BlockAckReq, ControlSubtype, FrameControl, FrameError, MacAddr};

/// The fields of a control frame after address 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlBody<'a> {
    /// Request to send (9.3.1.2).
    Rts {
        /// Who wants to send.
        transmitter: MacAddr,
    },
    /// Clear to send (9.3.1.3).
    Cts,
    /// Acknowledgement (9.3.1.4).
    Ack,
    /// A station that wakes asks for a frame (9.3.1.5); the Duration/ID field has its AID.
    PsPoll {
        /// The station.
        transmitter: MacAddr,
    },
    /// The medium is free again (9.3.1.6).
    CfEnd {
        /// The BSS.
        bssid: MacAddr,
    },
    /// The same, and an acknowledgement: obsolete.
    CfEndAck {
        /// The BSS.
        bssid: MacAddr,
    },
    /// Block Ack request (9.3.1.7).
    BlockAckReq {
        /// Who asks.
        transmitter: MacAddr,
        /// What for.
        request: BlockAckReq<'a>,
    },
    /// Block Ack (9.3.1.8).
    BlockAck {
        /// Who answers.
        transmitter: MacAddr,
        /// What arrived.
        response: BlockAck<'a>,
    },
    /// Another control frame with an HT Control field in it (9.3.1.9).
    Wrapper {
        /// Frame control field of the carried frame.
        carried: FrameControl,
        /// The HT Control field.
        ht_control: u32,
        /// The carried frame after its first address; [`carried_body`](Self::carried_body)
        /// reads it.
        rest: &'a [u8],
    },
    /// A frame of a subtype that is not read.
    Other {
        /// Its subtype.
        subtype: ControlSubtype,
        /// What follows address 1.
        rest: &'a [u8],
    },
}

impl<'a> ControlBody<'a> {
    pub(super) fn read(
        subtype: ControlSubtype,
        reader: &mut Reader<'a>,
    ) -> Result<Self, FrameError> {
        Ok(match subtype {
            ControlSubtype::Rts => Self::Rts { transmitter: reader.address()? },
            ControlSubtype::Cts => Self::Cts,
            ControlSubtype::Ack => Self::Ack,
            ControlSubtype::PsPoll => Self::PsPoll { transmitter: reader.address()? },
            ControlSubtype::CfEnd => Self::CfEnd { bssid: reader.address()? },
            ControlSubtype::CfEndAck => Self::CfEndAck { bssid: reader.address()? },
            ControlSubtype::BlockAckReq => {
                let transmitter = reader.address()?;
                Self::BlockAckReq { transmitter, request: BlockAckReq::read(reader)? }
            }
            ControlSubtype::BlockAck => {
                let transmitter = reader.address()?;
                Self::BlockAck { transmitter, response: BlockAck::read(reader)? }
            }
            ControlSubtype::Wrapper => {
                let carried = FrameControl(reader.u16()?);
                let ht_control = reader.u32()?;
                Self::Wrapper { carried, ht_control, rest: reader.take_rest() }
            }
            _ => Self::Other { subtype, rest: reader.take_rest() },
        })
    }

    pub(super) fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.second_address().iter().flat_map(|address| address.0));
        match self {
            Self::BlockAckReq { request, .. } => request.emit(out),
            Self::BlockAck { response, .. } => response.emit(out),
            Self::Wrapper { carried, ht_control, rest } => {
                out.extend(carried.to_bytes());
                out.extend(ht_control.to_le_bytes());
                out.extend_from_slice(rest);
            }
            Self::Other { rest, .. } => out.extend_from_slice(rest),
            _ => {}
        }
    }

    /// The subtype of the frame.
    pub fn subtype(&self) -> ControlSubtype {
        match self {
            Self::Rts { .. } => ControlSubtype::Rts,
            Self::Cts => ControlSubtype::Cts,
            Self::Ack => ControlSubtype::Ack,
            Self::PsPoll { .. } => ControlSubtype::PsPoll,
            Self::CfEnd { .. } => ControlSubtype::CfEnd,
            Self::CfEndAck { .. } => ControlSubtype::CfEndAck,
            Self::BlockAckReq { .. } => ControlSubtype::BlockAckReq,
            Self::BlockAck { .. } => ControlSubtype::BlockAck,
            Self::Wrapper { .. } => ControlSubtype::Wrapper,
            Self::Other { subtype, .. } => *subtype,
        }
    }

    /// The body of the frame that a wrapper carries, and what follows its last field; `None` if
    /// this is no wrapper. A wrapper in a wrapper is one more to open.
    pub fn carried_body(&self) -> Option<Result<(ControlBody<'a>, &'a [u8]), FrameError>> {
        let Self::Wrapper { carried, rest, .. } = self else { return None };
        let what = "carried frame";
        let crate::FrameKind::Control(subtype) = carried.kind() else {
            let value = carried.0.into();
            return Some(Err(FrameError::NotThis { what, offset: 0, value }));
        };
        let mut reader = Reader::new(what, rest);
        Some(ControlBody::read(subtype, &mut reader).map(|body| (body, reader.rest())))
    }

    /// The fixed field after address 1, if it is an address.
    fn second_address(&self) -> Option<MacAddr> {
        match *self {
            Self::Rts { transmitter }
            | Self::PsPoll { transmitter }
            | Self::BlockAckReq { transmitter, .. }
            | Self::BlockAck { transmitter, .. } => Some(transmitter),
            Self::CfEnd { bssid } | Self::CfEndAck { bssid } => Some(bssid),
            Self::Cts | Self::Ack | Self::Wrapper { .. } | Self::Other { .. } => None,
        }
    }

    pub(super) fn transmitter(&self) -> Option<MacAddr> {
        use ControlSubtype::{BeamformingReportPoll, NdpAnnouncement, Tack, Trigger};
        match *self {
            // One wrapper is opened and no more, so that what was received cannot make us recurse.
            Self::Wrapper { .. } => self.carried_body()?.ok()?.0.second_address(),
            Self::Other {
                subtype: Trigger | Tack | BeamformingReportPoll | NdpAnnouncement,
                rest,
            } => rest.first_chunk().copied().map(MacAddr),
            _ => self.second_address(),
        }
    }
}
