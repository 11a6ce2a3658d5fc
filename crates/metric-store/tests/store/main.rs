//! The store from outside, on a simulated machine: against the reference, and through crashes.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod churn;
mod delete;
mod driver;
mod faults;
mod format;
mod kept_model;
mod limits;
mod merging;
mod model_test;
mod overview;
mod parts;
mod replay;
mod retention;
mod simulation;
mod snapshot;
mod threads;
mod versions;
