//! The label sets of a part's series: blocks of neighbours with the same label names, where each
//! label is a column of value numbers.
//!
//! Series are sorted, so neighbours share most of their labels, and a column that does not vary
//! takes no bits.

use std::ops::Range;

use codec::packed::{bits_at, pack};
use codec::varint::{put_u64, take_u64};
use hashbrown::HashMap;

use super::dictionary::{Dictionary, DictionaryWriter};
use super::{put_sized, take_sized, u32_at};

/// Series of a block at most.
const BLOCK_SERIES: usize = 64;
/// `first series, start of the block`
const ENTRY_BYTES: usize = 8;

/// Collects rows in the order of the part.
#[derive(Default)]
pub(super) struct SeriesWriter {
    /// Sets of label names, by number of the set.
    shapes: Vec<u8>,
    shape_ends: Vec<u32>,
    known: HashMap<Box<[u32]>, u32>,
    names: Vec<u32>,
    /// Rows of the open block, one after the other.
    pending: Vec<u32>,
    pending_rows: usize,
    entries: Vec<u8>,
    blocks: Vec<u8>,
    count: u32,
}

impl SeriesWriter {
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Adds the pairs of a series, ascending.
    pub(super) fn push(&mut self, pairs: &[u32], dictionary: &DictionaryWriter) {
        let same = pairs.len() == self.names.len()
            && std::iter::zip(pairs, &self.names)
                .all(|(pair, name)| dictionary.name_of(*pair) == *name);
        if !same || self.pending_rows == BLOCK_SERIES {
            self.flush(dictionary);
            self.names = pairs.iter().map(|pair| dictionary.name_of(*pair)).collect();
        }
        self.pending.extend_from_slice(pairs);
        self.pending_rows += 1;
        self.count += 1;
    }

    fn shape(&mut self) -> u32 {
        if let Some(shape) = self.known.get(self.names.as_slice()) {
            return *shape;
        }
        let shape = self.shape_ends.len() as u32;
        for name in &self.names {
            put_u64(&mut self.shapes, u64::from(*name));
        }
        self.shape_ends.push(self.shapes.len() as u32);
        self.known.insert(self.names.as_slice().into(), shape);
        shape
    }

    fn flush(&mut self, dictionary: &DictionaryWriter) {
        if self.pending_rows == 0 {
            return;
        }
        self.entries.extend_from_slice(&(self.count - self.pending_rows as u32).to_le_bytes());
        self.entries.extend_from_slice(&(self.blocks.len() as u32).to_le_bytes());
        let shape = self.shape();
        put_u64(&mut self.blocks, u64::from(shape));
        let width = self.names.len();
        let mut columns = Vec::with_capacity(width);
        for (place, name) in self.names.iter().enumerate() {
            let numbers = || self.pending.iter().skip(place).step_by(width).copied();
            let base = numbers().min().unwrap_or_default();
            let bits = 32 - (numbers().max().unwrap_or_default() - base).leading_zeros();
            put_u64(&mut self.blocks, u64::from(base - dictionary.first_pair(*name)));
            self.blocks.push(bits as u8);
            columns.push((base, bits));
        }
        for (place, (base, bits)) in columns.into_iter().enumerate() {
            let numbers = self.pending.iter().skip(place).step_by(width.max(1));
            pack(&mut self.blocks, numbers.map(|pair| u64::from(pair - base)), bits);
        }
        self.pending.clear();
        self.pending_rows = 0;
    }

    /// Appends `series:u32 shapes entries blocks`, the last three behind their lengths.
    pub(super) fn finish(mut self, dictionary: &DictionaryWriter, out: &mut Vec<u8>) {
        self.flush(dictionary);
        out.extend_from_slice(&self.count.to_le_bytes());
        put_sized(out, |out| {
            out.extend_from_slice(&(self.shape_ends.len() as u32).to_le_bytes());
            for end in &self.shape_ends {
                out.extend_from_slice(&end.to_le_bytes());
            }
            out.extend_from_slice(&self.shapes);
        });
        put_sized(out, |out| out.extend_from_slice(&self.entries));
        put_sized(out, |out| out.extend_from_slice(&self.blocks));
    }
}

/// The label sets in place.
#[derive(Clone, Copy, Default)]
pub(super) struct SeriesTable<'a> {
    count: u32,
    shapes: &'a [u8],
    entries: &'a [u8],
    blocks: &'a [u8],
}

impl<'a> SeriesTable<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (count, mut bytes) = bytes.split_first_chunk::<4>()?;
        let shapes = take_sized(&mut bytes)?;
        let (entries, blocks) = (take_sized(&mut bytes)?, take_sized(&mut bytes)?);
        Some(Self { count: u32::from_le_bytes(*count), shapes, entries, blocks })
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The names of a shape as varints.
    fn shape(&self, shape: u32) -> &'a [u8] {
        let count = u32_at(self.shapes, 0) as usize;
        if shape as usize >= count {
            return &[];
        }
        let end = |shape: usize| u32_at(self.shapes, shape * 4) as usize; // ends start at byte 4
        let start = if shape == 0 { 0 } else { end(shape as usize) };
        let bytes = self.shapes.get(4 + count * 4..).unwrap_or_default();
        bytes.get(start..end(shape as usize + 1)).unwrap_or_default()
    }

    /// Calls `take(name, pair)` for each label of a series, in the order of names; damage shows
    /// as missing labels. Cost: about 10 ns a label.
    pub(super) fn visit(
        &self,
        series: u32,
        dictionary: &Dictionary<'_>,
        take: &mut dyn FnMut(u32, u32),
    ) {
        let Some((block, series_of_block)) = self.block_of(series) else { return };
        let place = (series - series_of_block.start) as usize;
        let mut each = |column: Column<'_>| take(column.name, column.pair(place));
        self.each_column(block, series_of_block.len(), dictionary, &mut each).unwrap_or(());
    }

    /// Reads the heads of the block that has a series, for those who visit neighbours: then a
    /// label costs about 2 ns.
    pub(super) fn load(
        &self,
        series: u32,
        dictionary: &Dictionary<'_>,
        block: &mut SeriesBlock<'a>,
    ) {
        block.columns.clear();
        block.series = series..series + 1;
        let Some((number, series_of_block)) = self.block_of(series) else { return };
        let mut each = |column: Column<'a>| block.columns.push(column);
        self.each_column(number, series_of_block.len(), dictionary, &mut each).unwrap_or(());
        block.series = series_of_block;
        // Names are numbered in their order; whatever a damaged block says, a set is sorted.
        block.columns.sort_by_key(|column| column.name);
        block.columns.dedup_by_key(|column| column.name);
    }

    /// The number of the block that has a series, and its series.
    fn block_of(&self, series: u32) -> Option<(usize, Range<u32>)> {
        let blocks = self.entries.len() / ENTRY_BYTES;
        let first = |block: usize| u32_at(self.entries, block * ENTRY_BYTES);
        let (mut low, mut high) = (0, blocks);
        while low < high {
            let middle = low + (high - low) / 2;
            if first(middle) <= series { low = middle + 1 } else { high = middle }
        }
        let block = low.checked_sub(1).filter(|_| series < self.count)?;
        let end = if low < blocks { first(low) } else { self.count };
        Some((block, first(block)..end))
    }

    /// Calls `take` for each column of a block of `rows` series; nothing where it is damaged, for
    /// the columns from there on.
    fn each_column(
        &self,
        block: usize,
        rows: usize,
        dictionary: &Dictionary<'_>,
        take: &mut dyn FnMut(Column<'a>),
    ) -> Option<()> {
        let start = u32_at(self.entries, block * ENTRY_BYTES + 4) as usize;
        let mut bytes = self.blocks.get(start..)?;
        let names = self.shape(u32::try_from(take_u64(&mut bytes).ok()?).ok()?);
        // The packed columns lie behind the heads of all columns.
        let (mut heads, mut left) = (bytes, names);
        while !left.is_empty() {
            take_u64(&mut left).ok()?;
            take_u64(&mut bytes).ok()?;
            bytes = bytes.get(1..)?;
        }
        let mut left = names;
        while !left.is_empty() {
            let name = take_u64(&mut left).ok()? as u32;
            let above_first = take_u64(&mut heads).ok()? as u32;
            let (bits, rest) = heads.split_first()?;
            heads = rest;
            let bits = u32::from(*bits).min(32);
            let base = dictionary.first_pair(name).wrapping_add(above_first);
            take(Column { name, base, bits, packed: bytes });
            bytes = bytes.get((rows * bits as usize).div_ceil(8)..)?;
        }
        Some(())
    }
}

/// One label of the series of a block.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) name: u32,
    base: u32,
    bits: u32,
    /// The numbers above `base`, and whatever lies behind them.
    packed: &'a [u8],
}

impl Column<'_> {
    /// The pair of the block's series at `place`.
    #[inline]
    pub(super) fn pair(&self, place: usize) -> u32 {
        let above = bits_at(self.packed, place * self.bits as usize, self.bits) as u32;
        self.base.wrapping_add(above)
    }
}

/// Neighbours with the same label names.
#[derive(Default)]
pub(super) struct SeriesBlock<'a> {
    /// Their numbers.
    pub(super) series: Range<u32>,
    /// In the order of names.
    pub(super) columns: Vec<Column<'a>>,
}
