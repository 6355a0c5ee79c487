//! A wired link, in one direction: a drop-tail queue, a rate and a delay.
//!
//! Sans-IO and without an event of its own for the end of a transmission: when a packet is
//! enqueued, the time of its arrival is known, for the queue is first in, first out. Two of them
//! make a full-duplex cable. Not here: framing; a packet takes the time of its bytes.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use mac::Instant;

/// What a wire can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WireConfig {
    /// Bits per second.
    pub bits_per_second: u64,
    /// How long a packet travels after its last bit was sent.
    pub delay: Duration,
    /// Packets that may wait while another is being sent.
    pub queue_limit: usize,
}

impl WireConfig {
    /// The wire of the ns-3 baseline between the server and the access point.
    pub fn ns3() -> WireConfig {
        WireConfig {
            bits_per_second: 500_000_000,
            delay: Duration::from_millis(1),
            queue_limit: 20_000,
        }
    }
}

/// The packets on their way through a link.
#[derive(Debug)]
pub struct Wire {
    config: WireConfig,
    /// Waiting, being sent and travelling, with the time when sending ends.
    packets: VecDeque<(Instant, Bytes)>,
    /// How many of them were sent already when somebody last looked.
    sent: usize,
    idle_from: Instant,
    dropped: u64,
}

impl Wire {
    /// An idle link.
    pub fn new(config: WireConfig) -> Wire {
        Wire { config, packets: VecDeque::new(), sent: 0, idle_from: Instant::ZERO, dropped: 0 }
    }

    /// Sends a packet, after those before it. Returns whether there was room.
    pub fn enqueue(&mut self, now: Instant, packet: Bytes) -> bool {
        // One is being sent, the others wait.
        if self.backlog(now) > self.config.queue_limit {
            self.dropped += 1;
            return false;
        }
        let bits = 8 * packet.len() as u64;
        let nanos = bits.saturating_mul(1_000_000_000).div_ceil(self.config.bits_per_second);
        self.idle_from = self.idle_from.max(now) + Duration::from_nanos(nanos);
        self.packets.push_back((self.idle_from, packet));
        true
    }

    /// When the next packet comes out at the other end.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.packets.front().map(|(sent, _)| *sent + self.config.delay)
    }

    /// The next packet that has come out by `now`.
    pub fn poll_arrival(&mut self, now: Instant) -> Option<Bytes> {
        if self.next_arrival()? > now {
            return None;
        }
        self.sent = self.sent.saturating_sub(1);
        self.packets.pop_front().map(|(_, packet)| packet)
    }

    /// Packets that wait or are being sent.
    pub fn backlog(&mut self, now: Instant) -> usize {
        while self.packets.get(self.sent).is_some_and(|(sent, _)| *sent <= now) {
            self.sent += 1;
        }
        self.packets.len() - self.sent
    }

    /// Packets that found the queue full.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_us(us: u64) -> Instant {
        Instant::from_nanos(us * 1000)
    }

    /// 1250 bytes at 10 Mbit/s take 1 ms.
    fn wire(queue_limit: usize) -> Wire {
        let delay = Duration::from_millis(5);
        Wire::new(WireConfig { bits_per_second: 10_000_000, delay, queue_limit })
    }

    fn packet() -> Bytes {
        Bytes::from_static(&[0; 1250])
    }

    #[test]
    fn packets_come_out_at_the_rate_of_the_wire_after_its_delay() {
        let mut wire = wire(10);
        wire.enqueue(at_us(0), packet());
        wire.enqueue(at_us(0), packet());
        assert_eq!(wire.next_arrival(), Some(at_us(6000)));
        assert_eq!(wire.poll_arrival(at_us(5999)), None);
        assert_eq!(wire.poll_arrival(at_us(6000)), Some(packet()));
        assert_eq!(wire.next_arrival(), Some(at_us(7000)));
        wire.enqueue(at_us(9000), packet());
        assert_eq!(wire.poll_arrival(at_us(7000)), Some(packet()));
        assert_eq!(wire.next_arrival(), Some(at_us(15_000)));
    }

    #[test]
    fn the_tail_is_dropped_when_the_queue_is_full() {
        let mut wire = wire(2);
        let enqueued: Vec<bool> = (0..5).map(|_| wire.enqueue(at_us(0), packet())).collect();
        assert_eq!(enqueued, [true, true, true, false, false]);
        assert_eq!((wire.backlog(at_us(0)), wire.dropped()), (3, 2));
        // The first has been sent, and travels still.
        assert_eq!(wire.backlog(at_us(1000)), 2);
        assert!(wire.enqueue(at_us(1000), packet()));
    }
}
