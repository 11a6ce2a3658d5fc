//! Figures of the store without the network: append, memory, flush, replay, read, late samples.
//!
//! `cargo bench -p metric-store --bench store [-- SERIES]`; CPU time is that of the calling
//! thread, so other work on the machine disturbs it little.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use metric_store::{MetricStore, MetricStoreConfig};
use model::{
    BatchSeries, InvalidLabels, Labels, LabelsBuilder, Matcher, SampleBatch, SeriesKey, Tenant,
    TimeRange,
};
use platform::Platform;
use query::{
    Budget, MetricSink, MetricSource, SampleBuffer, Scope, SelectHints, SelectRequest, TenantLimits,
};

/// As in the program: what is resident depends on it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What Prometheus puts into one remote-write request by default.
const BATCH_SERIES: usize = 2000;
const ROUNDS: i64 = 120;
const STEP_MS: i64 = 15_000;

/// CPU time of this thread.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

fn since(before: Duration) -> Duration {
    cpu().saturating_sub(before)
}

fn resident_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0 / 1e6
}

fn decode(raw: &[u8], builder: &mut LabelsBuilder) -> Result<(), InvalidLabels> {
    for (name, value) in &Labels::from_bytes(raw).ok_or_else(|| InvalidLabels(String::new()))? {
        builder.push(name, value);
    }
    Ok(())
}

/// Series as node exporters make them: a few hundred metrics on many hosts, ten labels each.
fn label_sets(count: usize) -> Vec<Labels> {
    let of = |i: usize| {
        let (metric, host) = (i % 500, i / 500);
        Labels::from_pairs([
            ("__name__", format!("node_metric_number_{metric}_total")),
            ("instance", format!("host-{host}.example.net:9100")),
            ("job", "node".to_owned()),
            ("cluster", format!("eu-{}", host % 3)),
            ("namespace", "monitoring".to_owned()),
            ("pod", format!("node-exporter-{host:05}")),
            ("mode", format!("m{}", i % 8)),
            ("device", format!("sd{}", i % 26)),
            ("env", "production".to_owned()),
            ("region", "eu-central-1".to_owned()),
        ])
    };
    (0..count).map(of).collect()
}

/// Counters, noisy gauges, and a quarter that never changes.
fn value(series: usize, round: i64) -> f64 {
    let noise = (series as i64 * 7919 + round * 104_729) % 1000;
    match series % 4 {
        0 => 42.0,
        1 => (series as i64 + round * 150 + noise / 50) as f64,
        2 => (50_000 + noise) as f64 / 100.0,
        _ => (round * 3) as f64,
    }
}

/// A series, a time and a value.
type Point = (usize, i64, f64);

/// Appends points, a request's worth at a time; returns the CPU time.
fn append_points(
    store: &MetricStore,
    scope: &Scope,
    (sets, keys): (&[Labels], &[SeriesKey]),
    points: &[Point],
) -> Duration {
    let mut spent = Duration::ZERO;
    for points in points.chunks(BATCH_SERIES) {
        let t_ms: Vec<i64> = points.iter().map(|(_, t_ms, _)| *t_ms).collect();
        let v: Vec<f64> = points.iter().map(|(.., v)| *v).collect();
        let share = |(at, (series, ..)): (u32, &Point)| {
            let (samples, raw) = ((at, at + 1), sets[*series].as_bytes());
            BatchSeries { key: keys[*series], raw, samples, histograms: (0, 0) }
        };
        let series: Vec<_> = (0..).zip(points).map(share).collect();
        let batch = SampleBatch {
            decode: &decode,
            series: &series,
            t_ms: &t_ms,
            v: &v,
            histograms: &[],
            starts: &[],
            exemplars: &[],
            metadata: &[],
        };
        let before = cpu();
        let report = store.append(scope, &batch).unwrap();
        spent += since(before);
        assert_eq!(report.samples, series.len() as u64);
    }
    spent
}

fn keys_of(sets: &[Labels]) -> Vec<SeriesKey> {
    sets.iter().map(|labels| SeriesKey::of(0, labels.as_bytes())).collect()
}

fn append_rounds(
    store: &MetricStore,
    scope: &Scope,
    sets: &[Labels],
    rounds: std::ops::Range<i64>,
    start: i64,
) -> Duration {
    let keys = keys_of(sets);
    let mut spent = Duration::ZERO;
    let mut points = Vec::with_capacity(sets.len());
    for round in rounds {
        points.clear();
        let t_ms = start + round * STEP_MS;
        points.extend((0..sets.len()).map(|series| (series, t_ms, value(series, round))));
        spent += append_points(store, scope, (sets, &keys), &points);
    }
    spent
}

/// What M5 of the wire benchmark sends: for two hours one sample in twenty is up to an hour late,
/// then every twentieth series gets the day before.
fn late_samples(sets: &[Labels]) {
    const INTERVAL_MS: i64 = 10_000;
    const ROUNDS: usize = 720;
    const DELAY_MAX: usize = 360;
    const DAY_ROUNDS: i64 = 8640;
    let dir = tempfile::tempdir().unwrap();
    let (store, scope) =
        (open(dir.path()), Scope::grant(Tenant::default(), TenantLimits::default(), vec![]));
    let keys = keys_of(sets);
    let start = Platform::host().clock.unix_ms() - ROUNDS as i64 * INTERVAL_MS;
    let mut held: Vec<Vec<Point>> = vec![Vec::new(); ROUNDS + 1];
    let mut random = 1_u64;
    let mut below = |n: usize| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % n
    };
    let mut spent = [Duration::ZERO; 3];
    let mut counts = [0_usize; 3];
    let mut append = |kind: usize, points: &[Point]| {
        spent[kind] += append_points(&store, &scope, (sets, &keys), points);
        counts[kind] += points.len();
    };
    let mut points = Vec::new();
    for round in 0..ROUNDS {
        append(1, &std::mem::take(&mut held[round]));
        points.clear();
        for series in 0..sets.len() {
            let point = (series, start + round as i64 * INTERVAL_MS, value(series, round as i64));
            if below(20) == 0 {
                held[(round + 1 + below(DELAY_MAX)).min(ROUNDS)].push(point);
            } else {
                points.push(point);
            }
        }
        append(0, &points);
    }
    append(1, &held[ROUNDS]);
    let before = store.stats().chunk_bytes;
    for round in 0..DAY_ROUNDS {
        let t_ms = start + (round - DAY_ROUNDS) * INTERVAL_MS;
        points.clear();
        points.extend((0..sets.len()).step_by(20).map(|i| (i, t_ms, value(i, round))));
        append(2, &points);
    }
    for (kind, name) in ["in order", "late", "backfill"].iter().enumerate() {
        println!(
            "{name}: {:.2} M samples/CPU-s, {:.0} ns/sample",
            counts[kind] as f64 / spent[kind].as_secs_f64() / 1e6,
            spent[kind].as_nanos() as f64 / counts[kind] as f64
        );
    }
    println!(
        "late samples: chunks {:.2} B/sample, of the backfill {:.2}",
        before as f64 / (counts[0] + counts[1]) as f64,
        store.stats().chunk_bytes.saturating_sub(before) as f64 / counts[2] as f64
    );
    read_everything(&store, &scope, "late head");
}

fn read_everything(store: &MetricStore, scope: &Scope, what: &str) {
    let request = SelectRequest {
        matchers: vec![Matcher::equal("job", "node")],
        range: TimeRange::ALL,
        hints: SelectHints::default(),
    };
    let before = cpu();
    let found = store.select(scope, &request, &Budget::default()).unwrap();
    let selected = since(before);
    let (mut out, mut samples) = (SampleBuffer::default(), 0_usize);
    let before = cpu();
    for index in 0..found.len() {
        found.read(index, TimeRange::ALL, &mut out).unwrap();
        samples += out.len();
    }
    let read = since(before);
    println!(
        "{what}: select {} series {:.1} ms, read {:.1} M samples at {:.1} M/s",
        found.len(),
        selected.as_secs_f64() * 1e3,
        samples as f64 / 1e6,
        samples as f64 / read.as_secs_f64() / 1e6
    );
}

/// What an instant selector reads: the newest sample of five minutes.
fn read_newest(store: &MetricStore, scope: &Scope) {
    let now = Platform::host().clock.unix_ms();
    let range = TimeRange::new(now - 299_999, now);
    for newest_only in [false, true] {
        let matchers = vec![Matcher::equal("job", "node")];
        let hints = SelectHints { newest_only, ..SelectHints::default() };
        let request = SelectRequest { matchers, range, hints };
        let found = store.select(scope, &request, &Budget::default()).unwrap();
        let (mut out, mut samples) = (SampleBuffer::default(), 0_usize);
        let before = cpu();
        for index in 0..found.len() {
            found.read(index, range, &mut out).unwrap();
            samples += out.len();
        }
        let read = since(before);
        println!(
            "five minutes, newest only {newest_only}: {:.0} ns/series, {:.1} samples each",
            read.as_nanos() as f64 / found.len() as f64,
            samples as f64 / found.len() as f64
        );
    }
}

fn open(dir: &std::path::Path) -> Arc<MetricStore> {
    let config = MetricStoreConfig::default();
    let registry = telemetry::Registry::new();
    MetricStore::open(&Platform::host(), dir, config, &registry).unwrap()
}

fn main() {
    let count = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(50_000_usize);
    let dir = tempfile::tempdir().unwrap();
    let scope = Scope::grant(Tenant::default(), TenantLimits::default(), vec![]);
    let sets = label_sets(count);
    let base = resident_mb();
    let store = open(dir.path());
    let now = Platform::host().clock.unix_ms();
    let start = now - ROUNDS * STEP_MS;
    let spent = append_rounds(&store, &scope, &sets, 0..1, start);
    println!("new series: {:.0} k/CPU-s", count as f64 / spent.as_secs_f64() / 1e3);
    let spent = append_rounds(&store, &scope, &sets, 1..ROUNDS, start);
    let samples = count as f64 * (ROUNDS - 1) as f64;
    println!(
        "append: {:.2} M samples/CPU-s, {:.0} ns/sample",
        samples / spent.as_secs_f64() / 1e6,
        spent.as_nanos() as f64 / samples
    );
    let stats = store.stats();
    println!(
        "memory: {:.0} B/series counted, {:.0} B/series resident, chunks {:.2} B/sample; log {:.2} B/sample",
        store.heap_bytes() as f64 / count as f64,
        (resident_mb() - base) * 1e6 / count as f64,
        stats.chunk_bytes as f64 / stats.samples_appended as f64,
        stats.wal.bytes as f64 / stats.samples_appended as f64
    );
    read_everything(&store, &scope, "head");
    read_newest(&store, &scope);
    store.sync().unwrap();
    drop(store);
    let (wall, before) = (Instant::now(), cpu());
    let store = open(dir.path());
    println!(
        "replay: {:.2} s, {:.2} M samples/CPU-s",
        wall.elapsed().as_secs_f64(),
        count as f64 * ROUNDS as f64 / since(before).as_secs_f64() / 1e6
    );
    let (wall, before) = (Instant::now(), cpu());
    store.flush().unwrap();
    let (parts, bytes) = store.stats().parts[0];
    println!(
        "flush: {:.2} s ({:.2} CPU-s), {parts} part, {:.2} B/sample",
        wall.elapsed().as_secs_f64(),
        since(before).as_secs_f64(),
        bytes as f64 / (count as f64 * ROUNDS as f64)
    );
    read_everything(&store, &scope, "part");
    store.shutdown().unwrap();
    drop(store);
    let wall = Instant::now();
    drop(open(dir.path()));
    println!("open with parts only: {:.1} ms", wall.elapsed().as_secs_f64() * 1e3);
    late_samples(&sets[..count.div_ceil(20)]);
}
