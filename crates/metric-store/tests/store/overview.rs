//! What the store says that it holds.

use metric_store::MetricStore;
use model::TimeRange;
use platform_sim::{Crash, SimPlatform};
use query::MetricAdmin;

use crate::driver::{append, float, metric, open, quiet_config, scope, set_clock};

const NOW_MS: i64 = 1_735_700_000_000;

fn fill(store: &MetricStore) {
    for (name, instance, ticks) in [("up", "a", 3), ("up", "b", 1), ("cpu", "a", 2)] {
        for tick in 0..ticks {
            let point = float(&metric(name, instance), NOW_MS - tick * 1000, 1.0);
            append(store, &scope("t"), &[point], 0).unwrap();
        }
    }
}

#[test]
fn the_head_and_the_parts_are_counted() {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    fill(&store);
    let stats = store.head_stats(&scope("t"), 2).unwrap();
    let of = |counts: &[(&str, u64)]| -> Vec<(String, u64)> {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    };
    assert_eq!((stats.series, stats.label_pairs), (3, 5));
    assert_eq!(stats.time, Some(TimeRange::new(NOW_MS - 2000, NOW_MS)));
    assert_eq!(stats.series_by_metric, of(&[("up", 2), ("cpu", 1)]));
    assert_eq!(stats.values_by_name, of(&[("__name__", 2), ("instance", 2)]));
    assert_eq!(stats.series_by_pair, of(&[("job=test", 3), ("__name__=up", 2)]));
    // __name__: twice 8 + 1 + 2 + 1, once one more; instance: three times 8 + 1 + 1 + 1.
    assert_eq!(stats.bytes_by_name, of(&[("__name__", 37), ("instance", 33)]));
    assert!(stats.chunks >= 3, "{stats:?}");
    assert_eq!(store.parts(&scope("t")).unwrap(), []);

    store.flush().unwrap();
    let parts = store.parts(&scope("t")).unwrap();
    let [part] = &parts[..] else { panic!("one part, not {parts:?}") };
    assert_eq!((part.series, part.samples, part.level), (3, 6, 0));
    assert_eq!(part.time, TimeRange::new(NOW_MS - 2000, NOW_MS));
    assert!(part.chunks >= 3, "{part:?}");
    assert_eq!(store.head_stats(&scope("nobody"), 2).unwrap(), query::HeadStats::default());
}

#[test]
fn the_replay_ends_at_the_last_segment_and_counts_damage() {
    let sim = SimPlatform::new(1);
    sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
    set_clock(&sim, NOW_MS);
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    fill(&store);
    drop(store);
    sim.reopen(Crash::Process);
    let segment = sim.files().into_iter().find(|path| path.extension().is_some_and(|e| e == "wal"));
    let segment = segment.unwrap();
    let middle = sim.disk().len(&segment).unwrap() / 2;
    sim.flip_bit(&segment, middle, 1).unwrap();
    let store = open(&sim.platform(), &quiet_config()).unwrap();
    let progress = store.replay_progress();
    assert_eq!(progress.current, progress.last);
    assert_eq!(store.corruptions(), 1);
}
