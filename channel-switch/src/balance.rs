//! Balance between the APs of one channel.
//!
//! They share the medium, each with as many turns as the other, so that one that needs long for a
//! packet takes the time from one that does not. The client sees how long each needs, from the rates
//! of its frames and their Retry bits, and has MPTCP keep away from the worse.

use std::time::Duration;

use mac::{Instant, MacAddr};

/// What a client does about an AP that needs much more time for a packet than another one in its
/// channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Balance {
    /// Nothing.
    #[default]
    Off,
    /// Its path is only for when there is no other: [`Notice::Priority`](crate::Notice::Priority).
    Backup,
    /// Every twentieth of its packets that is ECN-capable gets Congestion Experienced (RFC 3168), and
    /// its sender slows down.
    Ecn,
}

/// How long it is measured for.
const WINDOW: Duration = Duration::from_millis(500);
/// Fewer frames say nothing.
const ENOUGH: u32 = 20;
/// By how much an AP must be worse to be told from the best, and to be so no longer.
const WORSE: f64 = 1.5;
const NO_LONGER: f64 = 1.2;
/// An AP that sends nothing cannot be measured: after so long it is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(20);
/// Of the packets of the worse, each so many-th is marked.
const MARK_EACH: u32 = 20;

/// DIFS, half of the least window, SIFS and an Ack; and the slots of that window, which doubles.
const OVERHEAD: Duration = Duration::from_micros(34 + 16 + 28);
const HALF_WINDOW: Duration = Duration::from_micros(68);
const ATTEMPTS: u32 = 7;

/// The time that an AP needs for a packet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effort {
    began: Instant,
    frames: u32,
    retries: u32,
    on_air: Duration,
    /// As measured last.
    packet: Option<Duration>,
    worse_since: Option<Instant>,
    marked: u32,
}

impl Effort {
    /// A data frame has come.
    pub(crate) fn heard(&mut self, airtime: Duration, retry: bool) {
        self.frames += 1;
        self.retries += u32::from(retry);
        self.on_air += airtime;
    }

    /// Measures, if a window is over. Whether there was enough to measure.
    fn settle(&mut self, now: Instant) -> bool {
        if now.since(self.began) < WINDOW {
            return false;
        }
        let enough = self.frames >= ENOUGH;
        if enough {
            let lost = f64::from(self.retries) / f64::from(self.frames);
            self.packet = Some(packet_time(self.on_air / self.frames, lost));
        }
        (self.began, self.frames, self.retries) = (now, 0, 0);
        self.on_air = Duration::ZERO;
        enough
    }

    /// Whether a packet of the AP is to be marked.
    pub(crate) fn marks(&mut self) -> bool {
        self.marked = if self.worse_since.is_some() { self.marked + 1 } else { 0 };
        self.marked.is_multiple_of(MARK_EACH) && self.marked > 0
    }

    pub(crate) fn is_worse(&self) -> bool {
        self.worse_since.is_some()
    }
}

/// The mean time for a packet whose frame lasts so long, of which a share is lost.
fn packet_time(airtime: Duration, lost: f64) -> Duration {
    let attempt = |i: u32| (airtime + OVERHEAD + HALF_WINDOW * (1 << i)).as_secs_f64();
    let lost = lost.clamp(0.0, 0.95);
    Duration::from_secs_f64((0..ATTEMPTS).map(|i| lost.powi(i as i32) * attempt(i)).sum())
}

/// Compares the APs of a channel. Those about which the verdict has changed.
pub(crate) fn compare<'a>(
    now: Instant,
    aps: impl Iterator<Item = (MacAddr, &'a mut Effort)>,
) -> Vec<(MacAddr, bool)> {
    let aps: Vec<_> = aps.map(|(ap, effort)| (effort.settle(now), ap, effort)).collect();
    let best = aps.iter().filter_map(|(.., effort)| effort.packet).min();
    let mut changed = vec![];
    for (measured, ap, effort) in aps {
        let Some((packet, best)) = effort.packet.zip(best) else { continue };
        let ratio = packet.as_secs_f64() / best.as_secs_f64();
        let worse = match effort.worse_since {
            None => ratio > WORSE,
            // What became of the other one alone says nothing of this one.
            Some(since) => (ratio > NO_LONGER || !measured) && now.since(since) < TRY_AGAIN,
        };
        if worse == effort.is_worse() {
            continue;
        }
        effort.worse_since = worse.then_some(now);
        if !worse {
            effort.packet = None;
        }
        changed.push((ap, worse));
    }
    changed
}

/// Marks an IP packet that is ECN-capable as having met congestion. Others stay as they are.
pub(crate) fn mark(packet: &mut [u8]) {
    match packet.first().map(|byte| byte >> 4) {
        Some(4) if packet.len() >= 20 && packet[1] & 3 != 0 => {
            let before = u16::from_be_bytes([packet[0], packet[1]]);
            packet[1] |= 3;
            let after = u16::from_be_bytes([packet[0], packet[1]]);
            // RFC 1624, equation 3.
            let checksum = !u16::from_be_bytes([packet[10], packet[11]]);
            let sum = u32::from(checksum) + u32::from(!before) + u32::from(after);
            let sum = (sum & 0xffff) + (sum >> 16);
            let sum = (sum & 0xffff) + (sum >> 16);
            packet[10..12].copy_from_slice(&(!(sum as u16)).to_be_bytes());
        }
        Some(6) if packet.len() >= 40 && packet[1] & 0x30 != 0 => packet[1] |= 0x30,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ap(number: u8) -> MacAddr {
        MacAddr([2, 0, 0, 0, 0, number])
    }

    fn ms(ms: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(ms)
    }

    fn frames(effort: &mut Effort, us: u64, retried: u32) {
        for frame in 0..100 {
            effort.heard(Duration::from_micros(us), frame < retried);
        }
    }

    #[test]
    fn time_for_a_packet_grows_with_loss_and_falls_with_the_rate() {
        let us = |airtime, lost| packet_time(Duration::from_micros(airtime), lost).as_micros();
        assert!((350..450).contains(&us(248, 0.0)), "{}", us(248, 0.0));
        assert!(us(248, 0.5) > 2 * us(248, 0.0));
        assert!(us(2064, 0.0) > 5 * us(248, 0.0));
    }

    #[test]
    fn an_ap_that_needs_much_longer_is_the_worse_until_it_is_tried_again() {
        let (mut fast, mut slow) = (Effort::default(), Effort::default());
        frames(&mut fast, 248, 10);
        frames(&mut slow, 2064, 5);
        fn both<'a>(
            fast: &'a mut Effort,
            slow: &'a mut Effort,
        ) -> impl Iterator<Item = (MacAddr, &'a mut Effort)> {
            [(ap(1), fast), (ap(2), slow)].into_iter()
        }
        assert_eq!(compare(ms(600), both(&mut fast, &mut slow)), [(ap(2), true)]);
        frames(&mut fast, 248, 10);
        assert_eq!(compare(ms(1200), both(&mut fast, &mut slow)), vec![]);
        assert_eq!((0..40).filter(|_| slow.marks()).count(), 2);
        assert!(!fast.marks());
        assert_eq!(compare(ms(21_000), both(&mut fast, &mut slow)), [(ap(2), false)]);
        frames(&mut slow, 2064, 5);
        assert_eq!(compare(ms(22_000), both(&mut fast, &mut slow)), [(ap(2), true)]);
    }

    #[test]
    fn equals_are_left_alone() {
        let (mut a, mut b) = (Effort::default(), Effort::default());
        frames(&mut a, 248, 20);
        frames(&mut b, 300, 5);
        assert_eq!(compare(ms(600), [(ap(1), &mut a), (ap(2), &mut b)].into_iter()), vec![]);
    }

    #[test]
    fn only_packets_that_can_be_marked_are() {
        // From RFC 1071-style sums: the header of a packet to 192.168.0.199 with ECT(0).
        let mut packet = [
            0x45, 0x02, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1,
            0xc0, 0xa8, 0, 0xc7,
        ];
        let sum = |packet: &[u8]| {
            let words = packet.chunks(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]])));
            let sum: u32 = words.sum();
            (sum & 0xffff) + (sum >> 16)
        };
        let checksum = !(sum(&packet) as u16);
        packet[10..12].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(sum(&packet), 0xffff);
        mark(&mut packet);
        assert_eq!((packet[1], sum(&packet)), (0x03, 0xffff));
        let mut plain = packet;
        plain[1] = 0;
        let before = plain;
        mark(&mut plain);
        assert_eq!(plain, before);
        for len in 0..20 {
            mark(&mut { packet }[..len]);
        }
    }
}
