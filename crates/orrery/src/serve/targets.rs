//! What is scraped: this host and Orrery itself from inside the process, and whatever a
//! `prometheus.yml` names. SIGHUP reads that file again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent::{HostCollector, Roots, Settings};
use anyhow::Context;
use auth::{Action, Authority, Component, Principal};
use metric_store::MetricStore;
use model::Tenant;
use parking_lot::Mutex;
use platform::Platform;
use query::MetricSink;
use scrape::config::{Config as ScrapeFile, Job};
use scrape::{BODY_BYTES_MAX, LocalJob, LocalTarget, Scraper, ScraperOptions};
use telemetry::Registry;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::serve::pages::Pages;

/// Job names under which dashboards look for the host and for Orrery.
const HOST_JOB: &str = "node";
const SELF_JOB: &str = "orrery";

/// The host collector behind the pipeline all targets take.
struct Host(Mutex<HostCollector>);

impl LocalTarget for Host {
    fn gather(&self, out: &mut String) {
        self.0.lock().gather(out);
    }
}

/// Orrery's own metrics.
struct Own(Registry);

impl LocalTarget for Own {
    fn gather(&self, out: &mut String) {
        self.0.render(out, telemetry::Format::Text004);
    }
}

pub(crate) fn read_file(path: Option<&Path>) -> anyhow::Result<ScrapeFile> {
    let Some(path) = path else { return Ok(ScrapeFile::default()) };
    let file = ScrapeFile::load(path)?;
    for notice in &file.notices {
        tracing::warn!(file = %path.display(), "{notice}");
    }
    Ok(file)
}

/// Prepared, not yet running.
pub(crate) fn prepare(
    config: &Config,
    file: &ScrapeFile,
    platform: &Platform,
    registry: &Registry,
    authority: &Authority,
    store: &Arc<MetricStore>,
) -> anyhow::Result<Scraper> {
    let principal = Principal::Component(Component::Scraper);
    let scope = authority.scope(&principal, Action::WriteMetrics, Tenant::default())?;
    let interval = config.scrape.self_interval.0;
    let mut locals = vec![local(SELF_JOB, interval, Arc::new(Own(registry.clone())))];
    if config.scrape.host {
        let clock = Arc::clone(&platform.clock);
        let host = HostCollector::new(Roots::default(), Settings::default(), clock);
        locals.push(local(HOST_JOB, interval, Arc::new(Host(Mutex::new(host)))));
    }
    let options = ScraperOptions {
        sink: Arc::clone(store) as Arc<dyn MetricSink>,
        scope,
        clock: Arc::clone(&platform.clock),
        registry: registry.clone(),
        locals,
        body_bytes_max: BODY_BYTES_MAX,
    };
    Scraper::prepare(file, options).context("cannot prepare scraping")
}

fn local(name: &str, interval: Duration, source: Arc<dyn LocalTarget>) -> LocalJob {
    let job = Job {
        scrape_interval: interval,
        scrape_timeout: interval.min(Duration::from_secs(10)),
        ..Job::named(name)
    };
    LocalJob { job, instance: http_api::prometheus::hostname(), labels: Vec::new(), source }
}

/// On SIGHUP reads the file again; a bad one is logged and changes nothing.
pub(crate) fn reload_on_hangup(
    config: &Config,
    scraper: Arc<Scraper>,
    pages: Arc<Pages>,
    platform: Platform,
) -> anyhow::Result<JoinHandle<()>> {
    let mut hangup = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    let path = config.scrape.config_file.clone();
    Ok(tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let outcome = match read_file(path.as_deref()) {
                Ok(file) => {
                    let yaml = file.redacted_yaml.clone();
                    scraper.reload(&file).await.map(|()| yaml).map_err(anyhow::Error::from)
                }
                Err(error) => Err(error),
            };
            let now_ms = platform.clock.unix_ms();
            match outcome {
                Ok(yaml) => {
                    tracing::info!("scrape configuration loaded again");
                    pages.note_reload(Some(yaml), now_ms);
                }
                Err(error) => {
                    tracing::error!(
                        "scrape configuration not loaded, the old one stays: {error:#}"
                    );
                    pages.note_reload(None, now_ms);
                }
            }
        }
    }))
}
