//! The options of Multipath TCP (RFC 8684) as far as the endpoints of this crate speak it, with
//! numbers of 32 bits and without checksums.
//!
//! MP_JOIN has its address ID and its B bit alone: who joins is not authenticated here. MP_CAPABLE
//! is not spoken: both sides know of each other what they are.

use arrayvec::ArrayVec;

/// The kind of all of them.
pub(super) const MULTIPATH: u8 = 30;

const JOIN: u8 = 1;
const DSS: u8 = 2;
const REMOVE_ADDRESS: u8 = 4;
const PRIORITY: u8 = 5;
const BACKUP: u8 = 1;
const HAS_DATA_ACK: u8 = 1;
const HAS_MAPPING: u8 = 4;

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multipath {
    /// MP_JOIN, in a SYN (section 3.2).
    Join {
        /// By which the address can be withdrawn.
        address_id: u8,
        /// The subflow is only for when there is no other.
        backup: bool,
    },
    /// DSS (section 3.3).
    Dss {
        /// Data ACK: all before this has arrived.
        data_ack: Option<u32>,
        /// Where the segment's data belongs.
        mapping: Option<Mapping>,
    },
    /// REMOVE_ADDR, of one address (section 3.4.2).
    RemoveAddress {
        /// Which.
        address_id: u8,
    },
    /// MP_PRIO (section 3.3.8), with an address ID, for it may come by another subflow.
    Priority {
        /// Which.
        address_id: u8,
        /// It is only for when there is no other.
        backup: bool,
    },
}

/// A data sequence mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Data sequence number of the first byte.
    pub data: u32,
    /// Its number in the subflow, from 1 on.
    pub subflow: u32,
    /// Bytes.
    pub len: u16,
}

impl Multipath {
    /// The bytes, padded to whole words.
    pub(super) fn emit(&self) -> ArrayVec<u8, 20> {
        let mut bytes = ArrayVec::new();
        let mut put = |part: &[u8]| bytes.try_extend_from_slice(part).expect("20 at most");
        match *self {
            Self::Join { address_id, backup } => {
                put(&[MULTIPATH, 4, JOIN << 4 | u8::from(backup), address_id]);
            }
            Self::RemoveAddress { address_id } => {
                put(&[MULTIPATH, 4, REMOVE_ADDRESS << 4, address_id]);
            }
            Self::Priority { address_id, backup } => {
                put(&[MULTIPATH, 4, PRIORITY << 4 | u8::from(backup), address_id]);
            }
            Self::Dss { data_ack, mapping } => {
                let len = 4 + 4 * u8::from(data_ack.is_some()) + 10 * u8::from(mapping.is_some());
                let flags = (HAS_DATA_ACK * u8::from(data_ack.is_some()))
                    | (HAS_MAPPING * u8::from(mapping.is_some()));
                put(&[MULTIPATH, len, DSS << 4, flags]);
                data_ack.iter().for_each(|ack| put(&ack.to_be_bytes()));
                if let Some(Mapping { data, subflow, len }) = mapping {
                    put(&data.to_be_bytes());
                    put(&subflow.to_be_bytes());
                    put(&len.to_be_bytes());
                    put(&[1, 1]);
                }
            }
        }
        bytes
    }

    /// The option whose contents these are, if it is one that is spoken here.
    pub(super) fn read(contents: &[u8]) -> Option<Self> {
        let (&[first, second], rest) = contents.split_first_chunk::<2>()?;
        let backup = first & BACKUP != 0;
        match (first >> 4, rest) {
            (JOIN, []) => Some(Self::Join { address_id: second, backup }),
            (REMOVE_ADDRESS, []) => Some(Self::RemoveAddress { address_id: second }),
            (PRIORITY, []) => Some(Self::Priority { address_id: second, backup }),
            (DSS, mut rest) => {
                let mut word = |present: bool| {
                    let (word, after) = rest.split_first_chunk::<4>().filter(|_| present)?;
                    rest = after;
                    Some(u32::from_be_bytes(*word))
                };
                let data_ack = word(second & HAS_DATA_ACK != 0);
                let maps = second & HAS_MAPPING != 0;
                let (data, subflow) = (word(maps), word(maps));
                let len = rest.first_chunk::<2>().map(|len| u16::from_be_bytes(*len));
                let mapping = match (data, subflow, len) {
                    (Some(data), Some(subflow), Some(len)) => Some(Mapping { data, subflow, len }),
                    _ => None,
                };
                Some(Self::Dss { data_ack, mapping })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_option() -> impl Strategy<Value = Multipath> {
        let mapping = any::<(u32, u32, u16)>();
        let mapping = mapping.prop_map(|(data, subflow, len)| Mapping { data, subflow, len });
        prop_oneof![
            any::<(u8, bool)>()
                .prop_map(|(address_id, backup)| Multipath::Join { address_id, backup }),
            any::<u8>().prop_map(|address_id| Multipath::RemoveAddress { address_id }),
            any::<(u8, bool)>()
                .prop_map(|(address_id, backup)| Multipath::Priority { address_id, backup }),
            (any::<Option<u32>>(), proptest::option::of(mapping))
                .prop_map(|(data_ack, mapping)| Multipath::Dss { data_ack, mapping }),
        ]
    }

    proptest! {
        #[test]
        fn an_option_is_read_as_it_was_written(option in any_option()) {
            let bytes = option.emit();
            prop_assert_eq!(bytes.len() % 4, 0);
            let len = usize::from(bytes[1]);
            prop_assert_eq!((bytes[0], Multipath::read(&bytes[2..len])), (30, Some(option)));
        }

        #[test]
        fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Multipath::read(&bytes);
        }
    }
}
