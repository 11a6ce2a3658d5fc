//! Dashboards as documents: unwrapping what was received, and the normalised view of it.

mod envelope;

pub use envelope::{DASHBOARD_BYTES_MAX, Envelope, EnvelopeError, slug};
