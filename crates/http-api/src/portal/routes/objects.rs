//! The smaller objects: annotations, correlations, library elements, snapshots, playlists and so
//! on; plugins and Grafana Live.

use auth::Action::{
    AdministerServer, Annotate, Compose, ReadDashboards, ReadDataSources, ReadMetrics, ReadOrg,
    UseOwnAccount, WriteDashboards, WriteDataSources,
};
use axum::http::Method;
use axum::routing::get;

use super::Table;
use crate::portal::alerting::{self, provisioned};
use crate::portal::guard::Needs::{Nothing, Page};
use crate::portal::{
    annotations, correlations, library, live, playlists, plugins, query_history, quotas,
    server_admin, short_urls, snapshots,
};

pub(super) fn routes(table: &mut Table) {
    many_annotations(table);
    many_correlations(table);
    many_library_elements(table);
    many_snapshots(table);
    many_playlists(table);
    all_query_history(table);
    all_plugins(table);
    all_alerting(table);
    table.create("/api/short-urls", ReadDashboards, "short URL", short_urls::create);
    table.add(Method::GET, "/goto/{uid}", Page, "", get(short_urls::follow));
    table.read("/api/org/quotas", ReadOrg, quotas::of_own_org);
    table.read("/api/orgs/{org}/quotas", AdministerServer, quotas::of_org_by_id);
    let set = "/api/orgs/{org}/quotas/{target}";
    table.replace(set, AdministerServer, "quota", quotas::set_of_org);
    let set = "/api/admin/users/{id}/quotas/{target}";
    table.replace(set, AdministerServer, "quota", quotas::set_of_user);
    table.read("/api/user/quotas", UseOwnAccount, quotas::of_visitor);
    table.read("/api/admin/users/{id}/quotas", AdministerServer, quotas::of_user_by_id);
    table.read("/api/admin/settings", AdministerServer, server_admin::settings);
    table.read("/api/admin/stats", AdministerServer, server_admin::stats);
    table.read("/api/ui/settings", AdministerServer, server_admin::setting_origins);
    table.read("/api/live/ws", ReadDashboards, live::connect);
    table.read("/api/live/list", ReadOrg, live::list);
}

fn many_annotations(table: &mut Table) {
    let kind = "annotation";
    table.read("/api/annotations", ReadDashboards, annotations::list);
    table.create("/api/annotations", Annotate, kind, annotations::create);
    table.read("/api/annotations/tags", ReadDashboards, annotations::tags);
    table.create("/api/annotations/graphite", Annotate, kind, annotations::graphite);
    table.create("/api/annotations/mass-delete", Annotate, kind, annotations::mass_delete);
    let one = "/api/annotations/{id}";
    table.read(one, ReadDashboards, annotations::get);
    table.replace(one, Annotate, kind, annotations::update);
    table.change(one, Annotate, kind, annotations::patch);
    table.delete(one, Annotate, kind, annotations::delete);
}

fn many_correlations(table: &mut Table) {
    let kind = "correlation";
    table.read("/api/datasources/correlations", ReadDataSources, correlations::list);
    let of_source = "/api/datasources/uid/{uid}/correlations";
    table.read(of_source, ReadDataSources, correlations::of_source);
    table.create(of_source, WriteDataSources, kind, correlations::create);
    let one = "/api/datasources/uid/{uid}/correlations/{correlation}";
    table.read(one, ReadDataSources, correlations::get);
    table.change(one, WriteDataSources, kind, correlations::update);
    table.delete(one, WriteDataSources, kind, correlations::delete);
}

fn many_library_elements(table: &mut Table) {
    let kind = "library element";
    table.read("/api/library-elements", ReadDashboards, library::list);
    table.create("/api/library-elements", WriteDashboards, kind, library::create);
    table.read("/api/library-elements/name/{name}", ReadDashboards, library::by_name);
    let one = "/api/library-elements/{uid}";
    table.read(one, ReadDashboards, library::get);
    table.change(one, WriteDashboards, kind, library::update);
    table.delete(one, WriteDashboards, kind, library::delete);
    let connections = "/api/library-elements/{uid}/connections";
    table.read(connections, ReadDashboards, library::connections);
}

fn many_snapshots(table: &mut Table) {
    table.create("/api/snapshots", Compose, "snapshot", snapshots::create);
    table.add(Method::GET, "/api/snapshots/{key}", Nothing, "", get(snapshots::get));
    table.delete("/api/snapshots/{key}", ReadDashboards, "snapshot", snapshots::delete);
    let by_key = get(snapshots::delete_by_key);
    table.add(Method::GET, "/api/snapshots-delete/{key}", Nothing, "", by_key);
    table.read("/api/dashboard/snapshots", ReadDashboards, snapshots::list);
    table.read("/api/snapshot/shared-options", ReadDashboards, snapshots::shared_options);
}

fn many_playlists(table: &mut Table) {
    table.read("/api/playlists", ReadDashboards, playlists::list);
    table.create("/api/playlists", Compose, "playlist", playlists::create);
    let one = "/api/playlists/{uid}";
    table.read(one, ReadDashboards, playlists::get);
    table.replace(one, Compose, "playlist", playlists::update);
    table.delete(one, Compose, "playlist", playlists::delete);
    table.read("/api/playlists/{uid}/items", ReadDashboards, playlists::items);
}

/// One's own, and so not audited.
fn all_query_history(table: &mut Table) {
    table.read("/api/query-history", ReadMetrics, query_history::search);
    table.create("/api/query-history", ReadMetrics, "", query_history::create);
    table.create("/api/query-history/migrate", ReadMetrics, "", query_history::migrate);
    table.change("/api/query-history/{uid}", ReadMetrics, "", query_history::comment);
    table.delete("/api/query-history/{uid}", ReadMetrics, "", query_history::delete);
    table.create("/api/query-history/star/{uid}", ReadMetrics, "", query_history::star);
    table.delete("/api/query-history/star/{uid}", ReadMetrics, "", query_history::unstar);
}

fn all_plugins(table: &mut Table) {
    table.read("/api/plugins", ReadDashboards, plugins::list);
    table.read("/api/plugins/errors", ReadDashboards, plugins::errors);
    table.read("/api/plugins/{plugin}/settings", ReadDashboards, plugins::settings);
    table.read("/api/plugins/{plugin}/health", ReadDashboards, plugins::health);
    table.add(Method::GET, "/public/plugins/{plugin}/{*path}", Nothing, "", get(plugins::file));
}

fn all_alerting(table: &mut Table) {
    for lists in [
        "/api/alerts",
        "/api/alertmanager/grafana/api/v2/alerts",
        "/api/alertmanager/grafana/api/v2/alerts/groups",
        "/api/alertmanager/grafana/api/v2/silences",
    ] {
        table.read(lists, ReadDashboards, alerting::empty_list);
    }
    table.read("/api/prometheus/grafana/api/v1/rules", ReadDashboards, alerting::rules);
    table.read("/api/prometheus/grafana/api/v1/alerts", ReadDashboards, alerting::alerts);
    table.create("/api/alerts/test", Compose, "alert test", alerting::test);
    let rule = "/api/v1/provisioning/alert-rules/{uid}";
    table.read("/api/v1/provisioning/alert-rules", ReadDashboards, provisioned::rules);
    table.read(rule, ReadDashboards, provisioned::rule);
    let group = "/api/v1/provisioning/folder/{uid}/rule-groups/{group}";
    table.read(group, ReadDashboards, provisioned::group);
    table.read("/api/ruler/grafana/api/v1/rules", ReadDashboards, provisioned::ruler);
    table.read("/api/v1/provisioning/contact-points", ReadDashboards, provisioned::contact_points);
    table.read("/api/v1/provisioning/policies", ReadDashboards, provisioned::policies);
    table.read("/api/v1/provisioning/mute-timings", ReadDashboards, provisioned::mute_timings);
    let timing = "/api/v1/provisioning/mute-timings/{name}";
    table.read(timing, ReadDashboards, provisioned::mute_timing);
    table.read("/api/v1/provisioning/templates", ReadDashboards, provisioned::templates);
    table.read("/api/alert-notifications", ReadDashboards, provisioned::channels);
    let brief = "/api/alert-notifications/lookup";
    table.read(brief, ReadDashboards, provisioned::channels_briefly);
}
