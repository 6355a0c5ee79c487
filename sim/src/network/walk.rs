//! Nodes on their way.

use std::time::Duration;

use mac::Instant;

use crate::Position;

/// Time from place to place: at a walk a few centimetres.
const STEP: Duration = Duration::from_millis(10);

/// A way that a node takes at one speed, from point to point.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// Where it leads, the first point being where it begins.
    pub points: Vec<Position>,
    /// In metres a second.
    pub speed: f64,
    /// When it begins.
    pub begin: Instant,
}

impl Walk {
    /// Where the node is.
    pub fn at(&self, now: Instant) -> Position {
        let mut left = self.speed * now.since(self.begin).as_secs_f64();
        for pair in self.points.windows(2) {
            let length = pair[0].distance(pair[1]);
            if left < length {
                let part = left / length;
                let between = |a: f64, b: f64| a + part * (b - a);
                let (a, b) = (pair[0], pair[1]);
                return Position {
                    x: between(a.x, b.x),
                    y: between(a.y, b.y),
                    z: between(a.z, b.z),
                };
            }
            left -= length;
        }
        self.points.last().copied().unwrap_or_default()
    }

    /// When it is somewhere else next, unless it has arrived.
    pub(super) fn next_step(&self, now: Instant) -> Option<Instant> {
        let arrived = Some(&self.at(now)) == self.points.last();
        (!arrived).then(|| (now + STEP).max(self.begin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_leads_from_point_to_point() {
        let points =
            vec![Position::new(0.0, 0.0), Position::new(3.0, 0.0), Position::new(3.0, 4.0)];
        let walk = Walk { points, speed: 2.0, begin: Instant::from_nanos(1_000_000_000) };
        let at = |ms: u64| walk.at(Instant::from_nanos(1_000_000 * ms));
        assert_eq!(at(0), Position::new(0.0, 0.0));
        assert_eq!(at(2000), Position::new(2.0, 0.0));
        assert_eq!(at(3500), Position::new(3.0, 2.0));
        assert_eq!(at(9000), Position::new(3.0, 4.0));
        assert_eq!(walk.next_step(Instant::from_nanos(9_000_000_000)), None);
        assert_eq!(walk.next_step(Instant::ZERO), Some(walk.begin));
    }
}
