//! Stations that join an AP and leave it: the rows of the tables in `docs/mac.md`.

use std::time::Duration;

use mac::{
    ApConfig, Authentication, AuthenticationAlgorithm, Beacon, CapabilityInformation, Command,
    Config, DataHeader, Element, Elements, HtCapabilities, ManagementBody, ManagementSubtype,
    Notice, ReasonCode, Role, Scan, Ssid, StationConfig, StatusCode, SupportedRate, TimeUnits,
    WmmParameters, emit_rates,
};
use phy80211::OfdmRate;

use crate::air::{Air, Fate, Sent};
use crate::network::{
    AP, STATION, address, ap_role, beacons, body, bss, dot11a, dot11n, is_association, joined,
    management, ms, network, station_role, us,
};

fn names_from(air: &Air, node: usize) -> Vec<&'static str> {
    let sent = air.log.iter().filter(|sent| sent.from == Some(node));
    sent.map(Sent::name).filter(|name| *name != "Ack").collect()
}

/// What the AP of that number would announce if it were there, at a power of its own.
fn fake_beacon(air: &mut Air, last: usize, name: &[u8], capabilities: CapabilityInformation) {
    let mut elements = vec![];
    Ssid::new(name).unwrap().emit(&mut elements);
    emit_rates(&[SupportedRate::new(12, true), SupportedRate::new(108, false)], &mut elements);
    let beacon = Beacon {
        timestamp_us: 0,
        interval: TimeUnits(100),
        capabilities,
        elements: Elements::default(),
    };
    let (from, subtype) = (address(last), ManagementSubtype::Beacon);
    let body = ManagementBody::Beacon(beacon);
    let mpdu = management(subtype, mac::MacAddr::BROADCAST, from, from, &body, &elements);
    air.inject(OfdmRate::Mbps6.into(), &[mpdu]);
    air.run(ms(1));
}

fn ess() -> CapabilityInformation {
    CapabilityInformation::default().with_ess(true)
}

fn station_alone(scan: Scan) -> Air {
    let Role::Station(config) = station_role() else { unreachable!() };
    let mut air = Air::new(phy80211::Bandwidth::Mhz20);
    let role = Role::Station(StationConfig { scan, ..config });
    air.add(Config { address: address(STATION), ..dot11a(role) });
    air
}

#[test]
fn a_station_joins_and_packets_go_both_ways() {
    for config in [dot11a, dot11n] {
        let mut air = bss(1, config);
        let down = air.packets(AP, STATION, 200, 1500);
        let up = air.packets(STATION, AP, 200, 1500);
        air.run(ms(200));
        assert_eq!(air.received(STATION), down);
        assert_eq!(air.received(AP), up);
        let associated = Notice::Associated { peer: address(AP), aid: 1 };
        assert!(air.notices(STATION).contains(&associated));
    }
}

#[test]
fn joining_is_beacon_authentication_and_association() {
    let mut air = network([dot11n(ap_role()), dot11n(station_role())]);
    air.run(ms(200));
    assert_eq!(names_from(&air, STATION), ["Auth", "Assoc Request"]);
    assert_eq!(names_from(&air, AP), ["Beacon", "Beacon", "Auth", "Assoc Response"]);
    let found = Notice::Found { bssid: address(AP), ssid: b"net".to_vec(), rssi_dbm: -50 };
    let associated = Notice::Associated { peer: address(AP), aid: 1 };
    assert_eq!(air.notices(STATION), [found, associated]);
    assert_eq!(air.notices(AP), [Notice::Associated { peer: address(STATION), aid: 1 }]);
}

#[test]
fn who_announces_late_responses_is_waited_for_by_those_who_join() {
    let late = |role, delay| Config { response_delay: us(delay), ..dot11n(role) };
    let mut air = network([late(ap_role(), 300), late(station_role(), 0)]);
    air.run(ms(200));
    assert_eq!(names_from(&air, STATION), ["Auth", "Assoc Request"]);
    assert_eq!(air.nodes[STATION].mac.config().ack_turnaround, us(300));
    assert_eq!(air.nodes[AP].mac.config().ack_turnaround, us(0));

    let mut air = network([late(ap_role(), 0), late(station_role(), 300)]);
    air.run(ms(500));
    // Until it has asked for association nobody knows that it is late.
    assert!(air.notices(AP).iter().any(is_association));
    assert_eq!(air.nodes[AP].mac.config().ack_turnaround, us(300));
    assert_eq!(air.nodes[AP].mac.peers().next().unwrap().address, address(STATION));
}

#[test]
fn beacons_are_sent_at_their_times_and_tell_what_the_bss_is() {
    let mut air = network([dot11n(ap_role())]);
    air.run(Duration::from_secs(1));
    let starts: Vec<_> = air.log.iter().map(|sent| sent.start.as_nanos() / 1000).collect();
    assert_eq!(starts, (0..10).map(|n| 1000 + 102_400 * n).collect::<Vec<_>>());
    for (sent, beacon) in air.log.iter().zip(beacons(&air)) {
        // The timestamp's first bit comes after 24 bytes of header.
        let at_the_timestamp = (sent.start + us(20 + 36)).as_nanos() / 1000;
        assert!(beacon.timestamp_us.abs_diff(at_the_timestamp) <= 4);
        assert_eq!(beacon.elements.get(), Some(Ssid::new(b"net")));
        assert!(beacon.capabilities.ess() && beacon.interval == TimeUnits(100));
        assert!(beacon.elements.get::<HtCapabilities>().is_some());
        assert!(beacon.elements.get::<WmmParameters>().is_some());
        let tim = beacon.elements.get::<mac::Tim<'_>>().unwrap().unwrap();
        assert_eq!(tim.dtim_period, 2);
    }
    let counts = beacons(&air)
        .into_iter()
        .map(|beacon| beacon.elements.get::<mac::Tim<'_>>().unwrap().unwrap().dtim_count);
    assert!(counts.eq([0, 1].into_iter().cycle().take(10)));
}

#[test]
fn a_station_that_probes_is_answered() {
    let Role::Station(config) = station_role() else { unreachable!() };
    let scan = Scan::Active { listen: ms(20) };
    let role = Role::Station(StationConfig { scan, ..config });
    let Role::Ap(ap) = ap_role() else { unreachable!() };
    let late = Role::Ap(ApConfig { first_beacon: Duration::from_secs(5), ..ap });
    let mut air = network([dot11n(late), dot11n(role)]);
    air.run(ms(50));
    assert_eq!(names_from(&air, AP)[..2], ["Probe Response", "Auth"]);
    assert!(air.notices(STATION).iter().any(is_association));
}

#[test]
fn the_strongest_of_those_that_can_be_joined_is_chosen() {
    let mut air = station_alone(Scan::Passive { listen: ms(50) });
    air.rssi_dbm = -40.0;
    fake_beacon(&mut air, 3, b"other", ess());
    fake_beacon(&mut air, 4, b"net", ess().with_privacy(true));
    air.rssi_dbm = -70.0;
    fake_beacon(&mut air, 5, b"net", ess());
    air.rssi_dbm = -60.0;
    fake_beacon(&mut air, 6, b"net", ess());
    air.rssi_dbm = -80.0;
    fake_beacon(&mut air, 7, b"net", ess());
    air.run(ms(60));
    let asked = air.log.iter().find(|sent| sent.from.is_some()).unwrap();
    assert_eq!(asked.frame().receiver(), Some(address(6)));
    // Those of another name are not told of.
    assert_eq!(air.notices(0).len(), 4);
}

#[test]
fn whoever_hears_nothing_goes_on_listening() {
    let mut air = station_alone(Scan::Passive { listen: ms(50) });
    air.run(ms(500));
    assert!(air.log.is_empty());
    fake_beacon(&mut air, 5, b"net", ess());
    air.run(ms(60));
    assert_eq!(air.log[1].name(), "Auth");
}

#[test]
fn whoever_is_not_answered_asks_again_and_then_scans() {
    let mut air = station_alone(Scan::Passive { listen: ms(50) });
    fake_beacon(&mut air, 5, b"net", ess());
    air.run(ms(1000));
    let mut attempts = names_from(&air, 0);
    // Each of the three requests is retried seven times.
    assert_eq!(attempts.len(), 21);
    attempts.dedup();
    assert_eq!(attempts, ["Auth"]);
}

#[test]
fn an_association_request_is_repeated_too() {
    let mut air = network([dot11a(ap_role()), dot11a(station_role())]);
    let mut lost = 0;
    air.set_faults(move |sent, _| {
        if lost < 14 && sent.from.is_some() && sent.name() == "Assoc Request" {
            lost += 1;
            return Fate::Garbled;
        }
        Fate::Arrives
    });
    air.run(ms(600));
    assert_eq!(air.notices(AP).len(), 1);
}

#[test]
fn a_refusal_is_told_and_another_scan_follows() {
    let mut air = station_alone(Scan::Passive { listen: ms(50) });
    fake_beacon(&mut air, 5, b"net", ess());
    air.run_till("asked", |air| air.log.len() > 1);
    let status = StatusCode::NO_MORE_STATIONS;
    let answer = ManagementBody::Authentication(Authentication {
        algorithm: AuthenticationAlgorithm::OPEN,
        transaction: 2,
        status,
        elements: Elements::default(),
    });
    air.run(ms(1));
    let (to, from) = (address(STATION), address(5));
    let subtype = ManagementSubtype::Authentication;
    let mpdu = management(subtype, to, from, from, &answer, &[]);
    air.set_faults(|_, _| Fate::Arrives);
    // Whatever it sends, it hears the answer sooner or later.
    for _ in 0..20 {
        air.run(us(1234));
        air.inject(OfdmRate::Mbps6.into(), std::slice::from_ref(&mpdu));
    }
    air.run(ms(10));
    assert!(air.notices(0).contains(&Notice::Refused { peer: from, status }));
    let sent = air.log.len();
    air.run(ms(300));
    assert_eq!(air.log.len(), sent);
}

fn association_request(from: usize, rates: &[SupportedRate], name: &[u8]) -> Vec<u8> {
    let mut elements = vec![];
    Ssid::new(name).unwrap().emit(&mut elements);
    emit_rates(rates, &mut elements);
    let (subtype, ap) = (ManagementSubtype::AssociationRequest, address(AP));
    let request = ManagementBody::AssociationRequest(mac::AssociationRequest {
        capabilities: ess(),
        listen_interval: 1,
        elements: Elements::default(),
    });
    management(subtype, ap, address(from), ap, &request, &elements)
}

fn authentication_request(from: usize, algorithm: AuthenticationAlgorithm) -> Vec<u8> {
    let request = ManagementBody::Authentication(Authentication {
        algorithm,
        transaction: 1,
        status: StatusCode::SUCCESS,
        elements: Elements::default(),
    });
    let (subtype, ap) = (ManagementSubtype::Authentication, address(AP));
    management(subtype, ap, address(from), ap, &request, &[])
}

/// What an AP answers to a frame of a station that is not there, and so does not acknowledge.
fn answer_to(air: &mut Air, mpdu: Vec<u8>) -> Sent {
    air.log.clear();
    air.inject(OfdmRate::Mbps6.into(), &[mpdu]);
    air.run(ms(50));
    let mut sent = air.log.iter().filter(|s| s.from == Some(AP));
    sent.find(|s| !matches!(s.name(), "Ack" | "Beacon")).unwrap().clone()
}

fn mandatory_rates() -> Vec<SupportedRate> {
    [12, 24, 48].map(|rate| SupportedRate::new(rate, false)).to_vec()
}

#[test]
fn an_ap_refuses_what_it_cannot_grant() {
    let mut air = network([dot11a(ap_role())]);
    air.run(ms(5));
    let refused = answer_to(&mut air, authentication_request(9, AuthenticationAlgorithm::SAE));
    let Some(ManagementBody::Authentication(answer)) = body(&refused) else { panic!() };
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_ALGORITHM);

    let refused = answer_to(&mut air, association_request(9, &mandatory_rates(), b"net"));
    let Some(ManagementBody::Deauthentication(answer)) = body(&refused) else { panic!() };
    assert_eq!(answer.reason, ReasonCode::NOT_AUTHENTICATED);

    answer_to(&mut air, authentication_request(9, AuthenticationAlgorithm::OPEN));
    let mut status = |rates: &[SupportedRate], name: &[u8]| {
        let answer = answer_to(&mut air, association_request(9, rates, name));
        let Some(ManagementBody::AssociationResponse(answer)) = body(&answer) else { panic!() };
        (answer.status, answer.aid.aid())
    };
    let too_slow = &mandatory_rates()[..1];
    assert_eq!(status(too_slow, b"net"), (StatusCode::BASIC_RATES_MISMATCH, None));
    assert_eq!(status(&mandatory_rates(), b"nets"), (StatusCode::REFUSED, None));
    assert_eq!(status(&mandatory_rates(), b"net"), (StatusCode::SUCCESS, Some(1)));
    // It has not acknowledged that, and is not associated.
    assert_eq!(air.notices(AP), []);
}

#[test]
fn a_frame_that_only_members_may_send_is_answered_by_dismissal() {
    let mut air = network([dot11a(ap_role())]);
    air.run(ms(5));
    let data = || {
        let mut mpdu = vec![];
        DataHeader::to_ap(address(AP), address(9), address(AP)).emit(&mut mpdu);
        mpdu
    };
    let answer = answer_to(&mut air, data());
    let Some(ManagementBody::Deauthentication(leaving)) = body(&answer) else { panic!() };
    assert_eq!(leaving.reason, ReasonCode::NOT_AUTHENTICATED);
    answer_to(&mut air, authentication_request(9, AuthenticationAlgorithm::OPEN));
    let answer = answer_to(&mut air, data());
    let Some(ManagementBody::Disassociation(leaving)) = body(&answer) else { panic!() };
    assert_eq!(leaving.reason, ReasonCode::NOT_ASSOCIATED);
}

#[test]
fn a_request_that_is_repeated_for_want_of_an_ack_is_granted_once() {
    let mut air = network([dot11a(ap_role()), dot11a(station_role())]);
    let mut lost = 0;
    air.set_faults(move |sent, to| {
        let acks = sent.from == Some(AP) && to == STATION && sent.name() == "Ack";
        if acks && lost < 3 {
            lost += 1;
            return Fate::Garbled;
        }
        Fate::Arrives
    });
    air.run(ms(300));
    assert_eq!(names_from(&air, AP)[2..4], ["Auth", "Assoc Response"]);
    assert_eq!(air.notices(AP).len(), 1);
    assert_eq!(air.notices(STATION).len(), 2);
}

#[test]
fn an_ap_that_is_silent_is_lost_and_looked_for_again() {
    let mut air = bss(1, dot11a);
    air.set_faults(|sent, _| match sent.from == Some(AP) {
        true => Fate::Unheard,
        false => Fate::Arrives,
    });
    let before = air.now;
    air.run_till("lost", |air| air.notices(STATION).len() > 2);
    let left = Notice::Left { peer: address(AP), reason: ReasonCode::INACTIVITY };
    let (when, notice) = air.nodes[STATION].notices.last().unwrap().clone();
    assert_eq!(notice, left);
    let beacons_missed = when.since(before).as_micros() / 102_400;
    assert!((7..=8).contains(&beacons_missed), "{beacons_missed}");
    air.set_faults(|_, _| Fate::Arrives);
    air.run(ms(300));
    assert!(is_association(air.notices(STATION).last().unwrap()));
}

#[test]
fn a_few_missed_beacons_are_no_loss() {
    let mut air = bss(1, dot11a);
    let mut count = 0;
    air.set_faults(move |sent, _| {
        count += usize::from(sent.name() == "Beacon");
        if sent.name() == "Beacon" && count % 8 != 0 { Fate::Garbled } else { Fate::Arrives }
    });
    air.run(Duration::from_secs(5));
    assert_eq!(air.notices(STATION).len(), 2);
}

#[test]
fn a_station_leaves_and_stays_out() {
    let mut air = bss(1, dot11a);
    let reason = ReasonCode::LEAVING_NETWORK_DISASSOC;
    air.command(STATION, Command::Leave { peer: address(AP), reason });
    air.run(Duration::from_secs(2));
    assert_eq!(names_from(&air, STATION), ["Disassoc"]);
    for (node, peer) in [(AP, STATION), (STATION, AP)] {
        let left = Notice::Left { peer: address(peer), reason };
        assert_eq!(air.notices(node).last(), Some(&left));
    }
    let to = address(AP);
    air.packet(STATION, to, 0, 100);
    let dropped = Notice::Dropped { destination: to, why: mac::DropReason::NoRoute };
    assert_eq!(air.notices(STATION).last(), Some(&dropped));
}

#[test]
fn a_station_that_the_ap_expels_comes_again() {
    let mut air = bss(1, dot11a);
    let reason = ReasonCode::NO_MORE_STATIONS;
    air.command(AP, Command::Leave { peer: address(STATION), reason });
    air.run(ms(400));
    let notices = air.notices(STATION);
    let left = Notice::Left { peer: address(AP), reason };
    assert_eq!(notices[2], left);
    assert!(is_association(notices.last().unwrap()));
    assert_eq!(air.notices(AP).len(), 3);
}

#[test]
fn a_forged_dismissal_by_another_ap_means_nothing() {
    let mut air = bss(1, dot11a);
    let leaving = mac::Leaving { reason: ReasonCode::UNSPECIFIED, elements: Elements::default() };
    let (subtype, to) = (ManagementSubtype::Deauthentication, address(STATION));
    let body = ManagementBody::Deauthentication(leaving);
    let mpdu = management(subtype, to, address(8), address(8), &body, &[]);
    air.inject(OfdmRate::Mbps6.into(), &[mpdu]);
    air.run(ms(100));
    assert_eq!(air.notices(STATION).len(), 2);
}

fn forgetful_ap() -> Air {
    let Role::Ap(config) = ap_role() else { unreachable!() };
    let role = Role::Ap(ApConfig { inactivity: ms(500), ..config });
    joined(network([dot11a(role), dot11a(station_role())]))
}

#[test]
fn a_silent_station_is_asked_and_stays_if_it_answers() {
    let mut air = forgetful_ap();
    air.run(Duration::from_secs(3));
    let asked = names_from(&air, AP).iter().filter(|name| **name == "Null").count();
    assert!((4..=6).contains(&asked), "{asked}");
    assert_eq!(air.notices(AP).len(), 1);
}

#[test]
fn a_station_that_does_not_answer_is_disassociated() {
    let mut air = forgetful_ap();
    air.set_faults(|sent, _| match sent.from == Some(STATION) {
        true => Fate::Unheard,
        false => Fate::Arrives,
    });
    air.run(Duration::from_secs(1));
    let left = Notice::Left { peer: address(STATION), reason: ReasonCode::INACTIVITY };
    assert_eq!(air.notices(AP)[1], left);
}

#[test]
fn a_station_heeds_the_edca_parameters_of_its_ap() {
    let mut config = dot11n(ap_role());
    let mut edca = config.edca.unwrap();
    edca.0[0] = mac::AcParameters::new(mac::AccessCategory::BestEffort, 9, 2, 5, 0);
    config.edca = Some(edca);
    let air = joined(network([config, dot11n(station_role())]));
    assert_eq!(air.nodes[STATION].mac.config().edca, Some(edca));
}

#[test]
fn a_station_that_sleeps_learns_by_the_tim_that_it_is_asked() {
    let mut air = forgetful_ap();
    air.command(STATION, Command::PowerSave(true));
    air.run(Duration::from_secs(3));
    assert_eq!(air.notices(AP).len(), 1);
    assert!(names_from(&air, STATION).iter().filter(|name| **name == "PS-Poll").count() > 3);
}
