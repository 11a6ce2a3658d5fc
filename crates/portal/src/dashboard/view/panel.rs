//! Panels: flattened out of rows, with places, types, queries and options of today.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::fields::{array, flag, integer, map, object, text};
use super::targets::{source_of_targets, targets};
use super::{
    FieldConfig, GridPos, LibraryPanels, Notices, Panel, Resolver, gauge, graph, heatmap, layout,
    lists, piechart, plugins, settle, singlestat, table, upgrade,
};

/// Deepest nesting of rows that is followed; Grafana has one level.
const DEPTH_MAX: u32 = 4;
/// Rows held the panels before this schema.
const ROWS_UNTIL: i64 = 16;
/// More panels than any page can show.
const PANELS_MAX: usize = 5000;
/// Queries of all panels together.
const TARGETS_MAX: usize = 50_000;

/// All panels, flat, in reading order.
pub(super) fn panels(
    dashboard: &Value,
    resolver: &Resolver<'_>,
    library: &LibraryPanels,
    notices: &mut Notices,
) -> Vec<Panel> {
    let schema = integer(dashboard, "schemaVersion").unwrap_or(0);
    let (panels, ids) = (Vec::new(), Ids::default());
    let (left_out, targets_left) = (0, TARGETS_MAX);
    let mut reader = Reader {
        dashboard,
        schema,
        resolver,
        library,
        notices,
        panels,
        ids,
        left_out,
        targets_left,
    };
    reader.ids.reserve(dashboard);
    let rows = array(dashboard, "rows");
    let list = array(dashboard, "panels");
    // Dashboards of today may carry the rows of long ago beside their panels; they mean nothing.
    if list.is_empty() || schema < ROWS_UNTIL {
        reader.old_rows(rows);
    }
    reader.list(list);
    if reader.left_out > 0 {
        let total = reader.panels.len() + reader.left_out;
        reader
            .notices
            .add(format!("the dashboard has {total} panels, the first {PANELS_MAX} are shown"));
    }
    if reader.targets_left == 0 {
        reader.notices.add(format!("the dashboard has more than {TARGETS_MAX} queries"));
    }
    reader.panels
}

struct Reader<'a> {
    dashboard: &'a Value,
    schema: i64,
    resolver: &'a Resolver<'a>,
    library: &'a LibraryPanels,
    notices: &'a mut Notices,
    panels: Vec<Panel>,
    ids: Ids,
    /// Panels beyond the bound.
    left_out: usize,
    targets_left: usize,
}

impl Reader<'_> {
    /// The form of today: panels with places, rows among them.
    fn list(&mut self, list: &[Value]) {
        let mut raws: Vec<(GridPos, &Value)> = Vec::with_capacity(list.len());
        let mut below = 0;
        let unnamed = layout::unnamed(list);
        for raw in list.iter().filter(|raw| raw.is_object()) {
            let is_row = text(raw, "type") == "row";
            let place = layout::saved(raw).or(unnamed);
            let mut place = place.unwrap_or(GridPos { x: 0, y: below, w: 12, h: 8 });
            if is_row {
                place = GridPos { x: 0, w: layout::COLUMNS, h: 1, ..place };
            }
            below = below.max(place.y + place.h);
            raws.push((place, raw));
        }
        // Reading order; a row comes before what stands on its line.
        raws.sort_by_key(|(place, raw)| (place.y, u32::from(text(raw, "type") != "row"), place.x));
        let mut row_id = None;
        for (place, raw) in raws {
            if text(raw, "type") == "row" {
                row_id = Some(self.row(raw, place, DEPTH_MAX));
            } else {
                self.push(raw, place, row_id);
            }
        }
    }

    /// A row and, when it is closed, the panels inside it: they are placed as if it were open.
    fn row(&mut self, raw: &Value, place: GridPos, depth: u32) -> i64 {
        let inner: Vec<&Value> =
            array(raw, "panels").iter().filter(|raw| raw.is_object()).collect();
        let id = self.push_row(raw, place, flag(raw, "collapsed"));
        let first = inner.iter().filter_map(|raw| layout::saved(raw)).map(|p| p.y).min();
        let mut below = place.y + 1;
        let mut placed: Vec<(GridPos, &Value)> = Vec::with_capacity(inner.len());
        for raw in inner {
            let saved = layout::saved(raw);
            let inside =
                saved.map(|p| GridPos { y: place.y + 1 + (p.y - first.unwrap_or(p.y)), ..p });
            let inside = inside.unwrap_or(GridPos { x: 0, y: below, w: 12, h: 8 });
            below = below.max(inside.y + inside.h);
            placed.push((inside, raw));
        }
        placed.sort_by_key(|(place, _)| (place.y, place.x));
        for (inside, raw) in placed {
            if text(raw, "type") == "row" && depth > 0 {
                self.row(raw, GridPos { x: 0, w: layout::COLUMNS, h: 1, ..inside }, depth - 1);
            } else {
                self.push(raw, inside, Some(id));
            }
        }
        id
    }

    /// The form before schema 16: rows of panels with spans.
    fn old_rows(&mut self, rows: &[Value]) {
        let show_rows = rows.iter().any(layout::shows_row);
        let mut y = 0;
        for row in rows.iter().filter(|row| row.is_object()) {
            let first = self.panels.len();
            let mut row_id = None;
            if show_rows {
                let place = GridPos { x: 0, y, w: layout::COLUMNS, h: 1 };
                row_id = Some(self.push_row(row, place, flag(row, "collapse")));
                y += 1;
            }
            let panels: Vec<Value> =
                array(row, "panels").iter().filter(|raw| raw.is_object()).cloned().collect();
            let (places, below) = layout::old_row(row, &panels, y);
            for (raw, place) in panels.iter().zip(places) {
                self.push(raw, place, row_id);
            }
            // A copy that was saved of a repeated row: all of it stands for another.
            if row.get("repeatIteration").is_some_and(|copy| !copy.is_null()) {
                self.panels[first..].iter_mut().for_each(|panel| panel.is_saved_copy = true);
            }
            y = below;
        }
    }

    fn push_row(&mut self, raw: &Value, place: GridPos, collapsed: bool) -> i64 {
        let id = self.ids.take(raw);
        let mut row = bare(raw, id, place);
        "row".clone_into(&mut row.kind);
        "row".clone_into(&mut row.original_type);
        row.collapsed = collapsed;
        // Nothing draws them, but some rows carry queries, and the view loses none.
        row.targets = targets(self.queries(raw), None, self.resolver);
        self.take(row);
        id
    }

    /// The queries of a panel, as far as the bound reaches.
    fn queries<'v>(&mut self, raw: &'v Value) -> &'v [Value] {
        let queries = array(raw, "targets");
        let queries = &queries[..queries.len().min(self.targets_left)];
        self.targets_left -= queries.len();
        queries
    }

    fn take(&mut self, panel: Panel) {
        if self.panels.len() < PANELS_MAX {
            self.panels.push(panel);
        } else {
            self.left_out += 1;
        }
    }

    fn push(&mut self, received: &Value, place: GridPos, row_id: Option<i64>) {
        if self.panels.len() >= PANELS_MAX {
            self.left_out += 1;
            return;
        }
        let mut raw = self.library_panel(received).unwrap_or_else(|| received.clone());
        upgrade::raw_panel(&mut raw, self.schema);
        let raw = &raw;
        let id = self.ids.take(received);
        let mut panel = bare(raw, id, place);
        panel.row_id = row_id;
        if panel.kind.is_empty() {
            self.notices.add(format!("panel {id} has no type"));
        }
        let queries = self.queries(raw);
        let own = raw.get("datasource").filter(|own| !own.is_null());
        panel.datasource = self.resolver.resolve(own.or_else(|| source_of_targets(queries)));
        panel.targets = targets(queries, panel.datasource.as_ref(), self.resolver);
        self.migrate(raw, &mut panel);
        panel.original_type = text(received, "type");
        self.take(panel);
    }

    /// An exported dashboard carries its library panels beside it; others are looked up.
    fn library_panel(&mut self, raw: &Value) -> Option<Value> {
        let link = object(raw, "libraryPanel");
        if link.is_null() || raw.get("type").is_some_and(|kind| kind != "") {
            return None;
        }
        let uid = text(link, "uid");
        let carried = object(object(object(self.dashboard, "__elements"), &uid), "model");
        let model = self.library.get(&uid).unwrap_or(carried);
        if !model.is_object() {
            self.notices.add(format!("library panel {:?} is not here", text(link, "name")));
            return None;
        }
        let mut merged = model.clone();
        if let (Some(merged), Some(own)) = (merged.as_object_mut(), raw.as_object()) {
            let own = own.iter().filter(|(key, _)| {
                let place = ["id", "gridPos", "repeat", "repeatDirection", "maxPerRow"];
                place.contains(&key.as_str()) || *key == "libraryPanel"
            });
            merged.extend(own.map(|(key, value)| (key.clone(), value.clone())));
        }
        Some(merged)
    }

    /// Types of earlier days become what replaced them; others only get their defaults.
    fn migrate(&mut self, raw: &Value, panel: &mut Panel) {
        let has_styles = raw.get("styles").is_some_and(Value::is_array);
        match panel.original_type.as_str() {
            "graph" | "graphite" => graph::migrate(raw, panel),
            "singlestat" | "grafana-singlestat-panel" => singlestat::migrate(raw, panel),
            "grafana-piechart-panel" => piechart::migrate(raw, panel),
            "heatmap" | "heatmap-new" => heatmap::migrate(raw, panel),
            "grafana-worldmap-panel" => plugins::world_map(raw, panel),
            "natel-discrete-panel" => plugins::discrete(raw, panel),
            "flant-statusmap-panel" => plugins::status_map(raw, panel),
            "dashlist" => lists::dashboards(raw, panel),
            "alertlist" => lists::alerts(raw, panel),
            "table-old" => table::migrate(raw, panel),
            "table" if has_styles && raw.get("fieldConfig").is_none() => table::migrate(raw, panel),
            "text" | "text2" => text_panel(raw, panel),
            "gauge" | "stat" | "bargauge" | "bar-gauge" | "singlestat2" => {
                gauge::migrate(raw, panel);
            }
            _ => {}
        }
        if let Some(today) = renamed(&panel.original_type) {
            today.clone_into(&mut panel.kind);
        }
        if panel.kind != panel.original_type {
            let (old, new) = (&panel.original_type, &panel.kind);
            self.notices.add(format!("{old} panels are shown as {new}"));
        }
        settle::settle(panel, self.schema);
        complete_defaults(panel);
    }
}

/// A panel with nothing but its own fields, as received.
fn bare(raw: &Value, id: i64, place: GridPos) -> Panel {
    let kind = text(raw, "type");
    let config = object(raw, "fieldConfig");
    let max_data_points = integer(raw, "maxDataPoints").and_then(|n| u32::try_from(n).ok());
    let max_per_row = integer(raw, "maxPerRow").and_then(|n| u32::try_from(n).ok());
    Panel {
        id,
        original_type: kind.clone(),
        kind,
        title: text(raw, "title"),
        description: text(raw, "description"),
        transparent: flag(raw, "transparent"),
        grid_pos: place,
        datasource: None,
        targets: Vec::new(),
        options: Value::Object(map(raw, "options")),
        field_config: FieldConfig {
            defaults: Value::Object(map(config, "defaults")),
            overrides: array(config, "overrides").to_vec(),
        },
        transformations: array(raw, "transformations").to_vec(),
        interval: text(raw, "interval"),
        max_data_points: max_data_points.filter(|n| *n > 0),
        time_from: text(raw, "timeFrom"),
        time_shift: text(raw, "timeShift"),
        hide_time_override: flag(raw, "hideTimeOverride"),
        repeat: text(raw, "repeat"),
        repeat_direction: if text(raw, "repeatDirection") == "v" { "v" } else { "h" },
        max_per_row: max_per_row.unwrap_or(4).clamp(1, layout::COLUMNS),
        links: array(raw, "links").to_vec(),
        row_id: None,
        collapsed: false,
        is_saved_copy: is_saved_copy(raw),
        library_panel: Some(text(object(raw, "libraryPanel"), "uid")).filter(|uid| !uid.is_empty()),
    }
}

/// Before schema 27 the copies of repeated panels were saved with the dashboard.
fn is_saved_copy(raw: &Value) -> bool {
    let given = |key: &str| raw.get(key).is_some_and(|of| !of.is_null() && of != &json!(false));
    given("repeatPanelId") || given("repeatByRow") || given("repeatedByRow")
}

/// Types that changed nothing but their name.
fn renamed(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "table2" => "table",
        "text2" => "text",
        "bar-gauge" => "bargauge",
        "singlestat2" => "stat",
        "heatmap-new" => "heatmap",
        "grafana-piechart-panel" => "piechart",
        "grafana-worldmap-panel" => "geomap",
        "natel-discrete-panel" => "state-timeline",
        "flant-statusmap-panel" => "status-history",
        "graph2" => "timeseries",
        _ => return None,
    })
}

/// Content and mode moved into the options.
fn text_panel(raw: &Value, panel: &mut Panel) {
    let Some(options) = panel.options.as_object_mut() else { return };
    for (key, default) in [("content", ""), ("mode", "markdown")] {
        if !options.contains_key(key) {
            let old = text(raw, key);
            options.insert(key.to_owned(), json!(if old.is_empty() { default } else { &old }));
        }
    }
}

/// What Grafana takes for granted when a panel does not say.
fn complete_defaults(panel: &mut Panel) {
    let Some(defaults) = panel.field_config.defaults.as_object_mut() else { return };
    if !matches!(panel.kind.as_str(), "text" | "row") {
        let base = json!({ "mode": "absolute", "steps": [{ "color": "green", "value": null }] });
        defaults.entry("thresholds").or_insert(base);
    }
    let thresholds = defaults.get_mut("thresholds").and_then(Value::as_object_mut);
    if let Some(steps) = thresholds.and_then(|t| t.get_mut("steps")).and_then(Value::as_array_mut) {
        order_steps(steps);
    }
}

/// The base step first and without a value, the others ascending.
fn order_steps(steps: &mut [Value]) {
    let value = |step: &Value| step.get("value").and_then(Value::as_f64);
    steps.sort_by(|a, b| {
        let (a, b) = (value(a).unwrap_or(f64::NEG_INFINITY), value(b).unwrap_or(f64::NEG_INFINITY));
        a.total_cmp(&b)
    });
    if let Some(first) = steps.first_mut().and_then(Value::as_object_mut) {
        first.insert("value".to_owned(), Value::Null);
    }
}

/// Panel ids: those received, and free ones for panels without or with one already given.
#[derive(Debug, Default)]
struct Ids {
    given: HashSet<i64>,
    next: i64,
}

impl Ids {
    /// Finds the largest id in use, so that new ones come after it.
    fn reserve(&mut self, dashboard: &Value) {
        let rows = array(dashboard, "rows").iter();
        let lists = rows.chain(array(dashboard, "panels")).chain(std::iter::once(dashboard));
        for raw in lists.flat_map(|holder| std::iter::once(holder).chain(array(holder, "panels"))) {
            self.next = self.next.max(integer(raw, "id").unwrap_or(0).clamp(0, i64::MAX / 2));
        }
    }

    fn take(&mut self, raw: &Value) -> i64 {
        if let Some(id) = integer(raw, "id").filter(|id| *id > 0)
            && self.given.insert(id)
        {
            return id;
        }
        self.next += 1;
        self.given.insert(self.next);
        self.next
    }
}

/// Sets a field of an options object, making the object when it is not one.
pub(super) fn set(holder: &mut Value, key: &str, value: Value) {
    if !holder.is_object() {
        *holder = Value::Object(Map::new());
    }
    if let Some(fields) = holder.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}
