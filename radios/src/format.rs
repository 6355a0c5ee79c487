//! How complex samples lie in bytes: SigMF's `core:datatype` for complex data.

use std::fmt;
use std::str::FromStr;

use num_complex::Complex32;

use crate::Error;

/// Number format of one real or imaginary part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Component {
    F32,
    F64,
    I32,
    I16,
    I8,
    U8,
}

impl Component {
    const ALL: [Self; 6] = [Self::F32, Self::F64, Self::I32, Self::I16, Self::I8, Self::U8];

    fn name(self) -> &'static str {
        match self {
            Self::F32 => "cf32",
            Self::F64 => "cf64",
            Self::I32 => "ci32",
            Self::I16 => "ci16",
            Self::I8 => "ci8",
            Self::U8 => "cu8",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::I16 => 2,
            Self::I8 | Self::U8 => 1,
        }
    }
}

/// Format of a sample in a file: real part, imaginary part, each in the same number format.
///
/// Integers are scaled so that full scale is magnitude 1.
///
/// ```
/// let format: radios::SampleFormat = "ci16_le".parse()?;
/// assert_eq!(format.bytes_per_sample(), 4);
/// # Ok::<(), radios::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleFormat {
    component: Component,
    big_endian: bool,
}

impl SampleFormat {
    /// 32-bit floats, little-endian.
    pub const CF32_LE: Self = Self { component: Component::F32, big_endian: false };
    /// 16-bit integers, little-endian.
    pub const CI16_LE: Self = Self { component: Component::I16, big_endian: false };
    /// 8-bit integers.
    pub const CI8: Self = Self { component: Component::I8, big_endian: false };

    /// Bytes of one complex sample.
    pub fn bytes_per_sample(self) -> usize {
        2 * self.component.bytes()
    }

    /// Whether a sample in memory is a sample in the file, byte for byte.
    pub(crate) fn is_native(self) -> bool {
        self.component == Component::F32 && self.big_endian == cfg!(target_endian = "big")
    }

    /// Reads as many samples as `bytes` holds.
    ///
    /// # Panics
    /// If `samples` is not as long as that.
    pub fn decode(self, bytes: &[u8], samples: &mut [Complex32]) {
        assert_eq!(bytes.len(), samples.len() * self.bytes_per_sample());
        match self.component {
            Component::F32 => self.decode_with(bytes, samples, f32::from_le_bytes),
            Component::F64 => self.decode_with(bytes, samples, |b| f64::from_le_bytes(b) as f32),
            Component::I32 => {
                self.decode_with(bytes, samples, |b| i32::from_le_bytes(b) as f32 / 2_147_483_648.0)
            }
            Component::I16 => {
                self.decode_with(bytes, samples, |b| f32::from(i16::from_le_bytes(b)) / 32_768.0)
            }
            Component::I8 => {
                self.decode_with(bytes, samples, |b| f32::from(i8::from_le_bytes(b)) / 128.0)
            }
            Component::U8 => self.decode_with(bytes, samples, |[b]| (f32::from(b) - 127.5) / 127.5),
        }
    }

    fn decode_with<const N: usize>(
        self,
        bytes: &[u8],
        samples: &mut [Complex32],
        little_endian: impl Fn([u8; N]) -> f32,
    ) {
        let part = |bytes: &[u8]| {
            let mut part: [u8; N] = bytes.try_into().expect("a whole number");
            if self.big_endian {
                part.reverse();
            }
            little_endian(part)
        };
        for (sample, bytes) in samples.iter_mut().zip(bytes.chunks_exact(2 * N)) {
            *sample = Complex32::new(part(&bytes[..N]), part(&bytes[N..]));
        }
    }

    /// Appends `samples` to `bytes`. Integers are rounded, and saturate beyond full scale.
    pub fn encode(self, samples: &[Complex32], bytes: &mut Vec<u8>) {
        bytes.reserve(samples.len() * self.bytes_per_sample());
        for part in samples.iter().flat_map(|sample| [sample.re, sample.im]) {
            match self.component {
                Component::F32 => self.put(part.to_le_bytes(), bytes),
                Component::F64 => self.put(f64::from(part).to_le_bytes(), bytes),
                Component::I32 => {
                    self.put(
                        ((f64::from(part) * 2_147_483_648.0).round() as i32).to_le_bytes(),
                        bytes,
                    );
                }
                Component::I16 => {
                    self.put(((part * 32_768.0).round() as i16).to_le_bytes(), bytes);
                }
                Component::I8 => self.put(((part * 128.0).round() as i8).to_le_bytes(), bytes),
                Component::U8 => self.put([(part * 127.5 + 127.5).round() as u8], bytes),
            }
        }
    }

    fn put<const N: usize>(self, mut part: [u8; N], bytes: &mut Vec<u8>) {
        if self.big_endian {
            part.reverse();
        }
        bytes.extend_from_slice(&part);
    }
}

impl FromStr for SampleFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownFormat(text.to_owned());
        let (name, endian) = text.split_once('_').unwrap_or((text, ""));
        let component = Component::ALL.into_iter().find(|component| component.name() == name);
        let component = component.ok_or_else(unknown)?;
        let big_endian = match endian {
            "le" => false,
            "be" => true,
            // A single byte has no order.
            "" if component.bytes() == 1 => false,
            _ => return Err(unknown()),
        };
        Ok(Self { component, big_endian })
    }
}

impl fmt::Display for SampleFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.component.name())?;
        match (self.component.bytes(), self.big_endian) {
            (1, _) => Ok(()),
            (_, false) => f.write_str("_le"),
            (_, true) => f.write_str("_be"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 10] = [
        "cf32_le", "cf32_be", "cf64_le", "cf64_be", "ci32_le", "ci32_be", "ci16_le", "ci16_be",
        "ci8", "cu8",
    ];

    proptest! {
        #[test]
        fn decode_undoes_encode_to_the_precision_of_the_format(
            parts in proptest::collection::vec((-0.99f32..0.99, -0.99f32..0.99), 0..20),
            name in 0..NAMES.len(),
        ) {
            let format: SampleFormat = NAMES[name].parse().unwrap();
            prop_assert_eq!(format.to_string(), NAMES[name]);
            let samples: Vec<_> = parts.iter().map(|&(re, im)| Complex32::new(re, im)).collect();
            let mut bytes = Vec::new();
            format.encode(&samples, &mut bytes);
            let mut back = vec![Complex32::ZERO; samples.len()];
            format.decode(&bytes, &mut back);
            let step = match format.component.bytes() { 1 => 1.0 / 127.0, 2 => 1.0 / 32_767.0, _ => 1e-6 };
            for (a, b) in samples.iter().zip(&back) {
                prop_assert!((a - b).norm() <= step);
            }
        }
    }

    #[test]
    fn integers_saturate_at_full_scale() {
        let mut bytes = Vec::new();
        SampleFormat::CI16_LE.encode(&[Complex32::new(2.0, -2.0)], &mut bytes);
        assert_eq!(bytes, [0xff, 0x7f, 0x00, 0x80]);
    }

    #[test]
    fn byte_orders_differ() {
        let mut sample = [Complex32::ZERO];
        "ci16_be".parse::<SampleFormat>().unwrap().decode(&[0x40, 0, 0, 0x40], &mut sample);
        assert_eq!(sample[0], Complex32::new(0.5, 64.0 / 32_768.0));
    }

    #[test]
    fn unknown_formats_are_named_in_the_error() {
        for text in ["rf32_le", "cf32", "cf16_le", "", "ci8_xx", "banana"] {
            let error = text.parse::<SampleFormat>().unwrap_err().to_string();
            assert!(error.contains(&format!("'{text}'")), "{error}");
        }
    }
}
