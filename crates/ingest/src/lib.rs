//! Every metrics wire format, from bytes to sample batches: one folder per protocol.
//!
//! **Invariant:** no input makes these parsers panic, and nothing is handed on from a request
//! that is refused as a whole.

pub mod exposition;
mod media_type;
pub mod remote_write;
