//! Size and speed of parts: `cargo bench -p metric-store --bench parts [-- TARGETS SCRAPES [FILE]]`.
//!
//! Without a file the series are those of `bench remote-write`: 500 a target, three quarters
//! constant, counters with uniformly random steps and random gauges, whose entropy alone is 0.42
//! bytes a sample. A file holds recorded values instead: a line for each scrape, of tab-separated
//! `time name=value name=value ...`; each target replays it from another line on.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use blockfile::{Part, SectionKind};
use metric_store::{MetricStore, MetricStoreConfig};
use model::{
    BatchSeries, InvalidLabels, Labels, LabelsBuilder, Matcher, SampleBatch, SeriesKey, Tenant,
    TimeRange,
};
use platform::{HostDisk, Platform};
use query::{
    Budget, FoldNeeds, FoldWindow, MetricSink, MetricSource, SampleBuffer, Scope, SelectHints,
    SelectRequest, TenantLimits,
};

const STEP_MS: i64 = 15_000;
const SERIES_PER_TARGET: usize = 500;
/// Scrapes between two cuts of the head: half an hour.
const SCRAPES_PER_PART: usize = 120;
const SECTIONS: [&str; 10] = [
    "",
    "head",
    "dictionary",
    "series",
    "postings",
    "chunks",
    "times",
    "pages",
    "metadata",
    "aggregates",
];

/// CPU time of this thread.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

fn since(before: Duration) -> f64 {
    cpu().saturating_sub(before).as_secs_f64()
}

fn decode(raw: &[u8], builder: &mut LabelsBuilder) -> Result<(), InvalidLabels> {
    for (name, value) in &Labels::from_bytes(raw).ok_or_else(|| InvalidLabels(String::new()))? {
        builder.push(name, value);
    }
    Ok(())
}

/// splitmix64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Values of all series, scrape by scrape.
enum Values {
    Random {
        random: Random,
        kinds: Vec<(u64, f64)>,
    },
    /// By series of one target, by scrape.
    Recorded(Vec<Vec<f64>>),
}

impl Values {
    fn random(series: usize) -> Self {
        let mut random = Random(1);
        let kind = |random: &mut Random| {
            let step = match random.next() % 100 {
                0..75 => 0,
                75..92 => 1 + random.next() % 5000,
                _ => u64::MAX,
            };
            (step, (random.next() % 1_000_000) as f64)
        };
        let kinds = (0..series).map(|_| kind(&mut random)).collect();
        Self::Random { random, kinds }
    }

    fn next(&mut self, series: usize, scrape: usize) -> f64 {
        match self {
            Self::Random { random, kinds } => {
                let (step, value) = &mut kinds[series];
                match *step {
                    0 => {}
                    u64::MAX => *value = (random.next() % 100_000) as f64 / 100.0,
                    step => *value += (random.next() % (2 * step)) as f64,
                }
                *value
            }
            Self::Recorded(columns) => {
                let (target, column) = (series / columns.len(), &columns[series % columns.len()]);
                column[(scrape + target * 7) % column.len()]
            }
        }
    }
}

fn recorded(path: &str) -> (Vec<String>, Values) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut columns: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let lines = text.lines().count();
    for pair in text.lines().flat_map(|line| line.split('\t').skip(1)) {
        let (name, value) = pair.split_once('=').unwrap();
        columns.entry(name).or_default().push(value.parse().unwrap());
    }
    columns.retain(|_, values| values.len() == lines);
    let names = columns.keys().map(|name| (*name).to_owned()).collect();
    (names, Values::Recorded(columns.into_values().collect()))
}

fn label_sets(targets: usize, names: &[String]) -> Vec<Labels> {
    let of = |(target, i): (usize, usize)| {
        let metric = match names.get(i) {
            Some(name) => format!("node_{}", name.replace('/', "_")),
            None => format!("node_family_{:03}_bytes_total", i / 8),
        };
        Labels::from_pairs([
            ("__name__", metric),
            ("cpu", format!("{}", i % 8)),
            ("device", format!("/dev/nvme{}n1p{}", i % 3, i % 5)),
            ("instance", format!("node-{target:04}.eu-central.example.internal:9100")),
            ("job", "node-exporter".to_owned()),
            ("mode", ["idle", "user", "system", "iowait"][i % 4].to_owned()),
        ])
    };
    let each = if names.is_empty() { SERIES_PER_TARGET } else { names.len() };
    (0..targets).flat_map(|target| (0..each).map(move |i| (target, i))).map(of).collect()
}

fn append(
    store: &MetricStore,
    scope: &Scope,
    sets: &[Labels],
    scrape: (usize, i64),
    values: &mut Values,
) {
    let keys: Vec<SeriesKey> =
        sets.iter().map(|labels| SeriesKey::of(0, labels.as_bytes())).collect();
    for (chunk, first) in sets.chunks(2000).zip((0..).step_by(2000)) {
        // Targets are not scraped at the same instant.
        let t_ms: Vec<i64> = (0..chunk.len())
            .map(|i| scrape.1 + ((first + i) / SERIES_PER_TARGET) as i64 * 37)
            .collect();
        let v: Vec<f64> = (0..chunk.len()).map(|i| values.next(first + i, scrape.0)).collect();
        let share = |(i, labels): (usize, &'_ Labels)| {
            (keys[first + i], labels.as_bytes().to_vec(), i as u32)
        };
        let owned: Vec<_> = chunk.iter().enumerate().map(share).collect();
        let series: Vec<_> = owned
            .iter()
            .map(|(key, raw, i)| BatchSeries {
                key: *key,
                raw,
                samples: (*i, i + 1),
                histograms: (0, 0),
            })
            .collect();
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
        store.append(scope, &batch).unwrap();
    }
}

fn sizes(dir: &Path, samples: f64) {
    let mut by_section = [0_u64; 10];
    let (mut all, mut parts) = (0, 0);
    for entry in std::fs::read_dir(dir.join("tenants/default")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "part") {
            continue;
        }
        let part = Part::open(&HostDisk, path).unwrap();
        parts += 1;
        all += part.bytes();
        for (kind, bytes) in by_section.iter_mut().enumerate() {
            *bytes += part.section(SectionKind(kind as u16)).map_or(0, <[u8]>::len) as u64;
        }
    }
    let index: u64 = by_section.iter().sum();
    println!(
        "{parts} parts: {:.3} B/sample = {:.3} data + {:.3} index",
        all as f64 / samples,
        (all - index) as f64 / samples,
        index as f64 / samples
    );
    for (name, bytes) in SECTIONS.iter().zip(by_section).skip(1) {
        print!("  {name} {bytes}");
    }
    println!();
}

fn reads(store: &MetricStore, scope: &Scope, what: &str) {
    let matchers = vec![Matcher::equal("job", "node-exporter")];
    let request = SelectRequest { matchers, range: TimeRange::ALL, hints: SelectHints::default() };
    for round in ["first", "again"] {
        let before = cpu();
        let found = store.select(scope, &request, &Budget::default()).unwrap();
        let selected = since(before);
        let (mut out, mut samples, mut ends) = (SampleBuffer::default(), 0, (i64::MAX, i64::MIN));
        let before = cpu();
        for index in 0..found.len() {
            found.read(index, TimeRange::ALL, &mut out).unwrap();
            samples += out.len();
            ends = (ends.0.min(out.t_ms[0]), ends.1.max(*out.t_ms.last().unwrap()));
        }
        let read = since(before);
        let windows = [FoldWindow { after_ms: ends.0 - 1, end_ms: ends.1 }];
        let (before, mut folded) = (cpu(), Vec::new());
        let count: u64 = (0..found.len())
            .map(|index| {
                assert!(found.fold(index, &windows, FoldNeeds::ALL, &mut folded).unwrap());
                folded[0].count
            })
            .sum();
        assert_eq!(count, samples as u64);
        println!(
            "{what} ({round}): select {:.0} ns/series, read {:.0} M samples/s, fold {:.0} M samples/s",
            selected * 1e9 / found.len() as f64,
            samples as f64 / read / 1e6,
            samples as f64 / since(before) / 1e6
        );
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let number =
        |at: usize, default: usize| args.get(at).map_or(default, |arg| arg.parse().unwrap());
    let (targets, scrapes) = (number(0, 100), number(1, 240));
    let (names, mut values) = match args.get(2) {
        Some(path) => recorded(path),
        None => (Vec::new(), Values::random(targets * SERIES_PER_TARGET)),
    };
    let sets = label_sets(targets, &names);
    let samples = (sets.len() * scrapes) as f64;
    println!("{} series, {scrapes} scrapes", sets.len());
    let dir = tempfile::tempdir().unwrap();
    let scope = Scope::grant(Tenant::default(), TenantLimits::default(), vec![]);
    let config = MetricStoreConfig { merge_fan_in: 2, ..MetricStoreConfig::default() };
    let open = || -> Arc<MetricStore> {
        let registry = telemetry::Registry::new();
        MetricStore::open(&Platform::host(), dir.path(), config.clone(), &registry).unwrap()
    };
    let store = open();
    let now = Platform::host().clock.unix_ms();
    let start = now - scrapes as i64 * STEP_MS;
    let mut flushed = 0.0;
    for scrape in 0..scrapes {
        append(&store, &scope, &sets, (scrape, start + scrape as i64 * STEP_MS), &mut values);
        if scrapes > 2 * SCRAPES_PER_PART && (scrape + 1) % SCRAPES_PER_PART == 0 {
            let before = cpu();
            store.flush().unwrap();
            flushed += since(before);
        }
    }
    let before = cpu();
    store.flush().unwrap();
    flushed += since(before);
    println!("flush: {:.1} M samples/CPU-s", samples / flushed / 1e6);
    sizes(dir.path(), samples);
    reads(&store, &scope, "level 0");
    let before = cpu();
    for _ in 0..100 {
        store.maintain().unwrap();
    }
    println!(
        "merge: {:.1} M samples/CPU-s (each sample counted once)",
        samples / since(before) / 1e6
    );
    sizes(dir.path(), samples);
    reads(&store, &scope, "merged");
}
