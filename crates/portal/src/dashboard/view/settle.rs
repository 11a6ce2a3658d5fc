//! Panels whose type is one of today: options and field settings brought from schema 28 to 42.

use serde_json::{Map, Value, json};

use super::Panel;
use super::fields::{array, flag, number, object, text};
use super::panel::set;
use super::series::property;

/// Brings options, field settings and transformations of one panel up to date.
pub(super) fn settle(panel: &mut Panel, schema: i64) {
    settle_mappings(panel);
    settle_options(panel);
    settle_transformations(panel, schema);
    if panel.kind == "table" {
        settle_cells(panel);
    }
    if schema < 35 && panel.kind == "timeseries" {
        keep_time_axis(panel);
    }
    for property in properties(panel).filter(|p| text(p, "id") == "custom.hideFrom") {
        if let Some(value) = property.get_mut("value").filter(|value| flag(value, "viz")) {
            set(value, "tooltip", json!(true));
        }
    }
}

/// Every property of every override.
fn properties(panel: &mut Panel) -> impl Iterator<Item = &mut Value> {
    let overrides = panel.field_config.overrides.iter_mut();
    overrides
        .filter_map(|entry| entry.get_mut("properties").and_then(Value::as_array_mut))
        .flatten()
        .filter(|property| property.is_object())
}

/// Before schema 30 mappings were a list of numbered types.
fn settle_mappings(panel: &mut Panel) {
    let defaults = &mut panel.field_config.defaults;
    let steps = object(defaults, "thresholds").get("steps").cloned().unwrap_or_default();
    if let Some(list) = defaults.get_mut("mappings").filter(|list| is_numbered(list)) {
        *list = mappings(list, &steps);
    }
    for property in properties(panel).filter(|p| text(p, "id") == "mappings") {
        if let Some(list) = property.get_mut("value").filter(|list| is_numbered(list)) {
            *list = mappings(list, &Value::Null);
        }
    }
}

fn is_numbered(list: &Value) -> bool {
    let entries = list.as_array().map_or(&[][..], Vec::as_slice);
    entries.iter().any(|entry| entry.get("type").is_none_or(Value::is_number))
}

/// Numbered mappings as those of today: all values in one map, which comes first. A text that is
/// a number had the colour of the threshold it reaches.
fn mappings(list: &Value, steps: &Value) -> Value {
    let mut values = Map::new();
    let mut others = Vec::new();
    for entry in list.as_array().into_iter().flatten() {
        let options = object(entry, "options");
        if text(entry, "type") == "value" {
            values.extend(options.as_object().cloned().unwrap_or_default());
            continue;
        }
        if !options.is_null() {
            others.push(entry.clone());
            continue;
        }
        let shown = text(entry, "text");
        let mut result = json!({ "text": shown });
        if let Some(color) = color_of(&shown, steps) {
            set(&mut result, "color", json!(color));
        }
        match (number(entry, "type").unwrap_or(1.0) as i64, text(entry, "value")) {
            (1, value) if value == "null" => {
                let options = json!({ "match": "null", "result": result });
                others.push(json!({ "type": "special", "options": options }));
            }
            (1, value) if !value.is_empty() => drop(values.insert(value, result)),
            (2, _) => {
                let (from, to) = (number(entry, "from"), number(entry, "to"));
                let options = json!({ "from": from, "to": to, "result": result });
                others.push(json!({ "type": "range", "options": options }));
            }
            _ => {}
        }
    }
    if !values.is_empty() {
        others.insert(0, json!({ "type": "value", "options": values }));
    }
    Value::Array(others)
}

fn color_of(shown: &str, steps: &Value) -> Option<String> {
    let value: f64 = shown.trim().parse().ok()?;
    let steps = steps.as_array()?;
    let reached = |step: &&Value| number(step, "value").is_none_or(|limit| value >= limit);
    Some(text(steps.iter().rev().find(reached)?, "color")).filter(|color| !color.is_empty())
}

/// Tooltips (schema 30) and legends (schema 37).
fn settle_options(panel: &mut Panel) {
    let options = &mut panel.options;
    if matches!(panel.kind.as_str(), "timeseries" | "xychart")
        && let Some(fields) = options.as_object_mut()
        && let Some(tooltip) = fields.remove("tooltipOptions")
    {
        fields.entry("tooltip").or_insert(tooltip);
    }
    if let Some(legend) = options.get_mut("legend").filter(|legend| legend.is_object()) {
        let off = legend.get("showLegend") == Some(&Value::Bool(false));
        let hidden = text(legend, "displayMode") == "hidden";
        if hidden {
            set(legend, "displayMode", json!("list"));
        }
        set(legend, "showLegend", json!(!hidden && !off));
    }
}

/// Labels that become fields were merged (schema 31); statistics by query (schema 39).
fn settle_transformations(panel: &mut Panel, schema: i64) {
    for step in panel.transformations.iter_mut().filter(|s| text(s, "id") == "timeSeriesTable") {
        let stats = object(object(step, "options"), "refIdToStat").as_object().cloned();
        if let Some(stats) = stats {
            let options: Map<String, Value> =
                stats.into_iter().map(|(query, stat)| (query, json!({ "stat": stat }))).collect();
            set(step, "options", Value::Object(options));
        }
    }
    if schema < 31 && panel.transformations.iter().any(|s| text(s, "id") == "labelsToFields") {
        let merged = |step: Value| {
            let merge = json!({ "id": "merge", "options": {} });
            let is_labels = text(&step, "id") == "labelsToFields";
            std::iter::once(step).chain(is_labels.then_some(merge))
        };
        panel.transformations = panel.transformations.drain(..).flat_map(merged).collect();
    }
}

/// How a table draws its cells has been an object since schema 38.
fn settle_cells(panel: &mut Panel) {
    if let Some(custom) =
        panel.field_config.defaults.get_mut("custom").and_then(Value::as_object_mut)
        && let Some(mode) = custom.remove("displayMode")
    {
        custom.entry("cellOptions").or_insert(cell_options(mode.as_str().unwrap_or("auto")));
    }
    for property in properties(panel).filter(|p| text(p, "id") == "custom.displayMode") {
        let mode = text(property, "value");
        set(property, "id", json!("custom.cellOptions"));
        set(property, "value", cell_options(&mode));
    }
}

fn cell_options(mode: &str) -> Value {
    match mode {
        "basic" => json!({ "type": "gauge", "mode": "basic" }),
        "gradient-gauge" => json!({ "type": "gauge", "mode": "gradient" }),
        "lcd-gauge" => json!({ "type": "gauge", "mode": "lcd" }),
        "color-background" => json!({ "type": "color-background", "mode": "gradient" }),
        "color-background-solid" => json!({ "type": "color-background", "mode": "basic" }),
        "" => json!({ "type": "auto" }),
        other => json!({ "type": other }),
    }
}

/// Hiding all axes did not hide that of the time.
fn keep_time_axis(panel: &mut Panel) {
    let custom = object(&panel.field_config.defaults, "custom");
    let of_time = |entry: &Value| {
        let matcher = object(entry, "matcher");
        text(matcher, "id") == "byType" && text(matcher, "options") == "time"
    };
    if text(custom, "axisPlacement") != "hidden" || panel.field_config.overrides.iter().any(of_time)
    {
        return;
    }
    let mut entry = json!({ "matcher": { "id": "byType", "options": "time" } });
    entry["properties"] = json!([property("custom.axisPlacement", json!("auto"))]);
    panel.field_config.overrides.push(entry);
}

/// Links of fields that graphs kept among their options.
pub(super) fn data_links(panel: &mut Panel) {
    let links = array(&panel.options, "dataLinks").to_vec();
    if !links.is_empty() && panel.field_config.defaults.get("links").is_none() {
        set(&mut panel.field_config.defaults, "links", Value::Array(links));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::only_panel;

    fn settled(schema: i64, panel: &Value) -> Value {
        let panel = only_panel(&json!({ "schemaVersion": schema, "panels": [panel] }));
        serde_json::to_value(panel).unwrap()
    }

    #[test]
    fn numbered_mappings_become_those_of_today() {
        let thresholds = json!({ "steps": [{ "color": "green", "value": null }, { "color": "red", "value": 5 }] });
        let list = json!([
            { "type": 1, "value": "1", "text": "7" }, { "type": 1, "value": "null", "text": "N/A" },
            { "type": 2, "from": "3", "to": "4", "text": "some" }, { "type": "value", "options": { "2": { "text": "two" } } },
        ]);
        let panel = settled(
            29,
            &json!({ "type": "stat", "fieldConfig": {
                "defaults": { "mappings": list, "thresholds": thresholds },
                "overrides": [{ "properties": [{ "id": "mappings", "value": [{ "type": 1, "value": 0, "text": "off" }] }] }],
            } }),
        );
        assert_eq!(
            panel["fieldConfig"]["defaults"]["mappings"],
            json!([
                { "type": "value", "options": { "1": { "text": "7", "color": "red" }, "2": { "text": "two" } } },
                { "type": "special", "options": { "match": "null", "result": { "text": "N/A" } } },
                { "type": "range", "options": { "from": 3.0, "to": 4.0, "result": { "text": "some" } } },
            ])
        );
        assert_eq!(
            panel["fieldConfig"]["overrides"][0]["properties"][0]["value"],
            json!([{ "type": "value", "options": { "0": { "text": "off" } } }])
        );
    }

    #[test]
    fn legends_tooltips_cells_and_transformations_are_brought_up_to_date() {
        let check = |schema: i64, panel: Value, field: &str, want: Value| {
            let panel = settled(schema, &panel);
            assert_eq!(panel.pointer(field).cloned().unwrap_or_default(), want, "{field}: {panel}");
        };
        let legend =
            |legend: Value| json!({ "type": "timeseries", "options": { "legend": legend } });
        check(
            36,
            legend(json!({ "displayMode": "hidden" })),
            "/options/legend",
            json!({ "displayMode": "list", "showLegend": false }),
        );
        check(36, legend(json!({})), "/options/legend/showLegend", json!(true));
        check(
            42,
            legend(json!({ "showLegend": false })),
            "/options/legend/showLegend",
            json!(false),
        );
        check(
            29,
            json!({ "type": "timeseries", "options": { "tooltipOptions": { "mode": "single" } } }),
            "/options/tooltip/mode",
            json!("single"),
        );
        let table = |config: Value| json!({ "type": "table", "fieldConfig": config });
        check(
            37,
            table(json!({ "defaults": { "custom": { "displayMode": "lcd-gauge" } } })),
            "/fieldConfig/defaults/custom/cellOptions",
            json!({ "type": "gauge", "mode": "lcd" }),
        );
        check(
            37,
            table(
                json!({ "overrides": [{ "properties": [{ "id": "custom.displayMode", "value": "color-text" }] }] }),
            ),
            "/fieldConfig/overrides/0/properties/0",
            json!({ "id": "custom.cellOptions", "value": { "type": "color-text" } }),
        );
        let steps = |steps: Value| json!({ "type": "table", "transformations": steps });
        check(
            30,
            steps(json!([{ "id": "labelsToFields" }])),
            "/transformations/1/id",
            json!("merge"),
        );
        check(31, steps(json!([{ "id": "labelsToFields" }])), "/transformations/1", Value::Null);
        check(
            38,
            steps(
                json!([{ "id": "timeSeriesTable", "options": { "refIdToStat": { "A": "mean" } } }]),
            ),
            "/transformations/0/options",
            json!({ "A": { "stat": "mean" } }),
        );
        let hidden = json!({ "type": "timeseries", "fieldConfig": { "defaults": { "custom": { "axisPlacement": "hidden" } } } });
        check(
            34,
            hidden.clone(),
            "/fieldConfig/overrides/0/matcher",
            json!({ "id": "byType", "options": "time" }),
        );
        check(35, hidden, "/fieldConfig/overrides/0", Value::Null);
        check(
            41,
            table(
                json!({ "overrides": [{ "properties": [{ "id": "custom.hideFrom", "value": { "viz": true } }] }] }),
            ),
            "/fieldConfig/overrides/0/properties/0/value/tooltip",
            json!(true),
        );
    }
}
