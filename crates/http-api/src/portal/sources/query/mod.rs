//! `POST /api/ds/query`: queries of Grafana's panels and scripts, each to its own data source, and
//! each with its own answer or error.

mod expression;
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

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use portal::tables::DataSourceRow;
use query::Cancel;
use tokio::task::JoinSet;

pub(in crate::portal) use self::prometheus::{
    Elsewhere, Reply, Series as AnsweredSeries, ask_elsewhere, names_elsewhere,
};

use self::expression::Command;
use self::outcome::{Failure, Outcome};
use self::wire::{Query, Request, Target};
use crate::cache_control::is_no_store;
use crate::portal::body::JsonBody;
use crate::portal::guard::Visitor;
use crate::portal::reply::{ApiError, ApiResult, json_bytes};
use crate::portal::state::PortalState;

/// Whether sources of a type answer as Prometheus does.
pub(in crate::portal) fn speaks_promql(kind: &str) -> bool {
    matches!(
        kind,
        "prometheus"
            | "mimir"
            | "grafana-amazonprometheus-datasource"
            | "grafana-azureprometheus-datasource"
    )
}

/// Unix milliseconds of a time as Grafana's clients write it: a number, or `now-1h`.
/// The error says what it was.
pub(crate) fn unix_ms_of(text: &str, now_ms: i64) -> Result<i64, String> {
    times::parse(&serde_json::Value::from(text), times::End::From, now_ms)
}

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
    body: JsonBody<Request>,
) -> ApiResult {
    let mut state = state;
    if is_no_store(&headers) || headers.contains_key("x-cache-skip") {
        state.engine = Arc::new(state.engine.without_cache());
    }
    let request: Request = body.read()?;
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

/// Results in the order of the queries, hidden ones left out.
async fn run(context: Context, queries: Vec<Query>) -> Vec<(String, Outcome)> {
    let visible: Vec<String> =
        queries.iter().filter(|query| !query.hidden).map(|query| query.ref_id.clone()).collect();
    let values_max = context.state.config.query_values_max;
    let (expressions, asked): (Vec<Query>, Vec<Query>) =
        queries.into_iter().partition(|query| matches!(query.target, Target::Expression));
    let commands: Vec<(String, Result<Command, Failure>)> =
        expressions.iter().map(|query| (query.ref_id.clone(), expression::parse(query))).collect();
    // Hidden ones only where an expression computes with them.
    let needed: HashSet<&String> = commands
        .iter()
        .filter_map(|(_, command)| command.as_ref().ok())
        .flat_map(|command| &command.needs)
        .collect();
    let asked = asked.into_iter().filter(|q| !q.hidden || needed.contains(&q.ref_id)).collect();
    let mut answers = side_by_side(&context, asked).await;
    if !commands.is_empty() {
        let computed = tokio::task::spawn_blocking(move || {
            let computed = expression::run(&commands, &answers, values_max);
            answers.extend(computed);
            answers
        });
        answers = computed.await.unwrap_or_default();
    }
    let mut results = Vec::new();
    for ref_id in visible {
        // Of two queries of one name the later one has the answer, as in Grafana.
        if results.iter().all(|(known, _)| *known != ref_id) {
            let missing = || Err(Failure::ours("the query ended early"));
            let outcome = answers.remove(&ref_id).unwrap_or_else(missing);
            results.push((ref_id, outcome));
        }
    }
    results
}

async fn side_by_side(context: &Context, queries: Vec<Query>) -> HashMap<String, Outcome> {
    let mut running = JoinSet::new();
    for query in queries {
        let context = context.clone();
        running.spawn(async move {
            let outcome = one(&context, &query).await;
            (query.ref_id, outcome)
        });
    }
    let mut answers = HashMap::new();
    while let Some(finished) = running.join_next().await {
        // One that panicked is missed by its name later.
        if let Ok((ref_id, outcome)) = finished {
            answers.insert(ref_id, outcome);
        }
    }
    answers
}

async fn one(context: &Context, query: &Query) -> Outcome {
    match &query.target {
        Target::Source(row) => ask(context, row, query).await,
        Target::BuiltIn => random::walk(query, &query.kind),
        Target::Expression => Err(Failure::ours("expressions are computed, not asked")),
    }
}

async fn ask(context: &Context, row: &DataSourceRow, query: &Query) -> Outcome {
    let own = context.state.is_own(row);
    match row.source.kind.as_str() {
        _ if own => prometheus::ask_own(context, row, query).await,
        kind if speaks_promql(kind) => prometheus::ask_foreign(context, row, query).await,
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
