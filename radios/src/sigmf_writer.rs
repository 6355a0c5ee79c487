//! Writing a SigMF recording: complete, or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use num_complex::Complex32;
use sha2::{Digest, Sha512};
use tempfile::NamedTempFile;

use crate::sigmf::{self, Annotation, Capture, Metadata};
use crate::{Error, SampleFormat};

/// Version of SigMF that is written.
const VERSION: &str = "1.2.0";

/// Writes samples to a temporary file beside the recording's place, and moves them there with
/// their metadata when all is written. Dropped before that, it leaves nothing behind.
#[derive(Debug)]
pub struct SigmfWriter {
    meta_path: PathBuf,
    data_path: PathBuf,
    data: NamedTempFile,
    hash: Sha512,
    bytes: Vec<u8>,
    format: SampleFormat,
    samples: u64,
    /// What [`SigmfWriter::finish`] will write; hash and format are filled in by then.
    pub metadata: Metadata,
}

impl SigmfWriter {
    /// Begins a recording at `path`, with or without one of the pair's extensions.
    ///
    /// # Errors
    /// If it is there already and `overwrite` is false, or the folder cannot be written to.
    pub fn create(
        path: &Path,
        format: SampleFormat,
        sample_rate_hz: f64,
        overwrite: bool,
    ) -> Result<Self, Error> {
        let (meta_path, data_path) = sigmf::pair(path);
        for path in [&meta_path, &data_path] {
            if !overwrite && path.exists() {
                return Err(Error::Exists(path.clone()));
            }
        }
        let data = temporary_beside(&data_path)?;
        let mut metadata = Metadata::default();
        metadata.global.datatype = format.to_string();
        metadata.global.sample_rate_hz = Some(sample_rate_hz);
        metadata.global.version = VERSION.to_owned();
        metadata.captures.push(Capture::default());
        Ok(Self {
            meta_path,
            data_path,
            data,
            hash: Sha512::new(),
            bytes: Vec::new(),
            format,
            samples: 0,
            metadata,
        })
    }

    /// Appends samples.
    ///
    /// # Errors
    /// If the disk does not take them.
    pub fn write(&mut self, samples: &[Complex32]) -> Result<(), Error> {
        for samples in samples.chunks(1 << 16) {
            self.bytes.clear();
            self.format.encode(samples, &mut self.bytes);
            self.hash.update(&self.bytes);
            self.data.write_all(&self.bytes).map_err(Error::io(&self.data_path))?;
            self.samples += samples.len() as u64;
        }
        Ok(())
    }

    /// Samples written so far.
    pub fn len_samples(&self) -> u64 {
        self.samples
    }

    /// Says what is in some of the samples.
    pub fn annotate(&mut self, sample_start: u64, sample_count: u64, label: String) {
        self.metadata.annotations.push(Annotation {
            sample_start,
            sample_count: Some(sample_count),
            label: Some(label),
            ..Annotation::default()
        });
    }

    /// Writes the metadata and puts both files in their place.
    ///
    /// # Errors
    /// If the disk does not take them.
    pub fn finish(mut self) -> Result<(), Error> {
        self.metadata.global.sha512 = Some(const_hex::encode(self.hash.finalize()));
        let mut meta = temporary_beside(&self.meta_path)?;
        let mut text =
            serde_json::to_string_pretty(&self.metadata).expect("metadata has only string keys");
        text.push('\n');
        meta.write_all(text.as_bytes()).map_err(Error::io(&self.meta_path))?;
        persist(self.data, &self.data_path)?;
        persist(meta, &self.meta_path)
    }
}

fn temporary_beside(path: &Path) -> Result<NamedTempFile, Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    NamedTempFile::new_in(folder).map_err(Error::io(folder))
}

fn persist(file: NamedTempFile, path: &Path) -> Result<(), Error> {
    // Temporary files are private; a recording is as readable as any new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let readable = std::fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(readable).map_err(Error::io(path))?;
    }
    file.persist(path).map_err(|error| Error::Io { path: path.to_owned(), source: error.error })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recording;
    use std::fs;

    #[test]
    fn what_is_written_is_read_back_and_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut writer = SigmfWriter::create(&path, SampleFormat::CI16_LE, 5e6, false).unwrap();
        let samples: Vec<_> = (0..1000).map(|i| Complex32::new(i as f32 / 1024.0, -0.5)).collect();
        writer.write(&samples).unwrap();
        writer.annotate(10, 20, "frame".to_owned());
        writer.finish().unwrap();

        let mut recording = Recording::open_sigmf(&path).unwrap();
        recording.verify().unwrap();
        assert_eq!(recording.sample_rate_hz(), 5e6);
        assert_eq!(recording.metadata().unwrap().annotations.len(), 1);
        let mut back = vec![Complex32::ZERO; 1000];
        assert_eq!(recording.read(&mut back).unwrap(), 1000);
        assert_eq!(back, samples);

        let again = SigmfWriter::create(&path, SampleFormat::CI8, 5e6, false).unwrap_err();
        assert!(matches!(again, Error::Exists(_)));
    }

    #[test]
    fn a_writer_that_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut writer = SigmfWriter::create(&path, SampleFormat::CI8, 5e6, false).unwrap();
        writer.write(&[Complex32::ONE; 10]).unwrap();
        drop(writer);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn changed_data_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut writer = SigmfWriter::create(&path, SampleFormat::CI8, 5e6, false).unwrap();
        writer.write(&[Complex32::ONE; 10]).unwrap();
        writer.finish().unwrap();
        fs::write(path.with_extension("sigmf-data"), [0; 20]).unwrap();
        let error = Recording::open_sigmf(&path).unwrap().verify().unwrap_err();
        assert!(matches!(error, Error::Hash { .. }), "{error}");
    }
}
