//! Writing families as text: the Prometheus format 0.0.4 and OpenMetrics 1.0.

use std::fmt::Write as _;

use crate::registry::{Child, FamilyReading, Kind};

/// A text format a scraper may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text exposition 0.0.4.
    Text004,
    /// OpenMetrics text 1.0: counter families are named without `_total`, the page ends in
    /// `# EOF`.
    OpenMetrics,
}

impl Format {
    /// The value of the `Content-Type` header for a page in this format.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text004 => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The best of the two for a scraper's `Accept` header: OpenMetrics only for those who name
    /// it with a quality not below that of plain text.
    pub fn from_accept(accept: &str) -> Self {
        let quality = |wanted: &str| {
            let ranges = accept.split(',').filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let media = parts.next()?;
                let quality = parts.find_map(|part| part.strip_prefix("q="));
                let quality = quality.map_or(1.0, |text| text.parse().unwrap_or(0.0));
                (media.eq_ignore_ascii_case(wanted)).then_some(quality)
            });
            ranges.fold(0.0_f64, f64::max)
        };
        let open = quality("application/openmetrics-text");
        if open > 0.0 && open >= quality("text/plain") { Self::OpenMetrics } else { Self::Text004 }
    }
}

pub(crate) fn push_family(out: &mut String, family: &FamilyReading, format: Format) {
    if family.children.is_empty() {
        return;
    }
    let name = &*family.name;
    let is_open = format == Format::OpenMetrics;
    // OpenMetrics only knows counters that end in `_total`. Adding it would give the same value two
    // names, depending on who asks, so a counter without it is called unknown there.
    let counter_stem = name.strip_suffix("_total").filter(|_| family.kind == Kind::Counter);
    let stem = counter_stem.filter(|_| is_open).unwrap_or(name);
    out.push_str("# HELP ");
    out.push_str(stem);
    out.push(' ');
    push_escaped(out, &family.help, is_open);
    let kind = match family.kind {
        Kind::Counter if is_open && counter_stem.is_none() => "unknown",
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    };
    push_parts(out, &["\n# TYPE ", stem, " ", kind, "\n"]);
    for (labels, child) in &family.children {
        match child {
            Child::Histogram(cell) => {
                let reading = cell.read();
                for (bound, count) in &reading.buckets {
                    push_series(out, &[name, "_bucket"], labels, Some((*bound, format)));
                    // Writing to a String cannot fail.
                    writeln!(out, "{count}").ok();
                }
                push_series(out, &[name, "_sum"], labels, None);
                push_number(out, reading.sum);
                out.push('\n');
                push_series(out, &[name, "_count"], labels, None);
                writeln!(out, "{}", reading.count).ok();
            }
            Child::Counter(cell) => push_sample(out, name, labels, cell.value()),
            Child::Gauge(cell) => push_sample(out, name, labels, cell.load()),
            Child::Read(read) => push_sample(out, name, labels, read()),
        }
    }
}

fn push_sample(out: &mut String, name: &str, labels: &str, value: f64) {
    push_series(out, &[name], labels, None);
    push_number(out, value);
    out.push('\n');
}

/// Writes the name and the label set, followed by the space before the value.
fn push_series(out: &mut String, name: &[&str], labels: &str, bound: Option<(f64, Format)>) {
    push_parts(out, name);
    if !labels.is_empty() || bound.is_some() {
        out.push('{');
        out.push_str(labels);
        if let Some((bound, format)) = bound {
            out.push_str(if labels.is_empty() { "le=\"" } else { ",le=\"" });
            let start = out.len();
            push_number(out, bound);
            // OpenMetrics wants bounds to read as floats, so that "1" and "1.0" cannot both occur.
            let digits = out.get(start..).unwrap_or_default();
            if format == Format::OpenMetrics
                && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-')
            {
                out.push_str(".0");
            }
            out.push('"');
        }
        out.push('}');
    }
    out.push(' ');
}

fn push_parts(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

/// Appends `name="value"`, preceded by a comma unless it is the first, with the value escaped.
pub(crate) fn push_label(out: &mut String, name: &str, value: &str) {
    if !out.is_empty() {
        out.push(',');
    }
    out.push_str(name);
    out.push_str("=\"");
    push_label_value(out, value);
    out.push('"');
}

/// Appends a label value without its quotes, escaped as both formats want it.
pub fn push_label_value(out: &mut String, value: &str) {
    push_escaped(out, value, true);
}

fn push_escaped(out: &mut String, text: &str, escape_quotes: bool) {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\n', '"']) {
        let (clean, from) = rest.split_at(at);
        out.push_str(clean);
        match from.as_bytes().first() {
            Some(b'\n') => out.push_str("\\n"),
            Some(b'"') if !escape_quotes => out.push('"'),
            Some(b'"') => out.push_str("\\\""),
            _ => out.push_str("\\\\"),
        }
        rest = from.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Appends a value the way scrapers read it back exactly: the shortest digits that round-trip,
/// an exponent for very large and very small numbers, `NaN`, `+Inf`, `-Inf`.
pub fn push_number(out: &mut String, value: f64) {
    let size = value.abs();
    let written = if value.is_nan() {
        out.write_str("NaN")
    } else if value.is_infinite() {
        out.write_str(if value > 0.0 { "+Inf" } else { "-Inf" })
    } else if size == 0.0 || (1e-5..1e15).contains(&size) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    };
    // Writing to a String cannot fail.
    written.ok();
}
