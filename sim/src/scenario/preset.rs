//! Scenarios that have a name: those that were measured with ns-3.

mod options;

use std::time::Duration;

use toml::Spanned;

use super::{
    AlgorithmName, AmpduTable, EdcaTable, HackTable, LateSensingTable, LinkTable, MediumTable,
    NodeTable, QueueFor, RateName, RoleName, SamplesTable, Scenario, Schedule, Standard, TableName,
    TcpTable, ThinTable, Time, UdpTable, WireTable,
};
pub use options::{PresetOptions, TrafficKind};

use crate::tcp::Config;
use crate::wire::WireConfig;
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate};

/// A scenario that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// An AP and its stations: 802.11n, 40 MHz, 150 Mbit/s.
    Bss11n,
    /// The same in 802.11a, 54 Mbit/s, as an IBSS.
    Ibss11a,
    /// 802.11n with a signal that may be weak: one download.
    Lossy11n,
    /// Two 802.11a senders that do not hear each other, and a client between them.
    HiddenAps,
    /// Two that do, at different rates.
    CsAps,
}

/// Packets of the AP's queue for each client.
const QUEUE: usize = 126;
/// Packets of a client's queue.
const CLIENT_QUEUE: usize = 2000;
/// The first flow begins when all have associated.
const FIRST_START: Time = Time(Duration::from_secs(1));
/// The others follow one by one.
const STAGGER_MS: u64 = 200;
/// aSlotTime of clause 17 at 20 MHz and of clause 19.
const SLOT: Duration = Duration::from_micros(9);
/// By how much datagrams are more than the rate.
const OVERLOAD: f64 = 1.05;

impl Preset {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Bss11n, Self::Ibss11a, Self::Lossy11n, Self::HiddenAps, Self::CsAps];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bss11n => "bss-11n",
            Self::Ibss11a => "ibss-11a",
            Self::Lossy11n => "lossy-11n",
            Self::HiddenAps => "hidden-aps",
            Self::CsAps => "cs-aps",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// The scenario.
    ///
    /// # Errors
    /// Says which option is not one of this preset, or makes no sense.
    pub fn scenario(self, options: &PresetOptions) -> Result<Scenario, String> {
        self.check(options)?;
        Ok(match self {
            Self::Bss11n => many_clients(Standard::Dot11n, options),
            Self::Ibss11a => many_clients(Standard::Dot11a, options),
            Self::Lossy11n => lossy(options),
            Self::HiddenAps => two_aps(true, &[OfdmRate::Mbps6], &[25.0], options),
            Self::CsAps => {
                two_aps(false, &[OfdmRate::Mbps54, OfdmRate::Mbps6], &[35.0, 14.0], options)
            }
        })
    }

    fn check(self, options: &PresetOptions) -> Result<(), String> {
        let many = matches!(self, Self::Bss11n | Self::Ibss11a);
        let two_aps = matches!(self, Self::HiddenAps | Self::CsAps);
        let ht = matches!(self, Self::Bss11n | Self::Lossy11n);
        let values = if two_aps { 2 } else { 1 };
        let refusals = [
            (!many && options.clients.is_some(), "has one client"),
            (!ht && options.mcs.is_some(), "is 802.11a: take --rate, not --mcs"),
            (ht && !options.rates.is_empty(), "is 802.11n: take --mcs, not --rate"),
            (two_aps && options.hack.is_some(), "is without HACK"),
            (two_aps && options.thin.is_some(), "has no --thin"),
            (!ht && options.reverse_direction, "has no A-MPDUs for --rdg"),
            (two_aps && options.late_acks != Time::default(), "has no --late-acks"),
            (two_aps && options.late_sensing.is_some(), "has no --late-sensing"),
            (!two_aps && options.ap2_every.is_some(), "has no second AP for --ap2-every"),
            (options.snr_db.len() > values, "has not so many values of --snr"),
            (options.rates.len() > values, "has not so many values of --rate"),
        ];
        let refused = refusals.into_iter().find(|(refused, _)| *refused);
        refused.map_or(Ok(()), |(_, why)| Err(format!("{} {why}", self.name())))
    }
}

/// (a) and (b): an AP in the middle, clients around it.
fn many_clients(standard: Standard, options: &PresetOptions) -> Scenario {
    let clients = options.clients.unwrap_or(1);
    let ht = standard == Standard::Dot11n;
    let (ap_role, client_role) =
        if ht { (RoleName::Ap, RoleName::Station) } else { (RoleName::Ibss, RoleName::Ibss) };
    let (rate, mbps) = rate(standard, options.mcs, options.rates.first().copied());
    let hack = options.hack.map(|policy| Spanned::new(0..0, HackTable::new(policy)));
    let reverse = options.reverse_direction.then(|| Spanned::new(0..0, Time::millis(1)));
    let late_sensing = options
        .late_sensing
        .map(|share| Spanned::new(0..0, LateSensingTable { share, by: Time(2 * SLOT) }));
    let node = |name, role| NodeTable {
        hack: hack.clone(),
        ack_turnaround: options.late_acks,
        response_delay: options.late_acks,
        late_sensing: late_sensing.clone(),
        reverse_direction: reverse.clone(),
        ..node(name, role, standard, rate, options.attempts)
    };
    let queue = options.queue.unwrap_or(QUEUE).saturating_mul(clients);
    let ap = NodeTable { queue, ..node("ap", ap_role) };
    let thin = options.thin.map(|one_in| Spanned::new(0..0, ThinTable::new(one_in)));
    let within_m = Some(10.0).filter(|_| options.snr_db.is_empty());
    let all_clients = NodeTable {
        count: clients,
        within_m,
        thin,
        queue: CLIENT_QUEUE,
        ..node("client", client_role)
    };
    let (tcp, udp) = match options.traffic {
        TrafficKind::Tcp => (vec![tcp("server", "client")], vec![]),
        TrafficKind::Udp => (vec![], vec![udp("server", "client", mbps / clients as f64)]),
    };
    let last_start =
        FIRST_START.0.as_secs_f64() + 0.001 * (STAGGER_MS as f64) * (clients as f64 - 1.0);
    let (settling, duration) = windows(options.traffic);
    // ns-3's threshold is for all of the channel, ours for 20 MHz.
    let energy_detection_dbm =
        MediumTable::default().energy_detection_dbm - if ht { 3.0 } else { 0.0 };
    Scenario {
        warm_up: Time::secs(last_start + settling),
        duration: Time::secs(duration),
        medium: MediumTable { energy_detection_dbm, ..MediumTable::default() },
        nodes: vec![ap, all_clients],
        links: options.snr_db.iter().map(|&snr_db| link("ap", "client", snr_db)).collect(),
        wires: vec![wire("server", "ap")],
        tcp,
        udp,
        ..empty()
    }
}

/// (c): one download from its first byte to its last, with A-MPDUs of 4 ms at most.
fn lossy(options: &PresetOptions) -> Scenario {
    let (_, mbps) = rate(Standard::Dot11n, options.mcs, None);
    let max_bytes = Spanned::new(0..0, ((mbps * 1e6 * 4e-3 / 8.0) as usize).min(65_535));
    let snr_db = options.snr_db.first().copied().unwrap_or(25.0);
    let base =
        many_clients(Standard::Dot11n, &PresetOptions { snr_db: vec![snr_db], ..options.clone() });
    let ampdu = Some(AmpduTable { max_bytes, ..AmpduTable::default() });
    let nodes = base.nodes.into_iter().map(|node| NodeTable { ampdu: ampdu.clone(), ..node });
    let base = Scenario { nodes: nodes.collect(), ..base };
    let medium = MediumTable { preamble_detection: false, ..base.medium.clone() };
    match options.traffic {
        TrafficKind::Udp => Scenario { medium, ..base },
        TrafficKind::Tcp => Scenario {
            warm_up: FIRST_START,
            duration: Time::secs(30.0),
            until_done: true,
            medium,
            tcp: vec![TcpTable { bytes: Some(20_000_000), ..tcp("server", "client") }],
            ..base
        },
    }
}

/// (d): two senders and one client. What is said once is so for both.
fn two_aps(hidden: bool, rates: &[OfdmRate], snrs_db: &[f64], options: &PresetOptions) -> Scenario {
    let rates = if options.rates.is_empty() { rates } else { &options.rates };
    let snrs_db = if options.snr_db.is_empty() { snrs_db } else { &options.snr_db };
    let (mut nodes, mut links, mut wires) = (vec![], vec![], vec![]);
    let (mut tcp_flows, mut udp_flows) = (vec![], vec![]);
    for ((ap, server), number) in [("ap1", "server1"), ("ap2", "server2")].into_iter().zip(0..) {
        let one = rates.get(number).or(rates.last()).copied();
        let (name, mbps) = rate(Standard::Dot11a, None, one);
        let base = node(ap, RoleName::Ibss, Standard::Dot11a, name, options.attempts);
        nodes.push(NodeTable { queue: options.queue.unwrap_or(QUEUE), ..base });
        wires.push(wire(server, ap));
        let snr_db = snrs_db.get(number).or(snrs_db.last()).copied();
        links.extend(snr_db.map(|snr_db| link(ap, "client", snr_db)));
        let start = Time::millis(FIRST_START.0.as_millis() as u64 + STAGGER_MS * number as u64);
        match (options.traffic, options.ap2_every.filter(|_| number == 1)) {
            (TrafficKind::Tcp, None) => tcp_flows.push(TcpTable { start, ..tcp(server, "client") }),
            (TrafficKind::Udp, None) => {
                udp_flows.push(UdpTable { start, ..udp(server, "client", mbps) });
            }
            (_, every) => {
                let flow = udp(server, "client", mbps);
                udp_flows.push(UdpTable { start, rate_mbps: None, interval: every, ..flow });
            }
        }
    }
    let (between, _) = rate(Standard::Dot11a, None, rates.first().copied());
    let client = node("client", RoleName::Ibss, Standard::Dot11a, between, options.attempts);
    nodes.push(NodeTable { queue: CLIENT_QUEUE, ..client });
    // The ns-3 run does not tell how well the senders hear each other; docs/sim.md has what it does.
    let aps = link("ap1", "ap2", 29.0);
    links.push(if hidden { LinkTable { snr_db: None, hidden, ..aps } } else { aps });
    let (settling, _) = windows(options.traffic);
    let last_start = FIRST_START.0.as_secs_f64() + 0.001 * STAGGER_MS as f64;
    Scenario {
        warm_up: Time::secs(last_start + settling),
        // Packets are few.
        duration: Time::secs(if options.ap2_every.is_some() { 100.0 } else { 20.0 }),
        nodes,
        links,
        wires,
        tcp: tcp_flows,
        udp: udp_flows,
        ..empty()
    }
}

/// Seconds from the last start to measuring, and of measuring.
fn windows(traffic: TrafficKind) -> (f64, f64) {
    match traffic {
        TrafficKind::Tcp => (4.0, 8.0),
        TrafficKind::Udp => (1.0, 4.0),
    }
}

fn empty() -> Scenario {
    Scenario {
        seed: 1,
        warm_up: Time::default(),
        duration: Time::default(),
        until_done: false,
        error_table: TableName::Ideal,
        medium: MediumTable::default(),
        samples: SamplesTable::default(),
        nodes: vec![],
        links: vec![],
        wires: vec![],
        tcp: vec![],
        mptcp: vec![],
        udp: vec![],
    }
}

/// The rate of data, by default the fastest, and what it carries.
fn rate(standard: Standard, mcs: Option<Mcs>, ofdm: Option<OfdmRate>) -> (RateName, f64) {
    match standard {
        Standard::Dot11a => {
            let rate = ofdm.unwrap_or(OfdmRate::Mbps54);
            (RateName::NonHt(rate), rate.mbps(Bandwidth::Mhz20))
        }
        Standard::Dot11n => {
            let mcs = mcs.unwrap_or(Mcs::ALL[7]);
            let rate = HtRate { mcs, width: HtWidth::Mhz40, gi: GuardInterval::Short };
            (RateName::Ht(mcs), rate.mbps(Bandwidth::Mhz40))
        }
    }
}

fn text(text: &str) -> Spanned<String> {
    Spanned::new(0..0, text.to_owned())
}

fn node(
    name: &str,
    role: RoleName,
    standard: Standard,
    rate: RateName,
    attempts: Option<u8>,
) -> NodeTable {
    let ht = standard == Standard::Dot11n;
    let edca = EdcaTable { aifsn: 3, cw_min: 15, cw_max: 1023, txop_limit: Time::default() };
    NodeTable {
        name: text(name),
        count: 1,
        role,
        standard,
        ssid: "ackride".to_owned(),
        position_m: [0.0, 0.0],
        walk_m: vec![],
        speed_m_s: 1.5,
        walk_from: Time::default(),
        within_m: None,
        tx_power_dbm: 16.0206,
        noise_figure_db: 7.0,
        channel: 36,
        bandwidth_mhz: Spanned::new(0..0, if ht { 40 } else { 20 }),
        rate: Spanned::new(0..0, rate),
        short_gi: ht,
        attempts: attempts.unwrap_or(7),
        rts_threshold_bytes: None,
        queue: QUEUE,
        queue_for: QueueFor::All,
        schedule: Schedule::Fifo,
        lifetime: None,
        ampdu: None,
        edca: ht.then(|| Spanned::new(0..0, edca)),
        ack_turnaround: Time::default(),
        response_delay: Time::default(),
        client: None,
        late_sensing: None,
        hack: None,
        reverse_direction: None,
        thin: None,
    }
}

fn link(a: &str, b: &str, snr_db: f64) -> LinkTable {
    let between = Spanned::new(0..0, [text(a), text(b)]);
    LinkTable { between, snr_db: Some(snr_db), loss_db: None, hidden: false, coherence: None }
}

fn wire(host: &str, node: &str) -> WireTable {
    let WireConfig { bits_per_second, delay, queue_limit } = WireConfig::ns3();
    WireTable {
        host: text(host),
        node: text(node),
        rate_mbps: Spanned::new(0..0, bits_per_second as f64 / 1e6),
        delay: Time(delay),
        queue: queue_limit,
    }
}

fn tcp(from: &str, to: &str) -> TcpTable {
    let config = Config::ns3();
    TcpTable {
        from: text(from),
        to: text(to),
        start: FIRST_START,
        stagger: Time::millis(STAGGER_MS),
        bytes: None,
        algorithm: AlgorithmName::NewReno,
        count_bytes: false,
        mss: Spanned::new(0..0, config.mss),
        sack: config.sack,
        timestamps: config.timestamps,
        initial_window: config.initial_window,
        receive_buffer_bytes: config.receive_buffer,
        min_rto: Time(config.min_rto),
        ack_every: config.ack_every,
        ack_delay: Time(config.ack_delay),
        receive_offload: config.receive_offload,
    }
}

fn udp(from: &str, to: &str, mbps: f64) -> UdpTable {
    UdpTable {
        from: text(from),
        to: text(to),
        start: FIRST_START,
        stagger: Time::millis(STAGGER_MS),
        stop: None,
        payload_bytes: Spanned::new(0..0, 1472),
        rate_mbps: Some(OVERLOAD * mbps),
        interval: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::PolicyName;

    #[test]
    fn presets_make_sense_and_are_the_same_as_files() {
        for preset in Preset::ALL {
            assert_eq!(Preset::named(preset.name()), Some(preset));
            let two_aps = matches!(preset, Preset::HiddenAps | Preset::CsAps);
            for traffic in [TrafficKind::Tcp, TrafficKind::Udp] {
                let hack = Some(PolicyName::Adaptive).filter(|_| !two_aps);
                let options = PresetOptions { traffic, hack, ..PresetOptions::default() };
                let scenario = preset.scenario(&options).unwrap();
                assert_eq!(scenario.check(), Ok(()), "{}", preset.name());
                let text = scenario.to_toml();
                assert_eq!(Scenario::parse(&text).as_ref(), Ok(&scenario), "{text}");
            }
        }
    }

    #[test]
    fn options_of_other_presets_are_refused() {
        let mcs = PresetOptions { mcs: Some(Mcs::ALL[3]), ..PresetOptions::default() };
        let refused = Preset::HiddenAps.scenario(&mcs).unwrap_err();
        assert_eq!(refused, "hidden-aps is 802.11a: take --rate, not --mcs");
        let snrs = PresetOptions { snr_db: vec![1.0, 2.0], ..PresetOptions::default() };
        assert!(Preset::Lossy11n.scenario(&snrs).is_err());
        assert!(Preset::CsAps.scenario(&snrs).is_ok());
    }
}
