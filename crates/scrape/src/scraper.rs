//! The handle that the process holds: starts, reloads, shows and stops all scraping.

use std::sync::Arc;

use parking_lot::Mutex;
use platform::Clock;
use query::{MetricSink, Scope};
use telemetry::Registry;

use crate::config::{Config, ConfigError, Job};
use crate::local::LocalJob;
use crate::metrics::ScrapeMetrics;
use crate::pool::{Pool, PoolStatus, States, end_states};
use crate::run::state::{Destination, State};
use crate::run::task::{Shared, Signal};
use crate::status::{TargetMetadata, Targets};

/// What a scraper works with.
pub struct ScraperOptions {
    pub sink: Arc<dyn MetricSink>,
    /// Whose data the samples become.
    pub scope: Scope,
    pub clock: Arc<dyn Clock>,
    pub registry: Registry,
    /// Targets inside this process; they are not touched by [`Scraper::reload`].
    pub locals: Vec<LocalJob>,
    /// Uncompressed size of a page for jobs without `body_size_limit`.
    pub body_bytes_max: u64,
}

/// Largest page of a job that sets no limit itself.
pub const BODY_BYTES_MAX: u64 = 256 << 20;

/// All scraping of the process. Lives on the tokio runtime it is started on.
pub struct Scraper {
    shared: Arc<Shared>,
    /// What [`Self::run`] will start; `None` once it has.
    pending: Mutex<Option<Pending>>,
    running: Mutex<Running>,
    /// One reload or stop at a time, as both wait for loops to end; `true` once stopped.
    stopped: tokio::sync::Mutex<bool>,
    /// A copy of what status pages need, so that they never wait for a reload.
    visible: Mutex<Vec<Visible>>,
}

struct Pending {
    locals: Vec<LocalJob>,
    jobs: Vec<Job>,
}

#[derive(Default)]
struct Running {
    locals: Vec<Pool>,
    pools: Vec<Pool>,
}

#[derive(Clone)]
struct Visible {
    name: String,
    status: Arc<Mutex<PoolStatus>>,
}

impl Scraper {
    /// [`Self::prepare`] and [`Self::run`] in one.
    pub fn start(config: &Config, options: ScraperOptions) -> Result<Self, ConfigError> {
        let scraper = Self::prepare(config, options)?;
        scraper.run();
        Ok(scraper)
    }

    /// Prepares scraping without touching any target yet. Fails when a file of
    /// `scrape_config_files` is bad.
    pub fn prepare(config: &Config, options: ScraperOptions) -> Result<Self, ConfigError> {
        let jobs = config.all_jobs()?;
        let metrics = ScrapeMetrics::new(&options.registry);
        let stored = metrics.stored.clone();
        let shared = Arc::new(Shared {
            to: Destination { sink: options.sink, scope: options.scope, stored },
            clock: options.clock,
            metrics,
            body_bytes_max: options.body_bytes_max,
        });
        Ok(Self {
            shared,
            pending: Mutex::new(Some(Pending { locals: options.locals, jobs })),
            running: Mutex::default(),
            stopped: tokio::sync::Mutex::default(),
            visible: Mutex::default(),
        })
    }

    /// Starts scraping; the first scrape of every target follows within half a second. Must be
    /// called on a tokio runtime; the second call does nothing.
    pub fn run(&self) {
        let Some(Pending { locals, jobs }) = self.pending.lock().take() else { return };
        let start = |job: Job| Pool::start(job, &self.shared, States::new());
        let running = Running {
            locals: locals.into_iter().map(|l| Pool::start_local(l, &self.shared)).collect(),
            pools: jobs.into_iter().map(start).collect(),
        };
        self.shared.metrics.reloads.inc();
        self.install(running);
    }

    /// Puts another configuration in place. Jobs that did not change are not touched; the targets
    /// that changed jobs keep go on without a gap, what is gone is ended. Fails without any
    /// change when a file of `scrape_config_files` is bad.
    pub async fn reload(&self, config: &Config) -> Result<(), ConfigError> {
        let jobs = config.all_jobs()?;
        let stopped = self.stopped.lock().await;
        if *stopped {
            return Ok(());
        }
        if let Some(pending) = &mut *self.pending.lock() {
            pending.jobs = jobs;
            return Ok(());
        }
        let Running { locals, pools: mut old } = std::mem::take(&mut *self.running.lock());
        let mut pools = Vec::with_capacity(jobs.len());
        for job in jobs {
            let previous = old.iter().position(|pool| pool.job.name == job.name);
            let pool = match previous.map(|i| old.swap_remove(i)) {
                Some(pool) if *pool.job == job => pool,
                Some(pool) => {
                    let states = pool.stop(Signal::HandOver).await;
                    Pool::start(job, &self.shared, states)
                }
                None => Pool::start(job, &self.shared, States::new()),
            };
            pools.push(pool);
        }
        for pool in old {
            pool.stop(Signal::End).await;
        }
        self.shared.metrics.reloads.inc();
        self.install(Running { locals, pools });
        Ok(())
    }

    fn install(&self, running: Running) {
        let visible =
            |pool: &Pool| Visible { name: pool.job.name.clone(), status: Arc::clone(&pool.status) };
        *self.visible.lock() = running.locals.iter().chain(&running.pools).map(visible).collect();
        *self.running.lock() = running;
    }

    /// All targets as they are now.
    pub fn targets(&self) -> Targets {
        let mut targets = Targets::default();
        for pool in &*self.visible.lock() {
            let status = pool.status.lock();
            targets.active.extend(status.active.iter().map(|target| target.snapshot()));
            targets.dropped.extend(status.dropped.iter().cloned());
            *targets.dropped_counts.entry(pool.name.clone()).or_default() += status.dropped_count;
        }
        targets
    }

    /// Names of all scrape pools, sorted.
    pub fn scrape_pools(&self) -> Vec<String> {
        let mut names: Vec<_> = self.visible.lock().iter().map(|pool| pool.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Metadata of every active target.
    pub fn target_metadata(&self) -> Vec<TargetMetadata> {
        let pools = self.visible.lock();
        let of_pool = |pool: &Visible| {
            let status = pool.status.lock();
            status.active.iter().map(|target| target.metadata()).collect::<Vec<_>>()
        };
        pools.iter().flat_map(of_pool).collect()
    }

    /// Ends all scraping for good and writes the end of every series; returns when all is handed
    /// to the sink.
    pub async fn stop(&self) {
        // Loops end their own series; what is left are states no loop took over.
        let left = self.stop_pools(Signal::End).await;
        end_states(left, &self.shared).await;
    }

    /// Ends all scraping because the process ends, which is not the end of any series: without
    /// staleness markers a restart leaves no hole in graphs. Returns when no scrape is under way.
    pub async fn pause(&self) {
        drop(self.stop_pools(Signal::HandOver).await);
    }

    async fn stop_pools(&self, how: Signal) -> Vec<State> {
        let mut stopped = self.stopped.lock().await;
        *stopped = true;
        *self.pending.lock() = None;
        let Running { locals, pools } = std::mem::take(&mut *self.running.lock());
        let mut left = Vec::new();
        for pool in locals.into_iter().chain(pools) {
            left.extend(pool.stop(how).await.into_values());
        }
        self.visible.lock().clear();
        left
    }
}
