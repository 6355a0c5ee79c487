//! All that was on the air, as Wireshark reads it.

use bytes::Bytes;
use mac::{AmpduItem, AmpduSubframes, Instant, TxPpdu};
use sim::network::Observer;

/// libpcap's magic number, version 2.4, and radiotap as the link type.
const FILE_HEADER: [u32; 6] = [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 65_535, 127];
/// Radiotap: Flags only, which say that the FCS is there.
const RADIOTAP: [u8; 9] = [0, 0, 9, 0, 2, 0, 0, 0, 0x10];

/// The MPDUs that were sent, in the order of their PPDUs.
#[derive(Default)]
pub struct Capture {
    mpdus: Vec<(Instant, Bytes)>,
}

impl Observer for Capture {
    fn sends(&mut self, _node: usize, ppdu: &TxPpdu, _end: Instant) {
        if ppdu.txvector.aggregation {
            let subframes = AmpduSubframes::new(&ppdu.psdu);
            self.mpdus.extend(subframes.filter_map(|item| match item {
                AmpduItem::Mpdu { bytes, .. } => Some((ppdu.start, ppdu.psdu.slice_ref(bytes))),
                AmpduItem::Gap { .. } => None,
            }));
        } else {
            self.mpdus.push((ppdu.start, ppdu.psdu.clone()));
        }
    }
}

impl Capture {
    /// A file in libpcap's format.
    pub fn to_pcap(&self) -> Vec<u8> {
        let mut file: Vec<u8> = FILE_HEADER.into_iter().flat_map(u32::to_le_bytes).collect();
        for (time, mpdu) in &self.mpdus {
            let us = time.as_nanos() / 1000;
            let len = (RADIOTAP.len() + mpdu.len()) as u32;
            let header = [(us / 1_000_000) as u32, (us % 1_000_000) as u32, len, len];
            file.extend(header.into_iter().flat_map(u32::to_le_bytes));
            file.extend_from_slice(&RADIOTAP);
            file.extend_from_slice(mpdu);
        }
        file
    }
}
