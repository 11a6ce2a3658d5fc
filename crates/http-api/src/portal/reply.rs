//! Answers: JSON bodies, and errors as `{"message": …}` with Grafana's status codes.

use auth::Denied;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal::{AccountError, TableError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A refusal in words.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
}

pub(crate) type ApiResult = Result<Response, ApiError>;

impl ApiError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized")
    }

    pub(crate) fn unauthorized_because(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// Grafana's words for whatever is beyond somebody's permissions.
    pub(crate) fn no_permission() -> Self {
        Self::forbidden("You'll need additional permissions to perform this action")
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// Logged here, once; the visitor learns no details.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%error, cause, "request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response =
            (self.status, json(&serde_json::json!({ "message": self.message }))).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            // No `Basic` challenge: browsers would open their own window over our login page.
            response.headers_mut().remove(header::WWW_AUTHENTICATE);
        }
        response
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        Self::forbidden(denied.to_string())
    }
}

impl From<TableError> for ApiError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Taken { .. } => Self::new(StatusCode::CONFLICT, error.to_string()),
            TableError::Full { .. } | TableError::Provisioned | TableError::InUse => {
                Self::forbidden(error.to_string())
            }
            TableError::VersionMismatch | TableError::NotEmpty | TableError::NoPlace => {
                Self::new(StatusCode::PRECONDITION_FAILED, error.to_string())
            }
            TableError::Nul | TableError::PartOfChange { .. } => {
                Self::bad_request(error.to_string())
            }
            TableError::Open { .. }
            | TableError::Newer { .. }
            | TableError::Statement(_)
            | TableError::Seal(_)
            | TableError::Row { .. } => Self::internal(&error),
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Refused
            | AccountError::Throttled
            | AccountError::Token
            | AccountError::OldPassword => Self::new(StatusCode::UNAUTHORIZED, error.to_string()),
            AccountError::Weak(_) => Self::bad_request(error.to_string()),
            AccountError::Table(error) => error.into(),
            AccountError::Hash(_)
            | AccountError::Random(_)
            | AccountError::Policy { .. }
            | AccountError::Worker => Self::internal(&error),
        }
    }
}

/// A JSON body. Serialising our own types cannot fail; should it, the visitor gets an error.
pub(crate) fn json<T: Serialize>(value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => json_bytes(body),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

pub(crate) fn json_bytes(body: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=UTF-8");
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// `{"message": …}` with 200.
pub(crate) fn message(text: &str) -> Response {
    json(&serde_json::json!({ "message": text }))
}

/// Reads a JSON body; the error says where it breaks. A field that is `null` counts as left out,
/// whatever its type, as it does for Grafana: some clients send every field they know. NUL
/// characters are refused, since not every database keeps them.
pub(crate) fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if holds_nul(body) {
        return Err(ApiError::bad_request("bad request data: a text holds the NUL character"));
    }
    let bad = |error| ApiError::bad_request(format!("bad request data: {error}"));
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(error) => {
            let Ok(mut tree) = serde_json::from_slice(body) else { return Err(bad(error)) };
            drop_nulls(&mut tree);
            serde_json::from_value(tree).map_err(|_| bad(error))
        }
    }
}

/// Whether a string of the JSON text has an escaped NUL; a bare one is no JSON.
fn holds_nul(json: &[u8]) -> bool {
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        // The letter after a backslash belongs to it: `\\u0000` is a backslash and five letters.
        if *byte == b'\\' && bytes.next() == Some(&b'u') && bytes.as_slice().starts_with(b"0000") {
            return true;
        }
    }
    false
}

fn drop_nulls(tree: &mut Value) {
    match tree {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// A Unix time as RFC 3339 in UTC, to the second.
pub(crate) fn rfc3339(unix_ms: i64) -> String {
    let time = jiff::Timestamp::from_second(unix_ms.div_euclid(1000));
    // Only times ten thousand years away cannot be written.
    time.map(|time| time.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod format {
    use serde::Deserialize;

    use super::{holds_nul, parse_json, rfc3339};

    #[derive(Debug, Deserialize, PartialEq)]
    struct Body {
        name: String,
        #[serde(default)]
        number: i64,
        note: Option<String>,
    }

    #[test]
    fn null_counts_as_left_out() {
        let check = |text: &str, want: Option<(&str, i64)>| {
            let parsed = parse_json::<Body>(text.as_bytes());
            assert_eq!(parsed.ok().map(|b| (b.name, b.number)), want.map(|(n, i)| (n.into(), i)));
        };
        check(r#"{"name":"a","number":null,"note":null}"#, Some(("a", 0)));
        check(r#"{"name":"a","number":5}"#, Some(("a", 5)));
        check(r#"{"name":null}"#, None);
        check(r#"{"name":"a","number":"x"}"#, None);
        check("null", None);
        check("", None);
    }

    #[test]
    fn nul_is_seen() {
        let check = |text: &str, want: bool| assert_eq!(holds_nul(text.as_bytes()), want, "{text}");
        check(r#"{"a":"b\u0000"}"#, true);
        check(r#"{"a\u0000":1}"#, true);
        check(r#"{"a":"b\\u0000"}"#, false);
        check(r#"{"a":"b\\\u0000"}"#, true);
        check(r#"{"a":"\u00001"}"#, true);
        check(r#"{"a":"\u0001"}"#, false);
        check(r"\", false);
        check(r"\u", false);
    }

    #[test]
    fn times_are_written_as_grafana_writes_them() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_827_696_789), "2000-02-29T12:34:56Z");
        assert_eq!(rfc3339(1_800_000_000_000), "2027-01-15T08:00:00Z");
        assert_eq!(rfc3339(-1000), "1969-12-31T23:59:59Z");
    }
}
