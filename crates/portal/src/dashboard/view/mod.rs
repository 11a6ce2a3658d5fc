//! The normalised view of a dashboard: every accepted schema version brought to the field names of
//! Grafana's schema 42. A pure function that never fails: what it does not understand it leaves
//! as it is and says so in the notices.

mod annotations;
mod fields;
mod gauge;
mod graph;
mod heatmap;
mod layout;
mod links;
mod lists;
mod panel;
mod piechart;
mod plugins;
mod series;
mod settle;
mod singlestat;
mod table;
mod targets;
#[cfg(test)]
mod tests;
mod upgrade;
mod v2;
mod variables;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

#[cfg(test)]
pub(super) use tests::any_json;

use self::fields::{array, flag, integer, object, text, texts};
use super::sources::{DsRef, KnownSources, Resolver};

/// Longest list of notices, so that a hostile dashboard cannot grow one without end.
const NOTICES_MAX: usize = 50;

/// A dashboard as the UI draws it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    pub uid: String,
    pub title: String,
    /// As received; none for V2 and for dashboards that say none.
    pub schema_version: Option<i64>,
    pub description: String,
    pub tags: Vec<String>,
    pub editable: bool,
    pub time: TimeSpan,
    pub timezone: String,
    pub refresh: String,
    pub refresh_intervals: Vec<String>,
    /// The time picker's own ranges: `{display, from, to}`; empty = the usual ones.
    pub quick_ranges: Vec<Value>,
    pub hide_time_picker: bool,
    /// How far behind the clock `now` is, as `1m`; empty = not at all.
    pub now_delay: String,
    /// 0 = January.
    pub fiscal_year_start_month: u8,
    /// 0 none, 1 shared crosshair, 2 shared tooltip.
    pub graph_tooltip: u8,
    pub week_start: String,
    pub links: Vec<Value>,
    /// In dependency order.
    pub variables: Vec<Variable>,
    pub annotations: Vec<Value>,
    /// Flat, in reading order; rows are panels of type `row`.
    pub panels: Vec<Panel>,
    /// What was migrated or not understood, in words.
    pub notices: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimeSpan {
    pub from: String,
    pub to: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "Grafana's fields, flag by flag")]
pub struct Variable {
    pub name: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// As received, before any migration.
    pub original_type: String,
    pub hide: u8,
    pub multi: bool,
    pub include_all: bool,
    pub all_value: Option<String>,
    pub query: String,
    pub datasource: Option<DsRef>,
    pub regex: String,
    pub sort: u8,
    pub refresh: u8,
    pub options: Vec<VariableOption>,
    pub current: Current,
    pub auto: bool,
    pub auto_count: u32,
    pub auto_min: String,
    pub skip_url_sync: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VariableOption {
    pub text: String,
    pub value: String,
}

/// The selected option: strings, or lists of strings of equal length.
#[derive(Clone, Debug, Serialize)]
pub struct Current {
    pub text: Value,
    pub value: Value,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "Grafana's fields, flag by flag")]
pub struct Panel {
    pub id: i64,
    #[serde(rename = "type")]
    pub kind: String,
    /// As received, before any migration.
    pub original_type: String,
    pub title: String,
    pub description: String,
    pub transparent: bool,
    pub grid_pos: GridPos,
    pub datasource: Option<DsRef>,
    pub targets: Vec<Target>,
    pub options: Value,
    pub field_config: FieldConfig,
    pub transformations: Vec<Value>,
    pub interval: String,
    pub max_data_points: Option<u32>,
    pub time_from: String,
    pub time_shift: String,
    pub hide_time_override: bool,
    pub repeat: String,
    /// `h` or `v`.
    pub repeat_direction: &'static str,
    pub max_per_row: u32,
    pub links: Vec<Value>,
    /// The row that the panel belongs to.
    pub row_id: Option<i64>,
    pub collapsed: bool,
    /// A copy of a repeated panel that an old dashboard saved; it is made anew from the original,
    /// so nothing draws this one.
    pub is_saved_copy: bool,
    /// The library panel that this one stands for, by uid.
    pub library_panel: Option<String>,
}

/// Cells of a grid 24 wide; a cell is 30 pixels high with a gap of 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GridPos {
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

#[derive(Clone, Debug, Serialize)]
pub struct FieldConfig {
    pub defaults: Value,
    pub overrides: Vec<Value>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub ref_id: String,
    pub expr: String,
    pub datasource: Option<DsRef>,
    pub legend_format: String,
    pub instant: bool,
    pub range: bool,
    pub format: &'static str,
    pub interval: String,
    pub interval_factor: u32,
    pub hide: bool,
    pub raw: Value,
}

/// Grafana's own choice when a dashboard has none.
const REFRESH_INTERVALS: [&str; 10] =
    ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"];

/// Library panels by uid: the `model` that each stands for.
pub type LibraryPanels = HashMap<String, Value>;

/// Brings a dashboard to the view. `dashboard` is the object inside the envelope.
#[must_use]
pub fn view(dashboard: &Value, sources: &KnownSources) -> View {
    view_with_library(dashboard, sources, &LibraryPanels::new())
}

/// As [`view`], with the library panels that the dashboard's panels may stand for.
#[must_use]
pub fn view_with_library(
    dashboard: &Value,
    sources: &KnownSources,
    library: &LibraryPanels,
) -> View {
    let mut notices = Notices::default();
    let schema_version = integer(dashboard, "schemaVersion");
    let classic = v2::is_v2(dashboard).then(|| v2::classic(dashboard, &mut notices));
    let dashboard = classic.as_ref().unwrap_or(dashboard);
    let resolver = Resolver::new(dashboard, sources);
    let panels = panel::panels(dashboard, &resolver, library, &mut notices);
    let variables = variables::variables(dashboard, &resolver, &mut notices);
    let annotations = annotations::annotations(dashboard, &resolver, &mut notices);
    let time = time(dashboard);
    let picker = picker(dashboard);
    let intervals = texts(picker, "refresh_intervals");
    let default_intervals = || REFRESH_INTERVALS.map(str::to_owned).to_vec();
    let shared_crosshair = u8::from(flag(dashboard, "sharedCrosshair"));
    let small = |key: &str| integer(dashboard, key).and_then(|n| u8::try_from(n).ok());
    View {
        uid: text(dashboard, "uid"),
        title: text(dashboard, "title"),
        schema_version,
        description: text(dashboard, "description"),
        tags: texts(dashboard, "tags"),
        editable: dashboard.get("editable").and_then(Value::as_bool).unwrap_or(true),
        time: TimeSpan { from: or(text(time, "from"), "now-6h"), to: or(text(time, "to"), "now") },
        timezone: or(text(dashboard, "timezone"), "browser"),
        refresh: dashboard.get("refresh").and_then(Value::as_str).unwrap_or_default().to_owned(),
        refresh_intervals: if intervals.is_empty() { default_intervals() } else { intervals },
        quick_ranges: array(picker, "quick_ranges").to_vec(),
        hide_time_picker: flag(picker, "hidden"),
        now_delay: text(picker, "nowDelay"),
        fiscal_year_start_month: small("fiscalYearStartMonth").filter(|n| *n < 12).unwrap_or(0),
        graph_tooltip: small("graphTooltip").filter(|n| *n <= 2).unwrap_or(shared_crosshair),
        week_start: text(dashboard, "weekStart"),
        links: array(dashboard, "links").to_vec(),
        variables,
        annotations,
        panels,
        notices: {
            resolver.into_notices().into_iter().for_each(|notice| notices.add(notice));
            notices.list
        },
    }
}

/// A classic dashboard as the spec of a version of the V2 formats. Errors: why it cannot be.
pub(super) fn v2_of_classic(classic: &Value, version: &str) -> Result<Value, String> {
    v2::of_classic::spec(classic, v2::of_classic::Dialect::of(version))
}

/// A dashboard of the V2 format with the fields of schema 42.
pub(super) fn classic_of_v2(spec: &Value) -> Value {
    v2::classic(spec, &mut Notices::default())
}

/// The library panels that a dashboard refers to and does not carry, by uid.
#[must_use]
pub fn library_panel_uids(dashboard: &Value) -> Vec<String> {
    let mut uids = Vec::new();
    let elements = object(dashboard, "elements").as_object();
    let elements = elements.into_iter().flat_map(|elements| elements.values());
    let rows = array(dashboard, "rows").iter().chain(array(dashboard, "panels"));
    let panels = rows.flat_map(|panel| std::iter::once(panel).chain(array(panel, "panels")));
    for panel in panels.chain(elements.map(|element| object(element, "spec"))) {
        let uid = text(object(panel, "libraryPanel"), "uid");
        let carried = object(object(dashboard, "__elements"), &uid).is_object();
        if !uid.is_empty() && !carried && !uids.contains(&uid) && uids.len() < LIBRARY_PANELS_MAX {
            uids.push(uid);
        }
    }
    uids
}

/// Library panels looked up for one dashboard.
const LIBRARY_PANELS_MAX: usize = 1000;

fn or(text: String, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text }
}

/// The span shown first; before schema 2 it was kept with the filters.
fn time(dashboard: &Value) -> &Value {
    let time = object(dashboard, "time");
    let filter = object(object(dashboard, "services"), "filter");
    if time.is_null() { object(filter, "time") } else { time }
}

/// The time picker; before schema 7 it was the first of the navigation's entries.
fn picker(dashboard: &Value) -> &Value {
    let picker = object(dashboard, "timepicker");
    match array(dashboard, "nav").first() {
        Some(nav) if picker.is_null() => nav,
        _ => picker,
    }
}

/// Notices without repeats, up to a bound.
#[derive(Debug, Default)]
struct Notices {
    list: Vec<String>,
}

impl Notices {
    fn add(&mut self, notice: String) {
        if self.list.len() < NOTICES_MAX && !self.list.contains(&notice) {
            self.list.push(notice);
        }
    }
}
