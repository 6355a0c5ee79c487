//! The base headers of compressed packets (RFC 6846 section 8.2, `co_baseheader`): eight formats for a
//! sequential IP-ID and eight for all else, as tables of fields. `co_common` is in [`super::co_common`].
//!
//! A table serves three ends: the compressor asks whether a format [can say](BaseHeader::says) what
//! changed, writes it, and the decompressor reads it.

use super::base::{Base, Reference};
use super::coder::Coder;
use super::fields::{Fields, Scaled};
use super::format::Format;
use super::lsb::{Lsb, lsb};
use super::told::Told;
use crate::Error;

/// A field of a base header and its encoding.
#[derive(Debug, Clone, Copy)]
enum Field {
    Msn,
    Psh,
    Crc(u32),
    Seq(Lsb),
    SeqScaled,
    Ack(Lsb),
    AckScaled,
    IpId(Lsb),
    Window(Lsb),
    WindowWhole,
    Rsf,
    ListPresent,
    EcnUsed,
    Ttl,
}

impl Field {
    const fn tells(self) -> Told {
        match self {
            Self::Seq(_) | Self::SeqScaled => Told::SEQ,
            Self::Ack(_) | Self::AckScaled => Told::ACK,
            Self::IpId(_) => Told::IP_ID,
            Self::Window(_) | Self::WindowWhole => Told::WINDOW,
            Self::Rsf => Told::RSF,
            Self::ListPresent => Told::LIST,
            Self::EcnUsed => Told::ECN_USED,
            Self::Ttl => Told::TTL,
            Self::Msn | Self::Psh | Self::Crc(_) => Told::NOTHING,
        }
    }
}

impl Field {
    /// Whether this field says `new` to a decompressor in the state `old`.
    fn says(self, new: &Reference, old: &Reference) -> bool {
        let (fields, reference) = (&new.fields, &old.fields);
        match self {
            Self::Msn => MSN.reaches(fields.msn, reference.msn),
            Self::Seq(lsb) => lsb.reaches(fields.seq_number, reference.seq_number),
            Self::SeqScaled => {
                fields.payload_size != 0
                    && reference.payload_size == fields.payload_size
                    && old.seq.residue == new.seq.residue
                    && SEQ_SCALED.reaches(new.seq.scaled, old.seq.scaled)
            }
            Self::Ack(lsb) => lsb.reaches(fields.ack_number, reference.ack_number),
            Self::AckScaled => {
                fields.ack_stride != 0
                    && old.ack.residue == new.ack.residue
                    && ACK_SCALED.reaches(new.ack.scaled, old.ack.scaled)
            }
            Self::IpId(lsb) => lsb.reaches(new.ip_id_offset, old.ip_id_offset),
            Self::Window(lsb) => lsb.reaches(fields.window, reference.window),
            Self::Ttl => TTL.reaches(fields.ttl_hopl, reference.ttl_hopl),
            Self::Rsf => rsf_index(fields.rsf_flags).is_some(),
            Self::WindowWhole | Self::Psh | Self::Crc(_) | Self::ListPresent | Self::EcnUsed => {
                true
            }
        }
    }
}

/// One format: a row of the table.
#[derive(Debug)]
pub(crate) struct BaseHeader {
    pub format: Format,
    discriminator: u32,
    discriminator_bits: u32,
    fields: &'static [Field],
    pub tells: Told,
    /// Octets without options list and irregular chain.
    pub length: usize,
}

const fn row(
    format: Format,
    discriminator: u32,
    discriminator_bits: u32,
    fields: &'static [Field],
) -> BaseHeader {
    let mut bits = discriminator_bits;
    let mut tells = Told::NOTHING;
    let mut n = 0;
    while n < fields.len() {
        tells = tells.with(fields[n].tells());
        bits += match fields[n] {
            Field::Msn | Field::SeqScaled | Field::AckScaled => 4,
            Field::Psh | Field::ListPresent | Field::EcnUsed => 1,
            Field::Seq(lsb) | Field::Ack(lsb) | Field::IpId(lsb) | Field::Window(lsb) => lsb.k,
            Field::Crc(width) => width,
            Field::WindowWhole => 16,
            Field::Rsf => 2,
            Field::Ttl => 3,
        };
        n += 1;
    }
    assert!(bits.is_multiple_of(8));
    BaseHeader {
        format,
        discriminator,
        discriminator_bits,
        fields,
        tells,
        length: bits as usize / 8,
    }
}

/// For an IP-ID that is random or zero, and IPv6; shortest first.
pub(crate) static RND: [BaseHeader; 8] = {
    use Field::*;
    [
        row(Format::Rnd2, 0b1100, 4, &[SeqScaled, Msn, Psh, Crc(3)]),
        row(Format::Rnd4, 0b1101, 4, &[AckScaled, Msn, Psh, Crc(3)]),
        row(Format::Rnd3, 0b0, 1, &[Ack(lsb(15, 8191)), Msn, Psh, Crc(3)]),
        row(Format::Rnd1, 0b101110, 6, &[Seq(lsb(18, 65535)), Msn, Psh, Crc(3)]),
        row(Format::Rnd6, 0b1010, 4, &[Crc(3), Psh, Ack(lsb(16, 16383)), Msn, SeqScaled]),
        row(Format::Rnd5, 0b100, 3, &[Psh, Msn, Crc(3), Seq(lsb(14, 8191)), Ack(lsb(15, 8191))]),
        row(Format::Rnd7, 0b101111, 6, &[Ack(lsb(18, 65535)), WindowWhole, Msn, Psh, Crc(3)]),
        row(
            Format::Rnd8,
            0b10110,
            5,
            &[
                Rsf,
                ListPresent,
                Crc(7),
                Msn,
                Psh,
                Ttl,
                EcnUsed,
                Seq(lsb(16, 65535)),
                Ack(lsb(16, 16383)),
            ],
        ),
    ]
};

/// For a sequential IP-ID; shortest first.
pub(crate) static SEQ: [BaseHeader; 8] = {
    use Field::*;
    [
        row(Format::Seq4, 0b0, 1, &[AckScaled, IpId(lsb(3, 1)), Msn, Psh, Crc(3)]),
        row(Format::Seq2, 0b11010, 5, &[IpId(lsb(7, 3)), SeqScaled, Msn, Psh, Crc(3)]),
        row(Format::Seq1, 0b1010, 4, &[IpId(lsb(4, 3)), Seq(lsb(16, 32767)), Msn, Psh, Crc(3)]),
        row(Format::Seq3, 0b1001, 4, &[IpId(lsb(4, 3)), Ack(lsb(16, 16383)), Msn, Psh, Crc(3)]),
        row(
            Format::Seq6,
            0b11011,
            5,
            &[SeqScaled, IpId(lsb(7, 3)), Ack(lsb(16, 16383)), Msn, Psh, Crc(3)],
        ),
        row(
            Format::Seq5,
            0b1000,
            4,
            &[IpId(lsb(4, 3)), Ack(lsb(16, 16383)), Seq(lsb(16, 32767)), Msn, Psh, Crc(3)],
        ),
        row(
            Format::Seq7,
            0b1100,
            4,
            &[Window(lsb(15, 16383)), IpId(lsb(5, 3)), Ack(lsb(16, 32767)), Msn, Psh, Crc(3)],
        ),
        row(
            Format::Seq8,
            0b1011,
            4,
            &[
                IpId(lsb(4, 3)),
                ListPresent,
                Crc(7),
                Msn,
                Psh,
                Ttl,
                EcnUsed,
                Ack(lsb(15, 8191)),
                Rsf,
                Seq(lsb(14, 8191)),
            ],
        ),
    ]
};

/// `lsb(4, 4)`: four packets may be overtaken, eleven lost.
pub(crate) const MSN: Lsb = lsb(4, 4);
const SEQ_SCALED: Lsb = lsb(4, 7);
const ACK_SCALED: Lsb = lsb(4, 3);
const TTL: Lsb = lsb(3, 3);

impl BaseHeader {
    /// The format that begins with `octet`.
    pub fn of(set: &'static [BaseHeader], octet: u8) -> Result<&'static Self, Error> {
        let begins =
            |row: &&Self| u32::from(octet) >> (8 - row.discriminator_bits) == row.discriminator;
        set.iter().find(begins).ok_or(Error::UnknownFormat { octet })
    }

    /// Whether this format says `new` unmistakably to a decompressor in any of the states `references`,
    /// apart from what [`tells`](Self::tells) is about.
    pub fn says(&self, new: &Reference, references: &[Reference]) -> bool {
        self.fields.iter().all(|field| references.iter().all(|old| field.says(new, old)))
    }

    /// The base header on the wire, relative to `context`.
    pub fn code<C: Coder>(&self, c: &mut C, new: &mut Base, context: &Fields) -> Result<(), Error> {
        c.constant(self.discriminator_bits, self.discriminator)?;
        let offset = context.ip_id_offset();
        for field in self.fields {
            let fields = &mut new.fields;
            match *field {
                Field::Msn => c.lsb(MSN, &mut fields.msn, context.msn)?,
                Field::Psh => c.bits(1, &mut fields.psh_flag)?,
                Field::Crc(width) => c.bits(width, &mut new.header_crc)?,
                Field::Seq(lsb) => c.lsb(lsb, &mut fields.seq_number, context.seq_number)?,
                Field::SeqScaled => {
                    let mut scaled = new.seq_scaled.unwrap_or_default();
                    let old = if C::READS { context.seq_scaling().scaled } else { 0 };
                    c.lsb(SEQ_SCALED, &mut scaled, old)?;
                    new.seq_scaled = Some(scaled);
                }
                Field::Ack(lsb) => c.lsb(lsb, &mut fields.ack_number, context.ack_number)?,
                Field::AckScaled => {
                    let old = if C::READS { context.ack_scaling() } else { Scaled::default() };
                    c.lsb(ACK_SCALED, &mut new.ack_scaled, old.scaled)?;
                    if C::READS {
                        fields.ack_number = old.unscale(new.ack_scaled, context.ack_stride.into());
                    }
                }
                Field::IpId(lsb) => c.lsb(lsb, &mut new.ip_id_offset, offset)?,
                Field::Window(lsb) => c.lsb(lsb, &mut fields.window, context.window)?,
                Field::WindowWhole => c.whole(&mut fields.window)?,
                Field::Rsf => rsf_index_enc(c, &mut fields.rsf_flags)?,
                Field::ListPresent => c.bits(1, &mut new.list_present)?,
                Field::EcnUsed => c.bits(1, &mut fields.ecn_used)?,
                Field::Ttl => c.lsb(TTL, &mut fields.ttl_hopl, context.ttl_hopl)?,
            }
        }
        Ok(())
    }
}

/// `rsf_index_enc`: flags RST, SYN and FIN, of which at most one may be set.
const RSF: [u8; 4] = [0b000, 0b100, 0b010, 0b001];

/// The index of RST, SYN and FIN flags, unless two are set.
pub(crate) fn rsf_index(flags: u8) -> Option<u8> {
    RSF.iter().position(|row| *row == flags).map(|index| index as u8)
}

/// `rsf_index_enc` on the wire.
pub(crate) fn rsf_index_enc<C: Coder>(c: &mut C, flags: &mut u8) -> Result<(), Error> {
    let mut index = rsf_index(*flags).unwrap_or_default();
    c.bits(2, &mut index)?;
    *flags = RSF[usize::from(index)];
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rohc_tcp::coder::{Reader, Writer};
    use crate::rohc_tcp::fields::IpIdBehavior;

    #[test]
    fn each_octet_begins_at_most_one_format() {
        for set in [&RND, &SEQ] {
            for octet in 0..=255u8 {
                let begins = |row: &&BaseHeader| {
                    u32::from(octet) >> (8 - row.discriminator_bits) == row.discriminator
                };
                let rows = set.iter().filter(begins).count();
                assert_eq!(rows, usize::from(octet < 0xe0), "{octet:#04x}");
            }
        }
    }

    #[test]
    fn lengths_are_those_of_the_standard() {
        let lengths = |set: &[BaseHeader]| set.iter().map(|row| row.length).collect::<Vec<_>>();
        assert_eq!(lengths(&RND), [2, 2, 3, 4, 4, 5, 6, 7]);
        assert_eq!(lengths(&SEQ), [2, 3, 4, 4, 5, 6, 6, 7]);
    }

    /// A state, and one that a few packets may have led to.
    fn two_states() -> impl Strategy<Value = (Fields, Fields)> {
        let near = |range: u32| prop_oneof![Just(0), 0..range, Just(1448), any::<u32>()];
        let step = (near(70000), near(70000), 0u16..12, any::<u16>(), near(100000), 0usize..4);
        let old =
            (any::<u32>(), any::<u32>(), any::<u16>(), any::<u16>(), any::<u16>(), 0u16..3000);
        (old, step, any::<bool>(), any::<u8>()).prop_map(|(old, step, sequential, ttl)| {
            let ip_id_behavior =
                if sequential { IpIdBehavior::Sequential } else { IpIdBehavior::Random };
            let old = Fields {
                seq_number: old.0,
                ack_number: old.1,
                msn: old.2,
                ip_id: old.3,
                window: old.4,
                ack_stride: old.5,
                payload_size: u32::from(old.5) / 2,
                ttl_hopl: ttl,
                ack_flag: true,
                ip_id_behavior,
                ..Fields::default()
            };
            let new = Fields {
                seq_number: old.seq_number.wrapping_add(step.0),
                ack_number: old.ack_number.wrapping_add(step.1),
                msn: old.msn.wrapping_add(step.2),
                ip_id: old.ip_id.wrapping_add(step.2).wrapping_add(step.3 % 4),
                window: old.window.wrapping_add(step.4 as u16),
                ttl_hopl: old.ttl_hopl.wrapping_add(step.3 as u8 % 8),
                rsf_flags: RSF[step.5],
                ecn_used: step.3 & 1 != 0,
                psh_flag: step.3 & 2 != 0,
                ..old
            };
            (old, new)
        })
    }

    proptest! {
        #[test]
        fn what_a_format_says_is_understood((old, new) in two_states()) {
            let sequential = new.ip_id_behavior.is_sequential();
            let (new, references) = (Reference::from(new), [Reference::from(old)]);
            for row in if sequential { &SEQ } else { &RND } {
                if !row.says(&new, &references) {
                    continue;
                }
                let mut sent = Base {
                    fields: new.fields,
                    ip_id_offset: new.ip_id_offset,
                    seq_scaled: Some(new.seq.scaled),
                    ack_scaled: new.ack.scaled,
                    header_crc: 5,
                    list_present: true,
                };
                let mut wire = [0; 8];
                let mut writer = Writer::new(&mut wire);
                row.code(&mut writer, &mut sent, &Fields::default()).unwrap();
                prop_assert_eq!(writer.written(), row.length);
                let mut read = Base::defaults(&old, true);
                row.code(&mut Reader::new("test", &wire), &mut read, &old).unwrap();
                if let Some(scaled) = read.seq_scaled {
                    let seq = old.seq_scaling().unscale(scaled, old.payload_size);
                    read.fields.seq_number = seq;
                }
                read.fields.set_ip_id_offset(read.ip_id_offset);
                prop_assert_eq!(read.header_crc, 5);
                let told = |told: Told, is: bool| !row.tells.includes(told) || is;
                prop_assert!(told(Told::SEQ, read.fields.seq_number == new.fields.seq_number));
                prop_assert!(told(Told::ACK, read.fields.ack_number == new.fields.ack_number));
                prop_assert!(told(Told::IP_ID, read.fields.ip_id == new.fields.ip_id));
                prop_assert!(told(Told::WINDOW, read.fields.window == new.fields.window));
                prop_assert!(told(Told::TTL, read.fields.ttl_hopl == new.fields.ttl_hopl));
                prop_assert!(told(Told::RSF, read.fields.rsf_flags == new.fields.rsf_flags));
                prop_assert!(told(Told::ECN_USED, read.fields.ecn_used == new.fields.ecn_used));
                prop_assert_eq!(read.fields.msn, new.fields.msn);
                prop_assert_eq!(read.fields.psh_flag, new.fields.psh_flag);
            }
        }
    }
}
