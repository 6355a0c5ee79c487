//! Packets between the stations of an AP, its host and beyond.

use mac::{DropReason, MacAddr, Notice};

use crate::network::{
    AP, address, ap_role, bss, dot11a, dot11n, joined, ms, network, station_role,
};

#[test]
fn packets_go_from_station_to_station_through_the_ap() {
    for config in [dot11a, dot11n] {
        let mut air = bss(3, config);
        let sent = air.packets(1, 2, 50, 1000);
        air.run(ms(100));
        assert_eq!(air.received(2), sent);
        assert!(air.received(AP).is_empty() && air.received(3).is_empty());
        assert_eq!(air.nodes[2].delivered[0].source, address(1));
    }
}

#[test]
fn packets_for_all_go_to_the_host_and_to_all_but_their_source() {
    let mut air = bss(3, dot11n);
    let sent = air.packet(1, MacAddr::BROADCAST, 0, 300);
    let group = MacAddr([1, 0, 0x5e, 0, 0, 1]);
    let to_group = air.packet(1, group, 0, 300);
    air.run(ms(10));
    for node in [AP, 2, 3] {
        assert_eq!(air.received(node), [sent, to_group]);
        assert_eq!(air.nodes[node].delivered[1].destination, group);
    }
    assert!(air.received(1).is_empty());
    let from_host = air.packet(AP, MacAddr::BROADCAST, 0, 300);
    air.run(ms(10));
    assert_eq!([1, 2, 3].map(|node| air.received(node).last() == Some(&from_host)), [true; 3]);
}

#[test]
fn packets_for_who_is_no_station_go_to_the_host() {
    let mut air = bss(1, dot11a);
    let beyond = address(0x55);
    let sent = air.packet(1, beyond, 0, 300);
    air.run(ms(10));
    assert_eq!(air.received(AP), [sent]);
    assert_eq!(air.nodes[AP].delivered[0].destination, beyond);
    // And the host's for nobody go nowhere.
    air.packet(AP, beyond, 0, 300);
    let dropped = Notice::Dropped { destination: beyond, why: DropReason::NoRoute };
    assert_eq!(air.notices(AP).last(), Some(&dropped));
}

#[test]
fn stations_without_qos_and_with_it_share_a_bss() {
    let configs = [dot11n(ap_role()), dot11a(station_role()), dot11n(station_role())];
    let mut air = joined(network(configs));
    let sent = [air.packets(1, 2, 40, 1000), air.packets(2, 1, 40, 1000)];
    air.run(ms(200));
    assert_eq!([air.received(2), air.received(1)], sent);
    let to_plain = air.log.iter().filter(|sent| sent.frame().receiver() == Some(address(1)));
    assert!(to_plain.into_iter().all(|sent| sent.name() != "QoS Data"));
}
