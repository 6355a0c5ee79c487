//! `ts_lsb` (RFC 6846 section 8.2). The two short forms cannot say that a timestamp did not change.

use crate::Error;
use crate::rohc_tcp::coder::Coder;
use crate::rohc_tcp::lsb::{Lsb, lsb};

/// Discriminators of `tsval_7`, `tsval_14`, `tsval_21` and `tsval_29`.
const DISCRIMINATORS: [(u32, u32); 4] = [(0b0, 1), (0b10, 2), (0b110, 3), (0b111, 3)];
const METHODS: [Lsb; 4] = [lsb(7, -1), lsb(14, -1), lsb(21, 0x0004_0000), lsb(29, 0x0400_0000)];

/// The first form that says `value` in all of the states `references`.
fn form(value: u32, references: impl Iterator<Item = u32> + Clone) -> Option<usize> {
    METHODS.iter().position(|method| references.clone().all(|old| method.reaches(value, old)))
}

/// Whether there is a form at all: the widest one says all that the others do.
pub(super) fn reaches(value: u32, mut references: impl Iterator<Item = u32>) -> bool {
    references.all(|old| METHODS[METHODS.len() - 1].reaches(value, old))
}

/// A timestamp on the wire. The decompressor has one reference.
pub(super) fn ts_lsb<C: Coder>(
    c: &mut C,
    value: &mut u32,
    mut references: impl Iterator<Item = u32> + Clone,
) -> Result<(), Error> {
    let mut form = if C::READS { 0 } else { form(*value, references.clone()).unwrap_or_default() };
    c.prefix(&mut form, &DISCRIMINATORS)?;
    c.lsb(METHODS[form], value, references.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rohc_tcp::coder::{Reader, Writer};

    fn octets(value: u32, references: &[u32]) -> usize {
        let mut wire = [0; 4];
        let mut writer = Writer::new(&mut wire);
        ts_lsb(&mut writer, &mut value.clone(), references.iter().copied()).unwrap();
        let written = writer.written();
        for reference in references {
            let mut read = 0;
            ts_lsb(&mut Reader::new("test", &wire), &mut read, [*reference].into_iter()).unwrap();
            assert_eq!(read, value);
        }
        written
    }

    #[test]
    fn the_form_must_suit_every_reference() {
        assert_eq!(octets(1001, &[1000]), 1);
        assert_eq!(octets(1128, &[1000, 1001]), 1);
        assert_eq!(octets(1129, &[1000, 1001]), 2);
        assert_eq!(octets(1000, &[1000]), 3);
        assert_eq!(octets(1000, &[999, 1000]), 3);
        assert_eq!(octets(1 << 22, &[0]), 4);
        assert!(!reaches(1 << 30, [0].into_iter()));
    }
}
