//! PPDUs on the air, each held until its last sample has arrived everywhere.

use std::time::Duration;

use bytes::Bytes;
use mac::{Instant, TxPpdu};
use phy80211::{OfdmRate, Rate, TxVector, txtime};

use super::NodeId;
use super::config::Channel;

/// The place of a PPDU; it is given to another one when nobody hears it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FlightId(u32);

/// A PPDU on the air.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) transmitter: NodeId,
    pub(super) tx_power_mw: f64,
    pub(super) channel: Channel,
    pub(super) txvector: TxVector,
    pub(super) psdu: Bytes,
    /// When the first sample leaves.
    pub(super) start: Instant,
    pub(super) timing: Timing,
    /// Ends that are still to come, that of the transmitter included.
    ends: usize,
}

impl Flight {
    pub(super) fn new(
        transmitter: NodeId,
        tx_power_mw: f64,
        channel: Channel,
        ppdu: TxPpdu,
    ) -> Self {
        let TxPpdu { start, txvector, psdu } = ppdu;
        let timing = Timing::new(txvector.rate, channel, psdu.len());
        Self { transmitter, tx_power_mw, channel, txvector, psdu, start, timing, ends: 1 }
    }
}

/// When the parts of a PPDU come, after its first sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Timing {
    /// T_SYM with the long guard interval, which all of the header has.
    symbol: Duration,
    /// Begin of the DATA field.
    pub(super) data: Duration,
    /// Begin of the first PSDU bit, after SERVICE.
    psdu_ns: f64,
    /// A byte of the PSDU.
    byte_ns: f64,
    /// TXTIME.
    pub(super) end: Duration,
}

impl Timing {
    /// Symbols of the two training sequences, which L-SIG follows (17.3.2.1).
    const TRAINING: u32 = 4;
    /// Symbols of HT-SIG, and of it with HT-STF and one HT-LTF (19.3.2).
    const HT_SIG: u32 = 2;
    const HT_HEADER: u32 = 4;

    fn new(rate: Rate, channel: Channel, psdu_len: usize) -> Self {
        let symbol = Duration::from_nanos(channel.bandwidth.symbol_ns());
        let ht = if matches!(rate, Rate::Ht(_)) { Self::HT_HEADER } else { 0 };
        let data = symbol * (Self::TRAINING + 1 + ht);
        let bit_ns = 1e3 / rate.mbps(channel.bandwidth);
        Self {
            symbol,
            data,
            psdu_ns: data.as_nanos() as f64 + 16.0 * bit_ns,
            byte_ns: 8.0 * bit_ns,
            end: txtime(rate, channel.bandwidth, psdu_len),
        }
    }

    /// Begin and end of L-SIG.
    pub(super) fn l_sig(self) -> (Duration, Duration) {
        (self.symbol * Self::TRAINING, self.symbol * (Self::TRAINING + 1))
    }

    /// Begin and end of HT-SIG.
    pub(super) fn ht_sig(self) -> (Duration, Duration) {
        let (_, begin) = self.l_sig();
        (begin, begin + self.symbol * Self::HT_SIG)
    }

    /// When byte `offset` of the PSDU begins.
    pub(super) fn byte(self, offset: usize) -> Duration {
        Duration::from_nanos((self.psdu_ns + offset as f64 * self.byte_ns) as u64)
    }
}

/// The rate of L-SIG and HT-SIG: BPSK, R = 1/2.
pub(super) const HEADER_RATE: Rate = Rate::NonHt(OfdmRate::Mbps6);

/// All PPDUs on the air.
#[derive(Debug, Default)]
pub(super) struct Flights {
    slots: Vec<Option<Flight>>,
    free: Vec<FlightId>,
}

impl Flights {
    pub(super) fn add(&mut self, flight: Flight) -> FlightId {
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            FlightId(self.slots.len() as u32 - 1)
        });
        self.slots[id.0 as usize] = Some(flight);
        id
    }

    pub(super) fn get(&self, id: FlightId) -> &Flight {
        self.slots[id.0 as usize].as_ref().expect("its end is still to come")
    }

    /// One more node will hear its end.
    pub(super) fn expect_end(&mut self, id: FlightId) {
        self.slots[id.0 as usize].as_mut().expect("it has just begun").ends += 1;
    }

    /// A node has heard its end, which may be the last.
    pub(super) fn end(&mut self, id: FlightId) {
        let slot = &mut self.slots[id.0 as usize];
        let flight = slot.as_mut().expect("this end was to come");
        flight.ends -= 1;
        if flight.ends == 0 {
            *slot = None;
            self.free.push(id);
        }
    }
}

#[cfg(test)]
impl Flights {
    pub(super) fn are_over(&self) -> bool {
        self.slots.iter().all(Option::is_none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, Placement};

    #[test]
    fn data_begins_after_20_us_or_36_and_its_bytes_end_with_the_ppdu() {
        let wide = Channel::mhz40(5190, Placement::Lower);
        let fastest = HtRate { mcs: Mcs::ALL[7], width: HtWidth::Mhz40, gi: GuardInterval::Short };
        for (rate, us) in [(OfdmRate::Mbps54.into(), 20), (Rate::from(fastest), 36)] {
            let timing = Timing::new(rate, wide, 1538);
            assert_eq!(timing.data, Duration::from_micros(us));
            let left = timing.end - timing.byte(1538);
            assert!(left < Duration::from_micros(4), "{left:?} for tail and padding");
        }
    }

    #[test]
    fn half_clocked_headers_last_twice_as_long() {
        let narrow = Channel::undivided(5900, Bandwidth::Mhz10);
        let timing = Timing::new(OfdmRate::Mbps6.into(), narrow, 100);
        let us = Duration::from_micros;
        assert_eq!((timing.l_sig(), timing.data), ((us(32), us(40)), us(40)));
    }
}
