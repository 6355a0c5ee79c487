//! The ACK-group profile over a link that loses nothing.

use std::collections::VecDeque;

use rohc::ack_group::{Compressor, Decompressor, Native, Verdict};

use super::measured::Measured;

/// Bytes that a frame may have: no more than a response ever has room for is of use, but this
/// shows the profile, not the link.
const BUDGET: usize = 1000;

/// Sends the groups, a frame after each, and compares what comes out with what went in.
pub fn measure<'a>(groups: impl Iterator<Item = Vec<&'a [u8]>>) -> Measured {
    let mut link = Link::default();
    for group in groups {
        group.iter().for_each(|packet| link.send(packet));
        link.respond();
    }
    link.measured.mismatches += link.riding.len();
    link.measured
}

#[derive(Default)]
struct Link<'a> {
    compressor: Compressor,
    decompressor: Decompressor,
    /// ACKs that ride and have not come out.
    riding: VecDeque<&'a [u8]>,
    measured: Measured,
}

impl<'a> Link<'a> {
    fn send(&mut self, packet: &'a [u8]) {
        let mut verdict = self.compressor.compress(packet);
        if let Verdict::DrainFirst(reason) = verdict {
            self.drain(&format!("drained before {reason:?}"));
            verdict = self.compressor.compress(packet);
        }
        match verdict {
            Verdict::Ride => {
                self.measured.rode += 1;
                self.riding.push_back(packet);
            }
            Verdict::Native(reason) | Verdict::DrainFirst(reason) => {
                self.send_natively(packet, &format!("{reason:?}"));
            }
        }
    }

    fn send_natively(&mut self, packet: &[u8], why: &str) {
        self.measured.went_native(why);
        if self.decompressor.native_seen(packet) == Native::Copy {
            self.measured.mismatches += 1;
        }
        self.compressor.native_done(packet, true);
    }

    fn drain(&mut self, why: &str) {
        let drained: Vec<Vec<u8>> = self.compressor.drain().map(<[u8]>::to_vec).collect();
        self.measured.rode -= self.riding.len();
        self.riding.clear();
        for packet in &drained {
            self.measured.went_native(why);
            // It may be the copy of one that was delivered.
            self.decompressor.native_seen(packet);
            self.compressor.native_done(packet, true);
        }
    }

    /// Sends frames until nothing is pending.
    fn respond(&mut self) {
        while let Some((frame, id)) = self.compressor.frame(BUDGET) {
            self.measured.took("frames".to_owned(), frame.len());
            match self.decompressor.frame_received(frame) {
                // Flows come one after the other, but each in its order.
                Ok(rides) => {
                    for ride in rides {
                        match self.riding.iter().position(|packet| *packet == ride) {
                            Some(at) => drop(self.riding.remove(at)),
                            None => self.measured.mismatches += 1,
                        }
                    }
                }
                Err(_) => self.measured.mismatches += 1,
            }
            self.compressor.confirm(id);
        }
    }
}
