//! The visitor's own account.

use auth::Action::{ReadDashboards, UseOwnAccount, Visit};

use super::Table;
use crate::portal::{account, dashboards, openapi, permissions, settings};

pub(super) fn routes(table: &mut Table) {
    table.read("/api/user", UseOwnAccount, account::user);
    table.replace("/api/user", UseOwnAccount, "user", account::update);
    table.read("/api/user/orgs", UseOwnAccount, account::orgs);
    table.read("/api/user/teams", UseOwnAccount, account::teams);
    table.create("/api/user/using/{org}", UseOwnAccount, "user", account::use_org);
    table.read("/api/user/auth-tokens", UseOwnAccount, account::sessions);
    table.create("/api/user/revoke-auth-token", UseOwnAccount, "session", account::revoke_session);
    table.replace("/api/user/password", UseOwnAccount, "password", account::change_password);
    let preferences = "/api/user/preferences";
    table.read(preferences, UseOwnAccount, account::preferences);
    table.replace(preferences, UseOwnAccount, "", account::set_preferences);
    table.change(preferences, UseOwnAccount, "", account::set_preferences);
    table.read("/api/user/stars", ReadDashboards, dashboards::stars);
    for star in ["/api/user/stars/dashboard/uid/{uid}", "/api/user/stars/dashboard/{id}"] {
        table.create(star, UseOwnAccount, "", dashboards::star);
        table.delete(star, UseOwnAccount, "", dashboards::unstar);
    }
    table.read("/api/openapi.json", Visit, openapi::document);
    table.read("/api/frontend/settings", Visit, settings::frontend);
    table.read("/api/access-control/user/actions", Visit, permissions::of_visitor);
    table.read("/api/access-control/user/permissions", Visit, permissions::of_visitor);
}
