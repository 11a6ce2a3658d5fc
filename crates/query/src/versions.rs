//! When stretches of time last changed: what lets a cache of results tell exactly which of them
//! late data has touched.
//!
//! A store counts its changes. The number of the latest change is the *version* of its data, and
//! of every stretch of time the store remembers the change that touched it last. Who computes
//! something of samples asks for the version first and reads then; later it asks what has changed
//! since that version.
//!
//! **Why that is sound.** A store makes a change visible *before* it counts it, and counts it
//! before it acknowledges it. Say a reader took version `g` and missed a sample in what it read.
//! The sample became visible after that read, so it was counted after `g` was taken, as a change
//! greater than `g`: [`Versions::changed_since`]`(g)` names its time, always. A reader may see a
//! sample that is not counted yet; then it computes once more than needed, and nothing worse. Both
//! sides pass the same lock, so "counted before `g` was taken" implies "visible to reads that
//! follow". What is acknowledged is counted: whoever asks after the acknowledgement is told.
//!
//! Merging parts, or moving samples from memory into a part, changes no content and is no change.

use std::collections::BTreeMap;

use model::TimeRange;
use parking_lot::RwLock;

/// Width of the stretches that are told apart: 2^15 ms, 33 seconds.
const FINE_SHIFT: u32 = 15;
/// Old stretches are remembered this much coarser: 2^22 ms, 70 minutes.
const COARSE_SHIFT: u32 = 22;
const FINE_PER_COARSE: i64 = 1 << (COARSE_SHIFT - FINE_SHIFT);
/// Stretches kept of either width: at least 18 hours of fine ones, 198 days of coarse ones.
const FINE_MAX: usize = 2048;
const COARSE_MAX: usize = 4096;

/// The version of data that has not changed since its store was opened.
const FIRST: u64 = 1;

/// The changes of one tenant's data. Memory: below 300 kB, typically 50 kB.
#[derive(Debug)]
pub struct Versions(RwLock<Changes>);

#[derive(Debug)]
struct Changes {
    version: u64,
    /// The last change of everything.
    all: u64,
    /// Last change of stretches, by their number; one that is not here was not touched, or has
    /// become part of a coarse one.
    fine: BTreeMap<i64, u64>,
    coarse: BTreeMap<i64, u64>,
    /// Times before the first of these changed last at the second.
    forgotten: (i64, u64),
}

impl Default for Versions {
    fn default() -> Self {
        Self(RwLock::new(Changes {
            version: FIRST,
            all: 0,
            fine: BTreeMap::new(),
            coarse: BTreeMap::new(),
            forgotten: (i64::MIN, 0),
        }))
    }
}

impl Versions {
    /// The present version; greater than 0. Take it before reading.
    pub fn current(&self) -> u64 {
        self.0.read().version
    }

    /// Counts a change of single samples. They must be visible to reads already.
    pub fn touch_times(&self, touched: &TouchedTimes) {
        if touched.is_empty() {
            return;
        }
        let mut changes = self.0.write();
        let version = changes.next();
        touched.each_fine(|stretch| {
            changes.fine.insert(stretch, version);
        });
        for stretch in &touched.far {
            changes.coarse.insert(*stretch, version);
        }
        changes.bound();
    }

    /// Counts a change of whatever is in the range: its samples went, or others came. It must be
    /// visible to reads already.
    pub fn touch(&self, range: TimeRange) {
        if range.is_empty() {
            return;
        }
        let mut changes = self.0.write();
        let version = changes.next();
        let (first, last) = (range.start_ms >> FINE_SHIFT, range.end_ms >> FINE_SHIFT);
        // Whole coarse stretches within, and fine ones at both edges.
        let from = first.div_euclid(FINE_PER_COARSE) + 1;
        let to = last.div_euclid(FINE_PER_COARSE);
        if to.saturating_sub(from) > COARSE_MAX as i64 {
            changes.all = version;
            return;
        }
        let edges = if from < to {
            (first..from * FINE_PER_COARSE).chain(to * FINE_PER_COARSE..=last)
        } else {
            (first..first).chain(first..=last)
        };
        changes.fine.extend(edges.map(|stretch| (stretch, version)));
        changes.coarse.extend((from..to).map(|stretch| (stretch, version)));
        changes.bound();
    }

    /// Counts a change of everything.
    pub fn touch_all(&self) {
        self.touch(TimeRange::ALL);
    }

    /// The stretches within `range` that have changed after `version` was the present one:
    /// ascending, without overlap; a little more than changed, never less.
    pub fn changed_since(&self, version: u64, range: TimeRange) -> Vec<TimeRange> {
        let changes = self.0.read();
        if range.is_empty() || changes.version <= version {
            return Vec::new();
        }
        if changes.all > version {
            return vec![range];
        }
        let mut found = Vec::new();
        let (end_ms, changed_at) = changes.forgotten;
        if changed_at > version && range.start_ms < end_ms {
            found.push(TimeRange::new(range.start_ms, range.end_ms.min(end_ms - 1)));
        }
        for (changes, shift) in [(&changes.coarse, COARSE_SHIFT), (&changes.fine, FINE_SHIFT)] {
            let within = changes.range(range.start_ms >> shift..=range.end_ms >> shift);
            let newer = within.filter(|(_, changed_at)| **changed_at > version);
            found.extend(newer.map(|(stretch, _)| stretch_of(*stretch, shift).intersect(range)));
        }
        drop(changes);
        union(found)
    }
}

impl Changes {
    fn next(&mut self) -> u64 {
        self.version += 1;
        self.version
    }

    /// Makes the oldest stretches coarse, and forgets the oldest of those.
    fn bound(&mut self) {
        while self.fine.len() > FINE_MAX {
            let Some((stretch, changed_at)) = self.fine.pop_first() else { break };
            let coarse = self.coarse.entry(stretch.div_euclid(FINE_PER_COARSE)).or_default();
            *coarse = changed_at.max(*coarse);
        }
        while self.coarse.len() > COARSE_MAX {
            let Some((stretch, changed_at)) = self.coarse.pop_first() else { break };
            let end_ms = stretch_of(stretch, COARSE_SHIFT).end_ms.saturating_add(1);
            let (known_ms, known) = self.forgotten;
            self.forgotten = (end_ms.max(known_ms), changed_at.max(known));
        }
    }
}

fn stretch_of(number: i64, shift: u32) -> TimeRange {
    let start_ms = number << shift;
    TimeRange::new(start_ms, start_ms + ((1 << shift) - 1))
}

/// Sorts ranges and joins those that touch.
fn union(mut ranges: Vec<TimeRange>) -> Vec<TimeRange> {
    ranges.sort_unstable_by_key(|range| range.start_ms);
    let mut joined: Vec<TimeRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start_ms <= last.end_ms.saturating_add(1) => {
                last.end_ms = last.end_ms.max(range.end_ms);
            }
            _ => joined.push(range),
        }
    }
    joined
}

/// The times of one batch of samples, as the stretches they are in. Cost per sample: a shift and
/// a comparison as long as neighbours share their stretch, a bit set otherwise.
#[derive(Debug)]
pub struct TouchedTimes {
    last: i64,
    /// Number of the first bit below, once there is one.
    base: Option<i64>,
    /// 18 hours to either side of the first time.
    near: [u64; NEAR_WORDS],
    /// Everything else, coarse.
    far: Vec<i64>,
}

const NEAR_WORDS: usize = 64;
/// Coarse stretches between two removals of duplicates.
const FAR_CHECKED: usize = 1 << 12;

impl Default for TouchedTimes {
    fn default() -> Self {
        // No time is in the last of all stretches plus one.
        Self { last: i64::MAX, base: None, near: [0; NEAR_WORDS], far: Vec::new() }
    }
}

impl TouchedTimes {
    #[inline]
    pub fn add(&mut self, t_ms: i64) {
        let stretch = t_ms >> FINE_SHIFT;
        if stretch != self.last {
            self.last = stretch;
            self.mark(stretch);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.base.is_none()
    }

    fn mark(&mut self, stretch: i64) {
        let half = (NEAR_WORDS * u64::BITS as usize / 2) as i64;
        let base = *self.base.get_or_insert(stretch - half);
        let at = usize::try_from(stretch - base).unwrap_or(usize::MAX);
        if let Some(word) = self.near.get_mut(at / u64::BITS as usize) {
            *word |= 1 << (at % u64::BITS as usize);
            return;
        }
        let coarse = stretch.div_euclid(FINE_PER_COARSE);
        if self.far.last() == Some(&coarse) {
            return;
        }
        self.far.push(coarse);
        if self.far.len().is_multiple_of(FAR_CHECKED) {
            self.far.sort_unstable();
            self.far.dedup();
        }
    }

    fn each_fine(&self, mut each: impl FnMut(i64)) {
        let Some(base) = self.base else { return };
        for (index, word) in self.near.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                each(base + (index * u64::BITS as usize) as i64 + i64::from(left.trailing_zeros()));
                left &= left - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::TimeRange;

    use super::{COARSE_MAX, COARSE_SHIFT, FINE_MAX, FINE_SHIFT, TouchedTimes, Versions};

    const FINE_MS: i64 = 1 << FINE_SHIFT;
    const COARSE_MS: i64 = 1 << COARSE_SHIFT;

    fn append(versions: &Versions, times: &[i64]) {
        let mut touched = TouchedTimes::default();
        for t_ms in times {
            touched.add(*t_ms);
        }
        versions.touch_times(&touched);
    }

    #[test]
    fn a_late_sample_changes_its_own_stretch_only() {
        let versions = Versions::default();
        append(&versions, &[10 * FINE_MS, 20 * FINE_MS + 5]);
        let version = versions.current();
        assert_eq!(versions.changed_since(version, TimeRange::ALL), []);
        append(&versions, &[12 * FINE_MS + 7, 13 * FINE_MS]);
        let late = TimeRange::new(12 * FINE_MS, 14 * FINE_MS - 1);
        assert_eq!(versions.changed_since(version, TimeRange::ALL), [late]);
        let within = TimeRange::new(13 * FINE_MS, 13 * FINE_MS + 3);
        assert_eq!(versions.changed_since(version, within), [within]);
        let beside = TimeRange::new(14 * FINE_MS, 30 * FINE_MS);
        assert_eq!(versions.changed_since(version, beside), []);
        assert_eq!(versions.changed_since(0, beside).len(), 1);
    }

    #[test]
    fn a_range_is_precise_at_its_edges_and_everything_is_everything() {
        let versions = Versions::default();
        let check = |range: TimeRange, want: TimeRange| {
            let before = versions.current();
            versions.touch(range);
            assert_eq!(versions.changed_since(before, TimeRange::ALL), [want], "{range:?}");
        };
        let short = TimeRange::new(5, FINE_MS + 5);
        check(short, TimeRange::new(0, 2 * FINE_MS - 1));
        let long = TimeRange::new(-3 * COARSE_MS + 2 * FINE_MS, 4 * COARSE_MS);
        check(long, TimeRange::new(long.start_ms, long.end_ms + FINE_MS - 1));
        check(TimeRange::ALL, TimeRange::ALL);
        check(TimeRange::new(0, i64::MAX), TimeRange::ALL);
        let before = versions.current();
        versions.touch(TimeRange::new(2, 1));
        assert_eq!(versions.current(), before);
    }

    #[test]
    fn old_stretches_become_coarse_and_are_never_forgotten() {
        let versions = Versions::default();
        let before = versions.current();
        for i in 0..10 * FINE_MAX as i64 {
            append(&versions, &[i * FINE_MS]);
        }
        let all = TimeRange::new(0, 10 * FINE_MAX as i64 * FINE_MS - 1);
        let since = |version| versions.changed_since(version, TimeRange::ALL);
        assert_eq!(since(before), [all]);
        // A change in the middle of what is coarse by now: the version before it says so.
        let middle = before + 5 * FINE_MAX as i64 as u64;
        assert!(since(middle)[0].start_ms <= 5 * FINE_MAX as i64 * FINE_MS);
        assert!(since(middle)[0].start_ms >= 5 * FINE_MAX as i64 * FINE_MS - COARSE_MS);
        for i in 0..2 * (COARSE_MAX + FINE_MAX) as i64 {
            append(&versions, &[i * COARSE_MS]);
        }
        let sizes = versions.0.read();
        assert!(sizes.fine.len() <= FINE_MAX && sizes.coarse.len() <= COARSE_MAX);
        drop(sizes);
        assert_eq!(since(before)[0].start_ms, i64::MIN);
    }

    #[test]
    fn a_batch_touches_what_its_times_are_in() {
        let mut x = 7_u64;
        let mut random = |below: u64| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((x >> 33) % below) as i64
        };
        for spread in [1000, 60_000_000, 4_000_000_000_000] {
            let times: Vec<i64> = (0..5000).map(|_| 1_700_000_000_000 + random(spread)).collect();
            let versions = Versions::default();
            let before = versions.current();
            append(&versions, &times);
            let changed = versions.changed_since(before, TimeRange::ALL);
            let covered = |t: i64| changed.iter().any(|range| range.contains(t));
            assert!(times.iter().all(|t| covered(*t)), "spread {spread}");
            if spread < (FINE_MAX as i64 * FINE_MS) as u64 {
                let stretches: BTreeSet<i64> = times.iter().map(|t| t >> FINE_SHIFT).collect();
                let length = |range: &TimeRange| (range.end_ms - range.start_ms + 1) / FINE_MS;
                let sum: i64 = changed.iter().map(length).sum();
                assert_eq!(sum as usize, stretches.len(), "spread {spread}");
            }
        }
        append(&Versions::default(), &[i64::MIN, i64::MAX, 0]);
    }
}
