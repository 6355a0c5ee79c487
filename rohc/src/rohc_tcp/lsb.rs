//! `lsb(k, p)` (RFC 4997 section 4.11.5): a field is sent as its `k` least significant bits, and is the
//! one value in `reference - p ..= reference - p + 2^k - 1` that ends in them.

/// A field's type: an unsigned number, or a flag.
pub(crate) trait Value: Copy + PartialEq {
    /// All bits of the type.
    const MASK: u32;
    fn to_bits(self) -> u32;
    fn from_bits(bits: u32) -> Self;
}

macro_rules! value {
    ($($number:ty),*) => {$(
        impl Value for $number {
            const MASK: u32 = <$number>::MAX as u32;
            fn to_bits(self) -> u32 {
                self.into()
            }
            fn from_bits(bits: u32) -> Self {
                bits as $number
            }
        }
    )*};
}

value!(u8, u16, u32);

impl Value for bool {
    const MASK: u32 = 1;
    fn to_bits(self) -> u32 {
        self.into()
    }
    fn from_bits(bits: u32) -> Self {
        bits != 0
    }
}

/// The two parameters of the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lsb {
    /// `k`, the number of bits that are sent.
    pub k: u32,
    /// `p`, how far below the reference the interval begins; negative if above it.
    pub p: i32,
}

/// `lsb(k, p)`.
pub(crate) const fn lsb(k: u32, p: i32) -> Lsb {
    Lsb { k, p }
}

impl Lsb {
    const fn mask(self) -> u32 {
        u32::MAX >> (32 - self.k)
    }

    /// Whether `value` is in the interval of `reference`.
    pub fn reaches<V: Value>(self, value: V, reference: V) -> bool {
        let lowest = reference.to_bits().wrapping_sub(self.p as u32);
        value.to_bits().wrapping_sub(lowest) & V::MASK <= self.mask()
    }

    /// The value in the interval of `reference` that ends in `bits`.
    pub fn decode<V: Value>(self, bits: u32, reference: V) -> V {
        let lowest = reference.to_bits().wrapping_sub(self.p as u32);
        V::from_bits(lowest.wrapping_add(bits.wrapping_sub(lowest) & self.mask()) & V::MASK)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_negative_offset_cannot_say_unchanged() {
        assert!(!lsb(7, -1).reaches(1000u32, 1000));
        assert!(lsb(7, -1).reaches(1128u32, 1000));
        assert!(!lsb(7, -1).reaches(1129u32, 1000));
    }

    proptest! {
        #[test]
        fn within_reach_means_decoded(k in 1u32..=31, p in -1i32..=65535, value: u32, reference: u32) {
            let method = lsb(k, p);
            if method.reaches(value, reference) {
                prop_assert_eq!(method.decode(value & method.mask(), reference), value);
            }
        }

        #[test]
        fn narrow_fields_wrap(k in 1u32..=15, p in -1i32..=32767, value: u16, reference: u16) {
            let method = lsb(k, p);
            let decoded = method.decode(u32::from(value) & method.mask(), reference);
            prop_assert_eq!(method.reaches(value, reference), decoded == value);
        }
    }
}
