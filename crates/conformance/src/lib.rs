//! Runs outside test suites against our parsers, engines and the real binary. The suites are files
//! in the formats of `conformance/FORMATS.md` and are never part of this repository.

pub mod files;
pub mod grafana;
pub mod prometheus;
pub mod promql;
pub mod report;

use std::path::Path;

use report::Report;

/// A subcommand: everything it is given in files goes through `run`.
#[derive(Debug)]
pub struct Suite {
    pub name: &'static str,
    pub about: &'static str,
    /// File name extensions it takes from a folder.
    pub extensions: &'static [&'static str],
    /// Errors: the file cannot be read or is not in a known format.
    pub run: fn(&Path, &mut Report<'_>) -> anyhow::Result<()>,
}

/// The suites there are.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "promql",
        about: "PromQL: parse cases (*.json) and promqltest scripts (*.test)",
        extensions: &["json", "test"],
        run: promql::run_file,
    },
    Suite {
        name: "prometheus",
        about: "Prometheus: configuration, relabelling, exposition texts, remote write (*.json)",
        extensions: &["json"],
        run: prometheus::run_file,
    },
    Suite {
        name: "grafana",
        about: "Grafana: dashboards (*.json) and provisioning files (*.yaml, *.yml, *.json)",
        extensions: &["json", "yaml", "yml"],
        run: grafana::run_file,
    },
];

/// The suite called `name`. Errors: the names there are.
pub fn suite(name: &str) -> anyhow::Result<&'static Suite> {
    let names = || SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
    SUITES
        .iter()
        .find(|suite| suite.name == name)
        .ok_or_else(|| anyhow::anyhow!("no suite named {name:?}; there are: {}", names()))
}
