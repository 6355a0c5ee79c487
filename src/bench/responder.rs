//! Prepares the answer to a frame while it comes, as a MAC would.

use std::time::Duration;

use anyhow::Result;
use mac::{
    Acknowledged, BlockAck, Control, ControlBody, Delimiter, DurationId, SequenceNumber, fcs,
};
use phy80211::{Begun, Complex32, OfdmRate, RxHeader, Transmitter, TxVector};

use crate::data_frame::{AP, STATION};

/// Bytes that ride on the Block Ack.
const RIDE: usize = 100;
/// Bytes of an ACK, and of a compressed Block Ack with a ride (9.3.1.4, 9.3.1.8).
const ACK_LEN: usize = 14;
const BLOCK_ACK_LEN: usize = 32 + RIDE;
/// How long before the frame's end the answer is rehearsed: long enough for a receiver that is
/// kept waiting by it to be up to date again, short enough for the caches to remember it.
const REHEARSAL: Duration = Duration::from_micros(50);

pub struct Responder {
    transmitter: Transmitter,
    aggregation: bool,
    /// The answer's headers, which do not depend on what was received, and from which sample of
    /// the frame on it is time to rehearse.
    begun: Option<Begun>,
    rehearse_from: Option<u64>,
    /// Bytes of the PSDU that were looked at, and what they were.
    checked: usize,
    good: bool,
    acknowledged: Acknowledged,
    mpdu: Vec<u8>,
    waveform: Vec<Complex32>,
}

impl Responder {
    pub fn new(transmitter: Transmitter, aggregation: bool) -> Self {
        Self {
            transmitter,
            aggregation,
            begun: None,
            rehearse_from: None,
            checked: 0,
            good: true,
            acknowledged: Acknowledged { start: SequenceNumber::new(0), bitmap: 0 },
            mpdu: Vec::new(),
            waveform: Vec::new(),
        }
    }

    /// A frame has begun: makes of the answer what is the same whatever the frame holds.
    pub fn begin(&mut self, header: &RxHeader) -> Result<()> {
        self.checked = 0;
        self.good = true;
        self.acknowledged.bitmap = 0;
        self.waveform.clear();
        let vector = TxVector::new(OfdmRate::Mbps24, 93);
        let len = if self.aggregation { BLOCK_ACK_LEN } else { ACK_LEN };
        self.begun = Some(self.transmitter.begin(&vector, len, &mut self.waveform)?);
        let lead = REHEARSAL.as_secs_f64() * header.rxvector.bandwidth.sample_rate_hz();
        self.rehearse_from = Some(header.end.0.saturating_sub(lead as u64));
        Ok(())
    }

    /// Samples up to `position` have been received: makes an answer to what is known so far, if
    /// the end is near. It is not sent; but code and tables of the real one are then in the caches.
    pub fn rehearse(&mut self, position: u64) {
        if self.rehearse_from.is_some_and(|from| position >= from) {
            self.rehearse_from = None;
            self.answer();
        }
    }

    /// Checks the MPDUs that are there; whether all were good so far.
    pub fn check(&mut self, psdu: &[u8]) -> bool {
        if !self.aggregation {
            return fcs::is_right(psdu);
        }
        while let Some((delimiter, rest)) =
            psdu.get(self.checked..).and_then(<[u8]>::split_first_chunk)
        {
            let Some(delimiter) = Delimiter::parse(*delimiter) else {
                self.good = false;
                break;
            };
            let Some(mpdu) = rest.get(..delimiter.length()) else { break };
            let body = fcs::strip(mpdu).and_then(|body| body.get(22..24)?.try_into().ok());
            self.good &= body.is_some();
            if let Some(control) = body {
                let sequence = SequenceNumber::new(u16::from_le_bytes(control) >> 4);
                if self.acknowledged.bitmap == 0 {
                    self.acknowledged.start = sequence;
                }
                self.acknowledged.insert(sequence);
            }
            self.checked += (Delimiter::LEN + delimiter.length()).next_multiple_of(4);
        }
        self.good
    }

    /// Makes the rest of the answer's waveform, all that may depend on what was received.
    pub fn answer(&mut self) {
        let Some(begun) = &self.begun else { return };
        self.mpdu.clear();
        let ride = [0x5a; RIDE];
        let body = match self.aggregation {
            false => ControlBody::Ack,
            true => ControlBody::BlockAck {
                transmitter: STATION,
                response: BlockAck::compressed(0, self.acknowledged),
            },
        };
        let mut control = Control::new(AP, DurationId::default(), body);
        if self.aggregation {
            control.trailing = &ride;
        }
        control.emit(&mut self.mpdu);
        fcs::append(&mut self.mpdu, 0);
        self.transmitter.end(begun, &self.mpdu, &mut self.waveform);
    }
}
