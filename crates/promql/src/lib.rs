//! The PromQL engine: plan and evaluate over any metric source.
//!
//! A query is parsed, planned (`plan`: times, matchers and constants resolved) and evaluated as
//! series × step matrices (`grid`) by operators (`eval`) and functions (`functions`), in parallel
//! over series (`threads`). An instant query is a range query of one step.

mod annotation;
mod cache;
mod engine;
mod error;
mod eval;
mod functions;
mod grid;
pub mod histogram;
mod kahan;
mod number;
mod plan;
mod threads;
mod value;

pub use cache::{CacheFileError, CacheStats, CachedData, ResultCache};
pub use engine::{Engine, EngineConfig, QueryOptions, RangeTimes};
pub use error::QueryError;
pub use grid::Grid;
pub use plan::compile_matcher;
pub use value::{QueryResult, QueryStats, SampleValue, Series, Value, VectorSample};
