//! A station that sleeps, and what its AP does for it: 11.2.3.

use std::collections::VecDeque;

use mac::{
    Command, Config, ControlBody, DropReason, Frame, Instant, MacAddr, ManagementBody, Msdu,
    Notice, Rider, Tim,
};

use crate::air::{Air, Fate, Sent};
use crate::network::{
    AP, STATION, address, ap_role, body, bss, dot11a, dot11n, is_quiet, joined, ms, network,
    station_role,
};

fn told(sleeping: bool) -> Notice {
    Notice::PowerManagement { peer: address(AP), sleeping }
}

fn turn(air: &mut Air, sleeping: bool) {
    air.command(STATION, Command::PowerSave(sleeping));
    air.run_till("told", |air| air.notices(STATION).last() == Some(&told(sleeping)));
}

/// A station that sleeps, just after a beacon.
fn asleep(config: fn(mac::Role) -> Config) -> Air {
    let mut air = bss(1, config);
    turn(&mut air, true);
    air.run_till("a beacon", |air| air.log.last().is_some_and(|sent| sent.name() == "Beacon"));
    air.run(ms(2));
    air.log.clear();
    air
}

fn tims(air: &Air) -> Vec<bool> {
    let beacons = air.log.iter().filter_map(|sent| match body(sent) {
        Some(ManagementBody::Beacon(beacon)) => beacon.elements.get::<Tim<'_>>(),
        _ => None,
    });
    beacons.map(|tim| tim.unwrap().traffic_for(1)).collect()
}

fn data(air: &Air) -> Vec<&Sent> {
    let names = ["Data", "QoS Data"];
    air.log.iter().filter(|sent| names.contains(&sent.name())).collect()
}

fn more_data(sent: &Sent) -> bool {
    sent.frame().frame_control().more_data()
}

#[test]
fn a_station_sends_what_waits_before_it_tells_that_it_sleeps() {
    for config in [dot11a, dot11n] {
        let mut air = bss(1, config);
        let sent = air.packets(STATION, AP, 30, 1000);
        air.command(STATION, Command::PowerSave(true));
        air.run_till("told", |air| air.notices(STATION).last() == Some(&told(true)));
        assert_eq!(air.received(AP), sent);
        let null = air.log.iter().rev().find(|sent| sent.from == Some(STATION)).unwrap();
        assert_eq!(null.name(), "Null");
        for sent in air.log.iter().filter(|sent| sent.from == Some(STATION)) {
            let sleeps = sent.name() == "Null";
            assert!(
                sent.name() == "Ack" || sent.frame().frame_control().power_management() == sleeps
            );
        }
    }
}

#[test]
fn frames_for_a_sleeper_wait_until_it_polls_for_each() {
    for config in [dot11a, dot11n] {
        let mut air = asleep(config);
        let sent = air.packets(AP, STATION, 4, 500);
        air.run(ms(80));
        assert!(air.log.is_empty());
        air.run(ms(60));
        assert_eq!(tims(&air), [true]);
        assert_eq!(air.received(STATION), sent);
        let data = data(&air);
        assert_eq!(
            data.iter().map(|sent| more_data(sent)).collect::<Vec<_>>(),
            [true, true, true, false]
        );
        assert!(data.iter().all(|sent| sent.mpdus.len() == 1));
        let polls = air.log.iter().filter(|sent| sent.name() == "PS-Poll");
        for poll in polls {
            let Frame::Control(control) = poll.frame() else { panic!() };
            assert_eq!(control.duration.aid(), Some(1));
            assert_eq!(control.body, ControlBody::PsPoll { transmitter: address(STATION) });
        }
        air.run(ms(110));
        assert_eq!(tims(&air), [true, false]);
    }
}

#[test]
fn whoever_wakes_gets_all() {
    let mut air = asleep(dot11n);
    let sent = air.packets(AP, STATION, 20, 500);
    turn(&mut air, false);
    air.run(ms(5));
    assert_eq!(air.received(STATION), sent);
    assert!(air.log.iter().all(|sent| sent.name() != "PS-Poll"));
    assert!(!more_data(data(&air)[0]));
}

#[test]
fn a_station_may_change_its_mind() {
    let mut air = bss(1, dot11a);
    for sleeping in [true, false, true, false] {
        air.command(STATION, Command::PowerSave(sleeping));
    }
    air.run(ms(5));
    assert!(
        matches!(air.notices(STATION).last(), Some(Notice::Associated { .. }))
            || air.notices(STATION).last() == Some(&told(false))
    );
    turn(&mut air, true);
    air.command(STATION, Command::PowerSave(false));
    air.command(STATION, Command::PowerSave(true));
    air.run(ms(5));
    assert_eq!(air.notices(STATION).last(), Some(&told(true)));
}

#[test]
fn the_ap_is_told_until_it_has_heard_it() {
    let mut air = bss(1, dot11a);
    let mut lost = 0;
    air.set_faults(move |sent, _| {
        if sent.name() == "Null" && lost < 10 {
            lost += 1;
            return Fate::Garbled;
        }
        Fate::Arrives
    });
    turn(&mut air, true);
    assert_eq!(air.log.iter().filter(|sent| sent.name() == "Null").count(), 11);
}

#[test]
fn frames_to_groups_wait_for_the_dtim_while_anybody_sleeps() {
    let mut air = bss(2, dot11a);
    air.packet(AP, MacAddr::BROADCAST, 0, 300);
    air.run(ms(3));
    assert_eq!(air.received(2).len(), 1);
    turn(&mut air, true);
    air.run_till("a DTIM", |air| match air.log.last().and_then(body) {
        Some(ManagementBody::Beacon(beacon)) => {
            beacon.elements.get::<Tim<'_>>().unwrap().unwrap().dtim_count == 0
        }
        _ => false,
    });
    air.run(ms(5));
    air.log.clear();
    for _ in 0..3 {
        air.packet(AP, MacAddr::BROADCAST, 0, 300);
    }
    air.run(ms(150));
    assert_eq!(data(&air).len(), 0);
    air.run(ms(60));
    let after: Vec<_> = air.log.iter().map(|sent| (sent.name(), more_data(sent))).collect();
    let expected =
        [("Beacon", false), ("Beacon", false), ("Data", true), ("Data", true), ("Data", false)];
    assert_eq!(after, expected);
    let Some(ManagementBody::Beacon(dtim)) = body(&air.log[1]) else { panic!() };
    assert!(dtim.elements.get::<Tim<'_>>().unwrap().unwrap().group_traffic());
    assert_eq!(air.received(STATION).len(), 4);
    turn(&mut air, false);
    air.packet(AP, MacAddr::BROADCAST, 0, 300);
    air.run(ms(3));
    assert_eq!(air.received(2).len(), 5);
}

#[test]
fn frames_that_nobody_fetches_are_given_up_in_time() {
    let mut air = asleep(dot11a);
    air.set_faults(|sent, to| match to == STATION && sent.name() == "Beacon" {
        true => Fate::Garbled,
        false => Fate::Arrives,
    });
    air.packets(AP, STATION, 3, 500);
    air.run(ms(700));
    assert!(is_quiet(&air));
    let dropped = Notice::Dropped { destination: address(STATION), why: DropReason::Lifetime };
    assert_eq!(air.notices(AP)[1..], vec![dropped; 3]);
    assert_eq!(tims(&air), [true, true, true, true, true, false, false][..tims(&air).len()]);
}

#[test]
fn a_poll_for_nothing_is_answered_by_a_null_frame() {
    let mut air = asleep(dot11a);
    let mut poll = vec![];
    let body = ControlBody::PsPoll { transmitter: address(STATION) };
    mac::Control::new(address(AP), mac::DurationId::from_aid(1), body).emit(&mut poll);
    air.inject(phy80211::OfdmRate::Mbps6.into(), &[poll]);
    air.run(ms(5));
    let names: Vec<_> = air.log.iter().map(Sent::name).collect();
    assert_eq!(names, ["PS-Poll", "Ack", "Null", "Ack"]);
}

/// Holds all packets back until it is drained.
#[derive(Default)]
struct Holder {
    held: VecDeque<(MacAddr, Msdu)>,
    drained: bool,
}

impl Rider for Holder {
    fn hold(&mut self, _now: Instant, peer: MacAddr, msdu: Msdu) -> Option<Msdu> {
        self.held.push_back((peer, msdu));
        None
    }

    fn release(&mut self, _now: Instant) -> Option<(MacAddr, Msdu)> {
        if self.drained { self.held.pop_front() } else { None }
    }

    fn set_deaf(&mut self, _now: Instant, _peer: MacAddr, deaf: bool) {
        self.drained = deaf;
    }
}

#[test]
fn what_wants_to_ride_is_sent_before_the_station_sleeps() {
    let mut air = network([dot11n(ap_role())]);
    let config = Config { address: address(STATION), ..dot11n(station_role()) };
    air.add_with_rider(config, Box::new(Holder::default()));
    let mut air = joined(air);
    let sent = air.packets(STATION, AP, 3, 60);
    air.run(ms(50));
    assert!(air.received(AP).is_empty());
    turn(&mut air, true);
    assert_eq!(air.received(AP), sent);
}

#[test]
fn who_is_away_fetches_nothing_and_gets_all_when_it_is_back() {
    for config in [dot11a, dot11n] {
        let mut air = bss(1, config);
        air.command(STATION, Command::Away(true));
        air.run_till("told", |air| air.notices(STATION).last() == Some(&told(true)));
        let sent = air.packets(AP, STATION, 4, 500);
        air.run(ms(300));
        assert!(tims(&air).contains(&true));
        assert_eq!(air.received(STATION), []);
        air.command(STATION, Command::Away(false));
        air.run_till("told", |air| air.notices(STATION).last() == Some(&told(false)));
        air.run(ms(50));
        assert_eq!(air.received(STATION), sent);
    }
}
