//! What a binary operator makes of two values.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram};
use promql_syntax::Span;
use promql_syntax::ops::BinaryOp;

use super::Evaluator;
use crate::annotation::{Note, Operation};
use crate::grid::{Cell, CellValue};
use crate::histogram::buckets::compact;
use crate::histogram::sum::{HistogramSum, divided, same, scaled};
use crate::histogram::trim::{Keep, trim};

/// The result of a comparison, or of arithmetic.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) value: CellValue,
    /// A comparison holds; arithmetic always does.
    pub(super) keep: bool,
}

impl Outcome {
    fn kept(value: CellValue) -> Self {
        Self { value, keep: true }
    }
}

/// Arithmetic on floats; `None` for operators that are not arithmetic.
pub(super) fn arithmetic(op: BinaryOp) -> Option<fn(f64, f64) -> f64> {
    Some(match op {
        BinaryOp::Add => |a, b| a + b,
        BinaryOp::Sub => |a, b| a - b,
        BinaryOp::Mul => |a, b| a * b,
        BinaryOp::Div => |a, b| a / b,
        BinaryOp::Mod => |a, b| a % b,
        BinaryOp::Pow => power,
        BinaryOp::Atan2 => f64::atan2,
        _ => return None,
    })
}

/// C and Go agree with Rust here: `1^NaN` and `NaN^0` are 1.
fn power(a: f64, b: f64) -> f64 {
    a.powf(b)
}

/// Comparison of floats; `None` for operators that do not compare.
pub(super) fn comparison(op: BinaryOp) -> Option<fn(f64, f64) -> bool> {
    Some(match op {
        BinaryOp::Eq => |a, b| a == b,
        BinaryOp::Ne => |a, b| a != b,
        BinaryOp::Gt => |a, b| a > b,
        BinaryOp::Lt => |a, b| a < b,
        BinaryOp::Ge => |a, b| a >= b,
        BinaryOp::Le => |a, b| a <= b,
        _ => return None,
    })
}

/// Operators whose result is another quantity than their operands: the name goes.
pub(super) fn changes_meaning(op: BinaryOp) -> bool {
    arithmetic(op).is_some()
}

impl Evaluator<'_> {
    /// One element with another; `None` when the operator has no meaning for them, which is noted.
    pub(super) fn combine(
        &self,
        op: BinaryOp,
        left: Cell<'_>,
        right: Cell<'_>,
        span: Span,
    ) -> Option<Outcome> {
        match (left, right) {
            (Cell::Absent, _) | (_, Cell::Absent) => None,
            (Cell::Float(a), Cell::Float(b)) => self.floats(op, a, b, span),
            (Cell::Float(a), Cell::Histogram(h)) if op == BinaryOp::Mul => {
                Some(Outcome::kept(histogram(compact(scaled((**h).clone(), a)))))
            }
            (Cell::Float(_), Cell::Histogram(_)) => {
                self.incompatible("float", op, "histogram", span)
            }
            (Cell::Histogram(h), Cell::Float(b)) => {
                let value = match op {
                    BinaryOp::Mul => compact(scaled((**h).clone(), b)),
                    BinaryOp::Div => compact(divided((**h).clone(), b)),
                    BinaryOp::TrimUpper => trim(h, b, Keep::Below),
                    BinaryOp::TrimLower => trim(h, b, Keep::Above),
                    _ => return self.incompatible("histogram", op, "float", span),
                };
                Some(Outcome::kept(histogram(value)))
            }
            (Cell::Histogram(a), Cell::Histogram(b)) => self.histograms(op, a, b, span),
        }
    }

    fn floats(&self, op: BinaryOp, a: f64, b: f64, span: Span) -> Option<Outcome> {
        if let Some(f) = arithmetic(op) {
            return Some(Outcome::kept(CellValue::Float(f(a, b))));
        }
        if let Some(holds) = comparison(op) {
            return Some(Outcome { value: CellValue::Float(a), keep: holds(a, b) });
        }
        self.incompatible("float", op, "float", span)
    }

    fn histograms(
        &self,
        op: BinaryOp,
        a: &Arc<FloatHistogram>,
        b: &Arc<FloatHistogram>,
        span: Span,
    ) -> Option<Outcome> {
        let keep_left = |keep| Some(Outcome { value: CellValue::Histogram(a.clone()), keep });
        let operation = match op {
            BinaryOp::Eq => return keep_left(same(a, b)),
            BinaryOp::Ne => return keep_left(!same(a, b)),
            BinaryOp::Add => Operation::Addition,
            BinaryOp::Sub => Operation::Subtraction,
            _ => return self.incompatible("histogram", op, "histogram", span),
        };
        let mut sum = HistogramSum::new(a);
        let added = if op == BinaryOp::Add { sum.add(b) } else { sum.sub(b) };
        let Ok(outcome) = added else {
            self.note(&Note::IncompatibleLayout { operator: op.as_str() }, span);
            return None;
        };
        if outcome.reset_collision {
            self.note(&Note::ResetCollision(operation), span);
            return None;
        }
        if outcome.bounds_reconciled {
            self.note(&Note::MismatchedBounds(operation), span);
        }
        let mut value = sum.finish();
        if op == BinaryOp::Sub {
            value.counter_reset_hint = CounterResetHint::Gauge;
        }
        Some(Outcome::kept(histogram(value)))
    }

    fn incompatible(&self, left: &str, op: BinaryOp, right: &str, span: Span) -> Option<Outcome> {
        self.note(&Note::IncompatibleTypes { left, operator: op.as_str(), right }, span);
        None
    }
}

fn histogram(h: FloatHistogram) -> CellValue {
    CellValue::Histogram(Arc::new(h))
}
