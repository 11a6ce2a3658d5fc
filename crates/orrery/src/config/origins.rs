//! Where each setting in force comes from: the default, the file, Grafana's settings, the
//! environment, or a flag.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::Config;
use super::environment::variable_of;

/// The configuration as it grew, and what it grew from.
pub(crate) struct Stages<'a> {
    /// The file and its text, when there is one.
    pub(crate) file: Option<(&'a Path, &'a str)>,
    pub(crate) after_file: &'a Config,
    /// Where Grafana's settings were read; empty when there is no `grafana.ini`.
    pub(crate) grafana_ini: String,
    pub(crate) after_grafana: &'a Config,
    pub(crate) environment: &'a BTreeMap<String, String>,
    pub(crate) after_environment: &'a Config,
    pub(crate) in_force: &'a Config,
}

/// By a setting's path with dots: `{"source": "default|file|grafana|environment|flag", "name": …}`,
/// where `name` is the file or the variable. A file or a variable counts even where it says what
/// holds anyway; Grafana's settings and flags only where they change something.
pub(crate) fn origins(stages: &Stages<'_>) -> Value {
    let tree = |config: &Config| serde_json::to_value(config).unwrap_or_default();
    let (after_file, after_grafana) = (tree(stages.after_file), tree(stages.after_grafana));
    let (after_environment, in_force) = (tree(stages.after_environment), tree(stages.in_force));
    let written: Value =
        stages.file.and_then(|(_, text)| serde_saphyr::from_str(text).ok()).unwrap_or_default();
    let mut out = serde_json::Map::new();
    let mut stack = vec![(String::new(), &in_force)];
    while let Some((path, node)) = stack.pop() {
        if let Value::Object(children) = node
            && !children.is_empty()
        {
            // Nothing to escape: keys are names of settings and of tenants, without `/` and `~`.
            stack.extend(children.iter().map(|(key, child)| (format!("{path}/{key}"), child)));
            continue;
        }
        let differs = |a: &Value, b: &Value| a.pointer(&path) != b.pointer(&path);
        let variable = variable_of(&path);
        let origin = if differs(&after_environment, &in_force) {
            json!({ "source": "flag", "name": "" })
        } else if stages.environment.contains_key(&variable) {
            json!({ "source": "environment", "name": variable })
        } else if differs(&after_file, &after_grafana) {
            json!({ "source": "grafana", "name": stages.grafana_ini })
        } else if let Some((file, _)) = stages.file
            && written.pointer(&path).is_some()
        {
            json!({ "source": "file", "name": file.display().to_string() })
        } else {
            json!({ "source": "default", "name": "" })
        };
        out.insert(path.trim_start_matches('/').replace('/', "."), origin);
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::{Stages, origins};
    use crate::config::file::parse;
    use crate::config::{Config, Period, apply_environment};

    #[test]
    fn the_last_that_set_it_is_named() {
        let text =
            "storage:\n  retention: 15d\nquery:\n  max_samples: 7\nportal:\n  anonymous: true\n";
        let file = parse(text).unwrap();
        let mut grafana = file.clone();
        grafana.portal.admin_user = "root".to_owned();
        let variables: BTreeMap<String, String> =
            [("ORRERY_QUERY_MAX_SAMPLES".to_owned(), "8".to_owned())].into();
        let environment = apply_environment(&grafana, &variables).unwrap();
        let mut in_force = environment.clone();
        in_force.query.timeout = Period::seconds(1);
        let found = origins(&Stages {
            file: Some((Path::new("orrery.yaml"), text)),
            after_file: &file,
            grafana_ini: "grafana.ini".to_owned(),
            after_grafana: &grafana,
            environment: &variables,
            after_environment: &environment,
            in_force: &in_force,
        });
        let check = |key: &str, source: &str, name: &str| {
            assert_eq!(
                (&found[key]["source"], &found[key]["name"]),
                (&source.into(), &name.into()),
                "{key}"
            );
        };
        check("storage.retention", "file", "orrery.yaml");
        check("query.max_samples", "environment", "ORRERY_QUERY_MAX_SAMPLES");
        check("query.timeout", "flag", "");
        check("portal.admin_user", "grafana", "grafana.ini");
        check("portal.anonymous", "file", "orrery.yaml");
        check("query.threads", "default", "");
        check("data_dir", "default", "");
        check("storage.retention_by_tenant", "default", "");
    }

    #[test]
    fn without_a_file_all_is_default() {
        let config = Config::default();
        let found = origins(&Stages {
            file: None,
            after_file: &config,
            grafana_ini: String::new(),
            after_grafana: &config,
            environment: &BTreeMap::new(),
            after_environment: &config,
            in_force: &config,
        });
        assert!(found.as_object().unwrap().values().all(|origin| origin["source"] == "default"));
    }
}
