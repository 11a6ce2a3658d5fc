//! Writes a part from series in their final order.

use std::collections::BTreeMap;

use blockfile::{FinishedPart, PartId, PartWriter, Summary, WritePartError};
use codec::varint::{put_i64, put_u64};
use model::MetricMetadata;
use postings::EncodedList;

use super::{
    PAGE_BYTES, SECTION_CHUNKS, SECTION_HEAD, SECTION_IDS, SECTION_METADATA, SECTION_PAGES,
    SECTION_POSTINGS, SECTION_SERIES, SECTION_STRINGS, put_rows,
};
use crate::chunk::ChunkMeta;
use crate::record::put_metadata;

/// A series on its way into a part.
#[derive(Clone, Debug)]
pub(crate) struct SeriesRow {
    pub(crate) id: u128,
    /// `(name, value)` as ranks in the part's strings, in name order.
    pub(crate) labels: Box<[(u32, u32)]>,
}

impl SeriesRow {
    /// Order of series in a part: by metric name, then by all labels. `metric_label` is the rank
    /// of `__name__`.
    pub(crate) fn sort_key(&self, metric_label: u32) -> (u32, &[(u32, u32)]) {
        let metric = self.labels.iter().find(|(name, _)| *name == metric_label);
        (metric.map_or(0, |(_, value)| *value + 1), &self.labels)
    }
}

/// Collects a part. Memory: the index; pages go to the file as they fill.
pub(crate) struct PartBuilder {
    writer: PartWriter,
    strings: Vec<Box<str>>,
    page: Vec<u8>,
    pages: Vec<u8>,
    page_count: u32,
    rows: Vec<u8>,
    row_ends: Vec<u32>,
    ids: Vec<u8>,
    chunks: Vec<u8>,
    chunk_ends: Vec<u32>,
    postings: BTreeMap<(u32, u32), Vec<u32>>,
    time_min: i64,
    time_max: i64,
    samples: u64,
    /// Chunks of the series being added.
    pending: Vec<u8>,
    pending_count: u64,
}

impl PartBuilder {
    /// `strings` are sorted and distinct and contain every label name and value.
    pub(crate) fn new(writer: PartWriter, strings: Vec<Box<str>>) -> Self {
        debug_assert!(strings.is_sorted(), "ranks must order like strings");
        Self {
            writer,
            strings,
            page: Vec::with_capacity(PAGE_BYTES + (PAGE_BYTES >> 2)),
            pages: Vec::new(),
            page_count: 0,
            rows: Vec::new(),
            row_ends: Vec::new(),
            ids: Vec::new(),
            chunks: Vec::new(),
            chunk_ends: Vec::new(),
            postings: BTreeMap::new(),
            time_min: i64::MAX,
            time_max: i64::MIN,
            samples: 0,
            pending: Vec::new(),
            pending_count: 0,
        }
    }

    /// Adds a chunk of the series that [`Self::finish_series`] will name.
    pub(crate) fn add_chunk(
        &mut self,
        meta: &ChunkMeta,
        bytes: &[u8],
    ) -> Result<(), WritePartError> {
        if !self.page.is_empty() && self.page.len() + bytes.len() > PAGE_BYTES {
            self.flush_page()?;
        }
        let out = &mut self.pending;
        out.push(meta.encoding.code());
        put_u64(out, u64::from(meta.count));
        put_i64(out, meta.first_t);
        put_u64(out, meta.last_t.wrapping_sub(meta.first_t) as u64);
        put_u64(out, u64::from(self.page_count));
        put_u64(out, self.page.len() as u64);
        put_u64(out, bytes.len() as u64);
        self.page.extend_from_slice(bytes);
        self.pending_count += 1;
        self.time_min = self.time_min.min(meta.first_t);
        self.time_max = self.time_max.max(meta.last_t);
        self.samples += u64::from(meta.count);
        Ok(())
    }

    /// Names the series whose chunks were added; without chunks it is left out. Series come in
    /// the order of [`SeriesRow::sort_key`], each once.
    pub(crate) fn finish_series(&mut self, row: &SeriesRow) {
        if self.pending_count == 0 {
            return;
        }
        let series = self.row_ends.len() as u32;
        put_u64(&mut self.chunks, self.pending_count);
        self.chunks.append(&mut self.pending);
        self.pending_count = 0;
        self.chunk_ends.push(self.chunks.len() as u32);
        for (name, value) in &row.labels {
            put_u64(&mut self.rows, u64::from(*name));
            put_u64(&mut self.rows, u64::from(*value));
            self.postings.entry((*name, *value)).or_default().push(series);
        }
        self.row_ends.push(self.rows.len() as u32);
        self.ids.extend_from_slice(&row.id.to_le_bytes());
    }

    pub(crate) fn series_count(&self) -> u32 {
        self.row_ends.len() as u32
    }

    fn flush_page(&mut self) -> Result<(), WritePartError> {
        if !self.page.is_empty() {
            self.writer.add_page(&self.page)?.encode(&mut self.pages);
            self.page_count += 1;
            self.page.clear();
        }
        Ok(())
    }

    /// Completes the file. `order` tells the ages of parts: of two samples with one timestamp the
    /// one in the part of lower order counts.
    pub(crate) fn finish(
        mut self,
        order: u64,
        level: u8,
        replaces: Vec<PartId>,
        metadata: &[(String, MetricMetadata)],
    ) -> Result<FinishedPart, WritePartError> {
        self.flush_page()?;
        let mut out = Vec::new();
        put_u64(&mut out, order);
        put_u64(&mut out, u64::from(self.series_count()));
        put_u64(&mut out, u64::from(self.page_count));
        self.writer.add_section(SECTION_HEAD, &out)?;
        out.clear();
        let mut text = String::new();
        let mut ends = Vec::with_capacity(self.strings.len());
        for string in &self.strings {
            text.push_str(string);
            ends.push(text.len() as u32);
        }
        put_rows(&mut out, &ends, text.as_bytes());
        self.writer.add_section(SECTION_STRINGS, &out)?;
        out.clear();
        put_rows(&mut out, &self.row_ends, &self.rows);
        self.writer.add_section(SECTION_SERIES, &out)?;
        self.writer.add_section(SECTION_IDS, &self.ids)?;
        out.clear();
        encode_postings(&self.postings, &mut out);
        self.writer.add_section(SECTION_POSTINGS, &out)?;
        out.clear();
        put_rows(&mut out, &self.chunk_ends, &self.chunks);
        self.writer.add_section(SECTION_CHUNKS, &out)?;
        self.writer.add_section(SECTION_PAGES, &self.pages)?;
        out.clear();
        for (metric, metadata) in metadata {
            put_metadata(&mut out, metric, metadata);
        }
        self.writer.add_section(SECTION_METADATA, &out)?;
        self.writer.finish(Summary {
            time_min: self.time_min,
            time_max: self.time_max,
            rows: self.samples,
            level,
            replaces,
        })
    }
}

/// `names:u32 pairs:u32 (name:u32 first_pair:u32)* (value:u32 list_offset:u32)* lists`
fn encode_postings(postings: &BTreeMap<(u32, u32), Vec<u32>>, out: &mut Vec<u8>) {
    let (mut names, mut pairs, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = None;
    let mut name_count = 0_u32;
    for (pair_index, ((name, value), series)) in (0_u32..).zip(postings) {
        if last != Some(*name) {
            last = Some(*name);
            name_count += 1;
            names.extend_from_slice(&name.to_le_bytes());
            names.extend_from_slice(&pair_index.to_le_bytes());
        }
        pairs.extend_from_slice(&value.to_le_bytes());
        pairs.extend_from_slice(&(lists.len() as u32).to_le_bytes());
        EncodedList::encode(series.iter().copied(), &mut lists);
    }
    out.extend_from_slice(&name_count.to_le_bytes());
    out.extend_from_slice(&(postings.len() as u32).to_le_bytes());
    out.append(&mut names);
    out.append(&mut pairs);
    out.append(&mut lists);
}
