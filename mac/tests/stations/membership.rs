//! Stations that join an AP, and leave it.

use std::time::Duration;

use mac::{ApConfig, Config, MacAddr, Notice, RateSelection, Role, Scan, StationConfig, TimeUnits};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};

use crate::air::Air;

pub fn address(last: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, 0, last])
}

pub fn ap_role() -> Role {
    Role::Ap(ApConfig {
        ssid: b"net".to_vec(),
        channel: 36,
        beacon_interval: TimeUnits(100),
        first_beacon: Duration::from_millis(1),
        dtim_period: 2,
        inactivity: Duration::from_secs(10),
    })
}

pub fn station_role() -> Role {
    Role::Station(StationConfig {
        ssid: b"net".to_vec(),
        bssid: None,
        scan: Scan::Passive { listen: Duration::from_millis(120) },
        beacon_loss: 8,
    })
}

pub const HT: Rate =
    Rate::Ht(HtRate { mcs: Mcs::ALL[7], width: HtWidth::Mhz40, gi: GuardInterval::Short });

pub fn dot11n(last: u8, role: Role) -> Config {
    Config::dot11n(address(last), role, Bandwidth::Mhz40, RateSelection::Fixed(HT))
}

pub fn dot11a(last: u8, role: Role) -> Config {
    Config::dot11a(address(last), role, RateSelection::Fixed(OfdmRate::Mbps54.into()))
}

/// Whether a station has been told that it is associated.
pub fn is_associated(air: &Air, node: usize) -> bool {
    let notices = air.notices(node);
    notices.iter().any(|notice| matches!(notice, Notice::Associated { .. }))
}

#[test]
fn a_station_joins_and_packets_go_both_ways() {
    for config in [dot11a, dot11n] {
        let mut air = Air::new(Bandwidth::Mhz40);
        if config(1, ap_role()).bandwidth == Bandwidth::Mhz20 {
            air = Air::new(Bandwidth::Mhz20);
        }
        let ap = air.add(config(1, ap_role()));
        let station = air.add(config(2, station_role()));
        air.run_till("associated", |air| is_associated(air, station) && is_associated(air, ap));
        let down = air.packets(ap, station, 200, 1500);
        let up = air.packets(station, ap, 200, 1500);
        air.run(Duration::from_millis(200));
        assert_eq!(air.received(station), down);
        assert_eq!(air.received(ap), up);
        let peer = air.address(ap);
        let aid = 1;
        assert!(air.notices(station).contains(&Notice::Associated { peer, aid }));
    }
}
