//! Adaptive models: what the coder knows about a decision, and numbers made of decisions.
//! docs/ack-group.md section 4.

use super::range_coder::Coder;

/// Probability one is 2 to this power.
pub const ONE_BITS: u32 = 16;
const ONE: i32 = 1 << ONE_BITS;
/// The share of an error by which a probability moves is 1/2, 1/3 ... 1/`SLOWEST` (rounded to
/// the table's steps): fast at first, steady later.
const RATES: [u16; 32] = {
    let mut rates = [2621; 32];
    let first = [
        32768, 21845, 16384, 13107, 10923, 9362, 8192, 7282, 6554, 5958, 5461, 5041, 4681, 4369,
        4096, 3855, 3641, 3449, 3277, 3121, 2979, 2849, 2731,
    ];
    let mut seen = 0;
    while seen < first.len() {
        rates[seen] = first[seen];
        seen += 1;
    }
    rates
};
/// A decision that was seen this often is known as well as can be.
const KNOWN: u8 = 23;
/// No probability comes nearer to 0 or 1.
const MARGIN: i32 = 24;

/// What a section may have to take back: with its backup it is in step but for what has learnt
/// since, so that only that is copied.
pub trait Backup {
    /// Becomes a copy of its backup or of what it is the backup of.
    fn copy_from(&mut self, other: &mut Self);
}

impl<T: Backup, const LEN: usize> Backup for [T; LEN] {
    fn copy_from(&mut self, other: &mut Self) {
        self.iter_mut().zip(other).for_each(|(own, other)| own.copy_from(other));
    }
}

/// What is known about one decision.
#[derive(Debug, Clone, Copy)]
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
    #[inline(always)]
    pub fn likely(self) -> (bool, u64) {
        let no = u64::from(self.no);
        let yes = (1 << ONE_BITS) - no;
        (no < yes, no.max(yes))
    }

    /// As [`take_in`](Self::take_in), with a branch: for who waits for the outcome and has guessed
    /// it.
    #[inline(always)]
    pub fn learn(&mut self, outcome: bool) {
        if outcome { self.take_in(true) } else { self.take_in(false) }
    }

    /// Takes an outcome in: it becomes likelier.
    #[inline(always)]
    pub fn take_in(&mut self, outcome: bool) {
        let rate = i32::from(RATES[usize::from(self.seen) % RATES.len()]);
        let no = i32::from(self.no);
        // Shifts round down, steps towards zero.
        let (goal, rounding) = if outcome { (MARGIN, ONE - 1) } else { (ONE - MARGIN, 0) };
        let step = ((goal - no) * rate + rounding) >> ONE_BITS;
        self.no = (no + step) as u16;
        self.seen += u8::from(self.seen < KNOWN);
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
    /// Whether it may differ from its backup.
    has_learnt: bool,
}

impl Number {
    /// A number of which nothing is known.
    pub const NEW: Self = Self {
        longer: [Bit::EVEN; 32],
        bits: [[Bit::EVEN; 1 << PREFIX]; MODELLED as usize - 1],
        has_learnt: true,
    };

    /// Codes a number.
    pub fn code<C: Coder>(&mut self, coder: &mut C, known: u32) -> u32 {
        self.has_learnt = true;
        let mut taken = coder.take();
        let number = self.code_taken(&mut taken, known);
        *coder = taken;
        number
    }

    #[inline(always)]
    fn code_taken<C: Coder>(&mut self, coder: &mut C, known: u32) -> u32 {
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
                let bit = coder.even_bit(model, known >> (rest - position) & 1 == 1);
                prefix = prefix << 1 | u32::from(bit);
            }
        }
        let plain = rest - modelled;
        prefix << plain | coder.plain(plain, known & ((1 << plain) - 1))
    }
}

impl Backup for Number {
    fn copy_from(&mut self, other: &mut Self) {
        if self.has_learnt || other.has_learnt {
            other.has_learnt = false;
            self.clone_from(other);
        }
    }
}

/// A row of decisions, told apart by how long something has been so.
#[derive(Debug, Clone)]
pub struct Runs<const LEN: usize> {
    bits: [Bit; LEN],
    /// Whether it may differ from its backup.
    has_learnt: bool,
}

impl<const LEN: usize> Runs<LEN> {
    /// A row of equal decisions.
    pub const fn new(bit: Bit) -> Self {
        Self { bits: [bit; LEN], has_learnt: true }
    }

    /// The decision after a run of this length.
    #[inline(always)]
    pub fn after(&mut self, run: u8) -> &mut Bit {
        self.has_learnt = true;
        &mut self.bits[usize::from(run).min(LEN - 1)]
    }
}

impl<const LEN: usize> Backup for Runs<LEN> {
    fn copy_from(&mut self, other: &mut Self) {
        if self.has_learnt || other.has_learnt {
            other.has_learnt = false;
            self.clone_from(other);
        }
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

impl Backup for Signed {
    fn copy_from(&mut self, other: &mut Self) {
        self.negative = other.negative;
        self.size.copy_from(&mut other.size);
    }
}
