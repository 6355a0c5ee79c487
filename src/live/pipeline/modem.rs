//! The thread in which PHY and MAC run.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use anyhow::Result;
use hack::Stats;
use mac::{AccessCategory, Command, Counters, MacAddr, Msdu, Notice, PeerStatus, ReasonCode};
use ringbuf::traits::{Consumer, Observer, Producer};
use ringbuf::{HeapCons, HeapProd};
use sim::ear::{EarConfig, Heard};
use sim::scenario::hack_stats;

use super::{Burst, SampleSource, Sender, Shared};
use crate::live::station::{Action, Occupancy, Station};

/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(10);
/// Of the clock of samples: how often the modem tells how it is.
const TELL_EACH: Duration = Duration::from_millis(100);
/// Points of a constellation that are shown.
const POINTS: usize = 600;

/// How a station is.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The MAC's time.
    pub now: mac::Instant,
    /// Its address.
    pub address: MacAddr,
    /// What it has done.
    pub counters: Counters,
    /// What became of TCP ACKs; none without HACK.
    pub hack: Option<Stats>,
    /// Who it exchanges data with.
    pub peers: Vec<PeerStatus>,
    /// Packets in its queues.
    pub queued: usize,
    /// What the time was used for.
    pub occupancy: Occupancy,
    /// The last PPDU that was heard.
    pub heard: Option<Heard>,
    /// How late it takes responses to be.
    pub ack_turnaround: Duration,
}

/// What the modem tells whoever shows it.
pub enum Told {
    /// How the station is.
    Snapshot(Box<Snapshot>),
    /// Something has happened.
    Notice(Notice),
}

/// PHY and MAC between rings.
pub struct Modem {
    pub source: SampleSource,
    pub down: HeapCons<Msdu>,
    pub outlet: Outlet,
    pub ear: EarConfig,
    /// Samples by which the MAC is ahead.
    pub lead: u64,
    /// Makes the MAC, at the time of the first sample.
    pub make_mac: Box<dyn Fn(mac::Instant) -> mac::Mac + Send>,
}

/// Where what the station does goes.
pub struct Outlet {
    pub sender: Arc<Mutex<Sender>>,
    pub bursts: HeapProd<Burst>,
    pub up: HeapProd<Msdu>,
    pub told: HeapProd<Told>,
    pub tx: Thread,
    pub tap: Thread,
    pub shared: Arc<Shared>,
}

impl Modem {
    /// Works until it is stopped.
    pub fn run(mut self) -> Result<()> {
        let mut station = None;
        let mut tell_at = mac::Instant::ZERO;
        let mut left = false;
        while !self.outlet.shared.is_stopped() {
            let heard = self.hear(&mut station)?;
            let Some(station) = &mut station else {
                thread::park_timeout(LONGEST_WAIT);
                continue;
            };
            let outlet = &mut self.outlet;
            while let Some(msdu) = self.down.try_pop() {
                let mut taken = Ok(());
                station.send(msdu, &mut |action| first(&mut taken, outlet.take(action, None)));
                taken?;
            }
            if outlet.shared.leave.load(Ordering::Relaxed) && !std::mem::replace(&mut left, true) {
                outlet.leave(station)?;
            }
            if station.now() >= tell_at {
                tell_at = station.now() + TELL_EACH;
                outlet.tell(Told::Snapshot(Box::new(snapshot(station))));
            }
            if heard {
                outlet.settle(station.settled_until())?;
            } else {
                thread::park_timeout(LONGEST_WAIT);
            }
        }
        Ok(())
    }

    /// Hears the next chunk, if there is one. The first brings the station into being.
    fn hear(&mut self, station: &mut Option<Station>) -> Result<bool> {
        let Self { source, outlet, ear, lead, make_mac, .. } = self;
        let mut taken = Ok(());
        let heard = source.pop(|chunk, time, samples| {
            let station =
                station.get_or_insert_with(|| Station::new(*ear, *lead, time, &mut *make_mac));
            station.hear(time, samples, &mut |action| {
                first(&mut taken, outlet.take(action, Some(chunk.at)));
            });
        });
        taken.map(|()| heard)
    }
}

impl Outlet {
    /// Passes something on. `came` is when the samples came of which it is.
    fn take(&mut self, action: Action, came: Option<Instant>) -> Result<()> {
        let counts = &self.shared.counts;
        match action {
            Action::Transmit { start, ppdu } => {
                let answers = came.filter(|_| is_response(&ppdu.psdu));
                self.transmit(Burst { start, ppdu, answers })?;
            }
            Action::Deliver(msdu) => {
                counts.dropped_up.add(u64::from(self.up.try_push(msdu).is_err()));
                self.tap.unpark();
            }
            Action::Notify(notice) => self.tell(Told::Notice(notice)),
        }
        Ok(())
    }

    /// Responses leave at once; what takes longer is for the thread that transmits.
    fn transmit(&mut self, burst: Burst) -> Result<()> {
        if burst.answers.is_some()
            && self.bursts.is_empty()
            && let Ok(mut sender) = self.sender.try_lock()
        {
            return sender.transmit(burst);
        }
        let full = self.bursts.try_push(burst).is_err();
        self.shared.counts.dropped_bursts.add(u64::from(full));
        self.tx.unpark();
        Ok(())
    }

    /// Whoever shows it may be behind.
    fn tell(&mut self, told: Told) {
        let _ = self.told.try_push(told);
    }

    /// Nothing else starts before this sample: to be told when all before has been handed over.
    fn settle(&mut self, until: u64) -> Result<()> {
        // The thread that transmits takes a burst from the ring when it has the sender.
        match self.sender.try_lock() {
            Ok(mut sender) if self.bursts.is_empty() => sender.settle(until),
            _ => {
                self.shared.settled.store(until, Ordering::Release);
                self.tx.unpark();
                Ok(())
            }
        }
    }

    /// Says farewell to all.
    fn leave(&mut self, station: &mut Station) -> Result<()> {
        let mut taken = Ok(());
        let peers: Vec<_> = station.mac().peers().map(|peer| peer.address).collect();
        for peer in peers {
            let reason = ReasonCode::LEAVING_NETWORK_DISASSOC;
            let leave = Command::Leave { peer, reason };
            station.command(leave, &mut |action| first(&mut taken, self.take(action, None)));
        }
        taken
    }
}

/// Keeps the first failure.
fn first(kept: &mut Result<()>, outcome: Result<()>) {
    if kept.is_ok() {
        *kept = outcome;
    }
}

/// Whether an MPDU is one that is sent SIFS after another: CTS, Ack or Block Ack (9.3.1).
fn is_response(psdu: &[u8]) -> bool {
    const CONTROL: u8 = 0b01 << 2;
    let kind = psdu.first().copied().unwrap_or(0);
    kind & 0b1100 == CONTROL && matches!(kind >> 4, 9 | 12 | 13)
}

fn snapshot(station: &Station) -> Snapshot {
    let mac = station.mac();
    let mut heard = station.last_heard().cloned();
    if let Some(heard) = &mut heard {
        heard.detail.constellation.truncate(POINTS);
    }
    Snapshot {
        now: station.now(),
        address: mac.config().address,
        counters: *mac.counters(),
        hack: hack_stats(mac),
        peers: mac.peers().collect(),
        queued: AccessCategory::ALL.into_iter().map(|category| mac.queued(category)).sum(),
        occupancy: station.occupancy(),
        heard,
        ack_turnaround: mac.config().ack_turnaround,
    }
}
