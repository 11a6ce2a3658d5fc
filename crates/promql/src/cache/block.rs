//! What is cached of one query: a run of steps, with the version of the data each was computed
//! from.
//!
//! A block covers up to [`BLOCK_STEPS`] steps at a fixed place in time, so that queries over
//! different ranges share blocks, and what leaves every dashboard's range falls out of use block
//! by block. Blocks never change; a newer one takes the place of an older one.

use std::ops::Range;
use std::sync::Arc;

use super::footprint::Footprint;
use crate::annotation::Annotations;
use crate::grid::{ABSENT, Row, histogram_weight};

/// Steps of a block.
pub(crate) const BLOCK_STEPS: usize = 128;

/// No version: the step is not there.
const NOT_THERE: u64 = 0;

/// Steps `first..first + versions.len()` of the block's place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// What its steps have read.
    pub(super) footprint: Footprint,
    pub(super) first: usize,
    /// Per step the version of the data before it was computed; 0 where there is nothing.
    pub(super) versions: Vec<u64>,
    /// Sorted by labels; as many cells as there are versions.
    pub(super) rows: Vec<Row>,
    /// Apart from each other.
    pub(super) noted: Vec<Noted>,
}

/// Steps that were computed together and had something to tell. What a single one of them had is
/// not known: they are used together or not at all.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    /// Within the block's place.
    pub(super) steps: Range<usize>,
    pub(super) notes: Annotations,
    /// The text that the notes' positions are in.
    pub(super) text: Arc<str>,
}

/// A part of a result that goes into a block. Columns of the result are steps of the query.
pub(super) struct Fresh<'a> {
    pub(super) footprint: Footprint,
    /// Steps within the block's place.
    pub(super) steps: Range<usize>,
    /// The query's step at `steps.start`.
    pub(super) column: usize,
    /// Sorted by labels.
    pub(super) rows: &'a [Row],
    /// Per step of `steps`; 0: not to be kept.
    pub(super) versions: Vec<u64>,
    /// Within `steps`.
    pub(super) noted: Vec<Noted>,
}

impl Block {
    pub(super) fn end(&self) -> usize {
        self.first + self.versions.len()
    }

    /// The version of a step, if there is something.
    pub(super) fn version(&self, step: usize) -> Option<u64> {
        let version = *self.versions.get(step.checked_sub(self.first)?)?;
        (version != NOT_THERE).then_some(version)
    }

    /// The cells of a row that belong to steps of the block's place.
    pub(super) fn columns(&self, steps: &Range<usize>) -> Range<usize> {
        steps.start - self.first..steps.end - self.first
    }

    /// A block with the fresh part in place of what this one has of these steps.
    pub(super) fn with(&self, fresh: &Fresh<'_>) -> Self {
        let steps = &fresh.steps;
        let (first, end) = if self.versions.is_empty() {
            (steps.start, steps.end)
        } else {
            (self.first.min(steps.start), self.end().max(steps.end))
        };
        let mut versions = vec![NOT_THERE; end - first];
        for (step, version) in (self.first..).zip(&self.versions) {
            versions[step - first] = *version;
        }
        let (torn, mut noted): (Vec<Noted>, Vec<Noted>) =
            self.noted.iter().cloned().partition(|noted| overlap(&noted.steps, steps));
        // Of a run that loses steps, the rest is of no use.
        for step in torn.into_iter().flat_map(|noted| noted.steps) {
            versions[step - first] = NOT_THERE;
        }
        versions[steps.start - first..steps.end - first].copy_from_slice(&fresh.versions);
        let rows = Merge { old: self, fresh, first, steps: end - first }.rows(&versions);
        noted.extend_from_slice(&fresh.noted);
        Self { footprint: fresh.footprint, first, versions, rows, noted }
    }

    /// The block with some of its steps only, and without notes.
    pub(super) fn keeping(&self, held: &[bool]) -> Self {
        let mut kept = Self { noted: Vec::new(), ..self.clone() };
        for (step, _) in held.iter().enumerate().filter(|(_, held)| !**held) {
            kept.versions[step] = NOT_THERE;
            kept.rows.iter_mut().for_each(|row| clear(row, step));
        }
        kept.rows.retain(|row| !row.is_empty());
        kept
    }

    /// Approximate bytes of heap.
    pub(crate) fn bytes(&self) -> u64 {
        let rows: usize = self.rows.iter().map(row_bytes).sum();
        let noted: usize = self.noted.iter().map(|noted| noted.notes.bytes()).sum();
        (size_of::<Self>() + 8 * self.versions.len() + rows + noted) as u64
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Approximate bytes of heap of a row.
pub(super) fn row_bytes(row: &Row) -> usize {
    let cells = row.histograms.as_ref().map_or(0, |cells| {
        let held = cells.iter().flatten().map(|h| 16 * histogram_weight(h) as usize);
        8 * cells.len() + held.sum::<usize>()
    });
    size_of::<Row>() + row.labels.as_bytes().len() + 16 + 8 * row.values.len() + cells
}

/// Puts old and fresh cells of equal labels into one row.
struct Merge<'a> {
    old: &'a Block,
    fresh: &'a Fresh<'a>,
    first: usize,
    steps: usize,
}

impl Merge<'_> {
    /// Rows without a cell at a step that is kept are left out.
    fn rows(&self, versions: &[u64]) -> Vec<Row> {
        let mut out = Vec::with_capacity(self.old.rows.len().max(self.fresh.rows.len()));
        let (mut old, mut fresh) = (&self.old.rows[..], self.fresh.rows);
        loop {
            let order = match (old.first(), fresh.first()) {
                (Some(old), Some(fresh)) => old.labels.cmp(&fresh.labels),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return out,
            };
            let labels = if order.is_le() { &old[0].labels } else { &fresh[0].labels };
            let mut row = Row::absent(labels.clone(), self.steps);
            if order.is_le() {
                let from = 0..self.old.versions.len();
                copy_cells(&old[0], from, &mut row, self.old.first - self.first);
                old = &old[1..];
            }
            let at = self.fresh.steps.start - self.first;
            if order.is_ge() {
                let from = self.fresh.column..self.fresh.column + self.fresh.steps.len();
                copy_cells(&fresh[0], from, &mut row, at);
                fresh = &fresh[1..];
            } else {
                // Not a series of the fresh steps any more.
                (at..at + self.fresh.steps.len()).for_each(|step| clear(&mut row, step));
            }
            for (step, _) in versions.iter().enumerate().filter(|(_, v)| **v == NOT_THERE) {
                clear(&mut row, step);
            }
            if !row.is_empty() {
                out.push(row);
            }
        }
    }
}

/// Copies cells; what is absent in the source becomes absent.
pub(super) fn copy_cells(source: &Row, from: Range<usize>, target: &mut Row, to: usize) {
    let to = to..to + from.len();
    target.values[to.clone()].copy_from_slice(&source.values[from.clone()]);
    match &source.histograms {
        Some(cells) => {
            if cells[from.clone()].iter().any(Option::is_some) || target.histograms.is_some() {
                target.histogram_cells()[to].clone_from_slice(&cells[from]);
            }
        }
        None => {
            if let Some(cells) = &mut target.histograms {
                cells[to].fill(None);
            }
        }
    }
}

fn clear(row: &mut Row, step: usize) {
    row.values[step] = ABSENT;
    if let Some(cells) = &mut row.histograms {
        cells[step] = None;
    }
}

#[cfg(test)]
mod tests {
    use model::Labels;

    use super::{Block, Fresh, Noted};
    use crate::annotation::Annotations;
    use crate::grid::{ABSENT, Row, is_absent};

    fn row(name: &str, values: &[f64]) -> Row {
        Row::floats(Labels::from_pairs([("a", name)]), values.to_vec())
    }

    /// `version` per step, then a row per line; `.` is nothing.
    fn shown(block: &Block) -> String {
        let text = |v: &f64| if is_absent(*v) { ".".into() } else { v.to_string() };
        let versions: Vec<String> = block.versions.iter().map(ToString::to_string).collect();
        let rows = block.rows.iter().map(|row| {
            let cells: Vec<String> = row.values.iter().map(text).collect();
            format!("{}={}", row.labels.get("a").unwrap_or_default(), cells.join(","))
        });
        let rows: Vec<String> = rows.collect();
        format!("{}: {} | {}", block.first, versions.join(","), rows.join(" "))
    }

    fn fresh(steps: std::ops::Range<usize>, rows: &[Row], version: u64) -> Fresh<'_> {
        let versions = vec![version; steps.len()];
        let footprint = super::Footprint::default();
        Fresh { footprint, steps, column: 0, rows, versions, noted: Vec::new() }
    }

    #[test]
    fn fresh_steps_take_the_place_of_old_ones() {
        let rows = [row("x", &[1.0, 2.0, 3.0]), row("y", &[ABSENT, 5.0, ABSENT])];
        let block = Block::default().with(&fresh(10..13, &rows, 7));
        assert_eq!(shown(&block), "10: 7,7,7 | x=1,2,3 y=.,5,.");
        assert_eq!((block.version(9), block.version(12), block.version(13)), (None, Some(7), None));
        let rows = [row("w", &[8.0, 9.0, 10.0]), row("y", &[ABSENT, ABSENT, 6.0])];
        let block = block.with(&fresh(11..14, &rows, 8));
        assert_eq!(shown(&block), "10: 7,8,8,8 | w=.,8,9,10 x=1,.,.,. y=.,.,.,6");
        let block = block.with(&fresh(16..17, &[row("x", &[4.0])], 9));
        assert_eq!(
            shown(&block),
            "10: 7,8,8,8,0,0,9 | w=.,8,9,10,.,.,. x=1,.,.,.,.,.,4 y=.,.,.,6,.,.,."
        );
    }

    #[test]
    fn a_run_with_notes_is_kept_whole_or_not_at_all() {
        let noted = |steps| Noted { steps, notes: Annotations::default(), text: "x".into() };
        let rows = [row("x", &[1.0, 2.0, 3.0, 4.0])];
        let mut first = fresh(0..4, &rows, 7);
        first.noted = vec![noted(0..2), noted(2..4)];
        let block = Block::default().with(&first);
        let block = block.with(&fresh(3..5, &[row("x", &[5.0, 6.0])], 8));
        assert_eq!(shown(&block), "0: 7,7,0,8,8 | x=1,2,.,5,6");
        assert!(matches!(&block.noted[..], [only] if only.steps == (0..2)));
    }
}
