//! Radiotap fields that have parts.

use crate::FrameError;
use crate::bits::bit_fields;
use crate::reader::Reader;

bit_fields! {
    /// What of a frame is there and how it was sent.
    Flags(u8) {
        /// Sent or received in a contention-free period.
        contention_free, with_contention_free: bool = 0..1;
        /// Sent or received with the short preamble of DSSS.
        short_preamble, with_short_preamble: bool = 1..2;
        /// Sent or received with WEP.
        wep, with_wep: bool = 2..3;
        /// Sent or received in fragments.
        fragments, with_fragments: bool = 3..4;
        /// The FCS is at the frame's end.
        fcs_at_end, with_fcs_at_end: bool = 4..5;
        /// Padding makes the MAC header's length a multiple of four.
        header_padding, with_header_padding: bool = 5..6;
        /// The FCS was wrong.
        bad_fcs, with_bad_fcs: bool = 6..7;
        /// Sent or received with the short guard interval.
        short_gi, with_short_gi: bool = 7..8;
    }
}

/// A channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Channel {
    /// Centre frequency in MHz.
    pub mhz: u16,
    /// Band and modulation.
    pub flags: ChannelFlags,
}

bit_fields! {
    /// Band and modulation.
    ChannelFlags(u16) {
        /// Turbo: twice the bandwidth.
        turbo, with_turbo: bool = 4..5;
        /// CCK.
        cck, with_cck: bool = 5..6;
        /// OFDM.
        ofdm, with_ofdm: bool = 6..7;
        /// The 2.4 GHz band.
        band_2_ghz, with_band_2_ghz: bool = 7..8;
        /// The 5 GHz band.
        band_5_ghz, with_band_5_ghz: bool = 8..9;
        /// Only passive scanning is allowed.
        passive, with_passive: bool = 9..10;
        /// CCK and OFDM by turns.
        dynamic, with_dynamic: bool = 10..11;
        /// GFSK.
        gfsk, with_gfsk: bool = 11..12;
        /// Half the rate: 10 MHz.
        half_rate, with_half_rate: bool = 14..15;
        /// A quarter of the rate: 5 MHz.
        quarter_rate, with_quarter_rate: bool = 15..16;
    }
}

/// How an HT frame was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mcs {
    /// Which of the rest is known.
    pub known: McsKnown,
    /// Width, guard interval, format, code.
    pub flags: McsFlags,
    /// The MCS.
    pub index: u8,
}

bit_fields! {
    /// Which parts of an MCS field are known.
    McsKnown(u8) {
        /// The width.
        bandwidth, with_bandwidth: bool = 0..1;
        /// The MCS.
        index, with_index: bool = 1..2;
        /// The guard interval.
        guard_interval, with_guard_interval: bool = 2..3;
        /// Mixed format or greenfield.
        format, with_format: bool = 3..4;
        /// BCC or LDPC.
        fec, with_fec: bool = 4..5;
        /// Streams of STBC.
        stbc, with_stbc: bool = 5..6;
        /// Extension spatial streams.
        ness, with_ness: bool = 6..7;
        /// The higher bit of their number.
        ness_high, with_ness_high: bool = 7..8;
    }
}

bit_fields! {
    /// Width, guard interval, format, code.
    McsFlags(u8) {
        /// 0: 20 MHz, 1: 40 MHz, 2 and 3: the lower and upper 20 of 40 MHz.
        bandwidth, with_bandwidth: u8 = 0..2;
        /// The short guard interval.
        short_gi, with_short_gi: bool = 2..3;
        /// Greenfield, not mixed format.
        greenfield, with_greenfield: bool = 3..4;
        /// LDPC, not BCC.
        ldpc, with_ldpc: bool = 4..5;
        /// Streams of STBC.
        stbc, with_stbc: u8 = 5..7;
        /// The lower bit of the number of extension spatial streams.
        ness_low, with_ness_low: bool = 7..8;
    }
}

/// The A-MPDU a frame came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AmpduStatus {
    /// The same in all frames of an A-MPDU, another in the next.
    pub reference: u32,
    /// What is known of frame and delimiter.
    pub flags: AmpduFlags,
    /// The CRC of the delimiter, if the flags say that it is known.
    pub delimiter_crc: u8,
}

bit_fields! {
    /// What is known of a frame in an A-MPDU and its delimiter.
    AmpduFlags(u16) {
        /// Subframes of length zero are in the capture.
        reports_zero_length, with_reports_zero_length: bool = 0..1;
        /// This is one.
        is_zero_length, with_is_zero_length: bool = 1..2;
        /// It is known which subframe is the last.
        last_known, with_last_known: bool = 2..3;
        /// This one is.
        is_last, with_is_last: bool = 3..4;
        /// The delimiter's CRC was wrong.
        delimiter_crc_error, with_delimiter_crc_error: bool = 4..5;
        /// The delimiter's CRC is given.
        delimiter_crc_known, with_delimiter_crc_known: bool = 5..6;
        /// The EOF bit.
        eof, with_eof: bool = 6..7;
        /// The EOF bit is given.
        eof_known, with_eof_known: bool = 7..8;
    }
}

impl Channel {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FrameError> {
        Ok(Self { mhz: reader.u16()?, flags: ChannelFlags(reader.u16()?) })
    }

    pub(super) fn to_bytes(self) -> [u8; 4] {
        let ([a, b], [c, d]) = (self.mhz.to_le_bytes(), self.flags.0.to_le_bytes());
        [a, b, c, d]
    }
}

impl Mcs {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FrameError> {
        let (known, flags) = (McsKnown(reader.u8()?), McsFlags(reader.u8()?));
        Ok(Self { known, flags, index: reader.u8()? })
    }

    pub(super) fn to_bytes(self) -> [u8; 3] {
        [self.known.0, self.flags.0, self.index]
    }
}

impl AmpduStatus {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FrameError> {
        let (reference, flags) = (reader.u32()?, AmpduFlags(reader.u16()?));
        Ok(Self { reference, flags, delimiter_crc: reader.u8()? })
    }

    pub(super) fn to_bytes(self) -> [u8; 8] {
        let ([a, b, c, d], [e, f]) = (self.reference.to_le_bytes(), self.flags.0.to_le_bytes());
        [a, b, c, d, e, f, self.delimiter_crc, 0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_at_the_bits_of_radiotap_org() {
        let none = Flags::default();
        assert_eq!(none.with_short_preamble(true).0, 0x02);
        assert_eq!(none.with_fcs_at_end(true).0, 0x10);
        assert_eq!(none.with_header_padding(true).0, 0x20);
        assert_eq!(none.with_bad_fcs(true).0, 0x40);
        assert_eq!(none.with_short_gi(true).0, 0x80);

        let none = ChannelFlags::default();
        assert_eq!(none.with_cck(true).0, 0x0020);
        assert_eq!(none.with_ofdm(true).0, 0x0040);
        assert_eq!(none.with_band_2_ghz(true).0, 0x0080);
        assert_eq!(none.with_band_5_ghz(true).0, 0x0100);
        assert_eq!(none.with_dynamic(true).0, 0x0400);
        assert_eq!(none.with_half_rate(true).0, 0x4000);
        assert_eq!(none.with_quarter_rate(true).0, 0x8000);

        let none = McsFlags::default();
        assert_eq!(none.with_bandwidth(1).with_ldpc(true).0, 0x11);
        assert_eq!(none.with_short_gi(true).with_greenfield(true).0, 0x0c);
        assert_eq!(none.with_stbc(3).with_ness_low(true).0, 0xe0);
        let known = McsKnown::default().with_bandwidth(true).with_index(true).with_fec(true);
        assert_eq!(known.with_guard_interval(true).with_format(true).with_stbc(true).0, 0x3f);

        let none = AmpduFlags::default();
        assert_eq!(none.with_last_known(true).with_is_last(true).0, 0x000c);
        assert_eq!(none.with_delimiter_crc_error(true).with_eof_known(true).0, 0x0090);
        assert_eq!(none.with_delimiter_crc_known(true).with_eof(true).0, 0x0060);
    }
}
