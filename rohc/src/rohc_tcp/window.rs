//! The states that the decompressor's context may be in, as far as the compressor knows: after the last
//! packet that it sent, or after one of a few before, if those behind it were lost (the optimistic
//! approach, RFC 6846 section 5.2.2).

/// Most states that a window holds, and thus most repetitions.
pub(crate) const MAX_WIDTH: usize = 8;

/// The last few states.
#[derive(Debug, Clone)]
pub(crate) struct Window<T> {
    states: [T; MAX_WIDTH],
    width: usize,
    count: usize,
    newest: usize,
}

impl<T: Copy + Default> Window<T> {
    /// An empty window for `width` states.
    pub fn new(width: usize) -> Self {
        Self {
            states: [T::default(); MAX_WIDTH],
            width: width.clamp(1, MAX_WIDTH),
            count: 0,
            newest: 0,
        }
    }

    /// Adds the state after one more packet, and lets go of the oldest one if the window is full.
    pub fn push(&mut self, state: T) {
        if self.count < self.width {
            // Until it is full, the states lie in the order of their age.
            self.newest = self.count;
            self.count += 1;
        } else {
            self.newest = (self.newest + 1) % self.width;
        }
        self.states[self.newest] = state;
    }

    /// All states, in no order.
    pub fn states(&self) -> &[T] {
        &self.states[..self.count]
    }

    /// The state after the last packet.
    pub fn newest(&self) -> Option<&T> {
        (self.count > 0).then(|| &self.states[self.newest])
    }

    /// Forgets everything but the newest `count` states: a packet was acknowledged.
    pub fn keep_newest(&mut self, count: usize) {
        let count = count.clamp(1, MAX_WIDTH).min(self.count);
        let old = self.states;
        for nth in 0..count {
            self.states[count - 1 - nth] = old[(self.newest + self.count - nth) % self.count];
        }
        self.count = count;
        self.newest = count.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Event {
        Push(u32),
        Keep(usize),
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let event = prop_oneof![
            8 => any::<u32>().prop_map(Event::Push),
            1 => (1..=MAX_WIDTH).prop_map(Event::Keep),
        ];
        prop::collection::vec(event, 0..60)
    }

    proptest! {
        #[test]
        fn it_is_a_queue_of_the_last_states(width in 1..=MAX_WIDTH, events in events()) {
            let mut window = Window::new(width);
            let mut model: Vec<u32> = Vec::new();
            for event in events {
                match event {
                    Event::Push(state) => {
                        window.push(state);
                        model.push(state);
                        model.drain(..model.len().saturating_sub(width));
                    }
                    Event::Keep(count) => {
                        window.keep_newest(count);
                        model.drain(..model.len().saturating_sub(count));
                    }
                }
                let mut states = window.states().to_vec();
                let mut expected = model.clone();
                states.sort_unstable();
                expected.sort_unstable();
                prop_assert_eq!(states, expected);
                prop_assert_eq!(window.newest(), model.last());
            }
        }
    }
}
