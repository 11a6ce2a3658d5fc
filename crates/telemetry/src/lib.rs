//! Orrery's own metrics: counters, gauges, histograms and their text exposition.
//!
//! A [`Registry`] hands out instruments; a crate keeps the handle it got and pays one atomic
//! addition per event. Every crate declares the names it owns next to the code that counts;
//! there is no central list. Names are in base units (seconds, bytes) and counters end in
//! `_total`.
//!
//! ```
//! let registry = telemetry::Registry::new();
//! let written = registry.counter("orrery_wal_written_bytes_total", "Bytes appended.", &[]);
//! written.inc_by(512);
//! let mut page = String::new();
//! registry.render(&mut page, telemetry::Format::Text004);
//! assert!(page.contains("orrery_wal_written_bytes_total 512\n"));
//! ```

mod exposition;
mod histogram;
mod instrument;
mod process;
mod registry;

pub use exposition::{Format, push_label_value, push_number};
pub use histogram::{Histogram, LATENCY_BUCKETS, exponential_buckets};
pub use instrument::{Counter, Gauge};
pub use process::{register_build_info, register_process_metrics};
pub use registry::{Limits, Registry};
