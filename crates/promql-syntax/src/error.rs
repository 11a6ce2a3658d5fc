//! The error of a parse: what is wrong, and where.

use crate::ast::Span;

/// A query that is not PromQL, or exceeds a limit. The reaction is always the same: show it to
/// whoever wrote the query (`bad_data`, HTTP 400).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{position}: parse error: {message}")]
pub struct ParseError {
    pub message: String,
    /// The offending bytes of the query.
    pub span: Span,
    /// `line:column` of the start of `span`, both from 1, columns in bytes.
    pub position: String,
}

impl ParseError {
    pub(crate) fn new(query: &str, span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, position: position(query, span.start) }
    }
}

fn position(query: &str, start: usize) -> String {
    if query.is_empty() {
        return "unknown position".into();
    }
    let Some(before) = query.as_bytes().get(..start) else { return "invalid position".into() };
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    format!("{line}:{column}")
}
