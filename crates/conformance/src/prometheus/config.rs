//! Configuration files: is the file one that a server starts with.

use std::path::Path;

use scrape::config::Config;
use serde_json::Value;

/// Loads the file a case of the manifest names. Errors: the verdict differs.
pub(super) fn check(manifest: &Path, case: &Value) -> Result<(), String> {
    // Names are relative to the folder above the manifest's.
    let root = manifest.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let file = case["file"].as_str().ok_or("the case names no file")?;
    let loaded = load(&root.join(file), case["mode"] == "agent");
    match (case["valid"].as_bool(), loaded) {
        (Some(true), Err(error)) => Err(format!("should load, but {error}")),
        (Some(false), Ok(())) => {
            let wanted = case["error"].as_str().or(case["error_contains"].as_str());
            Err(format!("loads, but should be refused: {}", wanted.unwrap_or("")))
        }
        _ => Ok(()),
    }
}

fn load(path: &Path, agent: bool) -> Result<(), String> {
    let config = Config::load(path).map_err(|error| error.to_string())?;
    if agent {
        config.check_agent_mode().map_err(|error| error.to_string())?;
    }
    config.all_jobs().map(drop).map_err(|error| error.to_string())
}
