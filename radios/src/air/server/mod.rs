//! Simulated air for radios of several processes.
//!
//! One thread does it all: when a block is due it reads what the radios have sent, mixes, and writes
//! to each what it hears. Nothing waits for a radio: what one does not take in time is lost to it.

mod client;
mod session;

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::address::{AirAddress, Listener};
use super::config::{AirConfig, Pacing};
use super::mixer::Mixer;
use super::precise_sleep;
use crate::Error;
use crate::radio::SampleTime;
use client::Client;

/// How long the server may take to notice that it should stop.
const LOOK_UP: Duration = Duration::from_millis(100);
const SECOND: Duration = Duration::from_secs(1);
/// Connections at a time.
const MAX_CLIENTS: usize = 64;

/// Simulated air behind a socket.
pub struct AirServer {
    config: AirConfig,
    patience: Duration,
    listener: Listener,
    clients: Vec<Client>,
    mixer: Mixer,
    /// Bytes that may wait for a radio.
    backlog_limit: usize,
    /// There were as many radios as had to be waited for.
    begun: bool,
    busy_blocks: u64,
    stood_still: Duration,
    /// When time began to wait for a radio, in lockstep.
    waiting_since: Option<Instant>,
}

/// What an [`AirServer`] has to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AirNotice {
    /// A radio has joined.
    Joined {
        /// Its name.
        radio: String,
    },
    /// A radio is gone.
    Left {
        /// Its name.
        radio: String,
        /// Why, in a sentence.
        reason: String,
        /// Samples that it did not take in time.
        lost: u64,
    },
    /// A second has passed.
    Second,
    /// A connection ended that was no radio's.
    Refused {
        /// Why, in a sentence.
        reason: String,
    },
}

/// What an [`AirServer`] has done so far.
#[derive(Debug, Clone, PartialEq)]
pub struct AirStatus {
    /// The first sample not yet mixed.
    pub now: SampleTime,
    /// Blocks in which somebody was heard, by all radios.
    pub busy_blocks: u64,
    /// How long time stood still because the machine was late.
    pub stood_still: Duration,
    /// The radios, and the samples that each did not take in time.
    pub radios: Vec<(String, u64)>,
}

impl AirServer {
    /// Listens. A radio that neither takes what it is sent nor, in lockstep, settles for as long as
    /// `patience` is dropped.
    ///
    /// # Errors
    /// If the options make no sense or the address cannot be had.
    pub fn bind(
        address: &AirAddress,
        config: AirConfig,
        patience: Duration,
    ) -> Result<Self, Error> {
        config.check()?;
        let listener = address.listen().map_err(Error::io(address.to_string()))?;
        let samples = config.buffer.as_secs_f64() * config.sample_rate.0;
        Ok(Self {
            mixer: Mixer::new(config.clone()),
            // In the format that most have asked for.
            backlog_limit: samples as usize * 4,
            begun: false,
            config,
            patience,
            listener,
            clients: Vec::new(),
            busy_blocks: 0,
            stood_still: Duration::ZERO,
            waiting_since: None,
        })
    }

    /// Where it listens: of `tcp:HOST:0` with the port that it was given.
    ///
    /// # Errors
    /// If the system does not know.
    pub fn address(&self) -> Result<AirAddress, Error> {
        self.listener.address().map_err(Error::io("the listening socket"))
    }

    /// What it has done so far.
    pub fn status(&self) -> AirStatus {
        let joined = self.clients.iter().filter_map(|client| client.joined.as_ref());
        AirStatus {
            now: self.mixer.next(),
            busy_blocks: self.busy_blocks,
            stood_still: self.stood_still,
            radios: joined.map(|radio| (radio.name.clone(), radio.lost)).collect(),
        }
    }

    /// Lets its time pass until `stop` is set, and tells `notify` what happens.
    ///
    /// # Errors
    /// If the listening socket fails.
    pub fn run(
        &mut self,
        stop: &AtomicBool,
        notify: &mut dyn FnMut(&AirStatus, AirNotice),
    ) -> Result<(), Error> {
        precise_sleep::ask();
        let mut pacer = self.config.pacer(Instant::now());
        let mut second = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            if second.elapsed() >= SECOND {
                second += SECOND;
                notify(&self.status(), AirNotice::Second);
            }
            if let Some(pacer) = &pacer {
                let left = pacer.due().saturating_duration_since(Instant::now());
                std::thread::sleep(left.min(LOOK_UP));
                if left > LOOK_UP {
                    continue;
                }
            }
            self.accept()?;
            self.receive(notify);
            if !self.is_ready() {
                self.wait();
                self.lose_patience(notify);
                if let Some(pacer) = &mut pacer {
                    pacer.hold(Instant::now());
                }
                continue;
            }
            self.waiting_since = None;
            if let Some(pacer) = &mut pacer {
                pacer.mixed(Instant::now());
                self.stood_still = pacer.stood_still();
            }
            self.mix();
            self.lose_patience(notify);
        }
        Ok(())
    }

    fn accept(&mut self) -> Result<(), Error> {
        while let Some(socket) = self.listener.accept().map_err(Error::io("a new connection"))? {
            if self.clients.len() < MAX_CLIENTS {
                self.clients.push(Client::new(socket));
            }
        }
        Ok(())
    }

    /// Reads what the radios have sent.
    fn receive(&mut self, notify: &mut dyn FnMut(&AirStatus, AirNotice)) {
        let mut joined = Vec::new();
        for client in &mut self.clients {
            let was_there = client.joined.is_some();
            if let Err(reason) = session::receive(client, &mut self.mixer, &self.config) {
                client.ended.get_or_insert(reason);
            }
            if let Some(radio) = &client.joined
                && !was_there
            {
                joined.push(AirNotice::Joined { radio: radio.name.clone() });
            }
        }
        joined.into_iter().for_each(|notice| notify(&self.status(), notice));
        self.remove_ended(notify);
    }

    /// Mixes a block and sends it.
    fn mix(&mut self) {
        let at = self.mixer.next();
        self.mixer.mix();
        let mut busy = false;
        for client in &mut self.clients {
            let Some(id) = client.joined.as_ref().map(|radio| radio.id) else { continue };
            let heard = self.mixer.heard(id);
            busy |= heard.is_some();
            let mut sent = client.send_block(at, heard, self.config.block, self.backlog_limit);
            while let Some(event) = self.mixer.next_event(id) {
                sent = sent.and_then(|()| client.send_event(event));
            }
            if let Err(reason) = sent {
                client.ended = Some(reason);
            }
        }
        self.busy_blocks += u64::from(busy);
    }

    /// Whether the next block may be mixed, as far as it is up to the radios.
    fn is_ready(&mut self) -> bool {
        let count = self.mixer.len();
        self.begun |= count >= self.config.wait_for;
        self.begun
            && (self.config.pacing == Pacing::RealTime
                || count > 0
                    && self.mixer.is_settled()
                    && !self.clients.iter().any(Client::has_backlog))
    }

    /// Waits for a radio to come or to say something.
    fn wait(&mut self) {
        self.waiting_since.get_or_insert_with(Instant::now);
        let mut ready = vec![PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        ready.extend(self.clients.iter().map(|client| {
            let mut flags = PollFlags::POLLIN;
            flags.set(PollFlags::POLLOUT, client.has_backlog());
            PollFd::new(client.socket().as_fd(), flags)
        }));
        // A failure is an interruption: the loop looks again at everything.
        let _ = poll(&mut ready, PollTimeout::try_from(LOOK_UP).expect("it is short"));
        drop(ready);
        for client in &mut self.clients {
            if let Err(reason) = client.flush() {
                client.ended = Some(reason);
            }
        }
    }

    /// Ends the connections that have kept others waiting for too long.
    fn lose_patience(&mut self, notify: &mut dyn FnMut(&AirStatus, AirNotice)) {
        let too_long = |since: Instant| since.elapsed() > self.patience;
        let waited = self.begun && self.waiting_since.is_some_and(too_long);
        for client in &mut self.clients {
            let seconds = self.patience.as_secs_f64();
            let reason = match &client.joined {
                _ if client.stuck_since.is_some_and(too_long) => {
                    format!("it has read nothing for {seconds} s")
                }
                None if too_long(client.since) => format!("it said nothing for {seconds} s"),
                Some(radio) if waited && !self.mixer.has_settled(radio.id) => {
                    format!("it has not settled what it transmits for {seconds} s")
                }
                _ => continue,
            };
            client.ended.get_or_insert(reason);
        }
        self.remove_ended(notify);
    }

    fn remove_ended(&mut self, notify: &mut dyn FnMut(&AirStatus, AirNotice)) {
        while let Some(place) = self.clients.iter().position(|client| client.ended.is_some()) {
            let mut client = self.clients.swap_remove(place);
            let reason = client.ended.take().expect("it was looked for");
            client.refuse(&reason);
            let notice = match client.joined {
                Some(radio) => {
                    self.mixer.leave(radio.id);
                    AirNotice::Left { radio: radio.name, reason, lost: radio.lost }
                }
                // Somebody has looked whether there is an air.
                None if client.is_untouched() => continue,
                None => AirNotice::Refused { reason },
            };
            notify(&self.status(), notice);
        }
    }
}
