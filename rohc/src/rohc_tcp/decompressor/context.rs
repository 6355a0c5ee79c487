//! The decompressor's context of one flow. Nothing in it changes until the CRC of a packet has proved
//! right.

use crate::Error;
use crate::rohc_tcp::base::Base;
use crate::rohc_tcp::co_common::{self, Present};
use crate::rohc_tcp::coder::Reader;
use crate::rohc_tcp::fields::Fields;
use crate::rohc_tcp::format::Format;
use crate::rohc_tcp::formats::{self, BaseHeader};
use crate::rohc_tcp::headers::{Irregular, Layout, MAX_CHAIN};
use crate::rohc_tcp::options::{ReceivedOptions, Receiver};
use crate::rohc_tcp::tcp;

/// The longest packet: what a length field can say.
const MAX_PACKET: usize = u16::MAX as usize;

/// The last packet of a flow, as far as the next ones refer to it.
#[derive(Debug, Clone)]
pub(super) struct Context {
    layout: Layout,
    chain: [u8; MAX_CHAIN],
    fields: Fields,
    options: Receiver,
}

/// The documentation promises this.
const _: () = assert!(size_of::<Context>() <= 1536);

/// A packet rebuilt in the caller's buffer, whose CRC has yet to be compared.
#[derive(Debug)]
pub(super) struct Rebuilt {
    pub format: Format,
    /// The header CRC of the packet; of IR and its kin, zero.
    pub header_crc: u8,
    pub header_length: usize,
    pub length: usize,
    /// Octets of the compressed packet that are payload.
    pub payload_length: usize,
    /// The headers before TCP, if they are not those of the context.
    layout: Option<Layout>,
    fields: Fields,
    options: ReceivedOptions,
}

impl Context {
    /// A context in which nothing is known.
    pub fn empty() -> Self {
        Self {
            layout: Layout::default(),
            chain: [0; MAX_CHAIN],
            fields: Fields::default(),
            options: Receiver::default(),
        }
    }

    /// The MSN of the last packet.
    pub fn msn(&self) -> u16 {
        self.fields.msn
    }

    /// Whether the last packet had the ACK flag.
    pub fn ack_flag(&self) -> bool {
        self.fields.ack_flag
    }

    /// The format of a compressed packet that begins with `first`.
    pub fn format(&self, first: u8) -> Result<Format, Error> {
        if u32::from(first >> 1) == co_common::DISCRIMINATOR {
            return Ok(Format::CoCommon);
        }
        self.row(first).map(|row| row.format)
    }

    fn row(&self, first: u8) -> Result<&'static BaseHeader, Error> {
        let sequential = self.fields.ip_id_behavior.is_sequential();
        BaseHeader::of(if sequential { &formats::SEQ } else { &formats::RND }, first)
    }

    /// Rebuilds a packet from a compressed header, of which `first` came before the CID. `ack_flag` is for
    /// formats that do not tell it.
    pub fn co(
        &self,
        first: u8,
        rest: &[u8],
        ack_flag: bool,
        packet: &mut [u8],
    ) -> Result<Rebuilt, Error> {
        let r = &mut Reader::after_cid("base header", first, rest);
        let mut base = Base::defaults(&self.fields, ack_flag);
        let mut ttl_irregular_chain_flag = false;
        let format = if u32::from(first >> 1) == co_common::DISCRIMINATOR {
            let mut present = Present::default();
            present.code(r, &mut base, &self.fields, self.layout.version())?;
            ttl_irregular_chain_flag = present.ttl_hopl_outer_flag;
            Format::CoCommon
        } else {
            let row = self.row(first)?;
            row.code(r, &mut base, &self.fields)?;
            row.format
        };
        let Base { mut fields, header_crc, seq_scaled, .. } = base;
        if fields.ip_id_behavior.is_sequential() {
            fields.set_ip_id_offset(base.ip_id_offset);
        }
        let mut options = ReceivedOptions::unchanged(&self.options);
        if base.list_present {
            options.read_list(r, fields.ack_number)?;
        }

        r.enter("irregular chain");
        let length = self.layout.length();
        let (room, needed) = (packet.len(), length + tcp::LENGTH);
        let chain = packet.get_mut(..length).ok_or(Error::Room { room, needed })?;
        chain.copy_from_slice(&self.chain[..length]);
        let irregular = Irregular { ecn_used: fields.ecn_used, ttl_irregular_chain_flag };
        self.layout.irregular_chain(r, chain, &mut fields, irregular)?;
        tcp::irregular(r, &mut fields)?;
        options.read_irregular(r, &self.options, fields.ack_number)?;

        let payload = r.rest();
        fields.payload_size = payload.len() as u32;
        if let Some(scaled) = seq_scaled {
            fields.seq_number = self.fields.seq_scaling().unscale(scaled, fields.payload_size);
        }
        let mut rebuilt = Rebuilt::new(format, fields, options);
        rebuilt.header_crc = header_crc;
        rebuilt.build(&self.layout, payload, packet)?;
        Ok(rebuilt)
    }

    /// Rebuilds a packet from what follows the CRC of an IR.
    pub fn ir(&self, r: &mut Reader<'_>, packet: &mut [u8]) -> Result<Rebuilt, Error> {
        r.enter("static chain");
        let mut chain = [0; MAX_CHAIN];
        let mut fields = Fields { ack_stride: self.fields.ack_stride, ..Fields::default() };
        let layout = Layout::read_static_chain(r, &mut chain)?;
        tcp::static_item(r, &mut fields)?;
        self.dynamic(r, Format::Ir, layout, &mut chain, fields, packet)
    }

    /// Rebuilds a packet from what follows the CRC of an IR-DYN.
    pub fn ir_dyn(&self, r: &mut Reader<'_>, packet: &mut [u8]) -> Result<Rebuilt, Error> {
        let mut chain = self.chain;
        self.dynamic(r, Format::IrDyn, self.layout, &mut chain, self.fields, packet)
    }

    fn dynamic(
        &self,
        r: &mut Reader<'_>,
        format: Format,
        mut layout: Layout,
        chain: &mut [u8],
        mut fields: Fields,
        packet: &mut [u8],
    ) -> Result<Rebuilt, Error> {
        r.enter("dynamic chain");
        layout.dynamic_chain(r, chain, &mut fields)?;
        layout.take_innermost(chain, &mut fields);
        tcp::dynamic(r, &mut fields)?;
        let mut options = ReceivedOptions::unchanged(&self.options);
        options.read_whole_list(r, fields.ack_number)?;
        Rebuilt::new(format, fields, options).build_on(layout, chain, r.rest(), packet)
    }

    /// Rebuilds a packet from the replicate chain of an IR-CR with this base context.
    pub fn ir_cr(&self, r: &mut Reader<'_>, packet: &mut [u8]) -> Result<Rebuilt, Error> {
        r.enter("replicate chain");
        let mut chain = [0; MAX_CHAIN];
        let mut fields = self.fields;
        let old = &self.chain;
        let layout = self.layout.read_replicate_chain(r, old, &mut chain, &mut fields)?;
        layout.take_innermost(&chain, &mut fields);
        let mut options = ReceivedOptions::unchanged(&self.options);
        if tcp::replicate(r, &mut fields, &self.fields)? {
            options.read_list(r, fields.ack_number)?;
        }
        options.fill(&self.options)?;
        Rebuilt::new(Format::IrCr, fields, options).build_on(layout, &chain, r.rest(), packet)
    }

    /// Takes over a packet whose CRC was right.
    pub fn commit(&mut self, rebuilt: &Rebuilt, packet: &[u8]) {
        if let Some(layout) = rebuilt.layout {
            self.layout = layout;
        }
        let length = self.layout.length();
        self.chain[..length].copy_from_slice(&packet[..length]);
        self.fields = rebuilt.fields;
        self.options.commit(&rebuilt.options);
    }
}

impl Rebuilt {
    fn new(format: Format, fields: Fields, options: ReceivedOptions) -> Self {
        Self {
            format,
            header_crc: 0,
            header_length: 0,
            length: 0,
            payload_length: 0,
            layout: None,
            fields,
            options,
        }
    }

    /// Builds a packet on headers that are not in its buffer yet, nor in the context.
    fn build_on(
        mut self,
        layout: Layout,
        chain: &[u8],
        payload: &[u8],
        packet: &mut [u8],
    ) -> Result<Self, Error> {
        let length = layout.length();
        let (room, needed) = (packet.len(), length + tcp::LENGTH);
        let target = packet.get_mut(..length).ok_or(Error::Room { room, needed })?;
        target.copy_from_slice(&chain[..length]);
        self.fields.payload_size = payload.len() as u32;
        self.build(&layout, payload, packet)?;
        self.layout = Some(layout);
        Ok(self)
    }

    /// Puts a packet together whose headers before TCP are in its buffer, apart from what is in `fields`
    /// or inferred.
    fn build(&mut self, layout: &Layout, payload: &[u8], packet: &mut [u8]) -> Result<(), Error> {
        let options = self.options.octets()?;
        let tcp_start = layout.length();
        let header_length = tcp_start + tcp::LENGTH + options.len();
        let length = header_length + payload.len();
        let room = packet.len().min(MAX_PACKET);
        if length > room {
            return Err(Error::Room { room, needed: length });
        }
        let packet = &mut packet[..length];
        packet[header_length..].copy_from_slice(payload);
        layout.put_innermost(&mut packet[..tcp_start], &self.fields);
        let header = &mut packet[tcp_start..header_length];
        tcp::put(header, &self.fields, options.len());
        header[tcp::LENGTH..].copy_from_slice(options);
        layout.infer(packet);
        (self.header_length, self.length) = (header_length, length);
        self.payload_length = payload.len();
        Ok(())
    }
}
