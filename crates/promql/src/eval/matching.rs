//! Arithmetic and comparison between two vectors: elements are matched by signature, at every
//! step anew, because different series may stand for a signature at different times.

use hashbrown::HashMap;
use model::{Labels, LabelsBuilder};
use promql_syntax::Span;
use promql_syntax::ast::{Cardinality, VectorMatching};
use rayon::prelude::*;

use super::elementwise::{arithmetic, changes_meaning, comparison};
use super::groups::{Key, Numbering};
use super::set_ops::signature;
use super::{Evaluator, PARALLEL_ROWS_MIN, is_quick, merge_same_labels};
use crate::error::QueryError;
use crate::grid::{ABSENT, Cell, CellValue, Grid, Row, braced, is_absent, remove_metadata};
use crate::plan::BinaryNode;

/// One vector operation, its sides turned so that "one" is the side with at most one element per
/// signature.
struct Match<'m, 'e> {
    evaluator: &'m Evaluator<'e>,
    node: &'m BinaryNode,
    matching: &'m VectorMatching,
    key: Key<'m>,
    many: &'m [Row],
    one: &'m [Row],
    /// "many" is the right side.
    swapped: bool,
    span: Span,
    grid: &'m Grid,
}

/// The rows of one signature.
#[derive(Default)]
struct Group {
    many: Vec<u32>,
    one: Vec<u32>,
}

/// Result rows by the pair of series they come from.
#[derive(Default)]
struct Output {
    rows: Vec<Row>,
    by_pair: HashMap<(u32, u32), usize>,
}

/// Stands for the absent partner of a fill.
const FILLED: u32 = u32::MAX;

impl Evaluator<'_> {
    pub(super) fn match_vectors(
        &self,
        node: &BinaryNode,
        matching: &VectorMatching,
        left: &[Row],
        right: &[Row],
        span: Span,
        grid: &Grid,
    ) -> Result<Vec<Row>, QueryError> {
        let swapped = matching.cardinality == Cardinality::OneToMany;
        let (many, one) = if swapped { (right, left) } else { (left, right) };
        let key = signature(matching);
        let operation = Match {
            evaluator: self,
            node,
            matching,
            key: key.clone(),
            many,
            one,
            swapped,
            span,
            grid,
        };
        let mut numbering = Numbering::default();
        let mut groups: Vec<Group> = Vec::new();
        for (index, row) in many.iter().enumerate() {
            let number = numbering.number(&key, &row.labels) as usize;
            if number == groups.len() {
                groups.push(Group::default());
            }
            groups[number].many.push(index as u32);
        }
        for (index, row) in one.iter().enumerate() {
            let number = numbering.number(&key, &row.labels) as usize;
            if number == groups.len() {
                groups.push(Group::default());
            }
            groups[number].one.push(index as u32);
        }
        let combine = |group: &Group| {
            self.budget.check()?;
            let mut rows = Vec::new();
            operation.group(group, &mut rows)?;
            rows.retain(|row: &Row| !row.is_empty());
            Ok(rows)
        };
        let parts: Result<Vec<Vec<Row>>, QueryError> = if is_quick(many) {
            groups.iter().map(combine).collect()
        } else {
            let groups = groups.par_iter().with_min_len(PARALLEL_ROWS_MIN / 4);
            self.threads.share(|| groups.map(combine).collect())
        };
        let parts = parts?;
        // One-to-one, a signature has its own labels: only its own rows can be equal.
        let distinct = matching.cardinality == Cardinality::OneToOne
            && matching.include.is_empty()
            && parts.iter().all(|rows| rows.len() <= 1);
        let rows = parts.into_iter().flatten().collect();
        if distinct { Ok(rows) } else { merge_same_labels(rows) }
    }
}

impl Match<'_, '_> {
    fn group(&self, group: &Group, out: &mut Vec<Row>) -> Result<(), QueryError> {
        let fill = self.matching.fill;
        // The reference turned the sides of group_right but not those of its fills up to 3.15, and
        // its test scripts of 3.14, which we are held to, say so.
        let (fill_one, fill_many) = (fill.rhs, fill.lhs);
        match (&group.many[..], &group.one[..]) {
            (_, []) if fill_one.is_none() => return Ok(()),
            ([], _) if fill_many.is_none() => return self.check_one_side(group),
            ([many], [one]) if fill.is_empty() => {
                if let Some(row) = self.plain_pair(*many, *one) {
                    out.push(row);
                    return Ok(());
                }
            }
            _ => {}
        }
        let mut output = Output::default();
        for step in 0..self.grid.steps {
            let one = self.one_at(group, step)?;
            let mut matched = 0_u32;
            let mut labels_at_step: Vec<usize> = Vec::new();
            for many in group.many.iter().copied() {
                let cell = self.many[many as usize].cell(step);
                if matches!(cell, Cell::Absent) {
                    continue;
                }
                let (partner, value) = match one {
                    Some(one) => (one, self.one[one as usize].cell(step)),
                    None => match fill_one {
                        Some(v) => (FILLED, Cell::Float(v)),
                        None => continue,
                    },
                };
                if self.apply(&mut output, (many, partner), cell, value, step) {
                    matched += 1;
                    self.check_unique(&output, (many, partner), matched, &mut labels_at_step)?;
                }
            }
            if let (0, Some(one), Some(v)) = (matched, one, fill_many) {
                let value = self.one[one as usize].cell(step);
                self.apply(&mut output, (FILLED, one), Cell::Float(v), value, step);
            }
        }
        out.append(&mut output.rows);
        Ok(())
    }

    /// The frequent case in one go: one float series on either side. Not for histograms.
    fn plain_pair(&self, many: u32, one: u32) -> Option<Row> {
        let (left, right) = (&self.many[many as usize], &self.one[one as usize]);
        if left.histograms.is_some() || right.histograms.is_some() {
            return None;
        }
        let pairs = left.values.iter().zip(&right.values);
        let op = self.node.op;
        let values: Vec<f64> = if let Some(f) = arithmetic(op) {
            let combine = |a: f64, b: f64| if self.swapped { f(b, a) } else { f(a, b) };
            pairs
                .map(|(a, b)| if is_absent(*a) || is_absent(*b) { ABSENT } else { combine(*a, *b) })
                .collect()
        } else {
            let holds = comparison(op)?;
            let compare = |many: f64, one: f64| {
                if is_absent(many) || is_absent(one) {
                    return ABSENT;
                }
                let (a, b) = if self.swapped { (one, many) } else { (many, one) };
                match (holds(a, b), self.node.return_bool) {
                    (keep, true) => f64::from(u8::from(keep)),
                    (true, false) => a,
                    (false, false) => ABSENT,
                }
            };
            pairs.map(|(many, one)| compare(*many, *one)).collect()
        };
        Some(Row { values, ..self.result_row(many, one) })
    }

    /// The element of the "one" side at a step. Errors: there are two, and something to match.
    fn one_at(&self, group: &Group, step: usize) -> Result<Option<u32>, QueryError> {
        let mut found: Option<u32> = None;
        for one in group.one.iter().copied() {
            if !self.one[one as usize].is_present(step) {
                continue;
            }
            if let Some(first) = found {
                let any_many = || self.many.iter().any(|row| row.is_present(step));
                if self.matching.fill.is_empty() && !any_many() {
                    return Ok(None);
                }
                return Err(self.duplicate(first, one));
            }
            found = Some(one);
        }
        Ok(found)
    }

    /// Duplicates are an error even where nothing matches them.
    fn check_one_side(&self, group: &Group) -> Result<(), QueryError> {
        if group.one.len() > 1 {
            for step in 0..self.grid.steps {
                self.one_at(group, step)?;
            }
        }
        Ok(())
    }

    fn duplicate(&self, a: u32, b: u32) -> QueryError {
        let (a, b) = (&self.one[a as usize].labels, &self.one[b as usize].labels);
        let group = braced(&self.key.labels(a));
        let side = if self.swapped { "left" } else { "right" };
        let (mut first, mut second) = (braced(a), braced(b));
        if first > second {
            std::mem::swap(&mut first, &mut second);
        }
        QueryError::Execution(format!(
            "found duplicate series for the match group {group} on the {side} hand-side of the operation: [{first}, {second}];many-to-many matching not allowed: matching labels must be unique on one side"
        ))
    }

    /// Combines a pair at a step. False when the operator has no meaning for them.
    fn apply(
        &self,
        output: &mut Output,
        pair: (u32, u32),
        many: Cell<'_>,
        one: Cell<'_>,
        step: usize,
    ) -> bool {
        let (left, right) = if self.swapped { (one, many) } else { (many, one) };
        let Some(outcome) = self.evaluator.combine(self.node.op, left, right, self.span) else {
            return false;
        };
        let index = *output.by_pair.entry(pair).or_insert_with(|| {
            output.rows.push(self.result_row(pair.0, pair.1));
            output.rows.len() - 1
        });
        let value = match (outcome.keep, self.node.return_bool) {
            (keep, true) => CellValue::Float(f64::from(u8::from(keep))),
            (true, false) => outcome.value,
            (false, false) => CellValue::Absent,
        };
        output.rows[index].set(step, value);
        true
    }

    /// One-to-one means one; grouping has to keep the results apart. Elements that a comparison
    /// filters away count too.
    fn check_unique(
        &self,
        output: &Output,
        pair: (u32, u32),
        matched: u32,
        at_step: &mut Vec<usize>,
    ) -> Result<(), QueryError> {
        if self.matching.cardinality == Cardinality::OneToOne {
            if matched > 1 {
                return Err(QueryError::execution(
                    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
                ));
            }
            return Ok(());
        }
        let Some(index) = output.by_pair.get(&pair).copied() else { return Ok(()) };
        let labels = &output.rows[index].labels;
        if at_step.iter().any(|other| output.rows[*other].labels == *labels) {
            return Err(QueryError::execution(
                "multiple matches for labels: grouping labels must ensure unique matches",
            ));
        }
        at_step.push(index);
        Ok(())
    }

    fn result_row(&self, many: u32, one: u32) -> Row {
        let side =
            |rows: &[Row], index: u32| rows.get(index as usize).map(|row| row.labels.clone());
        let (many_labels, one_labels) = (side(self.many, many), side(self.one, one));
        // A filled-in element has the labels of the match group.
        let matched = |labels: &Option<Labels>| {
            labels.as_ref().map(|labels| self.key.labels(labels)).unwrap_or_default()
        };
        let many_labels = many_labels.unwrap_or_else(|| matched(&one_labels));
        let one_labels = one_labels.unwrap_or_else(|| matched(&Some(many_labels.clone())));
        let labels = self.result_labels(&many_labels, &one_labels);
        let drop_name = self.node.return_bool;
        Row { drop_name, ..Row::absent(labels, self.grid.steps) }
    }

    fn result_labels(&self, many: &Labels, one: &Labels) -> Labels {
        let mut builder = LabelsBuilder::default();
        builder.reset_to(many);
        let delayed = self.evaluator.settings.delayed_name_removal;
        if changes_meaning(self.node.op) || (self.node.return_bool && !delayed) {
            remove_metadata(&mut builder);
        }
        if self.matching.cardinality == Cardinality::OneToOne {
            let kept = builder.build();
            let names: Vec<&str> = self.matching.labels.iter().map(String::as_str).collect();
            builder.reset_to(&if self.matching.on {
                kept.only(&names)
            } else {
                kept.without(&names)
            });
        }
        for name in &self.matching.include {
            builder.set(name, one.get(name).unwrap_or_default());
        }
        builder.build()
    }
}
