//! Drives a store: batches of named series in, plain maps out.

use std::collections::BTreeMap;
use std::sync::Arc;

use metric_store::{MetricStore, MetricStoreConfig, OpenError};
use model::{
    BatchSeries, Exemplar, HistogramSample, InvalidLabels, Labels, LabelsBuilder, Matcher,
    MetricMetadata, SampleBatch, SeriesKey, Tenant, TimeRange,
};
use platform::Platform;
use query::{
    AppendError, AppendReport, Budget, MetricSink, MetricSource, SampleBuffer, Scope, SelectHints,
    SelectRequest, SourceError, TenantLimits,
};

/// A sample of either kind, comparable bit for bit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Float(u64),
    Histogram(Box<model::FloatHistogram>),
}

/// Samples by series and time.
pub(crate) type Answer = BTreeMap<String, BTreeMap<i64, Value>>;

#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) labels: Labels,
    pub(crate) t_ms: i64,
    pub(crate) value: Value,
}

pub(crate) fn float(labels: &Labels, t_ms: i64, v: f64) -> Point {
    Point { labels: labels.clone(), t_ms, value: Value::Float(v.to_bits()) }
}

pub(crate) fn metric(name: &str, instance: &str) -> Labels {
    Labels::from_pairs([("__name__", name), ("instance", instance), ("job", "test")])
}

pub(crate) fn scope(tenant: &str) -> Scope {
    Scope::grant(Tenant::parse(tenant).unwrap(), TenantLimits::default(), vec![])
}

/// Moves the simulated wall clock to a known moment.
pub(crate) fn set_clock(sim: &platform_sim::SimPlatform, unix_ms: i64) {
    sim.clock().jump_ms(unix_ms - sim.platform().clock.unix_ms());
}

/// No background thread, a fixed number of shards: every step is the caller's.
pub(crate) fn quiet_config() -> MetricStoreConfig {
    let wal = wal::WalConfig { background_sync: false, ..wal::WalConfig::default() };
    MetricStoreConfig { shards: 3, merge_fan_in: 3, wal, ..MetricStoreConfig::default() }
}

pub(crate) fn open(
    platform: &Platform,
    config: &MetricStoreConfig,
) -> Result<Arc<MetricStore>, OpenError> {
    MetricStore::open(platform, "/data/metrics", config.clone(), &telemetry::Registry::new())
}

/// The raw form of a series in these tests is its encoded label set.
pub(crate) fn decode(raw: &[u8], builder: &mut LabelsBuilder) -> Result<(), InvalidLabels> {
    let labels = Labels::from_bytes(raw).ok_or_else(|| InvalidLabels("bad bytes".to_owned()))?;
    for (name, value) in &labels {
        builder.push(name, value);
    }
    Ok(())
}

/// Appends one batch; `domain` varies the raw keys, as different wire formats do.
pub(crate) fn append(
    sink: &dyn MetricSink,
    scope: &Scope,
    points: &[Point],
    domain: u64,
) -> Result<AppendReport, AppendError> {
    append_with(sink, scope, points, (&[], &[]), domain)
}

/// Exemplars by the index of the point whose series they belong to, and metadata by family.
pub(crate) type Extras<'a> = (&'a [(u32, Exemplar)], &'a [(&'a str, MetricMetadata)]);

pub(crate) fn append_with(
    sink: &dyn MetricSink,
    scope: &Scope,
    points: &[Point],
    extras: Extras<'_>,
    domain: u64,
) -> Result<AppendReport, AppendError> {
    append_started(sink, scope, points, &[], extras, domain)
}

/// With the starts of counters, by the index of the point.
pub(crate) fn append_started(
    sink: &dyn MetricSink,
    scope: &Scope,
    points: &[Point],
    starts: &[(u32, i64)],
    (exemplars, metadata): Extras<'_>,
    domain: u64,
) -> Result<AppendReport, AppendError> {
    let (mut t_ms, mut v, mut histograms) = (Vec::new(), Vec::new(), Vec::new());
    let mut series = Vec::new();
    for point in points {
        let (floats_from, histograms_from) = (t_ms.len() as u32, histograms.len() as u32);
        match &point.value {
            Value::Float(bits) => {
                t_ms.push(point.t_ms);
                v.push(f64::from_bits(*bits));
            }
            Value::Histogram(h) => {
                histograms.push(HistogramSample { t_ms: point.t_ms, h: (**h).clone() });
            }
        }
        let raw = point.labels.as_bytes();
        series.push(BatchSeries {
            key: SeriesKey::of(domain, raw),
            raw,
            samples: (floats_from, t_ms.len() as u32),
            histograms: (histograms_from, histograms.len() as u32),
        });
    }
    let batch = SampleBatch {
        decode: &decode,
        series: &series,
        t_ms: &t_ms,
        v: &v,
        histograms: &histograms,
        starts,
        exemplars,
        metadata,
    };
    sink.append(scope, &batch)
}

/// Everything the matchers select, without series that turn out to be empty.
pub(crate) fn read(
    source: &dyn MetricSource,
    scope: &Scope,
    matchers: &[Matcher],
    range: TimeRange,
) -> Result<Answer, SourceError> {
    read_hinted(source, scope, matchers, range, SelectHints::default())
}

pub(crate) fn read_hinted(
    source: &dyn MetricSource,
    scope: &Scope,
    matchers: &[Matcher],
    range: TimeRange,
    hints: SelectHints,
) -> Result<Answer, SourceError> {
    let request = SelectRequest { matchers: matchers.to_vec(), range, hints };
    let found = source.select(scope, &request, &Budget::default())?;
    let mut answer = Answer::new();
    let mut out = SampleBuffer::default();
    for index in 0..found.len() {
        found.read(index, range, &mut out)?;
        assert!(out.t_ms.is_sorted_by(|a, b| a < b), "times ascend strictly");
        let floats = std::iter::zip(&out.t_ms, &out.v);
        let mut samples: BTreeMap<i64, Value> =
            floats.map(|(t, v)| (*t, Value::Float(v.to_bits()))).collect();
        for sample in &out.histograms {
            let value = Value::Histogram(Box::new(sample.h.clone()));
            let before = samples.insert(sample.t_ms, value);
            assert!(before.is_none(), "a timestamp is in one column only");
        }
        if !samples.is_empty() {
            let before = answer.insert(found.labels(index).to_string(), samples);
            assert!(before.is_none(), "series are distinct");
        }
    }
    Ok(answer)
}

pub(crate) fn read_all(source: &dyn MetricSource, scope: &Scope) -> Answer {
    read(source, scope, &[], TimeRange::ALL).unwrap()
}
