//! Keeps tables in step with files: one pass reads what changed, saves it, and removes what went.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use platform::Clock;
use sha2::{Digest, Sha256};

use super::providers::{self, Provider};
use super::published::Providers;
use super::scan::{self, Found, Stamp};
use super::sources;
use super::yaml::Environment;
use crate::dashboard::{Envelope, slug};
use crate::tables::{MAIN_ORG_ID, NewDashboard, NewDataSource, NewFolder, TableError, Tables};

/// The data source that the engine in this process answers.
pub const BUILT_IN_UID: &str = "orrery-metrics";
const BUILT_IN_NAME: &str = "Metrics";

/// Named settings of provisioning.
#[derive(Clone, Debug, Default)]
pub struct ProvisioningConfig {
    /// `portal.provisioning`, and the bundled one: folders with `dashboards/` and `datasources/` inside.
    pub roots: Vec<PathBuf>,
    /// What `$NAME` in files stands for.
    pub environment: Environment,
    /// Looks at least this often, whatever providers say;
    /// `None` = as they say.
    pub poll_interval_max: Option<Duration>,
}

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    pub dashboards_saved: usize,
    pub dashboards_removed: usize,
    pub sources_saved: usize,
    pub sources_removed: usize,
    /// Files or entries that could not be used; each has been logged.
    pub failures: usize,
}

/// Files on one side, tables on the other.
pub struct Provisioner {
    tables: Tables,
    clock: Arc<dyn Clock>,
    config: ProvisioningConfig,
    /// Dashboard files as they were when last read with success.
    known: HashMap<PathBuf, Stamp>,
    /// Complaints already logged, so that a broken file is named once and not every ten seconds.
    complaints: HashSet<String>,
    interval: Duration,
    published: Providers,
}

impl std::fmt::Debug for Provisioner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provisioner").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Provisioner {
    #[must_use]
    pub fn new(tables: Tables, clock: Arc<dyn Clock>, config: ProvisioningConfig) -> Self {
        let interval = Duration::from_secs(10);
        let (known, complaints) = (HashMap::new(), HashSet::new());
        let published = Providers::default();
        Self { tables, clock, config, known, complaints, interval, published }
    }

    /// The providers, kept up to date by every pass.
    #[must_use]
    pub fn providers_handle(&self) -> Providers {
        self.published.clone()
    }

    /// How long to wait before the next pass: the shortest interval of any provider.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// Passes for ever; drop the future to stop. The first pass is over before the first wait.
    pub async fn watch(mut self) {
        loop {
            if let Err(error) = self.pass().await {
                tracing::error!(error = %error, cause = ?error, "provisioning stopped half-way");
            }
            tokio::time::sleep(self.interval).await;
        }
    }

    /// Reads every file that changed. Errors: only of the tables; bad files are logged.
    pub async fn pass(&mut self) -> Result<Pass, TableError> {
        let mut pass = Pass::default();
        let mut complaints: HashSet<String> = self.missing_roots().await.into_iter().collect();
        self.sources(&mut pass, &mut complaints).await?;
        self.dashboards(&mut pass, &mut complaints).await?;
        for complaint in complaints.difference(&self.complaints) {
            tracing::error!("provisioning: {complaint}");
        }
        pass.failures = complaints.len();
        self.complaints = complaints;
        let Pass { dashboards_saved, dashboards_removed, sources_saved, sources_removed, .. } =
            pass;
        if dashboards_saved + dashboards_removed + sources_saved + sources_removed > 0 {
            tracing::info!(
                dashboards_saved,
                dashboards_removed,
                sources_saved,
                sources_removed,
                "finished provisioning"
            );
        }
        Ok(pass)
    }

    /// A folder that is not there is most likely misspelt; it may also come later.
    async fn missing_roots(&self) -> Vec<String> {
        let roots = self.config.roots.clone();
        let missing = move || {
            let unreadable = |root: PathBuf| {
                let error = std::fs::read_dir(&root).err()?;
                Some(format!("folder {}: {error}", root.display()))
            };
            roots.into_iter().filter_map(unreadable).collect()
        };
        tokio::task::spawn_blocking(missing).await.unwrap_or_default()
    }

    async fn sources(
        &self,
        pass: &mut Pass,
        complaints: &mut HashSet<String>,
    ) -> Result<(), TableError> {
        let rows = self.tables.data_sources(MAIN_ORG_ID).await?;
        let mut present: Vec<NewDataSource> = rows.into_iter().map(|row| row.source).collect();
        let mut built_in_interval = None;
        for (path, text) in self.yaml_files("datasources").await {
            let file = path.display().to_string();
            let read = match text {
                Ok(text) => sources::read(&text, &self.config.environment, &file)
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            let wanted = match read {
                Ok(wanted) => wanted,
                Err(reason) => {
                    complaints.insert(format!("data source file {file}: {reason}"));
                    continue;
                }
            };
            let mut named = HashSet::new();
            for (index, source) in wanted.sources.into_iter().enumerate() {
                let result = match source {
                    Ok(source) => {
                        named.insert(source.uid.clone());
                        built_in_interval = built_in_time_interval(&source).or(built_in_interval);
                        self.save_source(&source, &present, pass).await
                    }
                    Err(error) => Err(error.to_string()),
                };
                if let Err(reason) = result {
                    complaints
                        .insert(format!("data source file {file}, entry {}: {reason}", index + 1));
                }
            }
            let gone = |source: &NewDataSource| {
                let asked = wanted.deletions.contains(&source.name) && !named.contains(&source.uid);
                let pruned = wanted.prune && source.provisioned_from == file;
                asked || (pruned && !named.contains(&source.uid))
            };
            for source in present.extract_if(.., |source| gone(source)) {
                pass.sources_removed +=
                    usize::from(self.tables.delete_data_source(MAIN_ORG_ID, &source.uid).await?);
            }
        }
        self.built_in_source(built_in_interval, pass).await
    }

    /// Saves when something differs, so that versions count changes and not passes.
    async fn save_source(
        &self,
        source: &NewDataSource,
        present: &[NewDataSource],
        pass: &mut Pass,
    ) -> Result<(), String> {
        let is_uid = source.uid == BUILT_IN_UID;
        if is_uid && source.name == BUILT_IN_NAME {
            // The same file serves a Grafana beside us; here the source is there already, and only
            // its time interval is taken over.
            return Ok(());
        }
        if is_uid || source.name == BUILT_IN_NAME {
            return Err(format!(
                "the name {BUILT_IN_NAME:?} and the uid {BUILT_IN_UID:?} belong to the built-in source"
            ));
        }
        if present.contains(source) {
            return Ok(());
        }
        let saved = self.tables.save_data_source(MAIN_ORG_ID, source, self.clock.unix_ms()).await;
        saved.map_err(|error| error.to_string())?;
        pass.sources_saved += 1;
        Ok(())
    }

    /// The built-in source is always there, and the default unless a file names another.
    async fn built_in_source(
        &self,
        time_interval: Option<String>,
        pass: &mut Pass,
    ) -> Result<(), TableError> {
        let rows = self.tables.data_sources(MAIN_ORG_ID).await?;
        let other_default =
            rows.iter().any(|row| row.source.is_default && row.source.uid != BUILT_IN_UID);
        let mut json_data = serde_json::json!({ "httpMethod": "POST" });
        if let Some(interval) = time_interval {
            json_data["timeInterval"] = interval.into();
        }
        let wanted = NewDataSource {
            uid: BUILT_IN_UID.to_owned(),
            name: BUILT_IN_NAME.to_owned(),
            kind: "prometheus".to_owned(),
            access: "proxy".to_owned(),
            is_default: !other_default,
            json_data: json_data.to_string(),
            read_only: true,
            provisioned_from: "built-in".to_owned(),
            ..NewDataSource::default()
        };
        if !rows.iter().any(|row| row.source == wanted) {
            self.tables.save_data_source(MAIN_ORG_ID, &wanted, self.clock.unix_ms()).await?;
            pass.sources_saved += 1;
        }
        Ok(())
    }

    async fn dashboards(
        &mut self,
        pass: &mut Pass,
        complaints: &mut HashSet<String>,
    ) -> Result<(), TableError> {
        let (providers, complete) = self.providers(complaints).await;
        self.published.publish(&providers);
        let shortest = providers.iter().map(|provider| provider.update_interval_seconds).min();
        let interval = Duration::from_secs(shortest.unwrap_or(10));
        self.interval = self.config.poll_interval_max.map_or(interval, |max| max.min(interval));
        let mut owners: HashMap<String, String> = HashMap::new();
        for row in self.tables.provisioned_dashboards().await? {
            owners.insert(row.uid, row.provider);
        }
        for provider in &providers {
            self.provider(provider, &mut owners, pass, complaints).await?;
        }
        // A provider file that cannot be read just now must not cost its dashboards.
        if complete {
            let names: HashSet<&str> = providers.iter().map(|p| p.name.as_str()).collect();
            for row in self.tables.provisioned_dashboards().await? {
                if !names.contains(row.provider.as_str()) {
                    self.tables.delete_dashboard(row.org_id, &row.uid).await?;
                    pass.dashboards_removed += 1;
                }
            }
        }
        Ok(())
    }

    /// All providers by name, and whether every file could be read.
    async fn providers(&self, complaints: &mut HashSet<String>) -> (Vec<Provider>, bool) {
        let mut providers: Vec<Provider> = Vec::new();
        let mut complete = true;
        for (path, text) in self.yaml_files("dashboards").await {
            let beside = path.parent().unwrap_or(Path::new(""));
            let read = match text {
                Ok(text) => providers::read(&text, &self.config.environment, beside)
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            let mut complain = |reason: &str| {
                complete = false;
                complaints.insert(format!("dashboard provider file {}: {reason}", path.display()));
            };
            match read {
                Ok(entries) => {
                    for entry in entries {
                        match entry {
                            Ok(new) if providers.iter().any(|old| old.name == new.name) => {
                                complain(&format!("provider {:?} is named twice", new.name));
                            }
                            Ok(new) => providers.push(new),
                            Err(error) => complain(&error.to_string()),
                        }
                    }
                }
                Err(reason) => complain(&reason),
            }
        }
        (providers, complete)
    }

    async fn provider(
        &mut self,
        provider: &Provider,
        owners: &mut HashMap<String, String>,
        pass: &mut Pass,
        complaints: &mut HashSet<String>,
    ) -> Result<(), TableError> {
        let (asked, known) = (provider.clone(), self.known.clone());
        let looked = tokio::task::spawn_blocking(move || scan::dashboards(&asked, &known)).await;
        let found = match looked {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                let path = provider.path.display();
                complaints
                    .insert(format!("provider {:?}: cannot read {path}: {error}", provider.name));
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
        let mut rows = self.tables.provisioned_dashboards().await?;
        rows.retain(|row| row.provider == provider.name);
        let on_disk: HashSet<String> = found.iter().map(|f| f.path.display().to_string()).collect();
        for row in rows.iter().filter(|row| !on_disk.contains(&row.file)) {
            self.known.remove(Path::new(&row.file));
            if provider.delete_with_file {
                self.tables.delete_dashboard(row.org_id, &row.uid).await?;
                owners.remove(&row.uid);
                pass.dashboards_removed += 1;
            }
        }
        for file in found.into_iter().filter(|file| file.text.is_some()) {
            let (path, stamp) = (file.path.clone(), file.stamp);
            match self.file(provider, file, owners).await {
                Ok(saved) => {
                    pass.dashboards_saved += usize::from(saved);
                    self.known.insert(path, stamp);
                }
                // Read again next time: what stands in its way may go without the file changing.
                Err(reason) => {
                    complaints.insert(format!("dashboard {}: {reason}", path.display()));
                }
            }
        }
        Ok(())
    }

    /// Saves one changed file; false when the tables have it already.
    async fn file(
        &self,
        provider: &Provider,
        file: Found,
        owners: &mut HashMap<String, String>,
    ) -> Result<bool, String> {
        let Some(text) = file.text else { return Ok(false) };
        let text = text.map_err(|error| error.to_string())?;
        let envelope = Envelope::open(&text).map_err(|error| error.to_string())?;
        let path = file.path.display().to_string();
        let uid = envelope.uid.clone().unwrap_or_else(|| digest(&path)[..14].to_owned());
        if let Some(owner) = owners.get(&uid)
            && *owner != provider.name
        {
            return Err(format!("uid {uid:?} already comes from provider {owner:?}"));
        }
        let known = self.tables.provisioned_dashboards().await.map_err(|e| e.to_string())?;
        let known = known.into_iter().find(|row| row.org_id == MAIN_ORG_ID && row.uid == uid);
        if let Some(known) = &known
            && known.file != path
            && Path::new(&known.file).exists()
        {
            return Err(format!("uid {uid:?} already comes from {}", known.file));
        }
        let now_ms = self.clock.unix_ms();
        let folder = if provider.folders_from_files { &file.parent } else { &provider.folder };
        let folder_uid = self.folder(folder, provider, now_ms).await.map_err(|e| e.to_string())?;
        let checksum = digest(&format!("{folder}\n{text}"));
        owners.insert(uid.clone(), provider.name.clone());
        if known.is_some_and(|known| known.checksum == checksum && known.file == path) {
            return Ok(false);
        }
        let dashboard = NewDashboard {
            uid: &uid,
            folder_uid: &folder_uid,
            title: &envelope.title,
            slug: &slug(&envelope.title),
            tags: &envelope.tags,
            received: &text,
            checksum: &checksum,
            provisioned_by: &provider.name,
            provisioned_from: &path,
            ..NewDashboard::default()
        };
        self.tables
            .save_dashboard(MAIN_ORG_ID, &dashboard, now_ms)
            .await
            .map_err(|e| e.to_string())?;
        Ok(true)
    }

    /// The uid of the folder with this title, made when missing; empty for "General".
    async fn folder(
        &self,
        title: &str,
        provider: &Provider,
        now_ms: i64,
    ) -> Result<String, TableError> {
        if title.is_empty() || title.eq_ignore_ascii_case("general") {
            return Ok(String::new());
        }
        let uid = if !provider.folder_uid.is_empty() && !provider.folders_from_files {
            provider.folder_uid.clone()
        } else if let Some(folder) = self.tables.folder_by_title(MAIN_ORG_ID, "", title).await? {
            return Ok(folder.uid);
        } else {
            digest(title)[..14].to_owned()
        };
        let folder = NewFolder { uid: &uid, parent_uid: "", title, description: "", author: 0 };
        self.tables.ensure_folder(MAIN_ORG_ID, &folder, now_ms).await?;
        Ok(uid)
    }

    async fn yaml_files(&self, kind: &'static str) -> Vec<(PathBuf, std::io::Result<String>)> {
        let dirs: Vec<PathBuf> = self.config.roots.iter().map(|root| root.join(kind)).collect();
        let read = move || dirs.iter().flat_map(|dir| scan::yaml_files(dir)).collect();
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }
}

/// What a file says of the shortest scrape interval behind the built-in source.
fn built_in_time_interval(source: &NewDataSource) -> Option<String> {
    let is_built_in = source.uid == BUILT_IN_UID && source.name == BUILT_IN_NAME;
    let json: serde_json::Value = serde_json::from_str(&source.json_data).ok()?;
    is_built_in.then(|| json["timeInterval"].as_str().map(str::to_owned)).flatten()
}

/// SHA-256 in hexadecimal: tells changed files, and names things that came without a name.
fn digest(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        write!(hex, "{byte:02x}").expect("strings grow");
        hex
    })
}
