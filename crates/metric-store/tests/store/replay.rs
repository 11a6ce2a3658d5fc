//! From the log back into memory: within the limit, and with queries served meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use metric_store::{MaintainError, MetricStore, MetricStoreConfig};
use model::{BatchSeries, Exemplar, FloatHistogram, Labels, SampleBatch, SeriesKey};
use platform::Platform;
use platform_sim::{Crash, SimPlatform};
use query::{AppendError, MetricSink};
use telemetry::Registry;

use crate::driver::{
    Point, Value, append, append_started, append_with, float, metric, open, quiet_config, read_all,
    scope, set_clock,
};

const NOW_MS: i64 = 1_735_700_000_000;

fn machine() -> SimPlatform {
    let sim = SimPlatform::new(7);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    sim
}

#[test]
fn until_it_has_ended_parts_are_read_and_nothing_is_written() {
    let sim = machine();
    let (config, tenant) = (quiet_config(), scope("t"));
    let store = open(&sim.platform(), &config).unwrap();
    append(&*store, &tenant, &[float(&metric("in_part", "a"), NOW_MS, 1.0)], 0).unwrap();
    store.flush().unwrap();
    append(&*store, &tenant, &[float(&metric("in_log", "a"), NOW_MS, 2.0)], 0).unwrap();
    drop(store);
    sim.reopen(Crash::Process);

    let registry = Registry::new();
    let start = || MetricStore::start(&sim.platform(), "/data/metrics", config.clone(), &registry);
    let (store, log) = start().unwrap();
    let metric_shows = |want: &str| {
        let mut page = String::new();
        registry.render(&mut page, telemetry::Format::Text004);
        assert!(page.contains(&format!("\norrery_store_ready {want}\n")), "{page}");
    };
    assert!(!store.ready());
    metric_shows("0");
    let names = |store: &MetricStore| read_all(store, &tenant).into_keys().collect::<Vec<_>>();
    assert_eq!(names(&store), [r#"in_part{instance="a", job="test"}"#]);
    let refused = append(&*store, &tenant, &[float(&metric("new", "a"), NOW_MS, 1.0)], 0);
    assert!(matches!(&refused, Err(AppendError::NotReady(why)) if why.contains("replaying")));
    // Neither may cut what is not there yet.
    store.maintain().unwrap();
    assert!(matches!(store.flush(), Err(MaintainError::Replaying)));
    log.run().unwrap();
    assert!(store.ready());
    metric_shows("1");
    assert_eq!(names(&store).len(), 2);
    append(&*store, &tenant, &[float(&metric("new", "a"), NOW_MS, 1.0)], 0).unwrap();

    // A stop before the replay loses nothing.
    drop(store);
    sim.reopen(Crash::Process);
    let (store, log) = start().unwrap();
    store.shutdown().unwrap();
    log.run().unwrap();
    assert!(!store.ready());
    drop(store);
    let store = open(&sim.platform(), &config).unwrap();
    assert_eq!(names(&store).len(), 3);
}

/// The log keeps no record of nothing: the definition must come with the first sample.
#[test]
fn a_series_that_came_without_a_sample_is_defined_when_one_follows() {
    let sim = machine();
    let (config, tenant) = (quiet_config(), scope("t"));
    let store = open(&sim.platform(), &config).unwrap();
    let up = metric("up", "a");
    let raw = up.as_bytes();
    let nothing = (0, 0);
    let series =
        [BatchSeries { key: SeriesKey::of(0, raw), raw, samples: nothing, histograms: nothing }];
    let empty = SampleBatch {
        decode: &crate::driver::decode,
        series: &series,
        t_ms: &[],
        v: &[],
        histograms: &[],
        starts: &[],
        exemplars: &[],
        metadata: &[],
    };
    store.append(&tenant, &empty).unwrap();
    append(&*store, &tenant, &[float(&up, NOW_MS, 1.0)], 0).unwrap();
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &config).unwrap();
    assert_eq!(read_all(&*store, &tenant).len(), 1);
}

#[test]
fn a_counter_begins_with_a_zero_that_survives() {
    let sim = machine();
    let tenant = scope("t");
    let config = MetricStoreConfig { created_timestamp_zero: true, ..quiet_config() };
    let store = open(&sim.platform(), &config).unwrap();
    let labels = metric("requests_total", "a");
    let h = metric("latency_seconds", "a");
    let full = FloatHistogram { schema: 3, count: 4.0, sum: 9.0, ..FloatHistogram::default() };
    let send = |t_ms: i64, start_ms: i64| {
        let value = Value::Histogram(Box::new(full.clone()));
        let points = [float(&labels, t_ms, 5.0), Point { labels: h.clone(), t_ms, value }];
        let starts = [(0, start_ms), (1, start_ms)];
        append_started(&*store, &tenant, &points, &starts, (&[], &[]), 0).unwrap();
    };
    let (hour, begun) = (3_600_000, NOW_MS - 70_000);
    send(NOW_MS - 60_000, begun);
    send(NOW_MS - 45_000, begun); // known by now
    send(NOW_MS - 30_000, NOW_MS - 60_000); // not behind the last sample
    send(NOW_MS - 20_000, NOW_MS - 2 * hour); // long ago
    send(NOW_MS - 10_000, NOW_MS - 15_000); // begun anew
    let zero = FloatHistogram { schema: 3, ..FloatHistogram::default() };
    let check = |found: &crate::driver::Answer| {
        let zeros = |series: &Labels, zero: &Value| -> Vec<i64> {
            let all = found[&series.to_string()].iter();
            all.filter(|(_, v)| *v == zero).map(|(t, _)| *t).collect()
        };
        let want = [begun, NOW_MS - 15_000];
        assert_eq!(zeros(&labels, &Value::Float(0)), want);
        assert_eq!(zeros(&h, &Value::Histogram(Box::new(zero.clone()))), want);
        assert!(found.values().all(|samples| samples.len() == 7));
    };
    check(&read_all(&*store, &tenant));
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &config).unwrap();
    check(&read_all(&*store, &tenant));
    store.flush().unwrap();
    check(&read_all(&*store, &tenant));
}

/// Histograms, new series and exemplars, all far beyond what the head may hold.
#[test]
fn memory_stays_within_the_limit() {
    let sim = machine();
    let tenant = scope("t");
    let small = MetricStoreConfig {
        head_bytes_max: 30_000,
        exemplars_max: 50,
        flush_on_shutdown: false,
        ..quiet_config()
    };
    let roomy = MetricStoreConfig { head_bytes_max: 1 << 30, ..small.clone() };
    let store = open(&sim.platform(), &roomy).unwrap();
    let histogram = |i: i64| FloatHistogram {
        count: i as f64,
        positive_spans: vec![model::Span { offset: 0, length: 20 }],
        positive_buckets: (0..20).map(|bucket| (i * bucket % 77) as f64).collect(),
        ..FloatHistogram::default()
    };
    let mut points = 0;
    for i in 0..600 {
        let labels = metric(&format!("h{}", i % 50), &(i / 100).to_string());
        let value = Value::Histogram(Box::new(histogram(i)));
        let point = Point { labels, t_ms: NOW_MS - 1000 + i, value };
        let labels = Labels::from_pairs([("trace_id", i.to_string())]);
        let exemplar = (0, Exemplar { labels, v: 1.0, t_ms: NOW_MS });
        append_with(&*store, &tenant, &[point], (&[exemplar], &[]), 0).unwrap();
        points += 1;
    }
    let held = store.stats().chunk_bytes;
    assert!(held > 4 * small.head_bytes_max, "{held}");
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &small).unwrap();
    let stats = store.stats();
    assert!(stats.chunk_bytes <= small.head_bytes_max, "{}", stats.chunk_bytes);
    assert!(stats.parts[0].0 >= 3, "{:?}", stats.parts);
    assert_eq!(store.exemplars(&tenant, model::TimeRange::ALL, |_| true).len(), 50);
    let found: usize =
        read_all(&*store, &tenant).values().map(std::collections::BTreeMap::len).sum();
    assert_eq!(found, points);
}

#[test]
fn queries_are_answered_while_another_thread_replays() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::host();
    // Cuts on the way, so that what is read moves from the head to parts under the reader.
    let config = MetricStoreConfig { head_bytes_max: 8_000, ..quiet_config() };
    let now = platform.clock.unix_ms();
    let registry = Registry::new();
    let start = |config: &MetricStoreConfig| {
        MetricStore::start(&platform, dir.path(), config.clone(), &registry).unwrap()
    };
    let roomy = MetricStoreConfig { head_bytes_max: 1 << 30, ..config.clone() };
    let (store, log) = start(&roomy);
    log.run().unwrap();
    for i in 0..400 {
        let point = |s: i64| float(&metric("m", &s.to_string()), now - 400 + i, (i * s) as f64);
        let points: Vec<_> = (0..50).map(point).collect();
        append(&*store, &scope("t"), &points, 0).unwrap();
    }
    let whole = read_all(&*store, &scope("t"));
    drop(store);
    let (store, log) = start(&config);
    let ended = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let replaying = threads.spawn(|| {
            let result = log.run();
            ended.store(true, Ordering::Release);
            result
        });
        let mut before = 0;
        while !ended.load(Ordering::Acquire) {
            let found = read_all(&*store, &scope("t"));
            let wrong = |(series, samples): (&String, &std::collections::BTreeMap<i64, Value>)| {
                samples.iter().any(|(t, v)| whole[series].get(t) != Some(v))
            };
            assert!(!found.iter().any(wrong), "a sample that is not in the log");
            let count = found.values().map(std::collections::BTreeMap::len).sum();
            assert!(count >= before, "{count} samples after {before}");
            before = count;
        }
        replaying.join().unwrap().unwrap();
    });
    assert_eq!(read_all(&*store, &scope("t")), whole);
    assert!(store.stats().parts[0].0 > 0);
}
