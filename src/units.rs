//! Numbers with units on the command line.

use phy80211::Bandwidth;

/// Hertz, as `20e6`, `20M`, `312.5k` or `20000000`.
pub fn parse_hz(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1e3),
        Some((at, 'M')) => (&text[..at], 1e6),
        Some((at, 'G')) => (&text[..at], 1e9),
        _ => (text, 1.0),
    };
    let hz: f64 =
        number.parse().map_err(|_| format!("'{text}' is no frequency; write 20e6 or 20M"))?;
    if hz.is_finite() { Ok(hz * scale) } else { Err(format!("'{text}' is no frequency")) }
}

/// A sample rate: hertz above zero.
pub fn parse_rate_hz(text: &str) -> Result<f64, String> {
    parse_hz(text)
        .and_then(|hz| if hz > 0.0 { Ok(hz) } else { Err(format!("'{text}' is not above zero")) })
}

/// A bandwidth in MHz: 40, 20, 10 or 5.
pub fn parse_bandwidth(text: &str) -> Result<Bandwidth, String> {
    let bandwidth = text.parse().ok().and_then(Bandwidth::from_mhz);
    bandwidth.ok_or_else(|| {
        format!("'{text}' MHz is no bandwidth of 802.11a or n; take 40, 20, 10 or 5")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_written_in_several_ways() {
        for text in ["20e6", "20M", "20000k", "20000000", "0.02G"] {
            assert_eq!(parse_rate_hz(text), Ok(20e6));
        }
        for text in ["", "M", "fast", "-1", "0", "inf", "nan", "20 M"] {
            assert!(parse_rate_hz(text).is_err(), "{text}");
        }
    }
}
