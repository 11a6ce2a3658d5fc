//! Tables of small numbers that are read in place: blocks of rows, each column of a block at a
//! bit width of its own above its smallest number.
//!
//! Spec: docs/format/metrics-part.md. Columns that grow from row to row (ends, running numbers)
//! are stored as they are: within a block they differ by little.

use std::ops::Range;

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

    /// One row; zeros when there is none. Whoever reads neighbours takes [`Rows`].
    #[inline]
    pub fn row(&self, row: u32) -> [u64; N] {
        Rows::new(*self).row(row)
    }

    /// Whether a column is known to be one number in some rows: that of every block that they are
    /// in. `false` may mean that it varies in other rows of a block.
    pub fn is_constant(&self, column: usize, rows: Range<u32>) -> bool {
        let mut seen = None;
        let blocks = rows.start as usize / TABLE_BLOCK..(rows.end as usize).div_ceil(TABLE_BLOCK);
        blocks.into_iter().all(|block| {
            let columns = self.columns(block, 0);
            let column = columns.and_then(|columns| columns.get(column).copied());
            column.is_some_and(|c| c.width == 0 && *seen.get_or_insert(c.base) == c.base)
        })
    }

    /// The columns of a block with so many rows; nothing when it is damaged.
    fn columns(&self, block: usize, rows: usize) -> Option<[Column<'a>; N]> {
        let start = u32::from_le_bytes(*self.starts.get(block * 4..)?.first_chunk::<4>()?);
        let mut bytes = self.blocks.get(start as usize..)?;
        let mut columns = [Column::default(); N];
        for column in &mut columns {
            column.base = take_u64(&mut bytes).ok()?;
            let (width, rest) = bytes.split_first()?;
            (column.width, bytes) = (u32::from(*width).min(64), rest);
        }
        for column in &mut columns {
            column.packed = bytes;
            let len = (rows * column.width as usize).div_ceil(8);
            bytes = bytes.get(len..).unwrap_or_default();
        }
        Some(columns)
    }
}

/// Rows that are read one after the other: what a block states once is read once.
#[derive(Debug)]
pub struct Rows<'a, const N: usize> {
    table: Table<'a, N>,
    /// Numbers of the rows whose block was read last.
    block: Range<u32>,
    columns: [Column<'a>; N],
}

/// A column of a block. All zeros stand for damage.
#[derive(Clone, Copy, Debug, Default)]
struct Column<'a> {
    base: u64,
    width: u32,
    packed: &'a [u8],
}

impl<'a, const N: usize> Rows<'a, N> {
    pub fn new(table: Table<'a, N>) -> Self {
        Self { table, block: 0..0, columns: [Column::default(); N] }
    }

    /// One row; zeros when there is none.
    #[inline]
    pub fn row(&mut self, row: u32) -> [u64; N] {
        if row >= self.table.rows {
            return [0; N];
        }
        if !self.block.contains(&row) {
            self.load(row);
        }
        let place = (row - self.block.start) as usize;
        self.columns.map(|column| {
            let at = place * column.width as usize;
            column.base.wrapping_add(bits_at(column.packed, at, column.width))
        })
    }

    /// A row and the one before it, zeros when there is none. Before the first row of a block lies
    /// another block, which is read for that.
    #[inline]
    pub fn row_and_before(&mut self, row: u32) -> ([u64; N], [u64; N]) {
        let before = row.checked_sub(1).map_or([0; N], |before| self.row(before));
        (before, self.row(row))
    }

    fn load(&mut self, row: u32) {
        let block = row as usize / TABLE_BLOCK;
        let start = (block * TABLE_BLOCK) as u32;
        self.block = start..self.table.rows.min(start.saturating_add(TABLE_BLOCK as u32));
        let columns = self.table.columns(block, self.block.len());
        self.columns = columns.unwrap_or([Column::default(); N]);
    }
}

#[cfg(test)]
mod tests {
    use super::{Rows, Table, TableWriter};
    use proptest::prelude::*;

    #[test]
    fn a_constant_column_is_known() {
        let mut writer = TableWriter::default();
        for row in 0_u64..200 {
            writer.push([row, u64::from(row >= 130) + 5]);
        }
        let mut bytes = Vec::new();
        writer.finish(&mut bytes);
        let table = Table::<2>::new(&bytes).unwrap();
        let check = |column, rows, want| assert_eq!(table.is_constant(column, rows), want);
        check(1, 0..128, true);
        check(1, 0..64, true);
        check(1, 63..65, true);
        check(1, 0..129, false);
        check(1, 128..129, false);
        check(1, 192..200, true);
        check(0, 0..1, false);
        check(1, 0..1000, false);
    }

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
            let mut in_turn = Rows::new(table);
            for (i, row) in (0..).zip(&rows) {
                prop_assert_eq!(&in_turn.row(i), row);
                let before = (i as usize).checked_sub(1).map_or([0; 3], |before| rows[before]);
                prop_assert_eq!(in_turn.row_and_before(i), (before, *row));
            }
            prop_assert_eq!(in_turn.row(rows.len() as u32), [0; 3]);
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), row in 0_u32..300) {
            if let Some(table) = Table::<4>::new(&bytes) {
                prop_assert_eq!(Rows::new(table).row_and_before(row).1, table.row(row));
                let _ = table.is_constant(3, 0..row);
            }
        }
    }
}
