//! Deleting series, and carrying deletions out.
//!
//! A deletion is a line between appends: what the head holds of the deleted series is cut off and
//! written to a part, and a tombstone covers every part there is by then. What comes later is new,
//! whatever its timestamps.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use model::{Matcher, TimeRange};
use parking_lot::MutexGuard;
use postings::resolve_any;
use query::{AdminError, Scope};

use crate::compact::rewrite;
use crate::config::MaintainError;
use crate::store::MetricStore;
use crate::tenant::TenantStore;

/// A part is rewritten when more than one in this many of its series lost samples, as in
/// Prometheus; with fewer the next merge does it.
const DELETED_ONE_IN: u64 = 20;

impl MetricStore {
    /// See [`query::MetricAdmin::delete_series`].
    pub(crate) fn delete(
        &self,
        scope: &Scope,
        matcher_sets: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<(), AdminError> {
        let _one_at_a_time = self.maintain_when_ready()?;
        let Some(tenant) = self.tenant(scope.tenant()) else { return Ok(()) };
        if matcher_sets.is_empty() || range.is_empty() {
            return Ok(());
        }
        let sets = scope.label_policy().narrow(matcher_sets);
        self.check_tombstones(&tenant, sets.len())?;
        self.cut_series(&tenant, &sets, range)?;
        let made_ms = self.platform.clock.unix_ms();
        let selectors = sets.len();
        tenant.delete(sets, range, made_ms)?;
        tracing::info!(
            tenant = %tenant.head.tenant, selectors,
            start_ms = range.start_ms, end_ms = range.end_ms, "series deleted"
        );
        Ok(())
    }

    /// See [`query::MetricAdmin::clean_tombstones`].
    pub(crate) fn clean(&self, scope: &Scope) -> Result<(), AdminError> {
        let _one_at_a_time = self.maintain_when_ready()?;
        let Some(tenant) = self.tenant(scope.tenant()) else { return Ok(()) };
        let parts = tenant.settled_parts()?;
        let tombstones = tenant.tombstones();
        let go_on = |_| {
            self.cut_if_due();
            self.ready()
        };
        for part in parts.iter().filter(|part| tombstones.of(part).is_some()) {
            let emptied = rewrite(&tenant, part, &self.keep_from(&tenant), &go_on)?;
            self.drop_parts(&tenant, emptied, "emptied")?;
        }
        tenant.drop_spent_tombstones()?;
        // It may have ended early because the store stops.
        self.check_ready()
    }

    /// Keeps maintenance out. Does not wait for a replay.
    pub(crate) fn maintain_when_ready(&self) -> Result<MutexGuard<'_, ()>, AdminError> {
        self.check_ready()?;
        let guard = self.take_turn();
        self.check_ready()?;
        Ok(guard)
    }

    fn check_ready(&self) -> Result<(), AdminError> {
        match self.refusal() {
            None => Ok(()),
            Some(reason) => Err(AdminError::NotReady(reason.to_owned())),
        }
    }

    fn check_tombstones(&self, tenant: &TenantStore, more: usize) -> Result<(), AdminError> {
        let value = self.config.tombstones_max;
        if tenant.tombstones().list().len() + more > value {
            return Err(AdminError::Limit {
                limit: "deletions not yet carried out",
                value: value as u64,
                setting: "storage.tombstones_max",
            });
        }
        Ok(())
    }

    /// Moves what the head holds of the series in the range into parts, and lets the head forget
    /// their last samples, so that equal ones are new.
    fn cut_series(
        &self,
        tenant: &TenantStore,
        sets: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<(), MaintainError> {
        let closed = self.gate.write();
        let names = tenant.head.names.read();
        let found = resolve_any(&names.label_index(), sets);
        drop(names);
        let epochs = tenant.head.epochs();
        let touched = |series: u32| epochs.current.is_touched(series, range);
        if found.iter().any(touched) {
            let covers = self.wal.rotate()?;
            tenant.head.cut(covers, self.platform.clock.monotonic());
        }
        tenant.has_ghosts.fetch_or(!found.is_empty(), Ordering::Relaxed);
        // The next cut makes those unknown that it takes everything of.
        tenant.head.heard.lock().forget();
        let current = tenant.head.current();
        for series in found.iter().filter(|series| !current.has_samples_of(*series)) {
            current.reset(series);
        }
        drop(closed);
        let frozen = tenant.head.epochs().frozen;
        let held = |series: u32| frozen.iter().any(|f| f.epoch.overlaps(series, range));
        if found.iter().any(held) {
            self.flush_tenant(tenant)?;
        }
        Ok(())
    }

    /// Rewrites at most one part of the tenant that has much to lose, and lets spent tombstones
    /// go.
    pub(crate) fn carry_out(&self, tenant: &TenantStore) -> Result<(), MaintainError> {
        let parts = tenant.settled_parts()?;
        let tombstones = tenant.tombstones();
        let keep = self.keep_from(tenant);
        let much = |part: &crate::part::MetricPart| {
            let deleted = tombstones.of(part).map_or(0, |deleted| deleted.series_count());
            deleted * DELETED_ONE_IN > u64::from(part.series_count())
        };
        let worth = |part: &&Arc<_>| much(part) || tenant.is_past_a_rule(part, &keep);
        if let Some(part) = parts.iter().find(worth) {
            let started = self.platform.clock.monotonic();
            let go_on = |written: u64| self.between_series(started, written);
            let emptied = rewrite(tenant, part, &keep, &go_on)?;
            self.drop_parts(tenant, emptied, "emptied")?;
        }
        tenant.drop_spent_tombstones().map(|_| ())
    }
}

impl From<MaintainError> for AdminError {
    fn from(error: MaintainError) -> Self {
        let mut text = error.to_string();
        let mut next = std::error::Error::source(&error);
        while let Some(source) = next {
            text = format!("{text}: {source}");
            next = source.source();
        }
        Self::Io(text)
    }
}
