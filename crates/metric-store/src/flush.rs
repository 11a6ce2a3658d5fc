//! From a frozen epoch to a part of level 0.

use std::collections::HashMap;
use std::sync::Arc;

use blockfile::{PartId, WritePartError};
use model::{METRIC_NAME, TimeRange};
use postings::Symbol;
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
    let (strings, rows) = rows_of(&tenant.head.names.read(), &epoch);
    let (id, writer) = tenant.create_part()?;
    let mut builder = PartBuilder::new(writer, strings);
    for (series, row) in &rows {
        if let Some(copy) = epoch.copy(*series, TimeRange::ALL) {
            add_series(&mut builder, copy)?;
            builder.finish_series(row);
        }
    }
    let metadata = tenant.metadata_not_in_parts(&[]);
    let PartId(order) = id;
    let part = builder.finish(order, 0, Vec::new(), &metadata)?;
    tenant.replace(Some((id, &part)), Vec::new(), Some((&epoch, covers)))?;
    tracing::info!(
        tenant = %tenant.head.tenant, part = %id, series = rows.len(),
        samples = part.summary.rows, bytes = part.bytes, "head written to a part"
    );
    Ok(true)
}

/// The strings of every series with samples, sorted, and the series in the order of a part.
fn rows_of(names: &Names, epoch: &Arc<Epoch>) -> (Vec<Box<str>>, Vec<(u32, SeriesRow)>) {
    let series: Vec<u32> =
        (0..names.capacity() as u32).filter(|series| epoch.has_samples_of(*series)).collect();
    let mut symbols: Vec<Symbol> = Vec::new();
    for pair in series.iter().flat_map(|series| names.pairs(*series)) {
        symbols.extend([pair.name, pair.value]);
    }
    symbols.sort_unstable();
    symbols.dedup();
    symbols.sort_unstable_by_key(|symbol| names.index.text(*symbol));
    let ranks: HashMap<Symbol, u32> = symbols.iter().copied().zip(0..).collect();
    let strings: Vec<Box<str>> =
        symbols.iter().map(|symbol| names.index.text(*symbol).into()).collect();
    let metric = names.index.lookup(METRIC_NAME).and_then(|symbol| ranks.get(&symbol).copied());
    let metric = metric.unwrap_or(u32::MAX);
    let mut rows: Vec<(u32, SeriesRow)> = Vec::with_capacity(series.len());
    for series in series {
        let pairs = names.pairs(series).iter();
        let labels = pairs.map(|pair| (ranks[&pair.name], ranks[&pair.value])).collect();
        rows.push((series, SeriesRow { id: names.id(series), labels }));
    }
    rows.sort_unstable_by(|(_, a), (_, b)| a.sort_key(metric).cmp(&b.sort_key(metric)));
    (strings, rows)
}

fn add_series(builder: &mut PartBuilder, copy: SeriesCopy) -> Result<(), WritePartError> {
    match copy.into_ordered_chunks() {
        Ok(chunks) => chunks
            .into_iter()
            .map(Chunk::settled)
            .try_for_each(|chunk| builder.add_chunk(&chunk.meta, &chunk.bytes)),
        Err(copy) => {
            let mut samples = SampleBuffer::default();
            let mut assembly = Assembly::new(&mut samples, TimeRange::ALL);
            if copy.add_to(&mut assembly) == Err(Malformed) {
                // Only a bug can bring us here: keep what was read before it.
                tracing::error!("a chunk of the head cannot be decoded");
            }
            add_samples(builder, &samples)
        }
    }
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
