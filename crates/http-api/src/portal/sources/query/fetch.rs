//! One request of a query to a server elsewhere, read to its end.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use portal::tables::DataSourceRow;

use super::super::{open, send};
use super::Context;
use super::outcome::Failure;

/// Bytes of a server's own words that are repeated.
const WORDS_MAX: usize = 300;

/// What is asked: a path behind the source's address, and a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) path: String,
    pub(super) form: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    /// Sent as the body of a POST, unless the source wants GET.
    pub(super) posted: bool,
}

/// The status and the body, whatever they are.
pub(super) async fn fetch(
    context: &Context,
    row: &DataSourceRow,
    question: Question,
) -> Result<(StatusCode, Vec<u8>), Failure> {
    let upstream = open(&context.state, &context.visitor, row).await?;
    let form = serde_urlencoded::to_string(&question.form)
        .map_err(|error| Failure::ours(error.to_string()))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in question.headers {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let path = &question.path;
    let request = if question.posted && upstream.outgoing().method == Method::POST {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, kind);
        upstream.request(Method::POST, path, None, headers).body(form)
    } else {
        upstream.request(Method::GET, path, Some(&form), headers)
    };
    let answer = send(&context.state, &context.visitor, row, upstream, request).await?;
    let status = answer.status();
    Ok((status, answer.bytes().await?))
}

/// [`fetch`], and `read` on a thread that nobody else waits for: answers have megabytes.
pub(super) async fn ask<T: Send + 'static>(
    context: &Context,
    row: &DataSourceRow,
    question: Question,
    read: impl FnOnce(StatusCode, &[u8]) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (status, body) = fetch(context, row, question).await?;
    let read = tokio::task::spawn_blocking(move || read(status, &body));
    read.await.map_err(|_| Failure::ours("reading the answer ended early"))?
}

/// A server's refusal in its own words.
pub(super) fn refused(status: StatusCode, words: &str) -> Failure {
    let words: String = words.trim().chars().take(WORDS_MAX).collect();
    Failure::downstream(as_error(status), format!("the data source answered {status}: {words}"))
}

/// An answer that says it is one, and is not.
pub(super) fn unreadable(reason: &str) -> Failure {
    Failure::downstream(
        StatusCode::BAD_GATEWAY,
        format!("the data source's answer cannot be read: {reason}"),
    )
}

/// The status to tell of an answer that is none, for the reader must see that something is wrong.
pub(super) fn as_error(status: StatusCode) -> StatusCode {
    if status.is_client_error() || status.is_server_error() {
        status
    } else {
        StatusCode::BAD_GATEWAY
    }
}
