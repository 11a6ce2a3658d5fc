//! `and`, `or` and `unless`: presence by signature, values untouched.

use promql_syntax::ast::VectorMatching;
use promql_syntax::ops::BinaryOp;

use super::groups::{Key, Numbering};
use super::{Evaluator, Rows, merge_same_labels};
use crate::error::QueryError;
use crate::grid::{CellValue, Grid, Row};

pub(super) fn signature(matching: &VectorMatching) -> Key<'_> {
    if matching.on { Key::only(&matching.labels) } else { Key::all_but(&matching.labels) }
}

/// Per signature, at which steps anything is present.
struct Presence {
    steps: usize,
    /// `signature * steps + step`.
    cells: Vec<bool>,
}

impl Presence {
    fn of(rows: &[Row], signatures: &[u32], count: usize, steps: usize) -> Self {
        let mut cells = vec![false; count * steps];
        for (row, signature) in rows.iter().zip(signatures) {
            let base = *signature as usize * steps;
            for step in 0..steps {
                cells[base + step] |= row.is_present(step);
            }
        }
        Self { steps, cells }
    }

    fn at(&self, signature: u32, step: usize) -> bool {
        self.cells.get(signature as usize * self.steps + step).copied().unwrap_or(false)
    }
}

impl Evaluator<'_> {
    pub(super) fn set_operation(
        op: BinaryOp,
        matching: &VectorMatching,
        left: Rows<'_>,
        right: Rows<'_>,
        grid: &Grid,
    ) -> Result<Vec<Row>, QueryError> {
        let key = signature(matching);
        let mut numbering = Numbering::default();
        let mut number = |rows: &[Row]| -> Vec<u32> {
            rows.iter().map(|row| numbering.number(&key, &row.labels)).collect()
        };
        let (left_signatures, right_signatures) = (number(&left), number(&right));
        let count = numbering.len();
        let steps = grid.steps;
        let (mut kept, masked, signatures, presence) = if op == BinaryOp::Or {
            let presence = Presence::of(&left, &left_signatures, count, steps);
            (left.into_vec(), right.into_vec(), right_signatures, presence)
        } else {
            let presence = Presence::of(&right, &right_signatures, count, steps);
            (Vec::new(), left.into_vec(), left_signatures, presence)
        };
        let keep_present = op == BinaryOp::And;
        for (mut row, signature) in masked.into_iter().zip(signatures) {
            for step in 0..steps {
                if presence.at(signature, step) != keep_present {
                    row.set(step, CellValue::Absent);
                }
            }
            kept.push(row);
        }
        kept.retain(|row| !row.is_empty());
        // The two sides of `or` may have a series in common that one of them lacks at times.
        if op == BinaryOp::Or { merge_same_labels(kept) } else { Ok(kept) }
    }
}
