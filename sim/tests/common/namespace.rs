//! The kernel's TCP in a network namespace of its own, behind a TUN device, and a bottleneck in
//! real time between it and an endpoint of ours. No packet leaves the namespace.

use std::{net::SocketAddr, os::fd::AsFd, path::Path as FilePath, thread, time::Duration};

use anyhow::Context;
use bytes::Bytes;
use mac::Instant;
use nix::{
    poll::{PollFd, PollFlags, ppoll},
    sched::{CloneFlags, unshare},
    sys::time::TimeSpec,
    unistd::geteuid,
};
use sim::{packet::TcpSegment, tcp::Connection};
use tun_rs::{DeviceBuilder, SyncDevice};

use crate::common::Path;

pub const OURS: &str = "10.77.0.1:5001";
pub const KERNELS: &str = "10.77.0.2:5001";

/// Why no namespace can be had here, if so.
pub fn unavailable() -> Option<&'static str> {
    if !geteuid().is_root() {
        return Some("needs root, for a network namespace");
    }
    if !FilePath::new("/dev/net/tun").exists() {
        return Some("needs /dev/net/tun");
    }
    None
}

/// Runs `test` in a network namespace of its own, with a TUN device of the kernel's address.
pub fn in_namespace<T: Send + 'static>(
    test: impl FnOnce(SyncDevice) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let in_it = move || {
        unshare(CloneFlags::CLONE_NEWNET).context("a network namespace")?;
        let kernels: SocketAddr = KERNELS.parse()?;
        let device = DeviceBuilder::new()
            .name("tun0")
            .mtu(1500)
            .ipv4(kernels.ip().to_string().as_str(), 24, None)
            .build_sync()
            .context("a TUN device")?;
        device.set_nonblocking(true)?;
        test(device)
    };
    thread::spawn(in_it).join().expect("a test that panicked")
}

/// Sees packets and the time.
pub type Watch = Box<dyn FnMut(Instant, &Bytes)>;

/// A connection of ours and the kernel, with a path in each direction.
pub struct RealTime {
    pub ours: Connection,
    pub to_kernel: Path,
    pub from_kernel: Path,
    /// Every packet that leaves one side, before the bottleneck.
    pub watch: Watch,
    pub device: SyncDevice,
    pub clock: std::time::Instant,
    /// The most that a packet was behind its time.
    pub lateness: Duration,
}

impl RealTime {
    fn now(&self) -> Instant {
        Instant::ZERO + self.clock.elapsed()
    }

    /// Until both sides have closed, or for so long.
    pub fn run(&mut self, at_most: Duration) -> anyhow::Result<()> {
        let mut buffer = [0; 2000];
        while !self.ours.is_closed() && !self.ours.is_reset() {
            let now = self.now();
            anyhow::ensure!(now < Instant::ZERO + at_most, "{:?}", self.ours.stats());
            while let Ok(len) = self.device.recv(&mut buffer) {
                let packet = Bytes::copy_from_slice(&buffer[..len]);
                // A new device also sends router solicitations and the like.
                if TcpSegment::parse(&packet).is_ok() {
                    (self.watch)(now, &packet);
                    self.from_kernel.wire.enqueue(now, packet);
                }
            }
            let due = [self.from_kernel.next_arrival(), self.to_kernel.next_arrival()];
            let late = due.into_iter().flatten().map(|due| now.since(due)).max();
            self.lateness = self.lateness.max(late.unwrap_or_default());
            while let Some(packet) = self.from_kernel.poll_arrival(now) {
                self.ours.handle_packet(now, &packet)?;
            }
            while let Some(packet) = self.to_kernel.poll_arrival(now) {
                self.device.send(&packet)?;
            }
            self.ours.handle_timeout(now);
            while let Some(packet) = self.ours.poll_transmit(now) {
                (self.watch)(now, &packet);
                self.to_kernel.wire.enqueue(now, packet);
            }
            self.wait()?;
        }
        // What was sent last has its way to go.
        while let Some(arrival) = self.to_kernel.next_arrival() {
            thread::sleep(arrival.since(self.now()));
            while let Some(packet) = self.to_kernel.poll_arrival(arrival) {
                self.device.send(&packet)?;
            }
        }
        Ok(())
    }

    /// Until the kernel sends or a time has come.
    fn wait(&self) -> anyhow::Result<()> {
        let next = [
            self.ours.next_timeout(),
            self.to_kernel.next_arrival(),
            self.from_kernel.next_arrival(),
        ];
        let next = next.into_iter().flatten().min();
        let timeout = next.map_or(Duration::from_millis(10), |next| next.since(self.now()));
        let mut fds = [PollFd::new(self.device.as_fd(), PollFlags::POLLIN)];
        ppoll(&mut fds, Some(TimeSpec::from_duration(timeout)), None)?;
        Ok(())
    }
}
