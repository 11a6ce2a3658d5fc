//! The key that opens a store: whose data may be touched, and within which limits.

use std::sync::Arc;

use model::Tenant;

use crate::LabelPolicy;

/// Limits that hold for one tenant, named as in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantLimits {
    /// `limits.series_per_tenant_max`: active series in the head; 0 = no limit.
    pub series_max: u64,
    /// `limits.series_bytes_per_tenant_max`: memory of their names and index; 0 = no limit.
    pub series_bytes_max: u64,
    /// `ingest.label_count_max`
    pub label_names_max: u32,
    /// `ingest.label_value_bytes_max`
    pub label_value_bytes_max: u32,
    /// Milliseconds; how far behind now a sample may be. A store's retention bounds it as well.
    pub past_ms_max: i64,
    /// `ingest.future_max`, milliseconds; how far ahead of now a sample may be.
    pub future_ms_max: i64,
}

impl Default for TenantLimits {
    fn default() -> Self {
        Self {
            series_max: 5_000_000,
            series_bytes_max: 0,
            label_names_max: 128,
            label_value_bytes_max: 16 << 10,
            past_ms_max: i64::MAX,
            future_ms_max: 10 * 60 * 1000,
        }
    }
}

/// A granted permission to read or write one tenant's data. No store method can be called without
/// one, so no handler can forget to authorise. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scope(Arc<Granted>);

#[derive(Debug)]
struct Granted {
    tenant: Tenant,
    limits: TenantLimits,
    label_policy: LabelPolicy,
}

impl Scope {
    /// Opens a tenant. **Only the `auth` crate calls this** (a test of the workspace checks it),
    /// after it has decided who is asking; everyone else passes scopes on.
    ///
    /// `label_policy`: which series are visible, see [`LabelPolicy`].
    pub fn grant(
        tenant: Tenant,
        limits: TenantLimits,
        label_policy: impl Into<LabelPolicy>,
    ) -> Self {
        let label_policy = label_policy.into();
        Self(Arc::new(Granted { tenant, limits, label_policy }))
    }

    pub fn tenant(&self) -> &Tenant {
        &self.0.tenant
    }

    pub fn limits(&self) -> &TenantLimits {
        &self.0.limits
    }

    pub fn label_policy(&self) -> &LabelPolicy {
        &self.0.label_policy
    }
}
