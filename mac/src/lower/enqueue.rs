//! Frames on their way into the queues.

use super::{Lower, RIDERS, Upward};
use crate::access::Function;
use crate::event::{DropReason, Msdu};
use crate::queue::Content;
use crate::{AccessCategory, Instant, MAX_MSDU, MacAddr, ManagementSubtype, Snap};

impl Lower {
    /// The TID of a packet to a receiver: its priority, if both have QoS.
    fn tid(&self, receiver: MacAddr, priority: u8) -> Option<u8> {
        let qos =
            self.config.capabilities.qos && self.peer(receiver).is_some_and(|peer| peer.common.qos);
        qos.then_some(priority & 7)
    }

    /// Queues a packet for a peer or a group.
    pub(crate) fn send_msdu(&mut self, now: Instant, receiver: MacAddr, msdu: Msdu) {
        if msdu.payload.len() + Snap::HEADER_LEN > MAX_MSDU {
            self.drop_msdu(&msdu, DropReason::TooLong);
            return;
        }
        if receiver.is_group() {
            self.queue_msdu(now, receiver, msdu);
        } else if let Some(msdu) = self.rider.hold(now, receiver, msdu) {
            self.queue_msdu(now, receiver, msdu);
        }
        self.collect_from_rider(now);
    }

    fn queue_msdu(&mut self, now: Instant, receiver: MacAddr, msdu: Msdu) {
        if !receiver.is_group() && self.peer(receiver).is_none() {
            // What the rider held back for it comes too late.
            self.rider.native_done(receiver, &msdu, false);
            return self.drop_msdu(&msdu, DropReason::NoRoute);
        }
        // All groups share a stream: theirs is the order that counts, and there is no end of them.
        let receiver = if receiver.is_group() { MacAddr::BROADCAST } else { receiver };
        let tid = self.tid(receiver, msdu.priority);
        let category = self.category(AccessCategory::of_tid(msdu.priority & 7));
        let refused = msdu.clone();
        if let Err(why) = self.queue(now, receiver, tid, category, Content::Msdu(msdu)) {
            self.rider.native_done(receiver, &refused, false);
            self.drop_msdu(&refused, why);
        }
    }

    /// Queues a management frame.
    pub(crate) fn send_management(
        &mut self,
        now: Instant,
        receiver: MacAddr,
        bssid: MacAddr,
        subtype: ManagementSubtype,
        body: Vec<u8>,
    ) {
        let content = Content::Management { subtype, bssid, body };
        self.queue_own(now, receiver, content);
    }

    /// Queues a frame that has nothing but its power management bit.
    pub(crate) fn send_null(&mut self, now: Instant, receiver: MacAddr) {
        self.queue_own(now, receiver, Content::Null);
    }

    /// Asks an AP for a frame that it holds back.
    pub(crate) fn send_ps_poll(&mut self, now: Instant, receiver: MacAddr, aid: u16) {
        self.queue_own(now, receiver, Content::PsPoll { aid });
    }

    /// Queues a frame of our own, which goes with the highest priority. One too many is dropped
    /// silently, as if the air had lost it.
    fn queue_own(&mut self, now: Instant, receiver: MacAddr, content: Content) {
        let category = self.category(Some(AccessCategory::Voice));
        let _ = self.queue(now, receiver, None, category, content);
    }

    /// Whether a frame of our own, not of the host, waits for a receiver.
    pub(crate) fn is_answering(&self, receiver: MacAddr) -> bool {
        let mut frames = self.queues.frames_for(receiver);
        frames.any(|frame| !matches!(frame.content, Content::Msdu(_)))
    }

    /// DCF has one function for everything.
    fn category(&self, category: Option<AccessCategory>) -> AccessCategory {
        let category = category.filter(|_| self.config.edca.is_some());
        category.unwrap_or(AccessCategory::BestEffort)
    }

    fn queue(
        &mut self,
        now: Instant,
        receiver: MacAddr,
        tid: Option<u8>,
        category: AccessCategory,
        content: Content,
    ) -> Result<(), DropReason> {
        let function = Function::Category(category);
        let was_empty = !self.queues.is_eligible(category);
        let held = match receiver.is_group() {
            true => self.groups_held,
            false => self.peer(receiver).is_some_and(|peer| peer.sleeps),
        };
        let stream = self.queues.stream(receiver, tid, category, held);
        self.queues.push(now, stream, content)?;
        if was_empty && self.queues.is_eligible(category) {
            let busy = self.access.medium().is_busy(now);
            self.access.contender(function).frame_arrived(busy, &mut self.rng);
        }
        Ok(())
    }

    /// Queues what the rider no longer holds back, and passes up what rode here.
    pub(crate) fn collect_from_rider(&mut self, now: Instant) {
        while let Some((receiver, msdu)) = self.rider.release(now) {
            self.queue_msdu(now, receiver, msdu);
        }
        while let Some(msdu) = self.rider.deliver() {
            self.upward.push_back(Upward::Msdu(msdu));
        }
        let waited = std::mem::replace(&mut self.rider_waits, self.rider.wants_medium());
        if self.rider_waits && !waited && !self.queues.is_eligible(AccessCategory::BestEffort) {
            let busy = self.access.medium().is_busy(now);
            self.access.contender(RIDERS).frame_arrived(busy, &mut self.rng);
        }
    }
}
