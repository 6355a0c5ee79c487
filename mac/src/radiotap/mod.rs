//! The radiotap header that captures put before frames (<https://www.radiotap.org>).
//!
//! A word of presence bits, more of them while bit 31 is set, then the fields in the order of
//! their bits, each aligned to its own alignment from the header's start. All is little-endian.

mod fields;
mod walk;

pub use fields::{AmpduFlags, AmpduStatus, Channel, ChannelFlags, Flags, Mcs, McsFlags, McsKnown};

use crate::FrameError;
use crate::reader::Reader;
use walk::{HEAD_LEN, Walk};

/// What a radiotap header says, of the fields that are known here.
///
/// Where a header has a field several times, as those of receivers with several antennas have,
/// the first is kept, which is that of the receiver as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Radiotap {
    /// The receiver's TSF timer as the first bit of the MPDU arrived.
    pub tsft_us: Option<u64>,
    /// What of the frame is there and how it was sent.
    pub flags: Option<Flags>,
    /// Rate in units of 500 kbit/s; HT frames have [`mcs`](Self::mcs) instead.
    pub rate_half_mbps: Option<u8>,
    /// Channel.
    pub channel: Option<Channel>,
    /// Power of the signal in dBm.
    pub signal_dbm: Option<i8>,
    /// Power of the noise in dBm.
    pub noise_dbm: Option<i8>,
    /// Number of the antenna.
    pub antenna: Option<u8>,
    /// Power of the signal in dB over an arbitrary reference.
    pub signal_db: Option<u8>,
    /// Power of the noise in dB over the same reference.
    pub noise_db: Option<u8>,
    /// How an HT frame was sent.
    pub mcs: Option<Mcs>,
    /// The A-MPDU the frame came in.
    pub ampdu: Option<AmpduStatus>,
}

/// Bits of the fields in the presence word.
mod bit {
    pub(super) const TSFT: u32 = 0;
    pub(super) const FLAGS: u32 = 1;
    pub(super) const RATE: u32 = 2;
    pub(super) const CHANNEL: u32 = 3;
    pub(super) const SIGNAL_DBM: u32 = 5;
    pub(super) const NOISE_DBM: u32 = 6;
    pub(super) const ANTENNA: u32 = 11;
    pub(super) const SIGNAL_DB: u32 = 12;
    pub(super) const NOISE_DB: u32 = 13;
    pub(super) const MCS: u32 = 19;
    pub(super) const AMPDU: u32 = 20;
}

impl Radiotap {
    /// Reads the header at the front of a packet, and says how long it is.
    ///
    /// Fields after one whose size is not known cannot be found; they are left out.
    pub fn parse(packet: &[u8]) -> Result<(Self, usize), FrameError> {
        let mut walk = Walk::new(packet)?;
        let mut header = Self::default();
        while let Some((bit, field)) = walk.next_field()? {
            header.read(bit, field)?;
        }
        Ok((header, walk.header_len()))
    }

    fn read(&mut self, bit: u32, field: &[u8]) -> Result<(), FrameError> {
        let reader = &mut Reader::new("radiotap field", field);
        match bit {
            bit::TSFT => keep(&mut self.tsft_us, reader.u64()?),
            bit::FLAGS => keep(&mut self.flags, Flags(reader.u8()?)),
            bit::RATE => keep(&mut self.rate_half_mbps, reader.u8()?),
            bit::CHANNEL => keep(&mut self.channel, Channel::read(reader)?),
            bit::SIGNAL_DBM => keep(&mut self.signal_dbm, reader.u8()? as i8),
            bit::NOISE_DBM => keep(&mut self.noise_dbm, reader.u8()? as i8),
            bit::ANTENNA => keep(&mut self.antenna, reader.u8()?),
            bit::SIGNAL_DB => keep(&mut self.signal_db, reader.u8()?),
            bit::NOISE_DB => keep(&mut self.noise_db, reader.u8()?),
            bit::MCS => keep(&mut self.mcs, Mcs::read(reader)?),
            bit::AMPDU => keep(&mut self.ampdu, AmpduStatus::read(reader)?),
            _ => {}
        }
        Ok(())
    }

    /// Appends the header.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let mut fields = Fields { start: out.len(), present: 0, out };
        fields.out.extend([0; HEAD_LEN]);
        fields.put(bit::TSFT, self.tsft_us.map(u64::to_le_bytes));
        fields.put(bit::FLAGS, self.flags.map(|flags| [flags.0]));
        fields.put(bit::RATE, self.rate_half_mbps.map(|rate| [rate]));
        fields.put(bit::CHANNEL, self.channel.map(Channel::to_bytes));
        fields.put(bit::SIGNAL_DBM, self.signal_dbm.map(i8::to_le_bytes));
        fields.put(bit::NOISE_DBM, self.noise_dbm.map(i8::to_le_bytes));
        fields.put(bit::ANTENNA, self.antenna.map(|antenna| [antenna]));
        fields.put(bit::SIGNAL_DB, self.signal_db.map(|signal| [signal]));
        fields.put(bit::NOISE_DB, self.noise_db.map(|noise| [noise]));
        fields.put(bit::MCS, self.mcs.map(Mcs::to_bytes));
        fields.put(bit::AMPDU, self.ampdu.map(AmpduStatus::to_bytes));
        let Fields { start, present, out } = fields;
        let len = (out.len() - start) as u16;
        out[start + 2..start + 4].copy_from_slice(&len.to_le_bytes());
        out[start + 4..start + 8].copy_from_slice(&present.to_le_bytes());
    }
}

fn keep<T>(first: &mut Option<T>, value: T) {
    first.get_or_insert(value);
}

/// A header being written.
struct Fields<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    present: u32,
}

impl Fields<'_> {
    fn put<const N: usize>(&mut self, bit: u32, field: Option<[u8; N]>) {
        let Some(bytes) = field else { return };
        let len = self.out.len() - self.start;
        let (align, size) = walk::shape(bit).expect("the bits above have fields");
        assert_eq!(size, N, "field of bit {bit}");
        self.out.resize(self.start + len.next_multiple_of(align), 0);
        self.out.extend(bytes);
        self.present |= 1 << bit;
    }
}

#[cfg(test)]
mod tests;
