//! Warnings and infos about a query: not errors, shown beside the result. Texts are the
//! reference's, because people search for them.

use std::collections::BTreeMap;

use promql_syntax::Span;

use crate::number;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Warning,
    Info,
}

/// What a histogram operation was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Addition,
    Subtraction,
    Aggregation,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Addition => "addition",
            Self::Subtraction => "subtraction",
            Self::Aggregation => "aggregation",
        }
    }
}

/// One thing worth telling. Its text alone identifies it; the position is of its last occurrence.
#[derive(Clone, Debug)]
pub(crate) enum Note<'a> {
    InvalidQuantile(f64),
    InvalidRatio(f64, f64),
    InvalidStrategy(f64),
    BadBucketLabel { metric: &'a str, value: &'a str },
    MixedFloatsHistograms { metric: &'a str },
    MixedFloatsHistogramsAggregation,
    MixedClassicNative { metric: &'a str },
    NotCounter { metric: &'a str },
    NotGauge { metric: &'a str },
    MixedExponentialCustom { metric: &'a str },
    IncompatibleLayout { operator: &'a str },
    SortInRange,
    PossibleNonCounter { metric: &'a str },
    ForcedMonotonicity { metric: &'a str, fix: MonotonicityFix },
    IncompatibleTypes { left: &'a str, operator: &'a str, right: &'a str },
    HistogramIgnored { aggregation: &'a str },
    HistogramIgnoredInMixedRange { metric: &'a str },
    QuantileNan { metric: &'a str },
    QuantileNanSkew { metric: &'a str },
    FractionNan { metric: &'a str },
    ResetCollision(Operation),
    MismatchedBounds(Operation),
    StartOverlap { metric: &'a str },
}

/// Where bucket counts had to be raised, and by how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MonotonicityFix {
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
    pub(crate) bound_min: f64,
    pub(crate) bound_max: f64,
    pub(crate) diff_max: f64,
    pub(crate) count: u64,
}

impl MonotonicityFix {
    fn merge(&mut self, other: &Self) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.bound_min = self.bound_min.min(other.bound_min);
        self.bound_max = self.bound_max.max(other.bound_max);
        self.diff_max = self.diff_max.max(other.diff_max);
        self.count += other.count;
    }
}

fn for_metric(text: &str, metric: &str) -> String {
    if metric.is_empty() { text.to_owned() } else { format!("{text} for metric name {metric:?}") }
}

const MIXED: &str = "encountered a mix of histograms and floats for";
const MONOTONICITY: &str = "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";

impl Note<'_> {
    fn severity(&self) -> Severity {
        match self {
            Self::PossibleNonCounter { .. }
            | Self::ForcedMonotonicity { .. }
            | Self::IncompatibleTypes { .. }
            | Self::HistogramIgnored { .. }
            | Self::HistogramIgnoredInMixedRange { .. }
            | Self::QuantileNan { .. }
            | Self::QuantileNanSkew { .. }
            | Self::FractionNan { .. }
            | Self::MismatchedBounds(_) => Severity::Info,
            _ => Severity::Warning,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::InvalidQuantile(q) => {
                format!("quantile value should be between 0 and 1, got {}", number::general(*q))
            }
            Self::InvalidRatio(ratio, to) => format!(
                "ratio value should be between -1 and 1, got {}, capping to {}",
                number::general(*ratio),
                number::general(*to)
            ),
            Self::InvalidStrategy(strategy) => format!(
                "strategy should be 0, 1, or 2 (default), using 2, got {}",
                number::general(*strategy)
            ),
            Self::BadBucketLabel { metric, value } => for_metric(
                &format!("bucket label \"le\" is missing or has a malformed value of {value:?}"),
                metric,
            ),
            Self::MixedFloatsHistograms { metric } => format!("{MIXED} metric name {metric:?}"),
            Self::MixedFloatsHistogramsAggregation => format!("{MIXED} aggregation"),
            Self::MixedClassicNative { metric } => {
                for_metric("vector contains a mix of classic and native histograms", metric)
            }
            Self::NotCounter { metric } => {
                format!("this native histogram metric is not a counter: {metric:?}")
            }
            Self::NotGauge { metric } => {
                format!("this native histogram metric is not a gauge: {metric:?}")
            }
            Self::MixedExponentialCustom { metric } => format!(
                "vector contains a mix of histograms with exponential and custom buckets schemas for metric name {metric:?}"
            ),
            Self::IncompatibleLayout { operator } => {
                format!("incompatible bucket layout encountered for binary operator {operator}")
            }
            Self::SortInRange => {
                "sort is ineffective for range queries since results are always ordered by labels"
                    .into()
            }
            Self::PossibleNonCounter { metric } => format!(
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {metric:?}"
            ),
            Self::ForcedMonotonicity { metric, .. } => for_metric(MONOTONICITY, metric),
            Self::IncompatibleTypes { left, operator, right } => format!(
                "incompatible sample types encountered for binary operator {operator:?}: {left} {operator} {right}"
            ),
            Self::HistogramIgnored { aggregation } => {
                format!("ignored histogram in {aggregation} aggregation")
            }
            Self::HistogramIgnoredInMixedRange { metric } => format!(
                "ignored histograms in a range containing both floats and histograms for metric name {metric:?}"
            ),
            Self::QuantileNan { metric } => for_metric(
                "input to histogram_quantile has NaN observations, result is NaN",
                metric,
            ),
            Self::QuantileNanSkew { metric } => for_metric(
                "input to histogram_quantile has NaN observations, result is skewed higher",
                metric,
            ),
            Self::FractionNan { metric } => for_metric(
                "input to histogram_fraction has NaN observations, which are excluded from all fractions",
                metric,
            ),
            Self::ResetCollision(operation) => {
                format!("conflicting counter resets during histogram {}", operation.as_str())
            }
            Self::StartOverlap { metric } => format!(
                "sample has start time that overlaps with previous sample timestamp for metric {metric:?}"
            ),
            Self::MismatchedBounds(operation) => {
                format!("mismatched custom buckets were reconciled during {}", operation.as_str())
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    severity: Severity,
    span: Span,
    fix: Option<MonotonicityFix>,
    /// How often, where the text tells.
    overlaps: u64,
}

/// The distinct notes of one query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Annotations(BTreeMap<String, Entry>);

impl Annotations {
    pub(crate) fn add(&mut self, note: &Note<'_>, span: Span) {
        let mut fix = match note {
            Note::ForcedMonotonicity { fix, .. } => Some(*fix),
            _ => None,
        };
        let text = note.text();
        if let (Some(fix), Some(Entry { fix: Some(known), .. })) = (&mut fix, self.0.get(&text)) {
            fix.merge(known);
        }
        let overlaps = match note {
            Note::StartOverlap { .. } => self.0.get(&text).map_or(0, |known| known.overlaps) + 1,
            _ => 0,
        };
        self.0.insert(text, Entry { severity: note.severity(), span, fix, overlaps });
    }

    /// Adds what another part of the same query had to tell.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (text, entry) in &other.0 {
            let Some(known) = self.0.get_mut(text) else {
                self.0.insert(text.clone(), entry.clone());
                continue;
            };
            if let (Some(known), Some(fix)) = (&mut known.fix, &entry.fix) {
                known.merge(fix);
            }
            known.overlaps += entry.overlaps;
            // The position is of the last occurrence: operators are evaluated after their operands,
            // and these from left to right.
            let order = |span: Span| (span.end, std::cmp::Reverse(span.start));
            if order(entry.span) > order(known.span) {
                known.span = entry.span;
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Approximate bytes of heap.
    pub(crate) fn bytes(&self) -> usize {
        self.0.keys().map(|text| text.len() + size_of::<(String, Entry)>()).sum()
    }

    /// Warnings and infos with their position in the query.
    pub(crate) fn render(&self, query: &str) -> (Vec<String>, Vec<String>) {
        let (mut warnings, mut infos) = (Vec::new(), Vec::new());
        for (text, entry) in &self.0 {
            let detail = match &entry.fix {
                Some(fix) => describe_fix(fix),
                None if entry.overlaps > 1 => format!(" ({} occurrences)", entry.overlaps),
                None => String::new(),
            };
            let place = if query.is_empty() {
                String::new()
            } else {
                format!(" ({})", position(query, entry.span.start))
            };
            match entry.severity {
                Severity::Warning => {
                    warnings.push(format!("PromQL warning: {text}{detail}{place}"));
                }
                Severity::Info => {
                    infos.push(format!("PromQL info: {text}{detail}{place}"));
                }
            }
        }
        (warnings, infos)
    }
}

fn describe_fix(fix: &MonotonicityFix) -> String {
    format!(
        ", from buckets {} to {}, with a max diff of {}, over {} samples from {} to {}",
        number::general(fix.bound_min),
        number::general(fix.bound_max),
        number::two_digits(fix.diff_max),
        fix.count,
        crate::functions::calendar::rfc3339(fix.first_ms.div_euclid(1000)),
        crate::functions::calendar::rfc3339(fix.last_ms.div_euclid(1000)),
    )
}

/// `line:column`, both from 1, columns in bytes.
fn position(query: &str, at: usize) -> String {
    let Some(before) = query.as_bytes().get(..at) else { return "invalid position".into() };
    let line = before.split(|b| *b == b'\n').count();
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    format!("{line}:{column}")
}
