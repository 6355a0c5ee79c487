//! What can happen to a frame on its way to a node.

use bytes::Bytes;
use mac::{Control, ControlBody, Frame, MacAddr, PhyIndication, RxPpdu, fcs};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a received PPDU is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An Ack or Block Ack.
    Response,
    /// A Block Ack request.
    Request,
    /// Data, a lone MPDU or several.
    Data,
    Other,
}

pub fn kind(ppdu: &RxPpdu) -> Kind {
    if ppdu.aggregation {
        return Kind::Data;
    }
    match fcs::strip(&ppdu.psdu).and_then(|mpdu| Frame::parse(mpdu).ok()) {
        Some(Frame::Control(Control { body, .. })) => match body {
            ControlBody::Ack | ControlBody::BlockAck { .. } => Kind::Response,
            ControlBody::BlockAckReq { .. } => Kind::Request,
            _ => Kind::Other,
        },
        Some(Frame::Data(_)) => Kind::Data,
        _ => Kind::Other,
    }
}

/// Loses the PPDUs of which `is_lost` is true.
pub fn lose(
    indication: PhyIndication,
    is_lost: impl FnOnce(Kind, &RxPpdu) -> bool,
) -> PhyIndication {
    match &indication {
        PhyIndication::Rx(ppdu) if is_lost(kind(ppdu), ppdu) => PhyIndication::RxError,
        _ => indication,
    }
}

/// Damages one MPDU, if it is an A-MPDU.
pub fn damage(mut ppdu: RxPpdu, rng: &mut ChaCha8Rng) -> RxPpdu {
    let mut psdu = ppdu.psdu.to_vec();
    let at = rng.random_range(0..psdu.len());
    psdu[at] ^= 0x10;
    ppdu.psdu = Bytes::from(psdu);
    ppdu
}

/// What rides on a response.
pub fn riders(ppdu: &RxPpdu) -> Option<Vec<u8>> {
    let mpdu = fcs::strip(&ppdu.psdu).filter(|_| !ppdu.aggregation)?;
    let Ok(Frame::Control(control)) = Frame::parse(mpdu) else { return None };
    (kind(ppdu) == Kind::Response).then(|| control.trailing.to_vec())
}

/// The response with something else that rides on it, and a right FCS.
pub fn with_riders(ppdu: &RxPpdu, riders: &[u8]) -> RxPpdu {
    let mpdu = fcs::strip(&ppdu.psdu).expect("it was received right");
    let Ok(Frame::Control(control)) = Frame::parse(mpdu) else { panic!("it is a response") };
    let mut psdu = vec![];
    Control { trailing: riders, ..control }.emit(&mut psdu);
    fcs::append(&mut psdu, 0);
    RxPpdu { psdu: Bytes::from(psdu), ..ppdu.clone() }
}

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Whether a PPDU's first frame is for a station.
pub fn is_to(ppdu: &RxPpdu, address: MacAddr) -> bool {
    let frame = fcs::strip(&ppdu.psdu).and_then(|mpdu| Frame::parse(mpdu).ok());
    frame.and_then(|frame| frame.receiver()) == Some(address)
}
