//! What base headers are between: states of the context, and what a base header says.

use super::fields::{Fields, Scaled};

/// A state that the decompressor's context may be in, with what follows from its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reference {
    pub fields: Fields,
    pub seq: Scaled,
    pub ack: Scaled,
    pub ip_id_offset: u16,
    /// The fields that hardly ever change, all in one.
    pub rare: u64,
}

impl From<Fields> for Reference {
    fn from(fields: Fields) -> Self {
        Self {
            fields,
            seq: fields.seq_scaling(),
            ack: fields.ack_scaling(),
            ip_id_offset: fields.ip_id_offset(),
            rare: fields.rare(),
        }
    }
}

/// What a base header tells, beside its format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base {
    pub fields: Fields,
    pub ip_id_offset: u16,
    /// The sequence number, where it is told scaled: its factor, the payload, has yet to be measured.
    pub seq_scaled: Option<u32>,
    pub ack_scaled: u32,
    pub header_crc: u8,
    pub list_present: bool,
}

impl Base {
    /// What the decompressor holds before it reads a base header: the defaults of section 8.2, where
    /// `ack_flag` is set.
    pub fn defaults(context: &Fields, ack_flag: bool) -> Self {
        let fields = Fields { ack_flag, urg_flag: false, rsf_flags: 0, ..*context };
        Self {
            fields,
            ip_id_offset: context.ip_id_offset(),
            seq_scaled: None,
            ack_scaled: 0,
            header_crc: 0,
            list_present: false,
        }
    }
}
