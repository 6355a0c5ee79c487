//! A pure TCP ACK as the fields that change from one to the next.
//!
//! A pure ACK is IPv4 without options or IPv6 without extension headers, then TCP with ACK and
//! none of SYN, FIN, RST and URG, no payload, and options laid out as all common hosts lay them
//! out: nothing, `NOP NOP Timestamps`, `NOP NOP SACK`, or the former two in this order. Checksums
//! are not looked at here: the compressor rebuilds the packet and compares.
//! docs/ack-group.md section 1.

/// A SACK block: left and right edge.
pub type Block = (u32, u32);

/// SACK blocks that fit in the options, without timestamps.
pub const MAX_BLOCKS: usize = 4;

/// Bytes of the TCP header without options.
pub const TCP_LEN: usize = 20;
/// Bytes of `NOP NOP Timestamps`.
pub const TIMESTAMPS_LEN: usize = 12;
/// What precedes the values of the timestamps option.
pub const TIMESTAMPS_HEAD: [u8; 4] = [1, 1, 8, 10];

/// The TCP flags that are in a pure ACK, and those that are not. The rest, ECN and PSH, may be.
const ACK: u16 = 0x010;
const SYN_FIN_RST_URG: u16 = 0x027;

/// What changes between the ACKs of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// IPv4 TOS or IPv6 traffic class.
    pub tos: u8,
    /// IPv4 TTL or IPv6 hop limit.
    pub ttl: u8,
    /// IPv4 identification; zero in IPv6.
    pub ip_id: u16,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgment number.
    pub ack: u32,
    /// The twelve bits after the data offset.
    pub flags: u16,
    /// Window, unscaled.
    pub window: u16,
    /// Whether there are timestamps. Does not change within a flow's context.
    pub has_timestamps: bool,
    /// TSval, or zero.
    pub tsval: u32,
    /// TSecr, or zero.
    pub tsecr: u32,
    /// SACK blocks.
    pub sack: Sack,
}

/// SACK blocks in the order of the option.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sack {
    len: u8,
    blocks: [Block; MAX_BLOCKS],
}

impl PartialEq for Sack {
    fn eq(&self, other: &Self) -> bool {
        self.blocks() == other.blocks()
    }
}

impl Eq for Sack {}

impl Sack {
    /// Reads `NOP NOP SACK`.
    fn parse(option: &[u8]) -> Option<Self> {
        let (head, blocks) = option.split_first_chunk::<4>()?;
        let (blocks, odd) = blocks.as_chunks::<8>();
        if blocks.is_empty() || blocks.len() > MAX_BLOCKS || !odd.is_empty() {
            return None;
        }
        let mut sack = Self::default();
        blocks.iter().for_each(|block| sack.push((be32(block, 0), be32(block, 4))));
        (*head == sack_head(&sack)).then_some(sack)
    }

    /// The blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks[..usize::from(self.len)]
    }

    /// Appends a block if there is room for it.
    pub fn push(&mut self, block: Block) {
        if let Some(place) = self.blocks.get_mut(usize::from(self.len)) {
            *place = block;
            self.len += 1;
        }
    }

    /// By how much the right edge of the first block has moved, if nothing else has changed.
    pub fn growth_since(&self, earlier: &Self) -> Option<u32> {
        let (first, others) = self.blocks().split_first()?;
        let (was, others_were) = earlier.blocks().split_first()?;
        (first.0 == was.0 && others == others_were).then(|| first.1.wrapping_sub(was.1))
    }

    /// The blocks, the right edge of the first one moved.
    pub fn grown(mut self, growth: u32) -> Self {
        self.blocks[0].1 = self.blocks[0].1.wrapping_add(growth);
        self
    }

    /// Bytes of `NOP NOP SACK`, or none.
    pub fn option_len(&self) -> usize {
        if self.len == 0 { 0 } else { 4 + 8 * usize::from(self.len) }
    }
}

impl Fields {
    /// The fields where none are known.
    pub const NOTHING: Self = Self {
        tos: 0,
        ttl: 0,
        ip_id: 0,
        seq: 0,
        ack: 0,
        flags: 0,
        window: 0,
        has_timestamps: false,
        tsval: 0,
        tsecr: 0,
        sack: Sack { len: 0, blocks: [(0, 0); MAX_BLOCKS] },
    };

    /// Reads a packet, `None` if it is no pure ACK.
    #[inline(always)]
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let (ip_len, tos, ttl, ip_id) = match packet.first()? >> 4 {
            4 => {
                let header = packet.first_chunk::<20>()?;
                let len = usize::from(be16(header, 2));
                if header[0] != 0x45 || len != packet.len() {
                    return None;
                }
                (20, header[1], header[8], be16(header, 4))
            }
            6 => {
                let header = packet.first_chunk::<40>()?;
                if usize::from(be16(header, 4)) + 40 != packet.len() {
                    return None;
                }
                (40, header[0] << 4 | header[1] >> 4, header[7], 0)
            }
            _ => return None,
        };
        let tcp = &packet[ip_len..];
        let (header, mut options) = tcp.split_first_chunk::<TCP_LEN>()?;
        let offset_flags = be16(header, 12);
        let flags = offset_flags & 0xfff;
        let is_whole = usize::from(offset_flags >> 12) * 4 == tcp.len();
        if !is_whole || flags & (ACK | SYN_FIN_RST_URG) != ACK || be16(header, 18) != 0 {
            return None;
        }
        let mut timestamps = None;
        if let Some((option, rest)) = options.split_first_chunk::<TIMESTAMPS_LEN>()
            && option[..4] == TIMESTAMPS_HEAD
        {
            timestamps = Some((be32(option, 4), be32(option, 8)));
            options = rest;
        }
        let sack = if options.is_empty() { Sack::default() } else { Sack::parse(options)? };
        let (tsval, tsecr) = timestamps.unwrap_or_default();
        Some(Self {
            tos,
            ttl,
            ip_id,
            seq: be32(header, 4),
            ack: be32(header, 8),
            flags,
            window: be16(header, 14),
            has_timestamps: timestamps.is_some(),
            tsval,
            tsecr,
            sack,
        })
    }

    /// Bytes of the packet's TCP header.
    pub fn tcp_len(&self) -> usize {
        let timestamps = if self.has_timestamps { TIMESTAMPS_LEN } else { 0 };
        TCP_LEN + timestamps + self.sack.option_len()
    }

    /// Whether an ACK after `earlier` can be told from all that came before it: its IP-ID is
    /// another, or it acknowledges more, or was sent later, or reports more. A copy of an ACK
    /// that was delivered can be dropped only if no other ACK looks the same.
    #[inline(always)]
    pub fn is_distinct_after(&self, earlier: &Self) -> bool {
        let is_later = |a: u32, b: u32| (a.wrapping_sub(b) as i32) > 0;
        self.ip_id != earlier.ip_id
            || is_later(self.ack, earlier.ack)
            || self.ack == earlier.ack
                && (is_later(self.tsval, earlier.tsval)
                    || self.tsval == earlier.tsval && is_later(self.highest(), earlier.highest()))
    }

    /// The highest number that is acknowledged, selectively or not.
    #[cold]
    fn highest(&self) -> u32 {
        let edges = self.sack.blocks().iter().map(|block| block.1);
        let is_later = |edge: u32, high: u32| (edge.wrapping_sub(high) as i32) > 0;
        edges.fold(self.ack, |high, edge| if is_later(edge, high) { edge } else { high })
    }
}

/// What precedes the blocks of a SACK option.
pub fn sack_head(sack: &Sack) -> [u8; 4] {
    [1, 1, 5, 2 + 8 * sack.len]
}

fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
