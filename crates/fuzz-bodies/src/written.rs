//! Corpora that our own code writes: files of a small store, and bodies of remote write.

use std::sync::OnceLock;

use codec::varint::put_u64;
use metric_store::MetricStore;
use model::{
    BatchSeries, Exemplar, FloatHistogram, HistogramSample, InvalidLabels, Labels, LabelsBuilder,
    Matcher, MetricMetadata, MetricType, SampleBatch, SeriesKey, Span, TimeRange, stale_nan,
};
use platform_sim::{SimPlatform, SimRng};
use query::{MetricAdmin, MetricSink};
use wal::{Position, Wal, WalConfig};

use crate::store::{machine, open, scope};

const BASE_MS: i64 = 1_735_689_000_000;

/// `(target, name of the file, content)`.
pub fn written_corpora() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut corpora = Vec::new();
    for shape in 0..4 {
        let sim = written(shape);
        for path in sim.files() {
            let bytes = sim.disk().read(&path).expect("a listed file is there");
            let kind = path.extension().and_then(|ending| ending.to_str());
            let target = match kind {
                Some("part") => "part",
                Some("manifest") => "manifest",
                Some("wal") => "wal_segment",
                _ if path.ends_with("tombstones") => "tombstones",
                _ => continue,
            };
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            corpora.push((target, format!("{shape}-{}", name.unwrap_or_default()), bytes));
        }
        corpora.push(("wal_records", format!("{shape}-records"), records_of(&sim)));
    }
    corpora.push(("remote_write", "v1".to_owned(), message_v1()));
    corpora.push(("remote_write", "v2".to_owned(), message_v2()));
    corpora
}

/// A part that planted lists are about.
pub(crate) fn small_part() -> &'static [u8] {
    static PART: OnceLock<Vec<u8>> = OnceLock::new();
    PART.get_or_init(|| {
        let sim = written(0);
        let part =
            sim.files().into_iter().find(|path| path.extension().is_some_and(|e| e == "part"));
        part.and_then(|path| sim.disk().read(&path).ok()).unwrap_or_default()
    })
}

/// A store with some parts, a log, and a deletion; the shape says what the samples are like.
fn written(shape: u64) -> SimPlatform {
    let sim = machine();
    let at = BASE_MS + 600_000;
    sim.clock().jump_ms(at - sim.platform().clock.unix_ms());
    let store = open(&sim).expect("an empty directory opens");
    let mut rng = SimRng::new(shape);
    append(&store, shape, 0..20 + 200 * (shape as i64 % 2), &mut rng);
    store.flush().expect("a quiet disk takes parts");
    append(&store, shape, 150..230, &mut rng);
    if shape == 1 {
        let gone = [vec![Matcher::equal("instance", "b")]];
        let range = TimeRange::new(BASE_MS, BASE_MS + 160_000);
        store.delete_series(&scope(), &gone, range).expect("a quiet disk takes deletions");
    }
    sim
}

fn decode(raw: &[u8], builder: &mut LabelsBuilder) -> Result<(), InvalidLabels> {
    let labels = Labels::from_bytes(raw).ok_or_else(|| InvalidLabels("bad bytes".to_owned()))?;
    labels.iter().for_each(|(name, value)| builder.push(name, value));
    Ok(())
}

fn append(store: &MetricStore, shape: u64, ticks: std::ops::Range<i64>, rng: &mut SimRng) {
    let series: Vec<Labels> = [("up", "a"), ("up", "b"), ("cpu", "a"), ("latency", "ü")]
        .map(|(name, instance)| {
            Labels::from_pairs([("__name__", name), ("instance", instance), ("job", "test")])
        })
        .into();
    for tick in ticks {
        let t_ms = BASE_MS + tick * 1000 + if shape == 3 { rng.below(700) as i64 } else { 0 };
        let v = [
            f64::from_bits(rng.next_u64()),
            if tick % 9 == 8 { stale_nan() } else { 1.0 },
            (tick * 7) as f64 / [1.0, 10.0, 1000.0, 3.0][shape as usize % 4],
        ];
        let whole = FloatHistogram {
            schema: 3,
            count: tick as f64 + 3.0,
            sum: v[2],
            zero_threshold: 1e-9,
            positive_spans: vec![Span { offset: -2, length: 1 }, Span { offset: 3, length: 1 }],
            positive_buckets: vec![tick as f64 + 1.0, 2.0],
            ..FloatHistogram::default()
        };
        let h = [HistogramSample { t_ms, h: whole }];
        let batch_series: Vec<BatchSeries<'_>> = std::iter::zip(0.., &series)
            .map(|(index, labels)| BatchSeries {
                key: SeriesKey::of(0, labels.as_bytes()),
                raw: labels.as_bytes(),
                samples: (index.min(3), (index + 1).min(3)),
                histograms: (0, u32::from(index == 3)),
            })
            .collect();
        let exemplar = Exemplar { labels: Labels::from_pairs([("id", "7")]), v: 0.5, t_ms };
        let help = MetricMetadata {
            metric_type: MetricType::Gauge,
            help: "Is it up?".to_owned(),
            unit: "s".to_owned(),
        };
        let first = tick % 50 == 0;
        let batch = SampleBatch {
            decode: &decode,
            series: &batch_series,
            t_ms: &[t_ms; 3],
            v: &v,
            histograms: &h,
            starts: &[],
            exemplars: if first { &[(0, exemplar)] } else { &[] },
            metadata: if first { &[("up", help)] } else { &[] },
        };
        store.append(&scope(), &batch).expect("a quiet disk takes batches");
    }
}

/// The records of the log, as the target of that name reads them.
fn records_of(sim: &SimPlatform) -> Vec<u8> {
    let config = WalConfig { background_sync: false, ..WalConfig::default() };
    let (_, recovery) =
        Wal::open(sim.disk(), "/data/metrics/wal", config).expect("our own log opens");
    let mut out = Vec::new();
    let each = |_, kind, payload: &[u8]| {
        if out.len() < 4000 {
            out.push(kind);
            out.extend_from_slice(&(payload.len() as u16).to_le_bytes());
            out.extend_from_slice(payload);
        }
    };
    recovery.replay(Position::START, each).expect("a quiet disk reads");
    out
}

/// Appends a length-delimited field of a protobuf message.
fn field(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    put_u64(out, number << 3 | 2);
    put_u64(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn varint_field(out: &mut Vec<u8>, number: u64, value: u64) {
    put_u64(out, number << 3);
    put_u64(out, value);
}

fn double_field(out: &mut Vec<u8>, number: u64, value: f64) {
    put_u64(out, number << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
}

fn message(build: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    build(&mut out);
    out
}

fn sample(v: f64, t_ms: i64) -> Vec<u8> {
    message(|out| {
        double_field(out, 1, v);
        varint_field(out, 2, t_ms as u64);
    })
}

fn message_v1() -> Vec<u8> {
    let label = |name: &str, value: &str| {
        message(|out| {
            field(out, 1, name.as_bytes());
            field(out, 2, value.as_bytes());
        })
    };
    let histogram = message(|out| {
        varint_field(out, 1, 3);
        double_field(out, 3, 1.5);
        varint_field(out, 4, 6);
        double_field(out, 5, 1e-9);
        field(out, 11, &[8, 2, 16, 2]);
        field(out, 12, &[2, 4]);
        varint_field(out, 15, BASE_MS as u64);
    });
    message(|out| {
        for instance in ["a", "b"] {
            let series = message(|out| {
                field(out, 1, &label("__name__", "up"));
                field(out, 1, &label("instance", instance));
                field(out, 2, &sample(1.0, BASE_MS));
                field(out, 2, &sample(stale_nan(), BASE_MS + 1000));
                field(out, 4, &histogram);
            });
            field(out, 1, &series);
        }
        let metadata = message(|out| {
            varint_field(out, 1, 2);
            field(out, 2, b"up");
            field(out, 4, b"Is it up?");
        });
        field(out, 3, &metadata);
    })
}

fn message_v2() -> Vec<u8> {
    message(|out| {
        for symbol in ["", "__name__", "up", "instance", "a", "Is it up?"] {
            field(out, 4, symbol.as_bytes());
        }
        let series = message(|out| {
            field(out, 1, &[1, 2, 3, 4]);
            field(out, 2, &sample(1.0, BASE_MS));
            let metadata = message(|out| {
                varint_field(out, 1, 2);
                varint_field(out, 3, 5);
            });
            field(out, 5, &metadata);
            varint_field(out, 6, (BASE_MS - 1000) as u64);
        });
        field(out, 5, &series);
    })
}
