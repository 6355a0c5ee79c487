//! An IBSS (4.3.4, 11.1.3.5): stations without an AP, which send the beacons in turn.
//!
//! Its address has to be known to all: networks are not looked for, and do not merge. The members'
//! timers are taken to agree, as in virtual time they do; timestamps are not adopted. There is no
//! power save, and so no ATIM window.

use std::time::Duration;

use rand::RngExt;

use super::{Membership, elements};
use crate::event::{Command, Msdu, Notice};
use crate::lower::{Lower, Strangers, Upward};
use crate::management::{ManagementBody, ManagementHeader};
use crate::queue::Direction;
use crate::{
    Beacon, Capabilities, CapabilityInformation, DsssParameterSet, Element, Elements, IbssConfig,
    IbssParameterSet, Instant, MacAddr, Management, ManagementSubtype, SlotTiming, Ssid, TimeUnits,
};

/// Membership in an IBSS: there is nobody to ask.
pub(super) struct Ibss {
    config: IbssConfig,
    /// The beacons, if the members send any.
    turns: Option<Turns>,
}

/// Whose turn it is to send the beacon: that of the member with the shortest random delay.
struct Turns {
    interval: Duration,
    turn: Turn,
    /// The last beacon was ours: probe requests are ours to answer (11.1.4.3.4).
    sent_last: bool,
}

#[derive(Clone, Copy)]
enum Turn {
    /// Until the next beacon is due (TBTT).
    Waiting { tbtt: Instant },
    /// The beacon is due, and sent after a random delay unless another member's comes before.
    Delaying { until: Instant, next_tbtt: Instant },
}

/// The random delay has up to twice this many slots: aCWmin.
const CW_MIN: u32 = 15;

impl Ibss {
    pub(super) fn new(now: Instant, config: IbssConfig, lower: &mut Lower) -> Self {
        elements::check_name(&config.ssid);
        lower.direction = Direction::Direct { bssid: config.bssid };
        let turns = config.beacon_interval.map(|interval| {
            let interval = interval.duration().max(elements::SHORTEST_WAIT);
            let turn = Turn::Waiting { tbtt: next_tbtt(now, interval) };
            Turns { interval, turn, sent_last: false }
        });
        lower.strangers = match turns {
            // Without beacons nobody tells what he can do.
            None => Strangers::LikeUs,
            Some(_) => {
                let rates = lower.config.basic_rates.clone();
                Strangers::Assumed(Capabilities { rates, ht: None, qos: false })
            }
        };
        Self { config, turns }
    }

    /// The beacon is due, or the delay of ours is over.
    fn advance(&mut self, now: Instant, lower: &mut Lower) {
        let Some(turns) = &mut self.turns else { return };
        turns.turn = match turns.turn {
            Turn::Waiting { tbtt } if tbtt <= now => {
                let slots = lower.rng.random_range(0..=2 * CW_MIN);
                let until = now + slots * SlotTiming::of(lower.config.bandwidth).slot;
                Turn::Delaying { until, next_tbtt: next_tbtt(now, turns.interval) }
            }
            Turn::Delaying { until, next_tbtt } if until <= now => {
                lower.beacon = Some(description(&self.config, now, lower));
                Turn::Waiting { tbtt: next_tbtt }
            }
            waiting => waiting,
        };
    }

    fn receive_management(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        header: &ManagementHeader,
        body: &ManagementBody<'_>,
    ) {
        match body {
            ManagementBody::Beacon(beacon) | ManagementBody::ProbeResponse(beacon)
                if header.bssid == self.config.bssid && self.is_ours(beacon.elements) =>
            {
                if matches!(body, ManagementBody::Beacon(_)) {
                    self.beacon_heard(lower);
                }
                meet(now, lower, header.transmitter, beacon.elements);
            }
            ManagementBody::ProbeRequest(asked) => {
                self.probed(now, lower, header.transmitter, *asked);
            }
            _ => {}
        }
    }

    fn is_ours(&self, told: Elements<'_>) -> bool {
        let ssid = told.get::<Ssid<'_>>().and_then(Result::ok);
        ssid.is_some_and(|ssid| ssid.bytes() == self.config.ssid)
    }

    /// Another member has sent the beacon: ours is not needed.
    fn beacon_heard(&mut self, lower: &mut Lower) {
        let Some(turns) = &mut self.turns else { return };
        lower.beacon = None;
        turns.sent_last = false;
        if let Turn::Delaying { next_tbtt, .. } = turns.turn {
            turns.turn = Turn::Waiting { tbtt: next_tbtt };
        }
    }

    fn probed(&mut self, now: Instant, lower: &mut Lower, from: MacAddr, asked: Elements<'_>) {
        let any = asked.get::<Ssid<'_>>().is_some_and(|ssid| ssid.is_ok_and(Ssid::is_wildcard));
        let ours_to_answer = self.turns.as_ref().is_some_and(|turns| turns.sent_last);
        if ours_to_answer
            && (any || self.is_ours(asked))
            && !from.is_group()
            && !lower.is_answering(from)
        {
            let body = description(&self.config, now, lower);
            let (bssid, subtype) = (self.config.bssid, ManagementSubtype::ProbeResponse);
            lower.send_management(now, from, bssid, subtype, body);
        }
    }
}

/// The first multiple of the interval after a time: that is where all timers agree.
fn next_tbtt(now: Instant, interval: Duration) -> Instant {
    let interval = interval.as_nanos() as u64;
    Instant::from_nanos((now.as_nanos() / interval + 1) * interval)
}

/// A member has told what it can do.
fn meet(now: Instant, lower: &mut Lower, from: MacAddr, told: Elements<'_>) {
    let theirs = Capabilities::from_elements(told);
    if from.is_group() || !lower.learn(now, from, &theirs) {
        return;
    }
    lower.rider.peer_joined(now, from, told);
    lower.notify(Notice::Associated { peer: from, aid: 0 });
}

/// The body of a Beacon or Probe Response.
fn description(config: &IbssConfig, now: Instant, lower: &Lower) -> Vec<u8> {
    let mut body = vec![];
    Beacon {
        timestamp_us: now.as_nanos() / 1000,
        interval: config.beacon_interval.unwrap_or_default(),
        capabilities: CapabilityInformation::default().with_ibss(true),
        elements: Elements::default(),
    }
    .emit(&mut body);
    elements::emit_name(&config.ssid, &mut body);
    elements::emit_own_rates(lower, &mut body);
    DsssParameterSet { channel: config.channel }.emit(&mut body);
    IbssParameterSet { atim_window: TimeUnits(0) }.emit(&mut body);
    elements::emit_own_capabilities(lower, &mut body);
    elements::emit_operation(lower, config.channel, &mut body);
    body
}

impl Membership for Ibss {
    fn send(&mut self, now: Instant, lower: &mut Lower, msdu: Msdu) {
        let to = msdu.destination;
        if !to.is_group() && lower.peer(to).is_none() {
            lower.assume_peer(now, to);
        }
        lower.send_msdu(now, to, msdu);
    }

    fn command(&mut self, now: Instant, lower: &mut Lower, command: Command) {
        match command {
            // The other one may be met again.
            Command::Leave { peer, reason } => {
                if lower.peer(peer).is_some() {
                    lower.remove_peer(now, peer);
                    lower.notify(Notice::Left { peer, reason });
                }
            }
            Command::PowerSave(_) | Command::Away(_) => {}
        }
    }

    fn handle(&mut self, now: Instant, lower: &mut Lower, upward: Upward) {
        match upward {
            Upward::Msdu(msdu) => {
                if msdu.destination == lower.config.address || msdu.destination.is_group() {
                    lower.deliver(msdu);
                }
            }
            Upward::Management { header, body, .. } => {
                if let Ok(body) = (Management { header, body: &body }).read_body() {
                    self.receive_management(now, lower, &header, &body);
                }
            }
            Upward::BeaconSent => {
                if let Some(turns) = &mut self.turns {
                    turns.sent_last = true;
                }
            }
            Upward::PowerManagement { .. }
            | Upward::PsPoll { .. }
            | Upward::Stranger { .. }
            | Upward::Addressed { .. }
            | Upward::Sent { .. } => {}
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        Some(match self.turns.as_ref()?.turn {
            Turn::Waiting { tbtt } => tbtt,
            Turn::Delaying { until, .. } => until,
        })
    }

    fn handle_timeout(&mut self, now: Instant, lower: &mut Lower) {
        if self.next_timeout().is_some_and(|at| at <= now) {
            self.advance(now, lower);
        }
    }
}
