//! The TCP header without its options: its items in the chains (RFC 6846 section 8.2, `tcp`), and to and
//! from octets.

use super::coder::Coder;
use super::fields::Fields;
use super::formats::rsf_index_enc;
use super::lsb::{Lsb, lsb};
use crate::Error;

/// Octets of a TCP header without options.
pub(crate) const LENGTH: usize = 20;

fn be16(octets: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([octets[at], octets[at + 1]])
}

fn be32(octets: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]])
}

/// Octets of the header with its options, by its data offset, if `tcp` has that many.
pub(crate) fn header_length(tcp: &[u8]) -> Option<usize> {
    let length = usize::from(tcp.get(12)? >> 4) * 4;
    (length >= LENGTH && length <= tcp.len()).then_some(length)
}

/// Takes the fields of a header.
pub(crate) fn take(tcp: &[u8; LENGTH], fields: &mut Fields) {
    let flags = tcp[13];
    fields.src_port = be16(tcp, 0);
    fields.dst_port = be16(tcp, 2);
    fields.seq_number = be32(tcp, 4);
    fields.ack_number = be32(tcp, 8);
    fields.tcp_res_flags = tcp[12] & 0x0f;
    fields.tcp_ecn_flags = flags >> 6;
    fields.urg_flag = flags & 0x20 != 0;
    fields.ack_flag = flags & 0x10 != 0;
    fields.psh_flag = flags & 0x08 != 0;
    fields.rsf_flags = flags & 0x07;
    fields.window = be16(tcp, 14);
    fields.checksum = be16(tcp, 16);
    fields.urg_ptr = be16(tcp, 18);
}

/// A header of these fields that has `options` octets of options behind it (`inferred_offset`).
pub(crate) fn put(tcp: &mut [u8], fields: &Fields, options: usize) {
    let words = (LENGTH + options) / 4;
    tcp[..2].copy_from_slice(&fields.src_port.to_be_bytes());
    tcp[2..4].copy_from_slice(&fields.dst_port.to_be_bytes());
    tcp[4..8].copy_from_slice(&fields.seq_number.to_be_bytes());
    tcp[8..12].copy_from_slice(&fields.ack_number.to_be_bytes());
    tcp[12] = (words as u8) << 4 | fields.tcp_res_flags;
    tcp[13] = fields.tcp_ecn_flags << 6
        | u8::from(fields.urg_flag) << 5
        | u8::from(fields.ack_flag) << 4
        | u8::from(fields.psh_flag) << 3
        | fields.rsf_flags;
    tcp[14..16].copy_from_slice(&fields.window.to_be_bytes());
    tcp[16..18].copy_from_slice(&fields.checksum.to_be_bytes());
    tcp[18..20].copy_from_slice(&fields.urg_ptr.to_be_bytes());
}

/// `tcp_static`.
pub(crate) fn static_item<C: Coder>(c: &mut C, fields: &mut Fields) -> Result<(), Error> {
    c.whole(&mut fields.src_port)?;
    c.whole(&mut fields.dst_port)
}

/// `tcp_dynamic` without the options that follow.
pub(crate) fn dynamic<C: Coder>(c: &mut C, fields: &mut Fields) -> Result<(), Error> {
    let mut ack_stride_flag = fields.ack_stride != 0;
    let mut ack_zero = fields.ack_number == 0;
    let mut urp_zero = fields.urg_ptr == 0;
    c.bits(1, &mut fields.ecn_used)?;
    c.bits(1, &mut ack_stride_flag)?;
    c.bits(1, &mut ack_zero)?;
    c.bits(1, &mut urp_zero)?;
    c.bits(4, &mut fields.tcp_res_flags)?;
    c.bits(2, &mut fields.tcp_ecn_flags)?;
    c.bits(1, &mut fields.urg_flag)?;
    c.bits(1, &mut fields.ack_flag)?;
    c.bits(1, &mut fields.psh_flag)?;
    c.bits(3, &mut fields.rsf_flags)?;
    c.whole(&mut fields.msn)?;
    c.whole(&mut fields.seq_number)?;
    if ack_zero {
        fields.ack_number = 0;
    }
    c.optional(!ack_zero, &mut fields.ack_number)?;
    c.whole(&mut fields.window)?;
    c.whole(&mut fields.checksum)?;
    if urp_zero {
        fields.urg_ptr = 0;
    }
    c.optional(!urp_zero, &mut fields.urg_ptr)?;
    c.optional(ack_stride_flag, &mut fields.ack_stride)
}

/// `tcp_irregular` without the options that follow.
pub(crate) fn irregular<C: Coder>(c: &mut C, fields: &mut Fields) -> Result<(), Error> {
    if fields.ecn_used {
        c.bits(2, &mut fields.ip_ecn_flags)?;
        c.bits(4, &mut fields.tcp_res_flags)?;
        c.bits(2, &mut fields.tcp_ecn_flags)?;
    }
    c.whole(&mut fields.checksum)
}

/// `port_replicate`: the flags of its formats, by [`PORT_STATIC`], [`PORT_LSB_8`] and irregular.
const PORT_FLAGS: [(u32, u32); 3] = [(0b00, 2), (0b01, 2), (0b10, 2)];
const PORT_STATIC: usize = 0;
const PORT_LSB_8: usize = 1;
const PORT_IRREGULAR: usize = 2;
const PORT: Lsb = lsb(8, 64);

/// `tcp_replicate` without the options that follow: what is not told is as in `base`. Returns
/// `list_present`.
pub(crate) fn replicate<C: Coder>(
    c: &mut C,
    fields: &mut Fields,
    base: &Fields,
) -> Result<bool, Error> {
    let mut window_presence = fields.window != base.window;
    let mut list_present = true;
    let mut src_port_presence = port_presence(fields.src_port, base.src_port);
    let mut dst_port_presence = port_presence(fields.dst_port, base.dst_port);
    let mut ack_stride_flag = fields.ack_stride != base.ack_stride;
    let mut ack_presence = fields.ack_number != base.ack_number;
    let mut urp_presence = fields.urg_ptr != base.urg_ptr;
    c.constant(1, 0)?;
    c.bits(1, &mut window_presence)?;
    c.bits(1, &mut list_present)?;
    c.prefix(&mut src_port_presence, &PORT_FLAGS)?;
    c.prefix(&mut dst_port_presence, &PORT_FLAGS)?;
    c.bits(1, &mut ack_stride_flag)?;
    c.bits(1, &mut ack_presence)?;
    c.bits(1, &mut urp_presence)?;
    c.bits(1, &mut fields.urg_flag)?;
    c.bits(1, &mut fields.ack_flag)?;
    c.bits(1, &mut fields.psh_flag)?;
    rsf_index_enc(c, &mut fields.rsf_flags)?;
    c.bits(1, &mut fields.ecn_used)?;
    c.whole(&mut fields.msn)?;
    c.whole(&mut fields.seq_number)?;
    port_replicate(c, src_port_presence, &mut fields.src_port, base.src_port)?;
    port_replicate(c, dst_port_presence, &mut fields.dst_port, base.dst_port)?;
    c.optional(window_presence, &mut fields.window)?;
    c.optional(urp_presence, &mut fields.urg_ptr)?;
    c.optional(ack_presence, &mut fields.ack_number)?;
    if fields.ecn_used {
        c.constant(2, 0)?;
        c.bits(4, &mut fields.tcp_res_flags)?;
        c.bits(2, &mut fields.tcp_ecn_flags)?;
    }
    c.whole(&mut fields.checksum)?;
    c.optional(ack_stride_flag, &mut fields.ack_stride)?;
    Ok(list_present)
}

fn port_presence(port: u16, base: u16) -> usize {
    match port {
        _ if port == base => PORT_STATIC,
        _ if PORT.reaches(port, base) => PORT_LSB_8,
        _ => PORT_IRREGULAR,
    }
}

fn port_replicate<C: Coder>(
    c: &mut C,
    presence: usize,
    port: &mut u16,
    base: u16,
) -> Result<(), Error> {
    match presence {
        PORT_STATIC => Ok(()),
        PORT_LSB_8 => c.lsb(PORT, port, base),
        _ => c.whole(port),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rohc_tcp::coder::{Reader, Writer};

    fn headers() -> impl Strategy<Value = (Fields, [u8; LENGTH])> {
        let control = (any::<bool>(), any::<u16>(), any::<u16>());
        (any::<[u8; LENGTH]>(), any::<[bool; 2]>(), control).prop_map(
            |(mut header, zeros, control)| {
                header[12] = 0x50 | header[12] & 0x0f;
                if zeros[0] {
                    header[8..12].fill(0);
                }
                if zeros[1] {
                    header[18..].fill(0);
                }
                let (ecn_used, msn, ack_stride) = control;
                let mut fields = Fields { ecn_used, msn, ack_stride, ..Fields::default() };
                take(&header, &mut fields);
                (fields, header)
            },
        )
    }

    proptest! {
        #[test]
        fn a_header_is_its_fields((fields, header) in headers()) {
            let mut other = [0; LENGTH];
            put(&mut other, &fields, 0);
            prop_assert_eq!(other, header);
        }

        #[test]
        fn static_and_dynamic_items_tell_every_field((fields, _) in headers()) {
            let mut wire = [0; 64];
            let mut writer = Writer::new(&mut wire);
            static_item(&mut writer, &mut fields.clone()).unwrap();
            dynamic(&mut writer, &mut fields.clone()).unwrap();
            let mut reader = Reader::new("test", &wire);
            let mut read = Fields::default();
            static_item(&mut reader, &mut read).unwrap();
            dynamic(&mut reader, &mut read).unwrap();
            prop_assert_eq!(read, fields);
        }

        #[test]
        fn a_replicate_item_tells_the_difference_to_its_base(
            (base, _) in headers(),
            (mut fields, _) in headers(),
            near_port: bool,
        ) {
            fields.rsf_flags = 0b010;
            if near_port {
                fields.src_port = base.src_port.wrapping_add(9);
            }
            if !fields.ecn_used {
                (fields.tcp_res_flags, fields.tcp_ecn_flags) = (base.tcp_res_flags, base.tcp_ecn_flags);
            }
            let mut wire = [0; 64];
            let mut writer = Writer::new(&mut wire);
            replicate(&mut writer, &mut fields.clone(), &base).unwrap();
            let mut read = base;
            prop_assert!(replicate(&mut Reader::new("test", &wire), &mut read, &base).unwrap());
            prop_assert_eq!(read, fields);
        }
    }
}
