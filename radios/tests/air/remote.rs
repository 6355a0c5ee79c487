use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use radios::air::{Air, AirAddress, AirConfig, AirNotice, AirServer, RemoteAirRadio, WireFormat};
use radios::{Complex32, Decibel, Error, Hertz, Radio, SampleTime, Streams, TxEvent};

use super::{CENTRE, PATIENCE, quiet, read};

/// A server in a thread, until it is dropped.
struct Served {
    address: AirAddress,
    path: std::path::PathBuf,
    notices: Arc<Mutex<Vec<AirNotice>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _folder: Arc<tempfile::TempDir>,
}

impl Served {
    fn start(config: AirConfig) -> Self {
        Self::start_in(config, Arc::new(tempfile::tempdir().unwrap()), Duration::from_millis(300))
    }

    fn start_in(config: AirConfig, folder: Arc<tempfile::TempDir>, patience: Duration) -> Self {
        let path = folder.path().join("air");
        let address = AirAddress::Unix(path.clone());
        let mut server = AirServer::bind(&address, config, patience).unwrap();
        let (stop, notices) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let (stopped, told) = (Arc::clone(&stop), Arc::clone(&notices));
        let thread = std::thread::spawn(move || {
            let told: Arc<Mutex<Vec<AirNotice>>> = told;
            let mut tell = |_: &_, notice| {
                if notice != AirNotice::Second {
                    told.lock().unwrap().push(notice);
                }
            };
            server.run(&stopped, &mut tell).unwrap();
        });
        Self { address, path, notices, stop, thread: Some(thread), _folder: folder }
    }

    fn radio(&self, name: &str, format: WireFormat) -> Result<RemoteAirRadio, Error> {
        RemoteAirRadio::connect(&self.address, name, CENTRE, format)
    }

    fn start_radio(&self, name: &str) -> Streams {
        self.radio(name, WireFormat::Cf32).unwrap().start().unwrap()
    }

    /// Waits until the server has told why a radio or a connection is gone.
    fn wait_for_end(&self) -> String {
        for _ in 0..1000 {
            for notice in self.notices.lock().unwrap().iter() {
                if let AirNotice::Left { reason, .. } | AirNotice::Refused { reason } = notice {
                    return reason.clone();
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("nobody has left: {:?}", self.notices.lock().unwrap());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn waveform(len: usize) -> Vec<Complex32> {
    (0..len).map(|n| Complex32::cis(n as f32 * 0.37) * 0.5).collect()
}

#[test]
fn what_is_heard_over_a_socket_is_what_is_heard_in_a_process() {
    let mut config = AirConfig { noise: Some(Decibel(-60.0)), block: 700, ..quiet() };
    config.oscillators_ppm.insert("a".to_owned(), 12.0);
    config.wait_for = 2;
    let burst = |mut a: Streams, mut b: Streams| {
        drop(b.tx);
        a.tx.send(SampleTime(1234), &waveform(20_000), true).unwrap();
        a.tx.settle(SampleTime(70_000)).unwrap();
        read(b.rx.as_mut(), 70_000)
    };
    let air = Air::start(config.clone()).unwrap();
    let mut radios = ["a", "b"].map(|name| air.radio(name, CENTRE).unwrap());
    let [a, b] = radios.each_mut().map(|radio| radio.start().unwrap());
    let (time, expected) = burst(a, b);
    for format in [WireFormat::Cf32, WireFormat::Ci16] {
        let served = Served::start(config.clone());
        let mut radios = ["a", "b"].map(|name| served.radio(name, format).unwrap());
        let [a, b] = radios.each_mut().map(|radio| radio.start().unwrap());
        let (remote_time, samples) = burst(a, b);
        assert_eq!(remote_time, time);
        let error = samples.iter().zip(&expected).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max);
        // The burst crosses the socket in 16 bits, both times.
        assert!(error < 3e-6, "{format:?}: {error}");
    }
}

#[test]
fn late_bursts_and_dry_ones_are_told() {
    let served = Served::start(quiet());
    let mut a = served.start_radio("a");
    a.tx.settle(SampleTime(10_000)).unwrap();
    read(a.rx.as_mut(), 10_000);
    a.tx.send(SampleTime(9000), &waveform(100), true).unwrap();
    a.tx.send(SampleTime(12_000), &waveform(100), false).unwrap();
    a.tx.settle(SampleTime(20_000)).unwrap();
    read(a.rx.as_mut(), 10_000);
    // Events come with the samples.
    a.tx.settle(SampleTime(21_000)).unwrap();
    read(a.rx.as_mut(), 500);
    assert_eq!(a.tx.poll_event(), Some(TxEvent::Late { at: SampleTime(9000), by: 1000 }));
    assert_eq!(a.tx.poll_event(), Some(TxEvent::Underflow { at: SampleTime(12_100) }));
    assert_eq!(a.tx.poll_event(), None);
    let error = a.tx.send(SampleTime(100_000_000), &waveform(10), true).unwrap_err();
    assert!(matches!(error, Error::TxFull { samples: 10, .. }), "{error}");
}

#[test]
fn the_end_of_the_air_is_an_error_and_a_new_one_can_be_joined() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let served = Served::start_in(quiet(), Arc::clone(&folder), PATIENCE);
    let mut a = served.start_radio("a");
    drop(served);
    // What it had mixed before may still be read: a block that waits for nobody.
    let mut samples = [Complex32::ZERO; 10_000];
    let reads = std::iter::repeat_with(|| a.rx.read(&mut samples, PATIENCE));
    let error = reads.take(2).find_map(Result::err).unwrap();
    assert!(error.to_string().ends_with("the air has ended"), "{error}");
    assert!(matches!(a.tx.settle(SampleTime(1)), Err(Error::Disconnected { .. })));
    let address = AirAddress::Unix(folder.path().join("air"));
    let error = RemoteAirRadio::connect(&address, "a", CENTRE, WireFormat::Ci16).err().unwrap();
    assert!(error.to_string().contains("no air is to be had there"), "{error}");

    let served = Served::start_in(quiet(), folder, PATIENCE);
    let mut a = served.start_radio("a");
    a.tx.settle(SampleTime(10_000)).unwrap();
    assert_eq!(read(a.rx.as_mut(), 5000).0, SampleTime(0));
}

#[test]
fn who_leaves_keeps_nobody_waiting() {
    let served = Served::start(AirConfig { wait_for: 2, ..quiet() });
    let (mut a, b) = (served.start_radio("a"), served.start_radio("b"));
    a.tx.settle(SampleTime(1 << 40)).unwrap();
    drop(b);
    assert_eq!(served.wait_for_end(), "it has closed the connection");
    read(a.rx.as_mut(), 100_000);
}

#[test]
fn who_does_not_settle_or_read_is_dropped_and_the_others_go_on() {
    let served = Served::start(quiet());
    let (mut a, mut b) = (served.start_radio("a"), served.start_radio("b"));
    a.tx.settle(SampleTime(1 << 40)).unwrap();
    read(a.rx.as_mut(), 10);
    assert_eq!(served.wait_for_end(), "it has not settled what it transmits for 0.3 s");
    read(a.rx.as_mut(), 100_000);
    let mut samples = vec![Complex32::ZERO; 1 << 16];
    let error =
        std::iter::repeat_with(|| b.rx.read(&mut samples, PATIENCE)).find_map(Result::err).unwrap();
    assert!(error.to_string().contains("the air has refused: it has not settled"), "{error}");

    let realtime = AirConfig { buffer: Duration::from_millis(5), ..AirConfig::new(Hertz(20e6)) };
    let served = Served::start(realtime);
    let (mut a, mut b) = (served.start_radio("a"), served.start_radio("b"));
    // Somebody must be heard: silence takes so little room that nobody is ever stuck.
    let mut at = read(b.rx.as_mut(), 10).0 + 200_000;
    let mut samples = vec![Complex32::ZERO; 1 << 16];
    while served.notices.lock().unwrap().len() < 3 {
        b.tx.send(at, &waveform(100_000), true).unwrap();
        at += 100_000;
        let mut now = SampleTime(0);
        while at.since(now) > 200_000 {
            let chunk = b.rx.read(&mut samples, PATIENCE).unwrap();
            now = chunk.time + chunk.len as u64;
        }
    }
    assert_eq!(served.wait_for_end(), "it has read nothing for 0.3 s");
    let lost = std::iter::repeat_with(|| a.rx.read(&mut samples, PATIENCE))
        .take_while(Result::is_ok)
        .count();
    assert!(lost > 0, "what was under way is read before the end");
}

#[test]
fn who_only_transmits_is_told_the_time_and_its_late_bursts() {
    let served = Served::start(AirConfig::new(Hertz(1e6)));
    let mut radio = served.radio("a", WireFormat::Ci16).unwrap();
    let mut a = radio.start().unwrap();
    radio.set_listening(false).unwrap();
    let mut samples = vec![Complex32::ZERO; 1000];
    let begun = Instant::now();
    // What was under way.
    while a.rx.read(&mut samples, Duration::from_millis(1)).unwrap().len > 0 {}
    let then = radio.now();
    a.tx.send(SampleTime(0), &waveform(10), true).unwrap();
    let mut told = None;
    let event = loop {
        assert_eq!(a.rx.read(&mut samples, Duration::from_millis(1)).unwrap().len, 0);
        told = told.or_else(|| a.tx.poll_event());
        if let Some(event) = told.filter(|_| radio.now() > then + 20_000) {
            break event;
        }
        assert!(begun.elapsed() < PATIENCE, "{:?}", radio.now());
    };
    assert!(matches!(event, TxEvent::Late { at: SampleTime(0), .. }), "{event:?}");
}

#[test]
fn names_are_given_once() {
    let served = Served::start(quiet());
    let _a = served.radio("a", WireFormat::Ci16).unwrap();
    let error = served.radio("a", WireFormat::Ci16).err().unwrap();
    assert!(error.to_string().contains("'a' is in the air already"), "{error}");
    assert!(served.radio("", WireFormat::Ci16).is_err());
}

/// Says something to a server and tells why it ended the connection.
fn rejected(bytes: &[u8]) -> String {
    let served = Served::start(quiet());
    let mut socket = UnixStream::connect(&served.path).unwrap();
    // It may be gone before all is written.
    let _ = socket.write_all(bytes);
    let _ = socket.shutdown(std::net::Shutdown::Write);
    let _ = socket.read_to_end(&mut Vec::new());
    served.wait_for_end()
}

#[test]
fn nonsense_ends_the_connection_with_a_reason() {
    assert_eq!(rejected(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "a message of the unknown kind 71");
    let mut hello = vec![1, 0, 1, 0, 8, 0, 0, 0];
    hello.resize(24, 0);
    hello.extend(b"ackride9");
    assert_eq!(rejected(&hello), "it speaks another protocol");
    let mut settle = vec![3];
    settle.resize(24, 0);
    assert_eq!(rejected(&settle), "it sent Settle where that means nothing");
    assert_eq!(rejected(&hello[..20]), "it has closed the connection");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_bytes_after_a_hello_end_the_air(bytes in prop::collection::vec(
        prop_oneof![0..6u8, any::<u8>(), Just(0)], 0..400)) {
        let mut hello = vec![1, 0, 1, 0, 17, 0, 0, 0];
        hello.resize(24, 0);
        hello.extend(b"ackride1");
        hello.extend(5.18e9f64.to_le_bytes());
        hello.push(b'x');
        hello.extend(&bytes);
        let reason = rejected(&hello);
        prop_assert!(!reason.is_empty());
    }
}
