//! `/api/frontend/settings`: what API clients look up about the server.

use axum::extract::State;
use serde_json::{Map, Value, json};

use super::data_sources::json_data;
use super::guard::Visitor;
use super::reply::{ApiResult, json};
use super::state::PortalState;

pub(crate) async fn frontend(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let mut rows = state.tables.data_sources(visitor.org()).await?;
    let access = state.access(&visitor).await?;
    rows.retain(|row| access.data_source(&row.source.uid).is_some());
    let default = rows.iter().find(|row| row.source.is_default);
    let sources: Map<String, Value> = rows
        .iter()
        .map(|row| {
            let source = &row.source;
            let entry = json!({
                "id": row.id,
                "uid": source.uid,
                "name": source.name,
                "type": source.kind,
                "access": source.access,
                "isDefault": source.is_default,
                "jsonData": json_data(&source.json_data),
                "readOnly": source.read_only,
                "url": format!("/api/datasources/proxy/uid/{}", source.uid),
            });
            (source.name.clone(), entry)
        })
        .collect();
    let config = &state.config;
    Ok(json(&json!({
        "appUrl": config.root_url,
        "appSubUrl": "",
        "anonymousEnabled": state.accounts.anonymous_enabled(),
        "disableUserSignUp": !config.allow_sign_up,
        "disableLoginForm": !config.login_form,
        "basicAuthEnabled": config.basic_auth,
        "minRefreshInterval": config.min_refresh_interval,
        "defaultTheme": config.default_theme,
        "dateFormats": {},
        "autoAssignOrg": true,
        "authProxyEnabled": false,
        "oauth": {},
        "defaultDatasource": default.map(|row| row.source.name.as_str()),
        "datasources": sources,
        "featureToggles": {},
        "buildInfo": {
            "version": config.version,
            "orreryVersion": config.orrery_version,
            "commit": config.commit,
            "edition": "Open Source",
            "env": "production",
            "hasUpdate": false,
            "hideVersion": false,
            "latestVersion": "",
        },
    })))
}
