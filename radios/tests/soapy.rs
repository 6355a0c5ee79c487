//! The SoapySDR backend and the SoapySDR module, through each other and through SoapySDR's own tool.
//!
//! The module must have been built: `cargo build --release -p ackride-support --features module`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use radios::air::{AirAddress, AirConfig, AirServer};
use radios::{Complex32, Hertz, RadioSettings, SampleTime, Streams, TxEvent};

const RATE: Hertz = Hertz(2e6);
const PATIENCE: Duration = Duration::from_secs(10);
/// Set where a test runs itself again with SoapySDR's environment.
const INNER: &str = "ACKRIDE_SOAPY_TEST";

/// Simulated air that programs find by SoapySDR.
struct Served {
    address: String,
    modules: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Served {
    /// None, and a word about it, if the module was not built.
    fn start() -> Option<Self> {
        let test = std::env::current_exe().unwrap();
        let modules = test.parent().unwrap().parent().unwrap().to_owned();
        let module = modules.join("libackrideSupport.so");
        // An empty one was built without its feature.
        let is_module = std::fs::read(&module)
            .is_ok_and(|bytes| bytes.windows(13).any(|part| part == b"simulated air"));
        if !is_module {
            let _ = writeln!(io::stderr(), "skipped: {} is not the module", module.display());
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let address = AirAddress::Unix(folder.path().join("air"));
        // Nothing is lost on a machine that has other things to do.
        let buffer = Duration::from_secs(5);
        let config = AirConfig { noise: None, buffer, ..AirConfig::new(RATE) };
        let mut server = AirServer::bind(&address, config, PATIENCE).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || server.run(&stopped, &mut |_, _| {}).unwrap());
        Some(Self {
            address: address.to_string(),
            modules,
            stop,
            thread: Some(thread),
            _folder: folder,
        })
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("SOAPY_SDR_PLUGIN_PATH", &self.modules).env("ACKRIDE_AIR", &self.address);
        command
    }

    /// Runs a test of this file where SoapySDR finds the module.
    fn run_inner(&self, test: &str) {
        let output = self
            .command(std::env::current_exe().unwrap())
            .env(INNER, "1")
            .args(["--exact", test, "--ignored", "--nocapture"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn text(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

#[test]
fn soapysdrs_tool_finds_probes_and_streams() {
    let Some(served) = Served::start() else { return };
    let tool = |args: &[&str]| match served.command("SoapySDRUtil").args(args).output() {
        Ok(output) => Some(text(&output)),
        Err(_) => {
            let _ = writeln!(io::stderr(), "skipped: there is no SoapySDRUtil");
            None
        }
    };
    let Some(found) = tool(&["--find=driver=ackride"]) else { return };
    assert!(found.contains(&format!("address = {}", served.address)), "{found}");
    let probed = tool(&["--probe=driver=ackride"]).unwrap();
    for expected in
        ["hardware=simulated air", "Timestamps: YES", "CF32, CS16", "Sample rates: 2 MSps"]
    {
        assert!(probed.contains(expected), "{expected} is not in {probed}");
    }
    let wrong = tool(&["--args=driver=ackride", "--rate=3e6", "--direction=RX"]).unwrap();
    assert!(wrong.contains("all radios of this air have 2000000"), "{wrong}");

    // It tells the rate every five seconds, and ends but by a signal.
    let streams = [("RX", "CF32"), ("RX", "CS16"), ("TX", "CS16")].map(|(direction, format)| {
        let mut command = served.command("timeout");
        let rate = format!("--rate={}", RATE.0);
        command.args(["-s", "INT", "6.5", "SoapySDRUtil", "--args=driver=ackride", &rate]);
        command.args([format!("--direction={direction}"), format!("--format={format}")]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for stream in streams {
        let told = text(&stream.wait_with_output().unwrap());
        assert!(told.contains("Msps") && told.contains("MBps"), "{told}");
        assert!(!told.contains("Error"), "{told}");
    }
}

#[test]
fn the_backend_exchanges_bursts_through_the_module() {
    let Some(served) = Served::start() else { return };
    served.run_inner("inner_timed_bursts_arrive_to_the_sample");
    served.run_inner("inner_devices_without_a_clock_count");
}

fn open(args: &str) -> Streams {
    let settings = RadioSettings::new("unused", RATE, Hertz(5.18e9));
    radios::open(&format!("soapy:driver=ackride,{args}"), &settings).unwrap().start().unwrap()
}

fn waveform(len: usize) -> Vec<Complex32> {
    (0..len).map(|n| Complex32::cis(n as f32 * 0.37) * 0.5).collect()
}

/// Reads until something is heard, and tells when that began and how long it was.
fn hear(listener: &mut Streams) -> (u64, usize) {
    let mut samples = vec![Complex32::ZERO; 1000];
    let begun = Instant::now();
    let mut first = None;
    let mut len = 0;
    loop {
        let chunk = listener.rx.read(&mut samples, PATIENCE).unwrap();
        assert_eq!(chunk.lost, 0);
        for (n, sample) in samples[..chunk.len].iter().enumerate() {
            match first {
                _ if sample.norm() > 1e-3 => {
                    first.get_or_insert(chunk.time.0 + n as u64);
                    len += 1;
                }
                Some(first) => return (first, len),
                None => {}
            }
        }
        assert!(begun.elapsed() < PATIENCE, "nothing was heard");
    }
}

/// The newest sample, when all that has come was read.
fn now(streams: &mut Streams) -> SampleTime {
    let mut samples = vec![Complex32::ZERO; 1 << 16];
    let mut newest = SampleTime(0);
    loop {
        let patience = if newest == SampleTime(0) { PATIENCE } else { Duration::ZERO };
        let chunk = streams.rx.read(&mut samples, patience).unwrap();
        if chunk.len == 0 {
            return newest;
        }
        newest = chunk.time + chunk.len as u64;
    }
}

#[test]
#[ignore = "runs within another test"]
fn inner_timed_bursts_arrive_to_the_sample() {
    if std::env::var_os(INNER).is_none() {
        return;
    }
    let (mut a, mut b) = (open("name=a"), open("name=b"));
    now(&mut b);
    let at = now(&mut a) + 200_000;
    let samples = waveform(7000);
    // In two pieces, of which the second needs no time.
    a.tx.send(at, &samples[..3000], false).unwrap();
    a.tx.send(at + 3000, &samples[3000..], true).unwrap();
    // One sample under way.
    assert_eq!(hear(&mut b), (at.0 + 1, 7000));
    assert_eq!(a.tx.poll_event(), None);

    let late = SampleTime(at.0 / 2);
    a.tx.send(late, &samples, true).unwrap();
    let begun = Instant::now();
    let event = loop {
        now(&mut a);
        if let Some(event) = a.tx.poll_event() {
            break event;
        }
        assert!(begun.elapsed() < PATIENCE);
    };
    assert_eq!(event, TxEvent::Late { at: late, by: 0 });
}

#[test]
#[ignore = "runs within another test"]
fn inner_devices_without_a_clock_count() {
    if std::env::var_os(INNER).is_none() {
        return;
    }
    let (mut a, mut b) = (open("name=a,timed=false"), open("name=b"));
    now(&mut b);
    // A tenth of a second for the stream of silence to begin.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(100) {
        now(&mut a);
    }
    let at = now(&mut a) + 400_000;
    let Streams { mut rx, mut tx } = a;
    tx.send(at, &waveform(3000), true).unwrap();
    // A radio without a clock knows the time by what it receives.
    let (stop, reads) = (Arc::new(AtomicBool::new(false)), Duration::from_millis(100));
    let stopped = Arc::clone(&stop);
    let reader = std::thread::spawn(move || {
        let mut samples = vec![Complex32::ZERO; 4096];
        while !stopped.load(Ordering::Relaxed) {
            rx.read(&mut samples, reads).unwrap();
        }
    });
    // Its count and the other's clock have nothing to do with each other; but nothing is missing.
    let (_, len) = hear(&mut b);
    stop.store(true, Ordering::Relaxed);
    reader.join().unwrap();
    assert_eq!((len, tx.poll_event()), (3000, None));
    tx.send(SampleTime(0), &waveform(10), true).unwrap();
    assert!(matches!(tx.poll_event(), Some(TxEvent::Late { at: SampleTime(0), .. })));
}
