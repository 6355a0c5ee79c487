//! The Capability Information field (9.4.1.4).

use crate::bits::bit_fields;

bit_fields! {
    /// What a BSS is and what a station can.
    CapabilityInformation(u16) {
        /// The BSS has an AP.
        ess, with_ess: bool = 0..1;
        /// The BSS is an IBSS.
        ibss, with_ibss: bool = 1..2;
        /// Data frames are encrypted.
        privacy, with_privacy: bool = 4..5;
        /// DSSS with the short preamble is allowed.
        short_preamble, with_short_preamble: bool = 5..6;
        /// Spectrum management is required.
        spectrum_management, with_spectrum_management: bool = 8..9;
        /// QoS, where the EDCA Parameter Set is not sent to say so.
        qos, with_qos: bool = 9..10;
        /// The slots of the 2.4 GHz band are 9 us long.
        short_slot_time, with_short_slot_time: bool = 10..11;
        /// Automatic power save delivery.
        apsd, with_apsd: bool = 11..12;
        /// Radio measurement is on.
        radio_measurement, with_radio_measurement: bool = 12..13;
        /// Delayed Block Ack: obsolete.
        delayed_block_ack, with_delayed_block_ack: bool = 14..15;
        /// Immediate Block Ack: obsolete, HT stations imply it.
        immediate_block_ack, with_immediate_block_ack: bool = 15..16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_at_their_bits() {
        let none = CapabilityInformation::default();
        let bits = [
            (none.with_ess(true), 0x0001),
            (none.with_ibss(true), 0x0002),
            (none.with_privacy(true), 0x0010),
            (none.with_short_preamble(true), 0x0020),
            (none.with_spectrum_management(true), 0x0100),
            (none.with_qos(true), 0x0200),
            (none.with_short_slot_time(true), 0x0400),
            (none.with_apsd(true), 0x0800),
            (none.with_radio_measurement(true), 0x1000),
            (none.with_delayed_block_ack(true), 0x4000),
            (none.with_immediate_block_ack(true), 0x8000),
        ];
        bits.iter().for_each(|(field, bit)| assert_eq!(field.0, *bit));
    }
}
