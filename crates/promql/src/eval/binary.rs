//! Binary operators and signs: by the types of the two sides.

use promql_syntax::Span;
use promql_syntax::ops::BinaryOp;

use super::elementwise::{arithmetic, changes_meaning, comparison};
use super::{Evaluated, Evaluator, Rows};
use crate::error::QueryError;
use crate::grid::{ABSENT, Cell, CellValue, Grid, Row, is_absent};
use crate::histogram::sum::scaled;
use crate::plan::{BinaryNode, Node};

impl<'a> Evaluator<'a> {
    pub(super) fn binary(
        &self,
        node: &BinaryNode,
        span: Span,
        grid: &Grid,
    ) -> Result<Evaluated<'a>, QueryError> {
        let (left, right) = (self.eval(&node.lhs, grid)?, self.eval(&node.rhs, grid)?);
        match (left, right) {
            (Evaluated::Scalar(left), Evaluated::Scalar(right)) => {
                scalars(node.op, &left, &right).map(Evaluated::Scalar)
            }
            (Evaluated::Rows(rows), Evaluated::Scalar(scalar)) => {
                self.with_scalar(node, rows, &scalar, false, span).map(Evaluated::Rows)
            }
            (Evaluated::Scalar(scalar), Evaluated::Rows(rows)) => {
                self.with_scalar(node, rows, &scalar, true, span).map(Evaluated::Rows)
            }
            (Evaluated::Rows(left), Evaluated::Rows(right)) => {
                let matching = node.matching.clone().unwrap_or_default();
                let rows = if node.op.is_set() {
                    Self::set_operation(node.op, &matching, left, right, grid)?
                } else {
                    self.match_vectors(node, &matching, &left, &right, span, grid)?
                };
                self.hold(rows).map(Evaluated::Rows)
            }
            _ => Err(QueryError::Internal("an operator between strings".into())),
        }
    }

    pub(super) fn negate(&self, inner: &Node, grid: &Grid) -> Result<Evaluated<'a>, QueryError> {
        match self.eval(inner, grid)? {
            Evaluated::Scalar(mut values) => {
                for v in &mut values {
                    *v = -*v;
                }
                Ok(Evaluated::Scalar(values))
            }
            Evaluated::Rows(rows) => {
                let mut rows = rows.into_vec();
                self.each_row(&mut rows, |row| {
                    row.values.iter_mut().filter(|v| !is_absent(**v)).for_each(|v| *v = -*v);
                    for cell in row.histograms.iter_mut().flatten().flatten() {
                        *cell = std::sync::Arc::new(scaled((**cell).clone(), -1.0));
                    }
                });
                self.hold(self.drop_names(rows)?).map(Evaluated::Rows)
            }
            Evaluated::Text(_) => Err(QueryError::Internal("a sign before a string".into())),
        }
    }

    /// A vector with a scalar; `swapped` when the scalar is on the left.
    fn with_scalar(
        &self,
        node: &BinaryNode,
        rows: Rows<'a>,
        scalar: &[f64],
        swapped: bool,
        span: Span,
    ) -> Result<Rows<'a>, QueryError> {
        let mut rows = rows.into_vec();
        let op = node.op;
        if let Some(f) = arithmetic(op) {
            self.each_row(&mut rows, |row| {
                if row.histograms.is_some() {
                    self.mixed_with_scalar(node, row, scalar, swapped, span);
                    return;
                }
                for (v, s) in row.values.iter_mut().zip(scalar) {
                    if !is_absent(*v) {
                        *v = if swapped { f(*s, *v) } else { f(*v, *s) };
                    }
                }
            });
        } else if let Some(holds) = comparison(op) {
            self.each_row(&mut rows, |row| {
                if row.histograms.is_some() {
                    self.mixed_with_scalar(node, row, scalar, swapped, span);
                    return;
                }
                for (v, s) in row.values.iter_mut().zip(scalar) {
                    if is_absent(*v) {
                        continue;
                    }
                    let keep = if swapped { holds(*s, *v) } else { holds(*v, *s) };
                    if node.return_bool {
                        *v = f64::from(u8::from(keep));
                    } else if !keep {
                        *v = ABSENT;
                    }
                }
            });
        } else {
            let each = |row: &mut Row| self.mixed_with_scalar(node, row, scalar, swapped, span);
            self.each_row(&mut rows, each);
        }
        rows.retain(|row| !row.is_empty());
        if changes_meaning(op) || node.return_bool {
            rows = self.drop_names(rows)?;
        }
        self.hold(rows)
    }

    fn mixed_with_scalar(
        &self,
        node: &BinaryNode,
        row: &mut Row,
        scalar: &[f64],
        swapped: bool,
        span: Span,
    ) {
        for (step, s) in scalar.iter().enumerate() {
            let own = row.cell(step);
            let outcome = if swapped {
                self.combine(node.op, Cell::Float(*s), own, span)
            } else {
                self.combine(node.op, own, Cell::Float(*s), span)
            };
            let value = match outcome {
                None => CellValue::Absent,
                Some(outcome) if node.return_bool => {
                    CellValue::Float(f64::from(u8::from(outcome.keep)))
                }
                Some(outcome) if !outcome.keep => CellValue::Absent,
                // A comparison keeps the vector's element, on whichever side it is.
                Some(_) if node.op.is_comparison() => continue,
                Some(outcome) => outcome.value,
            };
            row.set(step, value);
        }
    }
}

fn scalars(op: BinaryOp, left: &[f64], right: &[f64]) -> Result<Vec<f64>, QueryError> {
    let pairs = left.iter().zip(right);
    if let Some(f) = arithmetic(op) {
        return Ok(pairs.map(|(a, b)| f(*a, *b)).collect());
    }
    if let Some(holds) = comparison(op) {
        return Ok(pairs.map(|(a, b)| f64::from(u8::from(holds(*a, *b)))).collect());
    }
    Err(QueryError::Execution(format!("operator {op:?} not allowed for Scalar operations")))
}
