//! How scenarios write times and rates.

use std::time::Duration;

use phy80211::{Bandwidth, Mcs, OfdmRate};
use serde::{Deserialize, Serialize};

/// A time, written as a number and a unit: `"1.5 ms"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(pub Duration);

/// The units and their nanoseconds, the largest first.
const UNITS: [(&str, u64); 4] = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1)];
/// What nobody simulates the length of.
const LONGEST_S: f64 = 1e6;

impl Time {
    /// So many seconds.
    pub fn secs(s: f64) -> Self {
        Self(Duration::from_nanos((s * 1e9).round() as u64))
    }

    /// So many milliseconds.
    pub fn millis(ms: u64) -> Self {
        Self(Duration::from_millis(ms))
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.trim().split_once(char::is_whitespace).and_then(|(number, unit)| {
            let (_, ns) = UNITS.into_iter().find(|(name, _)| *name == unit.trim())?;
            let s = number.parse::<f64>().ok()? * ns as f64 * 1e-9;
            (0.0..=LONGEST_S).contains(&s).then(|| Self::secs(s))
        });
        parsed
            .ok_or_else(|| format!("\"{text}\" is no time; write \"1.5 ms\", with s, ms, us or ns"))
    }
}

impl From<Time> for String {
    /// In the largest unit of which it is a whole number.
    fn from(Time(duration): Time) -> Self {
        let ns = duration.as_nanos();
        let whole = UNITS.into_iter().find(|(_, unit)| ns.is_multiple_of(u128::from(*unit)));
        let (name, unit) = whole.expect("nanoseconds are whole");
        format!("{} {name}", ns / u128::from(unit))
    }
}

/// The rate of data: `"54 Mbit/s"`, `"mcs7"`, `"minstrel"` or `"cautious"`.
///
/// Rates without HT are named as at 20 MHz, whatever the channel's width; width and guard interval
/// of the others are the node's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RateName {
    /// Clause 17.
    NonHt(OfdmRate),
    /// Clause 19.
    Ht(Mcs),
    /// What rate control finds to bring the most.
    Minstrel,
    /// The fastest at which hardly anything is lost.
    Cautious,
}

impl RateName {
    fn parse(text: &str) -> Option<Self> {
        if text == "minstrel" {
            return Some(Self::Minstrel);
        }
        if text == "cautious" {
            return Some(Self::Cautious);
        }
        if let Some(index) = text.strip_prefix("mcs") {
            return index.parse().ok().and_then(Mcs::new).map(Self::Ht);
        }
        let mbps = text.strip_suffix("Mbit/s")?.trim().parse().ok()?;
        OfdmRate::from_mbps(mbps, Bandwidth::Mhz20).map(Self::NonHt)
    }
}

impl TryFrom<String> for RateName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| {
            format!(
                "\"{text}\" is no rate; there are \"6 Mbit/s\", 9, 12, 18, 24, 36, 48 and 54, \
                 \"mcs0\" to \"mcs7\", \"minstrel\" and \"cautious\""
            )
        })
    }
}

impl From<RateName> for String {
    fn from(rate: RateName) -> Self {
        match rate {
            RateName::NonHt(rate) => format!("{} Mbit/s", rate.mbps(Bandwidth::Mhz20)),
            RateName::Ht(mcs) => format!("mcs{}", mcs.index()),
            RateName::Minstrel => "minstrel".to_owned(),
            RateName::Cautious => "cautious".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Result<Time, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn times_are_written_with_their_unit() {
        for (text, ns) in
            [("1.5 ms", 1_500_000), ("0 us", 0), ("8 s", 8_000_000_000), (" 7  ns", 7)]
        {
            assert_eq!(time(text), Ok(Time(Duration::from_nanos(ns))), "{text}");
        }
        for text in ["", "1", "ms", "1ms ", "-1 s", "1 h", "inf s", "nan s", "1e9 s"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["1500 us", "8 s", "0 s", "1 ns", "102400 us"] {
            assert_eq!(String::from(time(text).unwrap()), text);
        }
        for text in ["6 Mbit/s", "54 Mbit/s", "mcs0", "mcs7", "minstrel"] {
            assert_eq!(String::from(RateName::parse(text).unwrap()), text);
        }
        for text in ["", "54", "7 Mbit/s", "mcs8", "mcs", "Minstrel", "mcs7 "] {
            assert_eq!(RateName::parse(text), None, "{text}");
        }
    }
}
