//! Host metrics under node-exporter names, read from /proc and /sys.
//!
//! [`HostCollector`] writes one page of text exposition per call. Names, labels, types and units
//! are those of `node_exporter`, so dashboards and alerts written for it work unchanged; the help
//! texts are ours. Nothing here is asynchronous: a page costs well below five milliseconds, and
//! the one call that can hang, asking a mount how full it is, runs on its own thread.

mod collect;
mod filesystem;
mod host;
mod page;
mod source;

pub use host::{Failure, HostCollector, Settings};
pub use source::Roots;
