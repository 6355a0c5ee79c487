//! ROHC-TCP (RFC 6846) over a link that loses nothing and has no way back: U-mode, small CIDs.

use rohc::rohc_tcp::{Compressor, CompressorConfig, Decompressor, DecompressorConfig};

use super::measured::Measured;

/// Bytes that compression may add to a packet in the worst case: CID, type, profile, CRC, and the
/// fields of an IR that are longer than those of the header.
const GROWTH: usize = 256;

/// Sends the packets and compares what comes out with what went in.
pub fn measure<'a>(packets: impl Iterator<Item = &'a [u8]>) -> Measured {
    let mut compressor = Compressor::new(CompressorConfig::default());
    let mut decompressor = Decompressor::new(DecompressorConfig::default());
    let mut measured = Measured::default();
    let (mut wire, mut rebuilt) = (vec![], vec![]);
    for packet in packets {
        wire.resize(packet.len() + GROWTH, 0);
        rebuilt.resize(packet.len() + GROWTH, 0);
        match compressor.compress(packet, &mut wire) {
            Err(reason) => measured.went_native(&reason.to_string()),
            Ok(compressed) => {
                measured.rode += 1;
                measured.took(compressed.format.to_string(), compressed.length);
                let came = decompressor.decompress(&wire[..compressed.length], &mut rebuilt);
                let same = came
                    .is_ok_and(|came| came.is_some_and(|came| rebuilt[..came.length] == *packet));
                measured.mismatches += usize::from(!same);
            }
        }
    }
    measured
}
