//! The stations that tests are about.

use std::time::Duration;

use mac::{
    AccessCategory, ApConfig, Beacon, Config, Frame, IbssConfig, MacAddr, ManagementBody,
    ManagementHeader, ManagementSubtype, Notice, RateSelection, Role, Scan, StationConfig,
    TimeUnits,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};

use crate::air::{Air, Sent};

pub const SIFS: Duration = us(16);
pub const SLOT: Duration = us(9);
pub const DIFS: Duration = us(34);

/// The fastest rate of 40 MHz.
pub const MCS7: Rate = ht(7);

pub const fn ht(mcs: usize) -> Rate {
    Rate::Ht(HtRate { mcs: Mcs::ALL[mcs], width: HtWidth::Mhz40, gi: GuardInterval::Short })
}

pub const fn us(us: u64) -> Duration {
    Duration::from_micros(us)
}

pub const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub fn address(last: usize) -> MacAddr {
    MacAddr([2, 0, 0, 0, 0, last as u8])
}

/// The AP and its first station.
pub const AP: usize = 0;
pub const STATION: usize = 1;

pub fn ap_role() -> Role {
    Role::Ap(ApConfig {
        ssid: b"net".to_vec(),
        channel: 36,
        beacon_interval: TimeUnits(100),
        first_beacon: ms(1),
        dtim_period: 2,
        inactivity: Duration::from_secs(10),
    })
}

pub fn station_role() -> Role {
    Role::Station(StationConfig {
        ssid: b"net".to_vec(),
        bssid: None,
        scan: Scan::Passive { listen: ms(120) },
        beacon_loss: 8,
    })
}

pub fn ibss_role() -> Role {
    let (ssid, bssid) = (b"we".to_vec(), address(0x99));
    Role::Ibss(IbssConfig { ssid, bssid, channel: 36, beacon_interval: None })
}

pub fn dot11a(role: Role) -> Config {
    Config::dot11a(address(0), role, RateSelection::Fixed(OfdmRate::Mbps54.into()))
}

pub fn dot11n(role: Role) -> Config {
    Config::dot11n(address(0), role, Bandwidth::Mhz40, RateSelection::Fixed(MCS7))
}

/// Stations that are all configured alike.
pub fn network(configs: impl IntoIterator<Item = Config>) -> Air {
    let configs: Vec<Config> = configs.into_iter().collect();
    let mut air = Air::new(configs[0].bandwidth);
    for (index, config) in configs.into_iter().enumerate() {
        air.add(Config { address: address(index), ..config });
    }
    air
}

/// Stations of an IBSS without beacons, at a time when the medium has been idle for long.
pub fn ibss(stations: usize, config: fn(Role) -> Config) -> Air {
    ibss_of(stations, &config(ibss_role()))
}

pub fn ibss_of(stations: usize, config: &Config) -> Air {
    let mut air = network(vec![config.clone(); stations]);
    air.run(ms(1));
    air
}

/// An AP, and stations that are associated with it.
pub fn bss(stations: usize, config: fn(Role) -> Config) -> Air {
    let roles = std::iter::once(ap_role()).chain((0..stations).map(|_| station_role()));
    joined(network(roles.map(config)))
}

/// Lets all stations join.
pub fn joined(mut air: Air) -> Air {
    let stations = air.nodes.len() - 1;
    air.run_till("all are associated", |air| {
        let told = |node| air.notices(node).iter().filter(|n| is_association(n)).count();
        told(AP) == stations && (1..=stations).all(|station| told(station) == 1)
    });
    air.run(ms(1));
    air.log.clear();
    air
}

pub fn is_association(notice: &Notice) -> bool {
    matches!(notice, Notice::Associated { .. })
}

/// Nothing is queued anywhere.
pub fn is_quiet(air: &Air) -> bool {
    let queued = |node: &crate::air::Node| AccessCategory::ALL.map(|ac| node.mac.queued(ac));
    air.nodes.iter().all(|node| queued(node) == [0; 4])
}

/// A management frame of a station that is not there.
pub fn management(
    subtype: ManagementSubtype,
    to: MacAddr,
    from: MacAddr,
    bssid: MacAddr,
    body: &ManagementBody<'_>,
    elements: &[u8],
) -> Vec<u8> {
    let mut mpdu = vec![];
    ManagementHeader::new(subtype, to, from, bssid).emit(&mut mpdu);
    body.emit(&mut mpdu);
    mpdu.extend_from_slice(elements);
    mpdu
}

/// The body of the first frame of a PPDU, if it is a management frame.
pub fn body(sent: &Sent) -> Option<ManagementBody<'_>> {
    let Frame::Management(frame) = sent.frame() else { return None };
    frame.read_body().ok()
}

/// The beacons among what was sent.
pub fn beacons(air: &Air) -> Vec<Beacon<'_>> {
    let beacons = air.log.iter().filter_map(|sent| match body(sent) {
        Some(ManagementBody::Beacon(beacon)) => Some(beacon),
        _ => None,
    });
    beacons.collect()
}
