//! Merging parts, and leaving out on the way what is deleted or past its retention.

use std::sync::Arc;

use blockfile::{PartId, ReadPartError};

use crate::config::{MaintainError, MetricStoreConfig};
use crate::merge::{merge_parts, metadata_of};
use crate::part::MetricPart;
use crate::retention::KeepFrom;
use crate::sieve::Sieve;
use crate::tenant::TenantStore;

/// What a plan looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartFacts {
    pub(crate) level: u8,
    pub(crate) bytes: u64,
}

impl PartFacts {
    pub(crate) fn of(part: &MetricPart) -> Self {
        let level = part.level();
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
    let level = inputs.first().map_or(0, |part| part.level() + 1);
    merge_or_quarantine(tenant, inputs, level, keep).map(|()| true)
}

/// Writes a part anew without what is deleted or past its retention.
pub(crate) fn rewrite(
    tenant: &TenantStore,
    part: &Arc<MetricPart>,
    keep: &KeepFrom<'_>,
) -> Result<(), MaintainError> {
    tenant.settle()?;
    let level = part.level();
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
    let (id, writer) = tenant.create_part()?;
    // Only now: a deletion that is made from here on covers the new part.
    let tombstones = tenant.tombstones();
    let sieves = inputs.iter().map(|part| Sieve::of(part, &tombstones, keep));
    let sieves: Vec<Sieve<'_>> = sieves.collect();
    let builder = merge_parts(&sieves, level, writer)?;
    if builder.series_count() == 0 {
        tenant.replace(None, replaced, None)?;
        tracing::info!(tenant = %tenant.head.tenant, inputs = inputs.len(), "nothing left of parts");
        return Ok(());
    }
    let part = builder.finish(first.order, replaced.clone(), &metadata_of(inputs))?;
    tenant.replace(Some((id, &part)), replaced, None)?;
    tracing::info!(
        tenant = %tenant.head.tenant, part = %id, inputs = inputs.len(), level,
        samples = part.summary.rows, bytes = part.bytes, "compacted parts"
    );
    Ok(())
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
