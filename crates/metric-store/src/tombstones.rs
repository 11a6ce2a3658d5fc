//! Deletions that are not carried out yet: which samples of which parts count no more.
//!
//! A deletion first brings what the head holds of its series into parts (see `delete.rs`). Its
//! tombstone covers the parts that have a lower number than the next one to come: exactly what was
//! there when it was made. What is stored later, also with timestamps in the deleted range, is in
//! parts of higher numbers or in the head, and is not touched.
//!
//! **Invariant:** a part is given its number before its writer looks at the tombstones. So one
//! that is made meanwhile covers the new part too, and one that does not cover it was applied.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use blockfile::PartId;
use model::{Matcher, TimeRange};
use parking_lot::RwLock;
use postings::{RoaringBitmap, resolve};

use crate::part::MetricPart;

/// One deletion: the samples in the range of all series that pass the matchers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tombstone {
    /// Parts of lower numbers are meant.
    pub(crate) before: PartId,
    pub(crate) range: TimeRange,
    pub(crate) matchers: Vec<Matcher>,
    /// When it was asked for, Unix milliseconds.
    pub(crate) made_ms: i64,
}

impl Tombstone {
    fn covers(&self, part: &MetricPart) -> bool {
        part.part_id < self.before && part.time_range().overlaps(self.range)
    }

    /// Whether every sample that `older` means is meant by this one, too.
    fn includes(&self, older: &Self) -> bool {
        let wider =
            self.range.start_ms <= older.range.start_ms && self.range.end_ms >= older.range.end_ms;
        wider && self.before >= older.before && self.matchers == older.matchers
    }
}

/// The tombstones of one tenant. Replaced as a whole when one comes or goes.
#[derive(Debug, Default)]
pub(crate) struct Tombstones {
    list: Vec<Tombstone>,
    /// What they mean in each part that was asked for; `None`: nothing.
    resolved: RwLock<HashMap<PartId, Option<Arc<Deleted>>>>,
}

/// The series of one part that lost samples, and when.
#[derive(Debug)]
pub(crate) struct Deleted(Vec<Loss>);

/// What one tombstone means in a part.
#[derive(Debug)]
struct Loss {
    /// Number of the tombstone in the list.
    tombstone: usize,
    series: RoaringBitmap,
    range: TimeRange,
}

impl Tombstones {
    pub(crate) fn new(list: Vec<Tombstone>) -> Self {
        Self { list, resolved: RwLock::default() }
    }

    pub(crate) fn list(&self) -> &[Tombstone] {
        &self.list
    }

    /// The list with more, less what these include.
    pub(crate) fn with(&self, more: Vec<Tombstone>) -> Vec<Tombstone> {
        let mut list = self.list.clone();
        for tombstone in more {
            list.retain(|older| !tombstone.includes(older));
            list.push(tombstone);
        }
        list
    }

    /// What is deleted in a part; `None`: nothing. Cost: a look-up, and once for each part the
    /// resolution of the matchers.
    pub(crate) fn of(&self, part: &MetricPart) -> Option<Arc<Deleted>> {
        if self.list.is_empty() {
            return None;
        }
        if let Some(known) = self.resolved.read().get(&part.part_id) {
            return known.clone();
        }
        let covering = self.list.iter().enumerate().filter(|(_, t)| t.covers(part));
        let losses = covering.map(|(number, tombstone)| {
            let found = resolve(part, &tombstone.matchers).into_iter();
            let found = found.filter(|series| part.overlaps(*series, tombstone.range));
            let series = RoaringBitmap::from_sorted_iter(found).unwrap_or_default();
            Loss { tombstone: number, series, range: tombstone.range }
        });
        let losses: Vec<Loss> = losses.filter(|loss| !loss.series.is_empty()).collect();
        let deleted = (!losses.is_empty()).then(|| Arc::new(Deleted(losses)));
        self.resolved.write().insert(part.part_id, deleted.clone());
        deleted
    }

    /// The tombstones that still mean a series of one of the parts.
    pub(crate) fn needed_for(&self, parts: &[Arc<MetricPart>]) -> Vec<Tombstone> {
        let deleted: Vec<Arc<Deleted>> = parts.iter().filter_map(|part| self.of(part)).collect();
        let losses = deleted.iter().flat_map(|deleted| &deleted.0);
        let needed: BTreeSet<usize> = losses.map(|loss| loss.tombstone).collect();
        needed.iter().filter_map(|number| self.list.get(*number)).cloned().collect()
    }

    /// Forgets what was resolved for parts that live no more.
    pub(crate) fn forget_all_but(&self, parts: &[Arc<MetricPart>]) {
        if !self.list.is_empty() {
            let lives = |id: &PartId| parts.iter().any(|part| part.part_id == *id);
            self.resolved.write().retain(|id, _| lives(id));
        }
    }
}

impl Deleted {
    /// The deleted ranges of a series.
    pub(crate) fn ranges(&self, series: u32) -> Vec<TimeRange> {
        let own = self.0.iter().filter(|loss| loss.series.contains(series));
        own.map(|loss| loss.range).collect()
    }

    /// Whether a chunk of the series may have samples in the range that are not deleted.
    pub(crate) fn spares(&self, part: &MetricPart, series: u32, range: TimeRange) -> bool {
        without(range, &self.ranges(series)).iter().any(|kept| part.overlaps(series, *kept))
    }

    pub(crate) fn series_count(&self) -> u64 {
        let mut all = RoaringBitmap::new();
        for loss in &self.0 {
            all |= &loss.series;
        }
        all.len()
    }
}

/// What is left of a range when others are cut out of it, ascending.
pub(crate) fn without(range: TimeRange, cuts: &[TimeRange]) -> Vec<TimeRange> {
    let mut cuts: Vec<TimeRange> = cuts.iter().copied().filter(|c| c.overlaps(range)).collect();
    cuts.sort_unstable_by_key(|cut| cut.start_ms);
    let (mut rest, mut kept) = (range, Vec::with_capacity(cuts.len() + 1));
    for cut in cuts {
        if cut.start_ms > rest.start_ms {
            kept.push(TimeRange::new(rest.start_ms, cut.start_ms - 1));
        }
        if cut.end_ms >= rest.end_ms {
            return kept;
        }
        rest.start_ms = rest.start_ms.max(cut.end_ms + 1);
    }
    kept.push(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::{Tombstone, Tombstones, without};
    use blockfile::PartId;
    use model::{Matcher, TimeRange};
    use proptest::prelude::*;

    fn range() -> impl Strategy<Value = TimeRange> {
        let end = |small: std::ops::Range<i64>, far| prop_oneof![6 => small, 1 => Just(far)];
        (end(0..40, i64::MIN), end(0..40, i64::MAX)).prop_map(|(a, b)| TimeRange::new(a, b))
    }

    proptest! {
        #[test]
        fn cutting_out_leaves_the_rest(
            all in range(),
            cuts in prop::collection::vec(range(), 0..5),
        ) {
            let cuts: Vec<_> = cuts.into_iter().filter(|cut| !cut.is_empty()).collect();
            let kept = if all.is_empty() { Vec::new() } else { without(all, &cuts) };
            prop_assert!(kept.is_sorted_by(|a, b| a.end_ms < b.start_ms));
            for t in (-2..43).chain([i64::MIN, i64::MAX]) {
                let want = all.contains(t) && !cuts.iter().any(|cut| cut.contains(t));
                prop_assert_eq!(kept.iter().any(|kept| kept.contains(t)), want, "{}", t);
            }
        }
    }

    #[test]
    fn a_wider_deletion_takes_the_place_of_a_narrower_one() {
        let of = |before, start, end, job: &str| Tombstone {
            before: PartId(before),
            range: TimeRange::new(start, end),
            matchers: vec![Matcher::equal("job", job)],
            made_ms: 0,
        };
        let held = Tombstones::new(vec![of(1, 5, 9, "a"), of(1, 5, 9, "b"), of(1, 1, 7, "a")]);
        let list = held.with(vec![of(2, 5, 9, "a"), of(2, 0, 9, "b")]);
        assert_eq!(list, [of(1, 1, 7, "a"), of(2, 5, 9, "a"), of(2, 0, 9, "b")]);
    }
}
