//! Both ends over a link that loses frames, with a client that knows of it at once, late, or
//! takes every frame for heard.

use std::collections::{HashMap, VecDeque};

use rohc::ack_group::{Compressor, Decompressor, FrameId, Gap, Native, Verdict};

/// What the client makes of its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// It learns at once what became of a frame.
    Right,
    /// It learns it when this many more frames have gone.
    Late(usize),
    /// It takes every frame for heard.
    Deceived,
}

/// Both ends and what went through.
#[derive(Debug)]
pub struct Link {
    pub compressor: Compressor,
    pub decompressor: Decompressor,
    view: View,
    /// Fates that the client does not know yet.
    fates: VecDeque<(FrameId, bool)>,
    /// Native packets of which the client does not know yet that they got through.
    natives: Vec<Vec<u8>>,
    /// Bytes that a frame may have.
    budget: usize,
    sent: Vec<Vec<u8>>,
    came: Vec<Vec<u8>>,
    /// Native packets, frames, and frames that gave a gap.
    pub native: usize,
    pub frames: usize,
    pub gaps: usize,
    last_gap: Option<Gap>,
}

impl Link {
    pub fn new(view: View, budget: usize) -> Self {
        Self {
            compressor: Compressor::new(),
            decompressor: Decompressor::new(),
            view,
            fates: VecDeque::new(),
            natives: vec![],
            budget,
            sent: vec![],
            came: vec![],
            native: 0,
            frames: 0,
            gaps: 0,
            last_gap: None,
        }
    }

    /// The host sends a packet.
    pub fn send(&mut self, packet: &[u8]) {
        self.sent.push(packet.to_vec());
        let mut verdict = self.compressor.compress(packet);
        if let Verdict::DrainFirst(_) = verdict {
            self.drain();
            verdict = self.compressor.compress(packet);
        }
        match verdict {
            Verdict::Ride => {}
            Verdict::Native(_) => self.send_natively(packet),
            Verdict::DrainFirst(reason) => panic!("drained twice: {reason:?}"),
        }
    }

    /// The client takes back what is not confirmed.
    pub fn drain(&mut self) {
        let drained: Vec<Vec<u8>> = self.compressor.drain().map(<[u8]>::to_vec).collect();
        drained.iter().for_each(|packet| self.send_natively(packet));
        self.fates.clear();
    }

    fn send_natively(&mut self, packet: &[u8]) {
        self.native += 1;
        if self.decompressor.native_seen(packet) == Native::New {
            self.came.push(packet.to_vec());
        }
        self.natives.push(packet.to_vec());
    }

    /// The client learns that its native packets got through.
    pub fn natives_done(&mut self) {
        for packet in self.natives.drain(..) {
            self.compressor.native_done(&packet, true);
        }
    }

    /// A response goes out, and is lost or not. On a gap the AP makes the client drain.
    pub fn respond(&mut self, is_lost: bool) {
        let Some((frame, id)) = self.compressor.frame(self.budget) else { return };
        assert!(frame.len() <= self.budget);
        self.frames += 1;
        let mut is_gap = false;
        if !is_lost {
            match self.decompressor.frame_received(frame) {
                Ok(rides) => self.came.extend(rides.map(<[u8]>::to_vec)),
                Err(gap) => {
                    self.last_gap = Some(gap);
                    is_gap = true;
                }
            }
        }
        self.fates.push_back((id, !is_lost));
        let known = match self.view {
            View::Late(frames) => self.fates.len().saturating_sub(frames),
            View::Right | View::Deceived => 1,
        };
        for (id, was_heard) in self.fates.drain(..known) {
            if was_heard || self.view == View::Deceived {
                self.compressor.confirm(id);
            } else {
                self.compressor.not_heard();
            }
        }
        if is_gap {
            self.gaps += 1;
            self.drain();
        }
    }

    /// Drains, and checks that of each flow all ACKs came once and in order; or, if the client was
    /// deceived, those that came did, the last one among them. Returns how many did not come.
    pub fn finish(mut self) -> Result<usize, String> {
        self.drain();
        if let Some(gap) = self.last_gap
            && self.view != View::Deceived
        {
            return Err(format!("{} gaps without deceit: {gap}", self.gaps));
        }
        let sent = by_flow(&self.sent);
        let mut came = by_flow(&self.came);
        let mut missing = 0;
        for (flow, sent) in &sent {
            let came = came.remove(flow).unwrap_or_default();
            let mut rest = sent.iter();
            for packet in &came {
                if !rest.any(|sent| sent == packet) {
                    return Err(format!("doubled, out of order or altered: {packet:02x?}"));
                }
            }
            if came.last() != sent.last() {
                return Err("the last ACK of a flow did not come".to_owned());
            }
            missing += sent.len() - came.len();
        }
        if !came.is_empty() {
            return Err("a flow that nobody sent".to_owned());
        }
        if missing > 0 && self.view != View::Deceived {
            return Err(format!("{missing} ACKs lost"));
        }
        Ok(missing)
    }
}

fn by_flow(packets: &[Vec<u8>]) -> HashMap<&[u8], Vec<&Vec<u8>>> {
    let mut flows: HashMap<&[u8], Vec<&Vec<u8>>> = HashMap::new();
    for packet in packets {
        let flow = if packet[0] >> 4 == 4 { &packet[12..24] } else { &packet[8..44] };
        flows.entry(flow).or_default().push(packet);
    }
    flows
}
