//! What the air is used for.

use mac::{FrameControl, FrameKind, Instant, TxPpdu};

use crate::network::Observer;

/// Writes down what is on the air from when to when, to tell afterwards what the time went to.
///
/// Whether two PPDUs overlap is a matter of when they are sent, wherever that is: nodes that do not
/// hear each other collide without knowing it.
#[derive(Debug, Default)]
pub struct Airtime {
    /// The channel of each node: only what is on the same one overlaps.
    channels: Vec<usize>,
    transmissions: Vec<Transmission>,
}

#[derive(Debug, Clone, Copy)]
struct Transmission {
    channel: usize,
    kind: Kind,
    start: Instant,
    end: Instant,
}

/// What a PPDU is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Data,
    Control,
    Management,
}

impl Kind {
    fn of(ppdu: &TxPpdu) -> Self {
        // The MPDUs of an aggregate are data, or the control frames of its Block Ack.
        if ppdu.txvector.aggregation {
            return Self::Data;
        }
        match FrameControl::parse(&ppdu.psdu).map(FrameControl::kind) {
            Ok(FrameKind::Data(_)) => Self::Data,
            Ok(FrameKind::Management(_)) => Self::Management,
            _ => Self::Control,
        }
    }
}

/// Shares of time. They make 1 together.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct AirtimeShares {
    /// Data frames alone on the air.
    pub data: f64,
    /// Acks, Block Acks and their requests, RTS, CTS.
    pub control: f64,
    /// Beacons and all that has to do with membership.
    pub management: f64,
    /// More than one PPDU.
    pub collisions: f64,
    /// Nothing.
    pub idle: f64,
}

impl Airtime {
    /// An observer of nodes whose channels have these numbers.
    pub fn new(channels: Vec<usize>) -> Self {
        Self { channels, transmissions: vec![] }
    }

    /// What was before is not asked for any more.
    pub fn forget_before(&mut self, then: Instant) {
        self.transmissions.retain(|transmission| transmission.end > then);
    }

    /// What a time went to: the mean of all channels.
    pub fn shares(&self, from: Instant, to: Instant) -> AirtimeShares {
        let mut channels: Vec<usize> = self.channels.clone();
        channels.sort_unstable();
        channels.dedup();
        let mut sum = AirtimeShares::default();
        for &channel in &channels {
            self.add_channel(channel, from, to, &mut sum);
        }
        let whole = (to - from).as_secs_f64() * channels.len() as f64;
        let share = |s: f64| s / whole;
        let (data, control) = (share(sum.data), share(sum.control));
        let (management, collisions) = (share(sum.management), share(sum.collisions));
        let idle = (1.0 - data - control - management - collisions).max(0.0);
        AirtimeShares { data, control, management, collisions, idle }
    }

    /// Adds the seconds of one channel.
    fn add_channel(&self, channel: usize, from: Instant, to: Instant, sum: &mut AirtimeShares) {
        let here = self.transmissions.iter().filter(|sent| sent.channel == channel);
        let clip = |at: Instant| at.clamp(from, to);
        let mut edges: Vec<(Instant, bool, Kind)> = here
            .flat_map(|sent| [(sent.start, true, sent.kind), (sent.end, false, sent.kind)])
            .map(|(at, begins, kind)| (clip(at), begins, kind))
            .collect();
        // Where one ends as another begins, the end comes first.
        edges.sort_by_key(|&(at, begins, _)| (at, begins));
        let mut on_air: Vec<Kind> = vec![];
        let mut last = from;
        for (at, begins, kind) in edges {
            let passed = (at - last).as_secs_f64();
            match on_air[..] {
                [] => {}
                [Kind::Data] => sum.data += passed,
                [Kind::Control] => sum.control += passed,
                [Kind::Management] => sum.management += passed,
                _ => sum.collisions += passed,
            }
            last = at;
            if begins {
                on_air.push(kind);
            } else if let Some(ended) = on_air.iter().position(|on| *on == kind) {
                on_air.swap_remove(ended);
            }
        }
    }
}

impl Observer for Airtime {
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, end: Instant) {
        let (channel, kind, start) = (self.channels[node], Kind::of(ppdu), ppdu.start);
        self.transmissions.push(Transmission { channel, kind, start, end });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(us: u64) -> Instant {
        Instant::from_nanos(us * 1000)
    }

    fn sent(channel: usize, kind: Kind, start: u64, end: u64) -> Transmission {
        Transmission { channel, kind, start: us(start), end: us(end) }
    }

    #[test]
    fn what_overlaps_is_a_collision_and_nothing_is_counted_twice() {
        let transmissions = vec![
            // Half of it is before.
            sent(0, Kind::Management, 0, 200),
            sent(0, Kind::Data, 300, 500),
            sent(0, Kind::Data, 400, 600),
            sent(0, Kind::Control, 600, 650),
            // Another channel.
            sent(1, Kind::Data, 100, 1100),
        ];
        let one = Airtime { channels: vec![0, 0], transmissions: transmissions.clone() };
        let shares = one.shares(us(100), us(1100));
        let expected = AirtimeShares {
            data: 0.2,
            control: 0.05,
            management: 0.1,
            collisions: 0.1,
            idle: 0.55,
        };
        let close = |a: AirtimeShares, b: AirtimeShares| {
            let pairs = [
                (a.data, b.data),
                (a.control, b.control),
                (a.management, b.management),
                (a.collisions, b.collisions),
                (a.idle, b.idle),
            ];
            pairs.iter().all(|(a, b)| (a - b).abs() < 1e-9)
        };
        assert!(close(shares, expected), "{shares:?}");
        let both = Airtime { channels: vec![1, 0], transmissions }.shares(us(100), us(1100));
        assert!((both.data - 0.6).abs() < 1e-9 && (both.idle - 0.275).abs() < 1e-9, "{both:?}");
    }
}
