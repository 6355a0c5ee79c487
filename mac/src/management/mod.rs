//! Management frames (9.3.3).

mod action;
mod association;
mod authentication;
mod beacon;
mod body;
mod capability;
mod codes;

pub use action::Action;
pub use association::{AssociationRequest, AssociationResponse, ReassociationRequest};
pub use authentication::{Authentication, AuthenticationAlgorithm};
pub use beacon::Beacon;
pub use body::{Leaving, ManagementBody};
pub use capability::CapabilityInformation;
pub use codes::{ReasonCode, StatusCode};

use crate::reader::Reader;
use crate::{
    DurationId, FrameControl, FrameError, FrameKind, MacAddr, ManagementSubtype, SequenceControl,
};

/// What errors call it.
const WHAT: &str = "management frame";

/// A management frame: header, and body where it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Management<'a> {
    /// The MAC header.
    pub header: ManagementHeader,
    /// The frame body, which [`read_body`](Self::read_body) takes apart.
    pub body: &'a [u8],
}

/// The MAC header of a management frame (9.3.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagementHeader {
    /// Subtype and flags; +HTC/Order says whether there is an HT Control field, and `emit`
    /// insists on it.
    pub frame_control: FrameControl,
    /// How long the medium is reserved.
    pub duration: DurationId,
    /// Address 1.
    pub receiver: MacAddr,
    /// Address 2.
    pub transmitter: MacAddr,
    /// Address 3.
    pub bssid: MacAddr,
    /// Number of the MMPDU and of the fragment.
    pub sequence_control: SequenceControl,
    /// The HT Control field, whose bits are not taken apart here (9.2.4.6).
    pub ht_control: Option<u32>,
}

impl<'a> Management<'a> {
    /// Reads an MPDU without FCS.
    pub fn parse(mpdu: &'a [u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(WHAT, mpdu);
        let header = ManagementHeader::read(&mut reader)?;
        Ok(Self { header, body: reader.rest() })
    }

    /// Appends the MPDU, without an FCS.
    pub fn emit(&self, out: &mut Vec<u8>) {
        self.header.emit(out);
        out.extend_from_slice(self.body);
    }

    /// Reads the body by the frame's subtype. Protected bodies, and those of frames in
    /// fragments, are left as they are: [`ManagementBody::Other`].
    pub fn read_body(&self) -> Result<ManagementBody<'a>, FrameError> {
        let control = self.header.frame_control;
        let fragment = control.more_fragments() || self.header.sequence_control.fragment != 0;
        match control.kind() {
            FrameKind::Management(subtype) if !control.protected() && !fragment => {
                ManagementBody::parse(subtype, self.body)
            }
            _ => Ok(ManagementBody::Other(self.body)),
        }
    }
}

impl ManagementHeader {
    /// Bytes of the header without an HT Control field.
    pub const LEN: usize = 24;

    /// The header of a frame, first and only fragment, with no flag set.
    pub fn new(
        subtype: ManagementSubtype,
        receiver: MacAddr,
        transmitter: MacAddr,
        bssid: MacAddr,
    ) -> Self {
        Self {
            frame_control: FrameControl::new(FrameKind::Management(subtype)),
            duration: DurationId::default(),
            receiver,
            transmitter,
            bssid,
            sequence_control: SequenceControl::default(),
            ht_control: None,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FrameError> {
        let is_management = |kind| matches!(kind, FrameKind::Management(_));
        let frame_control = FrameControl::read(WHAT, reader, is_management)?;
        let duration = DurationId(reader.u16()?);
        let (receiver, transmitter) = (reader.address()?, reader.address()?);
        let bssid = reader.address()?;
        let sequence_control = SequenceControl::from_raw(reader.u16()?);
        let ht_control = frame_control.order().then(|| reader.u32()).transpose()?;
        Ok(Self {
            frame_control,
            duration,
            receiver,
            transmitter,
            bssid,
            sequence_control,
            ht_control,
        })
    }

    /// Appends the header.
    pub fn emit(&self, out: &mut Vec<u8>) {
        assert_eq!(
            self.ht_control.is_some(),
            self.frame_control.order(),
            "HT Control as +HTC says"
        );
        out.extend(self.frame_control.to_bytes());
        out.extend(self.duration.0.to_le_bytes());
        for address in [self.receiver, self.transmitter, self.bssid] {
            out.extend(address.0);
        }
        out.extend(self.sequence_control.raw().to_le_bytes());
        out.extend(self.ht_control.iter().flat_map(|control| control.to_le_bytes()));
    }
}

#[cfg(test)]
mod tests;
