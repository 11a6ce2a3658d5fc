//! Provisioning: reloads, and dashboards beside their files.

use auth::Action::{AdministerServer, WriteDashboards};

use super::Table;
use crate::portal::provisioning;

pub(super) fn routes(table: &mut Table) {
    let reload = "/api/admin/provisioning/{what}/reload";
    table.create(reload, AdministerServer, "provisioning", provisioning::reload);
    table.read("/api/ui/dashboards/{uid}/drift", WriteDashboards, provisioning::drift);
    let write_back = "/api/ui/dashboards/{uid}/provisioned/write-back";
    table.create(write_back, WriteDashboards, "dashboard file", provisioning::write_back);
    let discard = "/api/ui/dashboards/{uid}/provisioned/discard";
    table.create(discard, WriteDashboards, "dashboard", provisioning::discard);
}
