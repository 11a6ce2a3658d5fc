//! Many parts into one: dictionaries are united, series follow each other in the order of the
//! parts, chunks are taken over or packed anew.
//!
//! Memory: the index of the output, 4 bytes for each label pair of each input, and the samples of
//! one series.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;
use std::sync::Arc;

use blockfile::{PartWriter, ReadOrder};
use model::{MetricMetadata, TimeRange};
use query::SampleBuffer;

use crate::chunk::Assembly;
use crate::compact::GoOn;
use crate::config::MaintainError;
use crate::flush::{MERGED_CHUNK_SAMPLES, add_samples};
use crate::part::{
    ChunkKind, ChunkPlace, EncodedChunk, MetricPart, PageCache, PartBuilder, ReadScratch, SeriesRow,
};
use crate::sieve::Sieve;
use crate::unite::unite;

/// Unpacked pages of the inputs: each is read once, in order, so a few of each suffice.
const PAGES_BYTES: u64 = 4 << 20;

/// Series between two questions whether to go on.
const SERIES_PER_QUESTION: u64 = 64;

/// Chunks with fewer samples, on average, are packed anew.
const SHORT_CHUNK_SAMPLES: u64 = MERGED_CHUNK_SAMPLES as u64 / 2;

/// Merges parts that are given in their order: the sample of an earlier one counts. `None`: it was
/// told to end.
pub(crate) fn merge_parts(
    inputs: &[Sieve<'_>],
    level: u8,
    writer: PartWriter,
    go_on: GoOn<'_>,
) -> Result<Option<PartBuilder>, MaintainError> {
    let (dictionary, numbers) = unite(inputs);
    let metrics = dictionary.metric_pairs();
    let mut builder = PartBuilder::new(writer, level, dictionary);
    let mut merger = SeriesMerger {
        cache: PageCache::new(PAGES_BYTES, ReadOrder::Ascending),
        scratch: ReadScratch::default(),
        samples: SampleBuffer::default(),
    };
    let mut streams = Vec::new();
    let mut heads = BinaryHeap::new();
    for (input, (sieve, numbers)) in std::iter::zip(inputs, numbers).enumerate() {
        let mut stream = Stream { sieve, numbers, next: 0 };
        heads.extend(stream.take(&metrics).map(|head| head.of(input)));
        streams.push(stream);
    }
    let mut sources = Vec::new();
    let mut merged = 0_u64;
    while let Some(head) = heads.pop() {
        merged += 1;
        if merged.is_multiple_of(SERIES_PER_QUESTION) && !go_on(builder.bytes()) {
            return Ok(None);
        }
        sources.clear();
        let mut next = Some(head);
        let mut row = None;
        while let Some(head) = next {
            let stream = &mut streams[head.input];
            sources.push((stream.sieve, head.series));
            heads.extend(stream.take(&metrics).map(|after| after.of(head.input)));
            let row = row.get_or_insert(head.row);
            next =
                heads.peek().is_some_and(|other| other.row == *row).then(|| heads.pop()).flatten();
        }
        merger.merge(&mut builder, &sources)?;
        if let Some(row) = row {
            builder.finish_series(&row);
        }
    }
    Ok(Some(builder))
}

/// What the parts know of metric families, each fact once.
pub(crate) fn metadata_of(inputs: &[Arc<MetricPart>]) -> Vec<(String, MetricMetadata)> {
    let mut united: BTreeMap<&str, Vec<MetricMetadata>> = BTreeMap::new();
    for (metric, known) in inputs.iter().flat_map(|part| part.metadata()) {
        let entries = united.entry(metric).or_default();
        if !entries.contains(&known) {
            entries.push(known);
        }
    }
    let flat = |(metric, known): (&str, Vec<MetricMetadata>)| {
        let metric = metric.to_owned();
        known.into_iter().map(move |known| (metric.clone(), known)).collect::<Vec<_>>()
    };
    united.into_iter().flat_map(flat).collect()
}

/// The series of one input, one after the other, with labels as pairs of the output.
struct Stream<'a> {
    sieve: &'a Sieve<'a>,
    numbers: Vec<u32>,
    next: u32,
}

/// The next series of an input.
#[derive(PartialEq, Eq)]
struct Head {
    metric: u32,
    row: SeriesRow,
    input: usize,
    series: u32,
}

impl Head {
    fn of(self, input: usize) -> Self {
        Self { input, ..self }
    }
}

impl Ord for Head {
    /// Reversed, because the heap gives the greatest: the first series comes first, and of equal
    /// ones that of the oldest part.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.metric, &other.row.0, other.input).cmp(&(self.metric, &self.row.0, self.input))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Stream<'_> {
    fn take(&mut self, metrics: &Range<u32>) -> Option<Head> {
        let part = self.sieve.part;
        let mut left = self.next..part.series_count();
        let series = left.find(|series| self.sieve.lets_through(*series));
        self.next = left.start;
        let series = series?;
        let mut pairs = Vec::new();
        part.visit_pairs(series, &mut |_, pair| {
            pairs.extend(self.numbers.get(pair as usize));
        });
        let row = SeriesRow(pairs.into_boxed_slice());
        let (metric, _) = row.sort_key(metrics);
        Some(Head { metric, row, input: 0, series })
    }
}

/// Puts the chunks of one series from several parts together.
struct SeriesMerger {
    cache: PageCache,
    scratch: ReadScratch,
    samples: SampleBuffer,
}

impl SeriesMerger {
    /// Takes chunks over as they are when they follow each other and are of a fair size, else
    /// decodes and packs anew.
    fn merge(
        &mut self,
        builder: &mut PartBuilder,
        sources: &[(&Sieve<'_>, u32)],
    ) -> Result<(), MaintainError> {
        let mut places: Vec<(&MetricPart, ChunkPlace)> = Vec::new();
        let mut whole = true;
        for (sieve, series) in sources {
            let kept = sieve.kept(*series);
            for place in sieve.part.chunks_of(*series) {
                let place = place?;
                let chunk = place.range();
                if kept.iter().any(|kept| kept.overlaps(chunk)) {
                    whole &= kept.iter().any(|kept| kept.intersect(chunk) == chunk);
                    places.push((sieve.part, place));
                }
            }
        }
        places.sort_by_key(|(_, place)| place.first_t);
        if whole && is_settled(&places) {
            for (part, place) in &places {
                let (times, values) =
                    part.chunk_bytes(place, &self.cache, &mut self.scratch.pages)?;
                builder.add_chunk(&EncodedChunk {
                    kind: place.kind,
                    count: place.count,
                    first_t: place.first_t,
                    last_t: place.last_t,
                    times,
                    values,
                    aggregate: part.encoded_aggregate(place),
                })?;
            }
            return Ok(());
        }
        let Self { cache, scratch, samples } = self;
        let mut assembly = Assembly::new(samples, TimeRange::ALL);
        for (sieve, series) in sources {
            for kept in sieve.kept(*series) {
                assembly.narrow(kept);
                sieve.part.add_to(*series, cache, scratch, &mut assembly)?;
            }
        }
        Ok(add_samples(builder, &self.samples, MERGED_CHUNK_SAMPLES)?)
    }
}

/// Whether chunks can stay as they are.
fn is_settled(places: &[(&MetricPart, ChunkPlace)]) -> bool {
    let follow = places.windows(2).all(|pair| pair[0].1.last_t < pair[1].1.first_t);
    let floats = places.iter().filter(|(_, place)| place.kind == ChunkKind::Floats);
    let samples: u64 = floats.clone().map(|(_, place)| u64::from(place.count)).sum();
    // Short chunks, as the head and thin series make them, are worth packing together.
    let chunks = floats.count() as u64;
    follow && (chunks <= 1 || samples / chunks >= SHORT_CHUNK_SAMPLES)
}
