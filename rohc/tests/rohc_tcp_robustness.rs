//! Loss, feedback and repair.

mod made;
mod random;

use made::{ipv4, ipv6};
use random::Random;
use rohc::Native;
use rohc::cid::CidSpace;
use rohc::feedback::{Feedback, Kind, MAX_LENGTH, split_element};
use rohc::rohc_tcp::{
    Compressor, CompressorConfig, Decompressor, DecompressorConfig, Format, Mode, State,
};

const CIDS: CidSpace = CidSpace::small(15);

/// A compressor and a decompressor with a channel between them.
struct Channel {
    compressor: Compressor,
    decompressor: Decompressor,
    wire: Vec<u8>,
    packet: Vec<u8>,
}

impl Channel {
    fn new(feedback: bool) -> Self {
        Self {
            compressor: Compressor::new(CompressorConfig {
                ir_refresh: None,
                ir_dyn_refresh: None,
                ..CompressorConfig::default()
            }),
            decompressor: Decompressor::new(DecompressorConfig { cids: CIDS, feedback }),
            wire: vec![0; 2000],
            packet: vec![0; 2000],
        }
    }

    /// Sends a packet, which may get lost; whether it arrived as it was, and its format.
    fn send(&mut self, source: &[u8], lost: bool) -> (Option<bool>, Format) {
        let compressed = self.compressor.compress(source, &mut self.wire).expect("compressible");
        if lost {
            return (None, compressed.format);
        }
        let wire = &self.wire[..compressed.length];
        let done = self.decompressor.decompress(wire, &mut self.packet);
        let arrived = match done {
            Ok(Some(done)) => self.packet[..done.length] == *source,
            _ => false,
        };
        self.feed_back();
        (Some(arrived), compressed.format)
    }

    /// Brings feedback to the compressor.
    fn feed_back(&mut self) {
        let mut wire = [0; MAX_LENGTH];
        if let Some(feedback) = self.decompressor.poll_feedback() {
            let length = feedback.write(CIDS, &mut wire).expect("long enough");
            let element = split_element(&wire[..length]).expect("whole").expect("feedback");
            self.compressor.feedback(element.data).expect("right");
        }
    }
}

/// ACKs of a download with all that changes in one.
struct Acks {
    v6: bool,
    random: Random,
    number: u32,
    ack: u32,
    window: u16,
    clock: u32,
}

impl Acks {
    fn new(seed: u64) -> Self {
        Self {
            v6: seed.is_multiple_of(2),
            random: Random(seed),
            number: 0,
            ack: 0xffff_0000,
            window: 500,
            clock: 77,
        }
    }

    fn next(&mut self) -> Vec<u8> {
        let random = &mut self.random;
        self.number += 1;
        self.ack = self.ack.wrapping_add(1448 * random.below(4) as u32);
        self.window = self.window.wrapping_add(u16::from(random.below(9) == 0) * 13);
        self.clock += random.below(3) as u32 / 2;
        let mut options = vec![1, 1, 8, 10];
        options.extend(self.clock.to_be_bytes());
        options.extend((self.clock / 2).to_be_bytes());
        if self.number % 64 > 50 {
            options.extend([1, 1, 5, 10]);
            options.extend(self.ack.wrapping_add(1448).to_be_bytes());
            options.extend(self.ack.wrapping_add(1448 * (self.number % 64)).to_be_bytes());
        }
        let mut tcp = vec![0x9c, 0x40, 0x14, 0x51, 0, 0, 0, 1];
        tcp.extend(self.ack.to_be_bytes());
        tcp.extend([(20 + options.len()) as u8 * 4, 0x10]);
        tcp.extend(self.window.to_be_bytes());
        tcp.extend([random.octet(), random.octet(), 0, 0]);
        tcp.extend(options);
        if self.v6 { ipv6(&tcp, 6, 1) } else { ipv4(&tcp, 6, self.number as u16, 1) }
    }
}

#[test]
fn one_packet_less_than_the_repetitions_may_be_lost_in_a_row() {
    for seed in 0..40 {
        let mut channel = Channel::new(false);
        let mut acks = Acks::new(seed);
        let mut random = Random(seed + 1000);
        let mut burst = 0;
        for number in 0..500 {
            // The first packet of a flow cannot be inferred from any other.
            let lost = number > 0 && burst < 3 && random.below(3) == 0;
            burst = if lost { burst + 1 } else { 0 };
            let (arrived, format) = channel.send(&acks.next(), lost);
            assert_ne!(arrived, Some(false), "seed {seed}, packet {number}, {format}");
        }
    }
}

#[test]
fn negative_feedback_repairs_the_context_after_a_long_burst() {
    let mut channel = Channel::new(true);
    let mut acks = Acks::new(3);
    for number in 0..2000u32 {
        let lost = number % 200 > 150;
        let (arrived, _) = channel.send(&acks.next(), lost);
        // A dozen packets to notice the damage, one to mend it.
        if number % 200 < 150 && number % 200 > 12 {
            assert_eq!(arrived, Some(true), "packet {number}");
        }
    }
    assert_eq!(channel.compressor.mode(0), Some(Mode::Optimistic));
}

#[test]
fn a_decompressor_that_starts_late_asks_for_the_static_context() {
    let mut channel = Channel::new(true);
    let mut acks = Acks::new(4);
    for _ in 0..20 {
        channel.send(&acks.next(), true);
    }
    assert_eq!(channel.send(&acks.next(), false).0, Some(false));
    assert_eq!(channel.decompressor.state(0), State::NoContext);
    assert_eq!(channel.send(&acks.next(), false), (Some(true), Format::Ir));
    assert_eq!(channel.decompressor.state(0), State::FullContext);
}

#[test]
fn an_acknowledgment_ends_the_repetition_of_ir() {
    let mut channel = Channel::new(true);
    let mut acks = Acks::new(5);
    assert_eq!(channel.send(&acks.next(), false).1, Format::Ir);
    assert_ne!(channel.send(&acks.next(), false).1, Format::Ir);
    let mut channel = Channel::new(false);
    let irs = (0..6).filter(|_| channel.send(&acks.next(), false).1 == Format::Ir).count();
    assert_eq!(irs, 4);
}

#[test]
fn a_rejected_flow_goes_native() {
    let mut channel = Channel::new(false);
    let mut acks = Acks::new(6);
    channel.send(&acks.next(), false);
    let reject = Feedback { reject: true, ..Feedback::new(0, Kind::StaticNack, None) };
    let mut wire = [0; MAX_LENGTH];
    let length = reject.write(CIDS, &mut wire).expect("long enough");
    let element = split_element(&wire[..length]).expect("whole").expect("feedback");
    channel.compressor.feedback(element.data).expect("right");
    let native = channel.compressor.compress(&acks.next(), &mut channel.wire).unwrap_err();
    assert_eq!(native, Native::Rejected);
}

#[test]
fn refreshes_come_when_they_are_due_in_u_mode() {
    let config = CompressorConfig {
        ir_refresh: std::num::NonZeroU32::new(100),
        ir_dyn_refresh: std::num::NonZeroU32::new(30),
        ..CompressorConfig::default()
    };
    let mut compressor = Compressor::new(config);
    let mut acks = Acks::new(7);
    let mut wire = vec![0; 2000];
    let formats: Vec<Format> = (0..140)
        .map(|_| compressor.compress(&acks.next(), &mut wire).expect("compressible").format)
        .collect();
    let places = |format| (0..140).filter(|at| formats[*at] == format).collect::<Vec<_>>();
    assert_eq!(places(Format::Ir), [0, 1, 2, 3, 100, 101, 102, 103]);
    assert_eq!(
        places(Format::IrDyn),
        [30, 31, 32, 33, 60, 61, 62, 63, 90, 91, 92, 93, 120, 121, 122, 123]
    );
}

#[test]
fn feedback_in_front_of_a_packet_is_skipped() {
    let mut channel = Channel::new(false);
    let source = Acks::new(8).next();
    let compressed = channel.compressor.compress(&source, &mut channel.wire).expect("compressible");
    let mut wire = vec![0xe0, 0xf1, 0x12, 0xf0, 0x01, 0x34];
    wire.extend(&channel.wire[..compressed.length]);
    let done = channel.decompressor.decompress(&wire, &mut channel.packet).expect("right");
    assert_eq!(channel.packet[..done.expect("a packet").length], source[..]);
    assert_eq!(channel.decompressor.decompress(&wire[..6], &mut channel.packet), Ok(None));
}

#[test]
fn the_flow_that_was_idle_for_longest_gives_up_its_cid() {
    let mut compressor = Compressor::new(CompressorConfig {
        cids: CidSpace::small(1),
        ..CompressorConfig::default()
    });
    let mut wire = vec![0; 2000];
    let tcp = |port: u8| {
        let mut tcp = vec![0; 20];
        (tcp[1], tcp[12], tcp[13]) = (port, 0x50, 0x10);
        ipv4(&tcp, 6, 1, 1)
    };
    let mut cid = |port| compressor.compress(&tcp(port), &mut wire).expect("compressible").cid;
    assert_eq!([cid(1), cid(2), cid(1), cid(3), cid(1), cid(2)], [0, 1, 0, 1, 0, 1]);
}
