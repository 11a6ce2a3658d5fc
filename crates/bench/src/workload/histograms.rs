//! M4: services with native histograms of their request durations, one exemplar in ten.

use super::random::Random;
use super::{Shape, Source};
use crate::wire::{Exemplar, Histogram, Labels, Point, Value};

const HANDLERS: usize = 10;
/// Factor 2^(1/8) between bucket bounds.
const SCHEMA: i64 = 3;
const BUCKETS: usize = 40;

struct Series {
    labels: Labels,
    histogram: Histogram,
}

pub(super) struct Services {
    shape: Shape,
    random: Random,
    series: Vec<Series>,
}

impl Services {
    pub(super) fn new(shape: Shape) -> Self {
        let mut random = Random::new(4);
        let series = (0..shape.targets * HANDLERS)
            .map(|i| Series {
                labels: Labels::of(&[
                    ("__name__", "request_duration_seconds"),
                    ("handler", &format!("/api/v{}/resource", i % HANDLERS)),
                    ("instance", &format!("service-{:04}:8080", i / HANDLERS)),
                    ("job", ["api", "web", "worker"][i / HANDLERS % 3]),
                ]),
                histogram: Histogram {
                    schema: SCHEMA,
                    zero_count: 0,
                    sum: 0.0,
                    offset: -60 + random.below(20) as i64,
                    counts: vec![0; BUCKETS],
                },
            })
            .collect();
        Self { shape, random, series }
    }
}

impl Source for Services {
    fn round(&mut self, number: usize, emit: &mut dyn FnMut(usize, &Point<'_>)) {
        for (i, series) in self.series.iter_mut().enumerate() {
            let target = i / HANDLERS;
            let mut last = 0.0;
            for _ in 0..self.random.below(30) {
                // Most durations fall in the middle.
                let bucket = (0..4).map(|_| self.random.below(BUCKETS as u64 / 4)).sum::<u64>();
                series.histogram.counts[bucket as usize] += 1;
                let index = series.histogram.offset + bucket as i64;
                last = 2f64.powf((index as f64 - 0.5) / 8.0);
                series.histogram.sum += last;
            }
            let exemplar = (last > 0.0 && self.random.percent(10))
                .then(|| Exemplar { trace_id: self.random.hex(32), value: last });
            emit(
                target,
                &Point {
                    labels: &series.labels,
                    t_ms: self.shape.round_ms(number) + self.shape.phase_ms(target),
                    value: Value::Histogram(Box::new(series.histogram.clone())),
                    exemplar,
                },
            );
        }
    }

    fn metric_names(&self) -> Vec<String> {
        vec!["request_duration_seconds".to_owned()]
    }

    fn series(&self) -> (usize, usize) {
        (self.series.len(), self.series.len())
    }
}
