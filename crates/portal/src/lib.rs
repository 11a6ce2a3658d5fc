//! Dashboards, folders, data sources, users: their tables, provisioning and views.

pub mod access;
pub mod accounts;
pub mod dashboard;
pub mod provisioning;
mod remembered;
mod seal;
pub mod tables;

pub use access::Access;
pub use accounts::{AccountError, Accounts, AccountsConfig, Recognised, Visitor};
pub use seal::{Seal, SealError};
pub use tables::{Database, TableError, Tables, TablesConfig};
