//! `histogram_count`, `_sum`, `_avg`, `_stddev` and `_stdvar` of native histograms.

use super::arg;
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows};
use crate::grid::{ABSENT, Grid};
use crate::histogram::quantile::variance;
use crate::plan::CallNode;

pub(super) fn call<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let f: fn(&model::FloatHistogram) -> f64 = match call.function.name {
        "histogram_count" => |h| h.count,
        "histogram_sum" => |h| h.sum,
        "histogram_avg" => |h| h.sum / h.count,
        "histogram_stddev" => |h| variance(h).sqrt(),
        _ => variance,
    };
    let mut rows = evaluator.rows(arg(call, 0)?, grid)?.into_vec();
    rows.retain(|row| row.histograms.is_some());
    evaluator.each_row(&mut rows, |row| {
        let cells = row.histograms.take().unwrap_or_default();
        for (v, cell) in row.values.iter_mut().zip(cells) {
            *v = cell.map_or(ABSENT, |h| f(&h));
        }
    });
    rows.retain(|row| !row.is_empty());
    evaluator.hold(evaluator.drop_names(rows)?)
}
