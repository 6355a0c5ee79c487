//! The fields of the innermost IP header and of the TCP header, and the control fields of RFC 6846
//! section 6.1: all that base headers refer to. TCP options and other headers are not here.

/// How the IP-ID of an IPv4 header changes (section 6.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub(crate) enum IpIdBehavior {
    Sequential = 0,
    SequentialSwapped = 1,
    #[default]
    Random = 2,
    Zero = 3,
}

impl IpIdBehavior {
    pub fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Sequential,
            1 => Self::SequentialSwapped,
            2 => Self::Random,
            _ => Self::Zero,
        }
    }

    pub fn is_sequential(self) -> bool {
        matches!(self, Self::Sequential | Self::SequentialSwapped)
    }
}

/// Field values of one packet. The names are those of section 8.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fields {
    pub msn: u16,
    pub ip_id_behavior: IpIdBehavior,
    pub ecn_used: bool,
    pub ack_stride: u16,
    /// Octets behind the TCP header: what `seq_number` is scaled with.
    pub payload_size: u32,

    pub dscp: u8,
    pub ip_ecn_flags: u8,
    pub ttl_hopl: u8,
    pub df: bool,
    pub ip_id: u16,

    pub src_port: u16,
    pub dst_port: u16,
    pub seq_number: u32,
    pub ack_number: u32,
    pub tcp_res_flags: u8,
    pub tcp_ecn_flags: u8,
    pub urg_flag: bool,
    pub ack_flag: bool,
    pub psh_flag: bool,
    pub rsf_flags: u8,
    pub window: u16,
    pub checksum: u16,
    pub urg_ptr: u16,
}

/// A field over its scaling factor (section 6.4.8): `scaled * stride + residue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Scaled {
    pub scaled: u32,
    pub residue: u32,
}

/// `field_scaling`.
pub(crate) fn field_scaling(stride: u32, unscaled: u32) -> Scaled {
    match unscaled.checked_div(stride) {
        Some(scaled) => Scaled { scaled, residue: unscaled % stride },
        None => Scaled { scaled: 0, residue: unscaled },
    }
}

impl Scaled {
    /// The unscaled value of another scaled one with the same residue.
    pub fn unscale(self, scaled: u32, stride: u32) -> u32 {
        scaled.wrapping_mul(stride).wrapping_add(self.residue)
    }
}

impl Fields {
    /// Fields that hardly ever change, all in one number: equal if all of them are.
    pub fn rare(&self) -> u64 {
        let flags = [self.df, self.ecn_used, self.ack_flag, self.urg_flag];
        let flags = flags.iter().fold(0, |bits, flag| bits << 1 | u64::from(*flag));
        let octets = [self.dscp, self.ttl_hopl, self.ip_id_behavior as u8];
        let words = [self.ack_stride, self.urg_ptr];
        let bits = octets.iter().fold(flags, |bits, octet| bits << 8 | u64::from(*octet));
        words.iter().fold(bits, |bits, word| bits << 16 | u64::from(*word))
    }

    pub fn seq_scaling(&self) -> Scaled {
        field_scaling(self.payload_size, self.seq_number)
    }

    pub fn ack_scaling(&self) -> Scaled {
        field_scaling(self.ack_stride.into(), self.ack_number)
    }

    /// `ip_id_offset`: the IP-ID in network byte order, less the MSN.
    pub fn ip_id_offset(&self) -> u16 {
        let ip_id = match self.ip_id_behavior {
            IpIdBehavior::SequentialSwapped => self.ip_id.swap_bytes(),
            _ => self.ip_id,
        };
        ip_id.wrapping_sub(self.msn)
    }

    /// Sets the IP-ID from its offset to the MSN.
    pub fn set_ip_id_offset(&mut self, offset: u16) {
        let ip_id = offset.wrapping_add(self.msn);
        self.ip_id = match self.ip_id_behavior {
            IpIdBehavior::SequentialSwapped => ip_id.swap_bytes(),
            _ => ip_id,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stride_of_zero_scales_nothing() {
        assert_eq!(field_scaling(0, 77), Scaled { scaled: 0, residue: 77 });
    }

    proptest! {
        #[test]
        fn scaling_loses_nothing(stride in 1..=u32::from(u16::MAX), value: u32) {
            let Scaled { scaled, residue } = field_scaling(stride, value);
            prop_assert_eq!(scaled * stride + residue, value);
            prop_assert!(residue < stride);
        }

        #[test]
        fn the_ip_id_follows_from_its_offset(swapped: bool, msn: u16, ip_id: u16) {
            let behavior = if swapped { IpIdBehavior::SequentialSwapped } else { IpIdBehavior::Sequential };
            let fields = Fields { msn, ip_id, ip_id_behavior: behavior, ..Fields::default() };
            let mut other = Fields { ip_id: 0, ..fields };
            other.set_ip_id_offset(fields.ip_id_offset());
            prop_assert_eq!(other, fields);
        }
    }
}
