//! Queries to Tempo: a trace by its id becomes a table of spans, a search a table of traces or
//! spans, and what TraceQL counts becomes series.

mod metrics;
mod otlp;
mod search;
mod trace;

use axum::http::StatusCode;
use portal::tables::DataSourceRow;
use serde_json::Value;

use super::Context;
use super::fetch::{self, Question};
use super::frame::Frame;
use super::outcome::{Failure, Outcome};
use super::wire::{Query, text};

pub(super) async fn ask(context: &Context, row: &DataSourceRow, query: &Query) -> Outcome {
    let words = text(&query.model, "query").trim().to_owned();
    match query.kind.as_str() {
        "traceId" => by_id(context, row, query, words).await,
        "traceql" | "traceqlSearch" | "" if trace::is_id(&words) => {
            by_id(context, row, query, words).await
        }
        "traceql" | "traceqlSearch" | "" if metrics::counts(&words) => {
            let question = metrics::question(query, &words);
            let naming = text(&query.model, "legendFormat").to_owned();
            read(context, row, question, move |value| metrics::frames(value, &naming)).await
        }
        "traceql" | "traceqlSearch" | "" => {
            let question = search::question(query, &words);
            let spans = text(&query.model, "tableType") == "spans";
            read(context, row, question, move |value| {
                vec![if spans { search::spans(value) } else { search::traces(value) }]
            })
            .await
        }
        other => Err(Failure::bad_query(format!("unsupported query type: {other}"))),
    }
}

async fn by_id(context: &Context, row: &DataSourceRow, query: &Query, id: String) -> Outcome {
    if id.is_empty() {
        return Err(Failure::bad_query("trace id is required"));
    }
    if !trace::is_id(&id) {
        return Err(Failure::bad_query(format!("{id:?} is no trace id: it has hex digits only")));
    }
    let question = trace::question(query, &id);
    read(context, row, question, move |value| vec![trace::frame(value)]).await
}

async fn read(
    context: &Context,
    row: &DataSourceRow,
    question: Question,
    frames: impl FnOnce(&Value) -> Vec<Frame> + Send + 'static,
) -> Outcome {
    fetch::ask(context, row, question, move |status, body| {
        if status != StatusCode::OK {
            return Err(fetch::refused(status, &String::from_utf8_lossy(body)));
        }
        let value: Value =
            serde_json::from_slice(body).map_err(|error| fetch::unreadable(&error.to_string()))?;
        Ok(frames(&value))
    })
    .await
}
