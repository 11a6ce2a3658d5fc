//! The old single-value panel as stat or gauge.

use serde_json::{Value, json};

use super::Panel;
use super::fields::{array, flag, number, object, text};
use super::panel::set;

pub(super) fn migrate(raw: &Value, panel: &mut Panel) {
    let gauge = object(raw, "gauge");
    let is_gauge = flag(gauge, "show");
    if is_gauge { "gauge" } else { "stat" }.clone_into(&mut panel.kind);
    let defaults = &mut panel.field_config.defaults;
    let unit = text(raw, "format");
    if !unit.is_empty() {
        set(defaults, "unit", json!(unit));
    }
    if let Some(decimals) = number(raw, "decimals") {
        set(defaults, "decimals", json!(decimals));
    }
    if is_gauge {
        set(defaults, "min", json!(number(gauge, "minValue").unwrap_or(0.0)));
        set(defaults, "max", json!(number(gauge, "maxValue").unwrap_or(100.0)));
    }
    let null_text = text(raw, "nullText");
    if !null_text.is_empty() {
        set(defaults, "noValue", json!(null_text));
    }
    if let Some(thresholds) = thresholds(raw) {
        set(defaults, "thresholds", thresholds);
    }
    set(defaults, "color", json!({ "mode": "thresholds" }));
    let mappings = mappings(raw);
    if !mappings.is_empty() {
        set(defaults, "mappings", json!(mappings));
    }
    let (prefix, postfix) = (text(raw, "prefix"), text(raw, "postfix"));
    let options = &mut panel.options;
    let by_name = text(raw, "valueName") == "name";
    // A column was looked for in tables alone; series have none.
    let is_table = array(raw, "targets").iter().any(|target| text(target, "format") == "table");
    let column = if is_table { text(raw, "tableColumn") } else { String::new() };
    let reduce = json!({
        "values": false,
        "calcs": [calc(&text(raw, "valueName"))],
        "fields": if column.is_empty() { String::new() } else { format!("/^{column}$/") },
    });
    set(options, "reduceOptions", reduce);
    if !prefix.trim().is_empty() || !postfix.trim().is_empty() {
        // Stat has no such fields; the UI writes them around the value.
        set(options, "prefix", json!(prefix));
        set(options, "postfix", json!(postfix));
    }
    if is_gauge {
        set(options, "showThresholdLabels", json!(flag(gauge, "thresholdLabels")));
        set(options, "showThresholdMarkers", json!(flag(gauge, "thresholdMarkers")));
        return;
    }
    let spark = flag(object(raw, "sparkline"), "show");
    let color = match (flag(raw, "colorBackground"), flag(raw, "colorValue")) {
        (true, _) => "background",
        (false, true) => "value",
        (false, false) => "none",
    };
    set(options, "graphMode", json!(if spark { "area" } else { "none" }));
    set(options, "colorMode", json!(color));
    set(options, "justifyMode", json!("auto"));
    set(options, "orientation", json!("horizontal"));
    set(options, "textMode", json!(if by_name { "name" } else { "auto" }));
}

/// Today's name of a statistic.
pub(super) fn calc(value_name: &str) -> &'static str {
    match value_name {
        "min" => "min",
        "max" => "max",
        "current" | "name" | "last_time" => "lastNotNull",
        "total" => "sum",
        "first" => "firstNotNull",
        "delta" => "delta",
        "diff" => "diff",
        "range" => "range",
        _ => "mean",
    }
}

/// `"50,80"` and three colours become three steps.
fn thresholds(raw: &Value) -> Option<Value> {
    let colors: Vec<&str> = array(raw, "colors").iter().filter_map(Value::as_str).collect();
    let limits = text(raw, "thresholds");
    let mut steps = vec![json!({ "color": colors.first().copied()?, "value": null })];
    let limits = limits.split(',').filter_map(|limit| limit.trim().parse::<f64>().ok());
    for (index, limit) in limits.enumerate() {
        let color = colors.get(index + 1).or(colors.last())?;
        steps.push(json!({ "color": color, "value": limit }));
    }
    Some(json!({ "mode": "absolute", "steps": steps }))
}

/// Value and range maps as mappings; type 2 means ranges.
pub(super) fn mappings(raw: &Value) -> Vec<Value> {
    let mut mappings = Vec::new();
    if number(raw, "mappingType") == Some(2.0) {
        for entry in array(raw, "rangeMaps") {
            let range = json!({
                "from": number(entry, "from"),
                "to": number(entry, "to"),
                "result": { "text": text(entry, "text") },
            });
            mappings.push(json!({ "type": "range", "options": range }));
        }
        return mappings;
    }
    for entry in array(raw, "valueMaps") {
        let (value, result) = (text(entry, "value"), json!({ "text": text(entry, "text") }));
        if value == "null" {
            let options = json!({ "match": "null", "result": result });
            mappings.push(json!({ "type": "special", "options": options }));
        } else if !value.is_empty() {
            let mut options = serde_json::Map::new();
            options.insert(value, result);
            mappings.push(json!({ "type": "value", "options": options }));
        }
    }
    mappings
}
