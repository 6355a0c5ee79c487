//! One point of a curve.

use anyhow::{Context, Result, ensure};
use phy80211::{Bandwidth, Complex32, Rate, Receiver, RxConfig, Transmitter, TxVector};
use radios::{Impairments, impair};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Samples of noise between frames, at 20 MHz: 40 us.
const GAP: usize = 800;
/// Shortest PSDU that no other frame has by chance.
const MIN_LEN: usize = 8;

/// What is the same for all points.
pub struct Setup {
    pub bandwidth: Bandwidth,
    pub frames: usize,
    /// Least and greatest PSDU length.
    pub len: (usize, usize),
    pub cfo_hz: f64,
    pub clock_ppm: f64,
    pub multipath_rms_ns: Option<f64>,
    pub seed: u64,
}

/// Frames sent and lost at one signal-to-noise ratio.
#[derive(Debug, Clone, Serialize)]
pub struct Point {
    /// Mean power of the frames over that of the noise in the channel.
    pub snr_db: f64,
    /// Frames sent.
    pub frames: usize,
    /// Frames whose PSDU did not come out as it went in.
    pub lost: usize,
    /// Lost over sent.
    pub per: f64,
}

impl Setup {
    /// Checks what the air and the transmitter cannot do.
    pub fn check(&self, rates: &[Rate]) -> Result<()> {
        let (least, most) = self.len;
        ensure!(
            MIN_LEN <= least && least <= most,
            "--len: {least} to {most} bytes; there must be {MIN_LEN}, and no less than the first"
        );
        for &rate in rates {
            TxVector::new(rate, 1).check(self.bandwidth, most).context("--len")?;
        }
        ensure!(self.frames > 0, "--frames: none to send");
        let rms_ns = self.multipath_rms_ns.unwrap_or(0.0);
        ensure!(
            (0.0..=10_000.0).contains(&rms_ns),
            "--multipath-rms-ns: {rms_ns} is not 0 to 10000"
        );
        self.impairments(0.0).check().context("--ppm")?;
        Ok(())
    }

    fn impairments(&self, snr_db: f64) -> Impairments {
        Impairments {
            carrier_hz: self.cfo_hz,
            clock_ppm: self.clock_ppm,
            noise_db: Some(-snr_db),
            ..Impairments::none(self.bandwidth.sample_rate_hz())
        }
    }
}

/// Sends the frames one after the other through one stretch of air.
pub fn measure(setup: &Setup, rate: Rate, snr_db: f64) -> Point {
    // The same frames for every rate and ratio, as far as they can be; the noise differs.
    let mut random = ChaCha8Rng::seed_from_u64(setup.seed);
    let noise_seed = setup.seed ^ number(rate) << 32 ^ snr_db.to_bits().rotate_left(17);
    let mut air = setup.impairments(snr_db).start(noise_seed);
    let bandwidth = setup.bandwidth;
    let mut transmitter = Transmitter::new(bandwidth);
    let mut receiver = Receiver::new(RxConfig { bandwidth, ..RxConfig::default() });
    let (mut sent, mut received) = (Vec::new(), Vec::new());
    let mut psdus = Vec::new();
    let mut next = 0;
    let mut good = 0;
    for frame in 0..setup.frames {
        let len = random.random_range(setup.len.0..=setup.len.1);
        let mut psdu = vec![0; len];
        random.fill_bytes(&mut psdu);
        let vector = TxVector::new(rate, random.random_range(1..128));
        sent.clear();
        transmitter.modulate(&vector, &psdu, &mut sent).expect("length and state are in range");
        psdus.push(psdu);
        sent.resize(sent.len() + GAP * bandwidth.oversampling(), Complex32::ZERO);
        if let Some(rms_ns) = setup.multipath_rms_ns {
            let rate_hz = bandwidth.sample_rate_hz();
            sent = through_own_channel(&sent, rate_hz, rms_ns, setup.seed ^ (frame as u64) << 20);
        }
        received.clear();
        air.process(&sent, &mut received);
        if frame + 1 == setup.frames {
            air.finish(&mut received);
        }
        receiver.push(&received);
        good += count_good(&mut receiver, &psdus, &mut next);
    }
    receiver.finish();
    good += count_good(&mut receiver, &psdus, &mut next);
    let lost = setup.frames - good;
    Point { snr_db, frames: setup.frames, lost, per: lost as f64 / setup.frames as f64 }
}

/// Frames come in the order in which they were sent, some of them missing.
fn count_good(receiver: &mut Receiver, psdus: &[Vec<u8>], next: &mut usize) -> usize {
    let mut good = 0;
    while let Some(frame) = receiver.next_frame() {
        let Some(psdu) = frame.psdu() else { continue };
        if let Some(at) = psdus[*next..].iter().position(|sent| sent == psdu) {
            *next += at + 1;
            good += 1;
        }
    }
    good
}

fn through_own_channel(
    samples: &[Complex32],
    rate_hz: f64,
    rms_ns: f64,
    seed: u64,
) -> Vec<Complex32> {
    let paths = impair::exponential_paths(rms_ns, rate_hz, seed);
    let mut out = Vec::with_capacity(samples.len());
    let mut air = Impairments { paths, ..Impairments::none(rate_hz) }.start(0);
    air.process(samples, &mut out);
    air.finish(&mut out);
    out
}

/// A number for each rate, so that none has the noise of another.
fn number(rate: Rate) -> u64 {
    match rate {
        Rate::NonHt(rate) => rate as u64 + 1,
        Rate::Ht(rate) => 0x10 | u64::from(rate.mcs.index()) | (rate.gi as u64) << 5,
    }
}
