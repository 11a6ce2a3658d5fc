//! The command line: sub-commands and flags. `serve` is what happens without a sub-command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::config::{Address, Base2Bytes, Feature, LogFormat, Period};

/// Release and commit, as `--version` prints them.
pub(crate) const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("ORRERY_COMMIT"), ")");

/// The whole observability stack in one binary.
#[derive(Debug, Parser)]
#[command(name = "orrery", version = VERSION, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server (the default)
    Serve(ServeArgs),
    /// Check files without starting
    Check {
        #[command(subcommand)]
        what: CheckCommand,
    },
    /// Ask a running server
    Query {
        #[command(subcommand)]
        language: QueryCommand,
    },
    /// Fill every bundled dashboard with the metrics of a made-up company
    Demo(Box<DemoArgs>),
    /// Print the version
    Version,
    /// Print shell completions
    Completions { shell: Shell },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CheckCommand {
    /// Check configuration files: orrery.yaml, or a prometheus.yml by its content
    Config {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueryCommand {
    /// Evaluate a PromQL expression: now, or over a range with --start and --end
    Promql(PromqlArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PromqlArgs {
    pub(crate) expression: String,
    /// The server's Prometheus address
    #[arg(long, default_value = "http://127.0.0.1:9090")]
    pub(crate) server: String,
    /// Evaluation time, Unix seconds or RFC 3339; now when left out
    #[arg(long, conflicts_with_all = ["start", "end"])]
    pub(crate) time: Option<String>,
    #[arg(long, requires = "end")]
    pub(crate) start: Option<String>,
    #[arg(long, requires = "start")]
    pub(crate) end: Option<String>,
    /// Distance of points, such as 15s
    #[arg(long, default_value = "15s")]
    pub(crate) step: String,
    /// Tenant to ask for
    #[arg(long)]
    pub(crate) tenant: Option<String>,
    /// Print the server's JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where made-up metrics go, and how many.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Start a server as well, with all flags of `serve`; its data is in demo-data
    #[arg(long)]
    pub(crate) serve: bool,
    /// A Prometheus address, or with a path the push address [default: http://127.0.0.1:9090]
    #[arg(long, value_name = "URL", conflicts_with = "serve")]
    pub(crate) target: Option<String>,
    /// How far back the metrics begin
    #[arg(long, value_name = "DURATION", default_value = "7d")]
    pub(crate) history: Period,
    /// Distance of samples
    #[arg(long, value_name = "DURATION", default_value = "15s")]
    pub(crate) interval: Period,
    /// Samples per second at most while the history is sent; 0 is as fast as it is taken
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) rate: u64,
    /// Another number is another company's luck; the same one is the same history
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// End when the history is sent
    #[arg(long, conflicts_with = "serve")]
    pub(crate) once: bool,
    /// Tenant, sent as X-Scope-OrgID
    #[arg(long, conflicts_with = "serve")]
    pub(crate) tenant: Option<String>,
    /// User of basic authentication
    #[arg(long, conflicts_with_all = ["serve", "token"])]
    pub(crate) user: Option<String>,
    #[arg(long, env = "ORRERY_DEMO_PASSWORD", hide_env_values = true, requires = "user")]
    pub(crate) password: Option<String>,
    /// Bearer token
    #[arg(long, env = "ORRERY_DEMO_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    #[command(flatten, next_help_heading = "Server")]
    pub(crate) server: ServeArgs,
}

/// Flags of `serve`; each has a key in the configuration and a variable `ORRERY_…`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// Configuration file; without it every key has its default
    #[arg(long, value_name = "FILE", env = "ORRERY_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Where everything is kept [default: data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Added to every port
    #[arg(long, value_name = "N")]
    pub(crate) port_offset: Option<u16>,
    /// Address of the portal [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) portal_listen: Option<Address>,
    /// Address of the Prometheus face [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) prometheus_listen: Option<Address>,
    /// Address of the Mimir push face [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mimir_listen: Option<Address>,
    /// Address of the Mimir query face [default: 127.0.0.1:9009]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mimir_query_listen: Option<Address>,
    /// A prometheus.yml with targets to scrape
    #[arg(long, value_name = "FILE")]
    pub(crate) scrape_config: Option<PathBuf>,
    /// Folder with Grafana provisioning files
    #[arg(long, value_name = "DIR")]
    pub(crate) provisioning: Option<PathBuf>,
    /// How long samples are kept, as 15d; under Prometheus' name
    #[arg(long = "storage.tsdb.retention.time", value_name = "DURATION")]
    pub(crate) retention_time: Option<Period>,
    /// How much is kept, as 512MB, in units of 1024; under Prometheus' name
    #[arg(long = "storage.tsdb.retention.size", value_name = "BYTES")]
    pub(crate) retention_size: Option<Base2Bytes>,
    /// Answer /api/v1/admin on the Prometheus face; under Prometheus' name
    #[arg(long = "web.enable-admin-api")]
    pub(crate) enable_admin_api: bool,
    /// Acknowledge a write only when it is synced to the disk
    #[arg(long)]
    pub(crate) durable_ack: bool,
    /// Longest evaluation of one query [default: 2m]
    #[arg(long = "query.timeout", value_name = "DURATION")]
    pub(crate) query_timeout: Option<Period>,
    /// How old a sample may be to stand for now [default: 5m]
    #[arg(long = "query.lookback-delta", value_name = "DURATION")]
    pub(crate) query_lookback_delta: Option<Period>,
    /// Samples one query may hold in memory [default: 50000000]
    #[arg(long = "query.max-samples", value_name = "N")]
    pub(crate) query_max_samples: Option<u64>,
    /// Queries evaluated at once [default: 20]
    #[arg(long = "query.max-concurrency", value_name = "N")]
    pub(crate) query_max_concurrency: Option<usize>,
    /// Prometheus' experimental features, separated by commas; may be repeated
    #[arg(long, value_name = "FEATURE", value_delimiter = ',')]
    pub(crate) enable_feature: Vec<Feature>,
    /// Log level or filter, such as info or info,scrape=debug
    #[arg(long, value_name = "LEVEL", env = "ORRERY_LOG")]
    pub(crate) log_level: Option<String>,
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serving_needs_no_word() {
        let plain = Cli::try_parse_from(["orrery", "--port-offset", "100"]).unwrap();
        assert!(plain.command.is_none());
        assert_eq!(plain.serve.port_offset, Some(100));
        let named = Cli::try_parse_from(["orrery", "serve", "--portal-listen", ":1"]).unwrap();
        assert!(named.command.is_some());
        assert!(Cli::try_parse_from(["orrery", "--portal-listen", "x"]).is_err());
        let flags = ["orrery", "--storage.tsdb.retention.time=30d", "--web.enable-admin-api"];
        let as_prometheus = Cli::try_parse_from(flags).unwrap().serve;
        assert_eq!(as_prometheus.retention_time.map(|t| t.to_string()), Some("30d".to_owned()));
        assert!(as_prometheus.enable_admin_api);
        let prometheus = Cli::try_parse_from([
            "orrery",
            "--query.max-samples=7",
            "--query.timeout=30s",
            "--enable-feature=promql-duration-expr,exemplar-storage",
            "--enable-feature=promql-experimental-functions",
        ]);
        let serve = prometheus.unwrap().serve;
        assert_eq!((serve.query_max_samples, serve.enable_feature.len()), (Some(7), 3));
        assert!(Cli::try_parse_from(["orrery", "--enable-feature=promql-duration"]).is_err());
    }
}
