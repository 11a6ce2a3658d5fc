//! Annotations: reading, writing, tags. Those of a dashboard follow its permissions; those of the
//! organisation are read by everybody and written by editors.

mod read;
mod write;

pub(crate) use read::{get, list, tags};
pub(crate) use write::{create, delete, graphite, mass_delete, patch, update};
