//! The samples of one stretch between two cuts of the head, sharded for parallel appends.

use std::time::Duration;

use codec::paged::Paged;
use model::{HistogramSample, TimeRange};
use parking_lot::Mutex;

use crate::head::series::{Memory, Outcome, SeriesCopy, SeriesData};

/// Samples of every series of one tenant since the last cut. Series references index into it.
#[derive(Debug)]
pub(crate) struct Epoch {
    /// Series `r` is number `r / n` of shard `r % n`. A lock is taken once per batch by appends,
    /// and for the copy of one series' runs by reads.
    shards: Box<[Mutex<Shard>]>,
    /// Monotonic time at which it began.
    pub(crate) started: Duration,
    /// Number of the stretch of log in which this epoch's references are defined.
    pub(crate) naming: u64,
}

/// One shard's series and running totals. A series is known by its number in the shard.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    series: Paged<SeriesData>,
    memory: Memory,
    pub(crate) samples: u64,
}

impl Shard {
    /// The record of a series, made when it is not there yet.
    #[inline]
    fn slot(&mut self, slot: usize) -> (&mut SeriesData, &mut Memory) {
        while slot >= self.series.len() {
            self.series.push(SeriesData::default());
        }
        (&mut self.series[slot], &mut self.memory)
    }

    /// Whether the log defines the series since it was last cut.
    pub(crate) fn is_logged(&self, slot: usize) -> bool {
        self.series.get(slot).is_some_and(SeriesData::is_logged)
    }

    /// Time of the last sample of a series, also of an earlier epoch; `i64::MIN` when there is none.
    pub(crate) fn last_t(&self, slot: usize) -> i64 {
        self.series.get(slot).map_or(i64::MIN, SeriesData::last_t)
    }

    pub(crate) fn set_logged(&mut self, slot: usize) {
        self.slot(slot).0.set_logged();
    }

    /// Adds a float sample.
    #[inline]
    pub(crate) fn push(&mut self, slot: usize, t_ms: i64, v: f64) -> Outcome {
        let (data, memory) = self.slot(slot);
        let outcome = data.push(memory, t_ms, v);
        self.samples += u64::from(outcome == Outcome::Added);
        outcome
    }

    /// Adds a native histogram.
    pub(crate) fn push_histogram(&mut self, slot: usize, sample: &HistogramSample) -> Outcome {
        let (data, memory) = self.slot(slot);
        let outcome = data.push_histogram(memory, sample);
        self.samples += u64::from(outcome == Outcome::Added);
        outcome
    }

    /// Bytes of samples, spare room included. Cost: O(1).
    pub(crate) fn chunk_bytes(&self) -> u64 {
        self.memory.bytes()
    }
}

impl Epoch {
    pub(crate) fn new(shard_count: usize, started: Duration, naming: u64) -> Self {
        let shards = (0..shard_count.max(1)).map(|_| Mutex::default()).collect();
        Self { shards, started, naming }
    }

    /// The next epoch: the same series, without samples.
    pub(crate) fn successor(&self, started: Duration) -> Self {
        let next = |shard: &Mutex<Shard>| {
            let series = shard.lock().series.iter().map(SeriesData::successor).collect();
            Mutex::new(Shard { series, ..Shard::default() })
        };
        let naming = self.naming.wrapping_add(1);
        Self { shards: self.shards.iter().map(next).collect(), started, naming }
    }

    pub(crate) fn shards(&self) -> &[Mutex<Shard>] {
        &self.shards
    }

    fn place(&self, series: u32) -> (&Mutex<Shard>, usize) {
        let count = self.shards.len();
        (&self.shards[series as usize % count], series as usize / count)
    }

    /// Runs `look` on a series' record, if there is one.
    fn with<T>(&self, series: u32, look: impl FnOnce(&SeriesData, &Memory) -> T) -> Option<T> {
        let (shard, slot) = self.place(series);
        let shard = shard.lock();
        shard.series.get(slot).map(|data| look(data, &shard.memory))
    }

    pub(crate) fn overlaps(&self, series: u32, range: TimeRange) -> bool {
        self.with(series, |data, memory| data.overlaps(memory, range)).unwrap_or(false)
    }

    /// See [`SeriesData::is_touched`].
    pub(crate) fn is_touched(&self, series: u32, range: TimeRange) -> bool {
        self.with(series, |data, memory| data.is_touched(memory, range)).unwrap_or(false)
    }

    /// See [`SeriesData::newest_t`].
    pub(crate) fn newest_t(&self, series: u32) -> Option<i64> {
        self.with(series, |data, _| data.newest_t()).flatten()
    }

    pub(crate) fn copy(&self, series: u32, range: TimeRange) -> Option<SeriesCopy> {
        self.with(series, |data, memory| data.copy(memory, range))
    }

    pub(crate) fn has_samples_of(&self, series: u32) -> bool {
        self.with(series, |data, _| !data.is_empty()).unwrap_or(false)
    }

    /// Sets the bits of series with samples; those beyond the bits are left out. Unix milliseconds
    /// of the newest of all samples.
    pub(crate) fn mark_used(&self, used: &mut [u64]) -> Option<i64> {
        let (count, mut newest) = (self.shards.len(), None);
        for (number, shard) in self.shards.iter().enumerate() {
            let shard = shard.lock();
            let with_samples = |(_, data): &(usize, &SeriesData)| !data.is_empty();
            for (slot, data) in shard.series.iter().enumerate().filter(with_samples) {
                newest = newest.max(data.newest_t());
                let series = slot * count + number;
                if let Some(bits) = used.get_mut(series / 64) {
                    *bits |= 1 << (series % 64);
                }
            }
        }
        newest
    }

    /// The number of runs, and the time they span. Holds each shard while its series are counted.
    pub(crate) fn extent(&self) -> (u64, Option<TimeRange>) {
        let (mut runs, mut first_ms, mut last_ms) = (0, i64::MAX, i64::MIN);
        for shard in &self.shards {
            let shard = shard.lock();
            for data in shard.series.iter() {
                data.visit_ranges(&shard.memory, &mut |range| {
                    runs += 1;
                    first_ms = first_ms.min(range.start_ms);
                    last_ms = last_ms.max(range.end_ms);
                });
            }
        }
        (runs, (runs > 0).then(|| TimeRange::new(first_ms, last_ms)))
    }

    /// Makes a reference without samples ready for another series.
    pub(crate) fn reset(&self, series: u32) {
        let (shard, slot) = self.place(series);
        if let Some(data) = shard.lock().series.get_mut(slot) {
            *data = SeriesData::default();
        }
    }

    pub(crate) fn sample_count(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().samples).sum()
    }

    pub(crate) fn chunk_bytes(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().chunk_bytes()).sum()
    }

    /// Bytes of the series' records.
    pub(crate) fn record_bytes(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().series.heap_bytes() as u64).sum()
    }
}
