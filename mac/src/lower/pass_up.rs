//! Packets on their way out of received frames.

use bytes::Bytes;

use super::{Lower, Upward};
use crate::event::Msdu;
use crate::peer::Received;
use crate::{AmsduSubframes, DataHeader, Instant, MacAddr, Snap};

impl Lower {
    /// Releases frames that have waited for too long for those before them.
    pub(super) fn release_reordered(&mut self, now: Instant) {
        for index in 0..self.peers.len() {
            let peer = &mut self.peers[index];
            let mut passed = vec![];
            for recipient in peer.recipients.iter_mut().flatten() {
                recipient.reorder.handle_timeout(now, |received| passed.push(received));
            }
            let from = peer.address;
            self.pass_up(now, from, passed);
        }
    }

    /// Passes up the packets of data frames, but those that have ridden here before.
    pub(super) fn pass_up(&mut self, now: Instant, from: MacAddr, frames: Vec<Received>) {
        for Received { header, body } in frames {
            if header.is_amsdu() {
                for subframe in AmsduSubframes::new(&body).flatten() {
                    let (da, sa) = (subframe.da, subframe.sa);
                    self.pass_up_msdu(now, from, &header, da, sa, &body, subframe.msdu);
                }
            } else if let (Some(da), Some(sa)) = (header.da(), header.sa()) {
                self.pass_up_msdu(now, from, &header, da, sa, &body, &body);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one MSDU")]
    fn pass_up_msdu(
        &mut self,
        now: Instant,
        from: MacAddr,
        header: &DataHeader,
        destination: MacAddr,
        source: MacAddr,
        body: &Bytes,
        msdu: &[u8],
    ) {
        // What has no SNAP header is of a protocol that no host of ours speaks.
        let Ok(snap) = Snap::parse(msdu) else { return };
        let priority = header.qos.map_or(0, |qos| qos.tid() & 7);
        let payload = body.slice_ref(snap.payload);
        let msdu = Msdu { destination, source, priority, ethertype: snap.ethertype, payload };
        if self.rider.admits(now, from, &msdu) {
            self.upward.push_back(Upward::Msdu(msdu));
        }
    }
}
