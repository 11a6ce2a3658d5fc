//! The portal face end to end: a router over real tables, driven request by request.

mod doors;
mod login;
mod pages;
mod resources;
pub(super) mod site;
