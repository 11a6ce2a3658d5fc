//! `sum_over_time` and `avg_over_time` of native histograms.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram};

use super::mixed::Context;
use super::range_function::RangeFunction;
use super::window::MixedWindow;
use crate::annotation::{Note, Operation};
use crate::grid::CellValue;
use crate::histogram::sum::{HistogramSum, Incompatible, divided};

pub(super) fn value(context: &Context<'_>, window: &MixedWindow<'_>) -> CellValue {
    if !window.floats.v.is_empty() {
        context.note(&Note::MixedFloatsHistograms { metric: context.metric });
        return CellValue::Absent;
    }
    let mean = context.call.function == RangeFunction::Avg;
    let mut total = HistogramTotal::new(mean);
    for sample in window.histograms {
        if total.add(&sample.h).is_err() {
            context.note(&Note::MixedExponentialCustom { metric: context.metric });
            return CellValue::Absent;
        }
    }
    if total.resets_collide() {
        context.note(&Note::ResetCollision(Operation::Aggregation));
    }
    if total.bounds_reconciled {
        context.note(&Note::MismatchedBounds(Operation::Aggregation));
    }
    total.finish().map_or(CellValue::Absent, |h| CellValue::Histogram(Arc::new(h)))
}

#[derive(Clone, Copy, Debug, Default)]
struct HintsSeen {
    reset: bool,
    no_reset: bool,
}

/// Sum or mean of histograms, over time or over series. A mean that would overflow as a sum is
/// computed incrementally from there on.
#[derive(Clone, Debug)]
pub(crate) struct HistogramTotal {
    mean: bool,
    sum: Option<HistogramSum>,
    count: f64,
    incremental: bool,
    hints: HintsSeen,
    pub(crate) bounds_reconciled: bool,
}

impl HistogramTotal {
    pub(crate) fn new(mean: bool) -> Self {
        Self {
            mean,
            sum: None,
            count: 0.0,
            incremental: false,
            hints: HintsSeen::default(),
            bounds_reconciled: false,
        }
    }

    pub(crate) fn add(&mut self, h: &FloatHistogram) -> Result<(), Incompatible> {
        self.hints.reset |= h.counter_reset_hint == CounterResetHint::Reset;
        self.hints.no_reset |= h.counter_reset_hint == CounterResetHint::NotReset;
        self.count += 1.0;
        let Some(sum) = &mut self.sum else {
            self.sum = Some(HistogramSum::new(h));
            return Ok(());
        };
        if !self.mean {
            self.bounds_reconciled |= sum.add(h)?.bounds_reconciled;
            return Ok(());
        }
        if !self.incremental {
            let mut next = sum.clone();
            self.bounds_reconciled |= next.add(h)?.bounds_reconciled;
            if !next.overflows() {
                *sum = next;
                return Ok(());
            }
            self.incremental = true;
            sum.scale(1.0 / (self.count - 1.0));
        }
        sum.scale((self.count - 1.0) / self.count);
        self.bounds_reconciled |= sum.add(&divided(h.clone(), self.count))?.bounds_reconciled;
        Ok(())
    }

    /// Samples contradict each other about counter resets.
    pub(crate) fn resets_collide(&self) -> bool {
        self.hints.reset && self.hints.no_reset
    }

    pub(crate) fn finish(self) -> Option<FloatHistogram> {
        let total = self.sum?.finish();
        Some(if self.mean && !self.incremental { divided(total, self.count) } else { total })
    }
}
