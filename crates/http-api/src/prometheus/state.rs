//! What the Prometheus face needs to answer: the store's two sides, the engine, who may ask, and
//! what the server knows about itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth::{Action, Authority, Principal};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use platform::Clock;
use query::{BudgetLimits, MetricAdmin, MetricSink, MetricSource, Scope};
use telemetry::Registry;

use super::wire::{ApiError, ErrorType};
use super::write::WriteGate;
use crate::admission::QueryQueue;
use crate::evaluations::Evaluations;

/// Settings of the face.
#[derive(Clone, Debug)]
pub struct PrometheusConfig {
    pub budget: BudgetLimits,
    /// `tenancy.enabled`: take the tenant from the request's headers.
    pub tenant_headers: bool,
    /// `tenancy.admin_api`: answer `/api/v1/admin`.
    pub admin_api: bool,
}

/// What `/api/v1/status/*` tells; the wiring fills it in.
pub trait StatusPages: Send + Sync {
    /// The effective configuration as YAML, without secrets.
    fn config_yaml(&self) -> String;
    /// Flags by name, as text.
    fn flags(&self) -> Vec<(String, String)>;
    /// Start of the process, Unix milliseconds.
    fn start_ms(&self) -> i64;
    /// How long and how much is kept, as `15d` or `15d or 10GiB`.
    fn retention(&self) -> String;
    /// The effective configuration in Mimir's words, as YAML.
    fn mimir_yaml(&self) -> String;
    /// Result of the last configuration load: success and its time, Unix milliseconds.
    fn last_reload(&self) -> (bool, i64);
    fn working_directory(&self) -> String;
    /// What the binary is built from; `unknown` when the build could not tell.
    fn commit(&self) -> &str;
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct PrometheusState {
    pub source: Arc<dyn MetricSource>,
    pub sink: Arc<dyn MetricSink>,
    pub admin: Arc<dyn MetricAdmin>,
    pub engine: Arc<promql::Engine>,
    pub scraper: Arc<scrape::Scraper>,
    pub authority: Arc<Authority>,
    pub clock: Arc<dyn Clock>,
    pub registry: Registry,
    pub pages: Arc<dyn StatusPages>,
    pub write_gate: Arc<WriteGate>,
    pub config: Arc<PrometheusConfig>,
    /// Admits `query.max_concurrency` queries at once, tenants in turn.
    pub queries: QueryQueue,
    pub evaluations: Evaluations,
    /// False while starting and stopping.
    pub ready: Arc<AtomicBool>,
}

impl PrometheusState {
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// The scope of a request on an open face, by its tenant headers.
    fn open_scope(&self, headers: &HeaderMap, action: Action) -> Result<Scope, ApiError> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let tenant = if self.config.tenant_headers {
            Authority::tenant(header("x-scope-orgid"), header("x-tenant-id"))
        } else {
            Authority::tenant(None, None)
        };
        let tenant = tenant.map_err(|error| ApiError::bad_data(error.to_string()))?;
        self.authority
            .scope(&Principal::OpenFace, action, tenant)
            .map_err(|denied| ApiError::new(ErrorType::Forbidden, denied.to_string()))
    }
}

/// Permission to read. A face in front (the portal) may have put the scope of a signed-in user
/// into the request's extensions; otherwise the tenant headers decide.
pub(crate) struct Reader(pub(crate) Scope);

impl FromRequestParts<PrometheusState> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &PrometheusState,
    ) -> Result<Self, ApiError> {
        match parts.extensions.get::<Scope>() {
            Some(scope) => Ok(Self(scope.clone())),
            None => state.open_scope(&parts.headers, Action::ReadMetrics).map(Self),
        }
    }
}

/// Permission to store samples, always by the tenant headers.
pub(crate) struct Writer(pub(crate) Scope);

impl FromRequestParts<PrometheusState> for Writer {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &PrometheusState,
    ) -> Result<Self, ApiError> {
        state.open_scope(&parts.headers, Action::WriteMetrics).map(Self)
    }
}

/// Permission to delete the tenant's series, by the tenant headers.
pub(crate) struct Admin(pub(crate) Scope);

impl FromRequestParts<PrometheusState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &PrometheusState,
    ) -> Result<Self, ApiError> {
        if !state.config.admin_api {
            return Err(ApiError::new(ErrorType::Unavailable, "admin APIs disabled"));
        }
        state.open_scope(&parts.headers, Action::AdministerMetrics).map(Self)
    }
}
