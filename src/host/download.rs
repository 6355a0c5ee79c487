//! A download from one machine to another by MPTCP, as fast as it goes, and when how much of it came.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use socket2::{Domain, Protocol, Socket, Type};

use super::machine::Machine;

const PORT: u16 = 5201;
/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// How fine gaps are seen.
const BIN: Duration = Duration::from_millis(1);

/// A download that goes on. Dropped, it ends.
pub struct Download {
    stop: Arc<AtomicBool>,
    receiver: Option<JoinHandle<Result<Arrivals>>>,
    sender: Option<JoinHandle<()>>,
}

/// What came when.
#[derive(Debug, Clone)]
pub struct Arrivals {
    /// When the download began.
    pub began: Instant,
    /// Bytes in each millisecond since then.
    bins: Vec<u64>,
}

impl Download {
    /// Begins one, by a connection that the receiver opens.
    pub fn start(from: &Machine, to: &Machine) -> Result<Self> {
        let address = SocketAddr::new(from.paths[0].address, PORT);
        let socket = || -> Result<Socket> {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP))
                .context("a socket with MPTCP: sysctl net.mptcp.enabled=1?")?;
            socket.set_read_timeout(Some(LONGEST_WAIT))?;
            socket.set_write_timeout(Some(LONGEST_WAIT))?;
            Ok(socket)
        };
        let listener = from.namespace.enter(|| {
            let listener = socket()?;
            listener.set_reuse_address(true)?;
            listener.bind(&address.into())?;
            listener.listen(1)?;
            Ok(listener)
        })?;
        let client = to.namespace.enter(|| {
            let client = socket()?;
            client.connect_timeout(&address.into(), Duration::from_secs(5))?;
            Ok(client)
        });
        let client = client.with_context(|| format!("{} connects to {address}", to.name))?;
        let (server, _) = listener.accept().context("accepting a connection")?;
        server.set_write_timeout(Some(LONGEST_WAIT))?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, also_stopped) = (Arc::clone(&stop), Arc::clone(&stop));
        // Further subflows join where somebody listens.
        let send = move || send(&server, &listener, &stopped);
        let sender = thread::Builder::new().name("sender".into()).spawn(send)?;
        let receive = move || receive(&client, &also_stopped);
        let receiver = thread::Builder::new().name("receiver".into()).spawn(receive)?;
        Ok(Self { stop, receiver: Some(receiver), sender: Some(sender) })
    }

    /// Ends it. What has come.
    pub fn stop(mut self) -> Result<Arrivals> {
        self.stop.store(true, Ordering::Relaxed);
        let receiver = self.receiver.take().expect("it stops once");
        receiver.join().expect("it does not panic")
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.receiver.take().map(JoinHandle::join);
        let _ = self.sender.take().map(JoinHandle::join);
    }
}

fn send(mut socket: &Socket, _listener: &Socket, stop: &AtomicBool) {
    let data = vec![0x5a; 1 << 16];
    while !stop.load(Ordering::Relaxed) {
        match socket.write(&data) {
            Ok(_) => {}
            Err(error) if is_timeout(error.kind()) => {}
            // The receiver tells what it has got.
            Err(_) => return,
        }
    }
}

fn receive(mut socket: &Socket, stop: &AtomicBool) -> Result<Arrivals> {
    let mut arrivals = Arrivals { began: Instant::now(), bins: vec![] };
    let mut buffer = vec![0; 1 << 18];
    while !stop.load(Ordering::Relaxed) {
        match socket.read(&mut buffer) {
            Ok(len) => {
                ensure!(len > 0, "the download has ended by itself");
                arrivals.add(len);
            }
            Err(error) if is_timeout(error.kind()) => {}
            Err(error) => return Err(error).context("receiving a download"),
        }
    }
    Ok(arrivals)
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

impl Arrivals {
    fn add(&mut self, bytes: usize) {
        let bin = self.bin(self.began.elapsed());
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] += bytes as u64;
    }

    /// Goodput from a time since the beginning to another, in Mbit/s.
    pub fn mbps(&self, from: Duration, to: Duration) -> f64 {
        let bytes: u64 = self.between(from, to).sum();
        8e-6 * bytes as f64 / (to - from).as_secs_f64()
    }

    /// The longest time without a byte in between.
    pub fn longest_gap(&self, from: Duration, to: Duration) -> Duration {
        let (mut longest, mut now) = (0, 0);
        for bytes in self.between(from, to) {
            now = if bytes == 0 { now + 1 } else { 0 };
            longest = longest.max(now);
        }
        BIN * longest
    }

    fn between(&self, from: Duration, to: Duration) -> impl Iterator<Item = u64> {
        let range = self.bin(from)..self.bin(to);
        range.map(|bin| self.bins.get(bin).copied().unwrap_or(0))
    }

    fn bin(&self, time: Duration) -> usize {
        (time.as_nanos() / BIN.as_nanos()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(bins: &[u64]) -> Arrivals {
        Arrivals { began: Instant::now(), bins: bins.to_vec() }
    }

    #[test]
    fn goodput_is_of_the_time_that_is_asked_for() {
        let arrivals = arrivals(&[1000, 0, 500, 500]);
        let ms = Duration::from_millis;
        assert_eq!(arrivals.mbps(ms(0), ms(1)), 8.0);
        assert_eq!(arrivals.mbps(ms(0), ms(4)), 4.0);
        assert_eq!(arrivals.mbps(ms(2), ms(6)), 2.0);
    }

    #[test]
    fn the_longest_gap_may_be_the_end() {
        let arrivals = arrivals(&[1, 0, 0, 1]);
        let ms = Duration::from_millis;
        assert_eq!(arrivals.longest_gap(ms(0), ms(4)), ms(2));
        assert_eq!(arrivals.longest_gap(ms(0), ms(9)), ms(5));
    }
}
