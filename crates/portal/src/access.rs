//! What somebody may do with single folders, dashboards and data sources: their role, and the
//! permissions given to it, to their teams and to themselves.
//!
//! As in Grafana, permissions add up: those on a folder reach everything below it, and a role
//! gives what it gives at the top (viewers see, editors edit, administrators everything). A folder
//! or dashboard with permissions of its own is closed to roles that are not named there; likewise
//! a data source.

use std::collections::HashMap;
use std::sync::Arc;

use auth::{Identity, Role};

use crate::tables::{Listed, Listing, Permission, PermissionRow, Subject, TableError, Tables};

/// The permissions of one identity in its organisation, as of one moment.
#[derive(Debug)]
pub struct Access {
    role: Role,
    listing: Arc<Listing>,
    /// By kind and uid: the best permission that the identity holds there itself; `None` where
    /// permissions were given, but none to them.
    given: HashMap<(String, String), Option<Permission>>,
}

impl Access {
    /// Cost: one row per permission of the organisation, and the listing.
    pub async fn load(tables: &Tables, who: &Identity) -> Result<Self, TableError> {
        let listing = tables.listing(who.org_id).await?;
        let rows = tables.permissions(who.org_id).await?;
        Ok(Self::new(who, listing, rows))
    }

    fn new(who: &Identity, listing: Arc<Listing>, rows: Vec<PermissionRow>) -> Self {
        let mut given: HashMap<(String, String), Option<Permission>> = HashMap::new();
        for row in rows {
            let is_theirs = match &row.subject {
                Subject::Role(role) => role.parse().is_ok_and(|least: Role| who.role >= least),
                Subject::Team(id) => who.team_ids.contains(id),
                Subject::User(id) => *id == who.user_id && who.user_id != 0,
            };
            let best = given.entry((row.kind, row.resource)).or_default();
            if is_theirs {
                *best = (*best).max(Some(row.permission));
            }
        }
        Self { role: who.role, listing, given }
    }

    #[must_use]
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// What the role alone gives at the top.
    #[must_use]
    pub fn by_role(&self) -> Option<Permission> {
        match self.role {
            Role::None => None,
            Role::Viewer => Some(Permission::View),
            Role::Editor => Some(Permission::Edit),
            Role::Admin => Some(Permission::Admin),
        }
    }

    /// On a folder; the empty uid is the top.
    #[must_use]
    pub fn folder(&self, uid: &str) -> Option<Permission> {
        if self.role == Role::Admin {
            return Some(Permission::Admin);
        }
        let mut best = None;
        // The innermost folder with permissions of its own closes itself to the role's.
        let mut closed = false;
        for folder in self.listing.around(uid) {
            if let Some(given) = self.given("folder", &folder.uid) {
                best = best.max(*given);
                closed = true;
            }
        }
        if closed { best } else { best.max(self.by_role()) }
    }

    /// Whether no permissions were given on a folder and those around it.
    #[must_use]
    pub fn follows_roles(&self, uid: &str) -> bool {
        self.listing.around(uid).all(|folder| self.given("folder", &folder.uid).is_none())
    }

    /// On a dashboard that lies in a folder.
    #[must_use]
    pub fn dashboard(&self, uid: &str, folder_uid: &str) -> Option<Permission> {
        if self.role == Role::Admin {
            return Some(Permission::Admin);
        }
        match self.given("dashboard", uid) {
            // What was given on the folders still holds; the role's share at the top does not.
            Some(given) => {
                let around = self.listing.around(folder_uid);
                let on_folders = around.filter_map(|f| *self.given("folder", &f.uid)?);
                (*given).max(on_folders.max())
            }
            None => self.folder(folder_uid),
        }
    }

    #[must_use]
    pub fn listed(&self, row: &Listed) -> Option<Permission> {
        if row.is_folder {
            self.folder(&row.uid)
        } else {
            self.dashboard(&row.uid, &row.folder_uid)
        }
    }

    /// On a data source. Everybody with a role may query one without permissions of its own.
    #[must_use]
    pub fn data_source(&self, uid: &str) -> Option<Permission> {
        match (self.role, self.given("data source", uid)) {
            (Role::Admin, _) => Some(Permission::Admin),
            (_, Some(given)) => *given,
            (Role::None, None) => None,
            (_, None) => Some(Permission::View),
        }
    }

    fn given(&self, kind: &str, uid: &str) -> Option<&Option<Permission>> {
        if self.given.is_empty() {
            return None;
        }
        self.given.get(&(kind.to_owned(), uid.to_owned()))
    }
}
