//! The worked example of the standard (802.11-2020 Annex I.1): 36 Mbit/s, 100 bytes, scrambler
//! state 1011101. Bits are compared one by one, samples to the three decimals that are printed.
//!
//! The first edition (Annex G of 802.11a-1999) printed a wrong FCS, so its last symbol differs.

use num_complex::Complex32;

use super::data::CodedBits;
use super::mapper::Mapper;
use super::row::{MAX_ROW, Row, place};
use super::{Transmitter, TxVector};
use crate::scrambler::Scrambler;
use crate::signal::Signal;
use crate::subcarriers::{NON_HT, pilot_polarity};
use crate::{Bandwidth, OfdmRate, Rate};

const FFT_LEN: usize = 64;

fn tx() -> TxVector {
    TxVector::new(OfdmRate::Mbps36, 0b101_1101)
}

/// Table I-1: a MAC header, the beginning of a poem, and an FCS.
fn message() -> Vec<u8> {
    let mut psdu = hex("0402002e006008cd37a60020d6013cf1006008ad3baf0000");
    psdu.extend(b"Joy, bright spark of divinity,\nDaughter of Elysium,\nFire-insired we trea");
    psdu.extend(hex("673321b6"));
    assert_eq!(psdu.len(), 100);
    psdu
}

fn hex(digits: &str) -> Vec<u8> {
    let digit = |c: u8| (c as char).to_digit(16).unwrap() as u8;
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// Bits as the tables print them: the first one highest in each hexadecimal digit.
fn bits(digits: &str) -> Vec<u8> {
    hex(digits).iter().flat_map(|byte| (0..8).map(move |i| byte >> (7 - i) & 1)).collect()
}

/// Lines of printed samples.
fn printed() -> Vec<Vec<[i32; 2]>> {
    let lines = include_str!("annex_i1.txt").lines().filter(|line| !line.starts_with('#'));
    let sample = |text: &str| {
        let (re, im) = text.split_once(',').unwrap();
        [re.parse().unwrap(), im.parse().unwrap()]
    };
    lines.map(|line| line.split_whitespace().map(sample).collect()).collect()
}

/// Whether a value prints as so many thousandths. A tie may have been rounded either way.
fn prints_as(value: Complex32, [re, im]: [i32; 2]) -> bool {
    let near = |value: f32, thousandths: i32| (value * 1e3 - thousandths as f32).abs() < 0.501;
    near(value.re, re) && near(value.im, im)
}

/// Outputs A1 B1 A2 B2 .. of symbols whose outputs A come before their outputs B.
fn in_turn(coded: &[u8], n_dbps: usize) -> Vec<u8> {
    let symbols = coded.chunks(2 * n_dbps).map(|symbol| symbol.split_at(n_dbps));
    symbols.flat_map(|(a, b)| a.iter().zip(b).flat_map(|(&a, &b)| [a, b])).collect()
}

#[test]
fn the_signal_field_matches_tables_i_7_to_i_9() {
    let signal = Signal { rate: OfdmRate::Mbps36, length: 100 }.emit();
    assert_eq!(signal[..], bits("b13000"));
    let mut coded = CodedBits::default();
    coded.fill(&signal, 24);
    assert_eq!(in_turn(&coded.coded, 24), bits("d1a1023e7000"));
    let mapper = Mapper::new(&Rate::NonHt(OfdmRate::Mbps6));
    assert_eq!(mapper.bits(&coded.coded), bits("94d014832494"));
}

#[test]
fn the_data_bits_match_tables_i_13_to_i_20() {
    let lines = include_str!("annex_i1_bits.txt").lines().filter(|line| !line.starts_with('#'));
    let tables: Vec<Vec<u8>> =
        lines.map(|line| line.bytes().map(|digit| digit - b'0').collect()).collect();
    let [plain, sequence, scrambled, coded, interleaved] = &tables[..] else {
        panic!("tables are missing")
    };
    let mut scrambler = Scrambler::new(tx().scrambler_init);
    assert!(sequence.iter().all(|&bit| scrambler.next_bit() == bit));

    let mut data = CodedBits::default();
    data.fill_data(&tx(), &message());
    assert_eq!(data.message.bits(), scrambled);
    let sequence = sequence.iter().cycle();
    let mut unscrambled: Vec<u8> =
        data.message.bits().iter().zip(sequence).map(|(a, b)| a ^ b).collect();
    // The tail was set to zero after scrambling.
    unscrambled[816..822].fill(0);
    assert_eq!(unscrambled, *plain);

    let rate = Rate::NonHt(OfdmRate::Mbps36);
    let pairs = in_turn(&data.coded, rate.n_dbps());
    let sent = rate.code_rate().sent().take_while(|&place| place < pairs.len());
    let encoded: Vec<u8> = sent.map(|place| pairs[place]).collect();
    assert_eq!(encoded, *coded);

    let mapper = Mapper::new(&rate);
    let first = &data.coded[..mapper.coded_len()];
    assert_eq!(mapper.bits(first), *interleaved);

    let mut row: Row = [Complex32::ZERO; MAX_ROW];
    mapper.map(first, &mut row);
    for (pilot, &subcarrier) in NON_HT.pilots.iter().enumerate() {
        let value = NON_HT.pilot_value(pilot, 0) * pilot_polarity()[1];
        row[place(&NON_HT, subcarrier)] = value.into();
    }
    let lines = printed();
    let spectrum = lines.last().unwrap();
    assert_eq!(spectrum.len(), NON_HT.occupied.len() + 1);
    for (&printed, subcarrier) in spectrum.iter().zip((0..=26).chain(-26..0)) {
        assert!(prints_as(row[place(&NON_HT, subcarrier)], printed), "subcarrier {subcarrier}");
    }
}

#[test]
fn the_samples_match_tables_i_22_to_i_30() {
    let lines = printed();
    let [short, long, symbols @ .., joints, _] = &lines[..] else { panic!("segments are missing") };
    assert_eq!((symbols.len(), joints.len()), (7, 10));
    let mut expected: Vec<[i32; 2]> = Vec::new();
    let mut joints = joints.iter();
    let mut segment = |samples: &mut dyn Iterator<Item = &[i32; 2]>| {
        let start = expected.len();
        expected.extend(samples);
        expected[start] = *joints.next().unwrap();
    };
    segment(&mut short.iter().cycle().take(160));
    segment(&mut long[32..].iter().chain(long).chain(long));
    for symbol in symbols {
        segment(&mut symbol[48..].iter().chain(symbol));
    }
    expected.push(*joints.next().unwrap());
    assert_eq!(expected.len(), 881);

    let mut samples = Vec::new();
    Transmitter::new(Bandwidth::Mhz20).modulate(&tx(), &message(), &mut samples).unwrap();
    assert_eq!(samples.len(), expected.len());
    // The annex has the IFFT's own scale, 1/64, where ours makes unit power of 52 subcarriers.
    let scale = (NON_HT.occupied.len() as f32).sqrt() / FFT_LEN as f32;
    for (n, (sample, printed)) in samples.iter().zip(expected).enumerate() {
        assert!(prints_as(sample * scale, printed), "sample {n}: {} {printed:?}", sample * scale);
    }
}
