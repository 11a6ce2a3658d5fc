//! The portal face end to end: a router over real tables, driven request by request.

mod administration;
mod doors;
mod login;
mod pages;
mod resources;
mod saving;
pub(super) mod site;
