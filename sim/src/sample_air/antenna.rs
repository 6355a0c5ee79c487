//! What reaches an antenna: the sum of all waveforms on their way to it, and noise.

use phy80211::Complex32;
use radios::impair::Awgn;

/// An antenna and the noise of the receiver behind it.
pub(super) struct Antenna {
    noise: Awgn,
    arrivals: Vec<Arrival>,
}

/// A waveform as it arrives.
pub(super) struct Arrival {
    /// When its first sample does, on the clock of the air.
    pub(super) first: u64,
    pub(super) samples: Vec<Complex32>,
}

impl Arrival {
    fn end(&self) -> u64 {
        self.first + self.samples.len() as u64
    }

    /// The part of it that arrives from one sample to another.
    fn between(&self, from: u64, to: u64) -> &[Complex32] {
        let at = |sample: u64| (sample.clamp(self.first, self.end()) - self.first) as usize;
        &self.samples[at(from)..at(to)]
    }
}

impl Antenna {
    /// An antenna with noise of that mean squared magnitude.
    pub(super) fn new(noise_power: f32, seed: u64) -> Self {
        Self { noise: Awgn::new(noise_power, seed), arrivals: vec![] }
    }

    pub(super) fn expect(&mut self, arrival: Arrival) {
        self.arrivals.push(arrival);
    }

    /// Appends what there is from one sample to another.
    pub(super) fn receive(&mut self, from: u64, to: u64, out: &mut Vec<Complex32>) {
        let start = out.len();
        out.extend((from..to).map(|_| self.noise.next()));
        for arrival in &self.arrivals {
            let begin = arrival.first.clamp(from, to) - from;
            let sum = &mut out[start + begin as usize..];
            for (sum, sample) in sum.iter_mut().zip(arrival.between(from, to)) {
                *sum += sample;
            }
        }
        self.pass(to);
    }

    /// Lets what arrives before a sample pass unheard.
    pub(super) fn pass(&mut self, to: u64) {
        self.arrivals.retain(|arrival| arrival.end() > to);
    }

    /// Whether nothing is on its way here.
    pub(super) fn is_silent(&self) -> bool {
        self.arrivals.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(first: u64, len: usize) -> Arrival {
        Arrival { first, samples: vec![Complex32::ONE; len] }
    }

    fn heard(antenna: &mut Antenna, from: u64, to: u64) -> Vec<f32> {
        let mut out = vec![Complex32::I];
        antenna.receive(from, to, &mut out);
        out[1..].iter().map(|sample| sample.re).collect()
    }

    #[test]
    fn what_arrives_together_adds_up_however_it_is_cut() {
        let mut antenna = Antenna::new(0.0, 1);
        antenna.expect(arrival(2, 3));
        antenna.expect(arrival(4, 4));
        assert_eq!(heard(&mut antenna, 0, 3), [0.0, 0.0, 1.0]);
        assert_eq!(heard(&mut antenna, 3, 7), [1.0, 2.0, 1.0, 1.0]);
        assert!(!antenna.is_silent());
        assert_eq!(heard(&mut antenna, 7, 9), [1.0, 0.0]);
        assert!(antenna.is_silent());
    }

    #[test]
    fn what_has_passed_is_not_heard() {
        let mut antenna = Antenna::new(0.0, 1);
        antenna.expect(arrival(0, 6));
        antenna.pass(4);
        assert_eq!(heard(&mut antenna, 4, 8), [1.0, 1.0, 0.0, 0.0]);
    }
}
