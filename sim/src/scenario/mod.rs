//! Scenarios: networks, their traffic and what is measured, as TOML files write them.
//!
//! [`Scenario::parse`] reads and checks a file, [`Preset`] makes scenarios that have a name, and
//! [`Simulation`] lets one run with one seed. docs/sim.md has the format.

mod air;
mod build;
mod check;
mod client;
mod node;
mod outcome;
mod preset;
mod riding;
mod roster;
mod samples;
mod simulation;
mod traffic;
mod units;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use air::{LinkTable, MediumTable};
pub use build::{Built, NamedHost};
pub use check::ScenarioError;
pub use client::{BalanceName, ClientTable, SlotPolicy};
pub use node::{
    AmpduTable, EdcaTable, LateSensingTable, NodeTable, QueueFor, RoleName, Schedule, Standard,
};
pub use outcome::{FlowOutcome, NodeOutcome, Outcome, QueueSample};
pub use preset::{Preset, PresetOptions, TrafficKind};
pub use riding::{HackTable, PolicyName, ThinTable, hack_stats};
use roster::Roster;
pub use samples::SamplesTable;
pub use simulation::Simulation;
pub use traffic::{AlgorithmName, KernelName, MptcpTable, TcpTable, UdpTable, WireTable};
pub use units::{RateName, Time};

/// A network, its traffic, and what of it is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Seed of all that is random.
    #[serde(default = "first_seed")]
    pub seed: u64,
    /// When measuring begins.
    #[serde(default)]
    pub warm_up: Time,
    /// How long it lasts.
    pub duration: Time,
    /// It ends before that when all flows with an end have arrived.
    #[serde(default)]
    pub until_done: bool,
    /// From which errors of frames are drawn.
    #[serde(default)]
    pub error_table: TableName,
    /// The air.
    #[serde(default)]
    pub medium: MediumTable,
    /// What waveforms go through, where the air is one of samples.
    #[serde(default, skip_serializing_if = "is_default")]
    pub samples: SamplesTable,
    /// The nodes.
    #[serde(rename = "node")]
    pub nodes: Vec<NodeTable>,
    /// How well they hear each other.
    #[serde(rename = "link", default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkTable>,
    /// Hosts behind cables.
    #[serde(rename = "wire", default, skip_serializing_if = "Vec::is_empty")]
    pub wires: Vec<WireTable>,
    /// Multipath TCP connections.
    #[serde(rename = "mptcp", default, skip_serializing_if = "Vec::is_empty")]
    pub mptcp: Vec<MptcpTable>,
    /// TCP connections.
    #[serde(rename = "tcp", default, skip_serializing_if = "Vec::is_empty")]
    pub tcp: Vec<TcpTable>,
    /// Flows of datagrams.
    #[serde(rename = "udp", default, skip_serializing_if = "Vec::is_empty")]
    pub udp: Vec<UdpTable>,
}

/// A table of frame errors.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum TableName {
    /// That of a receiver that knows carrier, clock and channel perfectly, as in ns-3.
    #[default]
    Ideal,
    /// That of our own receiver.
    Measured,
    /// That in a file.
    File(PathBuf),
}

impl From<String> for TableName {
    fn from(text: String) -> Self {
        match text.as_str() {
            "ideal" => Self::Ideal,
            "measured" => Self::Measured,
            _ => Self::File(text.into()),
        }
    }
}

impl From<TableName> for String {
    fn from(table: TableName) -> Self {
        match table {
            TableName::Ideal => "ideal".to_owned(),
            TableName::Measured => "measured".to_owned(),
            TableName::File(path) => path.to_string_lossy().into_owned(),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn first_seed() -> u64 {
    1
}

impl Scenario {
    /// Reads a scenario and checks that it makes sense.
    ///
    /// # Errors
    /// Says what is wrong in which line.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            ScenarioError::new(message, error.span()).in_text(text)
        })?;
        scenario.check().map_err(|error| error.in_text(text))?;
        Ok(scenario)
    }

    /// All nodes with their names, by their numbers.
    pub fn nodes_with_names(&self) -> Vec<(String, &NodeTable)> {
        let roster = Roster::new(self);
        let nodes = Roster::nodes(self).enumerate();
        nodes.map(|(number, node)| (roster.name(number).to_owned(), node)).collect()
    }

    /// The scenario as a file: [`parse`](Self::parse) reads the same from it.
    ///
    /// # Panics
    /// Never: all that a scenario holds can be written as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("tables, arrays, texts and numbers")
    }
}
