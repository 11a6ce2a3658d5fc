//! The thread that takes maintenance steps while a server runs.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::store::MetricStore;

/// A running maintenance thread; dropping it, or [`Self::stop`], ends it after its current step.
#[derive(Debug)]
pub struct Maintenance {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Maintenance {
    /// Takes a step every `interval`.
    /// Errors: the operating system gives no thread.
    pub fn start(store: Arc<MetricStore>, interval: Duration) -> std::io::Result<Self> {
        let stop = Arc::new(Stop::default());
        tracing::info!(
            interval_s = interval.as_secs(),
            "metrics are written to parts, compacted and dropped past their retention from here on"
        );
        let seen = Arc::clone(&stop);
        let name = "metrics-maintain".to_owned();
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            while !seen.wait(interval) {
                if let Err(error) = store.maintain() {
                    tracing::warn!(
                        error = %Chain(&error),
                        "metrics maintenance failed; the next step tries again"
                    );
                }
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Waits for the current step and ends the thread.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        *self.stop.asked.lock() = true;
        self.stop.changed.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the metrics maintenance thread had panicked");
        }
    }
}

impl Drop for Maintenance {
    fn drop(&mut self) {
        self.end();
    }
}

impl Stop {
    /// Whether to stop, after waiting for that or for the interval.
    fn wait(&self, interval: Duration) -> bool {
        let mut asked = self.asked.lock();
        if !*asked {
            self.changed.wait_for(&mut asked, interval);
        }
        *asked
    }
}

/// An error and its sources in one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(source) = next {
            write!(f, ": {source}")?;
            next = source.source();
        }
        Ok(())
    }
}
