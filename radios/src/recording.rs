//! A recording as a stream of samples.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use num_complex::Complex32;
use sha2::{Digest, Sha512};

use crate::sigmf::{self, Metadata};
use crate::{Error, SampleFormat};

/// Samples in a file, read from the first to the last.
///
/// A file that ends within a sample gives its whole samples; [`Recording::trailing_bytes`] tells
/// of the rest. NaN and infinite samples become zero; [`Recording::non_finite_samples`] counts
/// them.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    file: File,
    format: SampleFormat,
    sample_rate_hz: f64,
    len_samples: u64,
    trailing_bytes: u64,
    left: u64,
    non_finite_samples: u64,
    metadata: Option<Metadata>,
    /// Bytes on their way to samples, where the format is not the one in memory.
    bytes: Vec<u8>,
}

impl Recording {
    /// Opens a SigMF pair by the name of either file, or by what they have in common.
    ///
    /// The hash is not checked; see [`Recording::verify`].
    ///
    /// # Errors
    /// If a file is missing or the metadata does not describe one stream of complex samples.
    pub fn open_sigmf(path: &Path) -> Result<Self, Error> {
        let (meta_path, data_path) = sigmf::pair(path);
        match (meta_path.exists(), data_path.exists()) {
            (true, true) => {}
            (true, false) => {
                return Err(Error::HalfPair { missing: data_path, present: meta_path });
            }
            (false, true) => {
                return Err(Error::HalfPair { missing: meta_path, present: data_path });
            }
            (false, false) => return Err(Error::NotFound(path.to_owned())),
        }
        let metadata = Metadata::read(&meta_path)?;
        let channels = metadata.global.num_channels.unwrap_or(1);
        if channels != 1 {
            return Err(Error::Channels { path: meta_path, channels });
        }
        let format = metadata.global.datatype.parse().map_err(|error: Error| Error::Metadata {
            path: meta_path.clone(),
            reason: format!("core:datatype: {error}"),
        })?;
        let rate = metadata.global.sample_rate_hz;
        let mut recording = Self::open(&data_path, &meta_path, format, rate)?;
        recording.metadata = Some(metadata);
        Ok(recording)
    }

    /// Opens a file of nothing but samples.
    ///
    /// # Errors
    /// If it cannot be read, or the sample rate is none.
    pub fn open_raw(path: &Path, format: SampleFormat, sample_rate_hz: f64) -> Result<Self, Error> {
        Self::open(path, path, format, Some(sample_rate_hz))
    }

    fn open(
        data: &Path,
        described_by: &Path,
        format: SampleFormat,
        sample_rate_hz: Option<f64>,
    ) -> Result<Self, Error> {
        let sample_rate_hz = match sample_rate_hz {
            Some(rate) if rate.is_finite() && rate > 0.0 => rate,
            other => {
                let found = other.map_or("absent".to_owned(), |rate| rate.to_string());
                return Err(Error::SampleRate { path: described_by.to_owned(), found });
            }
        };
        let file = File::open(data).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::NotFound(data.to_owned()),
            _ => Error::Io { path: data.to_owned(), source },
        })?;
        let len_bytes = file.metadata().map_err(Error::io(data))?.len();
        let bytes_per_sample = format.bytes_per_sample() as u64;
        let len_samples = len_bytes / bytes_per_sample;
        Ok(Self {
            path: data.to_owned(),
            file,
            format,
            sample_rate_hz,
            len_samples,
            trailing_bytes: len_bytes % bytes_per_sample,
            left: len_samples,
            non_finite_samples: 0,
            metadata: None,
            bytes: Vec::new(),
        })
    }

    /// Compares the data with the hash in the metadata, if there is one.
    ///
    /// # Errors
    /// If they differ, or the data cannot be read.
    pub fn verify(&self) -> Result<(), Error> {
        let Some(expected) = self.metadata.as_ref().and_then(|meta| meta.global.sha512.clone())
        else {
            return Ok(());
        };
        let mut file = File::open(&self.path).map_err(Error::io(&self.path))?;
        let mut hash = Sha512::new();
        let mut block = vec![0; 1 << 18];
        loop {
            match file.read(&mut block).map_err(Error::io(&self.path))? {
                0 => break,
                n => hash.update(&block[..n]),
            }
        }
        let found = const_hex::encode(hash.finalize());
        if found.eq_ignore_ascii_case(&expected) {
            return Ok(());
        }
        Err(Error::Hash { path: self.path.clone(), found, expected })
    }

    /// Reads the next samples; fewer than asked for only at the end, none after it.
    ///
    /// # Errors
    /// If the file cannot be read, as when it was cut off meanwhile.
    pub fn read(&mut self, samples: &mut [Complex32]) -> Result<usize, Error> {
        let count = self.left.min(samples.len() as u64) as usize;
        let samples = &mut samples[..count];
        if self.format.is_native() {
            let bytes = bytemuck::cast_slice_mut(samples);
            self.file.read_exact(bytes).map_err(Error::io(&self.path))?;
        } else {
            self.bytes.resize(count * self.format.bytes_per_sample(), 0);
            self.file.read_exact(&mut self.bytes).map_err(Error::io(&self.path))?;
            self.format.decode(&self.bytes, samples);
        }
        self.left -= count as u64;
        self.non_finite_samples += zero_non_finite(samples);
        Ok(count)
    }

    /// The file that holds the samples.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Samples a second.
    pub fn sample_rate_hz(&self) -> f64 {
        self.sample_rate_hz
    }

    /// Whole samples in the file.
    pub fn len_samples(&self) -> u64 {
        self.len_samples
    }

    /// Bytes after the last whole sample.
    pub fn trailing_bytes(&self) -> u64 {
        self.trailing_bytes
    }

    /// NaN and infinite samples read so far.
    pub fn non_finite_samples(&self) -> u64 {
        self.non_finite_samples
    }

    /// Format of the samples.
    pub fn format(&self) -> SampleFormat {
        self.format
    }

    /// SigMF metadata; none for a raw file.
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }
}

/// Sets samples that are no numbers to zero and counts them.
fn zero_non_finite(samples: &mut [Complex32]) -> u64 {
    // An exponent of all ones. Counting first, without a branch, costs next to nothing.
    let odd_one = |part: &f32| part.to_bits() & 0x7f80_0000 == 0x7f80_0000;
    let parts: &[f32] = bytemuck::cast_slice(samples);
    if parts.iter().map(|part| u32::from(odd_one(part))).sum::<u32>() == 0 {
        return 0;
    }
    let mut count = 0;
    for sample in samples.iter_mut().filter(|sample| odd_one(&sample.re) || odd_one(&sample.im)) {
        *sample = Complex32::ZERO;
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn a_file_that_ends_within_a_sample_gives_its_whole_samples() {
        let file = file(&[0x80; 11]);
        let mut recording = Recording::open_raw(file.path(), SampleFormat::CI16_LE, 1e6).unwrap();
        assert_eq!((recording.len_samples(), recording.trailing_bytes()), (2, 3));
        let mut samples = [Complex32::ZERO; 5];
        assert_eq!(recording.read(&mut samples).unwrap(), 2);
        assert_eq!(recording.read(&mut samples).unwrap(), 0);
    }

    #[test]
    fn non_finite_samples_become_zero_and_are_counted() {
        let parts = [1.0, 2.0, f32::NAN, 3.0, 4.0, f32::NEG_INFINITY, 5.0, 6.0f32];
        let file = file(bytemuck::cast_slice(&parts));
        let mut recording = Recording::open_raw(file.path(), SampleFormat::CF32_LE, 1e6).unwrap();
        let mut samples = [Complex32::ONE; 4];
        recording.read(&mut samples).unwrap();
        let zero = Complex32::ZERO;
        assert_eq!(samples, [Complex32::new(1.0, 2.0), zero, zero, Complex32::new(5.0, 6.0)]);
        assert_eq!(recording.non_finite_samples(), 2);
    }

    #[test]
    fn an_empty_file_has_no_samples() {
        let file = file(&[]);
        let mut recording = Recording::open_raw(file.path(), SampleFormat::CI8, 1e6).unwrap();
        assert_eq!(recording.read(&mut [Complex32::ZERO; 3]).unwrap(), 0);
    }

    #[test]
    fn nonsense_rates_are_refused() {
        let file = file(&[]);
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = Recording::open_raw(file.path(), SampleFormat::CI8, rate).unwrap_err();
            assert!(matches!(error, Error::SampleRate { .. }));
        }
    }
}
