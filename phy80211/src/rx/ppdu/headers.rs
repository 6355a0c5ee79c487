//! The headers: SIGNAL and HT-SIG, and which of them comes (17.3.4, 19.3.9.4.3).

use super::data::gather;
use super::{HalfPoints, Ppdu, Stage};
use crate::rx::descramble::Descrambler;
use crate::rx::header;
use crate::rx::unsupported::{Unsupported, samples_after_ht_sig};
use crate::rx::workshop::Workshop;
use crate::rx::{Data, Format, RxConfig, RxFailure, RxVector};
use crate::timing::SYMBOL_SAMPLES;
use crate::{Bandwidth, HtWidth, OfdmRate, Placement, Signal};

impl Ppdu {
    /// Makes of a symbol's points what the stage makes of them; an outcome if the PPDU ends.
    pub(super) fn take_points(
        &mut self,
        points: HalfPoints,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Option<Result<Data, RxFailure>> {
        match &self.stage {
            Stage::Signal => {
                let bpsk = OfdmRate::Mbps6.into();
                let turned = self.is_quadrature(&points);
                let pairs = if turned {
                    gather(&self.half.undecided(&points.half), bpsk, workshop)
                } else {
                    self.pairs(points.clone(), bpsk, workshop, None)
                };
                self.half.restart_evm();
                let signal = match header::signal(&pairs, &mut workshop.decoders[self.lane]) {
                    Ok(signal) => signal,
                    Err(failure) if turned => {
                        return self.begin_ht_sig(points, workshop, Some(failure));
                    }
                    Err(failure) => return Some(Err(failure)),
                };
                self.rxvector = Some(self.rxvector(Format::NonHt, Some(signal), config));
                self.stage = Stage::AfterSignal;
                None
            }
            Stage::AfterSignal => {
                let quadrature = self.is_quadrature(&points);
                let rxvector = self.rxvector.as_mut()?;
                let signal = rxvector.l_sig?;
                if signal.rate == OfdmRate::Mbps6 && quadrature {
                    rxvector.format = Format::HtMixed;
                    return self.begin_ht_sig(points, workshop, None);
                }
                if self.twin.is_some() {
                    rxvector.format = Format::NonHtDuplicate;
                }
                if let Some(failure) = too_large(signal.length.into(), config) {
                    return Some(Err(failure));
                }
                workshop.decoders[self.lane].begin();
                self.descrambler = Descrambler::new(signal.length.into());
                self.read_data(0, points, workshop, config)
            }
            Stage::HtSig { .. } => self.end_ht_sig(points, workshop, config),
            &Stage::Data { symbol } => self.read_data(symbol, points, workshop, config),
            Stage::Training | Stage::Skip { .. } => None,
        }
    }

    fn rxvector(&self, format: Format, l_sig: Option<Signal>, config: &RxConfig) -> RxVector {
        RxVector {
            format,
            bandwidth: config.bandwidth,
            placement: match config.bandwidth {
                Bandwidth::Mhz40 => half_of(self.lane),
                _ => Placement::Whole,
            },
            l_sig,
            ht_sig: None,
        }
    }

    /// Whether the points lie along the imaginary axis, as those of HT-SIG do.
    fn is_quadrature(&self, points: &HalfPoints) -> bool {
        let twin = self.twin.as_ref().zip(points.twin.as_ref());
        let twin = twin.map_or(0.0, |(twin, points)| twin.quadrature(points));
        self.half.quadrature(&points.half) + twin > 0.0
    }

    /// Takes the first symbol of HT-SIG.
    fn begin_ht_sig(
        &mut self,
        points: HalfPoints,
        workshop: &mut Workshop,
        otherwise: Option<RxFailure>,
    ) -> Option<Result<Data, RxFailure>> {
        let first = self.pairs(points.turned_back(), OfdmRate::Mbps6.into(), workshop, None);
        self.stage = Stage::HtSig { first: Box::new(first), otherwise };
        None
    }

    /// Takes the second symbol of HT-SIG.
    fn end_ht_sig(
        &mut self,
        points: HalfPoints,
        workshop: &mut Workshop,
        config: &RxConfig,
    ) -> Option<Result<Data, RxFailure>> {
        let second = self.pairs(points.turned_back(), OfdmRate::Mbps6.into(), workshop, None);
        let Stage::HtSig { first, otherwise } = &self.stage else { return None };
        let ht_sig = header::ht_sig(first, &second, &mut workshop.decoders[self.lane]);
        if let (Err(_), Some(failure)) = (ht_sig, otherwise) {
            return Some(Err(*failure));
        }
        if otherwise.is_some() {
            self.rxvector = Some(self.rxvector(Format::HtGreenfield, None, config));
        }
        let rxvector = self.rxvector.as_mut()?;
        let after_ht_sig = self.start + self.taken + SYMBOL_SAMPLES as u64;
        // Two of SIGNAL's symbols are HT-SIG.
        let by_signal = rxvector.l_sig.map(|signal| {
            let symbols = OfdmRate::Mbps6.n_sym(signal.length.into()).saturating_sub(2);
            after_ht_sig + (symbols * SYMBOL_SAMPLES) as u64
        });
        let (failure, by_ht_sig) = match ht_sig {
            Err(error) => (error.into(), None),
            Ok(ht_sig) => {
                rxvector.ht_sig = Some(ht_sig);
                let format = rxvector.format;
                let samples = samples_after_ht_sig(format, &ht_sig);
                let by_ht_sig = samples.map(|samples| after_ht_sig + samples as u64);
                match Unsupported::of(format, &ht_sig, config.bandwidth) {
                    // A symbol more than SIGNAL has is rounding.
                    None if by_ht_sig > by_signal.map(|end| end + SYMBOL_SAMPLES as u64) => {
                        (RxFailure::HtSigBeyondSignal { ht_sig }, None)
                    }
                    None => {
                        if let Some(failure) = too_large(ht_sig.length.into(), config) {
                            return Some(Err(failure));
                        }
                        if ht_sig.width() == HtWidth::Mhz40 {
                            rxvector.placement = Placement::Whole;
                        } else if self.twin.take().is_some() {
                            // Two that began together, and look alike up to here.
                            rxvector.placement = half_of(self.lane);
                        }
                        workshop.decoders[self.lane].begin();
                        self.descrambler = Descrambler::new(ht_sig.length.into());
                        self.stage = Stage::Training;
                        return None;
                    }
                    Some(what) => (RxFailure::Unsupported { what, ht_sig }, by_ht_sig),
                }
            }
        };
        // SIGNAL knows the end better than an HT-SIG of which but some fields are understood; of
        // a broken greenfield PPDU nothing is known.
        match by_signal.or(by_ht_sig) {
            Some(until) if until > after_ht_sig => {
                self.stage = Stage::Skip { until, failure };
                None
            }
            _ => Some(Err(failure)),
        }
    }
}

/// The half of a 40 MHz channel that a lane is.
fn half_of(lane: usize) -> Placement {
    if lane == 0 { Placement::Lower } else { Placement::Upper }
}

fn too_large(length: usize, config: &RxConfig) -> Option<RxFailure> {
    let max = config.max_psdu_len;
    (length > max).then_some(RxFailure::LengthTooLarge { length, max })
}
