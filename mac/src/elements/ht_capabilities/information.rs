//! HT Capability Information (9.4.2.55.2) and HT Extended Capabilities (9.4.2.55.5).

use crate::bits::{Bits, bit_fields};

bit_fields! {
    /// Widths, guard intervals, codes.
    HtCapabilityInformation(u16) {
        /// LDPC codes are received.
        ldpc, with_ldpc: bool = 0..1;
        /// Channels of 40 MHz are used, not only of 20.
        channel_width_40, with_channel_width_40: bool = 1..2;
        /// Whether receive chains sleep.
        sm_power_save, with_sm_power_save: SmPowerSave = 2..4;
        /// HT-greenfield frames are received.
        greenfield, with_greenfield: bool = 4..5;
        /// The short guard interval is received at 20 MHz.
        sgi_20, with_sgi_20: bool = 5..6;
        /// The short guard interval is received at 40 MHz.
        sgi_40, with_sgi_40: bool = 6..7;
        /// Frames are sent with STBC.
        tx_stbc, with_tx_stbc: bool = 7..8;
        /// Streams that are received with STBC; 0 for no STBC.
        rx_stbc, with_rx_stbc: u8 = 8..10;
        /// Delayed Block Ack.
        delayed_block_ack, with_delayed_block_ack: bool = 10..11;
        /// A-MSDUs may have 7935 bytes, not only 3839.
        long_amsdu, with_long_amsdu: bool = 11..12;
        /// DSSS and CCK are used at 40 MHz.
        dsss_cck_40, with_dsss_cck_40: bool = 12..13;
        /// An AP that is told this may not use 40 MHz in the 2.4 GHz band.
        forty_mhz_intolerant, with_forty_mhz_intolerant: bool = 14..15;
        /// L-SIG TXOP protection.
        l_sig_txop_protection, with_l_sig_txop_protection: bool = 15..16;
    }
}

impl HtCapabilityInformation {
    /// The longest A-MSDU that is received.
    pub fn max_amsdu_len(self) -> usize {
        if self.long_amsdu() { 7935 } else { 3839 }
    }
}

/// Spatial multiplexing power save (9.4.2.55.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SmPowerSave {
    /// One receive chain is awake.
    Static,
    /// The others wake when a frame to the station begins.
    Dynamic,
    /// A reserved value.
    Reserved,
    /// All are always awake.
    Disabled,
}

impl Bits for SmPowerSave {
    fn to_bits(self) -> u64 {
        self as u64
    }

    fn from_bits(bits: u64) -> Self {
        [Self::Static, Self::Dynamic, Self::Reserved, Self::Disabled][bits as usize & 3]
    }
}

bit_fields! {
    /// More of what an HT station can.
    HtExtendedCapabilities(u16) {
        /// Phased coexistence operation: obsolete.
        pco, with_pco: bool = 0..1;
        /// The HT Control field is received.
        htc, with_htc: bool = 10..11;
        /// Reverse direction grants are answered.
        reverse_direction, with_reverse_direction: bool = 11..12;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_at_their_bits() {
        let none = HtCapabilityInformation::default();
        let bits = [
            (none.with_ldpc(true), 0x0001),
            (none.with_channel_width_40(true), 0x0002),
            (none.with_sm_power_save(SmPowerSave::Dynamic), 0x0004),
            (none.with_sm_power_save(SmPowerSave::Disabled), 0x000c),
            (none.with_greenfield(true), 0x0010),
            (none.with_sgi_20(true), 0x0020),
            (none.with_sgi_40(true), 0x0040),
            (none.with_tx_stbc(true), 0x0080),
            (none.with_rx_stbc(3), 0x0300),
            (none.with_delayed_block_ack(true), 0x0400),
            (none.with_long_amsdu(true), 0x0800),
            (none.with_dsss_cck_40(true), 0x1000),
            (none.with_forty_mhz_intolerant(true), 0x4000),
            (none.with_l_sig_txop_protection(true), 0x8000),
        ];
        bits.iter().for_each(|(field, bit)| assert_eq!(field.0, *bit));
        assert_eq!(none.with_long_amsdu(true).max_amsdu_len(), 7935);
    }
}
