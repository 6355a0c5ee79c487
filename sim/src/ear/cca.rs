//! Clear channel assessment: is there energy, or a preamble (17.3.10.6)?
//!
//! The short training field repeats itself every 0.8 us (of 20 and 40 MHz; the times here grow as the
//! clock gets slower), which no noise does. The receiver waits for the end of that field; to say that
//! the medium is busy within 4 us, less has to do. A preamble counts as carrier until the receiver
//! has had time to find its long training field; from there on the receiver knows.

use phy80211::{Bandwidth, Complex32};

/// Blocks of 0.8 us that are looked at together.
const WINDOW: usize = 3;
/// Correlation over energy in the window from which it is a preamble: 2 dB over noise. Noise alone
/// reaches it in one block of 3e7.
const REPETITION: f32 = 0.6;
/// Blocks for which a preamble counts after it was last seen: the long training field and what
/// else the receiver takes to find it.
const HOLD: u32 = 16;

/// What one block of samples adds up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    energy: f32,
    energy_before: f32,
    /// With the block before.
    correlation: Complex32,
}

/// Watches a stream of samples.
pub(super) struct Cca {
    period: usize,
    /// Energy of a block that is busy.
    loud: f32,
    block: Vec<Complex32>,
    before: Vec<Complex32>,
    recent: [Sums; WINDOW],
    next: usize,
    /// Blocks in a row that agree about energy.
    agreeing: usize,
    was_loud: bool,
    energy: bool,
    hold: u32,
}

impl Cca {
    /// For a channel in which `power` a sample is busy whatever it is.
    pub(super) fn new(bandwidth: Bandwidth, power: f32) -> Self {
        let period = 16 * bandwidth.oversampling();
        Self {
            period,
            loud: power * period as f32,
            block: Vec::with_capacity(period),
            before: Vec::with_capacity(period),
            recent: [Sums::default(); WINDOW],
            next: 0,
            agreeing: 0,
            was_loud: false,
            energy: false,
            hold: 0,
        }
    }

    pub(super) fn push(&mut self, mut samples: &[Complex32]) {
        while !samples.is_empty() {
            let missing = self.period - self.block.len();
            let (now, later) = samples.split_at(missing.min(samples.len()));
            self.block.extend_from_slice(now);
            samples = later;
            if self.block.len() == self.period {
                self.take_block();
            }
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.energy || self.hold > 0
    }

    /// Begins anew: what was heard is over, and its last echoes are not to count.
    pub(super) fn clear(&mut self) {
        self.block.clear();
        self.before.clear();
        self.recent = [Sums::default(); WINDOW];
        self.agreeing = 0;
        self.energy = false;
        self.hold = 0;
    }

    fn take_block(&mut self) {
        let energy = energy_of(&self.block);
        self.recent[self.next] = Sums {
            energy,
            energy_before: energy_of(&self.before),
            correlation: self.block.iter().zip(&self.before).map(|(x, y)| x * y.conj()).sum(),
        };
        self.next = (self.next + 1) % WINDOW;
        std::mem::swap(&mut self.block, &mut self.before);
        self.block.clear();

        let loud = energy >= self.loud;
        self.agreeing = if loud == self.was_loud { self.agreeing + 1 } else { 1 };
        self.was_loud = loud;
        if self.agreeing >= WINDOW {
            self.energy = loud;
        }
        self.hold = if self.repeats() { HOLD } else { self.hold.saturating_sub(1) };
    }

    /// Whether what is in the window repeats itself.
    fn repeats(&self) -> bool {
        let sum = |part: fn(&Sums) -> f32| self.recent.iter().map(part).sum::<f32>();
        // Where a strong PPDU ends, its last samples make any noise look like it.
        let energy = sum(|sums| sums.energy).max(sum(|sums| sums.energy_before));
        let correlation: Complex32 = self.recent.iter().map(|sums| sums.correlation).sum();
        correlation.norm() > REPETITION * energy
    }
}

fn energy_of(samples: &[Complex32]) -> f32 {
    samples.iter().map(Complex32::norm_sqr).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use phy80211::{OfdmRate, Transmitter, TxVector};
    use radios::impair::Awgn;

    /// Noise of power 1 with a PPDU after 10 us, and what is busy at the end of each block then.
    fn busy_after_start(snr_db: f32, energy_db: f32) -> Vec<bool> {
        let mut air = vec![Complex32::ZERO; 200];
        let ppdu = TxVector::new(OfdmRate::Mbps6, 1);
        Transmitter::new(Bandwidth::Mhz20).modulate(&ppdu, &[0x55; 30], &mut air).unwrap();
        let mut noise = Awgn::new(1.0, 5);
        let amplitude = 10f32.powf(snr_db / 20.0);
        air.iter_mut().for_each(|sample| *sample = *sample * amplitude + noise.next());
        let mut cca = Cca::new(Bandwidth::Mhz20, 10f32.powf(energy_db / 10.0));
        cca.push(&air[..200]);
        assert!(!cca.is_busy());
        let block = |samples| {
            cca.push(samples);
            cca.is_busy()
        };
        air[200..].chunks(16).map(block).collect()
    }

    #[test]
    fn a_preamble_makes_the_medium_busy_within_4_us() {
        for snr_db in [8.0, 20.0, 50.0] {
            let busy = busy_after_start(snr_db, 90.0);
            assert!(busy[..5].contains(&true) && busy[5..20].iter().all(|busy| *busy));
            assert!(!busy[50], "later it is for the receiver to tell");
        }
    }

    #[test]
    fn energy_does_so_for_as_long_as_it_is_there() {
        let busy = busy_after_start(30.0, 25.0);
        assert!(busy[5..].iter().all(|busy| *busy));
    }

    #[test]
    fn noise_is_idle() {
        let mut noise = Awgn::new(1.0, 7);
        let mut cca = Cca::new(Bandwidth::Mhz20, 10.0);
        for _ in 0..100_000 {
            cca.push(&[noise.next()]);
            assert!(!cca.is_busy());
        }
    }
}
