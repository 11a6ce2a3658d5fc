//! The one configuration of the binary: what `orrery.yaml`, `ORRERY_*` and the flags can say.
//!
//! Every key has a default. Precedence: flag, `ORRERY_*`, `GF_*`, `grafana.ini`, file, default. An
//! unknown key is an error that names the nearest known one and, in a file, its line; settings of
//! Grafana that mean nothing here are told and change nothing.

mod environment;
mod features;
mod file;
mod grafana;
mod ini;
mod origins;
mod values;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use model::Tenant;
use serde::{Deserialize, Serialize};

pub(crate) use environment::apply as apply_environment;
pub(crate) use features::Feature;
pub(crate) use file::{ConfigError, read};
pub(crate) use grafana::apply as apply_grafana;
pub(crate) use origins::{Stages, origins};
pub(crate) use values::{Base2Bytes, ByteSize, Period, Selector, SourceHost, TenantName};

/// Everything that can be set. The doc comment of a field is its documentation in
/// `docs/operate/configuration.md`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) data_dir: DataDir,
    pub(crate) log: LogConfig,
    pub(crate) listen: ListenConfig,
    pub(crate) storage: StorageConfig,
    pub(crate) scrape: ScrapeConfig,
    pub(crate) query: QueryConfig,
    pub(crate) ingest: IngestConfig,
    pub(crate) limits: LimitsConfig,
    pub(crate) portal: PortalSection,
    pub(crate) tenancy: TenancyConfig,
    /// Where each setting comes from, as [`origins`] tells; no setting itself.
    #[serde(skip)]
    pub(crate) origins: serde_json::Value,
}

/// Where everything is kept. A directory of its own; one process at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DataDir(pub(crate) PathBuf);

impl Default for DataDir {
    fn default() -> Self {
        Self(PathBuf::from("data"))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Readable on a terminal, JSON lines otherwise.
    #[default]
    Auto,
    Text,
    Json,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or filters such as `info,scrape=debug`.
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Auto }
    }
}

/// One address per face; `none` switches a face off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListenConfig {
    /// Added to every port below: a second instance beside the first.
    pub(crate) port_offset: u16,
    pub(crate) portal: Address,
    pub(crate) prometheus: Address,
    pub(crate) mimir: Address,
    pub(crate) mimir_query: Address,
}

impl Default for ListenConfig {
    fn default() -> Self {
        let loopback = |port| Address(Some(SocketAddr::from(([127, 0, 0, 1], port))));
        Self {
            port_offset: 0,
            portal: loopback(3000),
            prometheus: loopback(9090),
            mimir: loopback(8080),
            mimir_query: loopback(9009),
        }
    }
}

pub(crate) use values::Address;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StorageConfig {
    /// How long samples are kept; `0s` keeps them for ever.
    pub(crate) retention: Period,
    /// Bytes of parts, log and head of all tenants; beyond it the oldest parts go. 0 = no limit.
    pub(crate) retention_bytes_max: ByteSize,
    /// Takes the place of `retention` for some tenants.
    pub(crate) retention_by_tenant: BTreeMap<TenantName, Period>,
    /// Shorter retentions for some series.
    pub(crate) retention_rules: Vec<RetentionRuleConfig>,
    /// Deletions of one tenant that are not carried out yet.
    pub(crate) tombstones_max: usize,
    /// Snapshots in the data directory.
    pub(crate) snapshots_max: usize,
    /// Longest time an acknowledged write may be lost to a power cut (never to a crash).
    pub(crate) wal_sync_window: Period,
    /// Acknowledge only what is synced to the disk: slower, loses nothing.
    pub(crate) durable_ack: bool,
    /// How much time the head collects in memory before it is written as a part.
    pub(crate) head_interval: Period,
    /// Compressed samples in memory before the head is written early.
    pub(crate) head_bytes_max: ByteSize,
    /// Series met since the head was last written before it is written early; 0 = no limit.
    pub(crate) head_new_series_max: u64,
    /// Memory of one merge of parts.
    pub(crate) merge_memory_bytes: ByteSize,
    /// Bytes that merges write per second. 0 = as fast as the disk.
    pub(crate) merge_bytes_per_second: ByteSize,
    /// Unpacked pages of parts kept in memory for reads.
    pub(crate) page_cache_bytes: ByteSize,
    pub(crate) exemplars_max: usize,
}

/// Samples of matching series are kept this long, or as long as the tenant's others where that is
/// shorter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionRuleConfig {
    pub(crate) matchers: Selector,
    pub(crate) retention: Period,
    /// Left out: every tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<TenantName>,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            retention: Period::days(15),
            retention_bytes_max: ByteSize(0),
            retention_by_tenant: BTreeMap::new(),
            retention_rules: Vec::new(),
            tombstones_max: 10_000,
            snapshots_max: 100,
            wal_sync_window: Period::millis(100),
            durable_ack: false,
            head_interval: Period::seconds(30 * 60),
            head_bytes_max: ByteSize(512 << 20),
            head_new_series_max: 250_000,
            merge_memory_bytes: ByteSize(256 << 20),
            merge_bytes_per_second: ByteSize(0),
            page_cache_bytes: ByteSize(64 << 20),
            exemplars_max: 100_000,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScrapeConfig {
    /// A `prometheus.yml`, read as Prometheus reads it.
    pub(crate) config_file: Option<PathBuf>,
    /// How often this host and Orrery itself are scraped.
    pub(crate) self_interval: Period,
    /// Collect this host's CPU, memory, disks and network.
    pub(crate) host: bool,
}

impl Default for ScrapeConfig {
    fn default() -> Self {
        Self { config_file: None, self_interval: Period::seconds(5), host: true }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct QueryConfig {
    pub(crate) timeout: Period,
    /// How far an instant selector looks back for a sample.
    pub(crate) lookback_delta: Period,
    pub(crate) max_samples: u64,
    pub(crate) max_memory_bytes: ByteSize,
    /// Finished steps of range queries that are kept for the next time; 0 keeps none.
    pub(crate) cache_max_bytes: ByteSize,
    /// What all running queries together may hold.
    pub(crate) max_total_memory_bytes: ByteSize,
    /// Queries evaluated at once; more wait, and tenants take turns.
    pub(crate) max_concurrency: usize,
    /// Queries that one tenant may have waiting; more are refused.
    pub(crate) max_outstanding_per_tenant: usize,
    /// Threads that compute for all queries together; 0 is one per core.
    pub(crate) threads: usize,
    pub(crate) points_max: usize,
    /// Prometheus' names of experimental features, as `--enable-feature` takes them.
    pub(crate) features: Vec<Feature>,
    /// Evaluations at once for all dashboards together.
    pub(crate) ui_max_concurrency: usize,
}

impl Default for QueryConfig {
    fn default() -> Self {
        Self {
            timeout: Period::seconds(120),
            lookback_delta: Period::seconds(300),
            max_samples: 50_000_000,
            max_memory_bytes: ByteSize(1 << 30),
            cache_max_bytes: ByteSize(64 << 20),
            max_total_memory_bytes: ByteSize(4 << 30),
            max_concurrency: 20,
            max_outstanding_per_tenant: 100,
            threads: 0,
            points_max: 11_000,
            features: Vec::new(),
            ui_max_concurrency: 8,
        }
    }
}

/// What one remote-write request, and one sample in it, may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IngestConfig {
    pub(crate) body_bytes_max: ByteSize,
    pub(crate) decompressed_bytes_max: ByteSize,
    pub(crate) samples_max: usize,
    pub(crate) label_count_max: u32,
    pub(crate) label_name_bytes_max: ByteSize,
    pub(crate) label_value_bytes_max: ByteSize,
    pub(crate) future_max: Period,
    /// Store a zero where a remote-write 2.0 sender says that a counter began.
    pub(crate) created_timestamp_zero: bool,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self {
            body_bytes_max: ByteSize(32 << 20),
            decompressed_bytes_max: ByteSize(128 << 20),
            samples_max: 2_000_000,
            label_count_max: 1024,
            label_name_bytes_max: ByteSize(1 << 10),
            label_value_bytes_max: ByteSize(16 << 10),
            future_max: Period::seconds(600),
            created_timestamp_zero: false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsConfig {
    pub(crate) connections_max: usize,
    pub(crate) header_timeout: Period,
    pub(crate) stop_timeout: Period,
    pub(crate) series_per_tenant_max: u64,
    pub(crate) series_max: u64,
    /// Memory of the names of series and of the indexes over them; 0 = no limit.
    pub(crate) series_bytes_per_tenant_max: ByteSize,
    pub(crate) series_bytes_max: ByteSize,
    pub(crate) portal_body_bytes_max: ByteSize,
    pub(crate) ui_panels_max: usize,
    pub(crate) ui_queries_max: usize,
    pub(crate) ui_series_max: usize,
    pub(crate) ui_points_max: u32,
    pub(crate) ui_options_max: usize,
    /// Longest time that a data source's own settings may ask for.
    pub(crate) data_source_timeout_max: Period,
    pub(crate) data_source_response_bytes_max: ByteSize,
    pub(crate) data_source_requests_max: usize,
    pub(crate) data_source_values_max: usize,
    // Of what people keep in the portal, by organisation; and of Grafana Live.
    pub(crate) annotations_max: i64,
    pub(crate) annotation_bytes_max: ByteSize,
    pub(crate) annotation_tags_max: usize,
    pub(crate) correlations_max: i64,
    pub(crate) library_elements_max: i64,
    pub(crate) library_element_bytes_max: ByteSize,
    pub(crate) snapshots_max: i64,
    pub(crate) snapshot_bytes_max: ByteSize,
    pub(crate) playlists_max: i64,
    pub(crate) playlist_items_max: usize,
    pub(crate) short_urls_max: i64,
    pub(crate) short_url_bytes_max: ByteSize,
    pub(crate) query_history_max: i64,
    pub(crate) query_history_bytes_max: ByteSize,
    pub(crate) live_connections_max: usize,
    pub(crate) live_connections_per_user_max: usize,
    pub(crate) live_message_bytes_max: ByteSize,
    pub(crate) live_subscriptions_max: usize,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections_max: 1024,
            header_timeout: Period::seconds(30),
            stop_timeout: Period::seconds(10),
            series_per_tenant_max: 5_000_000,
            series_max: 20_000_000,
            series_bytes_per_tenant_max: ByteSize(2 << 30),
            series_bytes_max: ByteSize(4 << 30),
            portal_body_bytes_max: ByteSize(4 << 20),
            ui_panels_max: 200,
            ui_queries_max: 1000,
            ui_series_max: 500,
            ui_points_max: 11_000,
            ui_options_max: 10_000,
            data_source_timeout_max: Period::seconds(600),
            data_source_response_bytes_max: ByteSize(64 << 20),
            data_source_requests_max: 64,
            data_source_values_max: 5_000_000,
            annotations_max: 200_000,
            annotation_bytes_max: ByteSize(64 << 10),
            annotation_tags_max: 100,
            correlations_max: 10_000,
            library_elements_max: 10_000,
            library_element_bytes_max: ByteSize(1 << 20),
            snapshots_max: 1000,
            snapshot_bytes_max: ByteSize(4 << 20),
            playlists_max: 1000,
            playlist_items_max: 200,
            short_urls_max: 50_000,
            short_url_bytes_max: ByteSize(8 << 10),
            query_history_max: 1000,
            query_history_bytes_max: ByteSize(64 << 10),
            live_connections_max: 1000,
            live_connections_per_user_max: 50,
            live_message_bytes_max: ByteSize(64 << 10),
            live_subscriptions_max: 128,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, one key each")]
pub(crate) struct PortalSection {
    /// A folder with Grafana's provisioning files: `dashboards/`, `datasources/`, ….
    pub(crate) provisioning: Option<PathBuf>,
    /// A `grafana.ini`; also `GF_PATHS_CONFIG`.
    pub(crate) grafana_ini: Option<PathBuf>,
    /// Where the tables are when not in the data directory: `postgres://…`. Holds a password.
    pub(crate) database_url: Secret,
    pub(crate) database_connections_max: u32,
    pub(crate) admin_user: String,
    /// Never shown by `status/config`.
    pub(crate) admin_password: Secret,
    pub(crate) admin_email: String,
    /// Create the first user at the first start.
    pub(crate) create_admin: bool,
    /// Where browsers find the portal; empty = the listen address.
    pub(crate) root_url: String,
    pub(crate) allow_sign_up: bool,
    pub(crate) allow_org_create: bool,
    /// Role of users that are created without one.
    pub(crate) new_user_role: String,
    /// Let visitors without credentials in.
    pub(crate) anonymous: bool,
    pub(crate) anonymous_org: String,
    pub(crate) anonymous_role: String,
    /// Take user and password with each request.
    pub(crate) basic_auth: bool,
    pub(crate) login_form: bool,
    /// Longest time a session may go unused.
    pub(crate) session_idle: Period,
    pub(crate) versions_to_keep: u32,
    pub(crate) changes_to_keep: u32,
    pub(crate) min_refresh_interval: Period,
    /// Plug-ins that scripts expect to be installed; they are built in or listed as such.
    pub(crate) plugins: Vec<String>,
    /// Send the session cookie over HTTPS only.
    pub(crate) cookie_secure: bool,
    pub(crate) session_lifetime: Period,
    pub(crate) default_theme: String,
    pub(crate) home_dashboard_uid: String,
    /// Hosts and networks that data sources may have beyond the usual ones.
    pub(crate) data_source_allow: Vec<SourceHost>,
    pub(crate) data_source_timeout: Period,
    /// Tell data sources the visitor's login as `X-Grafana-User`.
    pub(crate) data_source_user_header: bool,
}

impl Default for PortalSection {
    fn default() -> Self {
        Self {
            provisioning: None,
            grafana_ini: None,
            database_url: Secret::default(),
            database_connections_max: 4,
            admin_user: "admin".into(),
            admin_password: Secret("admin".into()),
            admin_email: "admin@localhost".into(),
            create_admin: true,
            root_url: String::new(),
            allow_sign_up: false,
            allow_org_create: false,
            new_user_role: "Viewer".into(),
            anonymous: false,
            anonymous_org: "Main Org.".into(),
            anonymous_role: "Viewer".into(),
            basic_auth: true,
            login_form: true,
            session_idle: Period::days(7),
            versions_to_keep: 20,
            changes_to_keep: 1_000,
            min_refresh_interval: Period::seconds(5),
            plugins: Vec::new(),
            cookie_secure: false,
            session_lifetime: Period::days(30),
            default_theme: "system".into(),
            home_dashboard_uid: "orrery-host".into(),
            data_source_allow: Vec::new(),
            data_source_timeout: Period::seconds(30),
            data_source_user_header: false,
        }
    }
}

/// Text that no answer, log line or debug print shows.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret>")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TenancyConfig {
    /// Take the tenant from `X-Scope-OrgID` or `X-Tenant-ID`; off: everything is `default`.
    pub(crate) enabled: bool,
    /// Answer `/api/v1/admin` on the Prometheus face: delete series, copy the store.
    pub(crate) admin_api: bool,
    /// Tenants whose clients may use it.
    pub(crate) admin_tenants: Vec<TenantName>,
}

impl Default for TenancyConfig {
    fn default() -> Self {
        let admin_tenants = vec![TenantName(Tenant::default())];
        Self { enabled: true, admin_api: false, admin_tenants }
    }
}

impl Config {
    /// The address a face binds, with the port offset applied.
    /// Errors: the offset leads beyond the last port.
    pub(crate) fn address(&self, face: &Address) -> Result<Option<SocketAddr>, String> {
        let Some(mut address) = face.0 else { return Ok(None) };
        let offset = self.listen.port_offset;
        if address.port() != 0 {
            let port = address.port().checked_add(offset);
            address.set_port(port.ok_or_else(|| {
                format!("port {} plus port offset {offset} is beyond 65535", address.port())
            })?);
        }
        Ok(Some(address))
    }

    /// The effective configuration as YAML, secrets replaced.
    pub(crate) fn to_public_yaml(&self) -> String {
        serde_saphyr::to_string(&self.public()).unwrap_or_default()
    }

    /// The same as a tree.
    pub(crate) fn to_public_json(&self) -> serde_json::Value {
        serde_json::to_value(self.public()).unwrap_or_default()
    }

    fn public(&self) -> Self {
        let mut public = self.clone();
        let portal = &mut public.portal;
        for secret in [&mut portal.admin_password, &mut portal.database_url] {
            if !secret.0.is_empty() {
                *secret = Secret("<secret>".into());
            }
        }
        public
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    /// One source for each fact: a key that the page does not list fails here.
    #[test]
    fn every_key_is_documented() {
        let page = include_str!("../../../../docs/operate/configuration.md");
        let tree = serde_json::to_value(Config::default()).expect("the config serialises");
        let mut stack = vec![(String::new(), &tree)];
        while let Some((path, node)) = stack.pop() {
            match node.as_object() {
                Some(children) => stack.extend(children.iter().map(|(key, child)| {
                    let dot = if path.is_empty() { "" } else { "." };
                    (format!("{path}{dot}{key}"), child)
                })),
                None => assert!(page.contains(&format!("| `{path}` |")), "{path} is undocumented"),
            }
        }
    }
}
