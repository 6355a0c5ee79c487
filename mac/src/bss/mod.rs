//! Membership: what makes a station one of a BSS, on top of what all stations share.

mod ibss;

use rand_chacha::ChaCha8Rng;

use crate::event::{Event, Output};
use crate::lower::Lower;
use crate::{AccessCategory, Config, Counters, Instant, Rider, Role};
use ibss::Ibss;

/// The MAC of a station: time and events in, [`Output`]s out.
///
/// Its owner calls [`handle`](Self::handle) with what happens, and
/// [`handle_timeout`](Self::handle_timeout) when [`next_timeout`](Self::next_timeout) has come;
/// after each call it takes all outputs from [`poll`](Self::poll). Times never run backwards.
pub struct Mac {
    lower: Lower,
    membership: Membership,
}

enum Membership {
    Ibss(Ibss),
}

impl Mac {
    /// A station that begins now. All that is random in it comes from `rng`.
    pub fn new(now: Instant, config: Config, rider: Box<dyn Rider>, rng: ChaCha8Rng) -> Self {
        let role = config.role.clone();
        let mut lower = Lower::new(config, rider, rng);
        let membership = match role {
            Role::Ibss(config) => Membership::Ibss(Ibss::new(now, config, &mut lower)),
            Role::Ap(_) | Role::Station(_) => unimplemented!(),
        };
        Self { lower, membership }
    }

    /// Something happens.
    pub fn handle(&mut self, now: Instant, event: Event) {
        match event {
            Event::Phy(indication) => self.lower.handle_phy(now, indication),
            Event::Msdu(msdu) => match &mut self.membership {
                Membership::Ibss(ibss) => ibss.send(now, &mut self.lower, msdu),
            },
            Event::Command(_) => {}
        }
        self.pass_upward(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called, if nothing happens before.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.lower.next_timeout()
    }

    /// The time that was asked for has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.lower.handle_timeout(now);
        self.pass_upward(now);
    }

    /// What is to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.lower.outputs.pop_front()
    }

    /// What it is and how it behaves.
    pub fn config(&self) -> &Config {
        &self.lower.config
    }

    /// What it has done so far.
    pub fn counters(&self) -> &Counters {
        &self.lower.counters
    }

    /// Packets queued in an access category, those in flight included.
    pub fn queued(&self, category: AccessCategory) -> usize {
        self.lower.queued(category)
    }

    fn pass_upward(&mut self, now: Instant) {
        while let Some(upward) = self.lower.upward.pop_front() {
            match &mut self.membership {
                Membership::Ibss(ibss) => ibss.handle(now, &mut self.lower, upward),
            }
        }
    }
}
