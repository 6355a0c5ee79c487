//! A queue that never holds more than it has places for. What is pushed is written where it stays:
//! an ACK is large enough that a copy shows.

use std::ops::Range;

/// A queue in a fixed number of places, which is a power of two.
#[derive(Debug, Clone)]
pub struct Ring<T> {
    places: Box<[T]>,
    first: usize,
    len: usize,
}

impl<T: Clone> Ring<T> {
    /// An empty queue of this many places.
    pub fn new(places: usize, anything: T) -> Self {
        assert!(places.is_power_of_two(), "a queue of {places} places");
        Self { places: vec![anything; places].into(), first: 0, len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_full(&self) -> bool {
        self.len == self.places.len()
    }

    /// Appends what is in the place that is returned, to be written over.
    #[inline]
    pub fn push(&mut self) -> &mut T {
        assert!(!self.is_full(), "no place in a queue");
        self.len += 1;
        self.get_mut(self.len - 1)
    }

    /// The item at this place in the queue.
    #[inline]
    pub fn get(&self, at: usize) -> &T {
        &self.places[(self.first + at) & (self.places.len() - 1)]
    }

    #[inline]
    pub fn get_mut(&mut self, at: usize) -> &mut T {
        &mut self.places[(self.first + at) & (self.places.len() - 1)]
    }

    /// The items at these places.
    pub fn range(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = &T> + Clone {
        range.map(|at| self.get(at))
    }

    /// Takes the first items out.
    pub fn drop_first(&mut self, count: usize) {
        self.first += count;
        self.len -= count;
    }

    /// Takes the last items out.
    pub fn drop_last(&mut self, count: usize) {
        self.len -= count;
    }
}
