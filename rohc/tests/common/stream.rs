//! ACKs as a host would send them, made up.

/// A receiver of one TCP flow, whose ACKs are made on demand.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Of the client, which names the flow.
    pub port: u16,
    /// IPv6 instead of IPv4.
    pub is_ipv6: bool,
    /// Whether there are timestamps.
    pub has_timestamps: bool,
    /// What becomes of the IP-ID.
    pub ip_id: IpId,
    /// Next sequence number, acknowledgment number, window, TSval and TSecr.
    pub seq: u32,
    pub ack: u32,
    pub window: u16,
    pub tsval: u32,
    pub tsecr: u32,
    /// ECE, CWR and PSH.
    pub flags: u8,
    pub tos: u8,
    pub ttl: u8,
    /// SACK blocks.
    pub sack: Vec<(u32, u32)>,
    id: u16,
}

/// How a host numbers its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpId {
    /// Each one more than the last.
    Counts,
    /// Zero in all of them.
    Zero,
    /// As if at random.
    Random,
}

impl Flow {
    /// A flow of IPv4 with timestamps.
    pub fn new(port: u16) -> Self {
        Self {
            port,
            is_ipv6: false,
            has_timestamps: true,
            ip_id: IpId::Counts,
            seq: 1000,
            ack: 0x1000_0000,
            window: 4000,
            tsval: 77_000,
            tsecr: 99_000,
            flags: 0,
            tos: 0,
            ttl: 64,
            sack: vec![],
            id: port,
        }
    }

    /// Bytes of data in a full segment.
    pub fn mss(&self) -> u32 {
        let ip = if self.is_ipv6 { 40 } else { 20 };
        1500 - ip - 20 - if self.has_timestamps { 12 } else { 0 }
    }

    /// The ACK of the present state.
    pub fn packet(&mut self) -> Vec<u8> {
        self.id = match self.ip_id {
            IpId::Counts => self.id.wrapping_add(1),
            IpId::Zero => 0,
            IpId::Random => self.id.wrapping_mul(25173).wrapping_add(13849),
        };
        let mut tcp = vec![];
        tcp.extend(self.port.to_be_bytes());
        tcp.extend(5201u16.to_be_bytes());
        tcp.extend(self.seq.to_be_bytes());
        tcp.extend(self.ack.to_be_bytes());
        tcp.extend([0, 0x10 | self.flags]);
        tcp.extend(self.window.to_be_bytes());
        tcp.extend([0; 4]);
        if self.has_timestamps {
            tcp.extend([1, 1, 8, 10]);
            tcp.extend(self.tsval.to_be_bytes());
            tcp.extend(self.tsecr.to_be_bytes());
        }
        if !self.sack.is_empty() {
            tcp.extend([1, 1, 5, 2 + 8 * self.sack.len() as u8]);
            for (left, right) in &self.sack {
                tcp.extend(left.to_be_bytes());
                tcp.extend(right.to_be_bytes());
            }
        }
        tcp[12] = (tcp.len() / 4) as u8 * 16;
        self.with_ip(&mut tcp)
    }

    fn with_ip(&self, tcp: &mut [u8]) -> Vec<u8> {
        let mut ip = vec![];
        if self.is_ipv6 {
            ip.extend([0x60 | self.tos >> 4, self.tos << 4, 0x12, 0x34]);
            ip.extend((tcp.len() as u16).to_be_bytes());
            ip.extend([6, self.ttl]);
            let host = |last| [0xfd, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
            ip.extend(host(2));
            ip.extend(host(1));
        } else {
            ip.extend([0x45, self.tos]);
            ip.extend((20 + tcp.len() as u16).to_be_bytes());
            ip.extend(self.id.to_be_bytes());
            ip.extend([0x40, 0, self.ttl, 6, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1]);
            let checksum = !sum(&ip);
            ip[10..12].copy_from_slice(&checksum.to_be_bytes());
        }
        let mut pseudo = ip[if self.is_ipv6 { 8 } else { 12 }..].to_vec();
        pseudo.extend((tcp.len() as u32).to_be_bytes());
        pseudo.extend([0, 0, 0, 6]);
        pseudo.extend(&*tcp);
        let checksum = match !sum(&pseudo) {
            0 => 0xffff,
            checksum => checksum,
        };
        tcp[16..18].copy_from_slice(&checksum.to_be_bytes());
        ip.extend(&*tcp);
        ip
    }
}

fn sum(bytes: &[u8]) -> u16 {
    let sum = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum::<u32>();
    let sum = (sum >> 16) + (sum & 0xffff);
    ((sum >> 16) + (sum & 0xffff)) as u16
}

/// A seeded generator, so that each run is the same.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// A generator of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (((self.0 >> 32) * u64::from(limit)) >> 32) as u32
    }

    /// Whether one of `count` equally likely things happens.
    pub fn one_in(&mut self, count: u32) -> bool {
        self.below(count) == 0
    }
}

/// ACKs of several flows as a busy download makes them: mostly regular, with odd strides, window
/// changes, SACK episodes, ECN marks and clock ticks.
pub fn busy(flows: &mut [Flow], count: usize, dice: &mut Dice) -> Vec<Vec<u8>> {
    let mut packets = vec![];
    let mut at = 0;
    while packets.len() < count {
        if dice.one_in(3) {
            at = dice.below(flows.len() as u32) as usize;
        }
        if dice.one_in(4) {
            flows.iter_mut().for_each(|flow| flow.tsval = flow.tsval.wrapping_add(1));
        }
        advance(&mut flows[at], dice);
        packets.push(flows[at].packet());
    }
    packets
}

/// What may happen between two ACKs of a flow.
fn advance(flow: &mut Flow, dice: &mut Dice) {
    let mss = flow.mss();
    let most = if flow.has_timestamps { 3 } else { 4 };
    match dice.below(100) {
        0..70 if flow.sack.is_empty() => flow.ack = flow.ack.wrapping_add(2 * mss),
        70..80 if flow.sack.is_empty() => {
            flow.ack = flow.ack.wrapping_add(mss * (1 + dice.below(45)));
        }
        80..83 => {
            // A block more, above all others.
            let top = flow.sack.iter().map(|block| block.1.wrapping_sub(flow.ack)).max();
            let left =
                flow.ack.wrapping_add(top.unwrap_or(0)).wrapping_add(mss * (1 + dice.below(3)));
            flow.sack.insert(0, (left, left.wrapping_add(mss)));
            flow.sack.truncate(most);
        }
        83..85 => {
            // All holes are filled.
            let top = flow.sack.iter().map(|block| block.1.wrapping_sub(flow.ack)).max();
            flow.ack = flow.ack.wrapping_add(top.unwrap_or(0));
            flow.sack.clear();
            flow.ack = flow.ack.wrapping_add(mss);
        }
        85 => {
            flow.flags ^= 0x40;
            flow.ack = flow.ack.wrapping_add(dice.below(3000) + 1);
        }
        86 => {
            flow.tos ^= 2;
            flow.ttl ^= 1;
            flow.seq = flow.seq.wrapping_add(dice.below(500));
            flow.ack = flow.ack.wrapping_add(2 * mss);
        }
        _ if flow.sack.is_empty() => {
            flow.window = flow.window.wrapping_add(dice.below(50) as u16).wrapping_sub(23);
            flow.ack = flow.ack.wrapping_add(2 * mss);
        }
        _ => flow.sack[0].1 = flow.sack[0].1.wrapping_add(mss),
    }
    if dice.one_in(8) {
        flow.tsecr = flow.tsecr.wrapping_add(dice.below(6));
    }
}
