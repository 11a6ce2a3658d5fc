//! The result cache of queries: made as configured, and shown on the metrics page.

use std::sync::Arc;

use promql::{CacheStats, ResultCache};
use telemetry::Registry;

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
