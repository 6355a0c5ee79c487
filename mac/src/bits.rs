//! Words of bit fields: each layout is written once, and getters and setters come from it.
//!
//! Reserved bits stay in the word, so that what was received can be sent on as it was.

use std::ops::Range;

/// A value that lies in some bits of a word.
pub(crate) trait Bits: Copy {
    /// The value in the lowest bits.
    fn to_bits(self) -> u64;
    /// The value of bits no wider than the field it is declared with.
    fn from_bits(bits: u64) -> Self;
}

impl Bits for bool {
    fn to_bits(self) -> u64 {
        self.into()
    }

    fn from_bits(bits: u64) -> Self {
        bits != 0
    }
}

impl Bits for u8 {
    fn to_bits(self) -> u64 {
        self.into()
    }

    fn from_bits(bits: u64) -> Self {
        bits as u8
    }
}

impl Bits for u16 {
    fn to_bits(self) -> u64 {
        self.into()
    }

    fn from_bits(bits: u64) -> Self {
        bits as u16
    }
}

fn mask(at: &Range<u32>) -> u64 {
    (1 << (at.end - at.start)) - 1
}

pub(crate) fn get<T: Bits>(word: u64, at: Range<u32>) -> T {
    T::from_bits(word >> at.start & mask(&at))
}

pub(crate) fn set<T: Bits>(word: u64, at: Range<u32>, value: T) -> u64 {
    let bits = value.to_bits();
    assert!(bits <= mask(&at), "{bits:#x} does not fit bits {at:?}");
    word & !(mask(&at) << at.start) | bits << at.start
}

/// Declares a word of bit fields: `getter, setter: type = bits;`.
macro_rules! bit_fields {
    (
        $(#[$outer:meta])*
        $name:ident($word:ty) {
            $($(#[$doc:meta])* $get:ident, $with:ident: $ty:ty = $at:expr;)*
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name(pub $word);

        impl $name {
            $(
                $(#[$doc])*
                pub fn $get(self) -> $ty {
                    $crate::bits::get(self.0.into(), $at)
                }

                #[doc = concat!(
                    "The same with another [`", stringify!($get), "`](Self::", stringify!($get), ")."
                )]
                #[must_use]
                pub fn $with(self, value: $ty) -> Self {
                    Self($crate::bits::set(self.0.into(), $at, value) as $word)
                }
            )*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("raw", &format_args!("{:#x}", self.0))
                    $(.field(stringify!($get), &self.$get()))*
                    .finish()
            }
        }
    };
}

pub(crate) use bit_fields;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_field_is_set_and_the_others_stay(word: u64, start in 0..48u32, value: u16) {
            let at = start..start + 16;
            let changed = set(word, at.clone(), value);
            prop_assert_eq!(get::<u16>(changed, at.clone()), value);
            prop_assert_eq!((changed ^ word) & !(0xffff << start), 0);
            prop_assert_eq!(set(changed, at.clone(), get::<u16>(word, at)), word);
        }
    }

    #[test]
    #[should_panic(expected = "does not fit")]
    fn a_value_too_wide_for_its_field_is_our_mistake() {
        set(0, 4..8, 16u8);
    }
}
