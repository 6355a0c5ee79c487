//! Types and subtypes of frames (9.2.4.1.3, Table 9-1), and what people call them.

use std::fmt;

/// What a frame is, by the type and subtype of its frame control field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// Type 0.
    Management(ManagementSubtype),
    /// Type 1.
    Control(ControlSubtype),
    /// Type 2.
    Data(DataSubtype),
    /// Type 3, with its subtype.
    Extension(u8),
}

/// An enumeration of the sixteen subtypes of a type, in their order, with their names.
macro_rules! subtypes {
    ($(#[$outer:meta])* $name:ident { $($variant:ident $text:literal,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = $text] $variant,)*
        }

        impl $name {
            /// All of them, each at its number.
            pub const ALL: [Self; 16] = [$(Self::$variant,)*];

            /// The name people know it by.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

subtypes! {
    /// Subtypes of management frames.
    ManagementSubtype {
        AssociationRequest "Assoc Request",
        AssociationResponse "Assoc Response",
        ReassociationRequest "Reassoc Request",
        ReassociationResponse "Reassoc Response",
        ProbeRequest "Probe Request",
        ProbeResponse "Probe Response",
        TimingAdvertisement "Timing Adv",
        Reserved7 "Management 7",
        Beacon "Beacon",
        Atim "ATIM",
        Disassociation "Disassoc",
        Authentication "Auth",
        Deauthentication "Deauth",
        Action "Action",
        ActionNoAck "Action NoAck",
        Reserved15 "Management 15",
    }
}

subtypes! {
    /// Subtypes of control frames.
    ControlSubtype {
        Reserved0 "Control 0",
        Reserved1 "Control 1",
        Trigger "Trigger",
        Tack "TACK",
        BeamformingReportPoll "BF Report Poll",
        NdpAnnouncement "NDP Announce",
        Extension "Control Ext",
        Wrapper "Control Wrapper",
        BlockAckReq "Block Ack Req",
        BlockAck "Block Ack",
        PsPoll "PS-Poll",
        Rts "RTS",
        Cts "CTS",
        Ack "Ack",
        CfEnd "CF-End",
        CfEndAck "CF-End+Ack",
    }
}

subtypes! {
    /// Subtypes of data frames.
    DataSubtype {
        Data "Data",
        DataCfAck "Data+CF-Ack",
        DataCfPoll "Data+CF-Poll",
        DataCfAckPoll "Data+CF-Ack+Poll",
        Null "Null",
        CfAck "CF-Ack",
        CfPoll "CF-Poll",
        CfAckPoll "CF-Ack+Poll",
        QosData "QoS Data",
        QosDataCfAck "QoS Data+CF-Ack",
        QosDataCfPoll "QoS Data+CF-Poll",
        QosDataCfAckPoll "QoS Data+CF-Ack+Poll",
        QosNull "QoS Null",
        Reserved13 "Data 13",
        QosCfPoll "QoS CF-Poll",
        QosCfAckPoll "QoS CF-Ack+Poll",
    }
}

impl DataSubtype {
    /// Whether there is a QoS Control field: the highest bit of the subtype.
    pub fn is_qos(self) -> bool {
        self as u8 & 8 != 0
    }

    /// Whether the frame is there to carry data: a bit of the subtype says that it does not.
    pub fn carries_data(self) -> bool {
        self as u8 & 4 == 0
    }
}

impl FrameKind {
    /// The kind of a type of two bits and a subtype of four.
    pub(crate) fn from_numbers(kind: u8, subtype: u8) -> Self {
        let number = usize::from(subtype & 0xf);
        match kind & 3 {
            0 => Self::Management(ManagementSubtype::ALL[number]),
            1 => Self::Control(ControlSubtype::ALL[number]),
            2 => Self::Data(DataSubtype::ALL[number]),
            _ => Self::Extension(subtype & 0xf),
        }
    }

    /// Type and subtype.
    pub(crate) fn numbers(self) -> (u8, u8) {
        match self {
            Self::Management(subtype) => (0, subtype as u8),
            Self::Control(subtype) => (1, subtype as u8),
            Self::Data(subtype) => (2, subtype as u8),
            Self::Extension(subtype) => (3, subtype),
        }
    }

    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Management(subtype) => subtype.name(),
            Self::Control(subtype) => subtype.name(),
            Self::Data(subtype) => subtype.name(),
            Self::Extension(_) => "Extension",
        }
    }
}

impl fmt::Display for FrameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_and_subtype_is_kept() {
        for number in 0..64 {
            let (kind, subtype) = (number >> 4, number & 0xf);
            assert_eq!(FrameKind::from_numbers(kind, subtype).numbers(), (kind, subtype));
        }
    }

    #[test]
    fn names_are_at_their_numbers_of_table_9_1() {
        let name = |kind, subtype| FrameKind::from_numbers(kind, subtype).name();
        assert_eq!([name(0, 8), name(0, 13)], ["Beacon", "Action"]);
        assert_eq!([name(1, 9), name(1, 13), name(1, 15)], ["Block Ack", "Ack", "CF-End+Ack"]);
        assert_eq!([name(2, 8), name(2, 12), name(3, 0)], ["QoS Data", "QoS Null", "Extension"]);
    }
}
