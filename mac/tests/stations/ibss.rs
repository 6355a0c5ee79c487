//! Stations without an AP.

use std::time::Duration;

use mac::{IbssConfig, Notice, Role, TimeUnits};

use crate::air::{Air, Sent};
use crate::network::{address, dot11n, ibss_role, ms, network};

fn with_beacons(stations: usize) -> Air {
    let Role::Ibss(config) = ibss_role() else { unreachable!() };
    let role = Role::Ibss(IbssConfig { beacon_interval: Some(TimeUnits(100)), ..config });
    network(vec![dot11n(role); stations])
}

#[test]
fn the_members_send_beacons_in_turn() {
    let mut air = with_beacons(4);
    air.run(Duration::from_secs(20));
    let of = |node| air.log.iter().filter(|sent| sent.from == Some(node)).count();
    let each = [0, 1, 2, 3].map(of);
    // 195 are due; if two members draw the same delay there are two.
    assert!((195..240).contains(&each.iter().sum::<usize>()), "{each:?}");
    assert!(each.iter().all(|&beacons| beacons > 30), "{each:?}");
    for sent in &air.log {
        let since_due = sent.start.as_nanos() / 1000 % 102_400;
        assert!(since_due < 2_000, "{since_due} us");
    }
}

#[test]
fn members_learn_from_beacons_what_others_can() {
    let mut air = with_beacons(2);
    // Before that they can do what all can.
    let first = air.packets(0, 1, 5, 1000);
    air.run(ms(20));
    assert_eq!(air.received(1), first);
    assert!(air.log.iter().all(|sent| sent.name() == "Data" || sent.name() == "Ack"));
    air.run_till("they have met", |air| air.notices(0).len() + air.notices(1).len() == 2);
    assert_eq!(air.notices(0), [Notice::Associated { peer: address(1), aid: 0 }]);
    air.log.clear();
    let then = air.packets(0, 1, 50, 1000);
    air.run(ms(20));
    assert_eq!(air.received(1)[5..], then);
    assert!(air.log.iter().any(|sent: &Sent| sent.txvector.aggregation));
}
