//! Finds the context of a packet: chains of CIDs by a hash over addresses and ports.

use crate::rohc_tcp::headers::Layout;

const NONE: u16 = u16::MAX;

/// CIDs by hash. It has the size that it was made with.
#[derive(Debug, Clone)]
pub(super) struct Flows {
    heads: Box<[u16]>,
    /// The next CID with the same hash.
    next: Box<[u16]>,
}

impl Flows {
    /// For CIDs below `contexts`.
    pub fn new(contexts: usize) -> Self {
        let buckets = (2 * contexts).next_power_of_two();
        Self { heads: vec![NONE; buckets].into(), next: vec![NONE; contexts].into() }
    }

    /// The CIDs whose flows have this hash.
    pub fn with_hash(&self, hash: u64) -> impl Iterator<Item = u16> {
        let found = |cid: u16| (cid != NONE).then_some(cid);
        std::iter::successors(found(self.heads[self.bucket(hash)]), move |cid| {
            found(self.next[usize::from(*cid)])
        })
    }

    /// Enters a CID that is not in.
    pub fn insert(&mut self, hash: u64, cid: u16) {
        let bucket = self.bucket(hash);
        self.next[usize::from(cid)] = self.heads[bucket];
        self.heads[bucket] = cid;
    }

    /// Takes a CID out.
    pub fn remove(&mut self, hash: u64, cid: u16) {
        let bucket = self.bucket(hash);
        let after = self.next[usize::from(cid)];
        let before = self.with_hash(hash).find(|at| self.next[usize::from(*at)] == cid);
        match before {
            Some(before) => self.next[usize::from(before)] = after,
            None => self.heads[bucket] = after,
        }
    }

    fn bucket(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.heads.len() - 1)
    }
}

/// Hash of the flow that a packet belongs to.
pub(super) fn flow_hash(layout: &Layout, packet: &[u8]) -> u64 {
    /// An odd number without pattern: 2^64 over the golden ratio.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let ports = &packet[layout.length()..layout.length() + 4];
    let (addresses, _) = layout.flow_octets(packet).as_chunks::<4>();
    let (ports, _) = ports.as_chunks::<4>();
    addresses.iter().chain(ports).fold(0, |hash: u64, word| {
        (hash.rotate_left(29) ^ u64::from(u32::from_le_bytes(*word))).wrapping_mul(FACTOR)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set_of_cids_by_hash(events in prop::collection::vec((0u16..8, 0u64..3, any::<bool>()), 0..60)) {
            let mut flows = Flows::new(8);
            let mut model = [None; 8];
            for (cid, hash, insert) in events {
                let hash = hash << 32;
                let slot = &mut model[usize::from(cid)];
                match (*slot, insert) {
                    (None, true) => {
                        flows.insert(hash, cid);
                        *slot = Some(hash);
                    }
                    (Some(hash), false) => {
                        flows.remove(hash, cid);
                        *slot = None;
                    }
                    _ => {}
                }
                for hash in (0..3).map(|hash| hash << 32) {
                    let mut found: Vec<_> = flows.with_hash(hash).collect();
                    found.sort_unstable();
                    let expected: Vec<_> =
                        (0..8).filter(|cid| model[usize::from(*cid)] == Some(hash)).collect();
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}
