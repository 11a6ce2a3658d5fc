//! Provisioning: dashboards and data sources that come from files, kept up to date.
//!
//! Grafana's file formats and habits. Files are looked at on the interval of their provider rather
//! than watched: that works on every file system, mounted config maps included.

mod access;
pub mod alerting;
mod apps;
mod bundled;
mod config_map;
mod providers;
mod published;
mod scan;
mod sources;
#[cfg(test)]
mod tests;
mod tree;
mod verdict;
mod worker;
mod yaml;

pub use access::{AccessFile, Role, RolePermission, TeamEntry, read_access};
pub use apps::{App, read_apps};
pub use bundled::write_bundled;
pub use config_map::unwrap_config_maps;
pub use providers::Provider;
pub use published::Providers;
pub use verdict::{Verdict, verdict};
pub use worker::{BUILT_IN_UID, Pass, Provisioner, ProvisioningConfig};
pub use yaml::{Environment, YamlError};
