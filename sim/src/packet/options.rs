//! The options of a TCP header, laid out as Linux lays them out.
//!
//! MSS (RFC 9293 section 3.7.1), window scale and timestamps (RFC 7323 sections 2.2 and 3.2), SACK
//! and SACK-permitted (RFC 2018 sections 2 and 3). Options of other kinds are skipped, as RFC 9293
//! section 3.1 (MUST-6) asks. `etherparse` would stop at them, hence the parser of our own.

use arrayvec::ArrayVec;

use super::multipath::{MULTIPATH, Multipath};

/// A header has room for 40 bytes of options: four SACK blocks, or three beside timestamps.
pub const MAX_SACK_BLOCKS: usize = 4;
const MAX_LEN: usize = 40;

const END: u8 = 0;
const NOP: u8 = 1;
const MSS: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;

/// A block of bytes that arrived out of order: its first sequence number and the one after its end.
pub type SackBlock = (u32, u32);

/// TSval and TSecr (RFC 7323 section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamps {
    /// The sender's clock.
    pub value: u32,
    /// The clock of the other side, as last heard.
    pub echo_reply: u32,
}

/// What the options of one segment say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TcpOptions {
    /// Maximum segment size, in a SYN.
    pub mss: Option<u16>,
    /// Shift count of the windows to come, in a SYN.
    pub window_scale: Option<u8>,
    /// SACK may be used, in a SYN.
    pub sack_permitted: bool,
    /// Both clocks.
    pub timestamps: Option<Timestamps>,
    /// What arrived beyond the cumulative ACK.
    pub sack: ArrayVec<SackBlock, MAX_SACK_BLOCKS>,
    /// Of Multipath TCP: where the data belongs, and one thing more.
    pub multipath: ArrayVec<Multipath, 2>,
}

impl TcpOptions {
    /// The bytes, padded to whole words.
    ///
    /// # Panics
    /// If there is more than a header has room for.
    pub fn emit(&self) -> ArrayVec<u8, MAX_LEN> {
        let mut bytes = ArrayVec::new();
        let mut put = |part: &[u8]| bytes.try_extend_from_slice(part).expect("room for options");
        if let Some(mss) = self.mss {
            put(&[MSS, 4]);
            put(&mss.to_be_bytes());
        }
        // Linux fills the two bytes before the timestamps with SACK-permitted where it can.
        match (self.timestamps, self.sack_permitted) {
            (None, false) => {}
            (None, true) => put(&[NOP, NOP, SACK_PERMITTED, 2]),
            (Some(_), true) => put(&[SACK_PERMITTED, 2, TIMESTAMPS, 10]),
            (Some(_), false) => put(&[NOP, NOP, TIMESTAMPS, 10]),
        }
        if let Some(timestamps) = self.timestamps {
            put(&timestamps.value.to_be_bytes());
            put(&timestamps.echo_reply.to_be_bytes());
        }
        if let Some(shift) = self.window_scale {
            put(&[NOP, WINDOW_SCALE, 3, shift]);
        }
        if !self.sack.is_empty() {
            put(&[NOP, NOP, SACK, 2 + 8 * self.sack.len() as u8]);
            for (start, end) in &self.sack {
                put(&start.to_be_bytes());
                put(&end.to_be_bytes());
            }
        }
        self.multipath.iter().for_each(|option| put(&option.emit()));
        bytes
    }

    /// Reads what it knows; whatever contradicts itself ends the list.
    pub fn parse(mut bytes: &[u8]) -> TcpOptions {
        let mut options = TcpOptions::default();
        while let [kind, rest @ ..] = bytes {
            match *kind {
                END => break,
                NOP => bytes = rest,
                kind => {
                    let Some(length) = rest.first().map(|&length| usize::from(length)) else {
                        break;
                    };
                    let Some((option, rest)) = bytes.split_at_checked(length.max(2)) else {
                        break;
                    };
                    options.read(kind, &option[2..]);
                    bytes = rest;
                }
            }
        }
        options
    }

    fn read(&mut self, kind: u8, value: &[u8]) {
        match (kind, value) {
            (MSS, &[high, low]) => self.mss = Some(u16::from_be_bytes([high, low])),
            (WINDOW_SCALE, &[shift]) => self.window_scale = Some(shift),
            (SACK_PERMITTED, []) => self.sack_permitted = true,
            (TIMESTAMPS, value) if value.len() == 8 => {
                let (value, echo_reply) = two_words(value);
                self.timestamps = Some(Timestamps { value, echo_reply });
            }
            (SACK, value) if value.len() % 8 == 0 => {
                self.sack = value.chunks_exact(8).take(MAX_SACK_BLOCKS).map(two_words).collect();
            }
            (MULTIPATH, value) => {
                self.multipath.extend(
                    Multipath::read(value).into_iter().take(self.multipath.remaining_capacity()),
                );
            }
            _ => {}
        }
    }
}

fn two_words(bytes: &[u8]) -> (u32, u32) {
    let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    (word(0), word(4))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Linux 6.18 sends in a SYN, with and without `net.ipv4.tcp_timestamps`.
    #[test]
    fn a_syn_is_laid_out_as_by_linux() {
        let mut options = TcpOptions {
            mss: Some(1460),
            window_scale: Some(7),
            sack_permitted: true,
            timestamps: Some(Timestamps { value: 0x01020304, echo_reply: 0 }),
            ..TcpOptions::default()
        };
        assert_eq!(
            options.emit().as_slice(),
            [2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7]
        );
        options.timestamps = None;
        assert_eq!(options.emit().as_slice(), [2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 7]);
    }

    #[test]
    fn options_of_other_kinds_are_skipped() {
        let fast_open = [34, 2, 30, 4, 9, 9, 1, 2, 4, 5, 180];
        assert_eq!(TcpOptions::parse(&fast_open).mss, Some(1460));
    }

    prop_compose! {
        fn any_options()(
            mss in any::<Option<u16>>(),
            window_scale in proptest::option::of(0u8..15),
            sack_permitted: bool,
            timestamps in any::<Option<(u32, u32)>>(),
            sack in proptest::collection::vec(any::<(u32, u32)>(), 0..=3),
        ) -> TcpOptions {
            let syn = mss.is_some();
            TcpOptions {
                mss,
                window_scale: window_scale.filter(|_| syn),
                sack_permitted: sack_permitted && syn,
                timestamps: timestamps.map(|(value, echo_reply)| Timestamps { value, echo_reply }),
                sack: if syn { ArrayVec::new() } else { sack.into_iter().collect() },
                multipath: ArrayVec::new(),
            }
        }
    }

    proptest! {
        #[test]
        fn options_are_read_as_they_were_written(options in any_options()) {
            let bytes = options.emit();
            prop_assert_eq!(bytes.len() % 4, 0);
            prop_assert_eq!(TcpOptions::parse(&bytes), options);
        }

        #[test]
        fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..41)) {
            TcpOptions::parse(&bytes);
        }
    }
}
