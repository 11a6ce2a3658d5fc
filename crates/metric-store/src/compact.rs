//! Merging parts, and leaving out on the way what is deleted or past its retention.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use blockfile::{PartId, ReadPartError};
use model::{METRIC_NAME, TimeRange};
use postings::RoaringBitmap;
use query::SampleBuffer;

use crate::chunk::Assembly;
use crate::config::{MaintainError, MetricStoreConfig};
use crate::cursor::Malformed;
use crate::flush::add_samples;
use crate::part::{MetricPart, PartBuilder, SeriesRow};
use crate::retention::KeepFrom;
use crate::tenant::TenantStore;
use crate::tombstones::{Deleted, Tombstones, without};

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
    keep: &KeepFrom<'_>,
) -> Result<bool, MaintainError> {
    tenant.settle()?;
    let parts = tenant.parts();
    let facts: Vec<PartFacts> = parts.iter().map(|part| PartFacts::of(part)).collect();
    let Some(run) = plan_merge(&facts, config.merge_fan_in, config.merge_bytes_max) else {
        return Ok(false);
    };
    let inputs = &parts[run];
    let level = inputs.first().map_or(0, |part| part.part.summary().level + 1);
    merge_or_quarantine(tenant, inputs, level, keep).map(|()| true)
}

/// Writes a part anew without what is deleted or past its retention.
pub(crate) fn rewrite(
    tenant: &TenantStore,
    part: &Arc<MetricPart>,
    keep: &KeepFrom<'_>,
) -> Result<(), MaintainError> {
    tenant.settle()?;
    let level = part.part.summary().level;
    merge_or_quarantine(tenant, std::slice::from_ref(part), level, keep)
}

fn merge_or_quarantine(
    tenant: &TenantStore,
    inputs: &[Arc<MetricPart>],
    level: u8,
    keep: &KeepFrom<'_>,
) -> Result<(), MaintainError> {
    match merge(tenant, inputs, level, keep) {
        Err(MaintainError::ReadPart(error @ ReadPartError::Corrupt { .. })) => {
            let damaged = inputs.iter().find(|part| Some(part.path()) == path_of(&error));
            if let Some(part) = damaged {
                tenant.quarantine(part, &error);
            }
            Err(error.into())
        }
        result => result,
    }
}

fn path_of(error: &ReadPartError) -> Option<&std::path::Path> {
    match error {
        ReadPartError::Corrupt { path, .. } => Some(path),
        _ => None,
    }
}

fn merge(
    tenant: &TenantStore,
    inputs: &[Arc<MetricPart>],
    level: u8,
    keep: &KeepFrom<'_>,
) -> Result<(), MaintainError> {
    let replaced: Vec<PartId> = inputs.iter().map(|part| part.part_id).collect();
    let Some(first) = inputs.first() else { return Ok(()) };
    let order = first.order;
    let (id, writer) = tenant.create_part()?;
    // Only now: a deletion that is made from here on covers the new part.
    let tombstones = tenant.tombstones();
    let sieves = inputs.iter().map(|part| Sieve::of(part, &tombstones, keep));
    let sieves: Vec<Sieve<'_>> = sieves.collect();
    let mut dictionary: BTreeSet<&str> = BTreeSet::new();
    for sieve in &sieves {
        sieve.visit_strings(&mut |text| {
            dictionary.insert(text);
        });
    }
    let strings: Vec<Box<str>> = dictionary.iter().map(|text| Box::from(*text)).collect();
    let ranks: HashMap<&str, u32> = dictionary.iter().copied().zip(0..).collect();
    let metric = ranks.get(METRIC_NAME).copied().unwrap_or(u32::MAX);
    let mut streams: Vec<Stream<'_>> = Vec::new();
    for sieve in &sieves {
        // Strings of series that are left out have no rank, and nobody asks for it.
        let rank = |rank| ranks.get(sieve.part.string(rank)).copied().unwrap_or(u32::MAX);
        let texts = (0..sieve.part.string_count()).map(rank);
        streams.push(Stream::new(sieve, texts.collect()));
    }
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
                sources.push((stream.sieve, stream.series));
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
    if builder.series_count() == 0 {
        tenant.replace(None, replaced, None)?;
        tracing::info!(tenant = %tenant.head.tenant, inputs = inputs.len(), "nothing left of parts");
        return Ok(());
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
    sources: &[(&Sieve<'_>, u32)],
) -> Result<(), MaintainError> {
    let mut places = Vec::new();
    let mut whole = true;
    for (sieve, series) in sources {
        let (part, kept) = (sieve.part, sieve.kept(*series));
        for place in part.chunks(*series) {
            let place = place.map_err(|Malformed| part.damaged("chunk row"))?;
            let chunk = place.meta.range();
            if kept.iter().any(|kept| kept.overlaps(chunk)) {
                whole &= kept.iter().any(|kept| kept.intersect(chunk) == chunk);
                places.push((part, place));
            }
        }
    }
    let follow = places.windows(2).all(|pair| pair[0].1.meta.last_t < pair[1].1.meta.first_t);
    let samples: u64 = places.iter().map(|(_, place)| u64::from(place.meta.count)).sum();
    // Short chunks, as restarts and thin series make them, are worth packing together.
    let short = places.len() > 1 && samples / (places.len() as u64) < SHORT_CHUNK_SAMPLES;
    if whole && follow && !short {
        for (part, place) in &places {
            builder.add_chunk(&place.meta, part.chunk_bytes(place)?)?;
        }
        return Ok(());
    }
    let mut samples = SampleBuffer::default();
    let mut assembly = Assembly::new(&mut samples, TimeRange::ALL);
    for (sieve, series) in sources {
        for kept in sieve.kept(*series) {
            assembly.narrow(kept);
            sieve.part.add_to(*series, kept, &mut assembly)?;
        }
    }
    Ok(add_samples(builder, &samples)?)
}

/// An input of a merge, and what of it is left out.
struct Sieve<'a> {
    part: &'a MetricPart,
    deleted: Option<Arc<Deleted>>,
    /// Series with a retention of their own, and the oldest timestamps that count.
    rules: Vec<(RoaringBitmap, i64)>,
    keep_from_ms: i64,
    /// Nothing is left out.
    is_open: bool,
}

impl<'a> Sieve<'a> {
    fn of(part: &'a MetricPart, tombstones: &Tombstones, keep: &KeepFrom<'_>) -> Self {
        let (deleted, rules, keep_from_ms) =
            (tombstones.of(part), keep.in_part(part), keep.tenant_ms);
        let is_open =
            deleted.is_none() && rules.is_empty() && keep_from_ms <= part.time_range().start_ms;
        Self { part, deleted, rules, keep_from_ms, is_open }
    }

    /// The ranges of a series that stay, ascending.
    fn kept(&self, series: u32) -> Vec<TimeRange> {
        if self.is_open {
            return vec![TimeRange::ALL];
        }
        let own = self.rules.iter().filter(|(found, _)| found.contains(series));
        let from_ms = own.map(|(_, from_ms)| *from_ms).fold(self.keep_from_ms, i64::max);
        let deleted = self.deleted.as_ref().map(|deleted| deleted.ranges(series));
        without(TimeRange::new(from_ms, i64::MAX), &deleted.unwrap_or_default())
    }

    /// Whether a chunk of the series may stay.
    fn lets_through(&self, series: u32) -> bool {
        self.is_open || self.kept(series).iter().any(|kept| self.part.overlaps(series, *kept))
    }

    /// The strings of the part; without those that only series use of which nothing stays.
    fn visit_strings(&self, visit: &mut dyn FnMut(&'a str)) {
        if self.is_open {
            return (0..self.part.string_count()).for_each(|rank| visit(self.part.string(rank)));
        }
        for series in (0..self.part.series_count()).filter(|series| self.lets_through(*series)) {
            for (name, value) in self.part.label_ranks(series) {
                visit(self.part.string(name));
                visit(self.part.string(value));
            }
        }
    }
}

/// The series of one input, one after the other, with labels as ranks of the output.
struct Stream<'a> {
    sieve: &'a Sieve<'a>,
    ranks: Vec<u32>,
    series: u32,
    row: Option<SeriesRow>,
}

impl<'a> Stream<'a> {
    fn new(sieve: &'a Sieve<'a>, ranks: Vec<u32>) -> Self {
        let mut stream = Self { sieve, ranks, series: 0, row: None };
        stream.load();
        stream
    }

    fn load(&mut self) {
        let ranks = &self.ranks;
        let rank = |old: u32| ranks.get(old as usize).copied().unwrap_or_default();
        let part = self.sieve.part;
        while self.series < part.series_count() && !self.sieve.lets_through(self.series) {
            self.series += 1;
        }
        self.row = (self.series < part.series_count()).then(|| SeriesRow {
            id: part.id(self.series),
            labels: part
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
