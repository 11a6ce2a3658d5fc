//! The pie chart plug-in as the pie chart of today.

use serde_json::{Value, json};

use super::Panel;
use super::fields::{array, flag, number, object, text};
use super::panel::set;
use super::series::{by_alias, fixed_color};
use super::singlestat::calc;

pub(super) fn migrate(raw: &Value, panel: &mut Panel) {
    "piechart".clone_into(&mut panel.kind);
    let defaults = &mut panel.field_config.defaults;
    let unit = text(raw, "format");
    if !unit.is_empty() {
        set(defaults, "unit", json!(unit));
    }
    if let Some(decimals) = number(raw, "decimals") {
        set(defaults, "decimals", json!(decimals));
    }
    let colors = raw.get("aliasColors").and_then(Value::as_object);
    let colored = colors
        .into_iter()
        .flatten()
        .filter_map(|(alias, color)| Some(by_alias(alias, vec![fixed_color(color.as_str()?)])));
    panel.field_config.overrides.extend(colored);
    let legend = object(raw, "legend");
    let shown = [("values", "value"), ("percentage", "percent")];
    let shown: Vec<&str> =
        shown.iter().filter(|(old, _)| flag(legend, old)).map(|(_, new)| *new).collect();
    let placement = match text(raw, "legendType").as_str() {
        "Under graph" => "bottom",
        _ => "right",
    };
    let show = legend.get("show").is_none_or(|_| flag(legend, "show"))
        && text(raw, "legendType") != "On graph";
    let display =
        if flag(legend, "values") || flag(legend, "percentage") { "table" } else { "list" };
    let options = [
        ("pieType", json!(if text(raw, "pieType") == "donut" { "donut" } else { "pie" })),
        (
            "reduceOptions",
            json!({ "values": false, "calcs": [calc(&text(raw, "valueName"))], "fields": "" }),
        ),
        (
            "legend",
            json!({ "showLegend": show, "displayMode": display, "placement": placement, "values": shown }),
        ),
        (
            "displayLabels",
            json!(if text(raw, "legendType") == "On graph" { vec!["name"] } else { Vec::new() }),
        ),
    ];
    for (key, value) in options {
        if panel.options.get(key).is_none() {
            set(&mut panel.options, key, value);
        }
    }
    let links = array(raw, "links");
    if panel.links.is_empty() {
        panel.links = links.to_vec();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::only_panel;

    #[test]
    fn the_plug_in_becomes_the_pie_chart() {
        let panel = only_panel(&json!({ "panels": [{
            "type": "grafana-piechart-panel", "pieType": "donut", "format": "bytes", "valueName": "total",
            "legendType": "Right side", "legend": { "show": true, "percentage": true }, "aliasColors": { "a": "red" },
        }] }));
        assert_eq!(
            (panel.kind.as_str(), panel.original_type.as_str()),
            ("piechart", "grafana-piechart-panel")
        );
        assert_eq!(panel.options["pieType"], "donut");
        assert_eq!(panel.options["reduceOptions"]["calcs"], json!(["sum"]));
        assert_eq!(
            panel.options["legend"],
            json!({ "showLegend": true, "displayMode": "table", "placement": "right", "values": ["percent"] })
        );
        assert_eq!(panel.field_config.defaults["unit"], "bytes");
        assert_eq!(panel.field_config.overrides[0]["matcher"]["options"], "a");
    }
}
