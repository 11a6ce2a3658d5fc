//! `POST /api/ui/variable`: the options of a query variable.

mod ask;
mod elsewhere;
mod options;

use axum::extract::State;
use model::{Matcher, TimeRange};
use promql::{QueryError, QueryResult, SampleValue, Value};
use promql_syntax::ParseOptions;
use query::{Budget, Cancel, Scope};
use schemars::JsonSchema;
use serde::Deserialize;

use self::ask::Ask;
use self::options::{Choice, choices};
use super::query::{Asked, Sources, error_type, with_times};
use crate::portal::body::JsonBody;
use crate::portal::guard::Visitor;
use crate::portal::reply::{ApiError, ApiResult, json};
use crate::portal::state::PortalState;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct VariableRequest {
    #[serde(default)]
    datasource: Option<String>,
    query: String,
    #[serde(default)]
    regex: Option<String>,
    /// 0 none, 1 and 2 by letters, 3 and 4 by number, 5 and 6 by letters without case, 7 and 8
    /// natural; odd = ascending.
    #[serde(default)]
    sort: u8,
    range: Span,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
pub(crate) struct Span {
    from: i64,
    to: i64,
}

pub(crate) async fn variable(
    State(state): State<PortalState>,
    visitor: Visitor,
    body: JsonBody<VariableRequest>,
) -> ApiResult {
    let request: VariableRequest = body.read()?;
    if request.range.from > request.range.to {
        return Err(ApiError::bad_request("range.from must not be after range.to"));
    }
    let sources = Sources::load(&state, &visitor).await?;
    let (asked, scrape_interval_ms) =
        sources.resolve(request.datasource.as_deref()).map_err(ApiError::bad_request)?;
    let query =
        with_times(&request.query, request.range.to - request.range.from, scrape_interval_ms);
    let options = &state.engine.config().parse;
    let ask = Ask::parse(&query, options).map_err(ApiError::bad_request)?;
    let found = match asked {
        Asked::Engine(scope) => look_up(&state, scope.clone(), ask, request.range).await?,
        Asked::Elsewhere(row) => elsewhere::look_up(&state, &visitor, row, ask, request.range)
            .await
            .map_err(ApiError::bad_request)?,
    };
    let regex = request.regex.unwrap_or_default();
    let mut options = choices(found, &regex, request.sort).map_err(ApiError::bad_request)?;
    let truncated = options.len() > state.config.options_max;
    options.truncate(state.config.options_max);
    let options: Vec<_> = options
        .into_iter()
        .map(|Choice { text, value }| serde_json::json!({ "text": text, "value": value }))
        .collect();
    Ok(json(&serde_json::json!({ "options": options, "truncated": truncated })))
}

/// Answers on a blocking thread; a visitor who leaves stops it.
async fn look_up(
    state: &PortalState,
    scope: Scope,
    ask: Ask,
    span: Span,
) -> Result<Vec<String>, ApiError> {
    let cancel = Cancel::default();
    let _cancel_on_drop = cancel.guard();
    let asked = state.clone();
    let turn = std::sync::Arc::clone(&state.places).acquire_owned().await;
    let task = tokio::task::spawn_blocking(move || {
        let _running = asked.evaluations.begin();
        let now = std::time::Instant::now();
        let budget = asked.evaluations.budget(now, asked.config.budget, cancel);
        let found = read(&asked, &scope, ask, span, &budget);
        drop(turn);
        found
    });
    let found = task.await.map_err(|error| ApiError::internal(&error))?;
    found.map_err(|error| {
        tracing::debug!(%error, kind = error_type(&error), "a variable's query failed");
        ApiError::bad_request(error.to_string())
    })
}

fn read(
    state: &PortalState,
    scope: &Scope,
    ask: Ask,
    span: Span,
    budget: &Budget,
) -> Result<Vec<String>, QueryError> {
    let range = TimeRange { start_ms: span.from, end_ms: span.to };
    // All of them: the regex may keep any.
    let limit = 0;
    let source = &*state.source;
    let options = &state.engine.config().parse;
    Ok(match ask {
        Ask::LabelNames(selector) => {
            let sets = matcher_sets(&selector, options)?;
            source.label_names(scope, &sets, range, limit, budget)?
        }
        Ask::LabelValues { selector, label } => {
            let sets = matcher_sets(&selector, options)?;
            source.label_values(scope, &label, &sets, range, limit, budget)?
        }
        Ask::Metrics(pattern) => {
            let regex = regex::Regex::new(&pattern)
                .map_err(|error| QueryError::Parse(error.to_string()))?;
            let names = source.label_values(scope, "__name__", &[], range, limit, budget)?;
            names.into_iter().filter(|name| regex.is_match(name)).collect()
        }
        Ask::Series(selector) => {
            let sets = matcher_sets(&selector, options)?;
            let found = source.series(scope, &sets, range, limit, budget)?;
            found.to_vec().iter().map(series_text).collect()
        }
        Ask::Result(expr) => texts(&state.engine.instant(source, scope, &expr, span.to, budget)?),
    })
}

/// `up{host="a",job="b"}`: as Grafana writes series for the patterns of variables, which count on
/// it, without the space after a comma that Prometheus has.
fn series_text<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut name = "";
    let mut pairs = Vec::new();
    for (label, value) in labels {
        if label == "__name__" {
            name = value;
        } else {
            pairs.push(format!("{label}=\"{value}\""));
        }
    }
    format!("{name}{{{}}}", pairs.join(","))
}

/// No selector means all series.
fn matcher_sets(selector: &str, options: &ParseOptions) -> Result<Vec<Vec<Matcher>>, QueryError> {
    if selector.is_empty() {
        return Ok(Vec::new());
    }
    let parsed = promql_syntax::parse_selector(selector, options)?;
    let set: Result<Vec<Matcher>, _> = parsed.iter().map(promql::compile_matcher).collect();
    Ok(vec![set.map_err(|error| QueryError::Parse(error.to_string()))?])
}

/// The answer of a query as Grafana writes it for variables: series, value and time in a line.
fn texts(result: &QueryResult) -> Vec<String> {
    match &result.value {
        Value::Scalar { v, .. } => vec![v.to_string()],
        Value::String { text, .. } => vec![text.clone()],
        Value::Vector { t_ms, samples } => samples
            .iter()
            .filter_map(|sample| match &sample.value {
                SampleValue::Float(v) => {
                    Some(format!("{} {v} {t_ms}", series_text(&sample.labels)))
                }
                SampleValue::Histogram(_) => None,
            })
            .collect(),
        Value::Matrix(series) => series.iter().map(|series| series_text(&series.labels)).collect(),
    }
}
