//! `topk`, `bottomk`, `limitk` and `limit_ratio`: a part of every group's rows, chosen anew at
//! every step.

use model::Labels;
use promql_syntax::Span;
use promql_syntax::ops::AggregateOp;

use super::Evaluator;
use super::aggregate::grouping_key;
use super::groups::Groups;
use crate::annotation::Note;
use crate::error::QueryError;
use crate::functions::by_value;
use crate::grid::{Cell, CellValue, Grid, Row};
use crate::plan::AggregateNode;

/// A cell that may be chosen: its value and its row.
type Candidate = (f64, u32);

impl Evaluator<'_> {
    pub(super) fn aggregate_top(
        &self,
        node: &AggregateNode,
        span: Span,
        rows: &[Row],
        param: &[f64],
        grid: &Grid,
    ) -> Result<Vec<Row>, QueryError> {
        if !self.check_param(node, param)? {
            return Ok(Vec::new());
        }
        let ranked = matches!(node.op, AggregateOp::Topk | AggregateOp::Bottomk);
        if ranked && rows.iter().any(Row::has_histograms) {
            self.note(&Note::HistogramIgnored { aggregation: node.op.as_str() }, span);
        }
        let mut groups = Groups::of(rows, &grouping_key(node));
        // The order that decides between equals must not depend on where series were found: the
        // same steps give the same answer, whatever the range around them.
        let by_labels = |a: &u32, b: &u32| rows[*a as usize].labels.cmp(&rows[*b as usize].labels);
        groups.members.iter_mut().for_each(|members| members.sort_by(by_labels));
        let mut out: Vec<Option<Row>> = vec![None; rows.len()];
        // Rows in the order they were first chosen; that of an instant vector is the ranking.
        let mut order = Vec::new();
        let mut chosen: Vec<Candidate> = Vec::new();
        for step in 0..grid.steps {
            self.budget.check()?;
            let param = param.get(step).copied().unwrap_or(f64::NAN);
            for members in &groups.members {
                choose(node.op, rows, members, step, param, &mut chosen);
                for (_, index) in &chosen {
                    let source = &rows[*index as usize];
                    let target = out[*index as usize].get_or_insert_with(|| {
                        order.push(*index as usize);
                        let absent = Row::absent(source.labels.clone(), grid.steps);
                        Row { drop_name: source.drop_name, ..absent }
                    });
                    match source.cell(step) {
                        Cell::Absent => {}
                        Cell::Float(v) => target.values[step] = v,
                        Cell::Histogram(h) => target.set(step, CellValue::Histogram(h.clone())),
                    }
                }
            }
        }
        Ok(order.into_iter().filter_map(|index| out[index].take()).collect())
    }

    /// False when no step can choose anything.
    fn check_param(&self, node: &AggregateNode, param: &[f64]) -> Result<bool, QueryError> {
        let greatest = param.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = param.iter().copied().fold(f64::INFINITY, f64::min);
        let any_nan = param.iter().any(|v| v.is_nan());
        if node.op == AggregateOp::LimitRatio {
            if greatest == 0.0 && least == 0.0 && !any_nan {
                return Ok(false);
            }
            if any_nan {
                return Err(QueryError::execution("Ratio value is NaN"));
            }
            let span = node.param.as_ref().map(|param| param.span).unwrap_or_default();
            if greatest > 1.0 {
                self.note(&Note::InvalidRatio(greatest, 1.0), span);
            }
            if least < -1.0 {
                self.note(&Note::InvalidRatio(least, -1.0), span);
            }
            return Ok(true);
        }
        if greatest < 1.0 && !any_nan {
            return Ok(false);
        }
        if any_nan {
            return Err(QueryError::execution("Parameter value is NaN"));
        }
        let limit = 9_223_372_036_854_775_808.0;
        let text = |v: f64| crate::number::value(v);
        if least <= -limit {
            let text = text(least);
            return Err(QueryError::Execution(format!("Scalar value {text} underflows int64")));
        }
        if greatest >= limit {
            let text = text(greatest);
            return Err(QueryError::Execution(format!("Scalar value {text} overflows int64")));
        }
        Ok(true)
    }
}

/// Fills `chosen` with what a step takes of one group, best first.
fn choose(
    op: AggregateOp,
    rows: &[Row],
    members: &[u32],
    step: usize,
    param: f64,
    chosen: &mut Vec<Candidate>,
) {
    chosen.clear();
    // Numbered by their order, until they are chosen.
    let floats = (0_u32..).zip(members).filter_map(|(place, index)| {
        match rows[*index as usize].cell(step) {
            Cell::Float(v) => Some((v, place)),
            _ => None,
        }
    });
    let present = || {
        let present = members.iter().filter(|index| rows[**index as usize].is_present(step));
        present.map(|index| (0.0, *index))
    };
    let k = if param < 1.0 { 0 } else { (param as usize).min(members.len()) };
    match op {
        AggregateOp::Limitk => chosen.extend(present().take(k)),
        AggregateOp::LimitRatio => {
            chosen.extend(present().filter(|(_, i)| is_sampled(&rows[*i as usize], param)));
        }
        _ => {
            if k == 0 {
                return;
            }
            chosen.extend(floats);
            let descending = op == AggregateOp::Topk;
            // Of equal values the first by labels wins.
            let rank =
                |a: &Candidate, b: &Candidate| by_value(a.0, b.0, descending).then(a.1.cmp(&b.1));
            if k < chosen.len() {
                chosen.select_nth_unstable_by(k - 1, rank);
                chosen.truncate(k);
            }
            chosen.sort_unstable_by(rank);
            for (_, index) in chosen {
                *index = members[*index as usize];
            }
        }
    }
}

/// A series has a fixed place in `0..1`; a ratio takes the places below it, a negative one the
/// complement.
fn is_sampled(row: &Row, ratio: f64) -> bool {
    let place = reference_hash(&row.labels) as f64 / u64::MAX as f64;
    let ratio = ratio.clamp(-1.0, 1.0);
    (ratio >= 0.0 && place < ratio) || (ratio < 0.0 && place >= 1.0 + ratio)
}

/// The hash that the reference samples by, so that the same query takes the same series: XXH64 of
/// names and values, each behind its length.
fn reference_hash(labels: &Labels) -> u64 {
    let mut bytes = Vec::new();
    let mut push = |text: &str| {
        if text.len() < 255 {
            bytes.push(text.len() as u8);
        } else {
            bytes.push(255);
            bytes.extend_from_slice(&(text.len() as u32).to_le_bytes()[..3]);
        }
        bytes.extend_from_slice(text.as_bytes());
    };
    for (name, value) in labels {
        push(name);
        push(value);
    }
    xxhash_rust::xxh64::xxh64(&bytes, 0)
}
