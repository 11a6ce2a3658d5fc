//! `conformance SUITE PATH…`: runs the files at the paths, prints every failure and closes with
//! `N passed, N failed`. `conformance promql-diff` compares with a running peer. Exit code 1 if something failed, 2 if it could not run.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use conformance::report::Report;
use conformance::{SUITES, files, promql, suite};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let name = args.next();
    let ran = if name.as_deref() == Some("promql-diff") {
        promql::diff::run(args)
    } else {
        let paths: Vec<PathBuf> = args.map(PathBuf::from).collect();
        match name {
            Some(name) if !paths.is_empty() => run(&name, &paths),
            _ => Err(anyhow::anyhow!("{}", usage())),
        }
    };
    match ran {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing can be done if standard error is closed, too.
            drop(writeln!(io::stderr(), "{error:#}"));
            ExitCode::from(2)
        }
    }
}

/// True if nothing failed.
fn run(name: &str, paths: &[PathBuf]) -> anyhow::Result<bool> {
    let suite = suite(name)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut report = Report::new(&mut out);
    for path in files::collect(paths, suite.extensions)? {
        if let Err(error) = (suite.run)(&path, &mut report) {
            report.fail(&path, "file", &format!("{error:#}"))?;
        }
    }
    Ok(report.finish()?)
}

fn usage() -> String {
    let suites = SUITES.iter().map(|suite| format!("\n  {:<12} {}", suite.name, suite.about));
    let suites: String = suites.collect();
    format!(
        "usage: conformance SUITE PATH…\n       conformance promql-diff --help\nsuites:{suites}"
    )
}
