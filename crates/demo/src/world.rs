//! The company: its drivers and series, and what they are at a moment.

use crate::curve::{Curve, mix};
use crate::driver::{Driver, Effect, Level, Traffic};
use crate::histogram::{Spread, bound_text};
use crate::incident::Incident;
use crate::worlds;

/// A driver of a world under construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DriverId(u32);

/// One series: its labels, and its value as a sum over drivers.
#[derive(Clone, Debug)]
pub struct Series {
    /// Sorted by name, `__name__` among them.
    pub labels: Vec<(String, String)>,
    value: Value,
    /// For a bucket, what it is besides: the parts of what happened, and of each the share that
    /// took longer than the bound. Whole events, so that an event is in all buckets above it.
    bucket: Vec<(Value, f64)>,
}

/// `plus` + Σ factor × driver; whole numbers when it counts things.
#[derive(Clone, Debug, Default)]
pub(crate) struct Value {
    plus: f64,
    terms: Vec<(DriverId, f64)>,
    whole: bool,
    /// Exists while this driver is 1; a staleness marker says when it ends.
    only_while: Option<DriverId>,
}

impl Value {
    pub(crate) fn constant(plus: f64) -> Self {
        Self { plus, ..Self::default() }
    }

    pub(crate) fn of(driver: DriverId) -> Self {
        Self::constant(0.0).and(driver, 1.0)
    }

    pub(crate) fn and(mut self, driver: DriverId, factor: f64) -> Self {
        self.terms.push((driver, factor));
        self
    }

    pub(crate) fn times(mut self, factor: f64) -> Self {
        self.plus *= factor;
        self.terms.iter_mut().for_each(|term| term.1 *= factor);
        self
    }

    pub(crate) fn plus(mut self, more: f64) -> Self {
        self.plus += more;
        self
    }

    /// Rounded down, so that a counter of things stays one.
    pub(crate) fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    pub(crate) fn only_while(mut self, driver: DriverId) -> Self {
        self.only_while = Some(driver);
        self
    }
}

/// What a metric is, for those who list metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Everything the demo knows, for one seed and one distance of samples.
#[derive(Debug)]
pub struct World {
    drivers: Vec<Driver>,
    series: Vec<Series>,
    families: Vec<(String, Kind)>,
    step_ms: i64,
}

/// The drivers at some moments in a row; series are read from it.
#[derive(Debug)]
pub struct Moment<'w> {
    world: &'w World,
    times_ms: Vec<i64>,
    /// Driver by driver; each row begins one step before the first moment, for what ends.
    rows: Vec<f64>,
}

impl World {
    /// `step_ms`: distance of samples; all of them lie on its multiples.
    pub fn new(seed: u64, step_ms: i64) -> Self {
        let mut builder = Builder::new(seed);
        worlds::build(&mut builder);
        let Builder { drivers, series, families, .. } = builder;
        Self { drivers, series, families, step_ms }
    }

    pub fn step_ms(&self) -> i64 {
        self.step_ms
    }

    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Metric families (a histogram without its suffixes) and what they are.
    pub fn families(&self) -> &[(String, Kind)] {
        &self.families
    }

    /// The first moment at or after `t_ms` that has samples.
    pub fn on_grid(&self, t_ms: i64) -> i64 {
        t_ms.div_euclid(self.step_ms) * self.step_ms
            + if t_ms.rem_euclid(self.step_ms) == 0 { 0 } else { self.step_ms }
    }

    /// The `count` moments from `first_ms` on, which lies on the grid. Memory: a few kilobytes per
    /// moment; time: some microseconds for each driver and moment.
    pub fn moments(&self, first_ms: i64, count: usize) -> Moment<'_> {
        let time_ms = |n: i64| first_ms + n * self.step_ms;
        let seconds: Vec<f64> = (-1..count as i64).map(|n| time_ms(n) as f64 / 1000.0).collect();
        let mut rows = Vec::with_capacity(self.drivers.len() * seconds.len());
        for driver in &self.drivers {
            driver.row(&seconds, &mut rows);
        }
        Moment { world: self, times_ms: (0..count as i64).map(time_ms).collect(), rows }
    }
}

impl Moment<'_> {
    /// The samples of a series, oldest first: milliseconds and value, handed to `take`.
    pub fn samples(&self, series: &Series, mut take: impl FnMut(i64, f64)) {
        let Value { plus, terms, whole, only_while } = &series.value;
        for (n, t_ms) in self.times_ms.iter().enumerate() {
            if let Some(driver) = only_while {
                match (self.driver(*driver, n + 1) >= 0.5, self.driver(*driver, n) >= 0.5) {
                    (true, _) => {}
                    (false, true) => {
                        take(*t_ms, model::stale_nan());
                        continue;
                    }
                    (false, false) => continue,
                }
            }
            let mut sum = self.sum(*plus, terms, n + 1);
            for (part, longer) in &series.bucket {
                let events = self.sum(part.plus, &part.terms, n + 1).floor();
                sum += events - (events * longer).floor();
            }
            take(*t_ms, if *whole { sum.floor() } else { sum });
        }
    }

    fn sum(&self, plus: f64, terms: &[(DriverId, f64)], column: usize) -> f64 {
        terms.iter().fold(plus, |sum, (driver, factor)| sum + factor * self.driver(*driver, column))
    }

    fn driver(&self, driver: DriverId, column: usize) -> f64 {
        self.rows[driver.0 as usize * (self.times_ms.len() + 1) + column]
    }

    pub fn world(&self) -> &World {
        self.world
    }
}

/// Collects drivers and series while the company is put together.
pub(crate) struct Builder {
    given: u64,
    seed: u64,
    seeds: u64,
    drivers: Vec<Driver>,
    series: Vec<Series>,
    families: Vec<(String, Kind)>,
}

/// The labels every series of a target has.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) instance: String,
    pub(crate) restart: Incident,
}

/// Labels besides those of the job.
pub(crate) type More<'a> = &'a [(&'a str, &'a str)];

impl Builder {
    fn new(seed: u64) -> Self {
        Self {
            given: seed,
            seed: mix(seed),
            seeds: 0,
            drivers: Vec::new(),
            series: Vec::new(),
            families: Vec::new(),
        }
    }

    pub(crate) fn seed_given(&self) -> u64 {
        self.given
    }

    /// Job and instance of every series so far.
    pub(crate) fn targets(&self) -> impl Iterator<Item = (String, String)> {
        let value = |series: &Series, name: &str| {
            series.labels.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
        };
        self.series.iter().filter_map(move |s| Some((value(s, "job")?, value(s, "instance")?)))
    }

    /// A new one for every use, far enough from the others.
    fn next_seed(&mut self) -> u64 {
        self.seeds += 1;
        mix(self.seed.wrapping_add(self.seeds << 20))
    }

    /// Something that begins once in every `period` and `lasts` a while, both in minutes.
    pub(crate) fn incident(&mut self, period: f64, lasts: f64) -> Incident {
        let lasts = lasts * 60.0;
        Incident {
            seed: self.next_seed(),
            period: period * 60.0,
            lasts,
            rises: (lasts / 4.0).min(120.0),
            recovers: (lasts / 2.0).min(240.0),
        }
    }

    /// A process that starts again every so many days, for reasons of its own.
    pub(crate) fn restart(&mut self, days: f64) -> Incident {
        self.incident(days * 1440.0, 0.0)
    }

    /// `rate`: mean per second.
    pub(crate) fn traffic(&mut self, rate: f64, curve: Curve, restart: Incident) -> Traffic {
        Traffic { seed: self.next_seed(), rate, curve, restart }
    }

    pub(crate) fn driver(&mut self, driver: Driver) -> DriverId {
        self.drivers.push(driver);
        DriverId(self.drivers.len() as u32 - 1)
    }

    /// All of the traffic.
    pub(crate) fn all(&mut self, traffic: Traffic) -> DriverId {
        self.part(traffic, 1.0, &[])
    }

    /// A part of the traffic, and more of it during incidents; together at most 1.
    pub(crate) fn part(
        &mut self,
        traffic: Traffic,
        always: f64,
        during: &[(Incident, f64)],
    ) -> DriverId {
        let noise = (always < 1.0).then(|| self.next_seed());
        let during = effects(during);
        self.driver(Driver::Flow { traffic, always, noise, during })
    }

    /// A gauge around `base` that follows the curve by `follows` and has `noise`, both as a part
    /// of it; an effect of 0.5 makes it half as large again.
    pub(crate) fn level(
        &mut self,
        base: f64,
        (curve, follows, noise): (Curve, f64, f64),
        during: &[(Incident, f64)],
    ) -> DriverId {
        let level = Level {
            seed: self.next_seed(),
            base,
            follows,
            curve,
            noise,
            period: 240.0,
            effects: effects(during),
            floor: 0.0,
            ceiling: f64::INFINITY,
        };
        self.driver(Driver::Level(level))
    }

    pub(crate) fn counter(&mut self, job: &Job, name: &str, more: More<'_>, value: Value) {
        self.family(name, Kind::Counter);
        self.push(job, name, more, value);
    }

    pub(crate) fn gauge(&mut self, job: &Job, name: &str, more: More<'_>, value: Value) {
        self.family(name, Kind::Gauge);
        self.push(job, name, more, value);
    }

    /// Buckets, count and sum. `parts`: together all that happened, each with how long it takes.
    pub(crate) fn histogram(
        &mut self,
        job: &Job,
        name: &str,
        more: More<'_>,
        bounds: &[f64],
        parts: &[(Value, Spread)],
    ) {
        self.family(name, Kind::Histogram);
        let longer = |bound: f64| -> Vec<(Value, f64)> {
            parts.iter().map(|(part, spread)| (part.clone(), spread.above(bound))).collect()
        };
        for bound in bounds.iter().copied().chain([f64::INFINITY]) {
            let le = bound_text(bound);
            let labels: Vec<_> = more.iter().copied().chain([("le", le.as_str())]).collect();
            self.push_bucket(job, &format!("{name}_bucket"), &labels, longer(bound));
        }
        self.push_bucket(job, &format!("{name}_count"), more, longer(f64::INFINITY));
        let seconds = parts.iter().fold(Value::default(), |mut sum, (part, spread)| {
            sum.terms.extend(part.clone().times(spread.mean()).terms);
            sum
        });
        self.push(job, &format!("{name}_sum"), more, seconds);
    }

    fn family(&mut self, name: &str, kind: Kind) {
        if !self.families.iter().any(|(known, _)| known == name) {
            self.families.push((name.to_owned(), kind));
        }
    }

    fn push(&mut self, job: &Job, name: &str, more: More<'_>, value: Value) {
        let own = [("__name__", name), ("job", &job.name), ("instance", &job.instance)];
        let given = |name: &str| more.iter().any(|(n, _)| *n == name);
        let mut labels: Vec<(String, String)> = own
            .iter()
            .filter(|(name, _)| !given(name))
            .chain(more)
            .filter(|(_, value)| !value.is_empty())
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        labels.sort();
        self.series.push(Series { labels, value, bucket: Vec::new() });
    }

    fn push_bucket(&mut self, job: &Job, name: &str, more: More<'_>, bucket: Vec<(Value, f64)>) {
        self.push(job, name, more, Value::default());
        if let Some(last) = self.series.last_mut() {
            last.bucket = bucket;
        }
    }
}

fn effects(during: &[(Incident, f64)]) -> Vec<Effect> {
    during.iter().map(|(incident, share)| Effect { incident: *incident, share: *share }).collect()
}
