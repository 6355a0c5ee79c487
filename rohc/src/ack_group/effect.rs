//! What an ACK does to the CRC of its chain, from its flow's constant part and the bytes that change.
//! docs/ack-group.md section 2.
//!
//! A CRC is linear: that of a packet is the sum of what each of its bytes does at its place. Half of
//! them, addresses and ports above all, are the same in all ACKs of a flow.

use std::array::from_fn;

use super::crc16::{Crc16, byte_before};
use super::fields::{TCP_LEN, TIMESTAMPS_HEAD, TIMESTAMPS_LEN};
use super::packet::MAX_LEN;

/// What a packet does to a CRC, whatever that was of before. So the packet need not be kept until
/// it is known where in the order it comes.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    /// The CRC of the packet that begins at zero.
    of_bytes: u16,
    len: u8,
}

impl Effect {
    /// No packet's.
    pub const NONE: Self = Self { of_bytes: 0, len: 2 };

    /// The CRC of what it was of and the packet.
    #[inline(always)]
    pub fn on(self, crc: Crc16) -> Crc16 {
        crc.then_known(usize::from(self.len), self.of_bytes)
    }
}

/// What the bytes that are the same in all ACKs of a flow do.
#[derive(Debug, Clone, Copy)]
pub struct Constant {
    /// Bytes of headers but for SACK, which come to another number in each of the four layouts.
    front_len: u8,
    of_bytes: u16,
}

impl Constant {
    /// Of the flow that has this pure ACK, in room for the longest.
    pub fn of(packet: &[u8; MAX_LEN], ip_len: usize) -> Self {
        let options = ip_len + TCP_LEN;
        let has_timestamps = packet[options..options + 4] == TIMESTAMPS_HEAD;
        let front_len = options + if has_timestamps { TIMESTAMPS_LEN } else { 0 };
        let front = &packet[..front_len];
        let nothing = Self { front_len: front_len as u8, of_bytes: 0 };
        let of_bytes = Crc16(0).then(front).0 ^ nothing.effect(front).of_bytes;
        Self { of_bytes, ..nothing }
    }

    /// The effect of an ACK of the flow.
    #[inline(always)]
    pub fn effect(&self, packet: &[u8]) -> Effect {
        let of_bytes = match self.front_len {
            40 => self.with_changes::<20, 40>(packet),
            52 => self.with_changes::<20, 52>(packet),
            60 => self.with_changes::<40, 60>(packet),
            _ => self.with_changes::<40, 72>(packet),
        };
        Effect { of_bytes, len: packet.len() as u8 }
    }

    #[inline(always)]
    fn with_changes<const IP_LEN: usize, const LEN: usize>(&self, packet: &[u8]) -> u16 {
        let (front, sack) = packet.split_first_chunk::<LEN>().expect("an ACK of the flow");
        // TOS, length, identification, TTL and checksum; or traffic class, length and hop limit.
        let ip = match IP_LEN {
            20 => of_places(front, [1, 3, 4, 5, 8, 10, 11]),
            _ => of_places(front, [0, 1, 5, 7]),
        };
        // From the sequence number to the checksum, then the timestamps' values.
        let tcp = of_places(front, from_fn::<_, 14, _>(|place| IP_LEN + 4 + place));
        let timestamps = match LEN - IP_LEN {
            TCP_LEN => 0,
            _ => of_places(front, from_fn::<_, 8, _>(|place| LEN - 8 + place)),
        };
        let of_bytes = self.of_bytes ^ ip ^ tcp ^ timestamps;
        if sack.is_empty() { of_bytes } else { Crc16(of_bytes).then(sack).0 }
    }
}

/// What the bytes at these places do.
#[inline(always)]
fn of_places<const LEN: usize, const COUNT: usize>(
    bytes: &[u8; LEN],
    places: [usize; COUNT],
) -> u16 {
    places.into_iter().fold(0, |sum, at| sum ^ byte_before(LEN - 1 - at, bytes[at]))
}

#[cfg(test)]
mod tests {
    use super::super::fields::Fields;
    use super::super::packet::{Packet, Template};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_effect_of_an_ack_is_that_of_its_bytes(
            before: u16,
            is_ipv4: bool,
            numbers: (u32, u32, u16, u16, u8, u8),
            timestamps in any::<Option<(u32, u32)>>(),
            sack in proptest::collection::vec(any::<(u32, u32)>(), 0..4),
        ) {
            let (seq, ack, window, ip_id, tos, ttl) = numbers;
            let mut fields = Fields { seq, ack, window, tos, ttl, flags: 0x10, ..Fields::NOTHING };
            fields.has_timestamps = timestamps.is_some();
            let mut first = Packet::EMPTY;
            let version = if is_ipv4 { 0x45 } else { 0x60 };
            Template::new(Packet::new(&[version; 60])).build(&fields, &mut first);
            let template = Template::new(first);

            (fields.tsval, fields.tsecr) = timestamps.unwrap_or_default();
            fields.ip_id = if is_ipv4 { ip_id } else { 0 };
            sack.into_iter().for_each(|block| fields.sack.push(block));
            let mut packet = Packet::EMPTY;
            template.build(&fields, &mut packet);
            let effect = template.effect(packet.bytes());
            prop_assert_eq!(effect.on(Crc16(before)), Crc16(before).then(packet.bytes()));
        }
    }
}
