//! Provisioning: dashboards and data sources that come from files, kept up to date.
//!
//! Grafana's file formats and habits. Files are looked at on the interval of their provider rather
//! than watched: that works on every file system, mounted config maps included.

mod bundled;
mod providers;
mod published;
mod scan;
mod sources;
#[cfg(test)]
mod tests;
mod worker;
mod yaml;

pub use bundled::write_bundled;
pub use providers::Provider;
pub use published::Providers;
pub use worker::{BUILT_IN_UID, Pass, Provisioner, ProvisioningConfig};
pub use yaml::{Environment, YamlError};
