//! ROHC-TCP, profile 0x0006 (RFC 6846).
//!
//! | module | in the RFC |
//! |---|---|
//! | [`compressor`], [`decompressor`] | 5: states, modes and feedback logic |
//! | `fields` | 6.1: control fields; the fields of the innermost headers |
//! | `headers`, `tcp` | 6.2, 8.2: static, dynamic, replicate and irregular chains |
//! | `options` | 6.3: list compression of TCP options |
//! | `ir` | 7.1, 7.2: IR, IR-DYN, IR-CR |
//! | `format`, `formats`, `co_common`, `base`, `told` | 8.2: base headers of compressed packets |
//! | `lsb`, `coder` | RFC 4997: the formal notation |
//! | `window` | 5.2.2: the optimistic approach |

mod base;
mod checksum;
mod co_common;
mod coder;
pub mod compressor;
pub mod decompressor;
mod fields;
mod format;
mod formats;
mod headers;
mod ir;
mod lsb;
mod numbered;
mod options;
mod tcp;
mod told;
mod window;

pub use compressor::{Compressed, Compressor, CompressorConfig, Mode};
pub use decompressor::{Decompressed, Decompressor, DecompressorConfig, State};
pub use format::Format;
pub use headers::{MAX_CHAIN, MAX_HEADERS};

/// The profile identifier.
pub const PROFILE: u8 = 6;
