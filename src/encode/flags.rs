//! Scenes made of command line options.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use phy80211::Bandwidth;

use super::frame::Frame;
use super::scene::{Air, Scene};
use crate::pcap::{self, PcapFrame};
use crate::units::parse_hz;

/// Frames, all alike or from a pcap.
#[derive(clap::Args)]
#[command(next_help_heading = "Frames")]
pub struct FrameFlags {
    /// Rate in Mbit/s of non-HT frames [default: 6]. With --pcap: of frames for which the file
    /// has none.
    #[arg(long)]
    rate: Option<f64>,
    /// MCS of HT-mixed frames, 0 to 7.
    #[arg(long, conflicts_with_all = ["rate", "pcap"])]
    mcs: Option<u8>,
    /// Short guard interval in HT frames.
    #[arg(long, requires = "mcs")]
    short_gi: bool,
    /// Part of a 40 MHz channel: whole (HT 40 MHz, non-HT duplicate), lower or upper
    /// [default: whole].
    #[arg(long, conflicts_with = "pcap")]
    placement: Option<String>,
    /// MPDUs in each frame, as an A-MPDU.
    #[arg(long, value_name = "MPDUS", requires = "mcs")]
    ampdu: Option<usize>,
    /// Bytes of the PSDU, or of each MPDU of an A-MPDU, FCS included [default: 100].
    #[arg(long)]
    len: Option<usize>,
    /// Number of frames [default: 1].
    #[arg(long)]
    count: Option<u64>,
    /// Air between frames in microseconds [default: 16].
    #[arg(long)]
    gap_us: Option<f64>,
    /// Send the frames of this pcap or pcapng file (link type 105 or 127).
    #[arg(long, value_name = "FILE", conflicts_with_all = ["len", "count"])]
    pcap: Option<PathBuf>,
}

/// What the air does.
#[derive(clap::Args)]
#[command(next_help_heading = "Air")]
pub struct AirFlags {
    /// Signal-to-noise ratio in the channel's bandwidth [default: no noise].
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    snr: Option<f64>,
    /// Carrier frequency offset.
    #[arg(long, value_name = "HZ", value_parser = parse_hz, allow_hyphen_values = true)]
    cfo: Option<f64>,
    /// Sample clock offset in parts per million.
    #[arg(long, value_name = "PPM", allow_negative_numbers = true)]
    ppm: Option<f64>,
    /// Random paths with this delay spread.
    #[arg(long, value_name = "NS")]
    multipath_rms_ns: Option<f64>,
    /// DC offset relative to the signal.
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    dc_db: Option<f64>,
    /// Gain imbalance of the receiver's axes.
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    iq_gain_db: Option<f64>,
    /// Phase imbalance of the receiver's axes.
    #[arg(long, value_name = "DEG", allow_negative_numbers = true)]
    iq_phase_deg: Option<f64>,
    /// A continuous tone: its frequency, and its power relative to the signal, as 1.5M:-20.
    #[arg(long, value_name = "HZ:DB", value_parser = parse_tone, allow_hyphen_values = true)]
    tone: Option<(f64, f64)>,
}

fn parse_tone(text: &str) -> Result<(f64, f64), String> {
    let (hz, db) = text.split_once(':').ok_or("write frequency and power as 1.5M:-20")?;
    let db = db.parse().map_err(|_| format!("'{db}' is no power in dB"))?;
    Ok((parse_hz(hz)?, db))
}

impl AirFlags {
    /// Whether no option was given.
    pub fn is_empty(&self) -> bool {
        let Self { snr, cfo, ppm, multipath_rms_ns, dc_db, iq_gain_db, iq_phase_deg, tone } = self;
        [snr, cfo, ppm, multipath_rms_ns, dc_db, iq_gain_db, iq_phase_deg]
            .iter()
            .all(|option| option.is_none())
            && tone.is_none()
    }

    fn air(&self) -> Air {
        Air {
            snr_db: self.snr,
            cfo_hz: self.cfo.unwrap_or(0.0),
            clock_ppm: self.ppm.unwrap_or(0.0),
            multipath_rms_ns: self.multipath_rms_ns,
            paths: None,
            dc_db: self.dc_db,
            iq_gain_db: self.iq_gain_db.unwrap_or(0.0),
            iq_phase_deg: self.iq_phase_deg.unwrap_or(0.0),
            tone_hz: self.tone.map(|(hz, _)| hz),
            tone_db: self.tone.map_or(0.0, |(_, db)| db),
        }
    }
}

impl FrameFlags {
    /// Whether no option was given.
    pub fn is_empty(&self) -> bool {
        let Self { rate, mcs, short_gi, placement, ampdu, len, count, gap_us, pcap } = self;
        let sent = rate.is_none() && mcs.is_none() && !short_gi && placement.is_none();
        let made = ampdu.is_none() && len.is_none() && count.is_none();
        sent && made && gap_us.is_none() && pcap.is_none()
    }

    /// The scene that the options describe.
    pub fn scene(&self, bandwidth: Bandwidth, air: &AirFlags) -> Result<Scene> {
        if self.is_empty() && air.is_empty() {
            bail!(
                "nothing to encode: name a scene, or say --rate, --mcs, --len, --count or --pcap"
            );
        }
        let default = Frame::default();
        let frame = Frame {
            rate: self.rate,
            mcs: self.mcs,
            short_gi: self.short_gi,
            placement: self.placement.clone(),
            ampdu: self.ampdu,
            len: self.len.unwrap_or(default.len),
            count: self.count.unwrap_or(default.count),
            gap_us: self.gap_us.unwrap_or(default.gap_us),
            ..default
        };
        let frames = match &self.pcap {
            None => vec![frame],
            Some(path) => {
                let packets = pcap::read(path)?;
                ensure!(!packets.is_empty(), "{}: no frames", path.display());
                packets.into_iter().map(|packet| of_packet(packet, &frame)).collect()
            }
        };
        Ok(Scene { bandwidth_mhz: bandwidth.mhz(), air: air.air(), frames, ..Scene::default() })
    }
}

/// A frame that is sent as it was received, or as `like` says where the file does not tell.
fn of_packet(packet: PcapFrame, like: &Frame) -> Frame {
    let placement = packet.mcs.and_then(|mcs| match mcs.flags.bandwidth() {
        2 => Some("lower".to_owned()),
        3 => Some("upper".to_owned()),
        _ => None,
    });
    Frame {
        rate: if packet.mcs.is_some() { None } else { packet.rate_mbps.or(like.rate) },
        mcs: packet.mcs.map(|mcs| mcs.index),
        short_gi: packet.mcs.is_some_and(|mcs| mcs.flags.short_gi()),
        placement,
        psdu: Some(packet.psdu()),
        aggregation: packet.ampdu.is_some(),
        ..like.clone()
    }
}
