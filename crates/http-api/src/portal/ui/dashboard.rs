//! `GET /api/ui/dashboards/{uid}`: the dashboard as received beside its normalised view.
//! `POST /api/ui/dashboard-view`: the view of a dashboard that somebody is editing.

use axum::body::Bytes;
use axum::extract::{Path, State};
use portal::Access;
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
    Ok(json_bytes(seen_by(&state, &visitor, &uid).await?.into_bytes()))
}

/// The answer as JSON text, of a dashboard that the visitor may see.
///
/// # Errors
///
/// 404 when there is none, 403 when the visitor may not see it.
pub(crate) async fn seen_by(
    state: &PortalState,
    visitor: &Visitor,
    uid: &str,
) -> Result<String, ApiError> {
    let found = find(state, visitor, uid, Permission::View).await?;
    let (row, permission) = (found.row, found.permission);
    let envelope = Envelope::open(&row.received).map_err(|error| ApiError::internal(&error))?;
    let body: Value =
        serde_json::from_str(envelope.body).map_err(|error| ApiError::internal(&error))?;
    let library = library(state, visitor, &body, None).await?;
    let view = view(state, visitor, &body, &row.uid, &library).await?;
    let starred = state.tables.is_starred(visitor.org(), visitor.user(), &row.uid).await?;
    let meta = json!({
        "uid": row.uid,
        "title": row.title,
        "url": dashboard_url(&row.uid, &row.slug),
        "folderTitle": row.folder_title,
        "folderUid": row.folder_uid,
        "version": row.version,
        "provisioned": !row.provisioned_by.is_empty(),
        "canEdit": permission >= Permission::Edit,
        "isStarred": starred,
    });
    // The received text goes out untouched.
    let (raw, meta) = (envelope.body, meta.to_string());
    Ok(format!(r#"{{"meta":{meta},"raw":{raw},"view":{view}}}"#))
}

/// The view of a dashboard that is not saved, or not saved yet, so that an editor shows what the
/// page will show. Limits are those of a dashboard to be saved.
pub(crate) async fn unsaved_view(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: Bytes,
) -> ApiResult {
    let text = std::str::from_utf8(&body)
        .map_err(|_| ApiError::bad_request("bad request data: the body is not UTF-8"))?;
    let envelope = Envelope::open(text).map_err(|e| ApiError::bad_request(e.to_string()))?;
    let uid = envelope.uid.clone().unwrap_or_default();
    let body: Value = serde_json::from_str(envelope.body)
        .map_err(|error| ApiError::bad_request(format!("bad request data: {error}")))?;
    // Nobody reads a library panel by writing its uid into a dashboard of their own.
    let saved = find(&state, &visitor, &uid, Permission::View).await.ok();
    let seen = Seen {
        access: state.access(&visitor).await?,
        saved: saved.map(|found| found.row.uid).unwrap_or_default(),
    };
    let library = library(&state, &visitor, &body, Some(&seen)).await?;
    let view = view(&state, &visitor, &body, &uid, &library).await?;
    Ok(json_bytes(format!(r#"{{"view":{view}}}"#).into_bytes()))
}

/// The normalised view as JSON, with the organisation's data sources and library panels.
async fn view(
    state: &PortalState,
    visitor: &Visitor,
    body: &Value,
    uid: &str,
    library: &LibraryPanels,
) -> Result<String, ApiError> {
    let sources = state.tables.data_sources(visitor.org()).await?;
    let sources = sources.into_iter().map(|row| KnownSource {
        uid: row.source.uid,
        name: row.source.name,
        kind: row.source.kind,
        is_default: row.source.is_default,
    });
    let sources = KnownSources::new(sources.collect());
    let mut view = view_with_library(body, &sources, library);
    uid.clone_into(&mut view.uid);
    serde_json::to_string(&view).map_err(|error| ApiError::internal(&error))
}

/// What the author of an unsaved dashboard sees.
struct Seen {
    access: Access,
    /// The saved dashboard that is being edited, whose library panels are open with it. Empty when
    /// there is none.
    saved: String,
}

/// The library panels that a dashboard refers to, whatever folder they lie in: whoever may see the
/// dashboard may see its panels, as in Grafana. For an unsaved one `seen` limits them.
async fn library(
    state: &PortalState,
    visitor: &Visitor,
    dashboard: &Value,
    seen: Option<&Seen>,
) -> Result<LibraryPanels, ApiError> {
    let mut library = LibraryPanels::new();
    for uid in library_panel_uids(dashboard) {
        let Some(row) = state.tables.library_element(visitor.org(), &uid).await? else {
            continue;
        };
        let Ok(model) = serde_json::from_str(&row.element.model) else {
            continue;
        };
        if let Some(seen) = seen
            && seen.access.folder(&row.element.folder_uid).is_none()
        {
            let used_by = state.tables.library_connections(visitor.org(), &uid).await?;
            if seen.saved.is_empty() || !used_by.contains(&seen.saved) {
                continue;
            }
        }
        library.insert(uid, model);
    }
    Ok(library)
}
