//! Beacons and Probe Responses, whose fixed fields are the same (9.3.3.2, 9.3.3.10).

use super::CapabilityInformation;
use crate::reader::Reader;
use crate::{Elements, FrameError, TimeUnits};

/// The body of a Beacon or Probe Response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beacon<'a> {
    /// The sender's TSF timer, at the first bit of this field on the air.
    pub timestamp_us: u64,
    /// Time between beacons.
    pub interval: TimeUnits,
    /// What the BSS is and can.
    pub capabilities: CapabilityInformation,
    /// Elements that follow.
    pub elements: Elements<'a>,
}

impl<'a> Beacon<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        Ok(Self {
            timestamp_us: reader.u64()?,
            interval: TimeUnits(reader.u16()?),
            capabilities: CapabilityInformation(reader.u16()?),
            elements: Elements(reader.take_rest()),
        })
    }

    /// Appends the body.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.timestamp_us.to_le_bytes());
        out.extend(self.interval.0.to_le_bytes());
        out.extend(self.capabilities.0.to_le_bytes());
        out.extend_from_slice(self.elements.0);
    }
}
