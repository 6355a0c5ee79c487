//! The rates that a table tells apart, and how it names them.

use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};

/// The place of a rate in a table; the guard interval has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RateSlot(u8);

/// Where the HT rates of either width begin, after the non-HT ones.
const HT_20: u8 = OfdmRate::ALL.len() as u8;
const HT_40: u8 = HT_20 + Mcs::ALL.len() as u8;

impl RateSlot {
    pub(super) const COUNT: usize = HT_40 as usize + Mcs::ALL.len();

    pub(super) const fn of(rate: Rate) -> Self {
        Self(match rate {
            Rate::NonHt(rate) => rate as u8,
            Rate::Ht(HtRate { mcs, width: HtWidth::Mhz20, .. }) => HT_20 + mcs.index(),
            Rate::Ht(HtRate { mcs, width: HtWidth::Mhz40, .. }) => HT_40 + mcs.index(),
        })
    }

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    /// All rates, the HT ones with the long guard interval.
    pub(super) fn all() -> impl Iterator<Item = Rate> {
        let ht =
            |width| Mcs::ALL.map(|mcs| Rate::Ht(HtRate { mcs, width, gi: GuardInterval::Long }));
        let non_ht = OfdmRate::ALL.into_iter().map(Rate::NonHt);
        non_ht.chain(ht(HtWidth::Mhz20)).chain(ht(HtWidth::Mhz40))
    }

    /// The rates of a name: `54` in Mbit/s at 20 MHz, `mcs7` at either width, `mcs7/40` at one.
    pub(super) fn named(name: &str) -> Vec<Self> {
        let named = |rate: &Rate| {
            let (short, long) = names(*rate);
            name == short || name == long
        };
        Self::all().filter(named).map(Self::of).collect()
    }
}

/// The names of a rate: without and with its width, which non-HT rates have not.
pub(super) fn names(rate: Rate) -> (String, String) {
    match rate {
        Rate::NonHt(rate) => {
            let mbps = rate.mbps(Bandwidth::Mhz20).to_string();
            (mbps.clone(), mbps)
        }
        Rate::Ht(HtRate { mcs, width, .. }) => {
            let mhz = if width == HtWidth::Mhz40 { 40 } else { 20 };
            (format!("mcs{}", mcs.index()), format!("mcs{}/{mhz}", mcs.index()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rate_has_its_own_slot() {
        let slots: Vec<usize> = RateSlot::all().map(|rate| RateSlot::of(rate).index()).collect();
        assert_eq!(slots, (0..RateSlot::COUNT).collect::<Vec<_>>());
    }

    #[test]
    fn a_name_without_a_width_means_both() {
        assert_eq!(RateSlot::named("mcs3").len(), 2);
        assert_eq!(RateSlot::named("mcs3/40").len(), 1);
        assert_eq!(RateSlot::named("54").len(), 1);
        assert!(RateSlot::named("mcs8").is_empty());
    }
}
