//! The receiving side of a PHY on samples: a receiver and its clear channel assessment, and what they
//! have to say to the MAC (the PHY SAP, 8.3.5). The same one listens in [`SampleAir`](crate::SampleAir),
//! in virtual time, and behind a radio, where the time is a count of samples.

mod cca;
mod clock;

use std::collections::VecDeque;

use mac::{PhyIndication, RxPpdu};
use phy80211::{
    Bandwidth, Complex32, Detail, FrameDetail, Measured, Rate, Receiver, RxConfig, RxEvent,
    RxFailure, RxFrame, RxHeader,
};

use cca::Cca;
pub use clock::SampleClock;

/// Power of a sample of magnitude 1, as of a radio at a middling gain.
pub const FULL_SCALE_DBM: f64 = -40.0;

/// What an [`Ear`] takes, and when it finds the medium busy.
#[derive(Debug, Clone, Copy)]
pub struct EarConfig {
    /// Bandwidth of the channel; samples come at one per hertz.
    pub bandwidth: Bandwidth,
    /// Whether HT PPDUs are received.
    pub receives_ht: bool,
    /// Power in the whole channel that is busy whatever it is.
    pub energy_detection_dbm: f64,
    /// What to keep of each PPDU for [`Ear::last_heard`].
    pub detail: Detail,
}

/// What was measured of a PPDU, for people to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Rate of its DATA field, if the header could be read.
    pub rate: Option<Rate>,
    /// Whether it came to its end.
    pub complete: bool,
    /// Power, SNR, EVM and offsets.
    pub measured: Measured,
    /// What [`EarConfig::detail`] asked for.
    pub detail: FrameDetail,
}

/// Hears samples, tells indications. Samples are counted by the clock of whoever brings them.
pub struct Ear {
    clock: SampleClock,
    receives_ht: bool,
    receiver: Receiver,
    cca: Cca,
    /// The next sample, if the stream goes on.
    position: u64,
    /// What the receiver calls sample 0.
    offset: u64,
    /// Ends of the PPDUs that are announced, and when they can be told.
    ends: Vec<u64>,
    /// What is told of PPDUs whose last samples, of which nothing depends, are still to come.
    held: VecDeque<(u64, PhyIndication)>,
    busy: bool,
    last_heard: Option<Heard>,
}

impl Ear {
    /// An ear that has heard nothing yet.
    pub fn new(config: EarConfig) -> Self {
        let EarConfig { bandwidth, receives_ht, energy_detection_dbm, detail } = config;
        let loud = 10f64.powf((energy_detection_dbm - FULL_SCALE_DBM) / 10.0);
        Self {
            clock: SampleClock::new(bandwidth),
            receives_ht,
            receiver: Receiver::new(RxConfig { bandwidth, detail, ..RxConfig::default() }),
            cca: Cca::new(bandwidth, loud as f32),
            position: 0,
            offset: 0,
            ends: vec![],
            held: VecDeque::new(),
            busy: false,
            last_heard: None,
        }
    }

    /// Hears samples from `from` on. Where the stream has a gap, reception begins anew.
    pub fn hear(&mut self, from: u64, samples: &[Complex32]) {
        if from != self.position {
            self.receiver.restart();
            self.cca.clear();
            self.offset = from - self.receiver.position().0;
        }
        self.position = from + samples.len() as u64;
        self.receiver.push(samples);
        self.cca.push(samples);
    }

    /// Says what there is to say at a sample.
    pub fn speak(&mut self, now: u64, say: &mut impl FnMut(PhyIndication)) {
        while let Some(event) = self.receiver.next_event() {
            match event {
                RxEvent::Header(header) => self.begin(&header, say),
                RxEvent::Frame(frame) => {
                    let end = frame.end.0 + self.offset;
                    let indication = self.result(*frame);
                    self.held.extend(indication.map(|indication| (end, indication)));
                }
            }
        }
        self.ends.retain(|&end| end > now);
        while self.held.front().is_some_and(|(end, _)| *end <= now) {
            self.held.pop_front().into_iter().for_each(|(_, indication)| say(indication));
            // What is heard after its end has to show itself anew.
            self.cca.clear();
        }
        let busy = self.cca.is_busy() || self.receiver.is_receiving() || !self.held.is_empty();
        if busy != self.busy {
            self.busy = busy;
            say(if busy { PhyIndication::CcaBusy } else { PhyIndication::CcaIdle });
        }
    }

    /// Goes deaf: the node transmits. What was being received is lost.
    pub fn cover(&mut self) {
        self.receiver.restart();
        self.cca.clear();
        self.ends.clear();
        self.held.clear();
        self.busy = false;
    }

    /// When it would have something to say that others should not wait for.
    pub fn next_deadline(&self) -> Option<u64> {
        let held = self.held.front().map(|(end, _)| *end);
        self.ends.iter().copied().chain(held).min()
    }

    /// Whether it hears nothing but noise.
    pub fn is_idle(&self) -> bool {
        !self.busy
    }

    /// What was measured of the last PPDU.
    pub fn last_heard(&self) -> Option<&Heard> {
        self.last_heard.as_ref()
    }

    fn begin(&mut self, header: &RxHeader, say: &mut impl FnMut(PhyIndication)) {
        let end = header.end.0 + self.offset;
        let delay = self.receiver.delay() as u64;
        self.ends.extend([end, end + delay]);
        if self.can_read(header.rate) {
            say(PhyIndication::RxStart { until: self.clock.at(end) });
        }
    }

    fn can_read(&self, rate: Rate) -> bool {
        self.receives_ht || !matches!(rate, Rate::Ht(_))
    }

    /// What a MAC is told of a PPDU.
    fn result(&mut self, frame: RxFrame) -> Option<PhyIndication> {
        let rxvector = frame.rxvector;
        self.last_heard = Some(Heard {
            rate: rxvector.and_then(|rxvector| rxvector.rate()),
            complete: frame.outcome.is_ok(),
            measured: frame.measured,
            detail: frame.detail,
        });
        let data = match frame.outcome {
            Ok(data) => data,
            // The one that took over will have its own result.
            Err(RxFailure::Captured { .. }) => return None,
            Err(_) => return Some(PhyIndication::RxError),
        };
        let rxvector = rxvector.expect("data comes after a header");
        let rate = rxvector.rate().expect("data has a rate");
        if !self.can_read(rate) {
            return Some(PhyIndication::RxError);
        }
        Some(PhyIndication::Rx(RxPpdu {
            start: self.clock.at(frame.start.0 + self.offset),
            end: self.clock.at(frame.end.0 + self.offset),
            rate,
            placement: rxvector.placement,
            aggregation: rxvector.aggregation(),
            rssi_dbm: frame.measured.power_db + FULL_SCALE_DBM as f32,
            snr_db: frame.measured.snr_db,
            psdu: data.psdu.into(),
        }))
    }
}
