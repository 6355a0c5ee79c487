//! Runs policies on the connections of a network namespace: hears events, polls statistics, and asks
//! the kernel for what the policies want.

use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::{Context, Result};
use mac::Instant;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::super::namespace::Namespace;
use super::event::Event;
use super::message::Request;
use super::path_manager::{Events, PathManager};
use super::policy::{POLL_EVERY, Policy};
use super::statistics::{Statistics, SubflowStatistics};

/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// A path manager of user space.
pub struct Manager {
    began: std::time::Instant,
    path_manager: PathManager,
    events: Events,
    statistics: Statistics,
    policies: Vec<Box<dyn Policy>>,
    next_poll: Option<Instant>,
}

/// What it says that it does.
#[derive(Debug)]
pub enum Told<'a> {
    Event(&'a Event),
    Statistics(&'a [SubflowStatistics]),
    Asked(&'a Request),
    /// The kernel would not, or what it said made no sense.
    Trouble(anyhow::Error),
}

impl Manager {
    /// Statistics are polled if somebody wants to be told them, or a policy needs them.
    pub fn new(
        namespace: &Namespace,
        policies: Vec<Box<dyn Policy>>,
        tells_statistics: bool,
    ) -> Result<Self> {
        let (path_manager, events, statistics) = namespace.enter(|| {
            let path_manager = PathManager::open()?;
            let events = path_manager.events()?;
            Ok((path_manager, events, Statistics::open()?))
        })?;
        let polls = tells_statistics || policies.iter().any(|policy| policy.wants_statistics());
        let next_poll = polls.then_some(Instant::ZERO);
        let began = std::time::Instant::now();
        Ok(Self { began, path_manager, events, statistics, policies, next_poll })
    }

    /// The time since it began.
    pub fn now(&self) -> Instant {
        Instant::ZERO + self.began.elapsed()
    }

    /// Does what is due, and waits for more.
    pub fn step(&mut self, tell: &mut impl FnMut(Instant, Told<'_>)) -> Result<()> {
        let now = self.now();
        for event in self.events.heard()? {
            match event {
                Ok(event) => {
                    tell(now, Told::Event(&event));
                    self.policies.iter_mut().for_each(|policy| policy.handle_event(now, &event));
                }
                Err(error) => tell(now, Told::Trouble(error)),
            }
        }
        if self.next_poll.is_some_and(|next| next <= now) {
            self.next_poll = Some(now + POLL_EVERY);
            let subflows = self.statistics.poll()?;
            tell(now, Told::Statistics(&subflows));
            for policy in &mut self.policies {
                policy.handle_statistics(now, &subflows);
            }
        }
        for policy in &mut self.policies {
            if policy.next_timeout().is_some_and(|timeout| timeout <= now) {
                policy.handle_timeout(now);
            }
        }
        self.ask(now, tell);
        self.wait()
    }

    /// Takes back what is not to stay.
    pub fn end(&mut self, tell: &mut impl FnMut(Instant, Told<'_>)) {
        self.policies.iter_mut().for_each(|policy| policy.handle_end());
        self.ask(self.now(), tell);
    }

    fn ask(&mut self, now: Instant, tell: &mut impl FnMut(Instant, Told<'_>)) {
        for policy in &mut self.policies {
            while let Some(request) = policy.poll_request() {
                tell(now, Told::Asked(&request));
                // A subflow that is gone meanwhile, an address that is not there: not the end.
                if let Err(error) = self.path_manager.request(&request) {
                    tell(now, Told::Trouble(error.context(format!("{request}"))));
                }
            }
        }
    }

    fn wait(&self) -> Result<()> {
        let timeouts = self.policies.iter().filter_map(|policy| policy.next_timeout());
        let next = timeouts.chain(self.next_poll).min();
        let wait = next.map_or(LONGEST_WAIT, |next| next.since(self.now()).min(LONGEST_WAIT));
        let timeout = PollTimeout::try_from(wait).expect("milliseconds");
        match poll(&mut [PollFd::new(self.events.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error).context("waiting for events"),
        }
    }
}
