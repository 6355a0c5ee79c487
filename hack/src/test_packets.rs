//! Packets for tests.

use std::net::SocketAddr;

use mac::{MacAddr, Msdu};
use sim::packet::{Ecn, Flags, Flow, TcpOptions, TcpSegment};

/// The station behind a last byte.
pub(crate) fn address(last: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, 0, last])
}

fn segment(port: u16, number: u32, payload: &[u8]) -> Msdu {
    let from = SocketAddr::from(([10, 0, 0, 2], port));
    let flow = Flow::new(from, SocketAddr::from(([10, 0, 0, 1], 5001)));
    let flags = Flags { ack: true, ..Flags::default() };
    let packet = TcpSegment {
        flow,
        ecn: Ecn::default(),
        identification: number as u16,
        seq: 1,
        ack: 1 + 2920 * number,
        window: 0x2000,
        flags,
        options: TcpOptions::default(),
    };
    let (destination, source) = (address(1), address(2));
    let payload = packet.emit(payload);
    Msdu { destination, source, priority: 0, ethertype: 0x0800, payload }
}

/// A pure ACK of the flow from a port; a higher number acknowledges more.
pub(crate) fn ack(port: u16, number: u32) -> Msdu {
    segment(port, number, &[])
}

/// Data of that flow.
pub(crate) fn data(port: u16, number: u32) -> Msdu {
    segment(port, number, b"GET / HTTP/1.1")
}
