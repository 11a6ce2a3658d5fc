//! Which rows belong together: keys are computed once per series, never per step.

use hashbrown::HashMap;
use model::{Labels, METRIC_NAME};

use crate::grid::Row;

/// Labels that tell groups or match signatures apart.
#[derive(Clone, Debug)]
pub(crate) struct Key<'n> {
    /// Sorted.
    names: Vec<&'n str>,
    /// Only these labels, or all but these.
    only: bool,
}

impl<'n> Key<'n> {
    /// `by (names)` and `on (names)`.
    pub(crate) fn only(names: &'n [String]) -> Self {
        Self::new(names, true)
    }

    /// `without (names)` and `ignoring (names)`; the metric's name never counts.
    pub(crate) fn all_but(names: &'n [String]) -> Self {
        let mut key = Self::new(names, false);
        key.names.push(METRIC_NAME);
        key.names.sort_unstable();
        key
    }

    fn new(names: &'n [String], only: bool) -> Self {
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        Self { names, only }
    }

    fn counts(&self, name: &str) -> bool {
        self.names.binary_search(&name).is_ok() == self.only
    }

    /// Replaces `out` by bytes that are equal exactly for labels of one group.
    fn write(&self, labels: &Labels, out: &mut Vec<u8>) {
        out.clear();
        if self.only && self.names.is_empty() {
            return;
        }
        for (name, value) in labels.iter().filter(|(name, _)| self.counts(name)) {
            out.extend_from_slice(name.as_bytes());
            out.push(0xff);
            out.extend_from_slice(value.as_bytes());
            out.push(0xff);
        }
    }

    pub(crate) fn labels(&self, labels: &Labels) -> Labels {
        if self.only { labels.only(&self.names) } else { labels.without(&self.names) }
    }
}

/// Numbers for keys, in order of first appearance.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    numbers: HashMap<Box<[u8]>, u32>,
    buffer: Vec<u8>,
}

impl Numbering {
    pub(crate) fn number(&mut self, key: &Key<'_>, labels: &Labels) -> u32 {
        key.write(labels, &mut self.buffer);
        if let Some(number) = self.numbers.get(self.buffer.as_slice()) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(self.buffer.as_slice().into(), number);
        number
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// A partition of rows.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Indices of the rows of each group, in the order of the rows.
    pub(crate) members: Vec<Vec<u32>>,
    /// One label set per group.
    pub(crate) labels: Vec<Labels>,
}

impl Groups {
    pub(crate) fn of(rows: &[Row], key: &Key<'_>) -> Self {
        let mut numbering = Numbering::default();
        let mut groups = Self::default();
        for (index, row) in rows.iter().enumerate() {
            let group = numbering.number(key, &row.labels) as usize;
            if group == groups.members.len() {
                groups.members.push(Vec::new());
                groups.labels.push(key.labels(&row.labels));
            }
            groups.members[group].push(index as u32);
        }
        groups
    }
}
