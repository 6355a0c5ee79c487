//! The fields that hardly ever surprise: IP-ID, sequence number, TOS, TTL, flags.

use super::super::fields::Fields;
use super::super::model::{Backup, Bit, Number};
use super::super::range_coder::Coder;

/// What all flows of a chain have learnt about these fields.
#[derive(Debug, Clone)]
pub struct UnusualModels {
    fields: FieldModels,
    id_step: Number,
}

/// Which fields are other than expected.
#[derive(Debug, Clone, Copy)]
struct FieldModels {
    has_other_id: [Bit; 2],
    is_literal_id: [Bit; 2],
    has_other_rest: Bit,
    has_other_flags: Bit,
    has_other_seq: Bit,
    has_other_tos: Bit,
    has_other_ttl: Bit,
}

impl UnusualModels {
    /// Before anything is learnt.
    pub const NEW: Self = Self {
        fields: FieldModels {
            has_other_id: [Bit::EVEN; 2],
            is_literal_id: [Bit::EVEN; 2],
            has_other_rest: Bit::RARE,
            has_other_flags: Bit::EVEN,
            has_other_seq: Bit::EVEN,
            has_other_tos: Bit::EVEN,
            has_other_ttl: Bit::EVEN,
        },
        id_step: Number::NEW,
    };
}

impl Backup for UnusualModels {
    fn copy_from(&mut self, other: &mut Self) {
        self.fields = other.fields;
        self.id_step.copy_from(&mut other.id_step);
    }
}

/// How a flow numbers its packets.
#[derive(Debug, Clone, Copy)]
pub struct IpIdState {
    /// What is added for each ACK: one, or nothing.
    step: u16,
    /// Whether the last one was sent as it is: a random number, most likely.
    was_literal: bool,
}

/// A step of the IP-ID that is this large is sent as the number itself.
const LITERAL_FROM: u16 = 256;

impl IpIdState {
    /// IPv4 counts until it is seen not to; IPv6 has nothing to count.
    pub fn new(ip_id: u16) -> Self {
        Self { step: u16::from(ip_id != 0), was_literal: false }
    }

    /// What is expected after this one.
    pub fn next(&self, ip_id: u16) -> u16 {
        ip_id.wrapping_add(self.step)
    }

    /// Codes an IP-ID.
    fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        models: &mut UnusualModels,
        last: u16,
        known: u16,
    ) -> u16 {
        let place = usize::from(self.was_literal);
        if !coder.bit(&mut models.fields.has_other_id[place], known != self.next(last)) {
            self.was_literal = false;
            return self.next(last);
        }
        let step = known.wrapping_sub(last);
        if coder.bit(&mut models.fields.is_literal_id[place], step >= LITERAL_FROM) {
            self.was_literal = true;
            return coder.plain(16, u32::from(known)) as u16;
        }
        let step = models.id_step.code(coder, u32::from(step)) as u16;
        if step < 2 {
            self.step = step;
        }
        self.was_literal = false;
        last.wrapping_add(step)
    }
}

/// Whether any of these fields is not as expected.
pub fn is_unusual(id: &IpIdState, last: &Fields, known: &Fields) -> bool {
    known.ip_id != id.next(last.ip_id) || has_other_rest(last, known)
}

fn has_other_rest(last: &Fields, known: &Fields) -> bool {
    (known.flags, known.seq, known.tos, known.ttl) != (last.flags, last.seq, last.tos, last.ttl)
}

/// Codes the fields of an ACK in which one is not as expected, into `fields`, which are the last
/// ACK's.
pub fn code<C: Coder>(
    coder: &mut C,
    models: &mut UnusualModels,
    id: &mut IpIdState,
    fields: &mut Fields,
    known: &Fields,
) {
    let last = *fields;
    fields.ip_id = id.code(coder, models, last.ip_id, known.ip_id);
    if !coder.bit(&mut models.fields.has_other_rest, has_other_rest(&last, known)) {
        return;
    }
    if coder.bit(&mut models.fields.has_other_flags, known.flags != last.flags) {
        fields.flags = coder.plain(12, u32::from(known.flags)) as u16;
    }
    if coder.bit(&mut models.fields.has_other_seq, known.seq != last.seq) {
        fields.seq = coder.plain(32, known.seq);
    }
    if coder.bit(&mut models.fields.has_other_tos, known.tos != last.tos) {
        fields.tos = coder.plain(8, u32::from(known.tos)) as u8;
    }
    if coder.bit(&mut models.fields.has_other_ttl, known.ttl != last.ttl) {
        fields.ttl = coder.plain(8, u32::from(known.ttl)) as u8;
    }
}
