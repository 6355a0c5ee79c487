//! When the medium is busy, and for whom.

use std::time::Duration;

use mac::PhyIndication::{CcaBusy, CcaIdle, RxError, RxStart};
use mac::{PhyIndication, TxPpdu};
use phy80211::{HtWidth, Placement, TxVector};

use super::bed::*;
use crate::{LateSensing, MediumConfig, NodeConfig, Position, ReceiverConfig};

/// A metre at the speed of light, in microseconds.
const METRE: f64 = 0.003;

#[test]
fn a_ppdu_is_sensed_read_and_ended_in_time() {
    let (mut medium, nodes) = row(2, channel_36());
    let start = us(100.0);
    let end = medium.transmit(nodes[0], legacy(start, 1536));
    assert_eq!(end, after(start, 248.0));
    let said = listen(&mut medium);
    let [busy, begun, ppdu, idle] = &of(nodes[1], &said)[..] else { panic!("{said:?}") };
    let until = after(end, METRE);
    assert_eq!(*busy, (after(start, METRE + 4.0), CcaBusy));
    assert_eq!(*begun, (after(start, METRE + 20.0), RxStart { until }));
    assert!(matches!(ppdu, (at, PhyIndication::Rx(_)) if *at == until), "{ppdu:?}");
    assert_eq!(*idle, (until, CcaIdle));
    assert_eq!(of(nodes[0], &said), [(end, CcaIdle)]);
}

#[test]
fn the_header_of_an_ht_ppdu_is_longer() {
    let (mut medium, nodes) = row(2, channel_38());
    let end = medium.transmit(nodes[0], aggregate(us(0.0), 42));
    let said = of(nodes[1], &listen(&mut medium));
    assert_eq!(said[1], (us(36.0 + METRE), RxStart { until: after(end, METRE) }));
}

#[test]
fn a_late_carrier_sense_tells_of_some_ppdus_later_and_receives_them_as_ever() {
    let config = MediumConfig::default();
    let (mut medium, nodes) = row_of(1, channel_36(), config, 1);
    let late_sensing = Some(LateSensing { share: 0.5, by: Duration::from_micros(9) });
    let beside = NodeConfig::new(Position::new(1.0, 0.0), channel_36());
    let late = medium.add_node(NodeConfig { late_sensing, ..beside });
    let mut delays = vec![];
    for number in 0..100 {
        let start = us(1000.0 * f64::from(number));
        medium.transmit(nodes[0], legacy(start, 500));
        let said = of(late, &listen(&mut medium));
        let [(busy, CcaBusy), _, (_, PhyIndication::Rx(_)), _] = &said[..] else {
            panic!("{said:?}")
        };
        delays.push(busy.since(start).as_micros());
    }
    let late = delays.iter().filter(|&&delay| delay == 13).count();
    assert!((30..70).contains(&late) && delays.iter().all(|delay| [4, 13].contains(delay)));
    assert_eq!(delays.len(), 100);
}

#[test]
fn what_begins_to_send_before_it_senses_says_nothing_of_it() {
    let (mut medium, nodes) = row(1, channel_36());
    let late_sensing = Some(LateSensing { share: 1.0, by: Duration::from_micros(9) });
    let beside = NodeConfig::new(Position::new(1.0, 0.0), channel_36());
    let late = medium.add_node(NodeConfig { late_sensing, ..beside });
    medium.transmit(nodes[0], legacy(us(0.0), 500));
    let end = medium.transmit(late, legacy(us(9.0), 1500));
    assert_eq!(of(late, &listen(&mut medium)), [(end, CcaIdle)]);
}

#[test]
fn hidden_nodes_do_not_hear_each_other() {
    let (mut medium, nodes) = row(3, channel_36());
    medium.set_loss_db(nodes[0], nodes[2], Some(f64::INFINITY));
    let end = medium.transmit(nodes[0], legacy(us(0.0), 500));
    let said = listen(&mut medium);
    assert_eq!(received(nodes[1], &said).len(), 1);
    assert_eq!(of(nodes[2], &said), []);
    assert_eq!(of(nodes[0], &said), [(end, CcaIdle)]);
}

#[test]
fn nodes_on_other_channels_hear_nothing_until_they_tune_in() {
    let (mut medium, nodes) = row(2, channel_36());
    medium.retune(us(0.0), nodes[1], channel_38());
    medium.transmit(nodes[0], legacy(us(10.0), 500));
    assert_eq!(of(nodes[1], &listen(&mut medium)), []);
    medium.retune(us(500.0), nodes[1], channel_36());
    medium.transmit(nodes[0], legacy(us(510.0), 500));
    assert_eq!(received(nodes[1], &listen(&mut medium)).len(), 1);
}

#[test]
fn who_retunes_forgets_what_it_was_hearing() {
    let (mut medium, nodes) = row(2, channel_36());
    medium.transmit(nodes[0], legacy(us(0.0), 1500));
    assert_eq!(medium.poll(us(10.0)), Some((nodes[1], CcaBusy)));
    medium.retune(us(10.0), nodes[1], channel_38());
    assert_eq!(medium.next_event(), Some(us(10.0)));
    assert_eq!(of(nodes[1], &listen(&mut medium)), [(us(10.0), CcaIdle)]);
}

#[test]
fn energy_without_a_preamble_is_busy_above_its_threshold_only() {
    for (loss_db, busy) in [(78.0, true), (78.1, false)] {
        // Three decibels below the strongest: two equal preambles, of which none is found.
        let (mut medium, nodes) = row(3, channel_36());
        for (other, extra_db) in [(1, 0.0), (2, 3.0)] {
            let loss_db = loss_db + extra_db + 1.7639;
            medium.set_loss_db(nodes[0], nodes[other], Some(loss_db));
            medium.transmit(nodes[other], legacy(us(0.0), 100));
        }
        let said: Vec<_> = of(nodes[0], &listen(&mut medium));
        let said: Vec<_> = said.into_iter().map(|(_, said)| said).collect();
        let expected: &[PhyIndication] = if busy { &[CcaBusy, CcaIdle] } else { &[] };
        assert_eq!(said, expected, "at {loss_db} dB");
    }
}

#[test]
fn cca_time_is_a_parameter() {
    let receiver = ReceiverConfig { cca_time: Duration::from_micros(9), ..Default::default() };
    let config = MediumConfig { receiver, ..MediumConfig::default() };
    let (mut medium, nodes) = row_of(2, channel_36(), config, 1);
    medium.transmit(nodes[0], legacy(us(0.0), 100));
    assert_eq!(of(nodes[1], &listen(&mut medium))[0], (us(9.0 + METRE), CcaBusy));
}

#[test]
fn the_end_of_a_transmission_tells_of_what_came_meanwhile() {
    let (mut medium, nodes) = row(2, channel_36());
    let shorter = medium.transmit(nodes[0], legacy(us(0.0), 100));
    let longer = medium.transmit(nodes[1], legacy(us(0.0), 1500));
    let said = listen(&mut medium);
    assert_eq!(of(nodes[0], &said), [(shorter, CcaBusy), (after(longer, METRE), CcaIdle)]);
    assert_eq!(of(nodes[1], &said), [(longer, CcaIdle)]);
}

#[test]
fn to_a_node_of_clause_17_an_ht_ppdu_is_a_busy_medium_and_an_error() {
    let (mut medium, nodes) = row(1, channel_36());
    let old = crate::NodeConfig {
        receives_ht: false,
        ..crate::NodeConfig::new(Position::new(10.0, 0.0), channel_36())
    };
    let old = medium.add_node(old);
    let txvector = TxVector::new(ht(3, HtWidth::Mhz20), 1);
    let ppdu = TxPpdu { start: us(0.0), txvector, psdu: mpdu(1000).into() };
    let end = after(medium.transmit(nodes[0], ppdu), 0.033);
    let said = of(old, &listen(&mut medium));
    assert_eq!(said, [(us(4.033), CcaBusy), (end, RxError), (end, CcaIdle)]);
}

#[test]
fn what_is_sent_beside_the_primary_channel_is_not_found_but_disturbs() {
    let (mut medium, nodes) = row(3, channel_38());
    let beside = TxVector { placement: Placement::Upper, ..legacy(us(0.0), 100).txvector };
    let beside = |start| TxPpdu { start, txvector: beside, psdu: mpdu(1500).into() };
    medium.transmit(nodes[2], beside(us(0.0)));
    assert_eq!(of(nodes[1], &listen(&mut medium)), []);

    medium.transmit(nodes[0], aggregate(us(1000.0), 2));
    medium.transmit(nodes[2], beside(us(1050.0)));
    let ppdus = received(nodes[1], &listen(&mut medium));
    assert_eq!(whole(&ppdus[0].psdu), [false, false]);
}
