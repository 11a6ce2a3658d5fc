//! Grafana's data source files: sources to save, and names to delete.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::yaml::{Environment, Fields, YamlError, parse};
use crate::tables::{NewDataSource, SecureJsonData};

/// What a file asks for.
#[derive(Debug, Default)]
pub(super) struct SourceFile {
    pub(super) sources: Vec<Result<NewDataSource, YamlError>>,
    /// Names.
    pub(super) deletions: Vec<String>,
    /// Delete what this file provided before and no longer does.
    pub(super) prune: bool,
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
    let mut defaults = 0;
    for source in sources.iter_mut().flatten().filter(|source| source.is_default) {
        defaults += 1;
        source.is_default = defaults == 1;
    }
    Ok(SourceFile {
        sources,
        deletions: deletions.map(|entry| entry.text(&["name"])).collect(),
        prune: fields.flag(&["prune"]),
    })
}

fn source(entry: Fields<'_>, file: &str) -> Result<NewDataSource, YamlError> {
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
    Ok(NewDataSource {
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
    })
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
    use super::{Environment, read, uid_of_name};

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
        let a = file.sources[0].as_ref().unwrap();
        assert_eq!(
            (a.url.as_str(), a.access.as_str(), a.read_only),
            ("http://p:9090", "proxy", true)
        );
        assert_eq!(a.secure_json_data.get("token"), Some("hush"));
        assert!(!format!("{a:?}").contains("hush"));
        let b = file.sources[1].as_ref().unwrap();
        assert_eq!((b.uid.as_str(), b.json_data.as_str()), ("b", r#"{"x":"$y"}"#));
        assert!(a.is_default && !b.is_default && !b.read_only);
        assert!(file.sources[2].is_err());
        assert_eq!(file.deletions, ["Old"]);
        assert!(file.prune);
    }
}
