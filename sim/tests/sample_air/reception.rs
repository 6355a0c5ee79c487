use std::time::Duration;

use mac::{PhyIndication, TxPpdu};
use phy80211::{HtWidth, OfdmRate, Placement, TxVector};
use sim::{Air, Position};

use crate::bed::*;

const SIFS: Duration = Duration::from_micros(16);
/// By how much a receiver may be wrong about when a PPDU began, and an echo's or a metre's delay.
const TIMING: Duration = Duration::from_nanos(200);

fn name(said: &PhyIndication) -> &'static str {
    match said {
        PhyIndication::CcaBusy => "busy",
        PhyIndication::CcaIdle => "idle",
        PhyIndication::RxStart { .. } => "start",
        PhyIndication::Rx(_) => "rx",
        PhyIndication::RxError => "error",
    }
}

#[test]
fn a_ppdu_is_told_step_by_step_and_in_time() {
    for channel in [channel_36(), channel_38()] {
        let (mut air, nodes) = row(2, channel, 1);
        let end = air.transmit(nodes[0], legacy(us(100.0), 500));
        let said = of(nodes[1], &listen(&mut air));
        let names: Vec<_> = said.iter().map(|(_, said)| name(said)).collect();
        assert_eq!(names, ["busy", "start", "rx", "idle"]);
        assert!(apart(said[0].0, us(100.0)) <= Duration::from_micros(4), "busy at {}", said[0].0);
        assert!(apart(said[1].0, us(120.0)) <= Duration::from_micros(3), "start at {}", said[1].0);
        let PhyIndication::RxStart { until } = said[1].1 else { panic!("a start") };
        let PhyIndication::Rx(ppdu) = &said[2].1 else { panic!("a result") };
        assert_eq!(until, ppdu.end);
        assert!(apart(ppdu.end, end) <= TIMING && apart(ppdu.start, us(100.0)) <= TIMING);
        assert_eq!(ppdu.psdu, mpdu(500));
        assert_eq!((ppdu.rate, ppdu.placement), (OfdmRate::Mbps24.into(), Placement::Whole));
        // 16 dBm less 46.7 dB over a metre.
        assert!((ppdu.rssi_dbm + 30.66).abs() < 1.0, "{} dBm", ppdu.rssi_dbm);
        // The halves of 40 MHz come out of a filter.
        let late = Duration::from_nanos(if channel == channel_38() { 825 } else { 0 });
        assert!(said[2].0 >= ppdu.end && said[2].0 <= ppdu.end + late, "told at {}", said[2].0);
        assert_eq!(said[3].0, said[2].0);
    }
}

#[test]
fn an_answer_arrives_sifs_after_its_frame() {
    let (mut air, nodes) = row(2, channel_36(), 2);
    let end = air.transmit(nodes[0], frame(us(50.0), ht(7, HtWidth::Mhz20), 1500));
    let mut answers = vec![];
    while let Some(now) = air.next_event() {
        while let Some((node, said)) = air.poll(now) {
            match said {
                PhyIndication::Rx(ppdu) if node == nodes[1] => {
                    assert_eq!(ppdu.psdu, mpdu(1500));
                    air.transmit(node, legacy(ppdu.end + SIFS, 14));
                }
                PhyIndication::Rx(ppdu) => answers.push(ppdu),
                _ => {}
            }
        }
    }
    let [answer] = &answers[..] else { panic!("one answer, not {}", answers.len()) };
    assert_eq!(answer.psdu, mpdu(14));
    assert!(apart(answer.start, end + SIFS) <= 2 * TIMING);
}

#[test]
fn who_sends_is_deaf_and_says_when_it_is_over() {
    let (mut air, nodes) = row(2, channel_36(), 3);
    let shorter = air.transmit(nodes[0], legacy(us(0.0), 100));
    let longer = air.transmit(nodes[1], legacy(us(0.0), 1500));
    let said = listen(&mut air);
    assert_eq!((right(nodes[0], &said), right(nodes[1], &said)), (0, 0));
    let told = of(nodes[0], &said);
    assert_eq!(told[0], (shorter, PhyIndication::CcaIdle));
    assert_eq!(name(&told[1].1), "busy");
    assert!(apart(told[1].0, shorter) <= Duration::from_micros(4), "strong enough to be noticed");
    assert_eq!(of(nodes[1], &said)[0], (longer, PhyIndication::CcaIdle));
}

#[test]
fn the_same_seed_says_the_same() {
    let run = |seed| {
        let (mut air, nodes) = row(3, channel_36(), seed);
        air.set_snr_db(nodes[0], nodes[1], 12.0);
        for n in 0..5 {
            air.transmit(nodes[0], legacy(us(500.0 * f64::from(n)), 300));
        }
        listen(&mut air)
    };
    assert_eq!(run(4), run(4));
    assert_ne!(run(4), run(5));
}

#[test]
fn when_all_is_said_the_air_is_silent_until_somebody_sends() {
    let (mut air, nodes) = row(2, channel_36(), 5);
    for second in [0.0, 3600.0] {
        air.transmit(nodes[0], legacy(us(1e6 * second), 100));
        assert_eq!(right(nodes[1], &listen(&mut air)), 1);
        assert_eq!(air.next_event(), None);
    }
}

#[test]
fn forty_megahertz_carry_narrow_and_wide_ppdus() {
    let (mut air, nodes) = row(2, channel_38(), 6);
    let narrow =
        TxVector { placement: Placement::Upper, ..TxVector::new(ht(5, HtWidth::Mhz20), 1) };
    let wide = TxVector::new(ht(7, HtWidth::Mhz40), 1);
    for (txvector, at) in [(narrow, 0.0), (wide, 1000.0)] {
        air.transmit(nodes[0], TxPpdu { start: us(at), txvector, psdu: mpdu(700) });
    }
    let ppdus = received(nodes[1], &listen(&mut air));
    let placements: Vec<_> = ppdus.iter().map(|ppdu| ppdu.placement).collect();
    assert_eq!(placements, [Placement::Upper, Placement::Whole]);
    assert!(ppdus.iter().all(|ppdu| ppdu.psdu == mpdu(700)));
}

#[test]
fn a_monitor_hears_all_of_the_time() {
    let (mut air, nodes) = row(2, channel_36(), 7);
    let monitor = air.add_monitor(Position::new(0.5, 3.0));
    let mut end = us(0.0);
    for (node, at) in [(0, 100.0), (1, 800.0)] {
        end = air.transmit(nodes[node], legacy(us(at), 100));
    }
    listen(&mut air);
    let recording = air.take_recording(monitor);
    assert!(recording.len() as u64 >= end.as_nanos() / 50);
    let power = |us: usize| recording[20 * us..][..400].iter().map(|x| x.norm_sqr()).sum::<f32>();
    assert!(power(110) > 1e3 * power(400) && power(810) > 1e3 * power(400));
    assert!(air.take_recording(monitor).is_empty());
}
