//! A channel of 40 MHz: PPDUs that take all of it, and those in its halves.

mod common;

use common::{
    hostile_samples, noisy_40, overlay, psdu, psdus, receive_with, send_as, silence, through,
};
use phy80211::{
    Bandwidth, Complex32, Format, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Placement, Rate,
    Receiver, RxConfig, RxEvent, RxFrame, TxVector,
};
use proptest::prelude::*;
use radios::Impairments;

fn receive(samples: &[Complex32]) -> Vec<RxFrame> {
    receive_in(samples, 4096)
}

fn receive_in(samples: &[Complex32], chunk: usize) -> Vec<RxFrame> {
    receive_with(RxConfig { bandwidth: Bandwidth::Mhz40, ..RxConfig::default() }, samples, chunk)
}

fn ht(mcs: usize, width: HtWidth, short: bool) -> Rate {
    let gi = if short { GuardInterval::Short } else { GuardInterval::Long };
    Rate::Ht(HtRate { mcs: Mcs::ALL[mcs], width, gi })
}

fn send(rate: impl Into<Rate>, placement: Placement, psdu: &[u8], air: &mut Vec<Complex32>) {
    let vector = TxVector { placement, ..TxVector::new(rate, 77) };
    send_as(Bandwidth::Mhz40, &vector, psdu, air);
}

/// One of each kind: rate and placement.
fn kinds() -> Vec<(Rate, Placement)> {
    let halves = [Placement::Lower, Placement::Upper];
    let mut kinds = Vec::new();
    for i in 0..8 {
        for short in [false, true] {
            kinds.push((ht(i, HtWidth::Mhz40, short), Placement::Whole));
            kinds.extend(halves.map(|half| (ht(i, HtWidth::Mhz20, short), half)));
        }
        let non_ht = Rate::NonHt(OfdmRate::ALL[i]);
        kinds.push((non_ht, Placement::Whole));
        kinds.extend(halves.map(|half| (non_ht, half)));
    }
    kinds
}

#[test]
fn every_kind_comes_through_as_what_it_is() {
    let mut air = vec![Complex32::ZERO; 1000];
    let mut sent = Vec::new();
    for (i, (rate, placement)) in kinds().into_iter().enumerate() {
        let psdu = psdu(30 + 37 * (i % 40), i as u32);
        let start = air.len() as u64;
        send(rate, placement, &psdu, &mut air);
        let end = air.len() as u64 - 1;
        silence(160, &mut air);
        sent.push((rate, placement, psdu, start, end));
    }
    let options = Impairments { carrier_hz: -48e3, clock_ppm: 7.0, ..noisy_40(33.0) };
    let frames = receive(&through(options, &air));
    assert_eq!(frames.len(), sent.len());
    for (frame, (rate, placement, psdu, start, end)) in frames.iter().zip(&sent) {
        let rxvector = frame.rxvector.unwrap();
        assert_eq!(frame.psdu(), Some(&psdu[..]), "{rate:?} {placement:?}");
        assert_eq!((rxvector.rate(), rxvector.placement), (Some(*rate), *placement));
        let format = match (rate, placement) {
            (Rate::Ht(_), _) => Format::HtMixed,
            (_, Placement::Whole) => Format::NonHtDuplicate,
            _ => Format::NonHt,
        };
        assert_eq!(rxvector.format, format);
        assert!(frame.start.0.abs_diff(*start) <= 8, "{} {start}", frame.start);
        assert!(frame.end.0.abs_diff(*end) <= 8, "{} {end}", frame.end);
        assert!((frame.measured.cfo_hz + 48e3).abs() < 1e3, "{:?}", frame.measured);
        assert!(frame.measured.power_db.abs() < 0.3, "{:?}", frame.measured);
    }
}

#[test]
fn the_cut_of_the_stream_does_not_matter() {
    let mut air = vec![Complex32::ZERO; 333];
    for (i, (rate, placement)) in kinds().into_iter().step_by(3).enumerate() {
        send(rate, placement, &psdu(30 + 7 * i, i as u32), &mut air);
        silence(80 + 31 * i, &mut air);
    }
    // Two at once, and one that is cut off.
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    send(OfdmRate::Mbps12, Placement::Lower, &psdu(300, 1), &mut lower);
    send(ht(3, HtWidth::Mhz20, true), Placement::Upper, &psdu(500, 2), &mut upper);
    let at = air.len();
    silence(10_000, &mut air);
    overlay(&mut air, at, &lower, 1.0);
    overlay(&mut air, at + 1700, &upper, 0.7);
    send(ht(1, HtWidth::Mhz40, false), Placement::Whole, &psdu(500, 2), &mut air);
    air.truncate(air.len() - 500);
    let air = through(noisy_40(30.0), &air);
    let whole = receive_in(&air, air.len());
    assert_eq!(psdus(&whole).len(), whole.len() - 1);
    for chunk in [1, 7, 64, 1000, 4096, 5000] {
        let frames = receive_in(&air, chunk);
        assert_eq!(format!("{frames:?}"), format!("{whole:?}"), "chunks of {chunk}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn frames_in_both_halves_do_not_disturb_each_other(
        lower_mcs in 0..4usize,
        upper_rate in 0..5usize,
        lower_at in 0..3000usize,
        upper_at in 0..3000usize,
        // What a transmitter itself sends beside its channel is some 25 dB below.
        balance_db in -8.0..8.0f32,
    ) {
        let (first, second) = (psdu(400, 1), psdu(300, 2));
        let (mut lower, mut upper) = (Vec::new(), Vec::new());
        send(ht(lower_mcs, HtWidth::Mhz20, true), Placement::Lower, &first, &mut lower);
        send(OfdmRate::ALL[upper_rate], Placement::Upper, &second, &mut upper);
        let mut air = vec![Complex32::ZERO; 3500 + lower.len().max(upper.len())];
        overlay(&mut air, 200 + lower_at, &lower, 1.0);
        overlay(&mut air, 200 + upper_at, &upper, 10f32.powf(balance_db / 20.0));
        let frames = receive(&through(noisy_40(48.0), &air));
        let mut received = psdus(&frames);
        received.sort_by_key(|psdu| std::cmp::Reverse(psdu.len()));
        prop_assert_eq!(received, [&first[..], &second[..]]);
    }

    #[test]
    fn hostile_samples_do_no_harm(
        mut air in hostile_samples(),
        kind in 0..72usize,
        at in 0..3000usize,
    ) {
        let at = at.min(air.len());
        let mut frame = Vec::new();
        let (rate, placement) = kinds()[kind];
        send(rate, placement, &psdu(60, 1), &mut frame);
        air.splice(at..at, frame);
        receive(&air);
    }
}

#[test]
fn a_duplicate_is_received_where_neither_half_alone_would_do() {
    // 54 Mbit/s at 15.5 dB: half the frames are lost in one half alone.
    let sent: Vec<_> = (0..50).map(|i| psdu(500, i)).collect();
    let received = |placement| {
        let mut air = vec![Complex32::ZERO; 2000];
        for psdu in &sent {
            send(OfdmRate::Mbps54, placement, psdu, &mut air);
            silence(640, &mut air);
        }
        // A frame in one half has all its power there, and half the channel's noise.
        let snr_db = if placement == Placement::Whole { 15.5 } else { 12.5 };
        let frames = receive(&through(noisy_40(snr_db), &air));
        sent.iter().filter(|psdu| psdus(&frames).contains(&&psdu[..])).count()
    };
    let (alone, together) = (received(Placement::Lower), received(Placement::Whole));
    assert!(alone < 40 && together >= 49, "{alone} {together}");
}

#[test]
fn a_weak_half_does_not_spoil_a_duplicate() {
    let sent: Vec<_> = (0..30).map(|i| psdu(200, i)).collect();
    let mut air = vec![Complex32::ZERO; 2000];
    for psdu in &sent {
        // The halves, each on its own so that one can fade.
        let at = air.len();
        let (mut lower, mut upper) = (Vec::new(), Vec::new());
        send(OfdmRate::Mbps36, Placement::Lower, psdu, &mut lower);
        send(OfdmRate::Mbps36, Placement::Upper, psdu, &mut upper);
        silence(lower.len() + 640, &mut air);
        overlay(&mut air, at, &lower, 1.0);
        overlay(&mut air, at, &upper, 0.08);
    }
    let frames = receive(&through(noisy_40(25.0), &air));
    assert_eq!(psdus(&frames), sent);
}

#[test]
fn headers_are_told_once_and_early_and_bytes_before_the_end() {
    let mut air = vec![Complex32::ZERO; 1000];
    let mut sent = Vec::new();
    for (i, (rate, placement)) in kinds().into_iter().enumerate() {
        let psdu = psdu(400 + 37 * (i % 40), i as u32);
        let start = air.len() as u64;
        send(rate, placement, &psdu, &mut air);
        let end = air.len() as u64 - 1;
        silence(160, &mut air);
        sent.push((rate, psdu, start, end));
    }
    let air = through(noisy_40(33.0), &air);
    let config = RxConfig { bandwidth: Bandwidth::Mhz40, ..RxConfig::default() };
    let mut receiver = Receiver::new(config);
    let mut coming = sent.iter();
    let mut expected = coming.next();
    let mut announced = false;
    for chunk in air.chunks(64) {
        receiver.push(chunk);
        let now = receiver.position().0;
        while let Some(event) = receiver.next_event() {
            let (rate, psdu, start, end) = expected.unwrap();
            match event {
                RxEvent::Header(header) => {
                    assert!(!std::mem::replace(&mut announced, true), "told twice");
                    assert_eq!((header.rate, header.psdu_len), (*rate, psdu.len()));
                    assert!(header.start.0.abs_diff(*start) <= 8);
                    assert!(header.end.0.abs_diff(*end) <= 8);
                    // After the preamble, at most five symbols of headers and one of data.
                    assert!(now - start < 2 * (320 + 6 * 80) + 128, "{rate:?}: {}", now - start);
                }
                RxEvent::Frame(frame) => {
                    assert!(std::mem::take(&mut announced), "{rate:?} was not announced");
                    assert_eq!(frame.psdu(), Some(&psdu[..]));
                    assert!(now < end + 100, "{rate:?}: {now} {end}");
                    expected = coming.next();
                }
            }
        }
        if let (Some(so_far), Some((_, psdu, ..))) = (receiver.psdu_so_far(), expected) {
            assert_eq!(so_far, &psdu[..so_far.len()]);
        }
    }
    assert!(expected.is_none());
}

#[test]
fn the_longest_psdu_that_ht_sig_can_announce_is_received() {
    let sent = psdu(65_535, 7);
    let mut air = vec![Complex32::ZERO; 1000];
    send(ht(7, HtWidth::Mhz40, true), Placement::Whole, &sent, &mut air);
    silence(200, &mut air);
    let options = Impairments { carrier_hz: 100e3, clock_ppm: 20.0, ..noisy_40(33.0) };
    let frames = receive(&through(options, &air));
    assert_eq!(frames.len(), 1);
    assert!(frames[0].psdu() == Some(&sent[..]), "{:?}", frames[0].outcome.as_ref().err());
}
