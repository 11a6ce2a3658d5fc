//! Pulls targets: Prometheus configuration, relabelling, scrape loops.
