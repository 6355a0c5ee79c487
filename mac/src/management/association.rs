//! Association and reassociation (9.3.3.5 to 9.3.3.8).

use super::{CapabilityInformation, StatusCode};
use crate::reader::Reader;
use crate::{DurationId, Elements, FrameError, MacAddr};

/// The body of an Association Request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssociationRequest<'a> {
    /// What the station can.
    pub capabilities: CapabilityInformation,
    /// Beacon intervals the station may sleep.
    pub listen_interval: u16,
    /// Elements that follow.
    pub elements: Elements<'a>,
}

/// The body of a Reassociation Request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReassociationRequest<'a> {
    /// What the station can.
    pub capabilities: CapabilityInformation,
    /// Beacon intervals the station may sleep.
    pub listen_interval: u16,
    /// The AP it is associated with now.
    pub current_ap: MacAddr,
    /// Elements that follow.
    pub elements: Elements<'a>,
}

/// The body of an Association or Reassociation Response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssociationResponse<'a> {
    /// What the BSS is and can.
    pub capabilities: CapabilityInformation,
    /// Whether the station is associated.
    pub status: StatusCode,
    /// Its association identifier, with the two highest bits set as in a PS-Poll.
    pub aid: DurationId,
    /// Elements that follow.
    pub elements: Elements<'a>,
}

impl<'a> AssociationRequest<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        Ok(Self {
            capabilities: CapabilityInformation(reader.u16()?),
            listen_interval: reader.u16()?,
            elements: Elements(reader.take_rest()),
        })
    }

    /// Appends the body.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.capabilities.0.to_le_bytes());
        out.extend(self.listen_interval.to_le_bytes());
        out.extend_from_slice(self.elements.0);
    }
}

impl<'a> ReassociationRequest<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        Ok(Self {
            capabilities: CapabilityInformation(reader.u16()?),
            listen_interval: reader.u16()?,
            current_ap: reader.address()?,
            elements: Elements(reader.take_rest()),
        })
    }

    /// Appends the body.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.capabilities.0.to_le_bytes());
        out.extend(self.listen_interval.to_le_bytes());
        out.extend(self.current_ap.0);
        out.extend_from_slice(self.elements.0);
    }
}

impl<'a> AssociationResponse<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        Ok(Self {
            capabilities: CapabilityInformation(reader.u16()?),
            status: StatusCode(reader.u16()?),
            aid: DurationId(reader.u16()?),
            elements: Elements(reader.take_rest()),
        })
    }

    /// Appends the body.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.capabilities.0.to_le_bytes());
        out.extend(self.status.0.to_le_bytes());
        out.extend(self.aid.0.to_le_bytes());
        out.extend_from_slice(self.elements.0);
    }
}
