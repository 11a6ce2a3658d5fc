//! Relabelling: what rules make of labels, and which rules are refused.

use std::path::Path;

use model::LabelsBuilder;
use scrape::relabel::{Action, NameScheme, Rule, RuleSpec, apply_all};
use serde_json::{Map, Value, json};

/// Applies the rules of a case to its labels. Errors: the outcome differs.
pub(super) fn check_rewrite(_: &Path, case: &Value) -> Result<(), String> {
    let configs = case["relabel_configs"].as_array().ok_or("the case has no rules")?;
    let rules = configs.iter().map(rule).collect::<Result<Vec<Rule>, String>>()?;
    let input = case["input"].as_object().ok_or("the case has no labels")?;
    let mut labels = LabelsBuilder::default();
    for (name, value) in input {
        labels.push(name, value.as_str().ok_or("a label that is not text")?);
    }
    let kept = apply_all(&rules, &mut labels);
    let dropped = case["drop"] == true;
    if kept == dropped {
        return Err(if kept { "kept, should be dropped" } else { "dropped, should be kept" }.into());
    }
    let labels = labels.build();
    let got = labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    let got = Value::from(got.collect::<Map<String, Value>>());
    if dropped || got == case["output"] {
        return Ok(());
    }
    Err(format!("labels\nwant {}\ngot  {got}", case["output"]))
}

fn rule(config: &Value) -> Result<Rule, String> {
    let mut spec = spec(config, Some(Action::Replace));
    // The cases write out defaults that a file leaves out, and that these actions do not take.
    if matches!(spec.action, Some(Action::KeepEqual | Action::DropEqual)) {
        spec.regex = None;
        spec.separator = RuleSpec::default().separator;
        spec.replacement = RuleSpec::default().replacement;
    }
    spec.compile(scheme(config))
}

/// Compiles the rule of a case. Errors: the verdict or the message differs.
pub(super) fn check_rule(_: &Path, case: &Value) -> Result<(), String> {
    let config = if case["config"].is_object() {
        case["config"].clone()
    } else {
        // A target label alone stands for a replacement into it.
        json!({
            "target_label": case["target_label"],
            "action": "replace",
            "name_validation_scheme": case["scheme"],
        })
    };
    let mut spec = spec(&config, None);
    // The cases are structures, not files: what they leave out is empty, not the default.
    if config.get("replacement").is_none() && spec.action == Some(Action::LabelMap) {
        spec.replacement = String::new();
    }
    let compiled = spec.compile(scheme(&config));
    match (case["valid"] == true, compiled) {
        (true, Err(error)) => Err(format!("should be valid, but {error}")),
        (false, Ok(_)) => Err(format!("valid, but should be refused: {}", case["error_contains"])),
        (false, Err(error)) => match case["error_contains"].as_str() {
            Some(part) if !error.contains(part) => {
                Err(format!("message\nwant {part}\ngot  {error}"))
            }
            _ => Ok(()),
        },
        (true, Ok(_)) => Ok(()),
    }
}

fn spec(config: &Value, action: Option<Action>) -> RuleSpec {
    let default = RuleSpec::default();
    let text = |key: &str| config[key].as_str().map(str::to_owned);
    let labels = config["source_labels"].as_array();
    RuleSpec {
        source_labels: labels
            .map(|labels| labels.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        separator: text("separator").unwrap_or(default.separator),
        regex: text("regex"),
        modulus: config["modulus"].as_u64().unwrap_or_default(),
        target_label: text("target_label").unwrap_or_default(),
        replacement: text("replacement").unwrap_or(default.replacement),
        action: text("action").and_then(|word| Action::parse(&word)).or(action),
    }
}

fn scheme(config: &Value) -> NameScheme {
    if config["name_validation_scheme"] == "legacy" { NameScheme::Legacy } else { NameScheme::Utf8 }
}
