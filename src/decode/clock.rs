//! When a recording began, by its own account.

use std::time::Duration;

use jiff::Timestamp;
use radios::sigmf::Metadata;

/// Time of sample 0 since 1970, if the first capture has a `core:datetime`.
///
/// # Errors
/// Says what is wrong with the time. The recording can be decoded all the same.
pub fn began(metadata: &Metadata, sample_rate_hz: f64) -> Result<Option<Duration>, String> {
    let Some(capture) = metadata.captures.first() else { return Ok(None) };
    let Some(text) = &capture.datetime else { return Ok(None) };
    let instant: Timestamp = text.parse().map_err(|_| {
        format!("core:datetime '{text}' is no time as 2026-01-31T12:00:00Z; times count from 0")
    })?;
    // The capture's time is that of its own first sample.
    let before = Duration::try_from_secs_f64(capture.sample_start as f64 / sample_rate_hz);
    Duration::try_from(instant.duration_since(Timestamp::UNIX_EPOCH))
        .ok()
        .and_then(|since_epoch| since_epoch.checked_sub(before.ok()?))
        // The timestamps of a pcap are nanoseconds in 64 bits.
        .filter(|since_epoch| since_epoch.as_nanos() < u128::from(u64::MAX / 2))
        .map(Some)
        .ok_or_else(|| {
            format!("core:datetime '{text}' is not from 1970 to 2262; times count from 0")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use radios::sigmf::Capture;

    fn began_at(text: &str, sample_start: u64) -> Result<Option<Duration>, String> {
        let datetime = Some(text.to_owned());
        let capture = Capture { datetime, sample_start, ..Capture::default() };
        began(&Metadata { captures: vec![capture], ..Metadata::default() }, 20e6)
    }

    #[test]
    fn the_first_captures_time_is_that_of_its_first_sample() {
        let time = Duration::new(1_700_000_000, 123_456_789);
        assert_eq!(began_at("2023-11-14T22:13:20.123456789Z", 0), Ok(Some(time)));
        let earlier = time - Duration::from_secs(1);
        assert_eq!(began_at("2023-11-14T22:13:20.123456789Z", 20_000_000), Ok(Some(earlier)));
    }

    #[test]
    fn what_is_no_time_is_told() {
        for text in ["", "yesterday", "1950-01-01T00:00:00Z", "9000-01-01T00:00:00Z"] {
            assert!(began_at(text, 0).unwrap_err().contains("times count from 0"), "{text}");
        }
        assert!(began_at("1970-01-01T00:00:00Z", u64::MAX).is_err());
        assert_eq!(began(&Metadata::default(), 20e6), Ok(None));
    }
}
