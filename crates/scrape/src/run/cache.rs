//! What a target's series texts mean: parsing and relabelling happen once per series, not once
//! per scrape; and which series the last good scrape had, so that the end of one is noticed.

use hashbrown::HashTable;
use model::{Labels, SeriesKey};

/// Keys of scraped series are hashes of their final labels.
const KEY_DOMAIN: u64 = 0x7363_7261_7065_6c62;

/// A series as it is stored. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) key: SeriesKey,
    pub(crate) labels: Labels,
}

impl Stored {
    pub(crate) fn new(labels: Labels) -> Self {
        Self { key: SeriesKey::of(KEY_DOMAIN, labels.as_bytes()), labels }
    }
}

#[derive(Debug)]
struct Entry {
    text: Box<[u8]>,
    /// `None`: dropped by relabelling.
    stored: Option<Stored>,
    seen: u64,
    /// In the last good scrape, with the scrape's own timestamp: its absence ends the series.
    live: bool,
    tracked: bool,
}

/// Bounded by the size of a target's page: entries not seen in a good scrape are forgotten.
#[derive(Debug, Default)]
pub(crate) struct SeriesCache {
    table: HashTable<u32>,
    entries: Vec<Option<Entry>>,
    free: Vec<u32>,
    iteration: u64,
    /// Entries after the last good scrape.
    good: usize,
}

/// What the cache knows of a text that was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    New,
    Dropped,
    /// First time in this scrape.
    Kept(u32),
    /// Met before in this very scrape.
    Repeated(u32),
}

fn hash(text: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text)
}

impl SeriesCache {
    pub(crate) fn begin_scrape(&mut self) {
        self.iteration += 1;
    }

    fn entry(&self, index: u32) -> Option<&Entry> {
        self.entries.get(index as usize).and_then(Option::as_ref)
    }

    pub(crate) fn stored(&self, index: u32) -> Option<&Stored> {
        self.entry(index).and_then(|entry| entry.stored.as_ref())
    }

    pub(crate) fn look_up(&mut self, text: &[u8]) -> Known {
        let entries = &mut self.entries;
        let same = |index: &u32| {
            entries.get(*index as usize).and_then(Option::as_ref).is_some_and(|e| *e.text == *text)
        };
        let Some(index) = self.table.find(hash(text), same).copied() else { return Known::New };
        let Some(Some(entry)) = entries.get_mut(index as usize) else { return Known::New };
        let repeated = entry.seen == self.iteration;
        entry.seen = self.iteration;
        if !repeated {
            entry.tracked = false;
        }
        match (&entry.stored, repeated) {
            (None, _) => Known::Dropped,
            (Some(_), false) => Known::Kept(index),
            (Some(_), true) => Known::Repeated(index),
        }
    }

    /// Remembers a text that was [`Known::New`].
    pub(crate) fn insert(&mut self, text: &[u8], stored: Option<Stored>) -> u32 {
        let entry =
            Entry { text: text.into(), stored, seen: self.iteration, live: false, tracked: false };
        let index = if let Some(index) = self.free.pop() {
            self.entries[index as usize] = Some(entry);
            index
        } else {
            self.entries.push(Some(entry));
            (self.entries.len() - 1) as u32
        };
        let entries = &self.entries;
        self.table.insert_unique(hash(text), index, |index| {
            entries.get(*index as usize).and_then(Option::as_ref).map_or(0, |e| hash(&e.text))
        });
        index
    }

    /// The series will be ended when it is missing from a later scrape.
    pub(crate) fn track(&mut self, index: u32) {
        if let Some(Some(entry)) = self.entries.get_mut(index as usize) {
            entry.tracked = true;
        }
    }

    /// Ends a good scrape: hands out the series that are gone and forgets what was not seen.
    pub(crate) fn finish_good(&mut self, mut ended: impl FnMut(Stored)) {
        for (index, slot) in self.entries.iter_mut().enumerate() {
            let Some(entry) = slot else { continue };
            let seen = entry.seen == self.iteration;
            let tracked = seen && entry.tracked;
            if entry.live
                && !tracked
                && let Some(stored) = &entry.stored
                && !seen
            {
                ended(stored.clone());
            }
            entry.live = tracked;
            if !seen {
                let index = index as u32;
                if let Ok(found) = self.table.find_entry(hash(&entry.text), |i| *i == index) {
                    found.remove();
                }
                self.free.push(index);
                *slot = None;
            }
        }
        self.good = self.table.len();
    }

    /// Ends a failed scrape or the target: every live series is over, the texts stay known.
    pub(crate) fn end_all(&mut self, mut ended: impl FnMut(Stored)) {
        for entry in self.entries.iter_mut().flatten().filter(|entry| entry.live) {
            entry.live = false;
            if let Some(stored) = &entry.stored {
                ended(stored.clone());
            }
        }
        // A target that fails and invents new series each time must not fill the memory.
        if self.table.len() > 2 * self.good + 1000 {
            *self = Self { iteration: self.iteration, ..Self::default() };
        }
    }

    /// Series of the last good scrape, taken out for a successor with other rules.
    pub(crate) fn into_live(self) -> Vec<Stored> {
        self.entries.into_iter().flatten().filter(|e| e.live).filter_map(|e| e.stored).collect()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.iter().flatten().count()
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, SeriesCache, Stored};
    use model::Labels;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// One scrape of the given names; returns the names that ended.
    fn scrape(cache: &mut SeriesCache, names: &BTreeSet<u8>, good: bool) -> BTreeSet<u8> {
        cache.begin_scrape();
        for name in names {
            let text = [*name];
            let index = match cache.look_up(&text) {
                Known::New => {
                    let labels = Labels::from_pairs([("__name__", name.to_string())]);
                    cache.insert(&text, Some(Stored::new(labels)))
                }
                Known::Kept(index) => index,
                other => panic!("{other:?}"),
            };
            cache.track(index);
            assert_eq!(cache.look_up(&text), Known::Repeated(index));
        }
        let mut ended = BTreeSet::new();
        let take = |stored: Stored| {
            ended.insert(stored.labels.metric_name().and_then(|n| n.parse().ok()).expect("number"));
        };
        if good {
            cache.finish_good(take);
        } else {
            cache.end_all(take);
        }
        ended
    }

    proptest! {
        #[test]
        fn exactly_the_missing_series_end(
            scrapes in prop::collection::vec(
                (prop::collection::btree_set(0u8..20, 0..12), prop::bool::weighted(0.8)), 1..12)
        ) {
            let mut cache = SeriesCache::default();
            let mut live = BTreeSet::new();
            for (names, good) in scrapes {
                let ended = scrape(&mut cache, &names, good);
                let want: BTreeSet<u8> =
                    if good { live.difference(&names).copied().collect() } else { live.clone() };
                prop_assert_eq!(ended, want);
                live = if good { names.clone() } else { BTreeSet::new() };
                if good {
                    prop_assert_eq!(cache.len(), names.len());
                }
            }
        }
    }
}
