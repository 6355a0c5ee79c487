//! The fields of HT-SIG, as `decode --json` tells them.

use phy80211::HtSig;
use serde::Serialize;

/// HT-SIG by the names of Table 19-11.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct HtSigRecord {
    mcs: u8,
    cbw_mhz: u32,
    length: u16,
    smoothing: bool,
    not_sounding: bool,
    aggregation: bool,
    stbc: u8,
    fec: &'static str,
    short_gi: bool,
    extension_streams: u8,
}

impl From<HtSig> for HtSigRecord {
    fn from(ht_sig: HtSig) -> Self {
        let HtSig {
            mcs,
            wide,
            length,
            smoothing,
            not_sounding,
            aggregation,
            stbc,
            ldpc,
            short_gi,
            extension_streams,
        } = ht_sig;
        Self {
            mcs,
            cbw_mhz: if wide { 40 } else { 20 },
            length,
            smoothing,
            not_sounding,
            aggregation,
            stbc,
            fec: if ldpc { "ldpc" } else { "bcc" },
            short_gi,
            extension_streams,
        }
    }
}
