//! Which APs a client joins and keeps, whatever they do: nothing hangs, and the others notice nothing.

use std::time::Duration;

use channel_switch::{Loss, Notice, Policy};
use mac::{Instant, MacAddr, PhyIndication, RxPpdu, TrafficMap, fcs};

use rand::RngExt;

use crate::bench::{Bench, Setup, ap_address, ap_mac, rng};

/// The transmitter of a frame that has one.
fn transmitter(ppdu: &RxPpdu) -> Option<MacAddr> {
    Some(MacAddr(*ppdu.psdu.get(10..)?.first_chunk()?))
}

fn lost(bench: &Bench) -> Vec<(Instant, MacAddr, Loss)> {
    let told = bench.watch().told.iter();
    let lost = told.filter_map(|(at, notice)| match notice {
        Notice::Lost { ap, why } => Some((*at, *ap, *why)),
        _ => None,
    });
    lost.collect()
}

fn joined(bench: &Bench, ap: usize) -> Vec<Instant> {
    let told = bench.watch().told.iter();
    let joined = told.filter_map(|(at, notice)| match notice {
        Notice::Joined { ap: told, .. } if *told == ap_address(ap) => Some(*at),
        _ => None,
    });
    joined.collect()
}

const NODES: [&[u8]; 3] = [&[36, 36], &[36, 149], &[36, 149, 44]];

#[test]
fn all_aps_are_joined_within_a_second() {
    for aps in NODES {
        for ht in [false, true] {
            Bench::new(&Setup { ht, ..Setup::new(aps) }).joined();
        }
    }
}

#[test]
fn an_ap_that_vanishes_is_lost_within_a_second_and_the_others_go_on() {
    for aps in NODES {
        let mut bench = Bench::new(&Setup::new(aps)).joined();
        (0..aps.len()).for_each(|ap| bench.transfer(ap, 40_000_000, true));
        bench.ms(1000);
        let gone = bench.network.now();
        // From the second AP nothing comes any more, and nothing gets there.
        bench.network.set_faults(|_, node, indication| match indication {
            PhyIndication::Rx(ppdu) if node == 1 || transmitter(&ppdu) == Some(ap_address(1)) => {
                PhyIndication::RxError
            }
            other => other,
        });
        bench.ms(1000);
        let [(at, ap, Loss::Silent)] = lost(&bench)[..] else { panic!("{:?}", lost(&bench)) };
        assert_eq!(ap, ap_address(1));
        assert!(at.since(gone) < Duration::from_secs(1));
        let before = bench.delivered();
        bench.ms(500);
        assert!(bench.delivered() > before + 1_000_000, "{aps:?}");
        assert_eq!(bench.associations(), aps.len() - 1);
    }
}

#[test]
fn an_ap_that_comes_back_is_joined_again() {
    for aps in NODES {
        let mut bench = Bench::new(&Setup::new(aps)).joined();
        bench.ms(10_000);
        let (from, to) = (bench.network.now(), bench.network.now() + Duration::from_secs(2));
        bench.network.set_faults(move |now, node, indication| match indication {
            PhyIndication::Rx(ppdu)
                if (from..to).contains(&now)
                    && (node == 1 || transmitter(&ppdu) == Some(ap_address(1))) =>
            {
                PhyIndication::RxError
            }
            other => other,
        });
        bench.ms(3000);
        assert_eq!(joined(&bench, 1).len(), 2, "{aps:?}");
        assert!(joined(&bench, 1)[1].since(to) < Duration::from_secs(1));
        assert_eq!(bench.watch().joined_and_lost(), (aps.len() + 1, 1));
    }
}

#[test]
fn an_ap_that_restarts_and_has_forgotten_its_stations_is_joined_again() {
    for aps in NODES {
        let mut bench = Bench::new(&Setup::new(aps)).joined();
        bench.transfer(0, 3_000_000, true);
        bench.ms(100);
        let mac = ap_mac(&bench.setup, 1, bench.network.now());
        bench.network.replace_mac(bench.aps[1], mac);
        bench.finish();
        bench.ms(1500);
        assert_eq!(bench.associations(), aps.len(), "{aps:?} {:?}", bench.watch().told);
    }
}

#[test]
fn fifty_milliseconds_of_silence_are_no_loss() {
    for aps in NODES {
        let mut bench = Bench::new(&Setup::new(aps)).joined();
        (0..aps.len()).for_each(|ap| bench.transfer(ap, 3_000_000, ap != 1));
        let start = bench.network.now();
        // All radios are deaf in every fourth stretch of 50 ms.
        bench.network.set_faults(move |now, _, indication| match indication {
            PhyIndication::Rx(_) if now.since(start).as_millis() / 50 % 4 == 3 => {
                PhyIndication::RxError
            }
            other => other,
        });
        bench.finish();
        assert_eq!(lost(&bench), []);
    }
}

#[test]
fn null_frames_that_are_lost_are_sent_again() {
    for ht in [false, true] {
        let setup = Setup { ht, ..Setup::new(&[36, 149]) };
        let mut bench = Bench::new(&setup).joined();
        (0..2).for_each(|ap| bench.transfer(ap, 4_000_000, ap == 0));
        let mut chance = rng(1, 5);
        bench.network.set_faults(move |_, _, indication| match indication {
            // Null frames and Acks.
            PhyIndication::Rx(ppdu)
                if matches!(ppdu.psdu[0], 0x48 | 0xd4) && chance.random_bool(0.3) =>
            {
                PhyIndication::RxError
            }
            other => other,
        });
        bench.finish();
        bench.ledger().assert_in_order();
        assert_eq!(lost(&bench), []);
    }
}

#[test]
fn an_ap_that_never_hears_that_its_station_leaves_does_not_keep_the_radio() {
    let mut bench = Bench::new(&Setup::new(&[36, 149])).joined();
    bench.transfer(0, 6_000_000, true);
    bench.network.set_faults(move |_, node, indication| match indication {
        PhyIndication::Rx(ppdu) if node == 1 && ppdu.psdu[0] == 0x48 => PhyIndication::RxError,
        other => other,
    });
    bench.finish();
    assert!(bench.watch().cycles > 5);
}

#[test]
fn an_ap_that_lies_in_its_tim_costs_nothing() {
    let mut bench = Bench::new(&Setup::new(&[36, 149])).joined();
    (0..2).for_each(|ap| bench.transfer(ap, 3_000_000, true));
    let mut map = TrafficMap::default();
    (1..20).for_each(|aid| map.set(aid, true));
    let mut lie = vec![];
    let tim = map.tim(0, 2);
    mac::Element::emit(&tim, &mut lie);
    bench.network.set_faults(move |_, _, indication| match indication {
        PhyIndication::Rx(ppdu) if ppdu.psdu[0] == 0x80 => {
            let mut beacon = fcs::strip(&ppdu.psdu).expect("nothing is damaged here").to_vec();
            // Behind timestamp, interval and capabilities: the first TIM counts.
            beacon.splice(36..36, lie.iter().copied());
            fcs::append(&mut beacon, 0);
            PhyIndication::Rx(RxPpdu { psdu: beacon.into(), ..ppdu })
        }
        other => other,
    });
    bench.finish();
    bench.ledger().assert_complete();
    assert_eq!((bench.dropped(), lost(&bench)), (0, vec![]));
}

#[test]
fn of_two_aps_with_one_address_the_first_is_the_one() {
    let mut bench = Bench::new(&Setup::new(&[36, 149])).joined();
    // What the second sends comes as if it were the first, in its own channel.
    bench.network.set_faults(|_, _, indication| match indication {
        PhyIndication::Rx(ppdu) if transmitter(&ppdu) == Some(ap_address(1)) => {
            let mut frame = ppdu.psdu.to_vec();
            frame[15] = ap_address(0).0[5];
            frame.truncate(frame.len() - 4);
            fcs::append(&mut frame, 0);
            PhyIndication::Rx(RxPpdu { psdu: frame.into(), ..ppdu })
        }
        other => other,
    });
    bench.transfer(0, 4_000_000, true);
    bench.finish();
    bench.ledger().assert_complete();
    assert_eq!(joined(&bench, 0).len(), 1);
}

#[test]
fn handover_has_one_ap_at_a_time() {
    let policy = Policy::Handover { margin_db: 6.0 };
    let mut bench = Bench::new(&Setup { policy, ..Setup::new(&[36, 149]) });
    bench.ms(3000);
    assert_eq!(bench.associations(), 1);
}
