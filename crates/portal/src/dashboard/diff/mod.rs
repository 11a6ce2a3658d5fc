//! What differs between two versions of a dashboard: canonical (the order of fields and the way
//! numbers are written mean nothing) and small (panels, queries and variables are told apart by
//! what names them, not by their place).

mod html;
mod lists;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value};

pub use self::html::{basic_html, json_html};

/// Changes listed; a diff of two dashboards that share nothing would not be read to its end.
const CHANGES_MAX: usize = 10_000;

/// Top-level fields that are the server's, or that count how often a page was opened.
const NOT_THE_AUTHORS: [&str; 3] = ["id", "version", "iteration"];

/// One difference. Paths read as `panels[id=3].targets[refId=A].expr`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub path: String,
    #[serde(flatten)]
    pub kind: ChangeKind,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum ChangeKind {
    Added {
        new: Value,
    },
    Removed {
        old: Value,
    },
    Changed {
        old: Value,
        new: Value,
    },
    /// The entries of a list stand in another order.
    Moved,
}

/// The changes of one panel; none of its fields when it was added or removed as a whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PanelChange {
    pub id: i64,
    pub title: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    pub changes: Vec<Change>,
}

/// Differences by what they belong to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    pub panels: Vec<PanelChange>,
    pub variables: Vec<Change>,
    /// Everything else.
    pub settings: Vec<Change>,
}

/// The differences in the order of the new dashboard's fields. Cost: linear in both, but for
/// lists whose entries nothing names, which cost the product of their lengths up to a bound.
#[must_use]
pub fn diff(old: &Value, new: &Value) -> Vec<Change> {
    let mut differ = Differ { changes: Vec::new(), path: Vec::new() };
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let authors = |fields: &Map<String, Value>| -> Map<String, Value> {
                let theirs = |key: &&String| !NOT_THE_AUTHORS.contains(&key.as_str());
                let fields = fields.iter().filter(|(key, _)| theirs(key));
                fields.map(|(key, value)| (key.clone(), value.clone())).collect()
            };
            differ.objects(&authors(old), &authors(new));
        }
        (old, new) => differ.values(old, new),
    }
    differ.changes
}

/// The same differences, panel by panel.
#[must_use]
pub fn summary(old: &Value, new: &Value) -> Summary {
    let mut summary = Summary::default();
    let titles = titles(old).chain(titles(new)).collect::<HashMap<i64, &str>>();
    for change in diff(old, new) {
        if let Some((id, inside)) = panel_of(&change.path) {
            let panel = match summary.panels.iter().position(|panel| panel.id == id) {
                Some(at) => &mut summary.panels[at],
                None => {
                    let title = titles.get(&id).copied().unwrap_or_default().to_owned();
                    let (change, changes) = ("changed", Vec::new());
                    summary.panels.push(PanelChange { id, title, change, changes });
                    let last = summary.panels.len() - 1;
                    &mut summary.panels[last]
                }
            };
            match &change.kind {
                ChangeKind::Added { .. } if inside.is_empty() => panel.change = "added",
                ChangeKind::Removed { .. } if inside.is_empty() => panel.change = "removed",
                _ => {
                    let path = inside.trim_start_matches('.').to_owned();
                    panel.changes.push(Change { path, kind: change.kind });
                }
            }
        } else if change.path.starts_with("templating.") || change.path.starts_with("variables") {
            summary.variables.push(change);
        } else {
            summary.settings.push(change);
        }
    }
    summary
}

/// The innermost panel that a path leads into, and the rest of the path.
fn panel_of(path: &str) -> Option<(i64, &str)> {
    let (_, after) = path.rsplit_once("panels[id=")?;
    let (id, inside) = after.split_once(']')?;
    Some((id.parse().ok()?, inside))
}

/// Titles of all panels, those in rows, too.
fn titles(dashboard: &Value) -> impl Iterator<Item = (i64, &str)> {
    let all = panels(dashboard).flat_map(|panel| std::iter::once(panel).chain(panels(panel)));
    all.filter_map(|panel| Some((panel.get("id")?.as_i64()?, panel.get("title")?.as_str()?)))
}

fn panels(holder: &Value) -> impl Iterator<Item = &Value> {
    holder.get("panels").and_then(Value::as_array).into_iter().flatten()
}

struct Differ {
    changes: Vec<Change>,
    path: Vec<String>,
}

impl Differ {
    fn add(&mut self, kind: ChangeKind) {
        if self.changes.len() < CHANGES_MAX {
            self.changes.push(Change { path: self.path.concat(), kind });
        }
    }

    /// Works on a part of the path.
    fn at(&mut self, step: String, work: impl FnOnce(&mut Self)) {
        self.path.push(step);
        work(self);
        self.path.pop();
    }

    fn values(&mut self, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.objects(old, new),
            (Value::Array(old), Value::Array(new)) => self.lists(old, new),
            (old, new) if is_same(old, new) => {}
            (old, new) => self.add(ChangeKind::Changed { old: old.clone(), new: new.clone() }),
        }
    }

    fn objects(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        for (key, value) in new {
            let step = self.step(key);
            self.at(step, |differ| match old.get(key) {
                Some(before) => differ.values(before, value),
                None => differ.add(ChangeKind::Added { new: value.clone() }),
            });
        }
        for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            let step = self.step(key);
            self.at(step, |differ| differ.add(ChangeKind::Removed { old: value.clone() }));
        }
    }

    /// `.name`, the first without its dot.
    fn step(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!(".{key}") }
    }

    fn lists(&mut self, old: &[Value], new: &[Value]) {
        if let Some(key) = lists::naming_key(old, new) {
            self.named(key, old, new);
            return;
        }
        for (before, after) in lists::aligned(old, new) {
            match (before, after) {
                (Some(before), Some(after)) => {
                    self.at(format!("[{after}]"), |d| d.values(&old[before], &new[after]));
                }
                (None, Some(after)) => {
                    let new = new[after].clone();
                    self.at(format!("[{after}]"), |d| d.add(ChangeKind::Added { new }));
                }
                (Some(before), None) => {
                    let old = old[before].clone();
                    self.at(format!("[{before}]"), |d| d.add(ChangeKind::Removed { old }));
                }
                (None, None) => {}
            }
        }
    }

    /// Lists whose entries have names: each with the one of its name.
    fn named(&mut self, key: &str, old: &[Value], new: &[Value]) {
        let before = lists::by_name(key, old);
        let after = lists::by_name(key, new);
        for (name, entry) in lists::names(key, new) {
            self.at(format!("[{key}={name}]"), |differ| match before.get(&name) {
                Some(before) => differ.values(before, entry),
                None => differ.add(ChangeKind::Added { new: entry.clone() }),
            });
        }
        for (name, entry) in lists::names(key, old).filter(|(name, _)| !after.contains_key(name)) {
            let old = entry.clone();
            self.at(format!("[{key}={name}]"), |d| d.add(ChangeKind::Removed { old }));
        }
        let kept = |list: &[Value], other: &HashMap<String, &Value>| {
            let names = lists::names(key, list).map(|(name, _)| name);
            names.filter(|name| other.contains_key(name)).collect::<Vec<String>>()
        };
        if kept(old, &after) != kept(new, &before) {
            self.add(ChangeKind::Moved);
        }
    }
}

/// Equal as JSON: 1 and 1.0 are one number.
fn is_same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (old, new) => old == new,
    }
}

#[cfg(test)]
mod tests;
