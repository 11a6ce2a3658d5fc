//! The functions of PromQL: one file per family. A function that is not here yet is refused by
//! name; it never answers a wrong number.

mod absent;
pub(crate) mod calendar;
mod changes;
mod classic;
pub(crate) mod extended;
pub(crate) mod folded;
mod histogram_parts;
mod histogram_quantile;
mod info;
mod instant_delta;
mod integral;
mod labels;
mod logarithms;
mod math;
mod mixed;
mod mixed_rate;
mod mixed_sum;
mod natural;
mod over_time;
pub(crate) mod quantile;
pub(crate) mod range_function;
mod rate;
mod regression;
mod sliding;
mod smoothed;
mod smoothing;
mod sort;
mod started;
#[cfg(test)]
mod tests;
pub(crate) mod window;

use promql_syntax::Span;

use crate::error::QueryError;
use crate::eval::{Evaluated, Evaluator, Show};
use crate::grid::{Grid, Row};
use crate::plan::{CallNode, Kind};
use range_function::RangeFunction;

pub(crate) use math::{greater, smaller};
pub(crate) use mixed_sum::HistogramTotal;
pub(crate) use sort::by_value;

/// Evaluates a call.
pub(crate) fn call<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    span: Span,
    grid: &Grid,
) -> Result<Evaluated<'a>, QueryError> {
    let name = call.function.name;
    match RangeFunction::named(name) {
        Some(RangeFunction::AbsentOverTime) => {
            return absent::absent_over_time(evaluator, call, grid).map(Evaluated::Rows);
        }
        Some(function) => return evaluator.range_call(function, call, grid).map(Evaluated::Rows),
        None => {}
    }
    if let Some(f) = math::float_function(name) {
        return math::map_floats(evaluator, call, grid, f).map(Evaluated::Rows);
    }
    if let Some(part) = calendar::part(name) {
        return calendar::call(evaluator, call, part, grid).map(Evaluated::Rows);
    }
    let rows = match name {
        "time" | "pi" | "scalar" | "max_of" | "min_of" => {
            return math::scalar_call(evaluator, call, grid).map(Evaluated::Scalar);
        }
        "vector" => vector(evaluator, call, grid)?,
        "round" | "clamp" | "clamp_min" | "clamp_max" => math::limit_floats(evaluator, call, grid)?,
        "timestamp" => timestamp(evaluator, call, grid)?,
        "start_timestamp" => start_timestamp(evaluator, call, grid)?,
        "absent" => absent::absent(evaluator, call, grid)?,
        "label_replace" => labels::label_replace(evaluator, call, grid)?,
        "label_join" => labels::label_join(evaluator, call, grid)?,
        "sort" | "sort_desc" | "sort_by_label" | "sort_by_label_desc" => {
            sort::call(evaluator, call, span, grid)?
        }
        "histogram_quantile" => histogram_quantile::one(evaluator, call, grid)?,
        "histogram_quantiles" => histogram_quantile::many(evaluator, call, grid)?,
        "histogram_fraction" => histogram_quantile::fraction(evaluator, call, grid)?,
        "histogram_count" | "histogram_sum" | "histogram_avg" | "histogram_stddev"
        | "histogram_stdvar" => histogram_parts::call(evaluator, call, grid)?,
        "info" => info::info(evaluator, call, grid)?,
        _ => return Err(QueryError::Unsupported(name.to_owned())),
    };
    Ok(Evaluated::Rows(rows))
}

fn vector<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<crate::eval::Rows<'a>, QueryError> {
    let values = evaluator.scalar(arg(call, 0)?, grid)?;
    evaluator.hold(vec![Row::floats(model::Labels::empty(), values)])
}

/// Of a selector: when its samples were taken. Of anything else: now.
fn timestamp<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<crate::eval::Rows<'a>, QueryError> {
    let argument = arg(call, 0)?;
    let rows = match &argument.kind {
        Kind::Vector(selector) => evaluator.instant_rows(selector, grid, Show::Timestamp)?,
        Kind::Invariant(inner) => match &inner.kind {
            Kind::Vector(selector) => evaluator.instant_rows(selector, grid, Show::Timestamp)?,
            _ => evaluation_times(evaluator, evaluator.rows(argument, grid)?.into_vec(), grid)?,
        },
        _ => evaluation_times(evaluator, evaluator.rows(argument, grid)?.into_vec(), grid)?,
    };
    evaluator.hold(evaluator.drop_names(rows.into_vec())?)
}

/// Of a selector: when the counters behind its samples began. Nothing of anything else, and nothing
/// without the feature.
fn start_timestamp<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<crate::eval::Rows<'a>, QueryError> {
    let argument = arg(call, 0)?;
    let selector = match &argument.unmarked().kind {
        Kind::Vector(_) if !evaluator.settings.use_start_timestamps => {
            return evaluator.hold(Vec::new());
        }
        Kind::Vector(selector) => selector,
        _ => {
            // For its errors and notes.
            evaluator.rows(argument, grid)?;
            return evaluator.hold(Vec::new());
        }
    };
    let rows = evaluator.instant_rows(selector, grid, Show::Start)?;
    evaluator.hold(evaluator.drop_names(rows.into_vec())?)
}

fn evaluation_times<'a>(
    evaluator: &Evaluator<'a>,
    mut rows: Vec<Row>,
    grid: &Grid,
) -> Result<crate::eval::Rows<'a>, QueryError> {
    for row in &mut rows {
        for step in 0..grid.steps {
            if row.is_present(step) {
                row.values[step] = grid.t_ms(step) as f64 / 1000.0;
            }
        }
        row.drop_histograms();
    }
    evaluator.hold(rows)
}

/// Argument `index`; the type check guarantees it.
pub(crate) fn arg(call: &CallNode, index: usize) -> Result<&crate::plan::Node, QueryError> {
    call.args.get(index).ok_or_else(|| {
        QueryError::Internal(format!("{} lacks argument {index}", call.function.name))
    })
}

/// The label name in string argument `index`: not empty, and UTF-8.
pub(crate) fn label_arg(call: &CallNode, index: usize, what: &str) -> Result<String, QueryError> {
    let text = arg(call, index)?.text().cloned().unwrap_or_default();
    match text.as_str().filter(|name| !name.is_empty()) {
        Some(name) => Ok(name.to_owned()),
        None => Err(QueryError::Execution(format!(
            "invalid {what} label name in {}(): {}",
            call.function.name,
            text.to_string_lossy()
        ))),
    }
}

/// The string argument `index`.
pub(crate) fn text_arg(call: &CallNode, index: usize) -> Result<String, QueryError> {
    let text = arg(call, index)?.text().ok_or_else(|| {
        QueryError::Internal(format!("{} lacks string argument {index}", call.function.name))
    })?;
    Ok(text.to_string_lossy().into_owned())
}
