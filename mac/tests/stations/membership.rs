//! Stations that join an AP, and leave it.

use mac::Notice;

use crate::network::{AP, STATION, address, bss, dot11a, dot11n, ms};

#[test]
fn a_station_joins_and_packets_go_both_ways() {
    for config in [dot11a, dot11n] {
        let mut air = bss(1, config);
        let down = air.packets(AP, STATION, 200, 1500);
        let up = air.packets(STATION, AP, 200, 1500);
        air.run(ms(200));
        assert_eq!(air.received(STATION), down);
        assert_eq!(air.received(AP), up);
        let associated = Notice::Associated { peer: address(AP), aid: 1 };
        assert!(air.notices(STATION).contains(&associated));
    }
}
