//! One posting list: most label pairs belong to a handful of series, a few to nearly all.

use roaring::RoaringBitmap;

use crate::encoded::EncodedList;

/// Ids held without an allocation: half of a label index' pairs name one series or two.
const INLINE_MAX: usize = 3;
/// Ids held in a plain row; a bitmap of so few would be larger.
const ROW_MAX: usize = 32;

/// Ascending series ids, in 16 bytes: a few inline, some in a row, many in a compressed bitmap.
#[derive(Clone, Debug)]
pub struct List(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Inline { len: u8, ids: [u32; INLINE_MAX] },
    Long(Box<Long>),
}

#[derive(Clone, Debug)]
enum Long {
    Row(Vec<u32>),
    Bitmap(RoaringBitmap),
}

impl Default for List {
    fn default() -> Self {
        Self(Repr::Inline { len: 0, ids: [0; INLINE_MAX] })
    }
}

impl List {
    /// Adds an id; adding one twice changes nothing. Cheapest in ascending order.
    pub fn insert(&mut self, id: u32) {
        match &mut self.0 {
            Repr::Long(long) => long.insert(id),
            Repr::Inline { len, ids } => {
                let held = usize::from(*len);
                let Err(place) = ids[..held].binary_search(&id) else { return };
                if held < INLINE_MAX {
                    ids.copy_within(place..held, place + 1);
                    ids[place] = id;
                    *len += 1;
                } else {
                    let mut row = Vec::with_capacity(2 * INLINE_MAX);
                    row.extend_from_slice(ids);
                    row.insert(place, id);
                    self.0 = Repr::Long(Box::new(Long::Row(row)));
                }
            }
        }
    }

    /// Removes an id; a list that shrinks keeps its form.
    pub fn remove(&mut self, id: u32) {
        match &mut self.0 {
            Repr::Long(long) => long.remove(id),
            Repr::Inline { len, ids } => {
                let held = usize::from(*len);
                if let Ok(place) = ids[..held].binary_search(&id) {
                    ids.copy_within(place + 1..held, place);
                    *len -= 1;
                }
            }
        }
    }

    pub fn view(&self) -> ListView<'_> {
        match &self.0 {
            Repr::Inline { len, ids } => ListView::Ids(&ids[..usize::from(*len)]),
            Repr::Long(long) => match &**long {
                Long::Row(row) => ListView::Ids(row),
                Long::Bitmap(bitmap) => ListView::Bitmap(bitmap),
            },
        }
    }

    pub fn is_empty(&self) -> bool {
        self.view().is_empty()
    }

    /// Approximate bytes of heap.
    pub fn heap_bytes(&self) -> usize {
        let Repr::Long(long) = &self.0 else { return 0 };
        size_of::<Long>()
            + match &**long {
                Long::Row(row) => row.capacity() * size_of::<u32>(),
                Long::Bitmap(bitmap) => bitmap_bytes(bitmap),
            }
    }
}

impl Long {
    fn insert(&mut self, id: u32) {
        match self {
            Self::Bitmap(bitmap) => drop(bitmap.insert(id)),
            Self::Row(row) => {
                let Err(place) = row.binary_search(&id) else { return };
                if row.len() < ROW_MAX {
                    row.insert(place, id);
                } else {
                    let mut bitmap: RoaringBitmap = row.iter().copied().collect();
                    bitmap.insert(id);
                    *self = Self::Bitmap(bitmap);
                }
            }
        }
    }

    fn remove(&mut self, id: u32) {
        match self {
            Self::Bitmap(bitmap) => drop(bitmap.remove(id)),
            Self::Row(row) => {
                if let Ok(place) = row.binary_search(&id) {
                    row.remove(place);
                }
            }
        }
    }
}

/// Bytes of a bitmap in memory: what it would take on a disk, and its containers' headers.
pub(crate) fn bitmap_bytes(bitmap: &RoaringBitmap) -> usize {
    let stats = bitmap.statistics();
    let held = stats.n_bytes_array_containers
        + stats.n_bytes_run_containers
        + stats.n_bytes_bitset_containers;
    held as usize + 40 * stats.n_containers as usize
}

/// A posting list wherever it lives.
#[derive(Clone, Copy, Debug)]
pub enum ListView<'a> {
    Ids(&'a [u32]),
    Bitmap(&'a RoaringBitmap),
    Encoded(EncodedList<'a>),
}

impl ListView<'_> {
    pub fn len(&self) -> u64 {
        match self {
            Self::Ids(ids) => ids.len() as u64,
            Self::Bitmap(bitmap) => bitmap.len(),
            Self::Encoded(list) => u64::from(list.len()),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Unites the list into `out`.
    pub fn add_to(&self, out: &mut RoaringBitmap) {
        match self {
            Self::Ids(ids) => out.extend(ids.iter().copied()),
            Self::Bitmap(bitmap) => *out |= *bitmap,
            Self::Encoded(list) => list.add_to(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::List;
    use proptest::prelude::*;
    use roaring::RoaringBitmap;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_list_is_a_set(steps in prop::collection::vec((any::<bool>(), 0_u32..80), 0..300)) {
            let (mut list, mut want) = (List::default(), BTreeSet::new());
            for (added, id) in steps {
                if added {
                    list.insert(id);
                    want.insert(id);
                } else {
                    list.remove(id);
                    want.remove(&id);
                }
                prop_assert_eq!(list.view().len(), want.len() as u64);
                prop_assert_eq!(list.is_empty(), want.is_empty());
            }
            let mut found = RoaringBitmap::new();
            list.view().add_to(&mut found);
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), want.into_iter().collect::<Vec<_>>());
        }
    }
}
