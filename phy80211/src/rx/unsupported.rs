//! HT PPDUs that are recognised and not decoded, and how long they last.

use std::fmt;

use crate::{Bandwidth, Format, GuardInterval, HtSig, Mcs};

/// Why an HT PPDU is not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unsupported {
    /// MCS 8 and above but for 32: more than one spatial stream.
    Streams,
    /// MCS 32: the lowest rate, duplicated in both halves of 40 MHz.
    Mcs32,
    /// An MCS that Table 19-27 and those after it do not have.
    ReservedMcs,
    /// Space-time block coding.
    Stbc,
    /// Low-density parity-check code.
    Ldpc,
    /// Extension spatial streams for channel sounding.
    ExtensionStreams,
    /// No bytes of data: a null data packet for channel sounding.
    NullDataPacket,
    /// 40 MHz wide, where the receiver has 20 or less.
    Wide,
    /// The greenfield format.
    Greenfield,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Streams => "an HT PPDU of several streams",
            Self::Mcs32 => "an HT PPDU of MCS 32",
            Self::ReservedMcs => "an HT PPDU of a reserved MCS",
            Self::Stbc => "an HT PPDU with STBC",
            Self::Ldpc => "an HT PPDU with LDPC",
            Self::ExtensionStreams => "an HT PPDU with extension streams",
            Self::NullDataPacket => "an HT null data packet",
            Self::Wide => "an HT PPDU 40 MHz wide",
            Self::Greenfield => "an HT-greenfield PPDU",
        })
    }
}

impl Unsupported {
    /// The first reason why a PPDU cannot be decoded, if there is one.
    pub(super) fn of(format: Format, ht_sig: &HtSig, bandwidth: Bandwidth) -> Option<Self> {
        let reasons = [
            (format == Format::HtGreenfield, Self::Greenfield),
            (ht_sig.mcs == 32, Self::Mcs32),
            (ht_sig.mcs > 76, Self::ReservedMcs),
            (Mcs::new(ht_sig.mcs).is_none(), Self::Streams),
            (ht_sig.stbc != 0, Self::Stbc),
            (ht_sig.ldpc, Self::Ldpc),
            (ht_sig.extension_streams != 0, Self::ExtensionStreams),
            (ht_sig.length == 0, Self::NullDataPacket),
            (ht_sig.wide && bandwidth != Bandwidth::Mhz40, Self::Wide),
        ];
        reasons.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
    }
}

/// Samples of a 20 MHz channel from the end of HT-SIG to the end of a PPDU, if HT-SIG alone tells
/// them: equal modulation and BCC (19.4.3).
pub(super) fn samples_after_ht_sig(format: Format, ht_sig: &HtSig) -> Option<usize> {
    if ht_sig.mcs > 31 || ht_sig.ldpc {
        return None;
    }
    let streams = 1 + usize::from(ht_sig.mcs / 8);
    let space_time = streams + usize::from(ht_sig.stbc);
    // Table 19-13: one HT-LTF for each space-time stream, four for three.
    let training = if space_time == 3 { 4 } else { space_time };
    let extension = [0, 1, 2, 4][usize::from(ht_sig.extension_streams)];
    let rate = HtSig { mcs: ht_sig.mcs % 8, stbc: 0, extension_streams: 0, ..*ht_sig }.rate()?;
    let n_dbps = streams * rate.n_dbps();
    // A second encoder, with a tail of its own, above 300 Mbit/s.
    let encoders =
        if n_dbps * 80 > 1200 * ht_sig.guard_interval().symbol_samples() { 2 } else { 1 };
    // STBC sends symbols in pairs.
    let group = if ht_sig.stbc == 0 { 1 } else { 2 };
    let bits = 16 + 8 * usize::from(ht_sig.length) + 6 * encoders;
    let symbols = match ht_sig.length {
        0 => 0,
        _ => bits.div_ceil(n_dbps * group) * group,
    };
    let before_data = match format {
        // HT-STF and the HT-LTFs.
        Format::HtMixed => 1 + training + extension,
        // The first HT-LTF came before HT-SIG.
        _ => training - 1 + extension,
    };
    let gi: GuardInterval = ht_sig.guard_interval();
    Some(80 * before_data + gi.symbol_samples() * symbols)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::rx::{Receiver, RxConfig, RxFailure, RxFrame};
    use crate::tx::Transmitter;
    use crate::{Complex32, HtRate, HtSigError, HtWidth, Rate, ppdu_samples};

    fn ht_sig(mcs: u8, short_gi: bool, length: u16) -> HtSig {
        let gi = if short_gi { GuardInterval::Short } else { GuardInterval::Long };
        let rate = HtRate { mcs: Mcs::ALL[usize::from(mcs % 8)], width: HtWidth::Mhz20, gi };
        HtSig { mcs, ..HtSig::new(rate, length, false) }
    }

    #[test]
    fn one_stream_lasts_as_long_as_txtime_says() {
        for (mcs, short_gi, length) in [(0, false, 14), (7, true, 1538), (4, false, 40_000)] {
            let ht_sig = ht_sig(mcs, short_gi, length);
            let rate = Rate::Ht(ht_sig.rate().unwrap());
            let whole = ppdu_samples(rate, Bandwidth::Mhz20, length.into());
            assert_eq!(samples_after_ht_sig(Format::HtMixed, &ht_sig), Some(whole - 320 - 240));
        }
    }

    #[test]
    fn several_streams_train_longer_and_carry_more() {
        // MCS 15, 130 Mbit/s: 1500 bytes are 24 symbols of 520 bits, after HT-STF and two HT-LTFs.
        let two = ht_sig(15, false, 1500);
        assert_eq!(samples_after_ht_sig(Format::HtMixed, &two), Some(80 * (3 + 24)));
        assert_eq!(samples_after_ht_sig(Format::HtGreenfield, &two), Some(80 * (1 + 24)));
        let stbc = HtSig { stbc: 1, ..ht_sig(0, false, 10) };
        assert_eq!(samples_after_ht_sig(Format::HtMixed, &stbc), Some(80 * (3 + 4)));
    }

    #[test]
    fn the_reason_is_told() {
        let why = |ht_sig| Unsupported::of(Format::HtMixed, &ht_sig, Bandwidth::Mhz20);
        assert_eq!(why(ht_sig(7, true, 100)), None);
        assert_eq!(why(HtSig { mcs: 12, ..ht_sig(0, false, 9) }), Some(Unsupported::Streams));
        assert_eq!(why(HtSig { mcs: 32, ..ht_sig(0, false, 9) }), Some(Unsupported::Mcs32));
        assert_eq!(why(HtSig { mcs: 99, ..ht_sig(0, false, 9) }), Some(Unsupported::ReservedMcs));
        assert_eq!(why(HtSig { ldpc: true, ..ht_sig(0, false, 9) }), Some(Unsupported::Ldpc));
        assert_eq!(why(HtSig { wide: true, ..ht_sig(0, false, 9) }), Some(Unsupported::Wide));
        assert_eq!(why(ht_sig(0, false, 0)), Some(Unsupported::NullDataPacket));
    }

    /// What a receiver says of a header and what comes after it.
    fn received(bits: &[u8], greenfield: bool, symbols: usize) -> Vec<RxFrame> {
        let mut air = vec![Complex32::ZERO; 400];
        Transmitter::new(Bandwidth::Mhz20).imitate(bits, greenfield, symbols, &mut air);
        air.resize(air.len() + 1000, Complex32::ZERO);
        for (n, sample) in air.iter_mut().enumerate() {
            let noise = |n: usize| (n.wrapping_mul(2_654_435_761) >> 16 & 0xff) as f32 - 127.5;
            *sample += Complex32::new(noise(n), noise(n + 7777)) * 2e-4;
        }
        let mut receiver = Receiver::new(RxConfig::default());
        receiver.push(&air);
        receiver.finish();
        std::iter::from_fn(|| receiver.next_frame()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_header_does_harm(
            fields in proptest::array::uniform4(0..128u8),
            length: u16,
            flags: [bool; 6],
            greenfield: bool,
            symbols in 0..30usize,
        ) {
            let [wide, smoothing, not_sounding, aggregation, ldpc, short_gi] = flags;
            let ht_sig = HtSig {
                mcs: if fields[0] < 40 { fields[1] } else { fields[1] % 8 },
                wide,
                length,
                smoothing,
                not_sounding,
                aggregation,
                stbc: fields[2] % 4,
                ldpc,
                short_gi,
                extension_streams: fields[3] % 4,
            };
            let frames = received(&ht_sig.emit(), greenfield, symbols);
            let told = frames.first().and_then(|frame| frame.rxvector).and_then(|rx| rx.ht_sig);
            prop_assert_eq!(told, Some(ht_sig));
        }
    }

    #[test]
    fn what_is_not_decoded_is_told_as_what_it_is_until_its_end() {
        let streams = ht_sig(15, false, 1000);
        let ldpc = HtSig { ldpc: true, ..ht_sig(3, true, 700) };
        let stbc = HtSig { stbc: 1, ..ht_sig(2, false, 100) };
        for (ht_sig, what) in
            [(streams, Unsupported::Streams), (ldpc, Unsupported::Ldpc), (stbc, Unsupported::Stbc)]
        {
            let frames = received(&ht_sig.emit(), false, 20);
            assert_eq!(frames.len(), 1);
            let rxvector = frames[0].rxvector.unwrap();
            assert_eq!(rxvector.format, Format::HtMixed);
            assert_eq!(rxvector.ht_sig, Some(ht_sig));
            assert_eq!(frames[0].outcome, Err(RxFailure::Unsupported { what, ht_sig }));
            assert_eq!(frames[0].end.0 - frames[0].start.0, 320 + 80 * 23);
        }
    }

    #[test]
    fn greenfield_is_recognised_by_its_ht_sig() {
        let ht_sig = ht_sig(4, false, 300);
        // 2422 bits of 156 a symbol.
        let frames = received(&ht_sig.emit(), true, 16);
        assert_eq!(frames.len(), 1);
        let rxvector = frames[0].rxvector.unwrap();
        assert_eq!((rxvector.format, rxvector.l_sig), (Format::HtGreenfield, None));
        let what = Unsupported::Greenfield;
        assert_eq!(frames[0].outcome, Err(RxFailure::Unsupported { what, ht_sig }));
        assert_eq!(frames[0].end.0 - frames[0].start.0, 320 + 80 * 18);
    }

    #[test]
    fn a_wrong_ht_sig_is_told_and_skipped() {
        let mut bits = ht_sig(7, false, 300).emit();
        bits[3] ^= 1;
        let frames = received(&bits, false, 20);
        assert_eq!(frames.len(), 1);
        assert!(matches!(frames[0].outcome, Err(RxFailure::HtSig(HtSigError::Crc(_)))));
        assert_eq!(frames[0].rxvector.unwrap().format, Format::HtMixed);
        assert_eq!(frames[0].end.0 - frames[0].start.0, 320 + 80 * 23);
    }
}
