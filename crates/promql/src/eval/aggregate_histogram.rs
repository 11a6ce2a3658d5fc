//! Aggregations of rows with native histograms among them: `sum`, `avg`, `count` and `group`.

use std::sync::Arc;

use promql_syntax::ops::AggregateOp;

use super::Evaluator;
use super::groups::Groups;
use crate::annotation::{Note, Operation};
use crate::functions::HistogramTotal;
use crate::grid::{Cell, CellValue, Grid, Row};
use crate::kahan::{Kahan, Mean};
use crate::plan::AggregateNode;

/// Operators for which a histogram is a value like any other.
pub(super) fn understands(op: AggregateOp) -> bool {
    matches!(op, AggregateOp::Sum | AggregateOp::Avg | AggregateOp::Count | AggregateOp::Group)
}

impl Evaluator<'_> {
    pub(super) fn fold_mixed(
        &self,
        node: &AggregateNode,
        rows: &[Row],
        groups: &Groups,
        grid: &Grid,
    ) -> Vec<Row> {
        let mut out = Vec::with_capacity(groups.labels.len());
        for (labels, members) in groups.labels.iter().zip(&groups.members) {
            let mut row = Row::absent(labels.clone(), grid.steps);
            let members: Vec<&Row> = members.iter().map(|row| &rows[*row as usize]).collect();
            row.drop_name = members.iter().any(|row| row.drop_name);
            for step in 0..grid.steps {
                let value = match node.op {
                    AggregateOp::Sum | AggregateOp::Avg => self.total(node, &members, step),
                    op => {
                        let count = members.iter().filter(|row| row.is_present(step)).count();
                        let group = op == AggregateOp::Group;
                        let v = if group { 1.0 } else { count as f64 };
                        (count > 0).then_some(v).into()
                    }
                };
                row.set(step, value);
            }
            if !row.is_empty() {
                out.push(row);
            }
        }
        out
    }

    /// Sum or mean of one cell's column; floats and histograms do not add up.
    fn total(&self, node: &AggregateNode, members: &[&Row], step: usize) -> CellValue {
        let span = node.expr.span;
        let mean = node.op == AggregateOp::Avg;
        let (mut sum, mut average, mut floats) = (Kahan::default(), Mean::default(), 0_u64);
        let mut histograms = HistogramTotal::new(mean);
        let (mut seen, mut incompatible) = (false, false);
        for row in members {
            match row.cell(step) {
                Cell::Absent => {}
                Cell::Float(v) => {
                    floats += 1;
                    sum.add(v);
                    average.add(v);
                }
                Cell::Histogram(h) => {
                    seen = true;
                    if !incompatible && floats == 0 && histograms.add(h).is_err() {
                        incompatible = true;
                        let metric = row.labels.metric_name().unwrap_or_default();
                        self.note(&Note::MixedExponentialCustom { metric }, span);
                    }
                }
            }
        }
        if floats > 0 && seen {
            self.note(&Note::MixedFloatsHistogramsAggregation, span);
            return CellValue::Absent;
        }
        if floats > 0 {
            return CellValue::Float(if mean { average.value() } else { sum.total() });
        }
        if histograms.bounds_reconciled {
            self.note(&Note::MismatchedBounds(Operation::Aggregation), span);
        }
        if incompatible || !seen {
            return CellValue::Absent;
        }
        if histograms.resets_collide() {
            self.note(&Note::ResetCollision(Operation::Aggregation), span);
        }
        histograms.finish().map_or(CellValue::Absent, |h| CellValue::Histogram(Arc::new(h)))
    }
}
