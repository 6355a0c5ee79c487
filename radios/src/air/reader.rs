//! What the server of an air sends to a radio.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use num_complex::Complex32;

use super::address::Socket;
use super::inlet::Inlet;
use super::wire::{self, HEADER_LEN, Header, Kind, Welcome};
use crate::radio::SampleTime;

/// How long a server may take to answer, or to take what it is sent.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Messages from the server.
pub(super) struct Reader {
    socket: Socket,
    timeout: Option<Duration>,
    inlet: Inlet,
}

impl Reader {
    pub(super) fn new(socket: Socket) -> Self {
        Self { socket, timeout: None, inlet: Inlet::new() }
    }

    /// Waits for more bytes; false if none came in time.
    pub(super) fn fill(&mut self, timeout: Duration) -> Result<bool, String> {
        if self.timeout != Some(timeout) && !timeout.is_zero() {
            self.socket.set_read_timeout(timeout).map_err(|error| error.to_string())?;
            self.timeout = Some(timeout);
        }
        let room = self.inlet.room();
        let outcome =
            if timeout.is_zero() { self.socket.read_now(room) } else { self.socket.read(room) };
        match outcome {
            Ok(0) => Err("the air has ended".to_owned()),
            Ok(count) => {
                self.inlet.filled(count);
                Ok(true)
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock
                | io::ErrorKind::TimedOut
                | io::ErrorKind::Interrupted => Ok(false),
                _ => Err(sentence(&error)),
            },
        }
    }

    /// The next header, if it has come, and its payload, too, unless that is samples.
    pub(super) fn header(&mut self) -> Result<Option<Header>, String> {
        let Some(header) = self.inlet.header()? else { return Ok(None) };
        let payload = if header.kind == Kind::Rx { 0 } else { header.payload_len };
        if self.inlet.there().len() < HEADER_LEN + payload {
            return Ok(None);
        }
        self.inlet.take(HEADER_LEN);
        Ok(Some(header))
    }

    /// What belongs to a header.
    pub(super) fn payload(&mut self, len: usize) -> &[u8] {
        self.inlet.take(len)
    }

    /// Takes samples of a message, as many as have come and there is room for. The header becomes that
    /// of the rest.
    pub(super) fn samples(&mut self, header: &mut Header, samples: &mut [Complex32]) -> usize {
        let there = header.samples_in(self.inlet.there().len());
        let count = there.min(samples.len()).min(header.count as usize);
        let payload = self.inlet.take(wire::payload_bytes(header, count));
        wire::get_samples(header, payload, &mut samples[..count]);
        header.time += count as u64;
        header.count -= count as u32;
        count
    }

    /// Waits for the answer to a hello: the time, and what the air is like.
    pub(super) fn welcome(&mut self) -> Result<(SampleTime, Welcome), String> {
        let begun = Instant::now();
        loop {
            if let Some(header) = self.header()? {
                let payload = self.payload(header.payload_len);
                return match header.kind {
                    Kind::Welcome => Welcome::parse(payload)
                        .map(|welcome| (SampleTime(header.time), welcome))
                        .ok_or_else(|| "its welcome makes no sense".to_owned()),
                    Kind::Refused => Err(refusal(payload)),
                    kind => Err(format!("it answered with {kind:?}")),
                };
            }
            if begun.elapsed() > PATIENCE {
                return Err("it does not answer".to_owned());
            }
            self.fill(PATIENCE)?;
        }
    }
}

/// What the air has said before it ended the connection.
pub(super) fn refusal(payload: &[u8]) -> String {
    format!("the air has refused: {}", String::from_utf8_lossy(payload))
}

/// What has become of a connection.
pub(super) fn sentence(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            format!("the air has taken nothing for {} s", PATIENCE.as_secs())
        }
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => {
            "the air has ended".to_owned()
        }
        _ => error.to_string(),
    }
}
