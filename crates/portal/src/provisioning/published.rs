//! What the rest of the portal asks about providers: whether their dashboards may be edited here.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use super::providers::Provider;

/// The providers of the last pass; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Providers(Arc<RwLock<HashMap<String, Provider>>>);

impl Providers {
    /// Whether dashboards of this provider may be saved by people (`allowUiUpdates`). One that is
    /// gone can no longer forbid it.
    #[must_use]
    pub fn allows_edits(&self, name: &str) -> bool {
        self.0.read().get(name).is_none_or(|provider| provider.allow_ui_updates)
    }

    pub(super) fn publish(&self, providers: &[Provider]) {
        let by_name = providers.iter().map(|p| (p.name.clone(), p.clone())).collect();
        *self.0.write() = by_name;
    }
}
