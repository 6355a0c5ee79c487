//! What a file may not say.

use mac::Ssid;
use phy80211::Bandwidth;
use sim::scenario::{HackTable, RateName, Standard, Time};

use super::{Config, address};

/// Longest name of a network interface (IFNAMSIZ less the zero).
const MAX_INTERFACE: usize = 15;
/// No lead and no turnaround is longer: nobody waits for that.
const LONGEST_LEAD_MS: u128 = 100;

impl Config {
    /// What is wrong, if anything.
    pub(super) fn check(&self) -> Result<(), String> {
        let require = |fine: bool, complaint: &str| match fine {
            true => Ok(()),
            false => Err(complaint.to_owned()),
        };
        let bandwidth = Bandwidth::from_mhz(self.bandwidth_mhz).ok_or_else(|| {
            format!("bandwidth_mhz is 5, 10, 20 or 40, not {}", self.bandwidth_mhz)
        })?;
        require(self.ssid.len() <= Ssid::MAX, "ssid has 32 bytes at most")?;
        for (key, text) in [("bssid", &self.bssid), ("mac_address", &self.mac_address)] {
            if let Some(text) = text
                && address(text).is_none()
            {
                return Err(format!("{key} is no address of a station: \"{text}\""));
            }
        }
        let narrow = matches!(bandwidth, Bandwidth::Mhz5 | Bandwidth::Mhz10);
        let ht = matches!(self.rate, RateName::Ht(_));
        require(
            !(ht && self.standard == Standard::Dot11a),
            "802.11a has no rates mcs0 to mcs7; write rate = \"54 Mbit/s\" or \"minstrel\"",
        )?;
        require(
            !(self.short_gi && narrow && self.standard == Standard::Dot11a),
            "short_gi is of 802.11n",
        )?;
        self.hack.iter().try_for_each(HackTable::check).map_err(|text| format!("hack: {text}"))?;
        require((1..=200).contains(&self.channel), "channel is 1 to 200")?;
        require(self.attempts > 0, "attempts is 1 at the least")?;
        require(self.queue > 0, "queue is 1 at the least")?;
        require(self.beacon_int > 0, "beacon_int is 1 at the least")?;
        require(self.dtim_period > 0, "dtim_period is 1 at the least")?;
        let interface = &self.host.interface;
        let named = (1..=MAX_INTERFACE).contains(&interface.len())
            && !interface.contains(|c: char| c == '/' || c.is_whitespace());
        require(named, "interface has 1 to 15 characters, no '/' and no blanks")?;
        let short =
            |time: &Option<Time>| time.is_none_or(|Time(time)| time.as_millis() <= LONGEST_LEAD_MS);
        require(short(&self.link.lead), "lead is 100 ms at the most")?;
        require(short(&self.link.ack_turnaround), "ack_turnaround is 100 ms at the most")?;
        require((0.0..=60.0).contains(&self.link.backoff_db), "backoff_db is 0 to 60")?;
        require(!self.link.patience.0.is_zero(), "patience is more than 0 s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), String> {
        let config: Config = toml::from_str(&format!("radio = \"air:unix:x\"\n{text}")).unwrap();
        config.check()
    }

    #[test]
    fn a_radio_is_all_that_has_to_be_named() {
        assert_eq!(checked(""), Ok(()));
        assert!(toml::from_str::<Config>("ssid = \"x\"").is_err());
    }

    #[test]
    fn nonsense_is_named() {
        for (text, word) in [
            ("bandwidth_mhz = 30", "bandwidth_mhz"),
            ("ssid = \"012345678901234567890123456789012\"", "ssid"),
            ("bssid = \"ff:ff:ff:ff:ff:ff\"", "bssid"),
            ("standard = \"802.11a\"\nrate = \"mcs7\"", "mcs7"),
            ("interface = \"a/b\"", "interface"),
            ("lead = \"2 s\"", "lead"),
            ("hack = { policy = \"native\", safety = \"1 s\" }", "hack"),
            ("beacon_int = 0", "beacon_int"),
        ] {
            assert!(checked(text).unwrap_err().contains(word), "{text}");
        }
    }
}
