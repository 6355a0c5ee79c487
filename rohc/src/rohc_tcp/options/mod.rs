//! TCP options by list compression (RFC 6846 section 6.3). An option is an *item* with an *index* in a
//! table of sixteen; a packet's options are a list of indexes. The list is only sent when it changes, and
//! items with it that the other side does not have; what changes all the time in known items is in the
//! irregular chain.

mod item;
mod list;
mod receiver;
mod sack;
mod sender;
mod timestamp;

pub(crate) use receiver::{ReceivedOptions, Receiver};
pub(crate) use sender::{Plan, Sender};

/// Most octets of options in a TCP header.
pub(crate) const MAX_OPTIONS: usize = 40;
/// Most options in a list: `m` has four bits.
const MAX_ITEMS: usize = 15;
/// Items in a table.
const TABLE: usize = 16;

/// Table indexes (section 6.3.4).
mod index {
    pub const NOP: u8 = 0;
    pub const EOL: u8 = 1;
    pub const MSS: u8 = 2;
    pub const WINDOW_SCALE: u8 = 3;
    pub const TIMESTAMP: u8 = 4;
    pub const SACK_PERMITTED: u8 = 5;
    pub const SACK: u8 = 6;
    /// To 15.
    pub const GENERIC: u8 = 7;
}

/// TCP option types.
mod kind {
    pub const EOL: u8 = 0;
    pub const NOP: u8 = 1;
    pub const MSS: u8 = 2;
    pub const WINDOW_SCALE: u8 = 3;
    pub const SACK_PERMITTED: u8 = 4;
    pub const SACK: u8 = 5;
    pub const TIMESTAMP: u8 = 8;
}

/// An option as it is in a TCP header; of EOL, with the padding behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    octets: [u8; MAX_OPTIONS],
    length: u8,
}

impl Default for Item {
    fn default() -> Self {
        Self { octets: [0; MAX_OPTIONS], length: 0 }
    }
}

impl Item {
    fn new(option: &[u8]) -> Self {
        let mut item = Self::default();
        item.octets[..option.len()].copy_from_slice(option);
        item.length = option.len() as u8;
        item
    }

    fn as_slice(&self) -> &[u8] {
        &self.octets[..self.length.into()]
    }

    fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.octets[..self.length.into()]
    }

    /// An item of `length` octets, at least two, of type `kind`, to be filled.
    fn start(&mut self, kind: u8, length: u8) {
        self.octets[0] = kind;
        self.octets[1] = length;
        self.length = length;
    }

    fn be32(&self, at: usize) -> u32 {
        u32::from_be_bytes([
            self.octets[at],
            self.octets[at + 1],
            self.octets[at + 2],
            self.octets[at + 3],
        ])
    }

    fn set_be32(&mut self, at: usize, value: u32) {
        self.octets[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
}
