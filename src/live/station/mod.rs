//! A station between samples and packets, without threads: the receiving side of its PHY and its
//! MAC, on the clock of a radio.
//!
//! The MAC lives ahead of what its PHY hears, by the *lead*: what it decides to send now can still
//! leave in time, and what it hears is late by as much. That the medium has become busy it so learns
//! when it may have begun to send; there is no way around this for a host that is far from its radio.
//!
//! ```text
//!   samples heard until here            may be sent from here on
//!   ------------|------ lead ------------------|------------------> sample clock
//!             PHY                             MAC
//! ```

use std::collections::VecDeque;

use mac::{Event, Instant, Mac, Msdu, Notice, Output, PhyIndication, TxPpdu};
use phy80211::{Bandwidth, Complex32, ppdu_samples};
use sim::ear::{Ear, EarConfig, Heard, SampleClock};

/// Samples at 20 MHz and below after which the PHY is asked what it hears: 3.2 us at 20 MHz, within
/// aCCATime.
const LOOK: u64 = 64;

/// Lost samples that others can stand in for; after more little is left of a PPDU.
const SHORT_GAP: u64 = 1 << 14;

/// What a station wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A PPDU is to be on the air from this sample on.
    Transmit {
        /// Its first sample.
        start: u64,
        /// What is sent.
        ppdu: TxPpdu,
    },
    /// A packet has come for the host.
    Deliver(Msdu),
    /// Something has happened.
    Notify(Notice),
}

/// For how many samples the station did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Occupancy {
    /// All that passed.
    pub samples: u64,
    /// It transmitted.
    pub sending: u64,
    /// The medium was busy otherwise.
    pub busy: u64,
}

/// Ear and MAC of a station.
pub struct Station {
    clock: SampleClock,
    bandwidth: Bandwidth,
    lead: u64,
    ear: Ear,
    mac: Mac,
    /// What it sends: first sample, and the one after the last.
    own: VecDeque<(u64, u64)>,
    /// All samples before this one have been heard, or are lost.
    position: u64,
    /// The time of which the MAC was told last.
    told: Instant,
    occupancy: Occupancy,
    /// What was heard last, from look to look.
    recent: Vec<Complex32>,
    /// Scratch, kept for its capacity.
    said: Vec<PhyIndication>,
}

/// By how many samples the response to a frame starts later than its end, at the least: the MAC is
/// told of a frame at the first look that its last sample and the delay of the receiver allow.
pub fn response_lead(bandwidth: Bandwidth, lead: u64) -> u64 {
    let look = LOOK * bandwidth.oversampling() as u64;
    lead + look
}

impl Station {
    /// A station whose MAC lives `lead` samples ahead of what is heard, from `position` on. `mac`
    /// makes the MAC, given the time at which it begins.
    pub fn new(
        config: EarConfig,
        lead: u64,
        position: u64,
        mac: impl FnOnce(Instant) -> Mac,
    ) -> Self {
        let clock = SampleClock::new(config.bandwidth);
        let now = clock.at(position + lead);
        let oversampling = config.bandwidth.oversampling() as u64;
        Self {
            clock,
            bandwidth: config.bandwidth,
            lead,
            ear: Ear::new(config),
            mac: mac(now),
            own: VecDeque::new(),
            position,
            told: now,
            occupancy: Occupancy::default(),
            recent: vec![Complex32::ZERO; (LOOK * oversampling) as usize],
            said: vec![],
        }
    }

    /// The time in which the MAC lives.
    pub fn now(&self) -> Instant {
        self.clock.at(self.position + self.lead)
    }

    /// Nothing that is not yet decided starts before this sample.
    pub fn settled_until(&self) -> u64 {
        self.position + self.lead
    }

    /// Its MAC.
    pub fn mac(&self) -> &Mac {
        &self.mac
    }

    /// What was measured of the last PPDU.
    pub fn last_heard(&self) -> Option<&Heard> {
        self.ear.last_heard()
    }

    /// What the time was used for so far.
    pub fn occupancy(&self) -> Occupancy {
        self.occupancy
    }

    /// Hears the samples from `from` on; those that are missing before are lost.
    pub fn hear(&mut self, from: u64, samples: &[Complex32], act: &mut impl FnMut(Action)) {
        if from > self.position {
            self.skip(from, act);
        }
        let mut rest = samples.get((self.position.saturating_sub(from)) as usize..).unwrap_or(&[]);
        while !rest.is_empty() {
            let until = self.next_stop().min(self.position + rest.len() as u64);
            let (now, later) = rest.split_at((until - self.position) as usize);
            if !self.is_sending() {
                self.ear.hear(self.position, now);
                self.recent[..now.len()].copy_from_slice(now);
            }
            self.advance(until, act);
            rest = later;
        }
    }

    /// The host wants a packet sent.
    pub fn send(&mut self, msdu: Msdu, act: &mut impl FnMut(Action)) {
        self.tell(self.now(), Event::Msdu(msdu), act);
        self.let_time_pass(act);
    }

    /// The host wants something else.
    pub fn command(&mut self, command: mac::Command, act: &mut impl FnMut(Action)) {
        self.tell(self.now(), Event::Command(command), act);
        self.let_time_pass(act);
    }

    /// Lets time pass in which nothing was heard. Where that is short, what was heard last stands in
    /// for it: a receiver that goes on through the gap loses of an A-MPDU no more than was hit.
    fn skip(&mut self, to: u64, act: &mut impl FnMut(Action)) {
        let short = to - self.position <= SHORT_GAP;
        while self.position < to {
            let until = self.next_stop().min(to);
            if short && !self.is_sending() {
                let missing = (until - self.position) as usize;
                self.ear.hear(self.position, &self.recent[..missing.min(self.recent.len())]);
            }
            self.advance(until, act);
        }
    }

    /// Whether the next sample is one in which it transmits, and hears nothing.
    fn is_sending(&self) -> bool {
        self.own.front().is_some_and(|(start, _)| *start <= self.position)
    }

    /// The next sample at which there is something to do.
    fn next_stop(&self) -> u64 {
        let look = LOOK * self.bandwidth.oversampling() as u64;
        let mut stop = (self.position / look + 1) * look;
        let mut no_later = |at: u64| {
            if at > self.position {
                stop = stop.min(at);
            }
        };
        self.own.front().into_iter().for_each(|&(start, end)| {
            no_later(start);
            no_later(end);
        });
        self.ear.next_deadline().into_iter().for_each(no_later);
        stop
    }

    fn advance(&mut self, to: u64, act: &mut impl FnMut(Action)) {
        let passed = to - self.position;
        let sent = self.is_sending();
        self.occupancy.samples += passed;
        self.occupancy.sending += if sent { passed } else { 0 };
        self.occupancy.busy += if !sent && !self.ear.is_idle() { passed } else { 0 };
        self.position = to;
        let now = self.now();
        self.let_time_pass(act);
        if sent {
            if self.own.front().is_some_and(|(_, end)| *end <= to) {
                self.own.pop_front();
                // Whatever is there shows itself within aCCATime.
                self.tell(now, Event::Phy(PhyIndication::CcaIdle), act);
            }
        } else {
            let mut said = std::mem::take(&mut self.said);
            self.ear.speak(to, &mut |indication| said.push(indication));
            for indication in said.drain(..) {
                self.tell(now, Event::Phy(indication), act);
            }
            self.said = said;
        }
        self.let_time_pass(act);
        if !sent && self.is_sending() {
            self.ear.cover();
        }
    }

    /// Does what the MAC wants to do at certain times, up to now.
    fn let_time_pass(&mut self, act: &mut impl FnMut(Action)) {
        let now = self.now();
        while let Some(due) = self.mac.next_timeout().filter(|&due| due <= now) {
            self.told = self.told.max(due);
            self.mac.handle_timeout(self.told);
            self.drain(act);
        }
    }

    fn tell(&mut self, now: Instant, event: Event, act: &mut impl FnMut(Action)) {
        self.told = now;
        self.mac.handle(now, event);
        self.drain(act);
    }

    fn drain(&mut self, act: &mut impl FnMut(Action)) {
        while let Some(output) = self.mac.poll() {
            act(match output {
                Output::Deliver(msdu) => Action::Deliver(msdu),
                Output::Notify(notice) => Action::Notify(notice),
                Output::Transmit(ppdu) => {
                    let start = self.clock.sample(ppdu.start);
                    let len = ppdu_samples(ppdu.txvector.rate, self.bandwidth, ppdu.psdu.len());
                    self.own.push_back((start, start + len as u64));
                    Action::Transmit { start, ppdu }
                }
            });
        }
    }
}

#[cfg(test)]
mod tests;
