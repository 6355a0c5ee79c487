//! The Internet checksum of TCP and UDP (RFC 1071), over the pseudo-header of IPv4 (RFC 9293
//! section 3.1) or IPv6 (RFC 8200 section 8.1).

use std::net::IpAddr;

use etherparse::{IpNumber, checksum::Sum16BitWords};

use super::Flow;

/// The checksum of `transport`, a TCP segment or UDP datagram with its header. With the checksum
/// field zero that is the value to send; with the field as received it is 0 if all is well.
pub(super) fn transport(flow: &Flow, protocol: IpNumber, transport: &[u8]) -> u16 {
    let mut sum = Sum16BitWords::new();
    for address in [flow.source().ip(), flow.destination().ip()] {
        sum = match address {
            IpAddr::V4(address) => sum.add_4bytes(address.octets()),
            IpAddr::V6(address) => sum.add_16bytes(address.octets()),
        };
    }
    // The pseudo-header of IPv6 has a length of 32 bits, but the words' sum is the same.
    let length = u16::try_from(transport.len()).expect("no jumbograms");
    let sum = sum.add_2bytes([0, protocol.0]).add_2bytes(length.to_be_bytes());
    // The sum was over words in native order.
    sum.add_slice(transport).ones_complement().to_be()
}
