//! One tenant's store: its head, its parts, and the list that says which parts live.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use blockfile::{
    Change, FinishedPart, Manifest, ManifestError, PartEntry, PartId, PartOptions, PartWriter,
    ReadPartError,
};
use model::{Matcher, MetricMetadata, Tenant, TimeRange};
use parking_lot::{Mutex, RwLock};
use platform::Platform;
use postings::resolve;
use wal::{Position, Wal};

use crate::changes::SeenChanges;
use crate::config::{MaintainError, OpenError};
use crate::cursor::put_slice;
use crate::head::{Epoch, TenantHead};
use crate::identity::OnDisk;
use crate::metrics::StoreMetrics;
use crate::part::{CONTENT, MetricPart, PageCache};
use crate::record::{ExemplarsRecord, KIND_EXEMPLARS, KIND_METADATA, put_metadata};
use crate::retention::{KeepFrom, PartSize};
use crate::tombstone_file::{self, DecodeError};
use crate::tombstones::{Tombstone, Tombstones};

/// Entries of records that are logged again: far below the log's limit of a record.
const ENTRIES_PER_RECORD: usize = 1000;
/// Bytes after which a record of exemplars ends.
const RECORD_BYTES: usize = 1 << 20;

/// Open parts, in the order in which their samples arrived.
pub(crate) type PartList = Arc<Vec<Arc<MetricPart>>>;

/// The head and the parts of one tenant.
pub(crate) struct TenantStore {
    pub(crate) head: Arc<TenantHead>,
    manifest: Manifest,
    platform: Platform,
    /// Unpacked pages of all tenants' parts.
    pages: Arc<PageCache>,
    /// What the manifest lists, open. Replaced as a whole.
    parts: RwLock<PartList>,
    /// What the file of tombstones lists. Replaced as a whole.
    tombstones: RwLock<Arc<Tombstones>>,
    /// The head may know the names of series of which nothing is left; until its next regular cut.
    pub(crate) has_ghosts: AtomicBool,
    /// Parts in which a rule of the retention, by its number, names no series.
    spared_by_rules: Mutex<BTreeSet<(PartId, usize)>>,
    /// Serialises changes of the parts.
    changes: Mutex<Changes>,
    /// When what a query can see has changed.
    pub(crate) seen: SeenChanges,
    pub(crate) on_disk_at_start: OnDisk,
}

#[derive(Default)]
struct Changes {
    /// A change that may or may not have become durable; nothing is published before it.
    uncertain: Option<Pending>,
}

struct Pending {
    change: Change,
    /// What the change adds.
    added: Option<Arc<MetricPart>>,
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
        pages: &Arc<PageCache>,
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
            match open_part(&manifest, entry.id, pages) {
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
        let tombstones = read_tombstones(platform, dir, &tenant)?;
        for tombstone in &tombstones {
            manifest.skip_ids_below(tombstone.before);
        }
        let on_disk_at_start = OnDisk::of(manifest.live().generation, &tombstones);
        let naming = platform.random.u64().map_err(|source| {
            let path = dir.to_owned();
            OpenError::Io { path, source }
        })?;
        let started = platform.clock.monotonic();
        let head = Arc::new(TenantHead::new(tenant, shard_count, started, naming));
        for (metric, metadata) in parts.iter().flat_map(|part| part.metadata()) {
            head.add_metadata(metric, metadata);
        }
        Ok(Self {
            head,
            manifest,
            platform: platform.clone(),
            pages: Arc::clone(pages),
            parts: RwLock::new(Arc::new(parts)),
            tombstones: RwLock::new(Arc::new(Tombstones::new(tombstones))),
            has_ghosts: AtomicBool::new(false),
            spared_by_rules: Mutex::default(),
            changes: Mutex::default(),
            seen: SeenChanges::default(),
            on_disk_at_start,
        })
    }

    pub(crate) fn parts(&self) -> PartList {
        Arc::clone(&self.parts.read())
    }

    pub(crate) fn on_disk(&self) -> OnDisk {
        OnDisk::of(self.manifest.live().generation, self.tombstones().list())
    }

    pub(crate) fn tombstones(&self) -> Arc<Tombstones> {
        Arc::clone(&self.tombstones.read())
    }

    /// Adds a deletion of what the parts hold by now, one for each set of matchers.
    ///
    /// Errors: nothing is deleted for certain; after a power loss it may be.
    pub(crate) fn delete(
        &self,
        sets: Vec<Vec<Matcher>>,
        range: TimeRange,
        made_ms: i64,
    ) -> Result<(), MaintainError> {
        // Once more the same list: should the newest rot, the one before it must not let the log be
        // replayed from before this deletion.
        self.replace(None, Vec::new(), None)?;
        // Held over the write: a part whose number is not covered waits here and is filtered.
        let mut tombstones = self.tombstones.write();
        let before = self.manifest.part_next();
        let of = |matchers| Tombstone { before, range, matchers, made_ms };
        let list = tombstones.with(sets.into_iter().map(of).collect());
        self.save_tombstones(&list)?;
        *tombstones = Arc::new(Tombstones::new(list));
        drop(tombstones);
        self.seen.touch(range);
        Ok(())
    }

    /// Whether all that a rule names in the part is past its retention. Resolving the rules costs,
    /// so a part without such series is asked once for each rule.
    pub(crate) fn is_past_a_rule(&self, part: &MetricPart, keep: &KeepFrom<'_>) -> bool {
        let mut spared = self.spared_by_rules.lock();
        keep.rules_past(part).any(|(rule, matchers)| {
            let asked = (part.part_id, rule);
            if spared.contains(&asked) {
                return false;
            }
            let found = !resolve(part, matchers).is_empty();
            if !found {
                spared.insert(asked);
            }
            found
        })
    }

    /// Lets go the tombstones that mean nothing any more; returns how many.
    pub(crate) fn drop_spent_tombstones(&self) -> Result<usize, MaintainError> {
        // What is uncertain may be listed after a restart, and need them.
        let parts = self.settled_parts()?;
        let held = self.tombstones();
        held.forget_all_but(&parts);
        let lives = |id: PartId| parts.iter().any(|part| part.part_id == id);
        self.spared_by_rules.lock().retain(|(id, _)| lives(*id));
        let needed = held.needed_for(&parts);
        let spent = held.list().len() - needed.len();
        if spent > 0 {
            let mut tombstones = self.tombstones.write();
            // One that was made meanwhile is looked at the next time.
            if Arc::ptr_eq(&held, &tombstones) {
                self.save_tombstones(&needed)?;
                *tombstones = Arc::new(Tombstones::new(needed));
            }
        }
        Ok(spent)
    }

    /// Makes `dir` a tenant's directory with the same parts and tombstones.
    pub(crate) fn link_to(&self, dir: &Path) -> Result<(), MaintainError> {
        self.settle()?;
        self.manifest.link_to(dir)?;
        let disk = &*self.platform.disk;
        tombstone_file::save(disk, dir, self.tombstones().list())
            .map_err(|source| MaintainError::Write { path: tombstone_file::path(dir), source })
    }

    fn save_tombstones(&self, list: &[Tombstone]) -> Result<(), MaintainError> {
        let dir = self.manifest.dir();
        tombstone_file::save(&*self.platform.disk, dir, list).map_err(|source| {
            let path = tombstone_file::path(dir);
            MaintainError::Write { path, source }
        })
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
        let mut held: BTreeMap<&str, Vec<MetricMetadata>> = BTreeMap::new();
        let staying = parts.iter().filter(|part| !but.contains(&part.part_id));
        for (metric, metadata) in staying.flat_map(|part| part.metadata()) {
            held.entry(metric).or_default().push(metadata);
        }
        let known = self.head.metadata.read();
        let all = known.iter().flat_map(|(metric, each)| each.iter().map(move |m| (metric, m)));
        let missing = all.filter(|(metric, metadata)| {
            held.get(metric.as_str()).is_none_or(|held| !held.contains(metadata))
        });
        missing.map(|(metric, metadata)| (metric.clone(), metadata.clone())).collect()
    }

    /// Logs what lives in no part: exemplars, and metadata of families without a sample lately.
    pub(crate) fn log_again(&self, log: &Wal) -> Result<(), MaintainError> {
        self.log_metadata(log, &self.metadata_not_in_parts(&[]))?;
        let mut record = ExemplarsRecord::default();
        let exemplars = self.head.exemplars_if(|_, _| true);
        let mut left = exemplars.iter().peekable();
        while left.peek().is_some() {
            record.start(self.head.tenant.as_str());
            while record.bytes.len() < RECORD_BYTES
                && let Some((series, exemplar)) = left.next()
            {
                record.push(series, exemplar);
            }
            log.append(KIND_EXEMPLARS, &[&record.bytes])?;
        }
        Ok(())
    }

    fn log_metadata(
        &self,
        log: &Wal,
        metadata: &[(String, MetricMetadata)],
    ) -> Result<(), MaintainError> {
        let mut record = Vec::new();
        for entries in metadata.chunks(ENTRIES_PER_RECORD) {
            record.clear();
            put_slice(&mut record, self.head.tenant.as_str().as_bytes());
            for (metric, metadata) in entries {
                put_metadata(&mut record, metric, metadata);
            }
            log.append(KIND_METADATA, &[&record])?;
        }
        Ok(())
    }

    /// Publishes a finished part in place of `removed`. With `written`, the part holds that epoch
    /// and everything before `checkpoint`.
    ///
    /// The part is opened before it is listed: one that cannot be read replaces nothing, and what
    /// is listed is served. Errors: nothing has changed, or the change is settled later.
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
        let published = self.settle_pending(&mut changes).and_then(|()| {
            let open = |(id, _)| open_part(&self.manifest, id, &self.pages);
            let added = added.map(open).transpose()?;
            let written = written.map(|(epoch, _)| Arc::clone(epoch));
            self.publish(&mut changes, Pending { change, added, written })
        });
        if let (Err(error), Some((_, part))) = (&published, added)
            && !matches!(error, MaintainError::Manifest(ManifestError::Uncertain { .. }))
        {
            // Nobody will ever list it, and the disk may be full.
            self.platform.disk.remove(&part.path).ok();
        }
        published
    }

    /// What a decision by size looks at; `tenant` is the caller's number of this one.
    pub(crate) fn sizes(&self, tenant: usize) -> Vec<PartSize> {
        let of = |part: &Arc<MetricPart>| PartSize {
            tenant,
            id: part.part_id,
            time_max: part.time_range().end_ms,
            bytes: part.part.bytes(),
        };
        self.parts().iter().map(of).collect()
    }

    /// The parts whose newest sample is older.
    pub(crate) fn older_than(&self, oldest_ms: i64) -> Result<Vec<PartId>, MaintainError> {
        let parts = self.settled_parts()?;
        let older = parts.iter().filter(|part| part.time_range().end_ms < oldest_ms);
        Ok(older.map(|part| part.part_id).collect())
    }

    /// Drops parts that are beyond the retention in `time` or `size`, or `emptied`: of which
    /// nothing is left. What they know of metric families stays.
    pub(crate) fn drop_parts(
        &self,
        parts: Vec<PartId>,
        reason: &'static str,
        metrics: &StoreMetrics,
        log: &Wal,
    ) -> Result<(), MaintainError> {
        let count = parts.len();
        if count > 0 {
            self.keep_metadata_of(&parts, log);
            self.replace(None, parts, None)?;
            metrics.count_dropped(reason, count as u64);
            let tenant = &self.head.tenant;
            tracing::info!(%tenant, parts = count, reason, "parts past retention dropped");
        }
        Ok(())
    }

    /// Logs the metadata that only these parts hold. A log that cannot be written, as on a full
    /// disk, does not keep them from going: space is worth more then than help texts.
    fn keep_metadata_of(&self, parts: &[PartId], log: &Wal) {
        let metadata = self.metadata_not_in_parts(parts);
        if metadata.is_empty() {
            return;
        }
        let logged = self.log_metadata(log, &metadata);
        let synced = logged.and_then(|()| Ok(log.flush_and_sync()?));
        if let Err(error) = synced {
            let tenant = &self.head.tenant;
            tracing::warn!(%tenant, %error, "metadata of dropped parts lives until the next restart");
        }
    }

    /// Publishes again what may not have become durable.
    pub(crate) fn settle(&self) -> Result<(), MaintainError> {
        self.settle_pending(&mut self.changes.lock())
    }

    fn settle_pending(&self, changes: &mut Changes) -> Result<(), MaintainError> {
        match changes.uncertain.take() {
            Some(pending) => self.publish(changes, pending),
            None => Ok(()),
        }
    }

    /// The parts, after a change that was uncertain has been settled.
    pub(crate) fn settled_parts(&self) -> Result<PartList, MaintainError> {
        self.settle()?;
        Ok(self.parts())
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
        let before = self.parts();
        let (gone, mut parts): (Vec<_>, Vec<_>) =
            before.iter().cloned().partition(|part| pending.change.remove.contains(&part.part_id));
        if let Some(part) = &pending.added {
            let (tenant, bytes) = (&self.head.tenant, part.part.bytes());
            tracing::info!(%tenant, part = %part.part_id, bytes, "part uploaded to the local store");
            parts.push(Arc::clone(part));
        }
        parts.sort_by_key(|part| (part.order, part.part_id));
        // First the part appears, then the epoch goes: a reader between the two sees both, and
        // takes equal samples once.
        *self.parts.write() = Arc::new(parts);
        if let Some(epoch) = &pending.written {
            self.head.thaw(epoch);
        }
        // A part in place of others, or of an epoch, holds the same samples.
        if pending.added.is_none() {
            for part in &gone {
                self.seen.touch(part.time_range());
            }
        }
        Ok(())
    }

    /// Takes a damaged part out of service; its file is kept aside.
    pub(crate) fn quarantine(&self, part: &MetricPart, error: &ReadPartError) {
        let _changes = self.changes.lock();
        let mut parts: Vec<_> = self.parts().to_vec();
        parts.retain(|other| other.part_id != part.part_id);
        *self.parts.write() = Arc::new(parts);
        self.seen.touch(part.time_range());
        if let Err(error) = self.manifest.quarantine(part.part_id, &error.to_string()) {
            tracing::error!(path = %part.path().display(), %error, "cannot quarantine a part");
        }
    }
}

/// The file of tombstones; damaged, it is set aside, and what it had deleted is seen again.
fn read_tombstones(
    platform: &Platform,
    dir: &Path,
    tenant: &Tenant,
) -> Result<Vec<Tombstone>, OpenError> {
    let path = tombstone_file::path(dir);
    let bytes = match platform.disk.read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(OpenError::Io { path, source }),
    };
    match tombstone_file::decode(&bytes) {
        Ok(list) => Ok(list),
        Err(DecodeError::Version(version)) => Err(OpenError::Unsupported { path, version }),
        Err(DecodeError::Damaged) => {
            let reason = "the checksum of the tombstones is wrong; what they deleted is seen again";
            tracing::error!(%tenant, path = %path.display(), reason, "damaged file moved to quarantine");
            blockfile::quarantine_file(&*platform.disk, dir, tombstone_file::FILE_NAME, reason)
                .map_err(|source| OpenError::Io { path, source })?;
            Ok(Vec::new())
        }
    }
}

fn open_part(
    manifest: &Manifest,
    id: PartId,
    pages: &Arc<PageCache>,
) -> Result<Arc<MetricPart>, ReadPartError> {
    MetricPart::new(id, manifest.open_part(id)?, pages)
}
