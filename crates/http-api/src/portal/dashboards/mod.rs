//! Dashboards: search, reading, saving, versions, the home dashboard and stars.

mod permissions;
mod read;
mod save;
mod search;
mod stars;
mod versions;

pub(crate) use permissions::{permissions, set_permissions};
pub(crate) use read::{by_uid, dashboard_url, find, home};
pub(crate) use save::{SaveError, Saving, answer, delete, post, save};
pub(crate) use search::{search, sorting, tags};
pub(crate) use stars::{star, stars, unstar};
pub(crate) use versions::{restore, stored, version, versions};
