//! Frames of any content, whose FCS is right, to stations of each role: none panics, and what they
//! keep stays within its limits.
//!
//! `ACKRIDE_FUZZ_CASES` sets the number of cases.

use std::time::Duration;

use mac::{Config, MacAddr, Role, fcs};
use phy80211::{OfdmRate, TxVector};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::air::Air;
use crate::network::{
    AP, MCS7, STATION, address, ap_role, bss, dot11n, ibss, ms, network, station_role, us,
};

fn cases() -> usize {
    let cases = std::env::var("ACKRIDE_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    // Three tests share them.
    cases.unwrap_or(9_000_usize).div_ceil(3)
}

/// Frames that were on the air while stations joined, talked and slept.
fn examples(mut air: Air, stations: usize) -> Vec<Vec<u8>> {
    for from in 0..stations {
        for to in 0..stations {
            air.packets(from, to, 30, 300);
        }
        air.packet(from, MacAddr::BROADCAST, 0, 100);
        air.command(from, mac::Command::PowerSave(true));
    }
    air.run(ms(400));
    let mut examples: Vec<Vec<u8>> = air.log.iter().map(|sent| sent.mpdus[0].to_vec()).collect();
    examples.sort_by_key(|mpdu| (mpdu[0], mpdu.len()));
    // One of each kind and length.
    examples.dedup_by_key(|mpdu| (mpdu[0], mpdu.len()));
    examples
}

struct Attacker {
    rng: ChaCha8Rng,
    examples: Vec<Vec<u8>>,
}

impl Attacker {
    /// A known frame with a few changes, or anything.
    fn frame(&mut self) -> Vec<u8> {
        let rng = &mut self.rng;
        if rng.random_bool(0.1) {
            return (0..rng.random_range(0..200)).map(|_| rng.random()).collect();
        }
        let mut frame = self.examples[rng.random_range(0..self.examples.len())].clone();
        for _ in 0..rng.random_range(0..4) {
            let at = rng.random_range(0..frame.len());
            match rng.random_range(0..6) {
                0 => frame[at] ^= 1 << rng.random_range(0..8),
                1 => frame[at] = rng.random(),
                // Other flags, another sequence number.
                2 if frame.len() > 1 => frame[1] ^= 1 << rng.random_range(0..8),
                3 if frame.len() > 24 => frame[22..24].copy_from_slice(&rng.random::<[u8; 2]>()),
                4 => frame.truncate(at.max(1)),
                // Another transmitter.
                _ if frame.len() >= 16 => frame[15] = rng.random(),
                _ => {}
            }
        }
        if rng.random() && frame.len() >= 10 {
            frame[4..10].copy_from_slice(&address(rng.random_range(0..3)).0);
        }
        frame
    }

    fn psdu(&mut self) -> (TxVector, Vec<u8>) {
        let aggregation = self.rng.random_bool(0.3);
        let rate = if aggregation { MCS7 } else { OfdmRate::Mbps54.into() };
        let txvector = TxVector { aggregation, ..TxVector::new(rate, 1) };
        let mut mpdus = (0..if aggregation { self.rng.random_range(1..5) } else { 1 }).map(|_| {
            let mut mpdu = self.frame();
            fcs::append(&mut mpdu, 0);
            mpdu
        });
        if !aggregation {
            return (txvector, mpdus.next().unwrap());
        }
        let mut psdu = vec![];
        let mpdus: Vec<_> = mpdus.collect();
        let mut builder = mac::AmpduBuilder::new(&mut psdu, 0);
        mpdus.iter().for_each(|mpdu| builder.push(mpdu));
        (txvector, psdu)
    }
}

fn attack(mut air: Air, seed: u64, examples: Vec<Vec<u8>>) {
    let mut attacker = Attacker { rng: ChaCha8Rng::seed_from_u64(seed), examples };
    for _ in 0..cases() {
        let (txvector, psdu) = attacker.psdu();
        air.inject_psdu(txvector, psdu.into());
        let wait = attacker.rng.random_range(20..600);
        air.run(us(wait));
        let node = attacker.rng.random_range(0..air.nodes.len());
        if attacker.rng.random_bool(0.1) {
            let to = attacker.rng.random_range(0..4);
            let destination = address(to);
            air.packet(node, destination, attacker.rng.random_range(0..8), 200);
        }
        if attacker.rng.random_bool(0.01) {
            air.command(node, mac::Command::PowerSave(attacker.rng.random()));
        }
        if air.log.len() > 1000 {
            air.run(ms(20));
            air.forget_log();
        }
    }
    // And once they are left alone they calm down.
    air.run(Duration::from_secs(1));
}

#[test]
fn an_ap_and_its_stations_survive_anything() {
    attack(
        bss(2, dot11n),
        1,
        examples(network([dot11n(ap_role()), dot11n(station_role()), dot11n(station_role())]), 3),
    );
}

#[test]
fn a_station_that_looks_for_an_ap_survives_anything() {
    let examples = examples(bss(1, dot11n), 2);
    let mut air = Air::new(phy80211::Bandwidth::Mhz40);
    air.add(Config { address: address(STATION), ..dot11n(station_role()) });
    attack(air, 2, examples);
}

#[test]
fn members_of_an_ibss_survive_anything() {
    let Role::Ibss(config) = crate::network::ibss_role() else { unreachable!() };
    let beacon_interval = Some(mac::TimeUnits(20));
    let role = Role::Ibss(mac::IbssConfig { beacon_interval, ..config });
    let examples =
        [examples(network(vec![dot11n(role.clone()); 3]), 3), examples(ibss(3, dot11n), 3)];
    attack(network(vec![dot11n(role); 3]), 3, examples.concat());
}

#[test]
fn a_flood_of_requests_by_ever_new_stations_fills_nothing() {
    let mut air = bss(1, dot11n);
    let mut request = vec![];
    mac::ManagementHeader::new(
        mac::ManagementSubtype::Authentication,
        address(AP),
        address(9),
        address(AP),
    )
    .emit(&mut request);
    request.extend([0, 0, 1, 0, 0, 0]);
    for number in 0..2000_u32 {
        request[11..15].copy_from_slice(&number.to_be_bytes());
        air.inject(OfdmRate::Mbps54.into(), std::slice::from_ref(&request));
        air.run(us(100));
    }
    // The station is still served in time.
    let sent = air.packets(AP, STATION, 10, 1000);
    air.run(Duration::from_secs(2));
    assert_eq!(air.received(STATION), sent);
}
