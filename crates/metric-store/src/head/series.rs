//! The samples of one series in one epoch of the head.

use std::borrow::Cow;

use codec::chain::Pool;
use codec::growing::GrowingFloats;
use model::{HistogramSample, TimeRange};
use query::SampleBuffer;

use crate::chunk::Assembly;
use crate::cursor::Malformed;
use crate::head::late::{Late, Loose, drop_known};
use crate::head::run::{OpenHistograms, RUN_SAMPLES_MAX, Run, Runs};
use crate::histogram;

const RUN_HISTOGRAMS_MAX: u32 = 120;

/// Tag of a series whose reference the log defines since it was last cut.
const LOGGED: u8 = 1;
/// Tag of a series whose sample at `floats.last_t()` is a histogram.
const HISTOGRAM_LAST: u8 = 2;

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A late one may turn out to have been there: see [`crate::head::late`].
    Added,
    /// It was there already: nothing to do, nothing to complain about.
    Same,
    /// Another sample has the timestamp.
    Duplicate,
}

impl Outcome {
    const fn of_known(is_same: bool) -> Self {
        if is_same { Self::Same } else { Self::Duplicate }
    }
}

/// What the series of a shard share, and what is counted of them.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pool: Pool,
    /// The first time seen; the streams state theirs as distances from it.
    base_t: Option<i64>,
    /// Bytes of everything but the pool.
    side_bytes: usize,
}

impl Memory {
    /// Bytes of samples, spare room included. Cost: O(1).
    pub(crate) fn bytes(&self) -> u64 {
        (self.pool.heap_bytes() + self.side_bytes) as u64
    }
}

/// Slab record of a series, 56 bytes. Most series need no [`Side`].
#[derive(Debug, Default)]
pub(crate) struct SeriesData {
    /// Also knows the last sample of the series, across epochs.
    floats: GrowingFloats,
    side: Option<Box<Side>>,
}

/// Everything that is not the open float stream.
#[derive(Debug, Default)]
struct Side {
    /// In time order, without overlap.
    closed: Runs,
    histograms: Option<Box<OpenHistograms>>,
    late: Option<Box<Late>>,
}

impl SeriesData {
    /// The same series in the next epoch.
    pub(crate) fn successor(&self) -> Self {
        let mut floats = self.floats.successor();
        floats.tag &= !LOGGED;
        Self { floats, side: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.floats.is_empty() && self.side.is_none()
    }

    /// Time of the last sample in time order; `i64::MIN` when there never was one.
    pub(crate) const fn last_t(&self) -> i64 {
        self.floats.last_t()
    }

    pub(crate) const fn is_logged(&self) -> bool {
        self.floats.tag & LOGGED != 0
    }

    pub(crate) const fn set_logged(&mut self) {
        self.floats.tag |= LOGGED;
    }

    const fn histogram_last(&self) -> bool {
        self.floats.tag & HISTOGRAM_LAST != 0
    }

    /// Adds a float sample. Cost: about 10 ns in time order, some hundred for a late one.
    #[inline]
    pub(crate) fn push(&mut self, memory: &mut Memory, t_ms: i64, v: f64) -> Outcome {
        if t_ms > self.floats.last_t() {
            if self.floats.count() == RUN_SAMPLES_MAX || self.histogram_last() {
                self.close(memory);
                self.floats.tag &= !HISTOGRAM_LAST;
            }
            let base_t = *memory.base_t.get_or_insert(t_ms);
            self.floats.push(&mut memory.pool, base_t, t_ms, v);
            return Outcome::Added;
        }
        self.push_late(memory, t_ms, v)
    }

    #[cold]
    fn push_late(&mut self, memory: &mut Memory, t_ms: i64, v: f64) -> Outcome {
        if t_ms == self.floats.last_t() && !self.histogram_last() {
            return Outcome::of_known(v.to_bits() == self.floats.last_v());
        }
        if self.last_histogram(t_ms).is_some() {
            return Outcome::Duplicate;
        }
        match self.loose(t_ms) {
            Some(Loose::Float(known)) if known.to_bits() == v.to_bits() => return Outcome::Same,
            Some(_) => {
                let first = self.first_at(memory, t_ms);
                let first = first.v.first().map(|first| first.to_bits());
                return Outcome::of_known(first == Some(v.to_bits()));
            }
            None => {}
        }
        if self.change_late(memory, |late| late.add_float(t_ms, v)) {
            self.pack_late_floats(memory);
        }
        Outcome::Added
    }

    /// Adds a native histogram.
    pub(crate) fn push_histogram(
        &mut self,
        memory: &mut Memory,
        sample: &HistogramSample,
    ) -> Outcome {
        if sample.t_ms > self.floats.last_t() {
            if !self.histogram_last() {
                self.close(memory);
            }
            let tag = self.floats.tag | HISTOGRAM_LAST;
            self.floats = GrowingFloats::after(sample.t_ms, 0);
            self.floats.tag = tag;
            self.change_side(memory, |side| side.push_histogram(sample));
            return Outcome::Added;
        }
        if sample.t_ms == self.floats.last_t() && !self.histogram_last() {
            return Outcome::Duplicate;
        }
        if let Some(last) = self.last_histogram(sample.t_ms) {
            return Outcome::of_known(histogram::is_same(&last.h, &sample.h));
        }
        if self.loose(sample.t_ms).is_some() {
            let first = self.first_at(memory, sample.t_ms);
            let first = first.histograms.first();
            let is_same = first.is_some_and(|first| histogram::is_same(&first.h, &sample.h));
            return Outcome::of_known(is_same);
        }
        if self.change_late(memory, |late| late.add_histogram(sample)) {
            self.pack_late_histograms(memory);
        }
        Outcome::Added
    }

    /// The last histogram of this epoch, if it has this time.
    fn last_histogram(&self, t_ms: i64) -> Option<&HistogramSample> {
        let last = self.side.as_ref()?.histograms.as_ref()?.last();
        (last.t_ms == t_ms).then_some(last)
    }

    fn loose(&self, t_ms: i64) -> Option<Loose> {
        self.side.as_ref()?.late.as_ref()?.at(t_ms)
    }

    /// The sample at a time of which a loose one differs from what came now: it may have come
    /// second itself. Cost: a run is decoded, which a conflict is rare enough for.
    fn first_at(&self, memory: &Memory, t_ms: i64) -> SampleBuffer {
        let range = TimeRange::new(t_ms, t_ms);
        let mut out = SampleBuffer::default();
        self.copy(memory, range).add_to(&mut Assembly::new(&mut out, range)).ok();
        out
    }

    fn change_late<T>(&mut self, memory: &mut Memory, change: impl FnOnce(&mut Late) -> T) -> T {
        self.change_side(memory, |side| change(side.late.get_or_insert_default()))
    }

    /// Packs the loose late floats, without those that were there before.
    fn pack_late_floats(&mut self, memory: &mut Memory) {
        let mut fresh = self.change_late(memory, Late::take_floats);
        let ends = fresh.first().zip(fresh.last()).map(|((first, _), (last, _))| (*first, *last));
        self.drop_known(memory, ends, &mut fresh, |(t, _)| *t);
        self.change_late(memory, |late| late.pack_floats(&fresh));
    }

    fn pack_late_histograms(&mut self, memory: &mut Memory) {
        let mut fresh = self.change_late(memory, Late::take_histograms);
        let ends = fresh.first().zip(fresh.last()).map(|(first, last)| (first.t_ms, last.t_ms));
        self.drop_known(memory, ends, &mut fresh, |sample| sample.t_ms);
        self.change_late(memory, |late| late.pack_histograms(&fresh));
    }

    fn drop_known<T>(
        &self,
        memory: &Memory,
        ends: Option<(i64, i64)>,
        fresh: &mut Vec<T>,
        time: impl Fn(&T) -> i64,
    ) {
        let Some((first, last)) = ends else { return };
        let mut scratch = SampleBuffer::default();
        self.visit_runs(memory, TimeRange::new(first, last), &mut |run| {
            drop_known(&run, fresh, &time, &mut scratch);
        });
    }

    /// Closes what grows in time order, so that the other kind can follow it.
    fn close(&mut self, memory: &mut Memory) {
        let base_t = memory.base_t.unwrap_or_default();
        let run = Run::of_stream(&self.floats, &memory.pool, base_t);
        self.floats.release(&mut memory.pool);
        if run.is_some() || self.side.is_some() {
            self.change_side(memory, |side| {
                side.close_histograms();
                side.closed.extend(run);
            });
        }
    }

    /// Changes the side record and counts what that takes.
    fn change_side<T>(&mut self, memory: &mut Memory, change: impl FnOnce(&mut Side) -> T) -> T {
        let before = self.side.as_ref().map_or(0, |side| side.heap_bytes());
        let side = self.side.get_or_insert_default();
        let result = change(side);
        memory.side_bytes = (memory.side_bytes + side.heap_bytes()).saturating_sub(before);
        result
    }

    /// The time of the open stream; empty when it is.
    fn open_range(&self, memory: &Memory) -> TimeRange {
        let base_t = memory.base_t.unwrap_or_default();
        TimeRange::new(self.floats.first_t(&memory.pool, base_t), self.floats.last_t())
    }

    /// Whether a run or a late sample may lie in the range.
    pub(crate) fn overlaps(&self, memory: &Memory, range: TimeRange) -> bool {
        if range.is_empty() {
            return false;
        }
        // The end is looked at first, for the start is in another place of memory.
        let open = !self.floats.is_empty() && self.floats.last_t() >= range.start_ms;
        open && self.open_range(memory).overlaps(range)
            || self.side.as_ref().is_some_and(|side| side.overlaps(range))
    }

    /// Visits the time of every run, those that still grow included.
    pub(crate) fn visit_ranges(&self, memory: &Memory, visit: &mut dyn FnMut(TimeRange)) {
        if !self.floats.is_empty() {
            visit(self.open_range(memory));
        }
        self.side.iter().flat_map(|side| side.ranges()).for_each(visit);
    }

    /// Whether a deletion of the range means a sample of this epoch, or the last one of an earlier
    /// epoch, which samples of this one were compared with.
    pub(crate) fn is_touched(&self, memory: &Memory, range: TimeRange) -> bool {
        let remembers = !self.is_empty() && range.contains(self.floats.last_t());
        remembers || self.overlaps(memory, range)
    }

    /// Visits the runs that overlap the range, those that still grow included: first those in time
    /// order, then the late ones.
    fn visit_runs(&self, memory: &Memory, range: TimeRange, visit: &mut dyn FnMut(Cow<'_, Run>)) {
        let side = self.side.as_deref();
        let closed = side.map_or(&[][..], |side| side.closed.as_slice());
        closed.iter().filter(|run| run.range().overlaps(range)).for_each(|run| {
            visit(Cow::Borrowed(run));
        });
        let histograms = side.and_then(|side| side.histograms.as_deref());
        if let Some(open) = histograms.filter(|open| open.range().overlaps(range)) {
            visit(Cow::Owned(open.clone().finish()));
        }
        if !self.floats.is_empty() && self.open_range(memory).overlaps(range) {
            let base_t = memory.base_t.unwrap_or_default();
            if let Some(run) = Run::of_stream(&self.floats, &memory.pool, base_t) {
                visit(Cow::Owned(run));
            }
        }
        let late = side.and_then(|side| side.late.as_deref());
        let late = late.map_or(&[][..], Late::runs);
        late.iter().filter(|run| run.range().overlaps(range)).for_each(|run| {
            visit(Cow::Borrowed(run));
        });
    }

    /// Time of the last sample in time order, if this epoch has one: all others of it are older.
    pub(crate) fn newest_t(&self) -> Option<i64> {
        if !self.floats.is_empty() {
            return Some(self.floats.last_t());
        }
        let open = self.side.as_ref()?.histograms.as_ref()?;
        Some(open.last().t_ms)
    }

    /// The newest sample alone, which is at hand. `None` when the epoch has others in the range.
    fn copy_newest(&self, range: TimeRange) -> Option<SeriesCopy> {
        let t_ms = self.newest_t().filter(|t_ms| range.start_ms >= *t_ms)?;
        let mut copy = SeriesCopy::default();
        if range.contains(t_ms) {
            match self.last_histogram(t_ms) {
                Some(last) => copy.late_histograms.push(last.clone()),
                None => copy.late.push((t_ms, f64::from_bits(self.floats.last_v()))),
            }
        }
        Some(copy)
    }

    /// Copies what lies in the range, still compressed, so that decoding needs no lock.
    pub(crate) fn copy(&self, memory: &Memory, range: TimeRange) -> SeriesCopy {
        if let Some(copy) = self.copy_newest(range) {
            return copy;
        }
        let mut copy = SeriesCopy::default();
        self.visit_runs(memory, range, &mut |run| copy.runs.push(run.into_owned()));
        if let Some(late) = self.side.as_ref().and_then(|side| side.late.as_ref()) {
            let (floats, histograms) = late.loose(range);
            copy.late.extend_from_slice(floats);
            copy.late_histograms.extend_from_slice(histograms);
        }
        copy
    }
}

impl Side {
    fn push_histogram(&mut self, sample: &HistogramSample) {
        match &mut self.histograms {
            Some(open) if open.count() < RUN_HISTOGRAMS_MAX => open.push(sample),
            _ => {
                self.close_histograms();
                self.histograms = Some(Box::new(OpenHistograms::new(sample)));
            }
        }
    }

    fn close_histograms(&mut self) {
        self.closed.extend(self.histograms.take().map(|open| open.finish()));
    }

    fn ranges(&self) -> impl Iterator<Item = TimeRange> {
        let runs = self.closed.as_slice().iter().map(Run::range);
        runs.chain(self.histograms.as_ref().map(|open| open.range()))
            .chain(self.late.iter().flat_map(|late| late.ranges()))
    }

    fn overlaps(&self, range: TimeRange) -> bool {
        self.ranges().any(|own| own.overlaps(range))
    }

    /// Cost: O(1).
    fn heap_bytes(&self) -> usize {
        let open = self.histograms.as_ref().map_or(0, |open| open.heap_bytes());
        let late = self.late.as_ref().map_or(0, |late| late.heap_bytes());
        size_of::<Self>() + self.closed.heap_bytes() + open + late
    }
}

/// Samples of one series and epoch, taken out from under the lock.
#[derive(Debug, Default)]
pub(crate) struct SeriesCopy {
    /// Oldest arrival first.
    runs: Vec<Run>,
    /// Loose, or the newest sample alone; as the column below.
    late: Vec<(i64, f64)>,
    late_histograms: Vec<HistogramSample>,
}

impl SeriesCopy {
    /// Hands everything on, oldest arrival first.
    pub(crate) fn add_to(&self, assembly: &mut Assembly<'_>) -> Result<(), Malformed> {
        for run in &self.runs {
            assembly.add_run(run.first_t(), |range, out| run.decode(range, out))?;
        }
        if !self.late.is_empty() || !self.late_histograms.is_empty() {
            assembly.add_samples(&self.late, &self.late_histograms);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
