//! Orrery's own metrics: counters, gauges, histograms and their text exposition.
