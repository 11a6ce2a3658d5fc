//! Data sources end to end, against a server of the test that remembers what reached it.

mod health;
mod proxy;
pub(in crate::portal) mod server;
mod tls;
mod websocket;
