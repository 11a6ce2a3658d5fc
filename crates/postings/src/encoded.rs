//! A posting list as it lies in a file: ascending ids as runs, as packed distances, or as a
//! bitmap, whichever is smallest.
//!
//! Spec: docs/format/metrics-part.md.

use codec::packed::{put_run, run_bytes, take_run};
use codec::varint::{len_u64, put_u64, take_u64};
use roaring::RoaringBitmap;

/// The low bits of the head; the numbers are part of the format.
const RUNS: u64 = 0;
const DISTANCES: u64 = 1;
const BITMAP: u64 = 2;

/// A list in borrowed bytes. Damaged bytes give a wrong list, never a panic and never an id
/// beyond the bound.
#[derive(Clone, Copy, Debug)]
pub struct EncodedList<'a> {
    count: u32,
    kind: u64,
    body: &'a [u8],
    bound: u32,
}

impl<'a> EncodedList<'a> {
    /// Appends ascending, distinct ids.
    pub fn encode(ids: &[u32], out: &mut Vec<u8>) {
        debug_assert!(ids.is_sorted_by(|a, b| a < b), "ids ascend");
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            put_u64(out, 0);
            return;
        };
        let runs = runs_of(ids);
        let runs_bytes: usize = runs.iter().map(|(gap, more)| len_u64(*gap) + len_u64(*more)).sum();
        // A single id needs no length of its run.
        let runs_bytes = if ids.len() == 1 { len_u64(u64::from(*first)) } else { runs_bytes };
        let distances: Vec<i64> =
            ids.windows(2).map(|pair| i64::from(pair[1]) - i64::from(pair[0])).collect();
        let distances_bytes = len_u64(u64::from(*first)) + run_bytes(&distances);
        let bitmap_bytes = len_u64(u64::from(*first)) + (last - first) as usize / 8 + 1;
        let head = (ids.len() as u64) << 2;
        if runs_bytes <= distances_bytes.min(bitmap_bytes) {
            put_u64(out, head | RUNS);
            for (gap, more) in runs {
                put_u64(out, gap);
                if ids.len() > 1 {
                    put_u64(out, more);
                }
            }
        } else if distances_bytes <= bitmap_bytes {
            put_u64(out, head | DISTANCES);
            put_u64(out, u64::from(*first));
            put_run(out, &distances);
        } else {
            put_u64(out, head | BITMAP);
            put_u64(out, u64::from(*first));
            let start = out.len();
            out.resize(start + (last - first) as usize / 8 + 1, 0);
            for id in ids {
                let bit = (id - first) as usize;
                out[start + bit / 8] |= 1 << (bit % 8);
            }
        }
    }

    /// A list in all of `bytes`; ids are below `bound`.
    pub fn new(bytes: &'a [u8], bound: u32) -> Self {
        let mut body = bytes;
        let head = take_u64(&mut body).unwrap_or_default();
        let count = u32::try_from(head >> 2).unwrap_or_default().min(bound);
        Self { count, kind: head & 3, body, bound }
    }

    pub const fn len(&self) -> u32 {
        self.count
    }

    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Unites the list into `out`. Cost: one step a run, or about 1 ns an id.
    pub fn add_to(&self, out: &mut RoaringBitmap) {
        let mut body = self.body;
        let mut number = || take_u64(&mut body).ok();
        if self.count == 0 {
            return;
        }
        if self.kind == RUNS {
            let (mut left, mut next) = (u64::from(self.count), 0_u64);
            while left > 0 {
                let Some(gap) = number() else { return };
                let more = if self.count == 1 { Some(0) } else { number() };
                let Some(more) = more else { return };
                let start = next.saturating_add(gap);
                let end = start.saturating_add(more);
                if end >= u64::from(self.bound) || more >= left {
                    return;
                }
                out.insert_range(start as u32..=end as u32);
                (left, next) = (left - more - 1, end + 1);
            }
            return;
        }
        let Some(first) = number().and_then(|first| u32::try_from(first).ok()) else { return };
        let ids = match self.kind {
            DISTANCES => self.distances(first, body),
            BITMAP => bitmap(first, body),
            _ => return,
        };
        let within = ids.into_iter().take_while(|id| *id < self.bound);
        if let Ok(list) = RoaringBitmap::from_sorted_iter(within) {
            *out |= list;
        }
    }

    fn distances(&self, first: u32, mut body: &[u8]) -> Vec<u32> {
        let mut distances = Vec::new();
        let more = self.count as usize - 1;
        // Distances take a bit at least: more of them than bits are damage.
        if more / 8 > body.len() * 128 || take_run(&mut body, more, &mut distances).is_err() {
            return Vec::new();
        }
        let mut id = i64::from(first);
        let next = |distance: i64| {
            id = id.saturating_add(distance);
            u32::try_from(id).unwrap_or(u32::MAX)
        };
        std::iter::once(first).chain(distances.into_iter().map(next)).collect()
    }

    /// The ids, ascending.
    pub fn ids(&self) -> RoaringBitmap {
        let mut ids = RoaringBitmap::new();
        self.add_to(&mut ids);
        ids
    }
}

/// `(gap behind the run before, ids beyond the first)`
fn runs_of(ids: &[u32]) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let mut next = 0;
    for id in ids {
        match runs.last_mut() {
            Some((_, more)) if *id == next => *more += 1,
            _ => runs.push((u64::from(id - next), 0)),
        }
        next = id + 1;
    }
    runs
}

fn bitmap(first: u32, body: &[u8]) -> Vec<u32> {
    let mut ids = Vec::new();
    for (place, byte) in body.iter().enumerate() {
        let mut left = *byte;
        while left != 0 {
            let bit = place as u64 * 8 + u64::from(left.trailing_zeros());
            ids.push(u32::try_from(u64::from(first) + bit).unwrap_or(u32::MAX));
            left &= left - 1;
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::EncodedList;
    use proptest::prelude::*;

    #[track_caller]
    fn check(ids: &[u32]) -> usize {
        let mut bytes = Vec::new();
        EncodedList::encode(ids, &mut bytes);
        let bound = ids.last().map_or(0, |last| last + 1);
        let list = EncodedList::new(&bytes, bound);
        assert_eq!(list.len() as usize, ids.len());
        assert_eq!(list.ids().iter().collect::<Vec<_>>(), ids);
        let cut = EncodedList::new(&bytes, bound.saturating_sub(1)).ids();
        assert!(cut.iter().all(|id| id + 1 < bound));
        bytes.len()
    }

    #[test]
    fn each_kind_is_small_where_it_serves() {
        assert_eq!(check(&[]), 1);
        assert_eq!(check(&[100]), 2);
        assert!(check(&(500..100_000).collect::<Vec<_>>()) <= 8, "one run");
        let regular: Vec<u32> = (0..1000).map(|i| i * 50).collect();
        assert!(check(&regular) <= 2 + 8 * 4, "equal distances take no bits");
        let dense: Vec<u32> = (0..4000).filter(|i| i * 7919 % 11 > 4).collect();
        assert!(check(&dense) <= 510, "a bitmap");
    }

    proptest! {
        #[test]
        fn a_list_comes_back(ids in prop::collection::btree_set(0_u32..5000, 0..200), shift in 0_u32..19) {
            check(&ids.into_iter().map(|id| id << shift).collect::<Vec<_>>());
        }

        #[test]
        fn a_dense_list_comes_back(gaps in prop::collection::vec(prop_oneof![8 => Just(1_u32), 1 => 1_u32..40], 0..400)) {
            let mut id = 0;
            let next = |gap: u32| { id += gap; id };
            check(&gaps.into_iter().map(next).collect::<Vec<_>>());
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            let list = EncodedList::new(&bytes, 100_000);
            prop_assert!(list.ids().iter().all(|id| id < 100_000));
        }
    }
}
