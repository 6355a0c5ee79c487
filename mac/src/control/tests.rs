use super::*;
use crate::test_hex::hex;
use crate::{Acknowledged, BlockAck, BlockAckReq, SequenceNumber};
use proptest::prelude::*;

const A: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xa]);
const B: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xb]);

fn bodies() -> Vec<(ControlBody<'static>, usize)> {
    let start = SequenceNumber::new(4000);
    vec![
        (ControlBody::Rts { transmitter: B }, 16),
        (ControlBody::Cts, 10),
        (ControlBody::Ack, 10),
        (ControlBody::PsPoll { transmitter: B }, 16),
        (ControlBody::CfEnd { bssid: B }, 16),
        (ControlBody::CfEndAck { bssid: B }, 16),
        (
            ControlBody::BlockAckReq { transmitter: B, request: BlockAckReq::compressed(3, start) },
            20,
        ),
        (
            ControlBody::BlockAck {
                transmitter: B,
                response: BlockAck::compressed(3, Acknowledged { start, bitmap: 5 }),
            },
            28,
        ),
    ]
}

proptest! {
    #[test]
    fn every_frame_is_read_with_bytes_of_ours_after_it(trailing: Vec<u8>, duration: u16) {
        for (body, length) in bodies() {
            let frame = Control { trailing: &trailing, ..Control::new(A, DurationId(duration), body) };
            let mut out = vec![];
            frame.emit(&mut out);
            prop_assert_eq!(out.len(), length + trailing.len());
            prop_assert_eq!(Control::parse(&out), Ok(frame));
        }
    }

    #[test]
    fn every_frame_cut_off_is_an_error(cut in 1..10usize) {
        for (body, length) in bodies() {
            let mut out = vec![];
            Control::new(A, DurationId(0), body).emit(&mut out);
            let short = Control::parse(&out[..length - cut]);
            let is_short = matches!(short, Err(FrameError::Short { .. }));
            prop_assert!(is_short);
        }
    }
}

#[test]
fn captured_frames_are_read() {
    let ack = hex("d4000000e4907e152a16");
    let ack = Control::parse(&ack).unwrap();
    assert_eq!((ack.body, ack.transmitter()), (ControlBody::Ack, None));
    assert_eq!(ack.receiver.to_string(), "e4:90:7e:15:2a:16");

    let cts = hex("c400360160e327813766");
    let cts = Control::parse(&cts).unwrap();
    assert_eq!(cts.body, ControlBody::Cts);
    assert_eq!(cts.duration.duration(), Some(std::time::Duration::from_micros(310)));

    let request = hex("84005400e8de27906e42985fd3c70627040090d2");
    let request = Control::parse(&request).unwrap();
    let ControlBody::BlockAckReq { request: asked, .. } = request.body else { panic!() };
    assert!(!asked.control.no_ack() && asked.control.tid() == 0);
    assert_eq!(asked.start(), Some(SequenceNumber::new(0xd29)));

    let response = hex("94000000985fd3c70627e8de27906e420500004600000000000000 00");
    let response = Control::parse(&response).unwrap();
    assert_eq!(response.transmitter().unwrap().to_string(), "e8:de:27:90:6e:42");
    let ControlBody::BlockAck { response, .. } = response.body else { panic!() };
    let nothing = Acknowledged { start: SequenceNumber::new(0x460), bitmap: 0 };
    assert_eq!(response.acknowledged(), Some(nothing));
}

#[test]
fn a_wrapper_is_opened_once() {
    let mut carried = vec![];
    let (body, _) = bodies()[7];
    Control::new(A, DurationId(0), body).emit(&mut carried);
    let wrapper = |carried: FrameControl, rest: &[u8]| {
        let body = ControlBody::Wrapper { carried, ht_control: 0x1234_5678, rest };
        let mut out = vec![];
        Control::new(A, DurationId(9), body).emit(&mut out);
        out
    };
    let kind = |subtype| FrameControl::new(FrameKind::Control(subtype));
    let once = wrapper(kind(ControlSubtype::BlockAck), &carried[10..]);
    assert_eq!(once.len(), carried.len() + 6);
    let frame = Control::parse(&once).unwrap();
    assert_eq!(frame.transmitter(), Some(B));
    assert_eq!(frame.body.carried_body(), Some(Ok((body, [].as_slice()))));

    let twice = wrapper(kind(ControlSubtype::Wrapper), &once[10..]);
    assert_eq!(Control::parse(&twice).unwrap().transmitter(), None);
}
