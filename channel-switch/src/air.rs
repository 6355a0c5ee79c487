//! One PHY behind which several stations are: each hears what the others send as if it came by
//! air, and while one transmits the medium is busy to the others.

use mac::{Event, Instant, MacAddr, PhyIndication, RxPpdu, TxPpdu};
use phy80211::{Bandwidth, txtime};

use crate::station::Station;

/// What a station hears of another one behind the same antenna.
const OWN_DBM: f32 = -20.0;
const OWN_SNR_DB: f32 = 70.0;

/// The medium as one radio finds it.
#[derive(Debug, Default)]
pub(crate) struct Air {
    busy: bool,
    /// End of the PPDU that is being received.
    hears_until: Instant,
    own: Option<Own>,
}

/// A PPDU of one of the stations, from the moment that it is to be sent.
#[derive(Debug)]
struct Own {
    station: MacAddr,
    ppdu: TxPpdu,
    end: Instant,
}

impl Air {
    /// A station transmits. To the others the medium is busy from now on.
    ///
    /// # Panics
    /// If another one does already: it should have heard of that.
    pub(crate) fn transmit<'a>(
        &mut self,
        now: Instant,
        station: MacAddr,
        ppdu: &TxPpdu,
        bandwidth: Bandwidth,
        others: impl Iterator<Item = &'a mut Station>,
    ) {
        assert!(self.own.is_none(), "{station} transmits over another station of its radio");
        let end = ppdu.start + txtime(ppdu.txvector.rate, bandwidth, ppdu.psdu.len());
        self.own = Some(Own { station, ppdu: ppdu.clone(), end });
        for other in others {
            other.mac.handle(now, Event::Preempted);
        }
    }

    /// When [`finish`](Self::finish) is to be called.
    pub(crate) fn own_end(&self) -> Option<Instant> {
        self.own.as_ref().map(|own| own.end)
    }

    /// If what a station sent is over, what the others have heard of it.
    pub(crate) fn finish(&mut self, now: Instant) -> Option<(MacAddr, PhyIndication)> {
        let Own { station, ppdu, end } = self.own.take_if(|own| own.end <= now)?;
        Some((
            station,
            PhyIndication::Rx(RxPpdu {
                start: ppdu.start,
                end,
                rate: ppdu.txvector.rate,
                placement: ppdu.txvector.placement,
                aggregation: ppdu.txvector.aggregation,
                rssi_dbm: OWN_DBM,
                snr_db: OWN_SNR_DB,
                psdu: ppdu.psdu,
            }),
        ))
    }

    /// What the PHY says.
    pub(crate) fn heard(&mut self, indication: &PhyIndication) {
        match indication {
            PhyIndication::CcaBusy => self.busy = true,
            PhyIndication::CcaIdle => self.busy = false,
            PhyIndication::RxStart { until } => self.hears_until = *until,
            PhyIndication::Rx(_) | PhyIndication::RxError => self.hears_until = Instant::ZERO,
        }
    }

    /// Whether a station may take the medium to be idle when the PHY says so: not if another one
    /// is about to transmit.
    pub(crate) fn is_idle_to(&self, station: MacAddr) -> bool {
        !self.busy && self.own.as_ref().is_none_or(|own| own.station == station)
    }

    /// Until when the radio cannot leave: it sends, or receives.
    pub(crate) fn occupied_until(&self) -> Instant {
        self.own_end().unwrap_or_default().max(self.hears_until)
    }

    /// The radio is in another channel.
    pub(crate) fn retuned(&mut self) {
        (self.busy, self.hears_until) = (false, Instant::ZERO);
    }
}

/// What the medium is to a station whose radio is elsewhere.
pub(crate) const ELSEWHERE: Event = Event::Phy(PhyIndication::CcaBusy);
