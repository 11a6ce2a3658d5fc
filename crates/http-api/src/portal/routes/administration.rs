//! Organisations, users, teams, service accounts, and the audit log.

use auth::Action::UseOwnAccount;

use super::Table;
use crate::portal::orgs;

pub(super) fn routes(table: &mut Table) {
    table.read("/api/org", UseOwnAccount, orgs::current);
}
