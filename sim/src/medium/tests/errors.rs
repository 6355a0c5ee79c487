//! What of a PPDU comes through.

use std::ptr;

use mac::PhyIndication::{CcaBusy, CcaIdle, RxError};
use mac::{TxPpdu, fcs};
use phy80211::HtWidth;

use super::bed::*;
use crate::{ErrorTable, MediumConfig, ReceiverConfig};

fn without_thresholds() -> MediumConfig {
    let receiver = ReceiverConfig { preamble_detection: None, ..ReceiverConfig::default() };
    MediumConfig { receiver, ..MediumConfig::default() }
}

#[test]
fn mpdus_are_lost_as_often_as_the_table_says() {
    // 10 % at 1538 bytes, in ns-3.
    const SNR_DB: f64 = 19.65;
    let (mut medium, nodes) = row_of(2, channel_38(), without_thresholds(), 1);
    medium.set_snr_db(nodes[0], nodes[1], SNR_DB);
    let (mut all, mut lost, mut start) = (0, 0, us(0.0));
    for _ in 0..500 {
        start = after(medium.transmit(nodes[0], aggregate(start, 42)), 100.0);
        for ppdu in received(nodes[1], &listen(&mut medium)) {
            let mpdus = whole(&ppdu.psdu);
            all += mpdus.len();
            lost += mpdus.iter().filter(|whole| !**whole).count();
        }
    }
    let expected = 1.0 - ErrorTable::ideal().success(ht(7, HtWidth::Mhz40), SNR_DB, 1538.0);
    assert!((0.09..0.11).contains(&expected), "{expected}");
    let measured = lost as f64 / all as f64;
    let sigma = (expected * (1.0 - expected) / all as f64).sqrt();
    assert_eq!(all, 500 * 42);
    assert!((measured - expected).abs() < 4.0 * sigma, "{measured} instead of {expected}");
}

#[test]
fn a_psdu_that_comes_through_is_shared() {
    let (mut medium, nodes) = row(3, channel_38());
    let ppdu = aggregate(us(0.0), 42);
    let psdu = ppdu.psdu.clone();
    medium.transmit(nodes[0], ppdu);
    let said = listen(&mut medium);
    for node in &nodes[1..] {
        assert!(ptr::eq(&psdu[..], &received(*node, &said)[0].psdu[..]));
    }
}

#[test]
fn a_collision_on_the_way_takes_the_mpdus_it_meets() {
    let (mut medium, nodes) = row(3, channel_38());
    medium.transmit(nodes[0], aggregate(us(0.0), 42));
    // Something short, hidden from the transmitter, in the middle.
    let start = 1700.0;
    let end = medium.transmit(nodes[2], legacy(us(start), 300));
    let mpdus = whole(&received(nodes[1], &listen(&mut medium))[0].psdu);
    let times = (36.0 - 0.4, 82.24); // of the first delimiter, and of 1542 bytes at 150 Mbit/s
    let mpdu_at = |us: f64| ((us - times.0) / times.1) as usize;
    let hit = mpdu_at(start)..=mpdu_at(end.as_nanos() as f64 / 1e3);
    let expected: Vec<bool> = (0..42).map(|mpdu| !hit.contains(&mpdu)).collect();
    assert_eq!(mpdus, expected);
}

#[test]
fn a_lone_mpdu_is_lost_whole() {
    let (mut medium, nodes) = row_of(2, channel_36(), without_thresholds(), 1);
    medium.set_snr_db(nodes[0], nodes[1], 10.0);
    medium.transmit(nodes[0], legacy(us(0.0), 1500));
    let ppdu = received(nodes[1], &listen(&mut medium)).remove(0);
    assert_eq!(ppdu.psdu.len(), 1500);
    assert!(!fcs::is_right(&ppdu.psdu));
}

#[test]
fn without_l_sig_the_reception_ends_with_the_header() {
    let (mut medium, nodes) = row_of(2, channel_36(), without_thresholds(), 1);
    medium.set_snr_db(nodes[0], nodes[1], -10.0);
    medium.transmit(nodes[0], legacy(us(0.0), 1500));
    let said = of(nodes[1], &listen(&mut medium));
    assert_eq!(said, [(us(4.003), CcaBusy), (us(20.003), RxError), (us(20.003), CcaIdle)]);
}

#[test]
fn the_same_seed_gives_the_same_errors_and_another_one_others() {
    let errors = |seed| {
        let (mut medium, nodes) = row_of(4, channel_38(), without_thresholds(), seed);
        for node in &nodes[1..] {
            medium.set_snr_db(nodes[0], *node, 19.5);
        }
        let second = after(medium.transmit(nodes[0], aggregate(us(0.0), 42)), 16.0);
        let answer = TxPpdu { start: second, ..aggregate(second, 5) };
        medium.transmit(nodes[1], answer);
        listen(&mut medium)
    };
    assert_eq!(errors(7), errors(7));
    assert_ne!(errors(7), errors(8));
}
