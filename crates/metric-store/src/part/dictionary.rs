//! The label names of a part and, name by name, their values: a value's number is the number of
//! its label pair, and pairs order like their texts.

use std::ops::Range;

use model::METRIC_NAME;
use postings::{FrontCoded, FrontCodedWriter};

use super::{put_sized, take_sized, u32_at};

/// Collects pairs in ascending order of name and value.
#[derive(Default)]
pub(crate) struct DictionaryWriter {
    names: FrontCodedWriter,
    last_name: String,
    first_pairs: Vec<u32>,
    values: FrontCodedWriter,
    metric_pairs: Range<u32>,
}

impl DictionaryWriter {
    /// Adds a pair and tells its number.
    pub(crate) fn push(&mut self, name: &str, value: &str) -> u32 {
        let pair = self.values.len();
        if self.names.is_empty() || self.last_name != name {
            debug_assert!(self.names.is_empty() || self.last_name.as_str() < name, "names ascend");
            self.names.push(name);
            name.clone_into(&mut self.last_name);
            self.first_pairs.push(pair);
        }
        self.values.push(value);
        if name == METRIC_NAME {
            let start = if self.metric_pairs.is_empty() { pair } else { self.metric_pairs.start };
            self.metric_pairs = start..pair + 1;
        }
        pair
    }

    /// The pairs that name metrics.
    pub(crate) fn metric_pairs(&self) -> Range<u32> {
        self.metric_pairs.clone()
    }

    pub(crate) fn pair_count(&self) -> u32 {
        self.values.len()
    }

    /// The number of the name that a pair belongs to.
    pub(crate) fn name_of(&self, pair: u32) -> u32 {
        self.first_pairs.partition_point(|first| *first <= pair).saturating_sub(1) as u32
    }

    pub(crate) fn first_pair(&self, name: u32) -> u32 {
        self.first_pairs.get(name as usize).copied().unwrap_or_default()
    }

    /// Appends `names first_pair:u32* values`, the first and the last behind their lengths.
    pub(crate) fn finish(self, out: &mut Vec<u8>) {
        put_sized(out, |out| self.names.finish(out));
        for first in &self.first_pairs {
            out.extend_from_slice(&first.to_le_bytes());
        }
        put_sized(out, |out| self.values.finish(out));
    }
}

/// The dictionary in place.
#[derive(Clone, Copy, Default)]
pub(super) struct Dictionary<'a> {
    names: FrontCoded<'a>,
    first_pairs: &'a [u8],
    values: FrontCoded<'a>,
}

impl<'a> Dictionary<'a> {
    pub(super) fn parse(mut bytes: &'a [u8]) -> Option<Self> {
        let names = FrontCoded::new(take_sized(&mut bytes)?)?;
        let (first_pairs, mut bytes) = bytes.split_at_checked(names.len() as usize * 4)?;
        let values = FrontCoded::new(take_sized(&mut bytes)?)?;
        Some(Self { names, first_pairs, values })
    }

    pub(super) fn name_count(&self) -> u32 {
        self.names.len()
    }

    pub(super) fn pair_count(&self) -> u32 {
        self.values.len()
    }

    pub(super) fn name(&self, name: u32, out: &mut String) {
        self.names.get(name, out);
    }

    pub(super) fn value(&self, pair: u32, out: &mut String) {
        self.values.get(pair, out);
    }

    pub(super) fn visit_names(&self, visit: &mut dyn FnMut(u32, &str)) {
        self.names.visit(0..self.names.len(), visit);
    }

    pub(super) fn visit_values(&self, pairs: Range<u32>, visit: &mut dyn FnMut(u32, &str)) {
        self.values.visit(pairs, visit);
    }

    pub(super) fn first_pair(&self, name: u32) -> u32 {
        u32_at(self.first_pairs, name as usize * 4)
    }

    /// The pairs of a name.
    pub(super) fn pairs_of(&self, name: u32) -> Range<u32> {
        let start = self.first_pair(name);
        let all = self.values.len();
        let end = if name + 1 < self.names.len() { self.first_pair(name + 1) } else { all };
        start..end.min(all)
    }

    pub(super) fn find_name(&self, name: &str) -> Option<u32> {
        self.names.find(0..self.names.len(), name)
    }

    pub(super) fn find_pair(&self, name: &str, value: &str) -> Option<u32> {
        self.values.find(self.pairs_of(self.find_name(name)?), value)
    }
}
