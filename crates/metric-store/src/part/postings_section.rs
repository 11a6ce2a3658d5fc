//! The inverted index of a part: for each label pair the series that carry it.

use codec::table::{Table, TableWriter};
use codec::varint::{put_u64, take_u64};
use postings::EncodedList;

use super::{put_sized, take_sized};

/// Collects the lists; each grows as distances, so that a merge's memory stays small.
#[derive(Default)]
pub(super) struct PostingsWriter {
    lists: Vec<Growing>,
}

#[derive(Clone, Default)]
struct Growing {
    /// The id that would follow without a gap.
    next: u32,
    gaps: Vec<u8>,
}

impl PostingsWriter {
    pub(super) fn new(pairs: u32) -> Self {
        Self { lists: vec![Growing::default(); pairs as usize] }
    }

    /// Enters a series under its pairs; series ascend.
    pub(super) fn push(&mut self, series: u32, pairs: &[u32]) {
        for pair in pairs {
            if let Some(list) = self.lists.get_mut(*pair as usize) {
                put_u64(&mut list.gaps, u64::from(series - list.next));
                list.next = series + 1;
            }
        }
    }

    /// Appends `ends lists`: a table of the lists' ends behind its length, then the lists.
    pub(super) fn finish(self, out: &mut Vec<u8>) {
        let (mut ends, mut lists) = (TableWriter::<1>::default(), Vec::new());
        let mut ids = Vec::new();
        for list in self.lists {
            ids.clear();
            let (mut rest, mut next) = (&list.gaps[..], 0);
            while let Ok(gap) = take_u64(&mut rest) {
                ids.push(next + gap as u32);
                next += gap as u32 + 1;
            }
            EncodedList::encode(&ids, &mut lists);
            ends.push([lists.len() as u64]);
        }
        put_sized(out, |out| ends.finish(out));
        out.append(&mut lists);
    }
}

/// The inverted index in place.
#[derive(Clone, Copy, Default)]
pub(super) struct Postings<'a> {
    ends: Table<'a, 1>,
    lists: &'a [u8],
}

impl<'a> Postings<'a> {
    pub(super) fn parse(mut bytes: &'a [u8]) -> Option<Self> {
        let ends = Table::new(take_sized(&mut bytes)?)?;
        Some(Self { ends, lists: bytes })
    }

    pub(super) fn count(&self) -> u32 {
        self.ends.len()
    }

    pub(super) fn list(&self, pair: u32, series_count: u32) -> EncodedList<'a> {
        let start = if pair == 0 { 0 } else { self.ends.row(pair - 1)[0] as usize };
        let bytes = self.lists.get(start..self.ends.row(pair)[0] as usize).unwrap_or_default();
        EncodedList::new(bytes, series_count)
    }
}
