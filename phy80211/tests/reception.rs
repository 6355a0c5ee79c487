//! What the receiver makes of signals that meet it in practice.

mod common;

use common::{
    hostile_samples, noisy, overlay, psdu, psdus, receive, receive_with, send, silence, through,
};
use phy80211::{Bandwidth, Complex32, Detail, OfdmRate, Receiver, RxConfig, RxFailure};
use proptest::prelude::*;
use radios::Impairments;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_psdu_comes_through_a_quiet_channel(
        rate in 0..8usize,
        len in 1..700usize,
        seed in any::<u32>(),
        lead in 0..400usize,
        cfo_hz in -300e3..300e3f64,
    ) {
        let psdu = psdu(len, seed);
        let mut air = vec![Complex32::ZERO; lead];
        send(OfdmRate::ALL[rate], &psdu, &mut air);
        silence(100, &mut air);
        let frames = receive(&through(Impairments { carrier_hz: cfo_hz, ..noisy(32.0) }, &air));
        prop_assert_eq!(psdus(&frames), [&psdu[..]]);
        prop_assert!(frames[0].start.0.abs_diff(lead as u64) <= 1);
        prop_assert!((f64::from(frames[0].measured.cfo_hz) - cfo_hz).abs() < 2e3);
    }

    #[test]
    fn hostile_samples_do_no_harm(
        mut air in hostile_samples(),
        at in 0..3000usize,
    ) {
        let at = at.min(air.len());
        let mut frame = Vec::new();
        send(OfdmRate::Mbps12, &psdu(60, 1), &mut frame);
        air.splice(at..at, frame);
        receive(&air);
    }
}

#[test]
fn the_cut_of_the_stream_does_not_matter() {
    let mut air = Vec::new();
    for (i, rate) in OfdmRate::ALL.into_iter().enumerate() {
        silence(40 + 37 * i, &mut air);
        send(rate, &psdu(90 + 13 * i, i as u32), &mut air);
    }
    // One is cut off by the end.
    silence(60, &mut air);
    send(OfdmRate::Mbps6, &psdu(100, 99), &mut air);
    air.truncate(air.len() - 300);
    let air = through(Impairments { carrier_hz: 21e3, ..noisy(25.0) }, &air);
    let detail = Detail { constellation: true, subcarrier_evm: true };
    let receive = |chunk| receive_with(RxConfig { detail, ..RxConfig::default() }, &air, chunk);
    let whole = receive(air.len());
    assert_eq!(whole.len(), 9);
    assert!(matches!(whole[8].outcome, Err(RxFailure::OutOfSamples { symbols: 35, .. })));
    for chunk in [1, 7, 64, 1000, 4096, 5000] {
        // NaN is not equal to itself, so compare what is printed.
        assert_eq!(format!("{:?}", receive(chunk)), format!("{whole:?}"), "chunks of {chunk}");
    }
}

#[test]
fn frames_two_microseconds_apart_are_all_received() {
    let mut air = vec![Complex32::ZERO; 500];
    let sent: Vec<_> = (0..40).map(|i| psdu(20 + 7 * i, i as u32)).collect();
    for (i, psdu) in sent.iter().enumerate() {
        send(OfdmRate::ALL[i % 8], psdu, &mut air);
        silence(39, &mut air);
    }
    assert_eq!(psdus(&receive(&through(noisy(30.0), &air))), sent);
}

#[test]
fn digital_silence_and_steps_of_80_db_are_no_obstacle() {
    let mut air = vec![Complex32::ZERO; 3000];
    let mut sent = Vec::new();
    for (i, amplitude) in [1.0, 1e-4, 1.0, 3e-5, 1e3].into_iter().enumerate() {
        let psdu = psdu(200, i as u32);
        let at = air.len();
        send(OfdmRate::Mbps24, &psdu, &mut air);
        air[at..].iter_mut().for_each(|sample| *sample *= amplitude);
        silence(2000, &mut air);
        sent.push(psdu);
    }
    assert_eq!(psdus(&receive(&air)), sent);
}

#[test]
fn a_recording_may_begin_within_a_frame() {
    let mut air = Vec::new();
    send(OfdmRate::Mbps12, &psdu(400, 0), &mut air);
    air.drain(..1234);
    let sent: Vec<_> = (1..20).map(|i| psdu(150, i)).collect();
    for psdu in &sent {
        silence(320, &mut air);
        send(OfdmRate::Mbps36, psdu, &mut air);
    }
    silence(100, &mut air);
    for air in [through(noisy(30.0), &air), air] {
        let frames = receive(&air);
        let good = sent.iter().filter(|psdu| psdus(&frames).contains(&&psdu[..])).count();
        assert_eq!(
            good,
            sent.len(),
            "{:?}",
            frames
                .iter()
                .map(|f| (f.start, f.outcome.as_ref().err(), f.measured))
                .collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_stronger_frame_takes_over_and_a_weaker_one_is_ignored() {
    let (first, second) = (psdu(400, 1), psdu(150, 2));
    let mut long = Vec::new();
    send(OfdmRate::Mbps12, &first, &mut long);
    let mut short = Vec::new();
    send(OfdmRate::Mbps12, &second, &mut short);

    let mut air = vec![Complex32::ZERO; long.len() + 1000];
    overlay(&mut air, 200, &long, 1.0);
    overlay(&mut air, 2000, &short, 4.0);
    let frames = receive(&through(noisy(25.0), &air));
    assert_eq!(psdus(&frames), [&second[..]]);
    let Err(RxFailure::Captured { at, symbol, .. }) = frames[0].outcome else {
        panic!("{:?}", frames[0].outcome)
    };
    assert!(at.0.abs_diff(2000) <= 1);
    assert_eq!(symbol, (2000 - 200 - 400) / 80);

    let mut air = vec![Complex32::ZERO; long.len() + 1000];
    overlay(&mut air, 200, &long, 1.0);
    overlay(&mut air, 2000, &short, 0.1);
    assert_eq!(psdus(&receive(&through(noisy(30.0), &air))), [&first[..]]);
}

#[test]
fn a_carrier_that_stops_is_noticed_and_the_next_frame_is_found() {
    let mut air = vec![Complex32::ZERO; 300];
    send(OfdmRate::Mbps6, &psdu(1000, 1), &mut air);
    air.truncate(300 + 400 + 80 * 20);
    silence(400, &mut air);
    let next = psdu(100, 2);
    send(OfdmRate::Mbps6, &next, &mut air);
    silence(100, &mut air);
    let frames = receive(&through(noisy(25.0), &air));
    let Err(RxFailure::CarrierLost { symbol, .. }) = frames[0].outcome else {
        panic!("{:?}", frames[0].outcome)
    };
    assert!(symbol.abs_diff(20) <= 1, "{symbol}");
    assert_eq!(frames[1].psdu(), Some(&next[..]));
}

#[test]
fn a_dc_offset_ten_decibels_above_the_noise_costs_no_frame() {
    let sent: Vec<_> = (0..60).map(|i| psdu(300, i)).collect();
    let mut air = vec![Complex32::ZERO; 2000];
    for psdu in &sent {
        send(OfdmRate::Mbps24, psdu, &mut air);
        silence(320, &mut air);
    }
    // The signal's power is 0 dB, the noise's -20, the offset's -10.
    let dc = Complex32::new(0.2236, -0.2236);
    for carrier_hz in [0.0, 40e3, -90e3] {
        let frames = receive(&through(Impairments { dc, carrier_hz, ..noisy(20.0) }, &air));
        let good = sent.iter().filter(|psdu| psdus(&frames).contains(&&psdu[..])).count();
        assert_eq!((good, frames.len()), (sent.len(), sent.len()), "CFO {carrier_hz} Hz");
    }
}

#[test]
fn a_tone_ten_decibels_above_the_noise_costs_no_frame() {
    let sent: Vec<_> = (0..60).map(|i| psdu(300, i)).collect();
    let mut air = vec![Complex32::ZERO; 2000];
    for psdu in &sent {
        send(OfdmRate::Mbps12, psdu, &mut air);
        silence(320, &mut air);
    }
    for tone_hz in [1.25e6, -3.3e6, 6.7e6, 2.2e6] {
        let tone = Some((tone_hz, -10.0));
        let frames = receive(&through(Impairments { tone, carrier_hz: 20e3, ..noisy(20.0) }, &air));
        let good = sent.iter().filter(|psdu| psdus(&frames).contains(&&psdu[..])).count();
        assert_eq!(good, sent.len(), "tone at {tone_hz} Hz");
    }
}

#[test]
fn neither_noise_nor_offset_nor_tone_is_taken_for_frames() {
    let quiet = vec![Complex32::ZERO; 2_000_000];
    let noise = noisy(0.0);
    let cases = [
        ("noise", noise.clone(), 3),
        ("offset", Impairments { dc: Complex32::new(2.2, 2.2), ..noise.clone() }, 10),
        ("tone", Impairments { tone: Some((1.3e6, 10.0)), ..noise.clone() }, 30),
        ("strong tone", Impairments { tone: Some((-2.7e6, 30.0)), ..noise }, 30),
    ];
    for (what, options, detections) in cases {
        let mut receiver = Receiver::new(RxConfig::default());
        receiver.push(&through(options, &quiet));
        receiver.finish();
        let stats = receiver.stats();
        assert!(stats.detections <= detections, "{what}: {stats:?}");
        assert!(receiver.next_frame().is_none_or(|frame| frame.psdu().is_none()), "{what}");
    }
}

#[test]
fn what_a_frame_is_measured_as() {
    let sent = psdu(1500, 1);
    let mut air = vec![Complex32::ZERO; 1000];
    send(OfdmRate::Mbps24, &sent, &mut air);
    silence(500, &mut air);
    let options = Impairments { carrier_hz: -54_321.0, clock_ppm: -17.0, ..noisy(27.0) };
    let detail = Detail { constellation: true, subcarrier_evm: true };
    let config = RxConfig { detail, ..RxConfig::default() };
    let frames = receive_with(config, &through(options, &air), 4096);
    let frame = &frames[0];
    let measured = frame.measured;
    assert_eq!(frame.psdu(), Some(&sent[..]));
    assert!(frame.start.0.abs_diff(1000) <= 1, "{}", frame.start);
    assert_eq!(frame.end.0 - frame.start.0, 400 + 80 * 126);
    assert!((measured.snr_db - 27.0).abs() < 2.0, "{measured:?}");
    assert!((measured.evm_db + 28.0).abs() < 1.5, "{measured:?}");
    assert!((measured.cfo_hz + 54_321.0).abs() < 100.0, "{measured:?}");
    assert!((measured.clock_ppm + 17.0).abs() < 1.0, "{measured:?}");
    assert!(measured.power_db.abs() < 0.3, "{measured:?}");
    assert_eq!(frame.detail.constellation.len(), 48 * 126);
    assert_eq!(frame.detail.subcarrier_evm_db.len(), 48);
    assert!(frame.channel.iter().all(|(_, gain)| (gain.norm() - 1.0).abs() < 0.15));
}

#[test]
fn a_psdu_beyond_the_configured_length_is_refused() {
    let mut air = vec![Complex32::ZERO; 300];
    send(OfdmRate::Mbps54, &psdu(1000, 1), &mut air);
    let next = psdu(100, 2);
    silence(200, &mut air);
    send(OfdmRate::Mbps54, &next, &mut air);
    let config = RxConfig { max_psdu_len: 999, bandwidth: Bandwidth::Mhz10, ..RxConfig::default() };
    let frames = receive_with(config, &through(noisy(30.0), &air), 4096);
    let refused = RxFailure::LengthTooLarge { length: 1000, max: 999 };
    assert_eq!(frames[0].outcome, Err(refused));
    assert_eq!(frames[0].rxvector.unwrap().bandwidth, Bandwidth::Mhz10);
    assert_eq!(psdus(&frames), [&next[..]]);
}
