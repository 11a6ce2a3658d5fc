//! `orrery demo`: sends the made-up company to a running server, or starts one and sends to that.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};
use demo::{Credentials, Plan, Progress, Target};
use platform::HostClock;

use crate::cli::{DemoArgs, ServeArgs};
use crate::{print, serve};

/// Where `--serve` keeps its data, so that it never mixes with real ones.
const DATA_DIR: &str = "demo-data";

pub(crate) fn run(args: &DemoArgs, environment: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let plan = plan(args);
    plan.check()?;
    if args.serve {
        let mut server = args.server.clone();
        server.data_dir.get_or_insert_with(|| PathBuf::from(DATA_DIR));
        return serve::run_with_demo(&server, environment, plan);
    }
    if let Some(flag) = server_flag(&args.server) {
        bail!("{flag} is a flag of the server and needs --serve");
    }
    let address = args.target.as_deref().unwrap_or("http://127.0.0.1:9090");
    let target = target(address, credentials(args), args.tenant.as_deref())?;
    let clock = HostClock::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot start the runtime")?.block_on(async {
        let sending = demo::run(&target, &plan, &clock, |progress| {
            // Somebody who closed the pipe still wants the samples.
            let _closed = print(&format!("{}\n", text(progress)));
        });
        tokio::select! {
            sent = sending => Ok(sent?),
            interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        }
    })
}

/// Sends to the Prometheus face of this process until it stops; what goes wrong is logged.
pub(crate) async fn beside(address: SocketAddr, plan: Plan) {
    let sent = async {
        let target = target(&format!("http://{address}"), Credentials::None, None)?;
        let clock = HostClock::new();
        let told = |progress| tracing::info!("demo: {}", text(progress));
        Ok::<(), anyhow::Error>(demo::run(&target, &plan, &clock, told).await?)
    };
    if let Err(error) = sent.await {
        tracing::error!("the demo ends: {error:#}");
    }
}

fn plan(args: &DemoArgs) -> Plan {
    Plan {
        seed: args.seed,
        interval: args.interval.0,
        history: args.history.0,
        rate: args.rate,
        once: args.once,
    }
}

fn credentials(args: &DemoArgs) -> Credentials {
    match (&args.user, &args.token) {
        (Some(user), _) => Credentials::Basic {
            user: user.clone(),
            password: args.password.clone().unwrap_or_default(),
        },
        (None, Some(token)) => Credentials::Bearer(token.clone()),
        (None, None) => Credentials::None,
    }
}

fn target(address: &str, credentials: Credentials, tenant: Option<&str>) -> anyhow::Result<Target> {
    // The client is built without a default TLS library; fails only when one is set already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    Ok(Target::new(address, credentials, tenant)?)
}

/// The first flag that only a server understands; those that also come from the environment are
/// not counted.
fn server_flag(server: &ServeArgs) -> Option<&'static str> {
    [
        ("--data-dir", server.data_dir.is_some()),
        ("--port-offset", server.port_offset.is_some()),
        ("--portal-listen", server.portal_listen.is_some()),
        ("--prometheus-listen", server.prometheus_listen.is_some()),
        ("--mimir-listen", server.mimir_listen.is_some()),
        ("--mimir-query-listen", server.mimir_query_listen.is_some()),
        ("--scrape-config", server.scrape_config.is_some()),
        ("--provisioning", server.provisioning.is_some()),
        ("--storage.tsdb.retention.time", server.retention_time.is_some()),
        ("--storage.tsdb.retention.size", server.retention_size.is_some()),
    ]
    .into_iter()
    .find_map(|(flag, given)| given.then_some(flag))
}

fn text(progress: Progress) -> String {
    match progress {
        Progress::Begins { series, from_ms } => {
            format!("{series} series, from {} on", time(from_ms))
        }
        Progress::Sent { t_ms, samples } => format!("{samples} samples, up to {}", time(t_ms)),
        Progress::UpToDate { samples, took } => {
            format!("up to date: {samples} samples in {:.1} s", took.as_secs_f64())
        }
    }
}

fn time(t_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(t_ms).map_or_else(|_| t_ms.to_string(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::server_flag;
    use crate::cli::{Cli, Command, DemoArgs};

    fn parsed(flags: &[&str]) -> Result<Box<DemoArgs>, String> {
        let words = ["orrery", "demo"].iter().chain(flags);
        match Cli::try_parse_from(words).map_err(|error| error.to_string())?.command {
            Some(Command::Demo(args)) => Ok(args),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn flags_of_the_server_need_a_server() {
        let flag = |flags: &[&str]| parsed(flags).map(|args| server_flag(&args.server));
        assert_eq!(flag(&[]), Ok(None));
        assert_eq!(flag(&["--data-dir", "x"]), Ok(Some("--data-dir")));
        assert_eq!(flag(&["--history", "1d", "--once", "--seed=7"]), Ok(None));
        assert!(parsed(&["--serve", "--target", "http://h"]).is_err());
        assert!(parsed(&["--password", "x"]).is_err());
        assert!(parsed(&["--user", "a", "--token", "b"]).is_err());
    }
}
