//! Bytes of all kinds to every parser: none panics, and what parses is emitted as it was.
//!
//! `ACKRIDE_FUZZ_CASES` sets the number of cases, 20000 without it; ten million take a few
//! minutes: `ACKRIDE_FUZZ_CASES=10000000 cargo test --release -p mac --test hostile`.

use mac::radiotap::{self, Radiotap};
use mac::{
    AmpduBuilder, AmpduItem, AmpduSubframes, AmsduBuilder, AmsduSubframe, AmsduSubframes, Beacon,
    CapabilityInformation, ControlBody, Country, Data, DsssParameterSet, EdcaParameterSet,
    EdcaRecords, Element, Elements, ExtendedCapabilities, ExtendedSupportedRates, Frame,
    HtCapabilities, HtOperation, IbssParameterSet, MAX_AID, MacAddr, Management, ManagementBody,
    ManagementHeader, ManagementSubtype, Rsn, RsnCapabilities, Snap, Ssid, Suite, SupportedRate,
    SupportedRates, Tim, TimeUnits, TrafficMap, Vendor, WmmInformation, WmmParameters, emit_rates,
    emit_rsn, fcs,
};

mod common;

/// xorshift64*: fast, and the same cases every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn below(&mut self, bound: usize) -> usize {
        self.next() as usize % bound
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.next() as u8).collect()
    }

    /// Flips, overwrites, removes, inserts, repeats or cuts, one to four times.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(4) {
            let at = self.below(bytes.len().max(1));
            match self.below(7) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                2 if at < bytes.len() => bytes[at] = self.next() as u8,
                3 if at < bytes.len() => drop(bytes.remove(at)),
                4 => bytes.insert(at, self.next() as u8),
                5 => bytes.truncate(at),
                _ => {
                    let end = (at + self.below(40)).min(bytes.len());
                    bytes.extend_from_within(at.min(end)..end);
                }
            }
        }
    }
}

fn hostile(seed: u64, valid: &[Vec<u8>], check: impl Fn(&[u8])) {
    let cases = std::env::var("ACKRIDE_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    // Four tests share the cases.
    let cases: u64 = cases.unwrap_or(20_000_u64).div_ceil(4);
    let mut random = Random(seed);
    valid.iter().for_each(|bytes| check(bytes));
    for _ in 0..cases {
        let bytes = if random.below(4) == 0 {
            random.bytes(300)
        } else {
            let mut bytes = valid[random.below(valid.len())].clone();
            random.mutate(&mut bytes);
            bytes
        };
        check(&bytes);
    }
}

/// Frames without FCS, of all the kinds that are read.
fn frames() -> Vec<Vec<u8>> {
    let mut frames: Vec<_> =
        common::captured().map(|(_, mpdu)| fcs::strip(&mpdu).unwrap().to_vec()).collect();
    for subtype in ManagementSubtype::ALL {
        let mut frame = vec![];
        let address = MacAddr([2; 6]);
        ManagementHeader::new(subtype, MacAddr::BROADCAST, address, address).emit(&mut frame);
        if let ManagementSubtype::Beacon | ManagementSubtype::ProbeResponse = subtype {
            let capabilities = CapabilityInformation::default().with_ess(true);
            let elements = Elements::default();
            Beacon { timestamp_us: 1, interval: TimeUnits(100), capabilities, elements }
                .emit(&mut frame);
        } else if let ManagementSubtype::Action = subtype {
            frame.extend([3, 0]);
        }
        frame.extend([0; 12]);
        frame.extend(elements());
        frames.push(frame);
    }
    frames
}

fn elements() -> Vec<u8> {
    let out = &mut vec![];
    Ssid::new(b"hostile").unwrap().emit(out);
    let rates: Vec<_> = (1..13).map(|rate| SupportedRate::new(rate, true)).collect();
    emit_rates(&rates, out);
    DsssParameterSet { channel: 6 }.emit(out);
    IbssParameterSet { atim_window: TimeUnits(0) }.emit(out);
    let mut map = TrafficMap::default();
    map.set(77, true);
    map.tim(0, 3).emit(out);
    Country::parse(b"DE \x01\x0d\x14").unwrap().emit(out);
    EdcaParameterSet { qos_info: 0, update_info: 0, records: EdcaRecords::station_default() }
        .emit(out);
    HtCapabilities::default().emit(out);
    HtOperation::default().emit(out);
    let ccmp = Suite::CIPHER_CCMP;
    emit_rsn(ccmp, &[ccmp], &[Suite::AKM_PSK], RsnCapabilities(0), out);
    ExtendedCapabilities(&[1; 8]).emit(out);
    WmmInformation { qos_info: 0 }.emit(out);
    WmmParameters::new(0, EdcaRecords::station_default()).emit(out);
    Vendor { oui: [2, 0, 0], kind: 1, data: b"ours" }.emit(out);
    out.clone()
}

fn check_frame(bytes: &[u8]) {
    let _ = (fcs::is_right(bytes), fcs::strip(bytes));
    let Ok(frame) = Frame::parse(bytes) else { return };
    let mut out = vec![];
    frame.emit(&mut out);
    assert_eq!(out, bytes);
    let _ = format!("{frame:?}");
    let _ = (frame.kind().name(), frame.receiver(), frame.transmitter(), frame.sequence_control());
    let _ = frame.duration_id().map(|field| (field.duration(), field.aid()));
    match frame {
        Frame::Management(frame) => check_management(frame),
        Frame::Control(frame) => {
            let _ = frame.body.carried_body();
            if let ControlBody::BlockAck { response, .. } = frame.body {
                assert!(response.acknowledged().is_none_or(|set| set.iter().count() <= 64));
            }
        }
        Frame::Data(frame) => check_data(frame),
        Frame::Other { .. } => {}
    }
}

fn check_management(frame: Management<'_>) {
    let Ok(body) = frame.read_body() else { return };
    let mut out = vec![];
    body.emit(&mut out);
    assert_eq!(out, frame.body);
    let _ = format!("{body:?}");
    check_elements(match body {
        ManagementBody::Other(bytes) => bytes,
        body => body.elements().0,
    });
}

fn check_data(frame: Data<'_>) {
    assert_eq!(frame.header.length() + frame.body.len(), {
        let mut out = vec![];
        frame.emit(&mut out);
        out.len()
    });
    let _ = (frame.header.da(), frame.header.sa(), frame.header.bssid());
    check_amsdu(frame.body);
}

fn check_elements(bytes: &[u8]) {
    let elements = Elements(bytes);
    let mut out = vec![];
    for element in elements.iter().flatten() {
        element.emit(&mut out);
        let contents = element.contents;
        check_contents::<Ssid>(contents);
        check_contents::<SupportedRates>(contents);
        check_contents::<ExtendedSupportedRates>(contents);
        check_contents::<DsssParameterSet>(contents);
        check_contents::<IbssParameterSet>(contents);
        check_contents::<Tim>(contents);
        check_contents::<Country>(contents);
        check_contents::<EdcaParameterSet>(contents);
        check_contents::<HtCapabilities>(contents);
        check_contents::<HtOperation>(contents);
        check_contents::<Rsn>(contents);
        check_contents::<ExtendedCapabilities>(contents);
        check_contents::<WmmInformation>(contents);
        check_contents::<WmmParameters>(contents);
        check_contents::<Vendor>(contents);
    }
    assert!(bytes.starts_with(&out));
    assert_eq!(elements.is_whole(), out.len() == bytes.len());
    if let Some(Ok(ssid)) = elements.get::<Ssid>() {
        let _ = ssid.to_string();
    }
    if let Some(Ok(tim)) = elements.get::<Tim>() {
        assert!((0..=u16::MAX).step_by(61).all(|aid| aid <= MAX_AID || !tim.traffic_for(aid)));
    }
    if let Some(Ok(country)) = elements.get::<Country>() {
        assert!(country.triplets().count() <= 84);
    }
    if let Some(Ok(edca)) = elements.get::<EdcaParameterSet>() {
        assert!(edca.records.0.iter().all(|record| record.cw_min() < 1 << 15));
        assert!(edca.records.0.iter().all(|record| record.cw_max() < 1 << 15));
    }
    if let Some(Ok(station)) = elements.get::<HtCapabilities>() {
        assert!(station.ampdu.max_len() < 1 << 16 && station.mcs.tx_streams() <= 4);
        assert!(station.ampdu.min_start_spacing().bytes(600_000_000) <= 1200);
    }
    if let Some(Ok(rsn)) = elements.get::<Rsn>() {
        assert!(rsn.pairwise().iter().count() + rsn.akms().iter().count() <= 63);
    }
}

fn check_contents<'a, T: Element<'a> + std::fmt::Debug>(contents: &'a [u8]) {
    if let Ok(element) = T::parse(contents) {
        // Which calls the getters of all bit fields.
        let _ = format!("{element:?}");
        let mut out = vec![];
        element.emit_contents(&mut out);
        assert!(contents.starts_with(&out));
    }
}

fn check_amsdu(bytes: &[u8]) {
    let _ = Snap::parse(bytes);
    let subframes = AmsduSubframes::new(bytes).flatten();
    let len: usize = subframes.map(|subframe| AmsduBuilder::HEADER_LEN + subframe.msdu.len()).sum();
    assert!(len <= bytes.len());
}

fn check_ampdu(bytes: &[u8]) {
    let mut end = 0;
    for item in AmpduSubframes::new(bytes) {
        let (offset, len) = match item {
            AmpduItem::Mpdu { offset, bytes } => (offset, bytes.len()),
            AmpduItem::Gap { offset, len } => (offset, len),
        };
        assert!(offset >= end && len > 0);
        end = offset + len;
    }
    assert!(end <= bytes.len());
}

fn check_radiotap(bytes: &[u8]) {
    let Ok((header, len)) = Radiotap::parse(bytes) else { return };
    assert!(len <= bytes.len());
    let mut out = vec![];
    header.emit(&mut out);
    assert_eq!(Radiotap::parse(&out), Ok((header, out.len())));
}

#[test]
fn frames_of_any_bytes() {
    hostile(1, &frames(), check_frame);
}

#[test]
fn elements_of_any_bytes() {
    hostile(2, &[elements()], check_elements);
}

#[test]
fn aggregates_of_any_bytes() {
    let mut valid = vec![];
    for spacing in [0, 100] {
        let mut ampdu = vec![];
        let mut builder = AmpduBuilder::new(&mut ampdu, spacing);
        common::captured().for_each(|(_, mpdu)| builder.push(&mpdu));
        valid.push(ampdu);
    }
    let mut amsdu = vec![];
    let mut builder = AmsduBuilder::new(&mut amsdu);
    for msdu in [[1; 40].as_slice(), &[], &[2; 7]] {
        builder.push(AmsduSubframe { da: MacAddr([2; 6]), sa: MacAddr([4; 6]), msdu });
    }
    valid.push(amsdu);
    hostile(3, &valid, |bytes| {
        check_ampdu(bytes);
        check_amsdu(bytes);
    });
}

#[test]
fn radiotap_headers_of_any_bytes() {
    let mut full = vec![];
    Radiotap {
        tsft_us: Some(1),
        flags: Some(radiotap::Flags(0x10)),
        rate_half_mbps: Some(108),
        channel: Some(radiotap::Channel::default()),
        signal_dbm: Some(-40),
        noise_dbm: Some(-90),
        antenna: Some(1),
        signal_db: Some(50),
        noise_db: Some(0),
        mcs: Some(radiotap::Mcs::default()),
        ampdu: Some(radiotap::AmpduStatus::default()),
    }
    .emit(&mut full);
    // Three presence words, a vendor's among them.
    let present = [2_u32 | 1 << 30 | 1 << 31, 7 | 1 << 29 | 1 << 31, 6];
    let mut vendor = vec![0, 0, 32, 0];
    vendor.extend(present.iter().flat_map(|word| word.to_le_bytes()));
    vendor.extend([0x10, 0, 2, 0, 0, 1, 4, 0, 9, 9, 9, 9, 0x40, 12, 0, 0]);
    assert!(Radiotap::parse(&vendor).is_ok_and(|(header, _)| header.rate_half_mbps == Some(12)));
    hostile(4, &[full, vendor], check_radiotap);
}
