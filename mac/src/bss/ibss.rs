use crate::event::{Msdu, Output};
use crate::lower::{Lower, Upward};
use crate::queue::Direction;
use crate::{IbssConfig, Instant};

/// Membership in an IBSS: there is nobody to ask.
pub(crate) struct Ibss {
    config: IbssConfig,
}

impl Ibss {
    pub(crate) fn new(_now: Instant, config: IbssConfig, lower: &mut Lower) -> Self {
        lower.direction = Direction::Direct { bssid: config.bssid };
        lower.accepts_strangers = config.beacon_interval.is_none();
        Self { config }
    }

    /// A packet of the host.
    pub(crate) fn send(&mut self, now: Instant, lower: &mut Lower, msdu: Msdu) {
        let to = msdu.destination;
        if !to.is_group() && lower.peer(to).is_none() {
            // Without beacons nobody has told what he can do.
            let ours = lower.config.capabilities.clone();
            lower.add_peer(now, to, &ours);
        }
        lower.send_msdu(now, to, msdu);
    }

    pub(crate) fn handle(&mut self, now: Instant, lower: &mut Lower, upward: Upward) {
        match upward {
            Upward::Msdu(msdu) => lower.outputs.push_back(Output::Deliver(msdu)),
            _ => {}
        }
    }
}
