//! Range functions that work incrementally agree with looking at every window on its own.

use proptest::prelude::*;
use query::SampleBuffer;

use super::over_time::{mean, sum};
use super::quantile::{SlidingQuantile, quantile_of};
use super::range_function::{RangeFunction, Scratch};
use super::sliding::{Extreme, Sliding};
use super::window::{FloatWindows, Window, WindowTimes};
use super::{changes, integral, over_time, rate, regression};
use crate::eval::Variance;
use crate::grid::{ABSENT, Grid, is_absent};
use crate::kahan::Kahan;
use crate::plan::TimeShift;

/// Samples at irregular times; values that repeat, fall, and are not finite.
fn samples() -> impl Strategy<Value = SampleBuffer> {
    let value = prop_oneof![
        8 => (-50..50_i32).prop_map(f64::from),
        4 => any::<f64>().prop_map(|v| v % 1e9),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
    ];
    prop::collection::vec((1..40_000_i64, value), 0..120).prop_map(|gaps| {
        let mut buffer = SampleBuffer::default();
        let mut t_ms = 0;
        for (gap, v) in gaps {
            t_ms += gap;
            // The marker of "no value" is not a value that arrives here.
            buffer.push(t_ms, if is_absent(v) { 0.0 } else { v });
        }
        buffer
    })
}

fn grids() -> impl Strategy<Value = (Grid, i64)> {
    (-100_000..1_000_000_i64, 1..200_000_i64, 1..60_usize, 1..900_000_i64).prop_map(
        |(start_ms, step_ms, steps, range_ms)| (Grid { start_ms, step_ms, steps }, range_ms),
    )
}

/// Runs an incremental implementation and its plain definition over the same windows.
fn compare(
    samples: &SampleBuffer,
    (grid, range_ms): (Grid, i64),
    incremental: impl Fn(&FloatWindows<'_>, &mut [f64]),
    plain: impl Fn(&Window<'_>) -> f64,
) -> Result<(), TestCaseError> {
    let times = WindowTimes::new(grid, TimeShift::default(), range_ms, (0, 0));
    let mut spans = Vec::new();
    times.locate(|i| samples.t_ms.get(i).copied(), &mut spans);
    let windows = FloatWindows {
        times: &times,
        t_ms: &samples.t_ms,
        v: &samples.v,
        starts: &[],
        spans: &spans,
    };
    let mut got = vec![ABSENT; grid.steps];
    incremental(&windows, &mut got);
    for (step, got) in got.iter().enumerate() {
        let window = windows.at(step);
        let inside = samples.t_ms.iter().filter(|t| {
            let end = grid.t_ms(step);
            **t > end - range_ms && **t <= end
        });
        prop_assert_eq!(inside.count(), window.v.len(), "window of step {}", step);
        let want = if window.v.is_empty() { ABSENT } else { plain(&window) };
        prop_assert!(close(*got, want), "step {}: got {}, want {}", step, got, want);
    }
    Ok(())
}

fn close(a: f64, b: f64) -> bool {
    if is_absent(a) || is_absent(b) {
        return is_absent(a) && is_absent(b);
    }
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// The definition of a population variance: Welford's recurrence with compensated sums.
fn welford(v: &[f64]) -> f64 {
    let (mut mean, mut squares) = (Kahan::default(), Kahan::default());
    let (mut count, plain) = (0.0, |k: Kahan| k.sum + k.lost);
    for v in v {
        count += 1.0;
        let delta = v - plain(mean);
        mean.add(delta / count);
        squares.add(delta * (v - plain(mean)));
    }
    plain(squares) / count
}

/// The definition of `rate` and its relatives, one window at a time.
fn plain_rate(window: &Window<'_>, function: RangeFunction, range_ms: i64) -> f64 {
    let (count, seconds) = (window.v.len(), |ms: i64| ms as f64 / 1000.0);
    if count < 2 {
        return ABSENT;
    }
    let is_counter = function != RangeFunction::Delta;
    let mut change = window.v[count - 1] - window.v[0];
    if is_counter {
        for pair in window.v.windows(2).filter(|pair| pair[1] < pair[0]) {
            change += pair[0];
        }
    }
    let sampled = seconds(window.t_ms[count - 1] - window.t_ms[0]);
    let average = sampled / (count - 1) as f64;
    let near = |gap: f64| if gap >= average * 1.1 { average / 2.0 } else { gap };
    let mut to_start = near(seconds(window.t_ms[0] - window.start_ms));
    if is_counter && change > 0.0 && window.v[0] >= 0.0 {
        to_start = to_start.min(sampled * (window.v[0] / change));
    }
    let to_end = near(seconds(window.end_ms - window.t_ms[count - 1]));
    let factor = (sampled + to_start + to_end) / sampled;
    let per_second = if function == RangeFunction::Rate { seconds(range_ms) } else { 1.0 };
    change * (factor / per_second)
}

proptest! {
    #[test]
    fn sliding_extremes_are_those_of_each_window(samples in samples(), grid in grids()) {
        let greatest = |window: &Window<'_>| {
            window.v.iter().copied().fold(f64::NAN, f64::max)
        };
        let least = |window: &Window<'_>| window.v.iter().copied().fold(f64::NAN, f64::min);
        let slide_greatest = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            Sliding::<Extreme<true>>::default().fill(windows, out, |max, _, _| max.value());
        };
        let slide_least = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            Sliding::<Extreme<false>>::default().fill(windows, out, |min, _, _| min.value());
        };
        compare(&samples, grid, slide_greatest, greatest)?;
        compare(&samples, grid, slide_least, least)?;
    }

    #[test]
    fn sliding_sums_are_those_of_each_window(samples in samples(), grid in grids()) {
        let sums = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            Sliding::<Kahan>::default().fill_sums(windows, out);
        };
        let means = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            Sliding::<Kahan>::default().fill_means(windows, out);
        };
        // Sums that cancel out to less than rounding are compared by what was summed.
        let scale = samples.v.iter().filter(|v| v.is_finite()).fold(0.0, |a: f64, v| a.max(v.abs()));
        let snap = move |v: f64| if v.abs() < scale * 1e-12 { 0.0 } else { v };
        let snapped = |fill: &dyn Fn(&FloatWindows<'_>, &mut [f64]), windows: &FloatWindows<'_>, out: &mut [f64]| {
            fill(windows, out);
            for v in out.iter_mut().filter(|v| !is_absent(**v)) {
                *v = snap(*v);
            }
        };
        compare(&samples, grid, |w, out| snapped(&sums, w, out), |w| snap(sum(w.v)))?;
        compare(&samples, grid, |w, out| snapped(&means, w, out), |w| snap(mean(w.v)))?;
    }

    #[test]
    fn spreads_are_those_of_each_window(samples in samples(), grid in grids()) {
        // Rounding of a variance goes by the squares of what it is of.
        let scale = samples.v.iter().filter(|v| v.is_finite()).fold(0.0, |a: f64, v| a.max(v.abs()));
        let snap = move |v: f64| if v.abs() < scale * scale * 1e-12 { 0.0 } else { v };
        let slide = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            let mut spreads = Sliding::<Option<Variance>>::default();
            spreads.fill(windows, out, |spread, _, _| {
                snap(spread.map_or(f64::NAN, Variance::variance))
            });
        };
        compare(&samples, grid, slide, |window| snap(welford(window.v)))?;
        let each = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            windows.fill(out, |window| snap(over_time::variance(window.v)));
        };
        compare(&samples, grid, each, |window| snap(welford(window.v)))?;
    }

    #[test]
    fn sliding_lines_are_those_of_each_window(samples in samples(), grid in grids()) {
        // As above: a slope is known to the precision of the values over the shortest time.
        let scale = samples.v.iter().filter(|v| v.is_finite()).fold(0.0, |a: f64, v| a.max(v.abs()));
        let snap = move |v: f64| if v.abs() < scale * 1e-9 { 0.0 } else { v };
        let slide = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            let mut lines = Sliding::<regression::Line>::default();
            lines.fill(windows, out, |line, window, base_ms| {
                if window.v.len() < 2 || window.v.iter().all(|v| *v == window.v[0]) {
                    return ABSENT;
                }
                snap(line.slope_and_value((window.t_ms[0] - base_ms) as f64 / 1000.0).0)
            });
        };
        compare(&samples, grid, slide, |window| {
            if window.v.len() < 2 || window.v.iter().all(|v| *v == window.v[0]) {
                return ABSENT;
            }
            snap(regression::line(window, window.t_ms[0]).0)
        })?;
    }

    #[test]
    fn sliding_areas_are_those_of_each_window(samples in samples(), grid in grids()) {
        // As sums; the longest distance between samples is 40 s.
        let scale = samples.v.iter().filter(|v| v.is_finite()).fold(0.0, |a: f64, v| a.max(v.abs()));
        let snap = move |v: f64| if v.abs() < scale * 40.0 * 1e-12 { 0.0 } else { v };
        let slide = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            integral::slide::<{ integral::TRAPEZOID }>(windows, out);
            out.iter_mut().filter(|v| !is_absent(**v)).for_each(|v| *v = snap(*v));
        };
        compare(&samples, grid, slide, |window| {
            snap(integral::of_window::<{ integral::TRAPEZOID }>(window))
        })?;
    }

    #[test]
    fn sliding_quantiles_are_those_of_each_window(
        samples in samples(),
        grid in grids(),
        q in -0.1..1.1_f64,
    ) {
        let slide = |windows: &FloatWindows<'_>, out: &mut [f64]| {
            let mut memory = Vec::new();
            let mut sliding = SlidingQuantile::new(&mut memory);
            windows.fill(out, |window| sliding.at(q, window, windows.v));
        };
        compare(&samples, grid, slide, |window| quantile_of(q, &mut window.v.to_vec()))?;
    }

    #[test]
    fn rates_are_those_of_each_window(samples in samples(), grid in grids()) {
        for function in [RangeFunction::Rate, RangeFunction::Increase, RangeFunction::Delta] {
            compare(
                &samples,
                grid,
                |windows, out| rate::fill(function, windows, &mut Scratch::default(), out),
                |window| plain_rate(window, function, grid.1),
            )?;
        }
    }

    #[test]
    fn changes_and_resets_are_those_of_each_window(samples in samples(), grid in grids()) {
        for function in [RangeFunction::Changes, RangeFunction::Resets] {
            let plain = |window: &Window<'_>| {
                let pairs = window.v.windows(2);
                pairs.filter(|p| changes::counts_as(function, p[0], p[1])).count() as f64
            };
            compare(
                &samples,
                grid,
                |windows, out| changes::fill(function, windows, &mut Scratch::default(), out),
                plain,
            )?;
        }
    }
}
