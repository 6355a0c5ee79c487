//! Requests to the kernel by netlink, and its answers. One socket, one request at a time.
//!
//! The socket belongs to the network namespace in which it is opened, whichever thread uses it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkBuffer, NetlinkDeserializable, NetlinkHeader,
    NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// The kernel answers at once, or never.
const PATIENCE: Duration = Duration::from_secs(5);
/// Address of the kernel, and no group.
const KERNEL: u32 = 0;

/// A netlink socket.
pub struct Netlink {
    socket: Socket,
    sequence_number: u32,
}

/// What the kernel refuses.
#[derive(Debug, thiserror::Error)]
#[error("{}", io::Error::from_raw_os_error(.0.abs()))]
pub struct Refusal(pub i32);

impl Refusal {
    pub fn errno(&self) -> Errno {
        Errno::from_raw(self.0.abs())
    }
}

impl Netlink {
    /// Speaks to the network namespace of this thread, by such a protocol (`NETLINK_…`).
    pub fn open(protocol: isize) -> Result<Self> {
        let mut socket = Socket::new(protocol).context("a netlink socket")?;
        socket.bind_auto().context("a netlink socket's address")?;
        // From now on nobody but the kernel gets a message through to it.
        socket.connect(&SocketAddr::new(KERNEL, 0)).context("connecting to the kernel")?;
        Ok(Self { socket, sequence_number: 0 })
    }

    /// Makes it hear a group.
    pub fn join(&mut self, group: u32) -> Result<()> {
        self.socket.add_membership(group).context("listening to a group")?;
        self.socket.set_non_blocking(true).context("a netlink socket that does not block")
    }

    /// Sends a request; the messages that answer it.
    pub fn request<T>(&mut self, payload: T, is_dump: bool) -> Result<Vec<T>>
    where
        T: NetlinkSerializable + NetlinkDeserializable<Error: Into<anyhow::Error>>,
    {
        self.sequence_number = self.sequence_number.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | if is_dump { NLM_F_DUMP } else { NLM_F_ACK };
        header.sequence_number = self.sequence_number;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(payload));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send(&bytes, 0).context("sending to the kernel")?;
        self.answer()
    }

    /// All that comes until the kernel says that this was all.
    fn answer<T>(&mut self) -> Result<Vec<T>>
    where
        T: NetlinkDeserializable<Error: Into<anyhow::Error>>,
    {
        let deadline = Instant::now() + PATIENCE;
        let mut answers = vec![];
        loop {
            wait(&self.socket, deadline)?;
            let (datagram, _) = self.socket.recv_from_full().context("reading from the kernel")?;
            for message in messages(&datagram) {
                let (header, payload) = message?.into_parts();
                if header.sequence_number != self.sequence_number {
                    continue;
                }
                match payload {
                    NetlinkPayload::InnerMessage(answer) => answers.push(answer),
                    NetlinkPayload::Error(error) => match error.code {
                        Some(code) => return Err(Refusal(code.get()).into()),
                        None => return Ok(answers),
                    },
                    NetlinkPayload::Done(_) => return Ok(answers),
                    NetlinkPayload::Overrun(_) => bail!("the kernel has lost a part of its answer"),
                    _ => {}
                }
            }
        }
    }

    /// Messages of the groups that it has joined, as far as they are there. Of those that make no
    /// sense, why.
    pub fn heard<T>(&mut self) -> Result<Vec<Result<T>>>
    where
        T: NetlinkDeserializable<Error: Into<anyhow::Error>>,
    {
        let mut heard = vec![];
        loop {
            let datagram = match self.socket.recv_from_full() {
                Ok((datagram, _)) => datagram,
                Err(error) => match error.raw_os_error().map(Errno::from_raw) {
                    Some(Errno::EAGAIN) => return Ok(heard),
                    // There were more than the socket holds: they are lost, what follows is not.
                    Some(Errno::ENOBUFS | Errno::EINTR) => continue,
                    _ => return Err(error).context("listening to the kernel"),
                },
            };
            heard.extend(messages(&datagram).filter_map(|message| match message {
                Ok(message) => match message.payload {
                    NetlinkPayload::InnerMessage(message) => Some(Ok(message)),
                    _ => None,
                },
                Err(error) => Some(Err(error)),
            }));
        }
    }
}

impl AsFd for Netlink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn wait(socket: &Socket, deadline: Instant) -> Result<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    let timeout = PollTimeout::try_from(left).expect("seconds");
    match poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)], timeout) {
        Ok(0) => bail!("the kernel does not answer (socket {})", socket.as_raw_fd()),
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error).context("waiting for the kernel"),
    }
}

/// The messages of a datagram, each with its header's length, aligned to four bytes.
fn messages<T>(datagram: &[u8]) -> impl Iterator<Item = Result<NetlinkMessage<T>>>
where
    T: NetlinkDeserializable<Error: Into<anyhow::Error>>,
{
    let mut rest = datagram;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let length = match NetlinkBuffer::new_checked(rest) {
            Ok(buffer) => buffer.length() as usize,
            Err(error) => {
                rest = &[];
                return Some(Err(error).context("a netlink message"));
            }
        };
        let message = NetlinkMessage::deserialize(rest).context("a netlink message");
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(message)
    })
}

#[cfg(test)]
mod tests {
    use netlink_packet_generic::GenlMessage;
    use proptest::prelude::*;

    use super::super::message::{Limits, Message, Request};
    use super::*;

    fn parse(datagram: &[u8]) -> Vec<Result<NetlinkMessage<GenlMessage<Message>>>> {
        messages(datagram).collect()
    }

    #[test]
    fn a_datagram_may_have_several_messages() {
        let limits = Request::SetLimits(Limits { add_addr_accepted: 1, subflows: 2 }).message();
        let payload = NetlinkPayload::InnerMessage(GenlMessage::from_payload(limits));
        let mut message = NetlinkMessage::new(NetlinkHeader::default(), payload);
        message.header.message_type = 0x20;
        message.header.length = message.buffer_len() as u32;
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        let read = parse(&[&bytes[..], &bytes].concat());
        assert!(read.len() == 2 && read.iter().all(Result::is_ok), "{read:?}");
        // What is cut off is told, and ends it.
        let cut = parse(&[&bytes[..], &bytes[..20]].concat());
        assert!(matches!(&cut[..], [Ok(_), Err(_)]), "{cut:?}");
    }

    proptest! {
        #[test]
        fn no_datagram_makes_it_panic_or_go_on_forever(datagram: Vec<u8>) {
            prop_assert!(parse(&datagram).len() <= datagram.len());
        }
    }
}
