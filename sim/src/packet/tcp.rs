//! A TCP segment (RFC 9293 section 3.1) in its IP packet.

use bytes::Bytes;
use etherparse::{IpEcn, TcpHeader, TcpSlice, ip_number};

use super::{
    Flow, PacketError, TcpOptions, checksum,
    ip::{self, IpPacket},
};

/// Where the checksum is in a TCP header.
const CHECKSUM: std::ops::Range<usize> = 16..18;

/// The control bits that are used here: no URG, no accurate ECN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Flags {
    pub syn: bool,
    pub ack: bool,
    pub fin: bool,
    pub rst: bool,
    pub psh: bool,
    pub ece: bool,
    pub cwr: bool,
}

/// A segment and what its IP header says, without the payload, which is beside it on the way out
/// and within the received packet on the way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpSegment {
    /// From whom to whom.
    pub flow: Flow,
    /// What the IP header says about congestion (RFC 3168 section 5).
    pub ecn: IpEcn,
    /// IPv4's identification.
    pub identification: u16,
    /// SEG.SEQ.
    pub seq: u32,
    /// SEG.ACK.
    pub ack: u32,
    /// SEG.WND, before it is scaled.
    pub window: u16,
    /// Control bits.
    pub flags: Flags,
    /// Options.
    pub options: TcpOptions,
}

impl TcpSegment {
    /// The packet with `payload`.
    ///
    /// # Panics
    /// If that is more than an IP packet can carry.
    pub fn emit(&self, payload: &[u8]) -> Bytes {
        let mut header = TcpHeader::new(
            self.flow.source().port(),
            self.flow.destination().port(),
            self.seq,
            self.window,
        );
        header.acknowledgment_number = self.ack;
        header.syn = self.flags.syn;
        header.ack = self.flags.ack;
        header.fin = self.flags.fin;
        header.rst = self.flags.rst;
        header.psh = self.flags.psh;
        header.ece = self.flags.ece;
        header.cwr = self.flags.cwr;
        header.set_options_raw(&self.options.emit()).expect("40 bytes at most");

        let ip_len = self.flow.ip_header_len();
        let segment_len = header.header_len() + payload.len();
        let mut packet = Vec::with_capacity(ip_len + segment_len);
        ip::emit_header(
            &mut packet,
            &self.flow,
            ip_number::TCP,
            self.ecn,
            self.identification,
            segment_len,
        );
        packet.extend_from_slice(&header.to_bytes());
        packet.extend_from_slice(payload);
        let segment = &mut packet[ip_len..];
        let checksum = checksum::transport(&self.flow, ip_number::TCP, segment);
        segment[CHECKSUM].copy_from_slice(&checksum.to_be_bytes());
        packet.into()
    }

    /// The segment in `packet`, and its payload, which stays there.
    ///
    /// # Errors
    /// If the packet is something else or damaged.
    pub fn parse(packet: &[u8]) -> Result<(TcpSegment, &[u8]), PacketError> {
        let ip = IpPacket::parse(packet, ip_number::TCP)?;
        let tcp = TcpSlice::from_slice(ip.payload()).map_err(|_| PacketError::Transport)?;
        let flow = ip.flow(tcp.source_port(), tcp.destination_port());
        if checksum::transport(&flow, ip_number::TCP, tcp.slice()) != 0 {
            return Err(PacketError::Checksum);
        }
        let segment = TcpSegment {
            flow,
            ecn: ip.ecn(),
            identification: ip.identification(),
            seq: tcp.sequence_number(),
            ack: tcp.acknowledgment_number(),
            window: tcp.window_size(),
            flags: Flags {
                syn: tcp.syn(),
                ack: tcp.ack(),
                fin: tcp.fin(),
                rst: tcp.rst(),
                psh: tcp.psh(),
                ece: tcp.ece(),
                cwr: tcp.cwr(),
            },
            options: TcpOptions::parse(tcp.options()),
        };
        Ok((segment, tcp.payload()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::packet::Timestamps;

    prop_compose! {
        fn any_segment()(
            v6: bool, seq: u32, ack: u32, window: u16, identification: u16,
            ecn in 0usize..4, flags: [bool; 7], clock in any::<Option<u32>>(),
        ) -> TcpSegment {
            let (source, destination) = if v6 {
                ("[fd00::1]:5001", "[fd00::2]:40000")
            } else {
                ("10.0.0.1:5001", "10.0.0.2:40000")
            };
            let [syn, ack_flag, fin, rst, psh, ece, cwr] = flags;
            TcpSegment {
                flow: Flow::new(source.parse().unwrap(), destination.parse().unwrap()),
                ecn: [IpEcn::NotEct, IpEcn::Ect0, IpEcn::Ect1, IpEcn::CongestionExperienced][ecn],
                identification: if v6 { 0 } else { identification },
                seq, ack, window,
                flags: Flags { syn, ack: ack_flag, fin, rst, psh, ece, cwr },
                options: TcpOptions {
                    timestamps: clock.map(|value| Timestamps { value, echo_reply: !value }),
                    ..TcpOptions::default()
                },
            }
        }
    }

    proptest! {
        #[test]
        fn a_segment_is_read_as_it_was_written(
            segment in any_segment(),
            payload in proptest::collection::vec(any::<u8>(), 0..1461),
        ) {
            let packet = segment.emit(&payload);
            prop_assert_eq!(TcpSegment::parse(&packet), Ok((segment, payload.as_slice())));
        }

        #[test]
        fn a_flipped_bit_is_an_error_or_outside_of_the_checksums(
            segment in any_segment(), bit in 0usize..8 * 60,
        ) {
            let mut packet = segment.emit(&[7; 40]).to_vec();
            packet[bit / 8] ^= 1 << (bit % 8);
            if let Ok((read, payload)) = TcpSegment::parse(&packet) {
                // IPv6's header has no checksum, only addresses are in the pseudo-header.
                prop_assert!(segment.flow.source().is_ipv6());
                prop_assert_eq!(payload, [7; 40]);
                prop_assert_eq!(read.seq, segment.seq);
            }
        }

        #[test]
        fn any_bytes_can_be_read(packet in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = TcpSegment::parse(&packet);
        }
    }

    #[test]
    fn padding_after_the_packet_is_no_payload() {
        let segment = TcpSegment {
            flow: Flow::new("10.0.0.1:1".parse().unwrap(), "10.0.0.2:2".parse().unwrap()),
            ecn: IpEcn::NotEct,
            identification: 0,
            seq: 1,
            ack: 2,
            window: 3,
            flags: Flags::default(),
            options: TcpOptions::default(),
        };
        let mut packet = segment.emit(b"abc").to_vec();
        packet.extend([0; 10]);
        assert_eq!(TcpSegment::parse(&packet), Ok((segment, b"abc".as_slice())));
    }
}
