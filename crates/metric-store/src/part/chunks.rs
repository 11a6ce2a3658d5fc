//! The chunk directory: which chunks a series has, and where their times and values are.

use std::ops::Range;

use codec::table::{Table, TableWriter};
use model::TimeRange;

use super::{put_sized, take_sized};

/// What a chunk holds; the numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChunkKind {
    Floats,
    Histograms,
}

impl ChunkKind {
    pub(super) const fn code(self) -> u64 {
        match self {
            Self::Floats => 0,
            Self::Histograms => 1,
        }
    }

    const fn of(code: u64) -> Option<Self> {
        match code {
            0 => Some(Self::Floats),
            1 => Some(Self::Histograms),
            _ => None,
        }
    }
}

/// What is known of a chunk without decoding it.
#[derive(Clone, Debug)]
pub(crate) struct ChunkPlace {
    /// Its number in the part.
    pub(super) number: u32,
    pub(crate) kind: ChunkKind,
    /// At least 1.
    pub(crate) count: u32,
    pub(crate) first_t: i64,
    pub(crate) last_t: i64,
    /// In the stream of timestamps; empty when they are evenly spaced.
    pub(super) times: Range<u64>,
    /// In the stream of values.
    pub(super) values: Range<u64>,
}

impl ChunkPlace {
    pub(crate) const fn range(&self) -> TimeRange {
        TimeRange::new(self.first_t, self.last_t)
    }
}

/// Times order like unsigned numbers once their sign bit is flipped.
const SIGN: u64 = 1 << 63;

/// Collects the directory.
#[derive(Default)]
pub(super) struct ChunksWriter {
    /// By series: chunks before its first one, less the series before it.
    starts: TableWriter<1>,
    /// `kind, row of the times, end of the values`
    chunks: TableWriter<3>,
    /// `first time, duration, count, end of the times`
    times: TableWriter<4>,
}

impl ChunksWriter {
    pub(super) fn chunk_count(&self) -> u32 {
        self.chunks.len()
    }

    /// Begins a series whose first chunk is number `first`.
    pub(super) fn push_series(&mut self, first: u32) {
        self.starts.push([u64::from(first - self.starts.len())]);
    }

    pub(super) fn push_chunk(&mut self, kind: ChunkKind, times_row: u32, values_end: u64) {
        self.chunks.push([kind.code(), u64::from(times_row), values_end]);
    }

    /// Adds a column of timestamps and tells its row.
    pub(super) fn push_times(&mut self, (first, last): (i64, i64), count: u32, end: u64) -> u32 {
        let duration = last.wrapping_sub(first) as u64;
        self.times.push([first as u64 ^ SIGN, duration, u64::from(count), end]);
        self.times.len() - 1
    }

    /// Appends the section of chunks, then that of times.
    pub(super) fn finish(self, chunks: &mut Vec<u8>, times: &mut Vec<u8>) {
        put_sized(chunks, |out| self.starts.finish(out));
        self.chunks.finish(chunks);
        self.times.finish(times);
    }
}

/// The directory in place.
#[derive(Clone, Copy, Default)]
pub(super) struct Chunks<'a> {
    starts: Table<'a, 1>,
    places: Table<'a, 3>,
    times: Table<'a, 4>,
}

impl<'a> Chunks<'a> {
    pub(super) fn parse(mut chunks: &'a [u8], times: &'a [u8]) -> Option<Self> {
        let starts = Table::new(take_sized(&mut chunks)?)?;
        Some(Self { starts, places: Table::new(chunks)?, times: Table::new(times)? })
    }

    pub(super) fn series_count(&self) -> u32 {
        self.starts.len()
    }

    pub(super) fn chunk_count(&self) -> u32 {
        self.places.len()
    }

    /// The numbers of a series' chunks, which ascend in time.
    pub(super) fn of(&self, series: u32) -> Range<u32> {
        let start = |series: u32| series.saturating_add(self.starts.row(series)[0] as u32);
        if series >= self.starts.len() {
            return 0..0;
        }
        let all = self.places.len();
        let end = if series + 1 < self.starts.len() { start(series + 1) } else { all };
        start(series)..end.min(all)
    }

    /// `None`: the directory makes no sense. Cost: about 50 ns.
    pub(super) fn get(&self, number: u32) -> Option<ChunkPlace> {
        let [kind, times_row, values_end] = self.places.row(number);
        let values_start = number.checked_sub(1).map_or(0, |before| self.places.row(before)[2]);
        let times_row = u32::try_from(times_row).ok().filter(|row| *row < self.times.len())?;
        let [first, duration, count, times_end] = self.times.row(times_row);
        let times_start = times_row.checked_sub(1).map_or(0, |before| self.times.row(before)[3]);
        let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
        let ordered = values_start <= values_end && times_start <= times_end;
        let first_t = (first ^ SIGN) as i64;
        ordered.then_some(ChunkPlace {
            number,
            kind: ChunkKind::of(kind)?,
            count,
            first_t,
            last_t: first_t.wrapping_add(duration as i64),
            times: times_start..times_end,
            values: values_start..values_end,
        })
    }
}
