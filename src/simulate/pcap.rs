//! What nodes send and receive, a pcapng file for each of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use mac::radiotap::Radiotap;
use mac::{AmpduItem, AmpduSubframes, Instant, RxPpdu, TxPpdu, fcs};
use phy80211::{Bandwidth, GuardInterval, Placement, Rate};
use sim::network::Observer;
use sim::scenario::Scenario;

use crate::pcap::{InAmpdu, OnAir, PcapWriter};

/// The files of all nodes.
pub struct NodePcaps {
    nodes: Vec<NodePcap>,
    /// The first thing that went wrong.
    outcome: Result<()>,
}

struct NodePcap {
    writer: PcapWriter,
    bandwidth: Bandwidth,
    frequency_hz: f64,
    /// PPDUs by when they begin. What is sent is known before, what is received afterwards.
    waiting: BTreeMap<(Instant, u64), Vec<Packet>>,
    next: u64,
}

struct Packet {
    header: Radiotap,
    mpdu: Vec<u8>,
}

/// A PPDU, from either side.
struct Ppdu<'a> {
    start: Instant,
    rate: Rate,
    placement: Placement,
    aggregation: bool,
    psdu: &'a [u8],
    signal_dbm: Option<f32>,
    noise_dbm: Option<f32>,
}

/// PPDUs are known this long after their beginning.
const LONGEST: Duration = Duration::from_millis(20);

impl NodePcaps {
    /// Begins a file for each node in a folder, which is made if it is not there.
    pub fn create(folder: &Path, scenario: &Scenario) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let nodes = scenario.nodes_with_names().into_iter().map(|(name, node)| {
            let channel = node.channel();
            Ok(NodePcap {
                writer: PcapWriter::create(&folder.join(format!("{name}.pcapng")))?,
                bandwidth: channel.bandwidth,
                frequency_hz: f64::from(channel.centre_mhz) * 1e6,
                waiting: BTreeMap::new(),
                next: 0,
            })
        });
        Ok(Self { nodes: nodes.collect::<Result<_>>()?, outcome: Ok(()) })
    }

    fn add(&mut self, node: usize, ppdu: &Ppdu<'_>) {
        if self.outcome.is_ok() {
            self.outcome = self.nodes[node].add(ppdu);
        }
    }

    /// Completes the files.
    pub fn finish(self) -> Result<()> {
        self.outcome?;
        self.nodes.into_iter().try_for_each(NodePcap::finish)
    }
}

impl NodePcap {
    fn add(&mut self, ppdu: &Ppdu<'_>) -> Result<()> {
        let packets = self.packets(ppdu);
        self.waiting.insert((ppdu.start, self.next), packets);
        self.next += 1;
        self.write_before(ppdu.start - LONGEST)
    }

    fn packets(&mut self, ppdu: &Ppdu<'_>) -> Vec<Packet> {
        if !ppdu.aggregation {
            return vec![self.packet(ppdu, ppdu.psdu, None)];
        }
        let reference = self.writer.begin_ampdu();
        let mpdus = AmpduSubframes::new(ppdu.psdu).filter_map(|item| match item {
            AmpduItem::Mpdu { bytes, .. } => Some(bytes),
            AmpduItem::Gap { .. } => None,
        });
        let mut mpdus = mpdus.peekable();
        let mut packets = vec![];
        while let Some(mpdu) = mpdus.next() {
            let is_last = mpdus.peek().is_none();
            packets.push(self.packet(ppdu, mpdu, Some(InAmpdu { reference, is_last })));
        }
        packets
    }

    fn packet(&self, ppdu: &Ppdu<'_>, mpdu: &[u8], ampdu: Option<InAmpdu>) -> Packet {
        let on_air = OnAir {
            time_us: ppdu.start.as_nanos() / 1000,
            rate: Some(ppdu.rate),
            placement: match ppdu.placement {
                Placement::Whole => None,
                Placement::Lower => Some("lower"),
                Placement::Upper => Some("upper"),
            },
            short_gi: ppdu.rate.guard_interval() == GuardInterval::Short,
            fcs_ok: fcs::is_right(mpdu),
            ampdu,
            bandwidth: self.bandwidth,
            frequency_hz: Some(self.frequency_hz),
        };
        let dbm = |power: Option<f32>| power.map(|dbm| dbm.round().clamp(-128.0, 127.0) as i8);
        let header = Radiotap {
            signal_dbm: dbm(ppdu.signal_dbm),
            noise_dbm: dbm(ppdu.noise_dbm),
            ..on_air.radiotap()
        };
        Packet { header, mpdu: mpdu.to_vec() }
    }

    fn write_before(&mut self, then: Instant) -> Result<()> {
        while let Some(first) = self.waiting.first_entry()
            && first.key().0 < then
        {
            let at = Duration::from_nanos(first.key().0.as_nanos());
            for Packet { header, mpdu } in first.remove() {
                self.writer.packet(at, &header, &mpdu)?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.write_before(Instant::FAR_FUTURE)?;
        self.writer.finish()
    }
}

impl Observer for NodePcaps {
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, _end: Instant) {
        let (start, vector) = (ppdu.start, &ppdu.txvector);
        self.add(
            node,
            &Ppdu {
                start,
                rate: vector.rate,
                placement: vector.placement,
                aggregation: vector.aggregation,
                psdu: &ppdu.psdu,
                signal_dbm: None,
                noise_dbm: None,
            },
        );
    }

    fn receives(&mut self, node: usize, ppdu: &RxPpdu) {
        self.add(
            node,
            &Ppdu {
                start: ppdu.start,
                rate: ppdu.rate,
                placement: ppdu.placement,
                aggregation: ppdu.aggregation,
                psdu: &ppdu.psdu,
                signal_dbm: Some(ppdu.rssi_dbm),
                noise_dbm: Some(ppdu.rssi_dbm - ppdu.snr_db),
            },
        );
    }
}
