//! Recordings as radios.

use std::time::{Duration, Instant};

use radios::{
    Complex32, Error, Hertz, RadioSettings, Recording, SampleFormat, SampleTime, SigmfWriter,
    Streams, TxEvent,
};

const RATE: Hertz = Hertz(1e6);
const PATIENCE: Duration = Duration::from_secs(10);

fn samples(len: usize) -> Vec<Complex32> {
    (0..len).map(|n| Complex32::new(n as f32, -1.0)).collect()
}

/// A recording of so many samples in a folder of its own, and a radio that plays it.
fn play(len: usize, how: &str) -> (tempfile::TempDir, Streams) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rx");
    let mut writer = SigmfWriter::create(&path, SampleFormat::CF32_LE, RATE.0, false).unwrap();
    writer.write(&samples(len)).unwrap();
    writer.finish().unwrap();
    let how = how.replace("TX", folder.path().join("tx").to_str().unwrap());
    let address = format!("file:{}{how}", path.display());
    let settings = RadioSettings::new("file", RATE, Hertz(5.18e9));
    let streams = radios::open(&address, &settings).unwrap().start().unwrap();
    (folder, streams)
}

#[test]
fn a_recording_is_received_once_or_again_and_again() {
    let (_folder, mut once) = play(1000, ",fast");
    let mut buffer = vec![Complex32::ZERO; 700];
    let mut got = Vec::new();
    let error = loop {
        match once.rx.read(&mut buffer, PATIENCE) {
            Ok(chunk) => {
                assert_eq!((chunk.time.0, chunk.lost), (got.len() as u64, 0));
                got.extend_from_slice(&buffer[..chunk.len]);
            }
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::EndOfRecording), "{error}");
    assert_eq!(got, samples(1000));

    let (_folder, mut looped) = play(1000, ",fast,loop");
    let mut got = Vec::new();
    while got.len() < 3500 {
        let chunk = looped.rx.read(&mut buffer, PATIENCE).unwrap();
        assert_eq!(chunk.time.0, got.len() as u64);
        got.extend_from_slice(&buffer[..chunk.len]);
    }
    assert_eq!(got[1000..2000], samples(1000));
    assert_eq!(got[3000..3500], samples(500));
}

#[test]
fn samples_come_at_their_rate() {
    let begun = Instant::now();
    let (_folder, mut streams) = play(100_000, "");
    let mut buffer = vec![Complex32::ZERO; 1 << 14];
    let mut count = 0;
    while let Ok(chunk) = streams.rx.read(&mut buffer, PATIENCE) {
        count += chunk.len;
        assert!(begun.elapsed().as_secs_f64() >= count as f64 / RATE.0);
    }
    assert_eq!(count, 100_000);
    let chunk = play(1000, "").1.rx.read(&mut buffer, Duration::ZERO).unwrap();
    assert_eq!(chunk.len, 0);
}

#[test]
fn bursts_are_recorded_at_their_times() {
    let (folder, mut streams) = play(1000, ",fast,tx=TX");
    streams.tx.send(SampleTime(100), &samples(10), false).unwrap();
    streams.tx.send(SampleTime(110), &samples(5), true).unwrap();
    streams.rx.read(&mut [Complex32::ZERO; 500], PATIENCE).unwrap();
    streams.tx.send(SampleTime(400), &samples(5), false).unwrap();
    streams.tx.send(SampleTime(405), &samples(5), true).unwrap();
    assert_eq!(streams.tx.poll_event(), Some(TxEvent::Late { at: SampleTime(400), by: 100 }));
    assert_eq!(streams.tx.poll_event(), None);
    let far = streams.tx.send(SampleTime(1 << 40), &samples(5), true).unwrap_err();
    assert!(matches!(far, Error::TxFull { .. }), "{far}");
    streams.tx.send(SampleTime(600), &samples(3), true).unwrap();
    drop(streams);

    let mut recording = Recording::open_sigmf(&folder.path().join("tx")).unwrap();
    recording.verify().unwrap();
    let mut got = vec![Complex32::ZERO; 1000];
    let len = recording.read(&mut got).unwrap();
    let mut expected = vec![Complex32::ZERO; 603];
    expected[100..110].copy_from_slice(&samples(10));
    expected[110..115].copy_from_slice(&samples(5));
    expected[600..].copy_from_slice(&samples(3));
    assert_eq!(got[..len], expected);
}

#[test]
fn what_is_no_radio_is_told() {
    let settings = RadioSettings::new("file", RATE, Hertz(5.18e9));
    let wrong = |address: &str| radios::open(address, &settings).err().unwrap().to_string();
    assert!(wrong("file:/no/such").contains("/no/such: no such file"));
    assert!(wrong("file:a,slow").contains("'slow' is none of"));
    let (folder, _streams) = play(10, "");
    let settings = RadioSettings::new("file", Hertz(2e6), Hertz(5.18e9));
    let address = format!("file:{}", folder.path().join("rx").display());
    let error = radios::open(&address, &settings).err().unwrap().to_string();
    assert!(error.contains("its sample rate is 1 MHz, and 2 MHz was asked for"), "{error}");
}
