//! The portal face end to end: a router over real tables, driven request by request.

mod administration;
mod answers;
mod doors;
mod hostile;
mod live;
mod login;
mod objects;
mod pages;
mod provisioning;
mod resources;
mod saving;
mod script;
pub(super) mod site;
