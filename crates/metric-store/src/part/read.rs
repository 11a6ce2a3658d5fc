//! Reads a part in place: look-ups go straight to the mapped bytes, nothing is loaded.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use blockfile::{PageRef, Part, PartId, ReadPartError, SectionKind};
use model::{Labels, LabelsBuilder, MetricMetadata, TimeRange};
use postings::{EncodedList, LabelIndex, ListView, RoaringBitmap};

use super::{
    CONTENT, SECTION_CHUNKS, SECTION_HEAD, SECTION_IDS, SECTION_METADATA, SECTION_PAGES,
    SECTION_POSTINGS, SECTION_SERIES, SECTION_STRINGS,
};
use crate::chunk::{Assembly, ChunkMeta, Encoding};
use crate::cursor::{Cursor, Malformed};
use crate::record::take_metadata;

/// An open part of one tenant's metrics.
#[derive(Debug)]
pub(crate) struct MetricPart {
    pub(crate) part_id: PartId,
    pub(crate) part: Part,
    /// Of two samples with one timestamp the one in the part of lower order counts.
    pub(crate) order: u64,
    series_count: u32,
    pages: Vec<PageRef>,
    pub(crate) metadata: Vec<(String, MetricMetadata)>,
}

/// A chunk in its page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkPlace {
    pub(crate) meta: ChunkMeta,
    page: u32,
    offset: u32,
    len: u32,
}

impl MetricPart {
    /// Takes an open container. Errors: `Unsupported`, or `Corrupt` when the index makes no sense.
    pub(crate) fn new(part_id: PartId, part: Part) -> Result<Arc<Self>, ReadPartError> {
        let content = part.content();
        if content != CONTENT {
            return Err(ReadPartError::Unsupported {
                path: part.path().to_owned(),
                version: content.version,
                supported: CONTENT.version,
            });
        }
        let parsed = Self::parse(part_id, part);
        parsed.map(Arc::new).map_err(|(path, what)| ReadPartError::Corrupt {
            path,
            offset: 0,
            what,
            got: 0,
            want: 0,
        })
    }

    fn parse(part_id: PartId, part: Part) -> Result<Self, (std::path::PathBuf, &'static str)> {
        let path = part.path().to_owned();
        let bad = |what: &'static str| {
            let path = path.clone();
            move |_: Malformed| (path, what)
        };
        let section = |kind| Cursor(part.section(kind).unwrap_or_default());
        let mut head = section(SECTION_HEAD);
        let mut facts = || Ok((head.u64()?, head.u32()?, head.u32()?));
        let (order, series_count, page_count) = facts().map_err(bad("head section"))?;
        let mut pages = Vec::new();
        let mut refs = section(SECTION_PAGES).0;
        for _ in 0..page_count {
            let page = PageRef::decode(&mut refs).map_err(|_| Malformed);
            pages.push(page.map_err(bad("page section"))?);
        }
        let mut metadata = Vec::new();
        let mut bytes = section(SECTION_METADATA);
        while !bytes.0.is_empty() {
            let (metric, known) = take_metadata(&mut bytes).map_err(bad("metadata section"))?;
            metadata.push((metric.to_owned(), known));
        }
        let opened = Self { part_id, part, order, series_count, pages, metadata };
        opened.check_index().map_err(bad("index section"))?;
        Ok(opened)
    }

    /// Checks once what every look-up relies on: the tables' lengths.
    fn check_index(&self) -> Result<(), Malformed> {
        let series = self.series_count as usize;
        let rows = [SECTION_SERIES, SECTION_CHUNKS].map(|kind| self.rows(kind).len());
        let ids = self.section(SECTION_IDS).len();
        let postings = self.postings();
        let fits = rows == [series; 2] && ids == series * 16 && postings.is_consistent();
        if fits { Ok(()) } else { Err(Malformed) }
    }

    fn section(&self, kind: SectionKind) -> &[u8] {
        self.part.section(kind).unwrap_or_default()
    }

    fn rows(&self, kind: SectionKind) -> Rows<'_> {
        Rows(self.section(kind))
    }

    fn strings(&self) -> Strings<'_> {
        Strings(self.rows(SECTION_STRINGS))
    }

    fn postings(&self) -> Postings<'_> {
        Postings::new(self.section(SECTION_POSTINGS))
    }

    pub(crate) fn path(&self) -> &Path {
        self.part.path()
    }

    pub(crate) fn series_count(&self) -> u32 {
        self.series_count
    }

    pub(crate) fn time_range(&self) -> TimeRange {
        let summary = self.part.summary();
        TimeRange::new(summary.time_min, summary.time_max)
    }

    /// The 128-bit identity of a series' labels.
    pub(crate) fn id(&self, series: u32) -> u128 {
        let start = series as usize * 16;
        let bytes = self.section(SECTION_IDS).get(start..start + 16);
        bytes.and_then(|b| b.first_chunk::<16>()).map_or(0, |b| u128::from_le_bytes(*b))
    }

    /// `(name, value)` ranks of a series, in name order.
    pub(crate) fn label_ranks(&self, series: u32) -> impl Iterator<Item = (u32, u32)> {
        let mut row = Cursor(self.rows(SECTION_SERIES).get(series as usize).unwrap_or_default());
        std::iter::from_fn(move || Some((row.u32().ok()?, row.u32().ok()?)))
    }

    pub(crate) fn string(&self, rank: u32) -> &str {
        self.strings().get(rank)
    }

    pub(crate) fn string_count(&self) -> u32 {
        self.strings().0.len() as u32
    }

    pub(crate) fn labels(&self, series: u32, builder: &mut LabelsBuilder) -> Labels {
        builder.clear();
        for (name, value) in self.label_ranks(series) {
            builder.push(self.string(name), self.string(value));
        }
        builder.build()
    }

    /// The chunks of a series in time order, or the word that one makes no sense.
    pub(crate) fn chunks(
        &self,
        series: u32,
    ) -> impl Iterator<Item = Result<ChunkPlace, Malformed>> + '_ {
        let mut row = Cursor(self.rows(SECTION_CHUNKS).get(series as usize).unwrap_or_default());
        let mut left = row.u64().unwrap_or_default();
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let place = take_place(&mut row);
            if place.is_err() {
                left = 0;
            }
            Some(place)
        })
    }

    pub(crate) fn chunk_bytes(&self, place: &ChunkPlace) -> Result<&[u8], ReadPartError> {
        let Some(page) = self.pages.get(place.page as usize) else {
            return Err(self.damaged("chunk's page"));
        };
        let range = place.offset as usize..place.offset as usize + place.len as usize;
        self.part.page(page)?.get(range).ok_or_else(|| self.damaged("chunk's place"))
    }

    /// Whether a chunk of the series may have samples in the range.
    pub(crate) fn overlaps(&self, series: u32, range: TimeRange) -> bool {
        // A damaged row is found, and reported, when it is read.
        self.chunks(series).any(|place| place.is_ok_and(|p| p.meta.range().overlaps(range)))
    }

    /// Adds the samples of a series to what older parts held.
    pub(crate) fn add_to(
        &self,
        series: u32,
        range: TimeRange,
        assembly: &mut Assembly<'_>,
    ) -> Result<(), ReadPartError> {
        for place in self.chunks(series) {
            let place = place.map_err(|Malformed| self.damaged("chunk row"))?;
            if place.meta.range().overlaps(range) {
                let bytes = self.chunk_bytes(&place)?;
                let added = assembly.add_chunk(&place.meta, bytes);
                added.map_err(|Malformed| self.damaged("chunk"))?;
            }
        }
        Ok(())
    }

    pub(crate) fn damaged(&self, what: &'static str) -> ReadPartError {
        let path = self.part.path().to_owned();
        ReadPartError::Corrupt { path, offset: 0, what, got: 0, want: 0 }
    }
}

fn take_place(row: &mut Cursor<'_>) -> Result<ChunkPlace, Malformed> {
    let encoding = Encoding::of(row.byte()?)?;
    let (count, first_t) = (row.u32()?, row.i64()?);
    let last_t = first_t.wrapping_add(row.u64()? as i64);
    let meta = ChunkMeta { encoding, count, first_t, last_t };
    Ok(ChunkPlace { meta, page: row.u32()?, offset: row.u32()?, len: row.u32()? })
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk::<4>()).map_or(0, |b| u32::from_le_bytes(*b))
}

/// A table of variable-length rows in place.
#[derive(Clone, Copy)]
struct Rows<'a>(&'a [u8]);

impl<'a> Rows<'a> {
    fn len(self) -> usize {
        u32_at(self.0, 0) as usize
    }

    fn get(self, row: usize) -> Option<&'a [u8]> {
        if row >= self.len() {
            return None;
        }
        let data = self.0.get(4 + 4 * (self.len() + 1)..)?;
        let (start, end) = (u32_at(self.0, 4 + 4 * row), u32_at(self.0, 8 + 4 * row));
        data.get(start as usize..end as usize)
    }
}

/// The dictionary: ranks order like the strings.
#[derive(Clone, Copy)]
struct Strings<'a>(Rows<'a>);

impl<'a> Strings<'a> {
    fn get(self, rank: u32) -> &'a str {
        let bytes = self.0.get(rank as usize).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    fn rank(self, text: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.0.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle).cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

/// The inverted index in place.
#[derive(Clone, Copy)]
struct Postings<'a> {
    /// `(name rank, first pair)` ascending.
    names: &'a [u8],
    /// `(value rank, list offset)`, ascending within a name.
    pairs: &'a [u8],
    lists: &'a [u8],
    complete: bool,
}

impl<'a> Postings<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let (names, pairs) = (u32_at(bytes, 0) as usize, u32_at(bytes, 4) as usize);
        let split = |bytes: &'a [u8], len: usize| bytes.split_at_checked(len.checked_mul(8)?);
        let parsed = bytes.get(8..).and_then(|rest| {
            let (names, rest) = split(rest, names)?;
            let (pairs, lists) = split(rest, pairs)?;
            Some(Self { names, pairs, lists, complete: true })
        });
        parsed.unwrap_or(Self { names: &[], pairs: &[], lists: &[], complete: false })
    }

    fn is_consistent(self) -> bool {
        self.complete
    }

    fn name_count(self) -> usize {
        self.names.len() / 8
    }

    fn name(self, index: usize) -> u32 {
        u32_at(self.names, index * 8)
    }

    /// The pairs of a label name.
    fn pairs_of(self, name: u32) -> Option<Range<usize>> {
        let index = lower_bound(self.name_count(), |i| self.name(i) < name);
        if index >= self.name_count() || self.name(index) != name {
            return None;
        }
        let first = u32_at(self.names, index * 8 + 4) as usize;
        let all = self.pairs.len() / 8;
        let end = if index + 1 == self.name_count() {
            all
        } else {
            u32_at(self.names, index * 8 + 12) as usize
        };
        Some(first..end.min(all))
    }

    fn value(self, pair: usize) -> u32 {
        u32_at(self.pairs, pair * 8)
    }

    fn list(self, pair: usize, series_count: u32) -> Option<EncodedList<'a>> {
        let mut bytes = self.lists.get(u32_at(self.pairs, pair * 8 + 4) as usize..)?;
        EncodedList::take(&mut bytes, series_count).ok()
    }
}

/// The first index below `len` for which `less` is false.
fn lower_bound(len: usize, less: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if less(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

impl LabelIndex for MetricPart {
    fn all(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.series_count);
        all
    }

    fn list(&self, name: &str, value: &str) -> Option<ListView<'_>> {
        let strings = self.strings();
        let postings = self.postings();
        let pairs = postings.pairs_of(strings.rank(name)?)?;
        let value = strings.rank(value)?;
        let start = pairs.start;
        let pair = start + lower_bound(pairs.len(), |i| postings.value(start + i) < value);
        if !pairs.contains(&pair) || postings.value(pair) != value {
            return None;
        }
        postings.list(pair, self.series_count).map(ListView::Encoded)
    }

    fn visit_names(&self, visit: &mut dyn FnMut(&str)) {
        let postings = self.postings();
        for index in 0..postings.name_count() {
            visit(self.string(postings.name(index)));
        }
    }

    fn value_count(&self, name: &str) -> usize {
        let pairs = self.strings().rank(name).and_then(|name| self.postings().pairs_of(name));
        pairs.map_or(0, |pairs| pairs.len())
    }

    fn visit_values(&self, name: &str, visit: &mut dyn FnMut(&str, ListView<'_>)) {
        let postings = self.postings();
        let pairs = self.strings().rank(name).and_then(|name| postings.pairs_of(name));
        for pair in pairs.into_iter().flatten() {
            if let Some(list) = postings.list(pair, self.series_count) {
                visit(self.string(postings.value(pair)), ListView::Encoded(list));
            }
        }
    }

    fn visit_labels(&self, id: u32, visit: &mut dyn FnMut(&str, &str)) {
        for (name, value) in self.label_ranks(id) {
            visit(self.string(name), self.string(value));
        }
    }

    fn label_passes(&self, id: u32, name: &str, pass: &dyn Fn(&str) -> bool) -> bool {
        let Some(name) = self.strings().rank(name) else { return pass("") };
        let pair = self.label_ranks(id).find(|(label, _)| *label == name);
        pass(pair.map_or("", |(_, value)| self.string(value)))
    }
}
