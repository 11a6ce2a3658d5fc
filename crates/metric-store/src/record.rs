//! Payloads of the write-ahead log. Spec: docs/format/metrics-wal.md
//!
//! A samples record is columnar: the series new to this stretch of the log, then references,
//! times and values each in a row. References mean nothing outside their *naming*: the stretch of
//! log between two cuts, or between a start and a cut, which has a number of its own. Every record
//! defines the references that its naming had not defined before. A record that was torn away by a
//! power failure thus leaves later ones without a name, never with a wrong one.

use codec::varint::{put_i64, put_u64, unzigzag, zigzag};
use hashbrown::HashMap;
use model::{Exemplar, HistogramSample, Labels, MetricMetadata, MetricType};

use crate::cursor::{Cursor, Malformed, put_slice};
use crate::histogram;

/// Record kinds; a changed payload gets a new one.
pub(crate) const KIND_SAMPLES: u8 = 1;
pub(crate) const KIND_METADATA: u8 = 2;
/// Every exemplar with the labels of its series: not written any more, and read like the next.
pub(crate) const KIND_EXEMPLARS_IN_FULL: u8 = 3;
pub(crate) const KIND_EXEMPLARS: u8 = 4;

/// Collects one samples record in reused columns.
#[derive(Debug, Default)]
pub(crate) struct SamplesRecord {
    head: Vec<u8>,
    definitions: Vec<u8>,
    runs: Vec<u8>,
    times: Vec<u8>,
    values: Vec<u8>,
    histograms: Vec<u8>,
    definition_count: u64,
    run_count: u64,
    histogram_count: u64,
    last_ref: u32,
    last_t: i64,
}

impl SamplesRecord {
    pub(crate) fn clear(&mut self) {
        for column in [
            &mut self.head,
            &mut self.definitions,
            &mut self.runs,
            &mut self.times,
            &mut self.values,
            &mut self.histograms,
        ] {
            column.clear();
        }
        self.definition_count = 0;
        self.run_count = 0;
        self.histogram_count = 0;
        self.last_ref = 0;
        self.last_t = 0;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.run_count + self.histogram_count == 0
    }

    pub(crate) fn define(&mut self, series: u32, labels: &Labels) {
        put_u64(&mut self.definitions, u64::from(series));
        put_slice(&mut self.definitions, labels.as_bytes());
        self.definition_count += 1;
    }

    /// Starts the samples of a series, of which `count` follow by [`Self::sample`].
    #[inline]
    pub(crate) fn run(&mut self, series: u32, count: usize) {
        let delta = zigzag(i64::from(series) - i64::from(self.last_ref));
        put_u64(&mut self.runs, delta << 1 | u64::from(count != 1));
        if count != 1 {
            put_u64(&mut self.runs, count as u64);
        }
        self.last_ref = series;
        self.run_count += 1;
    }

    #[inline]
    pub(crate) fn sample(&mut self, t_ms: i64, v: f64) {
        put_i64(&mut self.times, t_ms.wrapping_sub(self.last_t));
        self.last_t = t_ms;
        self.values.extend_from_slice(&v.to_bits().to_le_bytes());
    }

    pub(crate) fn histogram(&mut self, series: u32, sample: &HistogramSample) {
        put_u64(&mut self.histograms, u64::from(series));
        histogram::encode(sample, &mut self.histograms);
        self.histogram_count += 1;
    }

    /// The record as parts to be written one after the other; what they borrow is reused.
    pub(crate) fn parts(&mut self, tenant: &str, naming: u64) -> [&[u8]; 6] {
        put_slice(&mut self.head, tenant.as_bytes());
        self.head.extend_from_slice(&naming.to_le_bytes());
        for count in [self.definition_count, self.run_count, self.histogram_count] {
            put_u64(&mut self.head, count);
        }
        [&self.head, &self.definitions, &self.runs, &self.times, &self.values, &self.histograms]
    }
}

/// What a samples record says, handed out in the order in which it must be applied.
pub(crate) trait SamplesVisitor {
    /// Called first; an error ends the reading of this record.
    fn start(&mut self, tenant: &str, naming: u64) -> Result<(), Malformed>;
    fn define(&mut self, series: u32, labels: Labels);
    fn sample(&mut self, series: u32, t_ms: i64, v: f64);
    fn histogram(&mut self, series: u32, sample: HistogramSample);
}

/// Reads a samples record. What was visited before an error stands.
pub(crate) fn visit_samples(
    payload: &[u8],
    visitor: &mut impl SamplesVisitor,
) -> Result<(), Malformed> {
    let mut bytes = Cursor(payload);
    let tenant = bytes.text()?;
    visitor.start(tenant, u64::from_le_bytes(bytes.fixed()?))?;
    let definitions = bytes.u64()?;
    let runs = bytes.count()?;
    let histograms = bytes.u64()?;
    for _ in 0..definitions {
        let series = bytes.u32()?;
        let labels = Labels::from_bytes(bytes.slice()?).ok_or(Malformed)?;
        visitor.define(series, labels);
    }
    visit_runs(&mut bytes, runs, visitor)?;
    for _ in 0..histograms {
        let series = bytes.u32()?;
        visitor.histogram(series, histogram::decode(&mut bytes)?);
    }
    Ok(())
}

fn visit_runs(
    bytes: &mut Cursor<'_>,
    runs: usize,
    visitor: &mut impl SamplesVisitor,
) -> Result<(), Malformed> {
    let mut columns: Vec<(u32, u32)> = Vec::with_capacity(runs);
    let (mut series, mut samples) = (0_i64, 0_u64);
    for _ in 0..runs {
        let code = bytes.u64()?;
        series = series.wrapping_add(unzigzag(code >> 1));
        let count = if code & 1 == 0 { 1 } else { bytes.u32()? };
        samples += u64::from(count);
        columns.push((u32::try_from(series).map_err(|_| Malformed)?, count));
    }
    // Every sample takes eight bytes of values, so a forged count ends here.
    let value_bytes = usize::try_from(samples).ok().and_then(|samples| samples.checked_mul(8));
    let value_bytes = value_bytes.filter(|len| *len <= bytes.0.len()).ok_or(Malformed)?;
    let mut times = *bytes;
    for _ in 0..samples {
        bytes.i64()?;
    }
    let mut values = Cursor(bytes.bytes(value_bytes)?);
    let mut t_ms = 0_i64;
    for (series, count) in columns {
        for _ in 0..count {
            t_ms = t_ms.wrapping_add(times.i64()?);
            visitor.sample(series, t_ms, values.f64()?);
        }
    }
    Ok(())
}

/// A record of [`KIND_EXEMPLARS`] on its way into the log. A series is stated once.
#[derive(Debug, Default)]
pub(crate) struct ExemplarsRecord {
    pub(crate) bytes: Vec<u8>,
    /// Of every series the number of its first exemplar.
    stated: HashMap<Labels, u64>,
    count: u64,
}

impl ExemplarsRecord {
    pub(crate) fn start(&mut self, tenant: &str) {
        self.bytes.clear();
        self.stated.clear();
        self.count = 0;
        put_slice(&mut self.bytes, tenant.as_bytes());
    }

    pub(crate) fn push(&mut self, series: &Labels, exemplar: &Exemplar) {
        let out = &mut self.bytes;
        if let Some(first) = self.stated.get(series) {
            put_u64(out, 0);
            put_u64(out, *first);
        } else {
            put_slice(out, series.as_bytes());
            self.stated.insert(series.clone(), self.count);
        }
        put_i64(out, exemplar.t_ms);
        out.extend_from_slice(&exemplar.v.to_bits().to_le_bytes());
        put_slice(out, exemplar.labels.as_bytes());
        self.count += 1;
    }
}

/// Takes the exemplars behind the tenant of a record, each with its series.
pub(crate) fn take_exemplars(
    bytes: &mut Cursor<'_>,
    mut take: impl FnMut(&Labels, Exemplar),
) -> Result<(), Malformed> {
    let mut stated: Vec<Labels> = Vec::new();
    while !bytes.0.is_empty() {
        let series = match bytes.slice()? {
            [] => {
                let first = usize::try_from(bytes.u64()?).map_err(|_| Malformed)?;
                stated.get(first).ok_or(Malformed)?.clone()
            }
            labels => Labels::from_bytes(labels).ok_or(Malformed)?,
        };
        let (t_ms, v) = (bytes.i64()?, bytes.f64()?);
        let labels = Labels::from_bytes(bytes.slice()?).ok_or(Malformed)?;
        take(&series, Exemplar { labels, v, t_ms });
        stated.push(series);
    }
    Ok(())
}

/// Appends one metric family, in records of [`KIND_METADATA`] and in parts.
pub(crate) fn put_metadata(out: &mut Vec<u8>, metric: &str, metadata: &MetricMetadata) {
    for text in [metric, metadata.metric_type.as_str(), &metadata.help, &metadata.unit] {
        put_slice(out, text.as_bytes());
    }
}

pub(crate) fn take_metadata<'a>(
    bytes: &mut Cursor<'a>,
) -> Result<(&'a str, MetricMetadata), Malformed> {
    let metric = bytes.text()?;
    let metric_type = MetricType::parse(bytes.text()?).unwrap_or_default();
    let (help, unit) = (bytes.text()?.to_owned(), bytes.text()?.to_owned());
    Ok((metric, MetricMetadata { metric_type, help, unit }))
}

#[cfg(test)]
mod tests {
    use super::{Cursor, ExemplarsRecord, take_exemplars, visit_samples};
    use super::{Exemplar, HistogramSample, Labels, Malformed, SamplesRecord, SamplesVisitor};
    use proptest::prelude::*;

    /// Writes down what it is shown.
    #[derive(Default)]
    struct Log(Vec<String>);

    impl SamplesVisitor for Log {
        fn start(&mut self, tenant: &str, naming: u64) -> Result<(), Malformed> {
            self.0.push(format!("{tenant} {naming}"));
            Ok(())
        }
        fn define(&mut self, series: u32, labels: Labels) {
            self.0.push(format!("{series} is {labels}"));
        }
        fn sample(&mut self, series: u32, t_ms: i64, v: f64) {
            self.0.push(format!("{series} {t_ms} {:x}", v.to_bits()));
        }
        fn histogram(&mut self, series: u32, sample: HistogramSample) {
            self.0.push(format!("{series} histogram {}", sample.t_ms));
        }
    }

    proptest! {
        #[test]
        fn a_record_comes_back(
            runs in prop::collection::vec((any::<u32>(), prop::collection::vec((any::<i64>(), any::<u64>()), 0..3)), 0..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let labels = Labels::from_pairs([("__name__", "up")]);
            let mut record = SamplesRecord::default();
            let mut want = Log::default();
            want.0.push("t 77".to_owned());
            record.define(7, &labels);
            want.define(7, labels);
            for (series, samples) in &runs {
                record.run(*series, samples.len());
                for (t_ms, v) in samples {
                    record.sample(*t_ms, f64::from_bits(*v));
                    want.sample(*series, *t_ms, f64::from_bits(*v));
                }
            }
            let histogram = HistogramSample { t_ms: 9, h: model::FloatHistogram::default() };
            record.histogram(3, &histogram);
            want.histogram(3, histogram);
            let bytes = record.parts("t", 77).concat();
            let mut got = Log::default();
            prop_assert!(visit_samples(&bytes, &mut got).is_ok());
            prop_assert_eq!(got.0, want.0);
            let cut = &bytes[..cut.index(bytes.len())];
            prop_assert!(visit_samples(cut, &mut Log::default()).is_err());
        }

        #[test]
        fn exemplars_come_back(of in prop::collection::vec((0_u8..4, any::<i64>()), 0..20)) {
            let series = |number: u8| Labels::from_pairs([("__name__", format!("m{number}"))]);
            let mut record = ExemplarsRecord::default();
            record.start("t");
            let mut want = Vec::new();
            for (number, t_ms) in of {
                let labels = Labels::from_pairs([("trace_id", format!("{t_ms:x}"))]);
                let exemplar = Exemplar { labels, v: t_ms as f64, t_ms };
                record.push(&series(number), &exemplar);
                want.push((series(number), exemplar));
            }
            let mut cursor = Cursor(&record.bytes);
            prop_assert_eq!(cursor.text(), Ok("t"));
            let mut got = Vec::new();
            let taken =
                take_exemplars(&mut cursor, |series, exemplar| got.push((series.clone(), exemplar)));
            prop_assert_eq!(taken, Ok(()));
            prop_assert_eq!(got, want);
        }

        #[test]
        fn foreign_exemplars_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            take_exemplars(&mut Cursor(&bytes), |_, _| ()).ok();
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let shown = visit_samples(&bytes, &mut Log::default());
            prop_assert!(shown.is_ok() || shown == Err(Malformed));
        }
    }
}
