//! The Frame Control field (9.2.4.1).

use crate::bits::bit_fields;
use crate::reader::Reader;
use crate::{FrameError, FrameKind};

bit_fields! {
    /// The Frame Control field, the first two bytes of every MPDU.
    FrameControl(u16) {
        /// Protocol version: 0 for all but S1G frames.
        version, with_version: u8 = 0..2;
        /// Type, two bits; [`kind`](Self::kind) reads it together with the subtype.
        type_number, with_type_number: u8 = 2..4;
        /// Subtype, four bits.
        subtype_number, with_subtype_number: u8 = 4..8;
        /// The frame goes to the distribution system.
        to_ds, with_to_ds: bool = 8..9;
        /// The frame comes from the distribution system.
        from_ds, with_from_ds: bool = 9..10;
        /// Another fragment of the MSDU follows.
        more_fragments, with_more_fragments: bool = 10..11;
        /// The frame is sent again.
        retry, with_retry: bool = 11..12;
        /// The sender will be in power save mode after this exchange.
        power_management, with_power_management: bool = 12..13;
        /// More frames are buffered for the receiver.
        more_data, with_more_data: bool = 13..14;
        /// The body is encrypted.
        protected, with_protected: bool = 14..15;
        /// +HTC/Order: an HT Control field follows in QoS data and management frames.
        order, with_order: bool = 15..16;
    }
}

impl FrameControl {
    /// A field of the kind with no flag set.
    pub fn new(kind: FrameKind) -> Self {
        Self::default().with_kind(kind)
    }

    /// The field of a frame, if it has one and its version is 0.
    pub fn parse(frame: &[u8]) -> Result<Self, FrameError> {
        Self::read("frame", &mut Reader::new("frame", frame), |_| true)
    }

    /// Takes the field of a frame that must be of the right kind.
    pub(crate) fn read(
        what: &'static str,
        reader: &mut Reader<'_>,
        is_right: impl Fn(FrameKind) -> bool,
    ) -> Result<Self, FrameError> {
        let field = Self(reader.u16()?);
        match field.version() {
            0 if is_right(field.kind()) => Ok(field),
            0 => Err(FrameError::NotThis { what, offset: 0, value: field.0.into() }),
            version => Err(FrameError::Version { what, version }),
        }
    }

    /// Type and subtype.
    pub fn kind(self) -> FrameKind {
        FrameKind::from_numbers(self.type_number(), self.subtype_number())
    }

    /// The same flags with another type and subtype.
    #[must_use]
    pub fn with_kind(self, kind: FrameKind) -> Self {
        let (kind, subtype) = kind.numbers();
        self.with_type_number(kind).with_subtype_number(subtype)
    }

    /// The two bytes as sent.
    pub fn to_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ControlSubtype, DataSubtype};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_field_is_its_kind_and_its_flags(raw: u16) {
            let field = FrameControl(raw & !3);
            let same = FrameControl::new(field.kind())
                .with_to_ds(field.to_ds())
                .with_from_ds(field.from_ds())
                .with_more_fragments(field.more_fragments())
                .with_retry(field.retry())
                .with_power_management(field.power_management())
                .with_more_data(field.more_data())
                .with_protected(field.protected())
                .with_order(field.order());
            prop_assert_eq!(same, field);
            prop_assert_eq!(FrameControl::parse(&field.to_bytes()), Ok(field));
        }
    }

    #[test]
    fn fields_as_they_are_on_the_air() {
        let data = FrameControl::parse(&[0x88, 0x42]).unwrap();
        assert_eq!(data.kind(), FrameKind::Data(DataSubtype::QosData));
        assert!(data.from_ds() && data.protected() && !data.to_ds() && !data.retry());
        let ack = FrameControl::new(FrameKind::Control(ControlSubtype::Ack));
        assert_eq!(ack.to_bytes(), [0xd4, 0]);
        let error = FrameError::Version { what: "frame", version: 1 };
        assert_eq!(FrameControl::parse(&[0x81, 0]), Err(error));
    }
}
