use super::*;
use crate::test_hex::hex;
use proptest::prelude::*;

prop_compose! {
    fn headers()(
        tsft: Option<u64>,
        flags: Option<u8>,
        rate: Option<u8>,
        channel: Option<(u16, u16)>,
        dbm: [Option<i8>; 2],
        bytes: [Option<u8>; 3],
        mcs: Option<(u8, u8, u8)>,
        ampdu: Option<(u32, u16, u8)>,
    ) -> Radiotap {
        Radiotap {
            tsft_us: tsft,
            flags: flags.map(Flags),
            rate_half_mbps: rate,
            channel: channel.map(|(mhz, flags)| Channel { mhz, flags: ChannelFlags(flags) }),
            signal_dbm: dbm[0],
            noise_dbm: dbm[1],
            antenna: bytes[0],
            signal_db: bytes[1],
            noise_db: bytes[2],
            mcs: mcs.map(|(known, flags, index)| Mcs {
                known: McsKnown(known),
                flags: McsFlags(flags),
                index,
            }),
            ampdu: ampdu.map(|(reference, flags, delimiter_crc)| AmpduStatus {
                reference,
                flags: AmpduFlags(flags),
                delimiter_crc,
            }),
        }
    }
}

proptest! {
    #[test]
    fn parse_undoes_emit_wherever_the_header_stands(header in headers(), before: Vec<u8>, after: Vec<u8>) {
        let mut out = before.clone();
        header.emit(&mut out);
        let len = out.len() - before.len();
        out.extend(after);
        prop_assert_eq!(Radiotap::parse(&out[before.len()..]), Ok((header, len)));
        // A header that says it is longer than what there is, is refused.
        let cut = &out[before.len()..before.len() + len - 1];
        let needed = FrameError::Short { what: "radiotap header", needed: len, have: len - 1 };
        prop_assert_eq!(Radiotap::parse(cut), Err(needed));
    }

    #[test]
    fn a_field_that_crosses_the_headers_end_is_refused(header in headers(), cut in 1..8u16) {
        let mut out = vec![];
        header.emit(&mut out);
        let len = out.len() as u16;
        prop_assume!(len - 8 > cut);
        out[2..4].copy_from_slice(&(len - cut).to_le_bytes());
        let is_short = matches!(Radiotap::parse(&out), Err(FrameError::Short { .. }));
        prop_assert!(is_short);
    }
}

/// As Linux writes them: the fields of the receiver as a whole, then a word with the signal at
/// each antenna.
#[test]
fn a_header_with_a_word_for_each_antenna() {
    let packet = hex("0000 2300 6f0800a0 20080000 00000000
         4d9a0f0000000000 10 02 6c09a000 c4 a1 00 c8 01 d4000000");
    let (header, len) = Radiotap::parse(&packet).unwrap();
    assert_eq!(len, 0x23);
    assert_eq!((header.tsft_us, header.rate_half_mbps), (Some(0xf9a4d), Some(2)));
    assert!(header.flags.unwrap().fcs_at_end());
    assert_eq!(header.channel.unwrap().mhz, 2412);
    assert_eq!((header.signal_dbm, header.noise_dbm), (Some(-60), Some(-95)));
    assert_eq!(header.antenna, Some(0));
}

#[test]
fn a_vendors_fields_are_skipped() {
    // Flags; then a vendor with two presence words and five bytes; then flags again and a rate.
    let present =
        [1 << 1 | 1 << 30 | 1 << 31, 0x1fff_ffff | 1 << 31, 7 | 1 << 29 | 1 << 31, 1 << 1 | 1 << 2];
    let mut packet = vec![0, 0, 0, 0];
    packet.extend(present.iter().flat_map(|word: &u32| word.to_le_bytes()));
    packet.extend([0x10, 0xee]);
    packet.extend([2, 0, 0, 1, 5, 0]);
    packet.extend([0xee; 5]);
    packet.extend([0x40, 12]);
    packet[2] = packet.len() as u8;
    let (header, _) = Radiotap::parse(&packet).unwrap();
    let expected =
        Radiotap { flags: Some(Flags(0x10)), rate_half_mbps: Some(12), ..Radiotap::default() };
    assert_eq!(header, expected);

    // The vendor skips past the end.
    packet[26] = 200;
    let error = FrameError::Short { what: "radiotap header", needed: 228, have: packet.len() };
    assert_eq!(Radiotap::parse(&packet), Err(error));
}

#[test]
fn fields_before_one_of_unknown_size_are_kept() {
    let present: u32 = 1 << 2 | 1 << 14 | 1 << 28;
    let mut packet = vec![0, 0, 0, 0];
    packet.extend(present.to_le_bytes());
    packet.extend([108, 0, 1, 2, 9, 9, 9, 9]);
    packet[2] = packet.len() as u8;
    let expected = Radiotap { rate_half_mbps: Some(108), ..Radiotap::default() };
    assert_eq!(Radiotap::parse(&packet), Ok((expected, 16)));
}

#[test]
fn a_second_word_that_goes_on_with_the_first_has_no_known_fields() {
    let present = [2_u32 | 1 << 31, 1 << 2];
    let mut packet = vec![0, 0, 16, 0];
    packet.extend(present.iter().flat_map(|word| word.to_le_bytes()));
    packet.extend([0x10, 108, 0, 0]);
    let expected = Radiotap { flags: Some(Flags(0x10)), ..Radiotap::default() };
    assert_eq!(Radiotap::parse(&packet), Ok((expected, 16)));
}

#[test]
fn headers_that_are_none_are_refused() {
    let version = FrameError::Version { what: "radiotap header", version: 1 };
    assert_eq!(Radiotap::parse(&[1, 0, 8, 0, 0, 0, 0, 0]), Err(version));
    for packet in ["", "0000", "0000 0700 000000 00", "0000 0800 00000080 00000000"] {
        let is_short = matches!(Radiotap::parse(&hex(packet)), Err(FrameError::Short { .. }));
        assert!(is_short, "{packet}");
    }
}

#[test]
fn an_ht_frame_in_an_aggregate() {
    let header = Radiotap {
        tsft_us: Some(1),
        flags: Some(Flags::default().with_fcs_at_end(true)),
        channel: Some(Channel {
            mhz: 5180,
            flags: ChannelFlags::default().with_ofdm(true).with_band_5_ghz(true),
        }),
        mcs: Some(Mcs {
            known: McsKnown::default().with_index(true).with_guard_interval(true),
            flags: McsFlags::default().with_short_gi(true),
            index: 7,
        }),
        ampdu: Some(AmpduStatus {
            reference: 3,
            flags: AmpduFlags::default().with_last_known(true),
            delimiter_crc: 0,
        }),
        ..Radiotap::default()
    };
    let mut out = vec![];
    header.emit(&mut out);
    let expected = "0000 2400 0b001800 0100000000000000 10 00 3c144001 06 04 07
                    000000 03000000 0400 00 00";
    assert_eq!(out, hex(expected));
}
