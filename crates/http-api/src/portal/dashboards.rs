//! Dashboards: search, reading, the home dashboard and stars.

use axum::extract::{Path, State};
use portal::dashboard::Envelope;
use portal::tables::{DashboardRow, Listed, Search};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::folders::{FOLDERS_MAX, folder_url};
use super::guard::Visitor;
use super::reply::{ApiError, ApiResult, json, json_bytes, message, rfc3339};
use super::state::PortalState;

/// Grafana's default and greatest number of hits.
const LIMIT_DEFAULT: usize = 1000;
const LIMIT_MAX: usize = 5000;

pub(crate) async fn search(
    State(state): State<PortalState>,
    visitor: Visitor,
    uri: axum::http::Uri,
) -> ApiResult {
    let query = uri.query().unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
        .map_err(|error| ApiError::bad_request(format!("bad query: {error}")))?;
    let all = |name: &str| -> Vec<String> {
        let matching = pairs.iter().filter(|(key, _)| key == name);
        // Some clients send a list in one parameter.
        matching.flat_map(|(_, value)| value.split(',')).map(str::to_owned).collect()
    };
    let first = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, v)| v.as_str());
    let number = |name: &str, default: usize| match first(name) {
        None | Some("") => Ok(default),
        Some(text) => {
            text.parse().map_err(|_| ApiError::bad_request(format!("{name} is not a number")))
        }
    };
    let mut uids = all("dashboardUIDs");
    uids.extend(all("dashboardUID"));
    let search = Search {
        query: first("query").unwrap_or_default().to_owned(),
        tags: pairs.iter().filter(|(key, _)| key == "tag").map(|(_, tag)| tag.clone()).collect(),
        uids,
        folder_uids: all("folderUIDs"),
        starred_only: first("starred") == Some("true"),
        limit: number("limit", LIMIT_DEFAULT)?.clamp(1, LIMIT_MAX),
        page: number("page", 1)?.max(1),
    };
    let kind = first("type").unwrap_or_default();
    let mut hits: Vec<Value> = Vec::new();
    let asks_for_dashboards_only = !search.tags.is_empty()
        || !search.uids.is_empty()
        || !search.folder_uids.is_empty()
        || search.starred_only;
    if (kind == "dash-folder" || kind.is_empty()) && !asks_for_dashboards_only && search.page == 1 {
        let words = search.query.to_lowercase();
        let folders = state.tables.folders(FOLDERS_MAX).await?;
        let found = folders.iter().filter(|f| f.title.to_lowercase().contains(&words));
        hits.extend(found.map(|folder| {
            let slug = portal::dashboard::slug(&folder.title);
            let (id, uid, title) = (folder.id, &folder.uid, &folder.title);
            json!({
                "id": id, "uid": uid, "orgId": 1, "title": title, "uri": format!("db/{slug}"),
                "url": folder_url(uid, title), "slug": "", "type": "dash-folder", "tags": [],
                "isStarred": false, "sortMeta": 0, "isDeleted": false,
            })
        }));
    }
    if kind == "dash-db" || kind.is_empty() {
        let found = state.tables.search_dashboards(visitor.identity.user_id, &search).await?;
        hits.extend(found.iter().map(hit));
    }
    hits.truncate(search.limit);
    Ok(json(&hits))
}

fn hit(listed: &Listed) -> Value {
    let mut hit = Map::new();
    let mut put = |key: &str, value: Value| hit.insert(key.to_owned(), value);
    put("id", listed.id.into());
    put("uid", listed.uid.as_str().into());
    put("orgId", 1.into());
    put("title", listed.title.as_str().into());
    put("uri", format!("db/{}", listed.slug).into());
    put("url", dashboard_url(&listed.uid, &listed.slug).into());
    put("slug", "".into());
    put("type", "dash-db".into());
    put("tags", listed.tags.clone().into());
    put("isStarred", listed.starred.into());
    put("sortMeta", 0.into());
    put("isDeleted", false.into());
    if !listed.folder_uid.is_empty() {
        put("folderId", listed.folder_id.into());
        put("folderUid", listed.folder_uid.as_str().into());
        put("folderTitle", listed.folder_title.as_str().into());
        put("folderUrl", folder_url(&listed.folder_uid, &listed.folder_title).into());
    }
    Value::Object(hit)
}

pub(crate) fn dashboard_url(uid: &str, slug: &str) -> String {
    format!("/d/{uid}/{slug}")
}

/// `/api/dashboards/uid/{uid}`: the dashboard as received, but for `id`, `uid` and `version`,
/// which are the server's.
pub(crate) async fn by_uid(State(state): State<PortalState>, Path(uid): Path<String>) -> ApiResult {
    let row = find(&state, &uid).await?;
    let body = Envelope::open(&row.received).map_err(|error| ApiError::internal(&error))?.body;
    let body = with_own_fields(body, &row).map_err(|error| ApiError::internal(&error))?;
    Ok(json_bytes(format!(r#"{{"meta":{},"dashboard":{body}}}"#, meta(&row)).into_bytes()))
}

pub(crate) async fn find(state: &PortalState, uid: &str) -> Result<DashboardRow, ApiError> {
    let row = state.tables.dashboard(uid).await?;
    row.ok_or_else(|| ApiError::not_found("Dashboard not found"))
}

/// Replaces or appends the server's fields; everything else stays byte for byte and in order.
fn with_own_fields(body: &str, row: &DashboardRow) -> serde_json::Result<String> {
    let fields: OrderedFields<'_> = serde_json::from_str(body)?;
    let own = [
        ("id", row.id.to_string()),
        ("uid", serde_json::to_string(&row.uid)?),
        ("version", row.version.to_string()),
    ];
    let mut out = String::with_capacity(body.len() + 64);
    let mut push = |key: &str, value: &str| -> serde_json::Result<()> {
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&serde_json::to_string(key)?);
        out.push(':');
        out.push_str(value);
        Ok(())
    };
    for (key, value) in &fields.0 {
        let replaced = own.iter().find(|(name, _)| name == key);
        push(key, replaced.map_or(value.get(), |(_, value)| value))?;
    }
    for (key, value) in own.iter().filter(|(name, _)| !fields.0.iter().any(|(k, _)| k == name)) {
        push(key, value)?;
    }
    out.push('}');
    Ok(out)
}

/// The fields of an object as they stand in the text.
struct OrderedFields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for OrderedFields<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> serde::de::Visitor<'de> for Fields {
            type Value = OrderedFields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<String, &'de RawValue>()? {
                    fields.push(field);
                }
                Ok(OrderedFields(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

fn meta(row: &DashboardRow) -> Value {
    let provisioned = !row.provisioned_by.is_empty();
    let in_folder = !row.folder_uid.is_empty();
    json!({
        "type": "db",
        "canSave": false,
        "canEdit": false,
        "canAdmin": false,
        "canStar": true,
        "canDelete": false,
        "slug": row.slug,
        "url": dashboard_url(&row.uid, &row.slug),
        "expires": "0001-01-01T00:00:00Z",
        "created": rfc3339(row.created_ms),
        "updated": rfc3339(row.updated_ms),
        "updatedBy": "Anonymous",
        "createdBy": "Anonymous",
        "version": row.version,
        "hasAcl": false,
        "isFolder": false,
        "folderUid": row.folder_uid,
        "folderTitle": if in_folder { row.folder_title.as_str() } else { "General" },
        "folderUrl": if in_folder { folder_url(&row.folder_uid, &row.folder_title) } else { String::new() },
        "provisioned": provisioned,
        "provisionedExternalId": file_name(&row.provisioned_from),
    })
}

/// The visitor needs no paths of the server's disk.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// `/api/dashboards/home`: where the home page leads.
pub(crate) async fn home(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let user = visitor.identity.user_id;
    let preferred = state.tables.preferences(user).await?.home_dashboard_uid;
    for uid in [&preferred, &state.config.home_dashboard_uid] {
        if !uid.is_empty()
            && let Some(row) = state.tables.dashboard(uid).await?
        {
            return Ok(json(&json!({ "redirectUri": dashboard_url(&row.uid, &row.slug) })));
        }
    }
    let search = Search { limit: 1, page: 1, ..Search::default() };
    let first = state.tables.search_dashboards(user, &search).await?;
    let first = first.first().ok_or_else(|| ApiError::not_found("Home dashboard not found"))?;
    Ok(json(&json!({ "redirectUri": dashboard_url(&first.uid, &first.slug) })))
}

pub(crate) async fn star(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = find(&state, &uid).await?;
    state.tables.star(visitor.identity.user_id, &row.uid, state.clock.unix_ms()).await?;
    Ok(message("Dashboard starred!"))
}

pub(crate) async fn unstar(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    state.tables.unstar(visitor.identity.user_id, &uid).await?;
    Ok(message("Dashboard unstarred"))
}
