//! What the rest of the portal asks of provisioning: whether a provider's dashboards may be edited
//! here, and that files are looked at now.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};
use tokio::sync::{Notify, oneshot};

use super::alerting::AlertingFile;
use super::apps::App;
use super::kept::Kept;
use super::providers::Provider;
use super::worker::Pass;

/// The provisioner, seen from outside; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Providers(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// The providers of the last pass.
    by_name: RwLock<HashMap<String, Provider>>,
    kept: RwLock<Kept>,
    /// Those who wait for the end of a pass that has not begun yet.
    waiting: Mutex<Vec<oneshot::Sender<Pass>>>,
    asked: Notify,
    /// Somebody answers those who ask.
    is_watching: AtomicBool,
}

impl Providers {
    /// Whether dashboards of this provider may be saved by people (`allowUiUpdates`). One that is
    /// gone can no longer forbid it.
    #[must_use]
    pub fn allows_edits(&self, name: &str) -> bool {
        self.0.by_name.read().get(name).is_none_or(|provider| provider.allow_ui_updates)
    }

    #[must_use]
    pub fn provider(&self, name: &str) -> Option<Provider> {
        self.0.by_name.read().get(name).cloned()
    }

    /// The apps that plugin files name.
    #[must_use]
    pub fn apps(&self) -> Vec<App> {
        self.0.kept.read().apps.clone()
    }

    /// What alerting files hold, each with its path.
    #[must_use]
    pub fn alerting(&self) -> Vec<(String, AlertingFile)> {
        self.0.kept.read().alerting.clone()
    }

    /// Has every file read again; returns when that is done. `None` when nobody provisions.
    pub async fn reload(&self) -> Option<Pass> {
        if !self.0.is_watching.load(Ordering::Acquire) {
            return None;
        }
        let (done, over) = oneshot::channel();
        self.0.waiting.lock().push(done);
        self.0.asked.notify_one();
        over.await.ok()
    }

    /// Has files that changed read soon.
    pub(super) fn wake(&self) {
        self.0.asked.notify_one();
    }

    pub(super) fn set_watching(&self) {
        self.0.is_watching.store(true, Ordering::Release);
    }

    pub(super) async fn asked(&self) {
        self.0.asked.notified().await;
    }

    pub(super) fn waiting(&self) -> Vec<oneshot::Sender<Pass>> {
        std::mem::take(&mut *self.0.waiting.lock())
    }

    pub(super) fn keep(&self, kept: Kept) {
        *self.0.kept.write() = kept;
    }

    /// Whether the last pass had exactly these providers.
    pub(super) fn knows(&self, providers: &[Provider]) -> bool {
        let known = self.0.by_name.read();
        known.len() == providers.len()
            && providers.iter().all(|provider| known.get(&provider.name) == Some(provider))
    }

    pub(super) fn publish(&self, providers: &[Provider]) {
        let by_name = providers.iter().map(|p| (p.name.clone(), p.clone())).collect();
        *self.0.by_name.write() = by_name;
    }
}
