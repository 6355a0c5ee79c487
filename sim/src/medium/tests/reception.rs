//! Which of several PPDUs is received.

use mac::PhyIndication::{CcaBusy, CcaIdle};
use phy80211::Bandwidth;

use super::bed::*;
use crate::{Channel, Medium, MediumConfig, NodeId, PreambleDetection, ReceiverConfig};

/// A listener, and two nodes of which the second is weaker there by so much.
fn unequal(by_db: f64, receiver: ReceiverConfig) -> (Medium, Vec<NodeId>) {
    let config = MediumConfig { receiver, ..MediumConfig::default() };
    let (mut medium, nodes) = row_of(3, channel_36(), config, 1);
    medium.set_snr_db(nodes[1], nodes[0], 40.0);
    medium.set_snr_db(nodes[2], nodes[0], 40.0 - by_db);
    (medium, nodes)
}

#[test]
fn nodes_that_begin_in_the_same_slot_collide_at_a_third_and_hear_nothing() {
    let (mut medium, nodes) = unequal(0.0, ReceiverConfig::default());
    // As far as a slot's boundary can be off without CCA noticing.
    let first = medium.transmit(nodes[1], legacy(us(0.0), 500));
    let second = medium.transmit(nodes[2], legacy(us(3.9), 500));
    let said = listen(&mut medium);
    assert_eq!(received(nodes[0], &said), []);
    assert_eq!(of(nodes[1], &said)[0], (first, CcaBusy));
    assert_eq!(of(nodes[2], &said), [(second, CcaIdle)]);
}

#[test]
fn the_stronger_of_two_preambles_is_received_if_it_is_four_decibels_above() {
    for (by_db, found) in [(3.9, 0), (4.5, 1)] {
        for strong_first in [true, false] {
            let (mut medium, nodes) = unequal(by_db, ReceiverConfig::default());
            let (strong, weak) = if strong_first { (0.0, 3.0) } else { (3.0, 0.0) };
            medium.transmit(nodes[1], legacy(us(strong), 500));
            medium.transmit(nodes[2], legacy(us(weak), 1000));
            let ppdus = received(nodes[0], &listen(&mut medium));
            assert_eq!(ppdus.len(), found, "{by_db} dB");
            assert!(ppdus.iter().all(|ppdu| ppdu.psdu.len() == 500), "{by_db} dB");
        }
    }
}

#[test]
fn a_later_ppdu_takes_the_receiver_only_with_capture() {
    for (capture_db, len) in [(None, 500), (Some(10.0), 1000), (Some(21.0), 500)] {
        let receiver = ReceiverConfig { capture_db, ..ReceiverConfig::default() };
        let (mut medium, nodes) = unequal(-20.0, receiver);
        medium.transmit(nodes[1], legacy(us(0.0), 500));
        medium.transmit(nodes[2], legacy(us(50.0), 1000));
        let ppdus = received(nodes[0], &listen(&mut medium));
        let lens: Vec<usize> = ppdus.iter().map(|ppdu| ppdu.psdu.len()).collect();
        assert_eq!(lens, [len], "capture at {capture_db:?} dB");
    }
}

#[test]
fn weak_preambles_are_found_if_detection_asks_for_nothing() {
    let weak = PreambleDetection { min_power_dbm: -82.0, min_sinr_db: 4.0 };
    for (preamble_detection, found) in [(None, 1), (Some(weak), 0)] {
        let receiver = ReceiverConfig { preamble_detection, ..ReceiverConfig::default() };
        let (mut medium, nodes) = unequal(-10.0, receiver);
        medium.set_snr_db(nodes[1], nodes[0], 11.9);
        medium.transmit(nodes[1], legacy(us(0.0), 100));
        assert_eq!(received(nodes[0], &listen(&mut medium)).len(), found);
    }
}

#[test]
fn who_transmits_loses_what_it_was_receiving_and_finds_nothing_new() {
    let (mut medium, nodes) = row(2, channel_36());
    medium.transmit(nodes[0], legacy(us(0.0), 1500));
    let end = medium.transmit(nodes[1], legacy(us(50.0), 100));
    let said = of(nodes[1], &listen(&mut medium));
    let [_, _, then, idle] = &said[..] else { panic!("{said:?}") };
    assert_eq!(*then, (end, CcaBusy), "its energy is still there");
    assert_eq!(idle.1, CcaIdle);
}

#[test]
fn power_and_ratio_are_those_of_the_link() {
    let (mut medium, nodes) = row(2, channel_38());
    medium.set_snr_db(nodes[0], nodes[1], 25.0);
    medium.transmit(nodes[0], aggregate(us(0.0), 3));
    let ppdu = received(nodes[1], &listen(&mut medium)).remove(0);
    assert!((ppdu.snr_db - 25.0).abs() < 1e-3);
    assert!((ppdu.rssi_dbm - (25.0 - 90.956)).abs() < 1e-2, "{}", ppdu.rssi_dbm);
    assert!(ppdu.aggregation);
}

#[test]
fn a_node_that_moves_away_is_heard_less() {
    let (mut medium, nodes) = row(2, channel_36());
    let near = medium.loss_db(nodes[0], nodes[1]);
    medium.move_node(nodes[1], crate::Position::new(10.0, 0.0));
    assert!((medium.loss_db(nodes[0], nodes[1]) - near - 30.0).abs() < 1e-9);
    medium.transmit(nodes[0], legacy(us(0.0), 100));
    let ppdu = received(nodes[1], &listen(&mut medium)).remove(0);
    assert!((ppdu.rssi_dbm - (16.0206 - 76.68)).abs() < 1e-3);
}

#[test]
fn the_least_power_of_a_preamble_falls_with_the_width_of_the_channel() {
    // -82 dBm in 20 MHz is 11.97 dB over the noise; and so are -79 in 40 MHz and -85 in 10.
    let narrow = Channel::undivided(5900, Bandwidth::Mhz10);
    for channel in [channel_36(), channel_38(), narrow] {
        for (snr_db, found) in [(11.9, 0), (12.0, 1)] {
            let (mut medium, nodes) = row(2, channel);
            medium.set_snr_db(nodes[1], nodes[0], snr_db);
            medium.transmit(nodes[1], legacy(us(0.0), 100));
            let ppdus = received(nodes[0], &listen(&mut medium));
            assert_eq!(ppdus.len(), found, "{snr_db} dB in {channel:?}");
        }
    }
}
