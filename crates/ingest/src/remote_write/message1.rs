//! `prometheus.WriteRequest`: labels spelled out in every series.

use model::{Exemplar, LabelsBuilder, MetricMetadata, MetricType};

use super::columns::{Columns, RawAt};
use super::error::WriteError;
use super::histogram::histogram;
use super::labels::{label, show};
use super::limits::WriteLimits;
use super::wire::Cursor;

pub(super) fn read_request(
    message: &[u8],
    limits: &WriteLimits,
    columns: &mut Columns,
) -> Result<(), WriteError> {
    let mut request = Cursor::new(message);
    while let Some(field) = request.next()? {
        match field.number {
            1 => {
                let series = request.nested(field.value)?;
                let offset = request.pos() - series.bytes().len();
                read_series(series, offset, columns)?;
                columns.check_size(limits)?;
            }
            3 => {
                let entry = metadata(request.nested(field.value)?)?;
                columns.metadata.push(entry);
            }
            _ => {}
        }
    }
    Ok(())
}

/// `offset`: where the series' message stands in the request.
fn read_series(
    mut series: Cursor<'_>,
    offset: usize,
    columns: &mut Columns,
) -> Result<(), WriteError> {
    let whole = series;
    let since = columns.mark();
    let mut labels: Option<(usize, usize)> = None;
    let mut scattered = false;
    while let Some(field) = series.next()? {
        match field.number {
            1 => {
                series.nested(field.value)?;
                let start = labels.map_or(field.start, |(start, end)| {
                    scattered |= end != field.start;
                    start
                });
                labels = Some((start, series.pos()));
            }
            2 => {
                let (t_ms, v) = sample(series.nested(field.value)?)?;
                columns.push_sample(t_ms, v);
            }
            3 => {
                let exemplar = exemplar(series.nested(field.value)?)?;
                columns.exemplars.push((columns.series_index(), exemplar));
            }
            4 => match histogram(series.nested(field.value)?)? {
                Ok(sample) => columns.histograms.push(sample),
                Err(why) => {
                    let raw = gathered_labels(whole)?;
                    columns.reject(1, format!("{why} for series {}", show(&raw)));
                }
            },
            _ => {}
        }
    }
    let raw = if scattered {
        let start = columns.scratch.len();
        columns.scratch.extend_from_slice(&gathered_labels(whole)?);
        RawAt::Scratch(start, columns.scratch.len())
    } else {
        let (start, end) = labels.unwrap_or_default();
        RawAt::Message(offset + start, offset + end)
    };
    columns.finish_series(raw, since);
    Ok(())
}

/// The label fields of a series one after the other, for senders that mix them with samples.
fn gathered_labels(mut series: Cursor<'_>) -> Result<Vec<u8>, WriteError> {
    let mut raw = Vec::new();
    while let Some(field) = series.next()? {
        if field.number == 1 {
            raw.extend_from_slice(
                series.bytes().get(field.start..series.pos()).unwrap_or_default(),
            );
        }
    }
    Ok(raw)
}

/// Value and timestamp. Nearly every sender writes both, in order: that shape is read directly.
#[inline]
pub(super) fn sample(mut message: Cursor<'_>) -> Result<(i64, f64), WriteError> {
    const VALUE_TAG: u8 = 1 << 3 | 1;
    const TIME_TAG: u8 = 2 << 3;
    if let Some((head, mut time)) = message.bytes().split_at_checked(10)
        && let [VALUE_TAG, value @ .., TIME_TAG] = head
        && let Ok(value) = <[u8; 8]>::try_from(value)
    {
        let mut t_ms = 0u64;
        let mut shift = 0;
        while let [b, rest @ ..] = time
            && shift < 63
        {
            t_ms |= u64::from(b & 0x7f) << shift;
            shift += 7;
            time = rest;
            if *b < 0x80 {
                if time.is_empty() {
                    return Ok((t_ms as i64, f64::from_le_bytes(value)));
                }
                break;
            }
        }
    }
    let (mut t_ms, mut v) = (0, 0.0);
    while let Some(field) = message.next()? {
        match field.number {
            1 => v = message.double(field.value)?,
            2 => t_ms = message.integer(field.value)? as i64,
            _ => {}
        }
    }
    Ok((t_ms, v))
}

fn exemplar(mut message: Cursor<'_>) -> Result<Exemplar, WriteError> {
    let mut labels = LabelsBuilder::default();
    let (mut v, mut t_ms) = (0.0, 0);
    while let Some(field) = message.next()? {
        match field.number {
            1 => {
                let (name, value) = label(message.nested(field.value)?)?;
                let utf8 = |text| std::str::from_utf8(text);
                let (Ok(name), Ok(value)) = (utf8(name), utf8(value)) else {
                    return Err(message.malformed("a label of an exemplar is not UTF-8"));
                };
                labels.push(name, value);
            }
            2 => v = message.double(field.value)?,
            3 => t_ms = message.integer(field.value)? as i64,
            _ => {}
        }
    }
    Ok(Exemplar { labels: labels.build(), v, t_ms })
}

fn metadata(mut message: Cursor<'_>) -> Result<(String, MetricMetadata), WriteError> {
    let mut name = String::new();
    let mut known = MetricMetadata::default();
    while let Some(field) = message.next()? {
        match field.number {
            1 => known.metric_type = metric_type(message.integer(field.value)?),
            2 => message.text(field.value)?.clone_into(&mut name),
            4 => message.text(field.value)?.clone_into(&mut known.help),
            5 => message.text(field.value)?.clone_into(&mut known.unit),
            _ => {}
        }
    }
    Ok((name, known))
}

/// The enumeration that both messages share.
pub(super) fn metric_type(number: u64) -> MetricType {
    match number {
        1 => MetricType::Counter,
        2 => MetricType::Gauge,
        3 => MetricType::Histogram,
        4 => MetricType::GaugeHistogram,
        5 => MetricType::Summary,
        6 => MetricType::Info,
        7 => MetricType::StateSet,
        _ => MetricType::Unknown,
    }
}
