//! Interned strings with a count of uses, so that churned label values give their memory back.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// An interned string; valid in the table that gave it, while it is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(pub u32);

/// Strings by number and numbers by string.
#[derive(Debug, Default)]
pub struct Symbols {
    entries: Vec<Entry>,
    free: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    text_bytes: usize,
}

#[derive(Debug)]
struct Entry {
    text: Box<str>,
    uses: u32,
}

impl Symbols {
    /// The symbol of `text`, with one use added. Release it as often as it was acquired.
    pub fn acquire(&mut self, text: &str) -> Symbol {
        let hash = self.hasher.hash_one(text);
        if let Some(index) = self.find(hash, text) {
            self.entries[index as usize].uses += 1;
            return Symbol(index);
        }
        let entry = Entry { text: text.into(), uses: 1 };
        self.text_bytes += text.len();
        let index = if let Some(index) = self.free.pop() {
            self.entries[index as usize] = entry;
            index
        } else {
            self.entries.push(entry);
            self.entries.len() as u32 - 1
        };
        let Self { table, entries, hasher, .. } = self;
        let rehash = |index: &u32| hasher.hash_one(&*entries[*index as usize].text);
        table.insert_unique(hash, index, rehash);
        Symbol(index)
    }

    /// Takes one use away; the last one forgets the string.
    pub fn release(&mut self, symbol: Symbol) {
        let Some(entry) = self.entries.get_mut(symbol.0 as usize) else { return };
        entry.uses = entry.uses.saturating_sub(1);
        if entry.uses > 0 {
            return;
        }
        let hash = self.hasher.hash_one(&*entry.text);
        self.text_bytes -= entry.text.len();
        entry.text = Box::default();
        if let Ok(found) = self.table.find_entry(hash, |index| *index == symbol.0) {
            found.remove();
            self.free.push(symbol.0);
        }
    }

    /// The symbol of a string in use.
    pub fn lookup(&self, text: &str) -> Option<Symbol> {
        self.find(self.hasher.hash_one(text), text).map(Symbol)
    }

    fn find(&self, hash: u64, text: &str) -> Option<u32> {
        self.table.find(hash, |index| *self.entries[*index as usize].text == *text).copied()
    }

    /// The string; empty for a symbol that is not in use.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.entries.get(symbol.0 as usize).map_or("", |entry| &entry.text)
    }

    /// Strings in use.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Approximate bytes of heap.
    pub fn heap_bytes(&self) -> usize {
        self.text_bytes + self.entries.capacity() * size_of::<Entry>() + self.table.capacity() * 5
    }
}
