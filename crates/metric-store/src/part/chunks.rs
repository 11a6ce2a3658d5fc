//! The chunk directory: which chunks a series has, and where their times and values are.

use std::ops::Range;

use codec::table::{Rows, Table, TableWriter};
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

    /// The distance of its times, when they are evenly spaced; 1 ms when there is but one.
    pub(crate) fn pace_ms(&self) -> Option<i64> {
        let gaps = i64::from(self.count) - 1;
        let duration_ms = self.last_t.checked_sub(self.first_t)?;
        let pace_ms = if gaps == 0 { 1 } else { duration_ms / gaps };
        (self.times.is_empty() && pace_ms > 0).then_some(pace_ms)
    }
}

/// The column of `chunks` that says what a chunk holds.
const KIND: usize = 0;

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

    pub(super) fn reader(&self) -> ChunkReader<'a> {
        ChunkReader {
            chunks: *self,
            starts: Rows::new(self.starts),
            places: Rows::new(self.places),
            times: Rows::new(self.times),
        }
    }
}

/// Reads the directory, quickest for series one after the other.
pub(crate) struct ChunkReader<'a> {
    chunks: Chunks<'a>,
    starts: Rows<'a, 1>,
    places: Rows<'a, 3>,
    times: Rows<'a, 4>,
}

/// Chunks that are looked at one after the other rather than by halving.
const FEW_CHUNKS: usize = 6;

impl ChunkReader<'_> {
    /// The numbers of a series' chunks, which ascend in time.
    pub(crate) fn of(&mut self, series: u32) -> Range<u32> {
        let (count, all) = (self.chunks.series_count(), self.chunks.chunk_count());
        if series >= count {
            return 0..0;
        }
        let mut start = |series: u32| series.saturating_add(self.starts.row(series)[0] as u32);
        let end = if series + 1 < count { start(series + 1) } else { all };
        start(series)..end.min(all)
    }

    /// The chunks of a series from the first to the last one that has samples in the range; in
    /// between, where kinds interleave, some may have none. Where there are many they are found by
    /// halving, for series of months have thousands. A damaged row is found when it is read.
    pub(crate) fn within(&mut self, series: u32, range: TimeRange) -> Range<u32> {
        let all = self.of(series);
        if all.len() <= FEW_CHUNKS {
            return self.few_within(all, range);
        }
        let is_of_one_kind = self.chunks.places.is_constant(KIND, all.clone());
        let mut is_before = |number: u32| self.ends(number).1 < range.start_ms;
        let from = if is_of_one_kind {
            partition_point(all.clone(), is_before)
        } else {
            // A chunk of another kind may end before an earlier one does.
            all.clone().find(|number| !is_before(*number)).unwrap_or(all.end)
        };
        from..partition_point(from..all.end, |number| self.ends(number).0 <= range.end_ms)
    }

    fn few_within(&mut self, all: Range<u32>, range: TimeRange) -> Range<u32> {
        let mut from = None;
        for number in all.clone() {
            let (first_t, last_t) = self.ends(number);
            if from.is_none() && last_t < range.start_ms {
                continue;
            }
            let from = *from.get_or_insert(number);
            if first_t > range.end_ms {
                return from..number;
            }
        }
        from.unwrap_or(all.end)..all.end
    }

    /// The first and the last time of a chunk.
    fn ends(&mut self, number: u32) -> (i64, i64) {
        let [first, duration, ..] = self.times.row(self.places.row(number)[1] as u32);
        let first_t = (first ^ SIGN) as i64;
        (first_t, first_t.wrapping_add(duration as i64))
    }

    /// `None`: the directory makes no sense. Cost: about 20 ns.
    pub(crate) fn get(&mut self, number: u32) -> Option<ChunkPlace> {
        let ([.., values_start], [kind, times_row, values_end]) =
            self.places.row_and_before(number);
        let times_rows = self.chunks.times.len();
        let times_row = u32::try_from(times_row).ok().filter(|row| *row < times_rows)?;
        let ([.., times_start], [first, duration, count, times_end]) =
            self.times.row_and_before(times_row);
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

/// The first number for which `is_before` does not hold; it holds for none after that one.
fn partition_point(numbers: Range<u32>, mut is_before: impl FnMut(u32) -> bool) -> u32 {
    let (mut low, mut high) = (numbers.start, numbers.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
