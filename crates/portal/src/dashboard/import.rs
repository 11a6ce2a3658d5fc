//! Importing a dashboard that was exported for others: its `__inputs` filled in, the rest of its
//! text as it stands.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::raw::{self, RawObject};

/// An input that an exported dashboard asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DashboardInput {
    pub name: String,
    pub label: String,
    pub description: String,
    /// `datasource`, `constant`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a data source: its type.
    pub plugin_id: String,
    pub plugin_name: String,
    /// Of a constant: what it stands for unless the importer says something else.
    pub value: String,
}

/// What the importer gives for an input. For a data source the value is its uid or name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GivenInput {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub plugin_id: String,
    pub value: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// An input without a value, by name. The words are Grafana's.
    #[error("Dashboard input variable: {name} missing from import command")]
    InputMissing { name: String },
}

/// The inputs of a dashboard; entries of another shape are passed over.
#[must_use]
pub fn inputs(body: &Value) -> Vec<DashboardInput> {
    let list = body.get("__inputs").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|input| DashboardInput::deserialize(input).ok())
        .filter(|input| !input.name.is_empty())
        .collect()
}

/// The dashboard with every `${INPUT}` replaced in its strings and without `__inputs`. Without
/// inputs the text comes back as it is. Strings are changed once: a value is never looked into.
pub fn fill_inputs(body: &str, given: &[GivenInput]) -> Result<String, ImportError> {
    let object = RawObject::parse(body)?;
    let Some(asked) = object.get("__inputs") else { return Ok(body.to_owned()) };
    let asked: Value = serde_json::from_str(asked)?;
    let mut values = HashMap::new();
    for input in inputs(&serde_json::json!({ "__inputs": asked })) {
        let same = |given: &&GivenInput| given.name == input.name && given.kind == input.kind;
        let value = match given.iter().find(same) {
            Some(given) => given.value.clone(),
            // A constant carries what it stands for.
            None if input.kind == "constant" && !input.value.is_empty() => input.value,
            None => return Err(ImportError::InputMissing { name: input.name }),
        };
        values.insert(input.name, value);
    }
    let without = object.without("__inputs");
    Ok(raw::map_strings(&without, &mut |text| filled(text, &values)))
}

/// A text with its `${NAME}`s replaced; `None` when none of the names is an input.
fn filled(text: &str, values: &HashMap<String, String>) -> Option<String> {
    let mut out = String::new();
    let (mut rest, mut changed) = (text, false);
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let value =
            after[2..].split_once('}').and_then(|(name, left)| Some((values.get(name)?, left)));
        if let Some((value, left)) = value {
            out.push_str(value);
            changed = true;
            rest = left;
        } else {
            out.push_str("${");
            rest = &after[2..];
        }
    }
    out.push_str(rest);
    changed.then_some(out)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{GivenInput, fill_inputs, inputs};

    fn given(name: &str, kind: &str, value: &str) -> GivenInput {
        GivenInput {
            name: name.into(),
            kind: kind.into(),
            value: value.into(),
            plugin_id: String::new(),
        }
    }

    const EXPORTED: &str = r#"{
  "__inputs": [
    {"name": "DS_PROM", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus", "pluginName": "Prometheus"},
    {"name": "VAR_X", "type": "constant", "value": "ten"},
    "odd"
  ],
  "title": "T",
  "n": 1.10,
  "panels": [{"datasource": "${DS_PROM}", "expr": "a{x=\"${VAR_X}\"} ${other} ${DS_PROM"}]
}"#;

    #[test]
    fn inputs_are_listed_and_filled_in() {
        let asked = inputs(&serde_json::from_str(EXPORTED).unwrap());
        assert_eq!(
            (asked.len(), asked[0].plugin_id.as_str(), asked[1].value.as_str()),
            (2, "prometheus", "ten")
        );
        let filled =
            fill_inputs(EXPORTED, &[given("DS_PROM", "datasource", "\"u\" ${VAR_X}")]).unwrap();
        assert!(filled.contains(r#""n":1.10"#), "numbers keep their digits: {filled}");
        let filled: Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(
            filled,
            json!({ "title": "T", "n": 1.1, "panels": [{ "datasource": "\"u\" ${VAR_X}", "expr": "a{x=\"ten\"} ${other} ${DS_PROM" }] })
        );
    }

    #[test]
    fn a_missing_input_is_named_and_a_dashboard_without_is_left_alone() {
        let error = fill_inputs(EXPORTED, &[given("DS_PROM", "constant", "u")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Dashboard input variable: DS_PROM missing from import command"
        );
        let plain = "{ \"title\": \"${DS_PROM}\" }";
        assert_eq!(fill_inputs(plain, &[given("DS_PROM", "datasource", "u")]).unwrap(), plain);
    }
}
