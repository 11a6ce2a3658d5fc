//! Which groups, versions and kinds there are, as Kubernetes' clients ask first.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::{DASHBOARDS, FOLDERS, Kind, Refusal};
use crate::portal::reply::json;

const KINDS: [Kind; 2] = [DASHBOARDS, FOLDERS];

fn described(kind: Kind) -> Value {
    let version = |version: &&str| json!({ "groupVersion": format!("{}/{version}", kind.group), "version": version });
    let versions: Vec<Value> = kind.versions.iter().map(version).collect();
    json!({ "name": kind.group, "preferredVersion": versions.first(), "versions": versions })
}

/// `/apis`
pub(in crate::portal) async fn groups() -> Response {
    let groups: Vec<Value> = KINDS.into_iter().map(described).collect();
    json(&json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups }))
}

fn named(group: &str) -> Result<Kind, Refusal> {
    let found = KINDS.into_iter().find(|kind| kind.group == group);
    let message = || format!("the server could not find the group {group:?}");
    found.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "NotFound", message()))
}

/// `/apis/{group}`
pub(in crate::portal) async fn group(Path(group): Path<String>) -> Response {
    let found = named(&group).map(|kind| {
        let mut answer = described(kind);
        answer["kind"] = json!("APIGroup");
        answer["apiVersion"] = json!("v1");
        json(&answer)
    });
    DASHBOARDS.answer("", found)
}

/// `/apis/{group}/{version}`
pub(in crate::portal) async fn version(Path((group, version)): Path<(String, String)>) -> Response {
    let found = named(&group).and_then(|kind| {
        if !kind.versions.contains(&version.as_str()) {
            let message = format!("the server could not find the version {version:?} of {group}");
            return Err(Refusal::new(StatusCode::NOT_FOUND, "NotFound", message));
        }
        Ok(json(&json!({
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": format!("{group}/{version}"),
            "resources": [{
                "name": kind.plural,
                "singularName": kind.singular.to_lowercase(),
                "namespaced": true,
                "kind": kind.singular,
                "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
            }],
        })))
    });
    DASHBOARDS.answer("", found)
}
