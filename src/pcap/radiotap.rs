//! The radiotap header: fields in the order of their bits, each aligned to its size.

use crate::decode::Link;
use crate::report::FrameRecord;
use phy80211::ChannelSpacing;

/// Bits of the presence word.
const TSFT: u32 = 1 << 0;
const FLAGS: u32 = 1 << 1;
const RATE: u32 = 1 << 2;
const CHANNEL: u32 = 1 << 3;
const DB_SIGNAL: u32 = 1 << 12;
const DB_NOISE: u32 = 1 << 13;
const EXTENDED: u32 = 1 << 31;

/// Bits of the flags field.
const FCS_AT_END: u8 = 0x10;
const BAD_FCS: u8 = 0x40;

/// Bits of the channel field.
const OFDM: u16 = 0x0040;
const BAND_2_GHZ: u16 = 0x0080;
const BAND_5_GHZ: u16 = 0x0100;
const HALF_RATE: u16 = 0x4000;
const QUARTER_RATE: u16 = 0x8000;

/// Noise is given as this many dB, and the signal by the SNR above it: the reference of both is
/// arbitrary.
const NOISE_DB: u8 = 0;

/// Appends the radiotap header of a frame.
pub(super) fn emit(record: &FrameRecord, link: Link, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend([0; 8]);
    let mut present = TSFT | FLAGS;
    out.extend(((record.time_s * 1e6) as u64).to_le_bytes());
    out.push(FCS_AT_END | if record.fcs_ok { 0 } else { BAD_FCS });
    // Units of 500 kbit/s, which 2.25 Mbit/s at 5 MHz does not fit.
    if let Some(rate) = record.rate_mbps.map(|mbps| mbps * 2.0).filter(|rate| rate.fract() == 0.0) {
        present |= RATE;
        out.push(rate as u8);
    }
    if let Some(hz) = link.frequency_hz {
        present |= CHANNEL;
        if out.len() % 2 != start % 2 {
            out.push(0);
        }
        let mhz = (hz / 1e6).round().clamp(0.0, 65_535.0) as u16;
        let band = if mhz < 3000 { BAND_2_GHZ } else { BAND_5_GHZ };
        let clock = match link.spacing {
            ChannelSpacing::Mhz20 => 0,
            ChannelSpacing::Mhz10 => HALF_RATE,
            ChannelSpacing::Mhz5 => QUARTER_RATE,
        };
        out.extend(mhz.to_le_bytes());
        out.extend((OFDM | band | clock).to_le_bytes());
    }
    if let Some(snr) = record.snr_db {
        present |= DB_SIGNAL | DB_NOISE;
        out.extend([snr.round().clamp(0.0, 255.0) as u8, NOISE_DB]);
    }
    let len = (out.len() - start) as u16;
    out[start + 2..start + 4].copy_from_slice(&len.to_le_bytes());
    out[start + 4..start + 8].copy_from_slice(&present.to_le_bytes());
}

/// What a radiotap header says that matters for sending the frame again.
#[derive(Debug, PartialEq, Default)]
pub(super) struct Radiotap {
    /// Bytes of the header.
    pub(super) len: usize,
    pub(super) rate_mbps: Option<f64>,
    pub(super) fcs_at_end: bool,
}

/// Reads the fields up to the rate; `None` if the header is cut off or of another version.
pub(super) fn parse(packet: &[u8]) -> Option<Radiotap> {
    let word = |at: usize| Some(u32::from_le_bytes(packet.get(at..at + 4)?.try_into().ok()?));
    let (&0, len) = (packet.first()?, word(0)? as usize >> 16) else { return None };
    if len < 8 || len > packet.len() {
        return None;
    }
    let present = word(4)?;
    let mut at = 8;
    // Further presence words follow while their highest bit is set.
    let mut last = present;
    while last & EXTENDED != 0 {
        last = word(at)?;
        at += 4;
    }
    if present & TSFT != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    let mut field = |bit: u32| {
        let byte = (present & bit != 0).then(|| packet[..len].get(at).copied());
        at += usize::from(present & bit != 0);
        byte
    };
    let flags = field(FLAGS).unwrap_or(Some(0))?;
    let rate = field(RATE).map_or(Some(None), |rate| rate.map(Some))?;
    Some(Radiotap {
        len,
        rate_mbps: rate.map(|rate| f64::from(rate) / 2.0),
        fcs_at_end: flags & FCS_AT_END != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_parse_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes);
        }
    }

    #[test]
    fn a_header_with_extended_presence_is_read() {
        let mut header = vec![0, 0, 0, 0];
        header.extend((TSFT | FLAGS | RATE | EXTENDED).to_le_bytes());
        header.extend(0u32.to_le_bytes());
        header.extend([0; 4]);
        header.extend([0; 8]);
        header.extend([FCS_AT_END, 108]);
        header[2] = header.len() as u8;
        let expected = Radiotap { len: header.len(), rate_mbps: Some(54.0), fcs_at_end: true };
        assert_eq!(parse(&header), Some(expected));
        assert_eq!(parse(&header[..header.len() - 1]), None);
    }
}
