//! The engine equals a naive evaluator on random data and random expressions, whether the source
//! hands out samples or folds them.

mod evaluator;
mod expressions;
mod folding;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use evaluator::{Naive, Series, Value as Naively};
use expressions::Rng;
use folding::Folding;
use model::{Labels, Tenant};
use promql::{Engine, EngineConfig, QueryError, RangeTimes, Value};
use proptest::prelude::*;
use query::memory::MemorySource;
use query::{Budget, MetricSource, Scope, TenantLimits};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let parse = promql_syntax::ParseOptions::all_features();
    let config = EngineConfig { parse, fold_ms_min: 1, ..EngineConfig::default() };
    Engine::new(config).expect("threads start")
});

fn scope() -> Scope {
    Scope::grant(Tenant::default(), TenantLimits::default(), Vec::new())
}

fn stored(data: &[Series]) -> MemorySource {
    let source = MemorySource::new();
    for (labels, samples) in data {
        for (t_ms, v) in samples {
            source.push(&scope(), labels, *t_ms, *v);
        }
    }
    source
}

type Points = BTreeMap<(Labels, i64), f64>;

/// Nothing where the query is refused.
fn by_engine(source: &dyn MetricSource, query: &str, times: RangeTimes) -> Option<Points> {
    let answer = match ENGINE.range(source, &scope(), query, times, &Budget::default()) {
        Ok(result) => result.value,
        Err(QueryError::Execution(_)) => return None,
        Err(error) => panic!("{query}: {error}"),
    };
    let Value::Matrix(series) = answer else { panic!("{query}: no matrix") };
    let points = series.iter().flat_map(|one| {
        one.floats().map(|(t_ms, v)| ((one.labels.clone(), t_ms), v)).collect::<Vec<_>>()
    });
    Some(points.collect())
}

fn naively(data: &[Series], query: &str, times: RangeTimes) -> Option<Points> {
    let options = promql_syntax::ParseOptions::all_features();
    let expr = promql_syntax::parse(query, &options).unwrap_or_else(|e| panic!("{query}: {e}"));
    let naive = Naive::new(data, times.start_ms, times.end_ms);
    let mut points = Points::new();
    let mut t_ms = times.start_ms;
    while t_ms <= times.end_ms {
        match naive.eval(&expr, t_ms).ok()? {
            Naively::Scalar(v) => {
                points.insert((Labels::empty(), t_ms), v);
            }
            Naively::Vector(all) => {
                points.extend(all.into_iter().map(|(labels, v)| ((labels, t_ms), v)));
            }
        }
        t_ms += times.step_ms;
    }
    Some(points)
}

/// The least difference is that of a root of what two ways of summing leave of nothing.
fn alike(a: f64, b: f64) -> bool {
    a == b
        || (a.is_nan() && b.is_nan())
        || (a - b).abs() <= 1e-6_f64.max(1e-9 * a.abs().min(b.abs()))
}

/// True where the naive answer itself moves when the data is scaled by a rounding error: a remainder
/// next to its divisor, an equality of computed values. Nobody can compare such a point.
fn is_unstable(data: &[Series], query: &str, times: RangeTimes, want: &Points) -> bool {
    let scaled = |signs: u32| -> Vec<Series> {
        let by = |i: usize| if signs >> (i % 8) & 1 == 0 { 1.0 + 1e-12 } else { 1.0 - 1e-12 };
        let one = |(i, (labels, samples)): (usize, &Series)| {
            // Staleness markers keep their bits.
            let scale = |v: f64| if v.is_nan() { v } else { v * by(i) };
            (labels.clone(), samples.iter().map(|(t, v)| (*t, scale(*v))).collect())
        };
        data.iter().enumerate().map(one).collect()
    };
    [0x00, 0xff, 0x55, 0xaa].into_iter().any(|signs| {
        naively(&scaled(signs), query, times).is_none_or(|other| {
            other.len() != want.len()
                || other.iter().any(|(at, v)| !want.get(at).is_some_and(|w| alike(*v, *w)))
        })
    })
}

fn compare(query: &str, want: Option<&Points>, got: Option<&Points>) -> Result<(), TestCaseError> {
    // A query that is refused at some step: the engine may find out over all steps only.
    let (Some(want), Some(got)) = (want, got) else { return Ok(()) };
    for (at, v) in want {
        let own = got.get(at);
        prop_assert!(
            own.is_some_and(|own| alike(*v, *own)),
            "{query}\nat {at:?}: naively {v}, by the engine {own:?}"
        );
    }
    let more = got.keys().find(|at| !want.contains_key(at));
    prop_assert!(more.is_none(), "{query}\nonly the engine has {more:?}");
    Ok(())
}

fn check(seed: u64) -> Result<(), TestCaseError> {
    let mut rng = Rng(seed | 1);
    let data = expressions::data(&mut rng);
    let source = stored(&data);
    for _ in 0..12 {
        let depth = 1 + rng.below(3) as u32;
        let query = expressions::vector(&mut rng, depth);
        let step_ms = [15_000, 60_000, 97_000, 300_000][rng.below(4) as usize];
        let start_ms = rng.below(120) as i64 * 15_000 + [0, 0, 500][rng.below(3) as usize];
        let end_ms = start_ms + step_ms * rng.below(12) as i64;
        let times = RangeTimes { start_ms, end_ms, step_ms };
        let want = naively(&data, &query, times);
        let shown = format!("seed {seed}: {query} {times:?}");
        let plain = by_engine(&source, &query, times);
        let differs = compare(&shown, want.as_ref(), plain.as_ref());
        if differs.is_err() && want.as_ref().is_some_and(|w| is_unstable(&data, &query, times, w)) {
            continue;
        }
        differs?;
        prop_assert!(plain.is_some() || want.is_none(), "{shown}\nis refused by the engine only");
        let folded = by_engine(&Folding(&source), &query, times);
        compare(&format!("{shown} folded"), want.as_ref(), folded.as_ref())?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_equals_a_naive_evaluator(seed in any::<u64>()) {
        check(seed)?;
    }
}

#[test]
fn folding_is_looked_at() {
    let mut rng = Rng(7);
    let source = stored(&expressions::data(&mut rng));
    let times = RangeTimes { start_ms: 900_000, end_ms: 1_800_000, step_ms: 300_000 };
    folding::FOLDED.store(0, std::sync::atomic::Ordering::Relaxed);
    by_engine(&Folding(&source), "max_over_time(g[5m])", times);
    assert!(folding::FOLDED.load(std::sync::atomic::Ordering::Relaxed) > 0);
}

/// Refused queries are compared with nothing: there must not be too many.
#[test]
fn most_expressions_have_an_answer() {
    let mut rng = Rng(3);
    let data = expressions::data(&mut rng);
    let times = RangeTimes { start_ms: 600_000, end_ms: 900_000, step_ms: 60_000 };
    let answered = (0..100).filter(|_| {
        let query = expressions::vector(&mut rng, 2);
        naively(&data, &query, times).is_some_and(|points| !points.is_empty())
    });
    let answered = answered.count();
    assert!(answered > 60, "only {answered} of 100");
}
