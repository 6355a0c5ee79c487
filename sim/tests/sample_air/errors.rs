//! As many frames are lost as the table says that the packet medium goes by.

use mac::TxPpdu;
use phy80211::{HtWidth, OfdmRate, Rate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::{
    Air, Channel, ErrorTable, Medium, MediumConfig, NodeConfig, NodeId, Position, ReceiverConfig,
};

use crate::bed::*;

const FRAMES: u32 = 300;

/// Share of the frames that were lost.
fn lost(air: &mut impl Air, from: NodeId, to: NodeId, rate: Rate, len: usize) -> f64 {
    let mut came = 0;
    for n in 0..FRAMES {
        let start = us(3000.0 * f64::from(n) + 100.0);
        air.transmit(from, TxPpdu { start, ..frame(start, rate, len) });
        came += right(to, &listen(air));
    }
    1.0 - came as f64 / f64::from(FRAMES)
}

fn packets(channel: Channel, rate: Rate, snr_db: f64) -> f64 {
    let rng = ChaCha8Rng::seed_from_u64(3);
    // Our receiver has no lower limit of power, and what it does not find the table counts.
    let receiver = ReceiverConfig { preamble_detection: None, ..ReceiverConfig::default() };
    let config = MediumConfig { receiver, ..MediumConfig::default() };
    let mut medium = Medium::new(config, ErrorTable::measured(), rng);
    let place = Position::default();
    let [from, to] = [(); 2].map(|()| medium.add_node(NodeConfig::new(place, channel)));
    medium.set_snr_db(from, to, snr_db);
    lost(&mut medium, from, to, rate, 500)
}

#[test]
fn as_the_table_says() {
    let cases: [(Channel, Rate, f64); 4] = [
        (channel_36(), OfdmRate::Mbps24.into(), 9.0),
        (channel_36(), OfdmRate::Mbps54.into(), 17.5),
        (channel_36(), ht(4, HtWidth::Mhz20), 12.0),
        (channel_38(), ht(7, HtWidth::Mhz40), 18.5),
    ];
    for (channel, rate, snr_db) in cases {
        let (mut air, nodes) = row(2, channel, 21);
        air.set_snr_db(nodes[0], nodes[1], snr_db);
        let waves = lost(&mut air, nodes[0], nodes[1], rate, 500);
        let packets = packets(channel, rate, snr_db);
        println!("{rate} at {snr_db} dB: {waves:.3} of waves, {packets:.3} of packets");
        // Three deviations of the difference, and what the table rounds.
        let deviation = (2.0 * packets * (1.0 - packets) / f64::from(FRAMES)).sqrt();
        assert!((waves - packets).abs() < 3.0 * deviation + 0.02, "{rate}: {waves}, {packets}");
    }
}
