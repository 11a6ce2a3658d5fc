//! `POST /api/ds/query`: queries of Grafana's panels and scripts, each to its own data source, and
//! each with its own answer or error.

mod fetch;
mod frame;
mod interval;
mod loki;
mod outcome;
mod prometheus;
mod random;
mod tempo;
#[cfg(test)]
mod tests;
mod times;
mod wire;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use portal::tables::DataSourceRow;
use query::Cancel;
use tokio::task::JoinSet;

use self::outcome::{Failure, Outcome};
use self::wire::{Query, Request, Target};
use crate::cache_control::is_no_store;
use crate::portal::guard::Visitor;
use crate::portal::reply::{ApiError, ApiResult, json_bytes, parse_json};
use crate::portal::state::PortalState;

/// What running a query takes.
#[derive(Clone)]
struct Context {
    state: PortalState,
    visitor: Visitor,
    cancel: Cancel,
}

/// 200, or 400 when any of the queries failed; the body has all of them either way.
pub(crate) async fn ds_query(
    State(state): State<PortalState>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult {
    let mut state = state;
    if is_no_store(&headers) || headers.contains_key("x-cache-skip") {
        state.engine = Arc::new(state.engine.without_cache());
    }
    let request: Request = parse_json(&body)?;
    let (count, max) = (request.queries.len(), state.config.queries_max);
    if count == 0 {
        return Err(ApiError::bad_request("No queries found"));
    }
    if count > max {
        return Err(ApiError::bad_request(format!(
            "{count} queries in one request, the limit is {max} (raise limits.ui_queries_max)"
        )));
    }
    let sources = state.tables.data_sources(visitor.org()).await?;
    let queries = request.queries(&sources, state.clock.unix_ms())?;
    may_query(&state, &visitor, &queries).await?;
    let cancel = Cancel::default();
    let _when_the_client_leaves = cancel.guard();
    let results = run(Context { state, visitor, cancel }, queries).await;
    let failed = results.iter().any(|(_, outcome)| outcome.is_err());
    let status = if failed { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let written = tokio::task::spawn_blocking(move || outcome::write(&results)).await;
    let written = written.map_err(|error| ApiError::internal(&error))?;
    Ok((status, json_bytes(written)).into_response())
}

/// Errors: 403 when one of the sources is not the visitor's to query.
async fn may_query(
    state: &PortalState,
    visitor: &Visitor,
    queries: &[Query],
) -> Result<(), ApiError> {
    let access = state.access(visitor).await?;
    let closed = queries.iter().any(|query| match &query.target {
        Target::Source(row) => access.data_source(&row.source.uid).is_none(),
        Target::Expression | Target::BuiltIn => false,
    });
    if closed { Err(ApiError::forbidden("Access denied to data source")) } else { Ok(()) }
}

/// Runs all queries side by side; results are in the order of the queries, hidden ones left out.
async fn run(context: Context, queries: Vec<Query>) -> Vec<(String, Outcome)> {
    let mut names = Vec::new();
    let mut running = JoinSet::new();
    for query in queries.into_iter().filter(|query| !query.hidden) {
        let place = names.len();
        names.push(query.ref_id.clone());
        let context = context.clone();
        running.spawn(async move { (place, one(&context, &query).await) });
    }
    let unfinished = || Err(Failure::ours("the query ended early"));
    let mut outcomes: Vec<Outcome> = names.iter().map(|_| unfinished()).collect();
    while let Some(finished) = running.join_next().await {
        if let Ok((place, outcome)) = finished {
            outcomes[place] = outcome;
        }
    }
    names.into_iter().zip(outcomes).collect()
}

async fn one(context: &Context, query: &Query) -> Outcome {
    match &query.target {
        Target::Source(row) => ask(context, row, query).await,
        Target::BuiltIn => random::walk(query, &query.kind),
        Target::Expression => Err(Failure::bad_query("expressions are not supported")),
    }
}

async fn ask(context: &Context, row: &DataSourceRow, query: &Query) -> Outcome {
    let own = context.state.is_own(row);
    match row.source.kind.as_str() {
        _ if own => prometheus::ask_own(context, row, query).await,
        "prometheus"
        | "mimir"
        | "grafana-amazonprometheus-datasource"
        | "grafana-azureprometheus-datasource" => {
            prometheus::ask_foreign(context, row, query).await
        }
        "loki" => loki::ask(context, row, query).await,
        "tempo" => tempo::ask(context, row, query).await,
        "testdata" | "grafana-testdata-datasource" => {
            random::walk(query, wire::text(&query.model, "scenarioId"))
        }
        kind => Err(Failure::bad_query(format!(
            "queries to data sources of type {kind:?} are not supported; they can be asked through \
             /api/datasources/proxy/uid/{}/",
            row.source.uid
        ))),
    }
}
