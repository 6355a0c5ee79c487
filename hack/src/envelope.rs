use bytes::Bytes;
use mac::{MacAddr, Msdu};
use rohc::ack_group::FlowKey;

/// Flows of one peer whose envelopes are kept.
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
    /// A packet goes or comes natively.
    pub(crate) fn learn(&mut self, msdu: &Msdu) {
        let Some(key) = FlowKey::of(&msdu.payload) else { return };
        let envelope = Envelope::of(msdu);
        match self.flows.iter().position(|(known, _)| *known == key) {
            Some(at) => self.flows[at..].rotate_left(1),
            None => {
                if self.flows.len() == MAX_FLOWS {
                    self.flows.remove(0);
                }
                self.flows.push((key, envelope));
            }
        }
        self.flows.last_mut().expect("it was just put there").1 = envelope;
    }

    /// The envelope of the packet's flow.
    pub(crate) fn of(&self, packet: &[u8]) -> Option<Envelope> {
        let key = FlowKey::of(packet)?;
        let found = self.flows.iter().rev().find(|(known, _)| *known == key);
        found.map(|(_, envelope)| *envelope)
    }
}
