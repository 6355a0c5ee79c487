//! What of a PPDU comes through: stretch by stretch of constant interference, and MPDU by MPDU of
//! an A-MPDU.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use mac::{AmpduItem, AmpduSubframes, Instant, RxPpdu};
use phy80211::Rate;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::flight::{Flight, HEADER_RATE};
use super::power::{from_db, to_db};
use super::receiver::{Receiver, Signal};
use crate::ErrorTable;

/// A stretch of constant interference.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    from: Instant,
    to: Instant,
    sinr_db: f64,
}

/// What decides about bits.
#[derive(Debug)]
pub(super) struct Judge {
    table: ErrorTable,
    rng: ChaCha8Rng,
    /// Of the PPDU at hand; kept for its memory.
    chunks: Vec<Chunk>,
}

/// What of a header came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// Not even the PPDU's length.
    Lost,
    /// L-SIG, which tells the length of any PPDU, but not HT-SIG.
    LengthOnly,
    /// All of it.
    Whole,
}

/// Bytes of L-SIG and HT-SIG (17.3.4, 19.3.9.4.3).
const L_SIG_BYTES: f64 = 3.0;
const HT_SIG_BYTES: f64 = 6.0;

impl Judge {
    pub(super) fn new(table: ErrorTable, rng: ChaCha8Rng) -> Self {
        Self { table, rng, chunks: Vec::new() }
    }

    /// What is random in the air.
    pub(super) fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }

    /// Draws whether something happens that does so often.
    pub(super) fn happens(&mut self, share: f64) -> bool {
        self.rng.random_bool(share)
    }

    /// Draws what a receiver makes of the header of what it receives.
    pub(super) fn header(&mut self, ear: &Receiver, signal: Signal, flight: &Flight) -> Header {
        let mut comes_through = |(from, to): (Duration, Duration), bytes| {
            let (from, to) = (signal.start + from, signal.start + to);
            self.hear(ear, signal, from, to);
            let success = self.success(HEADER_RATE, from, to, bytes);
            self.draw(success)
        };
        if !comes_through(flight.timing.l_sig(), L_SIG_BYTES) {
            return Header::Lost;
        }
        let is_ht = matches!(flight.txvector.rate, Rate::Ht(_));
        if is_ht && !comes_through(flight.timing.ht_sig(), HT_SIG_BYTES) {
            return Header::LengthOnly;
        }
        Header::Whole
    }

    /// Draws which MPDUs come through; the others are damaged.
    pub(super) fn ppdu(&mut self, ear: &Receiver, signal: Signal, flight: &Flight) -> RxPpdu {
        let end = signal.start + flight.timing.end;
        self.hear(ear, signal, signal.start + flight.timing.data, end);
        RxPpdu {
            start: signal.start,
            end,
            rate: flight.txvector.rate,
            placement: flight.txvector.placement,
            aggregation: flight.txvector.aggregation,
            rssi_dbm: to_db(signal.power.within(signal.placement)) as f32,
            snr_db: self.mean_sinr_db() as f32,
            psdu: self.psdu(signal, flight),
        }
    }

    /// Collects the stretches of a time.
    fn hear(&mut self, ear: &Receiver, signal: Signal, from: Instant, to: Instant) {
        let mw = signal.power.within(signal.placement);
        let chunk = |(from, to, against)| Chunk { from, to, sinr_db: to_db(mw / against) };
        self.chunks.clear();
        self.chunks.extend(ear.against(signal, from, to).map(chunk));
    }

    /// How likely it is that bytes come through that are spread over a time.
    fn success(&self, rate: Rate, from: Instant, to: Instant, bytes: f64) -> f64 {
        let bytes_per_ns = bytes / to.since(from).as_nanos() as f64;
        let within = |chunk: &Chunk| {
            let ns = chunk.to.min(to).since(chunk.from.max(from)).as_nanos() as f64;
            (ns > 0.0).then_some((chunk.sinr_db, ns * bytes_per_ns))
        };
        let parts = self.chunks.iter().filter_map(within);
        parts.map(|(sinr_db, bytes)| self.table.success(rate, sinr_db, bytes)).product()
    }

    /// A random number is drawn only if there is something to decide.
    fn draw(&mut self, success: f64) -> bool {
        success >= 1.0 || success > 0.0 && self.rng.random_bool(success)
    }

    /// The ratio to the mean of noise and interference.
    fn mean_sinr_db(&self) -> f64 {
        if let [only] = self.chunks[..] {
            return only.sinr_db;
        }
        let ns = |chunk: &Chunk| chunk.to.since(chunk.from).as_nanos() as f64;
        let all: f64 = self.chunks.iter().map(ns).sum();
        let against = |chunk: &Chunk| ns(chunk) / from_db(chunk.sinr_db);
        to_db(all / self.chunks.iter().map(against).sum::<f64>())
    }

    /// The PSDU, damaged where it has to be; else shared.
    fn psdu(&mut self, signal: Signal, flight: &Flight) -> Bytes {
        let rate = flight.txvector.rate;
        let worst_db = self.chunks.iter().map(|chunk| chunk.sinr_db).fold(f64::INFINITY, f64::min);
        if self.table.success(rate, worst_db, flight.psdu.len() as f64) >= 1.0 {
            return flight.psdu.clone();
        }
        let mut damaged: Option<Vec<u8>> = None;
        let mut judge = |mpdu: Range<usize>| {
            let from = signal.start + flight.timing.byte(mpdu.start);
            let to = signal.start + flight.timing.byte(mpdu.end);
            let success = self.success(rate, from, to, mpdu.len() as f64);
            if !self.draw(success) {
                let psdu = damaged.get_or_insert_with(|| flight.psdu.to_vec());
                self.damage(&mut psdu[mpdu]);
            }
        };
        if flight.txvector.aggregation {
            for item in AmpduSubframes::new(&flight.psdu) {
                if let AmpduItem::Mpdu { offset, bytes } = item {
                    judge(offset..offset + bytes.len());
                }
            }
        } else {
            judge(0..flight.psdu.len());
        }
        damaged.map_or_else(|| flight.psdu.clone(), Bytes::from)
    }

    /// Flips bits of one byte, which a CRC-32 never overlooks.
    fn damage(&mut self, mpdu: &mut [u8]) {
        let at = self.rng.random_range(0..mpdu.len());
        mpdu[at] ^= self.rng.random_range(1..=u8::MAX);
    }
}
