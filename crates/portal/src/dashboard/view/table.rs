//! The old table panel: column styles become overrides, transforms become transformations.

use serde_json::{Value, json};

use super::Panel;
use super::fields::{array, number, text};
use super::panel::set;
use super::series::{by_alias, property};
use super::singlestat::mappings;

/// The pattern of the style for all columns.
const ALL: &str = "/.*/";

pub(super) fn migrate(raw: &Value, panel: &mut Panel) {
    "table".clone_into(&mut panel.kind);
    // Columns that no other style names are hidden: the others say that they are not.
    let of_all = |style: &&Value| text(style, "pattern") == ALL;
    let only_named =
        array(raw, "styles").iter().find(of_all).is_some_and(|all| text(all, "type") == "hidden");
    // The first style that fits a column was the one that counted; of overrides it is the last.
    for style in array(raw, "styles").iter().rev() {
        let pattern = text(style, "pattern");
        let mut properties = properties(style);
        if only_named && pattern != ALL && text(style, "type") != "hidden" {
            properties.push(property("custom.hidden", json!(false)));
        }
        if properties.is_empty() {
            continue;
        }
        if pattern == ALL {
            for property in properties {
                default_of_all(panel, &property);
            }
        } else if !pattern.is_empty() {
            panel.field_config.overrides.push(by_alias(&pattern, properties));
        }
    }
    let steps = match text(raw, "transform").as_str() {
        "timeseries_to_columns" => {
            vec![json!({ "id": "joinByField", "options": { "byField": "Time", "mode": "outer" } })]
        }
        "timeseries_to_rows" => vec![json!({ "id": "seriesToRows", "options": {} })],
        "timeseries_aggregations" => {
            let calcs: Vec<String> =
                array(raw, "columns").iter().map(|c| calc(&text(c, "value"))).collect();
            vec![json!({ "id": "reduce", "options": { "reducers": calcs } })]
        }
        "table" => vec![json!({ "id": "merge", "options": { "reducers": [] } })],
        _ => Vec::new(),
    };
    if panel.transformations.is_empty() {
        panel.transformations = steps;
    }
    if panel.options.get("showHeader").is_none() {
        let show = raw.get("showHeader").and_then(Value::as_bool).unwrap_or(true);
        set(&mut panel.options, "showHeader", json!(show));
    }
}

fn calc(old: &str) -> String {
    match old {
        "avg" => "mean",
        "current" => "lastNotNull",
        "total" => "sum",
        other => other,
    }
    .to_owned()
}

fn default_of_all(panel: &mut Panel, property: &Value) {
    let id = text(property, "id");
    let value = property.get("value").cloned().unwrap_or_default();
    match id.strip_prefix("custom.") {
        Some(key) => {
            let mut custom = panel.field_config.defaults.get("custom").cloned().unwrap_or_default();
            set(&mut custom, key, value);
            set(&mut panel.field_config.defaults, "custom", custom);
        }
        None => set(&mut panel.field_config.defaults, &id, value),
    }
}

/// What a style says of its columns.
fn properties(style: &Value) -> Vec<Value> {
    let mut properties = Vec::new();
    let mut put = |id: &str, value: Value| properties.push(property(id, value));
    let alias = text(style, "alias");
    if !alias.is_empty() {
        put("displayName", json!(alias));
    }
    let unit = text(style, "unit");
    match text(style, "type").as_str() {
        "hidden" => put("custom.hidden", json!(true)),
        "date" => put("unit", json!(format!("time: {}", text(style, "dateFormat")))),
        "number" => {
            if !unit.is_empty() {
                put("unit", json!(unit));
            }
            if let Some(decimals) = number(style, "decimals") {
                put("decimals", json!(decimals));
            }
        }
        _ => {}
    }
    let look = match text(style, "colorMode").as_str() {
        "cell" => Some(property("custom.displayMode", json!("color-background"))),
        "row" => {
            let row = json!({ "type": "color-background", "mode": "basic", "applyToRow": true });
            Some(property("custom.cellOptions", row))
        }
        "value" => Some(property("custom.displayMode", json!("color-text"))),
        _ => None,
    };
    if let Some(look) = look {
        properties.push(look);
        if let Some(thresholds) = thresholds(style) {
            properties.push(property("thresholds", thresholds));
        }
    }
    let mappings = mappings(style);
    if !mappings.is_empty() {
        properties.push(property("mappings", json!(mappings)));
    }
    let mut put = |id: &str, value: Value| properties.push(property(id, value));
    let align = text(style, "align");
    if !align.is_empty() {
        put("custom.align", json!(align));
    }
    if style.get("link").and_then(Value::as_bool) == Some(true) {
        let link = json!({
            "title": text(style, "linkTooltip"),
            "url": text(style, "linkUrl"),
            "targetBlank": style.get("linkTargetBlank").and_then(Value::as_bool).unwrap_or(false),
        });
        put("links", json!([link]));
    }
    properties
}

fn thresholds(style: &Value) -> Option<Value> {
    let colors: Vec<&str> = array(style, "colors").iter().filter_map(Value::as_str).collect();
    let first = colors.first()?;
    let mut steps = vec![json!({ "color": first, "value": null })];
    let limits = array(style, "thresholds").iter().filter_map(super::fields::as_number);
    for (index, limit) in limits.enumerate() {
        let color = colors.get(index + 1).or(colors.last())?;
        steps.push(json!({ "color": color, "value": limit }));
    }
    Some(json!({ "mode": "absolute", "steps": steps }))
}
