//! Differences as HTML, as Grafana's `calculate-diff` answers: everything that comes from a
//! dashboard is escaped.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Change, ChangeKind, Summary};

/// Longest value shown within a list of changes, characters.
const VALUE_CHARS_MAX: usize = 200;

/// The `json` form: a line for each change, with its place.
#[must_use]
pub fn json_html(changes: &[Change]) -> String {
    let mut out = String::new();
    let mut number = 0;
    let mut line = |class: &str, path: &str, value: &str| {
        number += 1;
        // Writing to a string cannot fail.
        writeln!(
            out,
            "<p id=\"l{number}\" class=\"diff-line diff-json-{class}\">{}: {}</p>",
            escaped(path),
            escaped(value)
        )
        .expect("strings grow");
    };
    for change in changes {
        match &change.kind {
            ChangeKind::Added { new } => line("added", &change.path, &new.to_string()),
            ChangeKind::Removed { old } => line("deleted", &change.path, &old.to_string()),
            ChangeKind::Changed { old, new } => {
                line("old", &change.path, &old.to_string());
                line("new", &change.path, &new.to_string());
            }
            ChangeKind::Moved => line("moved", &change.path, "order changed"),
        }
    }
    out
}

/// The `basic` form: a group for each panel, one for the variables and one for the rest.
#[must_use]
pub fn basic_html(summary: &Summary) -> String {
    let mut out = String::new();
    for panel in &summary.panels {
        let title = format!("Panel {} \u{201c}{}\u{201d} {}", panel.id, panel.title, panel.change);
        group(&mut out, &title, &panel.changes);
    }
    for (title, changes) in [("Variables", &summary.variables), ("Settings", &summary.settings)] {
        if !changes.is_empty() {
            group(&mut out, title, changes);
        }
    }
    out
}

fn group(out: &mut String, title: &str, changes: &[Change]) {
    let mut put = |line: std::fmt::Arguments<'_>| {
        out.write_fmt(line).expect("strings grow");
        out.push('\n');
    };
    put(format_args!(
        "<div class=\"diff-group\"><h2 class=\"diff-group-name\">{}</h2><ul>",
        escaped(title)
    ));
    for change in changes {
        let words = match &change.kind {
            ChangeKind::Added { new } => format!("added {}", short(new)),
            ChangeKind::Removed { old } => format!("deleted {}", short(old)),
            ChangeKind::Changed { old, new } => {
                format!("changed from {} to {}", short(old), short(new))
            }
            ChangeKind::Moved => "changed its order".to_owned(),
        };
        put(format_args!(
            "<li class=\"diff-change\">{} {}</li>",
            escaped(&change.path),
            escaped(&words)
        ));
    }
    put(format_args!("</ul></div>"));
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
