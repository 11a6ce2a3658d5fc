//! What the scraper counts of itself.

use std::time::Duration;

use telemetry::{Counter, Gauge, Histogram, LATENCY_BUCKETS, Registry};

use crate::run::report::Facts;

#[derive(Debug)]
pub(crate) struct ScrapeMetrics {
    good: Counter,
    failed: Counter,
    samples: Counter,
    duration: Histogram,
    pub(crate) targets: Gauge,
    pub(crate) reloads: Counter,
}

impl ScrapeMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let scrapes = |result| {
            registry.counter("orrery_scrapes_total", "Scrapes by result.", &[("result", result)])
        };
        Self {
            good: scrapes("success"),
            failed: scrapes("failure"),
            samples: registry.counter(
                "orrery_scrape_samples_total",
                "Samples scraped and kept after relabelling.",
                &[],
            ),
            duration: registry.histogram(
                "orrery_scrape_duration_seconds",
                "Time from request to stored batch.",
                &[],
                LATENCY_BUCKETS,
            ),
            targets: registry.gauge("orrery_scrape_targets", "Active targets.", &[]),
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
            self.samples.inc_by(facts.counts.kept);
        }
        self.duration.observe_duration(duration);
    }
}
