//! Panels of plug-ins that many dashboards still have: the world map, the discrete panel and the
//! status map kept their options beside the type. What they said is carried to the map, the state
//! timeline and the status history.

use serde_json::{Value, json};

use super::Panel;
use super::fields::{array, flag, number, object, text};
use super::panel::set;

/// Rules of one panel that are read.
const RULES_MAX: usize = 500;

/// Sets an option, or a part of the field config, unless the panel has it already.
fn put(into: &mut Value, key: &str, value: Value) {
    if into.get(key).is_none() {
        set(into, key, value);
    }
}

/// `grafana-worldmap-panel`: circles by the value of a place, coloured by thresholds.
pub(super) fn world_map(raw: &Value, panel: &mut Panel) {
    let table = object(raw, "tableQueryOptions");
    let by_hash = text(table, "queryType") == "geohash";
    let field = |key: &str| text(table, key);
    let location = match text(raw, "locationData").as_str() {
        "table" if !by_hash => json!({
            "mode": "coords",
            "latitude": field("latitudeField"),
            "longitude": field("longitudeField"),
        }),
        "table" | "geohash" => json!({ "mode": "geohash", "geohash": field("geohashField") }),
        "states" => json!({ "mode": "lookup", "gazetteer": "public/gazetteer/usa-states.json" }),
        "countries" | "countries_3letter" => json!({ "mode": "lookup" }),
        _ => json!({ "mode": "auto" }),
    };
    let value = Some(field("metricField")).filter(|name| !name.is_empty());
    let value = value.unwrap_or_else(|| "Value".to_owned());
    let style = json!({
        "size": {
            "field": value,
            "min": number(raw, "circleMinSize").unwrap_or(2.0),
            "max": number(raw, "circleMaxSize").unwrap_or(30.0),
        },
        "color": { "field": value },
        "opacity": 0.5,
        "text": { "field": field("labelField") },
    });
    let layer = json!({
        "type": "markers",
        "config": { "style": style, "showLegend": raw.get("showLegend") != Some(&json!(false)) },
        "location": location,
    });
    put(&mut panel.options, "layers", json!([layer]));
    put(&mut panel.options, "view", world_view(raw));
    let defaults = &mut panel.field_config.defaults;
    put(defaults, "thresholds", thresholds(&text(raw, "thresholds"), array(raw, "colors")));
    if let Some(decimals) = number(raw, "decimals") {
        put(defaults, "decimals", json!(decimals));
    }
    let unit = text(raw, "unitPlural");
    if !unit.trim().is_empty() {
        put(defaults, "unit", json!(format!("suffix: {}", unit.trim())));
    }
}

fn world_view(raw: &Value) -> Value {
    let zoom = number(raw, "initialZoom").unwrap_or(1.0);
    let at = |lat: f64, lon: f64| json!({ "id": "coords", "lat": lat, "lon": lon, "zoom": zoom });
    match text(raw, "mapCenter").as_str() {
        "North America" => at(40.0, -100.0),
        "Europe" => at(46.0, 14.0),
        "West Asia" => at(26.0, 53.0),
        "SE Asia" => at(10.0, 106.0),
        _ => at(
            number(raw, "mapCenterLatitude").unwrap_or(0.0),
            number(raw, "mapCenterLongitude").unwrap_or(0.0),
        ),
    }
}

/// `0,10` and three colours: the base and a step for each number.
fn thresholds(limits: &str, colors: &[Value]) -> Value {
    let color = |i: usize| colors.get(i).cloned().unwrap_or_else(|| json!("green"));
    let mut steps = vec![json!({ "color": color(0), "value": null })];
    let limits = limits.split(',').filter_map(|limit| limit.trim().parse::<f64>().ok());
    for (i, limit) in limits.take(RULES_MAX).enumerate() {
        steps.push(json!({ "color": color(i + 1), "value": limit }));
    }
    json!({ "mode": "absolute", "steps": steps })
}

/// `natel-discrete-panel`: states as bars, with texts by value and range and colours by text.
pub(super) fn discrete(raw: &Value, panel: &mut Panel) {
    let colors = array(raw, "colorMaps");
    let color_of = |name: &str| {
        let found = colors.iter().find(|rule| text(rule, "text") == name);
        found.map(|rule| text(rule, "color")).filter(|color| !color.is_empty())
    };
    let result = |name: String| match color_of(&name) {
        Some(color) => json!({ "text": name, "color": color }),
        None => json!({ "text": name }),
    };
    let mut mappings: Vec<Value> = Vec::new();
    for rule in array(raw, "valueMaps").iter().take(RULES_MAX) {
        let (value, shown) = (text(rule, "value"), result(text(rule, "text")));
        mappings.push(if value == "null" {
            json!({ "type": "special", "options": { "match": "null", "result": shown } })
        } else {
            json!({ "type": "value", "options": { value: shown } })
        });
    }
    for rule in array(raw, "rangeMaps").iter().take(RULES_MAX) {
        let end = |key: &str| number(rule, key).or_else(|| text(rule, key).parse().ok());
        let options =
            json!({ "from": end("from"), "to": end("to"), "result": result(text(rule, "text")) });
        // From null to null stands for no value at all.
        mappings.push(if end("from").is_none() && end("to").is_none() {
            json!({ "type": "special", "options": { "match": "null", "result": options["result"] } })
        } else {
            json!({ "type": "range", "options": options })
        });
    }
    // Words that come as they are have their colours, too.
    for rule in colors.iter().take(RULES_MAX) {
        let name = text(rule, "text");
        mappings.push(json!({ "type": "value", "options": { name.clone(): result(name) } }));
    }
    put(&mut panel.field_config.defaults, "mappings", json!(mappings));
    let unit = text(raw, "units");
    if !unit.is_empty() {
        put(&mut panel.field_config.defaults, "unit", json!(unit));
    }
    let shows = flag(raw, "writeAllValues") || flag(raw, "writeLastValue");
    let options = [
        ("mergeValues", json!(true)),
        ("showValue", json!(if shows { "auto" } else { "never" })),
        ("rowHeight", json!(0.9)),
        ("legend", json!({ "showLegend": flag(raw, "showLegend"), "displayMode": "list" })),
    ];
    for (key, value) in options {
        put(&mut panel.options, key, value);
    }
}

/// `flant-statusmap-panel`: a cell a moment, coloured by its state or along a scale.
pub(super) fn status_map(raw: &Value, panel: &mut Panel) {
    let color = object(raw, "color");
    let defaults = &mut panel.field_config.defaults;
    match text(color, "mode").as_str() {
        "discrete" => {
            let rule = |rule: &Value| {
                let value = number(rule, "value").map(|n| n.to_string());
                let value = value.unwrap_or_else(|| text(rule, "value"));
                let shown = json!({ "text": text(rule, "tooltip"), "color": text(rule, "color") });
                (!value.is_empty()).then(|| json!({ "type": "value", "options": { value: shown } }))
            };
            let rules = array(color, "thresholds").iter().take(RULES_MAX).filter_map(rule);
            put(defaults, "mappings", json!(rules.collect::<Vec<Value>>()));
        }
        "opacity" => {
            let fixed = text(color, "cardColor");
            put(defaults, "color", json!({ "mode": "shades", "fixedColor": fixed }));
        }
        _ => put(defaults, "color", json!({ "mode": scheme(&text(color, "colorScheme")) })),
    }
    for end in ["min", "max"] {
        if let Some(value) = number(color, end) {
            put(defaults, end, json!(value));
        }
    }
    let options = [
        ("showValue", json!("never")),
        ("rowHeight", json!(0.9)),
        ("colWidth", json!(0.9)),
        (
            "legend",
            json!({ "showLegend": flag(object(raw, "legend"), "show"), "displayMode": "list" }),
        ),
        (
            "tooltip",
            json!({ "mode": if flag(object(raw, "tooltip"), "show") { "single" } else { "none" } }),
        ),
    ];
    for (key, value) in options {
        put(&mut panel.options, key, value);
    }
}

/// The scheme that is nearest to one of D3's.
fn scheme(name: &str) -> &'static str {
    match name.trim_start_matches("interpolate") {
        "RdYlGn" => "continuous-RdYlGr",
        "Greens" => "continuous-greens",
        "Blues" => "continuous-blues",
        "Reds" | "OrRd" => "continuous-reds",
        "Purples" => "continuous-purples",
        "YlOrRd" | "YlOrBr" => "continuous-YlRd",
        "BuGn" | "BuPu" | "Spectral" => "continuous-BlPu",
        _ => "continuous-GrYlRd",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Panel;
    use super::super::tests::only_panel;

    fn shown(panel: &Value) -> Panel {
        only_panel(&json!({ "schemaVersion": 27, "panels": [panel] }))
    }

    #[test]
    fn a_world_map_is_a_map_with_markers() {
        let panel = shown(&json!({
            "id": 1, "type": "grafana-worldmap-panel", "thresholds": "0,10", "colors": ["red", "#ff0", "green"],
            "circleMinSize": "3", "circleMaxSize": 20, "locationData": "table", "mapCenter": "Europe", "initialZoom": 4,
            "tableQueryOptions": { "queryType": "coordinates", "latitudeField": "lat", "longitudeField": "lng", "metricField": "hits", "labelField": "city" },
            "decimals": 1, "unitPlural": " requests", "showLegend": false,
        }));
        assert_eq!(panel.kind, "geomap");
        let layer = &panel.options["layers"][0];
        assert_eq!(
            layer["location"],
            json!({ "mode": "coords", "latitude": "lat", "longitude": "lng" })
        );
        let style = &layer["config"]["style"];
        assert_eq!(style["size"], json!({ "field": "hits", "min": 3.0, "max": 20.0 }));
        assert_eq!(
            (&style["text"]["field"], &layer["config"]["showLegend"]),
            (&json!("city"), &json!(false))
        );
        assert_eq!(
            panel.options["view"],
            json!({ "id": "coords", "lat": 46.0, "lon": 14.0, "zoom": 4.0 })
        );
        let defaults = &panel.field_config.defaults;
        assert_eq!(
            defaults["thresholds"]["steps"],
            json!([
                { "color": "red", "value": null }, { "color": "#ff0", "value": 0.0 }, { "color": "green", "value": 10.0 },
            ])
        );
        assert_eq!(
            (&defaults["unit"], &defaults["decimals"]),
            (&json!("suffix: requests"), &json!(1.0))
        );
        let plain = shown(
            &json!({ "id": 1, "type": "grafana-worldmap-panel", "locationData": "countries" }),
        );
        assert_eq!(plain.options["layers"][0]["location"]["mode"], "lookup");
        assert_eq!(plain.options["layers"][0]["config"]["style"]["color"]["field"], "Value");
    }

    #[test]
    fn a_discrete_panel_is_a_state_timeline() {
        let panel = shown(&json!({
            "id": 1, "type": "natel-discrete-panel", "writeLastValue": true, "showLegend": true, "units": "short",
            "colorMaps": [{ "text": "up", "color": "#0f0" }, { "text": "N/A", "color": "#ccc" }],
            "valueMaps": [{ "op": "=", "value": "1", "text": "up" }, { "op": "=", "value": "null", "text": "N/A" }],
            "rangeMaps": [{ "from": "2", "to": "5", "text": "busy" }, { "from": "null", "to": "null", "text": "N/A" }],
        }));
        assert_eq!(
            (panel.kind.as_str(), &panel.options["showValue"]),
            ("state-timeline", &json!("auto"))
        );
        assert_eq!(
            panel.field_config.defaults["mappings"],
            json!([
                { "type": "value", "options": { "1": { "text": "up", "color": "#0f0" } } },
                { "type": "special", "options": { "match": "null", "result": { "text": "N/A", "color": "#ccc" } } },
                { "type": "range", "options": { "from": 2.0, "to": 5.0, "result": { "text": "busy" } } },
                { "type": "special", "options": { "match": "null", "result": { "text": "N/A", "color": "#ccc" } } },
                { "type": "value", "options": { "up": { "text": "up", "color": "#0f0" } } },
                { "type": "value", "options": { "N/A": { "text": "N/A", "color": "#ccc" } } },
            ])
        );
    }

    #[test]
    fn a_status_map_is_a_status_history() {
        let panel = shown(&json!({
            "id": 1, "type": "flant-statusmap-panel", "legend": { "show": true }, "tooltip": { "show": true },
            "color": { "mode": "discrete", "thresholds": [{ "color": "#f00", "value": "2", "tooltip": "failed" }, { "color": "#0f0", "value": 0, "tooltip": "fine" }] },
        }));
        assert_eq!(
            (panel.kind.as_str(), &panel.options["legend"]["showLegend"]),
            ("status-history", &json!(true))
        );
        assert_eq!(
            panel.field_config.defaults["mappings"],
            json!([
                { "type": "value", "options": { "2": { "text": "failed", "color": "#f00" } } },
                { "type": "value", "options": { "0": { "text": "fine", "color": "#0f0" } } },
            ])
        );
        let scale = shown(
            &json!({ "id": 1, "type": "flant-statusmap-panel", "color": { "mode": "spectrum", "colorScheme": "interpolateRdYlGn", "min": 0, "max": "9" } }),
        );
        let defaults = &scale.field_config.defaults;
        assert_eq!(
            (&defaults["color"]["mode"], &defaults["max"]),
            (&json!("continuous-RdYlGr"), &json!(9.0))
        );
    }
}
