//! A radio on its way through the channels, and what it is doing there.

use std::collections::VecDeque;
use std::time::Duration;

use mac::Instant;

use crate::air::Air;
use crate::event::Radio;

/// A radio.
#[derive(Debug)]
pub(crate) struct Tuner {
    pub(crate) radio: Radio,
    /// The channel it is in, by its place in the client's list.
    pub(crate) channel: usize,
    pub(crate) phase: Phase,
    pub(crate) air: Air,
    /// The visits that are left of this cycle.
    pub(crate) visits: VecDeque<Visit>,
}

/// A slot that is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) channel: usize,
    /// From the moment that the radio leaves the channel before.
    pub(crate) slot: Duration,
}

/// What a radio is doing. docs/channel-switch.md has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is there, and packets go both ways.
    Open {
        /// When it begins to leave; never if there is nowhere to go.
        until: Option<Instant>,
    },
    /// No more packets: the riders drain, the queues are flushed, and the APs are told.
    Closing {
        /// When it leaves though an AP has not heard.
        deadline: Instant,
    },
    /// All APs have heard; what they had begun to send before comes in.
    Lingering {
        /// When they are taken to be silent.
        until: Instant,
    },
    /// It is deaf.
    Retuning {
        /// When it hears.
        until: Instant,
        /// When its slot there is over.
        slot_end: Instant,
    },
}

impl Tuner {
    pub(crate) fn new(radio: Radio, channel: usize, phase: Phase) -> Self {
        Self { radio, channel, phase, air: Air::default(), visits: VecDeque::new() }
    }

    /// Whether packets of stations in a channel may go out.
    pub(crate) fn is_open_for(&self, channel: usize) -> bool {
        self.channel == channel && matches!(self.phase, Phase::Open { .. })
    }

    /// Whether stations in a channel hear and can be heard.
    pub(crate) fn is_in(&self, channel: usize) -> bool {
        self.channel == channel && !matches!(self.phase, Phase::Retuning { .. })
    }

    /// When something is to be done.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Open { until } => until,
            Phase::Closing { deadline } => Some(deadline),
            // Not before what is on the air is over.
            Phase::Lingering { until } => Some(self.air.occupied_until().max(until)),
            Phase::Retuning { until, .. } => Some(until),
        };
        [phase, self.air.own_end()].into_iter().flatten().min()
    }
}
