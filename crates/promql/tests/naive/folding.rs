//! A source that folds: what a store with aggregates of whole chunks answers, computed from samples.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{LabelSets, Labels, Matcher, MetricMetadata, TimeRange};
use query::memory::MemorySource;
use query::{
    Budget, FoldNeeds, FoldWindow, MetricSource, SampleBuffer, Scope, SelectRequest, Selection,
    SourceError, WindowAggregate,
};

/// Series that were folded, by all tests together.
pub(crate) static FOLDED: AtomicUsize = AtomicUsize::new(0);

pub(crate) struct Folding<'s>(pub(crate) &'s MemorySource);

struct FoldingSelection(Box<dyn Selection>);

impl Selection for FoldingSelection {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn labels(&self, index: usize) -> Labels {
        self.0.labels(index)
    }

    fn read(
        &self,
        index: usize,
        range: TimeRange,
        out: &mut SampleBuffer,
    ) -> Result<(), SourceError> {
        self.0.read(index, range, out)
    }

    fn fold(
        &self,
        index: usize,
        windows: &[FoldWindow],
        needs: FoldNeeds,
        out: &mut Vec<WindowAggregate>,
    ) -> Result<bool, SourceError> {
        assert!(windows.windows(2).all(|pair| pair[0].end_ms <= pair[1].after_ms), "{windows:?}");
        let mut samples = SampleBuffer::default();
        let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
            return Ok(false);
        };
        self.0.read(index, TimeRange::new(first.after_ms + 1, last.end_ms), &mut samples)?;
        out.clear();
        for window in windows {
            let mut aggregate = WindowAggregate::default();
            for (t_ms, v) in samples.t_ms.iter().zip(&samples.v) {
                if !window.contains(*t_ms) || model::is_stale(*v) {
                    continue;
                }
                if v.is_nan() {
                    return Ok(false);
                }
                aggregate.push(*t_ms, *v);
            }
            // What nobody needs, nobody may look at.
            if !needs.sums {
                (aggregate.sum, aggregate.compensation) = (f64::NAN, f64::NAN);
            }
            if !needs.extremes {
                (aggregate.min, aggregate.max) = (f64::NAN, f64::NAN);
            }
            if !needs.resets {
                aggregate.reset_correction = f64::NAN;
            }
            out.push(aggregate);
        }
        FOLDED.fetch_add(1, Ordering::Relaxed);
        Ok(true)
    }
}

impl MetricSource for Folding<'_> {
    fn select(
        &self,
        scope: &Scope,
        request: &SelectRequest,
        budget: &Budget,
    ) -> Result<Box<dyn Selection>, SourceError> {
        Ok(Box::new(FoldingSelection(self.0.select(scope, request, budget)?)))
    }

    fn series(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<LabelSets, SourceError> {
        self.0.series(scope, matcher_sets, range, limit, budget)
    }

    fn label_names(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<String>, SourceError> {
        self.0.label_names(scope, matcher_sets, range, limit, budget)
    }

    fn label_values(
        &self,
        scope: &Scope,
        name: &str,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
        limit: usize,
        budget: &Budget,
    ) -> Result<Vec<String>, SourceError> {
        self.0.label_values(scope, name, matcher_sets, range, limit, budget)
    }

    fn metadata(
        &self,
        scope: &Scope,
        metric: Option<&str>,
        limit: usize,
    ) -> Result<BTreeMap<String, Vec<MetricMetadata>>, SourceError> {
        self.0.metadata(scope, metric, limit)
    }
}
