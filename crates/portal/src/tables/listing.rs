//! What searches look through: every folder and dashboard of an organisation without its JSON,
//! kept in memory until one of them changes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::RwLock;
use sqlx::Row;
use tokio::sync::watch;

use super::{TableError, Tables};

/// A folder or dashboard in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: i64,
    pub uid: String,
    pub is_folder: bool,
    pub title: String,
    /// In lower case, for comparing.
    pub folded_title: String,
    pub slug: String,
    pub tags: Vec<String>,
    /// The folder that it lies in; empty = "General".
    pub folder_uid: String,
    pub provisioned: bool,
    pub version: i64,
    pub created_ms: i64,
    pub updated_ms: i64,
    /// Users by number; 0 = the server itself.
    pub created_by: i64,
    pub updated_by: i64,
}

/// All of an organisation, folders and dashboards together, by title.
#[derive(Debug, Default)]
pub struct Listing {
    pub rows: Vec<Listed>,
    /// Position of a folder by its uid.
    folders: HashMap<String, usize>,
}

/// In which order hits come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    TitleAscending,
    TitleDescending,
    UpdatedDescending,
    UpdatedAscending,
}

impl Sort {
    /// Grafana's names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "" | "alpha-asc" | "name_sort" => Self::TitleAscending,
            "alpha-desc" | "-name_sort" => Self::TitleDescending,
            "-updated" | "updated-desc" => Self::UpdatedDescending,
            "updated" | "updated-asc" => Self::UpdatedAscending,
            _ => return None,
        })
    }
}

/// What to look for; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words of the title, in any case.
    pub query: String,
    /// All of them.
    pub tags: Vec<String>,
    pub uids: HashSet<String>,
    pub ids: HashSet<i64>,
    /// Uids; `general` and the empty one stand for the top.
    pub folder_uids: HashSet<String>,
    /// Uids of the starred, when only they are asked for.
    pub starred: Option<HashSet<String>>,
    pub folders: bool,
    pub dashboards: bool,
    pub sort: Sort,
    pub limit: usize,
    /// From 1.
    pub page: usize,
}

impl Listing {
    #[must_use]
    pub fn folder(&self, uid: &str) -> Option<&Listed> {
        self.folders.get(uid).map(|at| &self.rows[*at])
    }

    /// The folders around something, innermost first; a loop ends the walk.
    pub fn around<'a>(&'a self, folder_uid: &'a str) -> impl Iterator<Item = &'a Listed> {
        let mut next = self.folder(folder_uid);
        let mut left = super::folders::FOLDER_DEPTH_MAX;
        std::iter::from_fn(move || {
            let folder = next?;
            left = left.checked_sub(1)?;
            next = self.folder(&folder.folder_uid);
            Some(folder)
        })
    }

    /// A folder with everything below it: uids, itself first.
    #[must_use]
    pub fn below(&self, uid: &str) -> Vec<String> {
        let mut found = vec![uid.to_owned()];
        let mut at = 0;
        while at < found.len() && at < self.rows.len() {
            let inside = self.rows.iter().filter(|r| r.is_folder && r.folder_uid == found[at]);
            let new: Vec<String> =
                inside.map(|r| r.uid.clone()).filter(|uid| !found.contains(uid)).collect();
            found.extend(new);
            at += 1;
        }
        found
    }

    /// A page of what matches and may be seen.
    pub fn search(&self, search: &Search, visible: impl Fn(&Listed) -> bool) -> Vec<&Listed> {
        let words: Vec<String> =
            search.query.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let matching = |row: &&Listed| search.matches(&words, row) && visible(row);
        let skip = search.page.saturating_sub(1).saturating_mul(search.limit);
        if search.sort == Sort::TitleAscending {
            return self.rows.iter().filter(matching).skip(skip).take(search.limit).collect();
        }
        let mut found: Vec<&Listed> = self.rows.iter().filter(matching).collect();
        match search.sort {
            Sort::TitleAscending => {}
            Sort::TitleDescending => found.reverse(),
            Sort::UpdatedAscending => found.sort_by_key(|row| row.updated_ms),
            Sort::UpdatedDescending => found.sort_by_key(|row| std::cmp::Reverse(row.updated_ms)),
        }
        found.into_iter().skip(skip).take(search.limit).collect()
    }
}

impl Search {
    fn matches(&self, words: &[String], row: &Listed) -> bool {
        let in_folder = || {
            self.folder_uids.contains(&row.folder_uid)
                || (row.folder_uid.is_empty() && self.folder_uids.contains("general"))
        };
        (if row.is_folder { self.folders } else { self.dashboards })
            && words.iter().all(|word| row.folded_title.contains(word.as_str()))
            && self.tags.iter().all(|tag| row.tags.contains(tag))
            && (self.uids.is_empty() || self.uids.contains(&row.uid))
            && (self.ids.is_empty() || self.ids.contains(&row.id))
            && (self.folder_uids.is_empty() || in_folder())
            && self.starred.as_ref().is_none_or(|starred| starred.contains(&row.uid))
    }
}

/// Listings that are up to date, by organisation.
#[derive(Debug, Default)]
pub(super) struct Kept {
    state: RwLock<State>,
    /// Counts changes, for who waits for the next one.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    by_org: HashMap<i64, Arc<Listing>>,
    /// Of organisations whose lists somebody has asked for.
    versions: HashMap<i64, Versions>,
    /// Counts changes: a listing read before one must not be kept after it.
    changes: u64,
}

/// Versions of an organisation's lists, Unix milliseconds or a little more.
#[derive(Debug)]
struct Versions {
    /// Of the first list since the last deletion.
    oldest: i64,
    newest: i64,
}

impl Kept {
    pub(super) fn forget(&self, org: i64) {
        self.forget_with(org, |_| ());
    }

    /// The same where something may have been deleted: lists that have it become too old.
    pub(super) fn forget_deleted(&self, org: i64) {
        self.forget_with(org, |versions| versions.oldest = versions.newest + 1);
    }

    fn forget_with(&self, org: i64, change: impl FnOnce(&mut Versions)) {
        let mut state = self.state.write();
        state.by_org.remove(&org);
        state.changes += 1;
        state.versions.get_mut(&org).map(change);
        drop(state);
        self.changed.send_modify(|changes| *changes += 1);
    }
}

impl Tables {
    /// Changes whenever a folder or dashboard of any organisation does.
    #[must_use]
    pub fn listing_changes(&self) -> watch::Receiver<u64> {
        self.listing.changed.subscribe()
    }

    /// A version for a list of an organisation's folders or dashboards that is read after this.
    #[must_use]
    pub fn list_version(&self, org: i64, now_ms: i64) -> i64 {
        let mut state = self.listing.state.write();
        let first = Versions { oldest: now_ms, newest: now_ms };
        let versions = state.versions.entry(org).or_insert(first);
        versions.newest = now_ms.max(versions.oldest).max(versions.newest);
        versions.newest
    }

    /// The oldest version whose list has nothing that was deleted, as far as this process knows:
    /// who has read a list of it has missed no deletion.
    #[must_use]
    pub fn oldest_version(&self, org: i64) -> i64 {
        let state = self.listing.state.read();
        state.versions.get(&org).map_or(i64::MAX, |versions| versions.oldest)
    }

    /// Cost: nothing when no dashboard or folder has changed since the last time; otherwise one
    /// row per dashboard and folder.
    pub async fn listing(&self, org: i64) -> Result<Arc<Listing>, TableError> {
        let before = {
            let state = self.listing.state.read();
            if let Some(kept) = state.by_org.get(&org) {
                return Ok(Arc::clone(kept));
            }
            state.changes
        };
        let listing = Arc::new(self.read_listing(org).await?);
        let mut state = self.listing.state.write();
        if state.changes == before {
            state.by_org.insert(org, Arc::clone(&listing));
        }
        Ok(listing)
    }

    async fn read_listing(&self, org: i64) -> Result<Listing, TableError> {
        let rows = sqlx::query(
            "SELECT id, uid, title, slug, tags, folder_uid, provisioned_by, version, \
             created_ms, updated_ms, created_by, updated_by, 0 AS is_folder FROM dashboards \
             WHERE org_id = $1 UNION ALL \
             SELECT id, uid, title, '' AS slug, '' AS tags, parent_uid AS folder_uid, \
             '' AS provisioned_by, version, created_ms, updated_ms, created_by, updated_by, \
             1 AS is_folder FROM folders WHERE org_id = $1",
        )
        .bind(org)
        .fetch_all(&self.pool)
        .await?;
        let listed = rows.iter().map(|row| {
            let (tags, provider): (String, String) =
                (row.try_get("tags")?, row.try_get("provisioned_by")?);
            let title: String = row.try_get("title")?;
            let slug: String = row.try_get("slug")?;
            Ok(Listed {
                id: row.try_get("id")?,
                uid: row.try_get("uid")?,
                is_folder: row.try_get::<i64, _>("is_folder")? != 0,
                folded_title: title.to_lowercase(),
                slug: if slug.is_empty() { crate::dashboard::slug(&title) } else { slug },
                title,
                tags: tags.lines().map(str::to_owned).collect(),
                folder_uid: row.try_get("folder_uid")?,
                provisioned: !provider.is_empty(),
                version: row.try_get("version")?,
                created_ms: row.try_get("created_ms")?,
                updated_ms: row.try_get("updated_ms")?,
                created_by: row.try_get("created_by")?,
                updated_by: row.try_get("updated_by")?,
            })
        });
        let mut rows: Vec<Listed> = listed.collect::<Result<_, TableError>>()?;
        // Folders first, as Grafana lists them.
        rows.sort_by(|a, b| {
            (b.is_folder, &a.folded_title, a.id).cmp(&(a.is_folder, &b.folded_title, b.id))
        });
        let folders = rows.iter().enumerate().filter(|(_, row)| row.is_folder);
        let folders = folders.map(|(at, row)| (row.uid.clone(), at)).collect();
        Ok(Listing { rows, folders })
    }
}
