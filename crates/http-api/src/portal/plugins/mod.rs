//! `/api/plugins`: what is built in, in the shape in which Grafana lists plug-ins. Nothing is ever
//! downloaded or loaded.

mod built_in;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json, json_bytes};
use super::sources::check_path;
use super::state::PortalState;
use crate::portal::query_parameters::{Asked, Parameter, parameters};
use built_in::{Kind, PLUGINS, Plugin, plugin};

/// Whether scripts that install this plug-in find what they want here already.
#[must_use]
pub fn has_plugin(id: &str) -> bool {
    plugin(id).is_some()
}

/// A square with rounded corners: the mark of every plug-in.
const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="4" y="4" width="24" height="24" rx="5" fill="#5b6472"/></svg>"##;

parameters! {
    /// Of the list of plug-ins.
    pub(crate) List:
    Parameter::option("type", &["app", "datasource", "panel"], "One type only."),
    Parameter::option("embedded", &["0", "1"], "Those inside of others; there are none."),
    Parameter::option("enabled", &["0", "1"], "All are."),
    Parameter::option("core", &["0", "1"], "Whether Grafana brings them, too."),
}

/// `GET /api/plugins`
pub(crate) async fn list(
    State(state): State<PortalState>,
    _visitor: Visitor,
    pairs: Asked<List>,
) -> ApiResult {
    let kind = pairs.first("type");
    // None belongs to an app, and none can be switched off.
    let nothing = pairs.first("embedded") == "1" || pairs.first("enabled") == "0";
    let wanted = |plugin: &&Plugin| {
        let core = match pairs.first("core") {
            "0" => !plugin.is_core,
            "1" => plugin.is_core,
            _ => true,
        };
        !nothing && core && (kind.is_empty() || plugin.kind.as_str() == kind)
    };
    let version = &state.config.version;
    let mut found: Vec<&Plugin> = PLUGINS.iter().filter(wanted).collect();
    found.sort_by_key(|plugin| plugin.name.to_lowercase());
    Ok(json(&found.iter().map(|plugin| describe(plugin, version)).collect::<Vec<Value>>()))
}

fn describe(plugin: &Plugin, version: &str) -> Value {
    let logo = format!("public/plugins/{}/img/logo.svg", plugin.id);
    json!({
        "name": plugin.name,
        "type": plugin.kind.as_str(),
        "id": plugin.id,
        "enabled": true,
        "pinned": false,
        "info": {
            "author": { "name": "Orrery", "url": "" },
            "description": plugin.description,
            "links": null,
            "logos": { "small": logo, "large": logo },
            "build": {},
            "screenshots": null,
            "version": version,
            "updated": "",
            "keywords": null,
        },
        "dependencies": {
            "grafanaDependency": "",
            "grafanaVersion": "*",
            "plugins": [],
            "extensions": { "exposedComponents": [] },
        },
        "latestVersion": "",
        "hasUpdate": false,
        "defaultNavUrl": format!("/plugins/{}/", plugin.id),
        "category": plugin.category,
        "state": "",
        "signature": "internal",
        "signatureType": "",
        "signatureOrg": "",
        "accessControl": null,
        "angularDetected": false,
        "iam": null,
    })
}

/// `GET /api/plugins/{id}/settings`
pub(crate) async fn settings(
    State(state): State<PortalState>,
    _visitor: Visitor,
    Path(id): Path<String>,
) -> ApiResult {
    let plugin = plugin(&id)
        .ok_or_else(|| ApiError::not_found("Plugin not found, no installed plugin with that id"))?;
    let mut answer = describe(plugin, &state.config.version);
    answer["module"] = format!("core:plugin/{}", plugin.id).into();
    answer["baseUrl"] = format!("public/plugins/{}", plugin.id).into();
    answer["includes"] = json!([]);
    answer["jsonData"] = json!({});
    answer["secureJsonFields"] = json!({});
    answer["extensions"] = json!({});
    Ok(json(&answer))
}

/// `GET /api/plugins/{id}/health`: of what has a side on the server.
pub(crate) async fn health(_visitor: Visitor, Path(id): Path<String>) -> ApiResult {
    match plugin(&id) {
        Some(plugin) if plugin.kind == Kind::DataSource => {
            Ok(json(&json!({ "message": "Plugin is built in", "status": "OK" })))
        }
        _ => Err(ApiError::not_found("Plugin not found")),
    }
}

/// `GET /api/plugins/errors`: plug-ins that could not be loaded; none is ever loaded.
pub(crate) async fn errors() -> ApiResult {
    Ok(json(&json!([])))
}

/// `GET /public/plugins/{id}/{path}`: the few files that clients ask for. They stand in this
/// program; no path leads to the disk.
pub(crate) async fn file(
    State(state): State<PortalState>,
    Path((id, path)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    if let Err(error) = check_path(uri.path().trim_start_matches('/')) {
        return ApiError::bad_request(error.to_string()).into_response();
    }
    let Some(plugin) = plugin(&id) else {
        return ApiError::not_found("Plugin not found").into_response();
    };
    match path.as_str() {
        "plugin.json" => {
            let mut about = describe(plugin, &state.config.version);
            about["metrics"] = json!(plugin.kind == Kind::DataSource);
            json_bytes(about.to_string().into_bytes())
        }
        "img/logo.svg" => {
            let kind = HeaderValue::from_static("image/svg+xml");
            (StatusCode::OK, [(header::CONTENT_TYPE, kind)], LOGO).into_response()
        }
        _ => ApiError::not_found("Plugin file not found").into_response(),
    }
}
