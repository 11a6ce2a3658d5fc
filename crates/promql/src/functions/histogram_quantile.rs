//! `histogram_quantile`, `histogram_quantiles` and `histogram_fraction` over classic and native
//! histograms. Series are sorted into histograms once, not at every step.

use hashbrown::HashMap;
use model::{Labels, LabelsBuilder};
use promql_syntax::Span;

use super::classic::{self, Buckets};
use super::{arg, text_arg};
use crate::annotation::{MonotonicityFix, Note};
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows, merge_same_labels};
use crate::grid::{ABSENT, Grid, Row, is_absent, without_metadata};
use crate::histogram::quantile::{self, NanEffect};
use crate::number;
use crate::plan::CallNode;

const BUCKET_LABEL: &str = "le";

/// The bucket series of one classic histogram, sorted by bound.
struct Classic {
    /// Without `le`.
    labels: Labels,
    /// `(bound, index into the rows)`.
    series: Vec<(f64, usize)>,
}

struct Histograms<'a> {
    rows: Rows<'a>,
    classic: Vec<Classic>,
    classic_by_labels: HashMap<Labels, usize>,
    span: Span,
    grid: Grid,
}

impl<'a> Histograms<'a> {
    fn new(evaluator: &Evaluator<'a>, rows: Rows<'a>, span: Span, grid: Grid) -> Self {
        let mut classic: Vec<Classic> = Vec::new();
        let mut classic_by_labels: HashMap<Labels, usize> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            if row.values.iter().all(|v| is_absent(*v)) {
                continue;
            }
            let value = row.labels.get(BUCKET_LABEL).unwrap_or_default();
            let Some(bound) = value.parse::<f64>().ok().filter(|bound| !bound.is_nan()) else {
                let metric = shown_name(evaluator, &row.labels);
                evaluator.note(&Note::BadBucketLabel { metric, value }, span);
                continue;
            };
            let labels = row.labels.without(&[BUCKET_LABEL]);
            let at = *classic_by_labels.entry(labels.clone()).or_insert_with(|| {
                classic.push(Classic { labels, series: Vec::new() });
                classic.len() - 1
            });
            classic[at].series.push((bound, index));
        }
        for histogram in &mut classic {
            histogram.series.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        Self { rows, classic, classic_by_labels, span, grid }
    }

    /// One row per histogram.
    fn map(
        &self,
        evaluator: &Evaluator<'a>,
        of_native: impl Fn(&model::FloatHistogram, usize, &str) -> f64,
        of_classic: impl Fn(&mut Buckets, usize, &str) -> f64,
    ) -> Vec<Row> {
        let mut out = Vec::new();
        let mut conflicts: HashMap<usize, Vec<usize>> = HashMap::new();
        for row in self.rows.iter().filter(|row| row.histograms.is_some()) {
            let metric = shown_name(evaluator, &row.labels);
            let classic = self.classic_by_labels.get(&row.labels).copied();
            let mut values = vec![ABSENT; self.grid.steps];
            for (step, v) in values.iter_mut().enumerate() {
                let Some(h) = row.histogram(step) else { continue };
                if let Some(classic) = classic.filter(|c| self.has_buckets(*c, step)) {
                    evaluator.note(&Note::MixedClassicNative { metric }, self.span);
                    conflicts.entry(classic).or_default().push(step);
                    continue;
                }
                *v = of_native(h, step, metric);
            }
            out.push(named_like(evaluator, &row.labels, values));
        }
        let mut buckets = Buckets::new();
        for (index, histogram) in self.classic.iter().enumerate() {
            let metric = shown_name(evaluator, &histogram.labels);
            let skip = conflicts.get(&index);
            let mut values = vec![ABSENT; self.grid.steps];
            for (step, v) in values.iter_mut().enumerate() {
                if skip.is_some_and(|steps| steps.contains(&step)) {
                    continue;
                }
                buckets.clear();
                for (bound, row) in &histogram.series {
                    let count = self.rows[*row].values[step];
                    if !is_absent(count) {
                        buckets.push((*bound, count));
                    }
                }
                if !buckets.is_empty() {
                    *v = of_classic(&mut buckets, step, metric);
                }
            }
            out.push(named_like(evaluator, &histogram.labels, values));
        }
        out.retain(|row| !row.is_empty());
        out
    }

    fn has_buckets(&self, classic: usize, step: usize) -> bool {
        let series = self.classic.get(classic).map(|c| &c.series[..]).unwrap_or_default();
        series.iter().any(|(_, row)| !is_absent(self.rows[*row].values[step]))
    }
}

/// Names in notes are known only while they are still there.
fn shown_name<'l>(evaluator: &Evaluator<'_>, labels: &'l Labels) -> &'l str {
    if evaluator.settings.delayed_name_removal {
        labels.metric_name().unwrap_or_default()
    } else {
        ""
    }
}

fn named_like(evaluator: &Evaluator<'_>, labels: &Labels, values: Vec<f64>) -> Row {
    let delayed = evaluator.settings.delayed_name_removal;
    let labels = if delayed { labels.clone() } else { without_metadata(labels) };
    Row { drop_name: true, ..Row::floats(labels, values) }
}

fn check_quantiles(evaluator: &Evaluator<'_>, values: &[f64], span: Span) {
    for q in values.iter().filter(|q| !(0.0..=1.0).contains(*q)) {
        evaluator.note(&Note::InvalidQuantile(*q), span);
    }
}

pub(super) fn one<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let q = evaluator.scalar(arg(call, 0)?, grid)?;
    let vector = arg(call, 1)?;
    let rows = evaluator.rows(vector, grid)?;
    // After the notes of the arguments: of equal ones, the last tells its place.
    check_quantiles(evaluator, &q, arg(call, 0)?.span);
    let histograms = Histograms::new(evaluator, rows, vector.span, *grid);
    let rows = quantile_rows(evaluator, &histograms, &q);
    evaluator.hold(merge_same_labels(rows)?)
}

fn quantile_rows(evaluator: &Evaluator<'_>, histograms: &Histograms<'_>, q: &[f64]) -> Vec<Row> {
    let span = histograms.span;
    histograms.map(
        evaluator,
        |h, step, metric| {
            let (v, effect) = quantile::quantile(q[step], h);
            match effect {
                NanEffect::None => {}
                NanEffect::Result => evaluator.note(&Note::QuantileNan { metric }, span),
                NanEffect::Skew => evaluator.note(&Note::QuantileNanSkew { metric }, span),
            }
            v
        },
        |buckets, step, metric| {
            let (v, raised) = classic::quantile(q[step], buckets);
            if let Some(raised) = raised {
                let t_ms = histograms.grid.t_ms(step);
                let fix = MonotonicityFix {
                    first_ms: t_ms,
                    last_ms: t_ms,
                    bound_min: raised.bound_min,
                    bound_max: raised.bound_max,
                    diff_max: raised.diff_max,
                    count: 1,
                };
                evaluator.note(&Note::ForcedMonotonicity { metric, fix }, span);
            }
            v
        },
    )
}

pub(super) fn many<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let vector = arg(call, 0)?;
    let label = text_arg(call, 1)?;
    let mut quantiles = Vec::new();
    for index in 2..call.args.len() {
        quantiles.push(evaluator.scalar(arg(call, index)?, grid)?);
    }
    let rows = evaluator.rows(vector, grid)?;
    for (q, index) in quantiles.iter().zip(2..) {
        check_quantiles(evaluator, q, arg(call, index)?.span);
    }
    let histograms = Histograms::new(evaluator, rows, vector.span, *grid);
    let mut out = Vec::new();
    let mut builder = LabelsBuilder::default();
    for q in &quantiles {
        for row in quantile_rows(evaluator, &histograms, q) {
            // The quantile may differ from step to step, and with it the series.
            for part in by_quantile(&row, q) {
                builder.reset_to(&row.labels);
                builder.set(&label, &part.0);
                out.push(Row { labels: builder.build(), ..part.1 });
            }
        }
    }
    evaluator.hold(merge_same_labels(out)?)
}

/// Splits a row by the quantile of its steps.
fn by_quantile(row: &Row, q: &[f64]) -> Vec<(String, Row)> {
    let mut parts: Vec<(u64, Row)> = Vec::new();
    for (step, v) in row.values.iter().enumerate().filter(|(_, v)| !is_absent(**v)) {
        let bits = q[step].to_bits();
        let at = parts.iter().position(|(known, _)| *known == bits).unwrap_or_else(|| {
            let mut empty = Row::absent(Labels::empty(), row.values.len());
            empty.drop_name = row.drop_name;
            parts.push((bits, empty));
            parts.len() - 1
        });
        parts[at].1.values[step] = *v;
    }
    parts.into_iter().map(|(q, row)| (number::open_metrics(f64::from_bits(q)), row)).collect()
}

pub(super) fn fraction<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let lower = evaluator.scalar(arg(call, 0)?, grid)?;
    let upper = evaluator.scalar(arg(call, 1)?, grid)?;
    let vector = arg(call, 2)?;
    let rows = evaluator.rows(vector, grid)?;
    let histograms = Histograms::new(evaluator, rows, vector.span, *grid);
    let rows = histograms.map(
        evaluator,
        |h, step, metric| {
            let (v, nan_excluded) = quantile::fraction(lower[step], upper[step], h);
            if nan_excluded {
                evaluator.note(&Note::FractionNan { metric }, vector.span);
            }
            v
        },
        |buckets, step, _| classic::fraction(lower[step], upper[step], buckets),
    );
    evaluator.hold(merge_same_labels(rows)?)
}
