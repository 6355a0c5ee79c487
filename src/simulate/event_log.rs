//! What happens, as JSON lines. docs/sim.md documents the names.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mac::{
    AmpduItem, AmpduSubframes, DropReason, Frame, Instant, MacAddr, Notice, RxPpdu, TxPpdu, fcs,
};
use phy80211::{Bandwidth, Rate};
use serde::Serialize;
use sim::network::Observer;
use sim::scenario::Scenario;

/// A file with a line for each event.
pub struct EventLog {
    path: PathBuf,
    out: BufWriter<File>,
    /// Names and bandwidths of the nodes.
    nodes: Vec<(String, Bandwidth)>,
    /// The first thing that went wrong.
    outcome: Result<()>,
}

#[derive(Serialize)]
struct Line<'a> {
    node: &'a str,
    #[serde(flatten)]
    event: Event,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Sends(Ppdu),
    Receives {
        #[serde(flatten)]
        ppdu: Ppdu,
        /// MPDUs whose FCS is right.
        mpdus_good: usize,
        rssi_dbm: f32,
        snr_db: f32,
    },
    Found {
        time_s: f64,
        peer: String,
    },
    Associated {
        time_s: f64,
        peer: String,
    },
    Refused {
        time_s: f64,
        peer: String,
    },
    Left {
        time_s: f64,
        peer: String,
    },
    PowerManagement {
        time_s: f64,
        peer: String,
        sleeping: bool,
    },
    Dropped {
        time_s: f64,
        peer: String,
        why: &'static str,
    },
}

#[derive(Serialize)]
struct Ppdu {
    start_s: f64,
    end_s: f64,
    rate_mbps: f64,
    mcs: Option<u8>,
    bytes: usize,
    mpdus: usize,
    /// Of the first MPDU that can be read.
    frame: Option<&'static str>,
    transmitter: Option<String>,
    receiver: Option<String>,
}

impl Ppdu {
    /// With how many of its MPDUs are right.
    fn new(
        (start, end): (Instant, Instant),
        (rate, bandwidth): (Rate, Bandwidth),
        aggregation: bool,
        psdu: &[u8],
    ) -> (Self, usize) {
        let mpdus: Vec<&[u8]> = match aggregation {
            false => vec![psdu],
            true => AmpduSubframes::new(psdu)
                .filter_map(|item| match item {
                    AmpduItem::Mpdu { bytes, .. } => Some(bytes),
                    AmpduItem::Gap { .. } => None,
                })
                .collect(),
        };
        let good: Vec<&[u8]> = mpdus.iter().filter_map(|mpdu| fcs::strip(mpdu)).collect();
        let frame = good.iter().find_map(|mpdu| Frame::parse(mpdu).ok());
        let text = |address: MacAddr| address.to_string();
        let ppdu = Self {
            start_s: start.as_secs_f64(),
            end_s: end.as_secs_f64(),
            rate_mbps: rate.mbps(bandwidth),
            mcs: match rate {
                Rate::NonHt(_) => None,
                Rate::Ht(rate) => Some(rate.mcs.index()),
            },
            bytes: psdu.len(),
            mpdus: mpdus.len(),
            frame: frame.as_ref().map(|frame| frame.kind().name()),
            transmitter: frame.as_ref().and_then(Frame::transmitter).map(text),
            receiver: frame.as_ref().and_then(Frame::receiver).map(text),
        };
        (ppdu, good.len())
    }
}

impl EventLog {
    /// Begins a file.
    pub fn create(path: &Path, scenario: &Scenario) -> Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let nodes = scenario.nodes_with_names().into_iter();
        let nodes = nodes.map(|(name, node)| (name, node.channel().bandwidth)).collect();
        Ok(Self { path: path.to_owned(), out: BufWriter::new(file), nodes, outcome: Ok(()) })
    }

    fn write(&mut self, node: usize, event: Event) {
        if self.outcome.is_ok() {
            self.outcome = self.try_write(node, event);
        }
    }

    fn try_write(&mut self, node: usize, event: Event) -> Result<()> {
        let (node, _) = &self.nodes[node];
        serde_json::to_writer(&mut self.out, &Line { node, event })?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    /// Completes the file.
    pub fn finish(mut self) -> Result<()> {
        let written = self.outcome.and_then(|()| Ok(self.out.flush()?));
        written.with_context(|| self.path.display().to_string())
    }
}

impl Observer for EventLog {
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, end: Instant) {
        let (_, bandwidth) = self.nodes[node];
        let vector = &ppdu.txvector;
        let (sent, _) =
            Ppdu::new((ppdu.start, end), (vector.rate, bandwidth), vector.aggregation, &ppdu.psdu);
        self.write(node, Event::Sends(sent));
    }

    fn receives(&mut self, node: usize, ppdu: &RxPpdu) {
        let (_, bandwidth) = self.nodes[node];
        let times = (ppdu.start, ppdu.end);
        let (received, mpdus_good) =
            Ppdu::new(times, (ppdu.rate, bandwidth), ppdu.aggregation, &ppdu.psdu);
        let (rssi_dbm, snr_db) = (ppdu.rssi_dbm, ppdu.snr_db);
        self.write(node, Event::Receives { ppdu: received, mpdus_good, rssi_dbm, snr_db });
    }

    fn notices(&mut self, now: Instant, node: usize, notice: &Notice) {
        let time_s = now.as_secs_f64();
        let event = match *notice {
            Notice::Found { bssid, .. } => Event::Found { time_s, peer: bssid.to_string() },
            Notice::Associated { peer, .. } => Event::Associated { time_s, peer: peer.to_string() },
            Notice::Refused { peer, .. } => Event::Refused { time_s, peer: peer.to_string() },
            Notice::Left { peer, .. } => Event::Left { time_s, peer: peer.to_string() },
            Notice::PowerManagement { peer, sleeping } => {
                Event::PowerManagement { time_s, peer: peer.to_string(), sleeping }
            }
            Notice::Dropped { destination, why } => {
                let why = match why {
                    DropReason::QueueFull => "queue full",
                    DropReason::RetryLimit => "retry limit",
                    DropReason::Lifetime => "lifetime",
                    DropReason::NoRoute => "no route",
                    DropReason::TooLong => "too long",
                };
                Event::Dropped { time_s, peer: destination.to_string(), why }
            }
            _ => return,
        };
        self.write(node, event);
    }
}
