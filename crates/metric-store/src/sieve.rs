//! What of a part goes into a merge: everything but what is deleted or past its retention.

use std::sync::Arc;

use model::TimeRange;
use postings::RoaringBitmap;
use query::SampleBuffer;

use crate::chunk::Assembly;
use crate::part::{MetricPart, ReadScratch};
use crate::retention::KeepFrom;
use crate::tombstones::{Deleted, Tombstones, without};

/// An input of a merge, and what of it is left out.
pub(crate) struct Sieve<'a> {
    pub(crate) part: &'a MetricPart,
    deleted: Option<Arc<Deleted>>,
    /// Series with a retention of their own, and the oldest timestamps that count.
    rules: Vec<(RoaringBitmap, i64)>,
    keep_from_ms: i64,
    /// Nothing is left out.
    pub(crate) is_open: bool,
}

impl<'a> Sieve<'a> {
    pub(crate) fn of(part: &'a MetricPart, tombstones: &Tombstones, keep: &KeepFrom<'_>) -> Self {
        let (deleted, rules, keep_from_ms) =
            (tombstones.of(part), keep.in_part(part), keep.tenant_ms);
        let is_open =
            deleted.is_none() && rules.is_empty() && keep_from_ms <= part.time_range().start_ms;
        Self { part, deleted, rules, keep_from_ms, is_open }
    }

    /// The ranges of a series that stay, ascending.
    pub(crate) fn kept(&self, series: u32) -> Vec<TimeRange> {
        if self.is_open {
            return vec![TimeRange::ALL];
        }
        let own = self.rules.iter().filter(|(found, _)| found.contains(series));
        let from_ms = own.map(|(_, from_ms)| *from_ms).fold(self.keep_from_ms, i64::max);
        let deleted = self.deleted.as_ref().map(|deleted| deleted.ranges(series));
        without(TimeRange::new(from_ms, i64::MAX), &deleted.unwrap_or_default())
    }

    /// Whether a sample of the series stays. Only a chunk that loses both ends is decoded for that.
    pub(crate) fn lets_through(&self, series: u32) -> bool {
        if self.is_open {
            return true;
        }
        let kept = self.kept(series);
        let mut is_open_within = false;
        for place in self.part.chunks_of(series) {
            // What cannot be read is met again, and reported, when it is merged.
            let Ok(place) = place else { return true };
            let chunk = place.range();
            // There is a sample at both ends.
            if kept.iter().any(|kept| kept.contains(chunk.start_ms) || kept.contains(chunk.end_ms))
            {
                return true;
            }
            is_open_within |= kept.iter().any(|kept| kept.overlaps(chunk));
        }
        is_open_within && self.has_samples(series, &kept)
    }

    fn has_samples(&self, series: u32, kept: &[TimeRange]) -> bool {
        let mut samples = SampleBuffer::default();
        let mut assembly = Assembly::new(&mut samples, TimeRange::ALL);
        let mut scratch = ReadScratch::default();
        for kept in kept {
            assembly.narrow(*kept);
            if self.part.add_to(series, self.part.cache(), &mut scratch, &mut assembly).is_err() {
                return true;
            }
        }
        !samples.is_empty()
    }
}
