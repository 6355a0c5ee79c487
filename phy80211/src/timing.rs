//! How long a PPDU is on the air (17.4.3, 19.4.3).

use std::time::Duration;

use crate::{Bandwidth, GuardInterval, HtRate, Rate};

/// Samples, at one per hertz of a 20 MHz channel, of the non-HT preamble: ten short and two
/// long training symbols (17.3.3).
pub const PREAMBLE_SAMPLES: usize = 320;
/// Samples of one OFDM symbol with its long guard interval.
pub const SYMBOL_SAMPLES: usize = 80;
/// Symbols between the non-HT preamble and the DATA field of an HT-mixed PPDU of one stream:
/// L-SIG, two of HT-SIG, HT-STF, HT-LTF.
const HT_HEADER_SYMBOLS: usize = 5;

/// Samples from the first of the preamble to the end of the last symbol, at
/// [`Bandwidth::sample_rate_hz`].
pub const fn ppdu_samples(rate: Rate, bandwidth: Bandwidth, psdu_len: usize) -> usize {
    let header = match rate {
        Rate::NonHt(_) => 1,
        Rate::Ht(_) => HT_HEADER_SYMBOLS,
    };
    let symbol = rate.guard_interval().symbol_samples();
    let at_20 = PREAMBLE_SAMPLES + SYMBOL_SAMPLES * header + symbol * rate.n_sym(psdu_len);
    bandwidth.oversampling() * at_20
}

/// TXTIME: the time from the start of the preamble to the end of the last symbol (17.4.3, 19.4.3),
/// without the signal extension of the 2.4 GHz band.
///
/// With the short guard interval the PPDU may end within a symbol of 4 us. 19.4.3 counts up to the
/// end of that symbol, as L_LENGTH does; this is when the signal ends.
pub fn txtime(rate: Rate, bandwidth: Bandwidth, psdu_len: usize) -> Duration {
    let sample_ns = bandwidth.symbol_ns() / (SYMBOL_SAMPLES * bandwidth.oversampling()) as u64;
    Duration::from_nanos(ppdu_samples(rate, bandwidth, psdu_len) as u64 * sample_ns)
}

/// L_LENGTH of an HT-mixed PPDU of one stream: what SIGNAL says at 6 Mbit/s so that non-HT
/// stations hold off until its end (10.27.4). More than twelve bits if it would last too long.
pub(crate) const fn l_length(rate: HtRate, psdu_len: usize) -> usize {
    let n_sym = rate.n_sym(psdu_len);
    let symbols = match rate.gi {
        GuardInterval::Long => n_sym,
        GuardInterval::Short => (n_sym * 9).div_ceil(10),
    };
    // Three bytes a symbol at 6 Mbit/s, less SERVICE and tail.
    3 * (HT_HEADER_SYMBOLS - 1 + symbols) - 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HtWidth, Mcs, OfdmRate};

    fn us(rate: impl Into<Rate>, bandwidth: Bandwidth, psdu_len: usize) -> f64 {
        txtime(rate.into(), bandwidth, psdu_len).as_nanos() as f64 / 1e3
    }

    #[test]
    fn txtime_of_known_frames() {
        let us = |rate: OfdmRate, len| us(rate, Bandwidth::Mhz20, len);
        assert_eq!(us(OfdmRate::Mbps24, 14), 28.0); // ACK
        assert_eq!(us(OfdmRate::Mbps24, 32), 32.0); // compressed Block Ack
        assert_eq!(us(OfdmRate::Mbps54, 1536), 248.0);
        assert_eq!(us(OfdmRate::Mbps6, 144), 216.0); // a beacon
        assert_eq!(txtime(OfdmRate::Mbps24.into(), Bandwidth::Mhz5, 14).as_micros(), 112);
        assert_eq!(txtime(OfdmRate::Mbps24.into(), Bandwidth::Mhz40, 32).as_micros(), 32);
    }

    #[test]
    fn txtime_of_known_aggregates() {
        let fastest = HtRate { mcs: Mcs::ALL[7], width: HtWidth::Mhz40, gi: GuardInterval::Short };
        assert_eq!(us(fastest, Bandwidth::Mhz40, 64_846), 3495.6);
        assert_eq!(us(fastest, Bandwidth::Mhz40, 1538), 118.8);
    }
}
