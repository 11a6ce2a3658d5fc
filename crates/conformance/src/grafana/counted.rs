//! Facts counted in the JSON of a dashboard, without the code that is under test: the same facts
//! as a manifest states.

use std::collections::BTreeMap;

use serde_json::Value;

/// How many there are of each.
pub(super) type Counts = BTreeMap<String, usize>;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) panels_by_type: Counts,
    pub(super) targets: usize,
    /// By type, or by what stands in its place; `None` where nothing is named.
    pub(super) datasources: Counts,
    /// "name type"
    pub(super) variables: Counts,
    pub(super) annotations: usize,
}

/// Counts what the dashboard's own object holds.
pub(super) fn count(body: &Value) -> Facts {
    let mut facts = Facts::default();
    if body["elements"].is_object() && body["layout"].is_object() {
        count_v2(body, &mut facts);
        return facts;
    }
    let panels = list(&body["panels"]);
    // Rows of long ago count where they hold the panels.
    if panels.is_empty() || body["schemaVersion"].as_i64().unwrap_or(0) < 16 {
        for row in list(&body["rows"]) {
            count_panels(list(&row["panels"]), &mut facts);
        }
    }
    count_panels(panels, &mut facts);
    for variable in list(&body["templating"]["list"]).iter().filter(|v| v["name"].is_string()) {
        let kind = variable["type"].as_str().unwrap_or("");
        *facts.variables.entry(named(&variable["name"], kind)).or_default() += 1;
    }
    facts.annotations = list(&body["annotations"]["list"]).len();
    facts
}

fn named(name: &Value, kind: &str) -> String {
    format!("{} {kind}", name.as_str().unwrap_or_default())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn count_panels(panels: &[Value], facts: &mut Facts) {
    for panel in panels.iter().filter(|panel| panel.is_object()) {
        let kind = panel["type"].as_str().filter(|kind| !kind.is_empty()).unwrap_or("?");
        *facts.panels_by_type.entry(kind.to_owned()).or_default() += 1;
        for target in list(&panel["targets"]) {
            facts.targets += 1;
            let own = Some(&target["datasource"]).filter(|own| !own.is_null());
            let source = source(own.unwrap_or(&panel["datasource"]));
            *facts.datasources.entry(source).or_default() += 1;
        }
        if kind == "row" {
            count_panels(list(&panel["panels"]), facts);
        }
    }
}

fn source(reference: &Value) -> String {
    let text = match reference {
        Value::String(name) => Some(name.as_str()),
        Value::Object(_) => reference["type"].as_str(),
        _ => None,
    };
    text.unwrap_or("None").to_owned()
}

fn count_v2(spec: &Value, facts: &mut Facts) {
    for element in spec["elements"].as_object().into_iter().flat_map(|elements| elements.values()) {
        let element = &element["spec"];
        let viz = &element["vizConfig"];
        let kind = match viz["kind"].as_str() {
            Some("VizConfig") => viz["group"].as_str(),
            kind => kind,
        };
        *facts.panels_by_type.entry(kind.unwrap_or("?").to_owned()).or_default() += 1;
        facts.targets += list(&element["data"]["spec"]["queries"]).len();
    }
    let variables = list(&spec["variables"]).iter();
    for variable in variables.chain(variables_of(&spec["layout"])) {
        let kind = v2_kind(variable["kind"].as_str().unwrap_or_default());
        *facts.variables.entry(named(&variable["spec"]["name"], &kind)).or_default() += 1;
    }
    facts.annotations = list(&spec["annotations"]).len();
}

/// Rows and tabs may have variables of their own.
fn variables_of(layout: &Value) -> Vec<&Value> {
    let spec = &layout["spec"];
    let parts = list(&spec["rows"]).iter().chain(list(&spec["tabs"]));
    parts
        .flat_map(|part| {
            let inner = variables_of(&part["spec"]["layout"]);
            list(&part["spec"]["variables"]).iter().chain(inner)
        })
        .collect()
}

/// The name that a V2 kind of variable has in the old list.
pub(super) fn v2_kind(kind: &str) -> String {
    match kind {
        "TextVariable" => "textbox".to_owned(),
        other => other.strip_suffix("Variable").unwrap_or(other).to_lowercase(),
    }
}
