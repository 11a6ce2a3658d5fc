//! What the scraper counts of itself.

use std::time::Duration;

use telemetry::{Counter, Gauge, Histogram, LATENCY_BUCKETS, Registry};

use crate::run::report::Facts;
use crate::status::Health;

#[derive(Debug)]
pub(crate) struct ScrapeMetrics {
    good: Counter,
    failed: Counter,
    kept: Counter,
    /// Counted where batches are handed over.
    pub(crate) stored: Counter,
    duration: Histogram,
    up: Gauge,
    down: Gauge,
    unknown: Gauge,
    pub(crate) reloads: Counter,
}

impl ScrapeMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let scrapes = |result| {
            registry.counter("orrery_scrapes_total", "Scrapes by result.", &[("result", result)])
        };
        let targets = |health: Health| {
            let labels = [("health", health.as_str())];
            registry.gauge("orrery_scrape_targets", "Active targets by health.", &labels)
        };
        Self {
            good: scrapes("success"),
            failed: scrapes("failure"),
            kept: registry.counter(
                "orrery_scrape_samples_total",
                "Samples scraped and kept after relabelling.",
                &[],
            ),
            stored: registry.counter(
                "orrery_ingest_samples_total",
                "Samples stored, floats and histograms.",
                &[("protocol", "scrape")],
            ),
            duration: registry.histogram(
                "orrery_scrape_duration_seconds",
                "Time from request to stored batch.",
                &[],
                LATENCY_BUCKETS,
            ),
            up: targets(Health::Up),
            down: targets(Health::Down),
            unknown: targets(Health::Unknown),
            reloads: registry.counter(
                "orrery_scrape_config_reloads_total",
                "Configurations put in place, the first included.",
                &[],
            ),
        }
    }

    pub(crate) fn count(&self, facts: &Facts, duration: Duration) {
        let counter = if facts.up { &self.good } else { &self.failed };
        counter.inc();
        if facts.up {
            self.kept.inc_by(facts.counts.kept);
        }
        self.duration.observe_duration(duration);
    }

    /// How many targets are in a state of health.
    pub(crate) fn targets(&self, health: Health) -> &Gauge {
        match health {
            Health::Up => &self.up,
            Health::Down => &self.down,
            Health::Unknown => &self.unknown,
        }
    }
}
