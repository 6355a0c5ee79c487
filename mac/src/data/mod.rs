//! Data frames (9.3.2.1).

mod llc;
mod qos;

pub use llc::Snap;
pub use qos::{AckPolicy, QosControl};

use crate::reader::Reader;
use crate::{
    DataSubtype, DurationId, FrameControl, FrameError, FrameKind, MacAddr, SequenceControl,
};

/// What errors call it.
const WHAT: &str = "data frame";

/// A data frame: header, and body where it was received.
///
/// The body is what lies between header and FCS: an MSDU with its LLC header, an A-MSDU, or, in
/// a protected frame, what the cipher made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data<'a> {
    /// The MAC header.
    pub header: DataHeader,
    /// The frame body.
    pub body: &'a [u8],
}

/// The MAC header of a data frame (9.3.2.1).
///
/// Which parts there are follows from the frame control field, and `emit` insists on it: a
/// fourth address with both To DS and From DS, a QoS Control field with a QoS subtype, an HT
/// Control field with a QoS subtype and +HTC/Order (in other data frames the bit is the old
/// Order and no field follows, 9.2.4.1.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataHeader {
    /// Subtype and flags.
    pub frame_control: FrameControl,
    /// How long the medium is reserved.
    pub duration: DurationId,
    /// Address 1.
    pub receiver: MacAddr,
    /// Address 2.
    pub transmitter: MacAddr,
    /// Address 3.
    pub address3: MacAddr,
    /// Number of the MSDU and of the fragment.
    pub sequence_control: SequenceControl,
    /// Address 4, between distribution systems.
    pub address4: Option<MacAddr>,
    /// The QoS Control field.
    pub qos: Option<QosControl>,
    /// The HT Control field, whose bits are not taken apart here (9.2.4.6).
    pub ht_control: Option<u32>,
}

impl<'a> Data<'a> {
    /// Reads an MPDU without FCS.
    pub fn parse(mpdu: &'a [u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(WHAT, mpdu);
        let header = DataHeader::read(&mut reader)?;
        Ok(Self { header, body: reader.rest() })
    }

    /// Appends the MPDU, without an FCS.
    pub fn emit(&self, out: &mut Vec<u8>) {
        self.header.emit(out);
        out.extend_from_slice(self.body);
    }

    /// Whether the body is an A-MSDU, once deciphered.
    pub fn is_amsdu(&self) -> bool {
        self.header.is_amsdu()
    }
}

impl DataHeader {
    fn new(to_ds: bool, from_ds: bool, addresses: [MacAddr; 3]) -> Self {
        let [receiver, transmitter, address3] = addresses;
        Self {
            frame_control: FrameControl::new(FrameKind::Data(DataSubtype::Data))
                .with_to_ds(to_ds)
                .with_from_ds(from_ds),
            duration: DurationId::default(),
            receiver,
            transmitter,
            address3,
            sequence_control: SequenceControl::default(),
            address4: None,
            qos: None,
            ht_control: None,
        }
    }

    /// A frame from station to station of an IBSS.
    pub fn between_stations(da: MacAddr, sa: MacAddr, bssid: MacAddr) -> Self {
        Self::new(false, false, [da, sa, bssid])
    }

    /// A frame from an AP.
    pub fn from_ap(da: MacAddr, bssid: MacAddr, sa: MacAddr) -> Self {
        Self::new(false, true, [da, bssid, sa])
    }

    /// A frame to an AP.
    pub fn to_ap(bssid: MacAddr, sa: MacAddr, da: MacAddr) -> Self {
        Self::new(true, false, [bssid, sa, da])
    }

    /// A frame with four addresses.
    pub fn relayed(ra: MacAddr, ta: MacAddr, da: MacAddr, sa: MacAddr) -> Self {
        Self { address4: Some(sa), ..Self::new(true, true, [ra, ta, da]) }
    }

    /// The header with a QoS Control field, and the subtype that says so.
    #[must_use]
    pub fn with_qos(mut self, qos: QosControl) -> Self {
        self.qos = Some(qos);
        let subtype = self.frame_control.subtype_number() | 8;
        self.frame_control = self.frame_control.with_subtype_number(subtype);
        self
    }

    /// The header of a frame without data: Null or QoS Null.
    #[must_use]
    pub fn without_data(mut self) -> Self {
        let subtype = self.frame_control.subtype_number() | 4;
        self.frame_control = self.frame_control.with_subtype_number(subtype);
        self
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FrameError> {
        let is_data = |kind| matches!(kind, FrameKind::Data(_));
        let frame_control = FrameControl::read(WHAT, reader, is_data)?;
        let duration = DurationId(reader.u16()?);
        let (receiver, transmitter) = (reader.address()?, reader.address()?);
        let address3 = reader.address()?;
        let sequence_control = SequenceControl::from_raw(reader.u16()?);
        let [four, qos, htc] = parts(frame_control);
        let address4 = four.then(|| reader.address()).transpose()?;
        let qos = qos.then(|| reader.u16().map(QosControl)).transpose()?;
        let ht_control = htc.then(|| reader.u32()).transpose()?;
        Ok(Self {
            frame_control,
            duration,
            receiver,
            transmitter,
            address3,
            sequence_control,
            address4,
            qos,
            ht_control,
        })
    }

    /// Appends the header.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let present = [self.address4.is_some(), self.qos.is_some(), self.ht_control.is_some()];
        assert_eq!(
            present,
            parts(self.frame_control),
            "address 4, QoS and HT Control as the frame control says"
        );
        out.extend(self.frame_control.to_bytes());
        out.extend(self.duration.0.to_le_bytes());
        for address in [self.receiver, self.transmitter, self.address3] {
            out.extend(address.0);
        }
        out.extend(self.sequence_control.raw().to_le_bytes());
        out.extend(self.address4.iter().flat_map(|address| address.0));
        out.extend(self.qos.iter().flat_map(|qos| qos.0.to_le_bytes()));
        out.extend(self.ht_control.iter().flat_map(|control| control.to_le_bytes()));
    }

    /// Bytes of the header.
    pub fn length(&self) -> usize {
        let optional =
            [(self.address4.is_some(), 6), (self.qos.is_some(), 2), (self.ht_control.is_some(), 4)];
        24 + optional.iter().filter(|part| part.0).map(|part| part.1).sum::<usize>()
    }

    /// Whether the body is an A-MSDU.
    pub fn is_amsdu(&self) -> bool {
        self.qos.is_some_and(QosControl::amsdu_present)
    }

    /// Destination (Table 9-30); an A-MSDU on its way to an AP has one in each subframe instead.
    pub fn da(&self) -> Option<MacAddr> {
        match self.frame_control.to_ds() {
            false => Some(self.receiver),
            true => (!self.is_amsdu()).then_some(self.address3),
        }
    }

    /// Source (Table 9-30); an A-MSDU from an AP has one in each subframe instead.
    pub fn sa(&self) -> Option<MacAddr> {
        let in_header = match (self.frame_control.to_ds(), self.frame_control.from_ds()) {
            (_, false) => return Some(self.transmitter),
            (false, true) => Some(self.address3),
            (true, true) => self.address4,
        };
        in_header.filter(|_| !self.is_amsdu())
    }

    /// The BSS (Table 9-30); between distribution systems only an A-MSDU tells it.
    pub fn bssid(&self) -> Option<MacAddr> {
        match (self.frame_control.to_ds(), self.frame_control.from_ds()) {
            (false, false) => Some(self.address3),
            (false, true) => Some(self.transmitter),
            (true, false) => Some(self.receiver),
            (true, true) => self.is_amsdu().then_some(self.address3),
        }
    }
}

/// Whether a frame control field asks for a fourth address, QoS Control, and HT Control.
fn parts(field: FrameControl) -> [bool; 3] {
    let qos = matches!(field.kind(), FrameKind::Data(subtype) if subtype.is_qos());
    [field.to_ds() && field.from_ds(), qos, qos && field.order()]
}

#[cfg(test)]
mod tests;
