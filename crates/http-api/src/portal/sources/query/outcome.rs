//! What becomes of one query: frames, or why there are none.

use axum::http::StatusCode;
use promql::QueryError;

use super::super::client::AskError;
use super::frame::{Frame, push_json, separate};
use crate::evaluations::error_type;
use crate::portal::reply::ApiError;

pub(super) type Outcome = Result<Vec<Frame>, Failure>;

/// Why a query has no answer; the others of its request have theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) text: String,
    /// Whose fault it is, as Grafana sorts them: `downstream` for the data source or the query,
    /// `plugin` for us.
    pub(super) source: &'static str,
}

impl Failure {
    pub(super) fn bad_query(text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, text: text.into(), source: "downstream" }
    }

    pub(super) fn downstream(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), source: "downstream" }
    }

    pub(super) fn ours(text: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, text: text.into(), source: "plugin" }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let status = match &error {
            QueryError::Parse(_) => StatusCode::BAD_REQUEST,
            QueryError::Execution(_) | QueryError::Unsupported(_) | QueryError::Limit(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            QueryError::Timeout(_) | QueryError::Cancelled(_) | QueryError::NotReady(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            QueryError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::downstream(status, format!("{}: {error}", error_type(&error)))
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::downstream(error.status, error.message)
    }
}

/// `{"results":{"A":{"status":200,"frames":[…]},…}}`
pub(super) fn write(results: &[(String, Outcome)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 << 10);
    out.extend_from_slice(b"{\"results\":{");
    for (i, (ref_id, outcome)) in results.iter().enumerate() {
        separate(&mut out, i);
        push_json(&mut out, ref_id);
        match outcome {
            Ok(frames) => {
                out.extend_from_slice(b":{\"status\":200,\"frames\":[");
                for (i, frame) in frames.iter().enumerate() {
                    separate(&mut out, i);
                    frame.push(&mut out, ref_id);
                }
            }
            Err(failure) => {
                out.extend_from_slice(b":{\"status\":");
                push_json(&mut out, &failure.status.as_u16());
                out.extend_from_slice(b",\"error\":");
                push_json(&mut out, &failure.text);
                out.extend_from_slice(b",\"errorSource\":");
                push_json(&mut out, failure.source);
                out.extend_from_slice(b",\"frames\":[");
            }
        }
        out.extend_from_slice(b"]}");
    }
    out.extend_from_slice(b"}}");
    out
}
