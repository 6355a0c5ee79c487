//! The transmitter: PSDU in, windowed baseband samples out (17.3.2.2).
//!
//! ```text
//! PSDU -> scramble -> encode -> puncture -> interleave -> map -> pilots -> IFFT -> window
//! ```
//!
//! It makes non-HT PPDUs at every rate. The samples do not depend on the channel spacing:
//! played at 20, 10 or 5 Msample/s they are the three clockings of the standard.

#[cfg(test)]
mod annex_i1;
mod data;
mod preamble;
mod symbol;

use num_complex::Complex32;
use thiserror::Error;

use crate::signal::Signal;
use crate::timing::ppdu_samples;
use crate::{CodeRate, Modulation, OfdmRate};
use data::{InterleavedBits, data_bits};
use symbol::{SymbolShaper, Window};

/// Longest PSDU that the twelve-bit LENGTH field can announce.
pub const MAX_PSDU_LEN: usize = 4095;

/// What the MAC asks for with a PSDU (TXVECTOR, Table 17-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TxVector {
    /// L_DATARATE.
    pub rate: OfdmRate,
    /// Initial state of the scrambler, seven bits with X7 highest; 1 to 127.
    pub scrambler_init: u8,
}

/// Why a PSDU could not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TxError {
    /// LENGTH cannot say so.
    #[error("a PSDU of {0} bytes cannot be sent: LENGTH allows 1 to {MAX_PSDU_LEN}")]
    PsduLength(usize),
    /// State 0 would send the data unscrambled.
    #[error("scrambler state {0} is not one of 1 to 127")]
    ScramblerInit(u8),
}

/// Makes PPDUs. Holds the preamble and its working memory, so keep one and reuse it.
pub struct Transmitter {
    preamble: preamble::Preamble,
    shaper: SymbolShaper,
    bits: Vec<u8>,
    coded: InterleavedBits,
}

impl Default for Transmitter {
    fn default() -> Self {
        Self::new()
    }
}

impl Transmitter {
    /// A transmitter for any rate.
    pub fn new() -> Self {
        let mut shaper = SymbolShaper::new();
        let preamble = preamble::Preamble::new(&mut shaper);
        Self { preamble, shaper, bits: Vec::new(), coded: InterleavedBits::default() }
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
        if !(1..=MAX_PSDU_LEN).contains(&psdu.len()) {
            return Err(TxError::PsduLength(psdu.len()));
        }
        if !(1..=127).contains(&tx.scrambler_init) {
            return Err(TxError::ScramblerInit(tx.scrambler_init));
        }
        out.reserve(ppdu_samples(tx.rate, psdu.len()) + 1);
        let mut window = Window::new(out);
        self.preamble.append(&mut window);

        // SIGNAL is a BPSK R = 1/2 symbol of its own, not scrambled, with polarity p_0.
        let signal = Signal { rate: tx.rate, length: psdu.len() as u16 };
        self.coded.fill(&signal.emit(), Modulation::Bpsk, CodeRate::Half);
        self.shaper.append(&self.coded, 0, &mut window);

        data_bits(tx, psdu, &mut self.bits);
        self.coded.fill(&self.bits, tx.rate.modulation(), tx.rate.code_rate());
        self.shaper.append(&self.coded, 1, &mut window);
        window.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ppdu_is_as_long_as_txtime_says() {
        let mut tx = Transmitter::new();
        for rate in OfdmRate::ALL {
            for len in [1, 14, 1500, 4095] {
                let mut out = Vec::new();
                let vector = TxVector { rate, scrambler_init: 93 };
                tx.modulate(&vector, &vec![0x5a; len], &mut out).unwrap();
                assert_eq!(out.len(), ppdu_samples(rate, len) + 1);
            }
        }
    }

    #[test]
    fn mean_power_is_one() {
        let mut out = Vec::new();
        let psdu: Vec<u8> = (0..1500u32).map(|i| ((i * 7919) >> 3) as u8).collect();
        let vector = TxVector { rate: OfdmRate::Mbps54, scrambler_init: 1 };
        Transmitter::new().modulate(&vector, &psdu, &mut out).unwrap();
        let power: f32 = out.iter().map(Complex32::norm_sqr).sum::<f32>() / out.len() as f32;
        assert!((power - 1.0).abs() < 0.03, "{power}");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_and_leaves_no_samples() {
        let mut tx = Transmitter::new();
        let mut out = Vec::new();
        let mut send = |scrambler_init, len| {
            tx.modulate(
                &TxVector { rate: OfdmRate::Mbps6, scrambler_init },
                &vec![0; len],
                &mut out,
            )
        };
        assert_eq!(send(1, 0), Err(TxError::PsduLength(0)));
        assert_eq!(send(1, 4096), Err(TxError::PsduLength(4096)));
        assert_eq!(send(0, 10), Err(TxError::ScramblerInit(0)));
        assert_eq!(send(128, 10), Err(TxError::ScramblerInit(128)));
        assert!(out.is_empty());
    }
}
