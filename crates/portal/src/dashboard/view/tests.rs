//! The view of whole dashboards: our own small ones, and the conformance collection.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::envelope::Envelope;
use super::super::sources::{KnownSource, KnownSources};
use super::{Panel, View, view};

fn sources() -> KnownSources {
    let source = |uid: &str, kind: &str, is_default| KnownSource {
        uid: uid.into(),
        name: uid.to_uppercase(),
        kind: kind.into(),
        is_default,
    };
    KnownSources::new(vec![source("metrics", "prometheus", true), source("logs", "loki", false)])
}

pub(super) fn seen(dashboard: &Value) -> View {
    view(dashboard, &sources())
}

pub(super) fn only_panel(dashboard: &Value) -> Panel {
    let mut panels = seen(dashboard).panels;
    assert_eq!(panels.len(), 1);
    panels.remove(0)
}

fn counted<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    items.into_iter().fold(BTreeMap::new(), |mut counts, item| {
        *counts.entry(item).or_default() += 1;
        counts
    })
}

#[test]
fn rows_hold_their_panels() {
    let place = |y: u32| json!({ "x": 0, "y": y, "w": 12, "h": 4 });
    let view = seen(&json!({ "panels": [
        { "id": 3, "type": "row", "title": "closed", "collapsed": true, "gridPos": { "x": 0, "y": 5, "w": 24, "h": 1 }, "panels": [
            { "id": 9, "type": "stat", "gridPos": place(104) }, { "id": 8, "type": "stat", "gridPos": place(100) },
        ] },
        { "id": 1, "type": "row", "gridPos": { "x": 0, "y": 0, "w": 24, "h": 1 }, "panels": [] },
        { "id": 2, "type": "stat", "gridPos": place(1) },
        { "id": 2, "type": "stat", "gridPos": place(6) },
        { "type": "row", "gridPos": { "y": 6 } },
    ] }));
    let shown: Vec<_> =
        view.panels.iter().map(|p| (p.id, p.row_id, p.grid_pos.y, p.collapsed)).collect();
    assert_eq!(
        shown,
        [
            (1, None, 0, false),
            (2, Some(1), 1, false),
            (3, None, 5, true),
            (8, Some(3), 6, false),
            (9, Some(3), 10, false),
            (10, None, 6, false),
            (11, Some(10), 6, false),
        ]
    );
}

#[test]
fn old_rows_become_rows_only_when_they_show() {
    let rows = |show: bool| {
        seen(&json!({ "rows": [
            { "title": "R", "showTitle": show, "height": 100, "panels": [{ "type": "text", "span": 12, "content": "hi", "mode": "html" }] },
            { "panels": [{ "type": "graph", "span": 4 }] },
        ] }))
    };
    let kinds = |view: &View| view.panels.iter().map(|p| p.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&rows(false)), ["text", "timeseries"]);
    assert_eq!(kinds(&rows(true)), ["row", "text", "row", "timeseries"]);
    let panels = rows(true).panels;
    assert_eq!(
        (panels[1].row_id, panels[1].grid_pos.y, panels[2].grid_pos.y),
        (Some(panels[0].id), 1, 4)
    );
    assert_eq!(panels[1].options, json!({ "content": "hi", "mode": "html" }));
}

#[test]
fn a_graph_becomes_timeseries() {
    let panel = only_panel(&json!({ "panels": [{
        "id": 1, "type": "graph", "bars": false, "lines": true, "fill": 2, "linewidth": 3, "stack": true, "nullPointMode": "connected",
        "yaxes": [{ "format": "bytes", "min": "0", "max": null, "logBase": 10, "label": "left" }, { "format": "percent" }],
        "legend": { "show": true, "values": true, "avg": true, "current": true, "alignAsTable": true, "rightSide": true },
        "tooltip": { "shared": true, "sort": 2 },
        "thresholds": [{ "value": 80, "op": "gt", "colorMode": "critical", "fill": true, "line": false }],
        "aliasColors": { "a": "#fff" },
        "seriesOverrides": [{ "alias": "/b.*/", "yaxis": 2, "bars": true }],
    }] }));
    assert_eq!((panel.kind.as_str(), panel.original_type.as_str()), ("timeseries", "graph"));
    let defaults = &panel.field_config.defaults;
    assert_eq!((&defaults["unit"], &defaults["min"]), (&json!("bytes"), &json!(0.0)));
    assert_eq!(defaults["thresholds"]["steps"][1], json!({ "color": "red", "value": 80.0 }));
    let custom = &defaults["custom"];
    assert_eq!((&custom["fillOpacity"], &custom["lineWidth"]), (&json!(20.0), &json!(3.0)));
    assert_eq!(
        (&custom["spanNulls"], &custom["stacking"]["mode"]),
        (&json!(true), &json!("normal"))
    );
    assert_eq!(custom["scaleDistribution"], json!({ "type": "log", "log": 10.0 }));
    assert_eq!(
        (&custom["axisLabel"], &custom["thresholdsStyle"]["mode"]),
        (&json!("left"), &json!("area"))
    );
    assert_eq!(
        panel.options["legend"],
        json!({ "showLegend": true, "displayMode": "table", "placement": "right", "calcs": ["mean", "lastNotNull"] })
    );
    assert_eq!(panel.options["tooltip"], json!({ "mode": "multi", "sort": "desc" }));
    let overrides = &panel.field_config.overrides;
    assert_eq!(overrides[0]["matcher"], json!({ "id": "byName", "options": "a" }));
    assert_eq!(overrides[1]["matcher"], json!({ "id": "byRegexp", "options": "/b.*/" }));
    let set: Vec<&str> = overrides[1]["properties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["id"].as_str().unwrap())
        .collect();
    assert_eq!(set, ["custom.drawStyle", "custom.axisPlacement", "unit"]);
}

#[test]
fn a_singlestat_becomes_stat_or_gauge() {
    let raw = |gauge: bool| {
        json!({ "panels": [{
            "id": 1, "type": "singlestat", "format": "s", "valueName": "avg", "thresholds": "1,2", "colors": ["a", "b", "c"],
            "colorBackground": true, "sparkline": { "show": true }, "gauge": { "show": gauge, "minValue": 1, "maxValue": 9 },
            "valueMaps": [{ "op": "=", "text": "N/A", "value": "null" }, { "op": "=", "text": "UP", "value": "1" }], "mappingType": 1,
        }] })
    };
    let stat = only_panel(&raw(false));
    assert_eq!(stat.kind, "stat");
    assert_eq!(stat.options["reduceOptions"]["calcs"], json!(["mean"]));
    assert_eq!(
        (&stat.options["colorMode"], &stat.options["graphMode"]),
        (&json!("background"), &json!("area"))
    );
    let defaults = &stat.field_config.defaults;
    assert_eq!(
        defaults["thresholds"]["steps"],
        json!([{ "color": "a", "value": null }, { "color": "b", "value": 1.0 }, { "color": "c", "value": 2.0 }])
    );
    assert_eq!(
        defaults["mappings"][1],
        json!({ "type": "value", "options": { "1": { "text": "UP" } } })
    );
    let gauge = only_panel(&raw(true));
    assert_eq!(gauge.kind, "gauge");
    assert_eq!(
        (&gauge.field_config.defaults["min"], &gauge.field_config.defaults["max"]),
        (&json!(1.0), &json!(9.0))
    );
}

#[test]
fn the_first_gauges_and_tables_are_brought_up_to_date() {
    let gauge = only_panel(&json!({ "panels": [{ "id": 1, "type": "gauge", "options": {
        "fieldOptions": { "calcs": ["max"], "defaults": { "unit": "percent", "max": 100 }, "thresholds": [{ "color": "green", "value": null }, { "color": "red", "value": 80 }] },
    } }] }));
    assert_eq!(gauge.options["reduceOptions"]["calcs"], json!(["max"]));
    assert_eq!(gauge.field_config.defaults["unit"], "percent");
    assert_eq!(gauge.field_config.defaults["thresholds"]["steps"][1]["value"], 80.0);
    let table = only_panel(
        &json!({ "panels": [{ "id": 1, "type": "table", "transform": "timeseries_aggregations", "columns": [{ "value": "avg" }],
        "styles": [{ "pattern": "Time", "type": "hidden" }, { "pattern": "/.*/", "type": "number", "unit": "s", "decimals": 2 }] }] }),
    );
    assert_eq!(
        table.field_config.overrides[0]["properties"][0],
        json!({ "id": "custom.hidden", "value": true })
    );
    assert_eq!(table.field_config.defaults["unit"], "s");
    assert_eq!(
        table.transformations[0],
        json!({ "id": "reduce", "options": { "reducers": ["mean"] } })
    );
}

#[test]
fn of_the_styles_of_an_old_table_the_first_that_fits_counts() {
    let table = only_panel(
        &json!({ "panels": [{ "id": 1, "type": "table", "transform": "table", "styles": [
        { "pattern": "Value #A", "alias": "Leader", "type": "string", "mappingType": 1, "valueMaps": [{ "value": "1", "text": "YES" }] },
        { "pattern": "Value", "type": "number", "unit": "s", "colorMode": "row", "colors": ["a", "b"], "thresholds": ["5"] },
        { "pattern": "/.*/", "type": "hidden" },
    ] }] }),
    );
    assert_eq!(table.field_config.defaults["custom"]["hidden"], json!(true));
    let overrides = &table.field_config.overrides;
    let names: Vec<&Value> = overrides.iter().map(|o| &o["matcher"]["options"]).collect();
    assert_eq!(names, ["Value", "Value #A"]);
    let value = |index: usize, id: &str| {
        let all = overrides[index]["properties"].as_array().unwrap();
        all.iter().find(|p| p["id"] == id).map_or(json!("none"), |p| p["value"].clone())
    };
    assert_eq!(
        [value(0, "custom.hidden"), value(1, "custom.hidden")],
        [json!(false), json!(false)]
    );
    assert_eq!(value(0, "custom.cellOptions")["applyToRow"], json!(true));
    assert_eq!(value(0, "thresholds")["steps"][1], json!({ "color": "b", "value": 5.0 }));
    assert_eq!(value(1, "mappings")[0]["options"]["1"]["text"], "YES");
}

#[test]
fn a_singlestat_looks_for_its_column_in_tables_alone() {
    let fields = |format: &str| {
        let panel = only_panel(
            &json!({ "panels": [{ "id": 1, "type": "singlestat", "tableColumn": "endpoint", "targets": [{ "expr": "up", "format": format }] }] }),
        );
        panel.options["reduceOptions"]["fields"].clone()
    };
    assert_eq!([fields("table"), fields("time_series")], [json!("/^endpoint$/"), json!("")]);
}

#[test]
fn queries_get_names_sources_and_kinds() {
    let panel = only_panel(
        &json!({ "panels": [{ "id": 1, "type": "timeseries", "datasource": "-- Mixed --", "targets": [
        { "expr": "up" },
        { "expr": "up", "refId": "A", "instant": true, "format": "table" },
        { "expr": "x", "refId": "B", "instant": true, "range": true, "datasource": { "type": "loki", "uid": "logs" } },
        { "query": "select", "refId": "A", "format": "heatmap", "hide": true },
    ] }] }),
    );
    let shown: Vec<_> = panel
        .targets
        .iter()
        .map(|t| {
            (
                t.ref_id.as_str(),
                t.expr.as_str(),
                t.instant,
                t.range,
                t.format,
                t.datasource.as_ref().unwrap().uid.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("C", "up", false, true, "time_series", "metrics"),
            ("A", "up", true, false, "table", "metrics"),
            ("B", "x", true, true, "time_series", "logs"),
            ("D", "select", false, true, "heatmap", "metrics"),
        ]
    );
}

#[test]
fn a_dashboard_of_nothing_has_grafanas_defaults() {
    for odd in [
        json!({}),
        json!([]),
        json!(null),
        json!({ "panels": 5, "templating": [], "time": "x", "refresh": false }),
    ] {
        let view = seen(&odd);
        assert_eq!((view.time.from.as_str(), view.time.to.as_str()), ("now-6h", "now"));
        assert_eq!((view.timezone.as_str(), view.refresh.as_str()), ("browser", ""));
        assert_eq!(view.refresh_intervals.len(), 10);
        assert!(view.editable && view.panels.is_empty() && view.variables.is_empty());
    }
}

#[test]
fn library_panels_come_from_the_export() {
    let view = seen(&json!({
        "__elements": { "lib": { "model": { "type": "stat", "title": "L", "targets": [{ "expr": "up" }] } } },
        "panels": [
            { "id": 4, "gridPos": { "x": 0, "y": 0, "w": 6, "h": 4 }, "libraryPanel": { "uid": "lib", "name": "L" } },
            { "id": 5, "libraryPanel": { "uid": "gone", "name": "G" } },
        ],
    }));
    assert_eq!(
        (view.panels[0].kind.as_str(), view.panels[0].id, view.panels[0].targets.len()),
        ("stat", 4, 1)
    );
    assert!(view.notices.iter().any(|notice| notice.contains("\"G\"")), "{:?}", view.notices);
}

/// Any JSON of bounded depth, rich in the words that the view looks for.
pub(in super::super) fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "panels",
        "rows",
        "type",
        "row",
        "graph",
        "singlestat",
        "table-old",
        "gauge",
        "gridPos",
        "y",
        "w",
        "h",
        "x",
        "targets",
        "datasource",
        "templating",
        "list",
        "name",
        "query",
        "current",
        "value",
        "thresholds",
        "styles",
        "options",
        "fieldOptions",
        "id",
        "collapsed",
        "legend",
        "seriesOverrides",
        "alias",
        "yaxes",
        "min",
        "refId",
        "fieldConfig",
        "defaults",
        "overrides",
        "steps",
        "custom",
        "interval",
        "span",
        "height",
        "kind",
        "spec",
        "elements",
        "layout",
        "items",
        "rows",
        "tabs",
        "element",
        "GridLayout",
        "RowsLayout",
        "TabsLayout",
        "AutoGridLayout",
        "vizConfig",
        "data",
        "queries",
        "variables",
        "annotations",
        "mappings",
        "datasource",
        "libraryPanel",
        "links",
        "transformations",
        "xaxis",
        "series",
        "$a",
        "${a}",
        "/a/",
    ])
    .prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 200, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((words.clone(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_breaks_the_view(panels in any_json(), rows in any_json(), templating in any_json()) {
        let view = seen(&json!({ "panels": panels, "rows": rows, "templating": templating }));
        prop_assert!(serde_json::to_string(&view).is_ok());
        for panel in &view.panels {
            let place = panel.grid_pos;
            prop_assert!(place.w >= 1 && place.x + place.w <= 24 && place.h >= 1);
        }
        let ids = counted(view.panels.iter().map(|panel| panel.id));
        prop_assert!(ids.values().all(|count| *count == 1));
    }
}

proptest! {
    #[test]
    fn no_v2_dashboard_breaks_the_view(
        elements in any_json(), layout in any_json(), variables in any_json(), rest in any_json(),
    ) {
        let element = json!({ "kind": "Panel", "spec": elements });
        let refer = |layout: &Value| json!({ "kind": "RowsLayout", "spec": { "rows": [{ "spec": { "layout": layout } }] } });
        let layout = json!({ "kind": "RowsLayout", "spec": { "rows": [{ "spec": { "layout": layout, "variables": variables } }], "items": rest } });
        let view = seen(&json!({ "elements": { "a": element, "b": elements }, "layout": refer(&layout), "variables": variables, "annotations": rest }));
        prop_assert!(serde_json::to_string(&view).is_ok());
        prop_assert!(view.panels.iter().filter(|panel| panel.original_type != "row").count() <= 2);
    }
}

#[test]
fn hostile_sizes_are_bounded() {
    let many = |entry: Value, count: usize| Value::from(vec![entry; count]);
    let view = seen(&json!({
        "panels": many(json!({ "type": "stat", "targets": many(json!({}), 11) }), 6_000),
        "templating": { "list": many(json!({ "name": "a", "type": "query", "query": "$a $b" }), 6_000) },
        "annotations": { "list": many(json!({}), 6_000) },
    }));
    assert_eq!(
        (view.panels.len(), view.variables.len(), view.annotations.len()),
        (5000, 1000, 1000)
    );
    assert!(view.panels.iter().map(|panel| panel.targets.len()).sum::<usize>() <= 50_000);
    assert!(view.notices.iter().any(|notice| notice.contains("6000 panels")), "{:?}", view.notices);
    let queries =
        seen(&json!({ "panels": [{ "targets": many(json!({ "refId": "A" }), 60_000) }] }));
    assert_eq!(queries.panels[0].targets.len(), 50_000);
    let elements: serde_json::Map<String, Value> =
        (0..6_000).map(|n| (n.to_string(), json!({}))).collect();
    let v2 = seen(&json!({ "elements": elements, "layout": {} }));
    assert_eq!(v2.panels.len(), 5000);
}

/// The UI's golden pictures draw old panels from what this makes of them: `old-panels.json` holds
/// both sides. `UPDATE_EXPECT=1` writes the view; `npm run goldens` then says what looks different.
#[test]
fn golden_pictures_draw_what_old_panels_become() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/test/goldens/old-panels.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let view = seen(&file["raw"]);
    let have: Vec<Value> = view
        .panels
        .iter()
        .map(|panel| {
            let panel = serde_json::to_value(panel).unwrap();
            let kept = ["type", "originalType", "title", "options", "fieldConfig"];
            kept.iter().map(|name| ((*name).to_owned(), panel[*name].clone())).collect()
        })
        .collect();
    let have = Value::Array(have);
    if std::env::var_os("UPDATE_EXPECT").is_some() && file["view"] != have {
        file["view"] = have;
        std::fs::write(&path, format!("{file:#}\n")).unwrap();
        return;
    }
    assert_eq!(file["view"], have);
}

/// Every public dashboard of the conformance collection against the facts counted from it.
#[test]
fn real_dashboards_keep_every_panel_query_and_variable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/grafana/dashboards");
    let Ok(manifest) = std::fs::read_to_string(root.join("MANIFEST.json")) else {
        println!("skipped: no conformance data at {}", root.display());
        return;
    };
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let list = manifest["dashboards"].as_array().unwrap();
    let mut failures = Vec::new();
    for facts in list {
        let file = facts["file"].as_str().unwrap();
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let envelope = Envelope::open(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let view = seen(&serde_json::from_str(envelope.body).unwrap());
        failures
            .extend(differences(facts, &view).into_iter().map(|what| format!("{file}: {what}")));
    }
    println!("{} dashboards", list.len());
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n"));
}

fn differences(facts: &Value, view: &View) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, want: String, have: String| {
        if want != have {
            found.push(format!("{what}: want {want}, have {have}"));
        }
    };
    let from_rows = facts["legacy_rows"].as_u64().unwrap_or(0) > 0;
    let kind = |panel: &Panel| match panel.original_type.as_str() {
        "" => "?".to_owned(),
        kind => kind.to_owned(),
    };
    // Old rows are no panels in the file, but may be rows on the page.
    let panels = view.panels.iter().filter(|panel| !(from_rows && panel.original_type == "row"));
    let have = counted(panels.map(kind));
    let want: BTreeMap<String, usize> =
        serde_json::from_value(facts["panels_by_type"].clone()).unwrap();
    compare("panels", format!("{want:?}"), format!("{have:?}"));
    let targets: usize = view.panels.iter().map(|panel| panel.targets.len()).sum();
    compare("targets", facts["targets"].to_string(), targets.to_string());
    let want = facts["variables"].as_array().unwrap().iter();
    let want = counted(
        want.map(|v| format!("{} {}", v["name"].as_str().unwrap(), v["type"].as_str().unwrap())),
    );
    let have = counted(view.variables.iter().map(|v| format!("{} {}", v.name, v.kind)));
    compare("variables", format!("{want:?}"), format!("{have:?}"));
    compare("annotations", facts["annotations"].to_string(), view.annotations.len().to_string());
    compare("title", facts["title"].as_str().unwrap_or_default().to_owned(), view.title.clone());
    found
}
