//! What a radio costs: runs one for some seconds and tells the CPU time of this process.
//!
//! ```console
//! $ cargo run --release -p radios --example air_load -- local 20e6 5 busy
//! $ cargo run --release -p radios --example air_load -- air:unix:/tmp/air 20e6 5 idle one
//! ```
//!
//! `local` has two radios and their air in this process, all else is an address of one radio. `busy`
//! is in four of five milliseconds on the air with the first of them, `deaf` is silent and listens.

use std::error::Error;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use radios::air::{Air, AirConfig};
use radios::{Complex32, Hertz, Radio, RadioSettings, SampleTime, Streams, TxEvent};

const CENTRE: Hertz = Hertz(5.18e9);

/// What a radio has seen.
#[derive(Default)]
struct Counts {
    samples: u64,
    lost: u64,
    late: u64,
    dry: u64,
    energy: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, rate, seconds, mode, name @ ..] = args.as_slice() else {
        return Err("write: ADDRESS|local RATE SECONDS busy|idle [NAME]".into());
    };
    let rate = Hertz(rate.parse()?);
    let time = Duration::from_secs_f64(seconds.parse()?);
    let busy = mode == "busy";
    let mut air = None;
    let mut radios: Vec<Box<dyn Radio>> = if address == "local" {
        let local = air.insert(Air::start(AirConfig::new(rate))?);
        vec![Box::new(local.radio("a", CENTRE)?), Box::new(local.radio("b", CENTRE)?)]
    } else {
        let name = name.first().map_or("a", String::as_str);
        vec![radios::open(address, &RadioSettings::new(name, rate, CENTRE))?]
    };
    let latency = radios[0].latency();
    let streams: Result<Vec<_>, _> = radios.iter_mut().map(|radio| radio.start()).collect();
    let (cpu, begun) = (ProcessTime::now(), Instant::now());
    let counts: Vec<Counts> = std::thread::scope(|scope| {
        let threads = streams?.into_iter().enumerate().map(|(number, streams)| {
            let transmits = busy && number == 0;
            scope.spawn(move || run(streams, rate, time, transmits.then_some(latency)))
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Result<_, _>>()
    })?;
    let (cpu, passed) = (cpu.elapsed().as_secs_f64(), begun.elapsed().as_secs_f64());
    for counts in counts {
        let Counts { samples, lost, late, dry, energy } = counts;
        println!(
            "{samples} samples ({:.3} of real time), {lost} lost, {late} late, {dry} dry, {:.1} dB",
            (samples + lost) as f64 / rate.0 / passed,
            10.0 * (energy / samples as f64).log10(),
        );
    }
    println!("{:.4} CPU-s per second", cpu / passed);
    if let Some(air) = &air {
        println!("the air stood still for {:.1} ms", air.stood_still().as_secs_f64() * 1e3);
    }
    Ok(())
}

/// Receives for some time, and transmits, if it does, so far ahead.
fn run(
    mut streams: Streams,
    rate: Hertz,
    time: Duration,
    transmits: Option<Duration>,
) -> Result<Counts, radios::Error> {
    let begun = Instant::now();
    let mut samples = vec![Complex32::ZERO; 1 << 14];
    let millisecond = (rate.0 / 1e3) as u64;
    let burst: Vec<_> =
        (0..millisecond * 4 / 5).map(|n| Complex32::cis(n as f32 * 0.3) * 0.3).collect();
    let mut counts = Counts::default();
    let mut next = SampleTime::default();
    while begun.elapsed() < time {
        let chunk = streams.rx.read(&mut samples, Duration::from_secs(1))?;
        counts.samples += chunk.len as u64;
        counts.lost += chunk.lost;
        // A few samples are enough to tell the level.
        let some = samples[..chunk.len].iter().step_by(64);
        counts.energy += some.map(|sample| 64.0 * f64::from(sample.norm_sqr())).sum::<f64>();
        if let Some(latency) = transmits {
            let now = chunk.time + chunk.len as u64;
            let ahead = now + (2.0 * latency.as_secs_f64() * rate.0) as u64 + millisecond;
            while next < ahead {
                next = next.max(ahead);
                streams.tx.send(next, &burst, true)?;
                next += millisecond;
            }
        }
        while let Some(event) = streams.tx.poll_event() {
            match event {
                TxEvent::Late { .. } => counts.late += 1,
                TxEvent::Underflow { .. } => counts.dry += 1,
            }
        }
    }
    Ok(counts)
}
