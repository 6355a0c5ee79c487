//! One side of a connection: it lets the handshake, the sender and the receiver play together.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use bytes::Bytes;
use mac::Instant;

use super::{
    Config, Coupling, Stats, TracePoint,
    emitter::{Emitter, Parts},
    handshake::{Opening, PeerSyn, Progress, Terms},
    pattern::pattern,
    receiver::{Incoming, Receiver},
    sender::{Ack, Opened, Outgoing, Sender},
    seq::Seq,
};
use crate::packet::{
    Ecn, Flags, Flow, MAX_SACK_BLOCKS, PacketError, TcpOptions, TcpSegment, Timestamps,
};

/// One side of a TCP connection.
///
/// ```
/// use mac::Instant;
/// use sim::tcp::{Config, Connection, Transfer};
///
/// let (client, server) = ("10.0.0.2:40000".parse()?, "10.0.0.1:5001".parse()?);
/// let now = Instant::ZERO;
/// let download = Config { transfer: Transfer::Bytes(100_000), ..Config::default() };
/// let mut server = Connection::listen(download, server);
/// let mut client = Connection::connect(Config::default(), client, "10.0.0.1:5001".parse()?, now);
/// // A network without any delay.
/// while !client.is_closed() {
///     while let Some(packet) = client.poll_transmit(now) {
///         server.handle_packet(now, &packet)?;
///     }
///     while let Some(packet) = server.poll_transmit(now) {
///         client.handle_packet(now, &packet)?;
///     }
/// }
/// assert_eq!(client.stats().receiver.bytes_delivered, 100_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Connection {
    config: Config,
    state: State,
    /// Pure ACKs, as they were when they became due.
    acks: VecDeque<Bytes>,
}

/// The states of RFC 9293 section 3.3.2. Those from ESTABLISHED on differ in which FINs have been
/// sent, acknowledged and received, which the two halves know.
#[derive(Debug)]
enum State {
    Listen {
        local: SocketAddr,
    },
    /// SYN-SENT and SYN-RECEIVED.
    Opening(Box<Opening>),
    Synchronized(Box<Synchronized>),
    /// The other side has reset the connection.
    Reset,
}

#[derive(Debug)]
struct Synchronized {
    emitter: Emitter,
    terms: Terms,
    sender: Sender,
    receiver: Receiver,
}

impl Connection {
    /// Opens actively, from `local` to `remote`.
    ///
    /// # Panics
    /// If one address is IPv4 and the other IPv6.
    pub fn connect(
        config: Config,
        local: SocketAddr,
        remote: SocketAddr,
        now: Instant,
    ) -> Connection {
        let emitter = Emitter::new(Flow::new(local, remote), config.iss);
        let opening = Opening::new(&config, emitter, None, now);
        Connection { config, state: State::Opening(Box::new(opening)), acks: VecDeque::new() }
    }

    /// Opens passively: waits for the first SYN to `local`, from wherever.
    pub fn listen(config: Config, local: SocketAddr) -> Connection {
        Connection { config, state: State::Listen { local }, acks: VecDeque::new() }
    }

    /// A packet has arrived. What is not of this connection is ignored.
    ///
    /// # Errors
    /// If it is no TCP segment or damaged: it is dropped.
    pub fn handle_packet(&mut self, now: Instant, packet: &Bytes) -> Result<(), PacketError> {
        let (segment, payload) = TcpSegment::parse(packet)?;
        match &mut self.state {
            State::Listen { local } => {
                let Flags { syn, ack, rst, .. } = segment.flags;
                if segment.flow.destination() == *local && syn && !ack && !rst {
                    let emitter = Emitter::new(segment.flow.reverse(), self.config.iss);
                    let peer = PeerSyn::new(&self.config, &segment);
                    let opening = Opening::new(&self.config, emitter, Some(peer), now);
                    self.state = State::Opening(Box::new(opening));
                }
            }
            State::Opening(opening) if opening.emitter.flow() == segment.flow.reverse() => {
                match opening.on_segment(&self.config, now, &segment) {
                    Progress::Waiting => {}
                    Progress::Refused => self.state = State::Reset,
                    Progress::Agreed(peer) => {
                        self.open(peer);
                        self.synchronized(now, &segment, packet, payload);
                    }
                }
            }
            State::Synchronized(open) if open.emitter.flow() == segment.flow.reverse() => {
                self.synchronized(now, &segment, packet, payload);
            }
            State::Opening(_) | State::Synchronized(_) | State::Reset => {}
        }
        Ok(())
    }

    /// Enters ESTABLISHED.
    fn open(&mut self, peer: PeerSyn) {
        let State::Opening(opening) = std::mem::replace(&mut self.state, State::Reset) else {
            unreachable!("only what is being opened becomes open");
        };
        let terms = peer.terms;
        let opened = Opened {
            start: opening.iss + 1,
            smss: terms.smss.into(),
            sack: terms.sack,
            peer_window: peer.window.into(),
            syn_was_lost: opening.syn_was_lost,
            rtt: opening.rtt,
        };
        self.state = State::Synchronized(Box::new(Synchronized {
            emitter: opening.emitter,
            terms,
            sender: Sender::new(&self.config, opened),
            receiver: Receiver::new(
                &self.config,
                peer.nxt,
                terms.shifts.unwrap_or_default().own,
                peer.timestamp,
            ),
        }));
    }

    fn synchronized(&mut self, now: Instant, segment: &TcpSegment, packet: &Bytes, payload: &[u8]) {
        let State::Synchronized(open) = &mut self.state else { return };
        match open.on_segment(now, segment, || packet.slice_ref(payload), payload.len() as u64) {
            Reply::None => {}
            Reply::Ack => self.acks.push_back(open.ack(now)),
            Reply::Reset => self.state = State::Reset,
        }
    }

    /// The next packet to send, until there is none for now. To ask ends a burst of received ones
    /// (see [`Config::receive_offload`]).
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Bytes> {
        match &mut self.state {
            State::Listen { .. } | State::Reset => None,
            State::Opening(opening) => opening.poll_transmit(&self.config, now),
            State::Synchronized(open) => {
                if open.receiver.end_burst(now) {
                    self.acks.push_back(open.ack(now));
                }
                self.acks.pop_front().or_else(|| {
                    let outgoing = open.sender.next(now)?;
                    Some(open.data(now, outgoing))
                })
            }
        }
    }

    /// When [`Self::handle_timeout`] is to be called.
    pub fn next_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Listen { .. } | State::Reset => None,
            State::Opening(opening) => Some(opening.deadline),
            State::Synchronized(open) => {
                let timers = [open.sender.next_timeout(), open.receiver.next_timeout()];
                timers.into_iter().flatten().min()
            }
        }
    }

    /// Time has passed. Harmless before [`Self::next_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        match &mut self.state {
            State::Opening(opening) if opening.deadline <= now => opening.on_timeout(),
            State::Synchronized(open) => {
                if open.receiver.next_timeout().is_some_and(|deadline| deadline <= now) {
                    self.acks.push_back(open.ack(now));
                }
                if open.sender.next_timeout().is_some_and(|deadline| deadline <= now) {
                    open.sender.on_timeout(now);
                }
            }
            _ => {}
        }
    }

    /// The next bytes that have arrived, with [`Reader::Keep`](super::Reader::Keep).
    pub fn read(&mut self, now: Instant) -> Option<Bytes> {
        let State::Synchronized(open) = &mut self.state else { return None };
        let (chunk, there_is_room_again) = open.receiver.read()?;
        if there_is_room_again {
            self.acks.push_back(open.ack(now));
        }
        Some(chunk)
    }

    /// Lets so many bytes more be sent, with [`Transfer::Fed`](super::Transfer::Fed).
    pub fn feed(&mut self, bytes: u64) {
        if let State::Synchronized(open) = &mut self.state {
            open.sender.feed(bytes);
        }
    }

    /// Whether another segment, beyond what it may send already, could go out now.
    pub fn has_room(&self) -> bool {
        matches!(&self.state, State::Synchronized(open) if open.sender.has_room())
    }

    /// Couples its window with those of the other subflows of a connection, with
    /// [`Algorithm::Lia`](super::Algorithm::Lia).
    pub fn couple(&mut self, coupling: Coupling) {
        if let State::Synchronized(open) = &mut self.state {
            open.sender.couple(coupling);
        }
    }

    /// Halves the window, because another path had to send what this one was too slow for.
    pub fn penalise(&mut self) {
        if let State::Synchronized(open) = &mut self.state {
            open.sender.penalise();
        }
    }

    /// Sends an ACK though none is due.
    pub fn acknowledge(&mut self, now: Instant) {
        if let State::Synchronized(open) = &mut self.state {
            self.acks.push_back(open.ack(now));
        }
    }

    /// Ends a transfer that has no end: a FIN follows what was sent so far.
    pub fn close(&mut self) {
        if let State::Synchronized(open) = &mut self.state {
            open.sender.close();
        }
    }

    /// Whether the handshake is done, and nobody has reset the connection since.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Synchronized(_))
    }

    /// Whether both sides have closed and know it of each other.
    pub fn is_closed(&self) -> bool {
        match &self.state {
            State::Synchronized(open) => open.sender.is_done() && open.receiver.is_closed(),
            _ => false,
        }
    }

    /// Whether the other side has reset or refused the connection.
    pub fn is_reset(&self) -> bool {
        matches!(self.state, State::Reset)
    }

    /// Counters and gauges, all zero before the connection is open.
    pub fn stats(&self) -> Stats {
        match &self.state {
            State::Synchronized(open) => {
                Stats { sender: open.sender.stats(), receiver: open.receiver.stats() }
            }
            _ => Stats::default(),
        }
    }

    /// The congestion window after every change, with [`Config::trace`].
    pub fn trace(&self) -> &[TracePoint] {
        match &self.state {
            State::Synchronized(open) => open.sender.trace(),
            _ => &[],
        }
    }
}

/// What a segment asks of the connection.
enum Reply {
    None,
    /// An ACK, now.
    Ack,
    /// The end.
    Reset,
}

impl Synchronized {
    /// RFC 9293 section 3.10.7.4, with `payload` to be taken only if it is wanted.
    fn on_segment(
        &mut self,
        now: Instant,
        segment: &TcpSegment,
        payload: impl FnOnce() -> Bytes,
        len: u64,
    ) -> Reply {
        let Flags { syn, ack, fin, rst, ece, cwr, .. } = segment.flags;
        let seq = self.receiver.nxt().nearest(segment.seq);
        if rst {
            // RFC 5961 section 3.2: the exact number, or it is anyone's.
            return if seq == self.receiver.nxt() { Reply::Reset } else { Reply::None };
        }
        // A SYN-ACK that comes again wants its ACK again; RFC 5961 section 4.2 for other SYNs.
        let timestamps = segment.options.timestamps;
        if syn
            || !self.receiver.accept_timestamp(seq, timestamps.map(|both| both.value))
            || !self.receiver.is_acceptable(seq, len)
        {
            return Reply::Ack;
        }
        if !ack {
            return Reply::None;
        }
        let ack = self.sender.nxt().nearest(segment.ack);
        if ack > self.sender.nxt() {
            return Reply::Ack;
        }
        let shift = self.terms.shifts.unwrap_or_default().peer;
        self.sender.on_ack(
            now,
            &Ack {
                seq,
                ack,
                window: u64::from(segment.window) << shift,
                sack: segment
                    .options
                    .sack
                    .iter()
                    .map(|&(start, end)| (ack.nearest(start), ack.nearest(end)))
                    .collect(),
                pure: len == 0 && !fin,
                ece: ece && self.terms.ecn,
                echoed_age: timestamps
                    .filter(|_| self.terms.timestamps)
                    .map(|both| self.emitter.clock(now).wrapping_sub(both.echo_reply))
                    .map(|age| Duration::from_millis(age.into())),
            },
        );
        if len == 0 && !fin {
            return Reply::None;
        }
        let incoming = Incoming { seq, len, fin, ecn: segment.ecn, cwr, payload };
        let ack_is_due = self.receiver.on_segment(now, incoming);
        if self.receiver.is_closed() {
            self.sender.on_peer_closed();
        }
        if ack_is_due { Reply::Ack } else { Reply::None }
    }

    /// A pure ACK. It is never ECN-capable (RFC 3168 section 6.1.4).
    fn ack(&mut self, now: Instant) -> Bytes {
        let most = MAX_SACK_BLOCKS - usize::from(self.terms.timestamps);
        let sack = match self.terms.sack {
            true => self.receiver.sack_blocks(most),
            false => Default::default(),
        };
        let seq = self.sender.nxt();
        self.segment(
            now,
            seq,
            Flags::default(),
            Ecn::NotEct,
            TcpOptions { sack, ..TcpOptions::default() },
            &[],
        )
    }

    /// A segment with data or a FIN. SACK blocks are for pure ACKs: data fills the packet.
    fn data(&mut self, now: Instant, outgoing: Outgoing) -> Bytes {
        let Outgoing { seq, offset, len, fin, psh, retransmission, cwr } = outgoing;
        let flags = Flags { fin, psh, cwr: cwr && self.terms.ecn, ..Flags::default() };
        // RFC 3168 section 6.1.5: a retransmission is not ECN-capable.
        let capable = self.terms.ecn && !retransmission && len > 0;
        let ecn = if capable { Ecn::Ect0 } else { Ecn::NotEct };
        self.segment(now, seq, flags, ecn, TcpOptions::default(), pattern(offset, len))
    }

    fn segment(
        &mut self,
        now: Instant,
        seq: Seq,
        flags: Flags,
        ecn: Ecn,
        options: TcpOptions,
        payload: &[u8],
    ) -> Bytes {
        let timestamps = self
            .receiver
            .ts_recent()
            .map(|echo_reply| Timestamps { value: self.emitter.clock(now), echo_reply });
        let (ack, window) = self.receiver.acknowledge();
        self.emitter.emit(Parts {
            seq,
            ack: Some(ack),
            window,
            flags: Flags { ece: self.receiver.echoes_congestion(), ..flags },
            ecn,
            options: TcpOptions { timestamps, ..options },
            payload,
        })
    }
}
