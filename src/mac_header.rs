//! Just enough of an MPDU's header to say in a line what a frame is (9.2.4, Table 9-1).

use std::fmt;

/// A view of an MPDU that has at least a frame control field, a duration and one address.
#[derive(Clone, Copy)]
pub struct MacHeader<'a>(&'a [u8]);

/// An address, printed as usual.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MacAddress([u8; 6]);

impl<'a> MacHeader<'a> {
    /// The header of an MPDU; `None` if it is too short for one.
    pub fn new(mpdu: &'a [u8]) -> Option<Self> {
        (mpdu.len() >= 10).then_some(Self(mpdu))
    }

    fn kind(self) -> u8 {
        self.0[0] >> 2 & 3
    }

    fn subtype(self) -> u8 {
        self.0[0] >> 4
    }

    /// Name of type and subtype.
    pub fn name(self) -> &'static str {
        const MANAGEMENT: [&str; 16] = [
            "Assoc Request",
            "Assoc Response",
            "Reassoc Request",
            "Reassoc Response",
            "Probe Request",
            "Probe Response",
            "Timing Adv",
            "Management 7",
            "Beacon",
            "ATIM",
            "Disassoc",
            "Auth",
            "Deauth",
            "Action",
            "Action NoAck",
            "Management 15",
        ];
        const CONTROL: [&str; 16] = [
            "Control 0",
            "Control 1",
            "Trigger",
            "TACK",
            "BF Report Poll",
            "NDP Announce",
            "Control Ext",
            "Control Wrapper",
            "Block Ack Req",
            "Block Ack",
            "PS-Poll",
            "RTS",
            "CTS",
            "Ack",
            "CF-End",
            "CF-End+Ack",
        ];
        const DATA: [&str; 16] = [
            "Data",
            "Data+CF-Ack",
            "Data+CF-Poll",
            "Data+CF-Ack+Poll",
            "Null",
            "CF-Ack",
            "CF-Poll",
            "CF-Ack+Poll",
            "QoS Data",
            "QoS Data+CF-Ack",
            "QoS Data+CF-Poll",
            "QoS Data+CF-Ack+Poll",
            "QoS Null",
            "Data 13",
            "QoS CF-Poll",
            "QoS CF-Ack+Poll",
        ];
        let names = [&MANAGEMENT, &CONTROL, &DATA];
        names
            .get(usize::from(self.kind()))
            .map_or("Extension", |names| names[usize::from(self.subtype())])
    }

    /// Whether the frame is a retransmission.
    pub fn retry(self) -> bool {
        self.0[1] & 0x08 != 0
    }

    /// Address 1: the receiver.
    pub fn receiver(self) -> MacAddress {
        self.address(4).expect("checked by new")
    }

    /// Address 2: the transmitter; CTS and Ack have none.
    pub fn transmitter(self) -> Option<MacAddress> {
        let without = self.kind() == 1 && matches!(self.subtype(), 12 | 13);
        if without { None } else { self.address(10) }
    }

    /// Sequence and fragment number of management and data frames.
    pub fn sequence(self) -> Option<(u16, u8)> {
        if !matches!(self.kind(), 0 | 2) {
            return None;
        }
        let control = u16::from_le_bytes(self.0.get(22..24)?.try_into().ok()?);
        Some((control >> 4, control as u8 & 0xf))
    }

    fn address(self, at: usize) -> Option<MacAddress> {
        Some(MacAddress(self.0.get(at..at + 6)?.try_into().ok()?))
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        let text = format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}");
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_qos_data_frame_and_an_ack() {
        let data = hex::decode("88423000e4907e152a16e8de27906e42e8de27906e40f02c0000").unwrap();
        let header = MacHeader::new(&data).unwrap();
        assert_eq!(header.name(), "QoS Data");
        assert_eq!(header.receiver().to_string(), "e4:90:7e:15:2a:16");
        assert_eq!(header.transmitter().unwrap().to_string(), "e8:de:27:90:6e:42");
        assert_eq!(header.sequence(), Some((0x2cf, 0)));
        assert!(!header.retry());

        let ack = hex::decode("d4000000e4907e152a168cf611e3").unwrap();
        let header = MacHeader::new(&ack).unwrap();
        assert_eq!((header.name(), header.sequence()), ("Ack", None));
        assert!(header.transmitter().is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Some(header) = MacHeader::new(&bytes) {
                let _ = (header.name(), header.retry(), header.receiver(), header.transmitter());
                let _ = header.sequence();
            }
        }
    }
}
