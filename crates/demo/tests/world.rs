//! What must hold of the made-up company at every moment, for every seed.

use std::collections::BTreeMap;

use demo::{Kind, Moment, Series, World};
use proptest::prelude::*;

const STEP_MS: i64 = 15_000;
/// 2026-10-05, a Monday.
const MONDAY_MS: i64 = 1_791_158_400_000;
const WEEK_MS: i64 = 7 * 86_400_000;

/// Bits, so that staleness markers compare.
fn all(world: &World, first_ms: i64, count: usize) -> Vec<(usize, i64, u64)> {
    let moments = world.moments(first_ms, count);
    let mut out = Vec::new();
    for (n, series) in world.series().iter().enumerate() {
        moments.samples(series, |t_ms, value| out.push((n, t_ms, value.to_bits())));
    }
    out.sort_unstable();
    out
}

fn values(moments: &Moment<'_>, series: &Series) -> Vec<f64> {
    let mut out = Vec::new();
    moments.samples(series, |_, value| out.push(value));
    out
}

fn label<'a>(series: &'a Series, name: &str) -> &'a str {
    series.labels.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// Writing the past at once, in pieces of any size, gives what was written moment by moment.
    #[test]
    fn a_past_written_at_once_is_the_past_that_was_lived(
        seed: u64,
        at in 0..WEEK_MS / STEP_MS,
        pieces in prop::collection::vec(1_usize..12, 1..4),
    ) {
        let first_ms = MONDAY_MS + at * STEP_MS;
        let count: usize = pieces.iter().sum();
        let world = World::new(seed, STEP_MS);
        let at_once = all(&world, first_ms, count);

        let mut in_pieces = Vec::new();
        let mut next_ms = first_ms;
        for piece in pieces {
            in_pieces.extend(all(&world, next_ms, piece));
            next_ms += piece as i64 * STEP_MS;
        }
        in_pieces.sort_unstable();
        prop_assert_eq!(&at_once, &in_pieces);

        // Another process, later, with the same seed, one moment at a time.
        let later = World::new(seed, STEP_MS);
        let mut lived = Vec::new();
        for n in 0..count as i64 {
            lived.extend(all(&later, first_ms + n * STEP_MS, 1));
        }
        lived.sort_unstable();
        prop_assert_eq!(&at_once, &lived);
    }
}

#[test]
fn counters_only_fall_when_their_process_starts_again() {
    let world = World::new(1, 300_000);
    let counters: Vec<&str> = world
        .families()
        .iter()
        .filter(|(_, kind)| *kind == Kind::Counter)
        .map(|(name, _)| name.as_str())
        .collect();
    let moments = world.moments(MONDAY_MS, 2_016);
    let mut resets = 0;
    for series in world.series() {
        let name = label(series, "__name__");
        let is_counter =
            counters.contains(&name) || ["_bucket", "_count"].iter().any(|end| name.ends_with(end));
        // "celery_…_count" and the like are gauges only when a family says so.
        if !is_counter || world.families().iter().any(|(n, k)| n == name && *k == Kind::Gauge) {
            continue;
        }
        let mut last = 0.0;
        let mut falls = Vec::new();
        moments.samples(series, |_, value| {
            assert!(value >= 0.0, "{value} in {:?}", series.labels);
            if value < last {
                falls.push((last, value));
            }
            last = value;
        });
        resets += falls.len();
        // The web application is deployed once a day; nothing starts again more often than that
        // but for what crashes.
        assert!(falls.len() <= 14, "{} falls of {:?}: {falls:?}", falls.len(), series.labels);
        let begins_anew = falls.iter().all(|(before, after)| *after < before / 2.0 + 100.0);
        assert!(begins_anew, "{:?} falls without a restart: {falls:?}", series.labels);
    }
    assert!(resets > 0, "nothing ever starts again");
}

#[test]
fn buckets_rise_with_their_bound_and_end_at_the_count() {
    let world = World::new(7, 300_000);
    let moments = world.moments(MONDAY_MS, 2_016);
    let mut histograms: BTreeMap<String, Vec<(f64, Vec<f64>)>> = BTreeMap::new();
    let mut counts: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for series in world.series() {
        let name = label(series, "__name__");
        let rest: Vec<String> = series
            .labels
            .iter()
            .filter(|(n, _)| n != "__name__" && n != "le")
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let of = |stem: &str| format!("{stem}{{{}}}", rest.join(","));
        if let Some(stem) = name.strip_suffix("_bucket") {
            let bound = label(series, "le").replace("+Inf", "inf").parse().expect("a bound");
            let values = values(&moments, series);
            histograms.entry(of(stem)).or_default().push((bound, values));
        } else if let Some(stem) = name.strip_suffix("_count") {
            counts.insert(of(stem), values(&moments, series));
        }
    }
    assert!(histograms.len() > 50);
    for (name, mut buckets) in histograms {
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in buckets.windows(2) {
            let ordered = pair[0].1.iter().zip(&pair[1].1).all(|(below, above)| below <= above);
            assert!(ordered, "{name}: {} holds more than {}", pair[0].0, pair[1].0);
        }
        let (bound, last) = buckets.last().expect("buckets");
        assert_eq!((*bound, Some(last)), (f64::INFINITY, counts.get(&name)), "{name}");
    }
}

#[test]
fn a_processor_is_never_more_than_busy() {
    let world = World::new(3, 60_000);
    let moments = world.moments(MONDAY_MS, 1_440);
    let mut sums: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
    for series in world.series() {
        if label(series, "__name__") == "node_cpu_seconds_total" {
            let key = (label(series, "instance").to_owned(), label(series, "cpu").to_owned());
            let values = values(&moments, series);
            let idle = label(series, "mode") == "idle";
            let risen: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let resets = risen.iter().any(|r| *r < -60.0);
            assert!(!idle || resets || risen.iter().all(|r| *r >= 0.0), "{key:?} idles backwards");
            let sum = sums.entry(key).or_insert_with(|| vec![0.0; risen.len()]);
            sum.iter_mut().zip(&risen).for_each(|(sum, risen)| *sum += risen);
        }
    }
    assert_eq!(sums.len(), 16);
    for (key, risen) in sums {
        let whole = risen.iter().filter(|r| (**r - 60.0).abs() < 1e-3).count();
        assert!(whole + 2 >= risen.len(), "{key:?}: a minute has {risen:?} seconds");
    }
}

#[test]
fn every_series_is_there_once_with_a_name_and_no_empty_label() {
    let world = World::new(1, STEP_MS);
    let mut seen = std::collections::BTreeSet::new();
    for series in world.series() {
        assert!(seen.insert(&series.labels), "twice: {:?}", series.labels);
        assert!(!label(series, "__name__").is_empty());
        assert!(series.labels.iter().all(|(n, v)| !n.is_empty() && !v.is_empty()));
        assert!(series.labels.windows(2).all(|pair| pair[0].0 < pair[1].0), "{:?}", series.labels);
    }
    assert!((1_000..7_000).contains(&seen.len()), "{} series", seen.len());
}

/// An alert is there while it lasts, and a marker says when it ends.
#[test]
fn alerts_come_and_go() {
    let world = World::new(1, 60_000);
    let moments = world.moments(MONDAY_MS, 7 * 1_440);
    let alerts = world.series().iter().filter(|s| label(s, "__name__") == "ALERTS");
    let mut came_and_went = 0;
    for series in alerts {
        let values = values(&moments, series);
        let firing = values.iter().filter(|v| **v == 1.0).count();
        let ends = values.iter().filter(|v| v.is_nan()).count();
        assert_eq!(firing + ends, values.len());
        if label(series, "alertname") == "Watchdog" {
            assert_eq!((firing, ends), (7 * 1_440, 0));
        }
        came_and_went += ends;
    }
    assert!(came_and_went > 20, "{came_and_went}");
}
