//! `integral`: the area between a series and zero over the time of a window, by one of three rules
//! of quadrature. Areas of adjacent stretches can be joined, so windows that overlap much slide.

use super::over_time::joining_pays;
use super::range_function::RangeCall;
use super::sliding::{Sliding, Summary};
use super::window::{FloatWindows, Window};
use crate::annotation::Note;
use crate::eval::Evaluator;
use crate::kahan::Kahan;

/// Rules, by their numbers in the query: how high the area between two samples is.
const LEFT: u8 = 0;
const RIGHT: u8 = 1;
pub(super) const TRAPEZOID: u8 = 2;

/// Time in milliseconds, and value.
type Point = (i64, f64);

pub(super) fn fill(
    call: &RangeCall,
    evaluator: &Evaluator<'_>,
    windows: &FloatWindows<'_>,
    out: &mut [f64],
) {
    let asked = |step: usize| match call.scalars.first() {
        Some(_) => call.scalar(0, step),
        None => f64::from(TRAPEZOID),
    };
    let rule = |step: usize| {
        rule_of(asked(step)).unwrap_or_else(|| {
            evaluator.note(&Note::InvalidStrategy(asked(step)), call.scalar_span);
            TRAPEZOID
        })
    };
    // A strategy that changes on the way is for windows one by one.
    let first = asked(0);
    let is_one = (1..out.len()).all(|step| asked(step) == first);
    match rule_of(first) {
        Some(LEFT) if is_one => of_windows::<LEFT>(windows, out),
        Some(RIGHT) if is_one => of_windows::<RIGHT>(windows, out),
        Some(_) if is_one => of_windows::<TRAPEZOID>(windows, out),
        _ => windows.fill(out, |window| match rule(window.step) {
            LEFT => of_window::<LEFT>(window),
            RIGHT => of_window::<RIGHT>(window),
            _ => of_window::<TRAPEZOID>(window),
        }),
    }
}

fn rule_of(strategy: f64) -> Option<u8> {
    [LEFT, RIGHT, TRAPEZOID].into_iter().find(|rule| f64::from(*rule) == strategy)
}

fn of_windows<const RULE: u8>(windows: &FloatWindows<'_>, out: &mut [f64]) {
    if joining_pays(windows) {
        slide::<RULE>(windows, out);
    } else {
        windows.fill(out, of_window::<RULE>);
    }
}

pub(super) fn slide<const RULE: u8>(windows: &FloatWindows<'_>, out: &mut [f64]) {
    Sliding::<Area<RULE>>::default().fill(windows, out, |area, window, _| {
        let total = area.sum.total();
        // An overflow on the way may not be one in the order of the samples.
        if total.is_finite() { total } else { of_window::<RULE>(window) }
    });
}

/// Of one window by itself, in value-seconds.
pub(super) fn of_window<const RULE: u8>(window: &Window<'_>) -> f64 {
    Area::<RULE>::of_run(0, window.t_ms, window.v).sum.total()
}

/// The area between two samples; a value that is not a number counts as zero.
fn between<const RULE: u8>(before: Point, after: Point) -> Kahan {
    let number = |v: f64| if v.is_nan() { 0.0 } else { v };
    let (from, to) = (number(before.1), number(after.1));
    let height = match RULE {
        LEFT => Kahan { sum: from, lost: 0.0 },
        RIGHT => Kahan { sum: to, lost: 0.0 },
        _ => middle(from, to),
    };
    let seconds = (after.0 - before.0) as f64 / 1000.0;
    Kahan { sum: height.sum * seconds, lost: height.lost * seconds }
}

/// The mean of two values.
fn middle(from: f64, to: f64) -> Kahan {
    let sum_of = |from: f64, to: f64| {
        let mut sum = Kahan { sum: from, lost: 0.0 };
        sum.add(to);
        sum
    };
    let sum = sum_of(from, to);
    if sum.sum.is_infinite() && from.is_finite() && to.is_finite() {
        return sum_of(from / 2.0, to / 2.0);
    }
    Kahan { sum: sum.sum / 2.0, lost: sum.lost / 2.0 }
}

/// The area over a stretch of samples.
#[derive(Clone, Copy, Debug, Default)]
struct Area<const RULE: u8> {
    sum: Kahan,
    /// First and last sample; none of no samples.
    ends: Option<(Point, Point)>,
}

impl<const RULE: u8> Area<RULE> {
    fn of_point(point: Point) -> Self {
        Self { sum: Kahan::default(), ends: Some((point, point)) }
    }

    /// Adds a sample that comes later.
    fn add(&mut self, point: Point) {
        if let Some((_, last)) = &mut self.ends {
            let next = between::<RULE>(*last, point);
            self.sum.lost += next.lost;
            self.sum.add(next.sum);
            *last = point;
        } else {
            *self = Self::of_point(point);
        }
    }
}

impl<const RULE: u8> Summary for Area<RULE> {
    fn of(x: f64, v: f64) -> Self {
        Self::of_point(((x * 1000.0).round() as i64, v))
    }

    fn join(&mut self, later: &Self) {
        let Some((first, last)) = later.ends else { return };
        self.add(first);
        self.sum.join(later.sum);
        self.ends = self.ends.map(|(own, _)| (own, last));
    }

    fn of_run(origin_ms: i64, t_ms: &[i64], v: &[f64]) -> Self {
        let mut area = Self::default();
        for (t_ms, v) in std::iter::zip(t_ms, v) {
            area.add((t_ms - origin_ms, *v));
        }
        area
    }
}
