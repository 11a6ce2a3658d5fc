//! The effective configuration in the words of Mimir's `/config`, for tools that look there.
//!
//! Only what has a counterpart here is shown; every value is the one in force.

use serde_json::{Map, Value, json};

use crate::config::Config;

/// Mimir's YAML, sections in alphabetical order.
pub(crate) fn to_yaml(config: &Config) -> String {
    let storage = &config.storage;
    let dir = config.data_dir.0.join("metrics").display().to_string();
    let port = config.listen.mimir.0.map(|address| address.port());
    let tree = json!({
        "target": "all",
        "multitenancy_enabled": config.tenancy.enabled,
        "server": {
            "http_listen_port": port.map(|port| port.saturating_add(config.listen.port_offset)),
            "log_level": config.log.level,
        },
        "blocks_storage": {
            "backend": "filesystem",
            "filesystem": {"dir": dir},
            "tsdb": {"dir": dir, "block_ranges_period": [storage.head_interval.to_string()]},
        },
        "compactor": {
            "data_dir": dir,
            "compaction_interval": super::wiring::maintenance_interval().to_string(),
        },
        "limits": {
            "compactor_blocks_retention_period": storage.retention.to_string(),
            "creation_grace_period": config.ingest.future_max.to_string(),
            "max_global_exemplars_per_user": storage.exemplars_max,
            "max_global_series_per_user": config.limits.series_per_tenant_max,
            "max_label_name_length": config.ingest.label_name_bytes_max.0,
            "max_label_names_per_series": config.ingest.label_count_max,
            "max_label_value_length": config.ingest.label_value_bytes_max.0,
        },
        "overrides": overrides(config),
        "querier": {
            "max_concurrent": config.query.max_concurrency,
            "timeout": config.query.timeout.to_string(),
        },
    });
    serde_saphyr::to_string(&tree).unwrap_or_default()
}

/// What Mimir has in its runtime configuration.
fn overrides(config: &Config) -> Value {
    let own = config.storage.retention_by_tenant.iter();
    let own = own.map(|(tenant, retention)| {
        let limits = json!({"compactor_blocks_retention_period": retention.to_string()});
        (tenant.to_string(), limits)
    });
    Value::Object(own.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::to_yaml;
    use crate::config::{Config, Period};

    #[test]
    fn shows_the_compactor_and_each_tenants_retention() {
        let mut config = Config::default();
        config.storage.retention_by_tenant = [("a".parse().unwrap(), Period::days(30))].into();
        let yaml = to_yaml(&config);
        let has = |line: &str| yaml.lines().any(|own| own == line);
        assert!(has("compactor:"), "{yaml}");
        assert!(has("  compactor_blocks_retention_period: 15d"), "{yaml}");
        assert!(has("    compactor_blocks_retention_period: 30d"), "{yaml}");
    }
}
