//! Networks of a client of several APs, which experiments are made of.

use sim::scenario::{
    BalanceName, ClientTable, KernelName, LinkTable, MptcpTable, NodeTable, Preset, PresetOptions,
    RateName, RoleName, Scenario, SlotPolicy, TcpTable, Time, UdpTable,
};
use toml::Spanned;

/// When flows begin: all APs have been joined.
const START: Time = Time(std::time::Duration::from_secs(2));

/// An AP.
#[derive(Debug, Clone)]
pub struct Ap {
    pub channel: u8,
    pub rate: RateName,
    pub position_m: [f64; 2],
    /// At the client; without, by its position.
    pub snr_db: Option<f64>,
    /// Packets in its queue.
    pub queue: usize,
}

/// What the client gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Traffic {
    /// Datagrams from each AP at this rate.
    Udp(f64),
    /// A TCP connection by each AP.
    Tcp,
    /// A TCP connection by one AP.
    One(usize),
    /// A multipath connection by all.
    Mptcp(KernelName),
}

/// A name or number of a scenario.
pub fn said<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

/// 802.11a APs `ap1`, `ap2`, ... behind which one server is, and a client of all of them.
pub fn scenario(aps: &[Ap], client: ClientTable, traffic: Traffic) -> Scenario {
    let options = PresetOptions::default();
    let base = Preset::Ibss11a.scenario(&options).expect("the preset has defaults");
    let [ap, station] = &base.nodes[..] else { unreachable!("an AP and its clients") };
    let name = |number: usize| format!("ap{}", number + 1);
    let mut nodes: Vec<NodeTable> = (0..aps.len())
        .map(|number| NodeTable {
            name: said(name(number)),
            role: RoleName::Ap,
            channel: aps[number].channel,
            rate: said(aps[number].rate),
            position_m: aps[number].position_m,
            queue: aps[number].queue,
            ..ap.clone()
        })
        .collect();
    nodes.push(NodeTable {
        name: said("client".to_owned()),
        role: RoleName::MultiStation,
        count: 1,
        within_m: None,
        rate: said(RateName::Minstrel),
        client: Some(said(client)),
        ..station.clone()
    });
    let wires = (0..aps.len()).map(|number| {
        let node = said(name(number));
        sim::scenario::WireTable { node, ..base.wires[0].clone() }
    });
    let with_snr = aps.iter().enumerate().filter_map(|(number, ap)| Some((number, ap.snr_db?)));
    let links = with_snr.map(|(number, snr_db)| LinkTable {
        snr_db: Some(snr_db),
        ..link(&name(number), "client")
    });
    let host = |number: usize| match number {
        0 => "client".to_owned(),
        _ => format!("client-{}", name(number)),
    };
    let server = || said("server".to_owned());
    let tcp = |number: usize| TcpTable {
        from: server(),
        to: said(host(number)),
        start: START,
        ..base.tcp[0].clone()
    };
    let udp = |number: usize, mbps: f64| UdpTable {
        from: server(),
        to: said(host(number)),
        start: START,
        stagger: Time::default(),
        stop: None,
        payload_bytes: said(1472),
        rate_mbps: Some(mbps),
        interval: None,
    };
    let all = 0..aps.len();
    let mptcp = |kernel| MptcpTable {
        from: server(),
        to: said("client".to_owned()),
        start: START,
        bytes: None,
        kernel,
        ecn: false,
    };
    Scenario {
        warm_up: Time::secs(5.0),
        duration: Time::secs(20.0),
        nodes,
        links: links.collect(),
        wires: wires.collect(),
        tcp: match traffic {
            Traffic::Tcp => all.clone().map(tcp).collect(),
            Traffic::One(number) => vec![tcp(number)],
            Traffic::Udp(_) | Traffic::Mptcp(_) => vec![],
        },
        udp: match traffic {
            Traffic::Udp(mbps) => all.map(|number| udp(number, mbps)).collect(),
            _ => vec![],
        },
        mptcp: match traffic {
            Traffic::Mptcp(kernel) => vec![mptcp(kernel)],
            _ => vec![],
        },
        ..base
    }
}

/// A link of which nothing is said yet.
pub fn link(a: &str, b: &str) -> LinkTable {
    LinkTable {
        between: said([said(a.to_owned()), said(b.to_owned())]),
        snr_db: None,
        loss_db: None,
        hidden: false,
        coherence: None,
    }
}

/// A client by a policy.
pub fn client(policy: SlotPolicy, alpha: f64) -> ClientTable {
    ClientTable { policy, alpha, ..ClientTable::default() }
}

/// A client that keeps all APs of its channel, however weak they are.
pub fn tenacious(balance: BalanceName) -> ClientTable {
    ClientTable { balance, join_dbm: -95.0, leave_dbm: -100.0, ..ClientTable::default() }
}
