//! An AP and a station on samples, block by block, without threads.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use mac::{
    ApConfig, Config, Instant, Mac, MacAddr, Msdu, NoRider, Notice, RateSelection, Role, Scan,
    SlotTiming, StationConfig, TimeUnits,
};
use phy80211::{Bandwidth, Complex32, Detail, GuardInterval, HtRate, HtWidth, Mcs, Transmitter};
use radios::impair::Awgn;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::ear::EarConfig;

use super::*;

const BLOCK: usize = 500;
const AP: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
const STATION: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);

/// A station and what it has in the air.
struct Node {
    station: Station,
    transmitter: Transmitter,
    bursts: VecDeque<(u64, Vec<Complex32>)>,
    noise: Awgn,
    delivered: Vec<Msdu>,
    notices: Vec<Notice>,
    /// When what it sent began, and whether it was a control frame.
    sent: Vec<(u64, bool)>,
}

impl Node {
    fn new(address: MacAddr, role: Role, bandwidth: Bandwidth, lead: u64) -> Self {
        let ear = EarConfig {
            bandwidth,
            receives_ht: true,
            energy_detection_dbm: -62.0,
            detail: Detail::default(),
        };
        let clock = SampleClock::new(bandwidth);
        let time = |samples| clock.at(samples).since(Instant::ZERO);
        let told = time(response_lead(bandwidth, lead));
        let delay = told.saturating_sub(SlotTiming::of(bandwidth).sifs);
        let width = if bandwidth == Bandwidth::Mhz40 { HtWidth::Mhz40 } else { HtWidth::Mhz20 };
        let rate = HtRate { mcs: Mcs::ALL[5], width, gi: GuardInterval::Short };
        let config = Config {
            response_delay: delay,
            ack_turnaround: delay,
            indication_delay: told,
            ..Config::dot11n(address, role, bandwidth, RateSelection::Fixed(rate.into()))
        };
        let rng = ChaCha8Rng::seed_from_u64(address.0[5].into());
        Self {
            station: Station::new(ear, lead, 0, |now| {
                Mac::new(now, config, Box::new(NoRider), rng)
            }),
            transmitter: Transmitter::new(bandwidth),
            bursts: VecDeque::new(),
            noise: Awgn::new(1e-7, address.0[5].into()),
            delivered: vec![],
            notices: vec![],
            sent: vec![],
        }
    }

    fn act(&mut self, what: impl FnOnce(&mut Station, &mut dyn FnMut(Action))) {
        let Self { station, transmitter, bursts, delivered, notices, sent, .. } = self;
        what(station, &mut |action| match action {
            Action::Deliver(msdu) => delivered.push(msdu),
            Action::Notify(notice) => notices.push(notice),
            Action::Transmit { start, ppdu } => {
                let mut samples = vec![];
                transmitter.modulate(&ppdu.txvector, &ppdu.psdu, &mut samples).unwrap();
                bursts.push_back((start, samples));
                sent.push((start, ppdu.psdu[0] & 0b1100 == 0b0100));
            }
        });
    }

    /// What it has on the air in a block.
    fn radiate(&mut self, from: u64, out: &mut [Complex32]) {
        for (start, samples) in &self.bursts {
            for (at, sample) in (*start..).zip(samples) {
                assert!(*start + 1 >= from || *start < from, "late");
                if let Some(out) = at.checked_sub(from).and_then(|at| out.get_mut(at as usize)) {
                    *out += sample * 0.03;
                }
            }
        }
        self.bursts.retain(|(start, samples)| start + samples.len() as u64 > from);
    }
}

/// An AP and a station that hear each other, but for the samples that `lost` names.
struct Link {
    nodes: [Node; 2],
    next: u64,
    bandwidth: Bandwidth,
    lost: fn(block: u64) -> bool,
}

impl Link {
    fn new(bandwidth: Bandwidth, lead: u64) -> Self {
        let ap = ApConfig {
            ssid: b"test".to_vec(),
            channel: 36,
            beacon_interval: TimeUnits(20),
            first_beacon: Duration::from_millis(1),
            dtim_period: 2,
            inactivity: Duration::from_secs(60),
        };
        let scan = Scan::Passive { listen: Duration::from_millis(25) };
        let station = StationConfig { ssid: b"test".to_vec(), bssid: None, scan, beacon_loss: 20 };
        let nodes = [(AP, Role::Ap(ap)), (STATION, Role::Station(station))]
            .map(|(address, role)| Node::new(address, role, bandwidth, lead));
        Self { nodes, next: 0, bandwidth, lost: |_| false }
    }

    fn run(&mut self, time: Duration) {
        let blocks = time.as_secs_f64() * self.bandwidth.sample_rate_hz() / BLOCK as f64;
        for _ in 0..blocks as u64 {
            let from = self.next;
            let [mut at_station, mut at_ap] = [(); 2].map(|()| vec![Complex32::ZERO; BLOCK]);
            let [ap, station] = &mut self.nodes;
            ap.radiate(from, &mut at_station);
            station.radiate(from, &mut at_ap);
            self.next += BLOCK as u64;
            if (self.lost)(from / BLOCK as u64) {
                continue;
            }
            for (node, mut samples) in [(ap, at_ap), (station, at_station)] {
                samples.iter_mut().for_each(|sample| *sample += node.noise.next());
                node.act(|station, mut act| station.hear(from, &samples, &mut act));
            }
        }
    }

    fn is_associated(&self) -> bool {
        self.nodes.iter().all(|node| {
            node.notices.iter().any(|notice| matches!(notice, Notice::Associated { .. }))
        })
    }

    /// Sends packets from the AP.
    fn send(&mut self, count: usize) {
        for number in 0..count {
            let payload = Bytes::from(vec![number as u8; 1000]);
            let msdu =
                Msdu { destination: STATION, source: AP, priority: 0, ethertype: 0x0800, payload };
            self.nodes[0].act(|station, mut act| station.send(msdu, &mut act));
        }
    }
}

#[test]
fn a_station_joins_its_ap_and_gets_packets_whatever_the_clocking_and_the_lead() {
    for (bandwidth, lead) in [
        (Bandwidth::Mhz20, 1000),
        (Bandwidth::Mhz20, 10_000),
        (Bandwidth::Mhz40, 2000),
        (Bandwidth::Mhz10, 1000),
        (Bandwidth::Mhz5, 1000),
    ] {
        let mut link = Link::new(bandwidth, lead);
        link.run(Duration::from_millis(150));
        assert!(link.is_associated(), "{bandwidth:?} {lead}: {:?}", link.nodes[1].notices);
        link.send(20);
        link.run(Duration::from_millis(60));
        let [ap, station] = &link.nodes;
        assert_eq!(station.delivered.len(), 20, "{bandwidth:?} {lead}");
        let counters = ap.station.mac().counters();
        eprintln!("{counters:?}");
        assert_eq!(counters.data_ppdus_unanswered, 0, "{bandwidth:?} {lead}");
    }
}

#[test]
fn samples_that_are_lost_cost_frames_and_nothing_else() {
    let mut link = Link::new(Bandwidth::Mhz20, 1000);
    link.run(Duration::from_millis(150));
    link.lost = |block| block % 10 == 0 || block % 37 < 3;
    for _ in 0..10 {
        link.send(20);
        link.run(Duration::from_millis(30));
    }
    link.run(Duration::from_millis(100));
    let [ap, station] = &link.nodes;
    assert!(ap.station.mac().counters().data_ppdus_unanswered > 0);
    assert_eq!(station.delivered.len(), 200);
}
