//! Layouts of the V2 formats as places on the grid of 24 columns: grids as they are, automatic
//! grids flowed, rows and tabs one below the other.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::super::Notices;
use super::super::fields::{array, flag, integer, number, object, text};
use super::super::variables::VARIABLES_MAX;
use super::elements;
use super::variables;

const COLUMNS: i64 = 24;
/// A cell's height with its gap, pixels.
const CELL_PIXELS: f64 = 38.0;
/// Deepest nesting of layouts that is followed.
const DEPTH_MAX: u32 = 8;
/// Items of all layouts together; the view shows fewer.
const ITEMS_MAX: usize = 10_000;
const COLUMN_COUNT_DEFAULT: i64 = 3;

/// The panels of a dashboard in schema 42, rows and tabs as rows. Variables of rows and tabs are
/// added to those of the dashboard.
pub(super) fn panels(
    spec: &Value,
    variables: &mut Vec<Value>,
    notices: &mut Notices,
) -> Vec<Value> {
    let mut flow = Flow {
        elements: object(spec, "elements"),
        variables,
        notices,
        panels: Vec::new(),
        placed: HashSet::new(),
    };
    let mut below = flow.layout(object(spec, "layout"), 0, DEPTH_MAX);
    let named = object(spec, "elements").as_object();
    for (name, element) in named.into_iter().flatten() {
        if flow.panels.len() >= ITEMS_MAX {
            break;
        }
        if !flow.placed.contains(name.as_str()) {
            flow.notices.add(format!("panel {name:?} has no place in the layout, it stands below"));
            let place = json!({ "x": 0, "y": below, "w": 12, "h": 8 });
            flow.push(elements::panel(element), place, &Value::Null);
            below += 8;
        }
    }
    flow.panels
}

struct Flow<'a> {
    elements: &'a Value,
    variables: &'a mut Vec<Value>,
    notices: &'a mut Notices,
    panels: Vec<Value>,
    /// Names of elements that have a place.
    placed: HashSet<String>,
}

impl Flow<'_> {
    /// Lays out from line `y` on; returns the first free line below.
    fn layout(&mut self, layout: &Value, y: i64, depth: u32) -> i64 {
        let spec = object(layout, "spec");
        if depth == 0 || self.panels.len() > ITEMS_MAX {
            self.notices.add("layouts are nested too deep or have too many items".to_owned());
            return y;
        }
        match text(layout, "kind").as_str() {
            "GridLayout" => self.grid(array(spec, "items"), y),
            "AutoGridLayout" | "ResponsiveGridLayout" => self.automatic(spec, y),
            "RowsLayout" => self.rows(array(spec, "rows"), y, depth),
            "TabsLayout" => self.rows(array(spec, "tabs"), y, depth),
            "" => y,
            other => {
                self.notices.add(format!("the layout {other:?} is not known"));
                y
            }
        }
    }

    fn grid(&mut self, items: &[Value], y: i64) -> i64 {
        let mut below = y;
        for item in items {
            let spec = object(item, "spec");
            let cells = |key: &str, default: i64| integer(spec, key).unwrap_or(default).max(0);
            let top = y.saturating_add(cells("y", 0).min(100_000));
            if text(item, "kind") == "GridLayoutRow" {
                let place = json!({ "x": 0, "y": top, "w": COLUMNS, "h": 1 });
                self.row(spec, flag(spec, "collapsed"), place);
                // Places inside are counted from the row.
                below = below.max(self.grid(array(spec, "elements"), top + 1));
                continue;
            }
            let (w, h) = (cells("width", 12), cells("height", 8).min(1000));
            let place = json!({ "x": cells("x", 0), "y": top, "w": w, "h": h });
            self.element(spec, place);
            below = below.max(top + h);
        }
        below
    }

    /// Equal columns, filled line by line.
    fn automatic(&mut self, spec: &Value, y: i64) -> i64 {
        let count = integer(spec, "maxColumnCount").unwrap_or(COLUMN_COUNT_DEFAULT);
        let count = count.clamp(1, COLUMNS);
        let width = COLUMNS / count;
        let pixels = match text(spec, "rowHeightMode").as_str() {
            "short" => 168.0,
            "tall" => 512.0,
            "custom" => number(spec, "rowHeight").unwrap_or(320.0),
            _ => 320.0,
        };
        let height = ((pixels / CELL_PIXELS).round() as i64).clamp(3, 100);
        let items = array(spec, "items");
        for (index, item) in items.iter().enumerate() {
            let index = index as i64;
            let place = json!({
                "x": index % count * width, "y": y + index / count * height, "w": width, "h": height,
            });
            self.element(object(item, "spec"), place);
        }
        y + (items.len() as i64 + count - 1) / count * height
    }

    /// Rows, or tabs: each has a title, a layout, and maybe variables of its own.
    fn rows(&mut self, rows: &[Value], mut y: i64, depth: u32) -> i64 {
        for row in rows {
            let spec = object(row, "spec");
            let room = (VARIABLES_MAX + 1).saturating_sub(self.variables.len());
            let own = array(spec, "variables").iter().take(room).map(variables::variable);
            self.variables.extend(own);
            // A row without a header only groups.
            if !flag(spec, "hideHeader") {
                let place = json!({ "x": 0, "y": y, "w": COLUMNS, "h": 1 });
                self.row(spec, flag(spec, "collapse"), place);
                y += 1;
            }
            y = self.layout(object(spec, "layout"), y, depth - 1);
        }
        y
    }

    fn row(&mut self, spec: &Value, collapsed: bool, place: Value) {
        let mut row = Map::new();
        row.insert("type".to_owned(), json!("row"));
        row.insert("title".to_owned(), json!(text(spec, "title")));
        row.insert("collapsed".to_owned(), json!(collapsed));
        self.push(row, place, object(spec, "repeat"));
    }

    fn element(&mut self, spec: &Value, place: Value) {
        let name = text(object(spec, "element"), "name");
        let element = object(self.elements, &name);
        if element.is_null() {
            self.notices.add(format!("the layout names {name:?}, which is no panel"));
            return;
        }
        // Once is enough, and too many are not shown anyway.
        if !self.placed.insert(name) || self.panels.len() >= ITEMS_MAX {
            return;
        }
        let panel = elements::panel(element);
        self.push(panel, place, object(spec, "repeat"));
    }

    fn push(&mut self, mut panel: Map<String, Value>, place: Value, repeat: &Value) {
        if self.panels.len() >= ITEMS_MAX {
            return;
        }
        panel.insert("gridPos".to_owned(), place);
        let variable = text(repeat, "value");
        if !variable.is_empty() {
            panel.insert("repeat".to_owned(), json!(variable));
        }
        for (from, to) in [("direction", "repeatDirection"), ("maxPerRow", "maxPerRow")] {
            if let Some(value) = repeat.get(from) {
                panel.insert(to.to_owned(), value.clone());
            }
        }
        self.panels.push(Value::Object(panel));
    }
}
