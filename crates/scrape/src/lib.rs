//! Pulls targets: the configuration of Prometheus, relabelling, discovery and scrape loops.
//!
//! **Invariant:** whatever a target sends, its scrape ends as one report (`up` and its
//! companions) and one batch; no target can delay another.

pub mod config;
mod discover;
mod fetch;
mod local;
mod metrics;
mod pool;
pub mod relabel;
mod run;
mod scraper;
mod status;
mod target;

pub use config::Config;
pub use local::{LocalJob, LocalTarget};
pub use scraper::{BODY_BYTES_MAX, Scraper, ScraperOptions};
pub use status::{DroppedTarget, Health, TargetMetadata, TargetSnapshot, Targets};
