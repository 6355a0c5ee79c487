//! HT-mixed PPDUs, 20 MHz wide.

mod common;

use common::{noisy, psdu, psdus, receive, receive_with, send, send_as, silence, through};
use phy80211::{
    Bandwidth, Complex32, Format, GuardInterval, HtRate, HtSig, HtWidth, Mcs, OfdmRate, Rate,
    RxConfig, RxFailure, TxVector, Unsupported,
};
use proptest::prelude::*;
use radios::Impairments;

fn ht(mcs: usize, gi: GuardInterval) -> HtRate {
    HtRate { mcs: Mcs::ALL[mcs], width: HtWidth::Mhz20, gi }
}

fn gi(short: bool) -> GuardInterval {
    if short { GuardInterval::Short } else { GuardInterval::Long }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_psdu_comes_through_a_quiet_channel(
        mcs in 0..8usize,
        short in any::<bool>(),
        aggregation in any::<bool>(),
        len in 1..1700usize,
        seed in any::<u32>(),
        lead in 0..400usize,
        cfo_hz in -300e3..300e3f64,
    ) {
        let psdu = psdu(len, seed);
        let mut air = vec![Complex32::ZERO; lead];
        let vector = TxVector { aggregation, ..TxVector::new(ht(mcs, gi(short)), 99) };
        send_as(Bandwidth::Mhz20, &vector, &psdu, &mut air);
        let end = air.len() - 1;
        silence(100, &mut air);
        let frames = receive(&through(Impairments { carrier_hz: cfo_hz, ..noisy(32.0) }, &air));
        prop_assert_eq!(psdus(&frames), [&psdu[..]]);
        let rxvector = frames[0].rxvector.unwrap();
        prop_assert_eq!(rxvector.format, Format::HtMixed);
        prop_assert_eq!(rxvector.rate(), Some(vector.rate));
        prop_assert_eq!(rxvector.aggregation(), aggregation);
        prop_assert!(frames[0].start.0.abs_diff(lead as u64) <= 1);
        prop_assert!(frames[0].end.0.abs_diff(end as u64) <= 1);
        prop_assert!((f64::from(frames[0].measured.cfo_hz) - cfo_hz).abs() < 2e3);
    }
}

#[test]
fn formats_two_microseconds_apart_are_all_received() {
    let mut air = vec![Complex32::ZERO; 500];
    let sent: Vec<_> = (0..48).map(|i| psdu(20 + 17 * i, i as u32)).collect();
    for (i, psdu) in sent.iter().enumerate() {
        match i % 3 {
            0 => send(OfdmRate::ALL[i / 3 % 8], psdu, &mut air),
            parity => send(ht(i / 3 % 8, gi(parity == 1)), psdu, &mut air),
        }
        silence(39, &mut air);
    }
    assert_eq!(psdus(&receive(&through(noisy(32.0), &air))), sent);
}

#[test]
fn the_cut_of_the_stream_does_not_matter() {
    let mut air = Vec::new();
    for i in 0..8 {
        silence(40 + 37 * i, &mut air);
        send(ht(i, gi(i % 2 == 0)), &psdu(90 + 13 * i, i as u32), &mut air);
    }
    silence(60, &mut air);
    send(ht(0, GuardInterval::Long), &psdu(100, 99), &mut air);
    air.truncate(air.len() - 300);
    let air = through(Impairments { carrier_hz: 21e3, ..noisy(30.0) }, &air);
    let receive = |chunk| receive_with(RxConfig::default(), &air, chunk);
    let whole = receive(air.len());
    assert_eq!((whole.len(), psdus(&whole).len()), (9, 8));
    for chunk in [1, 7, 64, 1000, 4096, 5000] {
        assert_eq!(format!("{:?}", receive(chunk)), format!("{whole:?}"), "chunks of {chunk}");
    }
}

#[test]
fn a_long_aggregate_is_followed_through_a_drifting_clock_and_echoes() {
    let paths = vec![Complex32::new(0.95, 0.0), Complex32::new(0.1, -0.25)];
    for (mcs, short, len) in [(7, true, 40_000), (4, false, 25_000)] {
        let sent = psdu(len, 3);
        let mut air = vec![Complex32::ZERO; 1000];
        let vector = TxVector { aggregation: true, ..TxVector::new(ht(mcs, gi(short)), 5) };
        send_as(Bandwidth::Mhz20, &vector, &sent, &mut air);
        silence(500, &mut air);
        for clock_ppm in [-40.0, 40.0] {
            let carrier_hz = clock_ppm * 5180.0;
            let options =
                Impairments { carrier_hz, clock_ppm, paths: paths.clone(), ..noisy(33.0) };
            let frames = receive(&through(options, &air));
            assert_eq!(psdus(&frames), [&sent[..]], "MCS {mcs}, {clock_ppm} ppm");
            assert!((f64::from(frames[0].measured.clock_ppm) - clock_ppm).abs() < 1.0);
        }
    }
}

#[test]
fn a_40_mhz_frame_is_told_from_its_half() {
    let wide = HtRate { width: HtWidth::Mhz40, ..ht(5, GuardInterval::Short) };
    let mut air = vec![Complex32::ZERO; 1000];
    send_as(Bandwidth::Mhz40, &TxVector::new(wide, 5), &psdu(3000, 3), &mut air);
    silence(500, &mut air);
    // The lower half in the middle, and every second sample: the upper half is folded onto the
    // edges, where the carrier offset keeps it apart.
    let mut lower = through(Impairments { carrier_hz: 10e6, ..Impairments::none(40e6) }, &air);
    let taps = 61;
    let sinc = |n: i32| {
        let x = std::f32::consts::PI * (n as f32) * 0.5;
        let window = 0.5 + 0.5 * (std::f32::consts::PI * n as f32 / 31.0).cos();
        if n == 0 { 0.5 } else { 0.5 * x.sin() / x * window }
    };
    lower = (30..lower.len() as i32 - 31)
        .step_by(2)
        .map(|at| (0..taps).map(|k| lower[(at + k - 30) as usize] * sinc(k - 30)).sum())
        .collect();
    lower.resize(lower.len() + 300, Complex32::ZERO);
    let frames = receive(&through(noisy(30.0), &lower));
    let Err(RxFailure::Unsupported { what, ht_sig }) = frames[0].outcome else {
        panic!("{:?}", frames[0].outcome)
    };
    assert_eq!((what, ht_sig), (Unsupported::Wide, HtSig::new(wide, 3000, false)));
    assert_eq!(frames.len(), 1);
}

#[test]
fn an_announced_length_beyond_the_configured_one_is_refused() {
    let mut air = vec![Complex32::ZERO; 300];
    let rate = Rate::Ht(ht(7, GuardInterval::Long));
    send(rate, &psdu(5000, 1), &mut air);
    silence(200, &mut air);
    let config = RxConfig { max_psdu_len: 4999, ..RxConfig::default() };
    let frames = receive_with(config, &through(noisy(30.0), &air), 4096);
    let refused = RxFailure::LengthTooLarge { length: 5000, max: 4999 };
    assert_eq!(frames[0].outcome, Err(refused));
    assert_eq!(frames[0].rxvector.unwrap().rate(), Some(rate));
}
