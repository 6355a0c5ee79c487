//! Scenes made of command line options.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use phy80211::{ChannelSpacing, OfdmRate};

use super::scene::{Air, Frame, Scene};
use crate::pcap;
use crate::units::parse_hz;

/// Frames, all alike or from a pcap.
#[derive(clap::Args)]
#[command(next_help_heading = "Frames")]
pub struct FrameFlags {
    /// Rate in Mbit/s [default: 6]. With --pcap: of frames for which the file has none.
    #[arg(long)]
    rate: Option<f64>,
    /// Bytes of the PSDU, FCS included [default: 100].
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
        let Self { rate, len, count, gap_us, pcap } = self;
        rate.is_none() && len.is_none() && count.is_none() && gap_us.is_none() && pcap.is_none()
    }

    /// The scene that the options describe.
    pub fn scene(&self, spacing: ChannelSpacing, air: &AirFlags) -> Result<Scene> {
        if self.is_empty() && air.is_empty() {
            bail!("nothing to encode: name a scene, or say --rate, --len, --count or --pcap");
        }
        let mut frame = Frame::default();
        frame.rate = self.rate.unwrap_or(OfdmRate::Mbps6.mbps(spacing));
        frame.len = self.len.unwrap_or(frame.len);
        frame.count = self.count.unwrap_or(frame.count);
        frame.gap_us = self.gap_us.unwrap_or(frame.gap_us);
        let frames = match &self.pcap {
            None => vec![frame],
            Some(path) => {
                let packets = pcap::read(path)?;
                ensure!(!packets.is_empty(), "{}: no frames", path.display());
                let of_packet = |packet: pcap::PcapFrame| Frame {
                    rate: packet.rate_mbps.unwrap_or(frame.rate),
                    psdu: Some(packet.mpdu),
                    ..frame.clone()
                };
                packets.into_iter().map(of_packet).collect()
            }
        };
        Ok(Scene { bandwidth_mhz: spacing.mhz(), air: air.air(), frames, ..Scene::default() })
    }
}
