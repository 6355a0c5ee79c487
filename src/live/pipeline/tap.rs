//! The threads between the kernel's Ethernet interface and the modem.

use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread::{self, Thread};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use mac::{MacAddr, Msdu};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ringbuf::traits::{Consumer, Producer};
use ringbuf::{HeapCons, HeapProd};
use tun_rs::SyncDevice;

use super::Shared;

/// Destination, source, EtherType (IEEE Std 802.3, 3.1.1).
const HEADER: usize = 14;
/// The least EtherType; what is below is a length, and LLC follows.
const MIN_ETHERTYPE: u16 = 0x0600;
/// Longest frame that the kernel may hand over.
const MAX_FRAME: usize = 1 << 16;
/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// Packets of the host.
pub struct TapIn {
    pub device: Arc<SyncDevice>,
    pub down: HeapProd<Msdu>,
    pub modem: Thread,
    pub shared: Arc<Shared>,
}

/// Packets for the host.
pub struct TapOut {
    pub device: Arc<SyncDevice>,
    pub up: HeapCons<Msdu>,
    pub shared: Arc<Shared>,
}

impl TapIn {
    /// Takes what the host sends, until it is stopped.
    pub fn run(mut self) -> Result<()> {
        let mut buffer = vec![0; MAX_FRAME];
        let timeout = PollTimeout::try_from(LONGEST_WAIT).expect("it is short");
        while !self.shared.is_stopped() {
            let mut fds = [PollFd::new(self.device.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, timeout) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error).context("waiting for packets"),
            }
            let mut some = false;
            loop {
                match self.device.recv(&mut buffer) {
                    Ok(len) => some |= self.take(&buffer[..len]),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error).context("reading from the interface"),
                }
            }
            if some {
                self.modem.unpark();
            }
        }
        Ok(())
    }

    fn take(&mut self, frame: &[u8]) -> bool {
        let Some(msdu) = msdu(frame) else { return false };
        let counts = &self.shared.counts;
        let bytes = msdu.payload.len() as u64;
        match self.down.try_push(msdu) {
            Ok(()) => counts.bytes_down.add(bytes),
            Err(_) => counts.dropped_down.add(1),
        }
        true
    }
}

impl TapOut {
    /// Gives the host what comes for it, until it is stopped.
    pub fn run(mut self) -> Result<()> {
        let mut frame = Vec::with_capacity(MAX_FRAME);
        while !self.shared.is_stopped() {
            while let Some(msdu) = self.up.try_pop() {
                frame.clear();
                frame.extend(msdu.destination.0);
                frame.extend(msdu.source.0);
                frame.extend(msdu.ethertype.to_be_bytes());
                frame.extend_from_slice(&msdu.payload);
                let counts = &self.shared.counts;
                match self.device.send(&frame) {
                    Ok(_) => counts.bytes_up.add(msdu.payload.len() as u64),
                    // The interface is down, or the kernel has no room.
                    Err(error)
                        if error.kind() == ErrorKind::WouldBlock
                            || error.raw_os_error() == Some(Errno::EIO as i32)
                            || error.raw_os_error() == Some(Errno::ENOBUFS as i32) =>
                    {
                        counts.dropped_up.add(1);
                    }
                    Err(error) => return Err(error).context("writing to the interface"),
                }
            }
            thread::park_timeout(LONGEST_WAIT);
        }
        Ok(())
    }
}

/// What is in an Ethernet frame; none if that is LLC.
fn msdu(frame: &[u8]) -> Option<Msdu> {
    let (header, payload) = frame.split_first_chunk::<HEADER>()?;
    let [destination, source] = [0, 6].map(|at| {
        let mut address = [0; 6];
        address.copy_from_slice(&header[at..at + 6]);
        MacAddr(address)
    });
    let ethertype = u16::from_be_bytes([header[12], header[13]]);
    (ethertype >= MIN_ETHERTYPE).then(|| Msdu {
        destination,
        source,
        priority: priority(ethertype, payload),
        ethertype,
        payload: Bytes::copy_from_slice(payload),
    })
}

/// User priority of a packet: the three high bits of its DSCP, as has long been usual (Annex R.3.3
/// leaves it open).
fn priority(ethertype: u16, packet: &[u8]) -> u8 {
    match (ethertype, packet) {
        (0x0800, [_, tos, ..]) => tos >> 5,
        (0x86dd, [first, ..]) => first << 4 >> 5,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ethernet_frame_is_a_packet_from_station_to_station() {
        let mut frame = [&[2, 0, 0, 0, 0, 1][..], &[2, 0, 0, 0, 0, 2], &[8, 0], &[0x45, 0xb8]];
        let packet = msdu(&frame.concat()).unwrap();
        assert_eq!(packet.destination, MacAddr([2, 0, 0, 0, 0, 1]));
        assert_eq!(packet.source, MacAddr([2, 0, 0, 0, 0, 2]));
        assert_eq!((packet.ethertype, packet.priority), (0x0800, 5));
        assert_eq!(packet.payload[..], [0x45, 0xb8]);
        frame[2] = &[0, 38];
        assert_eq!(msdu(&frame.concat()), None, "LLC");
        assert_eq!(msdu(&frame.concat()[..13]), None);
    }

    #[test]
    fn ipv6_has_its_traffic_class_elsewhere() {
        assert_eq!(priority(0x86dd, &[0x6b, 0x80]), 5);
        assert_eq!(priority(0x0806, &[0xff, 0xff]), 0);
    }
}
