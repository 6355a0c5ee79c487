//! `ackride air`: radios of other processes exchange frames through it.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use phy80211::{Bandwidth, OfdmRate, Receiver, RxConfig, Transmitter, TxVector};
use radios::{Complex32, Error, Hertz, RadioSettings, SampleTime, Streams};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);

/// The command, as long as it is needed.
struct Air {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    address: String,
}

impl Air {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ackride"))
            .args(["air", "--json"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let first = lines.next().expect("a line").expect("UTF-8");
        let listening: Value = serde_json::from_str(&first).expect("JSON");
        assert_eq!(listening["event"], "listening");
        let address = listening["address"].as_str().expect("a text").to_owned();
        Self { child, lines, address }
    }

    fn radio(&self, name: &str) -> Streams {
        let settings = RadioSettings::new(name, Hertz(20e6), Hertz(5.18e9));
        let address = format!("air:{}", self.address);
        radios::open(&address, &settings).unwrap().start().unwrap()
    }

    /// The next line that tells of this.
    fn wait_for(&mut self, event: &str) -> Value {
        let values = self.lines.by_ref().map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        values.into_iter().find(|value: &Value| value["event"] == event).expect(event)
    }

    fn interrupt(mut self) -> Value {
        nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(self.child.id() as i32),
            nix::sys::signal::Signal::SIGINT,
        )
        .unwrap();
        let last = self.lines.by_ref().map(Result::unwrap).last().expect("a status");
        assert!(self.child.wait().unwrap().success());
        serde_json::from_str(&last).unwrap()
    }
}

impl Drop for Air {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn waveform(psdu: &[u8]) -> Vec<Complex32> {
    let mut samples = Vec::new();
    let tx = TxVector::new(OfdmRate::Mbps54, 0x5d);
    Transmitter::new(Bandwidth::Mhz20).modulate(&tx, psdu, &mut samples).unwrap();
    samples.iter_mut().for_each(|sample| *sample *= 0.2);
    samples
}

/// Listens until a PSDU is heard; tells it, and when its frame began.
fn hear(streams: &mut Streams) -> (Vec<u8>, u64) {
    let mut receiver = Receiver::new(RxConfig::default());
    let mut samples = vec![Complex32::ZERO; 4096];
    let begun = Instant::now();
    let mut first = None;
    streams.tx.settle(SampleTime(20_000)).unwrap();
    loop {
        let chunk = streams.rx.read(&mut samples, PATIENCE).unwrap();
        assert_eq!(chunk.lost, 0);
        let first = *first.get_or_insert(chunk.time);
        receiver.push(&samples[..chunk.len]);
        // There is no answer within a millisecond.
        streams.tx.settle(chunk.time + 20_000).unwrap();
        if let Some(frame) = receiver.next_frame() {
            return (frame.psdu().expect("a good frame").to_vec(), first.0 + frame.start.0);
        }
        assert!(begun.elapsed() < PATIENCE, "nothing was heard");
    }
}

#[test]
fn two_processes_radios_decode_each_other_to_the_sample() {
    let scenario = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        scenario.path(),
        "pacing = \"lockstep\"\nwait_for = 2\nnoise_db = -70\n[link]\ngain_db = -20\n\
         delay_samples = 30\nechoes_ns = 30.0\n[radios.sta]\noscillator_ppm = 15.0\n",
    )
    .unwrap();
    let file = scenario.path().to_str().unwrap();
    for listen in ["tcp:127.0.0.1:0", "unix:"] {
        let folder = tempfile::tempdir().unwrap();
        let listen = match listen {
            "unix:" => format!("unix:{}", folder.path().join("air").display()),
            tcp => tcp.to_owned(),
        };
        let mut air = Air::start(&[file, "--listen", &listen]);
        let (mut ap, mut sta) = (air.radio("ap"), air.radio("sta"));
        let data: Vec<u8> = (0..1500).map(|n| (n * 7) as u8).collect();
        ap.tx.send(SampleTime(5000), &waveform(&data), true).unwrap();
        ap.tx.settle(SampleTime(60_000)).unwrap();
        let (heard, start) = hear(&mut sta);
        assert_eq!(heard, data);
        assert!(start.abs_diff(5030) <= 2, "{start}");

        sta.tx.send(SampleTime(50_000), &waveform(b"an answer"), true).unwrap();
        sta.tx.settle(SampleTime(100_000)).unwrap();
        let (heard, start) = hear(&mut ap);
        assert_eq!((&heard[..], start.abs_diff(50_030) <= 2), (&b"an answer"[..], true), "{start}");

        drop(sta);
        assert_eq!(air.wait_for("left")["radio"], "sta");
        let status = air.interrupt();
        assert!(status["busy_s"].as_f64().unwrap() > 0.0, "{status}");
    }
}

#[test]
fn an_air_that_is_killed_is_told_and_its_place_can_be_taken() {
    let folder = tempfile::tempdir().unwrap();
    let listen = format!("unix:{}", folder.path().join("air").display());
    let air = Air::start(&["--listen", &listen]);
    let mut radio = air.radio("a");
    drop(air);
    let mut samples = vec![Complex32::ZERO; 4096];
    let error = loop {
        if let Err(error) = radio.rx.read(&mut samples, PATIENCE) {
            break error;
        }
    };
    assert!(matches!(error, Error::Disconnected { .. }), "{error}");
    // The socket of the one that was killed is still there.
    let air = Air::start(&["--listen", &listen]);
    assert!(air.radio("a").rx.read(&mut samples, PATIENCE).unwrap().len > 0);
    assert!(!nonsense(&["--listen", &listen]).is_empty());
}

/// What the command says when it refuses.
fn nonsense(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ackride")).arg("air").args(args).output();
    let output = output.expect("the command starts");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_makes_no_sense_is_told() {
    assert!(nonsense(&["--listen", "udp:x"]).contains("unix:PATH or tcp:HOST:PORT"));
    assert!(nonsense(&["--listen", "tcp:127.0.0.1:0", "--block", "0"]).contains("a block has"));
    let missing = nonsense(&["--listen", "tcp:127.0.0.1:0", "/no/such/scenario.toml"]);
    assert!(missing.contains("/no/such/scenario.toml"), "{missing}");
}
