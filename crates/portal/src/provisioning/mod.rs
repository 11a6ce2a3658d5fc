//! Provisioning: dashboards and data sources that come from files, kept up to date.
//!
//! Grafana's file formats and habits. Files are looked at when the system says that they changed,
//! and on the interval of their provider: that works on every file system, mounted config maps
//! included.

mod access;
pub mod alerting;
mod apps;
mod bundled;
mod catalogue;
mod config_map;
mod dashboards;
mod data_sources;
mod documents;
mod drift;
mod expansion;
mod kept;
mod people;
mod providers;
mod published;
mod scan;
mod sources;
#[cfg(test)]
mod tests;
mod tree;
mod verdict;
mod watch;
mod worker;
mod yaml;

pub use access::{AccessFile, Role, RolePermission, TeamEntry, read_access};
pub use alerting::{
    AlertQuery, AlertingFile, ContactPoint, Deletion, MatchOperator, Matcher, MuteTiming,
    NotificationSettings, Receiver, Recording, Route, Rule, RuleGroup, StateWithoutResult,
    TimeInterval,
};
pub use apps::{App, read_apps};
pub use bundled::write_bundled;
pub use config_map::unwrap_config_maps;
pub use drift::{Difference, Drift, DriftError};
pub use expansion::expand_setting;
pub use providers::Provider;
pub use published::Providers;
pub use verdict::{Verdict, verdict};
pub use worker::{BUILT_IN_UID, Pass, Provisioner, ProvisioningConfig};
pub use yaml::{Environment, YamlError};
