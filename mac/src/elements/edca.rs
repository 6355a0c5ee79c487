//! EDCA parameters and the EDCA Parameter Set (9.4.2.28).

use std::time::Duration;

use super::{Element, ElementId};
use crate::bits::bit_fields;
use crate::reader::Reader;
use crate::{AccessCategory, FrameError};

bit_fields! {
    /// The first byte of a record.
    AciAifsn(u8) {
        /// Slots to wait after SIFS; 2 at least, 1 for an AP.
        aifsn, with_aifsn: u8 = 0..4;
        /// The AP must be asked before the category is used.
        admission_mandatory, with_admission_mandatory: bool = 4..5;
        /// Number of the category.
        category, with_category: u8 = 5..7;
    }
}

/// How a category contends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AcParameters {
    /// Category and AIFSN.
    pub aci_aifsn: AciAifsn,
    /// Both contention windows: 2^exponent - 1 slots.
    windows: u8,
    txop_limit_32_us: u16,
}

impl AcParameters {
    /// Parameters of a category: the windows by their exponents below 16, the longest TXOP in
    /// units of 32 us, with 0 for a single frame.
    pub fn new(
        category: AccessCategory,
        aifsn: u8,
        ecw_min: u8,
        ecw_max: u8,
        txop_limit_32_us: u16,
    ) -> Self {
        assert!(ecw_min < 16 && ecw_max < 16, "exponents of contention windows have four bits");
        let aci_aifsn = AciAifsn::default().with_aifsn(aifsn).with_category(category as u8);
        Self { aci_aifsn, windows: ecw_max << 4 | ecw_min, txop_limit_32_us }
    }

    /// The longest TXOP; zero for a single frame.
    pub fn txop_limit(self) -> Duration {
        Duration::from_micros(u64::from(self.txop_limit_32_us) * 32)
    }

    /// The least contention window in slots.
    pub fn cw_min(self) -> u16 {
        (1 << (self.windows & 0xf)) - 1
    }

    /// The largest contention window in slots.
    pub fn cw_max(self) -> u16 {
        (1 << (self.windows >> 4)) - 1
    }
}

/// The records of the four categories, in the order in which they are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EdcaRecords(pub [AcParameters; 4]);

impl EdcaRecords {
    /// What a station uses that has been told nothing else (9.4.2.28, with OFDM).
    pub fn station_default() -> Self {
        use AccessCategory::{Background, BestEffort, Video, Voice};
        Self([
            AcParameters::new(BestEffort, 3, 4, 10, 79),
            AcParameters::new(Background, 7, 4, 10, 79),
            AcParameters::new(Video, 2, 3, 4, 128),
            AcParameters::new(Voice, 2, 2, 3, 65),
        ])
    }

    /// The first record of a category, if there is one.
    pub fn of(self, category: AccessCategory) -> Option<AcParameters> {
        self.0.into_iter().find(|record| record.aci_aifsn.category() == category as u8)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FrameError> {
        let mut record = || {
            let (aci_aifsn, windows) = (AciAifsn(reader.u8()?), reader.u8()?);
            Ok(AcParameters { aci_aifsn, windows, txop_limit_32_us: reader.u16()? })
        };
        Ok(Self([record()?, record()?, record()?, record()?]))
    }

    pub(super) fn emit(&self, out: &mut Vec<u8>) {
        for record in self.0 {
            out.extend([record.aci_aifsn.0, record.windows]);
            out.extend(record.txop_limit_32_us.to_le_bytes());
        }
    }
}

/// The EDCA Parameter Set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EdcaParameterSet {
    /// QoS Info (9.4.1.16): from an AP a count of changes and U-APSD.
    pub qos_info: u8,
    /// Which records change what was told before.
    pub update_info: u8,
    /// The records.
    pub records: EdcaRecords,
}

impl Element<'_> for EdcaParameterSet {
    const ID: ElementId = ElementId::EDCA_PARAMETER_SET;

    fn parse(contents: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new("EDCA Parameter Set", contents);
        let (qos_info, update_info) = (reader.u8()?, reader.u8()?);
        let records = EdcaRecords::read(&mut reader)?;
        Ok(Self { qos_info, update_info, records })
    }

    fn emit_contents(&self, out: &mut Vec<u8>) {
        out.extend([self.qos_info, self.update_info]);
        self.records.emit(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_that_was_not_sent_has_no_record() {
        let record = AcParameters::new(AccessCategory::Voice, 2, 2, 3, 47);
        let records = EdcaRecords([record; 4]);
        assert_eq!(records.of(AccessCategory::Voice), Some(record));
        assert_eq!(records.of(AccessCategory::Video), None);
        // The reserved bit above the category is not part of it.
        let marked = AcParameters { aci_aifsn: AciAifsn(record.aci_aifsn.0 | 0x80), ..record };
        assert_eq!(EdcaRecords([marked; 4]).of(AccessCategory::Voice), Some(marked));
        let video = EdcaRecords::station_default().of(AccessCategory::Video).unwrap();
        assert_eq!((video.cw_min(), video.cw_max()), (7, 15));
    }

    #[test]
    fn default_txops_are_those_since_the_edition_of_2016() {
        let limits = EdcaRecords::station_default().0.map(|record| record.txop_limit().as_micros());
        assert_eq!(limits, [2528, 2528, 4096, 2080]);
    }
}
