//! Variables of the V2 formats with the fields of the old list.

use serde_json::{Map, Value, json};

use super::super::fields::{map, object, text};
use super::queries;

/// A variable of schema 42. A kind that is not known keeps its fields under its own name.
pub(super) fn variable(entry: &Value) -> Value {
    let spec = object(entry, "spec");
    let mut variable = map(entry, "spec");
    let kind = kind(&text(entry, "kind"));
    let mut put = |key: &str, value: Value| drop(variable.insert(key.to_owned(), value));
    put("type", json!(kind));
    put("hide", json!(hide(&text(spec, "hide"))));
    put("sort", json!(sort(&text(spec, "sort"))));
    put("refresh", json!(refresh(&text(spec, "refresh"))));
    match kind.as_str() {
        "query" => query(spec, &mut variable),
        "datasource" => put("query", json!(text(spec, "pluginId"))),
        "adhoc" | "groupby" => {
            let named = text(object(entry, "datasource"), "name");
            let source = spec.get("datasource").filter(|source| source.is_object()).cloned();
            let source = source.or_else(|| queries::reference(&text(entry, "group"), &named));
            put("datasource", source.unwrap_or_default());
        }
        "switch" => switch(spec, &mut variable),
        _ => {}
    }
    Value::Object(variable)
}

fn kind(kind: &str) -> String {
    match kind {
        "TextVariable" => "textbox".to_owned(),
        "GroupByVariable" => "groupby".to_owned(),
        other => other.strip_suffix("Variable").unwrap_or(other).to_lowercase(),
    }
}

fn query(spec: &Value, variable: &mut Map<String, Value>) {
    let query = object(spec, "query");
    let mut put = |key: &str, value: Value| drop(variable.insert(key.to_owned(), value));
    put("datasource", queries::source(query, spec).unwrap_or_default());
    let inner = object(query, "spec");
    // Converted dashboards keep a query that was a text under a name of its own.
    let legacy = text(inner, "__legacyStringValue");
    if !legacy.is_empty() {
        put("query", json!(legacy));
    } else if spec.get("query").is_some_and(Value::is_string) {
        put("query", json!(text(spec, "query")));
    } else {
        put("query", inner.clone());
    }
}

fn switch(spec: &Value, variable: &mut Map<String, Value>) {
    let or = |key: &str, default: &str| {
        let text = text(spec, key);
        if text.is_empty() { default.to_owned() } else { text }
    };
    let (on, off) = (or("enabledValue", "true"), or("disabledValue", "false"));
    let current = or("current", &off);
    let option = |value: &str| json!({ "text": value, "value": value });
    variable.insert("options".to_owned(), json!([option(&on), option(&off)]));
    variable.insert("current".to_owned(), option(&current));
}

fn hide(hide: &str) -> u8 {
    match hide {
        "hideLabel" => 1,
        "hideVariable" => 2,
        _ => 0,
    }
}

fn refresh(refresh: &str) -> u8 {
    match refresh {
        "onDashboardLoad" => 1,
        "onTimeRangeChanged" => 2,
        _ => 0,
    }
}

fn sort(sort: &str) -> u8 {
    match sort {
        "alphabeticalAsc" => 1,
        "alphabeticalDesc" => 2,
        "numericalAsc" => 3,
        "numericalDesc" => 4,
        "alphabeticalCaseInsensitiveAsc" => 5,
        "alphabeticalCaseInsensitiveDesc" => 6,
        "naturalAsc" => 7,
        "naturalDesc" => 8,
        _ => 0,
    }
}
