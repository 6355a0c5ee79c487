//! The DATA field: from a symbol's points, in one half, both or the whole, to decoded bits.

use num_complex::Complex32;

use super::{HalfPoints, Ppdu, Read, Stage};
use crate::Rate;
use crate::rx::air::Air;
use crate::rx::deinterleave::MAX_PAIRS;
use crate::rx::demap::{PLANES, demap};
use crate::rx::demodulator::Demodulator;
use crate::rx::descramble::SERVICE_BYTES;
use crate::rx::equalise::Equalised;
use crate::rx::header::Pairs;
use crate::rx::spectrum::Spectrum;
use crate::rx::workshop::Workshop;
use crate::rx::{Data, RxConfig, RxFailure};
use crate::timing::SYMBOL_SAMPLES;

/// So many symbols before the last, bits are decided as soon as they can be.
const SETTLED: usize = 4;

impl Ppdu {
    /// A symbol of the DATA field in each half; the outcome with the last.
    pub(super) fn read_data(
        &mut self,
        symbol: usize,
        points: HalfPoints,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Option<Result<Data, RxFailure>> {
        let rate = self.rxvector?.rate()?;
        let pairs = self.pairs(points, rate, workshop, Some(config));
        self.decode(symbol, rate, &pairs, workshop)
    }

    /// A symbol of the DATA field that is 40 MHz wide.
    pub(super) fn read_whole(
        &mut self,
        symbol: usize,
        air: &Air,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Read {
        let samples = self.data_symbol_samples();
        let rate = self.rxvector.and_then(|rxvector| rxvector.rate());
        let (Some(whole), Some(wide), Some(rate)) = (&mut self.whole, &mut workshop.wide, rate)
        else {
            unreachable!("HT data 40 MHz wide was announced and trained for")
        };
        let polarity = workshop.polarity[(3 + symbol) % workshop.polarity.len()];
        let received = whole.receive(air.whole(), &mut wide.fft);
        let elapsed = samples as f32 / SYMBOL_SAMPLES as f32;
        let points = whole.by_pilots(&received, elapsed, polarity, symbol);
        let kept = config.detail.constellation.then_some(&mut self.detail.constellation);
        let pairs = soft_pairs(whole, points, rate, workshop, kept);
        Read {
            power: received.power,
            outcome: self.decode(symbol, rate, &pairs, workshop),
            samples,
        }
    }

    /// Hands a symbol's soft bits to the decoder; the outcome with the last.
    fn decode(
        &mut self,
        symbol: usize,
        rate: Rate,
        pairs: &Pairs,
        workshop: &mut Workshop,
    ) -> Option<Result<Data, RxFailure>> {
        let length = self.rxvector?.psdu_len()?;
        // Only SERVICE, PSDU and tail are decoded: pad bits may be anything.
        let bits = 8 * (SERVICE_BYTES + length) + 6;
        let wanted = (bits - symbol * rate.n_dbps()).min(rate.n_dbps());
        let decoder = &mut workshop.decoders[self.lane];
        decoder.push(&pairs[..2 * wanted]);
        if symbol + 1 < rate.n_sym(length) {
            self.stage = Stage::Data { symbol: symbol + 1 };
            if symbol + SETTLED >= rate.n_sym(length) {
                decoder.settle();
            }
            self.descrambler.take(decoder.decided());
            return None;
        }
        self.descrambler.take(decoder.finish());
        Some(Ok(self.descrambler.finish()))
    }

    /// The decoder's pairs of a symbol, from one half or both.
    pub(super) fn pairs(
        &mut self,
        points: HalfPoints,
        rate: Rate,
        workshop: &mut Workshop,
        config: Option<&RxConfig>,
    ) -> Pairs {
        let keep = config.is_some_and(|config| config.detail.constellation);
        let kept = keep.then_some(&mut self.detail.constellation);
        let mut pairs = soft_pairs(&mut self.half, points.half, rate, workshop, kept);
        if let (Some(twin), Some(points)) = (&mut self.twin, points.twin) {
            let others = soft_pairs(twin, points, rate, workshop, None);
            // Each half's soft bits are relative to its own noise.
            let (half_snr, twin_snr) = (self.half.field.snr(), twin.field.snr());
            let weight = (64.0 * half_snr / (half_snr + twin_snr)) as i16;
            for (pair, other) in pairs.iter_mut().zip(others) {
                let sum = weight * i16::from(*pair) + (64 - weight) * i16::from(other);
                *pair = (sum >> 6) as i8;
            }
        }
        pairs
    }
}

/// From points to the decoder's pairs; data points are kept if asked for.
fn soft_pairs<const N: usize>(
    demodulator: &mut Demodulator<N>,
    points: Spectrum<N>,
    rate: Rate,
    workshop: &mut Workshop,
    kept: Option<&mut Vec<Complex32>>,
) -> Pairs {
    let equalised = demodulator.by_decisions(points, rate.modulation());
    if let Some(kept) = kept {
        let layout = demodulator.field.layout;
        let parts = layout.data_of(&equalised.points.re).zip(layout.data_of(&equalised.points.im));
        kept.extend(parts.map(|(re, im)| Complex32::new(re, im)));
    }
    gather(&equalised, rate, workshop)
}

/// From equalised points to the decoder's pairs.
pub(super) fn gather<const N: usize>(
    equalised: &Equalised<N>,
    rate: Rate,
    workshop: &mut Workshop,
) -> Pairs {
    let mut soft = [[0; N]; PLANES];
    demap(rate.modulation(), &equalised.points, &equalised.reliability, &mut soft);
    let mut pairs = [0; MAX_PAIRS];
    workshop.deinterleaver.gather(rate, &soft, &mut pairs);
    pairs
}
