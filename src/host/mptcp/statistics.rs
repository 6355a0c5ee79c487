//! How subflows fare, by `sock_diag`: what their TCP knows of its path, and whose they are.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use netlink_packet_core::{DecodeError, NetlinkDeserializable, NetlinkHeader, NetlinkSerializable};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;
use serde::Serialize;

use super::attributes::Attributes;
use super::event::{Path, Token, canonical};
use super::netlink::Netlink;

/// What is asked of sockets of TCP (`struct inet_diag_req_v2`).
#[derive(Debug)]
enum SockDiag {
    Request { family: u8 },
    Socket(Vec<u8>),
}

/// `SOCK_DIAG_BY_FAMILY`, for the request and for what answers it.
const BY_FAMILY: u16 = 20;
const INET: u8 = 2;
const INET6: u8 = 10;
const TCP: u8 = 6;
/// Of those that carry data: ESTABLISHED and CLOSE_WAIT.
const STATES: u32 = 1 << 1 | 1 << 8;
/// The extension INET_DIAG_INFO, as a bit of the request and as an attribute of the answer.
const INFO: u16 = 2;
const ULP_INFO: u16 = 19;
/// Within INET_DIAG_ULP_INFO; its attributes are `MPTCP_SUBFLOW_ATTR_…`.
const ULP_INFO_MPTCP: u16 = 3;
/// Size of the request, and of what stands before the attributes of an answer.
const REQUEST: usize = 56;
const ANSWER: usize = 72;

/// Attributes of a subflow (`MPTCP_SUBFLOW_ATTR_…`).
mod kind {
    pub const TOKEN_LOC: u16 = 2;
    pub const FLAGS: u16 = 8;
    pub const ID_REM: u16 = 9;
    pub const ID_LOC: u16 = 10;
}

/// The peer has asked us to send over this subflow only in need, or we have asked it.
const BACKUP_FLAGS: u32 = 1 << 4 | 1 << 5;

/// Slow start has not ended yet.
const NO_THRESHOLD: u32 = 0x7fff_ffff;

/// A subflow, and how its TCP fares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubflowStatistics {
    pub token: Token,
    #[serde(flatten)]
    pub path: Path,
    pub local_id: u8,
    pub remote_id: u8,
    pub backup: bool,
    #[serde(flatten)]
    pub tcp: TcpStatistics,
}

/// What the TCP of a subflow knows of its path.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TcpStatistics {
    /// Smoothed round-trip time (RFC 6298).
    pub srtt: Duration,
    pub rto: Duration,
    /// Congestion window in segments.
    pub cwnd: u32,
    pub ssthresh: u32,
    /// Bytes in a segment.
    pub mss: u32,
    /// Segments that have been sent again.
    pub retransmissions: u32,
    pub bytes_acked: u64,
    pub bytes_received: u64,
}

/// The subflows of a network namespace.
pub struct Statistics(Netlink);

impl Statistics {
    /// Of the network namespace of this thread.
    pub fn open() -> Result<Self> {
        Netlink::open(NETLINK_SOCK_DIAG).map(Self)
    }

    /// All subflows that carry data. Sockets of plain TCP are none.
    pub fn poll(&mut self) -> Result<Vec<SubflowStatistics>> {
        let mut all = vec![];
        for family in [INET, INET6] {
            let answers = self.0.request(SockDiag::Request { family }, true);
            for answer in answers.context("statistics of sockets")? {
                let SockDiag::Socket(bytes) = answer else { continue };
                all.extend(SubflowStatistics::parse(&bytes).context("statistics of a socket")?);
            }
        }
        Ok(all)
    }
}

impl SubflowStatistics {
    /// From `struct inet_diag_msg` and its attributes. None of what is no subflow of MPTCP.
    fn parse(bytes: &[u8]) -> Result<Option<Self>> {
        let (fixed, attributes) = bytes.split_at_checked(ANSWER).context("it is cut off")?;
        let attributes = Attributes::parse(attributes)?;
        let Some(ulp) = attributes.nested(ULP_INFO)? else { return Ok(None) };
        let Some(mptcp) = ulp.nested(ULP_INFO_MPTCP)? else { return Ok(None) };
        let (Some(token), Some(info)) = (mptcp.u32(kind::TOKEN_LOC)?, attributes.find(INFO)) else {
            return Ok(None);
        };
        let flags = mptcp.u32(kind::FLAGS)?.unwrap_or(0);
        Ok(Some(Self {
            token: Token(token),
            path: ends(fixed),
            local_id: mptcp.u8(kind::ID_LOC)?.unwrap_or(0),
            remote_id: mptcp.u8(kind::ID_REM)?.unwrap_or(0),
            backup: flags & BACKUP_FLAGS != 0,
            tcp: TcpStatistics::parse(info)?,
        }))
    }
}

/// `struct inet_diag_sockid`, from byte 4 on: two ports, two addresses of 16 bytes.
fn ends(fixed: &[u8]) -> Path {
    let end = |port: usize, ip: usize| {
        let port = u16::from_be_bytes([fixed[port], fixed[port + 1]]);
        let octets: [u8; 16] = fixed[ip..ip + 16].try_into().expect("16 bytes");
        if fixed[0] == INET {
            SocketAddr::from(([octets[0], octets[1], octets[2], octets[3]], port))
        } else {
            SocketAddr::new(canonical(octets.into()), port)
        }
    };
    Path { local: end(4, 8), remote: end(6, 24) }
}

impl TcpStatistics {
    /// From `struct tcp_info`, which has grown at its end from version to version.
    fn parse(info: &[u8]) -> Result<Self> {
        let u32_at = |at: usize| -> Result<u32> {
            let bytes = info.get(at..at + 4).context("its tcp_info is cut off")?;
            Ok(u32::from_ne_bytes(bytes.try_into().expect("four bytes")))
        };
        let u64_at = |at: usize| -> u64 {
            let bytes = info.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u64::from_ne_bytes)
        };
        let us_at = |at| Ok::<_, anyhow::Error>(Duration::from_micros(u32_at(at)?.into()));
        Ok(Self {
            rto: us_at(8)?,
            mss: u32_at(16)?,
            srtt: us_at(68)?,
            ssthresh: u32_at(76)?,
            cwnd: u32_at(80)?,
            retransmissions: u32_at(100)?,
            bytes_acked: u64_at(120),
            bytes_received: u64_at(128),
        })
    }

    /// Whether the window has ever been more than the path bears. Until then it tells what was sent.
    pub fn has_met_a_limit(&self) -> bool {
        self.ssthresh < NO_THRESHOLD
    }
}

impl NetlinkSerializable for SockDiag {
    fn message_type(&self) -> u16 {
        BY_FAMILY
    }

    fn buffer_len(&self) -> usize {
        match self {
            Self::Request { .. } => REQUEST,
            Self::Socket(bytes) => bytes.len(),
        }
    }

    fn serialize(&self, buffer: &mut [u8]) {
        match self {
            Self::Request { family } => {
                let extensions = 1 << (INFO - 1);
                buffer.fill(0);
                buffer[..4].copy_from_slice(&[*family, TCP, extensions, 0]);
                buffer[4..8].copy_from_slice(&STATES.to_ne_bytes());
            }
            Self::Socket(bytes) => buffer.copy_from_slice(bytes),
        }
    }
}

impl NetlinkDeserializable for SockDiag {
    type Error = DecodeError;

    fn deserialize(_: &NetlinkHeader, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self::Socket(payload.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of Linux 6.18: a subflow from an endpoint that is a backup, over loopback.
    const SOCKET: &str = "\
        02010000a82514510a4d02020000000000000000000000000a4d000100000000000000000000000000000000\
        35100000000000000000000000000000000000000000000048880200050008000000000008000f0000000000\
        0c001500010000000000000006001600520000001c010200010000000007aa01e01c030000000000e57f0000\
        1802000000000000000000000000000000000000000000002c010000000000002c0100002c010000ffff0000\
        d7ff00000d00000006000000ffffff7f0a000000cbff00000300000000000000d7ff000000000000d5eb1bc2\
        10000000ffffffffffffffff010000000000000000000000000000000200000002000000000000000d000000\
        0000000000000000000000000000000000000000000000000000000000000000000000000000000001000000\
        000000000000000000000000000000000000000000000000000000000000000000ec00000000010000000000\
        0000000000000000000000000000000000000000000000000000000000000000000000000000000068001300\
        0a0001006d70746370000000580003000800010010105ad808000200efcf63a108000800ec00000005000900\
        0000000005000a000300000008000300010000000c000400a6a8de3f0a8db29a080005000000000008000600\
        9075de070600070000000000";
    /// Where in it the attribute INET_DIAG_ULP_INFO is.
    const ULP: usize = 392;

    fn socket() -> Vec<u8> {
        const_hex::decode(SOCKET).unwrap()
    }

    #[test]
    fn a_subflow_has_its_connections_token_and_its_tcps_view_of_the_path() {
        let subflow = SubflowStatistics::parse(&socket()).unwrap().unwrap();
        assert_eq!((subflow.token, subflow.backup), (Token(0xa163_cfef), true));
        assert_eq!((subflow.local_id, subflow.remote_id), (3, 0));
        assert_eq!(subflow.path.local, "10.77.2.2:43045".parse().unwrap());
        assert_eq!(subflow.path.remote, "10.77.0.1:5201".parse().unwrap());
        let expected = TcpStatistics {
            srtt: Duration::from_micros(13),
            rto: Duration::from_micros(204_000),
            cwnd: 10,
            ssthresh: NO_THRESHOLD,
            mss: 32_741,
            retransmissions: 0,
            bytes_acked: 1,
            bytes_received: 0,
        };
        assert_eq!(subflow.tcp, expected);
        assert!(!subflow.tcp.has_met_a_limit());
    }

    #[test]
    fn plain_tcp_is_no_subflow() {
        let mut plain = socket();
        plain.truncate(ULP);
        assert_eq!(SubflowStatistics::parse(&plain).unwrap(), None);
        let tls = Attributes::default().with(1, *b"tls\0").bytes();
        let tls = Attributes::default().with(ULP_INFO, tls).bytes();
        assert_eq!(SubflowStatistics::parse(&[plain, tls].concat()).unwrap(), None);
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        assert!(SubflowStatistics::parse(&[INET; ANSWER - 1]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(at in 0..512usize, byte: u8, len in 0..512usize) {
            let mut bytes = socket();
            let last = bytes.len() - 1;
            bytes[at.min(last)] = byte;
            bytes.truncate(len);
            let _ = SubflowStatistics::parse(&bytes);
        }
    }
}
