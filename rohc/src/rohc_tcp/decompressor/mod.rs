//! The decompressor (RFC 6846 section 5.3): compressed packets in, packets out.

mod context;

use context::{Context, Rebuilt};

use super::coder::{Coder, Reader};
use super::{Format, PROFILE, ir};
use crate::Error;
use crate::cid::{self, CidSpace, Stripped};
use crate::crc::{CRC7, CRC8};
use crate::feedback::{Feedback, Kind, split_element};

/// Profile of packets that are sent as they are (RFC 5795 section 5.4).
const UNCOMPRESSED: u8 = 0;
/// Type, profile and CRC of IR and its kin.
const IR_START: usize = 3;
/// B of IR-CR, before its CRC-7: a base CID follows.
const BASE_PRESENT: u8 = 0x80;

/// This many failures among the last eight packets of a flow mean that its context is damaged.
const DAMAGE: u32 = 3;

/// Parameters of a decompressor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecompressorConfig {
    /// CIDs of the channel, as the compressor has them.
    pub cids: CidSpace,
    /// Whether there is a channel for feedback: O-mode.
    pub feedback: bool,
}

impl Default for DecompressorConfig {
    /// Sixteen flows, no feedback.
    fn default() -> Self {
        Self { cids: CidSpace::small(15), feedback: false }
    }
}

/// A packet that was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decompressed {
    /// Octets of the packet.
    pub length: usize,
    /// Its context.
    pub cid: u16,
    /// The format in which it came.
    pub format: Format,
}

/// How far a context can be trusted (section 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// NC: there is no static context, or it may be damaged.
    #[default]
    NoContext,
    /// RC: the static context is there, the rest may be damaged.
    RepairContext,
    /// FC: all of the context is there.
    FullContext,
}

/// What a CID stands for.
#[derive(Debug, Clone, Default)]
enum Slot {
    #[default]
    Unused,
    Uncompressed,
    Tcp(Box<Flow>),
}

#[derive(Debug, Clone)]
struct Flow {
    context: Context,
    state: State,
    /// A bit for each of the last packets, the newest lowest: whether it failed.
    failures: u8,
}

/// Decompresses the packets of one direction of a channel.
#[derive(Debug, Clone)]
pub struct Decompressor {
    config: DecompressorConfig,
    slots: Vec<Slot>,
    pending: Option<Feedback>,
}

impl Decompressor {
    /// A decompressor without any context. A context's memory is taken with the first IR for its CID, and
    /// kept.
    pub fn new(config: DecompressorConfig) -> Self {
        Self { config, slots: Vec::new(), pending: None }
    }

    /// Decompresses into `packet`. Feedback elements in front are skipped (see
    /// [`split_element`]): they are for the compressor of the other direction. `None` if nothing else
    /// was there.
    ///
    /// # Errors
    /// If the packet is malformed, damaged, or refers to what is not there. Nothing was delivered then,
    /// and no context changed; only an IR of an unknown profile ends the context that its CID had.
    pub fn decompress(
        &mut self,
        mut wire: &[u8],
        packet: &mut [u8],
    ) -> Result<Option<Decompressed>, Error> {
        wire = cid::skip_padding(wire);
        while let Some(element) = split_element(wire)? {
            wire = element.rest;
            if wire.is_empty() {
                return Ok(None);
            }
        }
        let stripped = cid::strip(self.config.cids, wire)?;
        let Stripped { cid, first, rest } = stripped;
        match first {
            ir::IR | ir::IR_CR | ir::IR_DYN => self.initialization(wire, stripped, packet),
            0xfe | 0xff => Err(Error::Segment),
            _ => match self.slots.get(usize::from(cid)) {
                Some(Slot::Tcp(_)) => self.co(cid, first, rest, packet),
                Some(Slot::Uncompressed) => {
                    let delivered = deliver(Some(first), rest, packet)?;
                    Ok((delivered, Format::UncompressedNormal))
                }
                _ => {
                    self.say(Feedback::new(cid, Kind::StaticNack, None));
                    Err(Error::NoContext { cid })
                }
            },
        }
        .map(|(length, format)| Some(Decompressed { length, cid, format }))
    }

    /// Feedback for the compressor, if there is any to send.
    pub fn poll_feedback(&mut self) -> Option<Feedback> {
        self.pending.take()
    }

    /// How far a CID's context can be trusted.
    pub fn state(&self, cid: u16) -> State {
        match self.slots.get(usize::from(cid)) {
            Some(Slot::Tcp(flow)) => flow.state,
            Some(Slot::Uncompressed) => State::FullContext,
            _ => State::NoContext,
        }
    }

    fn say(&mut self, feedback: Feedback) {
        if self.config.feedback {
            self.pending = Some(feedback);
        }
    }

    /// A compressed packet for a CID with a context of this profile.
    fn co(
        &mut self,
        cid: u16,
        first: u8,
        rest: &[u8],
        packet: &mut [u8],
    ) -> Result<(usize, Format), Error> {
        let Some(Slot::Tcp(flow)) = self.slots.get_mut(usize::from(cid)) else {
            return Err(Error::NoContext { cid });
        };
        let result = flow.co(cid, first, rest, packet);
        let msn = Some(flow.context.msn());
        match (&result, flow.state) {
            // Changes of control fields are worth an acknowledgment.
            (Ok((_, format)), _) if format.crc_bits() == 7 => {
                self.say(Feedback::new(cid, Kind::Ack, msn));
            }
            (Err(_), State::RepairContext) => self.say(Feedback::new(cid, Kind::Nack, msn)),
            (Err(_), State::NoContext) => self.say(Feedback::new(cid, Kind::StaticNack, None)),
            _ => {}
        }
        result
    }

    /// IR, IR-DYN, IR-CR, and IR of the Uncompressed profile. `wire` begins with the CID or the header.
    fn initialization(
        &mut self,
        wire: &[u8],
        stripped: Stripped<'_>,
        packet: &mut [u8],
    ) -> Result<(usize, Format), Error> {
        let Stripped { cid, first, rest } = stripped;
        let cid_length = wire.len() - rest.len() - 1;
        let (profile, crc, body) = match *rest {
            [profile, crc, ref body @ ..] => (profile, crc, body),
            _ => return Err(Error::Truncated { part: "IR", offset: rest.len() + 1 }),
        };
        if profile == UNCOMPRESSED && first != ir::IR_DYN {
            // The CRC of this profile covers only what is before it.
            let found = CRC8.of(&wire[..cid_length + IR_START - 1]);
            compare(Format::UncompressedIr, crc, found)?;
            let length = deliver(None, body, packet)?;
            *self.slot(cid) = Slot::Uncompressed;
            return Ok((length, Format::UncompressedIr));
        }
        if profile != PROFILE {
            // The CID now stands for a flow of which nothing is known here.
            *self.slot(cid) = Slot::Unused;
            return Err(Error::UnknownProfile { cid, profile: profile.into() });
        }
        let r = &mut Reader::new("IR", body);
        let mut replicated = None;
        let rebuilt = match first {
            ir::IR => match self.slot(cid) {
                Slot::Tcp(flow) => flow.context.ir(r, packet),
                _ => Context::empty().ir(r, packet),
            },
            ir::IR_DYN => match self.slot(cid) {
                Slot::Tcp(flow) if flow.state != State::NoContext => flow.context.ir_dyn(r, packet),
                _ => Err(Error::NoContext { cid }),
            },
            _ => self.ir_cr(cid, r, packet).map(|(base, rebuilt)| {
                replicated = self.context(base).cloned();
                rebuilt
            }),
        };
        let checked = rebuilt.and_then(|rebuilt| {
            let header = &wire[..wire.len() - rebuilt.payload_length];
            compare(rebuilt.format, crc, ir::header_crc(cid_length, header)).map(|()| rebuilt)
        });
        match checked {
            Ok(rebuilt) => {
                let flow = self.flow(cid);
                if let Some(base) = replicated {
                    flow.context = base;
                }
                flow.context.commit(&rebuilt, packet);
                flow.state = State::FullContext;
                flow.failures = 0;
                let msn = flow.context.msn();
                self.say(Feedback::new(cid, Kind::Ack, Some(msn)));
                Ok((rebuilt.length, rebuilt.format))
            }
            Err(error) => {
                if let Slot::Tcp(flow) = self.slot(cid) {
                    flow.failed(true);
                }
                if self.state(cid) == State::NoContext {
                    self.say(Feedback::new(cid, Kind::StaticNack, None));
                }
                Err(error)
            }
        }
    }

    /// Context replication (RFC 6846 section 7.2, RFC 4164): the base CID, and the packet.
    fn ir_cr(
        &self,
        cid: u16,
        r: &mut Reader<'_>,
        packet: &mut [u8],
    ) -> Result<(u16, Rebuilt), Error> {
        let (base, header_crc) = base_cid(r, self.config.cids, cid)?;
        let context = self.context(base).ok_or(Error::NoBaseContext { base })?;
        let rebuilt = context.ir_cr(r, packet)?;
        let found = CRC7.of(&packet[..rebuilt.header_length]);
        compare(Format::IrCr, header_crc, found).map(|()| (base, rebuilt))
    }

    /// The context of a CID, if all of it is there.
    fn context(&self, cid: u16) -> Option<&Context> {
        match self.slots.get(usize::from(cid)) {
            Some(Slot::Tcp(flow)) if flow.state == State::FullContext => Some(&flow.context),
            _ => None,
        }
    }

    fn slot(&mut self, cid: u16) -> &mut Slot {
        let at = usize::from(cid);
        if at >= self.slots.len() {
            self.slots.resize_with(at + 1, Slot::default);
        }
        &mut self.slots[at]
    }

    fn flow(&mut self, cid: u16) -> &mut Flow {
        let slot = self.slot(cid);
        if !matches!(slot, Slot::Tcp(_)) {
            *slot = Slot::Tcp(Box::new(Flow {
                context: Context::empty(),
                state: State::NoContext,
                failures: 0,
            }));
        }
        match slot {
            Slot::Tcp(flow) => flow,
            Slot::Unused | Slot::Uncompressed => unreachable!("it has just been made"),
        }
    }
}

impl Flow {
    fn co(
        &mut self,
        cid: u16,
        first: u8,
        rest: &[u8],
        packet: &mut [u8],
    ) -> Result<(usize, Format), Error> {
        let format = self.context.format(first)?;
        let strong = format.crc_bits() > 3;
        match self.state {
            State::NoContext => return Err(Error::NoContext { cid }),
            State::RepairContext if !strong => return Err(Error::ContextDamaged { cid, format }),
            _ => {}
        }
        let mut attempt = |ack_flag| {
            let rebuilt = self.context.co(first, rest, ack_flag, packet)?;
            let found = format.header_crc(&packet[..rebuilt.header_length]);
            compare(format, rebuilt.header_crc, found).map(|()| rebuilt)
        };
        let mut rebuilt = attempt(true);
        // The standard has it that a format without an ACK flag says that it is set; the reference
        // library, that it is as it was. The CRC tells.
        if !self.context.ack_flag() && matches!(rebuilt, Err(Error::Crc { .. })) {
            rebuilt = attempt(false).or(rebuilt);
        }
        match rebuilt {
            Ok(rebuilt) => {
                self.context.commit(&rebuilt, packet);
                self.failures <<= 1;
                self.state = State::FullContext;
                Ok((rebuilt.length, format))
            }
            Err(error) => {
                self.failed(strong);
                Err(error)
            }
        }
    }

    /// A packet failed; `strong` if it had a CRC of more than three bits.
    fn failed(&mut self, strong: bool) {
        self.failures = self.failures << 1 | 1;
        if self.failures.count_ones() < DAMAGE {
            return;
        }
        self.state = match self.state {
            State::FullContext => State::RepairContext,
            State::RepairContext if strong => State::NoContext,
            state => state,
        };
        self.failures = 0;
    }
}

/// The base CID of an IR-CR (its own if there is none), and the CRC-7 over the uncompressed header.
fn base_cid(r: &mut Reader<'_>, cids: CidSpace, cid: u16) -> Result<(u16, u8), Error> {
    let mut flags = 0u8;
    r.whole(&mut flags)?;
    let header_crc = flags & !BASE_PRESENT;
    if flags & BASE_PRESENT == 0 {
        return Ok((cid, header_crc));
    }
    let mut base = 0u16;
    if !cids.is_large() {
        r.constant(4, 0)?;
        r.bits(4, &mut base)?;
    } else {
        let mut high = 0u8;
        r.whole(&mut high)?;
        base = high.into();
        if high & 0x80 != 0 {
            let mut low = 0u8;
            r.whole(&mut low)?;
            base = u16::from_be_bytes([high & 0x3f, low]);
        }
    }
    Ok((cids.check(base)?, header_crc))
}

fn compare(format: Format, expected: u8, found: u8) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Crc { format, expected, found }) }
}

/// Delivers a packet of the Uncompressed profile.
fn deliver(first: Option<u8>, rest: &[u8], packet: &mut [u8]) -> Result<usize, Error> {
    let needed = usize::from(first.is_some()) + rest.len();
    let room = packet.len();
    let target = packet.get_mut(..needed).ok_or(Error::Room { room, needed })?;
    let (start, end) = target.split_at_mut(needed - rest.len());
    if let (Some(octet), [place]) = (first, start) {
        *place = octet;
    }
    end.copy_from_slice(rest);
    Ok(needed)
}
