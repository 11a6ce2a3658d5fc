//! A Prometheus elsewhere, asked over HTTP.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use portal::tables::DataSourceRow;

use super::super::super::open;
use super::super::Context;
use super::super::outcome::Failure;
use super::Reply;
use super::plan::Question;
use super::read::{self, BadReply};

/// Bytes of a server's own words that are repeated.
const WORDS_MAX: usize = 300;

pub(super) async fn ask(
    context: &Context,
    row: &DataSourceRow,
    question: Question,
) -> Result<Reply, Failure> {
    let (status, body) = fetch(context, row, question).await?;
    // Answers have megabytes; nobody else waits for this thread.
    let read = tokio::task::spawn_blocking(move || {
        read::reply(&body).map_err(|bad| failure(status, bad, &body))
    });
    read.await.map_err(|_| Failure::ours("reading the answer ended early"))?
}

/// The status and the body, whatever they are.
pub(super) async fn fetch(
    context: &Context,
    row: &DataSourceRow,
    question: Question,
) -> Result<(StatusCode, Vec<u8>), Failure> {
    let upstream = open(&context.state, row).await?;
    let form = serde_urlencoded::to_string(&question.form)
        .map_err(|error| Failure::ours(error.to_string()))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let request = if upstream.outgoing().method == Method::GET {
        upstream.request(Method::GET, question.path, Some(&form), headers)
    } else {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, kind);
        upstream.request(Method::POST, question.path, None, headers).body(form)
    };
    let answer = upstream.send(request).await?;
    let status = answer.status();
    Ok((status, answer.bytes().await?))
}

/// The server's own words where it has some, with its status.
pub(in crate::portal::sources::query) fn failure(
    status: StatusCode,
    bad: BadReply,
    body: &[u8],
) -> Failure {
    let text = match bad {
        BadReply::Error(text) => text,
        BadReply::Shape(reason) if status.is_success() => {
            format!("the data source's answer cannot be read: {reason}")
        }
        BadReply::Shape(_) => {
            let words = String::from_utf8_lossy(body);
            let words: String = words.trim().chars().take(WORDS_MAX).collect();
            format!("the data source answered {status}: {words}")
        }
    };
    // Of an answer that says 200 and cannot be read, the reader must still be told.
    let status = match status {
        status if status.is_client_error() || status.is_server_error() => status,
        _ => StatusCode::BAD_GATEWAY,
    };
    Failure::downstream(status, text)
}
