//! Queries of the V2 formats: `{kind: DataQuery, group, datasource: {name}, spec}`, and in
//! v2alpha1 `{kind: <type>, spec}` with the data source beside it.

use serde_json::{Map, Value, json};

use super::super::fields::{map, object, text};

/// The reference to a query's data source; `holder` has it beside the query in v2alpha1.
pub(super) fn source(query: &Value, holder: &Value) -> Option<Value> {
    let beside = object(holder, "datasource");
    if !beside.is_null() {
        return Some(beside.clone());
    }
    let kind = match text(query, "kind").as_str() {
        "DataQuery" => text(query, "group"),
        kind => kind.to_owned(),
    };
    let name = text(object(query, "datasource"), "name");
    reference(&kind, &name)
}

/// `{type, uid}` with what is known of them; nothing at all means the default.
pub(super) fn reference(kind: &str, name: &str) -> Option<Value> {
    let mut reference = Map::new();
    for (key, value) in [("type", kind), ("uid", name)] {
        if !value.is_empty() {
            reference.insert(key.to_owned(), json!(value));
        }
    }
    (!reference.is_empty()).then_some(Value::Object(reference))
}

/// A panel's query as a target.
pub(super) fn target(panel_query: &Value) -> Value {
    let spec = object(panel_query, "spec");
    let query = object(spec, "query");
    let mut target = map(query, "spec");
    target.insert("refId".to_owned(), json!(text(spec, "refId")));
    target.insert("hide".to_owned(), spec.get("hidden").cloned().unwrap_or(json!(false)));
    if let Some(source) = source(query, spec) {
        target.insert("datasource".to_owned(), source);
    }
    Value::Object(target)
}

/// An annotation query with the fields of the old list.
pub(super) fn annotation(entry: &Value) -> Value {
    let spec = object(entry, "spec");
    let query = object(spec, "query");
    let mut annotation = map(spec, "legacyOptions");
    for key in ["name", "enable", "hide", "iconColor", "filter", "placement", "mappings"] {
        if let Some(value) = spec.get(key) {
            annotation.insert(key.to_owned(), value.clone());
        }
    }
    let built_in = spec.get("builtIn").and_then(Value::as_bool).unwrap_or(false);
    annotation.insert("builtIn".to_owned(), json!(u8::from(built_in)));
    if let Some(source) = source(query, spec) {
        annotation.insert("datasource".to_owned(), source);
    }
    let inner = map(query, "spec");
    for (key, value) in &inner {
        annotation.entry(key.as_str()).or_insert_with(|| value.clone());
    }
    annotation.insert("target".to_owned(), Value::Object(inner));
    Value::Object(annotation)
}
