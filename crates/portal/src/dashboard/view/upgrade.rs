//! Panels of older schemas, before their type is looked at: fields that moved or changed their
//! form up to schema 28. Steps that need a schema to be told apart name it; the others go by form.

use serde_json::{Map, Value, json};

use super::fields::{array, flag, integer, number, object, text};
use super::links;
use super::panel::set;

/// Sizes that a row of 24 cells can be parted into evenly.
const FACTORS: [i64; 8] = [1, 2, 3, 4, 6, 8, 12, 24];

/// Brings the fields of one panel, as received, to where the rest of the view looks for them.
pub(super) fn raw_panel(raw: &mut Value, schema: i64) {
    match text(raw, "type").as_str() {
        "graph" | "graphite" => {
            early_graph(raw);
            grid_thresholds(raw);
        }
        "singlestat" if schema < 9 => first_threshold_goes(raw),
        "table" if schema < 10 => {
            let styles = raw.get_mut("styles").and_then(Value::as_array_mut);
            styles.into_iter().flatten().for_each(first_limit_goes);
        }
        _ => {}
    }
    per_row(raw, schema);
    gauge_options(raw);
    links::upgrade(raw, schema);
}

/// Before schema 2 and 4: a legend that was a flag, limits and units by older names, axes by alias.
fn early_graph(raw: &mut Value) {
    if let Some(Value::Bool(show)) = raw.get("legend") {
        let legend = json!({ "show": show });
        set(raw, "legend", legend);
    }
    let (left, right) = (raw.get("y_format").cloned(), raw.get("y2_format").cloned());
    if (left.is_some() || right.is_some()) && raw.get("y_formats").is_none() {
        set(raw, "y_formats", json!([left, right]));
    }
    for (old, new) in [("min", "leftMin"), ("max", "leftMax")] {
        let value = object(raw, "grid").get(old).filter(|value| !value.is_null()).cloned();
        if let (Some(value), Some(grid)) = (value, raw.get_mut("grid")) {
            set(grid, new, value);
        }
    }
    let axes = raw.get("aliasYAxis").and_then(Value::as_object).cloned().unwrap_or_default();
    if !axes.is_empty() {
        let mut overrides = array(raw, "seriesOverrides").to_vec();
        overrides.extend(axes.iter().map(|(alias, axis)| json!({ "alias": alias, "yaxis": axis })));
        set(raw, "seriesOverrides", Value::Array(overrides));
    }
}

/// Before schema 13 a graph had two thresholds, kept with its grid. The first above the second
/// means that both colour what lies below.
fn grid_thresholds(raw: &mut Value) {
    let grid = object(raw, "grid");
    let Some(first) = number(grid, "threshold1") else { return };
    let second = number(grid, "threshold2");
    let line = flag(grid, "thresholdLine");
    let op = if second.is_some_and(|second| first > second) { "lt" } else { "gt" };
    let threshold = |value: f64, color: &str| {
        let color = text(grid, color);
        json!({
            "value": value, "op": op, "colorMode": "custom", "line": line, "fill": !line,
            "lineColor": color, "fillColor": color,
        })
    };
    let mut thresholds = array(raw, "thresholds").to_vec();
    thresholds.push(threshold(first, "threshold1Color"));
    thresholds.extend(second.map(|second| threshold(second, "threshold2Color")));
    set(raw, "thresholds", Value::Array(thresholds));
}

/// Before schema 9 the first of three thresholds stood for the base colour.
fn first_threshold_goes(raw: &mut Value) {
    let limits = text(raw, "thresholds");
    if limits.split(',').count() >= 3
        && let Some((_, rest)) = limits.split_once(',')
    {
        set(raw, "thresholds", json!(rest));
    }
}

/// The same in the column styles of a table, before schema 10.
fn first_limit_goes(style: &mut Value) {
    let limits = array(style, "thresholds");
    if let [_, rest @ ..] = limits
        && rest.len() >= 2
    {
        let rest = rest.to_vec();
        set(style, "thresholds", Value::Array(rest));
    }
}

/// Before schema 17 a repeated panel had a least width; of columns 12 wide until schema 16.
fn per_row(raw: &mut Value, schema: i64) {
    let Some(span) = integer(raw, "minSpan").filter(|span| *span > 0) else { return };
    if raw.get("maxPerRow").is_some_and(|most| !most.is_null()) {
        return;
    }
    let columns = if schema < 16 { 12 } else { 24 };
    let most = (columns / span).max(1);
    let fits = FACTORS.iter().rev().find(|factor| **factor <= most);
    set(raw, "maxPerRow", json!(fits));
}

/// The gauge before schema 18 kept its options by a name of their own, thresholds downwards.
fn gauge_options(raw: &mut Value) {
    let Some(Value::Object(mut options)) = raw.get("options-gauge").cloned() else { return };
    let moved = ["unit", "stat", "decimals", "prefix", "suffix"];
    let moved = moved.iter().filter_map(|key| Some(((*key).to_owned(), options.remove(*key)?)));
    let values: Map<String, Value> = moved.collect();
    options.insert("valueOptions".to_owned(), Value::Object(values));
    if let Some(thresholds) = options.get_mut("thresholds").and_then(Value::as_array_mut) {
        thresholds.reverse();
    }
    set(raw, "options", Value::Object(options));
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::raw_panel;

    #[test]
    fn each_step_moves_its_fields() {
        let check = |schema: i64, mut raw: Value, field: &str, want: Value| {
            raw_panel(&mut raw, schema);
            let pointed = raw.pointer(field).cloned().unwrap_or_default();
            assert_eq!(pointed, want, "{field} of {raw}");
        };
        let graph = |more: Value| {
            let mut raw = more;
            raw["type"] = json!("graph");
            raw
        };
        check(1, graph(json!({ "legend": false })), "/legend", json!({ "show": false }));
        check(1, graph(json!({ "y_format": "bytes" })), "/y_formats", json!(["bytes", null]));
        check(1, graph(json!({ "grid": { "min": 1 } })), "/grid/leftMin", json!(1));
        check(
            3,
            graph(json!({ "aliasYAxis": { "a": 2 } })),
            "/seriesOverrides",
            json!([{ "alias": "a", "yaxis": 2 }]),
        );
        let grid = json!({ "threshold1": 9, "threshold1Color": "red", "threshold2": 5, "thresholdLine": true });
        check(12, graph(json!({ "grid": grid })), "/thresholds/0/op", json!("lt"));
        check(12, graph(json!({ "grid": grid })), "/thresholds/1/value", json!(5.0));
        check(12, graph(json!({ "grid": { "threshold1": null } })), "/thresholds", Value::Null);
        let stat = json!({ "type": "singlestat", "thresholds": "0,50,80" });
        check(8, stat.clone(), "/thresholds", json!("50,80"));
        check(9, stat, "/thresholds", json!("0,50,80"));
        let table = json!({ "type": "table", "styles": [{ "thresholds": [0, 1, 2] }] });
        check(9, table, "/styles/0/thresholds", json!([1, 2]));
        check(15, json!({ "minSpan": 4 }), "/maxPerRow", json!(3));
        check(16, json!({ "minSpan": 4 }), "/maxPerRow", json!(6));
        check(16, json!({ "minSpan": 99 }), "/maxPerRow", json!(1));
        check(16, json!({ "minSpan": 4, "maxPerRow": 2 }), "/maxPerRow", json!(2));
        let gauge = json!({ "options-gauge": { "unit": "s", "thresholds": [1, 2] } });
        check(17, gauge.clone(), "/options/valueOptions/unit", json!("s"));
        check(17, gauge, "/options/thresholds", json!([2, 1]));
    }
}
