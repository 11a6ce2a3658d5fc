//! Prometheus remote write, messages 1.0 and 2.0: a snappy block around a protobuf that is walked
//! in place; the result is one batch whose series borrow from the decompressed body.
//!
//! Source: <https://prometheus.io/docs/specs/prw/remote_write_spec/> and its 2.0.

mod columns;
mod decode;
mod error;
mod headers;
mod histogram;
mod labels;
mod limits;
mod message1;
mod message2;
mod wire;

pub use decode::{Decoded, Decoder};
pub use error::WriteError;
pub use headers::{Message, message_of};
pub use limits::WriteLimits;

#[cfg(test)]
mod tests;
