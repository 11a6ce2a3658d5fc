//! The functions of range vectors, by name, and how one of them turns a series' samples into a row.

use std::sync::Arc;

use model::Labels;
use promql_syntax::Span;
use query::SampleBuffer;

use super::sliding::{Extreme, Sliding};
use super::window::{FloatWindows, MixedWindow, WindowTimes, remove_stale};
use super::{
    changes, extended, instant_delta, integral, mixed, over_time, rate, regression, smoothing,
};
use crate::error::QueryError;
use crate::eval::{Evaluator, StepCounts, Variance};
use crate::grid::{Row, is_absent};
use crate::histogram::reset::is_reset;
use crate::kahan::Kahan;
use crate::plan::Extension;

/// A function of the samples in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RangeFunction {
    AbsentOverTime,
    Avg,
    Changes,
    Count,
    Delta,
    Deriv,
    First,
    Idelta,
    Increase,
    Integral,
    Irate,
    Last,
    Mad,
    Max,
    Min,
    PredictLinear,
    Present,
    Quantile,
    Rate,
    Resets,
    Smoothing,
    Stddev,
    Stdvar,
    Sum,
    TsOfFirst,
    TsOfLast,
    TsOfMax,
    TsOfMin,
}

const NAMES: [(&str, RangeFunction); 28] = [
    ("absent_over_time", RangeFunction::AbsentOverTime),
    ("avg_over_time", RangeFunction::Avg),
    ("changes", RangeFunction::Changes),
    ("count_over_time", RangeFunction::Count),
    ("delta", RangeFunction::Delta),
    ("deriv", RangeFunction::Deriv),
    ("double_exponential_smoothing", RangeFunction::Smoothing),
    ("first_over_time", RangeFunction::First),
    ("idelta", RangeFunction::Idelta),
    ("increase", RangeFunction::Increase),
    ("integral", RangeFunction::Integral),
    ("irate", RangeFunction::Irate),
    ("last_over_time", RangeFunction::Last),
    ("mad_over_time", RangeFunction::Mad),
    ("max_over_time", RangeFunction::Max),
    ("min_over_time", RangeFunction::Min),
    ("predict_linear", RangeFunction::PredictLinear),
    ("present_over_time", RangeFunction::Present),
    ("quantile_over_time", RangeFunction::Quantile),
    ("rate", RangeFunction::Rate),
    ("resets", RangeFunction::Resets),
    ("stddev_over_time", RangeFunction::Stddev),
    ("stdvar_over_time", RangeFunction::Stdvar),
    ("sum_over_time", RangeFunction::Sum),
    ("ts_of_first_over_time", RangeFunction::TsOfFirst),
    ("ts_of_last_over_time", RangeFunction::TsOfLast),
    ("ts_of_max_over_time", RangeFunction::TsOfMax),
    ("ts_of_min_over_time", RangeFunction::TsOfMin),
];

impl RangeFunction {
    pub(crate) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }

    /// These pick a sample, as `offset` does; the series stays what it was.
    pub(crate) fn keeps_name(self) -> bool {
        matches!(self, Self::First | Self::Last)
    }

    pub(crate) fn is_counter_rate(self) -> bool {
        matches!(self, Self::Rate | Self::Increase)
    }
}

/// One call: a function with its arguments over one grid.
#[derive(Debug)]
pub(crate) struct RangeCall {
    pub(crate) function: RangeFunction,
    /// The scalar arguments in written order, one value per step each.
    pub(crate) scalars: Vec<Vec<f64>>,
    pub(crate) times: WindowTimes,
    /// The first argument: where notes point.
    pub(crate) span: Span,
    /// The first scalar argument: where notes about it point.
    pub(crate) scalar_span: Span,
    pub(crate) extension: Option<Extension>,
    pub(crate) use_starts: bool,
    pub(crate) counts: Option<Arc<StepCounts>>,
}

/// Memory that a worker keeps between series.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The sample times that `float_spans` and `geometry` are of. Series of one target are read
    /// one after the other and mostly share their times.
    times: Vec<i64>,
    float_spans: Vec<(u32, u32)>,
    pub(crate) geometry: Vec<rate::Geometry>,
    histogram_spans: Vec<(u32, u32)>,
    pub(crate) values: Vec<f64>,
    /// `(index of the sample after a counter reset, value before it)`.
    pub(crate) resets: Vec<(u32, f64)>,
    pub(crate) counts: Vec<u32>,
    pub(crate) sums: Sliding<Kahan>,
    pub(crate) greatest: Sliding<Extreme<true>>,
    pub(crate) least: Sliding<Extreme<false>>,
    pub(crate) spreads: Sliding<Option<Variance>>,
    pub(crate) lines: Sliding<regression::Line>,
    /// Of every histogram of a series: whether its counter started again before it.
    pub(crate) histogram_resets: Vec<bool>,
    pub(crate) folded: Vec<query::WindowAggregate>,
}

impl RangeCall {
    /// Refuses what the function cannot do, whatever the data.
    pub(crate) fn check(&self) -> Result<(), QueryError> {
        extended::check(self)
    }

    pub(crate) fn scalar(&self, index: usize, step: usize) -> f64 {
        self.scalars.get(index).and_then(|values| values.get(step)).copied().unwrap_or(f64::NAN)
    }

    /// Whether start times make a difference here.
    fn looks_at_starts(&self, samples: &SampleBuffer) -> bool {
        let understood = matches!(
            self.function,
            RangeFunction::Rate
                | RangeFunction::Increase
                | RangeFunction::Irate
                | RangeFunction::Resets
        );
        let any = |starts: &[i64]| starts.iter().any(|start| *start != 0);
        self.use_starts
            && understood
            && (any(&samples.start_ms) || any(&samples.histogram_start_ms))
    }

    /// The row of one series without its labels; nothing when no window has a result.
    pub(crate) fn row(
        &self,
        evaluator: &Evaluator<'_>,
        labels: &dyn Fn() -> Labels,
        samples: &mut SampleBuffer,
        scratch: &mut Scratch,
    ) -> Result<Option<Row>, QueryError> {
        remove_stale(samples);
        if let Some(counts) = &self.counts {
            counts.add_windows(&self.times, samples);
        }
        let mut spans = std::mem::take(&mut scratch.float_spans);
        if spans.len() != self.times.grid.steps || scratch.times != samples.t_ms {
            self.times.locate(|i| samples.t_ms.get(i).copied(), &mut spans);
            scratch.times.clone_from(&samples.t_ms);
            scratch.geometry.clear();
        }
        let starts = self.looks_at_starts(samples);
        let windows = FloatWindows {
            times: &self.times,
            t_ms: &samples.t_ms,
            v: &samples.v,
            starts: if starts { &samples.start_ms } else { &[] },
            spans: &spans,
        };
        let filled = !starts || self.extension.is_some();
        let row = if samples.histograms.is_empty() && filled {
            let mut values = vec![crate::grid::ABSENT; self.times.grid.steps];
            let filled = self.fill(evaluator, &windows, scratch, &mut values);
            filled.map(|()| {
                let any = values.iter().any(|v| !is_absent(*v));
                any.then(|| Row::floats(Labels::empty(), values))
            })
        } else {
            self.mixed_row(evaluator, labels, samples, &windows, scratch)
        };
        scratch.float_spans = spans;
        row
    }

    /// Every window of a series without histograms.
    fn fill(
        &self,
        evaluator: &Evaluator<'_>,
        windows: &FloatWindows<'_>,
        scratch: &mut Scratch,
        out: &mut [f64],
    ) -> Result<(), QueryError> {
        if let Some(extension) = self.extension {
            extended::fill(self, extension, windows, out);
            return Ok(());
        }
        match self.function {
            RangeFunction::Rate | RangeFunction::Increase | RangeFunction::Delta => {
                rate::fill(self.function, windows, scratch, out);
            }
            RangeFunction::Irate | RangeFunction::Idelta => {
                instant_delta::fill(self.function, windows, out);
            }
            RangeFunction::Deriv | RangeFunction::PredictLinear => {
                regression::fill(self, windows, scratch, out);
            }
            RangeFunction::Changes | RangeFunction::Resets => {
                changes::fill(self.function, windows, scratch, out);
            }
            RangeFunction::Integral => integral::fill(self, evaluator, windows, out),
            RangeFunction::Smoothing => smoothing::fill(self, windows, out)?,
            _ => over_time::fill(self, evaluator, windows, scratch, out),
        }
        Ok(())
    }

    fn mixed_row(
        &self,
        evaluator: &Evaluator<'_>,
        labels: &dyn Fn() -> Labels,
        samples: &SampleBuffer,
        windows: &FloatWindows<'_>,
        scratch: &mut Scratch,
    ) -> Result<Option<Row>, QueryError> {
        let mut spans = std::mem::take(&mut scratch.histogram_spans);
        self.times.locate(|i| samples.histograms.get(i).map(|h| h.t_ms), &mut spans);
        // The float part of every window, histograms not looked at.
        let mut floats = vec![crate::grid::ABSENT; self.times.grid.steps];
        self.fill(evaluator, windows, scratch, &mut floats)?;
        if self.function == RangeFunction::Smoothing {
            // Wrong factors are an error of any window with a sample, whatever the sample is.
            for (step, _) in spans.iter().enumerate().filter(|(_, (from, to))| from < to) {
                smoothing::check_factors(self, step)?;
            }
        }
        let mut resets = std::mem::take(&mut scratch.histogram_resets);
        self.find_resets(samples, &mut resets);
        let starts = self.looks_at_starts(samples);
        let labels = labels();
        let context = mixed::Context {
            call: self,
            evaluator,
            metric: labels.metric_name().unwrap_or_default(),
        };
        let mut row = Row::absent(Labels::empty(), self.times.grid.steps);
        let mut any = false;
        for (step, float) in floats.into_iter().enumerate() {
            let (from, to) = spans.get(step).copied().unwrap_or_default();
            let histograms = samples.histograms.get(from as usize..to as usize).unwrap_or_default();
            let floats = windows.at(step);
            let float_starts = windows.starts_of(&floats);
            let histogram_starts = if starts {
                samples.histogram_start_ms.get(from as usize..to as usize).unwrap_or_default()
            } else {
                &[]
            };
            let resets = resets.get(from as usize..to as usize).unwrap_or_default();
            let window = MixedWindow { floats, histograms, resets, float_starts, histogram_starts };
            let value = context.value(&window, float);
            any |= !matches!(value, crate::grid::CellValue::Absent);
            row.set(step, value);
        }
        scratch.histogram_spans = spans;
        scratch.histogram_resets = resets;
        Ok(any.then_some(row))
    }

    /// Finds the resets of histograms once per series, not once per window.
    fn find_resets(&self, samples: &SampleBuffer, resets: &mut Vec<bool>) {
        resets.clear();
        if matches!(self.function, RangeFunction::Rate | RangeFunction::Increase) {
            resets.push(false);
            let pairs = samples.histograms.windows(2);
            resets.extend(pairs.map(|pair| is_reset(&pair[1].h, &pair[0].h)));
        }
    }
}
