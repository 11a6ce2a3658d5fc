//! From a frozen epoch to a part of level 0.

use std::ops::Range;
use std::sync::Arc;

use blockfile::{PartId, WritePartError};
use model::TimeRange;
use postings::Pair;
use query::SampleBuffer;

use crate::chunk::Assembly;
use crate::config::MaintainError;
use crate::cursor::Malformed;
use crate::head::{Epoch, Frozen, Names, SeriesCopy};
use crate::part::{DictionaryWriter, PartBuilder, SeriesRow};
use crate::tenant::TenantStore;

/// Floats of a chunk: an hour at 15 s in a part from the head, three in a merged one. Longer ones
/// make short reads decode too much.
pub(crate) const FRESH_CHUNK_SAMPLES: usize = 240;
pub(crate) const MERGED_CHUNK_SAMPLES: usize = 720;
/// Histograms of a chunk.
const HISTOGRAMS_PER_CHUNK: usize = 240;

/// Writes and publishes the oldest frozen epoch; `false` when there is none.
pub(crate) fn flush_oldest(tenant: &TenantStore) -> Result<bool, MaintainError> {
    tenant.settle()?;
    let Some(Frozen { epoch, covers }) = tenant.head.epochs().frozen.into_iter().next() else {
        return Ok(false);
    };
    let Contents { dictionary, listing } = Contents::of(&tenant.head.names.read(), &epoch);
    let (id, writer) = tenant.create_part()?;
    let mut builder = PartBuilder::new(writer, 0, dictionary);
    let mut samples = SampleBuffer::default();
    for group in listing.groups() {
        // References keep their meaning: their samples are in an epoch that is still there.
        let rows = listing.rows(&tenant.head.names.read(), group);
        for (series, row) in &rows {
            if let Some(copy) = epoch.copy(*series, TimeRange::ALL) {
                add_series(&mut builder, &copy, &mut samples)?;
                builder.finish_series(row);
            }
        }
    }
    let metadata = tenant.metadata_not_in_parts(&[]);
    let PartId(order) = id;
    let part = builder.finish(order, Vec::new(), &metadata)?;
    tenant.replace(Some((id, &part)), Vec::new(), Some((&epoch, covers)))?;
    tracing::info!(
        tenant = %tenant.head.tenant, part = %id, series = listing.series.len(),
        samples = part.summary.rows, bytes = part.bytes, "head written to a part"
    );
    Ok(true)
}

/// What a part will hold: its label pairs, and its series.
struct Contents {
    dictionary: DictionaryWriter,
    listing: Listing,
}

/// Series with samples in the order of their metrics. Their rows are made a metric at a time: all
/// at once they would take more memory than the names they come from.
struct Listing {
    /// Numbers of pairs in the part, by number in the head.
    numbers: Vec<u32>,
    /// `(what comes first in [`SeriesRow::sort_key`], reference)`, ascending.
    series: Vec<(u32, u32)>,
    metrics: Range<u32>,
}

impl Contents {
    fn of(names: &Names, epoch: &Arc<Epoch>) -> Self {
        const UNUSED: u32 = u32::MAX;
        let mut numbers = vec![UNUSED; names.index.pair_capacity()];
        let mut series: Vec<(u32, u32)> = names
            .references()
            .filter(|series| epoch.has_samples_of(*series))
            .map(|series| (0, series))
            .collect();
        let mut used: Vec<Pair> = Vec::new();
        for (_, reference) in &series {
            names.visit_pairs(*reference, &mut |pair| {
                let seen = &mut numbers[pair.0 as usize];
                if *seen == UNUSED {
                    *seen = 0;
                    used.push(pair);
                }
            });
        }
        used.sort_unstable_by_key(|pair| names.index.text(*pair));
        let mut dictionary = DictionaryWriter::default();
        for pair in &used {
            let (name, value) = names.index.text(*pair);
            numbers[pair.0 as usize] = dictionary.push(name, value);
        }
        let metrics = dictionary.metric_pairs();
        for (metric, reference) in &mut series {
            names.visit_pairs(*reference, &mut |pair| {
                let number = numbers[pair.0 as usize];
                if metrics.contains(&number) {
                    *metric = number + 1;
                }
            });
        }
        series.sort_unstable();
        Self { dictionary, listing: Listing { numbers, series, metrics } }
    }
}

impl Listing {
    /// The series of one metric after the other.
    fn groups(&self) -> impl Iterator<Item = &[(u32, u32)]> {
        self.series.chunk_by(|(a, _), (b, _)| a == b)
    }

    /// The rows of one group, in the order of a part.
    fn rows(&self, names: &Names, group: &[(u32, u32)]) -> Vec<(u32, SeriesRow)> {
        let row = |(_, reference): &(u32, u32)| {
            let mut labels = Vec::new();
            names.visit_pairs(*reference, &mut |pair| labels.push(self.numbers[pair.0 as usize]));
            labels.sort_unstable();
            (*reference, SeriesRow(labels.into()))
        };
        let mut rows: Vec<_> = group.iter().map(row).collect();
        rows.sort_unstable_by(|(_, a), (_, b)| {
            a.sort_key(&self.metrics).cmp(&b.sort_key(&self.metrics))
        });
        rows
    }
}

fn add_series(
    builder: &mut PartBuilder,
    copy: &SeriesCopy,
    samples: &mut SampleBuffer,
) -> Result<(), WritePartError> {
    let mut assembly = Assembly::new(samples, TimeRange::ALL);
    if copy.add_to(&mut assembly) == Err(Malformed) {
        // Only a bug can bring us here: keep what was read before it.
        tracing::error!("a run of the head cannot be decoded");
    }
    add_samples(builder, samples, FRESH_CHUNK_SAMPLES)
}

/// Adds samples as fresh chunks of about `chunk_samples` floats, in time order over both kinds.
pub(crate) fn add_samples(
    builder: &mut PartBuilder,
    samples: &SampleBuffer,
    chunk_samples: usize,
) -> Result<(), WritePartError> {
    // Chunks of equal size: no short one at the end.
    let count = samples.t_ms.len();
    let chunks = ((count + chunk_samples / 2) / chunk_samples).max(1);
    let size = count.div_ceil(chunks).max(1);
    let mut floats = std::iter::zip(samples.t_ms.chunks(size), samples.v.chunks(size)).peekable();
    let mut histograms = samples.histograms.chunks(HISTOGRAMS_PER_CHUNK).peekable();
    loop {
        let next_float = floats.peek().and_then(|(t_ms, _)| t_ms.first().copied());
        let next_histogram = histograms.peek().and_then(|run| run.first()).map(|first| first.t_ms);
        let floats_first = match (next_float, next_histogram) {
            (None, None) => return Ok(()),
            (Some(t), Some(other)) => t < other,
            (t, None) => t.is_some(),
            (None, Some(_)) => false,
        };
        if floats_first {
            if let Some((t_ms, v)) = floats.next() {
                builder.add_floats(t_ms, v)?;
            }
        } else if let Some(run) = histograms.next() {
            builder.add_histograms(run)?;
        }
    }
}
