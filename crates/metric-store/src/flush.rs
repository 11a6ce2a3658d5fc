//! From a frozen epoch to a part of level 0.

use std::sync::Arc;

use blockfile::{PartId, WritePartError};
use model::{METRIC_NAME, TimeRange};
use postings::Pair;
use query::SampleBuffer;

use crate::chunk::{Assembly, Chunk};
use crate::config::MaintainError;
use crate::cursor::Malformed;
use crate::head::{Epoch, Frozen, Names, SeriesCopy};
use crate::part::{PartBuilder, SeriesRow};
use crate::tenant::TenantStore;

/// Samples of a chunk that is written anew: two hours at 30 s.
const SAMPLES_PER_CHUNK: usize = 240;

/// Writes and publishes the oldest frozen epoch; `false` when there is none.
pub(crate) fn flush_oldest(tenant: &TenantStore) -> Result<bool, MaintainError> {
    tenant.settle()?;
    let Some(Frozen { epoch, covers }) = tenant.head.epochs().frozen.into_iter().next() else {
        return Ok(false);
    };
    let Contents { strings, listing } = Contents::of(&tenant.head.names.read(), &epoch);
    let (id, writer) = tenant.create_part()?;
    let mut builder = PartBuilder::new(writer, strings);
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
    let part = builder.finish(order, 0, Vec::new(), &metadata)?;
    tenant.replace(Some((id, &part)), Vec::new(), Some((&epoch, covers)))?;
    tracing::info!(
        tenant = %tenant.head.tenant, part = %id, series = listing.series.len(),
        samples = part.summary.rows, bytes = part.bytes, "head written to a part"
    );
    Ok(true)
}

/// The strings of every series with samples, and what the pairs of the head are among them.
struct Contents {
    strings: Vec<Box<str>>,
    listing: Listing,
}

/// Series with samples in the order of their metrics. Their rows are made a metric at a time: all
/// at once they would take more memory than the names they come from.
struct Listing {
    /// Ranks of name and value, by number of the pair.
    ranks: Vec<(u32, u32)>,
    /// Rank of the label that holds the metric's name.
    metric: u32,
    /// `(rank of the metric, reference)`, ascending.
    series: Vec<(u32, u32)>,
}

impl Contents {
    fn of(names: &Names, epoch: &Arc<Epoch>) -> Self {
        const UNUSED: (u32, u32) = (u32::MAX, u32::MAX);
        let mut ranks = vec![UNUSED; names.index.pair_capacity()];
        let mut series: Vec<(u32, u32)> = names
            .references()
            .filter(|series| epoch.has_samples_of(*series))
            .map(|series| (0, series))
            .collect();
        let mut used: Vec<Pair> = Vec::new();
        for (_, reference) in &series {
            names.visit_pairs(*reference, &mut |pair| {
                let seen = &mut ranks[pair.0 as usize];
                if *seen == UNUSED {
                    *seen = (0, 0);
                    used.push(pair);
                }
            });
        }
        let mut texts: Vec<&str> = Vec::with_capacity(2 * used.len());
        for (name, value) in used.iter().map(|pair| names.index.text(*pair)) {
            texts.extend([name, value]);
        }
        texts.sort_unstable();
        texts.dedup();
        let rank_of = |text: &str| texts.binary_search(&text).unwrap_or_default() as u32;
        for pair in &used {
            let (name, value) = names.index.text(*pair);
            ranks[pair.0 as usize] = (rank_of(name), rank_of(value));
        }
        let metric = texts.binary_search(&METRIC_NAME).map_or(u32::MAX, |rank| rank as u32);
        for (rank, reference) in &mut series {
            names.visit_pairs(*reference, &mut |pair| {
                let (name, value) = ranks[pair.0 as usize];
                if name == metric {
                    *rank = value + 1;
                }
            });
        }
        series.sort_unstable();
        let strings = texts.into_iter().map(Box::from).collect();
        Self { strings, listing: Listing { ranks, metric, series } }
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
            names.visit_pairs(*reference, &mut |pair| labels.push(self.ranks[pair.0 as usize]));
            labels.sort_unstable();
            (*reference, SeriesRow { id: names.id(*reference), labels: labels.into() })
        };
        let mut rows: Vec<_> = group.iter().map(row).collect();
        rows.sort_unstable_by(|(_, a), (_, b)| {
            a.sort_key(self.metric).cmp(&b.sort_key(self.metric))
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
    add_samples(builder, samples)
}

/// Adds samples as fresh chunks, in time order over both kinds.
pub(crate) fn add_samples(
    builder: &mut PartBuilder,
    samples: &SampleBuffer,
) -> Result<(), WritePartError> {
    let floats: Vec<(i64, f64)> =
        std::iter::zip(&samples.t_ms, &samples.v).map(|(t, v)| (*t, *v)).collect();
    let mut chunks: Vec<Chunk> = Vec::new();
    for run in floats.chunks(SAMPLES_PER_CHUNK) {
        chunks.extend(Chunk::of_floats(run.iter().copied()).map(Chunk::settled));
    }
    for run in samples.histograms.chunks(SAMPLES_PER_CHUNK) {
        chunks.extend(Chunk::of_histograms(run));
    }
    chunks.sort_by_key(|chunk| chunk.meta.first_t);
    chunks.iter().try_for_each(|chunk| builder.add_chunk(&chunk.meta, &chunk.bytes))
}
