use mac::{Instant, Msdu, Notice, RxPpdu, TxPpdu};

/// Somebody who watches a network and changes nothing in it.
///
/// Nodes are numbered from nought in the order in which they were added.
pub trait Observer {
    /// A node has a PPDU sent, from its start to `end`.
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, end: Instant) {
        let _ = (node, ppdu, end);
    }

    /// A node has received a PPDU, right or wrong.
    fn receives(&mut self, node: usize, ppdu: &RxPpdu) {
        let _ = (node, ppdu);
    }

    /// A node's MAC is given a packet to send.
    fn accepts(&mut self, now: Instant, node: usize, msdu: &Msdu) {
        let _ = (now, node, msdu);
    }

    /// A node's MAC passes a packet to the host.
    fn delivers(&mut self, now: Instant, node: usize, msdu: &Msdu) {
        let _ = (now, node, msdu);
    }

    /// A node's MAC tells of something.
    fn notices(&mut self, now: Instant, node: usize, notice: &Notice) {
        let _ = (now, node, notice);
    }

    /// Something has happened to a client of several APs.
    fn paths(&mut self, now: Instant, node: usize, notice: &channel_switch::Notice) {
        let _ = (now, node, notice);
    }
}

/// Nobody.
impl Observer for () {}

impl<A: Observer, B: Observer> Observer for (A, B) {
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, end: Instant) {
        self.0.sends(node, ppdu, end);
        self.1.sends(node, ppdu, end);
    }

    fn receives(&mut self, node: usize, ppdu: &RxPpdu) {
        self.0.receives(node, ppdu);
        self.1.receives(node, ppdu);
    }

    fn accepts(&mut self, now: Instant, node: usize, msdu: &Msdu) {
        self.0.accepts(now, node, msdu);
        self.1.accepts(now, node, msdu);
    }

    fn delivers(&mut self, now: Instant, node: usize, msdu: &Msdu) {
        self.0.delivers(now, node, msdu);
        self.1.delivers(now, node, msdu);
    }

    fn notices(&mut self, now: Instant, node: usize, notice: &Notice) {
        self.0.notices(now, node, notice);
        self.1.notices(now, node, notice);
    }

    fn paths(&mut self, now: Instant, node: usize, notice: &channel_switch::Notice) {
        self.0.paths(now, node, notice);
        self.1.paths(now, node, notice);
    }
}

impl<T: Observer> Observer for Option<T> {
    fn sends(&mut self, node: usize, ppdu: &TxPpdu, end: Instant) {
        if let Some(observer) = self {
            observer.sends(node, ppdu, end);
        }
    }

    fn receives(&mut self, node: usize, ppdu: &RxPpdu) {
        if let Some(observer) = self {
            observer.receives(node, ppdu);
        }
    }

    fn accepts(&mut self, now: Instant, node: usize, msdu: &Msdu) {
        if let Some(observer) = self {
            observer.accepts(now, node, msdu);
        }
    }

    fn delivers(&mut self, now: Instant, node: usize, msdu: &Msdu) {
        if let Some(observer) = self {
            observer.delivers(now, node, msdu);
        }
    }

    fn notices(&mut self, now: Instant, node: usize, notice: &Notice) {
        if let Some(observer) = self {
            observer.notices(now, node, notice);
        }
    }

    fn paths(&mut self, now: Instant, node: usize, notice: &channel_switch::Notice) {
        if let Some(observer) = self {
            observer.paths(now, node, notice);
        }
    }
}
