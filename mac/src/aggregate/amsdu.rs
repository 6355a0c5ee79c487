//! A-MSDUs: subframes of addresses, a length and an MSDU, padded to four bytes (9.3.2.2.2).

use crate::reader::Reader;
use crate::{FrameError, MacAddr};

/// One MSDU of an A-MSDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmsduSubframe<'a> {
    /// Destination.
    pub da: MacAddr,
    /// Source.
    pub sa: MacAddr,
    /// The MSDU, which begins with its LLC header.
    pub msdu: &'a [u8],
}

/// The most bytes of an MSDU (9.2.3).
pub const MAX_MSDU: usize = 2304;

/// What an LLC/SNAP header begins with, here where an A-MSDU has its first destination.
const SNAP: MacAddr = MacAddr([0xaa, 0xaa, 0x03, 0, 0, 0]);

/// Walks the body of a frame that is an A-MSDU; the last item is an error if the body ends
/// inside a subframe.
///
/// The bit that makes a body an A-MSDU is not protected by CCMP, so that an MSDU can be made
/// one on its way: such an A-MSDU begins with a destination that is an LLC/SNAP header, and
/// none of it is given out (CVE-2020-24588).
#[derive(Debug, Clone)]
pub struct AmsduSubframes<'a> {
    rest: &'a [u8],
    first: bool,
}

impl<'a> AmsduSubframes<'a> {
    /// Walks a body.
    pub fn new(body: &'a [u8]) -> Self {
        Self { rest: body, first: true }
    }

    fn read(&mut self) -> Result<AmsduSubframe<'a>, FrameError> {
        let first = std::mem::take(&mut self.first);
        let bytes = std::mem::take(&mut self.rest);
        let mut reader = Reader::new("A-MSDU subframe", bytes);
        let (da, sa) = (reader.address()?, reader.address()?);
        if first && da == SNAP {
            return Err(FrameError::SnapAsAmsdu);
        }
        let length = u16::from_be_bytes(reader.array()?);
        let msdu = reader.take(length.into())?;
        let padding = padding(bytes.len() - reader.rest().len());
        self.rest = reader.rest().get(padding..).unwrap_or_default();
        Ok(AmsduSubframe { da, sa, msdu })
    }
}

impl<'a> Iterator for AmsduSubframes<'a> {
    type Item = Result<AmsduSubframe<'a>, FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.rest.is_empty()).then(|| self.read())
    }
}

/// Bytes up to a multiple of four.
fn padding(len: usize) -> usize {
    len.next_multiple_of(4) - len
}

/// Appends MSDUs as an A-MSDU to a buffer.
#[derive(Debug)]
pub struct AmsduBuilder<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> AmsduBuilder<'a> {
    /// Bytes of a subframe before its MSDU.
    pub const HEADER_LEN: usize = 14;

    /// An empty A-MSDU at the buffer's end.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start }
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.out.len() - self.start
    }

    /// Whether there is no MSDU in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes there would be with another MSDU.
    pub fn len_with(&self, msdu_len: usize) -> usize {
        self.len().next_multiple_of(4) + Self::HEADER_LEN + msdu_len
    }

    /// Appends an MSDU.
    pub fn push(&mut self, subframe: AmsduSubframe<'_>) {
        let length = subframe.msdu.len();
        assert!(length <= MAX_MSDU, "an MSDU of {length} bytes has more than {MAX_MSDU}");
        self.out.extend(std::iter::repeat_n(0, padding(self.len())));
        self.out.extend(subframe.da.0);
        self.out.extend(subframe.sa.0);
        self.out.extend((length as u16).to_be_bytes());
        self.out.extend_from_slice(subframe.msdu);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Snap;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_built_is_found(
            before: Vec<u8>,
            all in proptest::collection::vec((any::<[u8; 6]>(), any::<[u8; 6]>(), any::<Vec<u8>>()), 1..6),
            tail in 0..4usize,
        ) {
            prop_assume!(MacAddr(all[0].0) != SNAP);
            let subframes: Vec<_> = all
                .iter()
                .map(|(da, sa, msdu)| AmsduSubframe { da: MacAddr(*da), sa: MacAddr(*sa), msdu })
                .collect();
            let mut out = before.clone();
            let mut builder = AmsduBuilder::new(&mut out);
            for subframe in &subframes {
                let expected = builder.len_with(subframe.msdu.len());
                builder.push(*subframe);
                prop_assert_eq!(builder.len(), expected);
            }
            // Some pad the last subframe too.
            let body = &mut out.split_off(before.len());
            body.resize(body.len() + tail.min(padding(body.len())), 0);
            prop_assert_eq!(AmsduSubframes::new(body).collect::<Result<Vec<_>, _>>(), Ok(subframes));
        }

        #[test]
        fn an_end_inside_a_subframe_is_the_last_item(cut in 1..30usize) {
            let subframe = AmsduSubframe { da: MacAddr([2; 6]), sa: MacAddr([4; 6]), msdu: &[7; 18] };
            let mut body = vec![];
            let mut builder = AmsduBuilder::new(&mut body);
            builder.push(subframe);
            builder.push(subframe);
            let items: Vec<_> = AmsduSubframes::new(&body[..body.len() - cut]).collect();
            prop_assert_eq!(items[0], Ok(subframe));
            prop_assert_eq!(items.len(), 2);
            let is_short = matches!(items[1], Err(FrameError::Short { .. }));
            prop_assert!(is_short);
        }
    }

    #[test]
    fn an_msdu_made_into_an_amsdu_gives_nothing_out() {
        let mut body = vec![];
        Snap::new(0x0800, &[0; 60]).emit(&mut body);
        let items: Vec<_> = AmsduSubframes::new(&body).collect();
        assert_eq!(items, [Err(FrameError::SnapAsAmsdu)]);
    }
}
