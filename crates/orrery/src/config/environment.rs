//! `ORRERY_*`: every key of the configuration by its path, `query.max_samples` as
//! `ORRERY_QUERY_MAX_SAMPLES`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::file::nearest;
use super::{Config, ConfigError};

/// Names that belong to flags or to the launcher, not to a key of the file.
const RESERVED: [&str; 2] = ["ORRERY_CONFIG", "ORRERY_LOG"];

/// The config with the environment's values laid over it.
pub(crate) fn apply(
    config: &Config,
    variables: &BTreeMap<String, String>,
) -> Result<Config, ConfigError> {
    let mut tree =
        serde_json::to_value(config).map_err(|e| ConfigError::Environment(e.to_string()))?;
    let paths = leaf_paths(&tree);
    for (name, text) in variables {
        if RESERVED.contains(&name.as_str()) || !name.starts_with("ORRERY_") {
            continue;
        }
        let Some(path) = paths.get(name) else {
            let near = nearest(name, paths.keys().map(String::as_str));
            let hint = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            return Err(ConfigError::Environment(format!("unknown variable {name}{hint}")));
        };
        if let Some(slot) = tree.pointer_mut(path) {
            *slot = typed(slot, text);
        }
    }
    serde_json::from_value(tree).map_err(|error| ConfigError::Environment(error.to_string()))
}

/// `/a/b` → `ORRERY_A_B`
pub(super) fn variable_of(path: &str) -> String {
    format!("ORRERY{}", path.replace('/', "_").to_uppercase())
}

/// `ORRERY_A_B` → `/a/b` for every leaf.
fn leaf_paths(tree: &Value) -> BTreeMap<String, String> {
    let mut paths = BTreeMap::new();
    let mut stack = vec![(String::new(), tree)];
    while let Some((path, node)) = stack.pop() {
        match node {
            Value::Object(children) => {
                stack.extend(children.iter().map(|(key, child)| (format!("{path}/{key}"), child)));
            }
            _ => {
                paths.insert(variable_of(&path), path);
            }
        }
    }
    paths
}

/// The text as the kind of value the key has now; a misfit is refused by the typed config.
fn typed(now: &Value, text: &str) -> Value {
    match now {
        Value::Bool(_) => match text {
            "true" | "1" => Value::Bool(true),
            "false" | "0" => Value::Bool(false),
            _ => Value::String(text.to_owned()),
        },
        // A list of names is set by commas; one of tables as JSON.
        Value::Array(_) => serde_json::from_str(text).unwrap_or_else(|_| {
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
        }),
        Value::Number(_) => text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from),
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::apply;
    use crate::config::{Config, Period};

    fn with(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let variables = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        apply(&Config::default(), &variables).map_err(|e| e.to_string())
    }

    #[test]
    fn every_key_has_a_variable() {
        let config = with(&[
            ("ORRERY_DATA_DIR", "elsewhere"),
            ("ORRERY_STORAGE_DURABLE_ACK", "true"),
            ("ORRERY_STORAGE_RETENTION", "3d"),
            ("ORRERY_QUERY_MAX_SAMPLES", "7"),
            ("ORRERY_LISTEN_MIMIR", "none"),
            ("ORRERY_TENANCY_ADMIN_TENANTS", "ops, dev"),
            (
                "ORRERY_STORAGE_RETENTION_RULES",
                r#"[{"matchers": "{job=\"a\"}", "retention": "1d"}]"#,
            ),
            ("ORRERY_SCRAPE_CONFIG_FILE", "prometheus.yml"),
            ("ORRERY_PORTAL_ADMIN_USER", "root"),
            ("HOME", "ignored"),
        ])
        .unwrap();
        assert_eq!(config.data_dir.0.to_str(), Some("elsewhere"));
        assert!(config.storage.durable_ack);
        assert_eq!(config.storage.retention, Period::days(3));
        assert_eq!(config.query.max_samples, 7);
        assert_eq!(config.listen.mimir.0, None);
        let names: Vec<String> =
            config.tenancy.admin_tenants.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["ops", "dev"]);
        assert_eq!(config.storage.retention_rules[0].retention, Period::days(1));
        assert_eq!(config.scrape.config_file.unwrap().to_str(), Some("prometheus.yml"));
        assert_eq!(config.portal.admin_user, "root");
    }

    #[test]
    fn a_misspelt_variable_or_a_wrong_value_is_refused() {
        let check = |name: &str, value: &str, want: &str| {
            let error = with(&[(name, value)]).unwrap_err();
            assert!(error.contains(want), "{error:?} does not contain {want:?}");
        };
        check("ORRERY_STORAGE_RETENSION", "3d", "did you mean ORRERY_STORAGE_RETENTION");
        check("ORRERY_QUERY_MAX_SAMPLES", "many", "invalid type");
        check("ORRERY_STORAGE_RETENTION", "soon", "no duration");
    }
}
