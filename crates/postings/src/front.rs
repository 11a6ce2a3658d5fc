//! Sorted strings in a file: each is stated by what it shares with the one before, and every
//! sixteenth in full, so that they are searched and read in place.
//!
//! Spec: docs/format/metrics-part.md.

use std::cmp::Ordering;
use std::ops::Range;

use codec::varint::{put_u64, take_u64};

/// Strings from one that is stated in full to the next.
const GROUP: u32 = 16;

/// Collects strings.
#[derive(Debug, Default)]
pub struct FrontCodedWriter {
    count: u32,
    last: Vec<u8>,
    starts: Vec<u32>,
    bytes: Vec<u8>,
}

impl FrontCodedWriter {
    /// Adds a string; only within sorted ranges can be searched later.
    pub fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut shared = 0;
        if self.count.is_multiple_of(GROUP) {
            self.starts.push(self.bytes.len() as u32);
        } else {
            shared = std::iter::zip(&self.last, text).take_while(|(a, b)| a == b).count();
            put_u64(&mut self.bytes, shared as u64);
        }
        put_u64(&mut self.bytes, (text.len() - shared) as u64);
        self.bytes.extend_from_slice(&text[shared..]);
        self.last.truncate(shared);
        self.last.extend_from_slice(&text[shared..]);
        self.count += 1;
    }

    pub fn len(&self) -> u32 {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of heap, about.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + self.starts.capacity() * 4
    }

    /// Appends `count:u32 start:u32* entry*`; starts count from the first entry.
    pub fn finish(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.count.to_le_bytes());
        for start in &self.starts {
            out.extend_from_slice(&start.to_le_bytes());
        }
        out.extend_from_slice(&self.bytes);
    }
}

/// Strings in place. Damaged entries read as empty strings.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrontCoded<'a> {
    count: u32,
    starts: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> FrontCoded<'a> {
    /// `None`: the bytes are too short.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let count = u32::from_le_bytes(*count);
        let (starts, bytes) = rest.split_at_checked(count.div_ceil(GROUP) as usize * 4)?;
        Some(Self { count, starts, bytes })
    }

    pub const fn len(&self) -> u32 {
        self.count
    }

    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn group(&self, group: u32) -> &'a [u8] {
        let start = self.starts.get(group as usize * 4..).and_then(|b| b.first_chunk::<4>());
        let start = start.map_or(usize::MAX, |start| u32::from_le_bytes(*start) as usize);
        self.bytes.get(start..).unwrap_or_default()
    }

    /// Hands over the strings of a range in order. Cost: about 20 ns each.
    pub fn visit(&self, range: Range<u32>, visit: &mut dyn FnMut(u32, &str)) {
        self.walk(range, &mut Vec::new(), &mut |index, text| {
            visit(index, text);
            true
        });
    }

    /// Goes through a range until `visit` has enough.
    fn walk(
        &self,
        range: Range<u32>,
        text: &mut Vec<u8>,
        visit: &mut dyn FnMut(u32, &str) -> bool,
    ) {
        let first = range.start - range.start % GROUP;
        let mut rest: &[u8] = &[];
        for index in first..range.end.min(self.count) {
            if index.is_multiple_of(GROUP) {
                rest = self.group(index / GROUP);
            }
            if take_entry(&mut rest, index.is_multiple_of(GROUP), text).is_none() {
                (rest, *text) = (&[], Vec::new());
            }
            if index >= range.start && !visit(index, std::str::from_utf8(text).unwrap_or_default())
            {
                return;
            }
        }
    }

    /// One string, in place of what `out` held. Cost: about 100 ns.
    pub fn get(&self, index: u32, out: &mut String) {
        let mut bytes = std::mem::take(out).into_bytes();
        let first = index - index % GROUP;
        let mut rest = self.group(index / GROUP);
        bytes.clear();
        for at in first..=index {
            if index >= self.count || take_entry(&mut rest, at == first, &mut bytes).is_none() {
                bytes.clear();
                break;
            }
        }
        *out = String::from_utf8(bytes).unwrap_or_default();
    }

    /// The place of a string within a sorted range. Cost: one comparison for each halving.
    pub fn find(&self, range: Range<u32>, text: &str) -> Option<u32> {
        // The last group whose first string, if it lies in the range, is not behind the text.
        let (mut low, mut high) = (range.start / GROUP, range.end.div_ceil(GROUP));
        while high.saturating_sub(low) > 1 {
            let middle = low + (high - low) / 2;
            if self.head(middle) <= text.as_bytes() { low = middle } else { high = middle }
        }
        let mut found = None;
        let within = range.start.max(low * GROUP)..range.end.min((low + 1).saturating_mul(GROUP));
        self.walk(within, &mut Vec::new(), &mut |index, own| match own.cmp(text) {
            Ordering::Less => true,
            Ordering::Equal => {
                found = Some(index);
                false
            }
            Ordering::Greater => false,
        });
        found
    }

    /// The first string of a group.
    fn head(&self, group: u32) -> &'a [u8] {
        let mut rest = self.group(group);
        let len = take_u64(&mut rest).unwrap_or_default() as usize;
        rest.get(..len).unwrap_or_default()
    }
}

fn take_entry(rest: &mut &[u8], in_full: bool, text: &mut Vec<u8>) -> Option<()> {
    let mut number = || usize::try_from(take_u64(rest).ok()?).ok();
    let shared = if in_full { 0 } else { number()? };
    let len = number()?;
    if shared > text.len() {
        return None;
    }
    let (suffix, after) = rest.split_at_checked(len)?;
    *rest = after;
    text.truncate(shared);
    text.extend_from_slice(suffix);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{FrontCoded, FrontCodedWriter};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strings_are_read_and_found(
            first in prop::collection::btree_set("[a-d]{0,5}ü?", 0..60),
            second in prop::collection::btree_set("[a-d]{0,6}", 0..60),
            missing in "[a-e]{0,6}",
        ) {
            let mut writer = FrontCodedWriter::default();
            let texts: Vec<&String> = first.iter().chain(&second).collect();
            for text in &texts {
                writer.push(text);
            }
            let mut bytes = Vec::new();
            writer.finish(&mut bytes);
            let strings = FrontCoded::new(&bytes).unwrap();
            prop_assert_eq!(strings.len() as usize, texts.len());
            let mut out = String::new();
            for (i, text) in texts.iter().enumerate() {
                strings.get(i as u32, &mut out);
                prop_assert_eq!(&out, *text);
            }
            let cut = first.len() as u32;
            for (range, set) in [(0..cut, &first), (cut..texts.len() as u32, &second)] {
                for (i, text) in range.clone().zip(set) {
                    prop_assert_eq!(strings.find(range.clone(), text), Some(i));
                }
                prop_assert_eq!(strings.find(range.clone(), &missing).is_some(), set.contains(&missing));
                let mut seen = Vec::new();
                strings.visit(range.clone(), &mut |i, text| seen.push((i, text.to_owned())));
                prop_assert_eq!(seen, range.zip(set.iter().cloned()).collect::<Vec<_>>());
            }
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), index in 0_u32..40) {
            if let Some(strings) = FrontCoded::new(&bytes) {
                let mut out = String::new();
                strings.get(index, &mut out);
                strings.visit(0..strings.len().min(100), &mut |_, _| {});
                strings.find(0..strings.len().min(1000), "x");
            }
        }
    }
}
