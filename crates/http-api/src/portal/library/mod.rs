//! Library elements: panels and variables that several dashboards share. They follow the
//! permissions of the folder that they lie in.

mod read;
mod write;

pub(crate) use read::{by_name, connections, get, list};
pub(crate) use write::{create, delete, update};
