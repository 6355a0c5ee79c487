//! The compressor's item table: which items and which list the decompressor surely has, by the number of
//! times that they were sent.

use super::item::{self, Circumstances, Timestamps};
use super::list::List;
use super::{Item, MAX_ITEMS, TABLE, index, kind};
use crate::rohc_tcp::coder::Writer;
use crate::rohc_tcp::window::Window;
use crate::{Error, Native};

/// What the compressor knows of a flow's options, and of what the decompressor knows.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    list: List,
    /// How often the list has been sent since it changed.
    list_told: u8,
    /// Packets with this list, thus with all of its items.
    list_age: usize,
    entries: [Entry; TABLE],
    timestamps: Window<Timestamps>,
    repetitions: u8,
    /// Packets so far, to tell which generic item has not been used for longest.
    clock: u32,
}

/// An item and what is known of it.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    item: Item,
    /// How often it went with a list since the irregular chain last did not suffice.
    told: u8,
    /// How often this very content was sent.
    content_told: u8,
    option_static: bool,
    used: u32,
}

/// What to send of a packet's options.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    list: List,
    /// The items that have to go with a list.
    present: u16,
    /// Whether there has to be a list.
    pub list_present: bool,
}

impl Sender {
    /// Nothing known; everything is to be sent `repetitions` times.
    pub fn new(repetitions: u8) -> Self {
        Self {
            list: List::default(),
            list_told: 0,
            list_age: 0,
            entries: [Entry::default(); TABLE],
            timestamps: Window::new(repetitions.into()),
            repetitions,
            clock: 0,
        }
    }

    /// Enters a packet's options into the table.
    pub fn plan(&mut self, options: &[u8]) -> Result<Plan, Native> {
        self.clock = self.clock.wrapping_add(1);
        let mut list = List::default();
        let mut claimed = 0;
        let mut present = 0;
        let mut rest = options;
        while !rest.is_empty() {
            let (option, behind) = rest.split_at(option_length(rest)?);
            rest = behind;
            let index = self.index_for(option, claimed)?;
            self.enter(index, option);
            claimed |= 1 << index;
            let number = list.indexes().len();
            if !list.push(index) {
                return Err(Native::Options);
            }
            let untold = self.entries[usize::from(index)].told < self.repetitions;
            present |= u16::from(untold) << number;
        }
        if list != self.list {
            self.leave_list(&list);
            self.list = list;
            self.list_told = 0;
            self.list_age = 0;
        }
        let list_present = present != 0 || self.list_told < self.repetitions;
        Ok(Plan { list, present, list_present })
    }

    /// An item that leaves the list before it was sent often enough has to start anew: of packets that are
    /// not in a row, any number may be lost. So has one that is only told relative to what it was.
    fn leave_list(&mut self, next: &List) {
        for index in self.list.indexes() {
            if next.indexes().contains(index) {
                continue;
            }
            let entry = &mut self.entries[usize::from(*index)];
            if *index == index::TIMESTAMP {
                entry.told = 0;
                self.timestamps = Window::new(self.repetitions.into());
            }
            for times in [&mut entry.told, &mut entry.content_told] {
                if *times < self.repetitions {
                    *times = 0;
                }
            }
        }
    }

    /// The index of an option: its own, or a generic one. `claimed` are those that stand for other
    /// options of this packet.
    fn index_for(&self, option: &[u8], claimed: u16) -> Result<u8, Native> {
        let is = |index: u8| self.entries[usize::from(index)].item.as_slice() == option;
        let free = |index: &u8| claimed >> *index & 1 == 0 || is(*index);
        let reserved = item::reserved_index(option);
        if reserved.is_none() && item::is_reserved(option[0]) {
            return Err(Native::Options);
        }
        if let Some(index) = reserved.filter(|index| *index == index::NOP || free(index)) {
            return Ok(index);
        }
        let generic = || (index::GENERIC..TABLE as u8).filter(free);
        let item = |index: u8| &self.entries[usize::from(index)].item;
        let alike = |index: &u8| item(*index).as_slice().get(..2) == option.get(..2);
        generic()
            .find(|index| is(*index))
            .or_else(|| generic().find(alike))
            .or_else(|| {
                generic().max_by_key(|index| {
                    let entry = &self.entries[usize::from(*index)];
                    (entry.item.length == 0, self.clock.wrapping_sub(entry.used))
                })
            })
            .ok_or(Native::Options)
    }

    fn enter(&mut self, index: u8, option: &[u8]) {
        let timestamps = self.timestamps.states();
        let entry = &mut self.entries[usize::from(index)];
        entry.used = self.clock;
        if index == index::NOP || index != index::TIMESTAMP && entry.item.as_slice() == option {
            return;
        }
        let same_kind = entry.item.as_slice().get(..2) == option.get(..2);
        entry.item = Item::new(option);
        entry.content_told = 0;
        let irregular_suffices = match index {
            index::TIMESTAMP => item::timestamps_reach(&entry.item, timestamps),
            index::SACK => same_kind,
            index::GENERIC.. => same_kind && !entry.option_static,
            _ => false,
        };
        if !irregular_suffices {
            entry.told = 0;
            // An option whose content never changed is taken for one that never will.
            entry.option_static = !same_kind;
        }
    }

    /// Writes the compressed list; `whole` with every item, as in the dynamic chain.
    pub fn write_list(
        &self,
        w: &mut Writer<'_>,
        plan: &Plan,
        whole: bool,
        ack_number: u32,
    ) -> Result<(), Error> {
        let mut present = if whole { u16::MAX } else { plan.present };
        let mut list = plan.list;
        list.code(w, &mut present)?;
        for (number, index) in plan.list.indexes().iter().enumerate() {
            if present >> number & 1 != 0 {
                let Entry { mut item, mut option_static, .. } = self.entries[usize::from(*index)];
                item::list_item(w, *index, &mut item, &mut option_static, ack_number)?;
            }
        }
        Ok(())
    }

    /// Writes the options' part of the irregular chain.
    pub fn write_irregular(
        &self,
        w: &mut Writer<'_>,
        plan: &Plan,
        ack_number: u32,
    ) -> Result<(), Error> {
        for (number, &index) in plan.list.indexes().iter().enumerate() {
            if plan.present >> number & 1 == 0 && index >= index::TIMESTAMP {
                let entry = &self.entries[usize::from(index)];
                let circumstances = Circumstances {
                    ack_number,
                    option_static: entry.option_static,
                    unchanged: entry.content_told >= self.repetitions,
                    timestamps: self.timestamps.states(),
                };
                let mut item = entry.item;
                item::irregular(w, index, &mut item, circumstances)?;
            }
        }
        Ok(())
    }

    /// The options went to the other side; `whole` with every item.
    pub fn sent(&mut self, plan: &Plan, whole: bool) {
        let list_sent = whole || plan.list_present;
        self.list_told = self.list_told.saturating_add(list_sent.into());
        self.list_age += 1;
        let mut seen = 0;
        for (number, index) in plan.list.indexes().iter().enumerate() {
            if seen >> index & 1 != 0 {
                continue;
            }
            seen |= 1u16 << index;
            let entry = &mut self.entries[usize::from(*index)];
            let item_sent = whole || plan.present >> number & 1 != 0;
            entry.told = entry.told.saturating_add(item_sent.into());
            entry.content_told = entry.content_told.saturating_add(1);
            if *index == index::TIMESTAMP {
                self.timestamps.push(item::timestamps(&entry.item));
            }
        }
    }

    /// The decompressor has the last packet but `age`, and with it what did not change since.
    pub fn acknowledged(&mut self, age: usize) {
        if self.list_age <= age {
            return;
        }
        let sent = |times: u8| usize::from(times) > age;
        let enough = self.repetitions;
        let settle = |times: &mut u8| {
            if sent(*times) {
                *times = (*times).max(enough);
            }
        };
        settle(&mut self.list_told);
        for index in self.list.indexes() {
            let entry = &mut self.entries[usize::from(*index)];
            settle(&mut entry.told);
            settle(&mut entry.content_told);
        }
        self.timestamps.keep_newest(age + 1);
    }

    /// The decompressor may have lost everything.
    pub fn forget(&mut self) {
        *self = Self::new(self.repetitions);
    }
}

/// Length of the first option; of EOL, with all that follows it.
fn option_length(options: &[u8]) -> Result<usize, Native> {
    let length = match *options {
        [kind::NOP, ..] => 1,
        [kind::EOL, ..] if options.iter().all(|octet| *octet == 0) => options.len(),
        [kind::EOL, ..] | [_] | [] => return Err(Native::Options),
        [_, length, ..] => length.into(),
    };
    let shortest = if options[0] <= kind::NOP { 1 } else { 2 };
    if (shortest..=options.len()).contains(&length) { Ok(length) } else { Err(Native::Options) }
}

const _: () = assert!(MAX_ITEMS < u16::BITS as usize);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{ReceivedOptions, Receiver};
    use super::*;
    use crate::rohc_tcp::coder::Reader;

    const REPETITIONS: u8 = 3;

    /// Sends options by list, or by irregular chain where that is enough; what the other side has, if the
    /// packet is not lost.
    fn pass(
        sender: &mut Sender,
        receiver: &mut Receiver,
        options: &[u8],
        ack: u32,
        lost: bool,
    ) -> Option<Vec<u8>> {
        let plan = sender.plan(options).unwrap();
        let mut wire = [0; 200];
        let mut writer = Writer::new(&mut wire);
        if plan.list_present {
            sender.write_list(&mut writer, &plan, false, ack).unwrap();
        }
        sender.write_irregular(&mut writer, &plan, ack).unwrap();
        let written = writer.written();
        sender.sent(&plan, false);
        if lost {
            return None;
        }
        let mut reader = Reader::new("test", &wire[..written]);
        let mut received = ReceivedOptions::unchanged(receiver);
        if plan.list_present {
            received.read_list(&mut reader, ack).unwrap();
        }
        received.read_irregular(&mut reader, receiver, ack).unwrap();
        assert_eq!(reader.rest(), []);
        receiver.commit(&received);
        Some(received.octets().unwrap().to_vec())
    }

    fn option() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            Just(vec![1]),
            any::<[u8; 2]>().prop_map(|mss| [vec![2, 4], mss.to_vec()].concat()),
            any::<u8>().prop_map(|shift| vec![3, 3, shift]),
            Just(vec![4, 2]),
            (0u8..4, any::<u8>()).prop_map(|(v, e)| vec![8, 10, 0, 0, 1, v, 9, 9, 9, e]),
            (1u8..3, 0u8..4, any::<[u8; 8]>()).prop_map(|(n, changing, block)| {
                let mut option = vec![5, 2 + 8 * n];
                option.extend(block.repeat(n.into()));
                option[3] = changing;
                option
            }),
            (20u8..24, prop::collection::vec(0u8..3, 0..6)).prop_map(|(kind, content)| {
                [vec![kind, content.len() as u8 + 2], content].concat()
            }),
        ]
    }

    fn padded(options: Vec<Vec<u8>>) -> Vec<u8> {
        let mut octets = Vec::new();
        for option in options {
            if octets.len() + option.len() <= 40 {
                octets.extend(option);
            }
        }
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets
    }

    proptest! {
        #[test]
        fn options_of_any_kind_pass_although_some_are_lost(
            packets in prop::collection::vec(
                (prop::collection::vec(option(), 0..9), any::<u32>(), any::<bool>(), 0usize..4),
                1..60,
            ),
        ) {
            let mut sender = Sender::new(REPETITIONS);
            let mut receiver = Receiver::default();
            let mut lost_in_a_row = 0;
            let mut options = Vec::new();
            for (new, ack, lost, unchanged) in packets {
                if unchanged == 0 {
                    options = padded(new);
                }
                let lost = lost && lost_in_a_row + 1 < REPETITIONS;
                lost_in_a_row = if lost { lost_in_a_row + 1 } else { 0 };
                let passed = pass(&mut sender, &mut receiver, &options, ack, lost);
                prop_assert!(lost || passed.as_ref() == Some(&options));
            }
        }
    }

    #[test]
    fn timestamps_that_settle_take_no_list() {
        let mut sender = Sender::new(REPETITIONS);
        let mut receiver = Receiver::default();
        let mut options = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
        for tsval in 0..REPETITIONS {
            options[7] = tsval;
            pass(&mut sender, &mut receiver, &options, 0, false);
        }
        options[7] = REPETITIONS;
        assert!(!sender.plan(&options).unwrap().list_present);
    }

    #[test]
    fn padding_that_is_not_zero_stays_native() {
        let mut sender = Sender::new(REPETITIONS);
        assert_eq!(sender.plan(&[0, 0, 0, 1]).unwrap_err(), Native::Options);
        assert_eq!(sender.plan(&[8, 9, 0, 0]).unwrap_err(), Native::Options);
        assert_eq!(sender.plan(&[2, 3, 0, 0]).unwrap_err(), Native::Options);
    }
}
