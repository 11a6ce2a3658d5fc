//! Merging parts, and dropping what is older than the retention.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use blockfile::{PartId, ReadPartError};
use model::{METRIC_NAME, TimeRange};
use query::SampleBuffer;

use crate::chunk::Assembly;
use crate::config::{MaintainError, MetricStoreConfig};
use crate::cursor::Malformed;
use crate::flush::add_samples;
use crate::part::{MetricPart, PartBuilder, SeriesRow};
use crate::tenant::TenantStore;

/// Chunks with fewer samples, on average, are packed anew by a merge.
const SHORT_CHUNK_SAMPLES: u64 = 60;

/// What a plan looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartFacts {
    pub(crate) level: u8,
    pub(crate) bytes: u64,
}

impl PartFacts {
    pub(crate) fn of(part: &MetricPart) -> Self {
        let level = part.part.summary().level;
        Self { level, bytes: part.part.bytes() }
    }
}

/// The oldest run of `fan_in` neighbours of one level that stays within the size. Only
/// neighbours are merged: the order of parts decides whose sample counts.
pub(crate) fn plan_merge(
    parts: &[PartFacts],
    fan_in: usize,
    bytes_max: u64,
) -> Option<std::ops::Range<usize>> {
    let fan_in = fan_in.max(2);
    let fits = |run: &[PartFacts]| {
        run.iter().all(|part| part.level == run[0].level && part.level < u8::MAX)
            && run.iter().map(|part| part.bytes).sum::<u64>() <= bytes_max
    };
    let start = parts.windows(fan_in).position(fits)?;
    Some(start..start + fan_in)
}

/// Merges one run of parts, if there is one worth it.
pub(crate) fn merge_once(
    tenant: &TenantStore,
    config: &MetricStoreConfig,
) -> Result<bool, MaintainError> {
    tenant.settle()?;
    let parts = tenant.parts();
    let facts: Vec<PartFacts> = parts.iter().map(|part| PartFacts::of(part)).collect();
    let Some(run) = plan_merge(&facts, config.merge_fan_in, config.merge_bytes_max) else {
        return Ok(false);
    };
    let inputs = &parts[run];
    match merge(tenant, inputs) {
        Err(MaintainError::ReadPart(error @ ReadPartError::Corrupt { .. })) => {
            let damaged = inputs.iter().find(|part| Some(part.path()) == path_of(&error));
            if let Some(part) = damaged {
                tenant.quarantine(part, &error);
            }
            Err(error.into())
        }
        result => result.map(|()| true),
    }
}

fn path_of(error: &ReadPartError) -> Option<&std::path::Path> {
    match error {
        ReadPartError::Corrupt { path, .. } => Some(path),
        _ => None,
    }
}

fn merge(tenant: &TenantStore, inputs: &[Arc<MetricPart>]) -> Result<(), MaintainError> {
    let replaced: Vec<PartId> = inputs.iter().map(|part| part.part_id).collect();
    let Some(first) = inputs.first() else { return Ok(()) };
    let (order, level) = (first.order, first.part.summary().level + 1);
    let mut dictionary: BTreeSet<&str> = BTreeSet::new();
    for part in inputs {
        dictionary.extend((0..part.string_count()).map(|rank| part.string(rank)));
    }
    let strings: Vec<Box<str>> = dictionary.iter().map(|text| Box::from(*text)).collect();
    let ranks: HashMap<&str, u32> = dictionary.iter().copied().zip(0..).collect();
    let metric = ranks.get(METRIC_NAME).copied().unwrap_or(u32::MAX);
    let mut streams: Vec<Stream<'_>> = Vec::new();
    for part in inputs {
        let texts = (0..part.string_count()).map(|rank| ranks[part.string(rank)]);
        streams.push(Stream::new(part, texts.collect()));
    }
    let (id, writer) = tenant.create_part()?;
    let mut builder = PartBuilder::new(writer, strings);
    loop {
        let rows = streams.iter().filter_map(|stream| stream.row.as_ref());
        let Some(next) = rows.min_by(|a, b| a.sort_key(metric).cmp(&b.sort_key(metric))) else {
            break;
        };
        let next = next.clone();
        let mut sources = Vec::new();
        for stream in &mut streams {
            if stream.row.as_ref().is_some_and(|row| row.labels == next.labels) {
                sources.push((stream.part, stream.series));
                stream.advance();
            }
        }
        merge_series(&mut builder, &sources)?;
        builder.finish_series(&next);
    }
    let mut metadata = BTreeMap::new();
    for (metric, known) in inputs.iter().flat_map(|part| &part.metadata) {
        let entries: &mut Vec<_> = metadata.entry(metric.clone()).or_default();
        if !entries.contains(known) {
            entries.push(known.clone());
        }
    }
    let metadata: Vec<_> = metadata
        .into_iter()
        .flat_map(|(metric, known)| known.into_iter().map(move |m| (metric.clone(), m)))
        .collect();
    let part = builder.finish(order, level, replaced.clone(), &metadata)?;
    tenant.replace(Some((id, &part)), replaced, None)?;
    tracing::info!(
        tenant = %tenant.head.tenant, part = %id, inputs = inputs.len(), level,
        samples = part.summary.rows, bytes = part.bytes, "parts merged"
    );
    Ok(())
}

/// Takes chunks over as they are when they follow each other and are of a fair size, else decodes
/// and packs anew.
fn merge_series(
    builder: &mut PartBuilder,
    sources: &[(&MetricPart, u32)],
) -> Result<(), MaintainError> {
    let mut places = Vec::new();
    for (part, series) in sources {
        for place in part.chunks(*series) {
            places.push((*part, place.map_err(|Malformed| part.damaged("chunk row"))?));
        }
    }
    let follow = places.windows(2).all(|pair| pair[0].1.meta.last_t < pair[1].1.meta.first_t);
    let samples: u64 = places.iter().map(|(_, place)| u64::from(place.meta.count)).sum();
    // Short chunks, as restarts and thin series make them, are worth packing together.
    let short = places.len() > 1 && samples / (places.len() as u64) < SHORT_CHUNK_SAMPLES;
    if follow && !short {
        for (part, place) in &places {
            builder.add_chunk(&place.meta, part.chunk_bytes(place)?)?;
        }
        return Ok(());
    }
    let mut samples = SampleBuffer::default();
    let mut assembly = Assembly::new(&mut samples, TimeRange::ALL);
    for (part, series) in sources {
        part.add_to(*series, TimeRange::ALL, &mut assembly)?;
    }
    Ok(add_samples(builder, &samples)?)
}

/// The series of one input, one after the other, with labels as ranks of the output.
struct Stream<'a> {
    part: &'a MetricPart,
    ranks: Vec<u32>,
    series: u32,
    row: Option<SeriesRow>,
}

impl<'a> Stream<'a> {
    fn new(part: &'a MetricPart, ranks: Vec<u32>) -> Self {
        let mut stream = Self { part, ranks, series: 0, row: None };
        stream.load();
        stream
    }

    fn load(&mut self) {
        let ranks = &self.ranks;
        let rank = |old: u32| ranks.get(old as usize).copied().unwrap_or_default();
        self.row = (self.series < self.part.series_count()).then(|| SeriesRow {
            id: self.part.id(self.series),
            labels: self
                .part
                .label_ranks(self.series)
                .map(|(name, value)| (rank(name), rank(value)))
                .collect(),
        });
    }

    fn advance(&mut self) {
        self.series += 1;
        self.load();
    }
}

/// Drops parts whose newest sample is older than `oldest_ms`.
pub(crate) fn drop_expired(tenant: &TenantStore, oldest_ms: i64) -> Result<usize, MaintainError> {
    tenant.settle()?;
    let parts = tenant.parts();
    let expired = parts.iter().filter(|part| part.time_range().end_ms < oldest_ms);
    let expired: Vec<PartId> = expired.map(|part| part.part_id).collect();
    let count = expired.len();
    if count > 0 {
        tenant.replace(None, expired, None)?;
        tracing::info!(tenant = %tenant.head.tenant, parts = count, "parts past retention dropped");
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::{PartFacts, plan_merge};

    #[test]
    fn merges_the_oldest_neighbours_of_one_level_that_fit() {
        let check = |levels: &[(u8, u64)], want: Option<std::ops::Range<usize>>| {
            let of = |(level, bytes): &(u8, u64)| PartFacts { level: *level, bytes: *bytes };
            let parts: Vec<PartFacts> = levels.iter().map(of).collect();
            assert_eq!(plan_merge(&parts, 3, 100), want, "{levels:?}");
        };
        check(&[], None);
        check(&[(0, 1), (0, 1)], None);
        check(&[(0, 1), (0, 1), (0, 1), (0, 1)], Some(0..3));
        check(&[(1, 1), (1, 1), (0, 1), (0, 1), (0, 1)], Some(2..5));
        check(&[(0, 90), (0, 9), (0, 9), (0, 9)], Some(1..4));
        check(&[(0, 1), (1, 1), (0, 1), (0, 1)], None);
    }
}
