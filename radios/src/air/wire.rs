//! What an air's server and its radios say to one another over a socket. docs/radios.md has it for
//! others to implement.
//!
//! Each message is a header of 24 bytes and a payload; all numbers are little-endian.

use num_complex::Complex32;

/// What a hello begins with: the protocol and its version.
pub(super) const MAGIC: [u8; 8] = *b"ackride1";
/// Length of a header.
pub(super) const HEADER_LEN: usize = 24;
/// The longest payload: no block and no part of a burst is longer.
pub(super) const MAX_PAYLOAD: usize = 1 << 24;
/// Samples of a burst in one message, at most.
pub(super) const MAX_TX_SAMPLES: usize = 1 << 16;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// From a radio: it wants to join.
    Hello = 1,
    /// From a radio: samples to transmit.
    Tx = 2,
    /// From a radio: no burst will begin before the time.
    Settle = 3,
    /// From a radio: its centre frequency.
    Tune = 4,
    /// From a radio: the gain of its transmitter.
    TxGain = 5,
    /// From a radio: what it wants to hear of, in `count`.
    Listen = 6,
    /// To a radio: it has joined.
    Welcome = 129,
    /// To a radio: samples received.
    Rx = 130,
    /// To a radio: a burst was late.
    Late = 131,
    /// To a radio: a burst has run dry.
    Underflow = 132,
    /// To a radio: why the connection ends.
    Refused = 133,
    /// To a radio that wants no samples: the time.
    Now = 134,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        use Kind::{
            Hello, Late, Listen, Now, Refused, Rx, Settle, Tune, Tx, TxGain, Underflow, Welcome,
        };
        [Hello, Tx, Settle, Tune, TxGain, Listen, Welcome, Rx, Late, Underflow, Refused, Now]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// What a radio wants to hear of: the `count` of [`Kind::Listen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(super) enum Listening {
    /// Nothing.
    No = 0,
    /// The time, and what becomes of its bursts.
    Events = 1,
    /// Samples, too.
    Samples = 2,
}

impl Listening {
    pub(super) fn from_count(count: u32) -> Option<Self> {
        [Self::No, Self::Events, Self::Samples].into_iter().find(|what| *what as u32 == count)
    }
}

/// How samples lie in a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum WireFormat {
    /// Not at all: they are nought.
    Silence = 0,
    /// Real and imaginary part as signed 16-bit integers, times the message's scale.
    #[default]
    Ci16 = 1,
    /// Real and imaginary part as 32-bit IEEE 754 numbers.
    Cf32 = 2,
}

impl WireFormat {
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Silence, Self::Ci16, Self::Cf32].into_iter().find(|format| *format as u8 == byte)
    }

    fn bytes_per_sample(self) -> usize {
        match self {
            Self::Silence => 0,
            Self::Ci16 => 4,
            Self::Cf32 => 8,
        }
    }
}

/// What a server says of its air.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Welcome {
    pub(super) sample_rate_hz: f64,
    /// Noise that the radio is to add to what it receives; not a number for none.
    pub(super) noise_db: f64,
    /// Where it is to come from, so that it is the same each time.
    pub(super) noise_seed: u64,
    pub(super) block: u32,
    /// Time waits for [`Kind::Settle`].
    pub(super) lockstep: bool,
}

impl Welcome {
    const LEN: usize = 32;

    /// `sample rate f64, noise f64, noise seed u64, block u32, lockstep u32`.
    pub(super) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..8].copy_from_slice(&self.sample_rate_hz.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.noise_db.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.noise_seed.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.block.to_le_bytes());
        bytes[28..].copy_from_slice(&u32::from(self.lockstep).to_le_bytes());
        bytes
    }

    /// None if it makes no sense.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        let eight = |at: usize| bytes[at..at + 8].try_into().expect("8 bytes");
        let four = |at: usize| bytes[at..at + 4].try_into().expect("4 bytes");
        let welcome = Self {
            sample_rate_hz: f64::from_le_bytes(eight(0)),
            noise_db: f64::from_le_bytes(eight(8)),
            noise_seed: u64::from_le_bytes(eight(16)),
            block: u32::from_le_bytes(four(24)),
            lockstep: u32::from_le_bytes(four(28)) != 0,
        };
        let rate = welcome.sample_rate_hz;
        (rate.is_finite() && rate > 0.0 && welcome.block > 0).then_some(welcome)
    }
}

/// The header of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// Of `Tx`: the burst ends here.
    pub(super) end_of_burst: bool,
    pub(super) format: WireFormat,
    pub(super) payload_len: usize,
    pub(super) time: u64,
    /// Samples; of `Late`, by how many.
    pub(super) count: u32,
    /// What a sample of 1 means in [`WireFormat::Ci16`].
    pub(super) scale: f32,
}

impl Header {
    /// How many samples so many bytes are; any number if samples take none.
    pub(super) fn samples_in(&self, bytes: usize) -> usize {
        bytes.checked_div(self.format.bytes_per_sample()).unwrap_or(usize::MAX)
    }

    /// Of a hello: the format in which it wants what it receives.
    pub(super) fn wanted_format(&self) -> Option<WireFormat> {
        Some(self.format).filter(|format| *format != WireFormat::Silence)
    }

    /// A header of a message without samples.
    pub(super) fn new(kind: Kind, time: u64, payload_len: usize) -> Self {
        Self {
            kind,
            end_of_burst: false,
            format: WireFormat::Silence,
            payload_len,
            time,
            count: 0,
            scale: 0.0,
        }
    }

    /// The bytes of it:
    /// `kind u8, flags u8, format u8, nought u8, payload length u32, time u64, count u32, scale f32`.
    pub(super) fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[0] = self.kind as u8;
        bytes[1] = u8::from(self.end_of_burst);
        bytes[2] = self.format as u8;
        bytes[4..8].copy_from_slice(&(self.payload_len as u32).to_le_bytes());
        bytes[8..16].copy_from_slice(&self.time.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.count.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.scale.to_le_bytes());
        bytes
    }

    /// Reads what [`Header::to_bytes`] has made, or says what is wrong with it.
    pub(super) fn parse(bytes: &[u8; HEADER_LEN]) -> Result<Self, String> {
        let kind = Kind::from_byte(bytes[0])
            .ok_or_else(|| format!("a message of the unknown kind {}", bytes[0]))?;
        let format = WireFormat::from_byte(bytes[2])
            .ok_or_else(|| format!("samples of the unknown format {}", bytes[2]))?;
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        let header = Self {
            kind,
            end_of_burst: bytes[1] & 1 != 0,
            format,
            payload_len: word(4) as usize,
            time: u64::from_le_bytes(bytes[8..16].try_into().expect("8 bytes")),
            count: word(16),
            scale: f32::from_bits(word(20)),
        };
        if header.payload_len > MAX_PAYLOAD || header.count as usize > MAX_PAYLOAD {
            return Err(format!("a message of {} bytes", header.payload_len));
        }
        if !header.scale.is_finite() {
            return Err("samples of an infinite scale".to_owned());
        }
        let samples = header.count as usize * format.bytes_per_sample();
        if matches!(kind, Kind::Tx | Kind::Rx) && header.payload_len != samples {
            return Err(format!(
                "{} samples in {} bytes, where {samples} are due",
                header.count, header.payload_len
            ));
        }
        Ok(header)
    }
}

/// Appends a message of samples to `bytes`; `Silence` if there are only noughts.
pub(super) fn put_samples(
    bytes: &mut Vec<u8>,
    kind: Kind,
    (time, end_of_burst): (u64, bool),
    samples: &[Complex32],
    format: WireFormat,
) {
    let peak = peak(samples);
    let format = if peak == 0.0 { WireFormat::Silence } else { format };
    let header = Header {
        end_of_burst,
        format,
        count: samples.len() as u32,
        scale: peak / f32::from(i16::MAX),
        ..Header::new(kind, time, samples.len() * format.bytes_per_sample())
    };
    bytes.extend_from_slice(&header.to_bytes());
    match format {
        WireFormat::Silence => {}
        WireFormat::Cf32 => {
            for (bytes, part) in room(bytes, header.payload_len, 4).zip(parts(samples)) {
                bytes.copy_from_slice(&part.to_le_bytes());
            }
        }
        WireFormat::Ci16 => {
            let scale = f32::from(i16::MAX) / peak;
            for (bytes, part) in room(bytes, header.payload_len, 2).zip(parts(samples)) {
                // Away from nought by half, then cut: the peak itself is exact.
                let rounded = (part * scale + 0.5f32.copysign(*part)) as i32;
                bytes.copy_from_slice(&(rounded as i16).to_le_bytes());
            }
        }
    }
}

/// So many more bytes, in pieces of `size`.
fn room(bytes: &mut Vec<u8>, len: usize, size: usize) -> std::slice::ChunksExactMut<'_, u8> {
    let start = bytes.len();
    bytes.resize(start + len, 0);
    bytes[start..].chunks_exact_mut(size)
}

/// Reads samples from a payload, or a piece of one. As many as `samples` has room for must be there.
pub(super) fn get_samples(header: &Header, payload: &[u8], samples: &mut [Complex32]) {
    let parts: &mut [f32] = bytemuck::cast_slice_mut(samples);
    match header.format {
        WireFormat::Silence => parts.fill(0.0),
        WireFormat::Ci16 => {
            for (part, bytes) in parts.iter_mut().zip(payload.chunks_exact(2)) {
                *part = f32::from(i16::from_le_bytes([bytes[0], bytes[1]])) * header.scale;
            }
        }
        WireFormat::Cf32 => {
            for (part, bytes) in parts.iter_mut().zip(payload.chunks_exact(4)) {
                *part = f32::from_le_bytes(bytes.try_into().expect("4 bytes"));
            }
        }
    }
}

/// Bytes of so many samples of a message.
pub(super) fn payload_bytes(header: &Header, samples: usize) -> usize {
    samples * header.format.bytes_per_sample()
}

/// The largest magnitude of a real or imaginary part; not a number counts as nought.
fn peak(samples: &[Complex32]) -> f32 {
    let mut peaks = [0.0f32; 16];
    let chunks = parts(samples).chunks_exact(16);
    let rest = chunks.remainder().iter().fold(0.0f32, |peak, part| peak.max(part.abs()));
    for chunk in chunks {
        peaks.iter_mut().zip(chunk).for_each(|(peak, part)| *peak = peak.max(part.abs()));
    }
    peaks.into_iter().fold(rest, f32::max)
}

fn parts(samples: &[Complex32]) -> &[f32] {
    bytemuck::cast_slice(samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(samples: &[Complex32], format: WireFormat) -> (Header, Vec<Complex32>) {
        let mut bytes = Vec::new();
        put_samples(&mut bytes, Kind::Tx, (77, true), samples, format);
        let header = Header::parse(bytes[..HEADER_LEN].try_into().unwrap()).unwrap();
        assert_eq!(header.payload_len, bytes.len() - HEADER_LEN);
        let mut back = vec![Complex32::ONE; header.count as usize];
        get_samples(&header, &bytes[HEADER_LEN..], &mut back);
        (header, back)
    }

    proptest! {
        #[test]
        fn samples_come_back_to_the_precision_of_their_format(
            parts in prop::collection::vec((-1.0..1.0f32, -1.0..1.0f32), 0..100),
            exponent in -12..3i32,
        ) {
            let level = 10f32.powi(exponent);
            let samples: Vec<_> =
                parts.iter().map(|&(re, im)| Complex32::new(re, im) * level).collect();
            prop_assert_eq!(&message(&samples, WireFormat::Cf32).1, &samples);
            let peak = peak(&samples);
            for (a, b) in message(&samples, WireFormat::Ci16).1.iter().zip(&samples) {
                prop_assert!((a - b).norm() < peak / 32767.0);
            }
        }

        #[test]
        fn a_header_survives_and_nonsense_is_told(bytes in any::<[u8; HEADER_LEN]>()) {
            if let Ok(header) = Header::parse(&bytes) {
                prop_assert_eq!(Header::parse(&header.to_bytes()).map(Header::to_bytes),
                    Ok(header.to_bytes()));
            }
        }
    }

    #[test]
    fn silence_takes_no_room() {
        let (header, back) = message(&[Complex32::ZERO; 50], WireFormat::Ci16);
        assert_eq!((header.format, header.payload_len), (WireFormat::Silence, 0));
        assert_eq!(back, [Complex32::ZERO; 50]);
        assert!(header.end_of_burst);
    }

    #[test]
    fn lengths_must_agree() {
        let header = Header { count: 3, ..Header::new(Kind::Rx, 0, 12) };
        assert!(Header::parse(&header.to_bytes()).is_err());
        let right = Header { format: WireFormat::Ci16, ..header };
        assert!(Header::parse(&right.to_bytes()).is_ok());
    }
}
