//! From the keys of the wire to series references.
//!
//! Open addressing in the order of the hashes: the entry that is looked for, or its absence, is
//! found in a run of neighbours, and a table grows by a quarter in one pass over its memory. So
//! tables are four fifths full on average, where doubling would leave them a third empty; and
//! there are many small ones, so that one grows at a time.

use model::SeriesKey;

/// Tables; the lowest bits of a key choose.
const TABLES: usize = 64;
/// Marks a free place.
const NONE: u32 = u32::MAX;
/// Keys that one series may have on average, beyond a floor: more are no spellings of its name
/// but a sender that never repeats itself, and then remembering them is of no use.
const KEYS_PER_SERIES_MAX: usize = 4;
const KEYS_FLOOR: usize = 10_000;

/// Keys and the series they name; several keys may lead to one series. About 20 bytes a key.
#[derive(Debug)]
pub(crate) struct KeyTable {
    tables: [Table; TABLES],
    len: usize,
}

impl Default for KeyTable {
    fn default() -> Self {
        Self { tables: std::array::from_fn(|_| Table::default()), len: 0 }
    }
}

/// 96 bits of the key tell it from others, on top of the six that chose the table.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u64,
    more: u32,
    series: u32,
}

const FREE: Place = Place { hash: 0, more: 0, series: NONE };

/// Places in the order of `(hash, more)`; an entry stands where its hash points or behind it, and
/// no place between the two is free.
#[derive(Debug, Default)]
struct Table {
    places: Vec<Place>,
    /// Places that hashes point to; runs may go on behind them.
    homes: usize,
    len: usize,
}

const fn split(key: SeriesKey) -> (usize, Place) {
    let (low, high) = (key.0 as u64, (key.0 >> 64) as u64);
    (low as usize % TABLES, Place { hash: high, more: (low >> 32) as u32, series: NONE })
}

impl KeyTable {
    #[inline]
    pub(crate) fn get(&self, key: SeriesKey) -> Option<u32> {
        let (table, wanted) = split(key);
        self.tables[table].get(wanted)
    }

    /// `series_count` is that of all series with keys: too many keys for it empty the table, and
    /// those in use are learnt again.
    pub(crate) fn insert(&mut self, key: SeriesKey, series: u32, series_count: usize) {
        if self.len >= KEYS_FLOOR + KEYS_PER_SERIES_MAX * series_count {
            *self = Self::default();
        }
        let (table, wanted) = split(key);
        self.len += usize::from(self.tables[table].insert(Place { series, ..wanted }));
    }

    /// Forgets the keys of all other series.
    pub(crate) fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        self.len = 0;
        for table in &mut self.tables {
            table.retain(&keep);
            self.len += table.len;
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.tables.iter().map(|table| table.places.capacity() * size_of::<Place>()).sum()
    }
}

impl Table {
    /// Where the search for a hash starts.
    #[inline]
    const fn home(&self, hash: u64) -> usize {
        ((hash as u128 * self.homes as u128) >> 64) as usize
    }

    /// Where the entry is, or must be put.
    #[inline]
    fn search(&self, wanted: Place) -> (usize, bool) {
        let mut at = self.home(wanted.hash);
        while let Some(place) = self.places.get(at).filter(|place| place.series != NONE) {
            if (place.hash, place.more) >= (wanted.hash, wanted.more) {
                return (at, (place.hash, place.more) == (wanted.hash, wanted.more));
            }
            at += 1;
        }
        (at, false)
    }

    #[inline]
    fn get(&self, wanted: Place) -> Option<u32> {
        match self.search(wanted) {
            (at, true) => self.places.get(at).map(|place| place.series),
            (_, false) => None,
        }
    }

    /// Whether the key is new.
    fn insert(&mut self, entry: Place) -> bool {
        // Seven eighths full, it grows.
        if 8 * (self.len + 1) > 7 * self.homes {
            self.rebuild((self.homes + self.homes / 4).max(8), |_| true);
        }
        let (at, known) = self.search(entry);
        if known {
            self.places[at].series = entry.series;
            return false;
        }
        let mut carried = entry;
        for place in &mut self.places[at..] {
            std::mem::swap(place, &mut carried);
            if carried.series == NONE {
                break;
            }
        }
        if carried.series != NONE {
            self.places.push(carried);
        }
        self.len += 1;
        true
    }

    fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        let kept = self.places.iter().filter(|place| place.series != NONE && keep(place.series));
        let kept = kept.count();
        if kept < self.len {
            self.rebuild(kept + kept / 4, keep);
        }
    }

    fn rebuild(&mut self, homes: usize, keep: impl Fn(u32) -> bool) {
        // A run seldom goes further behind the last home than this.
        let mut places = Vec::with_capacity(homes + 8);
        let old = std::mem::take(&mut self.places);
        (self.homes, self.len) = (homes, 0);
        for entry in old.into_iter().filter(|place| place.series != NONE && keep(place.series)) {
            let home = self.home(entry.hash);
            while places.len() < home {
                places.push(FREE);
            }
            places.push(entry);
            self.len += 1;
        }
        while places.len() < homes {
            places.push(FREE);
        }
        self.places = places;
    }
}

#[cfg(test)]
mod tests {
    use super::{KEYS_FLOOR, KeyTable, TABLES};
    use model::SeriesKey;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn is_a_map(
            steps in prop::collection::vec((0_u64..300, any::<bool>()), 0..600),
            spread in prop_oneof![Just(1_u128 << 32), Just(1 << 64), Just(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)],
        ) {
            let key = |i: u64| SeriesKey(u128::from(i).wrapping_mul(spread).wrapping_mul(TABLES as u128));
            let (mut table, mut want) = (KeyTable::default(), BTreeMap::new());
            for (i, (number, forget)) in (0_u32..).zip(&steps) {
                if *forget && i % 20 == 0 {
                    table.retain(|series| series % 3 != 0);
                    want.retain(|_, series| *series % 3 != 0);
                }
                table.insert(key(*number), i, 300);
                want.insert(*number, i);
            }
            prop_assert_eq!(table.len, want.len());
            for number in 0..300 {
                prop_assert_eq!(table.get(key(number)), want.get(&number).copied());
            }
        }
    }

    #[test]
    fn stays_full_and_bounded() {
        let mut table = KeyTable::default();
        let key = |i: u32| SeriesKey::of(0, &i.to_le_bytes());
        for i in 0..50_000 {
            table.insert(key(i), i, 50_000);
        }
        assert!((0..50_000).all(|i| table.get(key(i)) == Some(i)));
        let bytes = table.heap_bytes() / 50_000;
        assert!(bytes <= 25, "{bytes} bytes a key");
        for i in 0..5 * KEYS_FLOOR as u32 {
            table.insert(key(i << 16), 7, 1);
        }
        assert!(table.len <= KEYS_FLOOR + 4, "{}", table.len);
    }
}
