//! Files of the metrics store: they are planted on a simulated disk, the store is opened over
//! them, and everything is asked of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use metric_store::{MetricStore, MetricStoreConfig};
use model::{MatchOp, Matcher, Tenant, TimeRange};
use platform_sim::SimPlatform;
use query::{
    Budget, BudgetLimits, Cancel, FoldNeeds, FoldWindow, MetricAdmin, MetricSource, SampleBuffer,
    Scope, SelectHints, SelectRequest, TenantLimits,
};
use wal::{Wal, WalConfig};

use crate::seal::{SEGMENT, seal_part, seal_segment, seal_whole};

const STORE: &str = "/data/metrics";
const PART: &str = "tenants/t/0000000000000000.part";
const MANIFEST: &str = "tenants/t/0000000000000001.manifest";
const TOMBSTONES: &str = "tenants/t/tombstones";

/// A part file, as it is and with right checksums.
pub fn part(bytes: &[u8]) {
    visit(&[(PART, bytes)]);
    let mut sealed = bytes.to_vec();
    seal_part(&mut sealed);
    if sealed != bytes {
        visit(&[(PART, &sealed)]);
    }
}

/// The list of a tenant's parts, beside one part.
pub fn manifest(bytes: &[u8]) {
    let held = crate::written::small_part();
    visit(&[(PART, held), (MANIFEST, bytes)]);
    let mut sealed = bytes.to_vec();
    seal_whole(&mut sealed, *b"ORRERYMF");
    visit(&[(PART, held), (MANIFEST, &sealed)]);
}

/// The list of a tenant's deletions, beside one part.
pub fn tombstones(bytes: &[u8]) {
    let held = crate::written::small_part();
    let mut sealed = bytes.to_vec();
    seal_whole(&mut sealed, *b"ORRERYTS");
    for bytes in [bytes, &sealed] {
        visit(&[(PART, held), (TOMBSTONES, bytes)]);
    }
}

/// A segment of the log, as it is under the number that it states, and with right checksums.
pub fn wal_segment(bytes: &[u8]) {
    let path = |number: u64| format!("wal/{number:016x}.wal");
    let stated = bytes.get(16..24).and_then(|field| field.first_chunk::<8>());
    visit(&[(&path(stated.map_or(SEGMENT, |field| u64::from_le_bytes(*field))), bytes)]);
    let mut sealed = bytes.to_vec();
    seal_segment(&mut sealed);
    visit(&[(&path(SEGMENT), &sealed)]);
}

/// Payloads of log records: `kind:u8 bytes:u16 payload`, one after the other, which the log itself
/// frames.
pub fn wal_records(mut bytes: &[u8]) {
    let sim = machine();
    let config = WalConfig { background_sync: false, ..WalConfig::default() };
    let (log, _) = Wal::open(sim.disk(), Path::new(STORE).join("wal"), config)
        .expect("an empty directory opens");
    while let Some(([kind, low, high], rest)) = bytes.split_first_chunk() {
        let len = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (payload, rest) = rest.split_at(len);
        log.append(*kind, &[payload]).expect("a quiet disk takes records");
        bytes = rest;
    }
    log.close().expect("a quiet disk syncs");
    open_and_ask(&sim);
}

pub(crate) fn machine() -> SimPlatform {
    let sim = SimPlatform::new(1);
    sim.disk().create_dir_all(Path::new(STORE)).expect("an empty disk takes a directory");
    sim
}

pub(crate) fn config() -> MetricStoreConfig {
    MetricStoreConfig {
        shards: 2,
        retention: Duration::ZERO,
        wal: WalConfig { background_sync: false, ..WalConfig::default() },
        ..MetricStoreConfig::default()
    }
}

pub(crate) fn open(sim: &SimPlatform) -> Result<Arc<MetricStore>, metric_store::OpenError> {
    MetricStore::open(&sim.platform(), STORE, config(), &telemetry::Registry::new())
}

pub(crate) fn scope() -> Scope {
    let tenant = Tenant::parse("t").expect("a plain name");
    Scope::grant(tenant, TenantLimits::default(), vec![])
}

fn visit(files: &[(&str, &[u8])]) {
    let sim = machine();
    let disk = sim.disk();
    for (name, bytes) in files {
        let path = Path::new(STORE).join(name);
        disk.create_dir_all(path.parent().unwrap_or(&path)).expect("the disk is empty");
        let file = disk.create_new(&path).expect("the file is new");
        file.append(bytes).expect("the disk has room");
    }
    open_and_ask(&sim);
}

/// Opens the store, reads and changes it; then once more, after what the first round set aside.
fn open_and_ask(sim: &SimPlatform) {
    for _ in 0..2 {
        let Ok(store) = open(sim) else { return };
        ask(&store);
        change(&store);
        drop(store);
        sim.reopen(platform_sim::Crash::Process);
    }
}

fn budget() -> Budget {
    let limits =
        BudgetLimits { samples_max: 1 << 20, bytes_max: 64 << 20, timeout: Duration::from_mins(1) };
    Budget::new(limits, Cancel::default())
}

fn ask(store: &MetricStore) {
    let (scope, budget) = (scope(), budget());
    let regex = Matcher::new("__name__", MatchOp::Regex, "[a-m].*|up").expect("a plain pattern");
    let middle = TimeRange::new(1_735_689_000_000, 1_735_689_500_000);
    let sets = [
        (vec![], TimeRange::ALL),
        (vec![regex], middle),
        (vec![Matcher::equal("__name__", "up"), Matcher::equal("absent", "")], TimeRange::ALL),
    ];
    for (matchers, range) in &sets {
        let request = SelectRequest {
            matchers: matchers.clone(),
            range: *range,
            hints: SelectHints::default(),
        };
        let Ok(found) = store.select(&scope, &request, &budget) else { continue };
        let (mut samples, mut folded) = (SampleBuffer::default(), Vec::new());
        let windows = [(0, 3), (3, 200), (200, 1000)].map(|(from, to)| FoldWindow {
            after_ms: middle.start_ms + from * 1000,
            end_ms: middle.start_ms + to * 1000,
        });
        for index in 0..found.len() {
            found.labels(index);
            for range in [*range, middle] {
                if found.read(index, range, &mut samples).is_ok() {
                    assert!(samples.t_ms.is_sorted_by(|a, b| a < b), "times ascend strictly");
                    assert_eq!(samples.t_ms.len(), samples.v.len(), "columns have equal length");
                }
            }
            found.fold(index, &windows, FoldNeeds::ALL, &mut folded).ok();
        }
    }
    let matching = [vec![Matcher::equal("job", "test")]];
    store.series(&scope, &[], TimeRange::ALL, 0, &budget).ok();
    let names = store.label_names(&scope, &[], TimeRange::ALL, 0, &budget).unwrap_or_default();
    for name in names.iter().take(100) {
        store.label_values(&scope, name, &matching, TimeRange::ALL, 0, &budget).ok();
    }
    store.metadata(&scope, None, 0).ok();
    store.exemplars(&scope, TimeRange::ALL, |_| true);
}

fn change(store: &MetricStore) {
    let some = [vec![Matcher::equal("instance", "a")]];
    let range = TimeRange::new(i64::MIN, 1_735_689_300_000);
    store.delete_series(&scope(), &some, range).ok();
    ask(store);
    store.clean_tombstones(&scope()).ok();
    store.flush().ok();
    store.maintain().ok();
    ask(store);
}
