//! A full disk, a disk that fails at the wrong moment, damaged files: one case each. What they do
//! together is `simulation`.

use model::TimeRange;
use platform_sim::{Crash, Faults, SimPlatform};
use query::{AppendError, MetricAdmin, MetricSource};

use crate::driver::{append, float, metric, open, quiet_config, read, read_all, scope, set_clock};

const NOW_MS: i64 = 1_735_700_000_000;

fn machine(seed: u64) -> SimPlatform {
    let sim = SimPlatform::new(seed);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    sim
}

#[test]
fn a_full_disk_refuses_writes_and_keeps_reading() {
    let sim = machine(3);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let tenant = scope("t");
    let up = metric("up", "a");
    append(&*store, &tenant, &[float(&up, NOW_MS, 1.0)], 0).unwrap();
    sim.set_faults(Faults { capacity_bytes: Some(0), ..Faults::NONE });
    let refused = append(&*store, &tenant, &[float(&up, NOW_MS + 1, 2.0)], 0);
    assert!(matches!(refused, Err(AppendError::Io(_))), "{refused:?}");
    let new_series = append(&*store, &tenant, &[float(&metric("new", "b"), NOW_MS, 2.0)], 0);
    assert!(new_series.is_err());
    assert!(store.flush().is_err());
    assert_eq!(read_all(&*store, &tenant).len(), 1);
    sim.set_faults(Faults::NONE);
    append(&*store, &tenant, &[float(&metric("new", "b"), NOW_MS, 2.0)], 0).unwrap();
    store.flush().unwrap();
    assert_eq!(read_all(&*store, &tenant).len(), 2);
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    assert_eq!(read_all(&*store, &tenant).len(), 2);
}

/// A part is read back before it is listed: otherwise what is deleted meanwhile would come back.
#[test]
fn a_part_that_cannot_be_read_back_replaces_nothing() {
    let sim = machine(5);
    let (config, tenant) = (quiet_config(), scope("t"));
    let store = open(&sim.platform(), &config).unwrap();
    append(&*store, &tenant, &[float(&metric("old", "a"), NOW_MS, 1.0)], 0).unwrap();
    sim.set_faults(Faults { read_error_one_in: 1, ..Faults::NONE });
    assert!(store.flush().is_err());
    sim.set_faults(Faults::NONE);
    assert_eq!(read_all(&*store, &tenant).len(), 1, "from the head");
    store.delete_series(&tenant, &[vec![]], TimeRange::ALL).unwrap();
    store.clean_tombstones(&tenant).unwrap();
    assert_eq!(read_all(&*store, &tenant).len(), 0);
    drop(store);
    sim.reopen(Crash::Process);
    let store = open(&sim.platform(), &config).unwrap();
    assert_eq!(read_all(&*store, &tenant).len(), 0);
}

#[test]
fn a_damaged_part_is_set_aside_and_the_rest_serves() {
    // Any byte of the part: its pages are found damaged when read, the rest when opened.
    for offset_permille in (0..1000).step_by(50) {
        let sim = machine(4);
        let (config, tenant) = (quiet_config(), scope("t"));
        let store = open(&sim.platform(), &config).unwrap();
        append(&*store, &tenant, &[float(&metric("old", "a"), NOW_MS, 1.0)], 0).unwrap();
        store.flush().unwrap();
        let is_part = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "part");
        let damaged = sim.files().into_iter().find(is_part).unwrap();
        append(&*store, &tenant, &[float(&metric("new", "a"), NOW_MS, 1.0)], 0).unwrap();
        store.flush().unwrap();
        drop(store);
        sim.reopen(Crash::Process);
        let len = sim.disk().len(&damaged).unwrap();
        sim.flip_bit(&damaged, len * offset_permille / 1000, 3).unwrap();
        let store = open(&sim.platform(), &config).unwrap();
        // The query that meets the damage fails and says where; the next one is answered.
        let version = store.version(&tenant).unwrap();
        let first = read(&*store, &tenant, &[], TimeRange::ALL);
        if let Err(error) = &first {
            assert!(error.to_string().contains(".part"), "{error}");
            let changed = store.changed_since(&tenant, version, TimeRange::ALL);
            assert!(changed.iter().any(|range| range.contains(NOW_MS)), "{changed:?}");
        }
        let found = read_all(&*store, &tenant);
        assert!(found.contains_key(r#"new{instance="a", job="test"}"#), "{found:?}");
        // A flipped bit between sections hits padding and damages nothing.
        let gone = !found.contains_key(r#"old{instance="a", job="test"}"#);
        let aside = sim.files().iter().any(|path| path.to_string_lossy().contains("quarantine"));
        assert_eq!(gone, aside, "offset {offset_permille}/1000");
    }
}
