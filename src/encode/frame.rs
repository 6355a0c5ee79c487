//! The frames of a scene: how they are sent, and what is in them.

use anyhow::{Context, Result, bail, ensure};
use mac::{AmpduBuilder, Delimiter, fcs};
use phy80211::{
    Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Placement, Rate, TxVector,
};
use rand::{Rng, RngExt};
use serde::Deserialize;

use crate::data_frame::{self, data_frame};

/// A frame, or several alike.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Frame {
    /// Rate in Mbit/s of a non-HT frame.
    pub rate: Option<f64>,
    /// MCS of an HT frame, instead of `rate`.
    pub mcs: Option<u8>,
    pub short_gi: bool,
    /// The part of a 40 MHz channel: "whole", "lower" or "upper".
    pub placement: Option<String>,
    /// Bytes of an MPDU with its FCS.
    pub len: usize,
    /// MPDUs in an A-MPDU.
    pub ampdu: Option<usize>,
    /// Those of them that get a wrong FCS.
    pub damaged_mpdus: Vec<usize>,
    /// Those whose delimiter gets a wrong CRC.
    pub damaged_delimiters: Vec<usize>,
    pub count: u64,
    /// Air after the frame before.
    pub gap_us: f64,
    /// Start of the first of these frames, instead of a gap; they may overlap others.
    pub at_us: Option<f64>,
    pub power_db: f64,
    pub cfo_hz: f64,
    /// The MPDU without its FCS; instead of `len`.
    pub hex: Option<String>,
    pub scrambler: Option<u8>,
    /// Failure that a receiver should report, or "lost".
    pub expect: Option<String>,
    /// The PSDU as it is, FCS and all (from a pcap).
    #[serde(skip)]
    pub psdu: Option<Vec<u8>>,
    /// The PSDU is an A-MPDU (from a pcap).
    #[serde(skip)]
    pub aggregation: bool,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            rate: None,
            mcs: None,
            short_gi: false,
            placement: None,
            len: 100,
            ampdu: None,
            damaged_mpdus: Vec::new(),
            damaged_delimiters: Vec::new(),
            count: 1,
            gap_us: 16.0,
            at_us: None,
            power_db: 0.0,
            cfo_hz: 0.0,
            hex: None,
            scrambler: None,
            expect: None,
            psdu: None,
            aggregation: false,
        }
    }
}

impl Frame {
    /// Checks what does not depend on the channel.
    pub(super) fn check(&self) -> Result<()> {
        ensure!(self.gap_us >= 0.0 && self.gap_us < 1e9, "gap_us = {} is no time", self.gap_us);
        let at = self.at_us.unwrap_or(0.0);
        ensure!((0.0..1e9).contains(&at), "at_us = {at} is no time");
        if let Some(state) = self.scrambler {
            ensure!((1..=127).contains(&state), "scrambler = {state} is not one of 1 to 127");
        }
        ensure!(
            self.rate.is_none() || self.mcs.is_none(),
            "rate and mcs both say how the frame is sent; give one"
        );
        ensure!(self.mcs.is_some() || !self.short_gi, "short_gi needs an mcs");
        ensure!(self.mcs.is_some() || self.ampdu.is_none(), "ampdu needs an mcs");
        let given = self.psdu.is_some() || self.hex.is_some();
        let least = data_frame::HEADER_LEN + fcs::LEN;
        if !given && !(least..=Delimiter::MAX_MPDU).contains(&self.len) {
            bail!("len = {} bytes; a data frame has {least} to {}", self.len, Delimiter::MAX_MPDU);
        }
        let mpdus = self.ampdu.unwrap_or(0);
        for (key, list) in [
            ("damaged_mpdus", &self.damaged_mpdus),
            ("damaged_delimiters", &self.damaged_delimiters),
        ] {
            if let Some(number) = list.iter().find(|&&number| number >= mpdus) {
                bail!("{key} names MPDU {number}; ampdu = {mpdus}, and they count from 0");
            }
        }
        ensure!(self.ampdu != Some(0), "ampdu = 0; an A-MPDU has at least one MPDU");
        Ok(())
    }

    /// How the frame is sent; the scrambler's state is [`Frame::scrambled`]'s.
    pub(super) fn tx_vector(&self, bandwidth: Bandwidth) -> Result<TxVector> {
        let placement = match self.placement.as_deref() {
            None | Some("whole") => Placement::Whole,
            Some("lower") => Placement::Lower,
            Some("upper") => Placement::Upper,
            Some(other) => bail!("placement = \"{other}\" is not whole, lower or upper"),
        };
        let rate = match self.mcs {
            None => self.non_ht_rate(bandwidth)?.into(),
            Some(index) => {
                let mcs = Mcs::new(index)
                    .with_context(|| format!("mcs = {index}; of one stream there are 0 to 7"))?;
                let gi = if self.short_gi { GuardInterval::Short } else { GuardInterval::Long };
                let wide = bandwidth == Bandwidth::Mhz40 && placement == Placement::Whole;
                let width = if wide { HtWidth::Mhz40 } else { HtWidth::Mhz20 };
                Rate::Ht(HtRate { mcs, width, gi })
            }
        };
        let aggregation = self.ampdu.is_some() || self.aggregation;
        Ok(TxVector { rate, placement, aggregation, scrambler_init: 1 })
    }

    fn non_ht_rate(&self, bandwidth: Bandwidth) -> Result<OfdmRate> {
        let Some(mbps) = self.rate else { return Ok(OfdmRate::Mbps6) };
        OfdmRate::from_mbps(mbps, bandwidth).with_context(|| {
            let known: Vec<_> = OfdmRate::ALL.map(|rate| rate.mbps(bandwidth).to_string()).into();
            let (mhz, known) = (bandwidth.mhz(), known.join(", "));
            format!("no rate of {mbps} Mbit/s at {mhz} MHz; there are {known}")
        })
    }

    /// With the scrambler's state that the scene gives, or a random one.
    pub(super) fn scrambled(&self, tx: TxVector, random: &mut impl Rng) -> TxVector {
        let scrambler_init = self.scrambler.unwrap_or_else(|| random.random_range(1..128));
        TxVector { scrambler_init, ..tx }
    }

    /// The PSDU of a frame whose first MPDU has this number in the scene.
    pub(super) fn psdu(&self, first: usize, random: &mut impl Rng) -> Result<Vec<u8>> {
        if let Some(psdu) = &self.psdu {
            return Ok(psdu.clone());
        }
        match self.ampdu {
            None => self.mpdu(first, random),
            Some(count) => self.a_mpdu(count, first, random),
        }
    }

    fn mpdu(&self, number: usize, random: &mut impl Rng) -> Result<Vec<u8>> {
        let mut mpdu = match &self.hex {
            Some(hex) => const_hex::decode(hex).context("hex")?,
            None => data_frame(number, self.len - fcs::LEN, random),
        };
        fcs::append(&mut mpdu, 0);
        ensure!(mpdu.len() <= Delimiter::MAX_MPDU, "hex gives an MPDU of {} bytes", mpdu.len());
        Ok(mpdu)
    }

    fn a_mpdu(&self, count: usize, first: usize, random: &mut impl Rng) -> Result<Vec<u8>> {
        let mut psdu = Vec::new();
        let mut delimiters = Vec::new();
        let mut builder = AmpduBuilder::new(&mut psdu, 0);
        for number in 0..count {
            let mut mpdu = self.mpdu(first + number, random)?;
            if self.damaged_mpdus.contains(&number) {
                *mpdu.last_mut().expect("an MPDU has an FCS") ^= 1;
            }
            builder.push(&mpdu);
            if self.damaged_delimiters.contains(&number) {
                delimiters.push(builder.layout().len() - mpdu.len() - Delimiter::LEN);
            }
        }
        delimiters.into_iter().for_each(|at| psdu[at] ^= 0x10);
        Ok(psdu)
    }
}
