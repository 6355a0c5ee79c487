//! What a client has told.

use std::time::Duration;

use channel_switch::Notice;
use mac::{Instant, Msdu, TxPpdu};
use sim::network::Observer;

#[derive(Default)]
pub struct Watch {
    pub told: Vec<(Instant, Notice)>,
    /// Cycles and the slots in them.
    pub cycles: u64,
    pub visits: u64,
    /// When something was last delivered anywhere, and the longest time in which nothing was.
    delivered: Option<Instant>,
    pub longest_pause: Duration,
    pub sent: Vec<(usize, Instant, TxPpdu)>,
    /// Whether to keep what is sent.
    pub keeps: bool,
}

impl Observer for Watch {
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, _end: Instant) {
        if self.keeps {
            self.sent.push((node, ppdu.start, ppdu.clone()));
        }
    }

    fn delivers(&mut self, now: Instant, _node: usize, _msdu: &Msdu) {
        let before = self.delivered.replace(now).unwrap_or(now);
        self.longest_pause = self.longest_pause.max(now.since(before));
    }

    fn paths(&mut self, now: Instant, _node: usize, notice: &Notice) {
        match notice {
            Notice::Slots(slots) => {
                self.cycles += 1;
                self.visits += slots.len() as u64;
            }
            notice => self.told.push((now, notice.clone())),
        }
    }
}

impl Watch {
    /// How often a path was found, and lost.
    pub fn joined_and_lost(&self) -> (usize, usize) {
        let count = |is: fn(&Notice) -> bool| self.told.iter().filter(|(_, n)| is(n)).count();
        (
            count(|notice| matches!(notice, Notice::Joined { .. })),
            count(|notice| matches!(notice, Notice::Lost { .. })),
        )
    }
}
