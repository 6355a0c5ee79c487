//! A-MPDUs and their Block Acks: 10.12, 10.25.

use std::time::Duration;

use mac::{
    AckPolicy, Action, BlockAckReq, Config, Control, ControlBody, DeleteBlockAck, DeleteParameters,
    DropReason, DurationId, Elements, Frame, Management, ManagementBody, ManagementHeader,
    ManagementSubtype, MinimumStartSpacing, Notice, QosControl, RateSelection, ReasonCode,
};

use crate::air::{Air, Fate, Sent};
use crate::network::{MCS7, address, dot11n, ht, ibss, ibss_of, ibss_role, is_quiet, ms, us};

/// Two stations that have agreed on Block Ack for what the first sends.
fn agreed() -> Air {
    agreed_with(&dot11n(ibss_role()))
}

fn agreed_with(config: &Config) -> Air {
    let mut air = ibss_of(2, config);
    air.packets(0, 1, 1, 100);
    air.run_till("the agreement", |air| !air.received(1).is_empty());
    air.run(ms(1));
    air.log.clear();
    air.nodes[1].delivered.clear();
    air
}

fn names(air: &Air) -> Vec<&'static str> {
    air.log.iter().map(Sent::name).collect()
}

fn ampdus(air: &Air) -> Vec<&Sent> {
    air.log.iter().filter(|sent| sent.txvector.aggregation).collect()
}

fn action(sent: &Sent) -> Option<Action<'_>> {
    let Frame::Management(frame) = sent.frame() else { return None };
    let Ok(ManagementBody::Action(action)) = frame.read_body() else { return None };
    Some(action)
}

#[test]
fn an_agreement_goes_before_the_first_data() {
    let mut air = ibss(2, dot11n);
    air.packets(0, 1, 3, 1000);
    air.run(ms(5));
    assert_eq!(names(&air), ["Action", "Ack", "Action", "Ack", "QoS Data", "Block Ack"]);
    let Some(Action::AddBlockAckRequest(request)) = action(&air.log[0]) else { panic!() };
    assert_eq!((request.parameters.buffer_size(), request.start.sequence.value()), (64, 0));
    assert_eq!(air.log[4].numbers(), [0, 1, 2]);
}

#[test]
fn without_agreement_data_goes_alone() {
    // The other one is no HT station.
    let config = dot11n(ibss_role());
    let mut plain = Config { ampdu: None, ..config.clone() };
    plain.capabilities.ht = None;
    let mut air = crate::network::network([config, plain]);
    let sent = air.packets(0, 1, 20, 1000);
    air.run(ms(20));
    assert!(ampdus(&air).is_empty());
    assert_eq!(air.received(1), sent);
    let requests =
        air.log.iter().filter(|sent| matches!(action(sent), Some(Action::AddBlockAckRequest(_))));
    assert_eq!(requests.count(), 1);
    // Much later it is asked for again.
    air.log.clear();
    air.run(ms(6000));
    air.packets(0, 1, 1, 1000);
    air.run(ms(20));
    assert!(matches!(action(&air.log[0]), Some(Action::AddBlockAckRequest(_))));
}

#[test]
fn a_request_that_nobody_answers_holds_data_back_for_a_while_only() {
    let mut air = ibss(2, dot11n);
    air.set_faults(|sent, _| match action(sent) {
        Some(Action::AddBlockAckResponse(_)) => Fate::Garbled,
        _ => Fate::Arrives,
    });
    let sent = air.packets(0, 1, 3, 1000);
    air.run(ms(150));
    assert!(air.received(1).is_empty());
    air.run(ms(100));
    assert_eq!(air.received(1), sent);
}

#[test]
fn a_lone_mpdu_is_plain_qos_data_with_an_ack() {
    let mut air = agreed();
    air.packets(0, 1, 1, 1000);
    air.run(ms(1));
    assert_eq!(names(&air), ["QoS Data", "Ack"]);
    let Frame::Data(data) = air.log[0].frame() else { panic!() };
    assert!(!air.log[0].txvector.aggregation);
    assert_eq!(data.header.qos.map(QosControl::ack_policy), Some(AckPolicy::Normal));
}

#[test]
fn after_a_partial_block_ack_only_what_was_lost_is_sent_again() {
    let mut air = agreed();
    let mut damaged = false;
    air.set_faults(move |sent, _| {
        if sent.txvector.aggregation && !std::mem::replace(&mut damaged, true) {
            return Fate::Damaged(vec![1, 3]);
        }
        Fate::Arrives
    });
    let sent = air.packets(0, 1, 6, 1000);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    let numbers: Vec<_> = ampdus(&air).iter().map(|sent| sent.numbers()).collect();
    assert_eq!(numbers, [vec![1, 2, 3, 4, 5, 6], vec![2, 4]]);
    let retries: Vec<bool> =
        ampdus(&air)[1].frames().iter().map(|f| f.frame_control().retry()).collect();
    assert_eq!(retries, [true, true]);
    assert_eq!(air.received(1), sent);
    let counters = air.nodes[0].mac.counters();
    assert_eq!((counters.acknowledged, counters.acknowledged_retries), (7, 2));
}

#[test]
fn when_the_block_ack_is_missed_it_is_asked_for() {
    let mut air = agreed();
    let mut lost = 0;
    air.set_faults(move |sent, _| {
        if sent.name() == "Block Ack" && lost < 2 {
            lost += 1;
            return Fate::Garbled;
        }
        Fate::Arrives
    });
    let sent = air.packets(0, 1, 6, 1000);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    let expected =
        ["QoS Data", "Block Ack", "Block Ack Req", "Block Ack", "Block Ack Req", "Block Ack"];
    assert_eq!(names(&air), expected);
    let Frame::Control(request) = air.log[2].frame() else { panic!() };
    let ControlBody::BlockAckReq { request, .. } = request.body else { panic!() };
    assert_eq!(request.start().map(|start| start.value()), Some(1));
    assert_eq!(air.received(1), sent);
    assert_eq!(air.nodes[0].mac.counters().acknowledged_retries, 0);
}

#[test]
fn requests_that_are_never_answered_cost_the_mpdus_an_attempt() {
    let mut air = agreed();
    let mut lost = 0;
    air.set_faults(move |sent, _| {
        if sent.name() == "Block Ack" && lost < 8 {
            lost += 1;
            return Fate::Garbled;
        }
        Fate::Arrives
    });
    let sent = air.packets(0, 1, 6, 1000);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    assert_eq!(ampdus(&air).len(), 2);
    assert_eq!(air.received(1), sent);
    assert_eq!(air.nodes[1].mac.counters().duplicates, 6);
}

/// They have, and nothing waits for longer than this.
fn agreed_for(lifetime: Duration) -> Air {
    agreed_with(&Config { lifetime: Some(lifetime), ..dot11n(ibss_role()) })
}

#[test]
fn an_mpdu_of_an_agreement_is_sent_again_until_its_lifetime_ends() {
    let mut air = agreed_for(ms(20));
    air.set_faults(|sent, _| match sent.name() {
        "QoS Data" => Fate::Damaged(vec![0]),
        _ => Fate::Arrives,
    });
    let began = air.now;
    air.packets(0, 1, 1, 1000);
    air.run_till("all sent", is_quiet);
    let (destination, why) = (address(1), DropReason::Lifetime);
    assert_eq!(air.notices(0), [Notice::Dropped { destination, why }]);
    let attempts = air.log.iter().filter(|sent| sent.name() == "QoS Data").count();
    assert!(attempts > 7, "{attempts} attempts");
    assert!(air.now - began > ms(20));
}

#[test]
fn an_mpdu_that_is_given_up_is_announced_so_that_others_need_not_wait_for_it() {
    let mut air = agreed_for(ms(20));
    air.set_faults(|sent, _| {
        let places = sent.numbers();
        match places.iter().position(|number| *number == 2) {
            Some(place) if sent.name() == "QoS Data" => Fate::Damaged(vec![place]),
            _ => Fate::Arrives,
        }
    });
    let sent = air.packets(0, 1, 6, 1000);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    let (destination, why) = (address(1), DropReason::Lifetime);
    assert_eq!(air.notices(0), [Notice::Dropped { destination, why }]);
    assert_eq!(air.received(1), [&sent[..1], &sent[2..]].concat());
    let Frame::Control(request) = air.log[air.log.len() - 2].frame() else { panic!() };
    let ControlBody::BlockAckReq { request, .. } = request.body else { panic!() };
    assert_eq!(request.start().map(|start| start.value()), Some(7));
}

#[test]
fn an_announcement_that_was_given_up_is_made_when_the_recipient_is_heard_again() {
    let mut air = agreed_for(ms(10));
    let mut announcements = 0;
    air.set_faults(move |sent, _| match sent.name() {
        "Block Ack Req" if announcements < 7 => {
            announcements += 1;
            Fate::Garbled
        }
        // The first of the A-MPDU never arrives.
        "QoS Data" if sent.numbers()[0] == 1 => Fate::Damaged(vec![0]),
        _ => Fate::Arrives,
    });
    let sent = air.packets(0, 1, 3, 1000);
    air.run_till("all sent", is_quiet);
    air.run(ms(40));
    assert!(air.received(1).is_empty());
    let then = air.packets(0, 1, 1, 1000);
    air.run(ms(5));
    assert_eq!(air.received(1), [&sent[1..], &then].concat());
}

#[test]
fn what_waits_behind_a_gap_goes_up_in_the_end() {
    let mut air = agreed();
    air.set_faults(|sent, _| match sent.txvector.aggregation {
        true => Fate::Damaged(vec![0]),
        false if sent.from == Some(0) => Fate::Unheard,
        false => Fate::Arrives,
    });
    let sent = air.packets(0, 1, 3, 1000);
    air.run(ms(60));
    assert!(air.received(1).is_empty());
    air.run(ms(60));
    assert_eq!(air.received(1), sent[1..]);
}

#[test]
fn an_ampdu_has_64_mpdus_at_most_from_within_the_window() {
    let mut air = agreed();
    let mut times = 0;
    air.set_faults(move |sent, _| {
        if sent.txvector.aggregation && times < 3 {
            times += 1;
            return Fate::Damaged(vec![0]);
        }
        Fate::Arrives
    });
    let sent = air.packets(0, 1, 100, 100);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    let numbers: Vec<_> = ampdus(&air).iter().map(|sent| sent.numbers()).collect();
    assert_eq!(numbers[0], (1..65).collect::<Vec<_>>());
    // The window begins with the one that was lost, and all others in it have arrived.
    assert_eq!(air.log[2].numbers(), [1]);
    assert_eq!(air.received(1), sent);
}

#[test]
fn an_ampdu_is_no_longer_than_64_kib_less_one() {
    let config = dot11n(ibss_role());
    let mut edca = config.edca.unwrap();
    edca.0 = edca.0.map(|record| {
        let category = mac::AccessCategory::ALL[usize::from(record.aci_aifsn.category())];
        mac::AcParameters::new(category, record.aci_aifsn.aifsn(), 4, 10, 0)
    });
    let config = Config { edca: Some(edca), ..config };
    let mut air = agreed_with(&config);
    air.packets(0, 1, 100, 1500);
    air.run_till("all sent", is_quiet);
    let mpdus: Vec<_> = ampdus(&air).iter().map(|sent| sent.mpdus.len()).collect();
    assert_eq!(mpdus, [42, 42, 16]);
    assert_eq!(ampdus(&air)[0].airtime(), std::time::Duration::from_nanos(3_495_600));

    let data_rate = RateSelection::Fixed(ht(0));
    let mut air = agreed_with(&Config { data_rate, ..config });
    air.packets(0, 1, 100, 1500);
    air.run_till("all sent", is_quiet);
    // 4 ms at 15 Mbit/s are 7500 bytes.
    assert!(ampdus(&air).iter().all(|sent| sent.mpdus.len() == 4 && sent.airtime() <= us(4036)));
}

#[test]
fn mpdus_begin_no_closer_than_the_receiver_wants() {
    let mut config = dot11n(ibss_role());
    let ht = config.capabilities.ht.as_mut().unwrap();
    ht.ampdu = ht.ampdu.with_min_start_spacing(MinimumStartSpacing::at_least(us(16)));
    let mut air = agreed_with(&config);
    air.packets(0, 1, 10, 40);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    // 16 us at 150 Mbit/s are 300 bytes.
    let ampdu = ampdus(&air)[0];
    assert!(ampdu.airtime() >= us(36 + 9 * 16));
    assert_eq!(air.received(1).len(), 10);
}

#[test]
fn whoever_ends_an_agreement_gets_lone_mpdus() {
    let mut air = agreed();
    let delete = Action::DeleteBlockAck(DeleteBlockAck {
        parameters: DeleteParameters::default().with_initiator(false).with_tid(0),
        reason: ReasonCode::END_BLOCK_ACK,
        elements: Elements::default(),
    });
    let mut body = vec![];
    delete.emit(&mut body);
    let bssid = address(0x99);
    let subtype = ManagementSubtype::Action;
    let header = ManagementHeader::new(subtype, address(0), address(1), bssid);
    let mut mpdu = vec![];
    Management { header, body: &body }.emit(&mut mpdu);
    air.inject(MCS7, &[mpdu]);
    air.run(ms(1));
    let sent = air.packets(0, 1, 10, 1000);
    air.run_till("all sent", is_quiet);
    air.run(ms(1));
    assert!(ampdus(&air).is_empty());
    assert_eq!(air.received(1), sent);
}

#[test]
fn an_unknown_agreement_is_refused() {
    let mut air = ibss(2, dot11n);
    air.packets(1, 0, 1, 100);
    air.run(ms(5));
    air.log.clear();
    let mut mpdu = vec![];
    let request = BlockAckReq::compressed(5, mac::SequenceNumber::new(9));
    let body = ControlBody::BlockAckReq { transmitter: address(1), request };
    Control::new(address(0), DurationId(0), body).emit(&mut mpdu);
    air.inject(MCS7, &[mpdu]);
    air.run(ms(1));
    let Some(Action::DeleteBlockAck(delete)) = action(&air.log[1]) else { panic!() };
    assert_eq!(delete.reason, ReasonCode::UNKNOWN_BLOCK_ACK);
    assert_eq!((delete.parameters.tid(), delete.parameters.initiator()), (5, false));
}
