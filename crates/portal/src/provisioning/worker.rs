//! Keeps tables in step with files: one pass reads what changed, saves it, and removes what went.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use platform::Clock;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::documents::{Document, Documents, Kind};
use super::published::Providers;
use super::scan::Stamp;
use super::watch::Watch;
use super::yaml::Environment;
use crate::accounts::Accounts;
use crate::tables::{TableError, Tables};

/// The data source that the engine in this process answers.
pub const BUILT_IN_UID: &str = "orrery-metrics";

/// Named settings of provisioning.
#[derive(Clone, Debug, Default)]
pub struct ProvisioningConfig {
    /// `portal.provisioning`: folders with `dashboards/`, `datasources/`, … inside.
    pub roots: Vec<PathBuf>,
    /// The one that comes with the binary; what it has gives way to the others.
    pub bundled: Option<PathBuf>,
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
    /// Teams and users.
    pub people_saved: usize,
    /// Files or entries that could not be used; each has been logged.
    pub failures: usize,
}

/// Files on one side, tables on the other.
pub struct Provisioner {
    pub(super) tables: Tables,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) config: ProvisioningConfig,
    /// Creates the users of files; without it they are complained about.
    pub(super) accounts: Option<Accounts>,
    /// Dashboard files as they were when last read with success.
    pub(super) known: HashMap<PathBuf, Stamp>,
    /// Digests of the documents of each kind that have been carried out without a complaint.
    done: HashMap<&'static str, String>,
    /// Complaints already logged, so that a broken file is named once and not every ten seconds.
    complaints: HashSet<String>,
    /// What has been told once and need not be told again.
    told: HashSet<String>,
    pub(super) interval: Duration,
    pub(super) published: Providers,
    /// Folders that are looked at for changes.
    pub(super) folders: Vec<PathBuf>,
}

impl std::fmt::Debug for Provisioner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provisioner").field("config", &self.config).finish_non_exhaustive()
    }
}

/// The course of one pass.
#[derive(Debug, Default)]
pub(super) struct Course {
    pub(super) pass: Pass,
    pub(super) complaints: HashSet<String>,
}

impl Course {
    pub(super) fn complain(&mut self, complaint: String) {
        self.complaints.insert(complaint);
    }
}

impl Provisioner {
    #[must_use]
    pub fn new(tables: Tables, clock: Arc<dyn Clock>, config: ProvisioningConfig) -> Self {
        Self {
            tables,
            clock,
            config,
            accounts: None,
            known: HashMap::new(),
            done: HashMap::new(),
            complaints: HashSet::new(),
            told: HashSet::new(),
            interval: Duration::from_secs(10),
            published: Providers::default(),
            folders: Vec::new(),
        }
    }

    /// Lets files create users.
    #[must_use]
    pub fn with_accounts(self, accounts: Accounts) -> Self {
        Self { accounts: Some(accounts), ..self }
    }

    /// Keeps a handle up to date that others hold already.
    #[must_use]
    pub fn with_handle(self, published: Providers) -> Self {
        Self { published, ..self }
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

    /// Passes for ever: at once, on the interval, when a file changes, and when somebody asks.
    /// Drop the future to stop. `first` is told when the first pass is over.
    pub async fn watch(mut self, first: oneshot::Sender<Pass>) {
        let mut waiting = vec![first];
        self.published.set_watching();
        let mut watch = Watch::new(self.published.clone());
        loop {
            let passed = match self.pass().await {
                Ok(pass) => pass,
                Err(error) => {
                    tracing::error!(error = %error, cause = ?error, "provisioning stopped half-way");
                    Pass::default()
                }
            };
            for waits in waiting.drain(..) {
                // Whoever asked may have gone away.
                let _gone = waits.send(passed);
            }
            watch.follow(&self.folders);
            tokio::select! {
                () = tokio::time::sleep(self.interval) => {}
                () = self.published.asked() => {}
            }
            waiting = self.published.waiting();
            if waiting.is_empty() {
                watch.settle().await;
            } else {
                self.forget();
            }
        }
    }

    /// Everything is read again in the next pass.
    fn forget(&mut self) {
        self.known.clear();
        self.done.clear();
        self.complaints.clear();
    }

    /// Reads every file that changed. Errors: only of the tables; bad files are logged.
    pub async fn pass(&mut self) -> Result<Pass, TableError> {
        let is_first = self.done.is_empty();
        let (roots, bundled) = (self.config.roots.clone(), self.config.bundled.clone());
        let read = move || {
            let missing: Vec<String> = roots.iter().filter_map(unreadable).collect();
            (Documents::read(&roots, bundled.as_deref()), missing)
        };
        let (documents, missing) = tokio::task::spawn_blocking(read).await.unwrap_or_default();
        let mut course = Course { complaints: missing.into_iter().collect(), ..Course::default() };
        if is_first {
            tracing::info!("starting to provision data sources, people and dashboards");
        }
        if self.is_news("data sources", &documents, Kind::DataSources) {
            let before = course.complaints.len();
            self.data_sources(&documents, &mut course).await?;
            self.carried_out("data sources", &documents, Kind::DataSources, before, &course);
        }
        if self.is_news("people", &documents, Kind::Access) {
            let before = course.complaints.len();
            self.people(&documents, &mut course).await?;
            self.carried_out("people", &documents, Kind::Access, before, &course);
        }
        if self.is_news("plugins", &documents, Kind::Plugins)
            || self.is_news("alerting", &documents, Kind::Alerting)
        {
            let before = course.complaints.len();
            self.keep(&documents, &mut course);
            self.carried_out("plugins", &documents, Kind::Plugins, before, &course);
            self.carried_out("alerting", &documents, Kind::Alerting, before, &course);
        }
        self.dashboards(&documents, &mut course).await?;
        for complaint in course.complaints.difference(&self.complaints) {
            tracing::error!("provisioning: {complaint}");
        }
        course.pass.failures = course.complaints.len();
        self.complaints = course.complaints;
        let pass = course.pass;
        if is_first || pass != (Pass { failures: pass.failures, ..Pass::default() }) {
            tracing::info!(
                dashboards_saved = pass.dashboards_saved,
                dashboards_removed = pass.dashboards_removed,
                sources_saved = pass.sources_saved,
                sources_removed = pass.sources_removed,
                people_saved = pass.people_saved,
                failures = pass.failures,
                "finished provisioning"
            );
        }
        Ok(pass)
    }

    /// Into the log, the first time.
    pub(super) fn tell(&mut self, notice: String) {
        if !self.told.contains(&notice) {
            tracing::info!("provisioning: {notice}");
            self.told.insert(notice);
        }
    }

    /// Whether documents of a kind differ from those last carried out. What the tables hold is not
    /// asked: an edit of a source that may be edited lasts until the file changes or the next
    /// start, as in Grafana.
    fn is_news(&self, what: &'static str, documents: &Documents, kind: Kind) -> bool {
        self.done.get(what) != Some(&digest_of(documents, kind))
    }

    fn carried_out(
        &mut self,
        what: &'static str,
        documents: &Documents,
        kind: Kind,
        complaints_before: usize,
        course: &Course,
    ) {
        // With a complaint it is tried again: what stands in its way may go without the file
        // changing.
        if course.complaints.len() == complaints_before {
            self.done.insert(what, digest_of(documents, kind));
        } else {
            self.done.insert(what, String::new());
        }
    }
}

/// A folder that is not there is most likely misspelt; it may also come later.
fn unreadable(root: &PathBuf) -> Option<String> {
    let error = std::fs::read_dir(root).err()?;
    Some(format!("folder {}: {error}", root.display()))
}

fn digest_of(documents: &Documents, kind: Kind) -> String {
    let mut text = String::new();
    for Document { origin, text: content, .. } in documents.of(kind) {
        let content = content.as_deref().unwrap_or_default();
        // Writing to a string cannot fail.
        write!(text, "{origin}\0{content}\0").expect("strings grow");
    }
    digest(&text)
}

/// SHA-256 in hexadecimal: tells changed files, and names things that came without a name.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        write!(hex, "{byte:02x}").expect("strings grow");
        hex
    })
}

/// The first letters of a digest, for a uid.
pub(super) fn uid_of(text: &str) -> String {
    digest(text)[..14].to_owned()
}
