//! What an ACK costs on real traces, all overhead included.

mod common;

use common::{Timed, read, tell, traces};
use rohc::ack_group::{Compressor, Decompressor, Native, Verdict};

/// Sizes of a trace.
struct Cost {
    bytes: usize,
    rode: usize,
    native: usize,
}

/// Sends a trace over a channel without loss, a frame for each group, and checks all that comes out.
fn cost(packets: &[Timed], is_end: impl Fn(usize) -> bool) -> Cost {
    let (mut compressor, mut decompressor) = (Compressor::new(), Decompressor::new());
    let mut cost = Cost { bytes: 0, rode: 0, native: 0 };
    let mut expected: Vec<&[u8]> = vec![];
    for (at, (_, packet)) in packets.iter().enumerate() {
        match compressor.compress(packet) {
            Verdict::Ride => {
                cost.rode += 1;
                expected.push(packet);
            }
            Verdict::Native(_) => {
                cost.native += 1;
                assert_eq!(decompressor.native_seen(packet), Native::New);
                compressor.native_done(packet, true);
            }
            Verdict::DrainFirst(reason) => panic!("{at}: {reason:?}"),
        }
        if is_end(at) {
            while let Some((frame, id)) = compressor.frame(1000) {
                cost.bytes += frame.len();
                let mut rides: Vec<&[u8]> = decompressor.frame_received(frame).unwrap().collect();
                rides.sort();
                expected.sort();
                assert!(rides == expected, "altered");
                expected.clear();
                compressor.confirm(id);
            }
        }
    }
    cost
}

#[test]
fn an_ack_costs_what_was_promised() {
    let Some(folder) = traces() else { return };
    for (name, single, must) in [
        ("dl1_nots", false, 0.45),
        ("dl1_ts", false, 0.80),
        ("dl1_ts_v6", false, 0.80),
        ("dl1_ts_loss", false, 2.4),
        ("dl10_ts", false, 2.1),
        ("ampdu1_nots", false, 1.35),
        ("ampdu1_ts", false, 1.20),
        ("ampdu10_ts", false, 2.1),
        ("ampdu10_ts_loss", false, 3.0),
        ("dl1_ts_gro", false, 1.5),
        ("dl1_nots", true, 3.1),
        ("dl1_ts", true, 3.4),
        ("ampdu1_ts", true, 3.6),
    ] {
        let packets = read(&folder, name);
        let by_time = name.starts_with("ampdu");
        let cost = cost(&packets, |at| {
            let next = packets.get(at + 1);
            single
                || match by_time {
                    true => next.is_none_or(|next| next.0 != packets[at].0),
                    false => at % 21 == 20 || next.is_none(),
                }
        });
        let mean = cost.bytes as f64 / cost.rode as f64;
        let form = if single { "one ACK per frame" } else { "groups" };
        let text = format!("{name}, {form}: {mean:.3} bytes per ACK, {must} at most");
        tell(&format!("{text}; {} native", cost.native));
        assert!(mean <= must, "{text}");
    }
}
