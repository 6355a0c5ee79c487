//! The range coder: adaptive binary decisions to bytes and back.
//!
//! A section is a number in [0, 1). Each decision cuts the interval that is left in two, in
//! proportion to its probabilities; the likelier half is the lower one, so that a section in which
//! all went as predicted contains the number 0, which takes no byte at all. What is sent is the
//! shortest string of bytes in the last interval, and what a decoder reads behind the end is zero.
//!
//! A decision of probability 1/2 cuts exactly, so that such decisions *before the first adaptive
//! one* are plain bits on the air: a section's directory can be read without this file.
//! docs/ack-group.md section 4.

use std::hint::select_unpredictable;
use std::mem;

use super::model::{Bit, ONE_BITS};

/// The coder works in a window of 32 bits; a carry goes into the bytes that have left it.
const WINDOW: u32 = 32;
const WHOLE: u64 = 1 << WINDOW;
/// At this range or less a byte leaves the window.
const LOW_WATER: u64 = 1 << (WINDOW - 8);
/// Bytes that the end of a string may take beyond those that have left the window.
pub const MAX_ENDING: usize = WINDOW as usize / 8;

/// One direction of coding. What is known is passed in and comes back; a decoder ignores what it
/// is given and returns what it reads. The formats are written once, on top of this.
pub trait Coder {
    /// Codes a decision and lets the model learn from it.
    fn bit(&mut self, model: &mut Bit, known: bool) -> bool;

    /// The same, of a decision that may well go either way.
    #[inline(always)]
    fn even_bit(&mut self, model: &mut Bit, known: bool) -> bool {
        self.bit(model, known)
    }

    /// Codes a number of `width` bits, each of probability 1/2. Before the first decision all at
    /// once: the range is a power of two there.
    fn plain(&mut self, width: u32, known: u32) -> u32;

    /// Codes how many plain bits of this value come before one of the other, or that they are `most`.
    fn plain_run(&mut self, value: bool, most: u32, known: u32) -> u32;

    /// Moves the state out, to be put back after some decisions: as a variable of the function
    /// that makes them it stays in registers, where each decision waits for the one before.
    fn take(&mut self) -> Self;
}

/// From decisions to bytes.
pub struct Encoder<'a> {
    bytes: &'a mut [u8],
    len: usize,
    low: u64,
    range: u64,
}

impl<'a> Encoder<'a> {
    /// An encoder that writes into a buffer. What does not fit is only counted.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, len: 0, low: 0, range: WHOLE }
    }

    /// Bytes that have left the window: a lower bound of the length, but for zeros at the end.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Ends the string with as few bytes as the last interval allows. Returns its length.
    pub fn finish(self) -> usize {
        let Self { bytes, len, low, range } = self;
        let Some((bytes, ending)) = bytes.split_at_mut_checked(len) else { return len };
        let value = shortest(low, range);
        if value >= WHOLE {
            carry(bytes);
        }
        let ending_bytes = (value as u32).to_be_bytes();
        let is_zero = |byte: &u8| *byte == 0;
        let kept = MAX_ENDING - ending_bytes.iter().rev().take_while(|byte| is_zero(byte)).count();
        if let Some(ending) = ending.get_mut(..kept) {
            ending.copy_from_slice(&ending_bytes[..kept]);
        }
        if kept > 0 {
            return len + kept;
        }
        len - bytes.iter().rev().take_while(|byte| is_zero(byte)).count()
    }

    /// Goes on in the lower part, of this size, or in the upper one, without a branch: there is
    /// nothing to guess.
    #[inline(always)]
    fn cut(&mut self, lower: u64, is_upper: bool) {
        self.low += select_unpredictable(is_upper, lower, 0);
        self.range = select_unpredictable(is_upper, self.range - lower, lower);
        self.normalise();
    }

    #[inline(always)]
    fn normalise(&mut self) {
        while self.range <= LOW_WATER {
            if self.low >= WHOLE {
                carry(self.bytes.get_mut(..self.len).unwrap_or_default());
            }
            if let Some(byte) = self.bytes.get_mut(self.len) {
                *byte = (self.low >> (WINDOW - 8)) as u8;
            }
            self.len += 1;
            self.low = (self.low << 8) % WHOLE;
            self.range <<= 8;
        }
    }
}

impl Coder for Encoder<'_> {
    #[inline(always)]
    fn bit(&mut self, model: &mut Bit, known: bool) -> bool {
        let (likely, share) = model.likely();
        self.cut((self.range * share) >> ONE_BITS, known != likely);
        model.take_in(known);
        known
    }

    #[inline]
    fn plain(&mut self, width: u32, known: u32) -> u32 {
        if self.range.is_power_of_two() && width <= WINDOW - 8 {
            self.range >>= width;
            self.low += self.range * u64::from(known);
            self.normalise();
            return known;
        }
        for position in (0..width).rev() {
            self.cut(self.range / 2, known >> position & 1 == 1);
        }
        known
    }

    #[inline]
    fn plain_run(&mut self, value: bool, most: u32, known: u32) -> u32 {
        const AT_ONCE: u32 = 16;
        let mut rest = known;
        while rest > AT_ONCE {
            self.plain(AT_ONCE, if value { (1 << AT_ONCE) - 1 } else { 0 });
            rest -= AT_ONCE;
        }
        let end = u32::from(known < most);
        self.plain(rest + end, if value { ((1 << rest) - 1) << end } else { end });
        known
    }

    #[inline(always)]
    fn take(&mut self) -> Self {
        Self { bytes: mem::take(&mut self.bytes), ..*self }
    }
}

/// Adds one to the number that the bytes are. The interval never leaves [0, 1), so that there is
/// a byte that takes it.
#[cold]
fn carry(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
}

/// The number in `[low, low + range)` with the most zero bytes at its end, and the least of them.
fn shortest(low: u64, range: u64) -> u64 {
    (0..=WINDOW)
        .step_by(8)
        .map(|kept| {
            let below = (WHOLE >> kept) - 1;
            (low + below) & !below
        })
        .find(|value| value - low < range)
        .expect("with all bytes kept it is low itself")
}

/// From bytes to decisions. Any bytes decode to something; [`Decoder::is_canonical`] tells whether
/// an encoder could have written them.
pub struct Decoder<'a> {
    bytes: &'a [u8],
    /// Bytes that have entered the window, those behind the end included.
    taken: usize,
    /// The string's number less the interval's lower end.
    above_low: u64,
    range: u64,
}

impl<'a> Decoder<'a> {
    /// A decoder of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self { bytes, taken: 0, above_low: 0, range: WHOLE };
        (0..WINDOW / 8).for_each(|_| decoder.take_byte());
        decoder
    }

    /// Whether an encoder, after the decisions that were read, would have ended with these bytes.
    /// Random bytes seldom pass.
    pub fn is_canonical(&self) -> bool {
        if self.taken < self.bytes.len() || self.bytes.last() == Some(&0) {
            return false;
        }
        let window = (self.taken - WINDOW as usize / 8..self.taken)
            .fold(0, |window, at| window << 8 | u64::from(self.byte(at)));
        // The interval may begin in front of the window; WHOLE is a carry's place.
        let low = WHOLE + window - self.above_low;
        shortest(low, self.range) == WHOLE + window
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// Whether the number is in the upper part, which then is the interval. Without a branch.
    #[inline(always)]
    fn cut(&mut self, lower: u64) -> bool {
        let is_upper = self.above_low >= lower;
        self.above_low -= select_unpredictable(is_upper, lower, 0);
        self.range = select_unpredictable(is_upper, self.range - lower, lower);
        self.normalise();
        is_upper
    }

    #[inline(always)]
    fn take_byte(&mut self) {
        self.above_low = self.above_low << 8 | u64::from(self.byte(self.taken));
        self.taken += 1;
    }

    #[inline(always)]
    fn normalise(&mut self) {
        while self.range <= LOW_WATER {
            self.take_byte();
            self.range <<= 8;
        }
    }
}

impl Coder for Decoder<'_> {
    #[inline(always)]
    fn bit(&mut self, model: &mut Bit, _: bool) -> bool {
        let (likely, share) = model.likely();
        let lower = (self.range * share) >> ONE_BITS;
        let is_lower = self.above_low < lower;
        if is_lower {
            self.range = lower;
        } else {
            self.above_low -= lower;
            self.range -= lower;
        }
        let bit = is_lower == likely;
        model.learn(bit);
        self.normalise();
        bit
    }

    #[inline(always)]
    fn even_bit(&mut self, model: &mut Bit, _: bool) -> bool {
        let (likely, share) = model.likely();
        let bit = self.cut((self.range * share) >> ONE_BITS) != likely;
        model.take_in(bit);
        bit
    }

    #[inline]
    fn plain(&mut self, width: u32, _: u32) -> u32 {
        if self.range.is_power_of_two() && width <= WINDOW - 8 {
            self.range >>= width;
            let value = self.above_low >> self.range.trailing_zeros();
            self.above_low &= self.range - 1;
            self.normalise();
            return value as u32;
        }
        (0..width).fold(0, |value, _| value << 1 | u32::from(self.cut(self.range / 2)))
    }

    #[inline]
    fn plain_run(&mut self, value: bool, most: u32, _: u32) -> u32 {
        if self.range.is_power_of_two() {
            // The bits that are left in the window, the next one highest.
            let left = self.range.trailing_zeros();
            let bits = self.above_low << (u64::BITS - left);
            let run = if value { bits.leading_ones() } else { bits.leading_zeros() };
            if run < most && run + 1 < left {
                self.plain(run + 1, 0);
                return run;
            }
        }
        (0..most).find(|_| (self.plain(1, 0) == 1) != value).unwrap_or(most)
    }

    #[inline(always)]
    fn take(&mut self) -> Self {
        Self { ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Number, Signed};
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Something to code.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Item {
        Bit(usize, bool),
        Plain(u32, u32),
        Number(u32),
        Signed(i32),
    }

    fn items() -> impl Strategy<Value = Vec<Item>> {
        let small = |value: u32, shift: u32| value >> shift;
        vec(
            prop_oneof![
                6 => (0..3usize, prop::bool::weighted(0.05)).prop_map(|(m, b)| Item::Bit(m, b)),
                1 => (1..=32u32, any::<u32>()).prop_map(move |(w, v)| Item::Plain(w, small(v, 32 - w))),
                2 => (any::<u32>(), 0..32u32).prop_map(move |(v, s)| Item::Number(small(v, s))),
                1 => any::<i32>().prop_map(Item::Signed),
            ],
            0..80,
        )
    }

    struct Models {
        bits: [Bit; 3],
        number: Number,
        signed: Signed,
    }

    impl Models {
        fn new() -> Self {
            Self {
                bits: [Bit::EVEN, Bit::RARE, Bit::RARE],
                number: Number::NEW,
                signed: Signed::NEW,
            }
        }

        fn code<C: Coder>(&mut self, coder: &mut C, known: Item, is_decoder: bool) -> Item {
            let hide = |value: u32| if is_decoder { 0 } else { value };
            match known {
                Item::Bit(m, bit) => Item::Bit(m, coder.bit(&mut self.bits[m], bit && !is_decoder)),
                Item::Plain(width, value) => Item::Plain(width, coder.plain(width, hide(value))),
                Item::Number(value) => Item::Number(self.number.code(coder, hide(value))),
                Item::Signed(value) => {
                    Item::Signed(self.signed.code(coder, hide(value as u32) as i32))
                }
            }
        }
    }

    fn encode(items: &[Item]) -> Vec<u8> {
        let (mut bytes, mut models) = (vec![0; 1000], Models::new());
        let mut encoder = Encoder::new(&mut bytes);
        for &item in items {
            models.code(&mut encoder, item, false);
        }
        let len = encoder.finish();
        bytes.truncate(len);
        bytes
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_and_canonical(items in items()) {
            let bytes = encode(&items);
            let (mut decoder, mut models) = (Decoder::new(&bytes), Models::new());
            for &item in &items {
                prop_assert_eq!(models.code(&mut decoder, item, true), item);
            }
            prop_assert!(decoder.is_canonical());
        }

        #[test]
        fn canonical_is_what_would_be_encoded(items in items(), bytes in vec(any::<u8>(), 0..12)) {
            // A size beyond an i32's range is another way to say a number.
            let items: Vec<_> =
                items.into_iter().filter(|item| !matches!(item, Item::Signed(_))).collect();
            let (mut decoder, mut models) = (Decoder::new(&bytes), Models::new());
            let read: Vec<_> =
                items.iter().map(|&item| models.code(&mut decoder, item, true)).collect();
            prop_assert_eq!(decoder.is_canonical(), encode(&read) == bytes);
        }
    }

    #[test]
    fn plain_bits_that_come_first_are_on_the_air_as_they_are() {
        assert_eq!(encode(&[Item::Plain(8, 0xa5), Item::Plain(12, 0x3c7)]), [0xa5, 0x3c, 0x70]);
    }

    #[test]
    fn what_is_predicted_takes_no_bytes() {
        assert_eq!(encode(&[Item::Bit(1, false); 40]), []);
    }
}
