//! The answers that leave SIFS after a frame: Ack, Block Ack, CTS (10.3.2.9 to 10.3.2.11).

use phy80211::{OfdmRate, Rate};

use super::Lower;
use crate::peer::Received;
use crate::rate_control::response_rate;
use crate::recipient::Recipient;
use crate::rider::{Response, ResponseKind};
use crate::{
    BlockAck, BlockAckControl, BlockAckInformation, Control, ControlBody, DurationId, Instant,
    MacAddr, RxPpdu, fcs,
};

impl Lower {
    /// The agreement for what a peer sends under a TID.
    pub(super) fn recipient(&mut self, from: MacAddr, tid: u8) -> Option<&mut Recipient<Received>> {
        self.peer_mut(from)?.recipients.get_mut(usize::from(tid))?.as_deref_mut()
    }

    pub(super) fn send_cts(
        &mut self,
        now: Instant,
        rts: &RxPpdu,
        to: MacAddr,
        reserved: DurationId,
    ) {
        let rate = response_rate(rts.rate, &self.config.basic_rates);
        let cts = self.answer_time(rts.rate, super::transmit::ACK_LEN);
        let left = reserved.duration().unwrap_or_default().saturating_sub(cts);
        let control = Control::new(to, DurationId::from_duration(left), ControlBody::Cts);
        self.respond(now, rts, rate, &control);
    }

    /// Acknowledges a frame.
    pub(super) fn send_ack(&mut self, now: Instant, ppdu: &RxPpdu, to: MacAddr) {
        self.send_ack_with(now, ppdu, to, &[]);
    }

    /// Acknowledges data of a peer, with what wants to ride along. Nothing rides on the Acks to
    /// other frames: what the peer sends next would not tell whether it heard them.
    pub(super) fn acknowledge_data(
        &mut self,
        now: Instant,
        ppdu: &RxPpdu,
        to: MacAddr,
        tid: Option<u8>,
    ) {
        let rate = response_rate(ppdu.rate, &self.config.basic_rates);
        let response = Response { kind: ResponseKind::Ack, tid, rate: rate.into() };
        let riders = self.riders(now, to, &response);
        self.send_ack_with(now, ppdu, to, &riders);
        self.riders = riders;
    }

    fn send_ack_with(&mut self, now: Instant, ppdu: &RxPpdu, to: MacAddr, riders: &[u8]) {
        let rate = response_rate(ppdu.rate, &self.config.basic_rates);
        let control = Control::new(to, DurationId::default(), ControlBody::Ack);
        self.respond(now, ppdu, rate, &Control { trailing: riders, ..control });
        self.counters.responses += 1;
    }

    /// Sends the scoreboard of an agreement. When it will have left, if it does.
    pub(super) fn send_block_ack(
        &mut self,
        now: Instant,
        ppdu: &RxPpdu,
        to: MacAddr,
        tid: u8,
    ) -> Option<Instant> {
        let recipient = self.recipient(to, tid)?;
        let record = recipient.scoreboard.record();
        let rate = response_rate(ppdu.rate, &self.config.basic_rates);
        let kind = ResponseKind::BlockAck;
        let response = Response { kind, tid: Some(tid), rate: rate.into() };
        let riders = self.riders(now, to, &response);
        let body = ControlBody::BlockAck {
            transmitter: self.config.address,
            response: BlockAck {
                control: BlockAckControl::compressed(tid),
                information: BlockAckInformation::Compressed(record),
            },
        };
        let control = Control::new(to, DurationId::default(), body);
        let end = self.respond(now, ppdu, rate, &Control { trailing: &riders, ..control });
        self.counters.responses += 1;
        self.riders = riders;
        end
    }

    /// What rides on a response to a peer, in a buffer that is to be given back.
    fn riders(&mut self, now: Instant, to: MacAddr, response: &Response) -> Vec<u8> {
        let mut riders = std::mem::take(&mut self.riders);
        riders.clear();
        if self.peer(to).is_some() {
            let budget = self.budget(response);
            self.rider.ride(now, to, response, budget, &mut riders);
        }
        riders
    }

    /// How many bytes may ride so that the response ends within AIFS of where it would have ended:
    /// a station that hears only its end does not begin before.
    fn budget(&self, response: &Response) -> usize {
        let plain = match response.kind {
            ResponseKind::Ack => super::transmit::ACK_LEN,
            ResponseKind::BlockAck => super::transmit::BLOCK_ACK_LEN,
        };
        let aifsn = if self.config.edca.is_some() { 3 } else { 2 };
        let symbol = u128::from(self.config.bandwidth.symbol_ns());
        let symbols = (self.access.timing.aifs(aifsn).as_nanos() / symbol) as usize;
        let all_symbols = response.rate.n_sym(plain) + symbols;
        // SERVICE and tail have 16 and 6 bits (17.3.5.3, 17.3.5.4).
        (all_symbols * response.rate.n_dbps() - 22) / 8 - plain
    }

    /// Responds, once to a PPDU: whoever puts more into an A-MPDU that wants a response of its own
    /// violates the standard (Table 9-532).
    fn respond(
        &mut self,
        now: Instant,
        to: &RxPpdu,
        rate: OfdmRate,
        control: &Control<'_>,
    ) -> Option<Instant> {
        if self.access.medium().is_held(now) {
            return None;
        }
        let mut mpdu = Vec::with_capacity(super::transmit::BLOCK_ACK_LEN + control.trailing.len());
        control.emit(&mut mpdu);
        fcs::append(&mut mpdu, 0);
        let start = to.end + self.access.timing.sifs + self.config.response_delay;
        let txvector = self.txvector(Rate::NonHt(rate), false);
        let end = self.transmit(now, start.max(now), txvector, mpdu);
        if to.aggregation {
            // A receiver passes up the MPDUs of an A-MPDU as they come, long before its end, and
            // what the host has to say to them finds the medium busy. Here all come at the end.
            self.access.medium_mut().hold(now, now);
        }
        Some(end)
    }
}

#[cfg(test)]
mod tests {
    use phy80211::Bandwidth;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::{Config, IbssConfig, NoRider, RateSelection, Role};

    /// The budgets at 6, 12 and 24 Mbit/s.
    fn budgets(config: Config, kind: ResponseKind) -> [usize; 3] {
        let rng = ChaCha8Rng::seed_from_u64(0);
        let lower = Lower::new(config, Box::new(NoRider), rng);
        [OfdmRate::Mbps6, OfdmRate::Mbps12, OfdmRate::Mbps24]
            .map(|rate| lower.budget(&Response { kind, tid: None, rate: rate.into() }))
    }

    #[test]
    fn a_ride_may_last_for_aifs_or_difs() {
        let (ssid, bssid) = (vec![], MacAddr::default());
        let role = Role::Ibss(IbssConfig { ssid, bssid, channel: 36, beacon_interval: None });
        let rate = RateSelection::Fixed(OfdmRate::Mbps54.into());
        let address = MacAddr([2, 0, 0, 0, 0, 1]);
        let dot11a = Config::dot11a(address, role.clone(), rate);
        let dot11n = Config::dot11n(address, role, Bandwidth::Mhz40, rate);
        assert_eq!(budgets(dot11n, ResponseKind::BlockAck), [31, 61, 121]);
        assert_eq!(budgets(dot11a, ResponseKind::Ack), [25, 49, 103]);
    }
}
