use super::{Membership, elements};
use crate::event::{Command, Msdu};
use crate::lower::{Lower, Strangers, Upward};
use crate::queue::Direction;
use crate::{IbssConfig, Instant};

/// Membership in an IBSS: there is nobody to ask.
pub(super) struct Ibss {}

impl Ibss {
    pub(super) fn new(_now: Instant, config: IbssConfig, lower: &mut Lower) -> Self {
        elements::check_name(&config.ssid);
        lower.direction = Direction::Direct { bssid: config.bssid };
        // Without beacons nobody tells what he can do.
        lower.strangers = Strangers::LikeUs;
        Self {}
    }
}

impl Membership for Ibss {
    fn send(&mut self, now: Instant, lower: &mut Lower, msdu: Msdu) {
        let to = msdu.destination;
        if !to.is_group() && lower.peer(to).is_none() {
            lower.assume_peer(now, to);
        }
        lower.send_msdu(now, to, msdu);
    }

    fn command(&mut self, _now: Instant, _lower: &mut Lower, _command: Command) {}

    fn handle(&mut self, _now: Instant, lower: &mut Lower, upward: Upward) {
        if let Upward::Msdu(msdu) = upward {
            lower.deliver(msdu);
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        None
    }

    fn handle_timeout(&mut self, _now: Instant, _lower: &mut Lower) {}
}
