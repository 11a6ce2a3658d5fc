//! Many label sets in one allocation, for answers that list series and do nothing else with them.

use crate::labels::{Iter, Labels, compare_laid_out};

/// Label sets as [`Labels`] lays them out, one behind the other.
#[derive(Clone, Debug, Default)]
pub struct LabelSets {
    texts: String,
    /// Where each set lies in `texts`.
    spans: Vec<(usize, usize)>,
}

impl LabelSets {
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Adds a set whose pairs `write` appends with [`Labels::lay_out`], in ascending order of their
    /// names, or with [`crate::LabelsBuilder::lay_out`]. Returns its length in bytes.
    pub fn push_with(&mut self, write: impl FnOnce(&mut String)) -> usize {
        let start = self.texts.len();
        write(&mut self.texts);
        self.spans.push((start, self.texts.len()));
        self.texts.len() - start
    }

    pub fn push(&mut self, labels: &Labels) {
        self.push_with(|texts| texts.push_str(labels.laid_out()));
    }

    /// Takes the set that was added last away.
    pub fn pop(&mut self) {
        if let Some((start, _)) = self.spans.pop() {
            self.texts.truncate(start);
        }
    }

    /// [`Labels::hash128`] of each set, in the order in which they were added.
    pub fn hashes(&self) -> impl DoubleEndedIterator<Item = u128> {
        self.spans.iter().map(|span| xxhash_rust::xxh3::xxh3_128(self.text(*span).as_bytes()))
    }

    /// Puts the sets in their order, each once. Cost: a comparison for each set where they stand
    /// in ascending runs, as indexes have them.
    pub fn sort_and_dedup(&mut self) {
        let Self { texts, spans } = self;
        let text = |span: &(usize, usize)| texts.as_bytes().get(span.0..span.1).unwrap_or_default();
        // Stable: it makes use of runs.
        spans.sort_by(|a, b| compare_laid_out(text(a), text(b)));
        spans.dedup_by(|a, b| text(a) == text(b));
    }

    /// Keeps the first sets.
    pub fn truncate(&mut self, len: usize) {
        self.spans.truncate(len);
    }

    /// The pairs of each set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Iter<'_>> {
        self.spans.iter().map(|span| Labels::iter_laid_out(self.text(*span)))
    }

    pub fn to_vec(&self) -> Vec<Labels> {
        self.spans.iter().map(|span| Labels::of_laid_out(self.text(*span))).collect()
    }

    fn text(&self, (start, end): (usize, usize)) -> &str {
        self.texts.get(start..end).unwrap_or_default()
    }
}

/// The same sets in the same order, wherever they lie.
impl PartialEq for LabelSets {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && std::iter::zip(&self.spans, &other.spans)
                .all(|(own, theirs)| self.text(*own) == other.text(*theirs))
    }
}

impl Eq for LabelSets {}

impl<'a> FromIterator<&'a Labels> for LabelSets {
    fn from_iter<I: IntoIterator<Item = &'a Labels>>(labels: I) -> Self {
        let mut sets = Self::default();
        for labels in labels {
            sets.push(labels);
        }
        sets
    }
}

#[cfg(test)]
mod tests {
    use super::LabelSets;
    use crate::{Labels, LabelsBuilder};
    use proptest::prelude::*;

    fn set() -> impl Strategy<Value = Labels> {
        prop::collection::btree_map("[a-c]{1,2}", "[a-cé]{1,3}", 0..4).prop_map(Labels::from_pairs)
    }

    proptest! {
        #[test]
        fn sorts_as_labels_do_and_keeps_each_once(all in prop::collection::vec(set(), 0..20)) {
            let mut sets: LabelSets = all.iter().collect();
            prop_assert_eq!(sets.to_vec(), all.clone());
            prop_assert!(sets.hashes().eq(all.iter().map(Labels::hash128)));
            sets.push(&Labels::from_pairs([("a", "b")]));
            sets.pop();
            sets.sort_and_dedup();
            let mut want = all;
            want.sort();
            want.dedup();
            prop_assert_eq!(sets.to_vec(), want.clone());
            prop_assert_eq!(sets.iter().len(), sets.len());
            for (pairs, labels) in sets.iter().zip(&want) {
                prop_assert!(pairs.eq(labels.iter()));
            }
            sets.truncate(3);
            want.truncate(3);
            prop_assert_eq!(&sets, &want.iter().collect());
            prop_assert_eq!(sets.to_vec(), want);
        }

        #[test]
        fn takes_what_builders_lay_out(pairs in prop::collection::vec(("[a-c]", "[a-cé]{0,3}"), 0..6)) {
            let mut builder = LabelsBuilder::default();
            for (name, value) in &pairs {
                builder.push(name, value);
            }
            let mut sets = LabelSets::default();
            let bytes = sets.push_with(|texts| builder.lay_out(texts));
            prop_assert_eq!(bytes, builder.build().as_bytes().len());
            prop_assert_eq!(sets.to_vec(), vec![builder.build()]);
        }
    }
}
