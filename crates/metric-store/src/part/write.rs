//! Writes a part from series in their final order.

use std::ops::Range;

use blockfile::{FinishedPart, PartId, PartWriter, SectionKind, Summary, WritePartError};
use codec::floats::put_floats;
use codec::times::put_times;
use codec::varint::put_u64;
use hashbrown::HashMap;
use model::{HistogramSample, MetricMetadata};

use super::aggregate::{self, AggregatesWriter};
use super::chunks::{ChunkKind, ChunksWriter};
use super::dictionary::DictionaryWriter;
use super::pages::{PageFile, PageStream};
use super::postings_section::PostingsWriter;
use super::series::SeriesWriter;
use super::{
    HISTOGRAM_PAGE_BYTES, PAGE_BYTES, SECTION_AGGREGATES, SECTION_CHUNKS, SECTION_DICTIONARY,
    SECTION_HEAD, SECTION_METADATA, SECTION_PAGES, SECTION_POSTINGS, SECTION_SERIES, SECTION_TIMES,
    put_sized,
};
use crate::histogram;
use crate::record::put_metadata;

/// Timestamp columns that are remembered for sharing, 24 bytes each; then it starts anew.
const SHARED_TIMES_MAX: usize = 1 << 17;

/// zstd levels: what comes from the head is merged soon, what is merged stays.
const ZSTD_FRESH: i32 = 1;
const ZSTD_MERGED: i32 = 3;

/// A series on its way into a part: its label pairs as numbers of the part's dictionary, in name
/// order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeriesRow(pub(crate) Box<[u32]>);

impl SeriesRow {
    /// Order of series in a part: by metric name, then by all labels. `metrics` are the pairs that
    /// name metrics.
    pub(crate) fn sort_key(&self, metrics: &Range<u32>) -> (u32, &[u32]) {
        let metric = self.0.iter().find(|pair| metrics.contains(pair));
        (metric.map_or(0, |pair| *pair + 1), &self.0)
    }
}

/// A chunk as it lies in a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodedChunk<'a> {
    pub(crate) kind: ChunkKind,
    pub(crate) count: u32,
    pub(crate) first_t: i64,
    pub(crate) last_t: i64,
    pub(crate) times: &'a [u8],
    pub(crate) values: &'a [u8],
    /// Empty when the chunk has none.
    pub(crate) aggregate: &'a [u8],
}

/// Collects a part. Memory: the index; pages go to the file as they fill.
pub(crate) struct PartBuilder {
    file: PageFile,
    level: u8,
    dictionary: DictionaryWriter,
    series: SeriesWriter,
    postings: PostingsWriter,
    chunks: ChunksWriter,
    aggregates: AggregatesWriter,
    values: PageStream,
    times: PageStream,
    shared_times: HashMap<u128, u32>,
    /// The first chunk of the series being added.
    first_chunk: u32,
    time_min: i64,
    time_max: i64,
    samples: u64,
    scratch: Scratch,
}

#[derive(Default)]
struct Scratch {
    times: Vec<u8>,
    values: Vec<u8>,
    aggregate: Vec<u8>,
}

impl PartBuilder {
    /// `dictionary` holds every label pair that will come.
    pub(crate) fn new(writer: PartWriter, level: u8, dictionary: DictionaryWriter) -> Self {
        let zstd_level = if level == 0 { ZSTD_FRESH } else { ZSTD_MERGED };
        Self {
            file: PageFile::new(writer, zstd_level),
            level,
            postings: PostingsWriter::new(dictionary.pair_count()),
            dictionary,
            series: SeriesWriter::default(),
            chunks: ChunksWriter::default(),
            aggregates: AggregatesWriter::default(),
            values: PageStream::new(),
            times: PageStream::new(),
            shared_times: HashMap::new(),
            first_chunk: 0,
            time_min: i64::MAX,
            time_max: i64::MIN,
            samples: 0,
            scratch: Scratch::default(),
        }
    }

    /// Adds a chunk of floats of the series that [`Self::finish_series`] will name; at least one
    /// sample.
    pub(crate) fn add_floats(&mut self, t_ms: &[i64], v: &[f64]) -> Result<(), WritePartError> {
        let (Some(first_t), Some(last_t)) = (t_ms.first(), t_ms.last()) else { return Ok(()) };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.times.clear();
        scratch.values.clear();
        scratch.aggregate.clear();
        put_times(&mut scratch.times, t_ms);
        put_floats(&mut scratch.values, v);
        if self.level > 0 && v.len() >= aggregate::SAMPLES_MIN {
            aggregate::encode(t_ms, v, &mut scratch.aggregate);
        }
        let added = self.add_chunk(&EncodedChunk {
            kind: ChunkKind::Floats,
            count: t_ms.len() as u32,
            first_t: *first_t,
            last_t: *last_t,
            times: &scratch.times,
            values: &scratch.values,
            aggregate: &scratch.aggregate,
        });
        self.scratch = scratch;
        added
    }

    /// Adds a chunk of histograms; at least one.
    pub(crate) fn add_histograms(
        &mut self,
        samples: &[HistogramSample],
    ) -> Result<(), WritePartError> {
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return Ok(()) };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.times.clear();
        scratch.values.clear();
        let t_ms: Vec<i64> = samples.iter().map(|sample| sample.t_ms).collect();
        put_times(&mut scratch.times, &t_ms);
        histogram::chunk::encode(samples, &mut scratch.values);
        let added = self.add_chunk(&EncodedChunk {
            kind: ChunkKind::Histograms,
            count: samples.len() as u32,
            first_t: first.t_ms,
            last_t: last.t_ms,
            times: &scratch.times,
            values: &scratch.values,
            aggregate: &[],
        });
        self.scratch = scratch;
        added
    }

    /// Adds a chunk as it is.
    pub(crate) fn add_chunk(&mut self, chunk: &EncodedChunk<'_>) -> Result<(), WritePartError> {
        let times_row = self.times_row(chunk)?;
        let page_bytes = match chunk.kind {
            ChunkKind::Floats => PAGE_BYTES,
            ChunkKind::Histograms => HISTOGRAM_PAGE_BYTES,
        };
        let values_end = self.values.push(chunk.values, page_bytes, &mut self.file)?;
        self.chunks.push_chunk(chunk.kind, times_row, values_end);
        self.aggregates.push(chunk.aggregate);
        self.time_min = self.time_min.min(chunk.first_t);
        self.time_max = self.time_max.max(chunk.last_t);
        self.samples += u64::from(chunk.count);
        Ok(())
    }

    /// The row of the chunk's timestamps: series that are scraped together share theirs.
    fn times_row(&mut self, chunk: &EncodedChunk<'_>) -> Result<u32, WritePartError> {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        hasher.update(&chunk.first_t.to_le_bytes());
        hasher.update(&chunk.last_t.to_le_bytes());
        hasher.update(&chunk.count.to_le_bytes());
        hasher.update(chunk.times);
        let hash = hasher.digest128();
        if let Some(row) = self.shared_times.get(&hash) {
            return Ok(*row);
        }
        let end = self.times.push(chunk.times, PAGE_BYTES, &mut self.file)?;
        let row = self.chunks.push_times((chunk.first_t, chunk.last_t), chunk.count, end);
        if self.shared_times.len() == SHARED_TIMES_MAX {
            self.shared_times.clear();
        }
        self.shared_times.insert(hash, row);
        Ok(row)
    }

    /// Names the series whose chunks were added; without chunks it is left out. Series come in
    /// the order of [`SeriesRow::sort_key`], each once.
    pub(crate) fn finish_series(&mut self, row: &SeriesRow) {
        if self.chunks.chunk_count() == self.first_chunk {
            return;
        }
        self.postings.push(self.series.count(), &row.0);
        self.series.push(&row.0, &self.dictionary);
        self.chunks.push_series(self.first_chunk);
        self.first_chunk = self.chunks.chunk_count();
    }

    /// Bytes written so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.file.writer.len()
    }

    pub(crate) fn series_count(&self) -> u32 {
        self.series.count()
    }

    /// Completes the file. `order` tells the ages of parts: of two samples with one timestamp the
    /// one in the part of lower order counts.
    pub(crate) fn finish(
        mut self,
        order: u64,
        replaces: Vec<PartId>,
        metadata: &[(String, MetricMetadata)],
    ) -> Result<FinishedPart, WritePartError> {
        self.values.flush(&mut self.file)?;
        self.times.flush(&mut self.file)?;
        let mut writer = self.file.writer;
        add_section(&mut writer, SECTION_HEAD, |out| {
            put_u64(out, order);
            put_u64(out, u64::from(self.series.count()));
        })?;
        let mut times = Vec::new();
        add_section(&mut writer, SECTION_CHUNKS, |out| self.chunks.finish(out, &mut times))?;
        writer.add_section(SECTION_TIMES, &times)?;
        add_section(&mut writer, SECTION_AGGREGATES, |out| self.aggregates.finish(out))?;
        add_section(&mut writer, SECTION_SERIES, |out| self.series.finish(&self.dictionary, out))?;
        add_section(&mut writer, SECTION_POSTINGS, |out| self.postings.finish(out))?;
        add_section(&mut writer, SECTION_DICTIONARY, |out| self.dictionary.finish(out))?;
        add_section(&mut writer, SECTION_PAGES, |out| {
            put_sized(out, |out| out.extend_from_slice(self.values.entries()));
            out.extend_from_slice(self.times.entries());
        })?;
        add_section(&mut writer, SECTION_METADATA, |out| {
            for (metric, metadata) in metadata {
                put_metadata(out, metric, metadata);
            }
        })?;
        writer.finish(Summary {
            time_min: self.time_min,
            time_max: self.time_max,
            rows: self.samples,
            level: self.level,
            replaces,
        })
    }
}

fn add_section(
    writer: &mut PartWriter,
    kind: SectionKind,
    write: impl FnOnce(&mut Vec<u8>),
) -> Result<(), WritePartError> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    writer.add_section(kind, &bytes)
}
