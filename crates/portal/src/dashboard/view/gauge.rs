//! Stat, gauge and bar gauge of Grafana 6: `fieldOptions` and `valueOptions` moved.

use serde_json::{Value, json};

use super::Panel;
use super::fields::{array, number, object, text};
use super::panel::set;

pub(super) fn migrate(raw: &Value, panel: &mut Panel) {
    let old = raw.get("options").cloned().unwrap_or_default();
    let fields = object(&old, "fieldOptions");
    if !fields.is_null() {
        let defaults = object(fields, "defaults").as_object().cloned().unwrap_or_default();
        for (key, value) in defaults {
            // The unit of a title was once its own field.
            let key = if key == "title" { "displayName".to_owned() } else { key };
            if panel.field_config.defaults.get(&key).is_none() {
                set(&mut panel.field_config.defaults, &key, value);
            }
        }
        if panel.field_config.overrides.is_empty() {
            panel.field_config.overrides = array(fields, "overrides").to_vec();
        }
        let mappings = array(fields, "mappings");
        if !mappings.is_empty() && panel.field_config.defaults.get("mappings").is_none() {
            set(&mut panel.field_config.defaults, "mappings", json!(mappings));
        }
        let steps = array(fields, "thresholds");
        if !steps.is_empty() && panel.field_config.defaults.get("thresholds").is_none() {
            set_steps(panel, steps);
        }
        if old.get("reduceOptions").is_none() {
            let reduce = json!({
                "values": fields.get("values").cloned().unwrap_or(json!(false)),
                "calcs": fields.get("calcs").cloned().unwrap_or(json!(["mean"])),
                "fields": text(fields, "fields"),
            });
            set(&mut panel.options, "reduceOptions", reduce);
        }
    }
    first_gauge(&old, panel);
    if panel.options.get("reduceOptions").is_none() {
        let reduce = json!({ "values": false, "calcs": ["lastNotNull"], "fields": "" });
        set(&mut panel.options, "reduceOptions", reduce);
    }
}

/// The first gauge had everything on one level or in `valueOptions`.
fn first_gauge(old: &Value, panel: &mut Panel) {
    let value = object(old, "valueOptions");
    let unit = text(value, "unit");
    if !unit.is_empty() {
        set(&mut panel.field_config.defaults, "unit", json!(unit));
    }
    if let Some(decimals) = number(value, "decimals") {
        set(&mut panel.field_config.defaults, "decimals", json!(decimals));
    }
    for (was, is) in [("prefix", "prefix"), ("suffix", "postfix")] {
        let around = text(value, was);
        if !around.is_empty() {
            set(&mut panel.options, is, json!(around));
        }
    }
    let mappings = array(old, "valueMappings");
    if !mappings.is_empty() && panel.field_config.defaults.get("mappings").is_none() {
        set(&mut panel.field_config.defaults, "mappings", json!(mappings));
    }
    let stat = text(value, "stat");
    if !stat.is_empty() && panel.options.get("reduceOptions").is_none() {
        let calc = match stat.as_str() {
            "avg" => "mean",
            "current" => "lastNotNull",
            "total" => "sum",
            other => other,
        };
        let reduce = json!({ "values": false, "calcs": [calc], "fields": "" });
        set(&mut panel.options, "reduceOptions", reduce);
    }
    for (was, is) in [("minValue", "min"), ("maxValue", "max")] {
        if let Some(limit) = number(old, was) {
            set(&mut panel.field_config.defaults, is, json!(limit));
        }
    }
    let steps = array(old, "thresholds");
    if !steps.is_empty() && panel.field_config.defaults.get("thresholds").is_none() {
        set_steps(panel, steps);
    }
}

fn set_steps(panel: &mut Panel, steps: &[Value]) {
    let step =
        |step: &Value| json!({ "color": text(step, "color"), "value": number(step, "value") });
    let steps: Vec<Value> = steps.iter().map(step).collect();
    let thresholds = json!({ "mode": "absolute", "steps": steps });
    set(&mut panel.field_config.defaults, "thresholds", thresholds);
}
