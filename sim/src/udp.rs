//! UDP at a constant rate: a source that numbers its datagrams, and a sink that tells what became
//! of them.

use std::time::Duration;

use bytes::Bytes;
use mac::Instant;

use crate::{
    packet::{Datagram, Flow, PacketError},
    tcp::pattern,
};

/// Bytes of the number at the start of a payload, big-endian.
const NUMBER_LEN: usize = 8;
/// Payloads are cut from so much of the pattern.
const MAX_PAYLOAD: usize = u16::MAX as usize;

/// What a source sends.
#[derive(Clone, Copy, Debug)]
pub struct UdpConfig {
    /// From whom to whom.
    pub flow: Flow,
    /// Bytes of a payload, 8 at the least.
    pub payload_len: usize,
    /// From the start of one packet to that of the next.
    pub interval: Duration,
    /// When the first packet goes out.
    pub start: Instant,
    /// From when on none does.
    pub stop: Instant,
}

impl UdpConfig {
    /// The interval with which packets with `payload_len` bytes of payload have this rate of
    /// payload bits.
    pub fn interval(payload_len: usize, bits_per_second: f64) -> Duration {
        Duration::from_secs_f64(8.0 * payload_len as f64 / bits_per_second)
    }
}

/// Sends datagrams at a constant rate.
#[derive(Debug)]
pub struct UdpSource {
    config: UdpConfig,
    next: Instant,
    sent: u64,
    payload: Vec<u8>,
}

impl UdpSource {
    /// # Panics
    /// If the payload has no room for a number, or is more than a packet can carry.
    pub fn new(config: UdpConfig) -> UdpSource {
        assert!(
            (NUMBER_LEN..MAX_PAYLOAD).contains(&config.payload_len),
            "a payload of 8 B to 64 KB"
        );
        let payload = pattern(0, config.payload_len).to_vec();
        UdpSource { config, next: config.start, sent: 0, payload }
    }

    /// The next datagram, if it is time for it.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Bytes> {
        if self.next_timeout()? > now {
            return None;
        }
        self.payload[..NUMBER_LEN].copy_from_slice(&self.sent.to_be_bytes());
        // Linux numbers the datagrams of a connected socket as it does TCP's segments.
        let datagram = Datagram { flow: self.config.flow, identification: self.sent as u16 };
        self.next += self.config.interval;
        self.sent += 1;
        Some(datagram.emit(&self.payload))
    }

    /// When the next datagram goes out.
    pub fn next_timeout(&self) -> Option<Instant> {
        (self.next < self.config.stop).then_some(self.next)
    }

    /// Datagrams sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }
}

/// What a sink has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpStats {
    /// Different datagrams received.
    pub received: u64,
    /// Bytes of payload in them.
    pub bytes: u64,
    /// Datagrams received again.
    pub duplicates: u64,
    /// Datagrams that came after one with a higher number.
    pub reordered: u64,
    /// Numbers below the highest received that did not come.
    pub lost: u64,
}

/// Receives the datagrams of one source.
#[derive(Debug, Default)]
pub struct UdpSink {
    stats: UdpStats,
    /// The number after the highest that came.
    expected: u64,
    /// Those below it that did not come, in order.
    missing: Vec<std::ops::Range<u64>>,
}

impl UdpSink {
    /// Nothing has come yet.
    pub fn new() -> UdpSink {
        UdpSink::default()
    }

    /// A packet has arrived.
    ///
    /// # Errors
    /// If it is no datagram of a [`UdpSource`], or damaged: it is dropped.
    pub fn handle_packet(&mut self, packet: &[u8]) -> Result<(), PacketError> {
        let (_, payload) = Datagram::parse(packet)?;
        let number = payload.first_chunk::<NUMBER_LEN>().ok_or(PacketError::Transport)?;
        let number = u64::from_be_bytes(*number);
        if number >= self.expected {
            if number > self.expected {
                self.missing.push(self.expected..number);
                self.stats.lost += number - self.expected;
            }
            self.expected = number + 1;
        } else if self.find(number) {
            self.stats.reordered += 1;
            self.stats.lost -= 1;
        } else {
            self.stats.duplicates += 1;
            return Ok(());
        }
        self.stats.received += 1;
        self.stats.bytes += payload.len() as u64;
        Ok(())
    }

    /// Takes a number from those that are missing, if it is.
    fn find(&mut self, number: u64) -> bool {
        let at = self.missing.partition_point(|range| range.end <= number);
        let Some(range) = self.missing.get_mut(at).filter(|range| range.contains(&number)) else {
            return false;
        };
        let (before, after) = (range.start..number, number + 1..range.end);
        let rest = [before, after].into_iter().filter(|rest| !rest.is_empty());
        self.missing.splice(at..=at, rest);
        true
    }

    /// What it has seen so far.
    pub fn stats(&self) -> UdpStats {
        self.stats
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(payload_len: usize) -> UdpSource {
        let flow = Flow::new("10.0.0.1:9".parse().unwrap(), "10.0.0.2:9".parse().unwrap());
        let interval = UdpConfig::interval(payload_len, 1e6);
        let start = Instant::from_nanos(5_000_000_000);
        let stop = start + Duration::from_secs(1);
        UdpSource::new(UdpConfig { flow, payload_len, interval, start, stop })
    }

    /// 1250 bytes, 10,000 bits: a hundred a second make 1 Mbit/s.
    #[test]
    fn the_rate_is_constant_until_the_end() {
        let mut source = source(1250);
        while let Some(due) = source.next_timeout() {
            assert_eq!(source.poll_transmit(due - Duration::from_nanos(1)), None);
            assert_eq!(source.poll_transmit(due).map(|packet| packet.len()), Some(1278));
            assert_eq!(due.as_nanos(), 5_000_000_000 + (source.sent() - 1) * 10_000_000);
        }
        assert_eq!(source.sent(), 100);
    }

    proptest! {
        #[test]
        fn a_sink_counts_what_a_network_did(order in proptest::collection::vec(0usize..40, 1..100)) {
            let mut source = source(100);
            let datagrams: Vec<Bytes> = (0..40)
                .map(|_| source.poll_transmit(source.next_timeout().unwrap()).unwrap())
                .collect();
            let mut sink = UdpSink::new();
            let mut here = [false; 40];
            let mut expected = UdpStats::default();
            for number in order {
                let highest = here.iter().rposition(|&here| here);
                if here[number] {
                    expected.duplicates += 1;
                } else {
                    expected.received += 1;
                    expected.bytes += 100;
                    expected.reordered += u64::from(highest.is_some_and(|highest| number < highest));
                }
                here[number] = true;
                let highest = here.iter().rposition(|&here| here).unwrap();
                expected.lost = here[..highest].iter().filter(|&&here| !here).count() as u64;
                sink.handle_packet(&datagrams[number]).unwrap();
                prop_assert_eq!(sink.stats(), expected);
            }
        }
    }
}
