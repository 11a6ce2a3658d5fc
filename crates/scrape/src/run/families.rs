//! Metadata that a target exposes, by metric family.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{MetricMetadata, MetricType};

/// Scrapes after which metadata that is no longer exposed is forgotten.
const KEPT_SCRAPES: u64 = 10;

#[derive(Debug, Default)]
pub(crate) struct Families {
    known: BTreeMap<String, Family>,
    iteration: u64,
    changed: bool,
    shared: Arc<BTreeMap<String, MetricMetadata>>,
}

#[derive(Debug, Default)]
struct Family {
    metadata: MetricMetadata,
    seen: u64,
    /// Not handed to the store yet.
    fresh: bool,
}

impl Families {
    pub(crate) fn begin_scrape(&mut self) {
        self.iteration += 1;
    }

    fn family(&mut self, name: &[u8]) -> &mut Family {
        let name = String::from_utf8_lossy(name);
        if !self.known.contains_key(&*name) {
            let family = Family { fresh: true, ..Family::default() };
            self.known.insert(name.clone().into_owned(), family);
            self.changed = true;
        }
        let family = self.known.entry(name.into_owned()).or_default();
        family.seen = self.iteration;
        family
    }

    pub(crate) fn set_type(&mut self, name: &[u8], metric_type: MetricType) {
        let family = self.family(name);
        if family.metadata.metric_type != metric_type {
            family.metadata.metric_type = metric_type;
            family.fresh = true;
            self.changed = true;
        }
    }

    pub(crate) fn set_help(&mut self, name: &[u8], help: &str) {
        let family = self.family(name);
        if family.metadata.help != help {
            help.clone_into(&mut family.metadata.help);
            family.fresh = true;
            self.changed = true;
        }
    }

    pub(crate) fn set_unit(&mut self, name: &[u8], unit: &str) {
        let family = self.family(name);
        if family.metadata.unit != unit {
            unit.clone_into(&mut family.metadata.unit);
            family.fresh = true;
            self.changed = true;
        }
    }

    /// What changed since it was last taken.
    pub(crate) fn take_fresh(&mut self) -> Vec<(String, MetricMetadata)> {
        if !self.changed {
            return Vec::new();
        }
        let fresh = self.known.iter_mut().filter(|(_, family)| family.fresh);
        fresh
            .map(|(name, family)| {
                family.fresh = false;
                (name.clone(), family.metadata.clone())
            })
            .collect()
    }

    /// Forgets what has long not been exposed; a snapshot for status pages.
    pub(crate) fn finish(&mut self) -> Arc<BTreeMap<String, MetricMetadata>> {
        let oldest = self.iteration.saturating_sub(KEPT_SCRAPES);
        let before = self.known.len();
        self.known.retain(|_, family| family.seen >= oldest);
        if self.changed || self.known.len() != before {
            let copy = self.known.iter().map(|(n, f)| (n.clone(), f.metadata.clone())).collect();
            self.shared = Arc::new(copy);
            self.changed = false;
        }
        Arc::clone(&self.shared)
    }
}
