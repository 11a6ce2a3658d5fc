//! What the portal face needs to answer, and its settings.

use std::sync::Arc;
use std::time::Duration;

use auth::{Action, Authority, Denied, Identity, Principal};
use axum::Router;
use platform::{Clock, Random};
use portal::provisioning::Providers;
use portal::tables::{DataSourceRow, NewAudit};
use portal::{Access, Accounts, Tables};
use query::{BudgetLimits, MetricSource, Scope};
use telemetry::Registry;
use tokio::sync::Semaphore;

use super::guard::Visitor;
use super::limits::ObjectLimits;
use super::live::Live;
use super::reply::ApiError;
use super::sources::{AllowList, SourceClients};
use crate::evaluations::Evaluations;

/// The Grafana whose HTTP API the portal answers.
pub const GRAFANA_VERSION: &str = "12.3.0";

/// Settings of the face; those with a name in `docs/operate/configuration.md` say it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the configuration")]
pub struct PortalConfig {
    /// Of the Grafana whose API this is; clients decide by it what they may ask.
    pub version: String,
    /// Of this binary.
    pub orrery_version: String,
    pub commit: String,
    /// Where browsers find the portal.
    pub root_url: String,
    /// Where remote write and PromQL are served, for the commands that pages show.
    pub metrics_port: Option<u16>,
    /// `portal.cookie_secure`: send the session cookie over HTTPS only.
    pub cookie_secure: bool,
    /// `portal.session_lifetime`: life of the session cookie.
    pub cookie_lifetime: Duration,
    /// `portal.default_theme`: `system`, `light` or `dark`.
    pub default_theme: String,
    /// `portal.home_dashboard_uid`; empty or not there = the first by title.
    pub home_dashboard_uid: String,
    /// `portal.allow_sign_up`: strangers may make themselves accounts.
    pub allow_sign_up: bool,
    /// `portal.basic_auth`: take user and password with each request.
    pub basic_auth: bool,
    /// `portal.login_form`
    pub login_form: bool,
    /// `portal.min_refresh_interval`, as `5s`.
    pub min_refresh_interval: String,
    /// `portal.allow_org_create`: every signed-in user may make organisations.
    pub allow_org_create: bool,
    /// `limits.portal_body_bytes_max`
    pub body_bytes_max: usize,
    /// `limits.ui_panels_max`: panels of one query request.
    pub panels_max: usize,
    /// `limits.ui_queries_max`: queries of one query request, all panels together.
    pub queries_max: usize,
    /// `limits.ui_series_max`: series sent per query; the rest is told in a notice.
    pub series_max: usize,
    /// `limits.ui_points_max`: points per series.
    pub points_max: u32,
    /// `limits.ui_options_max`: options sent for a variable.
    pub options_max: usize,
    /// `query.ui_max_concurrency`: evaluations at once for all dashboards together.
    pub concurrency_max: usize,
    /// How much of the smaller objects an organisation may keep.
    pub objects: ObjectLimits,
    /// The settings in force, by section, without secrets; null when nobody told.
    pub effective: serde_json::Value,
    /// The same as they would be if nobody had set anything.
    pub defaults: serde_json::Value,
    /// By path with dots, `{"source", "name"}` of what set it; null when nobody told.
    pub origins: serde_json::Value,
    /// What one query may cost.
    pub budget: BudgetLimits,
    /// `scrape.self_interval`, milliseconds: what `$__rate_interval` builds on.
    pub scrape_interval_ms: i64,
    /// Ports of this binary's own Prometheus and Mimir faces: data sources with such an address
    /// are answered in process.
    pub own_ports: Vec<u16>,
    /// `portal.data_source_allow`: data source addresses that would be refused otherwise.
    pub data_source_allow: AllowList,
    /// `portal.data_source_timeout`: how long a source that does not say is waited for.
    pub data_source_timeout: Duration,
    /// `limits.data_source_timeout_max`: longest time that a source's own settings may ask for.
    pub data_source_timeout_max: Duration,
    /// `limits.data_source_response_bytes_max`: of one answer.
    pub data_source_response_bytes_max: u64,
    /// `limits.data_source_requests_max`: under way at once, to all sources together.
    pub data_source_requests_max: usize,
    /// `limits.data_source_values_max`: values of one query's answer.
    pub query_values_max: usize,
    /// `portal.data_source_user_header`: tell sources the visitor's login as `X-Grafana-User`.
    pub data_source_user_header: bool,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self {
            version: GRAFANA_VERSION.to_owned(),
            orrery_version: String::new(),
            commit: String::new(),
            root_url: "http://localhost:3000/".to_owned(),
            metrics_port: Some(9090),
            cookie_secure: false,
            cookie_lifetime: Duration::from_hours(30 * 24),
            default_theme: "system".to_owned(),
            home_dashboard_uid: String::new(),
            allow_sign_up: false,
            basic_auth: true,
            login_form: true,
            min_refresh_interval: "5s".to_owned(),
            allow_org_create: false,
            body_bytes_max: 4 << 20,
            panels_max: 200,
            queries_max: 1000,
            series_max: 500,
            points_max: 11_000,
            options_max: 10_000,
            concurrency_max: 8,
            objects: ObjectLimits::default(),
            effective: serde_json::Value::Null,
            defaults: serde_json::Value::Null,
            origins: serde_json::Value::Null,
            budget: BudgetLimits::default(),
            scrape_interval_ms: 15_000,
            own_ports: vec![9090, 8080, 9009],
            data_source_allow: AllowList::default(),
            data_source_timeout: Duration::from_secs(30),
            data_source_timeout_max: Duration::from_mins(10),
            data_source_response_bytes_max: 64 << 20,
            data_source_requests_max: 64,
            query_values_max: 5_000_000,
            data_source_user_header: false,
        }
    }
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct PortalState {
    pub tables: Tables,
    pub accounts: Accounts,
    pub providers: Providers,
    pub authority: Arc<Authority>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub registry: Registry,
    pub engine: Arc<promql::Engine>,
    pub source: Arc<dyn MetricSource>,
    /// The Prometheus API of the built-in data source; takes its scope from the request's
    /// extensions.
    pub prometheus: Router,
    pub config: Arc<PortalConfig>,
    /// Admits `query.ui_max_concurrency` evaluations at once.
    pub places: Arc<Semaphore>,
    pub evaluations: Evaluations,
    /// Tells browsers that dashboards were saved.
    pub live: Live,
    /// Asks the data sources that are not in this process.
    pub sources: SourceClients,
}

impl PortalState {
    /// The data of the tenant that a user's organisation owns, under the user's label policy.
    pub(crate) fn metrics_scope(&self, user: &Identity) -> Result<Scope, Denied> {
        self.authority.scope(&Principal::User(user), Action::ReadMetrics, user.tenant.clone())
    }

    /// Writes into the audit log, and into the server's. A full disk must not turn a change that
    /// was made into one that failed, so errors end here.
    pub(crate) async fn audit(&self, entry: &NewAudit<'_>) {
        let NewAudit { actor, address, action, kind, resource, outcome, detail, .. } = *entry;
        tracing::info!(
            job = "audit",
            actor,
            address,
            action,
            kind,
            resource,
            outcome,
            detail,
            "audit"
        );
        if let Err(error) = self.tables.insert_audit(entry, self.clock.unix_ms()).await {
            tracing::error!(%error, cause = ?error, "the audit log cannot be written");
        }
    }

    /// What a visitor may do with single folders, dashboards and data sources.
    pub(crate) async fn access(&self, visitor: &Visitor) -> Result<Access, ApiError> {
        Ok(Access::load(&self.tables, &visitor.identity).await?)
    }

    /// A fresh uid: 14 letters and digits, as Grafana's.
    pub(crate) fn new_uid(&self) -> Result<String, ApiError> {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut bytes = [0_u8; 14];
        self.random.fill(&mut bytes).map_err(|error| ApiError::internal(&error))?;
        Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect())
    }

    /// Whether the engine in this process answers for a data source.
    pub(crate) fn is_own(&self, source: &DataSourceRow) -> bool {
        let source = &source.source;
        let speaks_promql = matches!(source.kind.as_str(), "prometheus" | "mimir");
        let built_in = source.uid == portal::provisioning::BUILT_IN_UID;
        built_in || (speaks_promql && is_own_url(&source.url, &self.config.own_ports))
    }
}

/// Whether an address is one of our own listeners: this machine, and one of the ports.
fn is_own_url(url: &str, ports: &[u16]) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((host, port)) = authority.rsplit_once(':') else { return false };
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0");
    scheme == "http" && loopback && port.parse().is_ok_and(|port| ports.contains(&port))
}

#[cfg(test)]
mod own_url {
    use super::is_own_url;

    #[test]
    fn only_our_own_listeners_are_ours() {
        let check = |url: &str, want: bool| assert_eq!(is_own_url(url, &[9090]), want, "{url}");
        check("http://localhost:9090", true);
        check("http://127.0.0.1:9090/", true);
        check("http://[::1]:9090/prometheus", true);
        check("http://localhost:9091", false);
        check("http://prometheus:9090", false);
        check("http://evil/http://localhost:9090", false);
        check("http://user@localhost:9090", false);
        check("https://localhost:9090", false);
        check("localhost:9090", false);
        check("", false);
    }
}
