//! Variables of the old list in the V2 formats.

use serde_json::{Map, Value, json};

use super::super::fields::{array, flag, integer, object, text};
use super::of_classic::Dialect;

/// Errors: a type that the V2 formats do not have.
pub(super) fn variable(old: &Value, dialect: Dialect) -> Result<Value, String> {
    let mut spec = common(old);
    let mut put = |key: &str, value: Value| drop(spec.insert(key.to_owned(), value));
    let kind = match text(old, "type").as_str() {
        "query" => {
            choice(old, &mut put);
            query(old, dialect, &mut put);
            "QueryVariable"
        }
        "custom" => {
            choice(old, &mut put);
            put("query", json!(text(old, "query")));
            "CustomVariable"
        }
        "datasource" => {
            choice(old, &mut put);
            put("pluginId", json!(text(old, "query")));
            put("regex", json!(text(old, "regex")));
            put("refresh", json!(refresh(old)));
            "DatasourceVariable"
        }
        "interval" => {
            put("query", json!(text(old, "query")));
            put("options", json!(array(old, "options")));
            put("auto", json!(flag(old, "auto")));
            put("auto_min", json!(text(old, "auto_min")));
            put("auto_count", json!(integer(old, "auto_count").unwrap_or(0)));
            put("refresh", json!(refresh(old)));
            "IntervalVariable"
        }
        "textbox" => {
            put("query", json!(text(old, "query")));
            "TextVariable"
        }
        "constant" => {
            put("query", json!(text(old, "query")));
            "ConstantVariable"
        }
        "switch" => {
            switch(old, &mut put);
            "SwitchVariable"
        }
        kind @ ("adhoc" | "groupby") => {
            filters(old, &mut put);
            if kind == "adhoc" { "AdhocVariable" } else { "GroupByVariable" }
        }
        other => return Err(format!("variables of type {other:?} are not in the V2 formats")),
    };
    let mut variable = json!({ "kind": kind, "spec": spec });
    if matches!(kind, "AdhocVariable" | "GroupByVariable") {
        let source = source_of(old);
        if dialect == Dialect::Alpha {
            dialect.beside(&mut variable["spec"], &source);
        } else {
            variable["group"] = json!(text(&source, "type"));
            variable["datasource"] = json!({ "name": text(&source, "uid") });
        }
    }
    Ok(variable)
}

fn common(old: &Value) -> Map<String, Value> {
    let mut spec = Map::new();
    let mut put = |key: &str, value: Value| drop(spec.insert(key.to_owned(), value));
    put("name", json!(text(old, "name")));
    for key in ["label", "description"] {
        let value = text(old, key);
        if !value.is_empty() {
            put(key, json!(value));
        }
    }
    let hide = match integer(old, "hide") {
        Some(1) => "hideLabel",
        Some(2) => "hideVariable",
        _ => "dontHide",
    };
    put("hide", json!(hide));
    put("skipUrlSync", json!(flag(old, "skipUrlSync")));
    let current = object(old, "current");
    let field = |key: &str| current.get(key).cloned().unwrap_or_else(|| json!(""));
    put("current", json!({ "text": field("text"), "value": field("value") }));
    spec
}

/// Of what offers several values.
fn choice(old: &Value, put: &mut impl FnMut(&str, Value)) {
    put("multi", json!(flag(old, "multi")));
    put("includeAll", json!(flag(old, "includeAll")));
    let all = text(old, "allValue");
    if !all.is_empty() {
        put("allValue", json!(all));
    }
    put("allowCustomValue", old.get("allowCustomValue").cloned().unwrap_or(json!(true)));
    put("options", json!(array(old, "options")));
}

fn query(old: &Value, dialect: Dialect, put: &mut impl FnMut(&str, Value)) {
    let spec = match old.get("query") {
        Some(Value::Object(fields)) => fields.clone(),
        // A query that was a text keeps it under a name of its own.
        _ => Map::from_iter([("__legacyStringValue".to_owned(), json!(text(old, "query")))]),
    };
    let source = source_of(old);
    put("query", dialect.query(&source, &spec));
    if dialect == Dialect::Alpha && source.is_object() {
        put("datasource", source);
    }
    put("regex", json!(text(old, "regex")));
    put("refresh", json!(refresh(old)));
    put("sort", json!(sort(old)));
    for key in ["definition", "staticOptions", "staticOptionsOrder", "regexApplyTo"] {
        if let Some(value) = old.get(key).filter(|value| !value.is_null()) {
            put(key, value.clone());
        }
    }
}

fn filters(old: &Value, put: &mut impl FnMut(&str, Value)) {
    for (key, list) in [("filters", "filters"), ("baseFilters", "baseFilters")] {
        put(key, json!(array(old, list)));
    }
    put("defaultKeys", json!(array(old, "defaultKeys")));
    put("allowCustomValue", old.get("allowCustomValue").cloned().unwrap_or(json!(true)));
}

/// The first of its options stands for "on".
fn switch(old: &Value, put: &mut impl FnMut(&str, Value)) {
    let value = |option: Option<&Value>, default: &str| {
        option.map_or_else(|| default.to_owned(), |option| text(option, "value"))
    };
    let options = array(old, "options");
    let off = value(options.get(1), "false");
    put("enabledValue", json!(value(options.first(), "true")));
    put("current", json!(value(Some(object(old, "current")).filter(|c| c.is_object()), &off)));
    put("disabledValue", json!(off));
}

fn source_of(old: &Value) -> Value {
    match old.get("datasource") {
        Some(Value::String(name)) => json!({ "uid": name }),
        Some(source) => source.clone(),
        None => Value::Null,
    }
}

fn refresh(old: &Value) -> &'static str {
    match integer(old, "refresh") {
        Some(1) => "onDashboardLoad",
        Some(2) => "onTimeRangeChanged",
        _ => "never",
    }
}

fn sort(old: &Value) -> &'static str {
    match integer(old, "sort") {
        Some(1) => "alphabeticalAsc",
        Some(2) => "alphabeticalDesc",
        Some(3) => "numericalAsc",
        Some(4) => "numericalDesc",
        Some(5) => "alphabeticalCaseInsensitiveAsc",
        Some(6) => "alphabeticalCaseInsensitiveDesc",
        Some(7) => "naturalAsc",
        Some(8) => "naturalDesc",
        _ => "disabled",
    }
}
