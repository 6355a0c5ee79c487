//! The transmitter: PSDU in, windowed baseband samples out (17.3.2.2, 19.3.4).
//!
//! ```text
//! PSDU -> scramble -> encode -> puncture -> interleave -> map -> pilots -> IFFT -> window
//! ```
//!
//! It makes non-HT PPDUs at every rate and HT-mixed ones of one stream. At 20 MHz and below the
//! samples do not depend on the bandwidth: played at 20, 10 or 5 Msample/s they are the three
//! clockings of the standard.

#[cfg(test)]
mod annex_i1;
mod data;
mod fields;
mod mapper;
mod placement;
mod row;
mod symbol;

use num_complex::Complex32;
use thiserror::Error;

use crate::ht_sig::HtSig;
use crate::signal::Signal;
use crate::tables::Tables;
use crate::timing::{l_length, ppdu_samples};
use crate::{Bandwidth, GuardInterval, HtWidth, OfdmRate, Rate};
use data::CodedBits;
use fields::Preambles;
use mapper::Mapper;
pub use placement::Placement;
use symbol::{How, SymbolShaper, Window};

/// Longest PSDU that the twelve-bit LENGTH field of SIGNAL can announce.
pub const MAX_PSDU_LEN: usize = 4095;
/// Longest PSDU that HT-SIG can announce.
pub const MAX_HT_PSDU_LEN: usize = 65_535;

/// What the MAC asks for with a PSDU (TXVECTOR, Tables 17-1 and 19-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TxVector {
    /// L_DATARATE, or MCS, CH_BANDWIDTH and GI_TYPE.
    pub rate: Rate,
    /// Which part of a 40 MHz channel the PPDU takes (CH_OFFSET); [`Placement::Whole`] in a
    /// channel of 20 MHz or less. A non-HT PPDU on the whole is a non-HT duplicate.
    pub placement: Placement,
    /// AGGREGATION: the PSDU is an A-MPDU. In HT alone.
    pub aggregation: bool,
    /// Initial state of the scrambler, seven bits with X7 highest; 1 to 127.
    pub scrambler_init: u8,
}

impl TxVector {
    /// A PPDU of that rate on the whole channel, not aggregated.
    pub fn new(rate: impl Into<Rate>, scrambler_init: u8) -> Self {
        let rate = rate.into();
        Self { rate, placement: Placement::Whole, aggregation: false, scrambler_init }
    }

    /// Whether a PSDU of `psdu_len` bytes can be sent so in a channel of that bandwidth.
    ///
    /// # Errors
    /// Says which parameter the PHY cannot send.
    pub fn check(&self, bandwidth: Bandwidth, psdu_len: usize) -> Result<(), TxError> {
        self.signal(bandwidth, psdu_len).map(drop)
    }

    /// The SIGNAL field of a PPDU that can be sent.
    fn signal(&self, bandwidth: Bandwidth, len: usize) -> Result<Signal, TxError> {
        let &Self { rate, placement, aggregation, scrambler_init } = self;
        if !(1..=127).contains(&scrambler_init) {
            return Err(TxError::ScramblerInit(scrambler_init));
        }
        if !placement.suits(rate, bandwidth) {
            return Err(TxError::Placement { rate, placement, bandwidth });
        }
        match rate {
            Rate::NonHt(_) if aggregation => Err(TxError::Aggregation),
            Rate::NonHt(rate) if (1..=MAX_PSDU_LEN).contains(&len) => {
                Ok(Signal { rate, length: len as u16 })
            }
            Rate::NonHt(_) => Err(TxError::PsduLength { len, max: MAX_PSDU_LEN }),
            Rate::Ht(rate) if (1..=MAX_HT_PSDU_LEN).contains(&len) => {
                let length = l_length(rate, len);
                if length > MAX_PSDU_LEN {
                    return Err(TxError::TooLong { len, symbols: rate.n_sym(len) });
                }
                Ok(Signal { rate: OfdmRate::Mbps6, length: length as u16 })
            }
            Rate::Ht(_) => Err(TxError::PsduLength { len, max: MAX_HT_PSDU_LEN }),
        }
    }
}

/// Why a PSDU could not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TxError {
    /// The length field cannot say so.
    #[error("a PSDU of {len} bytes cannot be sent at this rate: it may have 1 to {max}")]
    PsduLength {
        /// Bytes of the PSDU.
        len: usize,
        /// Most bytes that the rate's header can announce.
        max: usize,
    },
    /// L_LENGTH cannot protect a PPDU of more than 5.484 ms (aPPDUMaxTime).
    #[error("a PSDU of {len} bytes lasts {symbols} symbols at this rate, more than L-SIG can say")]
    TooLong {
        /// Bytes of the PSDU.
        len: usize,
        /// N_SYM that it would need.
        symbols: usize,
    },
    /// State 0 would send the data unscrambled.
    #[error("scrambler state {0} is not one of 1 to 127")]
    ScramblerInit(u8),
    /// Part of the channel and rate do not go together.
    #[error("{rate} cannot be sent on {placement} of a {}-MHz channel", bandwidth.mhz())]
    Placement {
        /// The rate.
        rate: Rate,
        /// The part of the channel.
        placement: Placement,
        /// The transmitter's bandwidth.
        bandwidth: Bandwidth,
    },
    /// SIGNAL cannot announce an A-MPDU.
    #[error("an A-MPDU needs an HT rate")]
    Aggregation,
}

/// Makes PPDUs. Holds the preambles and its working memory, so keep one and reuse it.
pub struct Transmitter {
    bandwidth: Bandwidth,
    preambles: Preambles,
    shaper: SymbolShaper,
    signal: Mapper,
    ht_sig: Mapper,
    /// Of DATA fields, by [`Rate::coding`].
    mappers: Tables<Rate, Mapper>,
    coded: CodedBits,
}

/// A PPDU of which everything before the DATA field is made ([`Transmitter::begin`]).
#[derive(Debug)]
pub struct Begun {
    tx: TxVector,
    psdu_len: usize,
    data: How,
    /// Samples up to the DATA field, and what the last of the headers adds to its first.
    samples: usize,
    overlap: Complex32,
}

impl Transmitter {
    /// A transmitter for a channel of that bandwidth.
    pub fn new(bandwidth: Bandwidth) -> Self {
        let mut shaper = SymbolShaper::new(64 * bandwidth.oversampling());
        let preambles = Preambles::new(bandwidth, &mut shaper);
        Self {
            bandwidth,
            preambles,
            shaper,
            signal: Mapper::new(&OfdmRate::Mbps6.into()),
            ht_sig: Mapper::quadrature(),
            mappers: Tables::default(),
            coded: CodedBits::default(),
        }
    }

    /// Appends the PPDU of `psdu` to `out`: [`ppdu_samples`] samples and one more, the
    /// half-weight end of the last symbol's window. Data symbols have unit mean power.
    ///
    /// # Errors
    /// Says which parameter the PHY cannot send; `out` is then unchanged.
    pub fn modulate(
        &mut self,
        tx: &TxVector,
        psdu: &[u8],
        out: &mut Vec<Complex32>,
    ) -> Result<(), TxError> {
        let begun = self.begin(tx, psdu.len(), out)?;
        self.end(&begun, psdu, out);
        Ok(())
    }

    /// Makes the same samples part by part, for who has to begin to transmit before all are there:
    /// first the headers, then `symbols` symbols at a time. `part` holds one at a time.
    ///
    /// # Errors
    /// Says which parameter the PHY cannot send; nothing was emitted then.
    ///
    /// # Panics
    /// If `symbols` is zero.
    pub fn modulate_in_parts(
        &mut self,
        tx: &TxVector,
        psdu: &[u8],
        symbols: usize,
        part: &mut Vec<Complex32>,
        mut emit: impl FnMut(&[Complex32]),
    ) -> Result<(), TxError> {
        tx.check(self.bandwidth, psdu.len())?;
        part.clear();
        let Begun { data, mut overlap, .. } = self.begin(tx, psdu.len(), part)?;
        emit(part);
        self.coded.fill_data(tx, psdu);
        let mapper = self.mappers.get(tx.rate.coding(), Mapper::new);
        for (n, coded) in self.coded.coded.chunks(symbols * mapper.coded_len()).enumerate() {
            part.clear();
            let mut window = Window::after(overlap, part);
            self.shaper.append_from(n * symbols, coded, mapper, &data, &mut window);
            overlap = window.overlap();
            emit(part);
        }
        emit(&[overlap]);
        Ok(())
    }

    /// Appends what comes before the DATA field of a PPDU whose PSDU will have so many bytes, for
    /// who must be quick once the bytes are known. It is what [`Self::modulate`] would begin with.
    ///
    /// # Errors
    /// Says which parameter the PHY cannot send; `out` is then unchanged.
    pub fn begin(
        &mut self,
        tx: &TxVector,
        psdu_len: usize,
        out: &mut Vec<Complex32>,
    ) -> Result<Begun, TxError> {
        let signal = tx.signal(self.bandwidth, psdu_len)?;
        out.reserve(ppdu_samples(tx.rate, self.bandwidth, psdu_len) + 1);
        let halves = tx.placement.halves(self.bandwidth);
        let mut window = Window::new(out);
        self.preambles.append_non_ht(tx.placement, &mut window);

        // SIGNAL is a BPSK R = 1/2 symbol of its own, not scrambled, with polarity p_0.
        let header = How { gi: GuardInterval::Long, copies: halves, first_polarity: 0 };
        self.coded.fill(&signal.emit(), self.signal.rate.n_dbps());
        self.shaper.append(&self.coded.coded, &self.signal, &header, &mut window);
        let mut data = How { gi: tx.rate.guard_interval(), first_polarity: 1, ..header };
        if let Rate::Ht(rate) = tx.rate {
            let ht_sig = HtSig::new(rate, psdu_len as u16, tx.aggregation);
            let header = How { first_polarity: 1, ..header };
            self.coded.fill(&ht_sig.emit(), self.ht_sig.rate.n_dbps());
            self.shaper.append(&self.coded.coded, &self.ht_sig, &header, &mut window);
            self.preambles.append_ht(rate.width, tx.placement, &mut window);
            data.first_polarity = 3;
            if rate.width == HtWidth::Mhz40 {
                data.copies = placement::whole();
            }
        }
        let overlap = window.overlap();
        Ok(Begun { tx: *tx, psdu_len, data, samples: out.len(), overlap })
    }

    /// Appends the DATA field to what [`Self::begin`] made. If there is one already, it takes its
    /// place: an answer can be rehearsed with the bytes that it will probably have, and what it
    /// takes is then at hand.
    ///
    /// # Panics
    /// If the PSDU has another length than was announced, or `out` less than was made.
    pub fn end(&mut self, begun: &Begun, psdu: &[u8], out: &mut Vec<Complex32>) {
        let &Begun { ref tx, psdu_len, ref data, samples, overlap } = begun;
        assert_eq!(psdu.len(), psdu_len, "the header announces another length");
        assert!(out.len() >= samples, "the header is gone");
        out.truncate(samples);
        let mut window = Window::after(overlap, out);
        self.coded.fill_data(tx, psdu);
        let mapper = self.mappers.get(tx.rate.coding(), Mapper::new);
        self.shaper.append(&self.coded.coded, mapper, data, &mut window);
        window.finish();
    }
}

#[cfg(test)]
impl Transmitter {
    /// Appends what looks like a PPDU of this HT-SIG, mixed or greenfield, to receivers that do
    /// not decode it: its header, and then `symbols` symbols of something.
    pub(crate) fn imitate(
        &mut self,
        ht_sig: &[u8],
        greenfield: bool,
        symbols: usize,
        out: &mut Vec<Complex32>,
    ) {
        let header = How {
            gi: GuardInterval::Long,
            copies: Placement::Whole.halves(self.bandwidth),
            first_polarity: 0,
        };
        let mut window = Window::new(out);
        self.preambles.append_non_ht(Placement::Whole, &mut window);
        if !greenfield {
            let length = 3 * (2 + symbols) as u16 - 3;
            let signal = Signal { rate: OfdmRate::Mbps6, length };
            self.coded.fill(&signal.emit(), self.signal.rate.n_dbps());
            self.shaper.append(&self.coded.coded, &self.signal, &header, &mut window);
        }
        let first_polarity = if greenfield { 0 } else { 1 };
        let ht_sig_how = How { first_polarity, ..header };
        self.coded.fill(ht_sig, self.ht_sig.rate.n_dbps());
        self.shaper.append(&self.coded.coded, &self.ht_sig, &ht_sig_how, &mut window);
        let bits: Vec<u8> = (0..216 * symbols).map(|i| (i * i / 7 % 3 == 1) as u8).collect();
        let mapper = self.mappers.get(OfdmRate::Mbps54.into(), Mapper::new);
        self.coded.fill(&bits, mapper.rate.n_dbps());
        self.shaper.append(
            &self.coded.coded,
            mapper,
            &How { first_polarity: 3, ..header },
            &mut window,
        );
        window.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HtRate, Mcs};

    fn every_vector(bandwidth: Bandwidth) -> Vec<TxVector> {
        let non_ht = OfdmRate::ALL.map(Rate::from).into_iter();
        let ht = Mcs::ALL.into_iter().flat_map(|mcs| {
            [HtWidth::Mhz20, HtWidth::Mhz40].into_iter().flat_map(move |width| {
                [GuardInterval::Long, GuardInterval::Short]
                    .map(|gi| Rate::Ht(HtRate { mcs, width, gi }))
            })
        });
        let placements = [Placement::Whole, Placement::Lower, Placement::Upper];
        non_ht
            .chain(ht)
            .flat_map(|rate| {
                placements.map(|placement| TxVector { placement, ..TxVector::new(rate, 93) })
            })
            .filter(|tx| tx.placement.suits(tx.rate, bandwidth))
            .collect()
    }

    #[test]
    fn a_ppdu_is_as_long_as_txtime_says() {
        for (bandwidth, vectors) in [(Bandwidth::Mhz20, 24), (Bandwidth::Mhz40, 72)] {
            let mut tx = Transmitter::new(bandwidth);
            let all = every_vector(bandwidth);
            assert_eq!(all.len(), vectors);
            for vector in all {
                for len in [1, 14, 1500] {
                    let mut out = Vec::new();
                    tx.modulate(&vector, &vec![0x5a; len], &mut out).unwrap();
                    assert_eq!(out.len(), ppdu_samples(vector.rate, bandwidth, len) + 1);
                }
            }
        }
    }

    #[test]
    fn mean_power_is_one_in_every_format_and_field() {
        let psdu: Vec<u8> = (0..1500u32).map(|i| ((i * 7919) >> 3) as u8).collect();
        for bandwidth in [Bandwidth::Mhz20, Bandwidth::Mhz40] {
            let mut tx = Transmitter::new(bandwidth);
            for vector in every_vector(bandwidth) {
                let mut out = Vec::new();
                tx.modulate(&vector, &psdu, &mut out).unwrap();
                let power = |part: &[Complex32]| {
                    part.iter().map(Complex32::norm_sqr).sum::<f32>() / part.len() as f32
                };
                let header = 320 * bandwidth.oversampling();
                assert!((power(&out[..header]) - 1.0).abs() < 0.02, "{vector:?}");
                assert!((power(&out[header..]) - 1.0).abs() < 0.05, "{vector:?}");
            }
        }
    }

    #[test]
    fn a_ppdu_that_was_ended_twice_is_that_of_the_second_psdu() {
        let mut tx = Transmitter::new(Bandwidth::Mhz40);
        for vector in every_vector(Bandwidth::Mhz40) {
            let before = [Complex32::ONE; 3].to_vec();
            let (mut in_one, mut in_two) = (before.clone(), before);
            tx.modulate(&vector, &[0x5a; 40], &mut in_one).unwrap();
            let begun = tx.begin(&vector, 40, &mut in_two).unwrap();
            tx.end(&begun, &[0xff; 40], &mut in_two);
            tx.end(&begun, &[0x5a; 40], &mut in_two);
            assert_eq!(in_one, in_two);
        }
    }

    #[test]
    fn a_ppdu_made_in_parts_is_the_same() {
        let psdu: Vec<u8> = (0..700u32).map(|i| (i * 31) as u8).collect();
        for bandwidth in [Bandwidth::Mhz20, Bandwidth::Mhz40] {
            let mut tx = Transmitter::new(bandwidth);
            for vector in every_vector(bandwidth) {
                let (mut whole, mut parts) = (vec![], vec![]);
                tx.modulate(&vector, &psdu, &mut whole).unwrap();
                let emit = |part: &[Complex32]| parts.extend_from_slice(part);
                tx.modulate_in_parts(&vector, &psdu, 3, &mut vec![], emit).unwrap();
                assert_eq!(whole, parts, "{vector:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused_and_leaves_no_samples() {
        let mut tx = Transmitter::new(Bandwidth::Mhz20);
        let mut out = Vec::new();
        let slow = TxVector::new(OfdmRate::Mbps6, 1);
        let rate = HtRate { mcs: Mcs::ALL[0], width: HtWidth::Mhz20, gi: GuardInterval::Long };
        let ht = TxVector::new(rate, 1);
        let mut send = |vector: TxVector, len| tx.modulate(&vector, &vec![0; len], &mut out);
        assert_eq!(send(slow, 0), Err(TxError::PsduLength { len: 0, max: 4095 }));
        assert_eq!(send(slow, 4096), Err(TxError::PsduLength { len: 4096, max: 4095 }));
        for state in [0, 128] {
            let vector = TxVector { scrambler_init: state, ..slow };
            assert_eq!(send(vector, 10), Err(TxError::ScramblerInit(state)));
        }
        assert_eq!(send(TxVector { aggregation: true, ..slow }, 10), Err(TxError::Aggregation));
        assert_eq!(send(ht, 65_536), Err(TxError::PsduLength { len: 65_536, max: 65_535 }));
        // 5.484 ms are 1366 symbols of 4 us after preamble and L-SIG, of which four are headers.
        assert_eq!(send(ht, 4423), Ok(()));
        assert_eq!(send(ht, 4424), Err(TxError::TooLong { len: 4424, symbols: 1363 }));
        let wide = HtRate { width: HtWidth::Mhz40, ..rate };
        assert!(matches!(send(TxVector::new(wide, 1), 10), Err(TxError::Placement { .. })));
        let upper = TxVector { placement: Placement::Upper, ..ht };
        assert!(matches!(send(upper, 10), Err(TxError::Placement { .. })));
    }
}
