//! Frames and their responses: 10.3.2.

use std::time::Duration;

use mac::{Config, Control, ControlBody, DropReason, DurationId, Frame, Notice, RateSelection};
use phy80211::{OfdmRate, Rate};

use crate::air::{Air, Fate, Sent};
use crate::network::{
    DIFS, MCS7, SIFS, SLOT, address, dot11a, dot11n, ht, ibss, ibss_of, ibss_role, is_quiet, ms, us,
};

fn duration(sent: &Sent) -> Duration {
    sent.frame().duration_id().and_then(DurationId::duration).unwrap()
}

fn names(air: &Air) -> Vec<&'static str> {
    air.log.iter().map(Sent::name).collect()
}

/// Does something to PPDUs of the name, so many times.
fn faults(air: &mut Air, name: &'static str, mut times: usize, fate: Fate) {
    air.set_faults(move |sent, _| {
        if times > 0 && sent.from.is_some() && sent.name() == name {
            times -= 1;
            return fate.clone();
        }
        Fate::Arrives
    });
}

#[test]
fn data_reserves_the_medium_for_its_ack_which_comes_after_sifs() {
    let mut air = ibss(2, dot11a);
    air.packets(0, 1, 1, 1000);
    air.run(ms(1));
    assert_eq!(names(&air), ["Data", "Ack"]);
    let [data, ack] = [&air.log[0], &air.log[1]];
    assert_eq!(ack.start - data.end, SIFS);
    // At 24 Mbit/s.
    assert_eq!(ack.airtime(), us(28));
    assert_eq!(duration(data), SIFS + us(28));
    assert_eq!(duration(ack), us(0));
}

#[test]
fn responses_are_sent_at_the_highest_basic_rate_that_is_not_faster() {
    let answered = |rate: Rate, config: fn(_) -> Config| {
        let data_rate = RateSelection::Fixed(rate);
        let config = Config { data_rate, ampdu: None, ..config(ibss_role()) };
        let mut air = ibss_of(2, &config);
        air.packets(0, 1, 1, 100);
        air.run(ms(2));
        let Rate::NonHt(ack) = air.log[1].txvector.rate else { panic!() };
        assert_eq!(duration(&air.log[0]), SIFS + air.log[1].airtime());
        ack.mbps(phy80211::Bandwidth::Mhz20) as u8
    };
    let answers = OfdmRate::ALL.map(|rate| answered(rate.into(), dot11a));
    assert_eq!(answers, [6, 6, 12, 12, 24, 24, 24, 24]);
    let answers = [0, 1, 2, 3, 4, 5, 6, 7].map(|mcs| answered(ht(mcs), dot11n));
    assert_eq!(answers, [6, 12, 12, 24, 24, 24, 24, 24]);
}

#[test]
fn a_frame_without_ack_is_sent_again_and_says_so() {
    let mut air = ibss(2, dot11a);
    faults(&mut air, "Data", 1, Fate::Garbled);
    let sent = air.packets(0, 1, 1, 1000);
    air.run(ms(2));
    assert_eq!(names(&air), ["Data", "Data", "Ack"]);
    let retry = |sent: &Sent| sent.frame().frame_control().retry();
    assert_eq!([retry(&air.log[0]), retry(&air.log[1])], [false, true]);
    assert_eq!(air.log[0].numbers(), air.log[1].numbers());
    assert_eq!(air.received(1), sent);
}

#[test]
fn an_ack_that_begins_in_time_is_waited_for() {
    // It ends 44 us after SIFS, long after the timeout for its beginning.
    let basic_rates = vec![OfdmRate::Mbps6];
    let mut air = ibss_of(2, &Config { basic_rates, ..dot11a(ibss_role()) });
    air.packets(0, 1, 1, 100);
    air.run(ms(1));
    assert_eq!(names(&air), ["Data", "Ack"]);
    assert_eq!(air.nodes[0].mac.counters().data_ppdus_unanswered, 0);
}

#[test]
fn a_frame_whose_ack_was_lost_is_delivered_once() {
    for config in [dot11a(ibss_role()), Config { ampdu: None, ..dot11n(ibss_role()) }] {
        let mut air = ibss_of(2, &config);
        faults(&mut air, "Ack", 3, Fate::Garbled);
        let sent = air.packets(0, 1, 5, 1000);
        air.run(ms(20));
        assert_eq!(air.received(1), sent);
        assert_eq!(air.nodes[1].mac.counters().duplicates, 3);
    }
}

#[test]
fn a_frame_is_given_up_at_the_retry_limit() {
    let mut air = ibss(2, dot11a);
    faults(&mut air, "Data", 7, Fate::Garbled);
    let sent = air.packets(0, 1, 2, 1000);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    assert_eq!(air.received(1), sent[1..]);
    let (destination, why) = (address(1), DropReason::RetryLimit);
    assert_eq!(air.notices(0), [Notice::Dropped { destination, why }]);
    assert_eq!(air.nodes[0].mac.counters().data_ppdus_unanswered, 7);
}

#[test]
fn third_stations_stay_off_the_medium_until_the_ack_is_over() {
    let mut air = ibss(3, dot11a);
    // They hear the data, and nothing of its ack.
    air.set_faults(|sent, to| match to == 2 && sent.from == Some(1) {
        true => Fate::Unheard,
        false => Fate::Arrives,
    });
    air.packets(0, 1, 1, 1000);
    air.run(us(50));
    air.packets(2, 0, 1, 1000);
    air.run(ms(2));
    assert_eq!(names(&air), ["Data", "Ack", "Data", "Ack"]);
    assert!(air.log[2].start >= air.log[1].end + DIFS);
}

/// Stations that begin their responses `delay` too late, and a third one that wants to send.
fn late_responders(delay: Duration, ack_turnaround: Duration) -> Air {
    let config = Config { response_delay: delay, ack_turnaround, ..dot11a(ibss_role()) };
    let mut air = ibss_of(3, &config);
    air.packets(0, 1, 1, 1000);
    air.run(us(50));
    air.packets(2, 0, 1, 1000);
    air.run(ms(3));
    air
}

#[test]
fn who_responds_late_is_waited_for_by_all() {
    let air = late_responders(us(200), us(200));
    assert_eq!(names(&air), ["Data", "Ack", "Data", "Ack"]);
    assert_eq!(duration(&air.log[0]), SIFS + us(200) + us(28));
    assert_eq!(air.log[1].start - air.log[0].end, SIFS + us(200));
    assert!(air.log[2].start >= air.log[1].end + DIFS);
    assert_eq!(air.nodes[0].mac.counters().data_ppdus_unanswered, 0);
}

#[test]
fn who_responds_later_than_is_known_is_not() {
    let air = late_responders(us(200), us(0));
    assert!(air.nodes[0].mac.counters().data_ppdus_unanswered > 0);
}

#[test]
fn an_rts_goes_before_a_long_frame_and_reserves_for_all_of_the_exchange() {
    let config = Config { rts_threshold: Some(500), ..dot11a(ibss_role()) };
    let mut air = ibss_of(3, &config);
    let sent = [air.packets(0, 1, 1, 1000), air.packets(0, 1, 1, 100)].concat();
    air.run(ms(2));
    assert_eq!(names(&air), ["RTS", "CTS", "Data", "Ack", "Data", "Ack"]);
    let end = air.log[3].end;
    for sent in &air.log[..3] {
        let reserved = sent.end + duration(sent);
        // Durations are rounded up to whole microseconds.
        assert!(reserved >= end && reserved - end < us(1), "{}", sent.name());
    }
    assert_eq!(air.log[2].start - air.log[1].end, SIFS);
    assert_eq!(air.received(1), sent);
}

#[test]
fn without_cts_the_rts_is_sent_again_and_no_data() {
    let config = Config { rts_threshold: Some(500), ..dot11a(ibss_role()) };
    let mut air = ibss_of(2, &config);
    faults(&mut air, "RTS", 2, Fate::Garbled);
    air.packets(0, 1, 1, 1000);
    air.run(ms(5));
    assert_eq!(names(&air), ["RTS", "RTS", "RTS", "CTS", "Data", "Ack"]);
    assert!(!air.log[4].frame().frame_control().retry());
}

#[test]
fn a_station_whose_nav_is_set_answers_no_rts() {
    let mut air = ibss(2, dot11a);
    let control = |receiver, duration, body| {
        let mut mpdu = vec![];
        Control::new(receiver, DurationId(duration), body).emit(&mut mpdu);
        mpdu
    };
    let rts = control(address(1), 300, ControlBody::Rts { transmitter: address(0x77) });
    air.inject(OfdmRate::Mbps24.into(), &[control(address(0x77), 500, ControlBody::Cts)]);
    air.run(us(100));
    air.inject(OfdmRate::Mbps24.into(), std::slice::from_ref(&rts));
    air.run(us(600));
    assert_eq!(names(&air), ["CTS", "RTS"]);
    air.inject(OfdmRate::Mbps24.into(), &[rts]);
    air.run(us(600));
    assert_eq!(names(&air), ["CTS", "RTS", "RTS", "CTS"]);
}

#[test]
fn exchanges_of_a_txop_follow_each_other_after_sifs() {
    let mut air = ibss_of(2, &Config { ampdu: None, ..dot11n(ibss_role()) });
    let sent = air.packets(0, 1, 100, 1500);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    assert_eq!(air.received(1), sent);
    let within = air.log.windows(2).filter(|pair| {
        let [response, data] = [&pair[0], &pair[1]];
        response.name() == "Ack" && data.start - response.end == SIFS
    });
    // In 2528 us of best effort there are 14 exchanges of 119 + 16 + 28 us and SIFS in between.
    assert_eq!(within.count(), 100 - 100_usize.div_ceil(14));
    for pair in air.log.windows(2) {
        let gap = pair[1].start - pair[0].end;
        assert!(gap == SIFS || gap >= us(34), "{gap:?}");
    }
}

#[test]
fn an_ampdu_and_its_block_ack_fit_into_the_txop() {
    let mut air = ibss(2, dot11n);
    let sent = air.packets(0, 1, 300, 1500);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    assert_eq!(air.received(1), sent);
    for sent in air.log.iter().filter(|sent| sent.txvector.aggregation) {
        assert!(sent.airtime() + SIFS + us(32) <= us(2528));
        assert_eq!(sent.txvector.rate, MCS7);
    }
}

#[test]
fn frames_to_groups_are_sent_once_at_a_basic_rate_without_waiting_for_anything() {
    let mut air = ibss(3, dot11n);
    let sent: Vec<u32> = (0..3).map(|_| air.packet(0, mac::MacAddr::BROADCAST, 0, 500)).collect();
    air.run(ms(10));
    assert_eq!(air.log.len(), 3);
    for ppdu in &air.log {
        assert_eq!(ppdu.txvector.rate, OfdmRate::Mbps6.into());
        assert_eq!(duration(ppdu), us(0));
        assert!(matches!(ppdu.frame(), Frame::Data(data) if data.header.qos.is_none()));
    }
    assert_eq!([air.received(1), air.received(2)], [sent.clone(), sent]);
    assert!(air.log[1].start - air.log[0].end <= us(43) + 15 * SLOT);
}

#[test]
fn after_a_cts_the_data_follow_however_long_they_last() {
    // A frame of 2.1 ms in a category whose TXOP has 2080 us.
    let data_rate = RateSelection::Fixed(OfdmRate::Mbps6.into());
    let config = Config { rts_threshold: Some(500), ampdu: None, data_rate, ..dot11n(ibss_role()) };
    let mut air = ibss_of(2, &config);
    let destination = address(1);
    air.packet(0, destination, 6, 1550);
    air.run(ms(5));
    assert_eq!(names(&air), ["RTS", "CTS", "QoS Data", "Ack"]);
}
