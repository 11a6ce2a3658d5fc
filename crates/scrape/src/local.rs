//! Targets inside this process: they go through the same pipeline as all others, without HTTP.

use std::sync::Arc;

use ingest::exposition::Format;

use crate::config::Job;

/// Something that can print its metrics, such as the host collector or our own telemetry.
pub trait LocalTarget: Send + Sync {
    /// Appends a complete exposition to `out`. May block; a panic fails the scrape, no more.
    fn gather(&self, out: &mut String);

    /// The format that [`Self::gather`] writes.
    fn format(&self) -> Format {
        Format::Prometheus
    }
}

/// A local target and how it is scraped: interval, labels and relabelling are its job's.
#[derive(Clone)]
pub struct LocalJob {
    pub job: Job,
    /// Value of the `instance` label; status pages show it as the host of the URL.
    pub instance: String,
    /// Further labels of the target.
    pub labels: Vec<(String, String)>,
    pub source: Arc<dyn LocalTarget>,
}
