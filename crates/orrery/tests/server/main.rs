//! The real binary on free ports: what a user, a client and a crash do to it.

mod admin;
mod bad_input;
mod crash;
mod harness;
mod lifecycle;
mod prometheus_client;
mod queries;
mod query_cache;
mod tenants;
