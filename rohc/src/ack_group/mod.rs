//! The ACK-group profile: the TCP ACKs of a whole A-MPDU in the few bytes behind one Block Ack.
//!
//! [`Compressor`] is the end that has ACKs to send, [`Decompressor`] the end that gets them. Neither
//! does I/O, knows the time, or allocates after it was made; what comes off the air may be anything.
//! `docs/ack-group.md` has the wire format, drawn bit by bit, and the state machines of both ends.
//!
//! * An ACK that is not rebuilt from its context byte for byte goes natively. Contexts start from
//!   native ACKs; there is nothing like ROHC's IR.
//! * ACKs are framed in *sections*, each repeated byte for byte until it is confirmed and delivered
//!   once by its number. A *chain* of sections shares adaptive models and one running CRC-16.
//! * A third station can list what rides without any context: [`Listener`].
//! * A frame that the peer did not hear but seemed to confirm shows as a gap in the numbers. Then
//!   nothing rides until the sender has drained: sent natively what is not confirmed.
//!
//! What it does not do: decide when to ride, hold or drain (crate `hack`), encrypt, or compress
//! anything but pure ACKs.
//!
//! ```
//! use rohc::ack_group::{Compressor, Decompressor, Native, Verdict};
//!
//! # let ack = |number: u32| {
//! #     let mut ack = vec![0x45, 0, 0, 40, 0, number as u8, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1];
//! #     let sum = |bytes: &[u8]| {
//! #         let sum: u32 = bytes.chunks(2).map(|b| u32::from(b[0]) << 8 | u32::from(b[1])).sum();
//! #         let sum = (sum & 0xffff) + (sum >> 16);
//! #         !(((sum & 0xffff) + (sum >> 16)) as u16)
//! #     };
//! #     let checksum = sum(&ack);
//! #     ack[10..12].copy_from_slice(&checksum.to_be_bytes());
//! #     ack.extend([0x9c, 0x40, 0x14, 0x51, 0, 0, 0, 1]);
//! #     ack.extend((2920 * number).to_be_bytes());
//! #     ack.extend([0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]);
//! #     let mut covered = ack[12..].to_vec();
//! #     covered.extend([0, 6, 0, 20]);
//! #     let checksum = sum(&covered);
//! #     ack[36..38].copy_from_slice(&checksum.to_be_bytes());
//! #     ack
//! # };
//! let (mut client, mut ap) = (Compressor::new(), Decompressor::new());
//! // The first ACK of a flow goes natively. Both ends learn from it.
//! assert!(matches!(client.compress(&ack(0)), Verdict::Native(_)));
//! assert_eq!(ap.native_seen(&ack(0)), Native::New);
//! client.native_done(&ack(0), true);
//!
//! for number in 1..=21 {
//!     assert_eq!(client.compress(&ack(number)), Verdict::Ride);
//! }
//! let (frame, id) = client.frame(31).expect("ACKs are pending");
//! assert!(frame.len() < 12, "a header, a flow's introduction, a count and a CRC");
//! let delivered: Vec<&[u8]> = ap.frame_received(frame)?.collect();
//! assert!(delivered.into_iter().eq((1..=21).map(ack)));
//! client.confirm(id);
//! assert!(client.is_idle());
//! # Ok::<(), rohc::ack_group::Gap>(())
//! ```

mod chain;
mod compressor;
mod crc16;
mod decompressor;
mod delivered;
mod directory;
mod effect;
mod fields;
mod flow_key;
mod frame;
mod listener;
mod model;
mod packet;
mod range_coder;
mod receivers;
mod record;
mod ring;
mod senders;

pub use compressor::{Compressor, FrameId, Verdict};
pub use decompressor::{Decompressor, Gap, Native};
pub use directory::MAX_ACKS;
pub use flow_key::FlowKey;
pub use listener::{ListedFlow, ListedSection, Listener, Listing};
pub use senders::Reason;

/// Whether a packet is a pure ACK as the format knows them: one that could ride.
pub fn is_pure_ack(packet: &[u8]) -> bool {
    fields::Fields::parse(packet).is_some()
}
