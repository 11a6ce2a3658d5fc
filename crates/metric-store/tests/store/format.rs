//! The files of the present format version: still readable, and still written like that.

use std::path::{Path, PathBuf};

use model::{FloatHistogram, Labels, MetricMetadata, MetricType, Span, TimeRange, stale_nan};
use platform_sim::SimPlatform;
use query::MetricSource;

use crate::driver::{
    Answer, Point, Value, append, append_with, float, metric, open, quiet_config, read, read_all,
    scope, set_clock,
};

const NOW_MS: i64 = 1_735_700_000_000;

/// Two parts (one with late samples) and a log with more.
fn write_sample() -> SimPlatform {
    let sim = SimPlatform::new(20);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let help = MetricMetadata {
        metric_type: MetricType::Counter,
        help: "Requests.".to_owned(),
        unit: String::new(),
    };
    append_with(&*store, &scope("t"), &points(0..30), (&[], &[("requests", help)]), 0).unwrap();
    store.flush().unwrap();
    append(&*store, &scope("t"), &points(10..45), 0).unwrap();
    append(&*store, &scope("t"), &points(-3..0), 0).unwrap();
    store.flush().unwrap();
    append(&*store, &scope("t"), &points(45..50), 0).unwrap();
    sim
}

fn points(ticks: std::ops::Range<i64>) -> Vec<Point> {
    let (requests, gauge, latency) =
        (metric("requests", "a"), metric("gauge", "ü"), metric("latency", "a"));
    let unnamed = Labels::from_pairs([("only", "label")]);
    let at = |tick: i64| {
        let t_ms = NOW_MS - 60_000 + tick * 1000;
        let special = [0.0, -0.0, f64::NAN, f64::INFINITY, stale_nan(), 0.1];
        let gauge_value = special[tick.rem_euclid(6) as usize];
        let h = FloatHistogram {
            schema: 2,
            zero_threshold: 1e-9,
            count: tick as f64 + 4.0,
            sum: tick as f64 / 3.0,
            positive_spans: vec![Span { offset: -1, length: 1 }, Span { offset: 2, length: 1 }],
            positive_buckets: vec![tick as f64, 4.0],
            ..FloatHistogram::default()
        };
        [
            float(&requests, t_ms, (tick * 7) as f64),
            float(&gauge, t_ms, gauge_value),
            float(&unnamed, t_ms, 1.0),
            Point { labels: latency.clone(), t_ms, value: Value::Histogram(Box::new(h)) },
        ]
    };
    ticks.flat_map(at).collect()
}

fn expected() -> Answer {
    let mut answer = Answer::new();
    for point in points(-3..50) {
        answer.entry(point.labels.to_string()).or_default().insert(point.t_ms, point.value);
    }
    answer
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/v2")
}

/// A name for a path of the store that is a plain file name.
fn flat(path: &Path) -> String {
    path.to_string_lossy().trim_start_matches("/data/metrics/").replace('/', "+")
}

#[test]
fn version_2_is_readable() {
    let sim = SimPlatform::new(1);
    let disk = sim.disk();
    for entry in std::fs::read_dir(fixture()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().replace('+', "/");
        let path = Path::new("/data/metrics").join(name);
        disk.create_dir_all(path.parent().unwrap()).unwrap();
        let bytes = std::fs::read(entry.path()).unwrap();
        disk.create_new(&path).unwrap().append(&bytes).unwrap();
    }
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    assert_eq!(read_all(&*store, &scope("t")), expected());
    assert_eq!(store.stats().parts[0].0, 2);
    let known = store.metadata(&scope("t"), None, 0).unwrap();
    assert_eq!(known["requests"][0].help, "Requests.");
    let only = [model::Matcher::equal("only", "label")];
    let range = TimeRange::new(NOW_MS - 60_000, NOW_MS - 59_000);
    let found = read(&*store, &scope("t"), &only, range).unwrap();
    assert_eq!(found.values().map(std::collections::BTreeMap::len).sum::<usize>(), 2);
}

#[test]
fn the_same_samples_still_make_the_same_files() {
    let sim = write_sample();
    let mut compared = 0;
    for path in sim.files() {
        let bytes = sim.disk().read(&path).unwrap();
        let want = std::fs::read(fixture().join(flat(&path)));
        assert!(want.is_ok_and(|want| want == bytes), "{}", path.display());
        compared += 1;
    }
    assert!(compared >= 4, "two parts, a manifest and a log");
}
