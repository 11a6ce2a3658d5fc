//! `orrery serve`: start order, readiness, and a stop that loses nothing.
//!
//! Start: configuration, log, data directory (locked), ports, stores (recovered), tables,
//! provisioning, faces; they serve queries from here on, and when the metrics log is replayed the
//! server is ready, takes samples and scrapes. A step that fails ends the start with one sentence;
//! everything opened before it is closed again. Stop: no new connections, running requests end,
//! scraping ends, stores flush and sync. A second signal ends the process at once.

mod banner;
mod listeners;
mod mimir_config;
mod pages;
mod query_cache;
mod signals;
mod targets;
mod wiring;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use platform::{LockError, Platform};

use crate::cli::ServeArgs;
use crate::config::{self, Config};
use crate::demo_command;
use crate::logging;

/// Threads that may block: queries, appends, password hashing.
const BLOCKING_THREADS_MAX: usize = 64;

pub(crate) fn run(args: &ServeArgs, environment: &BTreeMap<String, String>) -> anyhow::Result<()> {
    start(args, environment, None)
}

/// The same with made-up metrics that are sent to the Prometheus face as soon as it is ready.
pub(crate) fn run_with_demo(
    args: &ServeArgs,
    environment: &BTreeMap<String, String>,
    plan: demo::Plan,
) -> anyhow::Result<()> {
    start(args, environment, Some(plan))
}

fn start(
    args: &ServeArgs,
    environment: &BTreeMap<String, String>,
    demo: Option<demo::Plan>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let (config, notices) = effective_config(args, environment)?;
    logging::install(&config.log)?;
    for notice in notices {
        tracing::warn!("Grafana's settings: {notice}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
        .context("cannot start the runtime")?;
    let outcome = runtime.block_on(serve(config, environment.clone(), started, demo));
    // Nothing that still runs may hold the process: what must be on the disk is there.
    runtime.shutdown_background();
    outcome
}

/// File, then Grafana's settings, then environment, then flags; with the settings of Grafana's
/// that mean nothing here.
fn effective_config(
    args: &ServeArgs,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<(Config, Vec<String>)> {
    let from_file = match &args.config {
        Some(path) => config::read(path)?,
        None => Config::default(),
    };
    let ini = grafana_ini(&config::apply_environment(&from_file, environment)?, environment)?;
    let (config, notices) = config::apply_grafana(&from_file, &ini, environment)
        .map_err(config::ConfigError::Grafana)?;
    let after_grafana = config;
    let after_environment = config::apply_environment(&after_grafana, environment)?;
    let mut config = with_flags(after_environment.clone(), args.clone());
    // The file was read a moment ago; should it be gone now, its settings count as defaults.
    let text = args.config.as_deref().map(|path| (path, std::fs::read_to_string(path)));
    config.origins = config::origins(&config::Stages {
        file: text.as_ref().and_then(|(path, text)| Some((*path, text.as_deref().ok()?))),
        after_file: &from_file,
        grafana_ini: grafana_ini_name(&after_environment, environment),
        after_grafana: &after_grafana,
        environment,
        after_environment: &after_environment,
        in_force: &config,
    });
    Ok((config, notices))
}

/// Where Grafana's settings are read from, or would be; empty when only its variables are.
fn grafana_ini_name(config: &Config, environment: &BTreeMap<String, String>) -> String {
    let own = config.portal.grafana_ini.as_ref().map(|path| path.display().to_string());
    own.or_else(|| environment.get("GF_PATHS_CONFIG").cloned()).unwrap_or_default()
}

fn with_flags(mut config: Config, flags: ServeArgs) -> Config {
    if let Some(dir) = flags.data_dir {
        config.data_dir.0 = dir;
    }
    let listen = &mut config.listen;
    for (slot, flag) in [
        (&mut listen.portal, flags.portal_listen),
        (&mut listen.prometheus, flags.prometheus_listen),
        (&mut listen.mimir, flags.mimir_listen),
        (&mut listen.mimir_query, flags.mimir_query_listen),
    ] {
        *slot = flag.unwrap_or(*slot);
    }
    listen.port_offset = flags.port_offset.unwrap_or(listen.port_offset);
    config.scrape.config_file = flags.scrape_config.or(config.scrape.config_file);
    config.portal.provisioning = flags.provisioning.or(config.portal.provisioning);
    config.storage.durable_ack |= flags.durable_ack;
    let storage = &mut config.storage;
    storage.retention = flags.retention_time.unwrap_or(storage.retention);
    let size = flags.retention_size.map(|size| size.0);
    storage.retention_bytes_max = size.unwrap_or(storage.retention_bytes_max);
    config.tenancy.admin_api |= flags.enable_admin_api;
    let query = &mut config.query;
    query.timeout = flags.query_timeout.unwrap_or(query.timeout);
    query.lookback_delta = flags.query_lookback_delta.unwrap_or(query.lookback_delta);
    query.max_samples = flags.query_max_samples.unwrap_or(query.max_samples);
    query.max_concurrency = flags.query_max_concurrency.unwrap_or(query.max_concurrency);
    query.features.extend(flags.enable_feature);
    config.log.level = flags.log_level.unwrap_or(config.log.level);
    config.log.format = flags.log_format.unwrap_or(config.log.format);
    config
}

/// The text of `grafana.ini`; empty without one. Grafana's image sets `GF_PATHS_CONFIG` whether or
/// not the file is there, so only the key of our own insists.
fn grafana_ini(config: &Config, environment: &BTreeMap<String, String>) -> anyhow::Result<String> {
    let own = config.portal.grafana_ini.as_deref();
    let Some(path) = own.or_else(|| environment.get("GF_PATHS_CONFIG").map(Path::new)) else {
        return Ok(String::new());
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if own.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            Ok(String::new())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

async fn serve(
    config: Config,
    environment: BTreeMap<String, String>,
    started: Instant,
    demo: Option<demo::Plan>,
) -> anyhow::Result<()> {
    let platform = Platform::host();
    let signals = signals::Signals::install()?;
    let _lock = open_data_dir(&platform, &config.data_dir.0)?;
    let listeners = listeners::bind(&config).await?;
    let mut running = wiring::start(&config, &environment, &platform, &listeners).await?;
    let faces = listeners.serve(&running, &config);
    let demo = demo.map(|plan| prometheus_face(&faces).map(|face| (face, plan))).transpose()?;
    // Scripts that waited for Grafana look for these words.
    tracing::info!(took_ms = started.elapsed().as_millis() as u64, "HTTP server started");
    let replayed = tokio::select! {
        replayed = running.replayed() => replayed.map(|()| None),
        signal = signals.first() => Ok(Some(signal)),
    };
    let outcome = match replayed {
        Ok(Some(signal)) => Ok(signal),
        Ok(None) => {
            running.start_scraping();
            running.set_ready(true);
            running.warm_up();
            tracing::info!(
                took_ms = started.elapsed().as_millis() as u64,
                data_dir = %config.data_dir.0.display(),
                "ready"
            );
            banner::show(&faces, &running.sign_in)?;
            let demo = demo.map(|(face, plan)| tokio::spawn(demo_command::beside(face, plan)));
            let signal = signals.first().await;
            if let Some(demo) = demo {
                demo.abort();
            }
            Ok(signal)
        }
        Err(error) => Err(error),
    };
    if let Ok(signal) = &outcome {
        tracing::info!(signal, "stopping");
    }
    signals.exit_on_second();
    running.set_ready(false);
    running.end_live();
    faces.stop().await;
    let stopped = running.stop().await;
    outcome?;
    stopped?;
    tracing::info!("stopped");
    Ok(())
}

/// Where this process can reach its own Prometheus face.
fn prometheus_face(faces: &listeners::Faces) -> anyhow::Result<SocketAddr> {
    let face = faces.addresses.iter().find(|(face, _)| *face == listeners::Face::Prometheus);
    let (_, address) = face.context("the demo needs the Prometheus face; it is switched off")?;
    Ok(banner::reachable(*address))
}

/// Creates the directory if need be and takes its lock.
fn open_data_dir(platform: &Platform, dir: &Path) -> anyhow::Result<platform::DirLock> {
    let name = dir.display();
    platform
        .disk
        .create_dir_all(dir)
        .with_context(|| format!("cannot create the data directory {name}"))?;
    platform.disk.lock(dir).map_err(|error| match error {
        LockError::Held => {
            anyhow::anyhow!("the data directory {name} is in use by another process")
        }
        LockError::Io(source) => {
            anyhow::Error::new(source).context(format!("cannot write to the data directory {name}"))
        }
    })
}
