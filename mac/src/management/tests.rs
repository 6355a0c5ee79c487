use super::*;
use crate::test_hex::hex;
use crate::{
    AddBlockAckRequest, AddBlockAckResponse, BlockAckParameters, DeleteBlockAck, DeleteParameters,
    Element, Elements, SequenceNumber, Ssid, TimeUnits, TrafficMap,
};
use proptest::prelude::*;

const A: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xa]);
const B: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xb]);

proptest! {
    #[test]
    fn every_body_that_parses_is_emitted_byte_for_byte(
        subtype in 0..16usize,
        body in proptest::collection::vec(0..6u8, 0..40),
    ) {
        if let Ok(read) = ManagementBody::parse(ManagementSubtype::ALL[subtype], &body) {
            let mut out = vec![];
            read.emit(&mut out);
            prop_assert_eq!(out, body);
        }
    }

    #[test]
    fn block_ack_actions_come_back_from_their_bytes(
        dialog_token: u8, raw: u16, timeout in any::<u16>().prop_map(TimeUnits), code: u16, sequence: u16, rest: Vec<u8>,
    ) {
        let elements = Elements(&rest);
        let start = SequenceControl::from_raw(sequence);
        let parameters = BlockAckParameters(raw);
        let actions = [
            Action::AddBlockAckRequest(AddBlockAckRequest { dialog_token, parameters, timeout, start, elements }),
            Action::AddBlockAckResponse(AddBlockAckResponse {
                dialog_token, status: StatusCode(code), parameters, timeout, elements,
            }),
            Action::DeleteBlockAck(DeleteBlockAck {
                parameters: DeleteParameters(raw), reason: ReasonCode(code), elements,
            }),
        ];
        for action in actions {
            let mut out = vec![];
            action.emit(&mut out);
            let body = ManagementBody::parse(ManagementSubtype::Action, &out);
            prop_assert_eq!(body, Ok(ManagementBody::Action(action)));
        }
    }

    #[test]
    fn header_and_body_come_back_from_a_frame(ht_control: Option<u32>, body: Vec<u8>, sequence: u16) {
        let mut header = ManagementHeader::new(ManagementSubtype::Beacon, MacAddr::BROADCAST, A, B);
        header.frame_control = header.frame_control.with_order(ht_control.is_some());
        header.ht_control = ht_control;
        header.sequence_control = SequenceControl::from_raw(sequence);
        let frame = Management { header, body: &body };
        let mut out = vec![];
        frame.emit(&mut out);
        prop_assert_eq!(out.len(), body.len() + if ht_control.is_some() { 28 } else { 24 });
        prop_assert_eq!(Management::parse(&out), Ok(frame));
    }
}

#[test]
fn a_captured_probe_response_is_read() {
    let bytes = hex("50000000a470d6bb3dbbe8de27906e42e8de27906e4240042438c10100000000ffff1100
         00054150332d350101b003012830140100000fac040100000fac040100000fac020c007f08");
    let frame = Management::parse(&bytes).unwrap();
    assert_eq!(frame.header.sequence_control.sequence.value(), 0x44);
    let ManagementBody::ProbeResponse(response) = frame.read_body().unwrap() else { panic!() };
    assert_eq!((response.timestamp_us, response.interval.0), (0x01c1_3824, 0xffff));
    assert!(response.capabilities.ess() && response.capabilities.privacy());
    assert!(!response.capabilities.ibss());
}

#[test]
fn a_beacon_is_written_part_by_part_and_read_again() {
    let out = &mut vec![];
    ManagementHeader::new(ManagementSubtype::Beacon, MacAddr::BROADCAST, A, A).emit(out);
    let capabilities = CapabilityInformation::default().with_ess(true).with_short_slot_time(true);
    let elements = Elements::default();
    Beacon { timestamp_us: 1 << 40, interval: TimeUnits(100), capabilities, elements }.emit(out);
    Ssid::new(b"net").unwrap().emit(out);
    TrafficMap::default().tim(1, 2).emit(out);
    assert_eq!(out[24..], hex("0000000000010000 6400 0104 00036e6574 050401020000"),);

    let frame = Management::parse(out).unwrap();
    let ManagementBody::Beacon(beacon) = frame.read_body().unwrap() else { panic!() };
    assert_eq!((beacon.capabilities, beacon.elements.0), (capabilities, &out[36..]));
    assert_eq!(beacon.elements.get(), Some(Ssid::new(b"net")));
}

#[test]
fn an_addba_request_is_at_its_bits() {
    let parameters =
        BlockAckParameters::default().with_immediate(true).with_tid(5).with_buffer_size(64);
    let request = AddBlockAckRequest {
        dialog_token: 7,
        parameters,
        timeout: TimeUnits(0),
        start: SequenceControl::unfragmented(SequenceNumber::new(0x123)),
        elements: Elements::default(),
    };
    let mut out = vec![];
    Action::AddBlockAckRequest(request).emit(&mut out);
    assert_eq!(out, hex("03 00 07 1610 0000 3012"));
    let ended = DeleteParameters::default().with_initiator(true).with_tid(5);
    assert_eq!(ended.0, 0x5800);
}

#[test]
fn protected_bodies_and_fragments_are_left_alone() {
    let header = ManagementHeader::new(ManagementSubtype::Deauthentication, A, B, B);
    let body = [7, 0];
    let read = |header| Management { header, body: &body }.read_body();
    let leaving = Leaving { reason: ReasonCode(7), elements: Elements::default() };
    assert_eq!(read(header), Ok(ManagementBody::Deauthentication(leaving)));
    let mut protected = header;
    protected.frame_control = header.frame_control.with_protected(true);
    assert_eq!(read(protected), Ok(ManagementBody::Other(&body)));
    let mut fragment = header;
    fragment.sequence_control.fragment = 1;
    assert_eq!(read(fragment), Ok(ManagementBody::Other(&body)));
}
