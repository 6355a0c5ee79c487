//! What the tests of the elements share.

use super::{Element, Elements};
use crate::FrameError;

/// The bytes of an element.
pub(crate) fn emitted<'a>(element: &impl Element<'a>) -> Vec<u8> {
    let mut out = vec![];
    element.emit(&mut out);
    out
}

/// The bytes of an element between two others.
pub(crate) fn between_others<'a>(element: &impl Element<'a>) -> Vec<u8> {
    [&[250, 1, 0], emitted(element).as_slice(), &[251, 0]].concat()
}

/// Asserts that contents, if they are read at all, are emitted as they were.
pub(crate) fn assert_lossless<'a, T: Element<'a>>(contents: &'a [u8]) {
    assert_lossless_up_to::<T>(contents.len(), contents);
}

/// Asserts that contents are read if they are as long as the element or longer, and emitted as
/// they were up to that length.
pub(crate) fn assert_lossless_up_to<'a, T: Element<'a>>(length: usize, contents: &'a [u8]) {
    match T::parse(contents) {
        Ok(element) => {
            let mut out = vec![];
            element.emit_contents(&mut out);
            assert_eq!(out, contents[..length]);
            assert!(Elements(&between_others(&element)).is_whole());
        }
        Err(FrameError::Short { needed, have, .. }) => assert!(have < needed),
        Err(_) => {}
    }
}
