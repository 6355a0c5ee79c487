//! The Duration/ID field (9.2.4.2).

use std::time::Duration;

/// The Duration/ID field: how long the medium is reserved, or who polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DurationId(pub u16);

/// Association identifiers are sent with the two highest bits set.
const AID_MARK: u16 = 0xc000;

/// The highest association identifier.
pub const MAX_AID: u16 = 2007;

impl DurationId {
    /// The longest duration the field can hold.
    pub const MAX: Duration = Duration::from_micros(0x7fff);

    /// A duration in microseconds, a fraction rounded up as 9.2.5.1 asks, and no more than
    /// [`MAX`](Self::MAX).
    pub fn from_duration(duration: Duration) -> Self {
        let micros = duration.as_nanos().div_ceil(1000);
        Self(micros.min(Self::MAX.as_micros()) as u16)
    }

    /// The association identifier that a PS-Poll carries.
    pub fn from_aid(aid: u16) -> Self {
        assert!((1..=MAX_AID).contains(&aid), "association identifiers are 1 to {MAX_AID}");
        Self(AID_MARK | aid)
    }

    /// How long the medium is reserved after the frame; `None` if the field is no duration.
    pub fn duration(self) -> Option<Duration> {
        (self.0 & 0x8000 == 0).then(|| Duration::from_micros(self.0.into()))
    }

    /// The association identifier of a PS-Poll; `None` if the field is none, or one out of range.
    pub fn aid(self) -> Option<u16> {
        let aid = self.0 & !AID_MARK;
        (self.0 & AID_MARK == AID_MARK && (1..=MAX_AID).contains(&aid)).then_some(aid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_field_is_a_duration_or_an_aid_or_reserved(raw: u16) {
            let field = DurationId(raw);
            match (field.duration(), field.aid()) {
                (Some(duration), None) => prop_assert_eq!(DurationId::from_duration(duration), field),
                (None, Some(aid)) => prop_assert_eq!(DurationId::from_aid(aid), field),
                (None, None) => prop_assert!(raw >= 0x8000),
                both => prop_assert!(false, "{both:?}"),
            }
        }
    }

    #[test]
    fn fractions_round_up_and_long_durations_saturate() {
        assert_eq!(DurationId::from_duration(Duration::from_nanos(44_001)), DurationId(45));
        assert_eq!(
            DurationId::from_duration(Duration::from_secs(1)).duration(),
            Some(DurationId::MAX)
        );
    }
}
