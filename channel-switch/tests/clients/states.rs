//! The rows of docs/channel-switch.md: how a radio leaves a channel, seen from outside.

use std::time::Duration;

use channel_switch::{Notice, Policy};
use mac::{Frame, FrameKind, Instant, fcs};

use crate::bench::{Bench, Setup};

/// Null frames of the client: when, and their power management bit.
fn nulls(bench: &Bench) -> Vec<(Instant, bool)> {
    let client = bench.aps.len();
    let sent = bench.watch().sent.iter().filter(|(node, ..)| *node == client);
    let nulls = sent.filter_map(|(_, at, ppdu)| {
        let frame = Frame::parse(fcs::strip(&ppdu.psdu)?).ok()?;
        let control = frame.frame_control();
        let is_null = matches!(frame.kind(), FrameKind::Data(subtype) if !subtype.carries_data());
        is_null.then_some((*at, control.power_management()))
    });
    nulls.collect()
}

fn watched(setup: &Setup) -> Bench {
    let mut bench = Bench::new(setup).joined();
    bench.network.observer_mut().1.keeps = true;
    bench
}

#[test]
fn each_visit_begins_and_ends_with_a_null_frame() {
    let mut bench = watched(&Setup::new(&[36, 149]));
    bench.ms(1000);
    let nulls = nulls(&bench);
    // Five cycles of two visits.
    assert!((18..=22).contains(&nulls.len()), "{nulls:?}");
    for pair in nulls.windows(2) {
        assert_ne!(pair[0].1, pair[1].1, "{pair:?}");
        if pair[0].1 {
            // Lingering, retuning, and whoever had the medium then.
            let away = pair[1].0 - pair[0].0;
            let least = Duration::from_micros(5500);
            assert!((least..least + Duration::from_millis(2)).contains(&away), "{away:?}");
        }
    }
}

#[test]
fn every_ap_of_a_channel_is_told() {
    let mut bench = watched(&Setup::new(&[36, 36, 149]));
    bench.ms(1000);
    let told = nulls(&bench).iter().filter(|(_, sleeps)| *sleeps).count();
    assert!((14..=16).contains(&told), "{told}");
}

#[test]
fn a_single_channel_is_never_left() {
    let mut bench = watched(&Setup::new(&[36, 36]));
    bench.transfer(0, 2_000_000, true);
    bench.transfer(1, 2_000_000, true);
    bench.finish();
    assert_eq!((nulls(&bench), bench.watch().cycles), (vec![], 0));
}

#[test]
fn wideband_is_never_away() {
    let mut bench = watched(&Setup { policy: Policy::Wideband, ..Setup::new(&[36, 149]) });
    (0..2).for_each(|ap| bench.transfer(ap, 2_000_000, true));
    bench.finish();
    assert_eq!(nulls(&bench), []);
    bench.ledger().assert_complete();
}

#[test]
fn nothing_is_sent_while_the_radio_is_deaf() {
    let mut bench = watched(&Setup::new(&[36, 149]));
    (0..2).for_each(|ap| bench.transfer(ap, 3_000_000, ap == 0));
    bench.finish();
    let nulls = nulls(&bench);
    let left = nulls.windows(2).filter(|pair| pair[0].1 && !pair[1].1).map(|pair| pair[0].0);
    // The Ack of the null frame, what is lingered for, and the time to retune.
    let deaf = Duration::from_millis(1)..Duration::from_micros(5500);
    for at in left {
        let client = bench.aps.len();
        let mut sent = bench.watch().sent.iter().filter(|(node, ..)| *node == client);
        assert!(!sent.any(|(_, when, _)| deaf.contains(&when.since(at))), "after {at}");
    }
}

#[test]
fn a_channel_that_brings_little_becomes_a_backup_by_the_default_policy() {
    // The second AP's packets are all lost three times out of four.
    let setup =
        Setup { policy: Policy::PrimaryBackup { alpha: 2.0 }, ht: false, ..Setup::new(&[36, 149]) };
    let mut bench = Bench::new(&setup).joined();
    (0..2).for_each(|ap| bench.transfer(ap, 100_000_000, true));
    let mut count = 0;
    bench.network.set_faults(move |_, node, indication| match indication {
        mac::PhyIndication::Rx(ppdu)
            if node == 2 && ppdu.psdu.len() > 200 && ppdu.psdu[15] == 2 =>
        {
            count += 1;
            match count % 4 {
                0 => mac::PhyIndication::Rx(ppdu),
                _ => mac::PhyIndication::RxError,
            }
        }
        other => other,
    });
    bench.ms(4000);
    let is_backup = |(_, notice): &(Instant, Notice)| matches!(notice, Notice::Priority { backup: true, ap } if ap.0[5] == 2);
    assert!(bench.watch().told.iter().any(is_backup), "{:?}", bench.watch().told);
}
