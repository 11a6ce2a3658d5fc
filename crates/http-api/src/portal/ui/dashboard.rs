//! `GET /api/ui/dashboards/{uid}`: the dashboard as received beside its normalised view.

use axum::extract::{Path, State};
use portal::dashboard::{
    Envelope, KnownSource, KnownSources, LibraryPanels, library_panel_uids, view_with_library,
};
use portal::tables::Permission;
use serde_json::{Value, json};

use crate::portal::dashboards::{dashboard_url, find};
use crate::portal::guard::Visitor;
use crate::portal::reply::{ApiError, ApiResult, json_bytes};
use crate::portal::state::PortalState;

pub(crate) async fn dashboard(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = find(&state, &visitor, &uid, Permission::View).await?.row;
    let sources = state.tables.data_sources(visitor.org()).await?;
    let sources = sources.into_iter().map(|row| KnownSource {
        uid: row.source.uid,
        name: row.source.name,
        kind: row.source.kind,
        is_default: row.source.is_default,
    });
    let sources = KnownSources::new(sources.collect());
    let envelope = Envelope::open(&row.received).map_err(|error| ApiError::internal(&error))?;
    let body: Value =
        serde_json::from_str(envelope.body).map_err(|error| ApiError::internal(&error))?;
    let library = library(&state, &visitor, &body).await?;
    let mut view = view_with_library(&body, &sources, &library);
    view.uid.clone_from(&row.uid);
    let view = serde_json::to_string(&view).map_err(|error| ApiError::internal(&error))?;
    let meta = json!({
        "uid": row.uid,
        "title": row.title,
        "url": dashboard_url(&row.uid, &row.slug),
        "folderTitle": row.folder_title,
        "version": row.version,
        "provisioned": !row.provisioned_by.is_empty(),
        "canEdit": false,
    });
    // The received text goes out untouched.
    let (raw, meta) = (envelope.body, meta.to_string());
    Ok(json_bytes(format!(r#"{{"meta":{meta},"raw":{raw},"view":{view}}}"#).into_bytes()))
}

/// The library panels that a dashboard refers to, whatever folder they lie in: whoever may see the
/// dashboard may see its panels, as in Grafana.
async fn library(
    state: &PortalState,
    visitor: &Visitor,
    dashboard: &Value,
) -> Result<LibraryPanels, ApiError> {
    let mut library = LibraryPanels::new();
    for uid in library_panel_uids(dashboard) {
        if let Some(row) = state.tables.library_element(visitor.org(), &uid).await?
            && let Ok(model) = serde_json::from_str(&row.element.model)
        {
            library.insert(uid, model);
        }
    }
    Ok(library)
}
