//! V2 dashboards through the whole view.

use serde_json::{Value, json};

use super::super::tests::seen;
use super::super::{Panel, View};

fn element(id: i64, kind: &str) -> Value {
    json!({ "kind": "Panel", "spec": {
        "id": id, "title": format!("panel {id}"), "links": [],
        "data": { "kind": "QueryGroup", "spec": {
            "queries": [{ "kind": "PanelQuery", "spec": { "refId": "A", "hidden": false, "query": {
                "kind": "DataQuery", "group": "prometheus", "version": "v0", "datasource": { "name": "metrics" }, "spec": { "expr": "up", "instant": true },
            } } }],
            "transformations": [{ "kind": "limit", "spec": { "id": "limit", "options": { "limitField": 3 } } }],
            "queryOptions": { "maxDataPoints": 7, "timeShift": "1h" },
        } },
        "vizConfig": { "kind": "VizConfig", "group": kind, "version": "12", "spec": { "options": { "a": 1 }, "fieldConfig": { "defaults": { "unit": "s" }, "overrides": [] } } },
    } })
}

fn refer(name: &str) -> Value {
    json!({ "kind": "ElementReference", "name": name })
}

fn dashboard(layout: Value) -> View {
    let mut spec = json!({
        "title": "T", "tags": ["x"], "cursorSync": "Tooltip",
        "timeSettings": { "from": "now-1h", "to": "now", "timezone": "utc", "autoRefresh": "10s", "autoRefreshIntervals": ["10s"], "nowDelay": "1m", "hideTimepicker": true },
        "elements": { "a": element(1, "timeseries"), "b": element(2, "stat"), "c": element(3, "table") },
    });
    spec["layout"] = layout;
    seen(&spec)
}

fn places(view: &View) -> Vec<(&str, u32, u32, u32, u32)> {
    let place =
        |panel: &Panel| (panel.grid_pos.x, panel.grid_pos.y, panel.grid_pos.w, panel.grid_pos.h);
    view.panels
        .iter()
        .map(|panel| {
            let (x, y, w, h) = place(panel);
            (panel.title.as_str(), x, y, w, h)
        })
        .collect()
}

#[test]
fn a_grid_keeps_its_places_and_panels_their_fields() {
    let item = |name: &str, x: u32, y: u32| json!({ "kind": "GridLayoutItem", "spec": { "x": x, "y": y, "width": 12, "height": 4, "element": refer(name) } });
    let mut repeated = item("b", 12, 0);
    repeated["spec"]["repeat"] =
        json!({ "mode": "variable", "value": "host", "direction": "v", "maxPerRow": 2 });
    let view = dashboard(json!({ "kind": "GridLayout", "spec": { "items": [
        item("a", 0, 0), repeated,
        { "kind": "GridLayoutRow", "spec": { "title": "R", "y": 4, "collapsed": true, "elements": [item("c", 0, 0), item("gone", 0, 0)] } },
    ] } }));
    assert_eq!(
        places(&view),
        [
            ("panel 1", 0, 0, 12, 4),
            ("panel 2", 12, 0, 12, 4),
            ("R", 0, 4, 24, 1),
            ("panel 3", 0, 5, 12, 4)
        ]
    );
    let first = &view.panels[0];
    assert_eq!((first.id, first.kind.as_str(), first.max_data_points), (1, "timeseries", Some(7)));
    assert_eq!((first.targets[0].expr.as_str(), first.targets[0].instant), ("up", true));
    assert_eq!(first.datasource.as_ref().unwrap().uid, "metrics");
    assert_eq!(
        (&first.options["a"], &first.field_config.defaults["unit"]),
        (&json!(1), &json!("s"))
    );
    assert_eq!(
        (first.time_shift.as_str(), &first.transformations[0]["id"]),
        ("1h", &json!("limit"))
    );
    let second = &view.panels[1];
    assert_eq!(
        (second.repeat.as_str(), second.repeat_direction, second.max_per_row),
        ("host", "v", 2)
    );
    assert!(view.panels[2].collapsed && view.panels[3].row_id == Some(view.panels[2].id));
    assert!(view.notices.iter().any(|notice| notice.contains("gone")), "{:?}", view.notices);
    assert_eq!((view.title.as_str(), view.graph_tooltip, view.refresh.as_str()), ("T", 2, "10s"));
    assert_eq!((view.time.from.as_str(), view.timezone.as_str()), ("now-1h", "utc"));
    assert_eq!((view.now_delay.as_str(), view.hide_time_picker), ("1m", true));
}

#[test]
fn rows_tabs_and_automatic_grids_stand_below_each_other() {
    let auto = |names: &[&str]| {
        let items: Vec<Value> = names
            .iter()
            .map(|name| json!({ "kind": "AutoGridLayoutItem", "spec": { "element": refer(name) } }))
            .collect();
        json!({ "kind": "AutoGridLayout", "spec": { "maxColumnCount": 2, "rowHeightMode": "custom", "rowHeight": 152, "items": items } })
    };
    let tab = |title: &str, layout: Value| json!({ "kind": "TabsLayoutTab", "spec": { "title": title, "layout": layout } });
    let rows = json!({ "kind": "RowsLayout", "spec": { "rows": [{ "kind": "RowsLayoutRow", "spec": { "title": "R", "layout": auto(&["c"]), "variables": [{ "kind": "TextVariable", "spec": { "name": "own", "query": "x" } }] } }] } });
    let view = dashboard(
        json!({ "kind": "TabsLayout", "spec": { "tabs": [tab("one", auto(&["a", "b"])), tab("two", rows)] } }),
    );
    assert_eq!(
        places(&view),
        [
            ("one", 0, 0, 24, 1),
            ("panel 1", 0, 1, 12, 4),
            ("panel 2", 12, 1, 12, 4),
            ("two", 0, 5, 24, 1),
            ("R", 0, 6, 24, 1),
            ("panel 3", 0, 7, 12, 4),
        ]
    );
    assert_eq!(
        (view.variables[0].name.as_str(), view.variables[0].kind.as_str()),
        ("own", "textbox")
    );
}

#[test]
fn no_panel_is_lost_and_no_nesting_is_followed_for_ever() {
    let view = dashboard(json!({ "kind": "GridLayout", "spec": { "items": [] } }));
    assert_eq!(view.panels.len(), 3);
    let mut deep = json!({ "kind": "GridLayout", "spec": { "items": [] } });
    for _ in 0..40 {
        deep = json!({ "kind": "RowsLayout", "spec": { "rows": [{ "kind": "RowsLayoutRow", "spec": { "layout": deep } }] } });
    }
    let view = dashboard(deep);
    assert!(view.notices.iter().any(|notice| notice.contains("too deep")), "{:?}", view.notices);
    assert_eq!(dashboard(json!({ "kind": "Odd" })).panels.len(), 3);
}

#[test]
fn variables_annotations_and_the_first_format_are_read() {
    let current = json!({ "text": "a", "value": "a" });
    let view = seen(&json!({
        "elements": { "p": { "kind": "Panel", "spec": { "id": 1, "title": "old", "vizConfig": { "kind": "gauge", "spec": {} },
            "data": { "kind": "QueryGroup", "spec": { "queries": [
                { "kind": "PanelQuery", "spec": { "refId": "A", "datasource": { "type": "loki", "uid": "logs" }, "query": { "kind": "loki", "spec": { "expr": "{a=\"b\"}" } } } },
                { "kind": "PanelQuery", "spec": { "refId": "B", "hidden": true, "query": { "kind": "prometheus", "spec": { "expr": "up" } } } },
            ] } } } },
            "l": { "kind": "LibraryPanel", "spec": { "id": 2, "title": "lib", "libraryPanel": { "uid": "u", "name": "n" } } } },
        "layout": { "kind": "GridLayout", "spec": { "items": [{ "kind": "GridLayoutItem", "spec": { "element": refer("p") } }, { "kind": "GridLayoutItem", "spec": { "y": 9, "element": refer("l") } }] } },
        "variables": [
            { "kind": "QueryVariable", "spec": { "name": "q", "current": current, "hide": "hideLabel", "refresh": "onTimeRangeChanged", "sort": "numericalDesc", "multi": true,
                "query": { "kind": "DataQuery", "group": "prometheus", "datasource": { "name": "metrics" }, "spec": { "query": "label_values(up, job)", "refId": "x" } } } },
            { "kind": "QueryVariable", "spec": { "name": "s", "query": { "kind": "prometheus", "spec": { "__legacyStringValue": "label_names()" } } } },
            { "kind": "DatasourceVariable", "spec": { "name": "ds", "pluginId": "prometheus" } },
            { "kind": "AdhocVariable", "group": "prometheus", "datasource": { "name": "metrics" }, "spec": { "name": "f" } },
            { "kind": "SwitchVariable", "spec": { "name": "sw", "current": "true" } },
            { "kind": "CustomVariable", "spec": { "name": "c", "query": "1,2", "current": { "text": "2", "value": "2" } } },
        ],
        "annotations": [{ "kind": "AnnotationQuery", "spec": { "name": "deploys", "enable": true, "builtIn": false, "iconColor": "red",
            "query": { "kind": "DataQuery", "group": "prometheus", "datasource": { "name": "metrics" }, "spec": { "expr": "changes(x[1m])" } } } }],
    }));
    let gauge = &view.panels[0];
    assert_eq!(
        (gauge.kind.as_str(), gauge.datasource.as_ref().unwrap().uid.as_str()),
        ("gauge", "-- Mixed --")
    );
    let sources: Vec<&str> = gauge
        .targets
        .iter()
        .map(|target| target.datasource.as_ref().unwrap().uid.as_str())
        .collect();
    assert_eq!((sources, gauge.targets[1].hide), (vec!["logs", "metrics"], true));
    assert_eq!(view.panels[1].title, "lib");
    let kinds: Vec<(&str, &str)> =
        view.variables.iter().map(|v| (v.name.as_str(), v.kind.as_str())).collect();
    assert_eq!(
        kinds,
        [
            ("q", "query"),
            ("s", "query"),
            ("ds", "datasource"),
            ("f", "adhoc"),
            ("sw", "switch"),
            ("c", "custom")
        ]
    );
    let q = &view.variables[0];
    assert_eq!((q.query.as_str(), q.hide, q.refresh, q.sort), ("label_values(up, job)", 1, 2, 4));
    assert_eq!(view.variables[1].query, "label_names()");
    assert_eq!(view.variables[4].current.value, json!("true"));
    assert_eq!(view.variables[5].current.value, json!("2"));
    let annotation = &view.annotations[0];
    assert_eq!(
        (&annotation["name"], &annotation["expr"]),
        (&json!("deploys"), &json!("changes(x[1m])"))
    );
    assert_eq!(annotation["datasource"]["uid"], "metrics");
}

/// A classic dashboard reads the same before and after it was converted, in each of the formats.
#[test]
fn a_classic_dashboard_survives_the_way_there_and_back() {
    use super::super::v2_of_classic;

    let panel = |id: i64, x: i64, y: i64| {
        json!({
            "id": id, "type": "timeseries", "title": format!("panel {id}"), "pluginVersion": "12",
            "gridPos": { "x": x, "y": y, "w": 12, "h": 4 }, "maxDataPoints": 7, "timeShift": "1h",
            "datasource": { "type": "prometheus", "uid": "metrics" }, "repeat": "job", "maxPerRow": 2,
            "options": { "a": 1 }, "fieldConfig": { "defaults": { "unit": "s" }, "overrides": [] },
            "targets": [{ "refId": "A", "expr": "up", "hide": true }, { "refId": "B", "expr": "down", "datasource": { "type": "loki", "uid": "logs" } }],
            "transformations": [{ "id": "limit", "options": { "limitField": 3 } }],
        })
    };
    let row = |title: &str, y: i64, inside: Value| json!({ "type": "row", "title": title, "collapsed": inside.as_array().is_some_and(|i| !i.is_empty()), "gridPos": { "x": 0, "y": y, "w": 24, "h": 1 }, "panels": inside });
    let current = json!({ "text": "a", "value": "a" });
    let mut classic = json!({
        "title": "T", "schemaVersion": 42, "graphTooltip": 1, "refresh": "10s", "timezone": "utc",
        "time": { "from": "now-1h", "to": "now" }, "timepicker": { "hidden": true, "nowDelay": "1m" },
        "templating": { "list": [
            { "type": "query", "name": "job", "query": "label_values(up, job)", "datasource": { "type": "prometheus", "uid": "metrics" }, "current": current, "multi": true, "refresh": 2, "sort": 4, "hide": 1 },
            { "type": "custom", "name": "c", "query": "1,2", "current": { "text": "2", "value": "2" } },
            { "type": "datasource", "name": "ds", "query": "prometheus", "current": current },
            { "type": "textbox", "name": "t", "query": "x", "current": current },
            { "type": "interval", "name": "i", "query": "1m,2m", "current": current },
            { "type": "constant", "name": "k", "query": "v", "current": current },
            { "type": "switch", "name": "s", "current": { "text": "true", "value": "true" }, "options": [{ "text": "true", "value": "true" }, { "text": "false", "value": "false" }] },
            { "type": "adhoc", "name": "f", "datasource": { "type": "prometheus", "uid": "metrics" } },
        ] },
        "annotations": { "list": [{ "name": "deploys", "enable": true, "iconColor": "red", "datasource": { "type": "prometheus", "uid": "metrics" }, "target": { "expr": "changes(x[1m])" }, "expr": "changes(x[1m])" }] },
        "panels": [panel(1, 0, 0), row("open", 4, json!([])), panel(2, 12, 5), row("closed", 9, json!([panel(3, 0, 10)]))],
    });
    let told = |view: &View| {
        let panels: Vec<String> = view
            .panels
            .iter()
            .map(|p| {
                let targets: Vec<_> = p
                    .targets
                    .iter()
                    .map(|t| {
                        (&t.ref_id, &t.expr, t.hide, t.datasource.as_ref().map(|d| d.uid.clone()))
                    })
                    .collect();
                format!(
                    "{} {:?} {:?} {:?} {:?} {:?} {} {:?} {:?}",
                    p.title,
                    p.kind,
                    p.grid_pos,
                    targets,
                    p.options,
                    p.field_config.defaults,
                    p.repeat,
                    p.transformations,
                    (p.max_data_points, &p.time_shift, p.collapsed)
                )
            })
            .collect();
        let variables: Vec<String> = view
            .variables
            .iter()
            .map(|v| {
                format!(
                    "{} {} {} {:?} {} {} {} {}",
                    v.name, v.kind, v.query, v.current, v.hide, v.refresh, v.sort, v.multi
                )
            })
            .collect();
        (
            panels,
            variables,
            view.title.clone(),
            view.graph_tooltip,
            view.refresh.clone(),
            view.now_delay.clone(),
            view.hide_time_picker,
        )
    };
    for rows in [true, false] {
        if !rows {
            classic["panels"] = json!([panel(1, 0, 0), panel(2, 12, 0)]);
        }
        let want = told(&seen(&classic));
        for version in ["v2alpha1", "v2beta1", "v2"] {
            let converted = v2_of_classic(&classic, version).unwrap();
            assert_eq!(told(&seen(&converted)), want, "{version}");
        }
    }
    classic["templating"]["list"] = json!([{ "type": "odd", "name": "o" }]);
    assert!(v2_of_classic(&classic, "v2").unwrap_err().contains("odd"));
}
