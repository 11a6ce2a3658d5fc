//! The envelope of the Prometheus API: `{"status", "data" | "errorType", "error", …}`, and which
//! status code each kind of failure has.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use promql::QueryError;
use query::{AdminError, BudgetError, SourceError};

use super::format::push_string;

/// The reference's error types; each has one status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorType {
    BadData,
    Execution,
    Timeout,
    Canceled,
    Internal,
    Unavailable,
    Forbidden,
    /// Mimir's: the tenant asks more at once than it may.
    TooManyRequests,
}

impl ErrorType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::Forbidden => "forbidden",
            Self::TooManyRequests => "too_many_requests",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::BadData => StatusCode::BAD_REQUEST,
            Self::Execution => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Timeout | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            // 499 is nginx's "client closed request", which the reference uses too.
            Self::Canceled => match StatusCode::from_u16(499) {
                Ok(status) => status,
                Err(_) => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    kind: ErrorType,
    message: String,
}

impl ApiError {
    pub(crate) fn new(kind: ErrorType, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn bad_data(message: impl Into<String>) -> Self {
        Self::new(ErrorType::BadData, message)
    }

    pub(crate) fn invalid_parameter(name: &str, reason: &str) -> Self {
        Self::bad_data(format!("invalid parameter \"{name}\": {reason}"))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(96 + self.message.len());
        body.extend_from_slice(b"{\"status\":\"error\",\"errorType\":");
        push_string(&mut body, self.kind.as_str());
        body.extend_from_slice(b",\"error\":");
        push_string(&mut body, &self.message);
        body.push(b'}');
        (self.kind.status(), [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        let message = error.to_string();
        match error {
            SourceError::Budget(budget) => budget.into(),
            SourceError::NotReady(_) => Self::new(ErrorType::Unavailable, message),
            SourceError::Io(_) => Self::new(ErrorType::Internal, message),
        }
    }
}

impl From<AdminError> for ApiError {
    fn from(error: AdminError) -> Self {
        let kind = match error {
            AdminError::NotReady(_) => ErrorType::Unavailable,
            AdminError::Limit { .. } => ErrorType::Execution,
            AdminError::Io(_) => ErrorType::Internal,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<BudgetError> for ApiError {
    fn from(error: BudgetError) -> Self {
        let kind = match error {
            BudgetError::Samples { .. } | BudgetError::Bytes { .. } => ErrorType::Execution,
            BudgetError::TotalBytes { .. } => ErrorType::Unavailable,
            BudgetError::Timeout { .. } | BudgetError::QueueTimeout { .. } => ErrorType::Timeout,
            BudgetError::Cancelled => ErrorType::Canceled,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        let kind = match &error {
            QueryError::Parse(_) => ErrorType::BadData,
            QueryError::Timeout(_) => ErrorType::Timeout,
            QueryError::Cancelled(_) => ErrorType::Canceled,
            QueryError::NotReady(_) => ErrorType::Unavailable,
            QueryError::Internal(_) => ErrorType::Internal,
            QueryError::Execution(_) | QueryError::Limit(_) | QueryError::Unsupported(_) => {
                ErrorType::Execution
            }
        };
        Self::new(kind, error.to_string())
    }
}

/// A success whose `data` is the given JSON text.
pub(crate) fn success(data: &[u8], warnings: &[String], infos: &[String]) -> Response {
    let mut body = begin_success(data.len());
    body.extend_from_slice(data);
    end_success(body, warnings, infos)
}

/// The body of a success as far as its `data`, of about that many bytes, which is to be appended.
pub(crate) fn begin_success(data_bytes: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(data_bytes + 64);
    body.extend_from_slice(b"{\"status\":\"success\",\"data\":");
    body
}

pub(crate) fn end_success(mut body: Vec<u8>, warnings: &[String], infos: &[String]) -> Response {
    push_notes(&mut body, warnings, infos);
    body.push(b'}');
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// `,"warnings":[…],"infos":[…]`, each only where there is something to say.
pub(crate) fn push_notes(out: &mut Vec<u8>, warnings: &[String], infos: &[String]) {
    for (name, texts) in [("warnings", warnings), ("infos", infos)] {
        for (i, text) in texts.iter().enumerate() {
            let open = format!(",\"{name}\":[");
            out.extend_from_slice(if i == 0 { open.as_bytes() } else { b"," });
            push_string(out, text);
        }
        if !texts.is_empty() {
            out.push(b']');
        }
    }
}

/// A success whose `data` serialises.
pub(crate) fn success_json(data: &serde_json::Value) -> Response {
    success(data.to_string().as_bytes(), &[], &[])
}
