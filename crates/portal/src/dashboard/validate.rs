//! Whether a dashboard has the shape of its schema: each field of the kind that Grafana's schema
//! gives it. Importing is lenient; this is for those who ask.

use serde_json::Value;

/// The first schema that Grafana validates.
pub const VALIDATED_FROM: i64 = 36;

/// Fields of a dashboard and what each must be.
const DASHBOARD: [(&str, Kind); 17] = [
    ("title", Kind::Text),
    ("uid", Kind::Text),
    ("description", Kind::Text),
    ("id", Kind::Number),
    ("version", Kind::Number),
    ("schemaVersion", Kind::Number),
    ("tags", Kind::Texts),
    ("timezone", Kind::Text),
    ("editable", Kind::Flag),
    ("graphTooltip", Kind::Number),
    ("time", Kind::Object),
    ("timepicker", Kind::Object),
    ("weekStart", Kind::Text),
    ("panels", Kind::Objects),
    ("links", Kind::Objects),
    ("templating", Kind::Object),
    ("annotations", Kind::Object),
];

const PANEL: [(&str, Kind); 17] = [
    ("type", Kind::Text),
    ("id", Kind::Number),
    ("title", Kind::Text),
    ("description", Kind::Text),
    ("transparent", Kind::Flag),
    ("gridPos", Kind::Object),
    ("datasource", Kind::Object),
    ("targets", Kind::Objects),
    ("options", Kind::Object),
    ("fieldConfig", Kind::Object),
    ("transformations", Kind::Objects),
    ("links", Kind::Objects),
    ("maxDataPoints", Kind::Number),
    ("interval", Kind::Text),
    ("timeFrom", Kind::Text),
    ("timeShift", Kind::Text),
    ("collapsed", Kind::Flag),
];

/// Failures told; more are not read.
const FAILURES_MAX: usize = 20;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Number,
    Flag,
    Object,
    Objects,
    Texts,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        let all = |test: fn(&Value) -> bool| value.as_array().is_some_and(|l| l.iter().all(test));
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Flag => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Objects => all(Value::is_object),
            Self::Texts => all(Value::is_string),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::Object => "an object",
            Self::Objects => "a list of objects",
            Self::Texts => "a list of strings",
        }
    }
}

/// What does not fit, each with its place; empty = valid.
#[must_use]
pub fn shape_failures(dashboard: &Value) -> Vec<String> {
    let mut failures = Vec::new();
    if !dashboard.is_object() {
        failures.push("a dashboard is an object".to_owned());
        return failures;
    }
    check("", dashboard, &DASHBOARD, &mut failures);
    panels("panels", dashboard.get("panels"), &mut failures);
    for (holder, list) in [("templating", "list"), ("annotations", "list")] {
        let entries = dashboard.get(holder).and_then(|holder| holder.get(list));
        if entries.is_some_and(|entries| !Kind::Objects.fits(entries)) {
            failures.push(format!("{holder}.{list} is not {}", Kind::Objects.name()));
        }
    }
    failures.truncate(FAILURES_MAX);
    failures
}

fn panels(place: &str, list: Option<&Value>, failures: &mut Vec<String>) {
    for (index, panel) in list.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let place = format!("{place}[{index}]");
        let stands_for = panel.get("libraryPanel").is_some();
        if panel.get("type").is_none() && !stands_for {
            failures.push(format!("{place}.type is missing"));
        }
        check(&format!("{place}."), panel, &PANEL, failures);
        panels(&format!("{place}.panels"), panel.get("panels"), failures);
    }
}

fn check(place: &str, holder: &Value, fields: &[(&str, Kind)], failures: &mut Vec<String>) {
    for (key, kind) in fields {
        // Grafana writes null for what is not set.
        let value = holder.get(key).filter(|value| !value.is_null());
        if failures.len() < FAILURES_MAX && value.is_some_and(|value| !kind.fits(value)) {
            failures.push(format!("{place}{key} is not {}", kind.name()));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::shape_failures;

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let check = |dashboard: Value, want: &[&str]| assert_eq!(shape_failures(&dashboard), want);
        check(
            json!({ "title": "T", "id": null, "panels": [{ "type": "row", "panels": [{ "type": "stat" }] }] }),
            &[],
        );
        check(
            json!({ "title": 5, "tags": "a" }),
            &["title is not a string", "tags is not a list of strings"],
        );
        check(
            json!({ "panels": [{ "type": "row", "panels": [{ "targets": {} }, { "libraryPanel": {} }] }] }),
            &[
                "panels[0].panels[0].type is missing",
                "panels[0].panels[0].targets is not a list of objects",
            ],
        );
        check(
            json!({ "templating": { "list": {} } }),
            &["templating.list is not a list of objects"],
        );
        check(json!([]), &["a dashboard is an object"]);
    }
}
