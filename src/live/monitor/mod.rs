//! `ackride monitor`: what is on the air, as lines, JSON or pcapng, and excerpts of it as SigMF.
//!
//! ```text
//!   radio -- rx --> ring --> receiver --> frames --> lines, pcapng
//!                     |                      | that the filter means
//!                     +--> last moments -----+--> recorder --> SigMF, the last --keep of them
//! ```

mod filter;
mod recorder;
mod ring;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use phy80211::{Receiver, RxConfig};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::config::Config;
use super::pipeline::{How, Rx, SampleSource, Shared, Threads, sample_ring};
use super::radio;
use crate::decode::Link;
use crate::pcap::PcapWriter;
use crate::report::{FrameRecord, write_frame};
use filter::Filter;
use recorder::{Excerpt, Outcome, Place, Recorder};
use ring::Ring;

/// Arguments of `monitor`.
#[derive(clap::Args)]
pub struct Args {
    /// The radio and its channel: a TOML file as of `ap` and `sta`.
    config: PathBuf,
    /// Print a JSON object for each frame, as `decode` does.
    #[arg(long)]
    json: bool,
    /// Print nothing for each frame.
    #[arg(long, conflicts_with = "json")]
    quiet: bool,
    /// Also write the frames to a pcapng file with radiotap headers, for Wireshark.
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// Write the samples around frames as SigMF recordings into this folder.
    #[arg(long, value_name = "FOLDER")]
    iq: Option<PathBuf>,
    /// Which frames are recorded: kind=beacon, from=ADDRESS, to=ADDRESS, fcs=ok, fcs=bad, failed;
    /// several with commas must all hold [default: all].
    #[arg(long, value_name = "TERMS", default_value = "", requires = "iq")]
    filter: Filter,
    /// Recordings that are kept; older ones are deleted.
    #[arg(long, default_value_t = 16, requires = "iq")]
    keep: usize,
    /// Milliseconds of the air that are recorded before a frame and after it.
    #[arg(long, default_value_t = 1.0, requires = "iq")]
    around: f64,
    /// End after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<f64>,
}

/// How much time samples may wait in their ring.
const SAMPLES: Duration = Duration::from_millis(200);
/// The longest PPDU (aPPDUMaxTime at 5 MHz), and some.
const LONGEST: Duration = Duration::from_millis(25);
/// The most that is recorded around a frame.
const MOST_AROUND_MS: f64 = 500.0;
/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// Runs the subcommand.
pub fn run(args: Args) -> Result<ExitCode> {
    let config = Config::load(&args.config)?;
    anyhow::ensure!(
        (0.0..=MOST_AROUND_MS).contains(&args.around),
        "--around is 0 to {MOST_AROUND_MS} ms"
    );
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted)).context("signals")?;
    }
    let bandwidth = config.bandwidth();
    let rate_hz = bandwidth.sample_rate_hz();
    let mut radio = radio::open(&config, config.name.as_deref().unwrap_or("monitor"))?;
    let streams = radio.start().context("radio")?;
    // Nothing is sent, and nobody needs to wait for it.
    drop(streams.tx);
    let shared = Arc::new(Shared::default());
    let (sink, mut source) = sample_ring((SAMPLES.as_secs_f64() * rate_hz) as usize);
    let mut threads = Threads::new(Arc::clone(&shared));
    let rx = Rx {
        stream: streams.rx,
        sink,
        modem: thread::current(),
        shared: Arc::clone(&shared),
        patience: config.link.patience.0,
    };
    let how = How { realtime: config.link.realtime, cpus: config.link.cpus.clone() };
    threads.spawn("rx", how, move || rx.run())?;

    let link = Link {
        bandwidth,
        frequency_hz: Some(config.frequency_hz()),
        began: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok(),
    };
    let mut monitor = Monitor::new(&args, link)?;
    let began = Instant::now();
    let limit = args.seconds.map(Duration::from_secs_f64);
    let mut outcome = Ok(());
    while !shared.is_stopped() && outcome.is_ok() {
        let over = limit.is_some_and(|limit| began.elapsed() >= limit);
        if over || interrupted.load(Ordering::Relaxed) {
            break;
        }
        match monitor.take(&mut source) {
            Ok(true) => {}
            Ok(false) => thread::park_timeout(LONGEST_WAIT),
            Err(error) => outcome = Err(error),
        }
    }
    let ended = threads.join();
    let complete = monitor.finish(&shared)?;
    outcome.and(ended)?;
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The receiver, and where its frames go.
struct Monitor {
    link: Link,
    receiver: Receiver,
    /// Number of the next sample on the radio's clock, of the receiver's sample nought, and of the
    /// first sample of all.
    next: u64,
    offset: u64,
    first: Option<u64>,
    out: BufWriter<io::Stdout>,
    lines: Lines,
    pcap: Option<PcapWriter>,
    pcap_error: Option<anyhow::Error>,
    recording: Option<Recording>,
    frames: u64,
    bad: u64,
}

/// What is printed for each frame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    Text,
    Json,
    None,
}

/// Excerpts that are made.
struct Recording {
    filter: Filter,
    around: u64,
    ring: Ring,
    /// Frames whose excerpts are not complete yet: first sample, the one after the last, and what
    /// they are.
    due: Vec<(u64, u64, String)>,
    recorder: Recorder,
}

impl Monitor {
    fn new(args: &Args, link: Link) -> Result<Self> {
        let bandwidth = link.bandwidth;
        let rate_hz = bandwidth.sample_rate_hz();
        let start = |folder: &PathBuf| -> Result<Recording> {
            let around = (1e-3 * args.around * rate_hz) as u64;
            let place = Place {
                folder: folder.clone(),
                keep: args.keep,
                bandwidth,
                frequency_hz: link.frequency_hz.unwrap_or_default(),
            };
            let longest = (LONGEST.as_secs_f64() * rate_hz) as u64;
            Ok(Recording {
                filter: args.filter.clone(),
                around,
                ring: Ring::new((2 * around + 2 * longest) as usize),
                due: vec![],
                recorder: Recorder::start(place)?,
            })
        };
        Ok(Self {
            link,
            receiver: Receiver::new(RxConfig { bandwidth, ..RxConfig::default() }),
            next: 0,
            offset: 0,
            first: None,
            out: BufWriter::new(io::stdout()),
            lines: match (args.json, args.quiet) {
                (true, _) => Lines::Json,
                (_, true) => Lines::None,
                _ => Lines::Text,
            },
            pcap: args.pcap.as_deref().map(PcapWriter::create).transpose()?,
            pcap_error: None,
            recording: args.iq.as_ref().map(start).transpose()?,
            frames: 0,
            bad: 0,
        })
    }

    /// Takes the next chunk of samples, if there is one.
    fn take(&mut self, source: &mut SampleSource) -> Result<bool> {
        let took = source.pop(|_, time, samples| {
            if time != self.next {
                self.receiver.restart();
                self.offset = time - self.receiver.position().0;
            }
            self.first.get_or_insert(time);
            self.next = time + samples.len() as u64;
            self.receiver.push(samples);
            if let Some(recording) = &mut self.recording {
                recording.ring.push(time, samples);
            }
        });
        while let Some(mut frame) = self.receiver.next_frame() {
            let on_air = [&mut frame.start, &mut frame.end].map(|sample| {
                sample.0 += self.offset;
                let at = sample.0;
                sample.0 -= self.first.unwrap_or_default();
                at
            });
            let rate_hz = self.link.bandwidth.sample_rate_hz();
            let record = FrameRecord::new("", frame, self.link.bandwidth, rate_hz);
            self.frame(&record, on_air)?;
        }
        if let Some(recording) = &mut self.recording {
            recording.make_excerpts();
        }
        if !took {
            self.out.flush()?;
        }
        Ok(took)
    }

    fn frame(&mut self, record: &FrameRecord, [start, end]: [u64; 2]) -> Result<()> {
        self.frames += 1;
        self.bad += u64::from(!record.fcs_ok);
        match self.lines {
            Lines::Text => write_frame(&mut self.out, record)?,
            Lines::Json => {
                serde_json::to_writer(&mut self.out, record).map_err(io::Error::from)?;
                writeln!(self.out)?;
            }
            Lines::None => {}
        }
        if let Some(pcap) = &mut self.pcap
            && let Err(error) = pcap.frame(record, self.link)
        {
            eprintln!("ackride: --pcap: {error:#}; nothing more is written to it");
            (self.pcap, self.pcap_error) = (None, Some(error));
        }
        if let Some(recording) = &mut self.recording
            && recording.filter.holds(record)
        {
            let mut label = vec![];
            write_frame(&mut label, record)?;
            let label = String::from_utf8_lossy(&label);
            let label = label.lines().next().unwrap_or_default().trim().to_owned();
            recording.due.push((start, end, label));
        }
        Ok(())
    }

    /// Tells what was heard, and whether all of it was written that was to be.
    fn finish(mut self, shared: &Shared) -> Result<bool> {
        self.out.flush()?;
        let counts = &shared.counts;
        eprintln!(
            "{} frames, {} of them bad; {} overflows with {} samples lost, {} samples dropped",
            self.frames,
            self.bad,
            counts.overflows.get(),
            counts.lost_samples.get(),
            counts.dropped_samples.get(),
        );
        if let Some(pcap) = self.pcap.take() {
            pcap.finish().context("--pcap: the file could not be completed")?;
        }
        let Some(mut recording) = self.recording.take() else {
            return Ok(self.pcap_error.is_none());
        };
        recording.make_last_excerpts();
        let Outcome { written, lost, error } = recording.recorder.finish();
        eprintln!("{written} recordings written, {lost} lost");
        Ok(error.is_none() && self.pcap_error.is_none())
    }
}

impl Recording {
    /// Makes the excerpts that are complete.
    fn make_excerpts(&mut self) {
        self.make_until(self.ring.next());
    }

    /// Makes all, of what there is.
    fn make_last_excerpts(&mut self) {
        self.make_until(u64::MAX);
    }

    fn make_until(&mut self, now: u64) {
        let Self { around, ring, due, recorder, .. } = self;
        due.retain(|(start, end, label)| {
            if end.saturating_add(*around) > now {
                return true;
            }
            let (first, samples) = ring.between(start.saturating_sub(*around), end + *around);
            let frame = (start.saturating_sub(first), end - start);
            recorder.record(Excerpt { first, samples, frame, label: label.clone() });
            false
        });
    }
}
