//! Scraping one target again and again: page to batch, report, staleness, timing.

pub(crate) mod cache;
pub(crate) mod families;
pub(crate) mod page;
pub(crate) mod report;
pub(crate) mod sample_labels;
pub(crate) mod state;
pub(crate) mod task;
