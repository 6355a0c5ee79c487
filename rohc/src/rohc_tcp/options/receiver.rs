//! The decompressor's item table, and the options of a packet from list and irregular chain.

use super::item::{self, Circumstances};
use super::list::List;
use super::{Item, MAX_ITEMS, MAX_OPTIONS, TABLE, index, kind};
use crate::Error;
use crate::rohc_tcp::coder::Reader;

/// What the decompressor knows of a flow's options.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    list: List,
    items: [Item; TABLE],
    /// A bit for each item that ever came.
    known: u16,
    /// A bit for each generic item with `option_static`.
    statics: u16,
}

/// The options of one packet; a context takes them over when the packet has proved right.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedOptions {
    list: List,
    /// The X bits: which elements of the list came with an item.
    present: u16,
    statics: u16,
    /// The items that came with the list, one behind the other.
    staged: Buffer,
    /// The options.
    options: Buffer,
    lengths: [u8; MAX_ITEMS],
}

/// Options in a row.
#[derive(Debug, Clone, Copy)]
struct Buffer {
    octets: [u8; MAX_OPTIONS],
    length: usize,
}

impl Buffer {
    const EMPTY: Self = Self { octets: [0; MAX_OPTIONS], length: 0 };

    fn push(&mut self, item: &[u8]) -> Result<(), Error> {
        let length = self.length + item.len();
        let room = self.octets.get_mut(self.length..length).ok_or(Error::Options { length })?;
        match (&mut *room, item) {
            // Most items are NOP.
            ([place], [octet]) => *place = *octet,
            _ => room.copy_from_slice(item),
        }
        self.length = length;
        Ok(())
    }
}

impl ReceivedOptions {
    /// Starts a packet without a list: it has the options of the packet before.
    pub fn unchanged(receiver: &Receiver) -> Self {
        Self {
            list: receiver.list,
            present: 0,
            statics: receiver.statics,
            staged: Buffer::EMPTY,
            options: Buffer::EMPTY,
            lengths: [0; MAX_ITEMS],
        }
    }

    /// Reads a compressed list (section 6.3.3).
    pub fn read_list(&mut self, r: &mut Reader<'_>, ack_number: u32) -> Result<(), Error> {
        r.enter("options list");
        self.list = List::default();
        self.list.code(r, &mut self.present)?;
        for (number, index) in self.list.indexes().iter().enumerate() {
            if self.present >> number & 1 != 0 {
                let mut item = Item::default();
                let mut option_static = false;
                item::list_item(r, *index, &mut item, &mut option_static, ack_number)?;
                let bit = 1 << index;
                self.statics = if option_static { self.statics | bit } else { self.statics & !bit };
                self.staged.push(item.as_slice())?;
                self.lengths[number] = item.length;
            }
        }
        Ok(())
    }

    /// Reads a list of which every item must have come (section 6.3.5).
    pub fn read_whole_list(&mut self, r: &mut Reader<'_>, ack_number: u32) -> Result<(), Error> {
        self.read_list(r, ack_number)?;
        if self.present.count_ones() as usize != self.list.indexes().len() {
            return Err(r.reserved());
        }
        self.options = self.staged;
        Ok(())
    }

    /// Reads the options' part of the irregular chain (section 6.3.6).
    pub fn read_irregular(
        &mut self,
        r: &mut Reader<'_>,
        receiver: &Receiver,
        ack_number: u32,
    ) -> Result<(), Error> {
        r.enter("irregular chain of options");
        let mut staged = 0;
        for (number, &index) in self.list.indexes().iter().enumerate() {
            if self.present >> number & 1 != 0 {
                let end = staged + usize::from(self.lengths[number]);
                self.options.push(&self.staged.octets[staged..end])?;
                staged = end;
                continue;
            }
            let mut item = receiver.item(index)?;
            if index >= index::TIMESTAMP {
                let circumstances = Circumstances {
                    ack_number,
                    option_static: self.statics >> index & 1 != 0,
                    unchanged: false,
                    timestamps: &[item::timestamps(&item)],
                };
                item::irregular(r, index, &mut item, circumstances)?;
            }
            self.options.push(item.as_slice())?;
            self.lengths[number] = item.length;
        }
        Ok(())
    }

    /// Takes items that did not come from the table as they are: there is no irregular chain.
    pub fn fill(&mut self, receiver: &Receiver) -> Result<(), Error> {
        let mut staged = 0;
        for (number, &index) in self.list.indexes().iter().enumerate() {
            if self.present >> number & 1 != 0 {
                let end = staged + usize::from(self.lengths[number]);
                self.options.push(&self.staged.octets[staged..end])?;
                staged = end;
            } else {
                let item = receiver.item(index)?;
                self.options.push(item.as_slice())?;
                self.lengths[number] = item.length;
            }
        }
        Ok(())
    }

    /// The options, if a TCP header can have them.
    pub fn octets(&self) -> Result<&[u8], Error> {
        let length = self.options.length;
        if !length.is_multiple_of(4) {
            return Err(Error::Options { length });
        }
        Ok(&self.options.octets[..length])
    }
}

impl Default for Receiver {
    /// What has no content need not come to be known.
    fn default() -> Self {
        let mut receiver =
            Self { list: List::default(), items: [Item::default(); TABLE], known: 0, statics: 0 };
        for (index, option) in
            [(index::NOP, &[kind::NOP][..]), (index::SACK_PERMITTED, &[kind::SACK_PERMITTED, 2])]
        {
            receiver.items[usize::from(index)] = Item::new(option);
            receiver.known |= 1 << index;
        }
        receiver
    }
}

impl Receiver {
    fn item(&self, index: u8) -> Result<Item, Error> {
        let known = self.known >> index & 1 != 0;
        known.then_some(self.items[usize::from(index)]).ok_or(Error::UnknownItem { index })
    }

    /// Takes over the options of a packet whose CRC was right.
    pub fn commit(&mut self, received: &ReceivedOptions) {
        self.list = received.list;
        self.statics = received.statics;
        let mut start = 0;
        for (index, length) in received.list.indexes().iter().zip(received.lengths) {
            let end = start + usize::from(length);
            if !matches!(*index, index::NOP | index::SACK_PERMITTED) {
                let octets = &received.options.octets[start..end];
                self.items[usize::from(*index)] = Item::new(octets);
                self.known |= 1 << index;
            }
            start = end;
        }
    }
}
