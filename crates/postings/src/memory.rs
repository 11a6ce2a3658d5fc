//! The growing index of the head: label pairs as symbols, one list a pair.

use hashbrown::HashMap;
use roaring::RoaringBitmap;

use crate::list::{List, ListView};
use crate::resolve::LabelIndex;
use crate::symbols::{Symbol, Symbols};

/// A label of a series, interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LabelPair {
    pub name: Symbol,
    pub value: Symbol,
}

/// Posting lists of every label pair in use, and the strings they are made of.
///
/// The labels of each series are kept by the owner of the index, which hands them in again to
/// remove the series and to answer [`LabelIndex::label_passes`] through [`MemoryIndex::text`].
#[derive(Debug, Default)]
pub struct MemoryIndex {
    symbols: Symbols,
    names: HashMap<Symbol, HashMap<Symbol, List>>,
    all: RoaringBitmap,
}

impl MemoryIndex {
    /// Interns a label set, in its order; each call must be undone by [`Self::release`].
    pub fn acquire<'a>(
        &mut self,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
        out: &mut Vec<LabelPair>,
    ) {
        for (name, value) in labels {
            let name = self.symbols.acquire(name);
            out.push(LabelPair { name, value: self.symbols.acquire(value) });
        }
    }

    pub fn release(&mut self, labels: &[LabelPair]) {
        for pair in labels {
            self.symbols.release(pair.name);
            self.symbols.release(pair.value);
        }
    }

    /// Enters a series under its acquired labels.
    pub fn insert(&mut self, id: u32, labels: &[LabelPair]) {
        for pair in labels {
            self.names.entry(pair.name).or_default().entry(pair.value).or_default().insert(id);
        }
        self.all.insert(id);
    }

    /// Takes a series out and forgets pairs nobody carries any more; the labels stay acquired.
    pub fn remove(&mut self, id: u32, labels: &[LabelPair]) {
        for pair in labels {
            let Some(values) = self.names.get_mut(&pair.name) else { continue };
            if let Some(list) = values.get_mut(&pair.value) {
                list.remove(id);
                if list.is_empty() {
                    values.remove(&pair.value);
                }
            }
            if values.is_empty() {
                self.names.remove(&pair.name);
            }
        }
        self.all.remove(id);
    }

    pub fn text(&self, symbol: Symbol) -> &str {
        self.symbols.text(symbol)
    }

    pub fn lookup(&self, text: &str) -> Option<Symbol> {
        self.symbols.lookup(text)
    }

    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// Approximate bytes of heap.
    pub fn heap_bytes(&self) -> usize {
        let entry = size_of::<(Symbol, List)>() + 1;
        let lists: usize = self.names.values().map(|values| values.capacity() * entry).sum();
        self.symbols.heap_bytes() + lists + self.all.serialized_size()
    }
}

/// A [`MemoryIndex`] together with the label sets its owner keeps.
impl<'a, F: Fn(u32) -> &'a [LabelPair]> LabelIndex for (&'a MemoryIndex, F) {
    fn all(&self) -> RoaringBitmap {
        self.0.all.clone()
    }

    fn list(&self, name: &str, value: &str) -> Option<ListView<'_>> {
        let values = self.0.names.get(&self.0.lookup(name)?)?;
        Some(values.get(&self.0.lookup(value)?)?.view())
    }

    fn visit_names(&self, visit: &mut dyn FnMut(&str)) {
        for name in self.0.names.keys() {
            visit(self.0.text(*name));
        }
    }

    fn value_count(&self, name: &str) -> usize {
        let values = self.0.lookup(name).and_then(|name| self.0.names.get(&name));
        values.map_or(0, HashMap::len)
    }

    fn visit_values(&self, name: &str, visit: &mut dyn FnMut(&str, ListView<'_>)) {
        let values = self.0.lookup(name).and_then(|name| self.0.names.get(&name));
        for (value, list) in values.into_iter().flatten() {
            visit(self.0.text(*value), list.view());
        }
    }

    fn visit_labels(&self, id: u32, visit: &mut dyn FnMut(&str, &str)) {
        for pair in (self.1)(id) {
            visit(self.0.text(pair.name), self.0.text(pair.value));
        }
    }

    fn label_passes(&self, id: u32, name: &str, pass: &dyn Fn(&str) -> bool) -> bool {
        let Some(name) = self.0.lookup(name) else { return pass("") };
        let pair = (self.1)(id).iter().find(|pair| pair.name == name);
        pass(pair.map_or("", |pair| self.0.text(pair.value)))
    }
}
