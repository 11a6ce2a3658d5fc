//! Text expositions, Prometheus 0.0.4 and OpenMetrics 1.0: a streaming parser that borrows
//! everything from the body and gives the verdicts of Prometheus' own parser.
//!
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/> and the OpenMetrics 1.0
//! specification; where they and the reference server differ, the server wins.

mod content_type;
mod error;
mod labels;
mod number;
mod openmetrics;
mod pairs;
mod prometheus;
mod scan;
mod start_time;

use std::borrow::Cow;

use model::MetricType;

pub use content_type::{ContentTypeError, Negotiated, negotiate};
pub use error::{ParseError, Reason};
pub use number::{format_openmetrics_float, parse_float};

/// Which grammar a body follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `text/plain; version=0.0.4`
    Prometheus,
    /// `application/openmetrics-text; version=1.0.0`
    OpenMetrics,
}

/// One line of an exposition. Names and series are raw bytes: they may carry escapes, and only
/// [`Parser::labels`] checks that names are UTF-8.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<'a> {
    Type { family: &'a [u8], metric_type: MetricType },
    Help { family: &'a [u8], text: Cow<'a, str> },
    Unit { family: &'a [u8], unit: &'a str },
    Comment(&'a [u8]),
    Sample(Sample<'a>),
}

/// `series` is the text from the metric name to the closing brace, exactly as sent: equal bytes
/// mean an equal series, so it is the key of caches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<'a> {
    pub series: &'a [u8],
    pub v: f64,
    pub t_ms: Option<i64>,
    pub has_exemplar: bool,
}

/// Where a name and its value stand in the body, without quotes, escapes untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pair {
    name: (usize, usize),
    value: (usize, usize),
}

/// A pull parser over one body. Call [`Self::next_entry`] until it returns `None`; after an error
/// it stays ended. Cost: one pass, no allocation per line once its vectors have grown.
#[derive(Debug)]
pub struct Parser<'a> {
    bytes: &'a [u8],
    format: Format,
    pos: usize,
    state: State,
    line_start: usize,
    /// The last `# TYPE`, whatever family it named: the reference normalises `le` by it too.
    metric_type: MetricType,
    family_bytes: usize,
    metric_name: Option<(usize, usize)>,
    pairs: Vec<Pair>,
    exemplar: Option<ExemplarAt>,
    exemplar_pairs: Vec<Pair>,
    skip_created: bool,
    start_time: Option<(Vec<u8>, i64)>,
}

#[derive(Clone, Copy, Debug)]
struct ExemplarAt {
    v: f64,
    t_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Lines,
    /// A sample was complete, what follows it on its line is not: the next call fails here.
    Broken(usize),
    Ended,
}

impl<'a> Parser<'a> {
    pub fn new(bytes: &'a [u8], format: Format) -> Self {
        Self {
            bytes,
            format,
            pos: 0,
            state: State::Lines,
            line_start: 0,
            metric_type: MetricType::Unknown,
            family_bytes: 0,
            metric_name: None,
            pairs: Vec::new(),
            exemplar: None,
            exemplar_pairs: Vec::new(),
            skip_created: false,
            start_time: None,
        }
    }

    /// The next line that says something, `None` at the proper end of the document.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        match self.state {
            State::Ended => return Ok(None),
            State::Broken(at) => {
                self.state = State::Ended;
                return Err(self.error(at, Reason::Start));
            }
            State::Lines => {}
        }
        let entry = loop {
            self.metric_name = None;
            self.pairs.clear();
            self.exemplar = None;
            self.exemplar_pairs.clear();
            let entry = match self.format {
                Format::Prometheus => self.prometheus_entry(),
                Format::OpenMetrics => self.openmetrics_entry(),
            };
            if matches!(entry, Ok(Some(Entry::Sample(_)))) && self.is_skipped_created() {
                continue;
            }
            break entry;
        };
        if !matches!(entry, Ok(Some(_))) {
            self.state = State::Ended;
        }
        entry
    }

    fn slice(&self, (from, to): (usize, usize)) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Where an error shows: what was read of this line, and the byte that did not fit.
    fn error(&self, at: usize, reason: Reason) -> ParseError {
        ParseError::new(self.bytes, self.line_start, at, reason)
    }

    /// A value token, with every NaN made the ordinary one.
    fn float(&self, from: usize, to: usize) -> Result<f64, ParseError> {
        parse_float(self.slice((from, to))).ok_or_else(|| {
            let text = String::from_utf8_lossy(self.slice((from, to))).into_owned();
            self.error(from, Reason::Float(text))
        })
    }

    /// The family name behind `# TYPE ` and its like: `(start, end)` without quotes, and the
    /// position behind it.
    fn family(&self, keyword: &'static str, at: usize) -> Result<(usize, usize), ParseError> {
        let end = if self.byte(at) == Some(b'"') {
            scan::quoted(self.bytes, at, scan::Quoting { newline: true, nul: false })
        } else {
            Some(scan::metric_name(self.bytes, at)).filter(|end| *end > at)
        };
        end.map(|end| (at, end)).ok_or_else(|| self.error(at, Reason::FamilyName(keyword)))
    }

    fn unquoted(&self, (from, to): (usize, usize)) -> (usize, usize) {
        let quoted = self.byte(from) == Some(b'"') && to > from + 1;
        if quoted { (from + 1, to - 1) } else { (from, to) }
    }

    fn help(
        &self,
        family: &'a [u8],
        text: (usize, usize),
        quotes: bool,
    ) -> Result<Entry<'a>, ParseError> {
        let raw = self.slice(text);
        let text = std::str::from_utf8(raw).map_err(|e| {
            let shown = String::from_utf8_lossy(raw).into_owned();
            self.error(text.0 + e.valid_up_to(), Reason::HelpUtf8(shown))
        })?;
        Ok(Entry::Help { family, text: scan::unescape(text, quotes) })
    }

    fn metric_type_of(
        &mut self,
        family: &'a [u8],
        text: (usize, usize),
        words: &[&str],
    ) -> Result<Entry<'a>, ParseError> {
        let word = String::from_utf8_lossy(self.slice(text));
        let known = words.contains(&word.as_ref()).then(|| MetricType::parse(&word)).flatten();
        let Some(metric_type) = known else {
            return Err(self.error(text.0, Reason::MetricType(word.into_owned())));
        };
        self.metric_type = metric_type;
        Ok(Entry::Type { family, metric_type })
    }
}

#[cfg(test)]
mod tests;
