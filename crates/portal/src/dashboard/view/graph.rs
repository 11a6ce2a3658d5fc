//! The old graph panel as timeseries, bar chart or histogram.

use serde_json::{Map, Value, json};

use super::Panel;
use super::fields::{array, flag, number, object, text};
use super::panel::set;
use super::series::{by_alias, fixed_color, properties, property};
use super::settle::data_links;
use super::singlestat::calc;

pub(super) fn migrate(raw: &Value, panel: &mut Panel) {
    let axis_mode = text(object(raw, "xaxis"), "mode");
    let kind = match axis_mode.as_str() {
        "histogram" => "histogram",
        "series" if flag(object(raw, "legend"), "values") => "bargauge",
        "series" => "barchart",
        _ => "timeseries",
    };
    kind.clone_into(&mut panel.kind);
    if text(raw, "nullPointMode") == "null as zero" {
        set(&mut panel.field_config.defaults, "nullValueMode", json!("null as zero"));
    }
    data_links(panel);
    let (left, right) = axes(raw);
    let mut defaults = axis_fields(&left);
    let mut custom = drawing(raw);
    custom.extend(axis_custom(&left, raw));
    thresholds(raw, &mut defaults, &mut custom);
    for (key, value) in defaults {
        if panel.field_config.defaults.get(&key).is_none() {
            set(&mut panel.field_config.defaults, &key, value);
        }
    }
    let own = panel.field_config.defaults.get("custom").and_then(Value::as_object).cloned();
    custom.extend(own.unwrap_or_default());
    set(&mut panel.field_config.defaults, "custom", Value::Object(custom));
    panel.field_config.overrides.extend(overrides(raw, &right));
    options(raw, panel);
}

/// Left and right axis, from `yaxes` or the still older `y_formats` and `grid`.
fn axes(raw: &Value) -> (Value, Value) {
    let axes = array(raw, "yaxes");
    if let [left, rest @ ..] = axes {
        return (left.clone(), rest.first().cloned().unwrap_or(Value::Null));
    }
    let formats = array(raw, "y_formats");
    let grid = object(raw, "grid");
    let axis = |index: usize, side: &str| {
        json!({
            "format": formats.get(index).cloned().unwrap_or(Value::Null),
            "min": grid.get(format!("{side}Min")).cloned().unwrap_or(Value::Null),
            "max": grid.get(format!("{side}Max")).cloned().unwrap_or(Value::Null),
            "label": raw.get(format!("{side}YAxisLabel")).cloned().unwrap_or(Value::Null),
            "logBase": grid.get(format!("{side}LogBase")).cloned().unwrap_or(Value::Null),
            "show": raw.get("y-axis").cloned().unwrap_or(json!(true)),
        })
    };
    (axis(0, "left"), axis(1, "right"))
}

/// Unit, decimals and limits of an axis.
fn axis_fields(axis: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    let unit = text(axis, "format");
    if !unit.is_empty() {
        fields.insert("unit".to_owned(), json!(unit));
    }
    for key in ["decimals", "min", "max"] {
        if let Some(value) = number(axis, key) {
            fields.insert(key.to_owned(), json!(value));
        }
    }
    fields
}

fn axis_custom(axis: &Value, raw: &Value) -> Map<String, Value> {
    let mut custom = Map::new();
    let label = text(axis, "label");
    if !label.is_empty() {
        custom.insert("axisLabel".to_owned(), json!(label));
    }
    if axis.get("show") == Some(&Value::Bool(false)) {
        custom.insert("axisPlacement".to_owned(), json!("hidden"));
    }
    let scale = match number(axis, "logBase") {
        Some(base) if base > 1.0 => json!({ "type": "log", "log": base }),
        _ => json!({ "type": "linear" }),
    };
    custom.insert("scaleDistribution".to_owned(), scale);
    if flag(object(raw, "yaxis"), "align") {
        custom.insert("axisSoftMin".to_owned(), json!(0));
    }
    custom
}

/// Lines, bars, points, fill and stacking.
fn drawing(raw: &Value) -> Map<String, Value> {
    let on = |key: &str, default: bool| raw.get(key).map_or(default, |_| flag(raw, key));
    let (lines, bars, points) = (on("lines", true), on("bars", false), on("points", false));
    let style = match (bars, lines, points) {
        (true, _, _) => "bars",
        (false, false, true) => "points",
        _ => "line",
    };
    let fill = number(raw, "fill").unwrap_or(1.0);
    let gradient = number(raw, "fillGradient").unwrap_or(0.0) > 0.0;
    let width = if lines || bars { number(raw, "linewidth").unwrap_or(1.0) } else { 0.0 };
    let stacking = match (flag(raw, "stack"), flag(raw, "percentage")) {
        (true, true) => "percent",
        (true, false) => "normal",
        _ => "none",
    };
    let nulls = text(raw, "nullPointMode");
    let custom = json!({
        "drawStyle": style,
        "lineWidth": width,
        "fillOpacity": if bars { 100.0 } else { (fill * 10.0).clamp(0.0, 100.0) },
        "gradientMode": if gradient { "opacity" } else { "none" },
        "lineInterpolation": if flag(raw, "steppedLine") { "stepAfter" } else { "linear" },
        "showPoints": if points { "always" } else { "never" },
        "pointSize": number(raw, "pointradius").unwrap_or(2.0) * 2.0,
        "spanNulls": nulls == "connected",
        "stacking": { "mode": stacking, "group": "A" },
    });
    let mut custom = custom.as_object().cloned().unwrap_or_default();
    if flag(raw, "dashes") {
        custom.insert("lineStyle".to_owned(), json!({ "fill": "dash", "dash": [10, 10] }));
    }
    custom
}

/// Thresholds drawn as lines or areas. `lt` thresholds colour what lies below them.
fn thresholds(raw: &Value, defaults: &mut Map<String, Value>, custom: &mut Map<String, Value>) {
    let mut list: Vec<(f64, &Value)> = array(raw, "thresholds")
        .iter()
        .filter_map(|threshold| Some((number(threshold, "value")?, threshold)))
        .collect();
    if list.is_empty() {
        return;
    }
    list.sort_by(|a, b| a.0.total_cmp(&b.0));
    let color = |threshold: &Value| match text(threshold, "colorMode").as_str() {
        "critical" => "red".to_owned(),
        "warning" => "orange".to_owned(),
        "ok" => "green".to_owned(),
        _ => {
            let own = [text(threshold, "fillColor"), text(threshold, "lineColor")];
            own.into_iter().find(|color| !color.is_empty()).unwrap_or("red".to_owned())
        }
    };
    let mut steps: Vec<Value> = vec![json!({ "color": "transparent", "value": null })];
    for (value, threshold) in &list {
        if text(threshold, "op") == "lt" {
            if let Some(below) = steps.last_mut() {
                set(below, "color", json!(color(threshold)));
            }
            steps.push(json!({ "color": "transparent", "value": value }));
        } else {
            steps.push(json!({ "color": color(threshold), "value": value }));
        }
    }
    let (fill, line) = list.iter().fold((false, false), |(fill, line), (_, threshold)| {
        (fill || flag(threshold, "fill"), line || flag(threshold, "line"))
    });
    let mode = match (fill, line) {
        (true, true) => "line+area",
        (true, false) => "area",
        (false, true) => "line",
        (false, false) => "off",
    };
    defaults.insert("thresholds".to_owned(), json!({ "mode": "absolute", "steps": steps }));
    custom.insert("thresholdsStyle".to_owned(), json!({ "mode": mode }));
}

fn overrides(raw: &Value, right: &Value) -> Vec<Value> {
    let mut right_axis = vec![property("custom.axisPlacement", json!("right"))];
    for (key, value) in axis_fields(right) {
        right_axis.push(property(&key, value));
    }
    let label = text(right, "label");
    if !label.is_empty() {
        right_axis.push(property("custom.axisLabel", json!(label)));
    }
    let colors = raw.get("aliasColors").and_then(Value::as_object);
    let colored = colors
        .into_iter()
        .flatten()
        .filter_map(|(alias, color)| Some(by_alias(alias, vec![fixed_color(color.as_str()?)])));
    let by_series = array(raw, "seriesOverrides").iter().filter_map(|entry| {
        let alias = text(entry, "alias");
        let properties = properties(entry, &right_axis);
        (!alias.is_empty() && !properties.is_empty()).then(|| by_alias(&alias, properties))
    });
    colored.chain(by_series).collect()
}

fn options(raw: &Value, panel: &mut Panel) {
    let legend = object(raw, "legend");
    let values = legend.is_null() || flag(legend, "values");
    let calcs = [
        ("min", "min"),
        ("max", "max"),
        ("avg", "mean"),
        ("current", "lastNotNull"),
        ("total", "sum"),
    ];
    let calcs: Vec<&str> =
        calcs.iter().filter(|(old, _)| values && flag(legend, old)).map(|(_, new)| *new).collect();
    let show = legend.get("show").is_none_or(|_| flag(legend, "show"));
    let legend = json!({
        "showLegend": show,
        "displayMode": if flag(legend, "alignAsTable") { "table" } else { "list" },
        "placement": if flag(legend, "rightSide") { "right" } else { "bottom" },
        "calcs": calcs,
    });
    let tooltip = object(raw, "tooltip");
    let shared = tooltip.get("shared").is_none_or(|_| flag(tooltip, "shared"));
    let sort = match number(tooltip, "sort") {
        Some(1.0) => "asc",
        Some(2.0) => "desc",
        _ => "none",
    };
    let tooltip = json!({ "mode": if shared { "multi" } else { "single" }, "sort": sort });
    let mut options = vec![("legend", legend), ("tooltip", tooltip)];
    let x_axis = object(raw, "xaxis");
    match panel.kind.as_str() {
        "histogram" => {
            let buckets = number(x_axis, "buckets").map(|count| ("bucketCount", json!(count)));
            options.extend(buckets);
        }
        "bargauge" => {
            let value = array(x_axis, "values").first().and_then(Value::as_str).unwrap_or("total");
            let reduce = json!({ "values": false, "calcs": [calc(value)], "fields": "" });
            options = vec![("reduceOptions", reduce)];
            options.push(("displayMode", json!("basic")));
            options.push(("orientation", json!("horizontal")));
        }
        _ => {}
    }
    for (key, value) in options {
        if panel.options.get(key).is_none() {
            set(&mut panel.options, key, value);
        }
    }
}
