//! `sort`, `sort_desc` and `sort_by_label*`: order of an instant vector's elements.

use std::cmp::Ordering;

use promql_syntax::Span;

use super::{arg, natural, text_arg};
use crate::annotation::Note;
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows};
use crate::grid::{Grid, Row};
use crate::plan::CallNode;

pub(super) fn call<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    span: Span,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let mut rows = evaluator.rows(arg(call, 0)?, grid)?.into_vec();
    if evaluator.is_range(grid) {
        evaluator.note(&Note::SortInRange, span);
    }
    let descending = call.function.name.ends_with("_desc");
    if call.function.name.starts_with("sort_by_label") {
        let mut names = Vec::new();
        for index in 1..call.args.len() {
            names.push(text_arg(call, index)?);
        }
        rows.sort_by(|a, b| {
            let order = by_labels(&names, a, b);
            if descending { order.reverse() } else { order }
        });
    } else {
        rows.iter_mut().for_each(Row::drop_histograms);
        rows.retain(|row| !row.is_empty());
        if grid.is_instant() {
            let value = |row: &Row| row.values.first().copied().unwrap_or(f64::NAN);
            rows.sort_by(|a, b| by_value(value(a), value(b), descending));
        }
    }
    evaluator.hold(rows)
}

/// NaN is last in either direction.
pub(crate) fn by_value(a: f64, b: f64, descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => {
            let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
        (a, b) => a.cmp(&b),
    }
}

fn by_labels(names: &[String], a: &Row, b: &Row) -> Ordering {
    for name in names {
        let (left, right) = (a.labels.get(name), b.labels.get(name));
        let order = natural::compare(left.unwrap_or_default(), right.unwrap_or_default());
        if order != Ordering::Equal {
            return order;
        }
    }
    a.labels.cmp(&b.labels)
}
