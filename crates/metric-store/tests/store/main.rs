//! The store from outside, on a simulated machine: against the reference, and through crashes.

mod driver;
mod limits;
mod model_test;
