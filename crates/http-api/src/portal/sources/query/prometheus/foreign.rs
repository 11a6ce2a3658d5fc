//! A Prometheus elsewhere, asked over HTTP.

use axum::http::StatusCode;
use portal::tables::DataSourceRow;

use super::super::Context;
use super::super::fetch::{self, Question};
use super::super::outcome::Failure;
use super::Reply;
use super::read::{self, BadReply};

pub(super) async fn ask(
    context: &Context,
    row: &DataSourceRow,
    question: Question,
) -> Result<Reply, Failure> {
    fetch::ask(context, row, question, |status, body| {
        read::reply(body).map_err(|bad| failure(status, bad, body))
    })
    .await
}

/// A list of names.
pub(super) async fn names(
    context: &Context,
    row: &DataSourceRow,
    question: Question,
) -> Result<Vec<String>, Failure> {
    fetch::ask(context, row, question, |status, body| {
        let names = read::data(body)
            .and_then(|(data, _)| read::parse::<Option<Vec<String>>>(data.get().as_bytes()));
        names.map(Option::unwrap_or_default).map_err(|bad| failure(status, bad, body))
    })
    .await
}

/// The server's own words where it has some, with its status.
fn failure(status: StatusCode, bad: BadReply, body: &[u8]) -> Failure {
    match bad {
        BadReply::Error(text) => Failure::downstream(fetch::as_error(status), text),
        BadReply::Shape(reason) if status.is_success() => fetch::unreadable(&reason),
        BadReply::Shape(_) => fetch::refused(status, &String::from_utf8_lossy(body)),
    }
}
