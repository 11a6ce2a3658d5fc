//! Data sources: reading, asking, proxying.

use auth::Action::{self, ReadDataSources, ReadMetrics, WriteDataSources};
use axum::http::Method;
use axum::routing::MethodRouter;
use axum::routing::any;

use super::Table;
use crate::portal::guard::Needs::Right;
use crate::portal::state::PortalState;
use crate::portal::{data_source_changes as changes, data_sources, sources};

pub(super) fn routes(table: &mut Table) {
    table.read("/api/datasources", ReadDataSources, data_sources::list);
    table.read("/api/datasources/{id}", ReadDataSources, data_sources::by_id);
    table.read("/api/datasources/uid/{uid}", ReadDataSources, data_sources::by_uid);
    table.read("/api/datasources/name/{name}", ReadDataSources, data_sources::by_name);
    let kind = "data source";
    table.create("/api/datasources", WriteDataSources, kind, changes::create);
    table.replace("/api/datasources/{id}", WriteDataSources, kind, changes::update_by_id);
    table.delete("/api/datasources/{id}", WriteDataSources, kind, changes::delete_by_id);
    table.replace("/api/datasources/uid/{uid}", WriteDataSources, kind, changes::update_by_uid);
    table.delete("/api/datasources/uid/{uid}", WriteDataSources, kind, changes::delete_by_uid);
    table.delete("/api/datasources/name/{name}", WriteDataSources, kind, changes::delete_by_name);
    table.read("/api/datasources/id/{name}", ReadMetrics, data_sources::id_by_name);
    table.read("/api/datasources/uid/{uid}/health", ReadMetrics, sources::health_by_uid);
    table.read("/api/datasources/{id}/health", ReadMetrics, sources::health_by_id);
    table.read("/api/ui/data-sources/{uid}/health", ReadMetrics, sources::health_of_ui);
    table.ask("/api/ds/query", ReadMetrics, sources::ds_query);
    proxied(table, "/api/datasources/proxy/uid/{uid}/{*path}", any(sources::by_uid));
    proxied(table, "/api/datasources/proxy/{id}/{*path}", any(sources::by_slot));
    let resources = "/api/datasources/uid/{uid}/resources/{*path}";
    proxied(table, resources, any(sources::resources_by_uid));
    let resources = "/api/datasources/{id}/resources/{*path}";
    proxied(table, resources, any(sources::resources_by_slot));
}

/// What may be asked by which method is decided by the source's type.
fn proxied(table: &mut Table, path: &'static str, handler: MethodRouter<PortalState>) {
    const ASK: Action = ReadMetrics;
    table.add(Method::GET, path, Right(ASK), "", handler);
}
