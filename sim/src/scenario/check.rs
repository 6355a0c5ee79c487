//! What a scenario has to keep to in order to make sense.

use std::fmt;
use std::ops::Range;

use phy80211::Bandwidth;
use toml::Spanned;

use super::node::{NodeTable, RoleName, Standard};
use super::roster::{Path, Roster};
use super::{RateName, Scenario, Time};

/// What is wrong with a scenario, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioError {
    message: String,
    /// Bytes of the text.
    span: Option<Range<usize>>,
    line: Option<usize>,
}

impl ScenarioError {
    pub(super) fn new(message: impl Into<String>, span: Option<Range<usize>>) -> Self {
        Self { message: message.into(), span, line: None }
    }

    /// Finds the line in the text that the scenario was read from.
    pub(super) fn in_text(mut self, text: &str) -> Self {
        self.line = self.span.as_ref().map(|span| {
            let before = text.as_bytes().iter().take(span.start);
            before.filter(|&&byte| byte == b'\n').count() + 1
        });
        self
    }

    /// The line, from 1 on, if it is of one and was read from a text.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for ScenarioError {}

type Check = Result<(), ScenarioError>;

/// More nodes than addresses were made for.
const MAX_NODES: usize = 250;
/// The longest name of a network.
const MAX_SSID: usize = 32;
/// The 5 GHz band, to which the channels of 4.9 GHz count (Annex E).
const CHANNELS: Range<u8> = 1..197;
/// Decibels beyond which something else was meant.
const MAX_DB: f64 = 300.0;

/// Fails unless it holds.
fn ensure(holds: bool, span: Range<usize>, message: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(ScenarioError::new(message(), Some(span))) }
}

impl Scenario {
    /// Checks that it makes sense.
    ///
    /// # Errors
    /// Says what does not.
    pub fn check(&self) -> Check {
        let whole = |message: &str| Err(ScenarioError::new(message, None));
        if self.duration == Time::default() {
            return whole("duration is 0 s: there is nothing to measure");
        }
        if self.nodes.is_empty() {
            return whole("there are no nodes: add [[node]]");
        }
        if self.tcp.is_empty() && self.udp.is_empty() && self.mptcp.is_empty() {
            return whole("there is no traffic: add [[tcp]], [[mptcp]] or [[udp]]");
        }
        let bytes = self.tcp.iter().map(|flow| flow.bytes);
        let mut bytes = bytes.chain(self.mptcp.iter().map(|flow| flow.bytes));
        if self.until_done && bytes.all(|bytes| bytes.is_none()) {
            return whole("until_done is set, but no [[tcp]] has bytes to be done with");
        }
        let cca_time = &self.medium.cca_time;
        ensure(cca_time.get_ref().0.as_micros() <= 16, cca_time.span(), || {
            "cca_time is 16 us at most: preambles are found while they last".to_owned()
        })?;
        self.samples.check().map_err(|message| ScenarioError::new(message, None))?;
        self.nodes.iter().try_for_each(NodeTable::check)?;
        let roster = Roster::new(self);
        self.check_names(&roster)?;
        self.check_membership()?;
        self.check_clients()?;
        self.check_links(&roster)?;
        self.check_wires(&roster)?;
        self.check_traffic(&roster)
    }

    fn check_names(&self, roster: &Roster) -> Check {
        let nodes = self.nodes.iter().map(|node| &node.name);
        for name in nodes.chain(self.wires.iter().map(|wire| &wire.host)) {
            let text = name.get_ref();
            ensure(!text.is_empty(), name.span(), || "a name is empty".to_owned())?;
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            ensure(text.chars().all(plain), name.span(), || {
                format!("\"{text}\": names are of letters, digits, - and _")
            })?;
        }
        let all = Roster::nodes(self).count();
        let last = self.nodes.last().expect("there are some").name.span();
        ensure(all <= MAX_NODES, last, || format!("{all} nodes; {MAX_NODES} are the most"))?;
        // A host may have several cables, but is no node.
        for host in self.wires.iter().map(|wire| &wire.host) {
            let found = roster.find(host.get_ref());
            ensure(found.is_some_and(|found| found.start >= all), host.span(), || {
                format!("there is more than one \"{}\"", host.get_ref())
            })?;
        }
        let given = Roster::nodes(self).map(|node| &node.name);
        let hosts = self.wires.iter().enumerate().filter(|(index, wire)| {
            let before = &self.wires[..*index];
            before.iter().all(|other| other.host.get_ref() != wire.host.get_ref())
        });
        let given = given.chain(hosts.map(|(_, wire)| &wire.host));
        // The last one that has the name of another is the one to be told of.
        for (index, name) in given.enumerate().collect::<Vec<_>>().into_iter().rev() {
            for text in [roster.name(index), name.get_ref()] {
                ensure(roster.meanings(text) == 1, name.span(), || {
                    format!("there is more than one \"{text}\"")
                })?;
            }
        }
        Ok(())
    }

    fn check_membership(&self) -> Check {
        let is_ibss = |node: &&NodeTable| node.role == RoleName::Ibss;
        for node in self.nodes.iter().filter(is_ibss) {
            let Some(hack) = &node.hack else { continue };
            let mut others = self.nodes.iter().filter(is_ibss);
            let without = others.find(|other| other.shares(node) && other.hack.is_none());
            ensure(without.is_none(), hack.span(), || {
                let other = without.map_or("", |other| other.name.get_ref());
                format!(
                    "\"{other}\" has no hack, but without beacons the members of an IBSS take each \
                     other to be able to do what they can: give it one, of the policy \"native\" say"
                )
            })?;
        }
        for node in self.nodes.iter().filter(|node| node.role == RoleName::Station) {
            let has_ap =
                self.nodes.iter().any(|other| other.role == RoleName::Ap && other.shares(node));
            ensure(has_ap, node.name.span(), || {
                format!(
                    "\"{}\" is a station, but there is no AP with ssid \"{}\" on its channel",
                    node.name.get_ref(),
                    node.ssid
                )
            })?;
        }
        Ok(())
    }

    /// Clients of several APs have some.
    fn check_clients(&self) -> Check {
        for node in &self.nodes {
            let is_client = node.role == RoleName::MultiStation;
            let name = node.name.get_ref();
            if let Some(client) = &node.client {
                ensure(is_client, client.span(), || {
                    format!("\"{name}\" is no \"multi-station\", and has no client table")
                })?;
                let checked = client.get_ref().check();
                checked.map_err(|message| ScenarioError::new(message, Some(client.span())))?;
            }
            let has_ap = self.nodes.iter().any(|ap| node.is_client_of(ap));
            ensure(!is_client || has_ap, node.name.span(), || {
                format!("\"{name}\" wants APs with ssid \"{}\" and its bandwidth", node.ssid)
            })?;
        }
        Ok(())
    }

    fn check_links(&self, roster: &Roster) -> Check {
        let nodes = Roster::nodes(self).count();
        for link in &self.links {
            let [a, b] = link.between.get_ref();
            for name in [a, b] {
                let found = find(roster, name, "a link")?;
                ensure(found.end <= nodes, name.span(), || {
                    format!("\"{}\" has no radio", name.get_ref())
                })?;
            }
            let said = [link.snr_db.is_some(), link.loss_db.is_some(), link.hidden];
            let said = said.iter().filter(|&&said| said).count();
            let span = link.between.span();
            ensure(said == 1 || said == 0 && link.coherence.is_some(), span.clone(), || {
                "a link has one of snr_db, loss_db and hidden = true, or fades".to_owned()
            })?;
            let fades = link.coherence.is_none_or(|Time(coherence)| !coherence.is_zero());
            ensure(fades, span.clone(), || "coherence is longer than 0 s".to_owned())?;
            let db = link.snr_db.or(link.loss_db).unwrap_or_default();
            ensure(db.abs() <= MAX_DB, span, || format!("{db} dB"))?;
        }
        Ok(())
    }

    fn check_wires(&self, roster: &Roster) -> Check {
        for wire in &self.wires {
            let found = find(roster, &wire.node, "a wire")?;
            ensure(
                found.len() == 1 && found.start < Roster::nodes(self).count(),
                wire.node.span(),
                || format!("a wire leads to one node, not to \"{}\"", wire.node.get_ref()),
            )?;
            let mbps = *wire.rate_mbps.get_ref();
            ensure((0.001..=1e6).contains(&mbps), wire.rate_mbps.span(), || {
                format!("{mbps} Mbit/s is no rate of a wire; 0.001 to 1000000 are")
            })?;
        }
        Ok(())
    }

    fn check_traffic(&self, roster: &Roster) -> Check {
        let end = self.warm_up.0 + self.duration.0;
        let starts = self.tcp.iter().map(|flow| (&flow.from, flow.start));
        let starts = starts.chain(self.mptcp.iter().map(|flow| (&flow.from, flow.start)));
        for (from, Time(start)) in
            starts.chain(self.udp.iter().map(|flow| (&flow.from, flow.start)))
        {
            ensure(start < end, from.span(), || {
                format!("the traffic begins after {start:?}, when all is over ({end:?})")
            })?;
        }
        for flow in &self.tcp {
            self.check_ends(roster, &flow.from, &flow.to)?;
            let mss = *flow.mss.get_ref();
            ensure((100..=1460).contains(&mss), flow.mss.span(), || {
                format!("{mss} bytes; an mss of 100 to 1460 fits into what Wi-Fi carries")
            })?;
        }
        for flow in &self.mptcp {
            self.check_ends(roster, &flow.from, &flow.to)?;
            let is_client = |name: &Spanned<String>| {
                let index = roster.find(name.get_ref()).filter(|found| found.len() == 1);
                let nodes: Vec<&NodeTable> = Roster::nodes(self).collect();
                let node = index.and_then(|index| nodes.get(index.start).copied());
                node.is_some_and(|node| node.role == RoleName::MultiStation)
            };
            ensure(is_client(&flow.from) != is_client(&flow.to), flow.to.span(), || {
                "mptcp is between one \"multi-station\" and another host".to_owned()
            })?;
        }
        for flow in &self.udp {
            self.check_ends(roster, &flow.from, &flow.to)?;
            let payload = *flow.payload_bytes.get_ref();
            ensure((8..=2264).contains(&payload), flow.payload_bytes.span(), || {
                format!("a payload of {payload} bytes; 8 to 2264 are possible")
            })?;
            ensure(flow.gap().is_some_and(|gap| !gap.is_zero()), flow.from.span(), || {
                "datagrams need either rate_mbps or interval, above zero".to_owned()
            })?;
        }
        Ok(())
    }

    /// Whether packets get from one host to the other: by air, once.
    fn check_ends(&self, roster: &Roster, from: &Spanned<String>, to: &Spanned<String>) -> Check {
        let sources = find(roster, from, "traffic")?;
        let sinks = find(roster, to, "traffic")?;
        let nodes: Vec<&NodeTable> = Roster::nodes(self).collect();
        for (source, sink) in sources.flat_map(|a| sinks.clone().map(move |b| (a, b))) {
            let (a, b) = (self.node_of(roster, source), self.node_of(roster, sink));
            let (name_a, name_b) = (roster.name(source), roster.name(sink));
            ensure(a != b, to.span(), || {
                format!("from \"{name_a}\" to \"{name_b}\" nothing goes by air")
            })?;
            let ibss = [a, b].map(|node| nodes[node].role == RoleName::Ibss);
            let of_client = nodes[a].is_client_of(nodes[b]) || nodes[b].is_client_of(nodes[a]);
            let ap_to_ap = [a, b].iter().all(|&node| nodes[node].role == RoleName::Ap);
            let apart = !nodes[a].shares(nodes[b]) || ibss[0] != ibss[1] || ap_to_ap;
            ensure(of_client || !apart, to.span(), || {
                format!("\"{name_a}\" and \"{name_b}\" are not in the same network")
            })?;
        }
        Ok(())
    }

    /// The node that a host is at, or has its cable to.
    pub(super) fn node_of(&self, roster: &Roster, host: usize) -> usize {
        if host < Roster::nodes(self).count() {
            return host;
        }
        let name = roster.name(host);
        match self.wires.iter().find(|wire| wire.host.get_ref() == name) {
            Some(wire) => {
                let node = roster.find(wire.node.get_ref());
                node.expect("wires are checked before traffic").start
            }
            None => {
                let mut paths = Roster::further_paths(self).into_iter();
                let is_it = |path: &Path| roster.path_name(*path) == name;
                paths.find(is_it).expect("who is neither a node nor wired is a path").node
            }
        }
    }
}

fn find(
    roster: &Roster,
    name: &Spanned<String>,
    what: &str,
) -> Result<Range<usize>, ScenarioError> {
    roster.find(name.get_ref()).ok_or_else(|| {
        let (name, span, known) = (name.get_ref(), name.span(), roster.known());
        ScenarioError::new(
            format!("{what} of \"{name}\", which is not there; {known} are"),
            Some(span),
        )
    })
}

impl NodeTable {
    fn check(&self) -> Check {
        let name = self.name.get_ref();
        let here = |holds: bool, message: String| ensure(holds, self.name.span(), || message);
        here(self.count > 0, format!("count of \"{name}\" is 0"))?;
        here(self.attempts > 0, format!("\"{name}\" attempts nothing: attempts is 1 at least"))?;
        here(self.queue > 0, format!("\"{name}\" can queue nothing: queue is 1 at least"))?;
        here(self.ssid.len() <= MAX_SSID, format!("the ssid is longer than {MAX_SSID} bytes"))?;
        here(CHANNELS.contains(&self.channel), format!("there is no channel {}", self.channel))?;
        let powers = [self.tx_power_dbm, self.noise_figure_db];
        here(powers.iter().all(|db| db.abs() <= MAX_DB), format!("decibels of \"{name}\""))?;
        let finite = self.position_m.iter().chain(&self.within_m).all(|m| m.is_finite());
        let way = self.walk_m.iter().flatten().all(|m| m.is_finite());
        here(
            way && (0.001..=1000.0).contains(&self.speed_m_s),
            format!("\"{name}\" goes at 0.001 to 1000 m/s to places that there are"),
        )?;
        here(finite && self.within_m.is_none_or(|m| m >= 0.0), format!("place of \"{name}\""))?;
        self.check_bandwidth()?;
        self.check_rate()?;
        if let Some(edca) = &self.edca {
            let checked = edca.get_ref().check();
            checked.map_err(|message| ScenarioError::new(message, Some(edca.span())))?;
            ensure(self.standard == Standard::Dot11n, edca.span(), || {
                "802.11a has no edca".to_owned()
            })?;
        }
        if let Some(late) = &self.late_sensing {
            let checked = late.get_ref().check();
            checked.map_err(|message| ScenarioError::new(message, Some(late.span())))?;
        }
        if let Some(limit) = &self.reverse_direction {
            ensure(self.standard == Standard::Dot11n, limit.span(), || {
                "802.11a has no reverse_direction".to_owned()
            })?;
            ensure((1..=10_000).contains(&limit.get_ref().0.as_micros()), limit.span(), || {
                "reverse_direction is how long a response may be: 1 us to 10 ms".to_owned()
            })?;
        }
        if let Some(thin) = &self.thin {
            let checked = thin.get_ref().check();
            checked.map_err(|message| ScenarioError::new(message, Some(thin.span())))?;
        }
        if let Some(hack) = &self.hack {
            let checked = hack.get_ref().check();
            checked.map_err(|message| ScenarioError::new(message, Some(hack.span())))?;
        }
        let Some(ampdu) = &self.ampdu else { return Ok(()) };
        let (bytes, mpdus) = (&ampdu.max_bytes, &ampdu.max_mpdus);
        ensure((1..=65_535).contains(bytes.get_ref()), bytes.span(), || {
            format!("{} bytes; A-MPDUs have 65535 at most", bytes.get_ref())
        })?;
        ensure((1..=64).contains(mpdus.get_ref()), mpdus.span(), || {
            format!("{} MPDUs; A-MPDUs have 64 at most", mpdus.get_ref())
        })
    }

    fn check_bandwidth(&self) -> Check {
        let possible: &[Bandwidth] = match self.standard {
            Standard::Dot11a => &[Bandwidth::Mhz20, Bandwidth::Mhz10, Bandwidth::Mhz5],
            Standard::Dot11n => &[Bandwidth::Mhz40, Bandwidth::Mhz20],
        };
        let fits = self.bandwidth().is_some_and(|bandwidth| possible.contains(&bandwidth));
        ensure(fits, self.bandwidth_mhz.span(), || {
            let mhz: Vec<_> =
                possible.iter().map(|bandwidth| bandwidth.mhz().to_string()).collect();
            format!("{} MHz; there are {} here", self.bandwidth_mhz.get_ref(), mhz.join(", "))
        })
    }

    fn check_rate(&self) -> Check {
        let ht = matches!(self.rate.get_ref(), RateName::Ht(_));
        ensure(!ht || self.standard == Standard::Dot11n, self.rate.span(), || {
            "802.11a has no MCS".to_owned()
        })
    }

    /// Whether two nodes can be in one network.
    fn shares(&self, other: &Self) -> bool {
        self.ssid == other.ssid && self.channel() == other.channel()
    }
}

#[cfg(test)]
mod tests;
