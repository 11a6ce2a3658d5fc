//! M2: scrape targets with the series of a node exporter and a classic histogram.

use std::collections::BTreeSet;

use super::node_families::{Behaviour, templates};
use super::random::Random;
use super::{Shape, Source};
use crate::wire::{Labels, Point};

/// Series of a target without the constants that may be added.
const SERIES_PER_TARGET: usize = 500;

const HANDLERS: [&str; 3] = ["/api/orders", "/api/users", "/metrics"];
const BOUNDS: [&str; 10] =
    ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf"];
/// Buckets, sum and count.
pub(super) const BUCKETS_PER_TARGET: usize = HANDLERS.len() * (BOUNDS.len() + 2);

struct Series {
    labels: Labels,
    behaviour: Behaviour,
    value: f64,
}

/// The buckets of one handler with their counts, not yet cumulative; then sum and count.
struct Durations {
    buckets: Vec<Labels>,
    sum: (Labels, f64),
    count: Labels,
    counts: [u64; BOUNDS.len()],
}

struct Target {
    series: Vec<Series>,
    durations: Vec<Durations>,
}

pub(super) struct Targets {
    shape: Shape,
    random: Random,
    scraped: Vec<Target>,
    names: BTreeSet<String>,
}

impl Targets {
    pub(super) fn new(shape: Shape) -> Self {
        let mut random = Random::new(1);
        let templates = templates(SERIES_PER_TARGET);
        let targets = (0..shape.targets)
            .map(|target| {
                let instance = format!("node-{target:04}.example.internal:9100");
                let job = ["node", "node-cache", "node-database"][target % 3];
                let with_target = |name: &str, labels: &[(String, String)]| {
                    let mut labels = labels.to_vec();
                    labels.push(("__name__".to_owned(), name.to_owned()));
                    labels.push(("instance".to_owned(), instance.clone()));
                    labels.push(("job".to_owned(), job.to_owned()));
                    Labels::new(labels)
                };
                let series = templates
                    .iter()
                    .map(|template| Series {
                        labels: with_target(&template.name, &template.labels),
                        behaviour: template.behaviour,
                        value: scattered(template.behaviour, template.start, &mut random),
                    })
                    .collect();
                let durations = HANDLERS.iter().map(|h| durations(h, &with_target)).collect();
                Target { series, durations }
            })
            .collect();
        let mut names: BTreeSet<String> = templates.into_iter().map(|t| t.name).collect();
        for suffix in ["bucket", "sum", "count"] {
            names.insert(format!("http_request_duration_seconds_{suffix}"));
        }
        Self { shape, random, scraped: targets, names }
    }
}

/// Hosts did not start at the same value.
fn scattered(behaviour: Behaviour, start: f64, random: &mut Random) -> f64 {
    match behaviour {
        Behaviour::Constant => start,
        moving => moving.next((start * (0.5 + random.fraction())).round(), random),
    }
}

fn durations(
    handler: &str,
    with_target: &impl Fn(&str, &[(String, String)]) -> Labels,
) -> Durations {
    let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let handler = label("handler", handler);
    let name = |suffix: &str| format!("http_request_duration_seconds_{suffix}");
    let bucket = |le: &&str| with_target(&name("bucket"), &[handler.clone(), label("le", le)]);
    Durations {
        buckets: BOUNDS.iter().map(bucket).collect(),
        sum: (with_target(&name("sum"), std::slice::from_ref(&handler)), 0.0),
        count: with_target(&name("count"), &[handler]),
        counts: [0; BOUNDS.len()],
    }
}

impl Durations {
    fn observe(&mut self, random: &mut Random) {
        for _ in 0..random.below(12) {
            let bucket = (random.below(5) + random.below(5)) as usize;
            self.counts[bucket] += 1;
            self.sum.1 += 0.004 * f64::from(1u32 << bucket) * (1.0 + random.fraction());
        }
    }
}

impl Source for Targets {
    fn round(&mut self, number: usize, emit: &mut dyn FnMut(usize, &Point<'_>)) {
        for (i, target) in self.scraped.iter_mut().enumerate() {
            let t_ms = self.shape.round_ms(number) + self.shape.phase_ms(i);
            for series in &mut target.series {
                series.value = series.behaviour.next(series.value, &mut self.random);
                emit(i, &Point::float(&series.labels, t_ms, series.value));
            }
            for durations in &mut target.durations {
                durations.observe(&mut self.random);
                let mut below = 0;
                for (labels, count) in durations.buckets.iter().zip(durations.counts) {
                    below += count;
                    emit(i, &Point::float(labels, t_ms, below as f64));
                }
                emit(i, &Point::float(&durations.sum.0, t_ms, durations.sum.1));
                emit(i, &Point::float(&durations.count, t_ms, below as f64));
            }
        }
    }

    fn metric_names(&self) -> Vec<String> {
        self.names.iter().cloned().collect()
    }

    fn series(&self) -> (usize, usize) {
        let per_target = |t: &Target| t.series.len() + t.durations.len() * (BOUNDS.len() + 2);
        let all = self.scraped.iter().map(per_target).sum();
        (all, all)
    }
}
