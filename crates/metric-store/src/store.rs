//! The store as a whole: tenants, the log they share, and the steps that keep it in shape.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use blockfile::{PartId, ReadOrder};
use model::{Exemplar, Labels, SampleBatch, Tenant, TimeRange};
use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard};
use platform::Platform;
use query::{AppendError, AppendReport, MetricSink, Scope, SourceError, Spares};
use telemetry::Registry;
use wal::{Position, Wal, WalStats};

use crate::compact::merge_once;
use crate::config::{MaintainError, MetricStoreConfig, OpenError};
use crate::flush::flush_oldest;
use crate::head::HeadTotals;
use crate::head::append::{Appender, Scratch};
use crate::merge_plan::MergeLimits;
use crate::metrics::{StoreMetrics, register, sync_duration};
use crate::overview::ReplayState;
use crate::part::PageCache;
use crate::replay::PendingReplay;
use crate::retention::{KeepFrom, plan_size};
use crate::snapshot::remove_unfinished;
use crate::tenant::TenantStore;

/// How long a merge that is ahead of its rate sleeps before it looks again.
const PACE: Duration = Duration::from_millis(50);

/// Batches whose working memory is kept for the next ones.
const SCRATCHES_KEPT: usize = 16;

/// All metrics of all tenants.
///
/// All methods may be called from any thread; those that touch the disk block.
pub struct MetricStore {
    pub(crate) platform: Platform,
    pub(crate) dir: PathBuf,
    pub(crate) config: MetricStoreConfig,
    tenants: RwLock<BTreeMap<Tenant, Arc<TenantStore>>>,
    pub(crate) wal: Wal,
    /// Unpacked pages of parts.
    pages: Arc<PageCache>,
    /// Held shared by appends and by the resolution of selectors, exclusively while the heads are
    /// cut: so a cut is a line between appends, in the heads as well as in the log.
    pub(crate) gate: RwLock<()>,
    /// The log before this position will be dropped as soon as no head needs it.
    truncate_to: Mutex<Option<Position>>,
    /// Serialises maintenance, deletions and snapshots.
    maintaining: Mutex<()>,
    /// Who waits for the step that is being taken; a merge ends early for them.
    waiting: AtomicUsize,
    pub(crate) totals: HeadTotals,
    scratches: Spares<Scratch>,
    metrics: StoreMetrics,
    pub(crate) replay_state: ReplayState,
    /// The log is still to be replayed, so nothing may be appended or cut.
    pub(crate) replaying: AtomicBool,
    /// It is replayed, and parts had all of its samples.
    pub(crate) log_was_spent: AtomicBool,
    pub(crate) stopped: AtomicBool,
}

/// Counts for metrics and for the curious; a snapshot.
#[derive(Clone, Debug, Default)]
pub struct StoreStats {
    pub tenants: u64,
    /// Series in the heads.
    pub series: u64,
    /// Bytes of their names and of the indexes over them.
    pub series_bytes: u64,
    pub samples_appended: u64,
    pub series_created: u64,
    /// Appends are taken: the log is replayed, and the store is not stopping.
    pub ready: bool,
    /// Bytes of compressed samples in memory.
    pub chunk_bytes: u64,
    /// `(parts, bytes)` by level; the last one counts all higher levels too.
    pub parts: [(u64, u64); 4],
    pub wal: WalStats,
}

impl std::fmt::Debug for MetricStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetricStore").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl MetricStore {
    /// Starts the store and replays its log: when it returns the store is ready.
    pub fn open(
        platform: &Platform,
        dir: impl AsRef<Path>,
        config: MetricStoreConfig,
        registry: &Registry,
    ) -> Result<Arc<Self>, OpenError> {
        let (store, log) = Self::start(platform, dir, config, registry)?;
        log.run()?;
        Ok(store)
    }

    /// Opens or creates the store in `dir` and registers its own metrics.
    ///
    /// The caller holds the lock of the data directory. Queries are served from here on; they see
    /// the parts, and of the log what [`PendingReplay::run`] has replayed so far. Appends are
    /// refused until it has ended.
    pub fn start(
        platform: &Platform,
        dir: impl AsRef<Path>,
        config: MetricStoreConfig,
        registry: &Registry,
    ) -> Result<(Arc<Self>, PendingReplay), OpenError> {
        let dir = dir.as_ref().to_owned();
        remove_unfinished(&*platform.disk, &dir);
        let pages = Arc::new(PageCache::new(config.page_cache_bytes, ReadOrder::Scattered));
        let tenants = open_tenants(platform, &dir, &config, &pages)?;
        let checkpoints = tenants.values().map(|tenant| tenant.checkpoint());
        let mut wal_config = config.wal;
        wal_config.resume_after = checkpoints.fold(wal_config.resume_after, std::cmp::max);
        let disk = Arc::clone(&platform.disk);
        let (wal, recovery) = Wal::open(disk, dir.join(WAL_DIR), wal_config)?;
        let sync_duration = sync_duration(registry);
        wal.observe_syncs(move |took| sync_duration.observe_duration(took));
        let store = Arc::new(Self {
            platform: platform.clone(),
            dir,
            config,
            tenants: RwLock::new(tenants),
            wal,
            pages,
            gate: RwLock::new(()),
            truncate_to: Mutex::new(None),
            maintaining: Mutex::new(()),
            waiting: AtomicUsize::new(0),
            totals: HeadTotals::default(),
            scratches: Spares::default(),
            metrics: StoreMetrics::new(registry),
            replay_state: ReplayState::default(),
            replaying: AtomicBool::new(true),
            log_was_spent: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        });
        register(registry, &Arc::downgrade(&store));
        let log = PendingReplay::new(Arc::clone(&store), recovery);
        Ok((store, log))
    }

    /// Whether reads and appends are served. While the log is replayed, reads are served alone.
    pub fn ready(&self) -> bool {
        self.refusal().is_none()
    }

    /// Why appends are not taken, if so.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        if self.stopped.load(Ordering::Acquire) {
            Some("it is stopping")
        } else if self.replaying.load(Ordering::Acquire) {
            Some("it is replaying its log")
        } else {
            None
        }
    }

    /// Takes one round of maintenance at the platform's present time: drops expired parts, cuts
    /// the heads when they are due, writes cut heads to parts, drops the log they covered, merges.
    /// Lets go of working memory that no append has wanted since the last round.
    ///
    /// Does nothing while the log is replayed.
    /// Errors: the first one met; every step was tried, and the next round tries again.
    pub fn maintain(&self) -> Result<(), MaintainError> {
        if self.replaying.load(Ordering::Acquire) {
            return Ok(());
        }
        let _one_at_a_time = self.maintaining.lock();
        self.scratches.trim();
        let mut result = self.expire();
        if self.is_cut_due() {
            result = result.and_also(self.cut(self.config.head_interval));
        }
        result = result.and_also(self.flush_all()).and_also(self.truncate_log());
        for tenant in self.each_tenant() {
            let keep = self.keep_from(&tenant);
            result = result.and_also(self.merge(&tenant, &keep));
            result = result.and_also(self.carry_out(&tenant));
        }
        if result.is_err() {
            self.metrics.maintenance_failures.inc();
        }
        result
    }

    /// Cuts the heads now and writes them to parts, due or not. Waits for a replay that goes on.
    pub fn flush(&self) -> Result<(), MaintainError> {
        let _one_at_a_time = self.take_turn();
        self.flush_now()
    }

    pub(crate) fn flush_now(&self) -> Result<(), MaintainError> {
        if self.replaying.load(Ordering::Acquire) {
            return Err(MaintainError::Replaying);
        }
        self.cut(Duration::ZERO)?;
        self.flush_all()?;
        self.truncate_log()
    }

    /// Stops taking reads and appends, writes the heads to parts if so configured, and makes the
    /// log durable. Nothing acknowledged is lost when it fails.
    pub fn shutdown(&self) -> Result<(), MaintainError> {
        self.stopped.store(true, Ordering::Release);
        drop(self.gate.write()); // appends that had passed the check are through
        let _one_at_a_time = self.take_turn(); // a replay has noticed and ended
        // What was not replayed stays in the log.
        let whole = !self.replaying.load(Ordering::Acquire);
        let flushed =
            if self.config.flush_on_shutdown && whole { self.flush_now() } else { Ok(()) };
        self.wal.flush_and_sync()?;
        flushed
    }

    /// Makes every append that has returned durable; the log's own thread does so within the sync
    /// window.
    pub fn sync(&self) -> Result<(), MaintainError> {
        Ok(self.wal.sync_now()?)
    }

    /// Drops parts that are past the retention in time, then those beyond it in size.
    fn expire(&self) -> Result<(), MaintainError> {
        let mut result = Ok(());
        let tenants = self.each_tenant();
        for tenant in &tenants {
            let older = tenant.older_than(self.keep_from(tenant).tenant_ms);
            result = result.and_also(older.and_then(|old| self.drop_parts(tenant, old, "time")));
        }
        let sizes = tenants.iter().enumerate().flat_map(|(tenant, store)| store.sizes(tenant));
        let other_bytes = self.wal.stats().segment_bytes.saturating_add(self.held_bytes());
        let beyond = plan_size(sizes.collect(), other_bytes, self.config.retention_bytes_max);
        for (tenant, parts) in beyond {
            result = result.and_also(self.drop_parts(&tenants[tenant], parts, "size"));
        }
        result
    }

    fn merge(&self, tenant: &TenantStore, keep: &KeepFrom<'_>) -> Result<(), MaintainError> {
        let limits = MergeLimits {
            fan_in: self.config.merge_fan_in,
            bytes_max: self.config.merge_bytes_max,
            memory_bytes: self.config.merge_memory_bytes,
            retention_ms: self.config.retention_ms(&tenant.head.tenant),
        };
        let started = self.platform.clock.monotonic();
        let go_on = |written: u64| self.between_series(started, written);
        let emptied = merge_once(tenant, &limits, keep, (self.platform.clock.unix_ms(), &go_on))?;
        self.drop_parts(tenant, emptied, "emptied")
    }

    pub(crate) fn drop_parts(
        &self,
        tenant: &TenantStore,
        parts: Vec<PartId>,
        reason: &'static str,
    ) -> Result<(), MaintainError> {
        tenant.drop_parts(parts, reason, &self.metrics, &self.wal)
    }

    /// What is done while a merge runs: it is held to its rate, the heads are cut when they are
    /// due, and it ends early when the store stops or somebody waits.
    pub(crate) fn between_series(&self, started: Duration, written: u64) -> bool {
        self.cut_if_due();
        let rate = self.config.merge_bytes_per_second;
        loop {
            if self.stopped.load(Ordering::Acquire) || self.waiting.load(Ordering::Acquire) > 0 {
                return false;
            }
            let took = self.platform.clock.monotonic().saturating_sub(started);
            let allowed = (took.as_secs_f64() + PACE.as_secs_f64()) * rate as f64;
            if rate == 0 || written as f64 <= allowed {
                return true;
            }
            std::thread::sleep(PACE);
        }
    }

    /// What a long step of maintenance does on its way, so that the heads do not fill up meanwhile.
    pub(crate) fn cut_if_due(&self) {
        if self.is_cut_due() {
            let cut = self.cut(self.config.head_interval);
            let cut = cut.and_also(self.flush_all()).and_also(self.truncate_log());
            if let Err(error) = cut {
                tracing::warn!(%error, "cannot write the head to parts while merging");
            }
        }
    }

    /// Waits for the maintenance step that is being taken, and keeps others out.
    pub(crate) fn take_turn(&self) -> MutexGuard<'_, ()> {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        let turn = self.maintaining.lock();
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        turn
    }

    fn is_cut_due(&self) -> bool {
        let tenants = self.each_tenant();
        // A cut waiting to be written means that the disk is in trouble: more would not help.
        if tenants.iter().any(|tenant| !tenant.head.epochs().frozen.is_empty()) {
            return false;
        }
        let now = self.platform.clock.monotonic();
        let is_old = |tenant: &Arc<TenantStore>| {
            let current = tenant.head.current();
            let age = now.saturating_sub(current.started);
            // Also without samples: series that have ended are to be forgotten.
            age >= self.config.head_interval
                && (current.sample_count() > 0 || tenant.head.names.read().len() > 0)
        };
        let held_bytes = self.totals.chunk_bytes.load(Ordering::Relaxed);
        held_bytes > self.config.head_bytes_max
            || self.totals.has_many_new(self.config.head_new_series_max)
            || tenants.iter().any(is_old)
    }

    /// Draws a line through log and heads, and forgets idle series; see
    /// [`TenantHead::forget_idle`](crate::head::TenantHead::forget_idle) for `keep`.
    fn cut(&self, keep: Duration) -> Result<(), MaintainError> {
        let closed = self.gate.write();
        let covers = self.wal.rotate()?;
        self.cut_at(covers);
        self.totals.begin_to_count_new();
        let mut forgotten = Vec::new();
        for tenant in self.each_tenant() {
            let of_tenant = tenant.head.forget_idle(keep);
            self.totals.series.fetch_sub(of_tenant.len() as u64, Ordering::Relaxed);
            tenant.has_ghosts.store(false, Ordering::Relaxed);
            forgotten.push((tenant, of_tenant));
        }
        *self.truncate_to.lock() = Some(covers);
        drop(closed);
        for (tenant, of_tenant) in forgotten {
            tenant.head.release(&of_tenant, &self.totals);
        }
        Ok(())
    }

    pub(crate) fn cut_at(&self, covers: Position) {
        let now = self.platform.clock.monotonic();
        for tenant in self.each_tenant() {
            tenant.head.cut(covers, now);
        }
    }

    /// Writes every cut epoch to a part.
    pub(crate) fn flush_all(&self) -> Result<(), MaintainError> {
        let mut result = Ok(());
        for tenant in self.each_tenant() {
            result = result.and_also(self.flush_tenant(&tenant));
        }
        result
    }

    /// Writes the cut epochs of one tenant to parts.
    pub(crate) fn flush_tenant(&self, tenant: &TenantStore) -> Result<(), MaintainError> {
        let flushed = loop {
            match flush_oldest(tenant) {
                Ok(true) => {}
                other => break other.map(|_| ()),
            }
        };
        self.totals.chunk_bytes.store(self.held_bytes(), Ordering::Relaxed);
        flushed
    }

    /// Drops the log that parts cover by now. What parts do not hold is logged again first.
    fn truncate_log(&self) -> Result<(), MaintainError> {
        let Some(position) = *self.truncate_to.lock() else { return Ok(()) };
        let tenants = self.each_tenant();
        if tenants.iter().any(|tenant| !tenant.head.epochs().frozen.is_empty()) {
            return Ok(());
        }
        for tenant in &tenants {
            tenant.log_again(&self.wal)?;
        }
        self.wal.flush_and_sync()?;
        self.wal.truncate_before(position)?;
        *self.truncate_to.lock() = None;
        Ok(())
    }

    pub(crate) fn held_bytes(&self) -> u64 {
        self.each_tenant().iter().map(|tenant| tenant.head.chunk_bytes()).sum()
    }

    pub(crate) fn each_tenant(&self) -> Vec<Arc<TenantStore>> {
        self.tenants.read().values().cloned().collect()
    }

    pub(crate) fn tenant(&self, tenant: &Tenant) -> Option<Arc<TenantStore>> {
        self.tenants.read().get(tenant).cloned()
    }

    pub(crate) fn tenant_or_new(&self, tenant: &Tenant) -> Result<Arc<TenantStore>, OpenError> {
        if let Some(known) = self.tenant(tenant) {
            return Ok(known);
        }
        let mut tenants = self.tenants.write();
        if let Some(known) = tenants.get(tenant) {
            return Ok(Arc::clone(known));
        }
        let dir = self.dir.join(TENANTS_DIR).join(tenant.as_str());
        let shards = self.config.shard_count();
        let opened = TenantStore::open(&self.platform, &dir, tenant.clone(), shards, &self.pages)?;
        let opened = Arc::new(opened);
        tenants.insert(tenant.clone(), Arc::clone(&opened));
        Ok(opened)
    }

    /// Keeps cuts out while a selector is resolved.
    pub(crate) fn gate_for_query(&self) -> Result<RwLockReadGuard<'_, ()>, SourceError> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(SourceError::NotReady("it is stopping".to_owned()));
        }
        Ok(self.gate.read())
    }

    pub fn stats(&self) -> StoreStats {
        let mut stats = StoreStats {
            ready: self.ready(),
            series: self.totals.series.load(Ordering::Relaxed),
            series_bytes: self.totals.series_bytes.load(Ordering::Relaxed),
            samples_appended: self.totals.samples_appended.load(Ordering::Relaxed),
            series_created: self.totals.series_created.load(Ordering::Relaxed),
            chunk_bytes: self.totals.chunk_bytes.load(Ordering::Relaxed),
            wal: self.wal.stats(),
            ..StoreStats::default()
        };
        for tenant in self.each_tenant() {
            stats.tenants += 1;
            for part in tenant.parts().iter() {
                let of_level = &mut stats.parts[usize::from(part.level()).min(3)];
                of_level.0 += 1;
                of_level.1 += part.part.bytes();
            }
        }
        stats
    }

    /// Approximate bytes of heap that the heads hold: names, indexes and chunks.
    pub fn heap_bytes(&self) -> u64 {
        self.each_tenant().iter().map(|tenant| tenant.head.heap_bytes()).sum()
    }

    /// Exemplars in memory of series that pass, in order of arrival.
    pub fn exemplars(
        &self,
        scope: &Scope,
        range: TimeRange,
        pass: impl Fn(&Labels) -> bool,
    ) -> Vec<(Labels, Exemplar)> {
        let Some(tenant) = self.tenant(scope.tenant()) else { return Vec::new() };
        let policy = scope.label_policy();
        tenant.head.exemplars_if(|labels, exemplar| {
            range.contains(exemplar.t_ms) && policy.admits(labels) && pass(labels)
        })
    }
}

impl MetricSink for MetricStore {
    fn append(&self, scope: &Scope, batch: &SampleBatch<'_>) -> Result<AppendReport, AppendError> {
        let held = self.totals.chunk_bytes.load(Ordering::Relaxed);
        let bytes_max = self.config.head_bytes_max.saturating_mul(2);
        if held > bytes_max {
            return Err(AppendError::Overloaded {
                limit: "memory of samples not yet written to parts",
                value: bytes_max,
                setting: "storage.head_bytes_max",
            });
        }
        let tenant = self.tenant_or_new(scope.tenant()).map_err(|error| {
            AppendError::Io(format!("cannot open the tenant's directory: {error}"))
        })?;
        let now = self.platform.clock.unix_ms();
        let limits = scope.limits();
        let past = limits.past_ms_max.min(self.config.retention_ms(scope.tenant()));
        let accepted =
            TimeRange::new(now.saturating_sub(past), now.saturating_add(limits.future_ms_max));
        let appender = Appender {
            head: &tenant.head,
            wal: &self.wal,
            totals: &self.totals,
            limits,
            series_max_total: self.config.series_max_total,
            series_bytes_max_total: self.config.series_bytes_max_total,
            exemplars_max: self.config.exemplars_max,
            created_timestamp_zero: self.config.created_timestamp_zero,
            accepted,
        };
        let mut scratch = self.scratches.take().unwrap_or_default();
        let gate = self.gate.read();
        // Looked at behind the gate: whoever stops the store cuts it, and waits for us there.
        if let Some(reason) = self.refusal() {
            return Err(AppendError::NotReady(reason.to_owned()));
        }
        let counted = tenant.seen.count_later(batch, accepted);
        let result = appender.append(batch, &mut scratch);
        drop(counted);
        for t_ms in scratch.take_zero_times() {
            tenant.seen.touch(TimeRange::new(t_ms, t_ms));
        }
        drop(gate);
        self.scratches.give(scratch, SCRATCHES_KEPT);
        if let Ok(report) = &result {
            self.metrics.count(report);
        }
        result
    }
}

pub(crate) const TENANTS_DIR: &str = "tenants";
pub(crate) const WAL_DIR: &str = "wal";

fn open_tenants(
    platform: &Platform,
    dir: &Path,
    config: &MetricStoreConfig,
    pages: &Arc<PageCache>,
) -> Result<BTreeMap<Tenant, Arc<TenantStore>>, OpenError> {
    let root = dir.join(TENANTS_DIR);
    let failed = |source| OpenError::Io { path: root.clone(), source };
    platform.disk.create_dir_all(&root).map_err(failed)?;
    let mut tenants = BTreeMap::new();
    for entry in platform.disk.list(&root).map_err(failed)? {
        // Whatever else lies there is not ours.
        if let Some(tenant) = Tenant::parse(&entry.name).ok().filter(|_| entry.is_dir) {
            let path = root.join(&entry.name);
            let shards = config.shard_count();
            let opened = TenantStore::open(platform, &path, tenant.clone(), shards, pages)?;
            tenants.insert(tenant, Arc::new(opened));
        }
    }
    Ok(tenants)
}

/// Keeps the first error while later steps are still taken.
trait AndAlso {
    fn and_also(self, next: Self) -> Self;
}

impl AndAlso for Result<(), MaintainError> {
    fn and_also(self, next: Self) -> Self {
        match (self, next) {
            (Ok(()), next) => next,
            (first, Ok(())) => first,
            (first, Err(error)) => {
                tracing::warn!(%error, "a further maintenance step failed");
                first
            }
        }
    }
}
