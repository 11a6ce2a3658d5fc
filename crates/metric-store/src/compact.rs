//! Merging parts, and leaving out on the way what is deleted or past its retention.

use std::sync::Arc;

use blockfile::{PartId, ReadPartError};

use crate::config::MaintainError;
use crate::merge::{merge_parts, metadata_of};
use crate::merge_plan::{MergeLimits, PartFacts, plan_merge};
use crate::part::MetricPart;
use crate::retention::KeepFrom;
use crate::sieve::Sieve;
use crate::tenant::TenantStore;

/// Bytes of memory that a merge takes for each label pair and each series of its inputs, about:
/// its number, its posting list, its columns.
const PAIR_BYTES: u64 = 48;
const SERIES_BYTES: u64 = 32;

/// Asked between series with the bytes written so far; `false` ends the merge without a result.
pub(crate) type GoOn<'a> = &'a dyn Fn(u64) -> bool;

fn facts_of(part: &MetricPart) -> PartFacts {
    let (pairs, series) = (u64::from(part.pair_count()), u64::from(part.series_count()));
    PartFacts {
        level: part.level(),
        bytes: part.part.bytes(),
        range: part.time_range(),
        memory_bytes: PAIR_BYTES * pairs + SERIES_BYTES * series,
    }
}

/// Merges some parts, if that is worthwhile. Returns the parts of which nothing is left; they are
/// still there, and it is for the caller to drop them.
pub(crate) fn merge_once(
    tenant: &TenantStore,
    limits: &MergeLimits,
    keep: &KeepFrom<'_>,
    (now_ms, go_on): (i64, GoOn<'_>),
) -> Result<Vec<PartId>, MaintainError> {
    let parts = tenant.settled_parts()?;
    let facts: Vec<PartFacts> = parts.iter().map(|part| facts_of(part)).collect();
    let Some(plan) = plan_merge(&facts, now_ms, limits) else { return Ok(Vec::new()) };
    let inputs: Vec<Arc<MetricPart>> =
        plan.inputs.iter().filter_map(|place| parts.get(*place).cloned()).collect();
    merge_or_quarantine(tenant, &inputs, plan.level, keep, go_on)
}

/// Writes a part anew without what is deleted or past its retention. Returns it when nothing is
/// left of it, as [`merge_once`] does.
pub(crate) fn rewrite(
    tenant: &TenantStore,
    part: &Arc<MetricPart>,
    keep: &KeepFrom<'_>,
    go_on: GoOn<'_>,
) -> Result<Vec<PartId>, MaintainError> {
    merge_or_quarantine(tenant, std::slice::from_ref(part), part.level(), keep, go_on)
}

fn merge_or_quarantine(
    tenant: &TenantStore,
    inputs: &[Arc<MetricPart>],
    level: u8,
    keep: &KeepFrom<'_>,
    go_on: GoOn<'_>,
) -> Result<Vec<PartId>, MaintainError> {
    match merge(tenant, inputs, level, keep, go_on) {
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
    go_on: GoOn<'_>,
) -> Result<Vec<PartId>, MaintainError> {
    let replaced: Vec<PartId> = inputs.iter().map(|part| part.part_id).collect();
    let Some(first) = inputs.first() else { return Ok(Vec::new()) };
    let (id, writer) = tenant.create_part()?;
    // Only now: a deletion that is made from here on covers the new part.
    let tombstones = tenant.tombstones();
    let sieves = inputs.iter().map(|part| Sieve::of(part, &tombstones, keep));
    let sieves: Vec<Sieve<'_>> = sieves.collect();
    let Some(builder) = merge_parts(&sieves, level, writer, go_on)? else {
        tracing::debug!(tenant = %tenant.head.tenant, inputs = inputs.len(), "merge put off");
        return Ok(Vec::new());
    };
    if builder.series_count() == 0 {
        return Ok(replaced);
    }
    let part = builder.finish(first.order, replaced.clone(), &metadata_of(inputs))?;
    tenant.replace(Some((id, &part)), replaced, None)?;
    tracing::info!(
        tenant = %tenant.head.tenant, part = %id, inputs = inputs.len(), level,
        samples = part.summary.rows, bytes = part.bytes, "compacted parts"
    );
    Ok(Vec::new())
}
