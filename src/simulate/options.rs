//! What can be chosen in presets.

use anyhow::{Result, bail};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use phy80211::{Bandwidth, Mcs, OfdmRate};
use sim::scenario::{PolicyName, PresetOptions, Time, TrafficKind};

/// Options of presets.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Options of presets")]
pub struct PresetArgs {
    /// How many clients the AP has.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=200))]
    clients: Option<u8>,
    /// What is sent to them [default: tcp].
    #[arg(long)]
    traffic: Option<Traffic>,
    /// Queue of the AP in packets, for each client, all of which share it [default: 126].
    #[arg(long, value_name = "PACKETS", value_parser = clap::value_parser!(u32).range(1..))]
    queue: Option<u32>,
    /// Signal-to-noise ratio in dB; with two APs one for each, separated by commas.
    #[arg(long, value_name = "DB", value_delimiter = ',', allow_hyphen_values = true)]
    snr: Vec<f64>,
    /// MCS of 802.11n presets, 0 to 7 [default: 7].
    #[arg(long, value_parser = parse_mcs)]
    mcs: Option<Mcs>,
    /// Rate of 802.11a presets in Mbit/s; with two APs one for each, separated by commas.
    #[arg(long, value_name = "MBPS", value_delimiter = ',', value_parser = parse_rate)]
    rate: Vec<OfdmRate>,
    /// How often a frame is sent at most [default: 7].
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..))]
    attempts: Option<u8>,
    /// The second AP sends one datagram in this time, "100 ms", instead of as many as it can.
    #[arg(long, value_name = "TIME", value_parser = |text: &str| Time::try_from(text.to_owned()))]
    ap2_every: Option<Time>,
    /// Which TCP ACKs of the AP and its clients ride on responses, by HACK.
    #[arg(long, value_name = "POLICY", value_parser = parse_policy())]
    hack: Option<PolicyName>,
    /// Reverse direction: clients may respond to A-MPDUs of the AP with one of theirs.
    #[arg(long)]
    rdg: bool,
    /// Drivers of clients send one TCP ACK in so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    thin: Option<u32>,
    /// All responses are later than SIFS by this, "50 us", as those of a host that is slow.
    #[arg(long, value_name = "TIME", value_parser = |text: &str| Time::try_from(text.to_owned()))]
    late_acks: Option<Time>,
    /// All notice of this share of the PPDUs of others two slots late that the medium is busy.
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    late_sensing: Option<f64>,
}

/// What flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Traffic {
    /// Connections that send all they can.
    Tcp,
    /// More datagrams than the air can take.
    Udp,
}

impl PresetArgs {
    /// What was chosen.
    pub fn options(&self) -> PresetOptions {
        PresetOptions {
            clients: self.clients.map(usize::from),
            traffic: match self.traffic {
                None | Some(Traffic::Tcp) => TrafficKind::Tcp,
                Some(Traffic::Udp) => TrafficKind::Udp,
            },
            queue: self.queue.map(|queue| queue as usize),
            snr_db: self.snr.clone(),
            mcs: self.mcs,
            rates: self.rate.clone(),
            attempts: self.attempts,
            ap2_every: self.ap2_every,
            hack: self.hack,
            reverse_direction: self.rdg,
            thin: self.thin,
            late_acks: self.late_acks.unwrap_or_default(),
            late_sensing: self.late_sensing,
        }
    }

    /// Fails if something was chosen: files say it themselves.
    pub fn refuse(&self) -> Result<()> {
        let given = [
            ("--clients", self.clients.is_some()),
            ("--traffic", self.traffic.is_some()),
            ("--queue", self.queue.is_some()),
            ("--snr", !self.snr.is_empty()),
            ("--mcs", self.mcs.is_some()),
            ("--rate", !self.rate.is_empty()),
            ("--attempts", self.attempts.is_some()),
            ("--ap2-every", self.ap2_every.is_some()),
            ("--hack", self.hack.is_some()),
            ("--rdg", self.rdg),
            ("--thin", self.thin.is_some()),
            ("--late-acks", self.late_acks.is_some()),
            ("--late-sensing", self.late_sensing.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((option, _)) => bail!("{option} is for presets; a scenario file says it itself"),
            None => Ok(()),
        }
    }
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("'{text}' is no share; 0 to 1 are"))
}

fn parse_policy() -> impl TypedValueParser<Value = PolicyName> {
    let named = |name: String| PolicyName::ALL.into_iter().find(|policy| policy.name() == name);
    PossibleValuesParser::new(PolicyName::ALL.map(PolicyName::name))
        .map(move |name| named(name).expect("it is one of them"))
}

fn parse_mcs(text: &str) -> Result<Mcs, String> {
    let mcs = text.parse().ok().and_then(Mcs::new);
    mcs.ok_or_else(|| format!("'{text}' is no MCS of one stream; there are 0 to 7"))
}

fn parse_rate(text: &str) -> Result<OfdmRate, String> {
    let rate = text.parse().ok().and_then(|mbps| OfdmRate::from_mbps(mbps, Bandwidth::Mhz20));
    rate.ok_or_else(|| format!("'{text}' is not one of 6, 9, 12, 18, 24, 36, 48, 54"))
}
