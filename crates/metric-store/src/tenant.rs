//! One tenant's store: its head, its parts, and the list that says which parts live.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use blockfile::{
    Change, FinishedPart, Manifest, ManifestError, PartEntry, PartId, PartOptions, PartWriter,
    ReadPartError,
};
use model::{MetricMetadata, Tenant};
use parking_lot::{Mutex, RwLock};
use platform::Platform;
use wal::Position;

use crate::config::{MaintainError, OpenError};
use crate::head::{Epoch, TenantHead};
use crate::part::{CONTENT, MetricPart};

/// Open parts, in the order in which their samples arrived.
pub(crate) type PartList = Arc<Vec<Arc<MetricPart>>>;

/// The head and the parts of one tenant.
pub(crate) struct TenantStore {
    pub(crate) head: Arc<TenantHead>,
    manifest: Manifest,
    platform: Platform,
    /// What the manifest lists, open. Replaced as a whole.
    parts: RwLock<PartList>,
    /// Serialises changes of the parts.
    changes: Mutex<Changes>,
}

#[derive(Default)]
struct Changes {
    /// A change that may or may not have become durable; nothing is published before it.
    uncertain: Option<Pending>,
}

#[derive(Clone)]
struct Pending {
    change: Change,
    written: Option<Arc<Epoch>>,
}

impl std::fmt::Debug for TenantStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantStore").field("tenant", &self.head.tenant).finish_non_exhaustive()
    }
}

impl TenantStore {
    /// Opens or creates the tenant's directory. Damaged parts are quarantined and named in the
    /// log; a part of a later version, or a disk that does not answer, is an error.
    pub(crate) fn open(
        platform: &Platform,
        dir: &Path,
        tenant: Tenant,
        shard_count: usize,
    ) -> Result<Self, OpenError> {
        let (manifest, report) = Manifest::open(Arc::clone(&platform.disk), dir)?;
        for id in &report.missing {
            tracing::error!(%tenant, part = %id, "a listed metrics part is missing");
        }
        for path in report.quarantined.iter().chain(&report.manifests_damaged) {
            tracing::error!(%tenant, path = %path.display(), "damaged file moved to quarantine");
        }
        let mut parts = Vec::new();
        for entry in &manifest.live().parts {
            match open_part(&manifest, entry.id) {
                Ok(part) => parts.push(part),
                Err(error @ ReadPartError::Corrupt { .. }) => {
                    manifest.quarantine(entry.id, &error.to_string())?;
                }
                Err(ReadPartError::Gone { path }) => {
                    tracing::error!(path = %path.display(), "a listed metrics part is gone");
                }
                Err(error) => return Err(OpenError::Part(error)),
            }
        }
        parts.sort_by_key(|part| (part.order, part.part_id));
        let naming = platform.random.u64().map_err(|source| {
            let path = dir.to_owned();
            OpenError::Io { path, source }
        })?;
        let started = platform.clock.monotonic();
        let head = Arc::new(TenantHead::new(tenant, shard_count, started, naming));
        for (metric, metadata) in parts.iter().flat_map(|part| &part.metadata) {
            head.add_metadata(metric, metadata.clone());
        }
        Ok(Self {
            head,
            manifest,
            platform: platform.clone(),
            parts: RwLock::new(Arc::new(parts)),
            changes: Mutex::default(),
        })
    }

    pub(crate) fn parts(&self) -> PartList {
        Arc::clone(&self.parts.read())
    }

    /// The log position up to which the parts hold everything.
    pub(crate) fn checkpoint(&self) -> Position {
        let live = self.manifest.live();
        let bytes = live.checkpoint.first_chunk::<16>();
        bytes.map_or(Position::START, |bytes| Position::from_bytes(*bytes))
    }

    pub(crate) fn create_part(&self) -> Result<(PartId, PartWriter), MaintainError> {
        Ok(self.manifest.create_part(PartOptions::new(CONTENT))?)
    }

    /// Metadata that no live part but those being replaced holds.
    pub(crate) fn metadata_not_in_parts(&self, but: &[PartId]) -> Vec<(String, MetricMetadata)> {
        let parts = self.parts();
        let mut held: BTreeMap<&str, Vec<&MetricMetadata>> = BTreeMap::new();
        let staying = parts.iter().filter(|part| !but.contains(&part.part_id));
        for (metric, metadata) in staying.flat_map(|part| &part.metadata) {
            held.entry(metric).or_default().push(metadata);
        }
        let known = self.head.metadata.read();
        let all = known.iter().flat_map(|(metric, each)| each.iter().map(move |m| (metric, m)));
        let missing = all.filter(|(metric, metadata)| {
            held.get(metric.as_str()).is_none_or(|held| !held.contains(metadata))
        });
        missing.map(|(metric, metadata)| (metric.clone(), metadata.clone())).collect()
    }

    /// Publishes a finished part in place of `removed`. With `written`, the part holds that epoch
    /// and everything before `checkpoint`.
    pub(crate) fn replace(
        &self,
        added: Option<(PartId, &FinishedPart)>,
        removed: Vec<PartId>,
        written: Option<(&Arc<Epoch>, Position)>,
    ) -> Result<(), MaintainError> {
        let change = Change {
            add: added.iter().map(|(id, part)| PartEntry::of(*id, part)).collect(),
            remove: removed,
            checkpoint: written.map(|(_, covers)| covers.to_bytes().to_vec()),
        };
        let mut changes = self.changes.lock();
        let pending = Pending { change, written: written.map(|(epoch, _)| Arc::clone(epoch)) };
        let published = self.publish(&mut changes, pending);
        if let (Err(MaintainError::Manifest(ManifestError::Write { .. })), Some((_, part))) =
            (&published, added)
        {
            // Nobody will ever list it, and the disk may be full.
            self.platform.disk.remove(&part.path).ok();
        }
        published
    }

    /// Publishes again what may not have become durable.
    pub(crate) fn settle(&self) -> Result<(), MaintainError> {
        let mut changes = self.changes.lock();
        match changes.uncertain.take() {
            Some(pending) => self.publish(&mut changes, pending),
            None => Ok(()),
        }
    }

    fn publish(&self, changes: &mut Changes, pending: Pending) -> Result<(), MaintainError> {
        match self.manifest.publish(pending.change.clone()) {
            Ok(_) => {}
            Err(error @ ManifestError::Uncertain { .. }) => {
                changes.uncertain = Some(pending);
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        }
        let mut parts: Vec<_> = self.parts().to_vec();
        parts.retain(|part| !pending.change.remove.contains(&part.part_id));
        for entry in &pending.change.add {
            match open_part(&self.manifest, entry.id) {
                Ok(part) => parts.push(part),
                Err(error @ ReadPartError::Corrupt { .. }) => {
                    self.manifest.quarantine(entry.id, &error.to_string())?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        parts.sort_by_key(|part| (part.order, part.part_id));
        // First the part appears, then the epoch goes: a reader between the two sees both, and
        // takes equal samples once.
        *self.parts.write() = Arc::new(parts);
        if let Some(epoch) = &pending.written {
            self.head.thaw(epoch);
        }
        Ok(())
    }

    /// Takes a damaged part out of service; its file is kept aside.
    pub(crate) fn quarantine(&self, part: &MetricPart, error: &ReadPartError) {
        let _changes = self.changes.lock();
        let mut parts: Vec<_> = self.parts().to_vec();
        parts.retain(|other| other.part_id != part.part_id);
        *self.parts.write() = Arc::new(parts);
        if let Err(error) = self.manifest.quarantine(part.part_id, &error.to_string()) {
            tracing::error!(path = %part.path().display(), %error, "cannot quarantine a part");
        }
    }
}

fn open_part(manifest: &Manifest, id: PartId) -> Result<Arc<MetricPart>, ReadPartError> {
    MetricPart::new(id, manifest.open_part(id)?)
}
