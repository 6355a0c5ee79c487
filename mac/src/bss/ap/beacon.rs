use std::time::Duration;

use super::{Ap, elements};
use crate::lower::Lower;
use crate::{
    ApConfig, Beacon, CapabilityInformation, DsssParameterSet, Element, Elements, Instant, MacAddr,
    ManagementSubtype, Ssid, TrafficMap,
};

/// When beacons are due (TBTT), and which of them are DTIMs (11.1.3.2).
#[derive(Debug)]
pub(super) struct Schedule {
    next: Instant,
    interval: Duration,
    /// Beacons from DTIM to DTIM.
    period: u8,
    /// Beacons until the next DTIM; 0 if the next one is it.
    count: u8,
    /// The last beacon was a DTIM.
    dtim_sent: bool,
}

impl Schedule {
    pub(super) fn new(now: Instant, config: &ApConfig) -> Self {
        let interval = config.beacon_interval.duration().max(elements::SHORTEST_WAIT);
        let mut schedule = Self {
            next: Instant::ZERO + config.first_beacon,
            interval,
            period: config.dtim_period.max(1),
            count: 0,
            dtim_sent: false,
        };
        if schedule.next < now {
            schedule.skip_to(now);
        }
        schedule
    }

    pub(super) fn next(&self) -> Instant {
        self.next
    }

    fn advance(&mut self, now: Instant) {
        self.dtim_sent = self.count == 0;
        self.count = self.count.checked_sub(1).unwrap_or(self.period - 1);
        self.skip_to(now);
    }

    /// The first TBTT after a time.
    fn skip_to(&mut self, now: Instant) {
        let passed = now.since(self.next).as_nanos() / self.interval.as_nanos();
        self.next += self.interval * (passed as u32).saturating_add(1);
    }
}

impl Ap {
    /// TBTT: a beacon goes out as soon as the medium is free.
    pub(super) fn beacon(&mut self, now: Instant, lower: &mut Lower) {
        let mut map = TrafficMap::default();
        for member in self.members.iter() {
            map.set(member.aid, lower.holds_for(member.address));
        }
        map.group_traffic = self.schedule.count == 0 && lower.holds_for(MacAddr::BROADCAST);
        let tim = map.tim(self.schedule.count, self.schedule.period);
        lower.beacon = Some(self.description(now, lower, |out| tim.emit(out)));
        self.schedule.advance(now);
    }

    /// A beacon is on the air: after a DTIM what is for groups follows (11.2.3.5).
    pub(super) fn beacon_sent(&mut self, now: Instant, lower: &mut Lower) {
        if self.schedule.dtim_sent {
            lower.release_groups(now);
        }
    }

    /// A station looks for networks: it is answered if it means ours or any (11.1.4.3.4).
    pub(super) fn probed(
        &mut self,
        now: Instant,
        lower: &mut Lower,
        from: MacAddr,
        asked: Elements<'_>,
    ) {
        let Some(Ok(ssid)) = asked.get::<Ssid<'_>>() else { return };
        let meant = ssid.is_wildcard() || ssid.bytes() == self.config.ssid;
        if meant && !from.is_group() && !lower.is_answering(from) {
            let body = self.description(now, lower, |_| {});
            let (bssid, subtype) = (lower.config.address, ManagementSubtype::ProbeResponse);
            lower.send_management(now, from, bssid, subtype, body);
        }
    }

    /// The body of a Beacon or, without a TIM, of a Probe Response.
    fn description(
        &self,
        now: Instant,
        lower: &Lower,
        emit_tim: impl FnOnce(&mut Vec<u8>),
    ) -> Vec<u8> {
        let mut body = vec![];
        Beacon {
            timestamp_us: now.as_nanos() / 1000,
            interval: self.config.beacon_interval,
            capabilities: CapabilityInformation::default().with_ess(true),
            elements: Elements::default(),
        }
        .emit(&mut body);
        elements::emit_name(&self.config.ssid, &mut body);
        elements::emit_own_rates(lower, &mut body);
        DsssParameterSet { channel: self.config.channel }.emit(&mut body);
        emit_tim(&mut body);
        elements::emit_own_capabilities(lower, &mut body);
        elements::emit_operation(lower, self.config.channel, &mut body);
        body
    }
}
