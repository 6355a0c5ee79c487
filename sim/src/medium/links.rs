//! How the air leads from each node to each other one.

use std::collections::BTreeMap;
use std::time::Duration;

use mac::Instant;

use super::NodeId;
use super::config::{LogDistance, Position};
use super::fading::Fading;
use super::power::from_db;

/// The way from one node to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// Received over transmitted power; 0 if nothing is heard.
    pub(crate) gain: f64,
    pub(crate) delay: Duration,
}

impl Link {
    const NONE: Self = Self { gain: 0.0, delay: Duration::ZERO };
}

/// All links. They change when nodes move, and are the same in both directions; fading is another
/// factor of the gain.
#[derive(Debug)]
pub(crate) struct Links {
    path_loss: LogDistance,
    positions: Vec<Position>,
    /// Losses in dB that do not come from positions.
    settled_db: Vec<Vec<Option<f64>>>,
    links: Vec<Vec<Link>>,
    /// Of the links that fade, by the nodes with the smaller number first.
    fading: BTreeMap<(NodeId, NodeId), Fading>,
}

impl LogDistance {
    /// The loss over a distance.
    pub fn loss_db(&self, metres: f64) -> f64 {
        self.loss_at_1_m_db + 10.0 * self.exponent * metres.max(1.0).log10()
    }
}

impl Links {
    pub(crate) fn new(path_loss: LogDistance) -> Self {
        Self {
            path_loss,
            positions: vec![],
            settled_db: vec![],
            links: vec![],
            fading: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, position: Position) {
        self.positions.push(position);
        let nodes = self.positions.len();
        self.settled_db.resize(nodes, vec![]);
        self.links.resize(nodes, vec![]);
        self.settled_db.iter_mut().for_each(|row| row.resize(nodes, None));
        self.links.iter_mut().for_each(|row| row.resize(nodes, Link::NONE));
        self.renew(nodes - 1);
    }

    pub(crate) fn place(&mut self, node: NodeId, position: Position) {
        self.positions[node.index()] = position;
        self.renew(node.index());
    }

    pub(crate) fn settle(&mut self, a: NodeId, b: NodeId, loss_db: Option<f64>) {
        for (from, to) in [(a, b), (b, a)] {
            self.settled_db[from.index()][to.index()] = loss_db;
        }
        self.renew(a.index());
    }

    pub(crate) fn loss_db(&self, a: NodeId, b: NodeId) -> f64 {
        let (a, b) = (a.index(), b.index());
        let metres = self.positions[a].distance(self.positions[b]);
        self.settled_db[a][b].unwrap_or_else(|| self.path_loss.loss_db(metres))
    }

    pub(crate) fn between(&self, from: NodeId, to: NodeId) -> Link {
        self.links[from.index()][to.index()]
    }

    pub(crate) fn fade(&mut self, a: NodeId, b: NodeId, fading: Fading) {
        self.fading.insert((a.min(b), a.max(b)), fading);
    }

    /// The gain at a time.
    pub(crate) fn gain(&self, from: NodeId, to: NodeId, now: Instant) -> f64 {
        let fading = self.fading.get(&(from.min(to), from.max(to)));
        self.between(from, to).gain * fading.map_or(1.0, |fading| fading.gain(now))
    }

    fn renew(&mut self, node: usize) {
        for other in (0..self.positions.len()).filter(|&other| other != node) {
            let loss_db = self.loss_db(NodeId::at(node), NodeId::at(other));
            let metres = self.positions[node].distance(self.positions[other]);
            // Whole nanoseconds are 30 cm.
            let delay = Duration::from_nanos((metres / self.path_loss.speed * 1e9).round() as u64);
            let link = Link { gain: from_db(-loss_db), delay };
            self.links[node][other] = link;
            self.links[other][node] = link;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_metres_cost_thirty_decibels_more_than_one() {
        let air = LogDistance::default();
        assert!((air.loss_db(10.0) - 76.68).abs() < 1e-9);
        assert_eq!(air.loss_db(0.1), air.loss_db(1.0));
    }

    #[test]
    fn a_settled_loss_outlives_a_move_and_can_be_taken_back() {
        let mut links = Links::new(LogDistance::default());
        links.add(Position::new(0.0, 0.0));
        links.add(Position::new(300.0, 0.0));
        let (a, b) = (NodeId::at(0), NodeId::at(1));
        assert_eq!(links.between(a, b).delay, Duration::from_nanos(1001));
        links.settle(b, a, Some(f64::INFINITY));
        links.place(a, Position::new(299.0, 0.0));
        assert_eq!((links.between(a, b).gain, links.between(b, a).gain), (0.0, 0.0));
        links.settle(a, b, None);
        assert!((links.between(b, a).gain - from_db(-46.68)).abs() < 1e-12);
    }
}
