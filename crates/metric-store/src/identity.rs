//! What tells whether a tenant's data is the same before a stop and after the next start, so that
//! what was computed from it may be used again.

use std::sync::atomic::Ordering;

use codec::checksum::checksum;
use model::{Tenant, TimeRange};

use crate::store::MetricStore;
use crate::tenant::TenantStore;
use crate::tombstone_file;

/// Everything that decides what a query sees, but for the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OnDisk {
    /// Of the manifest: the parts.
    generation: u64,
    tombstones: u64,
}

impl OnDisk {
    pub(crate) fn of(generation: u64, tombstones: &[crate::tombstones::Tombstone]) -> Self {
        Self { generation, tombstones: checksum(&tombstone_file::encode(tombstones)) }
    }
}

impl MetricStore {
    /// Identifies the tenant's data as it is; nothing while some of it is not in parts. Ask after
    /// [`Self::shutdown`].
    pub fn identity(&self, tenant: &Tenant) -> Option<Vec<u8>> {
        let tenant = self.tenant(tenant)?;
        let epochs = tenant.head.epochs();
        let is_empty = epochs.oldest_first().all(|epoch| epoch.sample_count() == 0);
        is_empty.then(|| self.identity_of(&tenant, tenant.on_disk()))
    }

    /// Identifies the data as it was found at the start; nothing when the log held more of it, or
    /// is still being replayed.
    pub fn identity_at_start(&self, tenant: &Tenant) -> Option<Vec<u8>> {
        let tenant = self.tenant(tenant).filter(|_| self.log_was_spent.load(Ordering::Acquire))?;
        Some(self.identity_of(&tenant, tenant.on_disk_at_start))
    }

    fn identity_of(&self, tenant: &TenantStore, on_disk: OnDisk) -> Vec<u8> {
        let name = &tenant.head.tenant;
        // Another retention shows other samples.
        let rules =
            format!("{:?} {:?}", self.config.retention_ms(name), self.config.retention_rules);
        let numbers = [on_disk.generation, on_disk.tombstones, checksum(rules.as_bytes())];
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// As [`query::MetricSource::changed_since`], also after the stop.
    pub fn tenant_changed_since(
        &self,
        tenant: &Tenant,
        version: u64,
        range: TimeRange,
    ) -> Vec<TimeRange> {
        let Some(tenant) = self.tenant(tenant) else { return vec![range] };
        tenant.seen.changed_since(version, range, &self.keep_from(&tenant))
    }

    /// Counts what has left by its age since `stopped_ms`, when the data of before the stop was
    /// last looked at. Versions from before the stop mean the first one from now on.
    pub fn resume_versions(&self, stopped_ms: i64) {
        for tenant in self.each_tenant() {
            tenant.seen.resume(&self.config.keep_from(&tenant.head.tenant, stopped_ms));
        }
    }
}
