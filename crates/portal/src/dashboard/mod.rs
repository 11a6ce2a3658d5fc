//! Dashboards as documents: unwrapping what was received, and the normalised view of it.

mod envelope;
mod sources;
mod view;

pub use envelope::{DASHBOARD_BYTES_MAX, Envelope, EnvelopeError, slug};
pub use sources::{DsRef, KnownSource, KnownSources};
pub use view::{
    FieldConfig, GridPos, Panel, Target, TimeSpan, Variable, VariableOption, View, view,
};
