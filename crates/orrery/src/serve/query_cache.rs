//! The result cache of queries: made as configured, shown on the metrics page, and taken over a
//! restart in a file of its own (`docs/format/query-cache.md`).
//!
//! The file is there between a clean stop and the next start only. It is a cache: whatever is
//! wrong with it is said in the log and costs nothing but computing.

use std::io;
use std::path::Path;
use std::sync::Arc;

use metric_store::MetricStore;
use model::{Tenant, TimeRange};
use platform::{Disk, Platform};
use promql::{CacheStats, CachedData, ResultCache};
use telemetry::Registry;

/// Below the data directory.
const FILE_NAME: &str = "query-cache";
const UNFINISHED_NAME: &str = "query-cache.tmp";

/// What the field calls the cache of a query frontend's results; dashboards ask for it.
const FRONTEND: [(&str, &str); 1] = [("name", "frontend.results")];

type Read = fn(&CacheStats) -> u64;

/// A cache of `bytes_max` bytes with its metrics; nothing when that is 0.
pub(crate) fn new(bytes_max: u64, registry: &Registry) -> Option<Arc<ResultCache>> {
    if bytes_max == 0 {
        return None;
    }
    let cache = Arc::new(ResultCache::new(bytes_max));
    register(registry, &cache);
    Some(cache)
}

fn register(registry: &Registry, cache: &Arc<ResultCache>) {
    let read = |read: Read| {
        let cache = Arc::clone(cache);
        move || read(&cache.stats()) as f64
    };
    let outcomes: [(&str, Read); 4] = [
        ("hit", |s| s.hits),
        ("partial", |s| s.partial_hits),
        ("miss", |s| s.misses),
        ("uncacheable", |s| s.uncacheable),
    ];
    for (outcome, count) in outcomes {
        registry.counter_fn(
            "orrery_query_cache_queries_total",
            "Range queries by what the result cache had of them: all steps, some, none, or it keeps none of their kind.",
            &[("outcome", outcome)],
            read(count),
        );
    }
    let origins: [(&str, Read); 2] =
        [("cache", |s| s.steps_reused), ("samples", |s| s.steps_computed)];
    for (origin, count) in origins {
        registry.counter_fn(
            "orrery_query_cache_steps_total",
            "Steps of range queries, by whether they came from the result cache or were computed.",
            &[("from", origin)],
            read(count),
        );
    }
    registry.counter_fn(
        "orrery_query_cache_evictions_total",
        "Blocks of steps that made room for others.",
        &[],
        read(|s| s.evictions),
    );
    let gauges: [(&str, &str, Read); 3] = [
        ("orrery_query_cache_entries", "Blocks of steps in the result cache.", |s| s.entries),
        ("orrery_query_cache_bytes", "Bytes that the result cache takes.", |s| s.bytes),
        ("orrery_query_cache_max_bytes", "Bytes that the result cache may take.", |s| s.bytes_max),
    ];
    for (name, help, value) in gauges {
        registry.gauge_fn(name, help, &[], read(value));
    }
    registry.counter_fn(
        "cortex_cache_fetched_keys",
        "Queries that were looked up in the result cache, under Mimir's name.",
        &FRONTEND,
        read(|s| s.hits + s.partial_hits + s.misses),
    );
    registry.counter_fn(
        "cortex_cache_hits",
        "Queries of which the result cache had steps, under Mimir's name.",
        &FRONTEND,
        read(|s| s.hits + s.partial_hits),
    );
}

/// The store as the cache wants to know it, before the stop or after the start.
struct Data<'a> {
    store: &'a MetricStore,
    at_start: bool,
}

impl CachedData for Data<'_> {
    fn identity(&self, tenant: &Tenant) -> Option<Vec<u8>> {
        if self.at_start {
            self.store.identity_at_start(tenant)
        } else {
            self.store.identity(tenant)
        }
    }

    fn changed_since(&self, tenant: &Tenant, version: u64, range: TimeRange) -> Vec<TimeRange> {
        self.store.tenant_changed_since(tenant, version, range)
    }

    fn resume(&self, saved_ms: i64) {
        self.store.resume_versions(saved_ms);
    }
}

/// Results depend on what computes them: the version, and the length and time of the binary, which
/// tell builds of one version apart. `None`: it cannot be told.
fn program() -> Option<String> {
    let binary = std::fs::metadata(std::env::current_exe().ok()?).ok()?;
    let built = binary.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(format!("{} {} {}", env!("CARGO_PKG_VERSION"), binary.len(), built.as_nanos()))
}

/// Writes what still holds. Call after the store has shut down; blocks.
pub(crate) fn save(cache: &ResultCache, store: &MetricStore, platform: &Platform, dir: &Path) {
    let Some(program) = program() else { return };
    let data = Data { store, at_start: false };
    let bytes = cache.to_bytes(&data, &program, platform.clock.unix_ms());
    match write(&*platform.disk, dir, &bytes) {
        Ok(()) => tracing::info!(bytes = bytes.len(), "query cache saved"),
        Err(error) => {
            tracing::warn!(%error, "cannot save the query cache; it starts empty the next time");
        }
    }
}

fn write(disk: &dyn Disk, dir: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = dir.join(UNFINISHED_NAME);
    gone(disk.remove(&unfinished))?;
    let written = disk.create_new(&unfinished).and_then(|file| {
        file.append(bytes)?;
        file.sync_data()?;
        disk.rename(&unfinished, &dir.join(FILE_NAME))
    });
    if written.is_err() {
        // The disk may be full.
        disk.remove(&unfinished).ok();
    }
    written.and_then(|()| disk.sync_dir(dir))
}

/// Takes over what was saved, where the data is still the same, and removes the file, also when
/// there is no cache any more. Call when the store has replayed its log; blocks.
pub(crate) fn load(
    cache: Option<&ResultCache>,
    store: &MetricStore,
    platform: &Platform,
    dir: &Path,
) {
    let bytes = match take_file(&*platform.disk, dir) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return,
        Err(error) => {
            tracing::warn!(%error, "cannot read the saved query cache; it starts empty");
            return;
        }
    };
    let (Some(cache), Some(program)) = (cache, program()) else { return };
    let data = Data { store, at_start: true };
    match cache.take_bytes(&bytes, &data, &program) {
        Ok(blocks) => tracing::info!(blocks, bytes = bytes.len(), "query cache taken over"),
        Err(error) => tracing::warn!(%error, "the saved query cache is of no use; it starts empty"),
    }
}

/// Reads the file and removes it: a crash must not leave it to a later start.
fn take_file(disk: &dyn Disk, dir: &Path) -> io::Result<Option<Vec<u8>>> {
    gone(disk.remove(&dir.join(UNFINISHED_NAME)))?;
    let path = dir.join(FILE_NAME);
    let bytes = match disk.read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    disk.remove(&path)?;
    disk.sync_dir(dir)?;
    Ok(Some(bytes))
}

/// That a file is not there is fine.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
