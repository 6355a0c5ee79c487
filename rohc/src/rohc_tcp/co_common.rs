//! `co_common` (RFC 6846 section 8.2): the base header for rare changes. Flags say which fields follow.

use super::base::Base;
use super::coder::Coder;
use super::fields::{Fields, IpIdBehavior};
use super::formats::{MSN, rsf_index_enc};
use super::lsb::{Lsb, lsb};
use crate::Error;

/// First seven bits.
pub(crate) const DISCRIMINATOR: u32 = 0b111_1101;
/// Octets before the optional fields.
const FLAGS_LENGTH: usize = 5;

/// `variable_length_32_enc`: which of its four formats is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Length32 {
    #[default]
    NotPresent = 0,
    Lsb8 = 1,
    Lsb16 = 2,
    Whole = 3,
}

const LSB_8: Lsb = lsb(8, 63);
const LSB_16: Lsb = lsb(16, 16383);
/// `optional_ip_id_lsb`, short.
const IP_ID: Lsb = lsb(8, 3);

impl Length32 {
    /// The shortest with which `value` is understood in all of the states `references`.
    pub fn shortest(value: u32, mut references: impl Iterator<Item = u32> + Clone) -> Self {
        if references.clone().all(|old| old == value) {
            Self::NotPresent
        } else if references.clone().all(|old| LSB_8.reaches(value, old)) {
            Self::Lsb8
        } else if references.all(|old| LSB_16.reaches(value, old)) {
            Self::Lsb16
        } else {
            Self::Whole
        }
    }

    const fn octets(self) -> usize {
        [0, 1, 2, 4][self as usize]
    }

    fn code<C: Coder>(self, c: &mut C, field: &mut u32, old: u32) -> Result<(), Error> {
        match self {
            Self::NotPresent => Ok(()),
            Self::Lsb8 => c.lsb(LSB_8, field, old),
            Self::Lsb16 => c.lsb(LSB_16, field, old),
            Self::Whole => c.whole(field),
        }
    }

    fn indicator<C: Coder>(&mut self, c: &mut C) -> Result<(), Error> {
        let mut bits = *self as u8;
        c.bits(2, &mut bits)?;
        *self = [Self::NotPresent, Self::Lsb8, Self::Lsb16, Self::Whole][usize::from(bits)];
        Ok(())
    }
}

/// Whether an IP-ID offset can be told in one octet.
pub(crate) fn short_ip_id_reaches(offset: u16, reference: u16) -> bool {
    IP_ID.reaches(offset, reference)
}

/// Which optional fields are present, by the names of the flags in the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Present {
    pub ttl_hopl_outer_flag: bool,
    pub seq_indicator: Length32,
    pub ack_indicator: Length32,
    pub ack_stride_indicator: bool,
    pub window_indicator: bool,
    /// The IP-ID, if it is sequential, is there whole; else its offset in one octet.
    pub ip_id_indicator: bool,
    pub urg_ptr_present: bool,
    pub dscp_present: bool,
    pub ttl_hopl_present: bool,
}

impl Present {
    /// Octets of the base header without the options list.
    pub fn length(&self, behavior: IpIdBehavior) -> usize {
        let ip_id = match (behavior.is_sequential(), self.ip_id_indicator) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2,
        };
        let two = [self.ack_stride_indicator, self.window_indicator, self.urg_ptr_present];
        let one = [self.dscp_present, self.ttl_hopl_present];
        let count = |flags: &[bool]| flags.iter().filter(|flag| **flag).count();
        FLAGS_LENGTH
            + self.seq_indicator.octets()
            + self.ack_indicator.octets()
            + 2 * count(&two)
            + ip_id
            + count(&one)
    }

    /// The base header on the wire, relative to `context`. `version` is that of the innermost IP header.
    pub fn code<C: Coder>(
        &mut self,
        c: &mut C,
        new: &mut Base,
        context: &Fields,
        version: u8,
    ) -> Result<(), Error> {
        let fields = &mut new.fields;
        c.constant(7, DISCRIMINATOR)?;
        c.bits(1, &mut self.ttl_hopl_outer_flag)?;
        c.bits(1, &mut fields.ack_flag)?;
        c.bits(1, &mut fields.psh_flag)?;
        rsf_index_enc(c, &mut fields.rsf_flags)?;
        c.lsb(MSN, &mut fields.msn, context.msn)?;
        self.seq_indicator.indicator(c)?;
        self.ack_indicator.indicator(c)?;
        c.bits(1, &mut self.ack_stride_indicator)?;
        c.bits(1, &mut self.window_indicator)?;
        c.bits(1, &mut self.ip_id_indicator)?;
        c.bits(1, &mut self.urg_ptr_present)?;
        c.constant(1, 0)?;
        c.bits(1, &mut fields.ecn_used)?;
        c.bits(1, &mut self.dscp_present)?;
        c.bits(1, &mut self.ttl_hopl_present)?;
        c.bits(1, &mut new.list_present)?;
        let mut behavior = fields.ip_id_behavior as u8;
        c.bits(2, &mut behavior)?;
        fields.ip_id_behavior = IpIdBehavior::from_bits(behavior);
        c.bits(1, &mut fields.urg_flag)?;
        dont_fragment(c, version, &mut fields.df)?;
        c.bits(7, &mut new.header_crc)?;

        self.seq_indicator.code(c, &mut fields.seq_number, context.seq_number)?;
        self.ack_indicator.code(c, &mut fields.ack_number, context.ack_number)?;
        c.optional(self.ack_stride_indicator, &mut fields.ack_stride)?;
        c.optional(self.window_indicator, &mut fields.window)?;
        if fields.ip_id_behavior.is_sequential() {
            self.ip_id(c, new, context)?;
        }
        let fields = &mut new.fields;
        c.optional(self.urg_ptr_present, &mut fields.urg_ptr)?;
        if self.dscp_present {
            c.bits(6, &mut fields.dscp)?;
            c.constant(2, 0)?;
        }
        c.optional(self.ttl_hopl_present, &mut fields.ttl_hopl)
    }

    /// `optional_ip_id_lsb`, for a sequential IP-ID. The reference is the offset that the context would
    /// have with the behavior that this header says.
    fn ip_id<C: Coder>(&self, c: &mut C, new: &mut Base, context: &Fields) -> Result<(), Error> {
        let behavior = new.fields.ip_id_behavior;
        if self.ip_id_indicator {
            c.whole(&mut new.fields.ip_id)?;
            new.ip_id_offset = new.fields.ip_id_offset();
            return Ok(());
        }
        let context = Fields { ip_id_behavior: behavior, ..*context };
        c.lsb(IP_ID, &mut new.ip_id_offset, context.ip_id_offset())
    }
}

/// `dont_fragment`.
fn dont_fragment<C: Coder>(c: &mut C, version: u8, df: &mut bool) -> Result<(), Error> {
    if version == 4 { c.bits(1, df) } else { c.constant(1, 0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rohc_tcp::coder::{Reader, Writer};

    fn fields() -> impl Strategy<Value = Fields> {
        let numbers = (any::<u32>(), any::<u32>(), any::<[u16; 5]>(), any::<[u8; 2]>());
        (numbers, any::<[bool; 5]>(), 0u8..4, 0usize..4).prop_map(
            |(numbers, flags, behavior, rsf)| {
                let (seq_number, ack_number, words, octets) = numbers;
                let [msn, ip_id, window, urg_ptr, ack_stride] = words;
                let [ack_flag, psh_flag, urg_flag, ecn_used, df] = flags;
                Fields {
                    seq_number,
                    ack_number,
                    msn,
                    ip_id,
                    window,
                    urg_ptr,
                    ack_stride,
                    dscp: octets[0] >> 2,
                    ttl_hopl: octets[1],
                    ack_flag,
                    psh_flag,
                    urg_flag,
                    ecn_used,
                    df,
                    ip_id_behavior: IpIdBehavior::from_bits(behavior),
                    rsf_flags: [0b000, 0b100, 0b010, 0b001][rsf],
                    ..Fields::default()
                }
            },
        )
    }

    proptest! {
        #[test]
        fn any_change_can_be_told(old in fields(), new in fields(), near: bool, outer: bool) {
            let mut new = Fields { msn: old.msn.wrapping_add(3), ..new };
            if near {
                new.seq_number = old.seq_number.wrapping_add(100);
                new.ack_number = old.ack_number.wrapping_sub(1000);
                new.window = old.window;
            }
            let present = Present {
                ttl_hopl_outer_flag: outer,
                seq_indicator: Length32::shortest(new.seq_number, [old.seq_number].into_iter()),
                ack_indicator: Length32::shortest(new.ack_number, [old.ack_number].into_iter()),
                ack_stride_indicator: true,
                window_indicator: new.window != old.window,
                ip_id_indicator: true,
                urg_ptr_present: true,
                dscp_present: true,
                ttl_hopl_present: true,
            };
            let base = |fields: Fields| Base {
                ip_id_offset: fields.ip_id_offset(),
                ..Base { fields, ..Base::defaults(&fields, fields.ack_flag) }
            };
            let mut wire = [0; 40];
            let mut writer = Writer::new(&mut wire);
            present.clone().code(&mut writer, &mut base(new), &old, 4).unwrap();
            prop_assert_eq!(writer.written(), present.length(new.ip_id_behavior));
            let mut read = (Present::default(), Base::defaults(&old, true));
            read.0.code(&mut Reader::new("test", &wire), &mut read.1, &old, 4).unwrap();
            if !new.ip_id_behavior.is_sequential() {
                read.1.fields.ip_id = new.ip_id;
            }
            prop_assert_eq!(read.0, Present { ip_id_indicator: true, ..present });
            prop_assert_eq!(read.1.fields, new);
        }
    }
}
