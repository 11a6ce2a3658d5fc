//! Why a query has no answer: one variant per reaction of the caller.

use query::{BudgetError, SourceError};

/// The texts are the reference's where it has one.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// 400 `bad_data`: the text is no PromQL, or the request's times make no sense.
    #[error("{0}")]
    Parse(String),
    /// 422 `execution`: well-formed, but cannot be evaluated on this data.
    #[error("{0}")]
    Execution(String),
    /// 422 `execution`: a part of the language that is not built yet.
    #[error("function {0:?} is not supported")]
    Unsupported(String),
    /// 422 `execution`: would cost more than allowed; the text names the limit and its setting.
    #[error("{0}")]
    Limit(BudgetError),
    /// 503 `timeout`
    #[error("{0}")]
    Timeout(BudgetError),
    /// 503 `canceled`
    #[error("{0}")]
    Cancelled(BudgetError),
    /// 503 `unavailable`, try again later: the store is starting or stopping, or the queries that
    /// run now leave no memory.
    #[error("{0}")]
    NotReady(String),
    /// 500 `internal`: reading failed.
    #[error("{0}")]
    Internal(String),
}

impl From<BudgetError> for QueryError {
    fn from(error: BudgetError) -> Self {
        match error {
            BudgetError::Samples { .. } | BudgetError::Bytes { .. } => Self::Limit(error),
            BudgetError::TotalBytes { .. } => Self::NotReady(error.to_string()),
            BudgetError::Timeout { .. } | BudgetError::QueueTimeout { .. } => Self::Timeout(error),
            BudgetError::Cancelled => Self::Cancelled(error),
        }
    }
}

impl From<SourceError> for QueryError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Budget(error) => error.into(),
            SourceError::NotReady(text) => Self::NotReady(text),
            SourceError::Io(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<promql_syntax::ParseError> for QueryError {
    fn from(error: promql_syntax::ParseError) -> Self {
        Self::Parse(error.to_string())
    }
}

impl QueryError {
    pub(crate) fn execution(text: impl Into<String>) -> Self {
        Self::Execution(text.into())
    }

    /// Two results of one step would be told apart by nothing.
    pub(crate) fn same_labelset() -> Self {
        Self::execution("vector cannot contain metrics with the same labelset")
    }
}
