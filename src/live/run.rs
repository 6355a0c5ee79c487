//! `ackride ap` and `ackride sta`: from a configuration to a station that runs, and to its end.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cpu_time::ProcessTime;
use mac::{Notice, SlotTiming};
use phy80211::Detail;
use ringbuf::HeapRb;
use ringbuf::traits::{Consumer, Split};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use sim::ear::{EarConfig, SampleClock};

use super::config::Config;
use super::identity::{Delays, Kind};
use super::pipeline::{
    Modem, Outlet, Rx, Sender, Shared, Snapshot, TapIn, TapOut, Threads, Told, Tx, sample_ring,
};
use super::station::{Occupancy, response_lead};
use super::status::{Airtime, HeardLine, Latencies, MacCounts, StationLine, Status, Trouble};
use super::turnaround::{self, Measured};
use super::view::View;
use super::{radio, tap};
use crate::realtime;

/// Arguments of `ap`.
#[derive(clap::Args)]
pub struct ApArgs {
    #[command(flatten)]
    common: Args,
}

/// Arguments of `sta`.
#[derive(clap::Args)]
pub struct StaArgs {
    #[command(flatten)]
    common: Args,
}

#[derive(clap::Args)]
struct Args {
    /// What to be: a TOML file. docs/live.md has its keys. On SIGUSR1 all that is known of the
    /// station is printed to standard error.
    config: PathBuf,
    /// Print how it is once a second as a JSON line.
    #[arg(long)]
    json: bool,
    /// Show how it is on all of the terminal; q ends it.
    #[arg(long, conflicts_with = "json")]
    view: bool,
    /// The network namespace of the interface, by its name [default: as the file says].
    #[arg(long, value_name = "NAME")]
    netns: Option<String>,
    /// End after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<f64>,
}

/// How much time samples may wait in their ring.
const SAMPLES: Duration = Duration::from_millis(100);
/// Packets that the rings between kernel and MAC hold.
const PACKETS: usize = 1024;
/// PPDUs on their way to the transmitter.
const BURSTS: usize = 64;
/// How often it is told how the station is.
const TELL_EACH: Duration = Duration::from_secs(1);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_millis(200);
/// Samples that the work on a chunk takes no longer than, as a part of the chunk.
const WORK: u64 = 2;

/// Runs `ap`.
pub fn run_ap(args: ApArgs) -> Result<ExitCode> {
    run(args.common, Kind::Ap)
}

/// Runs `sta`.
pub fn run_sta(args: StaArgs) -> Result<ExitCode> {
    run(args.common, Kind::Station)
}

fn run(args: Args, kind: Kind) -> Result<ExitCode> {
    let mut config = Config::load(&args.config)?;
    if args.netns.is_some() {
        config.host.netns.clone_from(&args.netns);
    }
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted)).context("signals")?;
    }
    let dump = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGUSR1, Arc::clone(&dump)).context("signals")?;
    let live = Live::start(config, kind, args.view)?;
    let outcome = live.watch(&args, &interrupted, &dump);
    outcome.map(|()| ExitCode::SUCCESS)
}

/// A station that runs.
struct Live {
    config: Config,
    kind: Kind,
    shared: Arc<Shared>,
    threads: Threads,
    told: ringbuf::HeapCons<Told>,
    latencies: ringbuf::HeapCons<Duration>,
    lead: Duration,
    delays: Delays,
    realtime: bool,
    /// It goes when its streams have gone.
    _radio: Box<dyn radios::Radio>,
}

impl Live {
    fn start(config: Config, kind: Kind, view: bool) -> Result<Self> {
        let bandwidth = config.bandwidth();
        let name = config.name.as_deref().unwrap_or(kind.name());
        let mut radio = radio::open(&config, name)?;
        let mut streams = radio.start().context("radio")?;
        let rate_hz = bandwidth.sample_rate_hz();
        let realtime = config.link.realtime && can_be_realtime();
        let (hint, patience) = (radio.latency(), config.link.patience.0);
        let measured = measure(&mut streams, rate_hz, hint, patience, realtime)?;
        let samples = |time: Duration| (time.as_secs_f64() * rate_hz).ceil() as u64;
        let lead = match &config.link.lead {
            Some(time) => samples(time.0),
            None => measured.lead + measured.chunk as u64 / WORK,
        };
        let delays = delays(&config, lead);
        let clock = SampleClock::new(bandwidth);
        let lead_time = clock.at(lead).since(mac::Instant::ZERO);
        eprintln!(
            "ackride: {}; bursts are handed in {:.0} us ahead ({} of {} probes were late), \
             responses leave {:.0} us after SIFS",
            radio.describe(),
            lead_time.as_secs_f64() * 1e6,
            measured.late,
            measured.probes,
            delays.response.as_secs_f64() * 1e6,
        );

        let seed = config.seed.unwrap_or_else(rand::random);
        let device = Arc::new(tap::open(&config.host, config.address(kind, seed))?);
        let shared = Arc::new(Shared::default());
        let (sink, source) = sample_ring((SAMPLES.as_secs_f64() * rate_hz) as usize);
        let (bursts_in, bursts_out) = HeapRb::new(BURSTS).split();
        let (up_in, up_out) = HeapRb::new(PACKETS).split();
        let (down_in, down_out) = HeapRb::new(PACKETS).split();
        let (told_in, told) = HeapRb::new(PACKETS).split();
        let (latencies_in, latencies) = HeapRb::new(1 << 16).split();
        let mut threads = Threads::new(Arc::clone(&shared));
        let how = super::pipeline::How { realtime, cpus: config.link.cpus.clone() };
        let amplitude = 10f64.powf(-config.link.backoff_db / 20.0) as f32;
        let sender =
            Sender::new(streams.tx, latencies_in, Arc::clone(&shared), bandwidth, amplitude);
        let sender = Arc::new(Mutex::new(sender));
        let tx =
            Tx { sender: Arc::clone(&sender), bursts: bursts_out, shared: Arc::clone(&shared) };
        let tx = threads.spawn("tx", how.clone(), move || tx.run())?;
        let out = TapOut { device: Arc::clone(&device), up: up_out, shared: Arc::clone(&shared) };
        let out = threads.spawn("tap-out", Default::default(), move || out.run())?;
        let for_mac = config.clone();
        let modem = Modem {
            source,
            down: down_out,
            outlet: Outlet {
                sender,
                bursts: bursts_in,
                up: up_in,
                told: told_in,
                tx,
                tap: out,
                shared: Arc::clone(&shared),
            },
            ear: EarConfig {
                bandwidth,
                receives_ht: config.standard == sim::scenario::Standard::Dot11n,
                energy_detection_dbm: config.link.energy_detection_dbm,
                detail: Detail { constellation: view, ..Detail::default() },
            },
            lead,
            make_mac: Box::new(move |now| for_mac.mac(kind, seed, delays, now)),
        };
        let modem = threads.spawn("modem", how.clone(), move || modem.run())?;
        let into =
            TapIn { device, down: down_in, modem: modem.clone(), shared: Arc::clone(&shared) };
        threads.spawn("tap-in", Default::default(), move || into.run())?;
        let rx = Rx { stream: streams.rx, sink, modem, shared: Arc::clone(&shared), patience };
        threads.spawn("rx", how, move || rx.run())?;
        Ok(Self {
            config,
            kind,
            shared,
            threads,
            told,
            latencies,
            lead: lead_time,
            delays,
            realtime,
            _radio: radio,
        })
    }

    /// Tells how it is until it ends, and all of it when a dump is wanted.
    fn watch(mut self, args: &Args, interrupted: &AtomicBool, dump: &AtomicBool) -> Result<()> {
        let began = Instant::now();
        let limit = args.seconds.map(Duration::from_secs_f64);
        let mut latencies = Latencies::default();
        let mut latest: Option<Box<Snapshot>> = None;
        let mut before = Before::now();
        let mut tell_at = began + TELL_EACH;
        let mut leaving: Option<Instant> = None;
        let mut printed = Ok(());
        let mut view = args.view.then(View::new).transpose()?;
        while !self.shared.is_stopped() && printed.is_ok() {
            thread::sleep(Duration::from_millis(20));
            while let Some(latency) = self.latencies.try_pop() {
                latencies.add(latency);
            }
            while let Some(told) = self.told.try_pop() {
                match told {
                    Told::Snapshot(snapshot) => latest = Some(snapshot),
                    Told::Notice(notice) => match (sentence(&notice), &mut view) {
                        (Some(text), Some(view)) => view.notice(text),
                        (Some(text), None) => eprintln!("{text}"),
                        (None, _) => {}
                    },
                }
            }
            let over = limit.is_some_and(|limit| began.elapsed() >= limit);
            let quit = view.as_ref().is_some_and(View::is_to_end);
            if leaving.is_none() && (over || quit || interrupted.load(Ordering::Relaxed)) {
                leaving = Some(Instant::now());
                self.shared.leave.store(true, Ordering::Relaxed);
            }
            let gone = leaving.is_some_and(|since| since.elapsed() >= FAREWELL);
            if (Instant::now() >= tell_at || gone)
                && let Some(snapshot) = &latest
            {
                tell_at += TELL_EACH;
                let status = self.status(began, snapshot, &latencies, &mut before);
                if dump.swap(false, Ordering::Relaxed) {
                    eprintln!("{}", serde_json::to_string_pretty(&status)?);
                }
                printed = match &mut view {
                    Some(view) => view.show(&status),
                    None => tell(&status, args.json),
                };
            }
            if gone {
                break;
            }
        }
        drop(view);
        let ended = self.threads.join();
        ended.and(printed)
    }

    fn status(
        &self,
        began: Instant,
        snapshot: &Snapshot,
        latencies: &Latencies,
        before: &mut Before,
    ) -> Status {
        let bandwidth = self.config.bandwidth();
        let counts = &self.shared.counts;
        let now = Before {
            at: Instant::now(),
            cpu: ProcessTime::now(),
            down: counts.bytes_down.get(),
            up: counts.bytes_up.get(),
            occupancy: snapshot.occupancy,
        };
        let seconds = now.at.duration_since(before.at).as_secs_f64().max(1e-3);
        let mbps = |bytes: u64| 8e-6 * bytes as f64 / seconds;
        let us = |time: Duration| time.as_secs_f64() * 1e6;
        let status = Status {
            time_s: began.elapsed().as_secs_f64(),
            role: self.kind.name(),
            ssid: self.config.ssid.clone(),
            address: snapshot.address.to_string(),
            stations: StationLine::all(snapshot, bandwidth),
            down_mbps: mbps(now.down - before.down),
            up_mbps: mbps(now.up - before.up),
            down_bytes: now.down,
            up_bytes: now.up,
            queued: snapshot.queued,
            mac: MacCounts::of(snapshot),
            hack: snapshot.hack,
            airtime: Airtime::between(before.occupancy, now.occupancy),
            heard: HeardLine::of(snapshot, bandwidth),
            latency: latencies.quantiles(),
            trouble: Trouble::of(counts),
            lead_us: us(self.lead),
            response_delay_us: us(self.delays.response),
            ack_turnaround_us: us(snapshot.ack_turnaround),
            realtime: self.realtime,
            cpu: now.cpu.duration_since(before.cpu).as_secs_f64() / seconds,
        };
        *before = now;
        status
    }
}

/// What was when a line was told last.
struct Before {
    at: Instant,
    cpu: ProcessTime,
    down: u64,
    up: u64,
    occupancy: Occupancy,
}

impl Before {
    fn now() -> Self {
        let occupancy = Occupancy::default();
        Self { at: Instant::now(), cpu: ProcessTime::now(), down: 0, up: 0, occupancy }
    }
}

/// How late a station with a lead is.
fn delays(config: &Config, lead: u64) -> Delays {
    let bandwidth = config.bandwidth();
    let time = |samples| SampleClock::new(bandwidth).at(samples).since(mac::Instant::ZERO);
    // In 40 MHz the receiver tells a little later.
    let told = response_lead(bandwidth, lead);
    let response = time(told).saturating_sub(SlotTiming::of(bandwidth).sifs);
    let turnaround = config.link.ack_turnaround.map_or(response, |time| time.0);
    Delays { response, turnaround, indication: time(told) }
}

/// Measures in a thread that runs as those will that do the work.
fn measure(
    streams: &mut radios::Streams,
    rate_hz: f64,
    hint: Duration,
    patience: Duration,
    realtime: bool,
) -> Result<Measured> {
    let body = || {
        if realtime {
            let _ = realtime::ask();
        }
        turnaround::measure(streams, rate_hz, hint, patience)
    };
    thread::scope(|scope| scope.spawn(body).join().expect("it does not panic"))
}

/// Whether real-time priority is to be had.
fn can_be_realtime() -> bool {
    thread::scope(|scope| scope.spawn(|| realtime::ask().is_ok()).join().unwrap_or(false))
}

/// What people want to hear of.
fn sentence(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Found { bssid, ssid, rssi_dbm } => {
            format!("found {bssid} \"{}\", {rssi_dbm} dBm", String::from_utf8_lossy(ssid))
        }
        Notice::Associated { peer, aid } => format!("associated with {peer}, AID {aid}"),
        Notice::Refused { peer, status } => format!("{peer} refuses: {status}"),
        Notice::Left { peer, reason } => format!("no longer associated with {peer}: {reason}"),
        _ => return None,
    })
}

fn tell(status: &Status, json: bool) -> Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, status)?;
    } else {
        write!(
            out,
            "{:7.1} s  down {:6.2}  up {:6.2} Mbit/s  {} stations  sends {:2.0} % busy {:2.0} %",
            status.time_s,
            status.down_mbps,
            status.up_mbps,
            status.stations.len(),
            100.0 * status.airtime.sending,
            100.0 * status.airtime.busy,
        )?;
        if let Some(hack) = status.hack {
            write!(out, "  rides {} sent {} come", hack.rides, hack.rides_received)?;
        }
        if status.trouble != Trouble::default() {
            write!(out, "  {:?}", status.trouble)?;
        }
    }
    writeln!(out)?;
    Ok(out.flush()?)
}
