//! When stations transmit: 10.3.4, 10.23.2.

use std::time::Duration;

use mac::{AccessCategory, Config, Control, ControlBody, DurationId};
use phy80211::OfdmRate;

use crate::air::{Air, Fate, Sent};
use crate::network::{
    DIFS, SIFS, SLOT, address, dot11a, dot11n, ibss, ibss_of, ibss_role, is_quiet, ms, us,
};

/// An Ack for somebody else, at 6 Mbit/s 44 us long.
fn others_talk(air: &mut Air) {
    let mut mpdu = vec![];
    Control::new(address(0x77), DurationId(0), ControlBody::Ack).emit(&mut mpdu);
    air.inject(OfdmRate::Mbps6.into(), &[mpdu]);
}

/// A time of whole slots.
fn slots(time: Duration) -> u128 {
    assert!(time.as_nanos().is_multiple_of(SLOT.as_nanos()), "{time:?}");
    time.as_nanos() / SLOT.as_nanos()
}

/// From the end of what was on the air first to the start of what came next.
fn gap(air: &Air) -> Duration {
    air.log[1].start - air.log[0].end
}

#[test]
fn with_the_medium_idle_for_long_a_frame_goes_at_once() {
    let mut air = ibss(2, dot11a);
    let now = air.now;
    air.packets(0, 1, 1, 1000);
    air.run(ms(1));
    assert_eq!(air.log[0].start, now);
}

#[test]
fn a_frame_that_finds_the_medium_busy_backs_off() {
    let mut drawn = std::collections::BTreeSet::new();
    for wait in 0..60 {
        let mut air = ibss(2, dot11a);
        air.run(us(100));
        // What the stations have drawn before differs.
        air.packets(0, 1, wait % 20, 100);
        air.run(ms(30));
        air.log.clear();
        others_talk(&mut air);
        air.run(us(20));
        air.packets(0, 1, 1, 1000);
        air.run(ms(1));
        drawn.insert(slots(gap(&air) - DIFS));
    }
    assert!(drawn.iter().all(|slots| *slots <= 15) && drawn.len() > 8, "{drawn:?}");
}

#[test]
fn each_category_waits_for_its_aifs() {
    let aifs = [1, 0, 5, 7].map(|priority| {
        let mut air = ibss_of(2, &Config { ampdu: None, ..dot11n(ibss_role()) });
        others_talk(&mut air);
        air.run(us(44 + 1));
        let destination = address(1);
        air.packet(0, destination, priority, 1000);
        air.run(ms(1));
        gap(&air).as_micros()
    });
    assert_eq!(aifs, [79, 43, 34, 34]);
}

#[test]
fn without_a_response_the_window_doubles_and_falls_back_after_the_eighth_failure() {
    let mut air = ibss(2, dot11a);
    air.set_faults(|_, _| Fate::Garbled);
    let windows = [31, 63, 127, 255, 511, 1023, 1023, 15];
    let mut longest = [0; 8];
    let mut failures = 0;
    for _ in 0..80 {
        air.log.clear();
        air.packets(0, 1, 1, 100);
        air.run_till("given up", is_quiet);
        assert_eq!(air.log.len(), 7);
        for pair in air.log.windows(2) {
            // The timeout, which ends a slot and a preamble after SIFS, counts as busy.
            let timeout = SIFS + SLOT + us(20);
            let waited = slots(pair[1].start - pair[0].end - timeout - DIFS);
            longest[failures % 8] = waited.max(longest[failures % 8]);
            failures += 1;
        }
        // The failure with which the packet was given up.
        failures += 1;
        air.run(ms(100));
    }
    for (longest, window) in longest.into_iter().zip(windows) {
        assert!((window / 2..=window).contains(&longest), "{longest} of {window}");
    }
}

#[test]
fn a_frame_that_could_not_be_read_defers_by_eifs() {
    let mut air = ibss(2, dot11a);
    air.set_faults(|sent, _| if sent.from.is_none() { Fate::Garbled } else { Fate::Arrives });
    others_talk(&mut air);
    air.run(us(44 + 1));
    air.packets(0, 1, 1, 1000);
    air.run(ms(2));
    let eifs = SIFS + us(44) + DIFS;
    let backoff = gap(&air) - eifs;
    assert!(slots(backoff) <= 15);
}

#[test]
fn eifs_ends_with_a_frame_that_can_be_read() {
    let mut air = ibss(2, dot11a);
    let garbled = |sent: &Sent| sent.from.is_none() && sent.mpdus[0].len() == 10;
    let mut garbled_once = false;
    air.set_faults(move |sent, to| match garbled(sent) && to == 0 && !garbled_once {
        true => {
            garbled_once = true;
            Fate::Garbled
        }
        false => Fate::Arrives,
    });
    others_talk(&mut air);
    air.run(us(44 + 2));
    others_talk(&mut air);
    air.run(us(44 + 2));
    air.packets(0, 1, 1, 1000);
    air.run(ms(1));
    assert_eq!(air.log[2].start - air.log[1].end, DIFS);
}

#[test]
fn of_two_categories_of_a_station_the_higher_goes_first_and_the_other_backs_off() {
    let config = Config { ampdu: None, ..dot11n(ibss_role()) };
    let mut air = ibss_of(2, &config);
    let destination = address(1);
    air.packet(0, destination, 0, 400);
    air.packet(0, destination, 6, 300);
    air.run(ms(5));
    let data: Vec<_> = air.log.iter().filter(|sent| sent.from == Some(0)).collect();
    assert_eq!(data.iter().map(|sent| sent.mpdus[0].len()).collect::<Vec<_>>(), [334, 434]);
    // The Ack ends before the other category goes on.
    let ack = &air.log[1];
    let backoff = data[1].start - ack.end - us(43);
    assert!(slots(backoff) <= 31);
    assert_eq!(air.nodes[0].mac.queued(AccessCategory::BestEffort), 0);
}

#[test]
fn stations_with_much_to_send_share_the_medium() {
    let mut air = ibss(3, dot11a);
    for _ in 0..10 {
        air.packets(0, 2, 40, 1000);
        air.packets(1, 2, 40, 1000);
        air.run(ms(100));
    }
    assert_eq!(air.received(2).len(), 800);
}
