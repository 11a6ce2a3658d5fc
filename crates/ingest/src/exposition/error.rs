//! Why a body was refused, and where.

/// The first thing in a body that its format does not allow. `line` and `column` count from one;
/// the column counts bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason} while parsing: {context:?}")]
pub struct ParseError {
    pub line: usize,
    pub column: usize,
    pub reason: Reason,
    /// The line up to the place, shortened.
    pub context: String,
}

/// All of them make a scrape fail as a whole; they differ only in their text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("expected a valid start token")]
    Start,
    #[error("expected metric name after {0}")]
    FamilyName(&'static str),
    #[error("expected text in {0}")]
    MetadataText(&'static str),
    #[error("invalid metric type {0:?}")]
    MetricType(String),
    #[error("help text {0:?} is not a valid utf8 string")]
    HelpUtf8(String),
    #[error("unit {unit:?} not a suffix of metric {family:?}")]
    Unit { unit: String, family: String },
    #[error("linebreak expected after metadata")]
    MetadataEnd,
    #[error("expected label name")]
    LabelName,
    #[error("metric name already set")]
    NameTwice,
    #[error("metric name not set")]
    NameMissing,
    #[error("expected equal")]
    Equal,
    #[error("expected label value")]
    LabelValue,
    #[error("invalid UTF-8 label value")]
    LabelUtf8,
    #[error("expected comma or brace close")]
    Comma,
    #[error("expected value after {0}")]
    Value(&'static str),
    #[error("cannot read {0:?} as a number")]
    Float(String),
    #[error("invalid {0} {1:?}")]
    Timestamp(&'static str, String),
    #[error("expected timestamp or new record")]
    TimestampOrEnd,
    #[error("expected next entry after {0}")]
    NextEntry(&'static str),
    #[error("data does not end with # EOF")]
    NoEof,
    #[error("unexpected data after # EOF")]
    AfterEof,
}

/// Longest piece of a body that an error repeats.
const CONTEXT_BYTES_MAX: usize = 120;

impl ParseError {
    pub(super) fn new(bytes: &[u8], line_start: usize, at: usize, reason: Reason) -> Self {
        let at = at.min(bytes.len());
        let before = bytes.get(..at).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = at - memchr::memrchr(b'\n', before).map_or(0, |nl| nl + 1) + 1;
        let to = (at + 1).min(bytes.len());
        let from = line_start.max(to.saturating_sub(CONTEXT_BYTES_MAX)).min(to);
        let context = String::from_utf8_lossy(bytes.get(from..to).unwrap_or_default()).into_owned();
        Self { line, column, reason, context }
    }
}
