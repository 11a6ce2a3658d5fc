//! `orrery check config FILE…`: says of each file whether the server would take it.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::{config, print};

/// Exit code ≠ 0 when any file is refused; every file gets its line.
pub(crate) fn config(files: &[PathBuf]) -> anyhow::Result<()> {
    let mut refused = 0;
    for file in files {
        let verdict = match check_file(file) {
            Ok(notices) => notices.iter().fold(format!("{}: ok\n", file.display()), |text, n| {
                format!("{text}{}: note: {n}\n", file.display())
            }),
            Err(reason) => {
                refused += 1;
                format!("{reason}\n")
            }
        };
        print(&verdict)?;
    }
    if refused > 0 {
        bail!("{refused} of {} files refused", files.len());
    }
    Ok(())
}

/// What is worth knowing about an accepted file, or why it is refused.
fn check_file(path: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{}: cannot read: {error}", path.display()))?;
    if looks_like_prometheus(&text) {
        let loaded = scrape::config::Config::load(path).map_err(|error| error.to_string())?;
        return Ok(loaded.notices.iter().map(ToString::to_string).collect());
    }
    config::read(path).map(|_| Vec::new()).map_err(|error| error.to_string())
}

/// Whether a top-level key is one that only `prometheus.yml` has.
fn looks_like_prometheus(text: &str) -> bool {
    const KEYS: [&str; 7] = [
        "global",
        "scrape_configs",
        "scrape_config_files",
        "rule_files",
        "alerting",
        "remote_write",
        "remote_read",
    ];
    text.lines().filter_map(|line| line.split_once(':')).any(|(key, _)| KEYS.contains(&key))
}
