//! The Prometheus face: its HTTP API v1, remote-write receiver, health and status, with the
//! reference's JSON, error types and status codes.

mod admin;
mod answer;
mod exemplars;
pub mod format;
mod health;
mod labels;
mod pages;
mod params;
mod query;
mod routes;
mod rules;
mod state;
mod status;
mod syntax_tree;
mod targets;
mod tsdb;
mod warm_up;
mod wire;
mod write;

pub use routes::{api_router, router};
pub use state::{PrometheusConfig, PrometheusState, StatusPages};
pub use status::hostname;
pub use warm_up::warm_up;
pub use write::WriteGate;
pub(crate) use write::remote_write;
