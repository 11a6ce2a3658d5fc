//! Opens every part of the server and connects them; closes them in the opposite order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use auth::{Authority, SessionPolicy};
use axum::Router;
use http_api::portal::{Live, LiveLimits, ObjectLimits, PortalConfig, PortalState, SourceClients};
use http_api::prometheus::{PrometheusConfig, PrometheusState, WriteGate};
use http_api::{Evaluations, QueryQueue, mimir, portal as portal_face, prometheus};
use ingest::remote_write::WriteLimits;
use metric_store::{Maintenance, MetricStore, MetricStoreConfig, PendingReplay, RetentionRule};
use model::Tenant;
use platform::Platform;
use portal::accounts::Anonymous;
use portal::provisioning::{self, Providers, Provisioner, ProvisioningConfig};
use portal::{Accounts, AccountsConfig, Database, Seal, Tables, TablesConfig};
use promql::{Engine, EngineConfig, ResultCache};
use promql_syntax::ParseOptions;
use query::{BudgetLimits, MemoryPool, MetricAdmin, MetricSink, MetricSource, TenantLimits};
use scrape::Scraper;
use telemetry::Registry;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::config::{Config, Feature, LimitsConfig, Period, RetentionRuleConfig};
use crate::serve::banner::SignIn;
use crate::serve::listeners::{Face, Listeners};
use crate::serve::pages::Pages;
use crate::serve::{query_cache, targets};

/// How often the store looks whether the head must be cut, parts merged or dropped.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(10);

/// The same as the configuration would spell it.
pub(crate) const fn maintenance_interval() -> Period {
    Period(MAINTENANCE_INTERVAL)
}

/// Everything that is open.
pub(crate) struct Running {
    pub(crate) sign_in: SignIn,
    platform: Platform,
    data_dir: PathBuf,
    store: Arc<MetricStore>,
    tables: Tables,
    scraper: Arc<Scraper>,
    prometheus: PrometheusState,
    portal: PortalState,
    ready: Arc<AtomicBool>,
    background: Vec<JoinHandle<()>>,
    maintenance: Maintenance,
    /// Fills the store's heads from its log; queries are served meanwhile.
    replay: JoinHandle<Result<(), metric_store::OpenError>>,
}

/// What several parts share.
struct Shared {
    platform: Platform,
    registry: Registry,
    authority: Arc<Authority>,
    ready: Arc<AtomicBool>,
}

pub(crate) async fn start(
    config: &Config,
    environment: &BTreeMap<String, String>,
    platform: &Platform,
    listeners: &Listeners,
) -> anyhow::Result<Running> {
    let start_ms = platform.clock.unix_ms();
    let shared = Shared {
        platform: platform.clone(),
        registry: Registry::new(),
        authority: Arc::new(authority(config)),
        ready: Arc::new(AtomicBool::new(false)),
    };
    telemetry::register_process_metrics(&shared.registry, Path::new("/proc"));
    telemetry::register_build_info(&shared.registry, env!("CARGO_PKG_VERSION"), crate::COMMIT);

    let (store, log) = open_store(config, &shared).await?;
    let cache = query_cache::new(config.query.cache_max_bytes.0, &shared.registry);
    let engine = Arc::new(engine(config, cache)?);
    let Shared { registry, authority, .. } = &shared;
    let file = targets::read_file(config.scrape.config_file.as_deref())?;
    let scraper = targets::prepare(config, &file, platform, registry, authority, &store)?;
    let scraper = Arc::new(scraper);
    let pages = Pages::new(config, &file.redacted_yaml, start_ms);
    let pages = Arc::new(pages);
    let prometheus = prometheus_state(config, &shared, &store, &engine, &scraper, &pages);

    let tables = open_tables(config, platform).await?;
    let accounts = open_accounts(config, &shared, &tables).await?;
    for plugin in config.portal.plugins.iter().filter(|id| !portal_face::has_plugin(id)) {
        tracing::warn!(plugin, "the plug-in is not built in, and nothing is downloaded");
    }
    let admin = tables.user_by_login(&config.portal.admin_user).await?;
    let sign_in = SignIn {
        user: config.portal.admin_user.clone(),
        default_password: admin.is_some_and(|admin| admin.must_change_password),
    };
    let (provisioner, providers) =
        provisioner(config, environment, &shared, (&tables, &accounts), listeners).await?;
    let portal =
        portal_state(config, &shared, &prometheus, (&tables, &accounts, providers), listeners);
    let background = vec![
        provisioner,
        targets::reload_on_hangup(config, Arc::clone(&scraper), pages, platform.clone())?,
        tokio::spawn(trim(Arc::clone(&prometheus.write_gate))),
    ];
    let maintenance = Maintenance::start(Arc::clone(&store), MAINTENANCE_INTERVAL)?;
    let replay = tokio::task::spawn_blocking(move || log.run());
    Ok(Running {
        sign_in,
        platform: shared.platform,
        data_dir: config.data_dir.0.clone(),
        store,
        tables,
        scraper,
        prometheus,
        portal,
        ready: shared.ready,
        background,
        maintenance,
        replay,
    })
}

/// Lets go of what requests have left behind, as long as the server runs.
async fn trim(writes: Arc<WriteGate>) {
    let mut rounds = tokio::time::interval(MAINTENANCE_INTERVAL);
    loop {
        rounds.tick().await;
        writes.trim();
    }
}

fn engine(config: &Config, cache: Option<Arc<ResultCache>>) -> anyhow::Result<Engine> {
    let engine = Engine::new(engine_config(config))?;
    Ok(match cache {
        Some(cache) => engine.with_cache(cache),
        None => engine,
    })
}

fn authority(config: &Config) -> Authority {
    let tenants = config.tenancy.admin_tenants.iter().filter(|_| config.tenancy.admin_api);
    let tenants = tenants.map(|name| name.0.clone());
    Authority::new(tenant_limits(config)).with_admin_tenants(tenants.collect())
}

fn engine_config(config: &Config) -> EngineConfig {
    let on = |feature| config.query.features.contains(&feature);
    EngineConfig {
        lookback_ms: config.query.lookback_delta.as_millis(),
        points_max: config.query.points_max,
        threads: config.query.threads,
        delayed_name_removal: on(Feature::DelayedNameRemoval),
        use_start_timestamps: on(Feature::UseStartTimestamps),
        parse: ParseOptions {
            experimental_functions: on(Feature::ExperimentalFunctions),
            fill_modifiers: on(Feature::BinopFillModifiers),
            unquoted_utf8_names: on(Feature::UnquotedUtf8Names),
            ..ParseOptions::default()
        },
        ..EngineConfig::default()
    }
}

fn tenant_limits(config: &Config) -> TenantLimits {
    TenantLimits {
        series_max: config.limits.series_per_tenant_max,
        series_bytes_max: config.limits.series_bytes_per_tenant_max.0,
        label_names_max: config.ingest.label_count_max,
        label_value_bytes_max: config.ingest.label_value_bytes_max.0 as u32,
        // The retention is the store's to decide, for it knows the tenant's.
        past_ms_max: i64::MAX,
        future_ms_max: config.ingest.future_max.as_millis(),
    }
}

/// Opens the parts, on a thread that may block. The log, which takes longer after a crash, is
/// handed back to be replayed while queries are served.
async fn open_store(
    config: &Config,
    shared: &Shared,
) -> anyhow::Result<(Arc<MetricStore>, PendingReplay)> {
    let by_feature = config.query.features.contains(&Feature::CreatedTimestampZero);
    let settings = MetricStoreConfig {
        retention: config.storage.retention.0,
        retention_bytes_max: config.storage.retention_bytes_max.0,
        retention_by_tenant: retention_by_tenant(config),
        retention_rules: retention_rules(config),
        tombstones_max: config.storage.tombstones_max,
        snapshots_max: config.storage.snapshots_max,
        head_interval: config.storage.head_interval.0,
        head_bytes_max: config.storage.head_bytes_max.0,
        head_new_series_max: config.storage.head_new_series_max,
        merge_memory_bytes: config.storage.merge_memory_bytes.0,
        merge_bytes_per_second: config.storage.merge_bytes_per_second.0,
        page_cache_bytes: config.storage.page_cache_bytes.0,
        series_max_total: config.limits.series_max,
        series_bytes_max_total: config.limits.series_bytes_max.0,
        exemplars_max: config.storage.exemplars_max,
        created_timestamp_zero: config.ingest.created_timestamp_zero || by_feature,
        wal: wal::WalConfig {
            sync_window: config.storage.wal_sync_window.0,
            durable_ack: config.storage.durable_ack,
            ..wal::WalConfig::default()
        },
        ..MetricStoreConfig::default()
    };
    let dir = config.data_dir.0.join("metrics");
    let (platform, registry) = (shared.platform.clone(), shared.registry.clone());
    let opened = tokio::task::spawn_blocking(move || {
        MetricStore::start(&platform, &dir, settings, &registry)
    });
    opened.await?.context("cannot open the metrics store")
}

fn retention_by_tenant(config: &Config) -> BTreeMap<Tenant, Duration> {
    let own = config.storage.retention_by_tenant.iter();
    own.map(|(name, period)| (name.0.clone(), period.0)).collect()
}

fn retention_rules(config: &Config) -> Vec<RetentionRule> {
    let rule = |rule: &RetentionRuleConfig| RetentionRule {
        tenant: rule.tenant.as_ref().map(|name| name.0.clone()),
        matchers: rule.matchers.matchers.clone(),
        retention: rule.retention.0,
    };
    config.storage.retention_rules.iter().map(rule).collect()
}

fn prometheus_state(
    config: &Config,
    shared: &Shared,
    store: &Arc<MetricStore>,
    engine: &Arc<Engine>,
    scraper: &Arc<Scraper>,
    pages: &Arc<Pages>,
) -> PrometheusState {
    let limits = WriteLimits {
        body_bytes_max: config.ingest.body_bytes_max.0 as usize,
        decompressed_bytes_max: config.ingest.decompressed_bytes_max.0 as usize,
        samples_max: config.ingest.samples_max,
        label_count_max: config.ingest.label_count_max as usize,
        label_name_bytes_max: config.ingest.label_name_bytes_max.0 as usize,
        label_value_bytes_max: config.ingest.label_value_bytes_max.0 as usize,
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    PrometheusState {
        source: Arc::clone(store) as Arc<dyn MetricSource>,
        sink: Arc::clone(store) as Arc<dyn MetricSink>,
        admin: Arc::clone(store) as Arc<dyn MetricAdmin>,
        engine: Arc::clone(engine),
        scraper: Arc::clone(scraper),
        authority: Arc::clone(&shared.authority),
        clock: Arc::clone(&shared.platform.clock),
        registry: shared.registry.clone(),
        pages: Arc::clone(pages) as _,
        write_gate: Arc::new(WriteGate::new(limits, cores, &shared.registry)),
        config: Arc::new(PrometheusConfig {
            budget: budget(config),
            tenant_headers: config.tenancy.enabled,
            admin_api: config.tenancy.admin_api,
        }),
        queries: QueryQueue::new(
            config.query.max_concurrency,
            config.query.max_outstanding_per_tenant,
        ),
        evaluations: Evaluations::new(
            &shared.registry,
            MemoryPool::new(config.query.max_total_memory_bytes.0),
        ),
        ready: Arc::clone(&shared.ready),
    }
}

fn budget(config: &Config) -> BudgetLimits {
    BudgetLimits {
        samples_max: config.query.max_samples,
        bytes_max: config.query.max_memory_bytes.0,
        timeout: config.query.timeout.0,
    }
}

/// The tables in the data directory, or where `portal.database_url` says; the key of their
/// secrets lies in the data directory either way.
async fn open_tables(config: &Config, platform: &Platform) -> anyhow::Result<Tables> {
    let dir = &config.data_dir.0;
    let url = &config.portal.database_url.0;
    let database = if url.is_empty() {
        Database::File(dir.join("portal.db"))
    } else {
        Database::Postgres(url.clone())
    };
    let settings = TablesConfig {
        connections_max: config.portal.database_connections_max.max(1),
        versions_max: i64::from(config.portal.versions_to_keep),
        changes_max: i64::from(config.portal.changes_to_keep.max(1)),
        ..TablesConfig::default()
    };
    let seal = Seal::open_or_create(&dir.join("portal.key"), Arc::clone(&platform.random))
        .context("cannot open the portal's tables")?;
    Tables::open(database, settings, seal).await.context("cannot open the portal's tables")
}

async fn open_accounts(
    config: &Config,
    shared: &Shared,
    tables: &Tables,
) -> anyhow::Result<Accounts> {
    let portal = &config.portal;
    let role = |key: &str, text: &str| {
        text.parse().map_err(|_| anyhow::anyhow!("portal.{key}: {text:?} is no role"))
    };
    let anonymous = Anonymous {
        org_name: portal.anonymous_org.clone(),
        role: role("anonymous_role", &portal.anonymous_role)?,
    };
    let settings = AccountsConfig {
        admin_user: portal.admin_user.clone(),
        admin_password: portal.admin_password.0.clone(),
        admin_email: portal.admin_email.clone(),
        create_admin: portal.create_admin,
        sessions: SessionPolicy {
            lifetime_ms_max: portal.session_lifetime.as_millis(),
            idle_ms_max: portal.session_idle.as_millis(),
            ..SessionPolicy::default()
        },
        anonymous: portal.anonymous.then_some(anonymous),
        new_user_role: role("new_user_role", &portal.new_user_role)?,
        ..AccountsConfig::default()
    };
    let (clock, random) = (Arc::clone(&shared.platform.clock), Arc::clone(&shared.platform.random));
    Accounts::open(tables.clone(), clock, random, settings)
        .await
        .context("cannot set up the first user")
}

/// How long the faces wait for the first pass: the first page of a usual start has its dashboards,
/// and thousands of files do not delay readiness.
const FIRST_PASS_WAIT: Duration = Duration::from_millis(150);

/// The first pass, and then one whenever a file changes.
async fn provisioner(
    config: &Config,
    environment: &BTreeMap<String, String>,
    shared: &Shared,
    (tables, accounts): (&Tables, &Accounts),
    listeners: &Listeners,
) -> anyhow::Result<(JoinHandle<()>, Providers)> {
    let bundled = config.data_dir.0.join("provisioning-bundled");
    let bundled = provisioning::write_bundled(&bundled, &bundled_addresses(config, listeners))
        .context("cannot write the bundled dashboards into the data directory")?;
    let settings = ProvisioningConfig {
        roots: config.portal.provisioning.iter().cloned().collect(),
        bundled: Some(bundled),
        environment: environment.clone(),
        poll_interval_max: None,
    };
    let clock = Arc::clone(&shared.platform.clock);
    let provisioner = Provisioner::new(tables.clone(), clock, settings);
    let provisioner = provisioner.with_accounts(accounts.clone());
    let providers = provisioner.providers_handle();
    let (over, first) = oneshot::channel();
    let task = tokio::spawn(provisioner.watch(over));
    if tokio::time::timeout(FIRST_PASS_WAIT, first).await.is_err() {
        tracing::info!("provisioning goes on while the server starts");
    }
    Ok((task, providers))
}

/// Addresses in the bundled data sources, and what they are on this machine.
fn bundled_addresses(config: &Config, listeners: &Listeners) -> Vec<(&'static str, String)> {
    let at = |face: Face, otherwise: u16| {
        format!("http://localhost:{}", port_of(listeners, face).unwrap_or(otherwise))
    };
    let beside = |port: u16| {
        let port = port.saturating_add(config.listen.port_offset);
        format!("http://localhost:{port}")
    };
    vec![
        ("http://localhost:9090", at(Face::Prometheus, 9090)),
        ("http://localhost:9009", at(Face::MimirQuery, 9009)),
        ("http://localhost:3100", beside(3100)),
        ("http://localhost:3200", beside(3200)),
    ]
}

/// Where browsers find the portal: as configured, or at the port that it listens on.
fn root_url(config: &Config, listeners: &Listeners) -> String {
    let given = &config.portal.root_url;
    if !given.is_empty() {
        return if given.ends_with('/') { given.clone() } else { format!("{given}/") };
    }
    format!("http://localhost:{}/", port_of(listeners, Face::Portal).unwrap_or(3000))
}

/// Where a face listens, if it does.
fn port_of(listeners: &Listeners, face: Face) -> Option<u16> {
    let bound = listeners.addresses().into_iter().find(|(bound, _)| *bound == face);
    bound.map(|(_, address)| address.port())
}

fn portal_state(
    config: &Config,
    shared: &Shared,
    prometheus: &PrometheusState,
    (tables, accounts, providers): (&Tables, &Accounts, Providers),
    listeners: &Listeners,
) -> PortalState {
    let settings = PortalConfig {
        orrery_version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: crate::COMMIT.to_owned(),
        root_url: root_url(config, listeners),
        metrics_port: port_of(listeners, Face::Prometheus),
        allow_sign_up: config.portal.allow_sign_up,
        allow_org_create: config.portal.allow_org_create,
        basic_auth: config.portal.basic_auth,
        login_form: config.portal.login_form,
        min_refresh_interval: config.portal.min_refresh_interval.to_string(),
        cookie_secure: config.portal.cookie_secure,
        cookie_lifetime: config.portal.session_lifetime.0,
        default_theme: config.portal.default_theme.clone(),
        home_dashboard_uid: config.portal.home_dashboard_uid.clone(),
        body_bytes_max: config.limits.portal_body_bytes_max.0 as usize,
        panels_max: config.limits.ui_panels_max,
        queries_max: config.limits.ui_queries_max,
        series_max: config.limits.ui_series_max,
        points_max: config.limits.ui_points_max,
        options_max: config.limits.ui_options_max,
        concurrency_max: config.query.ui_max_concurrency,
        budget: budget(config),
        scrape_interval_ms: config.scrape.self_interval.as_millis(),
        own_ports: listeners.addresses().into_iter().map(|(_, a)| a.port()).collect(),
        data_source_allow: config
            .portal
            .data_source_allow
            .iter()
            .map(|host| host.allow.clone())
            .collect(),
        data_source_timeout: config.portal.data_source_timeout.0,
        data_source_timeout_max: config.limits.data_source_timeout_max.0,
        data_source_response_bytes_max: config.limits.data_source_response_bytes_max.0,
        data_source_requests_max: config.limits.data_source_requests_max,
        query_values_max: config.limits.data_source_values_max,
        data_source_user_header: config.portal.data_source_user_header,
        objects: object_limits(&config.limits),
        effective: config.to_public_json(),
        defaults: Config::default().to_public_json(),
        origins: config.origins.clone(),
        ..PortalConfig::default()
    };
    PortalState {
        tables: tables.clone(),
        accounts: accounts.clone(),
        providers,
        random: Arc::clone(&shared.platform.random),
        authority: Arc::clone(&shared.authority),
        clock: Arc::clone(&shared.platform.clock),
        registry: shared.registry.clone(),
        engine: Arc::clone(&prometheus.engine),
        source: Arc::clone(&prometheus.source),
        prometheus: prometheus::api_router(prometheus),
        sources: SourceClients::new(&settings),
        config: Arc::new(settings),
        places: Arc::new(Semaphore::new(config.query.ui_max_concurrency)),
        evaluations: prometheus.evaluations.clone(),
        live: Live::new(&shared.registry, live_limits(&config.limits)),
    }
}

fn object_limits(limits: &LimitsConfig) -> ObjectLimits {
    ObjectLimits {
        correlations_max: limits.correlations_max,
        annotations_max: limits.annotations_max,
        annotation_bytes_max: limits.annotation_bytes_max.0 as usize,
        annotation_tags_max: limits.annotation_tags_max,
        library_elements_max: limits.library_elements_max,
        library_element_bytes_max: limits.library_element_bytes_max.0 as usize,
        snapshots_max: limits.snapshots_max,
        snapshot_bytes_max: limits.snapshot_bytes_max.0 as usize,
        playlists_max: limits.playlists_max,
        playlist_items_max: limits.playlist_items_max,
        short_urls_max: limits.short_urls_max,
        short_url_bytes_max: limits.short_url_bytes_max.0 as usize,
        query_history_max: limits.query_history_max,
        query_history_bytes_max: limits.query_history_bytes_max.0 as usize,
    }
}

fn live_limits(limits: &LimitsConfig) -> LiveLimits {
    LiveLimits {
        connections_max: limits.live_connections_max,
        connections_per_user_max: limits.live_connections_per_user_max,
        message_bytes_max: limits.live_message_bytes_max.0 as usize,
        subscriptions_max: limits.live_subscriptions_max,
        ..LiveLimits::default()
    }
}

impl Running {
    pub(crate) fn router(&self, face: Face) -> Router {
        match face {
            Face::Portal => portal_face::router(&self.portal),
            Face::Prometheus => prometheus::router(&self.prometheus),
            Face::Mimir | Face::MimirQuery => mimir::router(&self.prometheus),
        }
    }

    /// Waits until the store takes appends.
    /// Errors: the log cannot be replayed, so it never will.
    pub(crate) async fn replayed(&mut self) -> anyhow::Result<()> {
        let replayed = (&mut self.replay).await?;
        replayed.context("cannot replay the metrics log")?;
        let (cache, store, platform) =
            (self.cache(), Arc::clone(&self.store), self.platform.clone());
        let dir = self.data_dir.clone();
        let load = move || query_cache::load(cache.as_deref(), &store, &platform, &dir);
        if let Err(error) = tokio::task::spawn_blocking(load).await {
            // A cache is no reason not to start.
            tracing::error!(%error, "cannot take the saved query cache over");
        }
        Ok(())
    }

    fn cache(&self) -> Option<Arc<ResultCache>> {
        self.prometheus.engine.cache().cloned()
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// In the background: nobody has to wait for it.
    pub(crate) fn warm_up(&self) {
        let state = self.prometheus.clone();
        tokio::spawn(async move { prometheus::warm_up(&state).await });
    }

    /// The first samples are there within half a second.
    pub(crate) fn start_scraping(&self) {
        self.scraper.run();
    }

    /// Ends what clients keep open without asking anything: the faces need not wait for it.
    pub(crate) fn end_live(&self) {
        self.portal.live.stop();
    }

    /// Ends scraping and background work, then flushes and syncs the stores.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.scraper.pause().await;
        for task in &self.background {
            task.abort();
        }
        let cache = self.cache();
        let Self { store, tables, maintenance, platform, data_dir, .. } = self;
        tokio::task::spawn_blocking(move || {
            maintenance.stop();
            store.shutdown()?;
            if let Some(cache) = cache {
                query_cache::save(&cache, &store, &platform, &data_dir);
            }
            Ok::<_, metric_store::MaintainError>(())
        })
        .await?
        .context("cannot flush the metrics store")?;
        tables.close().await;
        Ok(())
    }
}
