use bytes::Bytes;
use mac::{MacAddr, Msdu};
use rohc::ack_group::FlowKey;

/// Flows of one peer whose envelopes are kept: as many as either end of the compression knows.
const MAX_FLOWS: usize = 128;

/// What a packet has around it in its MSDU, and loses when it rides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Envelope {
    destination: MacAddr,
    source: MacAddr,
    priority: u8,
    ethertype: u16,
}

impl Envelope {
    pub(crate) fn of(msdu: &Msdu) -> Self {
        let &Msdu { destination, source, priority, ethertype, .. } = msdu;
        Self { destination, source, priority, ethertype }
    }

    /// The MSDU of a packet.
    pub(crate) fn around(self, packet: &[u8]) -> Msdu {
        let Self { destination, source, priority, ethertype } = self;
        let payload = Bytes::copy_from_slice(packet);
        Msdu { destination, source, priority, ethertype, payload }
    }
}

/// The envelopes of flows, as their last native packets had them: both ends know those.
#[derive(Debug, Default)]
pub(crate) struct Envelopes {
    /// The flow that was used last comes last.
    flows: Vec<(FlowKey, Envelope)>,
}

impl Envelopes {
    /// A packet goes or comes natively. If there is no room a flow leaves that cannot ride, so that
    /// whatever rides has its envelope. Whether the flow had another one before.
    pub(crate) fn learn(&mut self, msdu: &Msdu, can_ride: impl Fn(&FlowKey) -> bool) -> bool {
        let Some(key) = FlowKey::of(&msdu.payload) else { return false };
        let envelope = Envelope::of(msdu);
        if let Some(at) = self.flows.iter().position(|(known, _)| *known == key) {
            self.flows[at..].rotate_left(1);
            let known = self.flows.last_mut().expect("it was just put there");
            return std::mem::replace(&mut known.1, envelope) != envelope;
        }
        if self.flows.len() == MAX_FLOWS {
            let leaving = self.flows.iter().position(|(known, _)| !can_ride(known));
            self.flows.remove(leaving.unwrap_or(0));
        }
        self.flows.push((key, envelope));
        false
    }

    /// The envelope of the packet's flow.
    pub(crate) fn of(&self, packet: &[u8]) -> Option<Envelope> {
        let key = FlowKey::of(packet)?;
        let found = self.flows.iter().rev().find(|(known, _)| *known == key);
        found.map(|(_, envelope)| *envelope)
    }
}
