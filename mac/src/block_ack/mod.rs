//! Block Ack: the request and the answer (9.3.1.7, 9.3.1.8), and the action frames that set an
//! agreement up and end it (9.6.4).
//!
//! Only the compressed variant is decoded, which is what HT stations use: one bit an MSDU. The
//! others keep their bytes.

mod action;
mod control;
mod request;
mod response;

pub use action::{
    AddBlockAckRequest, AddBlockAckResponse, BlockAckParameters, DeleteBlockAck, DeleteParameters,
};
pub use control::{BlockAckControl, BlockAckVariant};
pub use request::{BlockAckReq, RequestInformation};
pub use response::{Acknowledged, BlockAck, BlockAckInformation};
