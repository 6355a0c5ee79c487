use super::testing::emitted;
use super::*;
use crate::test_hex::hex;
use proptest::prelude::*;

proptest! {
    #[test]
    fn elements_come_back_in_their_order(
        all in proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 0..255)), 0..5),
    ) {
        let raw = |(id, contents): &(u8, Vec<u8>)| (ElementId(*id), contents.clone());
        let mut out = vec![];
        for (id, contents) in &all {
            RawElement { id: ElementId(*id), contents }.emit(&mut out);
        }
        let read = Elements(&out).iter().map(|element| element.map(|e| (e.id, e.contents.to_vec())));
        prop_assert_eq!(read.collect::<Result<Vec<_>, _>>(), Ok(all.iter().map(raw).collect()));
    }

    #[test]
    fn whole_elements_are_read_before_one_that_is_cut_off(cut in 1..8usize) {
        let bytes = [emitted(&Ssid::new(b"net").unwrap()), vec![250, 5, 1, 2, 3, 4, 5]].concat();
        let cut_off = &bytes[..bytes.len() - cut];
        let elements = Elements(cut_off);
        prop_assert_eq!(elements.get(), Some(Ssid::parse(b"net")));
        prop_assert_eq!(elements.is_whole(), cut == 7);
        let items: Vec<_> = elements.iter().collect();
        prop_assert_eq!(items.len(), if cut == 7 { 1 } else { 2 });
        if cut < 7 {
            let needed = if cut == 6 { 7 } else { 12 };
            let error = FrameError::Short { what: "elements", needed, have: cut_off.len() };
            prop_assert_eq!(items[1], Err(error));
        }
    }
}

#[test]
fn the_elements_of_a_captured_probe_response() {
    let bytes = hex("00054150332d350101b003012830140100000fac040100000fac040100000fac020c00
         7f080000000000000040dd180050f2020101800003a4000027a4000042435e0062322f00");
    let elements = Elements(&bytes);
    assert!(elements.is_whole());
    assert_eq!(elements.get::<Ssid>().unwrap().unwrap().to_string(), "AP3-5");
    assert_eq!(elements.get(), Some(Ok(DsssParameterSet { channel: 40 })));
    let rates: Vec<_> = elements.get::<SupportedRates>().unwrap().unwrap().iter().collect();
    assert_eq!(rates, [SupportedRate::new(48, true)]);
    assert!(elements.get::<Rsn>().unwrap().unwrap().akms().iter().eq([Suite::AKM_PSK]));
    assert!(elements.get::<ExtendedCapabilities>().unwrap().unwrap().has(62));
    assert!(elements.get::<WmmParameters>().unwrap().is_ok());
    assert!(elements.get::<Tim>().is_none());
    let names: Vec<_> = elements.iter().map(|element| element.unwrap().id.to_string()).collect();
    let expected = [
        "SSID",
        "Supported Rates",
        "DSSS Parameter Set",
        "RSN",
        "Extended Capabilities",
        "Vendor Specific",
    ];
    assert_eq!(names, expected);
}

#[test]
#[should_panic(expected = "does not fit its length field")]
fn an_element_longer_than_its_length_field_is_our_mistake() {
    emitted(&ExtendedCapabilities(&[0; 256]));
}
