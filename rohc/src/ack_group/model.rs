//! Adaptive models: what the coder knows about a decision, and numbers made of decisions.
//! docs/ack-group.md section 4.

use super::range_coder::Coder;

/// Probability one.
pub const ONE: u64 = 1 << 16;
/// The share of an error by which a probability moves is 1/2, 1/3 ... 1/`SLOWEST` (rounded to
/// the table's steps): fast at first, steady later.
const RATES: [u16; 24] = [
    32768, 21845, 16384, 13107, 10923, 9362, 8192, 7282, 6554, 5958, 5461, 5041, 4681, 4369, 4096,
    3855, 3641, 3449, 3277, 3121, 2979, 2849, 2731, 2621,
];
/// No probability comes nearer to 0 or 1.
const MARGIN: u16 = 24;

/// What is known about one decision.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed)] // A quarter less, of thousands that are copied for each section.
pub struct Bit {
    /// Probability of `false`, in 1/65536.
    no: u16,
    /// Times it was seen, as far as it matters.
    seen: u8,
}

impl Bit {
    /// A decision that is `true` as often as not.
    pub const EVEN: Self = Self { no: 1 << 15, seen: 0 };
    /// A decision that tells of an exception.
    pub const RARE: Self = Self { no: 60_000, seen: 4 };

    /// The likelier outcome, and its probability in 1/65536.
    #[inline]
    pub fn likely(self) -> (bool, u64) {
        let no = u64::from(self.no);
        if no >= ONE / 2 { (false, no) } else { (true, ONE - no) }
    }

    /// Takes an outcome in: it becomes likelier.
    #[inline]
    pub fn learn(&mut self, outcome: bool) {
        let seen = usize::from(self.seen).min(RATES.len() - 1);
        let no = u32::from(self.no);
        let share = if outcome { ONE as u32 - no } else { no };
        let error = ONE as u32 - u32::from(MARGIN) - share;
        let share = share + ((error * u32::from(RATES[seen])) >> 16);
        self.no = (if outcome { ONE as u32 - share } else { share }) as u16;
        self.seen = seen as u8 + 1;
    }
}

/// Numbers of 2 bits to this many have models for the bits after the first.
const MODELLED: u32 = 8;
/// Bits after the first one that have models.
const PREFIX: u32 = 3;

/// A number of up to 32 bits: its length in unary, then the bits after its first one, of which
/// the highest three are modelled if it is short.
#[derive(Debug, Clone)]
pub struct Number {
    longer: [Bit; 32],
    /// From numbers of 2 bits on.
    bits: [[Bit; 1 << PREFIX]; MODELLED as usize - 1],
}

impl Number {
    /// A number of which nothing is known.
    pub const NEW: Self =
        Self { longer: [Bit::EVEN; 32], bits: [[Bit::EVEN; 1 << PREFIX]; MODELLED as usize - 1] };

    /// Codes a number.
    pub fn code<C: Coder>(&mut self, coder: &mut C, known: u32) -> u32 {
        let known_len = 32 - known.leading_zeros();
        let mut len = 0;
        while len < 32 && coder.bit(&mut self.longer[len as usize], len < known_len) {
            len += 1;
        }
        if len < 2 {
            return len;
        }
        let rest = len - 1;
        // The bits so far, the first one included: where the next one's model is.
        let mut prefix = 1;
        let mut modelled = 0;
        if let Some(models) = self.bits.get_mut(len as usize - 2) {
            modelled = rest.min(PREFIX);
            for position in 1..=modelled {
                let model = &mut models[prefix as usize % (1 << PREFIX)];
                let bit = coder.bit(model, known >> (rest - position) & 1 == 1);
                prefix = prefix << 1 | u32::from(bit);
            }
        }
        let plain = rest - modelled;
        prefix << plain | coder.plain(plain, known & ((1 << plain) - 1))
    }
}

/// A number with a sign.
#[derive(Debug, Clone)]
pub struct Signed {
    negative: Bit,
    size: Number,
}

impl Signed {
    /// A number of which nothing is known.
    pub const NEW: Self = Self { negative: Bit::EVEN, size: Number::NEW };

    /// Codes a number; the differences of sequence numbers and clocks are taken modulo 2^32.
    pub fn code<C: Coder>(&mut self, coder: &mut C, known: i32) -> i32 {
        let size = self.size.code(coder, known.unsigned_abs());
        if size != 0 && coder.bit(&mut self.negative, known < 0) {
            size.wrapping_neg() as i32
        } else {
            size as i32
        }
    }
}
