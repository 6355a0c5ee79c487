//! What radiotap headers say of frames that were decoded or simulated.

use mac::radiotap::{
    AmpduFlags, AmpduStatus, Channel, ChannelFlags, Flags, Mcs, McsFlags, McsKnown, Radiotap,
};
use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Rate};

use crate::decode::Link;
use crate::report::FrameRecord;

/// Noise is given as this many dB, and the signal by the SNR above it: the reference of both is
/// arbitrary.
const NOISE_DB: u8 = 0;

/// Where an MPDU is in an A-MPDU.
#[derive(Debug, Clone, Copy)]
pub struct InAmpdu {
    /// Number of the A-MPDU in the file.
    pub reference: u32,
    /// None of it follows.
    pub is_last: bool,
}

/// How an MPDU was sent.
#[derive(Debug, Clone, Copy)]
pub struct OnAir {
    /// When its PPDU began.
    pub time_us: u64,
    /// Its rate, if that is known.
    pub rate: Option<Rate>,
    /// The part of a 40 MHz channel that it took.
    pub placement: Option<&'static str>,
    /// Short guard interval.
    pub short_gi: bool,
    /// Whether its FCS is right.
    pub fcs_ok: bool,
    /// The A-MPDU that it came in.
    pub ampdu: Option<InAmpdu>,
    /// Bandwidth of the channel.
    pub bandwidth: Bandwidth,
    /// Its middle.
    pub frequency_hz: Option<f64>,
}

impl OnAir {
    /// What a header says of it.
    pub fn radiotap(self) -> Radiotap {
        let flags = Flags::default()
            .with_fcs_at_end(true)
            .with_bad_fcs(!self.fcs_ok)
            .with_short_gi(self.short_gi);
        Radiotap {
            tsft_us: Some(self.time_us),
            flags: Some(flags),
            rate_half_mbps: match self.rate {
                Some(Rate::NonHt(rate)) => in_half_mbps(rate.mbps(self.bandwidth)),
                _ => None,
            },
            channel: self.frequency_hz.map(|hz| channel(hz, self.bandwidth)),
            mcs: match self.rate {
                Some(Rate::Ht(rate)) => Some(mcs(rate, self.placement)),
                _ => None,
            },
            ampdu: self.ampdu.map(|InAmpdu { reference, is_last }| AmpduStatus {
                reference,
                flags: AmpduFlags::default().with_last_known(true).with_is_last(is_last),
                delimiter_crc: 0,
            }),
            ..Radiotap::default()
        }
    }
}

/// The header of an MPDU of this frame.
pub(super) fn header(
    record: &FrameRecord,
    fcs_ok: bool,
    ampdu: Option<InAmpdu>,
    link: Link,
) -> Radiotap {
    let on_air = OnAir {
        time_us: (record.time_s * 1e6) as u64,
        rate: record.rate,
        placement: record.placement,
        short_gi: record.short_gi,
        fcs_ok,
        ampdu,
        bandwidth: link.bandwidth,
        frequency_hz: link.frequency_hz,
    };
    let snr_db = record.snr_db.map(|snr| snr.round().clamp(0.0, 255.0) as u8);
    Radiotap { signal_db: snr_db, noise_db: snr_db.map(|_| NOISE_DB), ..on_air.radiotap() }
}

/// Units of 500 kbit/s, which 2.25 Mbit/s at 5 MHz does not fit.
fn in_half_mbps(mbps: f64) -> Option<u8> {
    let units = mbps * 2.0;
    (units.fract() == 0.0).then_some(units as u8)
}

fn channel(hz: f64, bandwidth: Bandwidth) -> Channel {
    let mhz = (hz / 1e6).round().clamp(0.0, 65_535.0) as u16;
    let flags = ChannelFlags::default()
        .with_ofdm(true)
        .with_band_2_ghz(mhz < 3000)
        .with_band_5_ghz(mhz >= 3000)
        .with_half_rate(bandwidth == Bandwidth::Mhz10)
        .with_quarter_rate(bandwidth == Bandwidth::Mhz5);
    Channel { mhz, flags }
}

fn mcs(rate: HtRate, placement: Option<&str>) -> Mcs {
    let bandwidth = match (rate.width, placement) {
        (HtWidth::Mhz40, _) => 1,
        (_, Some("lower")) => 2,
        (_, Some("upper")) => 3,
        _ => 0,
    };
    Mcs {
        known: McsKnown::default()
            .with_bandwidth(true)
            .with_index(true)
            .with_guard_interval(true)
            .with_format(true)
            .with_fec(true)
            .with_stbc(true),
        flags: McsFlags::default()
            .with_bandwidth(bandwidth)
            .with_short_gi(rate.gi == GuardInterval::Short),
        index: rate.mcs.index(),
    }
}
