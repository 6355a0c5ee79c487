//! How a radio goes from channel to channel: the state machine of exact switching.

use std::time::Duration;

use mac::{Command, Event, Instant, PhyIndication};

use super::MultiStation;
use crate::air::ELSEWHERE;
use crate::config::Policy;
use crate::event::{Notice, Output};
use crate::plan::{self, Known};
use crate::station::State;
use crate::tuner::{Phase, Visit};

/// How long before the end of its slot a radio begins to leave, apart from the time it lingers.
const FAREWELL: Duration = Duration::from_millis(1);
/// How much longer it stays for a station that is about to join.
const JOINING: Duration = Duration::from_millis(60);

impl MultiStation {
    /// Takes a radio one state further, if it is time. Whether it was.
    pub(super) fn step(&mut self, now: Instant, tuner: usize) -> bool {
        let (channel, phase) = (self.tuners[tuner].channel, self.tuners[tuner].phase);
        match phase {
            Phase::Open { until: Some(until) } if until <= now => {
                if self.is_joining(channel) && now < until + JOINING {
                    let later = now + Duration::from_millis(1);
                    self.tuners[tuner].phase =
                        Phase::Open { until: Some(later.min(until + JOINING)) };
                    return false;
                }
                self.slot_over(now, tuner);
            }
            Phase::Closing { deadline } if self.all_asleep(channel) || deadline <= now => {
                let until = now + self.config.switching.linger;
                self.tuners[tuner].phase = Phase::Lingering { until };
            }
            Phase::Lingering { until }
                if until.max(self.tuners[tuner].air.occupied_until()) <= now =>
            {
                self.retune(now, tuner);
            }
            Phase::Retuning { until, slot_end } if until <= now => {
                self.arrive(now, tuner, slot_end);
            }
            _ => return false,
        }
        true
    }

    /// A slot is over: the radio stays if the next one is here as well.
    fn slot_over(&mut self, now: Instant, tuner: usize) {
        if self.tuners[tuner].visits.is_empty() {
            let visits = self.plan(now);
            self.tuners[tuner].visits = visits.into();
        }
        let channel = self.tuners[tuner].channel;
        match self.tuners[tuner].visits.front() {
            Some(&Visit { channel: next, slot }) if next == channel => {
                self.tuners[tuner].visits.pop_front();
                self.tuners[tuner].phase = Phase::Open { until: Some(now + slot) };
                self.look_around(now, channel);
            }
            _ => self.close(now, tuner),
        }
    }

    /// The slots of another cycle.
    fn plan(&mut self, now: Instant) -> Vec<Visit> {
        for channel in &mut self.channels {
            channel.estimate.settle(now);
        }
        let known: Vec<Known> = (0..self.channels.len()).map(|c| self.known(now, c)).collect();
        if let Policy::PrimaryBackup { .. } = self.config.policy {
            for (channel, backup) in plan::backups(&known).into_iter().enumerate() {
                self.set_backup(channel, backup);
            }
        }
        let known: Vec<Known> = (0..self.channels.len()).map(|c| self.known(now, c)).collect();
        let visits = match self.target.take_if(|_| self.stations.is_empty()) {
            // Where the AP is that it has left another one for.
            Some((_, channel)) => {
                vec![Visit { channel, slot: self.config.membership.probe_for + JOINING }]
            }
            None => plan::visits(&self.config, &known),
        };
        for visit in &visits {
            self.channels[visit.channel].slot = visit.slot;
        }
        let told = visits.iter().map(|visit| (self.config.channels[visit.channel], visit.slot));
        let told = told.collect();
        self.tell(Notice::Slots(told));
        visits
    }

    fn known(&self, now: Instant, channel: usize) -> Known {
        let state = &self.channels[channel];
        let mut there = self.stations.iter().filter(|s| s.channel == channel && s.is_joined());
        let weak = there.all(|station| station.weak);
        Known {
            joined: self.stations.iter().any(|s| s.channel == channel && s.is_joined()),
            probe: self.wants_probe(now, channel),
            bandwidth: state.estimate.bandwidth(),
            utilisation: state.estimate.utilisation(),
            load: state.estimate.load(),
            slot: state.slot,
            backup: state.backup || weak,
        }
    }

    fn wants_probe(&self, now: Instant, channel: usize) -> bool {
        let probed = self.channels[channel].probed;
        probed.is_none_or(|at| now.since(at) >= self.config.membership.probe_every)
    }

    fn set_backup(&mut self, channel: usize, backup: bool) {
        if std::mem::replace(&mut self.channels[channel].backup, backup) == backup {
            return;
        }
        for index in 0..self.stations.len() {
            let station = &mut self.stations[index];
            if station.channel == channel && station.is_joined() {
                let backup = backup || station.weak;
                station.backup = backup;
                let ap = station.ap;
                self.tell(Notice::Priority { ap, backup });
            }
        }
    }

    fn is_joining(&self, channel: usize) -> bool {
        self.stations.iter().any(|s| s.channel == channel && s.state == State::Joining)
    }

    /// Whether all APs there have heard that their stations are away.
    fn all_asleep(&self, channel: usize) -> bool {
        let mut there = self.stations.iter().filter(|station| station.channel == channel);
        there.all(|station| !station.is_awake() && !matches!(station.state, State::Leaving { .. }))
    }

    /// No more packets in this channel; its APs are told.
    fn close(&mut self, now: Instant, tuner: usize) {
        let channel = self.tuners[tuner].channel;
        let deadline = now + self.config.switching.farewell;
        self.tuners[tuner].phase = Phase::Closing { deadline };
        self.set_away(now, channel, true);
    }

    fn set_away(&mut self, now: Instant, channel: usize, away: bool) {
        for index in 0..self.stations.len() {
            let station = &mut self.stations[index];
            if station.channel == channel && station.is_joined() {
                station.mac.handle(now, Event::Command(Command::Away(away)));
                self.collect(now, index);
            }
        }
    }

    /// The radio leaves. Who had not joined by now will be found again.
    fn retune(&mut self, now: Instant, tuner: usize) {
        let channel = self.tuners[tuner].channel;
        self.channels[channel].estimate.closes(now);
        for index in (0..self.stations.len()).rev() {
            let station = &mut self.stations[index];
            if station.channel != channel {
                continue;
            }
            if station.is_joined() {
                station.mac.handle(now, ELSEWHERE);
            } else {
                self.remove(index);
            }
        }
        let tuned = &mut self.tuners[tuner];
        let next = tuned.visits.pop_front();
        let Visit { channel: to, slot } = next.unwrap_or(Visit { channel, slot: Duration::ZERO });
        let until = now + self.config.switching.retune;
        tuned.phase = Phase::Retuning { until, slot_end: now + slot };
        tuned.channel = to;
        tuned.air.retuned();
        let (radio, channel) = (tuned.radio, self.config.channels[to]);
        self.outputs.push_back(Output::Retune { radio, channel });
    }

    /// The radio hears its new channel: those who are there wake.
    fn arrive(&mut self, now: Instant, tuner: usize, slot_end: Instant) {
        let close_at = slot_end - (FAREWELL + self.config.switching.linger);
        let until = close_at.max(now + FAREWELL);
        self.tuners[tuner].phase = Phase::Open { until: Some(until) };
        let channel = self.tuners[tuner].channel;
        self.channels[channel].estimate.opens(now);
        for index in 0..self.stations.len() {
            let station = &mut self.stations[index];
            if station.channel == channel && self.tuners[tuner].air.is_idle_to(station.address()) {
                station.mac.handle(now, Event::Phy(PhyIndication::CcaIdle));
            }
        }
        self.set_away(now, channel, false);
        self.look_around(now, channel);
    }

    /// Asks who is there, if that is due.
    fn look_around(&mut self, now: Instant, channel: usize) {
        let asks = self.stations.iter().any(|s| s.channel == channel && s.state == State::Scout);
        if self.wants_probe(now, channel) && !asks {
            self.scout(now, channel);
        }
    }
}
