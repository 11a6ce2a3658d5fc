//! The samples of one series in one epoch of the head.

use codec::chain::Pool;
use codec::growing::GrowingFloats;
use model::{HistogramSample, TimeRange};
use query::SampleBuffer;

use crate::chunk::Assembly;
use crate::cursor::Malformed;
use crate::head::run::{OpenHistograms, Run, histogram_bytes};
use crate::histogram;

/// Samples of a run: two hours at 30 s. Longer ones make short reads decode too much.
const RUN_SAMPLES_MAX: u16 = 240;
const RUN_HISTOGRAMS_MAX: u32 = 120;
/// Late samples collected before they are packed.
const LATE_FLOATS_MAX: usize = 240;
const LATE_HISTOGRAMS_MAX: usize = 60;

/// Tag of a series whose reference the log defines since it was last cut.
const LOGGED: u8 = 1;
/// Tag of a series whose sample at `floats.last_t()` is a histogram.
const HISTOGRAM_LAST: u8 = 2;

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Added,
    /// It was there already: nothing to do, nothing to complain about.
    Same,
    /// Another sample has the timestamp.
    Duplicate,
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
    closed: Vec<Run>,
    histograms: Option<OpenHistograms>,
    late_closed: Vec<Run>,
    /// Ascending in time, as the column below.
    late: Vec<(i64, f64)>,
    late_histograms: Vec<HistogramSample>,
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

    /// Adds a float sample. Cost: about 10 ns in time order; a late sample is looked for first.
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
            let same = v.to_bits() == self.floats.last_v();
            return if same { Outcome::Same } else { Outcome::Duplicate };
        }
        let found = self.at(memory, t_ms);
        if let Some(known) = found.v.first() {
            return if known.to_bits() == v.to_bits() { Outcome::Same } else { Outcome::Duplicate };
        }
        if !found.is_empty() {
            return Outcome::Duplicate;
        }
        self.change_side(memory, |side| {
            let place = side.late.partition_point(|(t, _)| *t < t_ms);
            side.late.insert(place, (t_ms, v));
            if side.late.len() >= LATE_FLOATS_MAX {
                side.late_closed.extend(Run::of_floats(&side.late));
                side.late = Vec::new();
            }
        });
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
        let found = self.at(memory, sample.t_ms);
        if let Some(known) = found.histograms.first() {
            let same = histogram::is_same(&known.h, &sample.h);
            return if same { Outcome::Same } else { Outcome::Duplicate };
        }
        let last_is_float = sample.t_ms == self.floats.last_t() && !self.histogram_last();
        if last_is_float || !found.is_empty() {
            return Outcome::Duplicate;
        }
        self.change_side(memory, |side| {
            let place = side.late_histograms.partition_point(|known| known.t_ms < sample.t_ms);
            side.late_histograms.insert(place, sample.clone());
            if side.late_histograms.len() >= LATE_HISTOGRAMS_MAX {
                side.late_closed.extend(Run::of_histograms(&side.late_histograms));
                side.late_histograms = Vec::new();
            }
        });
        Outcome::Added
    }

    /// Closes what grows in time order, so that the other kind can follow it.
    fn close(&mut self, memory: &mut Memory) {
        let base_t = memory.base_t.unwrap_or_default();
        let run = Run::of_stream(&self.floats, &memory.pool, base_t);
        self.floats.release(&mut memory.pool);
        if run.is_some() || self.side.is_some() {
            self.change_side(memory, |side| {
                side.close_histograms();
                if let Some(run) = run {
                    side.closed.reserve_exact(1);
                    side.closed.push(run);
                }
            });
        }
    }

    /// Changes the side record and counts what that takes.
    fn change_side(&mut self, memory: &mut Memory, change: impl FnOnce(&mut Side)) {
        let before = self.side.as_ref().map_or(0, |side| side.heap_bytes());
        let side = self.side.get_or_insert_default();
        change(side);
        memory.side_bytes = (memory.side_bytes + side.heap_bytes()).saturating_sub(before);
    }

    /// What this epoch holds at one timestamp.
    fn at(&self, memory: &Memory, t_ms: i64) -> SampleBuffer {
        let range = TimeRange::new(t_ms, t_ms);
        let mut out = SampleBuffer::default();
        let copied = self.copy(memory, range);
        copied.add_to(&mut Assembly::new(&mut out, range)).ok();
        out
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

    /// Copies what lies in the range, still compressed, so that decoding needs no lock.
    pub(crate) fn copy(&self, memory: &Memory, range: TimeRange) -> SeriesCopy {
        let mut copy = SeriesCopy::default();
        if let Some(side) = &self.side {
            let wanted = |run: &&Run| run.range().overlaps(range);
            copy.runs.extend(side.closed.iter().filter(wanted).cloned());
            let open = side.histograms.as_ref().filter(|open| open.range().overlaps(range));
            copy.runs.extend(open.map(|open| open.clone().finish()));
            copy.late_runs.extend(side.late_closed.iter().filter(wanted).cloned());
            let within = |t: i64| range.contains(t);
            let wanted = |sample: &&HistogramSample| within(sample.t_ms);
            copy.late_histograms.extend(side.late_histograms.iter().filter(wanted).cloned());
            copy.late.extend(side.late.iter().filter(|(t, _)| within(*t)));
        }
        if !self.floats.is_empty() && self.open_range(memory).overlaps(range) {
            let base_t = memory.base_t.unwrap_or_default();
            copy.runs.extend(Run::of_stream(&self.floats, &memory.pool, base_t));
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
                self.histograms = Some(OpenHistograms::new(sample));
            }
        }
    }

    fn close_histograms(&mut self) {
        if let Some(open) = self.histograms.take() {
            self.closed.reserve_exact(1);
            self.closed.push(open.finish());
        }
    }

    fn ranges(&self) -> impl Iterator<Item = TimeRange> {
        let runs = self.closed.iter().chain(&self.late_closed).map(Run::range);
        let late = self.late.first().zip(self.late.last());
        let late = late.map(|((first, _), (last, _))| TimeRange::new(*first, *last));
        let histograms = self.late_histograms.first().zip(self.late_histograms.last());
        let histograms = histograms.map(|(first, last)| TimeRange::new(first.t_ms, last.t_ms));
        runs.chain(late)
            .chain(histograms)
            .chain(self.histograms.as_ref().map(OpenHistograms::range))
    }

    fn overlaps(&self, range: TimeRange) -> bool {
        self.ranges().any(|own| own.overlaps(range))
    }

    fn heap_bytes(&self) -> usize {
        let closed: usize = self.closed.iter().chain(&self.late_closed).map(Run::heap_bytes).sum();
        let open = self.histograms.as_ref().map_or(0, OpenHistograms::heap_bytes);
        let loose: usize = self.late_histograms.iter().map(|h| histogram_bytes(&h.h)).sum();
        size_of::<Self>() + closed + open + loose + self.late.capacity() * size_of::<(i64, f64)>()
    }
}

/// Samples of one series and epoch, taken out from under the lock.
#[derive(Debug, Default)]
pub(crate) struct SeriesCopy {
    /// In time order, without overlap.
    runs: Vec<Run>,
    late_runs: Vec<Run>,
    late: Vec<(i64, f64)>,
    late_histograms: Vec<HistogramSample>,
}

impl SeriesCopy {
    /// Hands everything on, oldest arrival first.
    pub(crate) fn add_to(&self, assembly: &mut Assembly<'_>) -> Result<(), Malformed> {
        for run in self.runs.iter().chain(&self.late_runs) {
            assembly.add_run(run.first_t(), |range, out| run.decode(range, out))?;
        }
        if !self.late.is_empty() || !self.late_histograms.is_empty() {
            assembly.add_samples(&self.late, &self.late_histograms);
        }
        Ok(())
    }
}
