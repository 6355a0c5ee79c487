use phy80211::{Bandwidth, OfdmRate};

use crate::{
    Beacon, Capabilities, EdcaParameterSet, EdcaRecords, Elements, ExtendedSupportedRates, MacAddr,
    ResponseDelay, Ssid, StationConfig, SupportedRate, SupportedRates, TimeUnits, WmmParameters,
};

/// A BSS that might be joined, as its beacons or probe responses describe it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) bssid: MacAddr,
    pub(super) ssid: Vec<u8>,
    pub(super) interval: TimeUnits,
    /// Rates that all its stations have.
    pub(super) basic_rates: Vec<OfdmRate>,
    /// How its stations contend.
    pub(super) edca: Option<EdcaRecords>,
    pub(super) rssi_dbm: f32,
    /// How late its AP responds, if it does.
    pub(super) response_delay: Option<ResponseDelay>,
}

impl Candidate {
    /// The BSS, if it is one that the configuration means.
    pub(super) fn new(
        bssid: MacAddr,
        beacon: &Beacon<'_>,
        rssi_dbm: f32,
        wanted: &StationConfig,
    ) -> Option<Self> {
        let ssid = beacon.elements.get::<Ssid<'_>>()?.ok()?.bytes();
        let named = wanted.ssid.is_empty() || wanted.ssid == ssid;
        let addressed = wanted.bssid.is_none_or(|wanted| wanted == bssid) && !bssid.is_group();
        if !named || !addressed || !beacon.capabilities.ess() {
            return None;
        }
        Some(Self {
            bssid,
            ssid: ssid.to_vec(),
            interval: TimeUnits(beacon.interval.0.max(1)),
            basic_rates: basic_rates(beacon.elements).filter_map(Result::ok).collect(),
            edca: edca(beacon.elements),
            rssi_dbm,
            response_delay: ResponseDelay::find(beacon.elements),
        })
    }

    /// Whether a station can join: the network is open, and it has all basic rates.
    pub(super) fn is_open_to(beacon: &Beacon<'_>, ours: &Capabilities) -> bool {
        let knows = |rate: Result<OfdmRate, SupportedRate>| match rate {
            Ok(rate) => ours.rates.contains(&rate),
            Err(SupportedRate::HT_REQUIRED) => ours.ht.is_some(),
            Err(_) => false,
        };
        !beacon.capabilities.privacy() && basic_rates(beacon.elements).all(knows)
    }
}

/// The basic rates that elements tell: those of clause 17, and others as they are.
fn basic_rates(elements: Elements<'_>) -> impl Iterator<Item = Result<OfdmRate, SupportedRate>> {
    let first = elements.get::<SupportedRates<'_>>().and_then(Result::ok);
    let more = elements.get::<ExtendedSupportedRates<'_>>().and_then(Result::ok);
    let first = first.into_iter().flat_map(|rates| rates.iter());
    let all = first.chain(more.into_iter().flat_map(|rates| rates.iter()));
    all.filter(|rate| rate.is_basic()).map(|rate| {
        let mbps = f64::from(rate.half_mbps()) / 2.0;
        OfdmRate::from_mbps(mbps, Bandwidth::Mhz20).ok_or(rate)
    })
}

/// The EDCA parameters that elements tell, of WMM or of the standard.
pub(super) fn edca(elements: Elements<'_>) -> Option<EdcaRecords> {
    let wmm = elements.get::<WmmParameters>().and_then(Result::ok).map(|wmm| wmm.records);
    let own = || elements.get::<EdcaParameterSet>().and_then(Result::ok).map(|set| set.records);
    wmm.or_else(own)
}
