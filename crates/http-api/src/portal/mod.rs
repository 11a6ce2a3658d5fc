//! The portal face: Grafana's HTTP API and pages, and the routes of our own UI (`/api/ui/*`),
//! described in `docs/develop/ui-api.md`.

mod account;
mod alerting;
mod annotations;
mod answers;
pub(crate) mod assets;
mod audit;
mod body;
mod changes;
mod correlations;
mod dashboards;
mod data_source_changes;
mod data_sources;
mod diff;
mod folders;
mod guard;
mod health;
mod import;
mod library;
mod limits;
mod live;
mod login;
mod openapi;
mod orgs;
pub(crate) mod pages;
mod permissions;
mod playlists;
mod plugins;
mod provisioning;
mod query_history;
mod query_parameters;
mod quotas;
mod reply;
mod resources;
mod routes;
mod server_admin;
mod service_accounts;
mod settings;
mod short_urls;
mod sign_up;
mod snapshots;
mod sources;
mod state;
mod teams;
#[cfg(test)]
mod tests;
mod ui;
mod users;

pub use limits::ObjectLimits;
pub use live::{Live, LiveLimits};
pub use plugins::has_plugin;
pub use routes::router;
pub use sources::{AllowList, BadAllowEntry, SourceClients};
pub use state::{GRAFANA_VERSION, PortalConfig, PortalState};
