//! Dashboards of the V2 format (elements and layouts) as dashboards of schema 42, so that one
//! reader serves both. Source: the CUE schema of `dashboard.grafana.app/v2alpha1` to `v2`.

mod classic_variables;
mod elements;
mod layout;
pub(in crate::dashboard) mod of_classic;
mod queries;
mod variables;

use serde_json::{Map, Value, json};

use super::Notices;
use super::fields::{array, object, text};
use super::variables::VARIABLES_MAX;

/// The schema that the V2 formats build on.
const SCHEMA: i64 = 42;

/// Whether this is the `spec` of a V2 resource.
pub(super) fn is_v2(dashboard: &Value) -> bool {
    let has = |key: &str| dashboard.get(key).is_some_and(Value::is_object);
    has("elements") && (has("layout") || has("timeSettings"))
}

/// The same dashboard with the fields of schema 42. What the layout does not place stands below.
pub(super) fn classic(spec: &Value, notices: &mut Notices) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
    for key in ["title", "description", "tags", "editable", "links", "liveNow", "preload"] {
        if let Some(value) = spec.get(key) {
            put(key, value.clone());
        }
    }
    put("schemaVersion", json!(SCHEMA));
    put(
        "graphTooltip",
        json!(match text(spec, "cursorSync").as_str() {
            "Crosshair" => 1,
            "Tooltip" => 2,
            _ => 0,
        }),
    );
    let time = object(spec, "timeSettings");
    put("time", json!({ "from": text(time, "from"), "to": text(time, "to") }));
    put("refresh", json!(text(time, "autoRefresh")));
    put("timezone", json!(text(time, "timezone")));
    put("weekStart", json!(text(time, "weekStart")));
    put("fiscalYearStartMonth", time.get("fiscalYearStartMonth").cloned().unwrap_or_default());
    put(
        "timepicker",
        json!({
            "refresh_intervals": array(time, "autoRefreshIntervals"),
            "quick_ranges": array(time, "quickRanges"),
            "hidden": time.get("hideTimepicker").cloned().unwrap_or_default(),
            "nowDelay": text(time, "nowDelay"),
        }),
    );
    // One more than is read, so that the view can tell.
    let list = array(spec, "variables").iter().take(VARIABLES_MAX + 1);
    let mut list: Vec<Value> = list.map(variables::variable).collect();
    let panels = layout::panels(spec, &mut list, notices);
    put("templating", json!({ "list": list }));
    let annotations: Vec<Value> =
        array(spec, "annotations").iter().map(queries::annotation).collect();
    put("annotations", json!({ "list": annotations }));
    put("panels", Value::Array(panels));
    Value::Object(out)
}

#[cfg(test)]
mod tests;
