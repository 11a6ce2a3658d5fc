//! The heatmap before it took options: data format, colours, axes and buckets lay beside the type.

use serde_json::{Map, Value, json};

use super::Panel;
use super::fields::{flag, number, object, text};
use super::panel::set;

pub(super) fn migrate(raw: &Value, panel: &mut Panel) {
    let format = text(raw, "dataFormat");
    if format.is_empty() && raw.get("yAxis").is_none() {
        return;
    }
    let axis = object(raw, "yAxis");
    let unit = text(axis, "format");
    let options = [
        ("calculate", json!(format == "timeseries")),
        ("calculation", calculation(raw)),
        ("color", color(raw)),
        (
            "yAxis",
            json!({
                "axisPlacement": if text(axis, "show") == "false" { "hidden" } else { "left" },
                "reverse": flag(raw, "reverseYBuckets"),
                "unit": unit,
                "decimals": number(axis, "decimals"),
                "min": number(axis, "min"),
                "max": number(axis, "max"),
            }),
        ),
        ("rowsFrame", json!({ "layout": row_layout(&text(raw, "yBucketBound")) })),
        ("legend", json!({ "show": flag(object(raw, "legend"), "show") })),
        (
            "tooltip",
            json!({
                "mode": if flag(object(raw, "tooltip"), "show") { "single" } else { "none" },
                "yHistogram": flag(object(raw, "tooltip"), "showHistogram"),
            }),
        ),
        // Whether or not zeros were hidden: the new panel has this as its default, and what is left
        // of a difference of floats is no count.
        ("filterValues", json!({ "le": 1e-9 })),
    ];
    for (key, value) in options {
        if panel.options.get(key).is_none() {
            set(&mut panel.options, key, value);
        }
    }
    if !unit.is_empty() && panel.field_config.defaults.get("unit").is_none() {
        set(&mut panel.field_config.defaults, "unit", json!(unit));
    }
}

fn row_layout(bound: &str) -> &str {
    match bound {
        "upper" => "le",
        "lower" => "ge",
        "middle" => "unknown",
        _ => "auto",
    }
}

/// How the cells of a time series are cut, from the size or the number of buckets.
fn calculation(raw: &Value) -> Value {
    let buckets = |axis: &str| {
        let mut cut = Map::new();
        if let Some(size) = number(raw, &format!("{axis}BucketSize")) {
            cut.insert("mode".to_owned(), json!("size"));
            cut.insert("value".to_owned(), json!(size.to_string()));
        } else if let Some(count) = number(raw, &format!("{axis}BucketNumber")) {
            cut.insert("mode".to_owned(), json!("count"));
            cut.insert("value".to_owned(), json!(count.to_string()));
        }
        Value::Object(cut)
    };
    json!({ "xBuckets": buckets("x"), "yBuckets": buckets("y") })
}

fn color(raw: &Value) -> Value {
    let old = object(raw, "color");
    // "interpolateOranges" is the scheme "Oranges".
    let scheme = text(old, "colorScheme").trim_start_matches("interpolate").to_owned();
    let scale = if text(old, "colorScale") == "linear" { "linear" } else { "exponential" };
    json!({
        "mode": if text(old, "mode") == "opacity" { "opacity" } else { "scheme" },
        "scheme": if scheme.is_empty() { "Oranges" } else { &scheme },
        "fill": text(old, "cardColor"),
        "scale": scale,
        "exponent": number(old, "exponent").unwrap_or(0.5),
        "min": number(old, "min"),
        "max": number(old, "max"),
        "steps": 128,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::only_panel;

    #[test]
    fn the_old_heatmap_gets_options_and_the_new_one_is_left_alone() {
        let old = only_panel(&json!({ "panels": [{
            "type": "heatmap", "dataFormat": "tsbuckets", "yAxis": { "format": "s", "show": true }, "yBucketBound": "upper",
            "color": { "mode": "spectrum", "colorScheme": "interpolateBlues", "exponent": 0.4 }, "yBucketNumber": 10,
        }] }));
        assert_eq!(
            (&old.options["calculate"], &old.options["rowsFrame"]["layout"]),
            (&json!(false), &json!("le"))
        );
        assert_eq!(old.options["color"]["scheme"], "Blues");
        assert_eq!(
            old.options["calculation"]["yBuckets"],
            json!({ "mode": "count", "value": "10" })
        );
        assert_eq!(old.field_config.defaults["unit"], "s");
        let new = only_panel(
            &json!({ "panels": [{ "type": "heatmap", "options": { "calculate": true } }] }),
        );
        assert_eq!(new.options, json!({ "calculate": true }));
    }
}
