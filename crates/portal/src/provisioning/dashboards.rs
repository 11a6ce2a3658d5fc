//! Carries dashboard providers out: files become dashboards, and go with them. An edit that was
//! made here is never lost: it stays among the versions when the file has something newer, and
//! the dashboard stays when its file goes.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::documents::{Documents, Kind, ManifestBoard};
use super::providers::{self, Provider};
use super::scan::{self, Found};
use super::worker::{Course, Provisioner, digest, uid_of};
use crate::dashboard::{Envelope, slug};
use crate::tables::{By, NewDashboard, NewFolder, ProvisionedRow, TableError};

/// Dashboards saved in one transaction: enough to make its cost small, few enough not to hold up
/// other writers.
const CHUNK: usize = 50;

/// Organisation and uid.
type Key = (i64, String);

/// A dashboard to be saved.
struct Pending {
    uid: String,
    folder_uid: String,
    title: String,
    tags: Vec<String>,
    text: String,
    checksum: String,
    file: PathBuf,
    stamp: scan::Stamp,
    message: String,
}

/// What a pass over dashboards knows.
struct Board {
    /// Everything that is provisioned.
    rows: HashMap<Key, ProvisionedRow>,
    /// Names of the providers there are.
    names: HashSet<String>,
    /// Those that do not come with the binary.
    operators: HashSet<String>,
    /// Uids of folders by organisation and path.
    folders: HashMap<(i64, Vec<String>), String>,
    /// Files that are there, of all providers.
    on_disk: HashSet<String>,
}

impl Provisioner {
    pub(super) async fn dashboards(
        &mut self,
        documents: &Documents,
        course: &mut Course,
    ) -> Result<(), TableError> {
        let (mut providers, mut complete) = self.providers(documents, course);
        let orgs: HashSet<i64> = self.tables.orgs().await?.into_iter().map(|org| org.id).collect();
        providers.retain(|provider| {
            let is_known = orgs.contains(&provider.org);
            if !is_known {
                complete = false;
                let Provider { name, org, .. } = provider;
                course.complain(format!("provider {name:?}: there is no organisation {org}"));
            }
            is_known
        });
        if !self.published.knows(&providers) {
            // Another folder or owner concerns files that did not change, too.
            self.known.clear();
        }
        self.published.publish(&providers);
        let shortest = providers.iter().map(|provider| provider.update_interval_seconds).min();
        let interval = Duration::from_secs(shortest.unwrap_or(10));
        self.interval = self.config.poll_interval_max.map_or(interval, |max| max.min(interval));
        self.folders.clone_from(&self.config.roots);
        let paths = providers.iter().map(|provider| provider.path.clone());
        self.folders.extend(paths.filter(|path| !path.as_os_str().is_empty()));
        let rows = self.tables.provisioned_dashboards().await?;
        let mut board = Board {
            rows: rows.into_iter().map(|row| ((row.org_id, row.uid.clone()), row)).collect(),
            names: providers.iter().map(|provider| provider.name.clone()).collect(),
            operators: providers.iter().filter(|p| !p.bundled).map(|p| p.name.clone()).collect(),
            folders: HashMap::new(),
            on_disk: HashSet::new(),
        };
        for provider in &providers {
            let inside = boards_of(provider, &providers, &documents.boards);
            self.provider(provider, inside, &mut board, course).await?;
        }
        // A provider file that cannot be read just now must not cost its dashboards.
        if complete {
            let gone = board.rows.values().filter(|row| !board.names.contains(&row.provider));
            for row in gone {
                self.remove(row, course).await?;
            }
        }
        Ok(())
    }

    /// All providers by name, and whether every file could be read.
    fn providers(&self, documents: &Documents, course: &mut Course) -> (Vec<Provider>, bool) {
        let mut found: Vec<Provider> = Vec::new();
        let mut complete = true;
        for document in documents.of(Kind::Dashboards) {
            let read = document.text.clone().and_then(|text| {
                providers::read(&text, &self.config.environment, &document.beside)
                    .map_err(|error| error.to_string())
            });
            let mut complain = |reason: &str| {
                complete = false;
                course.complain(format!("dashboard provider file {}: {reason}", document.origin));
            };
            let entries = match read {
                Ok(entries) => entries,
                Err(reason) => {
                    complain(&reason);
                    continue;
                }
            };
            for entry in entries {
                match entry {
                    Ok(new) if found.iter().any(|old| old.name == new.name) => {
                        complain(&format!("provider {:?} is named twice", new.name));
                    }
                    Ok(new) => {
                        let (manifest, bundled) = (document.manifest.clone(), document.bundled);
                        found.push(Provider { manifest, bundled, ..new });
                    }
                    Err(error) => complain(&error.to_string()),
                }
            }
        }
        let orphans = documents.boards.iter().any(|board| owner(board, &found).is_none());
        if orphans {
            found.push(Provider::of_manifests());
        }
        // Those that give way come last, and find what has been taken.
        found.sort_by_key(|provider| provider.bundled);
        (found, complete)
    }

    async fn provider(
        &mut self,
        provider: &Provider,
        inside: Vec<ManifestBoard>,
        board: &mut Board,
        course: &mut Course,
    ) -> Result<(), TableError> {
        let Some(found) = self.look(provider, inside, course).await else { return Ok(()) };
        let on_disk: HashSet<String> = found.iter().map(|f| f.path.display().to_string()).collect();
        board.on_disk.extend(on_disk.iter().cloned());
        let mut pending = Vec::new();
        let mut arriving: HashMap<Key, PathBuf> = HashMap::new();
        for file in found.into_iter().filter(|file| file.text.is_some()) {
            let path = file.path.clone();
            match self.read(provider, file, board, &mut arriving).await {
                Ok(new) => pending.extend(new),
                // Read again next time: what stands in its way may go without the file changing.
                Err(reason) => course.complain(format!("dashboard {}: {reason}", path.display())),
            }
        }
        let gone: Vec<ProvisionedRow> = board
            .rows
            .values()
            .filter(|row| row.provider == provider.name && !on_disk.contains(&row.file))
            .filter(|row| !arriving.contains_key(&(row.org_id, row.uid.clone())))
            .cloned()
            .collect();
        for row in gone {
            self.known.remove(Path::new(&row.file));
            if provider.delete_with_file {
                self.remove(&row, course).await?;
                board.rows.remove(&(row.org_id, row.uid));
            }
        }
        for chunk in pending.chunks(CHUNK) {
            self.save(provider, chunk, course).await;
        }
        for new in pending {
            let row = ProvisionedRow {
                org_id: provider.org,
                uid: new.uid.clone(),
                provider: provider.name.clone(),
                file: new.file.display().to_string(),
                checksum: new.checksum,
                folder_uid: new.folder_uid,
                version: 0,
                drifted: false,
            };
            board.rows.insert((provider.org, new.uid), row);
        }
        Ok(())
    }

    /// The files of a provider; `None` when its folder cannot be read, which must not be mistaken
    /// for an emptied one.
    async fn look(
        &mut self,
        provider: &Provider,
        inside: Vec<ManifestBoard>,
        course: &mut Course,
    ) -> Option<Vec<Found>> {
        let mut found = Vec::new();
        if !provider.path.as_os_str().is_empty() {
            let (asked, known) = (provider.clone(), self.known.clone());
            let looked = tokio::task::spawn_blocking(move || scan::dashboards(&asked, &known));
            match looked.await.ok()? {
                Ok(files) => found = files,
                // A manifest often names the folder that it would be mounted at.
                Err(_) if !inside.is_empty() => {}
                Err(error) => {
                    let path = provider.path.display();
                    let name = &provider.name;
                    course.complain(format!("provider {name:?}: cannot read {path}: {error}"));
                    return None;
                }
            }
        }
        found.extend(inside.into_iter().map(|board| {
            let path = PathBuf::from(&board.origin);
            let sum = u64::from_str_radix(&digest(&board.text)[..16], 16).unwrap_or_default();
            let stamp = (None, sum);
            let changed = self.known.get(&path) != Some(&stamp);
            let text = changed.then_some(Ok(board.text));
            Found { path, stamp, folders: Vec::new(), text }
        }));
        Some(found)
    }

    /// Reads one changed file; `None` when the tables have it already.
    async fn read(
        &mut self,
        provider: &Provider,
        file: Found,
        board: &mut Board,
        arriving: &mut HashMap<Key, PathBuf>,
    ) -> Result<Option<Pending>, String> {
        let Some(text) = file.text else { return Ok(None) };
        let text = text.map_err(|error| error.to_string())?;
        let envelope = Envelope::open(&text).map_err(|error| error.to_string())?;
        let path = file.path.display().to_string();
        let uid = envelope.uid.clone().unwrap_or_else(|| uid_of(&path));
        let key = (provider.org, uid.clone());
        let known = board.rows.get(&key);
        if let Some(row) = known {
            let is_elsewhere = row.provider != provider.name;
            if is_elsewhere && board.operators.contains(&row.provider) {
                if provider.bundled {
                    return Ok(None);
                }
                return Err(format!("uid {uid:?} already comes from provider {:?}", row.provider));
            }
            let stands = board.on_disk.contains(&row.file) && !is_elsewhere;
            if row.file != path && stands {
                return Err(format!("uid {uid:?} already comes from {}", row.file));
            }
        }
        if let Some(other) = arriving.get(&key) {
            return Err(format!("uid {uid:?} already comes from {}", other.display()));
        }
        let known = known.cloned();
        let folders = match &provider.folder {
            _ if provider.folders_from_files => file.folders,
            title if title.is_empty() => Vec::new(),
            title => vec![title.clone()],
        };
        let folder_uid =
            self.folder(folders, provider, board).await.map_err(|error| error.to_string())?;
        let checksum = digest(&text);
        arriving.insert(key, file.path.clone());
        let is_same = known.as_ref().is_some_and(|row| {
            row.checksum == checksum
                && row.file == path
                && row.provider == provider.name
                && row.folder_uid == folder_uid
        });
        if is_same {
            self.known.insert(file.path, file.stamp);
            return Ok(None);
        }
        let edited = known.filter(|row| row.drifted);
        let message = edited.map_or(String::new(), |row| {
            format!("The file changed; the edit made here is kept as version {}", row.version)
        });
        let (title, tags) = (envelope.title.clone(), envelope.tags.clone());
        let (file, stamp) = (file.path, file.stamp);
        Ok(Some(Pending { uid, folder_uid, title, tags, text, checksum, file, stamp, message }))
    }

    /// Saves a chunk in one transaction; when that fails, each by itself, so that one that cannot
    /// be saved holds up no other.
    async fn save(&mut self, provider: &Provider, chunk: &[Pending], course: &mut Course) {
        let slugs: Vec<String> = chunk.iter().map(|new| slug(&new.title)).collect();
        let files: Vec<String> = chunk.iter().map(|new| new.file.display().to_string()).collect();
        let rows = chunk.iter().zip(slugs.iter().zip(&files));
        let rows: Vec<NewDashboard<'_>> = rows
            .map(|(new, (slug, file))| NewDashboard {
                uid: &new.uid,
                folder_uid: &new.folder_uid,
                title: &new.title,
                slug,
                tags: &new.tags,
                received: &new.text,
                checksum: &new.checksum,
                provisioned_by: &provider.name,
                provisioned_from: file,
                message: &new.message,
                ..NewDashboard::default()
            })
            .collect();
        let now_ms = self.clock.unix_ms();
        let together = self.tables.save_dashboards(provider.org, &rows, now_ms).await;
        for (new, row) in chunk.iter().zip(&rows) {
            let saved = match &together {
                Ok(()) => Ok(()),
                Err(_) => self.tables.save_dashboard(provider.org, row, now_ms).await.map(drop),
            };
            match saved {
                Ok(()) => {
                    self.known.insert(new.file.clone(), new.stamp);
                    course.pass.dashboards_saved += 1;
                }
                Err(error) => {
                    course.complain(format!("dashboard {}: {error}", new.file.display()));
                }
            }
        }
    }

    /// Its file or provider is gone. What was edited here stays, as a person's dashboard.
    async fn remove(&self, row: &ProvisionedRow, course: &mut Course) -> Result<(), TableError> {
        if row.drifted {
            tracing::warn!(
                uid = row.uid,
                file = row.file,
                "provisioning: the file is gone; the dashboard was edited here and stays"
            );
            return self.tables.unprovision_dashboard(row.org_id, &row.uid).await;
        }
        let by = By::provisioning(self.clock.unix_ms());
        self.tables.delete_dashboard(row.org_id, &row.uid, by).await?;
        course.pass.dashboards_removed += 1;
        Ok(())
    }

    /// The uid of the folder at the end of this path of titles, made when missing; empty for
    /// "General".
    async fn folder(
        &self,
        path: Vec<String>,
        provider: &Provider,
        board: &mut Board,
    ) -> Result<String, TableError> {
        let org = provider.org;
        let is_general = path.len() == 1 && path[0].eq_ignore_ascii_case("general");
        if path.is_empty() || is_general {
            return Ok(String::new());
        }
        let given = if provider.folders_from_files { "" } else { provider.folder_uid.as_str() };
        let key = if given.is_empty() { path.clone() } else { vec![String::new(), given.into()] };
        if let Some(uid) = board.folders.get(&(org, key.clone())) {
            return Ok(uid.clone());
        }
        let mut parent = String::new();
        for depth in 0..path.len() {
            let title = &path[depth];
            let found = if given.is_empty() {
                self.tables.folder_by_title(org, &parent, title).await?.map(|folder| folder.uid)
            } else {
                None
            };
            let made =
                if given.is_empty() { uid_of(&path[..=depth].join("/")) } else { given.into() };
            let uid = found.clone().unwrap_or(made);
            if found.is_none() {
                let (parent_uid, uid) = (parent.as_str(), uid.as_str());
                let folder = NewFolder { uid, parent_uid, title, description: "" };
                let by = By::provisioning(self.clock.unix_ms());
                self.tables.ensure_folder(org, &folder, by).await?;
            }
            parent = uid;
        }
        board.folders.insert((org, key), parent.clone());
        Ok(parent)
    }
}

/// The provider of a dashboard that lies in a manifest: the first of the same manifest.
fn owner<'a>(board: &ManifestBoard, providers: &'a [Provider]) -> Option<&'a Provider> {
    providers.iter().find(|provider| provider.manifest == board.manifest)
}

fn boards_of(
    provider: &Provider,
    all: &[Provider],
    boards: &[ManifestBoard],
) -> Vec<ManifestBoard> {
    let is_last_resort = provider.name == providers::MANIFEST_PROVIDER;
    let is_its = |board: &&ManifestBoard| match owner(board, all) {
        Some(owner) => owner.name == provider.name,
        None => is_last_resort,
    };
    boards.iter().filter(is_its).cloned().collect()
}
