//! Sending: the past window by window, oldest first, then each moment as it comes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use platform::Clock;
use tokio::sync::mpsc;

use crate::send::{SendError, Target};
use crate::world::World;
use crate::write_request::{Encoder, WriteRequest, metadata};

/// Moments that are computed at once: bounds the memory, and lets a request carry many samples of
/// each series.
const WINDOW: usize = 240;
/// Requests that wait for the receiver; one more is being made.
const REQUESTS_AHEAD: usize = 2;
/// How often a long back-fill says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// What to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    /// Distance of samples.
    pub interval: Duration,
    /// How far back to begin.
    pub history: Duration,
    /// Samples per second at most while the past is sent; 0 is as fast as it is taken.
    pub rate: u64,
    /// End when the past is sent.
    pub once: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("the interval must be from 1s to 5m")]
    Interval,
    #[error("the history must be at most 90d")]
    History,
}

/// How far the past is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Samples go to this many series, from `from_ms` on.
    Begins { series: usize, from_ms: i64 },
    /// Everything up to `t_ms` is taken, `samples` since the start.
    Sent { t_ms: i64, samples: u64 },
    /// The past is sent.
    UpToDate { samples: u64, took: Duration },
}

impl Plan {
    pub fn check(&self) -> Result<(), PlanError> {
        if !(Duration::from_secs(1)..=Duration::from_mins(5)).contains(&self.interval) {
            return Err(PlanError::Interval);
        }
        if self.history > Duration::from_hours(90 * 24) {
            return Err(PlanError::History);
        }
        Ok(())
    }
}

/// Sends the past, then follows the clock until it is dropped; with `once` it returns after the
/// past. A target that can be asked continues where an earlier run with the same seed stopped.
/// Memory is bounded by one window and three requests, whatever the history.
pub async fn run(
    target: &Target,
    plan: &Plan,
    clock: &dyn Clock,
    mut report: impl FnMut(Progress),
) -> Result<(), SendError> {
    let world = Arc::new(World::new(plan.seed, plan.interval.as_millis() as i64));
    let encoder = Arc::new(Encoder::new(&world));
    let step_ms = world.step_ms();
    tracing::debug!(target = target.address(), "sending");
    target.send(&metadata(&world)).await?;
    let mut next_ms = first_moment(target, plan, &world, clock.unix_ms()).await;
    report(Progress::Begins { series: world.series().len(), from_ms: next_ms });
    let started = Instant::now();
    let mut told = started;
    let mut samples = 0;
    let mut live = false;
    loop {
        let due = (clock.unix_ms() - next_ms).div_euclid(step_ms) + 1;
        if due <= 0 {
            if !live {
                report(Progress::UpToDate { samples, took: started.elapsed() });
                live = true;
            }
            if plan.once {
                return Ok(());
            }
            let wait = (next_ms - clock.unix_ms()).clamp(1, step_ms);
            tokio::time::sleep(Duration::from_millis(wait as u64)).await;
            continue;
        }
        let count = (due as usize).min(WINDOW);
        samples += window(target, &world, &encoder, next_ms, count).await?;
        next_ms += count as i64 * step_ms;
        if !live {
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                report(Progress::Sent { t_ms: next_ms - step_ms, samples });
            }
            hold_back(plan.rate, samples, started).await;
        }
    }
}

/// The moment after the last one that is stored already, or the start of the history.
async fn first_moment(target: &Target, plan: &Plan, world: &World, now_ms: i64) -> i64 {
    let history_ms = plan.history.as_millis() as i64;
    let begin = world.on_grid(now_ms - history_ms);
    let stored = format!(
        "max(max_over_time(orrery_demo_clock_seconds{{seed=\"{}\"}}[{}ms]))",
        plan.seed,
        history_ms.max(1),
    );
    match target.ask(&stored).await {
        Some(seconds) => begin.max(world.on_grid((seconds * 1000.0) as i64 + 1)),
        None => begin,
    }
}

/// Makes the requests of a window on another thread while the ones before are under way.
async fn window(
    target: &Target,
    world: &Arc<World>,
    encoder: &Arc<Encoder>,
    first_ms: i64,
    count: usize,
) -> Result<u64, SendError> {
    let (made, mut ready) = mpsc::channel::<WriteRequest>(REQUESTS_AHEAD);
    let (world, encoder) = (Arc::clone(world), Arc::clone(encoder));
    let making = tokio::task::spawn_blocking(move || {
        let moments = world.moments(first_ms, count);
        // Nobody takes it any more when sending failed; then the rest is not needed.
        encoder.requests(&moments, |request| made.blocking_send(request).is_ok());
    });
    let mut samples = 0;
    while let Some(request) = ready.recv().await {
        target.send(&request).await?;
        samples += request.samples;
    }
    if let Err(panicked) = making.await {
        std::panic::resume_unwind(panicked.into_panic());
    }
    Ok(samples)
}

async fn hold_back(rate: u64, samples: u64, started: Instant) {
    if rate > 0 {
        let earliest = Duration::from_secs_f64(samples as f64 / rate as f64);
        tokio::time::sleep(earliest.saturating_sub(started.elapsed())).await;
    }
}
