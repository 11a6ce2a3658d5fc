//! The smaller objects: annotations, correlations.

use auth::Action::{Annotate, ReadDashboards, ReadDataSources, ReadOrg, WriteDataSources};

use axum::http::Method;
use axum::routing::get;

use super::Table;
use crate::portal::guard::Needs::Nothing;
use crate::portal::{annotations, correlations, live, plugins};

pub(super) fn routes(table: &mut Table) {
    many_annotations(table);
    many_correlations(table);
    all_plugins(table);
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

fn all_plugins(table: &mut Table) {
    table.read("/api/plugins", ReadDashboards, plugins::list);
    table.read("/api/plugins/errors", ReadDashboards, plugins::errors);
    table.read("/api/plugins/{plugin}/settings", ReadDashboards, plugins::settings);
    table.read("/api/plugins/{plugin}/health", ReadDashboards, plugins::health);
    table.add(Method::GET, "/public/plugins/{plugin}/{*path}", Nothing, "", get(plugins::file));
}
