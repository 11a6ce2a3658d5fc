//! Discovery at work: watches a source of target groups and tells its pool of every change.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;

use crate::config::{Discovery, TargetGroup, matching_files, read_groups};
use crate::fetch::Fetcher;

/// All groups of one source, replacing what it said before.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) source: usize,
    pub(crate) groups: Vec<TargetGroup>,
}

/// How often files are looked at for changes; the configured interval re-reads them regardless.
const FILE_LOOK_EVERY: Duration = Duration::from_secs(2);

/// Time a discovery service has to answer.
const HTTP_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs until the pool is gone.
pub(crate) async fn discover(
    source: usize,
    discovery: Discovery,
    body_bytes_max: u64,
    updates: mpsc::Sender<Update>,
) {
    match discovery {
        Discovery::Static(groups) => {
            // Nothing is lost when the pool has ended already.
            updates.send(Update { source, groups }).await.ok();
        }
        Discovery::File { patterns, refresh_interval } => {
            let watch = FileWatch { patterns, known: BTreeMap::new() };
            watch_files(source, watch, refresh_interval, &updates).await;
        }
        Discovery::Http { url, refresh_interval, client } => {
            let fetcher = Arc::new(Fetcher::for_discovery(&client, body_bytes_max));
            poll_http(source, &url, refresh_interval, &fetcher, &updates).await;
        }
    }
}

struct FileWatch {
    patterns: Vec<String>,
    /// Last good content by file, with the file's modification time.
    known: BTreeMap<PathBuf, (Option<SystemTime>, Vec<TargetGroup>)>,
}

impl FileWatch {
    /// Looks at all files; `true` when anything changed. A file that cannot be read keeps its
    /// last groups, a file that is gone loses them.
    fn look(&mut self, force: bool) -> bool {
        let files: Vec<PathBuf> =
            self.patterns.iter().flat_map(|pattern| matching_files(pattern)).collect();
        let before = self.known.len();
        self.known.retain(|path, _| files.contains(path));
        let mut changed = self.known.len() != before;
        for path in files {
            let modified = path.metadata().and_then(|m| m.modified()).ok();
            let same = self.known.get(&path).is_some_and(|(time, _)| *time == modified);
            if same && !force {
                continue;
            }
            match read_file(&path) {
                Ok(groups) => {
                    let differs = self.known.get(&path).is_none_or(|(_, old)| *old != groups);
                    changed |= differs;
                    self.known.insert(path, (modified, groups));
                }
                Err(error) => {
                    tracing::warn!(file = %path.display(), error, "cannot read target groups");
                }
            }
        }
        changed
    }

    fn groups(&self) -> Vec<TargetGroup> {
        self.known.values().flat_map(|(_, groups)| groups.iter().cloned()).collect()
    }
}

fn read_file(path: &PathBuf) -> Result<Vec<TargetGroup>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let mut groups = read_groups(&text).map_err(|e| e.to_string())?;
    for group in &mut groups {
        group.labels.push(("__meta_filepath".into(), path.display().to_string()));
    }
    Ok(groups)
}

async fn watch_files(
    source: usize,
    mut watch: FileWatch,
    refresh: Duration,
    updates: &mpsc::Sender<Update>,
) {
    let mut looks =
        tokio::time::interval(FILE_LOOK_EVERY.min(refresh.max(Duration::from_millis(1))));
    let looks_per_refresh = (refresh.as_millis() / FILE_LOOK_EVERY.as_millis()).max(1);
    let mut count: u128 = 0;
    loop {
        looks.tick().await;
        let force = count.is_multiple_of(looks_per_refresh);
        let first = count == 0;
        count += 1;
        let looked = tokio::task::spawn_blocking(move || {
            let changed = watch.look(force);
            (watch, changed)
        });
        let Ok((back, changed)) = looked.await else { return };
        watch = back;
        if (first || changed)
            && updates.send(Update { source, groups: watch.groups() }).await.is_err()
        {
            return;
        }
        if updates.is_closed() {
            return;
        }
    }
}

async fn poll_http(
    source: usize,
    url: &str,
    refresh: Duration,
    fetcher: &Arc<Fetcher>,
    updates: &mpsc::Sender<Update>,
) {
    let mut polls = tokio::time::interval(refresh.max(Duration::from_millis(100)));
    loop {
        tokio::select! {
            _ = polls.tick() => {}
            () = updates.closed() => return,
        }
        match fetch_groups(url, fetcher).await {
            Ok(groups) => {
                if updates.send(Update { source, groups }).await.is_err() {
                    return;
                }
            }
            // What was known stays in force.
            Err(error) => tracing::warn!(url, error, "discovery failed"),
        }
    }
}

async fn fetch_groups(url: &str, fetcher: &Arc<Fetcher>) -> Result<Vec<TargetGroup>, String> {
    let mut page = fetcher.fetch(url, HTTP_TIMEOUT).await.map_err(|e| e.to_string())?;
    let is_json = page.content_type.as_deref().is_some_and(|t| {
        t.split(';').next().is_some_and(|t| t.trim().eq_ignore_ascii_case("application/json"))
    });
    if !is_json {
        return Err(format!(
            "unsupported content type {:?}",
            page.content_type.unwrap_or_default()
        ));
    }
    fetcher.decompress(&mut page).map_err(|e| e.to_string())?;
    let text = String::from_utf8(page.body).map_err(|e| e.to_string())?;
    let mut groups = read_groups(&text).map_err(|e| e.to_string())?;
    for group in &mut groups {
        group.labels.push(("__meta_url".into(), url.to_owned()));
    }
    Ok(groups)
}
