//! A radio that receives a recording and transmits into another.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use num_complex::Complex32;

use super::{
    Decibel, Direction, Hertz, Radio, RadioSettings, RxChunk, RxStream, SampleTime, Streams,
    TxEvent, TxStream,
};
use crate::{Error, Recording, SampleFormat, SigmfWriter};

/// What may be handed in ahead of its time, in seconds.
const TX_LIMIT_S: f64 = 2.0;

/// Which files, and how they are played: `RX[,tx=TX][,loop][,fast]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRadioAddress {
    /// A SigMF recording that is received.
    pub rx: PathBuf,
    /// A SigMF recording that will hold what is transmitted.
    pub tx: Option<PathBuf>,
    /// The recording begins again when it is over.
    pub looped: bool,
    /// As fast as it is read, not at its sample rate.
    pub fast: bool,
}

impl FromStr for FileRadioAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut words = text.split(',');
        let rx = words.next().unwrap_or_default();
        let mut address = Self { rx: rx.into(), tx: None, looped: false, fast: false };
        let wrong = |reason: String| Error::Address { address: format!("file:{text}"), reason };
        if rx.is_empty() {
            return Err(wrong("it has no recording".to_owned()));
        }
        for word in words {
            match (word, word.split_once('=')) {
                ("loop", _) => address.looped = true,
                ("fast", _) => address.fast = true,
                (_, Some(("tx", path))) if !path.is_empty() => address.tx = Some(path.into()),
                _ => return Err(wrong(format!("'{word}' is none of tx=FILE, loop and fast"))),
            }
        }
        Ok(address)
    }
}

/// A radio made of files.
///
/// What is transmitted is written at its time, with silence between bursts and before the first: sample
/// n of one recording is sample n of the other. It is there when the transmitting half is dropped. Bursts are late if they begin before what was last
/// received, or before the end of another.
pub struct FileRadio {
    address: FileRadioAddress,
    recording: Option<Recording>,
    sample_rate: Hertz,
    frequency: Hertz,
}

impl FileRadio {
    /// Opens the recording.
    ///
    /// # Errors
    /// If it is none.
    pub fn open(address: &FileRadioAddress, settings: &RadioSettings) -> Result<Self, Error> {
        let recording = Recording::open_sigmf(&address.rx)?;
        let sample_rate = Hertz(recording.sample_rate_hz());
        Ok(Self {
            address: address.clone(),
            recording: Some(recording),
            sample_rate,
            frequency: settings.frequency,
        })
    }
}

impl Radio for FileRadio {
    fn describe(&self) -> String {
        format!("the recording {}", self.address.rx.display())
    }

    fn sample_rate(&self) -> Hertz {
        self.sample_rate
    }

    fn frequency(&self) -> Hertz {
        self.frequency
    }

    /// A recording is the same at any frequency.
    fn tune(&mut self, centre: Hertz) -> Result<(), Error> {
        self.frequency = centre;
        Ok(())
    }

    /// A recording has the level that it has.
    fn set_gain(&mut self, _direction: Direction, _gain: Decibel) -> Result<(), Error> {
        Ok(())
    }

    /// A recording has the width that it has.
    fn set_bandwidth(&mut self, _bandwidth: Hertz) -> Result<(), Error> {
        Ok(())
    }

    fn latency(&self) -> Duration {
        Duration::ZERO
    }

    fn start(&mut self) -> Result<Streams, Error> {
        let recording = self.recording.take().ok_or_else(|| Error::Unsupported {
            radio: self.describe(),
            reason: "it was started before".to_owned(),
        })?;
        let writer = match &self.address.tx {
            Some(path) => {
                Some(SigmfWriter::create(path, SampleFormat::CF32_LE, self.sample_rate.0, false)?)
            }
            None => None,
        };
        let now = Arc::new(Mutex::new(SampleTime::default()));
        Ok(Streams {
            rx: Box::new(Rx {
                recording,
                address: self.address.clone(),
                now: Arc::clone(&now),
                since: (!self.address.fast).then(Instant::now),
                sample_rate: self.sample_rate,
            }),
            tx: Box::new(Tx {
                writer,
                written: SampleTime::default(),
                refused: None,
                events: VecDeque::new(),
                now,
                limit: (TX_LIMIT_S * self.sample_rate.0) as u64,
            }),
        })
    }
}

struct Rx {
    recording: Recording,
    address: FileRadioAddress,
    /// The next sample to be received.
    now: Arc<Mutex<SampleTime>>,
    /// When the first sample was received, if that matters.
    since: Option<Instant>,
    sample_rate: Hertz,
}

impl RxStream for Rx {
    fn read(&mut self, samples: &mut [Complex32], timeout: Duration) -> Result<RxChunk, Error> {
        let time = *lock(&self.now);
        if let Some(since) = self.since {
            // A sample is there when it has passed.
            let last = time + samples.len().min(1) as u64;
            let left = last.to_duration(self.sample_rate).saturating_sub(since.elapsed());
            std::thread::sleep(left.min(timeout));
            if left > timeout {
                return Ok(RxChunk::default());
            }
        }
        let len = match self.since {
            Some(since) => {
                let passed = (since.elapsed().as_secs_f64() * self.sample_rate.0) as u64;
                samples.len().min(SampleTime(passed).since(time) as usize)
            }
            None => samples.len(),
        };
        let mut count = self.recording.read(&mut samples[..len])?;
        if count == 0 && len > 0 {
            if !self.address.looped || self.recording.len_samples() == 0 {
                return Err(Error::EndOfRecording);
            }
            self.recording = Recording::open_sigmf(&self.address.rx)?;
            count = self.recording.read(&mut samples[..len])?;
        }
        *lock(&self.now) = time + count as u64;
        Ok(RxChunk { len: count, time, lost: 0 })
    }
}

struct Tx {
    writer: Option<SigmfWriter>,
    /// The first sample that is not written.
    written: SampleTime,
    /// Where what belongs to a burst that was late goes on.
    refused: Option<SampleTime>,
    events: VecDeque<TxEvent>,
    /// The next sample to be received.
    now: Arc<Mutex<SampleTime>>,
    /// Samples ahead of it that may be handed in: what follows would be silence for that long.
    limit: u64,
}

impl TxStream for Tx {
    fn send(
        &mut self,
        at: SampleTime,
        samples: &[Complex32],
        end_of_burst: bool,
    ) -> Result<(), Error> {
        let end = at + samples.len() as u64;
        if end.since(*lock(&self.now)) > self.limit {
            let radio = "the recording of what is transmitted".to_owned();
            return Err(Error::TxFull { radio, samples: samples.len() });
        }
        if self.refused.take_if(|refused| *refused == at).is_some() {
            self.refused = (!end_of_burst).then_some(end);
            return Ok(());
        }
        // What goes on with a burst may be handed in while it is on the air.
        let free_from =
            if at == self.written { self.written } else { self.written.max(*lock(&self.now)) };
        if at < free_from {
            self.refused = (!end_of_burst).then_some(end);
            self.events.push_back(TxEvent::Late { at, by: free_from.since(at) });
            return Ok(());
        }
        if let Some(writer) = &mut self.writer {
            let mut silence = at.since(self.written) as usize;
            while silence > 0 {
                let count = silence.min(SILENCE.len());
                writer.write(&SILENCE[..count])?;
                silence -= count;
            }
            writer.write(samples)?;
        }
        self.written = end;
        Ok(())
    }

    fn poll_event(&mut self) -> Option<TxEvent> {
        self.events.pop_front()
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            // Nobody is left to be told; a recording that failed is not there.
            let _ = writer.finish();
        }
    }
}

/// Between bursts.
static SILENCE: [Complex32; 4096] = [Complex32::ZERO; 4096];

fn lock(time: &Mutex<SampleTime>) -> MutexGuard<'_, SampleTime> {
    time.lock().unwrap_or_else(PoisonError::into_inner)
}
