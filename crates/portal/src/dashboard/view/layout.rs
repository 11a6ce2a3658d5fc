//! Places panels on the grid: the old rows of spans, the grid of today, and rows on it.

use serde_json::Value;

use super::GridPos;
use super::fields::{as_number, flag, integer, number, object};

pub(super) const COLUMNS: u32 = 24;
/// A cell's height with its gap, pixels.
const CELL_PIXELS: f64 = 38.0;
const ROW_PIXELS_DEFAULT: f64 = 250.0;
/// A panel smaller than this cannot show its title.
const PANEL_CELLS_MIN: u32 = 3;
const SPAN_DEFAULT: f64 = 4.0;
/// Positions beyond this are mistakes; they would make a page of endless height.
const CELLS_MAX: i64 = 100_000;

/// A panel's saved place, made to fit the grid.
pub(super) fn saved(panel: &Value) -> Option<GridPos> {
    let place = object(panel, "gridPos");
    if place.is_null() {
        return None;
    }
    let cells = |key: &str, default: i64, min: i64, max: i64| {
        integer(place, key).unwrap_or(default).clamp(min, max) as u32
    };
    let w = cells("w", 12, 1, i64::from(COLUMNS));
    let x = cells("x", 0, 0, i64::from(COLUMNS)).min(COLUMNS - w);
    Some(GridPos { x, y: cells("y", 0, 0, CELLS_MAX), w, h: cells("h", 8, 1, 1000) })
}

/// Where Grafana puts a panel that names no place. It also leaves this one out when it saves a
/// dashboard.
const UNNAMED: GridPos = GridPos { x: 0, y: 0, w: 6, h: 3 };

/// The place of the only panel of `list` that names none, as long as no other is there: several
/// were written by hand, and stand below each other.
pub(super) fn unnamed(list: &[Value]) -> Option<GridPos> {
    let mut places = list.iter().filter(|raw| raw.is_object()).map(saved);
    let mut without = 0;
    let apart = places.all(|place| match place {
        Some(p) => p.x >= UNNAMED.w || p.y >= UNNAMED.h,
        None => {
            without += 1;
            without <= 1
        }
    });
    (apart && list.len() > 1).then_some(UNNAMED)
}

/// Lays out the panels of one old row (`span` of 12, `height` in pixels) from `y` on and returns
/// their places with the first free line below.
pub(super) fn old_row(row: &Value, panels: &[Value], y: u32) -> (Vec<GridPos>, u32) {
    let row_height = row.get("height").and_then(pixels).unwrap_or(ROW_PIXELS_DEFAULT);
    // The lowest free line of each column.
    let mut free = [y; COLUMNS as usize];
    let mut places = Vec::with_capacity(panels.len());
    for panel in panels {
        let span = number(panel, "span").unwrap_or(SPAN_DEFAULT).clamp(0.5, 12.0);
        let w = ((span * 2.0).floor() as u32).clamp(1, COLUMNS);
        let minimum = number(panel, "minSpan").map_or(0, |min| (min * 2.0) as u32);
        let w = w.max(minimum.min(COLUMNS));
        let height = panel.get("height").and_then(pixels).unwrap_or(row_height);
        let h = cells(height);
        let tops = |x: usize| free[x..x + w as usize].iter().copied().max().unwrap_or(y);
        let best = (0..=(COLUMNS - w) as usize).min_by_key(|x| (tops(*x), *x)).unwrap_or(0);
        let top = tops(best);
        free[best..best + w as usize].fill(top + h);
        places.push(GridPos { x: best as u32, y: top, w, h });
    }
    let below = free.iter().copied().max().unwrap_or(y);
    (places, below)
}

/// Whether an old row is to be seen as a row of today.
pub(super) fn shows_row(row: &Value) -> bool {
    let repeats = row.get("repeat").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    flag(row, "showTitle") || flag(row, "collapse") || repeats
}

fn cells(pixels: f64) -> u32 {
    ((pixels / CELL_PIXELS).ceil() as u32).clamp(PANEL_CELLS_MIN, 1000)
}

/// `"250px"`, `"250"` or 250.
fn pixels(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().trim_end_matches("px").trim().parse().ok(),
        value => as_number(value),
    };
    number.filter(|pixels: &f64| *pixels > 0.0 && pixels.is_finite())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{GridPos, UNNAMED, old_row, saved, unnamed};

    #[test]
    fn old_rows_fill_the_grid_from_the_left() {
        let row = json!({ "height": "250px" });
        let panels = [
            json!({ "span": 6 }),
            json!({ "span": 6, "height": "100px" }),
            json!({ "span": 6 }),
            json!({}),
        ];
        let (places, below) = old_row(&row, &panels, 10);
        let want = [(0, 10, 12, 7), (12, 10, 12, 3), (12, 13, 12, 7), (0, 17, 8, 7)];
        assert_eq!(places, want.map(|(x, y, w, h)| GridPos { x, y, w, h }));
        assert_eq!(below, 24);
        assert_eq!(old_row(&json!({ "height": -5 }), &[], 3), (Vec::new(), 3));
    }

    #[test]
    fn saved_places_are_made_to_fit() {
        let check = |raw: serde_json::Value, want: Option<(u32, u32, u32, u32)>| {
            let place = saved(&json!({ "gridPos": raw }));
            assert_eq!(place, want.map(|(x, y, w, h)| GridPos { x, y, w, h }));
        };
        check(json!({ "x": 12, "y": 3, "w": 12, "h": 8 }), Some((12, 3, 12, 8)));
        check(json!({ "x": 20, "y": -1, "w": 99, "h": 0 }), Some((0, 0, 24, 1)));
        check(json!({ "x": "6", "y": 2.5, "w": 6 }), Some((6, 2, 6, 8)));
        check(json!("odd"), None);
    }

    #[test]
    fn one_panel_without_a_place_stands_in_the_corner() {
        let at = |x: u32, y: u32| json!({ "gridPos": { "x": x, "y": y, "w": 6, "h": 3 } });
        let check = |list: &[serde_json::Value], want: Option<GridPos>| {
            assert_eq!(unnamed(list), want, "{list:?}");
        };
        check(&[json!({}), at(6, 0), at(0, 3)], Some(UNNAMED));
        check(&[json!({}), at(5, 0)], None);
        check(&[json!({}), at(0, 2)], None);
        check(&[json!({}), json!({}), at(6, 0)], None);
        check(&[json!({})], None);
    }
}
