use crate::{Acknowledged, SequenceNumber};

/// The recipient's scoreboard (10.25.6.3): which of the last 64 MPDUs of an agreement have
/// arrived, which is what a Block Ack says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scoreboard(Acknowledged);

impl Scoreboard {
    pub(crate) fn new(start: SequenceNumber) -> Self {
        Self(Acknowledged { start, bitmap: 0 })
    }

    /// What the next Block Ack says.
    pub(crate) fn record(&self) -> Acknowledged {
        self.0
    }

    /// Notes an arrival. Whether it is the first of that MPDU.
    pub(crate) fn insert(&mut self, number: SequenceNumber) -> bool {
        if number.is_before(self.0.start) {
            // Too old to be told of; the originator has given it up or knows that it arrived.
            return false;
        }
        let distance = number.distance_from(self.0.start);
        if distance >= Acknowledged::WINDOW {
            // The window moves on so that this is its last.
            self.advance(distance + 1 - Acknowledged::WINDOW);
        }
        let new = !self.0.acknowledges(number);
        self.0.insert(number);
        new
    }

    /// A Block Ack request: MPDUs before `start` are forgotten.
    pub(crate) fn request(&mut self, start: SequenceNumber) {
        if self.0.start.is_before(start) {
            self.advance(start.distance_from(self.0.start));
        }
    }

    /// Whether all that has arrived lies before a number.
    pub(crate) fn is_all_before(&self, number: SequenceNumber) -> bool {
        let newest = 63u16.checked_sub(self.0.bitmap.leading_zeros() as u16);
        newest.is_none_or(|newest| (self.0.start + newest).is_before(number))
    }

    fn advance(&mut self, steps: u16) {
        self.0.start = self.0.start + steps;
        self.0.bitmap = self.0.bitmap.checked_shr(steps.into()).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(number: u16) -> SequenceNumber {
        SequenceNumber::new(number)
    }

    #[test]
    fn an_arrival_beyond_the_window_moves_it() {
        let mut scoreboard = Scoreboard::new(n(4090));
        assert!(
            scoreboard.insert(n(4090)) && scoreboard.insert(n(4095)) && scoreboard.insert(n(2))
        );
        assert!(!scoreboard.insert(n(2)));
        assert_eq!(scoreboard.record(), Acknowledged { start: n(4090), bitmap: 0x121 });
        assert!(scoreboard.insert(n(58)));
        assert_eq!(scoreboard.record().start, n(4091));
        assert!(scoreboard.record().acknowledges(n(58)));
        assert!(scoreboard.insert(n(1000)));
        assert_eq!(scoreboard.record(), Acknowledged { start: n(937), bitmap: 1 << 63 });
        assert!(!scoreboard.insert(n(936)));
    }

    #[test]
    fn a_request_after_all_that_arrived_is_told_from_one_for_it() {
        let mut scoreboard = Scoreboard::new(n(4090));
        assert!(scoreboard.is_all_before(n(4090)));
        scoreboard.insert(n(4095));
        scoreboard.insert(n(4091));
        assert!(!scoreboard.is_all_before(n(4095)) && scoreboard.is_all_before(n(0)));
        assert!(!scoreboard.is_all_before(n(4090)));
    }

    #[test]
    fn a_request_moves_the_window_forwards_only() {
        let mut scoreboard = Scoreboard::new(n(100));
        scoreboard.insert(n(101));
        scoreboard.request(n(90));
        assert_eq!(scoreboard.record(), Acknowledged { start: n(100), bitmap: 2 });
        scoreboard.request(n(101));
        assert_eq!(scoreboard.record(), Acknowledged { start: n(101), bitmap: 1 });
        scoreboard.request(n(1101));
        assert_eq!(scoreboard.record(), Acknowledged { start: n(1101), bitmap: 0 });
    }
}
