//! The raw form of a label set: `Label` messages as field 1, one after the other, which is how
//! message 1.0 carries them and how 2.0 is rewritten, so that equal series have equal bytes.

use model::{InvalidLabels, LabelsBuilder, METRIC_NAME};

use super::error::WriteError;
use super::limits::WriteLimits;
use super::wire::{Cursor, put_varint};

const LABEL_TAG: u8 = 0x0a;
const VALUE_TAG: u8 = 0x12;

/// Fills `out` and checks what the store relies on: UTF-8, unique names, a metric name, limits.
pub(super) fn decode_labels(
    raw: &[u8],
    limits: &WriteLimits,
    out: &mut LabelsBuilder,
) -> Result<(), InvalidLabels> {
    let cut = |e: WriteError| InvalidLabels(e.to_string());
    let mut cursor = Cursor::new(raw);
    let mut count = 0;
    while let Some(field) = cursor.next().map_err(cut)? {
        if field.number != 1 {
            continue;
        }
        let (name, value) = label(cursor.nested(field.value).map_err(cut)?).map_err(cut)?;
        let (name, value) = (utf8(name, raw)?, utf8(value, raw)?);
        count += 1;
        check_label(name, value, count, limits, raw)?;
        out.push(name, value);
    }
    if let Some(name) = out.duplicate() {
        let text =
            format!("invalid labels for series, labels {}, duplicated label {name}", show(raw));
        return Err(InvalidLabels(text));
    }
    if out.get(METRIC_NAME).is_none_or(str::is_empty) {
        let text = format!("invalid metric name or labels, got {}: no metric name", show(raw));
        return Err(InvalidLabels(text));
    }
    Ok(())
}

fn check_label(
    name: &str,
    value: &str,
    count: usize,
    limits: &WriteLimits,
    raw: &[u8],
) -> Result<(), InvalidLabels> {
    let problem = if name.is_empty() {
        "a label name is empty".to_owned()
    } else if count > limits.label_count_max {
        format!("more labels than ingest.label_count_max ({})", limits.label_count_max)
    } else if name.len() > limits.label_name_bytes_max {
        let limit = limits.label_name_bytes_max;
        format!("label name longer than ingest.label_name_bytes_max ({limit}): {name:.200?}")
    } else if value.len() > limits.label_value_bytes_max {
        let limit = limits.label_value_bytes_max;
        format!("value of label {name} longer than ingest.label_value_bytes_max ({limit})")
    } else {
        return Ok(());
    };
    Err(InvalidLabels(format!("invalid metric name or labels, got {}: {problem}", show(raw))))
}

fn utf8<'a>(bytes: &'a [u8], raw: &[u8]) -> Result<&'a str, InvalidLabels> {
    std::str::from_utf8(bytes).map_err(|_| {
        InvalidLabels(format!("invalid metric name or labels, got {}: not UTF-8", show(raw)))
    })
}

/// Name and value of a `Label` message; an absent one is empty.
pub(super) fn label(mut message: Cursor<'_>) -> Result<(&[u8], &[u8]), WriteError> {
    let (mut name, mut value): (&[u8], &[u8]) = (b"", b"");
    while let Some(field) = message.next()? {
        match field.number {
            1 => name = message.nested(field.value)?.bytes(),
            2 => value = message.nested(field.value)?.bytes(),
            _ => {}
        }
    }
    Ok((name, value))
}

/// Appends one label in the raw form.
pub(super) fn put_label(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    let varint_len = |v: usize| (usize::BITS - (v | 1).leading_zeros()).div_ceil(7) as usize;
    let part = |text: &[u8]| 1 + varint_len(text.len()) + text.len();
    out.push(LABEL_TAG);
    put_varint(out, (part(name) + part(value)) as u64);
    for (tag, text) in [(LABEL_TAG, name), (VALUE_TAG, value)] {
        out.push(tag);
        put_varint(out, text.len() as u64);
        out.extend_from_slice(text);
    }
}

/// The series in words, as far as it can be read, for messages.
pub(super) fn show(raw: &[u8]) -> String {
    let mut labels = LabelsBuilder::default();
    let mut cursor = Cursor::new(raw);
    while let Ok(Some(field)) = cursor.next() {
        let pair = cursor.nested(field.value).and_then(label);
        if let Ok((name, value)) = pair {
            labels.push(&String::from_utf8_lossy(name), &String::from_utf8_lossy(value));
        }
    }
    let mut text = labels.build().to_string();
    if text.len() > 1024 {
        text.truncate(text.floor_char_boundary(1024));
        text.push_str("[…]");
    }
    text
}
