//! M3: pods that come and go. Thirty labels of about 1 KB together; a tenth of the pods is
//! replaced every ten minutes.

use super::random::Random;
use super::{Shape, Source};
use crate::wire::{Labels, Point};

const SERIES_PER_POD: usize = 10;
const REPLACED_EVERY_MS: i64 = 600_000;

struct Pod {
    series: Vec<(Labels, f64)>,
}

/// `Shape::targets` pods at any time.
pub(super) struct Pods {
    shape: Shape,
    random: Random,
    running: Vec<Pod>,
    oldest: usize,
    replaced_ms: i64,
    started: usize,
}

impl Pods {
    pub(super) fn new(shape: Shape) -> Self {
        let mut random = Random::new(3);
        let pods = (0..shape.targets).map(|i| pod(i, &mut random)).collect();
        Self {
            shape,
            random,
            running: pods,
            oldest: 0,
            replaced_ms: shape.start_ms,
            started: shape.targets,
        }
    }

    fn replace(&mut self) {
        for _ in 0..self.running.len() / 10 {
            self.running[self.oldest] = pod(self.started, &mut self.random);
            self.started += 1;
            self.oldest = (self.oldest + 1) % self.running.len();
        }
    }
}

fn pod(number: usize, random: &mut Random) -> Pod {
    let deployment = number % 40;
    let name = format!("deployment-{deployment:02}-{}-{}", random.hex(10), random.hex(5));
    let mut labels = vec![
        ("pod".to_owned(), name.clone()),
        ("uid".to_owned(), random.hex(32)),
        ("container_id".to_owned(), format!("containerd://{}", random.hex(64))),
        ("namespace".to_owned(), format!("team-{:02}", deployment % 12)),
        ("node".to_owned(), format!("node-{:03}.cluster.example.internal", random.below(100))),
        ("instance".to_owned(), format!("10.{}.{}.7:8080", random.below(256), random.below(256))),
        ("job".to_owned(), "kubernetes-pods".to_owned()),
        (
            "image".to_owned(),
            format!("registry.example/app-{deployment:02}@sha256:{}", random.hex(8)),
        ),
    ];
    for i in 0..20 {
        labels.push((
            format!("label_app_kubernetes_io_annotation_{i:02}"),
            format!("value-of-annotation-{i:02}-{deployment:02}"),
        ));
    }
    let series = (0..SERIES_PER_POD)
        .map(|i| {
            let mut labels = labels.clone();
            labels.push(("__name__".to_owned(), metric_name(i)));
            labels.push(("container".to_owned(), "app".to_owned()));
            (Labels::new(labels), 0.0)
        })
        .collect();
    Pod { series }
}

fn metric_name(i: usize) -> String {
    format!("container_metric_{i:02}_total")
}

impl Source for Pods {
    fn round(&mut self, number: usize, emit: &mut dyn FnMut(usize, &Point<'_>)) {
        let t_ms = self.shape.round_ms(number);
        if t_ms - self.replaced_ms >= REPLACED_EVERY_MS {
            self.replaced_ms = t_ms;
            self.replace();
        }
        for (target, pod) in self.running.iter_mut().enumerate() {
            let t_ms = t_ms + self.shape.phase_ms(target);
            for (i, (labels, value)) in pod.series.iter_mut().enumerate() {
                *value += self.random.below(10 * (i as u64 + 1)) as f64;
                emit(target, &Point::float(labels, t_ms, *value));
            }
        }
    }

    fn metric_names(&self) -> Vec<String> {
        (0..SERIES_PER_POD).map(metric_name).collect()
    }

    fn series(&self) -> (usize, usize) {
        (self.running.len() * SERIES_PER_POD, self.started * SERIES_PER_POD)
    }
}
