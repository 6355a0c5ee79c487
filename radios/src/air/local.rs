//! Simulated air within a process.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use num_complex::Complex32;

use super::config::{AirConfig, Pacing};
use super::front_end::{FrontEnd, saturate};
use super::inbox::{Closed, Inbox};
use super::mixer::{Mixer, RadioId};
use super::precise_sleep;
use crate::Error;
use crate::radio::{
    Decibel, Direction, Hertz, Radio, RxChunk, RxStream, SampleTime, Streams, TxEvent, TxStream,
};

/// Simulated air with a thread that mixes it. When it is dropped, its radios are disconnected.
pub struct Air {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    config: AirConfig,
    state: Mutex<State>,
    /// A radio has settled, read, come or gone.
    changed: Condvar,
}

struct State {
    mixer: Mixer,
    members: Vec<(RadioId, Arc<Inbox>)>,
    /// There were as many radios as had to be waited for.
    begun: bool,
    stood_still: Duration,
    stop: bool,
}

impl Air {
    /// Starts the air; its time begins to pass.
    ///
    /// # Errors
    /// If the options make no sense, or there is no thread to be had.
    pub fn start(config: AirConfig) -> Result<Self, Error> {
        config.check()?;
        let state = State {
            mixer: Mixer::new(config.clone()),
            members: Vec::new(),
            begun: false,
            stood_still: Duration::ZERO,
            stop: false,
        };
        let shared = Arc::new(Shared { config, state: Mutex::new(state), changed: Condvar::new() });
        let air = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("air".to_owned())
            .spawn(move || air.run())
            .map_err(Error::io("a thread for the air"))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Brings in a radio. In lockstep, time waits for it from now on.
    ///
    /// # Errors
    /// If there is a radio of this name.
    pub fn radio(&self, name: &str, centre: Hertz) -> Result<AirRadio, Error> {
        let mut state = self.shared.lock();
        if state.mixer.has(name) {
            return Err(Error::Unsupported {
                radio: name.to_owned(),
                reason: "a radio of this name is in the air already".to_owned(),
            });
        }
        let config = &self.shared.config;
        let blocks = config.buffer.as_secs_f64() * config.sample_rate.0 / config.block as f64;
        let inbox = Arc::new(Inbox::new(config.block, (blocks as usize).max(4)));
        let id = state.mixer.join(name, centre);
        state.members.push((id, Arc::clone(&inbox)));
        drop(state);
        self.shared.changed.notify_all();
        let front_end = FrontEnd::of(config, name);
        let member =
            Arc::new(Member { shared: Arc::clone(&self.shared), id, name: name.to_owned(), inbox });
        Ok(AirRadio { member, centre, front_end, started: false })
    }

    /// The first sample that is not yet mixed.
    pub fn now(&self) -> SampleTime {
        self.shared.lock().mixer.next()
    }

    /// How long its time stood still because the machine was late.
    pub fn stood_still(&self) -> Duration {
        self.shared.lock().stood_still
    }
}

impl Drop for Air {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stop = true;
        state.members.iter().for_each(|(_, inbox)| inbox.close("the air has ended"));
        drop(state);
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the air's thread has been printed; there is nothing else to be done.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        precise_sleep::ask();
        let mut pacer = self.config.pacer(Instant::now());
        loop {
            let mut state = self.lock();
            while !state.stop && !self.is_ready(&mut state) {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                if let Some(pacer) = &mut pacer {
                    pacer.hold(Instant::now());
                }
            }
            if state.stop {
                return;
            }
            if let Some(pacer) = &mut pacer {
                let left = pacer.due().saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    drop(state);
                    std::thread::sleep(left);
                    continue;
                }
                pacer.mixed(Instant::now());
                state.stood_still = pacer.stood_still();
            }
            state.mixer.mix();
            for (id, inbox) in &state.members {
                inbox.push(state.mixer.heard(*id));
            }
        }
    }

    /// Whether the next block may be mixed, as far as it is up to the radios.
    fn is_ready(&self, state: &mut State) -> bool {
        let count = state.mixer.len();
        state.begun |= count >= self.config.wait_for;
        state.begun
            && match self.config.pacing {
                Pacing::RealTime => true,
                Pacing::Lockstep { .. } => {
                    count > 0
                        && state.mixer.is_settled()
                        && state.members.iter().all(|(_, inbox)| inbox.has_room())
                }
            }
    }

    fn is_lockstep(&self) -> bool {
        self.config.pacing != Pacing::RealTime
    }
}

/// A radio's place in the air, which it leaves when the radio and its streams are gone.
struct Member {
    shared: Arc<Shared>,
    id: RadioId,
    name: String,
    inbox: Arc<Inbox>,
}

impl Member {
    /// Does something with the mixer, if it still mixes.
    fn with<T>(&self, action: impl FnOnce(&mut Mixer) -> T) -> Result<T, Error> {
        let mut state = self.shared.lock();
        if state.stop {
            return Err(self.disconnected("the air has ended".to_owned()));
        }
        Ok(action(&mut state.mixer))
    }

    fn disconnected(&self, reason: String) -> Error {
        Error::Disconnected { radio: self.name.clone(), reason }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.mixer.leave(self.id);
        state.members.retain(|(id, _)| *id != self.id);
        drop(state);
        self.shared.changed.notify_all();
    }
}

/// A radio in simulated air.
pub struct AirRadio {
    member: Arc<Member>,
    centre: Hertz,
    front_end: FrontEnd,
    started: bool,
}

impl Radio for AirRadio {
    fn describe(&self) -> String {
        format!("{} in simulated air at {}", self.member.name, self.sample_rate())
    }

    fn sample_rate(&self) -> Hertz {
        self.member.shared.config.sample_rate
    }

    fn frequency(&self) -> Hertz {
        self.centre
    }

    fn tune(&mut self, centre: Hertz) -> Result<(), Error> {
        self.member.with(|mixer| mixer.tune(self.member.id, centre))?;
        self.centre = centre;
        Ok(())
    }

    fn set_gain(&mut self, direction: Direction, gain: Decibel) -> Result<(), Error> {
        match direction {
            Direction::Rx => self.front_end.set_gain(gain),
            Direction::Tx => {
                self.member.with(|mixer| mixer.set_tx_gain(self.member.id, gain))?;
            }
        }
        Ok(())
    }

    /// The simulated radio has no filter: any width will do.
    fn set_bandwidth(&mut self, _bandwidth: Hertz) -> Result<(), Error> {
        Ok(())
    }

    /// The block that is under way when a sample is read, and one more to come in time for.
    fn latency(&self) -> Duration {
        self.member.shared.config.block_duration() * 2
    }

    fn start(&mut self) -> Result<Streams, Error> {
        if std::mem::replace(&mut self.started, true) {
            return Err(Error::Unsupported {
                radio: self.member.name.clone(),
                reason: "it was started before".to_owned(),
            });
        }
        self.member.with(|mixer| self.member.inbox.open(mixer.next()))?;
        let front_end = self.front_end.clone();
        Ok(Streams {
            rx: Box::new(Rx { member: Arc::clone(&self.member), front_end }),
            tx: Box::new(Tx { member: Arc::clone(&self.member) }),
        })
    }
}

struct Rx {
    member: Arc<Member>,
    front_end: FrontEnd,
}

impl RxStream for Rx {
    fn read(&mut self, samples: &mut [Complex32], timeout: Duration) -> Result<RxChunk, Error> {
        let chunk = self
            .member
            .inbox
            .read(samples, timeout)
            .map_err(|Closed(reason)| self.member.disconnected(reason))?;
        if self.member.shared.is_lockstep() {
            // Under the lock, so that the air is not just between its look and its wait.
            let state = self.member.shared.lock();
            self.member.shared.changed.notify_all();
            drop(state);
        }
        self.front_end.process(chunk.time, &mut samples[..chunk.len]);
        Ok(chunk)
    }
}

impl Drop for Rx {
    fn drop(&mut self) {
        self.member.inbox.abandon();
        let _state = self.member.shared.lock();
        self.member.shared.changed.notify_all();
    }
}

struct Tx {
    member: Arc<Member>,
}

impl TxStream for Tx {
    fn send(
        &mut self,
        at: SampleTime,
        samples: &[Complex32],
        end_of_burst: bool,
    ) -> Result<(), Error> {
        // The copy is made while the air goes on.
        let mut buffer = self.member.with(Mixer::buffer)?;
        buffer.extend_from_slice(samples);
        saturate(&mut buffer);
        let taken =
            self.member.with(|mixer| mixer.submit(self.member.id, at, buffer, end_of_burst))?;
        taken.map_err(|samples| Error::TxFull { radio: self.member.name.clone(), samples })
    }

    fn poll_event(&mut self) -> Option<TxEvent> {
        self.member.with(|mixer| mixer.next_event(self.member.id)).ok().flatten()
    }

    fn settle(&mut self, until: SampleTime) -> Result<(), Error> {
        if self.member.shared.is_lockstep() {
            self.member.with(|mixer| mixer.settle(self.member.id, until))?;
            self.member.shared.changed.notify_all();
        }
        Ok(())
    }
}

impl Drop for Tx {
    /// No burst will follow: nobody needs to wait for one.
    fn drop(&mut self) {
        let _ = self.settle(SampleTime(u64::MAX));
    }
}
