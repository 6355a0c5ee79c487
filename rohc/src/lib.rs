//! Robust header compression of TCP, in both directions, without I/O, clocks or `unsafe`.
//!
//! [`ack_group`] is the profile of TCP/HACK: the ACKs of a whole A-MPDU behind one Block Ack. The
//! rest is ROHC as standardised: [`rohc_tcp`] is profile 0x0006, ROHC-TCP ([RFC 6846]), in which a
//! TCP/IP header of 40 to 60 octets and more, with options, tunnels and extension headers, becomes
//! some 4 to 15. What belongs to the ROHC framework ([RFC 5795]) is in modules of its own: [`cid`],
//! [`crc`], [`feedback`].
//!
//! The two types that matter are [`Compressor`](rohc_tcp::Compressor) and
//! [`Decompressor`](rohc_tcp::Decompressor), one of each for a direction of a link. Between them the link
//! must keep the order and the lengths of packets; it may lose some.
//!
//! ```
//! use rohc::rohc_tcp::{Compressor, CompressorConfig, Decompressor, DecompressorConfig};
//!
//! # let packets: Vec<Vec<u8>> = (0..6u8).map(|n| {
//! #     let mut packet = vec![0x45, 0, 0, 40, 0, n, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
//! #     let sum: u32 = packet.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1])).sum();
//! #     packet[10..12].copy_from_slice(&(!(sum as u16 + (sum >> 16) as u16)).to_be_bytes());
//! #     packet.extend([0x9c, 0x40, 0x14, 0x51, 0, 0, 0, 1, 0, 0, n, 0, 0x50, 0x10, 16, 0, 1, 2, 0, 0]);
//! #     packet
//! # }).collect();
//! let mut compressor = Compressor::new(CompressorConfig::default());
//! let mut decompressor = Decompressor::new(DecompressorConfig::default());
//! let (mut wire, mut rebuilt) = ([0; 1600], [0; 1600]);
//!
//! for packet in &packets {
//!     match compressor.compress(packet, &mut wire) {
//!         Ok(compressed) => {
//!             let delivered = decompressor.decompress(&wire[..compressed.length], &mut rebuilt)?;
//!             let delivered = delivered.expect("not feedback alone");
//!             assert_eq!(rebuilt[..delivered.length], packet[..]);
//!             println!("{} octets, {}", compressed.length, compressed.format);
//!         }
//!         // The profile cannot carry it: send it as it is, beside the compressed ones.
//!         Err(reason) => println!("native: {reason}"),
//!     }
//! }
//! # Ok::<(), rohc::Error>(())
//! ```
//!
//! With a way back, switch [`feedback`](rohc_tcp::DecompressorConfig::feedback) on, and bring what
//! [`poll_feedback`](rohc_tcp::Decompressor::poll_feedback) has to
//! [`Compressor::feedback`](rohc_tcp::Compressor::feedback): then flows start with one whole header
//! instead of a few, and damage is mended at once.
//!
//! [RFC 6846]: https://www.rfc-editor.org/rfc/rfc6846
//! [RFC 5795]: https://www.rfc-editor.org/rfc/rfc5795

pub mod ack_group;
pub mod cid;
pub mod crc;
mod error;
pub mod feedback;
pub mod rohc_tcp;

pub use error::{Error, Native};
