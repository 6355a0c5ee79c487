//! How a station is, for people and programs: once a second, and at the end.

use std::time::Duration;

use hdrhistogram::Histogram;
use phy80211::Bandwidth;
use serde::Serialize;

use super::pipeline::{Counts, Snapshot};
use super::station::Occupancy;

/// Latencies are kept from a nanosecond to a second, to three digits.
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, 1_000_000_000, 3).expect("bounds that are in order"))
    }
}

impl Latencies {
    /// Another one.
    pub fn add(&mut self, latency: Duration) {
        self.0.saturating_record(latency.as_nanos() as u64);
    }

    /// Quantiles of all.
    pub fn quantiles(&self) -> Quantiles {
        let us = |quantile| self.0.value_at_quantile(quantile) as f64 / 1e3;
        Quantiles {
            responses: self.0.len(),
            p50_us: us(0.5),
            p99_us: us(0.99),
            p999_us: us(0.999),
            max_us: self.0.max() as f64 / 1e3,
        }
    }
}

/// How long it took from the last sample of a frame, delivered, to the first sample of the response,
/// handed over.
#[derive(Debug, Clone, Copy, Serialize, Default)]
pub struct Quantiles {
    pub responses: u64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub p999_us: f64,
    pub max_us: f64,
}

/// All that is told at once.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Seconds since the start.
    pub time_s: f64,
    /// "ap" or "sta".
    pub role: &'static str,
    pub ssid: String,
    pub address: String,
    /// Whom data is exchanged with.
    pub stations: Vec<StationLine>,
    /// Packets of the host that were sent, and for the host that came, in Mbit/s.
    pub down_mbps: f64,
    pub up_mbps: f64,
    /// Bytes of them since the start.
    pub down_bytes: u64,
    pub up_bytes: u64,
    /// Packets in the MAC's queues.
    pub queued: usize,
    pub mac: MacCounts,
    pub hack: Option<hack::Stats>,
    /// Shares of the time since the line before.
    pub airtime: Airtime,
    pub heard: Option<HeardLine>,
    /// Since the start.
    pub latency: Quantiles,
    pub trouble: Trouble,
    pub lead_us: f64,
    pub response_delay_us: f64,
    pub ack_turnaround_us: f64,
    pub realtime: bool,
    /// Cores used since the line before.
    pub cpu: f64,
}

/// Another station.
#[derive(Debug, Clone, Serialize)]
pub struct StationLine {
    pub address: String,
    pub rssi_dbm: f32,
    pub rate: String,
    pub sleeps: bool,
    pub silent_s: f64,
}

/// What the MAC has counted since the start.
#[derive(Debug, Clone, Copy, Serialize, Default)]
pub struct MacCounts {
    pub data_ppdus: u64,
    pub data_ppdus_unanswered: u64,
    pub data_mpdus: u64,
    pub ampdus: u64,
    pub ampdu_mpdus: u64,
    pub acknowledged: u64,
    pub acknowledged_retries: u64,
    pub responses: u64,
    pub beacons: u64,
    pub delivered: u64,
    pub garbled: u64,
    pub dropped_queue_full: u64,
    pub dropped_retry_limit: u64,
    pub dropped_lifetime: u64,
    pub dropped_other: u64,
}

/// What the time was used for.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Airtime {
    pub sending: f64,
    pub busy: f64,
    pub idle: f64,
}

/// The last PPDU that was heard.
#[derive(Debug, Clone, Serialize)]
pub struct HeardLine {
    pub rate: Option<String>,
    pub snr_db: f32,
    pub evm_db: f32,
    pub cfo_hz: f32,
    #[serde(skip)]
    pub constellation: Vec<phy80211::Complex32>,
}

/// What went wrong since the start. All of it is nought while the host keeps up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
pub struct Trouble {
    pub overflows: u64,
    pub lost_samples: u64,
    pub dropped_samples: u64,
    pub late_bursts: u64,
    pub missed_responses: u64,
    pub dropped_bursts: u64,
    pub dropped_down: u64,
    pub dropped_up: u64,
}

impl Trouble {
    /// What was counted so far.
    pub fn of(counts: &Counts) -> Self {
        Self {
            overflows: counts.overflows.get(),
            lost_samples: counts.lost_samples.get(),
            dropped_samples: counts.dropped_samples.get(),
            late_bursts: counts.late_bursts.get(),
            missed_responses: counts.missed_responses.get(),
            dropped_bursts: counts.dropped_bursts.get(),
            dropped_down: counts.dropped_down.get(),
            dropped_up: counts.dropped_up.get(),
        }
    }
}

impl Airtime {
    /// The shares of what passed between two looks.
    pub fn between(before: Occupancy, now: Occupancy) -> Self {
        let all = (now.samples - before.samples).max(1) as f64;
        let sending = (now.sending - before.sending) as f64 / all;
        let busy = (now.busy - before.busy) as f64 / all;
        Self { sending, busy, idle: 1.0 - sending - busy }
    }
}

impl MacCounts {
    /// Those of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let counters = &snapshot.counters;
        Self {
            data_ppdus: counters.data_ppdus,
            data_ppdus_unanswered: counters.data_ppdus_unanswered,
            data_mpdus: counters.data_mpdus,
            ampdus: counters.ampdus,
            ampdu_mpdus: counters.ampdu_mpdus,
            acknowledged: counters.acknowledged,
            acknowledged_retries: counters.acknowledged_retries,
            responses: counters.responses,
            beacons: counters.beacons,
            delivered: counters.delivered,
            garbled: counters.garbled,
            dropped_queue_full: counters.dropped_queue_full,
            dropped_retry_limit: counters.dropped_retry_limit,
            dropped_lifetime: counters.dropped_lifetime,
            dropped_other: counters.dropped_other,
        }
    }
}

impl HeardLine {
    /// That of a snapshot.
    pub fn of(snapshot: &Snapshot, bandwidth: Bandwidth) -> Option<Self> {
        let heard = snapshot.heard.as_ref()?;
        Some(Self {
            rate: heard.rate.map(|rate| format!("{rate}, {:.1} Mbit/s", rate.mbps(bandwidth))),
            snr_db: heard.measured.snr_db,
            evm_db: heard.measured.evm_db,
            cfo_hz: heard.measured.cfo_hz,
            constellation: heard.detail.constellation.clone(),
        })
    }
}

impl StationLine {
    /// Those of a snapshot.
    pub fn all(snapshot: &Snapshot, bandwidth: Bandwidth) -> Vec<Self> {
        let line = |peer: &mac::PeerStatus| Self {
            address: peer.address.to_string(),
            rssi_dbm: peer.rssi_dbm,
            rate: format!("{}, {:.1} Mbit/s", peer.data_rate, peer.data_rate.mbps(bandwidth)),
            sleeps: peer.sleeps,
            silent_s: snapshot.now.since(peer.last_heard).as_secs_f64(),
        };
        snapshot.peers.iter().map(line).collect()
    }
}

/// A status for tests of those who show one.
#[cfg(test)]
pub fn example() -> Status {
    Status {
        time_s: 1.0,
        role: "ap",
        ssid: "lab".into(),
        address: "02:00:00:00:00:01".into(),
        stations: vec![StationLine {
            address: "02:00:00:00:00:02".into(),
            rssi_dbm: -60.0,
            rate: "54 Mbit/s".into(),
            sleeps: false,
            silent_s: 0.1,
        }],
        down_mbps: 12.5,
        up_mbps: 0.0,
        down_bytes: 1_562_500,
        up_bytes: 0,
        queued: 3,
        mac: MacCounts::default(),
        hack: Some(hack::Stats::default()),
        airtime: Airtime { sending: 0.5, busy: 0.1, idle: 0.4 },
        heard: Some(HeardLine {
            rate: Some("24 Mbit/s".into()),
            snr_db: 30.0,
            evm_db: -28.0,
            cfo_hz: 100.0,
            constellation: vec![phy80211::Complex32::ONE],
        }),
        latency: Quantiles::default(),
        trouble: Trouble::default(),
        lead_us: 500.0,
        response_delay_us: 487.0,
        ack_turnaround_us: 487.0,
        realtime: true,
        cpu: 0.5,
    }
}
