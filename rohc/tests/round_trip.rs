//! Whatever a host sends comes out as it went in.

#[path = "common/stream.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod stream;

use proptest::collection::vec;
use proptest::prelude::*;
use rohc::ack_group::{Compressor, Decompressor, Gap, Listener, Native, Reason, Verdict};
use stream::{Flow, IpId};

/// An ACK: how each field differs from the one before. Zero, the usual case, shrinks best.
#[derive(Debug, Clone)]
struct Step {
    flow: usize,
    ack: u32,
    window: u16,
    tsval: u32,
    tsecr: u32,
    sack: Vec<(u32, u32)>,
    odd: [u32; 4],
}

fn amount() -> impl Strategy<Value = u32> {
    prop_oneof![3 => Just(0), 3 => 0..4u32, 2 => Just(2896), 1 => 0..70_000u32, 1 => any::<u32>()]
}

fn step() -> impl Strategy<Value = Step> {
    let odd = prop_oneof![5 => Just([0; 4]), 1 => any::<[u32; 4]>()];
    let sack = prop_oneof![3 => Just(vec![]), 1 => vec((amount(), amount()), 0..4)];
    (0..4usize, amount(), amount(), amount(), amount(), sack, odd).prop_map(
        |(flow, ack, window, tsval, tsecr, sack, odd)| Step {
            flow,
            ack,
            window: window as u16,
            tsval,
            tsecr,
            sack,
            odd,
        },
    )
}

fn flows() -> Vec<Flow> {
    let mut flows: Vec<Flow> = (0..4).map(|port| Flow::new(50_000 + port)).collect();
    flows[1].is_ipv6 = true;
    flows[1].ip_id = IpId::Zero;
    flows[2].ip_id = IpId::Random;
    flows[3].has_timestamps = false;
    flows
}

fn apply(step: Step, flow: &mut Flow) {
    flow.ack = flow.ack.wrapping_add(step.ack);
    flow.window = flow.window.wrapping_add(step.window);
    if flow.has_timestamps {
        flow.tsval = flow.tsval.wrapping_add(step.tsval);
        flow.tsecr = flow.tsecr.wrapping_add(step.tsecr);
    }
    let ack = flow.ack;
    flow.sack = step
        .sack
        .iter()
        .map(|(gap, len)| (ack.wrapping_add(*gap), ack.wrapping_add(*len)))
        .collect();
    let [seq, tos, ttl, flags] = step.odd;
    flow.seq = flow.seq.wrapping_add(seq);
    flow.tos ^= tos as u8;
    flow.ttl ^= ttl as u8;
    flow.flags ^= flags as u8 & 0xc8;
}

proptest! {
    #[test]
    fn acks_that_ride_come_out_as_they_went_in(
        groups in vec(vec(step(), 1..12), 1..12),
        budget in 30..400usize,
    ) {
        let (mut compressor, mut decompressor) = (Compressor::new(), Decompressor::new());
        let mut listener = Listener::default();
        let mut flows = flows();
        for flow in &mut flows {
            let packet = flow.packet();
            compressor.compress(&packet);
            decompressor.native_seen(&packet);
            compressor.native_done(&packet, true);
        }
        for group in groups {
            let mut sent: Vec<Vec<u8>> = vec![];
            for step in group {
                let flow = &mut flows[step.flow];
                apply(step, flow);
                let packet = flow.packet();
                // What looks like an earlier ACK does not ride; here it is not sent at all.
                if compressor.compress(&packet) == Verdict::Ride {
                    sent.push(packet);
                } else {
                    return Ok(());
                }
            }
            let mut came: Vec<Vec<u8>> = vec![];
            while let Some((frame, id)) = compressor.frame(budget) {
                prop_assert!(frame.len() <= budget);
                let listed = listener.hear(frame).expect("it is laid out as frames are");
                let acks = decompressor.frame_received(frame).unwrap();
                prop_assert_eq!(listed.new_acks(), Some(acks.len()));
                came.extend(acks.map(<[u8]>::to_vec));
                compressor.confirm(id);
            }
            for flow in 0..flows.len() {
                let of_flow = |packet: &&Vec<u8>| {
                    let ports = if packet[0] >> 4 == 4 { 20 } else { 40 };
                    packet[ports + 1] == 0x50 + flow as u8
                };
                let sent: Vec<_> = sent.iter().filter(of_flow).collect();
                let came: Vec<_> = came.iter().filter(of_flow).collect();
                prop_assert!(came.len() <= sent.len());
                prop_assert_eq!(&came[..], &sent[..came.len()]);
            }
            prop_assert!(compressor.pending() > 0 || came.len() == sent.len());
            if compressor.pending() > 0 {
                // An ACK that is too long for the budget: a drain is for that.
                return Ok(());
            }
        }
    }

    #[test]
    fn whatever_the_host_sends_goes_somehow(packets in vec(vec(any::<u8>(), 0..120), 0..20)) {
        let (mut compressor, mut decompressor) = (Compressor::new(), Decompressor::new());
        for mut packet in packets {
            if let Some(first) = packet.first_mut() {
                // IPv4 or IPv6 for the most part, and TCP where that is said.
                *first = [0x45, 0x60, 0x46, *first][usize::from(*first % 4)];
            }
            packet.get_mut(6).into_iter().for_each(|byte| *byte = 6);
            packet.get_mut(9).into_iter().for_each(|byte| *byte = 6);
            let verdict = compressor.compress(&packet);
            prop_assert!(matches!(verdict, Verdict::Native(_)));
            decompressor.native_seen(&packet);
            compressor.native_done(&packet, true);
            prop_assert!(decompressor.frame_received(&packet).is_err());
            Listener::default().hear(&packet);
        }
    }
}

#[test]
fn what_cannot_ride_is_told_with_its_reason() {
    let mut compressor = Compressor::new();
    let mut flow = Flow::new(1234);
    let packet = flow.packet();
    assert_eq!(compressor.compress(&packet), Verdict::Native(Reason::NoReference));
    flow.ack += 2896;
    let second = flow.packet();
    assert_eq!(compressor.compress(&second), Verdict::Native(Reason::InFlight));
    compressor.native_done(&packet, true);
    compressor.native_done(&second, false);
    flow.ack += 2896;
    let third = flow.packet();
    assert_eq!(compressor.compress(&third), Verdict::Native(Reason::NoReference), "given up");
    compressor.native_done(&third, true);

    let mut wrong = flow.packet();
    wrong[37] ^= 1;
    assert_eq!(compressor.compress(&wrong), Verdict::Native(Reason::Uncodable), "checksum");
    compressor.native_done(&wrong, true);
    flow.ack += 2896;
    assert_eq!(compressor.compress(&flow.packet()), Verdict::Ride);
    let mut syn = flow.packet();
    syn[33] |= 2;
    assert_eq!(compressor.compress(&syn), Verdict::DrainFirst(Reason::NotPureAck));
    assert_eq!(compressor.frame(100), None, "not before the drain");
    assert_eq!(compressor.drain().len(), 1);
    assert_eq!(compressor.compress(&syn), Verdict::Native(Reason::NotPureAck));
    assert_eq!(compressor.compress(&[0x45; 10]), Verdict::Native(Reason::NotTcp));
}

#[test]
fn an_ack_like_the_last_one_does_not_ride_where_nothing_tells_them_apart() {
    let mut compressor = Compressor::new();
    let mut flow = Flow::new(1234);
    flow.ip_id = IpId::Zero;
    let packet = flow.packet();
    compressor.compress(&packet);
    compressor.native_done(&packet, true);
    assert_eq!(compressor.compress(&packet), Verdict::Native(Reason::Indistinct));
    compressor.native_done(&packet, true);
    flow.sack.push((flow.ack + 1448, flow.ack + 2896));
    assert_eq!(compressor.compress(&flow.packet()), Verdict::Ride);
}

/// Both ends after a flow's first ACK, and the flow.
fn acquainted() -> (Compressor, Decompressor, Flow) {
    let (mut compressor, mut decompressor) = (Compressor::new(), Decompressor::new());
    let mut flow = Flow::new(1234);
    let packet = flow.packet();
    compressor.compress(&packet);
    decompressor.native_seen(&packet);
    compressor.native_done(&packet, true);
    (compressor, decompressor, flow)
}

/// The next ACK of a flow.
fn next(flow: &mut Flow) -> Vec<u8> {
    flow.ack += 2896;
    flow.packet()
}

#[test]
fn unconfirmed_sections_are_repeated_byte_for_byte_and_delivered_once() {
    let (mut compressor, mut decompressor, mut flow) = acquainted();
    flow.window += 1000;
    compressor.compress(&next(&mut flow));
    let (first, _) = compressor.frame(100).unwrap();
    let first = first.to_vec();
    assert_eq!(decompressor.frame_received(&first).unwrap().len(), 1);
    assert_eq!(compressor.not_heard(), 1);
    let (again, _) = compressor.frame(100).unwrap();
    assert_eq!(again, first);
    assert_eq!(decompressor.frame_received(again).unwrap().len(), 0);

    flow.window += 1000;
    let second = next(&mut flow);
    compressor.compress(&second);
    let (both, id) = compressor.frame(100).unwrap();
    let section = &first[1..first.len() - 2];
    assert_eq!(usize::from(both[1]), section.len());
    assert_eq!(&both[2..2 + section.len()], section);
    assert!(decompressor.frame_received(both).unwrap().eq([second]));
    compressor.confirm(id);
    assert!(compressor.is_idle());
    assert_eq!(compressor.frame(100), None);
}

#[test]
fn a_decompressor_that_forgot_all_goes_on_after_a_drain() {
    let (mut compressor, _, mut flow) = acquainted();
    compressor.compress(&next(&mut flow));
    let (_, id) = compressor.frame(100).unwrap();
    compressor.confirm(id);
    compressor.compress(&next(&mut flow));
    let (frame, _) = compressor.frame(100).unwrap();
    let mut decompressor = Decompressor::new();
    assert_eq!(decompressor.frame_received(frame).map(Iterator::count), Err(Gap::Broken));

    let drained: Vec<Vec<u8>> = compressor.drain().map(<[u8]>::to_vec).collect();
    assert_eq!(drained.len(), 1);
    decompressor.native_seen(&drained[0]);
    compressor.native_done(&drained[0], true);
    let ack = next(&mut flow);
    assert_eq!(compressor.compress(&ack), Verdict::Ride);
    let (frame, _) = compressor.frame(100).unwrap();
    assert!(decompressor.frame_received(frame).unwrap().eq([ack]));
}

#[test]
fn a_drain_sends_the_newest_ack_of_a_flow_that_was_confirmed_and_the_peer_drops_it() {
    let (mut compressor, mut decompressor, mut flow) = acquainted();
    let (older, newest) = (next(&mut flow), next(&mut flow));
    compressor.compress(&older);
    compressor.compress(&newest);
    let (frame, id) = compressor.frame(100).unwrap();
    assert_eq!(decompressor.frame_received(frame).unwrap().len(), 2);
    compressor.confirm(id);
    assert!(compressor.drain().eq([&newest]));
    assert_eq!(decompressor.native_seen(&newest), Native::Copy);
    assert_eq!(decompressor.native_seen(&newest), Native::New, "only once");
}

#[test]
fn a_forged_frame_breaks_the_chain_but_nothing_is_delivered_twice() {
    let (mut compressor, mut decompressor, mut flow) = acquainted();
    let mut last = vec![];
    for _ in 0..4 {
        compressor.compress(&next(&mut flow));
        last = compressor.frame(200).unwrap().0.to_vec();
        assert_eq!(decompressor.frame_received(&last).unwrap().len(), 1);
    }
    // One more ACK as predicted, by its number; the CRC is a guess.
    let forged = [4 << 3, 0, 0];
    assert_eq!(decompressor.frame_received(&forged).map(Iterator::count), Err(Gap::Crc));
    assert_eq!(decompressor.frame_received(&last).map(Iterator::count), Err(Gap::Broken));
    let drained: Vec<Vec<u8>> = compressor.drain().map(<[u8]>::to_vec).collect();
    assert_eq!(drained.len(), 4);
    for packet in &drained {
        assert_eq!(decompressor.native_seen(packet), Native::Copy);
        compressor.native_done(packet, true);
    }
    let ack = next(&mut flow);
    assert_eq!(compressor.compress(&ack), Verdict::Ride);
    let (frame, _) = compressor.frame(200).unwrap();
    assert!(decompressor.frame_received(frame).unwrap().eq([ack]));
}

#[test]
fn a_flow_that_changed_on_its_native_way_rides_as_what_it_has_become() {
    let (mut compressor, mut decompressor, mut flow) = acquainted();
    compressor.compress(&next(&mut flow));
    let (frame, id) = compressor.frame(100).unwrap();
    assert_eq!(decompressor.frame_received(frame).unwrap().len(), 1);
    compressor.confirm(id);

    // Without Don't Fragment from now on, which no record could tell.
    let without_df = |mut packet: Vec<u8>| {
        packet[6] = 0;
        let checksum = u16::from_be_bytes([packet[10], packet[11]]);
        let (sum, carry) = checksum.overflowing_add(0x4000);
        packet[10..12].copy_from_slice(&(sum + u16::from(carry)).to_be_bytes());
        packet
    };
    let native = without_df(next(&mut flow));
    assert_eq!(compressor.send_natively(&native), Verdict::Native(Reason::Unwanted));
    assert_eq!(decompressor.native_seen(&native), Native::New);
    compressor.native_done(&native, true);
    let ack = without_df(next(&mut flow));
    assert_eq!(compressor.compress(&ack), Verdict::Ride);
    let (frame, _) = compressor.frame(100).unwrap();
    assert!(decompressor.frame_received(frame).unwrap().eq([ack]));
}

#[test]
fn acks_that_have_nothing_in_common_and_fit_no_section_are_drained() {
    let (mut compressor, mut decompressor, mut flow) = acquainted();
    let mut dice = stream::Dice::new(1);
    let mut any = || dice.below(u32::MAX);
    let mut acks = vec![];
    for _ in 0..21 {
        (flow.seq, flow.ack, flow.tsval, flow.tsecr) = (any(), any(), any(), any());
        flow.sack = vec![(any(), any()), (any(), any()), (any(), any())];
        acks.push(flow.packet());
        assert_eq!(compressor.compress(acks.last().unwrap()), Verdict::Ride);
    }
    assert_eq!(compressor.frame(1000), None);
    assert!(compressor.must_drain());
    let drained: Vec<Vec<u8>> = compressor.drain().map(<[u8]>::to_vec).collect();
    assert_eq!(drained, acks);
    for ack in &drained {
        assert_eq!(decompressor.native_seen(ack), Native::New);
        compressor.native_done(ack, true);
    }

    // Afterwards all is well.
    let ack = next(&mut flow);
    assert_eq!(compressor.compress(&ack), Verdict::Ride);
    let (frame, _) = compressor.frame(1000).unwrap();
    let rides: Vec<&[u8]> = decompressor.frame_received(frame).unwrap().collect();
    assert_eq!(rides, [&ack[..]]);
}
