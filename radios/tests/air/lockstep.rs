use proptest::prelude::*;
use radios::air::{Air, AirConfig, Link};
use radios::{Complex32, Decibel, Direction, Error, Hertz, Radio, SampleTime, TxEvent};

use super::{CENTRE, PATIENCE, quiet, read, start};

fn waveform(len: usize) -> Vec<Complex32> {
    (0..len).map(|n| Complex32::cis(n as f32 * 0.37) * 0.5).collect()
}

#[test]
fn a_burst_arrives_after_its_delay_weaker_and_to_the_sample() {
    let link = Link { gain: Decibel(-20.0), delay: 7, echoes_ns: 0.0 };
    let air = Air::start(AirConfig { link, ..quiet() }).unwrap();
    let (mut a, mut b) = (start(&air, "a"), start(&air, "b"));
    drop(b.tx);
    a.tx.send(SampleTime(1234), &waveform(3000), true).unwrap();
    a.tx.settle(SampleTime(10_000)).unwrap();
    let (time, samples) = read(b.rx.as_mut(), 9000);
    assert_eq!(time, SampleTime(0));
    let mut expected = vec![Complex32::ZERO; 9000];
    for (sum, x) in expected[1241..].iter_mut().zip(waveform(3000)) {
        *sum = x * 0.1;
    }
    let error = samples.iter().zip(&expected).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max);
    assert!(error < 1e-6, "{error}");
    // And the one that transmits does not hear itself.
    assert!(read(a.rx.as_mut(), 9000).1.iter().all(|sample| *sample == Complex32::ZERO));
}

#[test]
fn radios_of_other_channels_are_not_heard_until_they_come() {
    let air = Air::start(quiet()).unwrap();
    let mut sender = air.radio("a", Hertz(5.20e9)).unwrap();
    let mut a = sender.start().unwrap();
    let mut b = start(&air, "b");
    drop(b.tx);
    let mut energy = |at| {
        a.tx.send(SampleTime(at), &waveform(1000), true).unwrap();
        a.tx.settle(SampleTime(at + 2000)).unwrap();
        read(b.rx.as_mut(), 1500).1.iter().map(Complex32::norm_sqr).sum::<f32>()
    };
    assert_eq!(energy(0), 0.0);
    sender.tune(CENTRE).unwrap();
    assert!(energy(2000) > 0.1);
}

#[test]
fn late_bursts_are_told_and_not_transmitted() {
    let air = Air::start(quiet()).unwrap();
    let (mut a, mut b) = (start(&air, "a"), start(&air, "b"));
    drop(b.tx);
    a.tx.settle(SampleTime(5000)).unwrap();
    read(b.rx.as_mut(), 5000);
    a.tx.send(SampleTime(4900), &waveform(300), true).unwrap();
    assert_eq!(a.tx.poll_event(), Some(TxEvent::Late { at: SampleTime(4900), by: 100 }));
    assert_eq!(a.tx.poll_event(), None);
    a.tx.settle(SampleTime(10_000)).unwrap();
    assert!(read(b.rx.as_mut(), 5000).1.iter().all(|sample| *sample == Complex32::ZERO));
}

#[test]
fn more_than_two_seconds_ahead_are_refused() {
    let air = Air::start(quiet()).unwrap();
    let mut a = start(&air, "a");
    let second = vec![Complex32::ONE; 20_000_000];
    a.tx.send(SampleTime(0), &second, false).unwrap();
    a.tx.send(SampleTime(20_000_000), &second, true).unwrap();
    let error = a.tx.send(SampleTime(40_000_000), &second[..1], true).unwrap_err();
    assert!(matches!(error, Error::TxFull { samples: 1, .. }), "{error}");
}

#[test]
fn time_waits_for_the_slowest_and_no_longer_for_who_has_left() {
    let air = Air::start(quiet()).unwrap();
    let (mut a, b) = (start(&air, "a"), start(&air, "b"));
    a.tx.settle(SampleTime(1 << 40)).unwrap();
    let mut samples = [Complex32::ZERO; 100];
    let chunk = a.rx.read(&mut samples, std::time::Duration::from_millis(30)).unwrap();
    assert_eq!(chunk.len, 0);
    drop(b);
    assert_eq!(read(a.rx.as_mut(), 100).0, SampleTime(0));
}

#[test]
fn the_end_of_the_air_is_an_error() {
    let air = Air::start(quiet()).unwrap();
    let mut a = start(&air, "a");
    drop(air);
    let error = a.rx.read(&mut [Complex32::ZERO; 10], PATIENCE).unwrap_err();
    assert_eq!(error.to_string(), "a: the air has ended");
    assert!(a.tx.send(SampleTime(0), &[Complex32::ZERO], true).is_err());
}

#[test]
fn gains_act_where_they_are_set() {
    let air = Air::start(quiet()).unwrap();
    let mut sender = air.radio("a", CENTRE).unwrap();
    let mut listener = air.radio("b", CENTRE).unwrap();
    sender.set_gain(Direction::Tx, Decibel(10.0)).unwrap();
    listener.set_gain(Direction::Rx, Decibel(20.0)).unwrap();
    let mut a = sender.start().unwrap();
    let mut b = listener.start().unwrap();
    drop(b.tx);
    a.tx.send(SampleTime(0), &[Complex32::ONE * 0.5; 200], true).unwrap();
    a.tx.settle(SampleTime(1000)).unwrap();
    // 30 dB under way.
    let (_, samples) = read(b.rx.as_mut(), 500);
    assert!((samples[100].norm() - 0.5).abs() < 1e-3, "{}", samples[100]);
}

/// Where and how long two radios transmit, and what the third then hears.
fn heard(config: &AirConfig, bursts: [&[(u64, usize)]; 2], chunk: usize) -> Vec<Complex32> {
    let air = Air::start(config.clone()).unwrap();
    let mut senders = [start(&air, "a"), start(&air, "b")];
    let mut listener = start(&air, "c");
    drop(listener.tx);
    for (sender, bursts) in senders.iter_mut().zip(bursts) {
        for &(at, len) in bursts {
            let samples = waveform(len);
            let mut at = SampleTime(at);
            let mut left = samples.as_slice();
            while !left.is_empty() {
                let (now, rest) = left.split_at(left.len().min(chunk));
                sender.tx.send(at, now, rest.is_empty()).unwrap();
                at += now.len() as u64;
                left = rest;
            }
        }
        sender.tx.settle(SampleTime(20_000)).unwrap();
    }
    read(listener.rx.as_mut(), 20_000 / config.block * config.block).1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_heard_is_the_sum_of_what_each_alone_would_be(
        (one, other) in ((0..5000u64, 1..4000usize), (0..9000u64, 1..4000usize)),
        (block, chunk) in (1..3000usize, 1..3000usize),
        (ppm, echoes_ns) in (prop_oneof![Just(0.0), -40.0..40.0], prop_oneof![Just(0.0), Just(60.0)]),
    ) {
        let link = Link { echoes_ns, ..Link::default() };
        let mut config = AirConfig { block: 500, link, ..quiet() };
        config.oscillators_ppm.insert("a".to_owned(), ppm);
        let first = heard(&config, [&[one], &[]], 5000);
        let second = heard(&config, [&[], &[other]], 5000);
        config.block = block;
        let both = heard(&config, [&[one], &[other]], chunk);
        for (n, ((a, b), sum)) in first.iter().zip(&second).zip(&both).enumerate() {
            prop_assert!((a + b - sum).norm() < 2e-5, "sample {n}: {a} + {b} is not {sum}");
        }
    }
}

#[test]
fn in_lockstep_the_same_samples_are_heard_each_time() {
    let link = Link { echoes_ns: 50.0, ..Link::default() };
    let mut config = AirConfig { noise: Some(Decibel(-60.0)), link, ..quiet() };
    config.oscillators_ppm.insert("b".to_owned(), -12.5);
    let run = || heard(&config, [&[(10, 3000), (4000, 100)], &[(2000, 8000)]], 700);
    assert_eq!(run(), run());
}
