//! Frames that were on the air are read, and emitted as they were.

use mac::{Frame, ManagementBody, Ssid, fcs};

mod common;

#[test]
fn captured_frames_are_of_their_kinds_and_come_back_byte_for_byte() {
    for (kind, mpdu) in common::captured() {
        let body = fcs::strip(&mpdu).unwrap_or_else(|| panic!("the FCS of {kind}"));
        let frame = Frame::parse(body).unwrap();
        assert_eq!(frame.kind().name(), kind);
        let mut out = vec![];
        frame.emit(&mut out);
        fcs::append(&mut out, 0);
        assert_eq!(out, mpdu, "{kind}");
    }
}

#[test]
fn the_captured_probe_response_names_its_network() {
    let (_, mpdu) = common::captured().find(|(kind, _)| *kind == "Probe Response").unwrap();
    let Ok(Frame::Management(frame)) = Frame::parse(fcs::strip(&mpdu).unwrap()) else { panic!() };
    let Ok(ManagementBody::ProbeResponse(response)) = frame.read_body() else { panic!() };
    assert!(response.elements.is_whole());
    assert_eq!(response.elements.get(), Some(Ssid::new(b"AP3-5")));
}
