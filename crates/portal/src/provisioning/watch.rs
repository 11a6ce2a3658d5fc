//! Wakes the provisioner when something below its folders changes, so that an edit shows at once.
//! Where the system does not tell (network mounts, config maps), the interval does.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use notify::{Event, RecursiveMode, Watcher as _};

use super::published::Providers;

/// Files are rarely written in one step; a pass waits until it is quiet for so long.
const SETTLE: Duration = Duration::from_millis(50);

pub(super) struct Watch {
    watcher: Option<notify::RecommendedWatcher>,
    followed: HashSet<PathBuf>,
}

impl Watch {
    pub(super) fn new(wake: Providers) -> Self {
        let changed = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                wake.wake();
            }
        };
        let watcher = notify::recommended_watcher(changed);
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(%error, "provisioning files are looked at on their interval only");
        });
        Self { watcher: watcher.ok(), followed: HashSet::new() }
    }

    /// Looks at these folders from now on, and no longer at others.
    pub(super) fn follow(&mut self, folders: &[PathBuf]) {
        let Some(watcher) = &mut self.watcher else { return };
        let wanted: HashSet<&PathBuf> = folders.iter().collect();
        self.followed.retain(|folder| {
            let stays = wanted.contains(folder) && folder.exists();
            if !stays {
                // Gone already, most likely.
                let _gone = watcher.unwatch(folder);
            }
            stays
        });
        for folder in wanted {
            if self.followed.contains(folder) {
                continue;
            }
            match watcher.watch(folder, RecursiveMode::Recursive) {
                Ok(()) => {
                    self.followed.insert(folder.clone());
                }
                // A missing folder is complained about elsewhere; without a watch there is the
                // interval.
                Err(error) => tracing::debug!(%error, folder = %folder.display(), "not watched"),
            }
        }
    }

    pub(super) async fn settle(&self) {
        if self.watcher.is_some() {
            tokio::time::sleep(SETTLE).await;
        }
    }
}
