//! Which APs there are, and which of them the client has a station for.

use std::time::Duration;

use mac::{
    Beacon, Command, DsssParameterSet, Event, Frame, Instant, MacAddr, ManagementBody,
    PhyIndication, ReasonCode, Role, RxPpdu, Scan, Ssid, fcs,
};

use super::MultiStation;
use crate::config::Policy;
use crate::event::{Channel, Loss, Notice};
use crate::station::{Seed, State, Station};

/// How long a disassociation may take to be sent.
const LEAVING: Duration = Duration::from_millis(20);
/// How long a station that wants to join listens before it asks: its AP has just been heard.
const LISTEN: Duration = Duration::from_millis(10);
/// By how much another AP is better, in decibels.
const STRONGER: f32 = 5.0;
/// What is as old as this does not count when the client looks for a better AP.
const RECENT: Duration = Duration::from_secs(2);

/// An AP that is lost sooner than this after it was joined is not joined again at once: it is hidden
/// behind another one that has the medium, and each attempt costs that one something.
const SHORT: Duration = Duration::from_secs(10);
/// How long not, the first time and at most; twice as long each time.
const SHUNNED: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(32)];
/// So many are remembered.
const MAX_SHUNNED: usize = 64;

/// An AP that is not to be joined for a while.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shunned {
    ap: MacAddr,
    until: Instant,
    hold: Duration,
}

/// An AP that is not joined, with [`Policy::Handover`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    ap: MacAddr,
    at: Instant,
    signal: f32,
}

impl MultiStation {
    /// A PPDU has come: if it is from an AP that shows itself, that is noted.
    pub(super) fn listen(&mut self, now: Instant, channel: usize, ppdu: &RxPpdu) {
        let Some(ap) = self.shown(channel, ppdu) else { return };
        let signal = ppdu.rssi_dbm;
        if let Some(station) = self.stations.iter_mut().find(|station| station.ap == ap) {
            if station.channel == channel {
                station.hears(now, signal);
            }
            return;
        }
        if let Policy::Handover { .. } = self.config.policy {
            self.note(now, channel, ap, signal);
        }
        let is_shunned = self.shunned.iter().any(|other| other.ap == ap && now < other.until);
        if !is_shunned && self.wants(ap, channel, signal) {
            self.join(now, channel, ap, signal);
        }
    }

    /// The AP of a beacon or probe response, if it is of our network and open.
    fn shown(&self, channel: usize, ppdu: &RxPpdu) -> Option<MacAddr> {
        // Most frames are data.
        if ppdu.aggregation || !matches!(ppdu.psdu.first(), Some(0x80 | 0x50)) {
            return None;
        }
        let Ok(Frame::Management(frame)) = Frame::parse(fcs::strip(&ppdu.psdu)?) else {
            return None;
        };
        let (ManagementBody::Beacon(beacon) | ManagementBody::ProbeResponse(beacon)) =
            frame.read_body().ok()?
        else {
            return None;
        };
        let ap = frame.header.transmitter;
        let fits = !ap.is_group() && self.fits(self.config.channels[channel], &beacon);
        fits.then_some(ap)
    }

    fn fits(&self, channel: Channel, beacon: &Beacon<'_>) -> bool {
        let Role::Station(wanted) = &self.config.station.role else { return false };
        let ssid = beacon.elements.get::<Ssid<'_>>().and_then(Result::ok);
        let told = beacon.elements.get::<DsssParameterSet>().and_then(Result::ok);
        ssid.is_some_and(|ssid| wanted.ssid.is_empty() || ssid.bytes() == wanted.ssid)
            && told.is_none_or(|told| told.channel == channel)
            && beacon.capabilities.ess()
            && !beacon.capabilities.privacy()
    }

    fn wants(&self, ap: MacAddr, channel: usize, signal: f32) -> bool {
        let membership = &self.config.membership;
        let stations = self.stations.iter().filter(|station| station.state != State::Scout);
        let most = match self.config.policy {
            Policy::Handover { .. } => 1,
            _ => membership.max_stations,
        };
        let is_target = self.target.is_none_or(|target| target == (ap, channel));
        let alone = self.stations.iter().all(|station| !station.is_joined());
        stations.count() < most && (signal >= membership.join_dbm || alone) && is_target
    }

    /// Makes a station for an AP.
    fn join(&mut self, now: Instant, channel: usize, ap: MacAddr, signal: f32) {
        let address = self.free_address();
        let rng = self.new_rng();
        let (template, rider) = (&self.config.station, (self.riders)());
        let seed = Seed { template, address, rider, rng };
        let scan = Scan::Active { listen: LISTEN };
        let station = Station::joining(now, seed, ap, channel, signal, scan);
        self.add(now, station);
    }

    /// Asks who is in the channel that the radio is in.
    pub(super) fn scout(&mut self, now: Instant, channel: usize) {
        self.channels[channel].probed = Some(now);
        let (address, rng) = (self.free_address(), self.new_rng());
        let (template, rider) = (&self.config.station, Box::new(mac::NoRider));
        let scan = Scan::Active { listen: self.config.membership.probe_every };
        let seed = Seed { template, address, rider, rng };
        let station = Station::scout(now, seed, channel, scan);
        self.add(now, station);
    }

    /// Adds a station to those in the radio's channel.
    fn add(&mut self, now: Instant, mut station: Station) {
        let busy = self
            .tuners
            .iter()
            .any(|tuner| tuner.is_in(station.channel) && !tuner.air.is_idle_to(station.address()));
        if busy {
            station.mac.handle(now, Event::Phy(PhyIndication::CcaBusy));
        }
        self.stations.push(station);
    }

    /// An address that no station has: locally administered, and next to the radio's own.
    fn free_address(&self) -> MacAddr {
        let MacAddr(own) = self.config.station.address;
        let address = |number: u8| {
            let mut bytes = own;
            bytes[0] |= 2;
            bytes[1] = bytes[1].wrapping_add(number);
            MacAddr(bytes)
        };
        let is_free =
            |address: &MacAddr| self.stations.iter().all(|station| station.address() != *address);
        (0..=u8::MAX).map(address).find(is_free).expect("stations are few")
    }

    /// When a station has to be looked after, if nothing is heard of its AP before.
    pub(super) fn gone_at(&self, station: &Station) -> Option<Instant> {
        match station.state {
            State::Scout => None,
            State::Leaving { until } => Some(until),
            State::Joining | State::Joined { .. } => {
                Some(station.heard + self.config.membership.lost_after)
            }
        }
    }

    /// Parts with APs that are lost, too weak, or worse than another.
    pub(super) fn look_after(&mut self, now: Instant) {
        for index in (0..self.stations.len()).rev() {
            let station = &self.stations[index];
            if self.gone_at(station).is_some_and(|at| at <= now) {
                if station.is_joined() {
                    let (ap, why) = (station.ap, Loss::Silent);
                    let lasted = now.since(station.joined);
                    self.shun(now, ap, lasted);
                    self.tell(Notice::Lost { ap, why });
                }
                self.remove(index);
            } else if station.is_joined() {
                let weak =
                    station.signal < self.config.membership.leave_dbm && self.has_stronger(index);
                self.perhaps_backup(index);
                if let Some(better) = self.better(now, index) {
                    self.target = Some(better);
                    self.leave(now, index, Loss::Moved);
                } else if weak {
                    self.leave(now, index, Loss::Weak);
                }
            }
        }
    }

    /// Whether there is another AP that is clearly stronger.
    fn has_stronger(&self, index: usize) -> bool {
        let limit = self.stations[index].signal + STRONGER;
        self.stations.iter().any(|other| other.is_joined() && other.signal > limit)
    }

    /// An AP that will be left before long carries nothing more, if there is a better one.
    fn perhaps_backup(&mut self, index: usize) {
        let margin = if self.stations[index].weak { 2.0 * STRONGER } else { STRONGER };
        let station = &self.stations[index];
        let near = station.signal < self.config.membership.leave_dbm + margin;
        let weak = near && self.has_stronger(index);
        let station = &mut self.stations[index];
        if std::mem::replace(&mut station.weak, weak) != weak {
            let backup = weak || self.channels[station.channel].backup;
            station.backup = backup;
            let ap = station.ap;
            self.tell(Notice::Priority { ap, backup });
        }
    }

    fn shun(&mut self, now: Instant, ap: MacAddr, lasted: Duration) {
        let known = self.shunned.iter().position(|other| other.ap == ap);
        let before = known.map(|index| self.shunned.swap_remove(index));
        if lasted >= SHORT {
            return;
        }
        let [first, longest] = SHUNNED;
        let hold = before.map_or(first, |before| (2 * before.hold).min(longest));
        if self.shunned.len() >= MAX_SHUNNED {
            self.shunned.remove(0);
        }
        self.shunned.push(Shunned { ap, until: now + hold, hold });
    }

    fn leave(&mut self, now: Instant, index: usize, why: Loss) {
        let station = &mut self.stations[index];
        let (peer, reason) = (station.ap, ReasonCode::STA_LEAVING);
        station.mac.handle(now, Event::Command(Command::Leave { peer, reason }));
        station.state = State::Leaving { until: now + LEAVING };
        self.tell(Notice::Lost { ap: peer, why });
        self.collect(now, index);
    }

    /// An AP wants a station no more, or has forgotten it: it may be joined anew when it is heard.
    pub(super) fn dismissed(&mut self, now: Instant, index: usize) {
        let station = &mut self.stations[index];
        station.state = State::Leaving { until: now };
        let (ap, why) = (station.ap, Loss::Dismissed);
        self.tell(Notice::Lost { ap, why });
    }

    pub(super) fn remove(&mut self, index: usize) {
        let station = self.stations.remove(index);
        self.counted = self.counted + *station.mac.counters();
        let channel = station.channel;
        if !self.stations.iter().any(|other| other.channel == channel && other.is_joined()) {
            self.channels[channel].estimate.forget();
            self.channels[channel].backup = false;
        }
    }

    fn note(&mut self, now: Instant, channel: usize, ap: MacAddr, signal: f32) {
        let heard = &mut self.channels[channel].heard;
        heard.retain(|other| now.since(other.at) < RECENT);
        match heard.iter_mut().find(|other| other.ap == ap) {
            Some(known) => {
                known.at = now;
                known.signal += (signal - known.signal) / 4.0;
            }
            None => heard.push(Heard { ap, at: now, signal }),
        }
    }

    /// With handover, an AP that is so much stronger that it is worth to move.
    fn better(&self, now: Instant, index: usize) -> Option<(MacAddr, usize)> {
        let Policy::Handover { margin_db } = self.config.policy else { return None };
        let limit = self.stations[index].signal + margin_db;
        let all = self.channels.iter().enumerate();
        let heard = all.flat_map(|(channel, state)| state.heard.iter().map(move |h| (channel, h)));
        let good = heard.filter(|(_, h)| h.signal > limit && now.since(h.at) < RECENT);
        let best = good.max_by(|(_, a), (_, b)| a.signal.total_cmp(&b.signal));
        best.map(|(channel, heard)| (heard.ap, channel))
    }
}
