//! What a third station makes of frames: which sections, whose ACKs, how many. It needs no native
//! ACKs, for directories are plain bits. docs/ack-group.md sections 2 and 3.

use super::directory::{self, Group, MAX_FLOWS, Source};
use super::frame::{Frame, MAX_SECTIONS, SectionNumber};
use super::range_coder::Decoder;

/// A frame as it can be read without knowing what rides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Whether the first section starts a chain.
    pub starts_chain: bool,
    /// The sections.
    pub sections: Vec<ListedSection>,
    /// CRC-16 over the chain, as the frame says.
    pub crc: u16,
}

/// A section of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSection {
    /// Its number, modulo 32.
    pub number: u8,
    /// Bytes.
    pub len: usize,
    /// Whether an earlier frame had it already.
    pub repeated: bool,
    /// Its flows; none if sections before it were missed, so that nobody knows how many flows its
    /// directory is about, or if it is no section.
    pub flows: Option<Vec<ListedFlow>>,
}

/// The ACKs of one flow in a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedFlow {
    /// Rank of the flow in the chain; none if it is new there.
    pub rank: Option<u8>,
    /// CID of a new flow.
    pub cid: Option<u8>,
    /// How many.
    pub acks: usize,
}

impl Listing {
    /// ACKs that no earlier frame had; none if that cannot be told.
    pub fn new_acks(&self) -> Option<usize> {
        let new = self.sections.iter().filter(|section| !section.repeated);
        new.map(|section| Some(section.flows.as_ref()?.iter().map(|flow| flow.acks).sum::<usize>()))
            .sum()
    }
}

/// Listens to the frames of one station to another.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    chain: Option<Heard>,
}

/// A chain that was heard from its start.
#[derive(Debug, Clone)]
struct Heard {
    flows: usize,
    next: SectionNumber,
    /// The flows of the last sections, the newest last.
    last: Vec<(SectionNumber, Option<Vec<ListedFlow>>)>,
    /// The bytes of the first of the present frame.
    start: Vec<u8>,
}

impl Listener {
    /// Lists a frame; `None` if it is not laid out as one.
    pub fn hear(&mut self, bytes: &[u8]) -> Option<Listing> {
        let frame = Frame::parse(bytes)?;
        let behind = self.behind(&frame);
        let mut sections = vec![];
        for (at, section) in frame.sections().iter().enumerate() {
            let number = frame.first.after(at);
            let listed = match (&mut self.chain, behind) {
                (Some(chain), Some(behind)) if at < behind => chain.again(number),
                (Some(chain), Some(_)) => chain.go_on(number, section),
                _ => None,
            };
            let (repeated, flows) = (behind.is_some_and(|behind| at < behind), listed);
            sections.push(ListedSection {
                number: number.value(),
                len: section.len(),
                repeated,
                flows,
            });
        }
        Some(Listing { starts_chain: frame.starts_chain, sections, crc: frame.crc.0 })
    }

    /// How many sections of a frame were heard before; `None` if some before it were not. A chain
    /// that it starts begins here.
    fn behind(&mut self, frame: &Frame<'_>) -> Option<usize> {
        let behind = |chain: &Heard| chain.next.since(frame.first);
        if frame.starts_chain {
            let is_again = |chain: &&Heard| {
                let behind = behind(chain);
                behind > 0 && behind == chain.last.len() && chain.start == frame.sections()[0]
            };
            if self.chain.as_ref().filter(is_again).is_none() {
                let start = frame.sections()[0].to_vec();
                self.chain = Some(Heard { flows: 0, next: frame.first, last: vec![], start });
            }
        }
        self.chain.take_if(|chain| behind(chain) > chain.last.len());
        self.chain.as_ref().map(behind)
    }
}

impl Heard {
    /// The flows of a section that was heard before.
    fn again(&self, number: SectionNumber) -> Option<Vec<ListedFlow>> {
        let (_, flows) = self.last.iter().find(|(known, _)| *known == number)?;
        flows.clone()
    }

    /// The flows of the next section.
    fn go_on(&mut self, number: SectionNumber, section: &[u8]) -> Option<Vec<ListedFlow>> {
        let mut groups = vec![];
        let read = directory::code(&mut Decoder::new(section), self.flows, &mut groups);
        let flows = read.ok().map(|()| groups.iter().map(ListedFlow::from).collect::<Vec<_>>());
        let new = flows.iter().flatten().filter(|flow| flow.cid.is_some()).count();
        self.flows = (self.flows + new).min(MAX_FLOWS);
        if self.last.len() == MAX_SECTIONS {
            self.last.remove(0);
        }
        self.last.push((number, flows.clone()));
        self.next = number.after(1);
        flows
    }
}

impl From<&Group> for ListedFlow {
    fn from(group: &Group) -> Self {
        let (rank, cid) = match group.source {
            Source::Rank(rank) => (Some(rank as u8), None),
            Source::New { cid, .. } => (None, Some(cid)),
        };
        Self { rank, cid, acks: group.count }
    }
}
