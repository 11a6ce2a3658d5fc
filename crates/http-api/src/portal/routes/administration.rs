//! Organisations, users, teams, service accounts, and the audit log.

use auth::Action::{AdministerServer, ReadDashboards, ReadOrg, UseOwnAccount, Visit, WriteOrg};

use super::Table;
use crate::portal::{account, audit, changes, orgs, service_accounts, teams, users};

pub(super) fn routes(table: &mut Table) {
    own_org(table);
    all_orgs(table);
    all_users(table);
    all_teams(table);
    all_service_accounts(table);
    table.read("/api/ui/audit", ReadOrg, audit::list);
    table.read("/api/ui/changes", UseOwnAccount, changes::list);
    table.create("/api/ui/changes/{id}/undo", UseOwnAccount, "undo", changes::undo);
}

fn own_org(table: &mut Table) {
    table.read("/api/org", Visit, orgs::current);
    table.replace("/api/org", WriteOrg, "organization", orgs::update_current);
    table.replace("/api/org/address", WriteOrg, "organization", orgs::set_address);
    table.read("/api/org/users", ReadOrg, orgs::users);
    table.create("/api/org/users", WriteOrg, "membership", orgs::add_user);
    table.read("/api/org/users/search", ReadOrg, orgs::search_users);
    table.read("/api/org/users/lookup", ReadDashboards, orgs::lookup_users);
    table.change("/api/org/users/{user}", WriteOrg, "membership", orgs::set_role);
    table.delete("/api/org/users/{user}", WriteOrg, "membership", orgs::remove_user);
    let preferences = "/api/org/preferences";
    table.read(preferences, ReadOrg, account::org_preferences);
    table.replace(preferences, WriteOrg, "preferences", account::set_org_preferences);
    table.change(preferences, WriteOrg, "preferences", account::set_org_preferences);
}

fn all_orgs(table: &mut Table) {
    let kind = "organization";
    table.read("/api/orgs", AdministerServer, orgs::list);
    // Whether users may, is a setting that the handler looks at.
    table.create("/api/orgs", UseOwnAccount, kind, orgs::create);
    table.read("/api/orgs/{org}", AdministerServer, orgs::by_id);
    table.replace("/api/orgs/{org}", AdministerServer, kind, orgs::update_by_id);
    table.delete("/api/orgs/{org}", AdministerServer, kind, orgs::delete);
    table.read("/api/orgs/name/{name}", AdministerServer, orgs::by_name);
    table.replace("/api/orgs/{org}/address", AdministerServer, kind, orgs::set_address_by_id);
    let (all, one) = ("/api/orgs/{org}/users", "/api/orgs/{org}/users/{user}");
    table.read(all, AdministerServer, orgs::users_by_id);
    table.create(all, AdministerServer, "membership", orgs::add_user_by_id);
    table.change(one, AdministerServer, "membership", orgs::set_role_by_id);
    table.delete(one, AdministerServer, "membership", orgs::remove_user_by_id);
}

fn all_users(table: &mut Table) {
    let kind = "user";
    table.read("/api/users", AdministerServer, users::list);
    table.read("/api/users/search", AdministerServer, users::search);
    table.read("/api/users/lookup", AdministerServer, users::lookup);
    table.read("/api/users/{id}", AdministerServer, users::one);
    table.replace("/api/users/{id}", AdministerServer, kind, users::update);
    table.read("/api/users/{id}/orgs", AdministerServer, users::orgs);
    table.read("/api/users/{id}/teams", AdministerServer, users::teams);
    table.create("/api/users/{id}/using/{org}", AdministerServer, kind, users::use_org);
    // Asked by scripts that look whether somebody is an administrator; the list is the same.
    table.read("/api/admin/users", AdministerServer, users::list);
    table.create("/api/admin/users", AdministerServer, kind, users::create);
    table.delete("/api/admin/users/{id}", AdministerServer, kind, users::delete);
    let password = "/api/admin/users/{id}/password";
    table.replace(password, AdministerServer, "password", users::set_password);
    let permissions = "/api/admin/users/{id}/permissions";
    table.replace(permissions, AdministerServer, "permission", users::set_permissions);
    table.create("/api/admin/users/{id}/disable", AdministerServer, kind, users::disable);
    table.create("/api/admin/users/{id}/enable", AdministerServer, kind, users::enable);
    table.create("/api/admin/users/{id}/logout", AdministerServer, "session", users::sign_out);
    table.read("/api/admin/users/{id}/auth-tokens", AdministerServer, users::sessions);
    let revoke = "/api/admin/users/{id}/revoke-auth-token";
    table.create(revoke, AdministerServer, "session", users::revoke_session);
}

fn all_teams(table: &mut Table) {
    table.read("/api/teams/search", ReadOrg, teams::search);
    table.create("/api/teams", WriteOrg, "team", teams::create);
    table.read("/api/teams/{team}", ReadOrg, teams::one);
    table.replace("/api/teams/{team}", WriteOrg, "team", teams::update);
    table.delete("/api/teams/{team}", WriteOrg, "team", teams::delete);
    let (all, one) = ("/api/teams/{team}/members", "/api/teams/{team}/members/{user}");
    table.read(all, ReadOrg, teams::members);
    table.create(all, WriteOrg, "team membership", teams::add_member);
    table.replace(one, WriteOrg, "team membership", teams::update_member);
    table.delete(one, WriteOrg, "team membership", teams::remove_member);
    let preferences = "/api/teams/{team}/preferences";
    table.read(preferences, ReadOrg, account::team_preferences);
    table.replace(preferences, WriteOrg, "preferences", account::set_team_preferences);
}

fn all_service_accounts(table: &mut Table) {
    let kind = "service account";
    table.create("/api/serviceaccounts", WriteOrg, kind, service_accounts::create);
    table.read("/api/serviceaccounts/search", ReadOrg, service_accounts::search);
    let one = "/api/serviceaccounts/{id}";
    table.read(one, ReadOrg, service_accounts::one);
    table.change(one, WriteOrg, kind, service_accounts::update);
    table.delete(one, WriteOrg, kind, service_accounts::delete);
    let tokens = "/api/serviceaccounts/{id}/tokens";
    table.read(tokens, ReadOrg, service_accounts::tokens);
    table.create(tokens, WriteOrg, "token", service_accounts::create_token);
    let token = "/api/serviceaccounts/{id}/tokens/{token}";
    table.delete(token, WriteOrg, "token", service_accounts::delete_token);
}
