//! Merges: whatever the parts were, the merged ones hold the same samples, and folding says the
//! same as reading.

use std::time::Duration;

use metric_store::MetricStore;
use model::{TimeRange, is_stale, stale_nan};
use platform_sim::SimPlatform;
use proptest::prelude::*;
use query::{
    Budget, FoldNeeds, FoldWindow, MetricSource, SampleBuffer, SelectHints, SelectRequest,
    WindowAggregate,
};

use crate::driver::{append, float, metric, open, quiet_config, read_all, scope};

const STEP_MS: i64 = 60_000;

/// A stretch of samples of one series, as one batch; they may be late and may be there already.
#[derive(Clone, Debug)]
struct Stretch {
    series: u8,
    first: i64,
    count: i64,
    kind: u8,
    flush: bool,
}

fn stretch() -> impl Strategy<Value = Stretch> {
    (0_u8..4, 0_i64..2500, 1_i64..700, 0_u8..6, any::<bool>()).prop_map(
        |(series, first, count, kind, flush)| Stretch { series, first, count, kind, flush },
    )
}

fn value(stretch: &Stretch, at: i64) -> f64 {
    match stretch.kind {
        0 => 42.0,
        1 => (at % 400 * 1500) as f64,
        2 => (at * 7919 % 1000) as f64 / 100.0,
        3 => (at as f64).sqrt(),
        4 if at % 97 == 0 => stale_nan(),
        4 => at as f64,
        _ if at % 211 == 0 => f64::NAN,
        _ => -0.0,
    }
}

fn select(store: &MetricStore) -> Box<dyn query::Selection> {
    let request =
        SelectRequest { matchers: vec![], range: TimeRange::ALL, hints: SelectHints::default() };
    store.select(&scope("t"), &request, &Budget::default()).unwrap()
}

/// Folds every series and compares with what reading it gives.
fn check_folding(store: &MetricStore, windows: &[FoldWindow]) {
    let selection = select(store);
    let (mut samples, mut folded) = (SampleBuffer::default(), Vec::new());
    for index in 0..selection.len() {
        selection.read(index, TimeRange::ALL, &mut samples).unwrap();
        let within = |window: &FoldWindow| {
            let all = std::iter::zip(&samples.t_ms, &samples.v);
            let found = all.filter(|(t, v)| window.contains(**t) && !is_stale(**v));
            found.map(|(t, v)| (*t, *v)).collect::<Vec<_>>()
        };
        let has_nan = windows.iter().any(|window| within(window).iter().any(|(_, v)| v.is_nan()));
        let supported = selection.fold(index, windows, FoldNeeds::ALL, &mut folded).unwrap();
        assert_eq!(supported, !has_nan);
        for (window, got) in windows.iter().zip(&folded).filter(|_| supported) {
            let mut want = WindowAggregate::default();
            for (t, v) in within(window) {
                want.push(t, v);
            }
            let near = |a: f64, b: f64| (a - b).abs() <= b.abs().max(1.0) * 1e-12;
            assert!(near(got.sum + got.compensation, want.sum + want.compensation));
            assert!(near(got.reset_correction, want.reset_correction));
            let WindowAggregate { sum, compensation, reset_correction, .. } = *got;
            let want = WindowAggregate { sum, compensation, reset_correction, ..want };
            assert_eq!(*got, want, "{window:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn merged_parts_hold_what_the_parts_held(
        stretches in prop::collection::vec(stretch(), 1..14),
        cuts in prop::collection::btree_set(-10_i64..3300, 1..6),
    ) {
        let sim = SimPlatform::new(7);
        sim.platform().disk.create_dir_all("/data".as_ref()).unwrap();
        let store = open(&sim.platform(), &quiet_config()).unwrap();
        let start = sim.platform().clock.unix_ms() - 3300 * STEP_MS;
        for stretch in &stretches {
            let labels = metric("m", &format!("i{}", stretch.series));
            let at = |place: i64| start + (stretch.first + place) * STEP_MS;
            let points: Vec<_> = (0..stretch.count)
                .map(|place| float(&labels, at(place), value(stretch, stretch.first + place)))
                .collect();
            append(&*store, &scope("t"), &points, 0).unwrap();
            if stretch.flush {
                store.flush().unwrap();
            }
        }
        let edges: Vec<i64> = cuts.iter().map(|cut| start + cut * STEP_MS).collect();
        let windows: Vec<FoldWindow> = edges
            .windows(2)
            .map(|pair| FoldWindow { after_ms: pair[0], end_ms: pair[1] })
            .collect();
        let want = read_all(&*store, &scope("t"));
        check_folding(&store, &windows);
        store.flush().unwrap();
        prop_assert_eq!(&read_all(&*store, &scope("t")), &want);
        let flushed = store.stats().parts[0].0;
        // Long after: every window is over.
        sim.clock().advance(Duration::from_hours(48));
        for _ in 0..20 {
            store.maintain().unwrap();
            prop_assert_eq!(&read_all(&*store, &scope("t")), &want);
        }
        let left: u64 = store.stats().parts.iter().map(|(count, _)| count).sum();
        prop_assert!(left <= flushed);
        check_folding(&store, &windows);
    }
}
