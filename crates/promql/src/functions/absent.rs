//! `absent` and `absent_over_time`: one where there is nothing, labelled by what was asked for.

use model::{Labels, LabelsBuilder, METRIC_NAME, MatchOp};

use super::arg;
use super::range_function::RangeFunction;
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows};
use crate::grid::{ABSENT, Grid, Row};
use crate::plan::{CallNode, Kind, Node, RangeFrom, Selector};

pub(super) fn absent<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let argument = arg(call, 0)?;
    let rows = evaluator.rows(argument, grid)?;
    ones_where_absent(evaluator, &rows, argument, grid)
}

pub(super) fn absent_over_time<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let rows = evaluator.range_call(RangeFunction::AbsentOverTime, call, grid)?;
    ones_where_absent(evaluator, &rows, arg(call, 0)?, grid)
}

fn ones_where_absent<'a>(
    evaluator: &Evaluator<'a>,
    rows: &[Row],
    argument: &Node,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let mut values = vec![1.0; grid.steps];
    for row in rows {
        for (step, v) in values.iter_mut().enumerate() {
            if row.is_present(step) {
                *v = ABSENT;
            }
        }
    }
    let row = Row::floats(labels_asked_for(argument), values);
    evaluator.hold(if row.is_empty() { Vec::new() } else { vec![row] })
}

/// The labels that a selector pins to one value. A label with several conditions has none.
fn labels_asked_for(argument: &Node) -> Labels {
    let selector: Option<&Selector> = match &argument.unmarked().kind {
        Kind::Vector(selector) => Some(selector),
        Kind::Range(range) => match &range.from {
            RangeFrom::Selector(selector) => Some(selector),
            RangeFrom::Subquery { .. } => None,
        },
        _ => None,
    };
    let mut builder = LabelsBuilder::default();
    let mut pinned: Vec<&str> = Vec::new();
    for matcher in selector.into_iter().flat_map(|selector| &selector.matchers) {
        if matcher.name() == METRIC_NAME {
            continue;
        }
        if matcher.op() == MatchOp::Equal && !pinned.contains(&matcher.name()) {
            builder.set(matcher.name(), matcher.value());
            pinned.push(matcher.name());
        } else {
            builder.remove(matcher.name());
        }
    }
    builder.build()
}
