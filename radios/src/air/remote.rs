//! A radio in the air of another process.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use num_complex::Complex32;

use super::address::{AirAddress, Socket};
use super::front_end::FrontEnd;
use super::reader::{PATIENCE, Reader, refusal, sentence};
use super::wire::{self, Header, Kind, Listening, Welcome, WireFormat};
use crate::Error;
use crate::radio::{
    Decibel, Direction, Hertz, Radio, RxChunk, RxStream, SampleTime, Streams, TxEvent, TxStream,
};

/// Samples of a burst in one message: few, so that the first are there soon.
const TX_SAMPLES: usize = 4096;
/// How far ahead of what was received bursts are taken, in seconds: what the server keeps.
const TX_LIMIT_S: f64 = 1.5;
/// Events that are kept for who does not ask for them.
const EVENT_LIMIT: usize = 1024;

/// A radio in simulated air, of which it knows but a socket.
pub struct RemoteAirRadio {
    line: Arc<Line>,
    reader: Option<Reader>,
    welcome: Welcome,
    centre: Hertz,
    front_end: FrontEnd,
}

/// What both halves and the radio itself have in common.
struct Line {
    name: String,
    address: AirAddress,
    state: Mutex<State>,
}

struct State {
    writer: Socket,
    message: Vec<u8>,
    events: VecDeque<TxEvent>,
    /// The newest sample that was received.
    now: SampleTime,
    ended: Option<String>,
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn disconnected(&self, reason: impl ToString) -> Error {
        Error::Disconnected {
            radio: format!("{} at {}", self.name, self.address),
            reason: reason.to_string(),
        }
    }

    /// Sends a message without samples.
    fn send(&self, header: Header, payload: &[u8]) -> Result<(), Error> {
        let mut state = self.lock();
        let State { message, .. } = &mut *state;
        message.clear();
        message.extend_from_slice(&header.to_bytes());
        message.extend_from_slice(payload);
        self.write(&mut state)
    }

    /// Sends a number.
    fn send_number(&self, kind: Kind, number: f64) -> Result<(), Error> {
        self.send(Header::new(kind, 0, 8), &number.to_le_bytes())
    }

    fn listen(&self, what: Listening) -> Result<(), Error> {
        self.send(Header { count: what as u32, ..Header::new(Kind::Listen, 0, 0) }, &[])
    }

    fn write(&self, state: &mut State) -> Result<(), Error> {
        if let Some(reason) = &state.ended {
            return Err(self.disconnected(reason));
        }
        let State { writer, message, .. } = state;
        // Half a message may have been written: nothing sensible can follow it.
        writer.write_all(message).map_err(|error| {
            let reason = sentence(&error);
            state.ended = Some(reason.clone());
            self.disconnected(reason)
        })
    }
}

impl RemoteAirRadio {
    /// Joins the air that is served at `address`, under a name that no other radio has there. What is
    /// received comes in `format`.
    ///
    /// # Errors
    /// If there is no air, or it refuses.
    pub fn connect(
        address: &AirAddress,
        name: &str,
        centre: Hertz,
        format: WireFormat,
    ) -> Result<Self, Error> {
        let io = |error: io::Error| Error::Disconnected {
            radio: format!("{name} at {address}"),
            reason: format!("no air is to be had there: {error}"),
        };
        let socket = address.connect().map_err(io)?;
        socket.set_write_timeout(PATIENCE).map_err(io)?;
        let state = State {
            writer: socket.try_clone().map_err(io)?,
            message: Vec::new(),
            events: VecDeque::new(),
            now: SampleTime::default(),
            ended: None,
        };
        let (name, address) = (name.to_owned(), address.clone());
        let line = Arc::new(Line { name, address, state: Mutex::new(state) });
        let hello = [&wire::MAGIC, &centre.0.to_le_bytes()[..], line.name.as_bytes()].concat();
        line.send(Header { format, ..Header::new(Kind::Hello, 0, hello.len()) }, &hello)?;
        let mut reader = Reader::new(socket);
        let (now, welcome) = reader.welcome().map_err(|reason| line.disconnected(reason))?;
        line.lock().now = now;
        let noise = Some(Decibel(welcome.noise_db)).filter(|noise| !noise.0.is_nan());
        let front_end = FrontEnd::new(noise, welcome.noise_seed);
        Ok(Self { line, reader: Some(reader), welcome, centre, front_end })
    }

    /// Whether samples are sent to this radio, once it is started. A radio that only transmits saves
    /// their cost: [`RxStream::read`] then gives none, but still looks for what becomes of bursts.
    ///
    /// # Errors
    /// If the air is gone.
    pub fn set_listening(&mut self, samples: bool) -> Result<(), Error> {
        self.line.listen(if samples { Listening::Samples } else { Listening::Events })
    }

    /// The newest moment of the air that is known here.
    pub fn now(&self) -> SampleTime {
        self.line.lock().now
    }

    /// Whether time waits for [`TxStream::settle`].
    pub fn is_lockstep(&self) -> bool {
        self.welcome.lockstep
    }

    /// Samples that are mixed at a time.
    pub fn block(&self) -> usize {
        self.welcome.block as usize
    }
}

impl Radio for RemoteAirRadio {
    fn describe(&self) -> String {
        let Line { name, address, .. } = &*self.line;
        format!("{name} in the simulated air of {address} at {}", self.sample_rate())
    }

    fn sample_rate(&self) -> Hertz {
        Hertz(self.welcome.sample_rate_hz)
    }

    fn frequency(&self) -> Hertz {
        self.centre
    }

    fn tune(&mut self, centre: Hertz) -> Result<(), Error> {
        self.line.send_number(Kind::Tune, centre.0)?;
        self.centre = centre;
        Ok(())
    }

    fn set_gain(&mut self, direction: Direction, gain: Decibel) -> Result<(), Error> {
        match direction {
            Direction::Rx => {
                self.front_end.set_gain(gain);
                Ok(())
            }
            Direction::Tx => self.line.send_number(Kind::TxGain, gain.0),
        }
    }

    /// The simulated radio has no filter: any width will do.
    fn set_bandwidth(&mut self, _bandwidth: Hertz) -> Result<(), Error> {
        Ok(())
    }

    /// The block that is under way when a sample is read, and one more to come in time for.
    fn latency(&self) -> Duration {
        Duration::from_secs_f64(2.0 * self.block() as f64 / self.welcome.sample_rate_hz)
    }

    fn start(&mut self) -> Result<Streams, Error> {
        let reader = self.reader.take().ok_or_else(|| Error::Unsupported {
            radio: self.line.name.clone(),
            reason: "it was started before".to_owned(),
        })?;
        self.line.listen(Listening::Samples)?;
        let limit = (TX_LIMIT_S * self.welcome.sample_rate_hz) as u64;
        let lockstep = self.welcome.lockstep;
        let front_end = self.front_end.clone();
        Ok(Streams {
            rx: Box::new(Rx {
                line: Arc::clone(&self.line),
                reader,
                front_end,
                expected: None,
                begun: None,
            }),
            tx: Box::new(Tx { line: Arc::clone(&self.line), limit, lockstep }),
        })
    }
}

struct Rx {
    line: Arc<Line>,
    reader: Reader,
    front_end: FrontEnd,
    /// When the next sample is due, if none is lost.
    expected: Option<SampleTime>,
    /// A message of samples that was begun.
    begun: Option<Header>,
}

impl RxStream for Rx {
    fn read(&mut self, samples: &mut [Complex32], timeout: Duration) -> Result<RxChunk, Error> {
        let outcome = self.read_some(samples, timeout);
        let chunk = outcome.map_err(|reason| {
            let ended = self.line.lock().ended.get_or_insert(reason).clone();
            self.line.disconnected(ended)
        })?;
        if chunk.len > 0 {
            self.line.lock().now = chunk.time + chunk.len as u64;
            self.front_end.process(chunk.time, &mut samples[..chunk.len]);
        }
        Ok(chunk)
    }
}

impl Drop for Rx {
    fn drop(&mut self) {
        // A server that is gone sends nothing anyway.
        let _ = self.line.listen(Listening::No);
    }
}

impl Rx {
    /// Reads as many samples as are there and follow one another.
    fn read_some(
        &mut self,
        samples: &mut [Complex32],
        timeout: Duration,
    ) -> Result<RxChunk, String> {
        let mut chunk = RxChunk::default();
        let mut deadline = None;
        while chunk.len < samples.len() {
            if self.next_samples()? {
                let header = self.begun.as_mut().expect("the next samples are there");
                let time = SampleTime(header.time);
                if chunk.len == 0 {
                    chunk.time = time;
                    chunk.lost = self.expected.map_or(0, |expected| time.since(expected));
                } else if self.expected != Some(time) {
                    return Ok(chunk);
                }
                let count = self.reader.samples(header, &mut samples[chunk.len..]);
                if header.count == 0 {
                    self.begun = None;
                }
                chunk.len += count;
                self.expected = Some(time + count as u64);
                if count > 0 {
                    continue;
                }
            }
            if chunk.len > 0 {
                return Ok(chunk);
            }
            // Messages that are no samples make the time no longer.
            let now = Instant::now();
            if *deadline.get_or_insert(now + timeout) < now {
                return Ok(chunk);
            }
            self.reader.fill(timeout)?;
        }
        Ok(chunk)
    }

    /// Looks at messages until there are samples; false if there are none now.
    fn next_samples(&mut self) -> Result<bool, String> {
        while self.begun.is_none() {
            let Some(header) = self.reader.header()? else { return Ok(false) };
            let at = SampleTime(header.time);
            match header.kind {
                Kind::Rx => self.begun = Some(header).filter(|header| header.count > 0),
                Kind::Late => self.tell(TxEvent::Late { at, by: u64::from(header.count) }),
                Kind::Underflow => self.tell(TxEvent::Underflow { at }),
                Kind::Now => self.line.lock().now = at,
                Kind::Refused => return Err(refusal(self.reader.payload(header.payload_len))),
                kind => return Err(format!("the air has sent {kind:?} where that means nothing")),
            }
        }
        Ok(true)
    }

    fn tell(&self, event: TxEvent) {
        let events = &mut self.line.lock().events;
        if events.len() == EVENT_LIMIT {
            events.pop_front();
        }
        events.push_back(event);
    }
}

struct Tx {
    line: Arc<Line>,
    /// Samples ahead of what was received that may be handed in.
    limit: u64,
    lockstep: bool,
}

impl TxStream for Tx {
    fn send(
        &mut self,
        at: SampleTime,
        samples: &[Complex32],
        end_of_burst: bool,
    ) -> Result<(), Error> {
        let mut state = self.line.lock();
        if (at + samples.len() as u64).since(state.now) > self.limit {
            return Err(Error::TxFull { radio: self.line.name.clone(), samples: samples.len() });
        }
        let mut at = at;
        let mut left = samples;
        loop {
            let (now, rest) = left.split_at(left.len().min(TX_SAMPLES));
            let place = (at.0, end_of_burst && rest.is_empty());
            state.message.clear();
            wire::put_samples(&mut state.message, Kind::Tx, place, now, WireFormat::Ci16);
            self.line.write(&mut state)?;
            at += now.len() as u64;
            left = rest;
            if left.is_empty() {
                return Ok(());
            }
        }
    }

    /// What the receiving half has read of it by now.
    fn poll_event(&mut self) -> Option<TxEvent> {
        self.line.lock().events.pop_front()
    }

    fn settle(&mut self, until: SampleTime) -> Result<(), Error> {
        if self.lockstep {
            self.line.send(Header::new(Kind::Settle, until.0, 0), &[])
        } else {
            Ok(())
        }
    }
}

impl Drop for Tx {
    /// No burst will follow: nobody needs to wait for one.
    fn drop(&mut self) {
        let _ = self.settle(SampleTime(u64::MAX));
    }
}
