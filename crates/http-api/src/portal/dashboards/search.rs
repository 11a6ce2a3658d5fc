//! `/api/search`: folders and dashboards by words, tags, folders, uids and stars.

use std::collections::{BTreeMap, HashMap, HashSet};

use axum::extract::State;
use portal::tables::{Listed, Listing, Permission, Search, Sort};
use serde_json::{Map, Value, json};

use super::dashboard_url;
use crate::portal::folders::folder_url;
use crate::portal::guard::Visitor;
use crate::portal::query_parameters::{Asked, PAGE, Pairs, Parameter, parameters};
use crate::portal::reply::{ApiError, ApiResult, json, rfc3339};
use crate::portal::state::PortalState;

/// Grafana's default and greatest number of hits.
const LIMIT_DEFAULT: usize = 1000;
const LIMIT_MAX: usize = 5000;

parameters! {
    /// Of a search for dashboards and folders.
    pub(crate) Wanted:
    Parameter::text("query", "Words of the title."),
    Parameter::list("tag", "Which dashboards must have."),
    Parameter::option("type", &["dash-db", "dash-folder"], "Dashboards or folders only."),
    Parameter::list("dashboardUIDs", "Of these uids."),
    Parameter::list("dashboardUID", "The same."),
    Parameter::list("uid", "The same."),
    Parameter::list("dashboardIds", "Of these numbers."),
    Parameter::list("folderUIDs", "In these folders, `general` for the top."),
    Parameter::list("folderIds", "In these folders by number, 0 for the top."),
    Parameter::flag("starred", "The visitor's starred ones only."),
    Parameter::choice("permission", &["View", "Edit"], "What the visitor may do with them."),
    Parameter::flag("authors", "Say who made and who changed each, and whether it comes from a file."),
    Parameter::text("sort", "One of the names that /api/search/sorting lists."),
    Parameter::number("limit", "1000", "Hits on a page, up to 5000."),
    PAGE,
}

pub(crate) async fn search(
    State(state): State<PortalState>,
    visitor: Visitor,
    pairs: Asked<Wanted>,
) -> ApiResult {
    let access = state.access(&visitor).await?;
    let starred: HashSet<String> =
        state.tables.stars(visitor.org(), visitor.user()).await?.into_iter().collect();
    let least = match pairs.first("permission") {
        "" | "View" => Permission::View,
        "Edit" => Permission::Edit,
        other => return Err(ApiError::bad_request(format!("unknown permission {other:?}"))),
    };
    let search = wanted(&pairs, &starred, access.listing())?;
    let found = access.listing().search(&search, |row| access.listed(row) >= Some(least));
    // Names cost another query; our own list asks for them.
    let logins = match pairs.first("authors") {
        "true" => Some(state.tables.logins().await?),
        _ => None,
    };
    let hit = |row: &&Listed| {
        let mut hit = hit(row, access.listing(), starred.contains(&row.uid), &visitor);
        if let Some(logins) = &logins {
            put_authors(&mut hit, row, logins);
        }
        Value::Object(hit)
    };
    Ok(json(&found.iter().map(hit).collect::<Vec<Value>>()))
}

fn wanted(pairs: &Pairs, starred: &HashSet<String>, listing: &Listing) -> Result<Search, ApiError> {
    let owned = |name: &str| pairs.all(name).map(str::to_owned).collect::<HashSet<String>>();
    let mut uids = owned("dashboardUIDs");
    uids.extend(owned("dashboardUID"));
    uids.extend(owned("uid"));
    let ids: HashSet<i64> = pairs.all("dashboardIds").filter_map(|id| id.parse().ok()).collect();
    let mut folder_uids = owned("folderUIDs");
    for id in pairs.all("folderIds") {
        // The old numbers; 0 is "General".
        let by_id = listing.rows.iter().find(|row| row.is_folder && row.id.to_string() == id);
        folder_uids.insert(by_id.map_or("general", |row| row.uid.as_str()).to_owned());
    }
    let kind = pairs.first("type");
    if !matches!(kind, "" | "dash-db" | "dash-folder") {
        return Err(ApiError::bad_request(format!("unknown type {kind:?}")));
    }
    let tags: Vec<String> = pairs.each("tag").map(str::to_owned).collect();
    let only_starred = pairs.first("starred") == "true";
    let sort = Sort::named(pairs.first("sort"));
    Ok(Search {
        query: pairs.first("query").to_owned(),
        // Folders have no tags and no stars.
        folders: kind != "dash-db" && tags.is_empty() && !only_starred,
        dashboards: kind != "dash-folder",
        tags,
        uids,
        ids,
        folder_uids,
        starred: only_starred.then(|| starred.clone()),
        sort: sort.ok_or_else(|| ApiError::bad_request("unknown sort"))?,
        limit: pairs.number("limit", LIMIT_DEFAULT)?.clamp(1, LIMIT_MAX),
        page: pairs.number("page", 1)?.max(1),
    })
}

/// Who made it, who changed it last, and when, empty where the server itself did; and whether a file
/// provider keeps it.
fn put_authors(hit: &mut Map<String, Value>, row: &Listed, logins: &HashMap<i64, String>) {
    let login = |id: i64| Value::from(logins.get(&id).map_or("", String::as_str));
    hit.insert("createdBy".to_owned(), login(row.created_by));
    hit.insert("updatedBy".to_owned(), login(row.updated_by));
    hit.insert("updated".to_owned(), rfc3339(row.updated_ms).into());
    hit.insert("provisioned".to_owned(), row.provisioned.into());
}

fn hit(row: &Listed, listing: &Listing, is_starred: bool, visitor: &Visitor) -> Map<String, Value> {
    let mut hit = Map::new();
    let mut put = |key: &str, value: Value| hit.insert(key.to_owned(), value);
    let url = if row.is_folder {
        folder_url(&row.uid, &row.title)
    } else {
        dashboard_url(&row.uid, &row.slug)
    };
    put("id", row.id.into());
    put("uid", row.uid.as_str().into());
    put("orgId", visitor.org().into());
    put("title", row.title.as_str().into());
    put("uri", format!("db/{}", row.slug).into());
    put("url", url.into());
    put("slug", "".into());
    put("type", if row.is_folder { "dash-folder" } else { "dash-db" }.into());
    put("tags", row.tags.clone().into());
    put("isStarred", is_starred.into());
    put("sortMeta", 0.into());
    put("isDeleted", false.into());
    if let Some(folder) = listing.folder(&row.folder_uid) {
        put("folderId", folder.id.into());
        put("folderUid", folder.uid.as_str().into());
        put("folderTitle", folder.title.as_str().into());
        put("folderUrl", folder_url(&folder.uid, &folder.title).into());
    }
    hit
}

/// `/api/search/sorting`: in which order hits can come.
pub(crate) async fn sorting() -> ApiResult {
    let option = |name: &str, display: &str, description: &str| json!({ "name": name, "displayName": display, "description": description, "meta": "" });
    Ok(json(&json!({
        "sortOptions": [
            option("alpha-asc", "Alphabetically (A–Z)", "Sort results in an alphabetically ascending order"),
            option("alpha-desc", "Alphabetically (Z–A)", "Sort results in an alphabetically descending order"),
            option("updated-asc", "Least recently changed", "Sort results by the time of the last change"),
            option("updated-desc", "Most recently changed", "Sort results by the time of the last change, newest first"),
        ],
    })))
}

/// `/api/dashboards/tags`: every tag with the number of dashboards that have it.
pub(crate) async fn tags(State(state): State<PortalState>, visitor: Visitor) -> ApiResult {
    let access = state.access(&visitor).await?;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let rows = access.listing().rows.iter().filter(|row| access.listed(row).is_some());
    for tag in rows.flat_map(|row| &row.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let tags = counts.into_iter().map(|(term, count)| json!({ "term": term, "count": count }));
    Ok(json(&tags.collect::<Vec<Value>>()))
}
