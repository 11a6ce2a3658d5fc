//! Field overrides of one series, from the old panels' `seriesOverrides` and `aliasColors`.

use serde_json::{Value, json};

use super::fields::{flag, number, text};

/// An override for series by name, or by pattern when the alias is `/…/`.
pub(super) fn by_alias(alias: &str, properties: Vec<Value>) -> Value {
    let is_pattern = alias.len() > 1 && alias.starts_with('/') && alias[1..].contains('/');
    let matcher = if is_pattern { "byRegexp" } else { "byName" };
    let mut entry = json!({ "matcher": { "id": matcher, "options": alias } });
    entry["properties"] = Value::Array(properties);
    entry
}

pub(super) fn property(id: &str, value: Value) -> Value {
    let mut property = json!({ "id": id });
    property["value"] = value;
    property
}

pub(super) fn fixed_color(color: &str) -> Value {
    property("color", json!({ "mode": "fixed", "fixedColor": color }))
}

/// The properties that an entry of `seriesOverrides` sets. `right` = those of the right axis.
pub(super) fn properties(entry: &Value, right: &[Value]) -> Vec<Value> {
    let mut properties = Vec::new();
    let mut put = |id: &str, value: Value| properties.push(property(id, value));
    let given = |key: &str| entry.get(key).is_some_and(|value| !value.is_null());
    if given("bars") && flag(entry, "bars") {
        put("custom.drawStyle", json!("bars"));
    } else if given("lines") && flag(entry, "lines") {
        put("custom.drawStyle", json!("line"));
    } else if given("lines") && !flag(entry, "lines") && flag(entry, "points") {
        put("custom.drawStyle", json!("points"));
    } else if given("lines") && !flag(entry, "lines") {
        put("custom.lineWidth", json!(0));
    }
    if let Some(fill) = number(entry, "fill") {
        put("custom.fillOpacity", json!((fill * 10.0).clamp(0.0, 100.0)));
    }
    if let Some(width) = number(entry, "linewidth") {
        put("custom.lineWidth", json!(width));
    }
    if given("points") {
        let show = if flag(entry, "points") { "always" } else { "never" };
        put("custom.showPoints", json!(show));
    }
    if let Some(radius) = number(entry, "pointradius") {
        put("custom.pointSize", json!(radius * 2.0));
    }
    if flag(entry, "steppedLine") {
        put("custom.lineInterpolation", json!("stepAfter"));
    }
    if flag(entry, "dashes") {
        let dash = [
            number(entry, "dashLength").unwrap_or(10.0),
            number(entry, "spaceLength").unwrap_or(10.0),
        ];
        put("custom.lineStyle", json!({ "fill": "dash", "dash": dash }));
    }
    match entry.get("stack") {
        Some(Value::Bool(false)) => put("custom.stacking", json!({ "mode": "none", "group": "A" })),
        Some(Value::Bool(true)) => {
            put("custom.stacking", json!({ "mode": "normal", "group": "A" }));
        }
        Some(Value::String(group)) if !group.is_empty() => {
            put("custom.stacking", json!({ "mode": "normal", "group": group }));
        }
        _ => {}
    }
    if text(entry, "transform") == "negative-Y" {
        put("custom.transform", json!("negative-Y"));
    }
    if given("legend") && !flag(entry, "legend") {
        put("custom.hideFrom", json!({ "viz": false, "legend": true, "tooltip": false }));
    }
    let fill_below = text(entry, "fillBelowTo");
    if !fill_below.is_empty() {
        put("custom.fillBelowTo", json!(fill_below));
    }
    let color = text(entry, "color");
    if !color.is_empty() {
        properties.push(fixed_color(&color));
    }
    if number(entry, "yaxis") == Some(2.0) {
        properties.extend(right.iter().cloned());
    }
    properties
}
