//! Provisioning files: read by the provisioner's own readers, and their verdict compared.

use std::path::Path;

use portal::provisioning::{Environment, Verdict, unwrap_config_maps, verdict};
use serde_json::Value;

use super::{Failure, dashboards};

/// What does not hold of a provisioning file.
pub(super) fn check(path: &Path, text: &str, stated: Option<&Value>) -> Vec<Failure> {
    let fail = |reason: String| vec![Failure { place: "file", reason }];
    let read = match read(path, text) {
        Ok(read) => read,
        Err(reason) => Read { reasons: vec![reason], ..Read::default() },
    };
    let valid = stated.and_then(|facts| facts["valid"].as_bool()).unwrap_or(true);
    match (valid, read.reasons.is_empty()) {
        (true, false) => return fail(format!("should be valid, but {}", read.reasons.join("\n"))),
        (false, true) => return fail("is taken, but should be refused".to_owned()),
        _ => {}
    }
    if let (Some(want), true) = (stated.and_then(|facts| facts["kinds"].as_array()), valid) {
        let want: Vec<&str> = want.iter().filter_map(Value::as_str).collect();
        let missing = want.iter().any(|kind| !read.kinds.iter().any(|found| found == kind));
        // A manifest may pass over what a file deletes.
        let deletes = |kind: &&String| kind.starts_with("delete") || kind.starts_with("reset");
        let mut others = read.kinds.iter().filter(|kind| !deletes(kind));
        if missing || others.any(|kind| !want.contains(&kind.as_str())) {
            return fail(format!("kinds\nwant {want:?}\ngot  {:?}", read.kinds));
        }
    }
    Vec::new()
}

#[derive(Debug, Default)]
struct Read {
    kinds: Vec<String>,
    reasons: Vec<String>,
}

/// Reads a file, or each of the files inside a manifest of Kubernetes.
fn read(path: &Path, text: &str) -> Result<Read, String> {
    let words = |error: portal::provisioning::YamlError| error.to_string();
    let Some(files) = unwrap_config_maps(text).map_err(words)? else {
        let Verdict { kinds, failures } =
            verdict(text, &environment(text), &path.display().to_string()).map_err(words)?;
        return Ok(Read { kinds, reasons: failures });
    };
    let mut all = Read::default();
    for (name, text) in files {
        if Path::new(&name).extension().is_some_and(|extension| extension == "json") {
            let failures = dashboards::check(&text, None);
            all.reasons.extend(failures.into_iter().map(|f| format!("{name}: {}", f.reason)));
            continue;
        }
        match verdict(&text, &environment(&text), &name) {
            Ok(inner) => {
                all.kinds.extend(inner.kinds);
                all.reasons.extend(inner.failures.iter().map(|reason| format!("{name}: {reason}")));
            }
            Err(error) => all.reasons.push(format!("{name}: {error}")),
        }
    }
    Ok(all)
}

/// Every variable that the text names, set to something that is a text, a number and a flag.
fn environment(text: &str) -> Environment {
    let mut environment = Environment::new();
    for after in text.split('$').skip(1) {
        let after = after.strip_prefix('{').unwrap_or(after);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = &after[..end.unwrap_or(after.len())];
        if !name.is_empty() {
            environment.insert(name.to_owned(), "1".to_owned());
        }
    }
    environment
}
