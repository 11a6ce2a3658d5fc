//! What `/api/v1/status/*` tells about this process.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use http_api::prometheus::StatusPages;
use parking_lot::Mutex;

use crate::config::{ByteSize, Config};

/// Filled at start; only the outcome of reloads changes.
pub(crate) struct Pages {
    config: Config,
    start_ms: i64,
    working_directory: String,
    /// The scrape configuration in force, without secrets; empty when there is no file.
    scrape_yaml: Mutex<String>,
    reload_succeeded: AtomicBool,
    reload_ms: AtomicI64,
}

impl Pages {
    pub(crate) fn new(config: &Config, scrape_yaml: &str, start_ms: i64) -> Self {
        let working_directory =
            std::env::current_dir().map(|dir| dir.display().to_string()).unwrap_or_default();
        Self {
            config: config.clone(),
            start_ms,
            working_directory,
            scrape_yaml: Mutex::new(scrape_yaml.to_owned()),
            reload_succeeded: AtomicBool::new(true),
            reload_ms: AtomicI64::new(start_ms),
        }
    }

    /// Remembers how a load of the scrape configuration went: its text, or `None` when refused.
    pub(crate) fn note_reload(&self, loaded: Option<String>, t_ms: i64) {
        self.reload_succeeded.store(loaded.is_some(), Ordering::Relaxed);
        if let Some(yaml) = loaded {
            *self.scrape_yaml.lock() = yaml;
        }
        self.reload_ms.store(t_ms, Ordering::Relaxed);
    }
}

impl StatusPages for Pages {
    /// The scrape configuration where there is one, as Prometheus answers; else our own.
    fn config_yaml(&self) -> String {
        let scrape = self.scrape_yaml.lock().clone();
        if scrape.is_empty() { self.config.to_public_yaml() } else { scrape }
    }

    /// The keys of the configuration under their dotted names, and the names Prometheus' clients
    /// look for.
    fn flags(&self) -> Vec<(String, String)> {
        let config = &self.config;
        let prometheus_names = [
            (
                "config.file",
                config
                    .scrape
                    .config_file
                    .as_ref()
                    .map(|p| p.display().to_string())
                    .unwrap_or_default(),
            ),
            (
                "enable-feature",
                config.query.features.iter().map(|f| f.name()).collect::<Vec<_>>().join(","),
            ),
            ("query.lookback-delta", config.query.lookback_delta.to_string()),
            ("query.max-concurrency", config.query.max_concurrency.to_string()),
            ("query.max-samples", config.query.max_samples.to_string()),
            ("query.timeout", config.query.timeout.to_string()),
            ("storage.tsdb.path", config.data_dir.0.display().to_string()),
            ("storage.tsdb.retention.size", size_of_flag(config.storage.retention_bytes_max)),
            ("storage.tsdb.retention.time", config.storage.retention.to_string()),
            ("web.enable-admin-api", config.tenancy.admin_api.to_string()),
            ("web.enable-remote-write-receiver", "true".to_owned()),
            ("web.listen-address", config.listen.prometheus.to_string()),
            ("log.level", config.log.level.clone()),
        ];
        prometheus_names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn start_ms(&self) -> i64 {
        self.start_ms
    }

    fn retention(&self) -> String {
        let storage = &self.config.storage;
        let time = (!storage.retention.0.is_zero()).then(|| storage.retention.to_string());
        let size = storage.retention_bytes_max;
        let size = (size.0 > 0).then(|| size_of_flag(size));
        time.into_iter().chain(size).collect::<Vec<_>>().join(" or ")
    }

    fn mimir_yaml(&self) -> String {
        super::mimir_config::to_yaml(&self.config)
    }

    fn last_reload(&self) -> (bool, i64) {
        (self.reload_succeeded.load(Ordering::Relaxed), self.reload_ms.load(Ordering::Relaxed))
    }

    fn working_directory(&self) -> String {
        self.working_directory.clone()
    }

    fn commit(&self) -> &str {
        crate::COMMIT
    }
}

/// A size as Prometheus prints its flags: always with a unit.
fn size_of_flag(size: ByteSize) -> String {
    let text = size.to_string();
    if text.ends_with('B') { text } else { format!("{text}B") }
}
