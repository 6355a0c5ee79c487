use std::time::Duration;

use mac::{Instant, PhyIndication, TxPpdu};

use crate::{Channel, NodeConfig, NodeId, Position};

/// The air between the radios of a [`Network`](crate::network::Network), in virtual time: what each
/// node's PHY hears of what the others send.
pub trait Air {
    /// Adds a node, to whose PHY the medium is idle.
    fn add_node(&mut self, config: NodeConfig) -> NodeId;

    /// Settles the loss between two nodes in dB, wherever they are: infinite if they do not hear
    /// each other. `None` leaves it to their distance again.
    fn set_loss_db(&mut self, a: NodeId, b: NodeId, loss_db: Option<f64>);

    /// Settles the loss between two nodes so that the second has this signal-to-noise ratio in the
    /// whole of its channel when the first sends.
    fn set_snr_db(&mut self, from: NodeId, to: NodeId, snr_db: f64);

    /// Puts a PPDU on the air from [`TxPpdu::start`] on; tells when its last sample leaves.
    fn transmit(&mut self, node: NodeId, ppdu: TxPpdu) -> Instant;

    /// Tunes a node to another channel. It forgets what it was hearing.
    fn retune(&mut self, now: Instant, node: NodeId, channel: Channel);

    /// Puts a node elsewhere; what has reached it already stays as strong as it was.
    fn move_node(&mut self, node: NodeId, position: Position);

    /// Lets the link between two nodes fade around its loss, the same in both directions: it is
    /// another after the coherence time.
    fn set_fading(&mut self, a: NodeId, b: NodeId, coherence: Duration);

    /// When [`Air::poll`] has something to do.
    fn next_event(&self) -> Option<Instant>;

    /// What a node's PHY says next, not later than `now`; to be called until there is nothing,
    /// at every [`Air::next_event`].
    fn poll(&mut self, now: Instant) -> Option<(NodeId, PhyIndication)>;
}
