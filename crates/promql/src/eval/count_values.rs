//! `count_values`: how often each value occurs, the value as a label.

use hashbrown::HashMap;
use model::{Labels, LabelsBuilder};

use super::Evaluator;
use super::aggregate::grouping_key;
use super::groups::Groups;
use crate::error::QueryError;
use crate::grid::{Cell, Grid, Row, is_absent};
use crate::histogram::text::describe;
use crate::number;
use crate::plan::AggregateNode;

impl Evaluator<'_> {
    pub(super) fn count_values(
        &self,
        node: &AggregateNode,
        rows: &[Row],
        grid: &Grid,
    ) -> Result<Vec<Row>, QueryError> {
        let param = node.param.as_ref().and_then(|param| param.text()).cloned().unwrap_or_default();
        let Some(label) = param.as_str().filter(|label| !label.is_empty()) else {
            return Err(QueryError::Execution(format!("invalid label name {param:?}")));
        };
        // `without` the very label takes it away again.
        let hidden = node.without && node.grouping.iter().any(|name| name == label);
        let groups = Groups::of(rows, &grouping_key(node));
        let mut counts: Vec<Row> = Vec::new();
        let mut at: HashMap<Labels, usize> = HashMap::new();
        let mut builder = LabelsBuilder::default();
        for (labels, members) in groups.labels.iter().zip(&groups.members) {
            // Text and labels are made once per distinct value.
            let mut by_bits: HashMap<u64, usize> = HashMap::new();
            let mut row_for = |text: &str, counts: &mut Vec<Row>| {
                builder.reset_to(labels);
                if !hidden {
                    builder.set(label, text);
                }
                let labels = builder.build();
                *at.entry(labels.clone()).or_insert_with(|| {
                    counts.push(Row::absent(labels, grid.steps));
                    counts.len() - 1
                })
            };
            for row in members.iter().map(|member| &rows[*member as usize]) {
                self.budget.check()?;
                for step in 0..grid.steps {
                    let index = match row.cell(step) {
                        Cell::Absent => continue,
                        Cell::Float(v) => *by_bits
                            .entry(v.to_bits())
                            .or_insert_with(|| row_for(&number::plain(v), &mut counts)),
                        Cell::Histogram(h) => row_for(&describe(h), &mut counts),
                    };
                    let count = &mut counts[index].values[step];
                    *count = if is_absent(*count) { 1.0 } else { *count + 1.0 };
                }
            }
        }
        Ok(counts)
    }
}
