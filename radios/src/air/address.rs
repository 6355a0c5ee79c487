//! Where an air's server listens: `unix:PATH` or `tcp:HOST:PORT`.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use nix::sys::socket::{MsgFlags, recv};

use crate::Error;

/// Address of an air's server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AirAddress {
    /// A Unix domain socket.
    Unix(PathBuf),
    /// Host and port.
    Tcp(String),
}

impl FromStr for AirAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.split_once(':') {
            Some(("unix", path)) if !path.is_empty() => Ok(Self::Unix(path.into())),
            Some(("tcp", host)) if host.contains(':') => Ok(Self::Tcp(host.to_owned())),
            _ => Err(Error::Address {
                address: text.to_owned(),
                reason: "write unix:PATH or tcp:HOST:PORT".to_owned(),
            }),
        }
    }
}

impl fmt::Display for AirAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(host) => write!(f, "tcp:{host}"),
        }
    }
}

impl AirAddress {
    /// Whether a server listens there.
    pub fn is_served(&self) -> bool {
        self.connect().is_ok()
    }

    /// Connects to the server.
    pub(super) fn connect(&self) -> io::Result<Socket> {
        match self {
            Self::Unix(path) => UnixStream::connect(path).map(Socket::Unix),
            Self::Tcp(host) => {
                let stream = TcpStream::connect(host)?;
                stream.set_nodelay(true)?;
                Ok(Socket::Tcp(stream))
            }
        }
    }

    /// Listens, without waiting in `accept`. A socket that a dead server has left behind is
    /// replaced.
    pub(super) fn listen(&self) -> io::Result<Listener> {
        match self {
            Self::Unix(path) => {
                if let Err(error) = UnixStream::connect(path)
                    && error.kind() == io::ErrorKind::ConnectionRefused
                {
                    std::fs::remove_file(path)?;
                }
                let listener = UnixListener::bind(path)?;
                listener.set_nonblocking(true)?;
                Ok(Listener::Unix(listener, path.clone()))
            }
            Self::Tcp(host) => {
                let listener = TcpListener::bind(host)?;
                listener.set_nonblocking(true)?;
                Ok(Listener::Tcp(listener))
            }
        }
    }
}

/// A server's end of an address.
pub(super) enum Listener {
    Unix(UnixListener, PathBuf),
    Tcp(TcpListener),
}

impl Listener {
    /// The next connection, which will not wait in reads and writes; none if there is none now.
    pub(super) fn accept(&self) -> io::Result<Option<Socket>> {
        let accepted = match self {
            Self::Unix(listener, _) => listener.accept().map(|(stream, _)| Socket::Unix(stream)),
            Self::Tcp(listener) => listener.accept().map(|(stream, _)| Socket::Tcp(stream)),
        };
        match accepted {
            Ok(socket) => {
                socket.set_up_for_server()?;
                Ok(Some(socket))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a radio connects to: of `tcp:...:0` with the port that was given.
    pub(super) fn address(&self) -> io::Result<AirAddress> {
        match self {
            Self::Unix(_, path) => Ok(AirAddress::Unix(path.clone())),
            Self::Tcp(listener) => Ok(AirAddress::Tcp(listener.local_addr()?.to_string())),
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix(listener, _) => listener.as_fd(),
            Self::Tcp(listener) => listener.as_fd(),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            // Somebody else may have removed it: nothing is left behind either way.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A connection of either kind.
pub(super) enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Socket {
    fn set_up_for_server(&self) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_nonblocking(true),
            Self::Tcp(stream) => {
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)
            }
        }
    }

    pub(super) fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
        }
    }

    /// Nought would mean for ever: that is for [`Socket::read_now`].
    pub(super) fn set_read_timeout(&self, timeout: Duration) -> io::Result<()> {
        let timeout = Some(timeout);
        match self {
            Self::Unix(stream) => stream.set_read_timeout(timeout),
            Self::Tcp(stream) => stream.set_read_timeout(timeout),
        }
    }

    pub(super) fn set_write_timeout(&self, timeout: Duration) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_write_timeout(Some(timeout)),
            Self::Tcp(stream) => stream.set_write_timeout(Some(timeout)),
        }
    }
}

impl Socket {
    /// Reads what is there, and does not wait for more.
    pub(super) fn read_now(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(recv(self.as_fd().as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT)?)
    }
}

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(bytes),
            Self::Tcp(stream) => stream.read(bytes),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix(stream) => stream.as_fd(),
            Self::Tcp(stream) => stream.as_fd(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in ["unix:/run/air", "unix:air", "tcp:127.0.0.1:7000", "tcp:[::1]:7000"] {
            assert_eq!(text.parse::<AirAddress>().unwrap().to_string(), text);
        }
        for text in ["", "unix:", "tcp:7000", "udp:a:1", "/run/air"] {
            assert!(text.parse::<AirAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_dead_server_left_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("air");
        let address = AirAddress::Unix(path.clone());
        // A listener that is dropped does not remove its file.
        drop(UnixListener::bind(&path).unwrap());
        let live = address.listen().unwrap();
        assert!(address.listen().is_err());
        drop(live);
        assert!(!path.exists());
    }
}
