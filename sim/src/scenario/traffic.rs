//! Traffic as a scenario writes it, and the cables that it comes through.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::units::Time;
use crate::mptcp;
use crate::tcp::{AckCounting, Algorithm, Config, Transfer};
use crate::wire::WireConfig;

/// A host at the other end of a cable from a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireTable {
    /// Name of the host.
    pub host: Spanned<String>,
    /// The node.
    pub node: Spanned<String>,
    /// Rate in each direction.
    pub rate_mbps: Spanned<f64>,
    /// How long a packet travels.
    pub delay: Time,
    /// Packets that may wait.
    pub queue: usize,
}

/// From whom to whom, and when. Where one name is that of several hosts, each has a flow of its
/// own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpTable {
    /// The host that sends, and opens the connection.
    pub from: Spanned<String>,
    /// The host that receives.
    pub to: Spanned<String>,
    /// When the first flow begins.
    #[serde(default)]
    pub start: Time,
    /// How much later each further flow begins.
    #[serde(default)]
    pub stagger: Time,
    /// What is sent; without end if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Congestion control.
    #[serde(default = "new_reno")]
    pub algorithm: AlgorithmName,
    /// Whether an ACK that acknowledges several segments counts for as many.
    #[serde(default)]
    pub count_bytes: bool,
    /// Largest segment.
    #[serde(default = "mss")]
    pub mss: Spanned<u16>,
    /// Selective acknowledgments.
    #[serde(default = "yes")]
    pub sack: bool,
    /// Timestamps, which come out of the segments.
    #[serde(default)]
    pub timestamps: bool,
    /// Segments sent before the first ACK.
    #[serde(default = "initial_window")]
    pub initial_window: u32,
    /// Buffer of the receiver.
    #[serde(default = "receive_buffer")]
    pub receive_buffer_bytes: u32,
    /// The least retransmission timeout.
    #[serde(default = "min_rto")]
    pub min_rto: Time,
    /// Segments that an ACK waits for.
    #[serde(default = "ack_every")]
    pub ack_every: u32,
    /// How long it waits.
    #[serde(default = "ack_delay")]
    pub ack_delay: Time,
    /// One ACK for each burst of segments.
    #[serde(default)]
    pub receive_offload: bool,
}

/// A multipath connection: from a wired host to a client of several APs by all its paths, or from the
/// client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MptcpTable {
    /// The host that sends.
    pub from: Spanned<String>,
    /// The host that receives.
    pub to: Spanned<String>,
    /// When it begins.
    #[serde(default)]
    pub start: Time,
    /// What is sent; without end if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What both hosts are like.
    #[serde(default)]
    pub kernel: KernelName,
    /// Explicit congestion notification.
    #[serde(default)]
    pub ecn: bool,
}

/// What a multipath host is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KernelName {
    /// Linux today: CUBIC for each subflow, nothing overtakes.
    #[default]
    Today,
    /// The multipath kernel of 2014: coupled, opportunistic retransmission, penalties.
    #[serde(rename = "2014")]
    Of2014,
}

/// A flow of datagrams at a constant rate, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UdpTable {
    /// The host that sends.
    pub from: Spanned<String>,
    /// The host that receives.
    pub to: Spanned<String>,
    /// When the first flow begins.
    #[serde(default)]
    pub start: Time,
    /// How much later each further flow begins.
    #[serde(default)]
    pub stagger: Time,
    /// When the last datagram goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Time>,
    /// Bytes of a payload.
    #[serde(default = "payload_bytes")]
    pub payload_bytes: Spanned<usize>,
    /// Payload of each flow. Either this or the interval is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_mbps: Option<f64>,
    /// From datagram to datagram of a flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Time>,
}

/// How the congestion window grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlgorithmName {
    /// RFC 5681 and 6582.
    NewReno,
    /// RFC 9438.
    Cubic,
}

fn new_reno() -> AlgorithmName {
    AlgorithmName::NewReno
}

fn mss() -> Spanned<u16> {
    Spanned::new(0..0, 1460)
}

fn yes() -> bool {
    true
}

fn initial_window() -> u32 {
    Config::ns3().initial_window
}

fn receive_buffer() -> u32 {
    Config::ns3().receive_buffer
}

fn min_rto() -> Time {
    Time(Config::ns3().min_rto)
}

fn ack_every() -> u32 {
    Config::ns3().ack_every
}

fn ack_delay() -> Time {
    Time(Config::ns3().ack_delay)
}

fn payload_bytes() -> Spanned<usize> {
    Spanned::new(0..0, 1472)
}

impl WireTable {
    pub(super) fn wire(&self) -> WireConfig {
        WireConfig {
            bits_per_second: (self.rate_mbps.get_ref() * 1e6) as u64,
            delay: self.delay.0,
            queue_limit: self.queue,
        }
    }
}

impl MptcpTable {
    /// One of both ends.
    pub(super) fn config(&self, transfer: Transfer) -> mptcp::Config {
        let tcp = Config { timestamps: false, ecn: self.ecn, ..Config::default() };
        match self.kernel {
            KernelName::Today => mptcp::Config::linux(tcp, transfer),
            KernelName::Of2014 => mptcp::Config::coupled(tcp, transfer),
        }
    }

    pub(super) fn transfer(&self) -> Transfer {
        self.bytes.map_or(Transfer::Unlimited, Transfer::Bytes)
    }
}

impl UdpTable {
    /// From datagram to datagram; `None` unless it is said in just one way.
    pub(super) fn gap(&self) -> Option<Duration> {
        match (self.interval, self.rate_mbps) {
            (Some(Time(interval)), None) => Some(interval),
            (None, Some(mbps)) => {
                let bits = 8.0 * *self.payload_bytes.get_ref() as f64;
                Duration::try_from_secs_f64(bits / (mbps * 1e6)).ok()
            }
            _ => None,
        }
    }
}

impl TcpTable {
    /// Both ends: they differ in what they send, which the receiver does not.
    pub(super) fn config(&self, transfer: Transfer) -> Config {
        Config {
            mss: *self.mss.get_ref(),
            initial_window: self.initial_window,
            algorithm: match self.algorithm {
                AlgorithmName::NewReno => Algorithm::NewReno,
                AlgorithmName::Cubic => Algorithm::Cubic,
            },
            ack_counting: if self.count_bytes { AckCounting::PerByte } else { AckCounting::PerAck },
            sack: self.sack,
            timestamps: self.timestamps,
            receive_buffer: self.receive_buffer_bytes,
            min_rto: self.min_rto.0,
            ack_every: self.ack_every,
            ack_delay: self.ack_delay.0,
            receive_offload: self.receive_offload,
            transfer,
            ..Config::ns3()
        }
    }

    pub(super) fn transfer(&self) -> Transfer {
        self.bytes.map_or(Transfer::Unlimited, Transfer::Bytes)
    }
}
