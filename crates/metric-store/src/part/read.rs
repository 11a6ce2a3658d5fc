//! Reads a part in place: look-ups go straight to the mapped bytes, nothing is loaded.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use blockfile::{Part, PartId, ReadPartError, SectionKind};
use codec::floats::take_floats;
use codec::times::take_times;
use model::{MetricMetadata, TimeRange};
use query::{SampleBuffer, WindowAggregate};

use super::aggregate::Aggregates;
use super::chunks::{ChunkKind, ChunkPlace, ChunkReader, Chunks};
use super::dictionary::Dictionary;
use super::pages::{LastPages, PageCache, PageSource, PageTable, ReadScratch, damaged};
use super::postings_section::Postings;
use super::series::SeriesTable;
use super::{
    CONTENT, SECTION_AGGREGATES, SECTION_CHUNKS, SECTION_DICTIONARY, SECTION_HEAD,
    SECTION_METADATA, SECTION_PAGES, SECTION_POSTINGS, SECTION_SERIES, SECTION_TIMES, take_sized,
};
use crate::chunk::Assembly;
use crate::cursor::{Cursor, Malformed};
use crate::histogram;
use crate::record::take_metadata;

/// An open part of one tenant's metrics.
#[derive(Debug)]
pub(crate) struct MetricPart {
    pub(crate) part_id: PartId,
    pub(crate) part: Part,
    /// Of two samples with one timestamp the one in the part of lower order counts.
    pub(crate) order: u64,
    series_count: u32,
    cache: Arc<PageCache>,
    /// Names the part in the cache.
    cache_key: u64,
}

impl MetricPart {
    /// Takes an open container; its unpacked pages are kept in `cache`.
    /// Errors: `Unsupported`, or `Corrupt` when the index makes no sense.
    pub(crate) fn new(
        part_id: PartId,
        part: Part,
        cache: &Arc<PageCache>,
    ) -> Result<Arc<Self>, ReadPartError> {
        let content = part.content();
        if content != CONTENT {
            return Err(ReadPartError::Unsupported {
                path: part.path().to_owned(),
                version: content.version,
                supported: CONTENT.version,
            });
        }
        let mut head = Cursor(part.section(SECTION_HEAD).unwrap_or_default());
        let facts = head.u64().and_then(|order| Ok((order, head.u32()?)));
        let Ok((order, series_count)) = facts else { return Err(damaged(&part, "head section")) };
        let (cache, cache_key) = (Arc::clone(cache), cache.name_part());
        let opened = Self { part_id, part, order, series_count, cache, cache_key };
        match opened.check_index() {
            Some(()) => Ok(Arc::new(opened)),
            None => Err(opened.damaged("index section")),
        }
    }

    /// Checks once what every look-up relies on: that the tables are there and of one length.
    fn check_index(&self) -> Option<()> {
        let dictionary = Dictionary::parse(self.section(SECTION_DICTIONARY))?;
        let postings = Postings::parse(self.section(SECTION_POSTINGS))?;
        let series = SeriesTable::parse(self.section(SECTION_SERIES))?;
        let chunks = Chunks::parse(self.section(SECTION_CHUNKS), self.section(SECTION_TIMES))?;
        Aggregates::parse(self.section(SECTION_AGGREGATES))?;
        parse_pages(self.section(SECTION_PAGES))?;
        let mut metadata = Cursor(self.section(SECTION_METADATA));
        while !metadata.0.is_empty() {
            take_metadata(&mut metadata).ok()?;
        }
        let counts = [series.count(), chunks.series_count()];
        let fits = counts == [self.series_count; 2]
            && chunks.chunk_count() >= self.series_count
            && postings.count() == dictionary.pair_count();
        fits.then_some(())
    }

    fn section(&self, kind: SectionKind) -> &[u8] {
        self.part.section(kind).unwrap_or_default()
    }

    // The sections were parsed when the part was opened, so the defaults below never show.

    pub(super) fn dictionary(&self) -> Dictionary<'_> {
        Dictionary::parse(self.section(SECTION_DICTIONARY)).unwrap_or_default()
    }

    pub(super) fn series(&self) -> SeriesTable<'_> {
        SeriesTable::parse(self.section(SECTION_SERIES)).unwrap_or_default()
    }

    pub(super) fn postings(&self) -> Postings<'_> {
        Postings::parse(self.section(SECTION_POSTINGS)).unwrap_or_default()
    }

    fn chunks(&self) -> Chunks<'_> {
        let (chunks, times) = (self.section(SECTION_CHUNKS), self.section(SECTION_TIMES));
        Chunks::parse(chunks, times).unwrap_or_default()
    }

    fn aggregates(&self) -> Aggregates<'_> {
        Aggregates::parse(self.section(SECTION_AGGREGATES)).unwrap_or_default()
    }

    /// Calls `take(name, pair)` for each label of a series, in the order of names.
    pub(crate) fn visit_pairs(&self, series: u32, take: &mut dyn FnMut(u32, u32)) {
        self.series().visit(series, &self.dictionary(), take);
    }

    /// Calls `take(name, its pairs)` for every label name, in ascending order.
    pub(crate) fn visit_names(&self, take: &mut dyn FnMut(&str, Range<u32>)) {
        let dictionary = self.dictionary();
        dictionary.visit_names(&mut |name, text| take(text, dictionary.pairs_of(name)));
    }

    /// Calls `take(pair, value)` for each of some pairs of one name.
    pub(crate) fn visit_values_of(&self, pairs: Range<u32>, take: &mut dyn FnMut(u32, &str)) {
        self.dictionary().visit_values(pairs, take);
    }

    pub(crate) fn pair_count(&self) -> u32 {
        self.dictionary().pair_count()
    }

    pub(crate) fn path(&self) -> &Path {
        self.part.path()
    }

    pub(crate) fn series_count(&self) -> u32 {
        self.series_count
    }

    pub(crate) fn chunk_count(&self) -> u32 {
        self.chunks().chunk_count()
    }

    pub(crate) fn level(&self) -> u8 {
        self.part.summary().level
    }

    pub(crate) fn time_range(&self) -> TimeRange {
        let summary = self.part.summary();
        TimeRange::new(summary.time_min, summary.time_max)
    }

    /// Where unpacked pages of this part are kept.
    pub(crate) fn cache(&self) -> &PageCache {
        &self.cache
    }

    /// What is known of metric families.
    pub(crate) fn metadata(&self) -> impl Iterator<Item = (&str, MetricMetadata)> {
        let mut bytes = Cursor(self.section(SECTION_METADATA));
        std::iter::from_fn(move || take_metadata(&mut bytes).ok())
    }

    /// Finds chunks of series.
    pub(crate) fn chunk_reader(&self) -> ChunkReader<'_> {
        self.chunks().reader()
    }

    /// The chunks of a series in time order, or the word that one makes no sense.
    pub(crate) fn chunks_of(
        &self,
        series: u32,
    ) -> impl Iterator<Item = Result<ChunkPlace, ReadPartError>> + '_ {
        self.places(self.chunk_reader().of(series))
    }

    /// The numbers of chunks of a series that may have samples in the range.
    pub(crate) fn find_chunks(
        &self,
        reader: &mut ChunkReader<'_>,
        series: u32,
        range: TimeRange,
    ) -> Range<u32> {
        if self.is_within(range) { reader.of(series) } else { reader.within(series, range) }
    }

    /// Whether the part has samples in the range only.
    fn is_within(&self, range: TimeRange) -> bool {
        let own = self.time_range();
        range.start_ms <= own.start_ms && own.end_ms <= range.end_ms
    }

    /// Chunks by their numbers.
    pub(crate) fn places(
        &self,
        numbers: Range<u32>,
    ) -> impl Iterator<Item = Result<ChunkPlace, ReadPartError>> + '_ {
        let mut reader = self.chunk_reader();
        numbers.map(move |number| reader.get(number).ok_or_else(|| self.damaged("chunk row")))
    }

    /// Whether a chunk of the series may have samples in the range.
    pub(crate) fn overlaps(&self, series: u32, range: TimeRange) -> bool {
        self.is_within(range) || !self.chunk_reader().within(series, range).is_empty()
    }

    /// The encoded timestamps and values of a chunk.
    pub(crate) fn chunk_bytes<'l>(
        &self,
        place: &ChunkPlace,
        cache: &PageCache,
        last: &'l mut LastPages,
    ) -> Result<(&'l [u8], &'l [u8]), ReadPartError> {
        let source = PageSource { part: self.cache_key, cache };
        let Some((values, times)) = parse_pages(self.section(SECTION_PAGES)) else {
            return Err(self.damaged("page section"));
        };
        let times = times.bytes(&place.times, &self.part, &source, &mut last.times)?;
        Ok((times, values.bytes(&place.values, &self.part, &source, &mut last.values)?))
    }

    /// The encoded aggregate of a chunk, empty when it has none.
    pub(crate) fn encoded_aggregate(&self, place: &ChunkPlace) -> &[u8] {
        self.aggregates().encoded(place.number)
    }

    /// What is known of all samples of a chunk, if that is kept.
    pub(crate) fn aggregate(&self, place: &ChunkPlace) -> Option<WindowAggregate> {
        self.aggregates().get(place)
    }

    /// Appends the values of a chunk of floats.
    pub(crate) fn decode_values(
        &self,
        place: &ChunkPlace,
        cache: &PageCache,
        scratch: &mut ReadScratch,
        out: &mut Vec<f64>,
    ) -> Result<(), ReadPartError> {
        let ReadScratch { pages, floats } = scratch;
        let (_, values) = self.chunk_bytes(place, cache, pages)?;
        let decoded = take_floats(values, place.count as usize, floats, out);
        decoded.map_err(|_| self.damaged("chunk"))
    }

    /// Appends all floats of a chunk, or its histograms that lie in the range: they cost more.
    pub(crate) fn decode_chunk(
        &self,
        place: &ChunkPlace,
        range: TimeRange,
        cache: &PageCache,
        scratch: &mut ReadScratch,
        out: &mut SampleBuffer,
    ) -> Result<(), ReadPartError> {
        let ReadScratch { pages, floats } = scratch;
        let (times, values) = self.chunk_bytes(place, cache, pages)?;
        let ends = (place.first_t, place.last_t);
        let count = place.count as usize;
        let decoded = match place.kind {
            ChunkKind::Floats => take_times(times, ends, count, &mut out.t_ms)
                .and_then(|()| take_floats(values, count, floats, &mut out.v))
                .map_err(|_| Malformed),
            ChunkKind::Histograms => {
                let mut t_ms = Vec::with_capacity(count.min(values.len()));
                take_times(times, ends, count, &mut t_ms).map_err(|_| Malformed).and_then(|()| {
                    let from = t_ms.partition_point(|t| *t < range.start_ms);
                    let to = t_ms.partition_point(|t| *t <= range.end_ms).max(from);
                    histogram::chunk::decode(values, &t_ms, from..to, &mut out.histograms)
                })
            }
        };
        decoded.map_err(|Malformed| self.damaged("chunk"))
    }

    /// Adds the samples of a series to what older parts held.
    pub(crate) fn add_to(
        &self,
        series: u32,
        cache: &PageCache,
        scratch: &mut ReadScratch,
        assembly: &mut Assembly<'_>,
    ) -> Result<(), ReadPartError> {
        let chunks = self.chunk_reader().within(series, assembly.range());
        self.add_chunks(chunks, cache, scratch, assembly)
    }

    /// Adds the samples of chunks, by their numbers, to what older parts held.
    pub(crate) fn add_chunks(
        &self,
        chunks: Range<u32>,
        cache: &PageCache,
        scratch: &mut ReadScratch,
        assembly: &mut Assembly<'_>,
    ) -> Result<(), ReadPartError> {
        for place in self.places(chunks) {
            let place = place?;
            assembly.add_whole(place.range(), |range, out| {
                self.decode_chunk(&place, range, cache, scratch, out)
            })?;
        }
        Ok(())
    }

    pub(crate) fn damaged(&self, what: &'static str) -> ReadPartError {
        damaged(&self.part, what)
    }
}

/// `values times`, the first behind its length.
fn parse_pages(mut bytes: &[u8]) -> Option<(PageTable<'_>, PageTable<'_>)> {
    let values = PageTable::parse(take_sized(&mut bytes)?)?;
    Some((values, PageTable::parse(bytes)?))
}
