//! Frames that no compressor wrote: no panic, and no more wrong packets than a CRC of 16 bits lets
//! through. And two flows with one CID.

mod common;
#[path = "common/link.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod link;
#[path = "common/stream.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod stream;

use common::tell;
use link::{Link, View};
use rohc::ack_group::{Compressor, Decompressor, Gap, Native, Verdict};
use stream::{Dice, Flow, busy};

/// Mutated frames that are tried; `ACK_GROUP_MUTATIONS` sets another number.
const MUTATIONS: usize = 200_000;

/// A decompressor in the midst of a chain, its next frame, and the ACKs in that.
struct Scene {
    decompressor: Decompressor,
    frame: Vec<u8>,
    /// An earlier frame.
    other: Vec<u8>,
    acks: Vec<Vec<u8>>,
}

fn scene(seed: u64) -> Scene {
    let mut dice = Dice::new(seed);
    let mut flows: Vec<Flow> = (0..1 + dice.below(4) as u16).map(Flow::new).collect();
    flows[0].is_ipv6 = dice.one_in(2);
    let (mut compressor, mut decompressor) = (Compressor::new(), Decompressor::new());
    for flow in &mut flows {
        let packet = flow.packet();
        assert!(matches!(compressor.compress(&packet), Verdict::Native(_)));
        compressor.native_done(&packet, true);
        assert_eq!(decompressor.native_seen(&packet), Native::New);
    }
    let mut other = vec![];
    let mut acks = vec![];
    let groups = 2 + dice.below(8);
    for group in 0..groups {
        let count = 1 + dice.below(21) as usize;
        for packet in busy(&mut flows, count, &mut dice) {
            // The odd one that does not ride is left out.
            if compressor.compress(&packet) == Verdict::Ride {
                acks.push(packet);
            }
        }
        let Some((frame, id)) = compressor.frame(500) else { return scene(seed + 1) };
        if group + 1 == groups {
            return Scene { frame: frame.to_vec(), decompressor, other, acks };
        }
        other = frame.to_vec();
        let rides = decompressor.frame_received(frame).expect("nothing is lost").len();
        // Now and then the confirmation is late, so that sections are repeated.
        if dice.one_in(2) || group == 0 {
            compressor.confirm(id);
        }
        acks.drain(..rides);
    }
    unreachable!("there are groups")
}

fn mutate(frame: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut frame = frame.to_vec();
    let len = frame.len() as u32;
    match dice.below(8) {
        0 => frame.truncate(dice.below(len) as usize),
        1 => (0..1 + dice.below(40)).for_each(|_| frame.push(dice.below(256) as u8)),
        2 => frame = (0..dice.below(60)).map(|_| dice.below(256) as u8).collect(),
        3 => {
            frame.truncate(dice.below(len) as usize);
            frame.extend(&other[dice.below(other.len() as u32) as usize..]);
        }
        4 => {
            let at = dice.below(len) as usize;
            frame[at..].iter_mut().for_each(|byte| *byte = dice.below(256) as u8);
        }
        _ => {
            for _ in 0..1 + dice.below(6) {
                frame[dice.below(len) as usize] ^= 1 << dice.below(8);
            }
        }
    }
    frame
}

#[test]
fn mutated_frames_deliver_no_more_wrong_packets_than_the_crc_lets_through() {
    let cases = std::env::var("ACK_GROUP_MUTATIONS")
        .map_or(MUTATIONS, |count| count.parse().expect("a number of cases"));
    let mut dice = Dice::new(7);
    let (mut wrong, mut right, mut crc) = (0, 0, 0);
    let mut scene_of = scene(0);
    for case in 0..cases {
        if case % 200 == 0 {
            scene_of = scene(case as u64);
        }
        let frame = mutate(&scene_of.frame, &scene_of.other, &mut dice);
        let mut decompressor = scene_of.decompressor.clone();
        let rides = decompressor.frame_received(&frame);
        match rides.map(|rides| is_part(rides, &scene_of.acks)) {
            Ok(true) => right += 1,
            Ok(false) => wrong += 1,
            Err(Gap::Crc) => crc += 1,
            Err(_) => {}
        }
    }
    tell(&format!(
        "{cases} mutated frames: {wrong} gave wrong packets, {right} nothing or right ones, {crc} \
         were left to the CRC; chance would have given {:.1}",
        cases as f64 / 65536.0
    ));
    // Three standard deviations above what the CRC lets through.
    let expected = cases as f64 / 65536.0;
    assert!(wrong as f64 <= expected + 3.0 * expected.sqrt() + 1.0, "{wrong} of {cases}");
}

/// Whether the packets are the first of each flow of the expected ones.
fn is_part<'a>(mut packets: impl Iterator<Item = &'a [u8]>, acks: &[Vec<u8>]) -> bool {
    let mut left: Vec<&Vec<u8>> = acks.iter().collect();
    packets.all(|packet| {
        let at = left.iter().position(|ack| *ack == packet);
        at.map(|at| left.remove(at)).is_some()
    })
}

#[test]
fn two_flows_with_one_cid_do_not_disturb_each_other() {
    let twins = colliding_ports();
    for view in [View::Right, View::Late(1), View::Deceived] {
        for seed in 1..=200 {
            let mut dice = Dice::new(seed);
            let mut flows = twins.map(Flow::new);
            let packets = busy(&mut flows, 600, &mut dice);
            let mut link = Link::new(view, 400);
            for (at, packet) in packets.iter().enumerate() {
                link.send(packet);
                if at % 12 == 0 {
                    link.natives_done();
                    link.respond(dice.one_in(5));
                }
                if dice.one_in(90) {
                    link.drain();
                }
            }
            link.finish().unwrap_or_else(|wrong| panic!("{view:?} {seed}: {wrong}"));
        }
    }
}

/// Two ports whose flows have the same CID.
fn colliding_ports() -> [u16; 2] {
    let cid = |port: u16| {
        let mut tuple = vec![6, 10, 9, 0, 2, 10, 9, 0, 1];
        tuple.extend(port.to_be_bytes());
        tuple.extend(5201u16.to_be_bytes());
        md5::compute(tuple)[15]
    };
    let first = 40_000;
    let second = (first + 1..).find(|&port| cid(port) == cid(first)).expect("one in 256");
    [first, second]
}
