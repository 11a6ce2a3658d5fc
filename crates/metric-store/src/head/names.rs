//! Which series a tenant's head knows: wire keys, label sets and the inverted index over them.
//!
//! A series reference is a dense `u32`. It stays with its series until the series has had no
//! sample for a whole epoch; then it may name another series in later epochs.

use hashbrown::HashTable;
use model::{Labels, LabelsBuilder, SeriesKey};
use postings::{LabelPair, MemoryIndex};

/// From raw keys to references; several keys may lead to one series. 20 bytes an entry.
#[derive(Debug, Default)]
pub(crate) struct KeyTable(HashTable<KeySlot>);

#[derive(Clone, Copy, Debug)]
struct KeySlot {
    // Four words, because an aligned `u128` would pad the slot to 32 bytes.
    key: [u32; 4],
    series: u32,
}

const fn split(key: SeriesKey) -> [u32; 4] {
    let k = key.0;
    [k as u32, (k >> 32) as u32, (k >> 64) as u32, (k >> 96) as u32]
}

/// Keys are hashes already: their low half serves the table.
const fn table_hash(key: [u32; 4]) -> u64 {
    key[0] as u64 | (key[1] as u64) << 32
}

impl KeyTable {
    #[inline]
    pub(crate) fn get(&self, key: SeriesKey) -> Option<u32> {
        let key = split(key);
        self.0.find(table_hash(key), |slot| slot.key == key).map(|slot| slot.series)
    }

    pub(crate) fn insert(&mut self, key: SeriesKey, series: u32) {
        let key = split(key);
        let slot = KeySlot { key, series };
        if let Some(known) = self.0.find_mut(table_hash(key), |slot| slot.key == key) {
            *known = slot;
        } else {
            self.0.insert_unique(table_hash(key), slot, |slot| table_hash(slot.key));
        }
    }

    /// Forgets every key of the dead series (a sorted list).
    pub(crate) fn forget(&mut self, dead: &[u32]) {
        self.0.retain(|slot| dead.binary_search(&slot.series).is_err());
        if self.0.capacity() > 4 * self.0.len() + 64 {
            self.0.shrink_to_fit(|slot| table_hash(slot.key));
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.allocation_size()
    }
}

/// Label sets by reference, references by label set, and the postings.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) index: MemoryIndex,
    series: Vec<SeriesName>,
    free: Vec<u32>,
    by_labels: HashTable<u32>,
    scratch: Vec<LabelPair>,
}

/// A free reference has no labels and the id 0.
#[derive(Debug, Default)]
struct SeriesName {
    id: [u64; 2],
    labels: Box<[LabelPair]>,
}

impl Names {
    /// Number of series.
    pub(crate) fn len(&self) -> usize {
        self.by_labels.len()
    }

    pub(crate) fn get(&self, labels: &Labels) -> Option<u32> {
        let id = split_id(labels.hash128());
        let same = |series: &u32| self.series[*series as usize].id == id;
        self.by_labels.find(id[0], same).copied()
    }

    /// Enters a series that [`Self::get`] does not find.
    pub(crate) fn insert(&mut self, labels: &Labels) -> u32 {
        let Self { index, series, free, by_labels, scratch } = self;
        scratch.clear();
        index.acquire(labels, scratch);
        let name = SeriesName { id: split_id(labels.hash128()), labels: scratch.as_slice().into() };
        let hash = name.id[0];
        let reference = if let Some(reference) = free.pop() {
            series[reference as usize] = name;
            reference
        } else {
            series.push(name);
            series.len() as u32 - 1
        };
        index.insert(reference, scratch);
        by_labels.insert_unique(hash, reference, |series_ref| series[*series_ref as usize].id[0]);
        reference
    }

    /// Forgets a series; its reference will be given out again.
    pub(crate) fn remove(&mut self, reference: u32) {
        let Some(name) = self.series.get_mut(reference as usize).map(std::mem::take) else {
            return;
        };
        if let Ok(found) = self.by_labels.find_entry(name.id[0], |other| *other == reference) {
            found.remove();
            self.index.remove(reference, &name.labels);
            self.index.release(&name.labels);
            self.free.push(reference);
        }
    }

    /// References given out so far, dead ones included.
    pub(crate) fn capacity(&self) -> usize {
        self.series.len()
    }

    /// The 128-bit identity of the label set; see [`Labels::hash128`].
    pub(crate) fn id(&self, reference: u32) -> u128 {
        self.series.get(reference as usize).map_or(0, |name| join_id(name.id))
    }

    /// Pairs in name order; empty for a reference that is not in use.
    pub(crate) fn pairs(&self, reference: u32) -> &[LabelPair] {
        self.series.get(reference as usize).map_or(&[], |name| &name.labels)
    }

    /// The label set, built anew.
    pub(crate) fn labels(&self, reference: u32, builder: &mut LabelsBuilder) -> Labels {
        builder.clear();
        for pair in self.pairs(reference) {
            builder.push(self.index.text(pair.name), self.index.text(pair.value));
        }
        builder.build()
    }

    /// Approximate bytes of heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        let labels: usize = self.series.iter().map(|name| size_of_val(&*name.labels)).sum();
        let rows = self.series.capacity() * size_of::<SeriesName>();
        self.index.heap_bytes() + labels + rows + self.by_labels.allocation_size()
    }
}

const fn split_id(id: u128) -> [u64; 2] {
    [id as u64, (id >> 64) as u64]
}

const fn join_id(id: [u64; 2]) -> u128 {
    id[0] as u128 | (id[1] as u128) << 64
}

#[cfg(test)]
mod tests {
    use super::{KeyTable, Names};
    use model::{Labels, LabelsBuilder, SeriesKey};

    #[test]
    fn references_are_reused_and_keys_of_the_dead_forgotten() {
        let (mut names, mut keys) = (Names::default(), KeyTable::default());
        let labels = |i: u32| Labels::from_pairs([("__name__", format!("m{i}"))]);
        for i in 0..100 {
            assert_eq!(names.insert(&labels(i)), i);
            keys.insert(SeriesKey(u128::from(i) << 3), i);
        }
        assert_eq!(names.get(&labels(42)), Some(42));
        names.remove(42);
        keys.forget(&[42]);
        assert_eq!((names.get(&labels(42)), keys.get(SeriesKey(42 << 3))), (None, None));
        assert_eq!(keys.get(SeriesKey(41 << 3)), Some(41));
        assert_eq!(names.insert(&labels(1000)), 42);
        assert_eq!(names.labels(42, &mut LabelsBuilder::default()), labels(1000));
        assert_eq!(names.len(), 100);
    }
}
