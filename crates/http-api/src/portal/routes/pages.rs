//! Pages, the login, assets and health.

use axum::http::Method;
use axum::routing::{get, post};

use super::Table;
use crate::portal::guard::Needs::{Nothing, OwnPage, Page};
use crate::portal::{assets, health, login, pages, sign_up};

pub(super) fn routes(table: &mut Table) {
    table.add(Method::GET, "/login", Nothing, "", get(login::page));
    table.add(Method::POST, "/login", OwnPage, "", post(login::sign_in));
    table.add(Method::GET, "/logout", Nothing, "", get(login::sign_out));
    table.add(Method::GET, "/assets/{*path}", Nothing, "", get(assets::asset));
    table.add(Method::POST, "/api/user/signup", OwnPage, "user", post(sign_up::sign_up));
    table.add(Method::GET, "/api/user/signup/options", Nothing, "", get(sign_up::options));
    table.add(Method::GET, "/api/health", Nothing, "", get(health::health));
    table.add(Method::GET, "/", Page, "", get(pages::shell));
    table.add(Method::GET, "/{*page}", Page, "", get(pages::shell));
}
