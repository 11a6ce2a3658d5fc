//! What counts as a change of a tenant's data, so that nothing that was computed from it is used
//! when it no longer holds (`query::versions`).
//!
//! Whoever makes samples visible or takes them away counts it here, right after. Three things do
//! so: appends, what takes parts or series away, and the clock, past which samples leave by their
//! age. Moving samples between head and parts is no change.

use model::{SampleBatch, TimeRange};
use parking_lot::Mutex;
use query::{TouchedTimes, Versions};

use crate::retention::KeepFrom;

/// One tenant's.
#[derive(Debug, Default)]
pub(crate) struct SeenChanges {
    versions: Versions,
    /// By number of the horizon, the time up to which what left by its age is counted.
    expired_to: Mutex<Vec<i64>>,
}

impl SeenChanges {
    /// Counts what came or went in the range.
    pub(crate) fn touch(&self, range: TimeRange) {
        self.versions.touch(range);
    }

    /// Counts the samples of a batch when the guard is dropped; take it before they are appended.
    /// Half of a batch may be there after an error or a panic, so this is not for success only.
    #[must_use]
    pub(crate) fn count_later<'a>(
        &'a self,
        batch: &'a SampleBatch<'a>,
        accepted: TimeRange,
    ) -> CountedWhenDropped<'a> {
        CountedWhenDropped { versions: &self.versions, batch, accepted }
    }

    /// The version of the data as the clock shows it.
    pub(crate) fn version(&self, keep: &KeepFrom<'_>) -> u64 {
        self.count_expired(keep);
        self.versions.current()
    }

    pub(crate) fn changed_since(
        &self,
        version: u64,
        range: TimeRange,
        keep: &KeepFrom<'_>,
    ) -> Vec<TimeRange> {
        self.count_expired(keep);
        self.versions.changed_since(version, range)
    }

    /// Counts what has left by its age since the last time, or come back with the clock.
    ///
    /// What a reader with a version could still see was left at that moment. Whatever left later
    /// lies between the horizons of then and of now, which is counted before anybody is told
    /// what has changed.
    fn count_expired(&self, keep: &KeepFrom<'_>) {
        let mut known = self.expired_to.lock();
        for (number, from_ms) in keep.horizons().enumerate() {
            match known.get_mut(number) {
                Some(known) if *known != from_ms => {
                    let (first, last) = ((*known).min(from_ms), (*known).max(from_ms));
                    *known = from_ms;
                    self.versions.touch(TimeRange::new(first, last));
                }
                Some(_) => {}
                None => known.push(from_ms),
            }
        }
    }
}

impl SeenChanges {
    /// Counts from an earlier moment on what leaves by its age.
    pub(crate) fn resume(&self, then: &KeepFrom<'_>) {
        let mut known = self.expired_to.lock();
        for (number, then_ms) in then.horizons().enumerate() {
            match known.get(number) {
                Some(now_ms) => {
                    let (first, last) = (then_ms.min(*now_ms), then_ms.max(*now_ms));
                    self.versions.touch(TimeRange::new(first, last));
                }
                None => known.push(then_ms),
            }
        }
    }
}

/// See [`SeenChanges::count_later`].
pub(crate) struct CountedWhenDropped<'a> {
    versions: &'a Versions,
    batch: &'a SampleBatch<'a>,
    accepted: TimeRange,
}

impl Drop for CountedWhenDropped<'_> {
    fn drop(&mut self) {
        let mut touched = TouchedTimes::default();
        let times = self.batch.t_ms.iter().copied();
        let times = times.chain(self.batch.histograms.iter().map(|sample| sample.t_ms));
        for t_ms in times.filter(|t_ms| self.accepted.contains(*t_ms)) {
            touched.add(t_ms);
        }
        self.versions.touch_times(&touched);
    }
}
