//! The series that every scrape leaves behind, good or bad.

use model::{Labels, METRIC_NAME, stale_nan};

use super::cache::Stored;
use super::page::Counts;
use crate::config::Job;

/// One scrape in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) up: bool,
    pub(crate) duration_seconds: f64,
    pub(crate) counts: Counts,
    /// Uncompressed; −1 when the limit was exceeded.
    pub(crate) body_bytes: f64,
    pub(crate) timeout_seconds: f64,
}

const NAMES: [&str; 5] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
];

const EXTRA_NAMES: [&str; 3] =
    ["scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"];

/// Report series of one target.
#[derive(Debug)]
pub(crate) struct ReportSeries {
    pub(crate) stored: Vec<Stored>,
    sample_limit: u64,
}

impl ReportSeries {
    pub(crate) fn new(target: &Labels, job: &Job) -> Self {
        let extra: &[&str] = if job.extra_scrape_metrics { &EXTRA_NAMES } else { &[] };
        let with_name = |name: &&str| {
            let pairs = target.iter().chain([(METRIC_NAME, *name)]);
            Stored::new(Labels::from_pairs(pairs))
        };
        Self {
            stored: NAMES.iter().chain(extra).map(with_name).collect(),
            sample_limit: job.limits.samples,
        }
    }

    /// Values in the order of [`Self::stored`].
    pub(crate) fn values(&self, facts: &Facts) -> Vec<f64> {
        let counts = facts.counts;
        let mut values = vec![
            f64::from(u8::from(facts.up)),
            facts.duration_seconds,
            counts.scraped as f64,
            counts.kept as f64,
            counts.series_added as f64,
            facts.timeout_seconds,
            self.sample_limit as f64,
            facts.body_bytes,
        ];
        values.truncate(self.stored.len());
        values
    }

    pub(crate) fn stale_values(&self) -> Vec<f64> {
        vec![stale_nan(); self.stored.len()]
    }
}
