//! Lost frames: whatever is lost, and whatever the client makes of it, no ACK is lost for good,
//! doubled, altered, or out of order within its flow.

mod common;
#[path = "common/link.rs"]
mod link;
#[path = "common/stream.rs"]
mod stream;

use common::{read, tell, traces};
use link::{Link, View};
use stream::{Dice, Flow, IpId, busy};

/// Frames in a pattern of losses.
const FRAMES: u32 = 12;
const VIEWS: [View; 4] = [View::Right, View::Late(1), View::Late(3), View::Deceived];
const ROOMY: usize = 400;

const TRACES: [&str; 12] = [
    "dl1_nots",
    "dl1_ts",
    "dl1_ts_v6",
    "dl1_ts_loss",
    "dl10_ts",
    "dl1_ts_gro",
    "ampdu1_nots",
    "ampdu1_ts",
    "ampdu10_ts",
    "ampdu10_ts_loss",
    "syn_dl1_ts_idrnd",
    "syn_dl1_ts_idzero",
];

/// Streams that are made up: of all kinds of flows.
fn made_up(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut flows: Vec<Flow> = (0..6).map(|port| Flow::new(40_000 + port)).collect();
    flows[1].is_ipv6 = true;
    flows[1].ip_id = IpId::Zero;
    flows[2].ip_id = IpId::Zero;
    flows[3].ip_id = IpId::Random;
    flows[4].has_timestamps = false;
    flows[5].has_timestamps = false;
    flows[5].is_ipv6 = true;
    flows[5].ip_id = IpId::Zero;
    busy(&mut flows, count, &mut Dice::new(seed))
}

/// Sends groups over the link; a frame follows each one.
fn run<'a>(
    link: &mut Link,
    groups: impl Iterator<Item = &'a [Vec<u8>]>,
    mut is_lost: impl FnMut() -> bool,
) {
    for group in groups {
        group.iter().for_each(|packet| link.send(packet));
        link.natives_done();
        link.respond(is_lost());
    }
}

/// All patterns of lost frames in the midst of a stream.
fn all_patterns(name: &str, packets: &[Vec<u8>], view: View) {
    let (mut native, mut missing, mut sent) = (0, 0, 0);
    for pattern in 0..1u32 << FRAMES {
        let mut frame = 0;
        let mut link = Link::new(view, ROOMY);
        let is_lost = || {
            frame += 1;
            // Three frames before, two after.
            frame > 3 && frame <= 3 + FRAMES && pattern >> (frame - 4) & 1 == 1
        };
        run(&mut link, packets.chunks(7).take(FRAMES as usize + 5), is_lost);
        native += link.native;
        sent += 7 * (FRAMES as usize + 5);
        missing +=
            link.finish().unwrap_or_else(|wrong| panic!("{name} {view:?} {pattern:b}: {wrong}"));
    }
    let share = |count| 100.0 * count as f64 / sent as f64;
    tell(&format!(
        "{name} {view:?}: all {} patterns, {:.1} % native, {:.1} % lost to deceit and made up for",
        1 << FRAMES,
        share(native),
        share(missing),
    ));
}

#[test]
fn any_pattern_of_lost_frames_on_made_up_streams() {
    for view in VIEWS {
        all_patterns("made up", &made_up(1, 7 * (FRAMES as usize + 5)), view);
    }
}

#[test]
fn any_pattern_of_lost_frames_on_real_traces() {
    let Some(folder) = traces() else { return };
    for name in TRACES {
        let packets: Vec<_> = read(&folder, name).into_iter().map(|packet| packet.1).collect();
        // Not the beginning, where there are no losses yet.
        let some = &packets[3000..3000 + 7 * (FRAMES as usize + 5)];
        VIEWS.iter().for_each(|&view| all_patterns(name, some, view));
    }
}

/// A long run with random losses, drains, native packets that take their time, and tight budgets.
fn random_loss(name: &str, packets: &[Vec<u8>], percent: u32, view: View, seed: u64) {
    let mut dice = Dice::new(seed);
    let budget = if dice.one_in(2) { ROOMY } else { 60 };
    let mut link = Link::new(view, budget);
    let mut rest = packets;
    while !rest.is_empty() {
        let (group, later) = rest.split_at(rest.len().min(1 + dice.below(40) as usize));
        rest = later;
        group.iter().for_each(|packet| link.send(packet));
        if !dice.one_in(4) {
            link.natives_done();
        }
        link.respond(dice.below(100) < percent);
        if dice.one_in(50) {
            link.drain();
        }
    }
    let (native, gaps) = (link.native, link.gaps);
    let missing =
        link.finish().unwrap_or_else(|wrong| panic!("{name} {percent} % {view:?} {seed}: {wrong}"));
    if seed == 1 && percent % 50 < 5 {
        tell(&format!(
            "{name} {percent} % {view:?}: of {} ACKs {native} native, {gaps} gaps, {missing} lost \
             to deceit and made up for",
            packets.len(),
        ));
    }
}

#[test]
fn random_loss_on_made_up_streams() {
    for seed in 1..=20 {
        for percent in [1, 5, 20, 50] {
            for view in VIEWS {
                random_loss("made up", &made_up(seed, 4000), percent, view, seed);
            }
        }
    }
}

#[test]
fn random_loss_on_real_traces() {
    let Some(folder) = traces() else { return };
    for name in TRACES {
        let packets: Vec<_> = read(&folder, name).into_iter().map(|packet| packet.1).collect();
        for percent in [1, 2, 5, 10, 20, 35, 50] {
            VIEWS.iter().for_each(|&view| random_loss(name, &packets, percent, view, 1));
        }
    }
}

#[test]
fn flows_that_come_and_go_by_the_hundred() {
    for (concurrent, budget) in [(20, ROOMY), (90, ROOMY), (90, 40)] {
        for view in VIEWS {
            let mut dice = Dice::new(u64::from(concurrent) + budget as u64);
            let mut link = Link::new(view, budget);
            let mut next = 20_000;
            let mut flows = vec![];
            for round in 0..8000u32 {
                while flows.len() < concurrent as usize {
                    next += 1;
                    flows.push(Flow::new(next));
                }
                let at = dice.below(concurrent) as usize;
                let packet = busy(&mut flows[at..=at], 1, &mut dice).remove(0);
                link.send(&packet);
                if dice.one_in(30) {
                    let mut data = flows[at].packet();
                    data.push(7);
                    link.send(&data);
                }
                if dice.one_in(40) {
                    let mut fin = flows.swap_remove(at).packet();
                    fin[33] |= 1;
                    link.send(&fin);
                }
                if round % 16 == 0 {
                    link.natives_done();
                    link.respond(dice.one_in(6));
                }
                if dice.one_in(400) || link.compressor.must_drain() {
                    link.drain();
                }
            }
            link.finish().unwrap_or_else(|wrong| panic!("{concurrent} {budget} {view:?}: {wrong}"));
        }
    }
}
