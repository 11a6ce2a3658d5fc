//! The growing index of the head: label pairs by number, one list a pair.

use std::hash::BuildHasher;

use codec::paged::Paged;
use hashbrown::{DefaultHashBuilder, HashTable};
use roaring::RoaringBitmap;

use crate::list::{List, ListView, bitmap_bytes};
use crate::resolve::LabelIndex;

/// A label of a series by number; valid in the index that gave it, while a series carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pair(pub u32);

/// Every label pair in use and the series that carry it.
///
/// The label sets of the series are kept by the owner of the index, who hands them in again to
/// remove a series and to answer [`LabelIndex::label_passes`]. A pair that nobody carries any
/// more is forgotten, and its number given to another one.
#[derive(Debug, Default)]
pub struct MemoryIndex {
    pairs: Paged<PairEntry>,
    free_pairs: Vec<u32>,
    /// Pairs by name and value.
    table: HashTable<u32>,
    names: Vec<NameEntry>,
    free_names: Vec<u32>,
    names_table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    all: RoaringBitmap,
    /// Bytes of the values' texts.
    text_bytes: usize,
    /// Ids in all lists.
    listed: usize,
}

#[derive(Debug)]
struct PairEntry {
    value: Box<str>,
    name: u32,
    /// Where the pair stands among those of its name.
    place: u32,
    list: List,
}

#[derive(Debug, Default)]
struct NameEntry {
    text: Box<str>,
    pairs: Vec<u32>,
}

impl MemoryIndex {
    /// Enters a series under its labels (each name once) and appends their pairs to `out`, in the
    /// order of the labels. Cost: a look-up and an insertion a label.
    pub fn insert<'a>(
        &mut self,
        id: u32,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
        out: &mut Vec<Pair>,
    ) {
        for (name, value) in labels {
            let pair = self.pair_or_new(name, value);
            self.pairs[pair as usize].list.insert(id);
            out.push(Pair(pair));
            self.listed += 1;
        }
        self.all.insert(id);
    }

    /// Takes a series out and forgets pairs nobody carries any more.
    pub fn remove(&mut self, id: u32, pairs: impl IntoIterator<Item = Pair>) {
        for Pair(pair) in pairs {
            let Some(entry) = self.pairs.get_mut(pair as usize) else { continue };
            entry.list.remove(id);
            self.listed = self.listed.saturating_sub(1);
            if entry.list.is_empty() {
                self.forget(pair);
            }
        }
        self.all.remove(id);
    }

    fn pair_or_new(&mut self, name: &str, value: &str) -> u32 {
        let name = self.name_or_new(name);
        let hash = self.hasher.hash_one((name, value));
        if let Some(pair) = self.find(hash, name, value) {
            return pair;
        }
        self.text_bytes += value.len();
        let siblings = &mut self.names[name as usize].pairs;
        let place = siblings.len() as u32;
        let entry = PairEntry { value: value.into(), name, place, list: List::default() };
        let pair = if let Some(pair) = self.free_pairs.pop() {
            self.pairs[pair as usize] = entry;
            pair
        } else {
            self.pairs.push(entry);
            self.pairs.len() as u32 - 1
        };
        siblings.push(pair);
        let Self { table, pairs, hasher, .. } = self;
        table.insert_unique(hash, pair, |pair| {
            let entry = &pairs[*pair as usize];
            hasher.hash_one((entry.name, &*entry.value))
        });
        pair
    }

    fn name_or_new(&mut self, name: &str) -> u32 {
        if let Some(known) = self.name_number(name) {
            return known;
        }
        let entry = NameEntry { text: name.into(), pairs: Vec::new() };
        let number = if let Some(number) = self.free_names.pop() {
            self.names[number as usize] = entry;
            number
        } else {
            self.names.push(entry);
            self.names.len() as u32 - 1
        };
        let Self { names_table, names, hasher, .. } = self;
        let rehash = |number: &u32| hasher.hash_one(&*names[*number as usize].text);
        names_table.insert_unique(hasher.hash_one(name), number, rehash);
        number
    }

    fn forget(&mut self, pair: u32) {
        let entry = &mut self.pairs[pair as usize];
        let (value, name, place) = (std::mem::take(&mut entry.value), entry.name, entry.place);
        entry.list = List::default();
        let hash = self.hasher.hash_one((name, &*value));
        if let Ok(found) = self.table.find_entry(hash, |other| *other == pair) {
            found.remove();
        }
        self.text_bytes -= value.len();
        self.free_pairs.push(pair);
        let siblings = &mut self.names[name as usize].pairs;
        siblings.swap_remove(place as usize);
        if let Some(moved) = siblings.get(place as usize) {
            self.pairs[*moved as usize].place = place;
        } else if siblings.is_empty() {
            self.forget_name(name);
        }
    }

    fn forget_name(&mut self, name: u32) {
        let entry = std::mem::take(&mut self.names[name as usize]);
        let hash = self.hasher.hash_one(&*entry.text);
        if let Ok(found) = self.names_table.find_entry(hash, |other| *other == name) {
            found.remove();
            self.free_names.push(name);
        }
    }

    fn name_number(&self, name: &str) -> Option<u32> {
        let same = |number: &u32| *self.names[*number as usize].text == *name;
        self.names_table.find(self.hasher.hash_one(name), same).copied()
    }

    fn find(&self, hash: u64, name: u32, value: &str) -> Option<u32> {
        let same = |pair: &u32| {
            let entry = &self.pairs[*pair as usize];
            entry.name == name && *entry.value == *value
        };
        self.table.find(hash, same).copied()
    }

    /// The pair of a name and a value, if a series carries it.
    pub fn pair(&self, name: &str, value: &str) -> Option<Pair> {
        let name = self.name_number(name)?;
        self.find(self.hasher.hash_one((name, value)), name, value).map(Pair)
    }

    /// Name and value of a pair in use.
    pub fn text(&self, pair: Pair) -> (&str, &str) {
        let Some(entry) = self.pairs.get(pair.0 as usize) else { return ("", "") };
        (&self.names[entry.name as usize].text, &entry.value)
    }

    /// Numbers of pairs given out so far, free ones included.
    pub fn pair_capacity(&self) -> usize {
        self.pairs.len()
    }

    /// Approximate bytes of heap. Cost: looks at every list.
    pub fn heap_bytes(&self) -> usize {
        let lists: usize = self.pairs.iter().map(|entry| entry.list.heap_bytes()).sum();
        let names = self.names.iter().map(|name| 4 * name.pairs.capacity() + name.text.len());
        self.table_bytes() + lists + names.sum::<usize>() + bitmap_bytes(&self.all)
    }

    /// The same, with a guess at the lists: two bytes an id, as in a bitmap. Cost: O(1).
    pub fn heap_bytes_guess(&self) -> usize {
        self.table_bytes() + 2 * self.listed + 4 * self.pairs.len()
    }

    /// Everything but the lists and the names.
    fn table_bytes(&self) -> usize {
        self.text_bytes
            + self.pairs.heap_bytes()
            + self.names.capacity() * size_of::<NameEntry>()
            + self.table.allocation_size()
            + self.names_table.allocation_size()
            + 4 * (self.free_pairs.capacity() + self.free_names.capacity())
    }
}

/// Hands the pairs of a series to its visitor.
pub type VisitPairs<'a> = &'a mut dyn FnMut(Pair);

/// A [`MemoryIndex`] together with the label sets its owner keeps.
impl<F: Fn(u32, VisitPairs<'_>)> LabelIndex for (&MemoryIndex, F) {
    fn all(&self) -> RoaringBitmap {
        self.0.all.clone()
    }

    fn list(&self, name: &str, value: &str) -> Option<ListView<'_>> {
        let Pair(pair) = self.0.pair(name, value)?;
        Some(self.0.pairs.get(pair as usize)?.list.view())
    }

    fn visit_names(&self, visit: &mut dyn FnMut(&str)) {
        for name in self.0.names.iter().filter(|name| !name.pairs.is_empty()) {
            visit(&name.text);
        }
    }

    fn value_count(&self, name: &str) -> usize {
        self.0.name_number(name).map_or(0, |name| self.0.names[name as usize].pairs.len())
    }

    fn visit_values(&self, name: &str, visit: &mut dyn FnMut(&str, ListView<'_>)) {
        let Some(name) = self.0.name_number(name) else { return };
        for pair in &self.0.names[name as usize].pairs {
            let entry = &self.0.pairs[*pair as usize];
            visit(&entry.value, entry.list.view());
        }
    }

    fn visit_labels(&self, id: u32, visit: &mut dyn FnMut(&str, &str)) {
        (self.1)(id, &mut |pair| {
            let (name, value) = self.0.text(pair);
            visit(name, value);
        });
    }

    fn label_passes(&self, id: u32, name: &str, pass: &dyn Fn(&str) -> bool) -> bool {
        let Some(name) = self.0.name_number(name) else { return pass("") };
        let mut passes = None;
        (self.1)(id, &mut |pair| {
            let entry = self.0.pairs.get(pair.0 as usize);
            if let Some(entry) = entry.filter(|entry| entry.name == name) {
                passes = Some(pass(&entry.value));
            }
        });
        passes.unwrap_or_else(|| pass(""))
    }
}
