//! The compressor's context of one flow: what the decompressor may know, and what to send next.

use super::ip_id::IpId;
use super::stride::Stride;
use crate::rohc_tcp::base::{Base, Reference};
use crate::rohc_tcp::co_common::{self, Length32, Present};
use crate::rohc_tcp::coder::Writer;
use crate::rohc_tcp::fields::Fields;
use crate::rohc_tcp::format::Format;
use crate::rohc_tcp::formats::{self, BaseHeader};
use crate::rohc_tcp::headers::{Irregular, Layout, MAX_CHAIN};
use crate::rohc_tcp::options::{Plan, Sender};
use crate::rohc_tcp::told::Told;
use crate::rohc_tcp::window::Window;
use crate::rohc_tcp::{ir, tcp};
use crate::{Error, Native};

/// Packets without a change of ECN bits after which they are not sent any more.
const ECN_QUIET: u8 = 64;
/// Octets of both ports.
const PORTS: usize = 4;

/// A packet that the profile can carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet<'a> {
    pub octets: &'a [u8],
    pub layout: &'a Layout,
    pub tcp_header: &'a [u8; tcp::LENGTH],
    pub options: &'a [u8],
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Finds TCP behind the headers of `layout`.
    pub fn new(octets: &'a [u8], layout: &'a Layout) -> Result<Self, Native> {
        let behind = &octets[layout.length()..];
        let length = tcp::header_length(behind).ok_or(Native::Malformed)?;
        let (header, payload) = behind.split_at(length);
        let (tcp_header, options) = header.split_first_chunk().ok_or(Native::Malformed)?;
        Ok(Self { octets, layout, tcp_header, options, payload })
    }

    fn chain(&self) -> &'a [u8] {
        &self.octets[..self.layout.length()]
    }

    /// All that the CRC covers.
    fn header(&self) -> &'a [u8] {
        &self.octets[..self.octets.len() - self.payload.len()]
    }

    fn fields(&self) -> Fields {
        let mut fields = Fields { payload_size: self.payload.len() as u32, ..Fields::default() };
        self.layout.take_innermost(self.chain(), &mut fields);
        tcp::take(self.tcp_header, &mut fields);
        fields
    }
}

/// State of one flow.
#[derive(Debug)]
pub(super) struct Context {
    layout: Layout,
    ports: [u8; PORTS],
    /// The headers before TCP of the last packet.
    chain: [u8; MAX_CHAIN],
    /// What the decompressor's context may be.
    window: Window<Reference>,
    options: Sender,
    msn: u16,
    ip_id: IpId,
    stride: Stride,
    ecn_used: bool,
    ecn_quiet: u8,
    /// How often an outer TTL, and what only the dynamic chain tells, still have to be sent.
    outer_ttl_due: u8,
    dynamic_due: u8,
    /// How often the static chain still has to be sent.
    static_due: u8,
    repetitions: u8,
}

/// The documentation promises this.
const _: () = assert!(size_of::<Context>() <= 2560);

/// How a packet goes.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Ir,
    IrDyn,
    CoCommon(Present),
    Base(&'static BaseHeader),
}

impl Context {
    /// For the flow of `packet`.
    pub fn new(packet: &Packet<'_>, repetitions: u8, msn: u16) -> Self {
        let first = packet.fields();
        let mut context = Self {
            layout: *packet.layout,
            ports: *packet.tcp_header.first_chunk().expect("a TCP header begins with its ports"),
            chain: [0; MAX_CHAIN],
            window: Window::new(repetitions.into()),
            options: Sender::new(repetitions),
            msn,
            ip_id: IpId::new(packet.layout.version(), first.ip_id),
            stride: Stride::default(),
            ecn_used: false,
            ecn_quiet: 0,
            outer_ttl_due: 0,
            dynamic_due: 0,
            static_due: repetitions,
            repetitions,
        };
        context.layout.settle_outer_behavior(packet.chain());
        context.chain[..packet.chain().len()].copy_from_slice(packet.chain());
        context
    }

    /// Whether a packet is of this flow: everything static is the same.
    pub fn is_for(&self, layout: &Layout, octets: &[u8]) -> bool {
        octets[layout.length()..].starts_with(&self.ports)
            && self.layout.same_static(&self.chain, layout, octets)
    }

    /// The MSN of the last packet.
    pub fn msn(&self) -> u16 {
        self.msn
    }

    /// Sends the static chain again: the decompressor has none, or is to be refreshed.
    pub fn refresh_static(&mut self) {
        self.static_due = self.repetitions;
        self.options.forget();
    }

    /// Sends the dynamic chain again, and trusts no item of the options' table.
    pub fn refresh_dynamic(&mut self) {
        self.dynamic_due = self.repetitions;
        self.options.forget();
    }

    /// The decompressor has the last packet but `age`.
    pub fn acknowledged(&mut self, age: usize) {
        let told = |due: &mut u8, repetitions: u8| {
            if usize::from(repetitions - *due) > age {
                *due = 0;
            }
        };
        told(&mut self.static_due, self.repetitions);
        told(&mut self.dynamic_due, self.repetitions);
        told(&mut self.outer_ttl_due, self.repetitions);
        self.window.keep_newest(age + 1);
        self.options.acknowledged(age);
    }

    /// Compresses a packet of this flow without CID.
    pub fn compress(&mut self, packet: &Packet<'_>, w: &mut Writer<'_>) -> Result<Format, Native> {
        let plan = self.options.plan(packet.options)?;
        let mut fields = packet.fields();
        self.control_fields(packet, &mut fields);
        let new = Reference::from(fields);
        let choice = self.choose(&new, &plan);
        let format = self.write(packet, choice, &new, &plan, w).map_err(|_| Native::Room)?;

        let whole = matches!(format, Format::Ir | Format::IrDyn);
        self.msn = fields.msn;
        self.options.sent(&plan, whole);
        self.window.push(new);
        self.outer_ttl_due = self.outer_ttl_due.saturating_sub(1);
        self.dynamic_due = self.dynamic_due.saturating_sub(whole.into());
        self.static_due = self.static_due.saturating_sub((format == Format::Ir).into());
        Ok(format)
    }

    /// Sets the control fields, from how the packet differs from the one before.
    fn control_fields(&mut self, packet: &Packet<'_>, fields: &mut Fields) {
        fields.msn = self.msn.wrapping_add(1);
        fields.ip_id_behavior = if packet.layout.version() == 4 {
            self.ip_id.observe(fields.ip_id)
        } else {
            Default::default()
        };
        let mut ecn_changed = false;
        if let Some(old) = self.window.newest().map(|old| old.fields) {
            self.stride.observe(fields.ack_number.wrapping_sub(old.ack_number));
            ecn_changed = fields.ip_ecn_flags != old.ip_ecn_flags
                || fields.tcp_ecn_flags != old.tcp_ecn_flags
                || fields.tcp_res_flags != old.tcp_res_flags;
        }
        if !self.layout.is_plain() {
            let changes = self.layout.changes(packet.chain(), &self.chain);
            ecn_changed |= changes.outer_tos;
            if changes.outer_ttl {
                self.outer_ttl_due = self.repetitions;
            }
            if changes.dynamic {
                self.layout.settle_outer_behavior(packet.chain());
                self.dynamic_due = self.repetitions;
            }
            self.chain[..packet.chain().len()].copy_from_slice(packet.chain());
        }
        self.ecn_quiet = if ecn_changed { 0 } else { self.ecn_quiet.saturating_add(1) };
        self.ecn_used = ecn_changed || self.ecn_used && self.ecn_quiet < ECN_QUIET;
        fields.ack_stride = self.stride.current();
        fields.ecn_used = self.ecn_used;
    }

    fn choose(&self, new: &Reference, plan: &Plan) -> Choice {
        let fields = &new.fields;
        if self.static_due > 0 {
            return Choice::Ir;
        }
        if self.dynamic_due > 0 || formats::rsf_index(fields.rsf_flags).is_none() {
            return Choice::IrDyn;
        }
        let references = self.window.states();
        let needed = self.needed(new, plan);
        let set = if fields.ip_id_behavior.is_sequential() { &formats::SEQ } else { &formats::RND };
        let row = set.iter().find(|row| row.tells.includes(needed) && row.says(new, references));
        if let Some(row) = row
            && row.format.crc_bits() == 3
        {
            return Choice::Base(row);
        }
        let present = self.present(fields);
        match row {
            Some(row) if row.length <= present.length(fields.ip_id_behavior) => Choice::Base(row),
            _ => Choice::CoCommon(present),
        }
    }

    /// What has to be told so that every state of the window becomes this packet's.
    fn needed(&self, new: &Reference, plan: &Plan) -> Told {
        let fields = &new.fields;
        let mut needed = Told::LIST
            .when(plan.list_present)
            .with(Told::RSF.when(fields.rsf_flags != 0))
            .with(Told::COMMON.when(!fields.ack_flag || fields.urg_flag || self.outer_ttl_due > 0));
        for Reference { fields: old, rare, .. } in self.window.states() {
            needed = needed
                .with(Told::SEQ.when(fields.seq_number != old.seq_number))
                .with(Told::ACK.when(fields.ack_number != old.ack_number))
                .with(Told::WINDOW.when(fields.window != old.window));
            if new.rare != *rare {
                needed = needed.with(rare_changes(fields, old));
            }
        }
        needed
    }

    /// The optional fields that `co_common` needs.
    fn present(&self, new: &Fields) -> Present {
        let olds = || self.window.states().iter().map(|old| &old.fields);
        let any = |differs: &dyn Fn(&Fields) -> bool| olds().any(differs);
        let offset = new.ip_id_offset();
        Present {
            ttl_hopl_outer_flag: self.outer_ttl_due > 0,
            seq_indicator: Length32::shortest(new.seq_number, olds().map(|old| old.seq_number)),
            ack_indicator: Length32::shortest(new.ack_number, olds().map(|old| old.ack_number)),
            ack_stride_indicator: any(&|old| old.ack_stride != new.ack_stride),
            window_indicator: any(&|old| old.window != new.window),
            ip_id_indicator: any(&|old| {
                old.ip_id_behavior != new.ip_id_behavior
                    || !co_common::short_ip_id_reaches(offset, old.ip_id_offset())
            }),
            urg_ptr_present: any(&|old| old.urg_ptr != new.urg_ptr),
            dscp_present: any(&|old| old.dscp != new.dscp),
            ttl_hopl_present: any(&|old| old.ttl_hopl != new.ttl_hopl),
        }
    }

    fn write(
        &mut self,
        packet: &Packet<'_>,
        choice: Choice,
        new: &Reference,
        plan: &Plan,
        w: &mut Writer<'_>,
    ) -> Result<Format, Error> {
        let old = self.window.newest().copied().unwrap_or_default().fields;
        let mut base = Base {
            fields: new.fields,
            ip_id_offset: new.ip_id_offset,
            seq_scaled: Some(new.seq.scaled),
            ack_scaled: new.ack.scaled,
            header_crc: 0,
            list_present: plan.list_present,
        };
        let format = match choice {
            Choice::Ir => Format::Ir,
            Choice::IrDyn => Format::IrDyn,
            Choice::CoCommon(_) => Format::CoCommon,
            Choice::Base(row) => row.format,
        };
        let mut irregular =
            Irregular { ecn_used: new.fields.ecn_used, ttl_irregular_chain_flag: false };
        match choice {
            Choice::Ir | Choice::IrDyn => {
                self.write_ir(format, &mut base.fields, plan, w)?;
                w.octets_of(packet.payload)?;
                return Ok(format);
            }
            Choice::CoCommon(mut present) => {
                base.header_crc = format.header_crc(packet.header());
                irregular.ttl_irregular_chain_flag = present.ttl_hopl_outer_flag;
                present.code(w, &mut base, &old, self.layout.version())?;
            }
            Choice::Base(row) => {
                base.header_crc = format.header_crc(packet.header());
                row.code(w, &mut base, &old)?;
            }
        }
        let ack_number = new.fields.ack_number;
        if plan.list_present && matches!(format, Format::CoCommon | Format::Rnd8 | Format::Seq8) {
            self.options.write_list(w, plan, false, ack_number)?;
        }
        self.layout.irregular_chain(w, &mut self.chain, &mut base.fields, irregular)?;
        tcp::irregular(w, &mut base.fields)?;
        self.options.write_irregular(w, plan, ack_number)?;
        w.octets_of(packet.payload)?;
        Ok(format)
    }

    /// IR or IR-DYN; the CRC is filled in when the CID is in place.
    fn write_ir(
        &mut self,
        format: Format,
        fields: &mut Fields,
        plan: &Plan,
        w: &mut Writer<'_>,
    ) -> Result<(), Error> {
        ir::write_start(w, format)?;
        self.layout.put_innermost(&mut self.chain, fields);
        if format == Format::Ir {
            self.layout.static_chain(w, &mut self.chain)?;
            tcp::static_item(w, fields)?;
        }
        self.layout.dynamic_chain(w, &mut self.chain, fields)?;
        tcp::dynamic(w, fields)?;
        self.options.write_list(w, plan, true, fields.ack_number)
    }
}

/// What has to be told of a difference in the fields of [`Fields::rare`].
fn rare_changes(new: &Fields, old: &Fields) -> Told {
    let common = new.dscp != old.dscp
        || new.df != old.df
        || new.urg_ptr != old.urg_ptr
        // The reference library takes these two for static where the standard has defaults.
        || new.ack_flag != old.ack_flag
        || new.urg_flag != old.urg_flag
        || new.ack_stride != old.ack_stride
        || new.ip_id_behavior != old.ip_id_behavior;
    Told::COMMON
        .when(common)
        .with(Told::TTL.when(new.ttl_hopl != old.ttl_hopl))
        .with(Told::ECN_USED.when(new.ecn_used != old.ecn_used))
}
