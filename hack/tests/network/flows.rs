//! Many flows, flows alike, and flows whose packets come in disorder.

use std::time::Duration;

use hack::Policy;
use mac::PhyIndication;
use rand::RngExt;
use rohc::ack_group::FlowKey;

use crate::bench::{Bench, Direction, Setup};
use crate::check::{check, with_all};
use crate::faults::{Kind, damage, kind, rng};

#[test]
fn a_hundred_flows_open_and_close() {
    for direction in [Direction::Download, Direction::Upload] {
        with_all(
            |policy| Setup { direction, bytes: 150_000, ..Setup::download(policy) },
            |setup| {
                let mut bench = Bench::new(setup);
                for port in 41_000..41_100 {
                    bench.run(Duration::from_millis(8));
                    bench.connect(0, port);
                }
                bench.finish();
                bench.ledger().assert_complete();
            },
        );
    }
}

/// Neither end knows as many.
#[test]
fn more_flows_than_can_ride_are_open_at_once() {
    with_all(
        |policy| Setup {
            ports: (40_000..40_160).collect(),
            bytes: 100_000,
            ..Setup::download(policy)
        },
        |setup| {
            check(setup, || |_, _, indication| indication);
        },
    );
}

#[test]
fn flows_with_the_same_cid_ride_side_by_side() {
    let cid = |client_port: u16, server_port: u16| {
        let mut packet = [0; 40];
        (packet[0], packet[9]) = (0x45, 6);
        packet[12..16].copy_from_slice(&[10, 0, 1, 1]);
        packet[16..20].copy_from_slice(&[10, 0, 0, 1]);
        packet[20..22].copy_from_slice(&client_port.to_be_bytes());
        packet[22..24].copy_from_slice(&server_port.to_be_bytes());
        FlowKey::of(&packet).expect("it is TCP").cid()
    };
    let alike = |server_port: u16| {
        (40_000 + server_port..)
            .find(|port| cid(*port, server_port) == cid(40_000, 5001))
            .expect("one in 256 is")
    };
    let ports: Vec<u16> = std::iter::once(40_000).chain((5002..5006).map(alike)).collect();
    with_all(
        |policy| Setup { ports: ports.clone(), bytes: 1_000_000, ..Setup::download(policy) },
        |setup| {
            let bench = check(setup, || |_, _, indication| indication);
            assert!(bench.stats(1).confirmed > 0);
        },
    );
}

/// MPDUs of A-MPDUs are damaged, so that those behind them wait, both of data and of native ACKs.
#[test]
fn packets_come_in_disorder() {
    let damage = |seed| {
        let mut rng = rng(seed);
        move |_, _, indication: PhyIndication| match indication {
            PhyIndication::Rx(ppdu) if kind(&ppdu) == Kind::Data && rng.random_bool(0.3) => {
                PhyIndication::Rx(damage(ppdu, &mut rng))
            }
            PhyIndication::Rx(ppdu) if kind(&ppdu) == Kind::Response && rng.random_bool(0.05) => {
                PhyIndication::RxError
            }
            other => other,
        }
    };
    for direction in [Direction::Download, Direction::Upload] {
        for seed in 1..5 {
            with_all(
                |policy| Setup {
                    direction,
                    ports: vec![40_000, 40_001, 40_002],
                    bytes: 1_000_000,
                    seed,
                    ..Setup::download(policy)
                },
                |setup| {
                    let mut bench = Bench::new(setup);
                    bench.network.set_faults(damage(seed));
                    bench.finish();
                    bench.ledger().assert_nothing_vanished();
                },
            );
        }
    }
}

/// Both ends of a link hold ACKs for each other.
#[test]
fn policies_may_differ() {
    for (client, ap) in [(Policy::Adaptive, Policy::MoreData), (Policy::MoreData, Policy::Adaptive)]
    {
        let setup = Setup {
            clients: vec![Some(client)],
            ap: Some(ap),
            ..Setup::download(Policy::Adaptive)
        };
        let bench = check(&setup, || |_, _, indication| indication);
        assert!(bench.stats(1).confirmed > 0);
    }
}
