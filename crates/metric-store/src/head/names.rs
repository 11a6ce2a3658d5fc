//! Which series a tenant's head knows: label sets and the inverted index over them.
//!
//! A series reference is a dense `u32`. It stays with its series until the series has had no
//! sample for a whole epoch; then it may name another series in later epochs.

use codec::paged::Paged;
use codec::varint::{put_u64, take_u64};
use hashbrown::HashTable;
use model::{Labels, LabelsBuilder, METRIC_NAME};
use postings::{LabelIndex, MemoryIndex, Pair, VisitPairs};

use crate::head::targets::{NO_TARGET, Targets};

/// Bytes of own pairs that a row holds itself.
const INLINE_MAX: usize = 11;
/// In place of the length of inline pairs: the row's pairs are elsewhere, at the number behind.
const ELSEWHERE: u8 = u8::MAX;

/// Label sets by reference, references by label set, and the postings.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) index: MemoryIndex,
    rows: Paged<Row>,
    free: Vec<u32>,
    by_labels: HashTable<u32>,
    targets: Targets,
    /// Pairs of rows with many.
    long: Vec<Box<[u8]>>,
    free_long: Vec<u32>,
    long_bytes: usize,
    scratch: Scratch,
}

#[derive(Debug, Default)]
struct Scratch {
    pairs: Vec<Pair>,
    bytes: Vec<u8>,
}

/// 32 bytes. The labels are those of the target and the row's own, by number in varints.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// The 128-bit identity; four words, so that no padding is needed.
    id: [u32; 4],
    target: u32,
    len: u8,
    own: [u8; INLINE_MAX],
}

/// A reference that names nothing.
const UNUSED: Row = Row { id: [0; 4], target: NO_TARGET, len: 0, own: [0; INLINE_MAX] };

impl Row {
    const fn hash(&self) -> u64 {
        self.id[0] as u64 | (self.id[1] as u64) << 32
    }

    fn long(&self) -> Option<u32> {
        let number = self.own.first_chunk::<4>().filter(|_| self.len == ELSEWHERE)?;
        Some(u32::from_le_bytes(*number))
    }

    fn is_unused(&self) -> bool {
        self.len == 0 && self.target == NO_TARGET
    }
}

impl Names {
    /// Number of series.
    pub(crate) fn len(&self) -> usize {
        self.by_labels.len()
    }

    /// The series with this identity; see [`Labels::hash128`].
    fn find(&self, id: u128) -> Option<u32> {
        let id = split_id(id);
        let same = |series: &u32| self.rows[*series as usize].id == id;
        self.by_labels.find(u64::from(id[0]) | u64::from(id[1]) << 32, same).copied()
    }

    /// The reference of a series, which is entered when it is not known and `may` allows it.
    pub(crate) fn get_or_insert<E>(
        &mut self,
        labels: &Labels,
        may: impl FnOnce(&Self) -> Result<(), E>,
    ) -> Result<u32, E> {
        let id = labels.hash128();
        if let Some(known) = self.find(id) {
            return Ok(known);
        }
        may(self)?;
        Ok(self.insert(id, labels))
    }

    /// Enters a series that is not known; it has at least one label.
    fn insert(&mut self, id: u128, labels: &Labels) -> u32 {
        let reference = self.free.pop().unwrap_or_else(|| {
            self.rows.push(UNUSED);
            self.rows.len() as u32 - 1
        });
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.pairs.clear();
        self.index.insert(reference, labels, &mut scratch.pairs);
        let target = self.factor(labels, &mut scratch.pairs);
        scratch.bytes.clear();
        for Pair(pair) in &scratch.pairs {
            put_u64(&mut scratch.bytes, u64::from(*pair));
        }
        let (len, own) = self.keep_own(&scratch.bytes);
        self.scratch = scratch;
        let row = Row { id: split_id(id), target, len, own };
        self.rows[reference as usize] = row;
        let Self { by_labels, rows, .. } = self;
        by_labels.insert_unique(row.hash(), reference, |other| rows[*other as usize].hash());
        reference
    }

    /// Moves what the series shares with its target out of its pairs, and returns the target.
    fn factor(&mut self, labels: &Labels, pairs: &mut Vec<Pair>) -> u32 {
        let mut key = (None, None);
        for ((name, _), pair) in labels.iter().zip(pairs.iter()) {
            match name {
                "job" => key.0 = Some(*pair),
                "instance" => key.1 = Some(*pair),
                _ => {}
            }
        }
        pairs.sort_unstable();
        let index = &self.index;
        let private = |pair: Pair| matches!(index.text(pair).0, METRIC_NAME | "le" | "quantile");
        self.targets.factor(key, pairs, private)
    }

    fn keep_own(&mut self, bytes: &[u8]) -> (u8, [u8; INLINE_MAX]) {
        let mut own = [0; INLINE_MAX];
        if let Some(inline) = own.get_mut(..bytes.len()) {
            inline.copy_from_slice(bytes);
            return (bytes.len() as u8, own);
        }
        self.long_bytes += bytes.len();
        let number = if let Some(number) = self.free_long.pop() {
            self.long[number as usize] = bytes.into();
            number
        } else {
            self.long.push(bytes.into());
            self.long.len() as u32 - 1
        };
        own[..4].copy_from_slice(&number.to_le_bytes());
        (ELSEWHERE, own)
    }

    /// Forgets a series; its reference will be given out again.
    pub(crate) fn remove(&mut self, reference: u32) {
        self.detach(reference);
        self.release(reference);
    }

    /// Lets the label set no longer lead to the reference. To be followed by [`Self::release`].
    pub(crate) fn detach(&mut self, reference: u32) {
        let Some(row) = self.rows.get(reference as usize) else { return };
        if let Ok(found) = self.by_labels.find_entry(row.hash(), |other| *other == reference) {
            found.remove();
        }
    }

    /// Gives back what a detached series holds, and its reference.
    pub(crate) fn release(&mut self, reference: u32) {
        let used = self.rows.get(reference as usize).filter(|row| !row.is_unused());
        let Some(row) = used.copied() else { return };
        let mut pairs = Vec::new();
        self.visit_pairs(reference, &mut |pair| pairs.push(pair));
        self.rows[reference as usize] = UNUSED;
        self.index.remove(reference, pairs);
        self.targets.release(row.target);
        if let Some(number) = row.long() {
            self.long_bytes -= std::mem::take(&mut self.long[number as usize]).len();
            self.free_long.push(number);
        }
        self.free.push(reference);
        if self.free.len() == self.rows.len() {
            // A tenant that has gone holds nothing.
            *self = Self::default();
        }
    }

    /// References given out so far, free ones included.
    pub(crate) fn capacity(&self) -> usize {
        self.rows.len()
    }

    /// References in use, detached ones included.
    pub(crate) fn references(&self) -> impl Iterator<Item = u32> {
        (0_u32..)
            .zip(self.rows.iter())
            .filter(|(_, row)| !row.is_unused())
            .map(|(number, _)| number)
    }

    /// The 128-bit identity of the label set; see [`Labels::hash128`].
    pub(crate) fn id(&self, reference: u32) -> u128 {
        self.rows.get(reference as usize).map_or(0, |row| join_id(row.id))
    }

    /// Hands out the pairs of a series, in any order; none for a reference that is not in use.
    pub(crate) fn visit_pairs(&self, reference: u32, visit: VisitPairs<'_>) {
        let Some(row) = self.rows.get(reference as usize) else { return };
        self.targets.pairs(row.target).iter().copied().for_each(&mut *visit);
        let mut own = match row.long() {
            Some(number) => &*self.long[number as usize],
            None => row.own.get(..usize::from(row.len)).unwrap_or_default(),
        };
        while let Ok(pair) = take_u64(&mut own) {
            visit(Pair(pair as u32));
        }
    }

    /// The index together with the label sets, as selectors are resolved on it.
    pub(crate) fn label_index(&self) -> impl LabelIndex {
        (&self.index, |reference: u32, visit: VisitPairs<'_>| self.visit_pairs(reference, visit))
    }

    /// The label set, built anew.
    pub(crate) fn labels(&self, reference: u32, builder: &mut LabelsBuilder) -> Labels {
        self.collect(reference, builder);
        builder.build()
    }

    /// Appends the label set as [`Labels`] lays it out.
    pub(crate) fn lay_out(&self, reference: u32, builder: &mut LabelsBuilder, out: &mut String) {
        self.collect(reference, builder);
        builder.lay_out(out);
    }

    fn collect(&self, reference: u32, builder: &mut LabelsBuilder) {
        builder.clear();
        self.visit_pairs(reference, &mut |pair| {
            let (name, value) = self.index.text(pair);
            builder.push(name, value);
        });
    }

    /// Approximate bytes of heap. Cost: looks at every posting list and target.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.index.heap_bytes() + self.targets.heap_bytes() + self.row_bytes()
    }

    /// The same, guessed in constant time.
    pub(crate) fn heap_bytes_guess(&self) -> usize {
        self.index.heap_bytes_guess() + self.row_bytes()
    }

    fn row_bytes(&self) -> usize {
        let numbers = self.free.capacity() + self.free_long.capacity();
        self.rows.heap_bytes()
            + self.by_labels.allocation_size()
            + self.long.capacity() * size_of::<Box<[u8]>>()
            + self.long_bytes
            + numbers * size_of::<u32>()
    }
}

const fn split_id(id: u128) -> [u32; 4] {
    [id as u32, (id >> 32) as u32, (id >> 64) as u32, (id >> 96) as u32]
}

const fn join_id(id: [u32; 4]) -> u128 {
    id[0] as u128 | (id[1] as u128) << 32 | (id[2] as u128) << 64 | (id[3] as u128) << 96
}

#[cfg(test)]
mod tests {
    use super::Names;
    use model::{Labels, LabelsBuilder};

    /// Every seventh series has more labels than fit into a row.
    fn labels(i: u32) -> Labels {
        let own =
            (0..if i.is_multiple_of(7) { 12 } else { 1 }).map(|n| (format!("l{n}"), i.to_string()));
        let shared =
            ["job", "instance", "cluster", "env"].map(|n| (n.to_owned(), (i / 50).to_string()));
        Labels::from_pairs(own.chain(shared))
    }

    #[test]
    fn references_are_reused_and_memory_does_not_grow_with_the_dead() {
        let mut names = Names::default();
        let mut builder = LabelsBuilder::default();
        let mut peak = 0;
        for i in 0..20_000 {
            let reference = names.insert(labels(i).hash128(), &labels(i));
            assert_eq!(names.find(labels(i).hash128()), Some(reference));
            assert_eq!(names.labels(reference, &mut builder), labels(i));
            if let Some(dead) = i.checked_sub(300) {
                let gone = names.find(labels(dead).hash128()).unwrap();
                names.remove(gone);
                assert_eq!((names.find(labels(dead).hash128()), names.id(gone)), (None, 0));
            }
            if i == 2000 {
                peak = names.heap_bytes();
            }
        }
        assert_eq!((names.len(), names.references().count()), (300, 300));
        assert!(names.capacity() <= 301);
        assert!(names.heap_bytes() <= peak + peak / 4, "{} after {peak}", names.heap_bytes());
    }
}
