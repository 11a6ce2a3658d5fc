//! Grafana's resource API, and what it takes to import and compare dashboards.

use auth::Action::{ReadDashboards, WriteDashboards};

use super::Table;
use crate::portal::{diff, import, resources};

pub(super) fn routes(table: &mut Table) {
    table.create("/api/dashboards/import", WriteDashboards, "dashboard", import::import);
    table.ask("/api/dashboards/calculate-diff", ReadDashboards, diff::calculate);
    table.ask("/api/dashboards/validate", ReadDashboards, import::validate);

    table.read("/apis", ReadDashboards, resources::groups);
    table.read("/apis/{group}", ReadDashboards, resources::group);
    table.read("/apis/{group}/{api_version}", ReadDashboards, resources::version);
    let all = "/apis/dashboard.grafana.app/{api_version}/namespaces/{namespace}/dashboards";
    let one = "/apis/dashboard.grafana.app/{api_version}/namespaces/{namespace}/dashboards/{name}";
    table.read(all, ReadDashboards, resources::list_dashboards);
    table.create(all, WriteDashboards, "dashboard", resources::create_dashboard);
    table.read(one, ReadDashboards, resources::one_dashboard);
    table.replace(one, WriteDashboards, "dashboard", resources::update_dashboard);
    table.change(one, WriteDashboards, "dashboard", resources::patch_dashboard);
    table.delete(one, WriteDashboards, "dashboard", resources::delete_dashboard);
    let all = "/apis/folder.grafana.app/{api_version}/namespaces/{namespace}/folders";
    let one = "/apis/folder.grafana.app/{api_version}/namespaces/{namespace}/folders/{name}";
    table.read(all, ReadDashboards, resources::list_folders);
    table.create(all, WriteDashboards, "folder", resources::create_folder);
    table.read(one, ReadDashboards, resources::one_folder);
    table.replace(one, WriteDashboards, "folder", resources::update_folder);
    table.change(one, WriteDashboards, "folder", resources::patch_folder);
    table.delete(one, WriteDashboards, "folder", resources::delete_folder);
}
