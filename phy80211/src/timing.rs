//! How long a PPDU is on the air (17.4.3).

use std::time::Duration;

use crate::{ChannelSpacing, OfdmRate};

/// Samples of the preamble: ten short and two long training symbols (17.3.3).
pub const PREAMBLE_SAMPLES: usize = 320;
/// Samples of one OFDM symbol with its guard interval.
pub const SYMBOL_SAMPLES: usize = 80;

/// Samples from the first of the preamble to the end of the last symbol.
pub const fn ppdu_samples(rate: OfdmRate, psdu_len: usize) -> usize {
    PREAMBLE_SAMPLES + SYMBOL_SAMPLES * (1 + rate.n_sym(psdu_len))
}

/// TXTIME of a non-HT PPDU (Equation 17-29): preamble, SIGNAL and whole symbols.
pub fn txtime(rate: OfdmRate, spacing: ChannelSpacing, psdu_len: usize) -> Duration {
    let sample_ns = spacing.symbol_ns() / SYMBOL_SAMPLES as u64;
    Duration::from_nanos(ppdu_samples(rate, psdu_len) as u64 * sample_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn txtime_of_known_frames() {
        let us = |rate, len| txtime(rate, ChannelSpacing::Mhz20, len).as_nanos() as f64 / 1e3;
        assert_eq!(us(OfdmRate::Mbps24, 14), 28.0); // ACK
        assert_eq!(us(OfdmRate::Mbps24, 32), 32.0); // compressed Block Ack
        assert_eq!(us(OfdmRate::Mbps54, 1536), 248.0);
        assert_eq!(us(OfdmRate::Mbps6, 144), 216.0); // a beacon
        assert_eq!(txtime(OfdmRate::Mbps24, ChannelSpacing::Mhz5, 14).as_micros(), 112);
    }
}
