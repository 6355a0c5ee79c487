//! A node's receiver: which preamble it finds, and when it says that the medium is busy.
//!
//! It knows power and time alone; whether bits come through is for [`judge`](super::judge).

use mac::{Instant, PhyIndication};
use phy80211::Placement;

use super::config::{NodeConfig, ReceiverConfig};
use super::flight::FlightId;
use super::levels::Levels;
use super::power::{Power, from_db};

/// A PPDU as it arrives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signal {
    pub(super) flight: FlightId,
    pub(super) power: Power,
    /// Which part of the channel it takes.
    pub(super) placement: Placement,
    /// When the first sample arrives.
    pub(super) start: Instant,
    /// Its preamble may still be found.
    undecided: bool,
}

impl Signal {
    pub(super) fn new(
        flight: FlightId,
        power: Power,
        placement: Placement,
        start: Instant,
    ) -> Self {
        Self { flight, power, placement, start, undecided: false }
    }
}

/// What a receiver is doing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// Waiting for a preamble.
    Listening,
    /// Following the PPDU whose preamble it found.
    Receiving { flight: FlightId, readable: bool },
    /// Deaf.
    Transmitting,
}

/// How the reception of a PPDU ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ended {
    /// It was received, well or not.
    Received(Signal),
    /// Its length was known, not its contents.
    Unreadable,
    /// The receiver was not at it.
    Ignored,
}

#[derive(Debug)]
pub(super) struct Receiver {
    limits: Limits,
    state: State,
    signals: Vec<Signal>,
    levels: Levels,
    busy: bool,
}

/// What decides, in milliwatts and factors, for one channel.
#[derive(Debug, Clone, Copy)]
struct Limits {
    primary: Placement,
    energy_mw: f64,
    preamble_mw: f64,
    sinr: f64,
    capture: Option<f64>,
    noise: Power,
}

impl Limits {
    fn new(config: &ReceiverConfig, node: &NodeConfig) -> Self {
        let bandwidth = node.channel.bandwidth;
        let narrower = f64::from(bandwidth.mhz().min(20)) / 20.0;
        let mw = |dbm| from_db(dbm) * narrower;
        let detection = config.preamble_detection;
        let noise_mw = from_db(node.noise_dbm(bandwidth.mhz()));
        Self {
            primary: node.channel.primary,
            energy_mw: mw(config.energy_detection_dbm),
            // Nothing outside of the primary channel is found, however weak it may be.
            preamble_mw: detection.map_or(f64::MIN_POSITIVE, |least| mw(least.min_power_dbm)),
            sinr: detection.map_or(0.0, |least| from_db(least.min_sinr_db)),
            capture: config.capture_db.map(from_db),
            noise: Power::spread(noise_mw, Placement::Whole, bandwidth),
        }
    }
}

impl Receiver {
    pub(super) fn new(config: &ReceiverConfig, node: &NodeConfig) -> Self {
        Self {
            limits: Limits::new(config, node),
            state: State::Listening,
            signals: Vec::new(),
            levels: Levels::default(),
            busy: false,
        }
    }

    /// A PPDU begins to arrive; says whether its preamble may be found.
    pub(super) fn arrive(&mut self, signal: Signal) -> bool {
        let undecided = match self.state {
            State::Listening => true,
            State::Receiving { .. } => self.limits.capture.is_some(),
            State::Transmitting => false,
        };
        if !self.needs_past() {
            self.levels.forget_before(signal.start);
        }
        self.signals.push(Signal { undecided, ..signal });
        self.levels.step(signal.start, self.sum());
        undecided
    }

    /// Time to tell preamble and busy medium; says whether a reception begins.
    pub(super) fn decide(&mut self, flight: FlightId, say: &mut impl FnMut(PhyIndication)) -> bool {
        let arrived = self.signals.iter_mut().find(|signal| signal.flight == flight);
        let Some(arrived) = arrived.filter(|signal| signal.undecided) else { return false };
        arrived.undecided = false;
        let signal = *arrived;
        let found =
            self.is_strongest(&signal) && self.is_clear(&signal) && self.may_take_over(&signal);
        if found {
            self.state = State::Receiving { flight, readable: true };
            self.signals.iter_mut().for_each(|signal| signal.undecided = false);
            self.levels.forget_before(signal.start);
        }
        if !self.busy && (found || self.has_energy()) {
            self.busy = true;
            say(PhyIndication::CcaBusy);
        }
        found
    }

    /// Whether it says that the medium is busy; one that transmits says nothing.
    pub(super) fn senses(&self) -> bool {
        self.busy && self.state != State::Transmitting
    }

    /// A PPDU as it arrives, if it is that which is being received.
    pub(super) fn receiving(&self, flight: FlightId) -> Option<Signal> {
        match self.state {
            State::Receiving { flight: it, .. } if it == flight => {
                self.signals.iter().find(|signal| signal.flight == flight).copied()
            }
            _ => None,
        }
    }

    /// The length of the PPDU that is received is known, but nobody can read it.
    pub(super) fn cannot_read(&mut self) {
        if let State::Receiving { readable, .. } = &mut self.state {
            *readable = false;
        }
    }

    /// Not even the length of the PPDU that is received is known.
    pub(super) fn give_up(&mut self, say: &mut impl FnMut(PhyIndication)) {
        self.state = State::Listening;
        say(PhyIndication::RxError);
        self.perhaps_idle(say);
    }

    /// The last sample of a PPDU has arrived. After what there is to say of it comes
    /// [`Receiver::perhaps_idle`].
    pub(super) fn end(&mut self, now: Instant, flight: FlightId) -> Ended {
        let Some(at) = self.signals.iter().position(|signal| signal.flight == flight) else {
            return Ended::Ignored;
        };
        let signal = self.signals.remove(at);
        self.levels.step(now, self.sum());
        match self.state {
            State::Receiving { flight: it, readable } if it == flight => {
                self.state = State::Listening;
                if readable { Ended::Received(signal) } else { Ended::Unreadable }
            }
            _ => Ended::Ignored,
        }
    }

    /// What ends can make the medium idle, never busy: that takes a [decision](Self::decide).
    pub(super) fn perhaps_idle(&mut self, say: &mut impl FnMut(PhyIndication)) {
        if self.busy && self.state == State::Listening && !self.has_energy() {
            self.busy = false;
            say(PhyIndication::CcaIdle);
        }
    }

    /// What was being received is lost, and nothing is said until the end.
    pub(super) fn transmit(&mut self) {
        self.state = State::Transmitting;
        self.signals.iter_mut().for_each(|signal| signal.undecided = false);
    }

    /// Energy alone tells: all preambles were missed.
    pub(super) fn transmitted(&mut self, say: &mut impl FnMut(PhyIndication)) {
        self.state = State::Listening;
        self.busy = self.has_energy();
        say(if self.busy { PhyIndication::CcaBusy } else { PhyIndication::CcaIdle });
    }

    /// Forgets all on the old channel, and knows nothing yet of the new one.
    pub(super) fn retune(
        &mut self,
        config: &ReceiverConfig,
        node: &NodeConfig,
        say: &mut impl FnMut(PhyIndication),
    ) {
        if self.busy {
            say(PhyIndication::CcaIdle);
        }
        *self = Self::new(config, node);
    }

    /// Noise and interference against a signal over time, in the part of the channel that it
    /// takes, in milliwatts.
    pub(super) fn against(
        &self,
        signal: Signal,
        from: Instant,
        to: Instant,
    ) -> impl Iterator<Item = (Instant, Instant, f64)> {
        let against =
            move |sum: Power| (self.limits.noise + (sum - signal.power)).within(signal.placement);
        self.levels.between(from, to).map(move |(from, to, sum)| (from, to, against(sum)))
    }

    /// Whether a PPDU that is being received, or may be yet, has begun already.
    fn needs_past(&self) -> bool {
        let receives = matches!(self.state, State::Receiving { .. });
        receives || self.signals.iter().any(|signal| signal.undecided)
    }

    fn sum(&self) -> Power {
        self.signals.iter().fold(Power::default(), |sum, signal| sum + signal.power)
    }

    fn primary_mw(&self, power: Power) -> f64 {
        power.within(self.limits.primary)
    }

    fn has_energy(&self) -> bool {
        !self.signals.is_empty() && self.primary_mw(self.sum()) >= self.limits.energy_mw
    }

    fn is_strongest(&self, signal: &Signal) -> bool {
        let mw = self.primary_mw(signal.power);
        let mut rivals = self.signals.iter().filter(|rival| rival.undecided);
        !rivals.any(|rival| self.primary_mw(rival.power) > mw)
    }

    /// Whether a preamble can be told from noise and interference.
    fn is_clear(&self, signal: &Signal) -> bool {
        let mw = self.primary_mw(signal.power);
        let against = self.primary_mw(self.limits.noise + (self.sum() - signal.power));
        mw >= self.limits.preamble_mw && mw >= self.limits.sinr * against
    }

    /// Whether a preamble takes the receiver from what it is receiving, if anything.
    fn may_take_over(&self, signal: &Signal) -> bool {
        let State::Receiving { flight, .. } = self.state else {
            return self.state == State::Listening;
        };
        let held = self.signals.iter().find(|held| held.flight == flight);
        held.zip(self.limits.capture).is_some_and(|(held, factor)| {
            self.primary_mw(signal.power) >= factor * self.primary_mw(held.power)
        })
    }
}

#[cfg(test)]
impl Receiver {
    pub(super) fn hears_nothing(&self) -> bool {
        self.state == State::Listening && self.signals.is_empty()
    }
}
