//! Which data source a panel, query or variable means: by uid, by name, by the input of an
//! exported dashboard, by type, or the default.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

/// A reference to a data source; `uid` may be a `${variable}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DsRef {
    #[serde(rename = "type")]
    pub kind: String,
    pub uid: String,
}

/// A data source of this server.
#[derive(Clone, Debug)]
pub struct KnownSource {
    pub uid: String,
    pub name: String,
    /// Plug-in id: `prometheus`, `loki`, …
    pub kind: String,
    pub is_default: bool,
}

/// The data sources that references are resolved against.
#[derive(Clone, Debug, Default)]
pub struct KnownSources(Vec<KnownSource>);

impl KnownSources {
    #[must_use]
    pub fn new(sources: Vec<KnownSource>) -> Self {
        Self(sources)
    }

    fn default_source(&self) -> Option<DsRef> {
        self.0.iter().find(|source| source.is_default).map(reference)
    }

    /// The default when it is of the type, else the first of the type.
    fn of_kind(&self, kind: &str) -> Option<DsRef> {
        let mut of_kind = self.0.iter().filter(|source| source.kind == kind);
        let first = of_kind.clone().next();
        of_kind.find(|source| source.is_default).or(first).map(reference)
    }

    fn named(&self, name: &str) -> Option<DsRef> {
        let by_uid = self.0.iter().find(|source| source.uid == name);
        by_uid.or_else(|| self.0.iter().find(|source| source.name == name)).map(reference)
    }

    /// Names and uids of a type's sources whose name passes.
    pub(super) fn choices(
        &self,
        kind: &str,
        passes: impl Fn(&str) -> bool,
    ) -> Vec<(String, String)> {
        let of_kind = self.0.iter().filter(|source| source.kind == kind && passes(&source.name));
        of_kind.map(|source| (source.name.clone(), source.uid.clone())).collect()
    }
}

fn reference(source: &KnownSource) -> DsRef {
    DsRef { kind: source.kind.clone(), uid: source.uid.clone() }
}

/// Sources with a meaning inside Grafana; no server stands behind them.
const INTERNAL: [(&str, &str); 4] = [
    ("-- Grafana --", "grafana"),
    ("grafana", "grafana"),
    ("-- Mixed --", "-- Mixed --"),
    ("-- Dashboard --", "-- Dashboard --"),
];

/// The source of server-side expressions, both its type and its uid: it is nowhere and never
/// missing.
const EXPRESSIONS: &str = "__expr__";

/// Whether a reference, by name or by type and uid, means the source of expressions.
pub(super) fn is_expressions(reference: &Value) -> bool {
    let is = |value: Option<&Value>| value.and_then(Value::as_str) == Some(EXPRESSIONS);
    is(Some(reference)) || is(reference.get("uid")) || is(reference.get("type"))
}

/// Notices of one dashboard that are kept.
const NOTICES_MAX: usize = 50;

/// Resolves references of one dashboard.
pub(super) struct Resolver<'a> {
    known: &'a KnownSources,
    /// `DS_PROMETHEUS` → `prometheus`, from `__inputs`.
    inputs: HashMap<&'a str, &'a str>,
    /// Data source variables: name → plug-in id.
    variables: HashMap<&'a str, &'a str>,
    notices: RefCell<Vec<String>>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(dashboard: &'a Value, known: &'a KnownSources) -> Self {
        let list = |value: Option<&'a Value>| value.and_then(Value::as_array).into_iter().flatten();
        let text = |value: &'a Value, key: &str| value.get(key).and_then(Value::as_str);
        let inputs = list(dashboard.get("__inputs"));
        let variables = list(dashboard.get("templating").and_then(|t| t.get("list")));
        Self {
            known,
            inputs: inputs
                .filter_map(|input| Some((text(input, "name")?, text(input, "pluginId")?)))
                .collect(),
            variables: variables
                .filter(|variable| text(variable, "type") == Some("datasource"))
                .filter_map(|variable| Some((text(variable, "name")?, text(variable, "query")?)))
                .collect(),
            notices: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn known(&self) -> &'a KnownSources {
        self.known
    }

    pub(super) fn into_notices(self) -> Vec<String> {
        self.notices.into_inner()
    }

    /// A reference in any of its forms: absent, a name, or an object.
    pub(super) fn resolve(&self, value: Option<&Value>) -> Option<DsRef> {
        match value {
            Some(Value::String(name)) => self.by_name(name, ""),
            Some(Value::Object(fields)) => {
                let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default();
                self.by_name(text("uid"), text("type"))
            }
            _ => self.known.default_source(),
        }
    }

    fn by_name(&self, name: &str, kind: &str) -> Option<DsRef> {
        if let Some((_, uid)) = INTERNAL.iter().find(|(known, _)| *known == name) {
            return Some(DsRef { kind: "datasource".to_owned(), uid: (*uid).to_owned() });
        }
        if [name, kind].contains(&EXPRESSIONS) {
            return Some(unresolved(EXPRESSIONS, EXPRESSIONS));
        }
        if let Some(variable) = variable_name(name) {
            return self.by_variable(name, variable, kind);
        }
        if name.is_empty() || name == "default" {
            return if kind.is_empty() {
                self.known.default_source()
            } else {
                self.known.of_kind(kind).or_else(|| Some(unresolved(kind, name)))
            };
        }
        if let Some(found) = self.known.named(name)
            && (kind.is_empty() || found.kind == kind)
        {
            return Some(found);
        }
        // Dashboards made elsewhere name sources of that place: the same type will do. Old ones
        // have nothing but a name, which often is the type's.
        let guess = if kind.is_empty() { name.to_lowercase() } else { kind.to_owned() };
        if let Some(same) = self.known.of_kind(&guess) {
            self.notice(format!(
                "data source {name:?} is not here, {:?} of the same type is used",
                same.uid
            ));
            return Some(same);
        }
        if kind.is_empty() && !FOREIGN_KINDS.iter().any(|foreign| guess.contains(foreign)) {
            self.notice(format!("data source {name:?} is not here, the default is used"));
            return self.known.default_source();
        }
        self.notice(format!("data source {name:?} is not here"));
        Some(unresolved(kind, name))
    }

    fn by_variable(&self, written: &str, variable: &str, kind: &str) -> Option<DsRef> {
        if let Some(input) = self.inputs.get(variable) {
            return self.known.of_kind(input).or_else(|| Some(unresolved(input, written)));
        }
        let kind_of_variable = self.variables.get(variable).copied();
        if kind_of_variable.is_none() && variable.starts_with("DS_") {
            // The input of an export whose list of inputs has been cut off.
            let fallback = || self.known.default_source();
            return if kind.is_empty() { fallback() } else { self.known.of_kind(kind) };
        }
        let kind = if kind.is_empty() { kind_of_variable.unwrap_or_default() } else { kind };
        Some(DsRef { kind: kind.to_owned(), uid: format!("${{{variable}}}") })
    }

    fn notice(&self, notice: String) {
        let mut notices = self.notices.borrow_mut();
        if notices.len() < NOTICES_MAX && !notices.contains(&notice) {
            notices.push(notice);
        }
    }
}

/// Types that are no Prometheus, found in names of sources.
const FOREIGN_KINDS: [&str; 8] =
    ["loki", "tempo", "elastic", "influx", "mysql", "postgres", "jaeger", "graphite"];

fn unresolved(kind: &str, name: &str) -> DsRef {
    DsRef { kind: kind.to_owned(), uid: name.to_owned() }
}

/// `x` of `$x`, `${x}`, `${x:format}` and `[[x]]`, when the text is nothing else.
fn variable_name(text: &str) -> Option<&str> {
    let name = match text.strip_prefix("[[").and_then(|inner| inner.strip_suffix("]]")) {
        Some(name) => name,
        None => {
            let inner = text.strip_prefix('$')?;
            inner.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(inner)
        }
    };
    let name = name.split(':').next().unwrap_or_default();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    plain.then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{KnownSource, KnownSources, Resolver};

    #[test]
    fn expressions_are_known_in_every_form() {
        let check = |reference: serde_json::Value, want: bool| {
            assert_eq!(super::is_expressions(&reference), want, "{reference}");
        };
        check(json!("__expr__"), true);
        check(json!({ "type": "__expr__" }), true);
        check(json!({ "uid": "__expr__", "name": "Expression" }), true);
        check(json!({ "type": "prometheus", "uid": "p" }), false);
        check(json!("p"), false);
        check(json!(null), false);
    }

    #[test]
    fn every_form_of_reference_is_resolved() {
        let source = |uid: &str, name: &str, kind: &str, is_default| KnownSource {
            uid: uid.into(),
            name: name.into(),
            kind: kind.into(),
            is_default,
        };
        let known = KnownSources::new(vec![
            source("p1", "Other", "prometheus", false),
            source("m", "Metrics", "prometheus", true),
            source("l", "Logs", "loki", false),
        ]);
        let dashboard = json!({
            "__inputs": [{ "name": "DS_LOGS", "pluginId": "loki" }, { "name": "DS_X", "pluginId": "influxdb" }],
            "templating": { "list": [{ "type": "datasource", "name": "ds", "query": "loki" }] },
        });
        let resolver = Resolver::new(&dashboard, &known);
        let check = |value: &Value, kind: &str, uid: &str| {
            let found = resolver.resolve(Some(value)).unwrap();
            assert_eq!((found.kind.as_str(), found.uid.as_str()), (kind, uid), "{value}");
        };
        check(&Value::Null, "prometheus", "m");
        check(&json!("default"), "prometheus", "m");
        check(&json!("Logs"), "loki", "l");
        check(&json!("p1"), "prometheus", "p1");
        check(&json!("-- Grafana --"), "datasource", "grafana");
        check(&json!("-- Mixed --"), "datasource", "-- Mixed --");
        check(&json!({ "type": "prometheus", "uid": "p1" }), "prometheus", "p1");
        check(&json!({ "type": "prometheus", "uid": "elsewhere" }), "prometheus", "m");
        check(&json!({ "type": "prometheus" }), "prometheus", "m");
        check(&json!({ "type": "loki", "uid": "p1" }), "loki", "l");
        check(&json!({ "type": "mysql", "uid": "x" }), "mysql", "x");
        check(&json!({ "type": "datasource", "uid": "grafana" }), "datasource", "grafana");
        check(&json!({ "type": "__expr__", "uid": "__expr__" }), "__expr__", "__expr__");
        check(&json!("__expr__"), "__expr__", "__expr__");
        check(&json!("${DS_LOGS}"), "loki", "l");
        check(&json!("${DS_X}"), "influxdb", "${DS_X}");
        check(&json!("${DS_PROMETHEUS}"), "prometheus", "m");
        check(&json!({ "type": "loki", "uid": "${DS_Y}" }), "loki", "l");
        check(&json!("$ds"), "loki", "${ds}");
        check(&json!({ "type": "loki", "uid": "[[ds]]" }), "loki", "${ds}");
        check(&json!("Prometheus"), "prometheus", "m");
        check(&json!("my-prod-metrics"), "prometheus", "m");
        check(&json!("InfluxDB prod"), "", "InfluxDB prod");
        check(&json!(5), "prometheus", "m");
        assert_eq!(resolver.into_notices().len(), 6);
        assert_eq!(Resolver::new(&dashboard, &KnownSources::default()).resolve(None), None);
    }
}
