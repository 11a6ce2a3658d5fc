//! Relabelling and its checks over the shared cases.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use model::LabelsBuilder;
use scrape::relabel::{Action, NameScheme, Rule, RuleSpec, apply_all};
use serde_json::Value;

fn cases(name: &str) -> Vec<Value> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/prometheus/");
    let Ok(text) = std::fs::read_to_string(format!("{root}{name}")) else {
        println!("skipped: {root}{name} is not here");
        return Vec::new();
    };
    let file: Value = serde_json::from_str(&text).expect("JSON");
    file["cases"].as_array().expect("cases").clone()
}

fn spec(config: &Value, action: Option<Action>) -> RuleSpec {
    let default = RuleSpec::default();
    let text = |key: &str| config[key].as_str().map(str::to_owned);
    let labels = config["source_labels"].as_array();
    let labels = labels.map(|l| l.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    RuleSpec {
        source_labels: labels,
        separator: text("separator").unwrap_or(default.separator),
        regex: text("regex"),
        modulus: config["modulus"].as_u64().unwrap_or(0),
        target_label: text("target_label").unwrap_or_default(),
        replacement: text("replacement").unwrap_or(default.replacement),
        action: text("action").and_then(|word| Action::parse(&word)).or(action),
    }
}

fn scheme(config: &Value) -> NameScheme {
    if config["name_validation_scheme"] == "legacy" { NameScheme::Legacy } else { NameScheme::Utf8 }
}

#[test]
fn rules_rewrite_as_the_reference_does() {
    for case in cases("relabel.json") {
        let configs = case["relabel_configs"].as_array().expect("rules");
        let compile = |config: &Value| {
            let mut spec = spec(config, Some(Action::Replace));
            // The cases write out defaults that a file would leave out.
            if matches!(spec.action, Some(Action::KeepEqual | Action::DropEqual)) {
                spec = RuleSpec {
                    regex: None,
                    separator: ";".into(),
                    replacement: "$1".into(),
                    ..spec
                };
            }
            spec.compile(scheme(config)).expect("valid")
        };
        let rules: Vec<Rule> = configs.iter().map(compile).collect();
        let mut labels = LabelsBuilder::default();
        for (name, value) in case["input"].as_object().expect("labels") {
            labels.push(name, value.as_str().expect("text"));
        }
        let kept = apply_all(&rules, &mut labels);
        assert_eq!(!kept, case["drop"] == true, "{}", case["id"]);
        if kept {
            let got = labels.build();
            let got: serde_json::Map<_, _> =
                got.iter().map(|(n, v)| (n.to_owned(), Value::from(v))).collect();
            assert_eq!(Value::from(got), case["output"], "{}", case["id"]);
        }
    }
}

#[test]
fn rules_are_refused_as_the_reference_refuses_them() {
    for case in cases("relabel_validate.json") {
        let config = &case["config"];
        let (config, action) = if config.is_object() {
            (config.clone(), None)
        } else {
            // Label maps of a target label alone stand for a replacement into it.
            let target = &case["target_label"];
            let scheme = &case["scheme"];
            (
                serde_json::json!({"target_label": target, "action": "replace", "name_validation_scheme": scheme}),
                None,
            )
        };
        let mut spec = spec(&config, action);
        if config.get("replacement").is_none() {
            spec.replacement =
                if spec.action == Some(Action::LabelMap) { String::new() } else { "$1".into() };
        }
        let got = spec.compile(scheme(&config)).map(drop);
        assert_eq!(got.is_ok(), case["valid"] == true, "{case}: {got:?}");
        if let (Err(error), Some(part)) = (&got, case["error_contains"].as_str()) {
            assert!(error.contains(part), "{}: {error}", case["id"]);
        }
    }
}

#[test]
fn patterns_are_of_the_references_dialect() {
    let rule = |pattern: &str| {
        let spec = RuleSpec {
            source_labels: Some(vec!["a".into()]),
            regex: Some(pattern.into()),
            action: Some(Action::Keep),
            ..RuleSpec::default()
        };
        spec.compile(NameScheme::Utf8)
    };
    let check = |pattern: &str, value: &str, want: bool| {
        let mut labels = LabelsBuilder::default();
        labels.push("a", value);
        let kept = rule(pattern).expect("valid").apply(&mut labels);
        assert_eq!(kept, want, "{pattern} on {value}");
    };
    // A brace that counts nothing stands for itself.
    check("{.+}", "{x}", true);
    // Digits are ASCII digits.
    check(r"\d+", "42", true);
    check(r"\d+", "٤٢", false);
    // A bracket in a class is a character.
    check("[[a]+", "[a", true);
    for refused in ["a**", "(", r"(?=a)"] {
        let error = rule(refused).expect_err("refused");
        assert!(error.starts_with("error parsing regexp: "), "{error}");
    }
}
