//! Tables of small numbers that are read in place: blocks of rows, each column of a block at a
//! bit width of its own above its smallest number.
//!
//! Spec: docs/format/metrics-part.md. Columns that grow from row to row (ends, running numbers)
//! are stored as they are: within a block they differ by little.

use crate::packed::{bits_at, pack};
use crate::varint::{put_u64, take_u64};

/// Rows of a block.
pub const TABLE_BLOCK: usize = 64;

/// Collects rows of `N` columns.
#[derive(Debug)]
pub struct TableWriter<const N: usize> {
    rows: u32,
    pending: Vec<[u64; N]>,
    blocks: Vec<u8>,
    starts: Vec<u32>,
}

impl<const N: usize> Default for TableWriter<N> {
    fn default() -> Self {
        Self { rows: 0, pending: Vec::new(), blocks: Vec::new(), starts: Vec::new() }
    }
}

impl<const N: usize> TableWriter<N> {
    pub fn push(&mut self, row: [u64; N]) {
        self.pending.push(row);
        self.rows += 1;
        if self.pending.len() == TABLE_BLOCK {
            self.flush();
        }
    }

    pub fn len(&self) -> u32 {
        self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Bytes of heap, about.
    pub fn heap_bytes(&self) -> usize {
        self.blocks.capacity() + self.starts.capacity() * 4
    }

    fn flush(&mut self) {
        self.starts.push(self.blocks.len() as u32);
        let mut widths = [0; N];
        let mut bases = [0; N];
        for column in 0..N {
            let numbers = || self.pending.iter().map(|row| row[column]);
            let base = numbers().min().unwrap_or_default();
            let span = numbers().max().unwrap_or_default() - base;
            (bases[column], widths[column]) = (base, 64 - span.leading_zeros());
            put_u64(&mut self.blocks, base);
            self.blocks.push(widths[column] as u8);
        }
        for column in 0..N {
            let above = self.pending.iter().map(|row| row[column] - bases[column]);
            pack(&mut self.blocks, above, widths[column]);
        }
        self.pending.clear();
    }

    /// Appends `rows:u32 start:u32* block*`; starts count from the first block.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        if !self.pending.is_empty() {
            self.flush();
        }
        out.extend_from_slice(&self.rows.to_le_bytes());
        for start in &self.starts {
            out.extend_from_slice(&start.to_le_bytes());
        }
        out.extend_from_slice(&self.blocks);
    }
}

/// A table in place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Table<'a, const N: usize> {
    rows: u32,
    starts: &'a [u8],
    blocks: &'a [u8],
}

impl<'a, const N: usize> Table<'a, N> {
    /// `None`: the bytes are too short to be a table. Damage inside a block shows as wrong
    /// numbers, never as a panic.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (rows, rest) = bytes.split_first_chunk::<4>()?;
        let rows = u32::from_le_bytes(*rows);
        let (starts, blocks) = rest.split_at_checked((rows as usize).div_ceil(TABLE_BLOCK) * 4)?;
        Some(Self { rows, starts, blocks })
    }

    pub const fn len(&self) -> u32 {
        self.rows
    }

    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// One row; zeros when there is none. Cost: about 10 ns.
    #[inline]
    pub fn row(&self, row: u32) -> [u64; N] {
        let mut out = [0; N];
        if row >= self.rows {
            return out;
        }
        let (block, place) = (row as usize / TABLE_BLOCK, row as usize % TABLE_BLOCK);
        let start = self.starts.get(block * 4..).and_then(|b| b.first_chunk::<4>());
        let start = start.map_or(0, |start| u32::from_le_bytes(*start));
        let mut bytes = self.blocks.get(start as usize..).unwrap_or_default();
        let held = (self.rows as usize - block * TABLE_BLOCK).min(TABLE_BLOCK);
        let mut widths = [0_u32; N];
        for column in 0..N {
            out[column] = take_u64(&mut bytes).unwrap_or_default();
            let Some((width, rest)) = bytes.split_first() else { return [0; N] };
            (widths[column], bytes) = (u32::from(*width).min(64), rest);
        }
        let mut from = 0;
        for column in 0..N {
            let packed = bytes.get(from..).unwrap_or_default();
            let above = bits_at(packed, place * widths[column] as usize, widths[column]);
            out[column] = out[column].wrapping_add(above);
            from += (held * widths[column] as usize).div_ceil(8);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, TableWriter};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_row_comes_back(rows in prop::collection::vec((any::<u64>(), 0_u64..9, 0_u32..64), 0..300)) {
            let rows: Vec<[u64; 3]> =
                rows.into_iter().zip(1000..).map(|((n, small, shift), i)| [n >> shift, small, i]).collect();
            let mut writer = TableWriter::default();
            for row in &rows {
                writer.push(*row);
            }
            let mut bytes = Vec::new();
            writer.finish(&mut bytes);
            let table = Table::<3>::new(&bytes).unwrap();
            prop_assert_eq!(table.len() as usize, rows.len());
            for (i, row) in rows.iter().enumerate() {
                prop_assert_eq!(&table.row(i as u32), row);
            }
            prop_assert_eq!(table.row(rows.len() as u32), [0; 3]);
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), row in 0_u32..300) {
            if let Some(table) = Table::<4>::new(&bytes) {
                let _ = table.row(row);
            }
        }
    }
}
