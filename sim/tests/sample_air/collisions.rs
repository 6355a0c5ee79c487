use mac::{PhyIndication, fcs};
use sim::Air;

use crate::bed::*;

#[test]
fn of_two_ppdus_at_once_none_comes_through_unless_one_is_much_stronger() {
    for (weaker_by_db, comes_through) in [(0.0, 0), (20.0, 1)] {
        let (mut air, nodes) = row(3, channel_36(), 11);
        air.set_snr_db(nodes[0], nodes[1], 40.0);
        air.set_snr_db(nodes[2], nodes[1], 40.0 - weaker_by_db);
        air.transmit(nodes[0], legacy(us(20.0), 300));
        air.transmit(nodes[2], legacy(us(20.0), 400));
        let said = listen(&mut air);
        assert_eq!(right(nodes[1], &said), comes_through);
        let busy = of(nodes[1], &said).iter().any(|(_, said)| *said == PhyIndication::CcaBusy);
        assert!(busy);
    }
}

#[test]
fn a_later_stronger_ppdu_captures_the_receiver() {
    let (mut air, nodes) = row(3, channel_36(), 12);
    air.set_snr_db(nodes[0], nodes[1], 15.0);
    air.set_snr_db(nodes[2], nodes[1], 45.0);
    air.transmit(nodes[0], legacy(us(0.0), 1500));
    air.transmit(nodes[2], legacy(us(150.0), 100));
    let said = listen(&mut air);
    let whole: Vec<_> = received(nodes[1], &said);
    let whole: Vec<_> = whole.iter().filter(|ppdu| fcs::is_right(&ppdu.psdu)).collect();
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0].psdu, mpdu(100));
}

#[test]
fn hidden_nodes_do_not_hear_each_other_and_collide_at_a_third() {
    let (mut air, nodes) = row(3, channel_36(), 13);
    air.set_loss_db(nodes[0], nodes[2], Some(f64::INFINITY));
    air.transmit(nodes[0], legacy(us(0.0), 1500));
    air.transmit(nodes[2], legacy(us(1000.0), 1500));
    let said = listen(&mut air);
    assert_eq!((right(nodes[1], &said), of(nodes[2], &said).len()), (2, 1));

    air.transmit(nodes[0], legacy(us(3000.0), 1500));
    air.transmit(nodes[2], legacy(us(3200.0), 1500));
    assert_eq!(right(nodes[1], &listen(&mut air)), 0);
}
