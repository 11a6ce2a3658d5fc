//! Queries of a panel.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::fields::{flag, integer, text};
use super::{DsRef, Resolver, Target};
use crate::dashboard::sources::is_expressions;

/// Where other data sources keep what PromQL and LogQL keep in `expr`.
const EXPRESSION_FIELDS: [&str; 5] = ["expr", "query", "rawSql", "expression", "target"];

/// The queries in their order; each has a `refId` of its own.
pub(super) fn targets(
    list: &[Value],
    panel_source: Option<&DsRef>,
    resolver: &Resolver<'_>,
) -> Vec<Target> {
    let mut names = Names { given: list.iter().map(|t| text(t, "refId")).collect(), next: 0 };
    let mut used = HashSet::new();
    let mut targets = Vec::with_capacity(list.len());
    for raw in list {
        let mut ref_id = text(raw, "refId");
        if ref_id.is_empty() || !used.insert(ref_id.clone()) {
            ref_id = names.free();
        }
        targets.push(target(raw, ref_id, panel_source, resolver));
    }
    targets
}

/// The source of a panel that names none: that of its queries, when one names one.
pub(super) fn source_of_targets(list: &[Value]) -> Option<&Value> {
    let named = list.iter().filter_map(|target| target.get("datasource"));
    let mut named = named.filter(|source| !source.is_null() && !is_expressions(source));
    let first = named.next()?;
    let same = list.len() == 1 || named.all(|other| other == first);
    same.then_some(first)
}

fn target(
    raw: &Value,
    ref_id: String,
    panel_source: Option<&DsRef>,
    resolver: &Resolver<'_>,
) -> Target {
    let own = raw.get("datasource").filter(|own| !own.is_null());
    let mixed = panel_source.is_some_and(|source| source.uid == "-- Mixed --");
    let inherited = panel_source.filter(|_| !mixed).cloned();
    let datasource = match own {
        Some(own) => resolver.resolve(Some(own)),
        None => inherited.or_else(|| resolver.resolve(None)),
    };
    let expr = EXPRESSION_FIELDS.iter().map(|field| text(raw, field)).find(|expr| !expr.is_empty());
    let instant = flag(raw, "instant");
    // Before the choice had a name, a query was a range query unless it said otherwise.
    let range = raw.get("range").and_then(Value::as_bool).unwrap_or(!instant) || !instant;
    let factor = integer(raw, "intervalFactor").and_then(|factor| u32::try_from(factor).ok());
    Target {
        ref_id,
        expr: expr.unwrap_or_default(),
        datasource,
        legend_format: text(raw, "legendFormat"),
        instant,
        range,
        format: match text(raw, "format").as_str() {
            "table" => "table",
            "heatmap" => "heatmap",
            _ => "time_series",
        },
        interval: text(raw, "interval"),
        interval_factor: factor.unwrap_or(1).clamp(1, 100),
        hide: flag(raw, "hide"),
        raw: if raw.is_object() { raw.clone() } else { Value::Object(Map::new()) },
    }
}

/// A, B, …, Z, AA, AB, …: one after the other, those passed over that somebody has.
struct Names {
    given: HashSet<String>,
    next: usize,
}

impl Names {
    fn free(&mut self) -> String {
        loop {
            let name = letters(self.next);
            self.next += 1;
            // Ends: there are more names than are given.
            if !self.given.contains(&name) {
                return name;
            }
        }
    }
}

fn letters(n: usize) -> String {
    let letter = char::from(b'A' + (n % 26) as u8);
    if n < 26 { letter.to_string() } else { format!("{}{letter}", letters(n / 26 - 1)) }
}
