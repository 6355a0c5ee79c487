//! What a profile made of a trace.

use std::collections::BTreeMap;

/// Sizes and counts, the same for every profile.
#[derive(Default)]
pub struct Measured {
    /// ACKs that went compressed.
    pub rode: usize,
    /// Bytes that they took, all overhead included.
    pub bytes: usize,
    /// Packets that came out otherwise than they went in, or not at all.
    pub mismatches: usize,
    /// Packets that went natively, by reason.
    pub native: BTreeMap<String, usize>,
    /// What was sent compressed, by format: how many, and their bytes.
    pub formats: BTreeMap<String, (usize, usize)>,
}

impl Measured {
    /// A packet goes natively.
    pub fn went_native(&mut self, why: &str) {
        *self.native.entry(why.to_owned()).or_default() += 1;
    }

    /// Something goes compressed.
    pub fn took(&mut self, format: String, bytes: usize) {
        self.bytes += bytes;
        let of_format = self.formats.entry(format).or_default();
        of_format.0 += 1;
        of_format.1 += bytes;
    }

    /// Bytes per ACK that went compressed.
    pub fn bytes_per_ack(&self) -> Option<f64> {
        (self.rode > 0).then(|| self.bytes as f64 / self.rode as f64)
    }

    /// Packets that went natively.
    pub fn native(&self) -> usize {
        self.native.values().sum()
    }
}
