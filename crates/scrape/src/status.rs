//! What is known of every target right now: the shape of `/api/v1/targets` and its metadata.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Labels, MetricMetadata};
use parking_lot::Mutex;

use crate::target::Target;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    #[default]
    Unknown,
    Up,
    Down,
}

impl Health {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// An active target as status pages show it.
#[derive(Clone, Debug)]
pub struct TargetSnapshot {
    pub discovered_labels: Labels,
    pub labels: Labels,
    pub scrape_pool: String,
    pub scrape_url: String,
    pub last_error: String,
    /// Unix milliseconds; absent before the first scrape.
    pub last_scrape_ms: Option<i64>,
    pub last_scrape_duration: Duration,
    pub health: Health,
    pub scrape_interval: Duration,
    pub scrape_timeout: Duration,
}

impl TargetSnapshot {
    /// The URL with a loopback host replaced by `host`, as seen from elsewhere.
    pub fn global_url(&self, host: &str) -> String {
        let Some((scheme, rest)) = self.scrape_url.split_once("://") else {
            return self.scrape_url.clone();
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        for loopback in ["localhost", "127.0.0.1", "[::1]"] {
            if let Some(port) = authority.strip_prefix(loopback)
                && (port.is_empty() || port.starts_with(':'))
            {
                return format!("{scheme}://{host}{port}{path}");
            }
        }
        self.scrape_url.clone()
    }
}

/// A target that relabelling dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct DroppedTarget {
    pub discovered_labels: Labels,
    pub scrape_pool: String,
}

/// All targets at one moment.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    pub active: Vec<TargetSnapshot>,
    pub dropped: Vec<DroppedTarget>,
    /// By scrape pool, those not kept included.
    pub dropped_counts: BTreeMap<String, u64>,
}

/// Metadata as one target last exposed it.
#[derive(Clone, Debug)]
pub struct TargetMetadata {
    pub target: Labels,
    pub families: BTreeMap<String, MetricMetadata>,
}

/// The mutable part of a target's status, written by its loop after each scrape.
#[derive(Debug, Default)]
pub(crate) struct Last {
    pub(crate) error: String,
    pub(crate) scrape_ms: Option<i64>,
    pub(crate) duration: Duration,
    pub(crate) health: Health,
    pub(crate) families: Arc<BTreeMap<String, MetricMetadata>>,
}

/// Shared between a target's loop and status pages.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) pool: String,
    pub(crate) target: Target,
    pub(crate) last: Mutex<Last>,
}

impl Status {
    pub(crate) fn new(pool: &str, target: Target) -> Arc<Self> {
        Arc::new(Self { pool: pool.to_owned(), target, last: Mutex::default() })
    }

    pub(crate) fn health(&self) -> Health {
        self.last.lock().health
    }

    pub(crate) fn snapshot(&self) -> TargetSnapshot {
        let last = self.last.lock();
        TargetSnapshot {
            discovered_labels: self.target.discovered.clone(),
            labels: self.target.labels.clone(),
            scrape_pool: self.pool.clone(),
            scrape_url: self.target.url.clone(),
            last_error: last.error.clone(),
            last_scrape_ms: last.scrape_ms,
            last_scrape_duration: last.duration,
            health: last.health,
            scrape_interval: self.target.interval,
            scrape_timeout: self.target.timeout,
        }
    }

    pub(crate) fn metadata(&self) -> TargetMetadata {
        let families = Arc::clone(&self.last.lock().families);
        TargetMetadata { target: self.target.labels.clone(), families: (*families).clone() }
    }
}
