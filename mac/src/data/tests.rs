use super::*;
use crate::test_hex::hex;
use proptest::prelude::*;

const A: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xa]);
const B: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xb]);
const C: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xc]);
const D: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xd]);

fn headers() -> [DataHeader; 4] {
    [
        DataHeader::between_stations(A, B, C),
        DataHeader::from_ap(A, B, C),
        DataHeader::to_ap(A, B, C),
        DataHeader::relayed(A, B, C, D),
    ]
}

#[test]
fn addresses_mean_what_table_9_30_says() {
    let meaning = |header: DataHeader| (header.da(), header.sa(), header.bssid());
    let [ibss, from_ap, to_ap, relayed] = headers().map(meaning);
    assert_eq!(ibss, (Some(A), Some(B), Some(C)));
    assert_eq!(from_ap, (Some(A), Some(C), Some(B)));
    assert_eq!(to_ap, (Some(C), Some(B), Some(A)));
    assert_eq!(relayed, (Some(C), Some(D), None));

    let amsdu = QosControl::default().with_amsdu_present(true);
    let [ibss, from_ap, to_ap, relayed] = headers().map(|header| meaning(header.with_qos(amsdu)));
    assert_eq!(ibss, (Some(A), Some(B), Some(C)));
    assert_eq!(from_ap, (Some(A), None, Some(B)));
    assert_eq!(to_ap, (None, Some(B), Some(A)));
    assert_eq!(relayed, (None, None, Some(C)));
}

#[test]
fn header_lengths_follow_the_frame_control() {
    let lengths = |header: DataHeader| {
        let mut out = vec![];
        header.emit(&mut out);
        assert_eq!(header.length(), out.len());
        out.len()
    };
    assert_eq!(headers().map(lengths), [24, 24, 24, 30]);
    let mut header = DataHeader::to_ap(A, B, C).with_qos(QosControl(5));
    assert_eq!(lengths(header), 26);
    header.frame_control = header.frame_control.with_order(true);
    header.ht_control = Some(7);
    assert_eq!(lengths(header), 30);
    let mut relayed = DataHeader::relayed(A, B, C, D).with_qos(QosControl(5));
    relayed.frame_control = relayed.frame_control.with_order(true);
    relayed.ht_control = Some(7);
    assert_eq!(lengths(relayed), 36);
    // Order in a frame without QoS is a request for strict order, and no field follows.
    let mut plain = DataHeader::to_ap(A, B, C);
    plain.frame_control = plain.frame_control.with_order(true);
    assert_eq!(lengths(plain), 24);
}

#[test]
fn a_captured_qos_data_frame_is_read() {
    let bytes = hex("88423c00985fd3c70627e8de27906e42e8de27906e40f0a00000100a002000000000");
    let data = Data::parse(&bytes).unwrap();
    assert_eq!(data.header.da().unwrap().to_string(), "98:5f:d3:c7:06:27");
    assert_eq!(data.header.bssid().unwrap().to_string(), "e8:de:27:90:6e:42");
    assert_eq!(data.header.sa().unwrap().to_string(), "e8:de:27:90:6e:40");
    assert_eq!(data.header.sequence_control.sequence.value(), 0xa0f);
    assert_eq!(data.header.qos.unwrap().tid(), 0);
    assert!(data.header.frame_control.protected() && !data.is_amsdu());
    // The body begins with the CCMP header: packet number 0xa10, and the bit for an extended IV.
    assert_eq!(data.body[..8], hex("100a002000000000"));
}

proptest! {
    #[test]
    fn a_cut_off_header_is_an_error(keep in 0..36usize) {
        let mut header = DataHeader::relayed(A, B, C, D).with_qos(QosControl(5));
        header.frame_control = header.frame_control.with_order(true);
        header.ht_control = Some(0);
        let mut out = vec![];
        header.emit(&mut out);
        let short = Data::parse(&out[..keep]);
        let is_short = matches!(short, Err(FrameError::Short { have, needed, .. }) if have == keep && needed > keep);
        prop_assert!(is_short);
    }

    #[test]
    fn parse_undoes_emit(which in 0..4usize, qos: Option<u16>, null: bool, body: Vec<u8>) {
        let mut header = headers()[which];
        if let Some(qos) = qos {
            header = header.with_qos(QosControl(qos));
        }
        if null {
            header = header.without_data();
        }
        let data = Data { header, body: &body };
        let mut out = vec![];
        data.emit(&mut out);
        prop_assert_eq!(Data::parse(&out), Ok(data));
    }
}

#[test]
#[should_panic(expected = "as the frame control says")]
fn a_header_that_contradicts_its_frame_control_is_our_mistake() {
    let header = DataHeader { qos: Some(QosControl(0)), ..DataHeader::to_ap(A, B, C) };
    header.emit(&mut vec![]);
}
