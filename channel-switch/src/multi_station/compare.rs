//! What APs of one channel cost each other: see [`Balance`].

use bytes::Bytes;
use mac::{AmpduItem, AmpduSubframes, Instant, MacAddr, Msdu, RxPpdu, fcs};
use phy80211::txtime;

use super::MultiStation;
use crate::balance::{self, Balance};
use crate::event::Notice;

/// Frame control of data with and without QoS: type and subtype, and the Retry bit after them.
const DATA: [u8; 2] = [0x08, 0x88];
const RETRY: u8 = 0x08;

impl MultiStation {
    /// A PPDU has come: if it is data for one of the stations, its AP has needed so long for it.
    pub(super) fn weigh(&mut self, now: Instant, channel: usize, ppdu: &RxPpdu) {
        if self.config.balance == Balance::Off {
            return;
        }
        let airtime = txtime(ppdu.rate, self.config.station.bandwidth, ppdu.psdu.len());
        if ppdu.aggregation {
            let mpdus = || {
                AmpduSubframes::new(&ppdu.psdu).filter_map(|item| match item {
                    AmpduItem::Mpdu { bytes, .. } => fcs::strip(bytes),
                    AmpduItem::Gap { .. } => None,
                })
            };
            let each = airtime / u32::try_from(mpdus().count()).unwrap_or(1).max(1);
            let known: Vec<_> = mpdus().filter_map(data).collect();
            known.into_iter().for_each(|(to, retry)| self.count(channel, to, each, retry));
        } else if let Some((to, retry)) = fcs::strip(&ppdu.psdu).and_then(data) {
            self.count(channel, to, airtime, retry);
        }
        self.compare(now, channel);
    }

    fn count(&mut self, channel: usize, to: MacAddr, airtime: std::time::Duration, retry: bool) {
        let mut there = self.stations.iter_mut().filter(|station| station.channel == channel);
        if let Some(station) = there.find(|station| station.address() == to) {
            station.effort.heard(airtime, retry);
        }
    }

    fn compare(&mut self, now: Instant, channel: usize) {
        let there = self.stations.iter_mut().filter(|s| s.channel == channel && s.is_joined());
        let changed = balance::compare(now, there.map(|station| (station.ap, &mut station.effort)));
        if self.config.balance != Balance::Backup {
            return;
        }
        for (ap, backup) in changed {
            if let Some(station) = self.stations.iter_mut().find(|station| station.ap == ap) {
                let backup = backup || station.weak;
                station.backup = backup;
                self.tell(Notice::Priority { ap, backup });
            }
        }
    }

    /// A packet as the host gets it.
    pub(super) fn perhaps_marked(&mut self, index: usize, msdu: Msdu) -> Msdu {
        if self.config.balance != Balance::Ecn || !self.stations[index].effort.marks() {
            return msdu;
        }
        let mut packet = msdu.payload.to_vec();
        balance::mark(&mut packet);
        Msdu { payload: Bytes::from(packet), ..msdu }
    }
}

/// To whom a data frame is, and whether it is sent again.
fn data(mpdu: &[u8]) -> Option<(MacAddr, bool)> {
    let [kind, flags, _, _, to @ ..] = mpdu else { return None };
    let to = MacAddr(*to.first_chunk()?);
    DATA.contains(kind).then_some((to, flags & RETRY != 0))
}
