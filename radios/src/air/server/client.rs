//! A server's end of a connection to one radio: bytes in, messages out, and back.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::time::Instant;

use num_complex::Complex32;

use crate::air::address::Socket;
use crate::air::inlet::Inlet;
use crate::air::mixer::RadioId;
use crate::air::wire::{self, HEADER_LEN, Header, Kind, Listening, WireFormat};
use crate::radio::{SampleTime, TxEvent};

/// Blocks between two messages that tell but the time.
const NOW_BLOCKS: usize = 10;
/// What is said of a radio that has gone.
const CLOSED: &str = "it has closed the connection";

/// A radio, or what may become one when it has said hello.
pub(super) struct Client {
    socket: Socket,
    pub(super) joined: Option<Joined>,
    incoming: Inlet,
    outgoing: VecDeque<u8>,
    message: Vec<u8>,
    /// When it connected.
    pub(super) since: Instant,
    /// Why the connection is to end.
    pub(super) ended: Option<String>,
    /// Since when it takes nothing that we have for it.
    pub(super) stuck_since: Option<Instant>,
}

/// What is known of a radio.
pub(super) struct Joined {
    pub(super) id: RadioId,
    pub(super) name: String,
    pub(super) format: WireFormat,
    pub(super) listening: Listening,
    /// When it was last told the time.
    pub(super) told_at: SampleTime,
    pub(super) lost: u64,
}

impl Client {
    pub(super) fn new(socket: Socket) -> Self {
        Self {
            socket,
            joined: None,
            incoming: Inlet::new(),
            outgoing: VecDeque::new(),
            message: Vec::new(),
            since: Instant::now(),
            ended: None,
            stuck_since: None,
        }
    }

    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Whether it has gone without a word.
    pub(super) fn is_untouched(&self) -> bool {
        self.incoming.is_empty()
    }

    /// Whether bytes wait to be written.
    pub(super) fn has_backlog(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Reads what has come, without waiting.
    ///
    /// # Errors
    /// If the connection has ended, in a sentence.
    pub(super) fn receive(&mut self) -> Result<(), String> {
        loop {
            let room = self.incoming.room();
            let len = room.len();
            match self.socket.read(room) {
                Ok(0) => return Err(CLOSED.to_owned()),
                Ok(count) => {
                    self.incoming.filled(count);
                    // Less than there was room for is all that there is. And nobody keeps us for
                    // long.
                    if count < len || self.incoming.there().len() > wire::MAX_PAYLOAD {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(sentence(&error)),
            }
        }
    }

    /// The next message that has come whole.
    ///
    /// # Errors
    /// If it makes no sense, in a sentence.
    pub(super) fn next_message(&mut self) -> Result<Option<(Header, &[u8])>, String> {
        let Some(header) = self.incoming.header()? else { return Ok(None) };
        let len = HEADER_LEN + header.payload_len;
        if self.incoming.there().len() < len {
            return Ok(None);
        }
        Ok(Some((header, &self.incoming.take(len)[HEADER_LEN..])))
    }

    /// Sends a block, or loses it if more than `limit` bytes wait.
    pub(super) fn send_block(
        &mut self,
        at: SampleTime,
        samples: Option<&[Complex32]>,
        block: usize,
        limit: usize,
    ) -> Result<(), String> {
        let Some(joined) = &mut self.joined else { return Ok(()) };
        match joined.listening {
            Listening::No => return Ok(()),
            Listening::Events => {
                let is_time = at.since(joined.told_at) as usize >= NOW_BLOCKS * block;
                if !is_time || !self.outgoing.is_empty() {
                    return self.flush();
                }
                joined.told_at = at;
                return self.send(Header::new(Kind::Now, at.0, 0), &[]);
            }
            Listening::Samples => {}
        }
        if self.outgoing.len() > limit {
            joined.lost += block as u64;
            return self.flush();
        }
        self.message.clear();
        match samples {
            Some(samples) => {
                let place = (at.0, false);
                wire::put_samples(&mut self.message, Kind::Rx, place, samples, joined.format);
            }
            None => {
                let header = Header { count: block as u32, ..Header::new(Kind::Rx, at.0, 0) };
                self.message.extend_from_slice(&header.to_bytes());
            }
        }
        self.send_message()
    }

    pub(super) fn send_event(&mut self, event: TxEvent) -> Result<(), String> {
        if self.joined.as_ref().is_none_or(|radio| radio.listening == Listening::No) {
            return Ok(());
        }
        let header = match event {
            TxEvent::Late { at, by } => Header {
                count: u32::try_from(by).unwrap_or(u32::MAX),
                ..Header::new(Kind::Late, at.0, 0)
            },
            TxEvent::Underflow { at } => Header::new(Kind::Underflow, at.0, 0),
        };
        self.send(header, &[])
    }

    /// Sends a message without samples.
    pub(super) fn send(&mut self, header: Header, payload: &[u8]) -> Result<(), String> {
        self.message.clear();
        self.message.extend_from_slice(&header.to_bytes());
        self.message.extend_from_slice(payload);
        self.send_message()
    }

    /// Says why the connection ends, if it still can.
    pub(super) fn refuse(&mut self, reason: &str) {
        let _ = self.send(Header::new(Kind::Refused, 0, reason.len()), reason.as_bytes());
    }

    fn send_message(&mut self) -> Result<(), String> {
        let mut written = 0;
        if self.outgoing.is_empty() {
            written = write_some(&mut self.socket, &self.message)?;
        }
        self.outgoing.extend(&self.message[written..]);
        self.flush()
    }

    /// Writes of what waits as much as can be without waiting.
    pub(super) fn flush(&mut self) -> Result<(), String> {
        while !self.outgoing.is_empty() {
            let written = write_some(&mut self.socket, self.outgoing.as_slices().0)?;
            if written == 0 {
                // Who wants no samples may take its time.
                let listening = self.joined.as_ref().map(|radio| radio.listening);
                if listening.is_some_and(|what| what != Listening::Samples) {
                    return Ok(());
                }
                self.stuck_since.get_or_insert_with(Instant::now);
                return Ok(());
            }
            self.outgoing.drain(..written);
            self.stuck_since = None;
        }
        self.stuck_since = None;
        Ok(())
    }
}

/// Writes without waiting; nought if nothing is taken.
fn write_some(socket: &mut Socket, bytes: &[u8]) -> Result<usize, String> {
    loop {
        match socket.write(bytes) {
            Ok(written) => return Ok(written),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(sentence(&error)),
        }
    }
}

fn sentence(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => CLOSED.to_owned(),
        _ => error.to_string(),
    }
}
