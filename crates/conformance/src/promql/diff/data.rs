//! The data both servers get: counters with resets, gauges, special values, gaps, staleness
//! markers and classic histograms.
//!
//! For a peer before 3.0 no sample lies on a whole or a half second, where the expressions' windows
//! begin and end: its windows hold their first instant, those of later versions do not. Values are
//! small multiples of a power of two, so that sums are exact in any order.

use model::FloatHistogram;

use super::native;
use super::rng::Rng;

/// Scrapes of the data and their distance: two hours.
pub(super) const SCRAPES: i64 = 480;
pub(super) const INTERVAL_MS: i64 = 15_000;

/// What counters fall back to, and what they must have passed to do so: far enough from zero that
/// no extrapolation reaches it.
const RESET_TO: u64 = 2000;
const RESET_FROM: u64 = 6000;

const STALE: u64 = 0x7ff0_0000_0000_0002;

pub(super) struct Series {
    /// Sorted by name.
    pub(super) labels: Vec<(String, String)>,
    /// `(Unix ms, value)`, oldest first.
    pub(super) samples: Vec<(i64, Point)>,
}

#[derive(Clone, Debug)]
pub(super) enum Point {
    Float(f64),
    Histogram(FloatHistogram),
}

/// The staleness marker.
pub(super) fn stale_float() -> f64 {
    f64::from_bits(STALE)
}

#[derive(Clone, Copy)]
enum Shape {
    Counter,
    /// Falls back to zero.
    FromZero,
    Gauge {
        special: bool,
    },
    Constant,
}

/// All series, from `start_ms` on; `classic`: for a peer before 3.0.
pub(super) fn generate(rng: &mut Rng, start_ms: i64, classic: bool) -> Vec<Series> {
    let mut all = of_floats(rng, start_ms, classic);
    if !classic {
        native::generate(rng, start_ms, &mut all);
    }
    all
}

fn of_floats(rng: &mut Rng, start_ms: i64, classic: bool) -> Vec<Series> {
    let mut all = Vec::new();
    let counters = if classic { Shape::Counter } else { Shape::FromZero };
    for job in ["api", "db"] {
        for instance in ["0", "1", "2"] {
            let at = [("instance", instance), ("job", job)];
            for path in ["/a", "/b"] {
                let labels = [("__name__", "c_total"), at[0], at[1], ("path", path)];
                all.push(series(rng, &labels, counters, start_ms, classic));
            }
            for zone in ["x", "y"] {
                let labels = [("__name__", "g"), at[0], at[1], ("zone", zone)];
                all.push(series(rng, &labels, Shape::Gauge { special: false }, start_ms, classic));
            }
            let labels = [("__name__", "odd"), at[0], at[1]];
            all.push(series(rng, &labels, Shape::Gauge { special: true }, start_ms, classic));
            let labels = [("__name__", "meta"), at[0], at[1], ("version", instance)];
            all.push(series(rng, &labels, Shape::Constant, start_ms, classic));
            histogram(rng, &at, start_ms, classic, &mut all);
        }
        let labels = [("__name__", "limit"), ("job", job)];
        all.push(series(rng, &labels, Shape::Gauge { special: false }, start_ms, classic));
    }
    all
}

pub(super) fn owned(labels: &[(&str, &str)]) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn series(
    rng: &mut Rng,
    labels: &[(&str, &str)],
    shape: Shape,
    start_ms: i64,
    classic: bool,
) -> Series {
    let times = times(rng, start_ms, classic);
    let mut value = (RESET_TO + rng.below(400)) as f64;
    let mut samples = Vec::new();
    for (t_ms, stale) in times {
        match shape {
            Shape::Counter => {
                value += rng.below(80) as f64;
                if value > RESET_FROM as f64 && rng.percent(5) {
                    value = (RESET_TO + rng.below(20)) as f64;
                }
            }
            Shape::FromZero => {
                value += rng.below(80) as f64 / 4.0;
                if rng.percent(3) {
                    value = rng.below(3) as f64;
                }
            }
            Shape::Gauge { special } => {
                value = (rng.below(400_000) as f64 - 200_000.0) / 1024.0;
                if special && rng.percent(15) {
                    value = rng.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0]);
                }
            }
            Shape::Constant => value = 1.0,
        }
        samples.push((t_ms, Point::Float(if stale { stale_float() } else { value })));
    }
    Series { labels: owned(labels), samples }
}

/// When the series has samples, and which of them say that it ended for now.
pub(super) fn times(rng: &mut Rng, start_ms: i64, classic: bool) -> Vec<(i64, bool)> {
    // With the jitter below, between 3 and 455 ms after a whole second.
    let mut phase_ms = rng.below(14) as i64 * 1000 + 3 + 7 * rng.below(60) as i64;
    let mut jitter_max = 40;
    if !classic {
        // Half of the series exactly where windows begin and end.
        phase_ms = rng.pick(&[0, 500, phase_ms, phase_ms]);
        jitter_max = rng.pick(&[1, 1, 40]);
    }
    let mut times = Vec::new();
    let mut scrape = 0;
    while scrape < SCRAPES {
        let jitter_ms = rng.below(jitter_max) as i64;
        let t_ms = start_ms + scrape * INTERVAL_MS + phase_ms + jitter_ms;
        let ends = rng.percent(1);
        times.push((t_ms, ends));
        // A gap, longer than the lookback at times.
        scrape += if ends || rng.percent(1) { 2 + rng.below(40) as i64 } else { 1 };
    }
    times
}

fn histogram(
    rng: &mut Rng,
    at: &[(&str, &str); 2],
    start_ms: i64,
    classic: bool,
    all: &mut Vec<Series>,
) {
    const BOUNDS: [&str; 6] = ["0.1", "0.5", "1", "2.5", "10", "+Inf"];
    let times = times(rng, start_ms, classic);
    let mut counts = [RESET_TO; BOUNDS.len()];
    let mut buckets: Vec<Series> = BOUNDS
        .iter()
        .map(|le| {
            let labels = [("__name__", "h_bucket"), at[0], at[1], ("le", le)];
            Series { labels: owned(&labels), samples: Vec::new() }
        })
        .collect();
    let mut total =
        Series { labels: owned(&[("__name__", "h_count"), at[0], at[1]]), samples: Vec::new() };
    for (t_ms, stale) in times {
        if counts[0] > RESET_FROM && rng.percent(5) {
            counts = [RESET_TO; BOUNDS.len()];
        }
        let mut below = 0;
        for (count, bucket) in counts.iter_mut().zip(&mut buckets) {
            *count += if rng.percent(60) { rng.below(60) } else { 0 };
            below += *count;
            let v = if stale { stale_float() } else { below as f64 };
            bucket.samples.push((t_ms, Point::Float(v)));
        }
        let v = if stale { stale_float() } else { below as f64 };
        total.samples.push((t_ms, Point::Float(v)));
    }
    all.extend(buckets);
    all.push(total);
}
