//! The HTTP faces: one module per system we stand in for.
//!
//! A handler parses, asks `auth` for a scope, calls one engine or store, and renders. Status codes
//! live here and nowhere below.

mod admission;
mod cache_control;
mod evaluations;
pub mod mimir;
pub mod observe;
pub mod portal;
pub mod prometheus;
pub mod serve;

pub use admission::QueryQueue;
pub use evaluations::Evaluations;
