//! Dashboards, folders, data sources, users: their tables, provisioning and views.

pub mod accounts;
pub mod dashboard;
pub mod provisioning;
mod remembered;
pub mod tables;

pub use accounts::{AccountError, Accounts, AccountsConfig, Recognised, Visitor};
pub use tables::{TableError, Tables, TablesConfig};
