use phy80211::Bandwidth;

use crate::common::tell;
use crate::link::Link;

const BYTES: u64 = 300_000;

/// Downloads over waveforms; ACKs must have ridden on them.
fn download(bandwidth: Bandwidth) -> Vec<(usize, u64)> {
    let mut link = Link::new(bandwidth, BYTES, 1);
    link.finish(|_| {});
    assert_eq!(link.delivered(), BYTES);
    let [ap, station] = link.stats();
    tell(&format!(
        "{} MHz: {:?}, {} ACKs rode on {} responses, {} bytes; not heard {}, natively after all {}",
        bandwidth.mhz(),
        link.lasted(),
        ap.delivered,
        station.rides,
        station.ride_bytes,
        station.not_heard,
        station.drained,
    ));
    assert!(ap.rides_received > 5 && ap.delivered > 10, "{ap:?}");
    assert_eq!(ap.gaps, 0);
    let log = &link.network.observer().0;
    log.iter().map(|sent| (sent.node, sent.end.as_nanos())).collect()
}

#[test]
fn a_download_completes_at_20_mhz_and_is_the_same_again() {
    assert_eq!(download(Bandwidth::Mhz20), download(Bandwidth::Mhz20));
}

#[test]
fn a_download_completes_at_40_mhz() {
    download(Bandwidth::Mhz40);
}
