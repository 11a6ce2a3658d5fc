//! The loop of one target: when to scrape, and what to do with what comes back.

use std::sync::Arc;
use std::time::Duration;

use ingest::exposition::{Format, negotiate};
use parking_lot::Mutex;
use platform::Clock;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::page::Counts;
use super::report::Facts;
use super::state::{Destination, State};
use crate::config::Job;
use crate::fetch::{FetchError, Fetcher, Page};
use crate::local::LocalTarget;
use crate::metrics::ScrapeMetrics;
use crate::status::{Health, Status};

/// How a loop is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Run,
    /// The target is gone: write the end of its series.
    End,
    /// Another loop goes on with the same target.
    HandOver,
}

/// Where pages come from.
#[derive(Clone)]
pub(crate) enum Source {
    Http(Arc<Fetcher>),
    Local(Arc<dyn LocalTarget>),
}

/// What all loops of a scraper share.
pub(crate) struct Shared {
    pub(crate) to: Destination,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: ScrapeMetrics,
    pub(crate) body_bytes_max: u64,
}

pub(crate) struct Task {
    pub(crate) shared: Arc<Shared>,
    pub(crate) job: Arc<Job>,
    pub(crate) status: Arc<Status>,
    pub(crate) source: Source,
    /// Set while the pool is over its target limit: scrapes fail with this text.
    pub(crate) forced_error: Arc<Mutex<Option<String>>>,
    /// `None` only while a scrape works on it, and after one that panicked.
    pub(crate) state: Option<State>,
}

/// Scrapes start within this time after a target appears, spread so that they do not coincide.
const FIRST_SCRAPE_WITHIN: Duration = Duration::from_millis(500);

/// A target in this process is scraped once more this soon after its first scrape, at next to no
/// cost: rates need two samples, and whoever looks right after the start wants to see them.
const WARM_UP: Duration = Duration::from_secs(1);

/// Timestamps this close to the regular grid are put on it, which makes them compress better.
const ALIGNMENT_MS: i64 = 2;

impl Task {
    /// Runs until told to end; gives the state back for a successor.
    pub(crate) async fn run(mut self, mut signal: watch::Receiver<Signal>) -> State {
        let interval = self.status.target.interval;
        let first = match self.source {
            Source::Local(_) => Duration::ZERO,
            Source::Http(_) => spread(self.status.target.hash(), interval.min(FIRST_SCRAPE_WITHIN)),
        };
        let mut next = Instant::now() + first;
        let mut grid: Option<tokio::time::Interval> = None;
        let mut warm_up = matches!(self.source, Source::Local(_));
        let mut aligned_ms = None;
        loop {
            let tick = async {
                match &mut grid {
                    None => tokio::time::sleep_until(next).await,
                    Some(grid) => {
                        grid.tick().await;
                    }
                }
            };
            tokio::select! {
                () = tick => {}
                _ = signal.changed() => break,
            }
            let now_ms = self.align(&mut aligned_ms, interval);
            if self.scrape(now_ms, &mut signal).await.is_err() {
                break;
            }
            if grid.is_none() {
                let until_slot = self.until_slot(interval);
                if std::mem::take(&mut warm_up) && until_slot > 2 * WARM_UP {
                    next = Instant::now() + WARM_UP;
                    continue;
                }
                next = Instant::now() + until_slot;
                let mut ticks = tokio::time::interval_at(next, interval);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
                grid = Some(ticks);
            }
        }
        if *signal.borrow() == Signal::End {
            let now_ms = self.shared.clock.unix_ms();
            let to = self.shared.to.clone();
            self.blocking(move |state| report_append(state.flush_end(&to, now_ms))).await;
        }
        self.take_state()
    }

    /// Time to the target's own moment within its interval, the same after every restart.
    fn until_slot(&self, interval: Duration) -> Duration {
        let now = Duration::from_millis(self.shared.clock.unix_ms().max(0) as u64);
        let slot = spread(self.status.target.hash(), interval);
        let into = Duration::from_nanos((now.as_nanos() % interval.as_nanos().max(1)) as u64);
        slot.checked_sub(into).unwrap_or_else(|| (slot + interval).saturating_sub(into))
    }

    /// The timestamp of a scrape that starts now.
    fn align(&self, aligned: &mut Option<i64>, interval: Duration) -> i64 {
        let now_ms = self.shared.clock.unix_ms();
        let step = (interval.as_millis() as i64).max(1);
        let tolerance = ALIGNMENT_MS.min(step / 100);
        let Some(last) = *aligned else {
            *aligned = Some(now_ms);
            return now_ms;
        };
        let expected = last + (now_ms - last) / step * step;
        // The first scrape is off the grid; so is the one after the clock jumped.
        if now_ms >= expected && now_ms - expected <= tolerance && expected > last {
            *aligned = Some(expected);
            return expected;
        }
        *aligned = Some(now_ms);
        now_ms
    }

    /// One scrape, from request to report. An error means that the loop was told to end.
    async fn scrape(
        &mut self,
        now_ms: i64,
        signal: &mut watch::Receiver<Signal>,
    ) -> Result<(), ()> {
        let started = self.shared.clock.monotonic();
        let forced = self.forced_error.lock().clone();
        let page = match (forced, &self.source) {
            (Some(error), _) => Err(FetchError::NotTried(error)),
            (None, Source::Local(source)) => gather(Arc::clone(source)).await,
            (None, Source::Http(fetcher)) => {
                let target = &self.status.target;
                tokio::select! {
                    page = fetcher.fetch(&target.url, target.timeout) => page,
                    _ = signal.changed() => return Err(()),
                }
            }
        };
        let work = ScrapeWork {
            shared: Arc::clone(&self.shared),
            status: Arc::clone(&self.status),
            source: self.source.clone(),
            fallback: self.job.fallback_format(),
            now_ms,
            started,
        };
        self.blocking(move |state| work.finish(state, page)).await;
        Ok(())
    }

    /// Runs parsing and appending on a thread that may block.
    async fn blocking(&mut self, work: impl FnOnce(&mut State) + Send + 'static) {
        let mut state = self.take_state();
        let done = tokio::task::spawn_blocking(move || {
            work(&mut state);
            state
        });
        match done.await {
            Ok(state) => self.state = Some(state),
            Err(e) => tracing::error!(job = self.job.name, error = %e, "a scrape was lost"),
        }
    }

    /// The state, or a new one after it was lost to a panic.
    fn take_state(&mut self) -> State {
        let fresh = || State::new(Arc::clone(&self.job), &self.status.target.labels);
        self.state.take().unwrap_or_else(fresh)
    }
}

/// A fixed place within `window` for a hash.
fn spread(hash: u64, window: Duration) -> Duration {
    let nanos = u64::try_from(window.as_nanos()).unwrap_or(u64::MAX).max(1);
    Duration::from_nanos(hash % nanos)
}

async fn gather(source: Arc<dyn LocalTarget>) -> Result<Page, FetchError> {
    let page = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        source.gather(&mut text);
        Page { body: text.into_bytes(), gzip: false, content_type: None }
    });
    page.await.map_err(|e| FetchError::Transport(format!("the collector failed: {e}")))
}

fn report_append(result: Result<(), query::AppendError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "a scrape could not be stored");
    }
}

/// The blocking half of a scrape.
struct ScrapeWork {
    shared: Arc<Shared>,
    status: Arc<Status>,
    source: Source,
    fallback: Option<Format>,
    now_ms: i64,
    started: Duration,
}

impl ScrapeWork {
    fn finish(self, state: &mut State, page: Result<Page, FetchError>) {
        let mut facts =
            Facts { timeout_seconds: self.status.target.timeout.as_secs_f64(), ..Facts::default() };
        let read = self.read(state, page, &mut facts);
        let error = read.err();
        facts.up = error.is_none();
        let duration = self.shared.clock.monotonic().saturating_sub(self.started);
        facts.duration_seconds = duration.as_secs_f64();
        self.shared.metrics.count(&facts, duration);
        {
            // Before the batch is visible: whoever saw `up` finds the reason on the status page.
            let mut last = self.status.last.lock();
            last.error = error.clone().unwrap_or_default();
            last.scrape_ms = Some(self.now_ms);
            last.duration = duration;
            let health = if facts.up { Health::Up } else { Health::Down };
            let before = std::mem::replace(&mut last.health, health);
            self.shared.metrics.targets(before).dec();
            self.shared.metrics.targets(health).inc();
        }
        let appended = state.flush(&self.shared.to, self.now_ms, &facts);
        let families = state.families.finish();
        let mut last = self.status.last.lock();
        last.families = families;
        if let (None, Err(not_stored)) = (&error, &appended) {
            last.error = not_stored.to_string();
        }
        drop(last);
        if let Some(error) = error {
            tracing::debug!(
                pool = self.status.pool,
                target = self.status.target.url,
                error,
                "scrape failed"
            );
        }
        report_append(appended);
    }

    fn read(
        &self,
        state: &mut State,
        page: Result<Page, FetchError>,
        facts: &mut Facts,
    ) -> Result<(), String> {
        let (page, format) = match self.open(page) {
            Ok(opened) => opened,
            Err(error) => {
                if matches!(error, Failed::TooLarge(_)) {
                    facts.body_bytes = -1.0;
                }
                state.fail();
                return Err(error.into_text());
            }
        };
        facts.body_bytes = page.body.len() as f64;
        let (counts, result): (Counts, _) = state.read(&page.body, format, self.now_ms);
        facts.counts = counts;
        result
    }

    fn open(&self, page: Result<Page, FetchError>) -> Result<(Page, Format), Failed> {
        let mut page = page.map_err(Failed::from)?;
        match &self.source {
            Source::Local(source) => Ok((page, source.format())),
            Source::Http(fetcher) => {
                fetcher.decompress(&mut page).map_err(Failed::from)?;
                let negotiated = negotiate(page.content_type.as_deref(), self.fallback);
                let negotiated = negotiated.map_err(|e| Failed::Other(e.to_string()))?;
                if let Some(warning) = negotiated.warning {
                    tracing::debug!(target = self.status.target.url, %warning, "content type");
                }
                Ok((page, negotiated.format))
            }
        }
    }
}

enum Failed {
    TooLarge(String),
    Other(String),
}

impl From<FetchError> for Failed {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::TooLarge(_) => Self::TooLarge(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

impl Failed {
    fn into_text(self) -> String {
        match self {
            Self::TooLarge(text) | Self::Other(text) => text,
        }
    }
}
