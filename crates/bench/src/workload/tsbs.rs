//! M1: hosts with ten CPU gauges, the labels and values of TSBS devops `cpu-only`.

use super::random::Random;
use super::{Shape, Source};
use crate::wire::{Labels, Point};

const GAUGES: [&str; 10] = [
    "usage_user",
    "usage_system",
    "usage_idle",
    "usage_nice",
    "usage_iowait",
    "usage_irq",
    "usage_softirq",
    "usage_steal",
    "usage_guest",
    "usage_guest_nice",
];

const REGIONS: [&str; 9] = [
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
];

pub(super) struct Gauge {
    pub(super) labels: Labels,
    value: f64,
}

/// Random walks between 0 and 100, whole percents, as the original writes them.
pub(super) struct Hosts {
    shape: Shape,
    random: Random,
    pub(super) gauges: Vec<Gauge>,
}

impl Hosts {
    pub(super) fn new(shape: Shape) -> Self {
        let mut random = Random::new(1);
        let gauges = (0..shape.targets).flat_map(|host| gauges(host, &mut random)).collect();
        Self { shape, random, gauges }
    }

    /// Advances every gauge and emits it.
    pub(super) fn values(&mut self, mut emit: impl FnMut(usize, &Labels, f64)) {
        for (i, gauge) in self.gauges.iter_mut().enumerate() {
            // The sum of uniform numbers is close enough to a normal one.
            let step = (0..4).map(|_| self.random.fraction()).sum::<f64>() - 2.0;
            gauge.value = (gauge.value + step * 1.7).clamp(0.0, 100.0);
            emit(i / GAUGES.len(), &gauge.labels, gauge.value.floor());
        }
    }
}

fn gauges(host: usize, random: &mut Random) -> Vec<Gauge> {
    let region = REGIONS[random.below(9) as usize];
    let zone = ["a", "b", "c"][random.below(3) as usize];
    let numbers: [u64; 3] = [random.below(100), random.below(20), random.below(2)];
    let os = ["Ubuntu16.10", "Ubuntu16.04LTS", "Ubuntu15.10"][random.below(3) as usize];
    let arch = ["x64", "x86"][random.below(2) as usize];
    let team = ["SF", "NYC", "LON", "CHI"][random.below(4) as usize];
    let environment = ["production", "staging", "test"][random.below(3) as usize];
    GAUGES
        .iter()
        .map(|name| Gauge {
            labels: Labels::of(&[
                ("__name__", &format!("cpu_{name}")),
                ("hostname", &format!("host_{host}")),
                ("region", region),
                ("datacenter", &format!("{region}{zone}")),
                ("rack", &numbers[0].to_string()),
                ("os", os),
                ("arch", arch),
                ("team", team),
                ("service", &numbers[1].to_string()),
                ("service_version", &numbers[2].to_string()),
                ("service_environment", environment),
            ]),
            value: random.fraction() * 100.0,
        })
        .collect()
}

pub(super) fn metric_names() -> Vec<String> {
    GAUGES.iter().map(|name| format!("cpu_{name}")).collect()
}

impl Source for Hosts {
    fn round(&mut self, number: usize, emit: &mut dyn FnMut(usize, &Point<'_>)) {
        let shape = self.shape;
        self.values(|host, labels, v| {
            let t_ms = shape.round_ms(number) + shape.phase_ms(host);
            emit(host, &Point::float(labels, t_ms, v));
        });
    }

    fn metric_names(&self) -> Vec<String> {
        metric_names()
    }

    fn series(&self) -> (usize, usize) {
        (self.gauges.len(), self.gauges.len())
    }
}
