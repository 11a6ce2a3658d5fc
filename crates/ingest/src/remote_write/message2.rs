//! `io.prometheus.write.v2.Request`: labels as references into one table of symbols per request.
//! Each series' labels are rewritten into the raw form of message 1.0, so the keys agree.

use model::{Exemplar, LabelsBuilder, METRIC_NAME, MetricMetadata, MetricType};

use super::columns::{Columns, RawAt};
use super::error::WriteError;
use super::histogram::histogram;
use super::labels::{put_label, show};
use super::limits::WriteLimits;
use super::message1::{metric_type, sample};
use super::wire::Cursor;

pub(super) fn read_request(
    message: &[u8],
    limits: &WriteLimits,
    columns: &mut Columns,
) -> Result<(), WriteError> {
    // The table may stand anywhere, so it is collected first.
    let mut symbols: Vec<&[u8]> = Vec::new();
    let mut request = Cursor::new(message);
    while let Some(field) = request.next()? {
        if field.number == 4 {
            symbols.push(request.nested(field.value)?.bytes());
        }
    }
    let mut reader = Reader { symbols, refs: Vec::new(), last_metadata: None };
    let mut request = Cursor::new(message);
    while let Some(field) = request.next()? {
        if field.number == 5 {
            reader.read_series(request.nested(field.value)?, columns)?;
            columns.check_size(limits)?;
        }
    }
    Ok(())
}

struct Reader<'a> {
    symbols: Vec<&'a [u8]>,
    refs: Vec<u64>,
    /// Series of one family come one after the other and repeat their metadata.
    last_metadata: Option<(String, Metadata)>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Metadata {
    metric_type: MetricType,
    help: u64,
    unit: u64,
}

impl Reader<'_> {
    fn read_series(
        &mut self,
        mut series: Cursor<'_>,
        columns: &mut Columns,
    ) -> Result<(), WriteError> {
        let since = columns.mark();
        let scratch_start = columns.scratch.len();
        let mut problem = None;
        let mut known = Metadata::default();
        let mut start_ms = 0;
        let mut refs = std::mem::take(&mut self.refs);
        refs.clear();
        while let Some(field) = series.next()? {
            match field.number {
                1 => series.varints(field.value, |v| refs.push(v))?,
                2 => {
                    let message = series.nested(field.value)?;
                    let (t_ms, v) = sample(message)?;
                    columns.push_sample(t_ms, v);
                    // A sample of today without a start takes 16 bytes, 7 with a value of 0, which
                    // senders leave out.
                    let bytes = message.bytes();
                    let bytes_max = if bytes.first() == Some(&SAMPLE_VALUE_TAG) { 16 } else { 7 };
                    if bytes.len() > bytes_max {
                        start_ms = start_of(message, SAMPLE_START, start_ms)?;
                    }
                }
                3 => {
                    let message = series.nested(field.value)?;
                    match histogram(message)? {
                        Ok(sample) => columns.histograms.push(sample),
                        Err(why) => problem = Some((1, why)),
                    }
                    start_ms = start_of(message, HISTOGRAM_START, start_ms)?;
                }
                4 => match self.exemplar(series.nested(field.value)?)? {
                    Ok(exemplar) => columns.exemplars.push((columns.series_index(), exemplar)),
                    Err(why) => problem = Some((0, why)),
                },
                5 => known = metadata(series.nested(field.value)?)?,
                6 => start_ms = series.integer(field.value)? as i64,
                _ => {}
            }
        }
        if start_ms > 0 {
            columns.starts.push((columns.series_index(), start_ms));
        }
        let rewritten = self.put_labels(&refs, &mut columns.scratch);
        self.refs = refs;
        if let Err(why) = rewritten {
            columns.scratch.truncate(scratch_start);
            columns.drop_series(since, why);
            return Ok(());
        }
        if let Some((samples, why)) = problem {
            let raw = columns.scratch.get(scratch_start..).unwrap_or_default();
            let why = format!("{why} for series {}", show(raw));
            columns.reject(samples, why);
        }
        self.note_metadata(known, columns);
        columns.finish_series(RawAt::Scratch(scratch_start, columns.scratch.len()), since);
        Ok(())
    }

    fn symbol(&self, reference: u64) -> Result<&[u8], String> {
        let index = usize::try_from(reference).ok();
        index.and_then(|i| self.symbols.get(i)).copied().ok_or_else(|| {
            format!("symbol reference {reference} is beyond the table of {}", self.symbols.len())
        })
    }

    fn put_labels(&self, refs: &[u64], out: &mut Vec<u8>) -> Result<(), String> {
        let invalid = |why| format!("parsing labels for series {refs:?}: {why}");
        if !refs.len().is_multiple_of(2) {
            return Err(invalid(format!("invalid labelRefs length {}", refs.len())));
        }
        for pair in refs.chunks_exact(2) {
            let name = self.symbol(pair[0]).map_err(invalid)?;
            let value = self.symbol(pair[1]).map_err(invalid)?;
            put_label(out, name, value);
        }
        Ok(())
    }

    fn exemplar(&self, mut message: Cursor<'_>) -> Result<Result<Exemplar, String>, WriteError> {
        let mut refs = Vec::new();
        let (mut v, mut t_ms) = (0.0, 0);
        while let Some(field) = message.next()? {
            match field.number {
                1 => message.varints(field.value, |v| refs.push(v))?,
                2 => v = message.double(field.value)?,
                3 => t_ms = message.integer(field.value)? as i64,
                _ => {}
            }
        }
        Ok(self.exemplar_labels(&refs).map(|labels| Exemplar { labels: labels.build(), v, t_ms }))
    }

    fn exemplar_labels(&self, refs: &[u64]) -> Result<LabelsBuilder, String> {
        if !refs.len().is_multiple_of(2) {
            return Err(format!("parsing exemplar: invalid labelRefs length {}", refs.len()));
        }
        let mut labels = LabelsBuilder::default();
        for pair in refs.chunks_exact(2) {
            let text = |reference| {
                let symbol = self.symbol(reference)?;
                std::str::from_utf8(symbol)
                    .map_err(|_| "an exemplar's label is not UTF-8".to_owned())
            };
            labels.push(text(pair[0])?, text(pair[1])?);
        }
        Ok(labels)
    }

    /// Metadata of the series just read goes with its family, once per run of series.
    fn note_metadata(&mut self, known: Metadata, columns: &mut Columns) {
        if known == Metadata::default() {
            return;
        }
        let name_ref = self
            .refs
            .chunks_exact(2)
            .find(|pair| self.symbol(pair[0]).is_ok_and(|name| name == METRIC_NAME.as_bytes()));
        let name = name_ref.and_then(|pair| self.symbol(pair[1]).ok());
        let Some(name) = name.and_then(|name| std::str::from_utf8(name).ok()) else { return };
        let family = family_of(name, known.metric_type);
        let repeated = self.last_metadata.as_ref();
        if repeated.is_some_and(|(last, same)| last == family && *same == known) {
            return;
        }
        let text = |reference| {
            self.symbol(reference)
                .map(|s| String::from_utf8_lossy(s).into_owned())
                .unwrap_or_default()
        };
        let entry = MetricMetadata {
            metric_type: known.metric_type,
            help: text(known.help),
            unit: text(known.unit),
        };
        let family = family.to_owned();
        columns.metadata.push((family.clone(), entry));
        self.last_metadata = Some((family, known));
    }
}

/// Where a message of a sample states when its counter began; before release candidate 4 of the
/// protocol the series did, in its field 6.
const SAMPLE_START: u32 = 3;
const SAMPLE_VALUE_TAG: u8 = 0x09;
const HISTOGRAM_START: u32 = 17;

/// The first start that the samples of a series state: `known` unless that is 0.
fn start_of(mut message: Cursor<'_>, number: u32, known: i64) -> Result<i64, WriteError> {
    if known > 0 {
        return Ok(known);
    }
    while let Some(field) = message.next()? {
        if field.number == number {
            return Ok(message.integer(field.value)? as i64);
        }
    }
    Ok(0)
}

fn metadata(mut message: Cursor<'_>) -> Result<Metadata, WriteError> {
    let mut known = Metadata::default();
    while let Some(field) = message.next()? {
        let value = message.integer(field.value)?;
        match field.number {
            1 => known.metric_type = metric_type(value),
            3 => known.help = value,
            4 => known.unit = value,
            _ => {}
        }
    }
    Ok(known)
}

/// Classic histograms and summaries spread over series with suffixes; their family has none.
fn family_of(name: &str, metric_type: MetricType) -> &str {
    let suffixes: &[&str] = match metric_type {
        MetricType::Histogram | MetricType::GaugeHistogram => &["_bucket", "_sum", "_count"],
        MetricType::Summary => &["_sum", "_count"],
        _ => &[],
    };
    suffixes.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}
