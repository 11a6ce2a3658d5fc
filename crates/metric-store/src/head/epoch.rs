//! The samples of one stretch between two cuts of the head, sharded for parallel appends.

use std::time::Duration;

use model::TimeRange;
use parking_lot::Mutex;

use crate::head::series::{SeriesCopy, SeriesData};

/// Samples of every series of one tenant since the last cut. Series references index into it.
#[derive(Debug)]
pub(crate) struct Epoch {
    /// Series `r` is number `r / n` of shard `r % n`. A lock is taken once per batch by appends,
    /// and for the copy of one series' chunks by reads.
    shards: Box<[Mutex<Shard>]>,
    /// Monotonic time at which it began.
    pub(crate) started: Duration,
    /// Number of the stretch of log in which this epoch's references are defined.
    pub(crate) naming: u64,
}

/// One shard's series and running totals.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    series: Vec<SeriesData>,
    pub(crate) samples: u64,
    /// Bytes of chunks, spare room included.
    pub(crate) chunk_bytes: u64,
}

impl Shard {
    /// The record of a series, made when it is not there yet. `slot` is the number in the shard.
    #[inline]
    pub(crate) fn slot(&mut self, slot: usize) -> &mut SeriesData {
        if slot >= self.series.len() {
            self.series.resize_with(slot + 1, SeriesData::default);
        }
        &mut self.series[slot]
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
    fn with<T>(&self, series: u32, look: impl FnOnce(&SeriesData) -> T) -> Option<T> {
        let (shard, slot) = self.place(series);
        shard.lock().series.get(slot).map(look)
    }

    pub(crate) fn overlaps(&self, series: u32, range: TimeRange) -> bool {
        self.with(series, |data| data.overlaps(range)).unwrap_or(false)
    }

    pub(crate) fn copy(&self, series: u32, range: TimeRange) -> Option<SeriesCopy> {
        self.with(series, |data| data.copy(range))
    }

    pub(crate) fn has_samples_of(&self, series: u32) -> bool {
        self.with(series, |data| !data.is_empty()).unwrap_or(false)
    }

    /// Makes a reference ready for another series.
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
        self.shards.iter().map(|shard| shard.lock().chunk_bytes).sum()
    }
}
