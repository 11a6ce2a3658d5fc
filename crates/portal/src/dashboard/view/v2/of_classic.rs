//! The other way: a classic dashboard as elements and layout, for readers of the V2 formats.
//! Rows become rows of the layout, queries and visualisations keep their own fields.

use serde_json::{Map, Value, json};

use super::super::fields::{array, flag, integer, map, object, text};
use super::classic_variables;

/// Since schema 16 panels have places on a grid; older ones stand in rows without any.
const GRID_SINCE: i64 = 16;

/// Which of the V2 formats: the first one named plug-ins by `kind`, later ones by `group`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dashboard) enum Dialect {
    Alpha,
    Beta,
    Stable,
}

impl Dialect {
    /// Of a version of the group.
    pub(in crate::dashboard) fn of(version: &str) -> Self {
        match version {
            "v2alpha1" => Self::Alpha,
            "v2beta1" => Self::Beta,
            _ => Self::Stable,
        }
    }

    /// A query of a type of data source, with the fields that are the type's own.
    pub(super) fn query(self, source: &Value, spec: &Map<String, Value>) -> Value {
        let (kind, name) = (text(source, "type"), text(source, "uid"));
        if self == Self::Alpha {
            return json!({ "kind": kind, "spec": spec });
        }
        let mut query =
            json!({ "kind": "DataQuery", "group": kind, "version": "v0", "spec": spec });
        if !name.is_empty() {
            query["datasource"] = json!({ "name": name });
        }
        query
    }

    /// Puts the data source beside the query, where the first format has it.
    pub(super) fn beside(self, holder: &mut Value, source: &Value) {
        if self == Self::Alpha && source.is_object() {
            holder["datasource"] = source.clone();
        }
    }
}

/// The spec in a V2 format. Errors: why a dashboard of this schema cannot be converted.
pub(in crate::dashboard) fn spec(classic: &Value, dialect: Dialect) -> Result<Value, String> {
    let schema = integer(classic, "schemaVersion").unwrap_or(0);
    if schema < GRID_SINCE && !array(classic, "rows").is_empty() {
        return Err(format!(
            "a dashboard of schema {schema} has no places on a grid: save it once to convert it"
        ));
    }
    let mut elements = Map::new();
    let layout = layout(array(classic, "panels"), &mut elements, dialect);
    let variables = object(classic, "templating");
    let variables: Result<Vec<Value>, String> = array(variables, "list")
        .iter()
        .map(|variable| classic_variables::variable(variable, dialect))
        .collect();
    let annotations = array(object(classic, "annotations"), "list");
    let cursor = match integer(classic, "graphTooltip") {
        Some(1) => "Crosshair",
        Some(2) => "Tooltip",
        _ => "Off",
    };
    let mut spec = json!({
        "title": text(classic, "title"),
        "tags": array(classic, "tags"),
        "cursorSync": cursor,
        "editable": classic.get("editable").and_then(Value::as_bool).unwrap_or(true),
        "preload": flag(classic, "preload"),
        "liveNow": flag(classic, "liveNow"),
        "links": array(classic, "links"),
        "timeSettings": time_settings(classic),
        "variables": variables?,
        "annotations": annotations.iter().map(|a| annotation(a, dialect)).collect::<Vec<_>>(),
        "elements": elements,
        "layout": layout,
    });
    let description = text(classic, "description");
    if !description.is_empty() {
        spec["description"] = json!(description);
    }
    Ok(spec)
}

fn time_settings(classic: &Value) -> Value {
    let (time, picker) = (object(classic, "time"), object(classic, "timepicker"));
    let or =
        |value: String, default: &str| if value.is_empty() { default.to_owned() } else { value };
    let mut settings = json!({
        "from": or(text(time, "from"), "now-6h"),
        "to": or(text(time, "to"), "now"),
        "autoRefresh": text(classic, "refresh"),
        "autoRefreshIntervals": array(picker, "refresh_intervals"),
        "hideTimepicker": flag(picker, "hidden"),
        "timezone": or(text(classic, "timezone"), "browser"),
        "fiscalYearStartMonth": integer(classic, "fiscalYearStartMonth").unwrap_or(0),
    });
    for (key, value) in
        [("weekStart", text(classic, "weekStart")), ("nowDelay", text(picker, "nowDelay"))]
    {
        if !value.is_empty() {
            settings[key] = json!(value);
        }
    }
    if let Some(ranges) = picker.get("quick_ranges").filter(|ranges| ranges.is_array()) {
        settings["quickRanges"] = ranges.clone();
    }
    settings
}

/// A grid, or rows of grids as soon as there is a row. What stands before the first row is in one
/// without a header.
fn layout(panels: &[Value], elements: &mut Map<String, Value>, dialect: Dialect) -> Value {
    let is_row = |panel: &&Value| text(panel, "type") == "row";
    if !panels.iter().any(|panel| is_row(&panel)) {
        let items: Vec<Value> =
            panels.iter().map(|panel| item(panel, 0, elements, dialect)).collect();
        return json!({ "kind": "GridLayout", "spec": { "items": items } });
    }
    let mut rows: Vec<(Option<&Value>, Vec<Value>)> = Vec::new();
    for panel in panels {
        if is_row(&panel) {
            let top = place(panel, "y") + 1;
            let inside = array(panel, "panels").iter();
            rows.push((Some(panel), inside.map(|p| item(p, top, elements, dialect)).collect()));
            continue;
        }
        if rows.is_empty() {
            rows.push((None, Vec::new()));
        }
        let top = rows.last().and_then(|(row, _)| *row).map_or(0, |row| place(row, "y") + 1);
        let item = item(panel, top, elements, dialect);
        if let Some((_, items)) = rows.last_mut() {
            items.push(item);
        }
    }
    let rows = rows.into_iter().map(|(row, items)| {
        let row = row.unwrap_or(&Value::Null);
        let mut spec = json!({
            "title": text(row, "title"),
            "collapse": flag(row, "collapsed"),
            "layout": { "kind": "GridLayout", "spec": { "items": items } },
        });
        if row.is_null() {
            spec["hideHeader"] = json!(true);
        }
        if let Some(repeat) = repeat(row) {
            spec["repeat"] = repeat;
        }
        json!({ "kind": "RowsLayoutRow", "spec": spec })
    });
    json!({ "kind": "RowsLayout", "spec": { "rows": rows.collect::<Vec<Value>>() } })
}

fn place(panel: &Value, key: &str) -> i64 {
    integer(object(panel, "gridPos"), key).unwrap_or(0)
}

fn repeat(panel: &Value) -> Option<Value> {
    let variable = text(panel, "repeat");
    (!variable.is_empty()).then(|| json!({ "mode": "variable", "value": variable }))
}

/// A panel as an element, and its place counted from line `top`.
fn item(panel: &Value, top: i64, elements: &mut Map<String, Value>, dialect: Dialect) -> Value {
    let name = name(panel, elements);
    let mut spec = json!({
        "x": place(panel, "x"),
        "y": (place(panel, "y") - top).max(0),
        "width": place(panel, "w"),
        "height": place(panel, "h"),
        "element": { "kind": "ElementReference", "name": name },
    });
    if let Some(mut repeat) = repeat(panel) {
        for (from, to) in [("repeatDirection", "direction"), ("maxPerRow", "maxPerRow")] {
            if let Some(value) = panel.get(from).filter(|value| !value.is_null()) {
                repeat[to] = value.clone();
            }
        }
        spec["repeat"] = repeat;
    }
    elements.insert(name, element(panel, dialect));
    json!({ "kind": "GridLayoutItem", "spec": spec })
}

/// `panel-<id>`; panels that share an id, or have none, get one that is free.
fn name(panel: &Value, elements: &Map<String, Value>) -> String {
    let wanted = format!("panel-{}", integer(panel, "id").unwrap_or(0));
    if !elements.contains_key(&wanted) {
        return wanted;
    }
    // As many names as there are elements, and one more: one of them is free.
    let mut others = (2..elements.len() + 3).map(|n| format!("{wanted}-{n}"));
    others.find(|name| !elements.contains_key(name)).unwrap_or(wanted)
}

fn element(panel: &Value, dialect: Dialect) -> Value {
    let library = object(panel, "libraryPanel");
    if !library.is_null() {
        let spec = json!({
            "id": integer(panel, "id").unwrap_or(0),
            "title": text(panel, "title"),
            "libraryPanel": { "uid": text(library, "uid"), "name": text(library, "name") },
        });
        return json!({ "kind": "LibraryPanel", "spec": spec });
    }
    let mut spec = json!({
        "id": integer(panel, "id").unwrap_or(0),
        "title": text(panel, "title"),
        "description": text(panel, "description"),
        "links": array(panel, "links"),
        "data": { "kind": "QueryGroup", "spec": data(panel, dialect) },
        "vizConfig": viz(panel, dialect),
    });
    if flag(panel, "transparent") {
        spec["transparent"] = json!(true);
    }
    json!({ "kind": "Panel", "spec": spec })
}

fn viz(panel: &Value, dialect: Dialect) -> Value {
    let (kind, version) = (text(panel, "type"), text(panel, "pluginVersion"));
    let mut spec = json!({
        "options": map(panel, "options"),
        "fieldConfig": match map(panel, "fieldConfig") {
            config if config.is_empty() => json!({ "defaults": {}, "overrides": [] }),
            config => Value::Object(config),
        },
    });
    if dialect == Dialect::Alpha {
        spec["pluginVersion"] = json!(version);
        return json!({ "kind": kind, "spec": spec });
    }
    json!({ "kind": "VizConfig", "group": kind, "version": version, "spec": spec })
}

fn data(panel: &Value, dialect: Dialect) -> Value {
    let own = panel.get("datasource").unwrap_or(&Value::Null);
    let is_mixed = text(own, "uid") == "-- Mixed --";
    let query = |target: &Value| {
        let mut fields = target.as_object().cloned().unwrap_or_default();
        let source = fields.remove("datasource").filter(|source| !source.is_null());
        let source = source.unwrap_or_else(|| if is_mixed { Value::Null } else { own.clone() });
        // Before schema 33 a data source was named by its name or uid alone.
        let source = match source {
            Value::String(name) => json!({ "uid": name }),
            source => source,
        };
        for key in ["refId", "hide"] {
            fields.remove(key);
        }
        let mut spec = json!({
            "refId": text(target, "refId"),
            "hidden": flag(target, "hide"),
            "query": dialect.query(&source, &fields),
        });
        dialect.beside(&mut spec, &source);
        json!({ "kind": "PanelQuery", "spec": spec })
    };
    let mut options = Map::new();
    for key in [
        "timeFrom",
        "timeShift",
        "maxDataPoints",
        "interval",
        "cacheTimeout",
        "queryCachingTTL",
        "hideTimeOverride",
    ] {
        if let Some(value) = panel.get(key).filter(|value| !value.is_null()) {
            options.insert(key.to_owned(), value.clone());
        }
    }
    let steps = array(panel, "transformations");
    json!({
        "queries": array(panel, "targets").iter().map(query).collect::<Vec<Value>>(),
        "transformations":
            steps.iter().map(|step| transformation(step, dialect)).collect::<Vec<Value>>(),
        "queryOptions": options,
    })
}

fn transformation(step: &Value, dialect: Dialect) -> Value {
    let (id, spec) = (text(step, "id"), step.as_object().cloned().unwrap_or_default());
    if dialect == Dialect::Stable {
        let spec: Map<String, Value> = spec.into_iter().filter(|(key, _)| key != "id").collect();
        return json!({ "kind": "Transformation", "group": id, "spec": spec });
    }
    json!({ "kind": id, "spec": spec })
}

fn annotation(entry: &Value, dialect: Dialect) -> Value {
    const OWN: [&str; 8] =
        ["name", "enable", "hide", "iconColor", "builtIn", "filter", "datasource", "target"];
    let source = entry.get("datasource").cloned().unwrap_or_default();
    let source = match source {
        Value::String(name) => json!({ "uid": name }),
        source => source,
    };
    let mut spec = json!({
        "name": text(entry, "name"),
        "enable": flag(entry, "enable"),
        "hide": flag(entry, "hide"),
        "iconColor": text(entry, "iconColor"),
        "builtIn": flag(entry, "builtIn"),
        "query": dialect.query(&source, &map(entry, "target")),
    });
    if let Some(filter) = entry.get("filter").filter(|filter| filter.is_object()) {
        spec["filter"] = filter.clone();
    }
    let fields = entry.as_object().into_iter().flatten();
    let more: Map<String, Value> = fields
        .filter(|(key, _)| !OWN.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !more.is_empty() {
        spec["legacyOptions"] = Value::Object(more);
    }
    dialect.beside(&mut spec, &source);
    json!({ "kind": "AnnotationQuery", "spec": spec })
}
