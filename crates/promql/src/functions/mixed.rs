//! Range functions over windows with native histograms, alone or mixed with floats.

use std::sync::Arc;

use model::FloatHistogram;

use super::changes::counts_as;
use super::range_function::{RangeCall, RangeFunction};
use super::window::MixedWindow;
use super::{instant_delta, mixed_rate, mixed_sum, started};
use crate::annotation::Note;
use crate::eval::Evaluator;
use crate::grid::{CellValue, is_absent};
use crate::histogram::reset::is_reset;
use crate::histogram::sum::same;

/// Everything about the series but its window.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) call: &'c RangeCall,
    pub(super) evaluator: &'c Evaluator<'c>,
    pub(super) metric: &'c str,
}

impl Context<'_> {
    pub(super) fn note(&self, note: &Note<'_>) {
        self.evaluator.note(note, self.call.span);
    }

    /// The value of one window; `float` is what its floats alone would give.
    pub(super) fn value(&self, window: &MixedWindow<'_>, float: f64) -> CellValue {
        let of_floats = (!is_absent(float)).then_some(float);
        let (floats, histograms) = (&window.floats, window.histograms);
        let has_starts = !window.float_starts.is_empty() || !window.histogram_starts.is_empty();
        let filled = !has_starts || self.call.extension.is_some();
        if histograms.is_empty() && filled {
            return of_floats.into();
        }
        if floats.v.is_empty() && histograms.is_empty() {
            return CellValue::Absent;
        }
        if floats.v.is_empty() && self.needs_floats() {
            return CellValue::Absent;
        }
        match self.call.function {
            RangeFunction::Rate | RangeFunction::Increase if histograms.is_empty() => {
                started::float_rate(self, window)
            }
            RangeFunction::Rate | RangeFunction::Increase | RangeFunction::Delta => {
                mixed_rate::value(self, window)
            }
            RangeFunction::Irate | RangeFunction::Idelta => self.last_change(window),
            RangeFunction::Sum | RangeFunction::Avg => mixed_sum::value(self, window),
            RangeFunction::Changes | RangeFunction::Resets => self.count_changes(window),
            RangeFunction::Count => CellValue::Float((floats.v.len() + histograms.len()) as f64),
            RangeFunction::First => {
                let h = &histograms[0];
                match floats.t_ms.first() {
                    Some(t_ms) if *t_ms < h.t_ms => of_floats.into(),
                    _ => CellValue::Histogram(Arc::new(h.h.clone())),
                }
            }
            RangeFunction::Last => {
                let h = &histograms[histograms.len() - 1];
                match floats.t_ms.last() {
                    Some(t_ms) if *t_ms > h.t_ms => of_floats.into(),
                    _ => CellValue::Histogram(Arc::new(h.h.clone())),
                }
            }
            RangeFunction::TsOfFirst => {
                let t_ms = floats.t_ms.first().copied().unwrap_or(i64::MAX);
                CellValue::Float(t_ms.min(histograms[0].t_ms) as f64 / 1000.0)
            }
            RangeFunction::TsOfLast => {
                let t_ms = floats.t_ms.last().copied().unwrap_or(i64::MIN);
                CellValue::Float(t_ms.max(histograms[histograms.len() - 1].t_ms) as f64 / 1000.0)
            }
            RangeFunction::Present | RangeFunction::AbsentOverTime => CellValue::Float(1.0),
            _ => {
                self.note(&Note::HistogramIgnoredInMixedRange { metric: self.metric });
                of_floats.into()
            }
        }
    }

    /// Functions that do not see histograms.
    fn needs_floats(&self) -> bool {
        matches!(
            self.call.function,
            RangeFunction::Deriv
                | RangeFunction::Integral
                | RangeFunction::PredictLinear
                | RangeFunction::Mad
                | RangeFunction::Max
                | RangeFunction::Min
                | RangeFunction::Quantile
                | RangeFunction::Smoothing
                | RangeFunction::Stddev
                | RangeFunction::Stdvar
                | RangeFunction::TsOfMax
                | RangeFunction::TsOfMin
        )
    }

    fn count_changes(&self, window: &MixedWindow<'_>) -> CellValue {
        let function = self.call.function;
        let mut samples = in_order(window);
        if self.call.extension.is_some() {
            let start_ms = window.floats.start_ms;
            let after = samples.partition_point(|sample| sample.t_ms <= start_ms);
            if after == samples.len() {
                return CellValue::Absent;
            }
            samples.drain(..after.saturating_sub(1));
        }
        let restarted = if self.call.extension.is_some() {
            started::is_reset_in_extended
        } else {
            started::is_reset
        };
        let changed = |pair: &&[Mixed<'_>]| {
            function == RangeFunction::Resets && restarted(pair[0].at(), pair[1].at())
                || self.differs(&pair[0], &pair[1])
        };
        CellValue::Float(samples.windows(2).filter(changed).count() as f64)
    }

    fn differs(&self, before: &Mixed<'_>, after: &Mixed<'_>) -> bool {
        let function = self.call.function;
        match (&before.value, &after.value) {
            (Value::Float(before), Value::Float(after)) => counts_as(function, *before, *after),
            (Value::Histogram(before), Value::Histogram(after)) => {
                if function == RangeFunction::Resets {
                    is_reset(after, before)
                } else {
                    !same(before, after)
                }
            }
            _ => true,
        }
    }

    fn last_change(&self, window: &MixedWindow<'_>) -> CellValue {
        let samples = in_order(window);
        let [.., before, last] = &samples[..] else { return CellValue::Absent };
        let is_rate = self.call.function == RangeFunction::Irate;
        let restarted = is_rate && started::is_reset(before.at(), last.at());
        match (&before.value, &last.value) {
            (Value::Float(_), Value::Float(b)) if restarted => {
                CellValue::Float(b / ((last.t_ms - before.t_ms) as f64 / 1000.0))
            }
            (Value::Float(a), Value::Float(b)) => {
                let v = instant_delta::last_change(is_rate, (before.t_ms, *a), (last.t_ms, *b));
                (!is_absent(v)).then_some(v).into()
            }
            (Value::Histogram(a), Value::Histogram(b)) => {
                let elapsed_ms = last.t_ms - before.t_ms;
                mixed_rate::between_two(self, (a, b), is_rate, elapsed_ms, restarted)
            }
            _ => {
                self.note(&Note::MixedFloatsHistograms { metric: self.metric });
                CellValue::Absent
            }
        }
    }
}

/// A sample of either kind.
pub(super) struct Mixed<'s> {
    pub(super) t_ms: i64,
    /// 0 = unknown.
    start_ms: i64,
    pub(super) value: Value<'s>,
}

impl Mixed<'_> {
    fn at(&self) -> started::At {
        started::At { t_ms: self.t_ms, start_ms: self.start_ms }
    }
}

pub(super) enum Value<'s> {
    Float(f64),
    Histogram(&'s FloatHistogram),
}

/// All samples of a window by time.
pub(super) fn in_order<'s>(window: &MixedWindow<'s>) -> Vec<Mixed<'s>> {
    let start = |starts: &[i64], i: usize| starts.get(i).copied().unwrap_or(0);
    let floats = window.floats.t_ms.iter().zip(window.floats.v).enumerate();
    let floats = floats.map(|(i, (t_ms, v))| Mixed {
        t_ms: *t_ms,
        start_ms: start(window.float_starts, i),
        value: Value::Float(*v),
    });
    let histograms = window.histograms.iter().enumerate().map(|(i, h)| Mixed {
        t_ms: h.t_ms,
        start_ms: start(window.histogram_starts, i),
        value: Value::Histogram(&h.h),
    });
    let mut all: Vec<Mixed<'s>> = floats.chain(histograms).collect();
    all.sort_by_key(|sample| sample.t_ms);
    all
}
