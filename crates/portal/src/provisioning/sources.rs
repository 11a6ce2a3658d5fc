//! Grafana's data source files: sources to save, and names to delete.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::yaml::{Environment, Fields, YamlError, parse};
use crate::tables::{NewDataSource, SecureJsonData};

/// What a file asks for.
#[derive(Debug, Default)]
pub(super) struct SourceFile {
    pub(super) sources: Vec<Result<SourceEntry, YamlError>>,
    /// Organisation and name.
    pub(super) deletions: Vec<(i64, String)>,
    /// Delete what this file provided before and no longer does.
    pub(super) prune: bool,
}

/// One data source of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourceEntry {
    pub(super) org: i64,
    /// 0 = none is named; otherwise what is stored at a later version stays.
    pub(super) version: i64,
    pub(super) source: NewDataSource,
    pub(super) correlations: Vec<CorrelationEntry>,
}

/// A link from a field of the source's answers to a query of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CorrelationEntry {
    pub(super) target_uid: String,
    pub(super) label: String,
    pub(super) description: String,
    /// `query` or `external`.
    pub(super) kind: String,
    /// A JSON object.
    pub(super) config: String,
}

/// Reads a file of either format version: 1 has camel case, 0 snake case.
pub(super) fn read(
    text: &str,
    environment: &Environment,
    file: &str,
) -> Result<SourceFile, YamlError> {
    let tree = parse(text, environment)?;
    let Some(fields) = Fields::of(&tree) else { return Ok(SourceFile::default()) };
    let deletions = fields.list(&["deleteDatasources", "delete_datasources"]);
    let mut sources: Vec<_> =
        fields.list(&["datasources"]).map(|entry| source(entry, file)).collect();
    // Grafana refuses a second default; we keep the first and the rest of the file.
    let mut with_default = Vec::new();
    for entry in sources.iter_mut().flatten().filter(|entry| entry.source.is_default) {
        entry.source.is_default = !with_default.contains(&entry.org);
        with_default.push(entry.org);
    }
    Ok(SourceFile {
        sources,
        deletions: deletions.map(|entry| (entry.org(), entry.text(&["name"]))).collect(),
        prune: fields.flag(&["prune"]),
    })
}

fn source(entry: Fields<'_>, file: &str) -> Result<SourceEntry, YamlError> {
    let name = entry.required(&["name"])?;
    let uid = entry.text(&["uid"]);
    let access = entry.text(&["access"]);
    let json_data = entry.value(&["jsonData", "json_data"]).filter(|value| value.is_object());
    let secure = entry.value(&["secureJsonData", "secure_json_data"]).and_then(Fields::of);
    let mut secure_json_data = SecureJsonData::default();
    for (name, value) in secure.into_iter().flat_map(Fields::texts) {
        secure_json_data.set(name, value);
    }
    // Before version 1 of the format these two stood in the open.
    for name in ["password", "basicAuthPassword"] {
        let value = entry.text(&[name]);
        if !value.is_empty() && secure_json_data.get(name).is_none() {
            secure_json_data.set(name, value);
        }
    }
    let source = NewDataSource {
        uid: if uid.is_empty() { uid_of_name(&name) } else { uid },
        name,
        kind: entry.required(&["type"])?,
        url: entry.text(&["url"]),
        access: if access == "direct" { access } else { "proxy".to_owned() },
        is_default: entry.flag(&["isDefault", "is_default"]),
        user: entry.text(&["user"]),
        database: entry.text(&["database"]),
        basic_auth: entry.flag(&["basicAuth", "basic_auth"]),
        basic_auth_user: entry.text(&["basicAuthUser", "basic_auth_user"]),
        with_credentials: entry.flag(&["withCredentials", "with_credentials"]),
        json_data: json_data.map_or_else(|| "{}".to_owned(), Value::to_string),
        secure_json_data,
        read_only: !entry.flag(&["editable"]),
        provisioned_from: file.to_owned(),
    };
    let correlations = entry.list(&["correlations"]).map(correlation);
    Ok(SourceEntry {
        org: entry.org(),
        version: entry.integer(&["version"]).unwrap_or(0).max(0),
        source,
        correlations: correlations.collect::<Result<_, _>>()?,
    })
}

fn correlation(entry: Fields<'_>) -> Result<CorrelationEntry, YamlError> {
    let config = entry.value(&["config"]).filter(|config| config.is_object());
    let mut config = config.cloned().unwrap_or_else(|| json!({}));
    // The kind has moved out of the config in newer files.
    let inner = config.as_object_mut().and_then(|config| config.remove("type"));
    let inner = inner.as_ref().and_then(Value::as_str).unwrap_or_default();
    let outer = entry.text(&["type"]);
    let kind = if outer.is_empty() { inner } else { &outer };
    let kind = if kind == "external" { "external" } else { "query" };
    let target_uid = entry.text(&["targetUID", "target_uid"]);
    if target_uid.is_empty() && kind == "query" {
        return Err(YamlError::Missing("targetUID of a correlation".to_owned()));
    }
    Ok(CorrelationEntry {
        target_uid,
        label: entry.text(&["label"]),
        description: entry.text(&["description"]),
        kind: kind.to_owned(),
        config: config.to_string(),
    })
}

/// Makes uids of sources that are replaced by others lead to those.
pub(super) fn redirect(json_data: &str, from: &str, to: &str) -> String {
    fn walk(value: &mut Value, from: &str, to: &str) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field {
                        Value::String(uid) if name == "datasourceUid" && uid == from => {
                            to.clone_into(uid);
                        }
                        _ => walk(field, from, to),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, from, to)),
            _ => {}
        }
    }
    match serde_json::from_str::<Value>(json_data) {
        Ok(mut value) => {
            walk(&mut value, from, to);
            value.to_string()
        }
        Err(_) => json_data.to_owned(),
    }
}

/// The uid Grafana gives a provisioned source without one: dashboards in the wild point to
/// `PBFA97CFB590B2093` and mean the source named "Prometheus".
fn uid_of_name(name: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(name.as_bytes()).iter().take(8).fold("P".to_owned(), |mut uid, byte| {
        // Writing to a string cannot fail.
        write!(uid, "{byte:02X}").expect("strings grow");
        uid
    })
}

#[cfg(test)]
mod tests {
    use super::{Environment, read, redirect, uid_of_name};

    #[test]
    fn a_source_without_uid_gets_grafanas() {
        assert_eq!(uid_of_name("Prometheus"), "PBFA97CFB590B2093");
    }

    #[test]
    fn both_versions_of_the_format_are_read_and_secrets_stay_out() {
        let text = "apiVersion: 1
datasources:
- {name: A, type: prometheus, url: '${URL}', isDefault: true, secureJsonData: {token: hush}, jsonData: {timeInterval: 5s}}
- {name: B, type: loki, is_default: true, json_data: {x: $$y}, editable: true, uid: b}
- {type: loki}
deleteDatasources:
- {name: Old, orgId: 1}
prune: true
";
        let environment = Environment::from([("URL".to_owned(), "http://p:9090".to_owned())]);
        let file = read(text, &environment, "f.yaml").unwrap();
        let a = &file.sources[0].as_ref().unwrap().source;
        assert_eq!(
            (a.url.as_str(), a.access.as_str(), a.read_only),
            ("http://p:9090", "proxy", true)
        );
        assert_eq!(a.secure_json_data.get("token"), Some("hush"));
        assert!(!format!("{a:?}").contains("hush"));
        let b = &file.sources[1].as_ref().unwrap().source;
        assert_eq!((b.uid.as_str(), b.json_data.as_str()), ("b", r#"{"x":"$y"}"#));
        assert!(a.is_default && !b.is_default && !b.read_only);
        assert!(file.sources[2].is_err());
        assert_eq!(file.deletions, [(1, "Old".to_owned())]);
        assert!(file.prune);
    }

    #[test]
    fn organisations_versions_and_correlations_are_read() {
        let text = "datasources:
- {name: A, type: loki, orgId: 2, version: 7, isDefault: true, correlations: [{targetUID: t, label: l, config: {type: query, field: f}}]}
- {name: B, type: loki, isDefault: true, correlations: [{type: external, config: {target: {url: u}}}]}
- {name: C, type: loki, correlations: [{label: x}]}
";
        let file = read(text, &Environment::new(), "f.yaml").unwrap();
        let a = file.sources[0].as_ref().unwrap();
        assert_eq!((a.org, a.version, a.source.is_default), (2, 7, true));
        let link = &a.correlations[0];
        assert_eq!((link.kind.as_str(), link.config.as_str()), ("query", r#"{"field":"f"}"#));
        let b = file.sources[1].as_ref().unwrap();
        assert!(b.org == 1 && b.source.is_default, "each organisation has its default");
        assert_eq!(b.correlations[0].kind, "external");
        assert!(file.sources[2].as_ref().unwrap_err().to_string().contains("targetUID"));
    }

    #[test]
    fn links_follow_a_replaced_source() {
        let links = r#"{"a":[{"datasourceUid":"tempo"}],"b":{"datasourceUid":"loki"}}"#;
        let want = r#"{"a":[{"datasourceUid":"T"}],"b":{"datasourceUid":"loki"}}"#;
        assert_eq!(redirect(links, "tempo", "T"), want);
    }
}
