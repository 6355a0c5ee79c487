//! Figure 3.6: 802.11n at 150 Mbit/s, 1 to 10 clients that download.

use anyhow::Result;
use phy80211::{GuardInterval, HtWidth};
use sim::analysis::{Assumptions, HtPhy, dot11n};
use sim::scenario::{Outcome, PolicyName, Preset, PresetOptions, Scenario};

use super::Experiment;
use super::figure::{Figure, Mark, Panel, Row, Series};
use super::lab::{Lab, goodput, mean_and_sd};
use super::presets::{self, hack, scenario, udp};

pub const EXPERIMENT: Experiment =
    Experiment { name: "fig3.6", title: "goodput with 802.11n, 150 Mbit/s, 1 to 10 clients", run };

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Udp,
    Tcp,
    /// Drivers that send one TCP ACK in twelve.
    Thinning,
    Hack(PolicyName),
    /// `adaptive`, for what such drivers send.
    HackThinning,
}

use Scheme::{Hack, HackThinning, Tcp, Thinning, Udp};

const OPPORTUNISTIC: Scheme = Hack(PolicyName::Opportunistic);
const MORE_DATA: Scheme = Hack(PolicyName::MoreData);
const ADAPTIVE: Scheme = Hack(PolicyName::Adaptive);

/// In the order in which they are drawn.
const SCHEMES: [(Scheme, &str); 7] = [
    (Udp, "UDP"),
    (Tcp, "TCP"),
    (Thinning, "TCP, ACKs thinned"),
    (OPPORTUNISTIC, "HACK, opportunistic"),
    (MORE_DATA, "HACK, More Data"),
    (ADAPTIVE, "HACK, adaptive"),
    (HackThinning, "HACK, adaptive, thinned"),
];
/// Those whose gain is told, and whose share of the room.
const RIVALS: std::ops::Range<usize> = 2..7;
const IN_THE_ROOM: std::ops::Range<usize> = 4..6;

/// Of so many ACKs a driver sends one, as Unisoc's does.
const THIN: u32 = 12;

/// The paper's queue, in packets for each client: three batches of 42.
const QUEUE: usize = 126;
/// Packets for a single flow whose window is then no limit.
const LONG_QUEUE: usize = 252;
/// Numbers of clients, and the fewer of `--quick`.
const CLIENTS: [usize; 8] = [1, 2, 3, 4, 5, 6, 8, 10];
const QUICK_CLIENTS: [usize; 4] = [1, 2, 5, 10];

impl Scheme {
    fn scenario(self, clients: usize, queue: usize) -> Scenario {
        let options = PresetOptions {
            clients: Some(clients),
            queue: Some(queue),
            ..PresetOptions::default()
        };
        let options = match self {
            Udp => udp(&options),
            Tcp => options,
            Thinning => PresetOptions { thin: Some(THIN), ..options },
            Hack(policy) => hack(&options, policy),
            HackThinning => {
                PresetOptions { thin: Some(THIN), ..hack(&options, PolicyName::Adaptive) }
            }
        };
        scenario(Preset::Bss11n, &options, None)
    }
}

/// Clients and a queue, with the outcomes of each scheme.
struct Setting {
    clients: usize,
    queue: usize,
    outcomes: Vec<Vec<Outcome>>,
}

impl Setting {
    fn of(&self, scheme: Scheme) -> &[Outcome] {
        let index = SCHEMES.iter().position(|(one, _)| *one == scheme).expect("it is one of them");
        &self.outcomes[index]
    }

    /// By how much more a scheme carries than stock TCP, seed by seed, in percent.
    fn gain(&self, scheme: Scheme) -> (f64, f64) {
        let pairs = self.of(scheme).iter().zip(self.of(Tcp));
        let gains = pairs.map(|(hack, tcp)| 100.0 * (hack.goodput_mbps / tcp.goodput_mbps - 1.0));
        mean_and_sd(&gains.collect::<Vec<f64>>())
    }

    fn name(&self) -> String {
        let clients = presets::clients(self.clients);
        match self.queue {
            QUEUE => clients,
            queue => format!("{clients}, queue {queue}"),
        }
    }
}

fn run(lab: &Lab) -> Result<Figure> {
    let seeds = lab.seeds(5, 2);
    let clients: &[usize] = if lab.quick { &QUICK_CLIENTS } else { &CLIENTS };
    let settings: Vec<(usize, usize)> =
        clients.iter().map(|&clients| (clients, QUEUE)).chain([(1, LONG_QUEUE)]).collect();
    let scenarios: Vec<Scenario> = settings
        .iter()
        .flat_map(|&(clients, queue)| SCHEMES.map(|(scheme, _)| scheme.scenario(clients, queue)))
        .collect();
    let mut outcomes = lab.simulate(EXPERIMENT.name, &scenarios, &seeds)?.into_iter();
    let settings: Vec<Setting> = settings
        .into_iter()
        .map(|(clients, queue)| {
            let outcomes = outcomes.by_ref().take(SCHEMES.len()).collect();
            Setting { clients, queue, outcomes }
        })
        .collect();
    Ok(Figure {
        panels: vec![panel(&settings)],
        rows: settings.iter().flat_map(rows).collect(),
        notes: notes(),
        seeds,
    })
}

fn panel(settings: &[Setting]) -> Panel {
    let series = SCHEMES.iter().map(|&(scheme, name)| {
        let means = settings.iter().map(|setting| goodput(setting.of(scheme)));
        Series::with_sd(name, Mark::Bars, means.enumerate().map(|(x, mean)| (x as f64, mean)))
    });
    Panel {
        x_label: format!(
            "clients, with a queue of {QUEUE} packets each where nothing else is said"
        ),
        y_label: "goodput, Mbit/s".into(),
        series: series.collect(),
        categories: settings
            .iter()
            .map(|setting| match setting.queue {
                QUEUE => setting.clients.to_string(),
                queue => format!("{} ({queue})", setting.clients),
            })
            .collect(),
    }
}

fn rows(setting: &Setting) -> Vec<Row> {
    let what = |of: &str| format!("{}: {of}", setting.name());
    let mut rows: Vec<Row> = SCHEMES
        .iter()
        .map(|&(scheme, name)| Row::mean(what(name), "Mbit/s", goodput(setting.of(scheme))))
        .collect();
    let paper = match (setting.clients, setting.queue) {
        (1, QUEUE) => Some(15.0),
        (10, QUEUE) => Some(22.0),
        _ => None,
    };
    for (scheme, name) in &SCHEMES[RIVALS] {
        let row = Row::mean(what(&format!("gain, {name}")), "%", setting.gain(*scheme));
        rows.push(row.paper_or_none(paper.filter(|_| *scheme == MORE_DATA)));
    }
    for (scheme, name) in &SCHEMES[IN_THE_ROOM] {
        let (tcp, hack) = (goodput(setting.of(Tcp)).0, goodput(setting.of(*scheme)).0);
        let share = 100.0 * (hack - tcp) / (ceiling_mbps() - tcp);
        rows.push(Row::exact(what(&format!("share of the room, {name}")), "%", share));
    }
    if let Some(stats) =
        setting.of(ADAPTIVE).iter().filter_map(Outcome::hack).reduce(|a, b| a.plus(&b))
    {
        let percent = |share: Option<f64>| 100.0 * share.unwrap_or(0.0);
        let fit = Row::exact(
            what("rides that fit AIFS, adaptive"),
            "%",
            percent(stats.fit_aifs_fraction()),
        );
        rows.push(if setting.clients == 10 { fit.paper(98.5) } else { fit });
        let bytes = stats.bytes_per_ack().unwrap_or(0.0);
        rows.push(
            Row::exact(what("an ACK that rides, adaptive"), "bytes", bytes).paper([3.0, 4.0]),
        );
    }
    rows
}

/// HACK's ceiling: no contention for ACKs, no collisions, no beacons, and rides of no bytes.
fn ceiling_mbps() -> f64 {
    let free = Assumptions { ride_bytes_per_ack: 0, ..Assumptions::default() };
    let rates = HtPhy::all(HtWidth::Mhz40, GuardInterval::Short);
    let phy = rates.iter().find(|phy| phy.mcs_index() == 7).expect("MCS 7 is one of them");
    dot11n(phy, &free).hack
}

fn notes() -> Vec<String> {
    vec![
        "An AP and clients within 10 m, 40 MHz, MCS 7, short guard interval, Block Acks at 24 \
         Mbit/s, A-MPDUs to 65535 bytes; a server behind 500 Mbit/s and 1 ms. New Reno, MSS 1460; \
         8 s from 4 s after the last start. All is as in ns-3 3.48, with which TCP and UDP agree \
         within 1 %."
            .into(),
        format!(
            "The room is from stock TCP up to HACK's ceiling of {:.1} Mbit/s: no contention for \
             ACKs, no collision, no beacon, rides that take no time.",
            ceiling_mbps()
        ),
        format!(
            "Thinned: the clients' drivers send one ACK in {THIN}, the last one after 5 ms. Each A-MPDU \
             still costs a contention for what remains of its ACKs; together with HACK there is less \
             to ride."
        ),
        "One flow with a queue of 126 is limited by its own window: at most 126 packets are queued \
         and some ten under way, three batches in all, of which one is on the air and one is being \
         acknowledged. More Data is set when a batch is formed and another is queued, which then is \
         not always so; adaptive promises more anyway and polls."
            .into(),
        "The paper's gain grows from 15 to 22 % with clients for its stock TCP fell with them. Here \
         (and in ns-3) stock TCP loses most with one client, whose A-MPDUs its window keeps short, \
         and the room is 14 % with more; 22 % would be above the ceiling. What adaptive leaves with ten clients are \
         A-MPDUs that the order of the shared queue keeps shorter than 42; nothing collides."
            .into(),
    ]
}
