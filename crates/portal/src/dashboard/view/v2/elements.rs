//! Elements of the V2 formats as panels, without their places.

use serde_json::{Map, Value, json};

use super::super::fields::{array, map, object, text};
use super::queries;

/// A panel of schema 42 from an element: a panel, or the name of a library panel.
pub(super) fn panel(element: &Value) -> Map<String, Value> {
    let spec = object(element, "spec");
    let mut panel = Map::new();
    let mut put = |key: &str, value: Value| drop(panel.insert(key.to_owned(), value));
    for key in ["id", "title", "description", "links", "transparent", "libraryPanel"] {
        if let Some(value) = spec.get(key) {
            put(key, value.clone());
        }
    }
    if text(element, "kind") == "LibraryPanel" {
        return panel;
    }
    let viz = object(spec, "vizConfig");
    // In v2alpha1 the kind was the plug-in's id.
    let kind = match text(viz, "kind").as_str() {
        "VizConfig" => text(viz, "group"),
        kind => kind.to_owned(),
    };
    put("type", json!(kind));
    let viz = object(viz, "spec");
    put("options", Value::Object(map(viz, "options")));
    put("fieldConfig", Value::Object(map(viz, "fieldConfig")));
    let data = object(object(spec, "data"), "spec");
    let options = object(data, "queryOptions");
    for key in ["timeFrom", "timeShift", "maxDataPoints", "interval", "hideTimeOverride"] {
        if let Some(value) = options.get(key) {
            put(key, value.clone());
        }
    }
    let targets: Vec<Value> = array(data, "queries").iter().map(queries::target).collect();
    put("datasource", panel_source(&targets));
    put("targets", Value::Array(targets));
    put("transformations", array(data, "transformations").iter().map(transformation).collect());
    panel
}

/// A panel's own source is that of its queries; of several it is the mixed one.
fn panel_source(targets: &[Value]) -> Value {
    let source = |target: &Value| target.get("datasource").cloned().unwrap_or_default();
    let mut sources = targets.iter().map(source);
    let Some(first) = sources.next() else { return Value::Null };
    if sources.all(|other| other == first) {
        first
    } else {
        json!({ "type": "datasource", "uid": "-- Mixed --" })
    }
}

/// `{kind: <id>, spec}`; later `{kind: Transformation, group: <id>, spec}`.
fn transformation(step: &Value) -> Value {
    let mut spec = map(step, "spec");
    let id = match text(step, "kind").as_str() {
        "Transformation" => text(step, "group"),
        kind => kind.to_owned(),
    };
    spec.entry("id").or_insert(json!(id));
    spec.entry("options").or_insert(json!({}));
    Value::Object(spec)
}
