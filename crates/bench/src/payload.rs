//! The metrics payload: targets with node-exporter-like series, three quarters of them constant,
//! the others counters and gauges, from a fixed seed; every request compressed beforehand.

use crate::proto::{Series, write_request};

/// Shape of the work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) targets: usize,
    pub(crate) series_per_target: usize,
    pub(crate) scrapes: usize,
    pub(crate) interval_ms: i64,
    pub(crate) samples_per_request: usize,
}

impl Shape {
    pub(crate) fn samples(&self) -> usize {
        self.targets * self.series_per_target * self.scrapes
    }
}

/// A small generator with good low bits (splitmix64), so that runs repeat.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

enum Kind {
    Constant,
    Counter { step: u64 },
    Gauge,
}

struct Generated {
    labels: Vec<(String, String)>,
    kind: Kind,
    value: f64,
}

/// Calls `take(body, samples, shard)` with each compressed request, in time order; the requests
/// of one shard hold the same series.
pub(crate) fn generate(
    shape: &Shape,
    start_ms: i64,
    mut take: impl FnMut(Vec<u8>, usize, usize),
) -> anyhow::Result<()> {
    let mut random = Random(1);
    let mut series: Vec<Generated> = (0..shape.targets)
        .flat_map(|target| (0..shape.series_per_target).map(move |i| (target, i)))
        .map(|(target, i)| generated(target, i, &mut random))
        .collect();
    let mut snappy = snap::raw::Encoder::new();
    for scrape in 0..shape.scrapes {
        let t_ms = start_ms + scrape as i64 * shape.interval_ms;
        for series in &mut series {
            advance(series, &mut random);
        }
        for (shard, chunk) in series.chunks(shape.samples_per_request).enumerate() {
            let request = write_request(chunk.iter().enumerate().map(|(i, s)| Series {
                labels: &s.labels,
                // Targets are not scraped at the same instant.
                t_ms: t_ms + (i / shape.series_per_target) as i64 * 37,
                v: s.value,
            }));
            take(snappy.compress_vec(&request)?, chunk.len(), shard);
        }
    }
    Ok(())
}

const SERIES_PER_FAMILY: usize = 8;

/// Metric families of one target.
pub(crate) fn families(shape: &Shape) -> usize {
    shape.series_per_target.div_ceil(SERIES_PER_FAMILY)
}

pub(crate) fn family_name(family: usize) -> String {
    format!("node_family_{family:03}_bytes_total")
}

fn generated(target: usize, i: usize, random: &mut Random) -> Generated {
    let labels = [
        ("__name__", family_name(i / SERIES_PER_FAMILY)),
        ("cpu", format!("{}", i % 8)),
        ("device", format!("/dev/nvme{}n1p{}", i % 3, i % 5)),
        ("instance", format!("node-{target:04}.eu-central.example.internal:9100")),
        ("job", "node-exporter".to_owned()),
        ("mode", ["idle", "user", "system", "iowait"][i % 4].to_owned()),
    ];
    let kind = match random.next() % 100 {
        0..75 => Kind::Constant,
        75..92 => Kind::Counter { step: 1 + random.next() % 5000 },
        _ => Kind::Gauge,
    };
    Generated {
        labels: labels.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        kind,
        value: (random.next() % 1_000_000) as f64,
    }
}

fn advance(series: &mut Generated, random: &mut Random) {
    match series.kind {
        Kind::Constant => {}
        Kind::Counter { step } => series.value += (random.next() % (2 * step)) as f64,
        Kind::Gauge => series.value = (random.next() % 100_000) as f64 / 100.0,
    }
}
