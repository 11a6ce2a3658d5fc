//! The PromQL engine: plan and evaluate over any metric source.
