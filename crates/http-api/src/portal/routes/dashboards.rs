//! Dashboards, folders, search, and permissions on single things.

use auth::Action::{ReadDashboards, ReadMetrics, WriteDashboards};

use super::Table;
use crate::portal::{dashboards, folders, permissions, ui};

pub(super) fn routes(table: &mut Table) {
    table.read("/api/search", ReadDashboards, dashboards::search);
    table.read("/api/search/sorting", ReadDashboards, dashboards::sorting);
    one_dashboard(table);
    many_folders(table);
    table.read("/api/access-control/{kind}/description", ReadDashboards, permissions::description);
    let of_one = "/api/access-control/{kind}/{uid}";
    table.read(of_one, ReadDashboards, permissions::of_resource);
    let grant = "/api/access-control/{kind}/{uid}/{subject_kind}/{subject}";
    table.create(grant, WriteDashboards, "permission", permissions::grant);

    table.read("/api/ui/dashboards/{uid}", ReadDashboards, ui::dashboard);
    table.ask("/api/ui/dashboard-view", ReadDashboards, ui::unsaved_view);
    table.ask("/api/ui/query", ReadMetrics, ui::query);
    table.ask("/api/ui/variable", ReadMetrics, ui::variable);
}

fn one_dashboard(table: &mut Table) {
    let kind = "dashboard";
    table.read("/api/dashboards/home", ReadDashboards, dashboards::home);
    table.read("/api/dashboards/tags", ReadDashboards, dashboards::tags);
    table.create("/api/dashboards/db", WriteDashboards, kind, dashboards::post);
    let by_uid = "/api/dashboards/uid/{uid}";
    table.read(by_uid, ReadDashboards, dashboards::by_uid);
    table.delete(by_uid, WriteDashboards, kind, dashboards::delete);
    for (versions, version, restore, permissions) in [
        (
            "/api/dashboards/uid/{uid}/versions",
            "/api/dashboards/uid/{uid}/versions/{version}",
            "/api/dashboards/uid/{uid}/restore",
            "/api/dashboards/uid/{uid}/permissions",
        ),
        (
            "/api/dashboards/id/{id}/versions",
            "/api/dashboards/id/{id}/versions/{version}",
            "/api/dashboards/id/{id}/restore",
            "/api/dashboards/id/{id}/permissions",
        ),
    ] {
        table.read(versions, ReadDashboards, dashboards::versions);
        table.read(version, ReadDashboards, dashboards::version);
        table.create(restore, WriteDashboards, kind, dashboards::restore);
        table.read(permissions, ReadDashboards, dashboards::permissions);
        table.create(permissions, WriteDashboards, "permission", dashboards::set_permissions);
    }
}

fn many_folders(table: &mut Table) {
    let kind = "folder";
    table.read("/api/folders", ReadDashboards, folders::list);
    table.create("/api/folders", WriteDashboards, kind, folders::create);
    let one = "/api/folders/{uid}";
    table.read(one, ReadDashboards, folders::one);
    table.replace(one, WriteDashboards, kind, folders::update);
    table.delete(one, WriteDashboards, kind, folders::delete);
    table.read("/api/folders/id/{id}", ReadDashboards, folders::by_id);
    table.create("/api/folders/{uid}/move", WriteDashboards, kind, folders::move_to);
    table.read("/api/folders/{uid}/counts", ReadDashboards, folders::counts);
    let permissions = "/api/folders/{uid}/permissions";
    table.read(permissions, ReadDashboards, folders::permissions);
    table.create(permissions, WriteDashboards, "permission", folders::set_permissions);
}
