//! The machine's own network stack as hosts, and its clock.

use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use mac::Instant;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use tun_rs::SyncDevice;

use super::pacer::Outside;

/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// A TUN device each host, and CLOCK_MONOTONIC.
pub struct Kernel {
    began: std::time::Instant,
    devices: Vec<Device>,
    buffer: Vec<u8>,
}

struct Device {
    device: SyncDevice,
    may_have_packets: bool,
}

impl Kernel {
    /// The time begins now.
    pub fn new(devices: Vec<SyncDevice>) -> Self {
        let devices = devices.into_iter();
        let devices = devices.map(|device| Device { device, may_have_packets: true }).collect();
        Self { began: std::time::Instant::now(), devices, buffer: vec![0; 1 << 16] }
    }
}

impl Outside for Kernel {
    fn now(&self) -> Instant {
        Instant::ZERO + self.began.elapsed()
    }

    fn wait(&mut self, until: Option<Instant>) -> Result<()> {
        let timeout = until.map_or(LONGEST_WAIT, |until| until.since(self.now()).min(LONGEST_WAIT));
        let fds = self.devices.iter().map(|Device { device, .. }| device.as_fd());
        let mut fds: Vec<PollFd> = fds.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        match ppoll(&mut fds, Some(TimeSpec::from_duration(timeout)), None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error).context("waiting for packets"),
        }
        let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(true)).collect();
        for (device, ready) in self.devices.iter_mut().zip(ready) {
            device.may_have_packets |= ready;
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<Option<(usize, Bytes)>> {
        for (host, Device { device, may_have_packets }) in self.devices.iter_mut().enumerate() {
            while *may_have_packets {
                match device.recv(&mut self.buffer) {
                    Ok(len) => {
                        return Ok(Some((host, Bytes::copy_from_slice(&self.buffer[..len]))));
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        *may_have_packets = false
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error).context("reading from a TUN device"),
                }
            }
        }
        Ok(None)
    }

    fn deliver(&mut self, host: usize, packet: &Bytes) -> Result<()> {
        match self.devices[host].device.send(packet) {
            // The host has taken its device down, and hears nothing.
            Err(error) if error.raw_os_error() == Some(Errno::EIO as i32) => Ok(()),
            sent => sent.map(drop).context("writing to a TUN device"),
        }
    }
}
