//! `/health` of a data source: asks it something that needs no data, and says in words what is
//! wrong and what to do about it. Grafana's route answers a source that does not work with 400; the
//! UI's own route answers 200, so that a page which looks at many sources makes no failing requests.

use std::borrow::Cow;
use std::time::Instant;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use portal::tables::DataSourceRow;
use query::Cancel;
use serde_json::json;

use super::client::{AskError, Upstream};
use super::{in_slot, open, own, send, with_uid};
use crate::portal::guard::Visitor;
use crate::portal::reply::{ApiError, ApiResult, json};
use crate::portal::state::PortalState;

/// What is said of a Prometheus that answers; the second half is Grafana's.
const PROMETHEUS_WORKS: &str = "Data source is working: successfully queried the Prometheus API.";

/// Bytes of a source's own words that are repeated.
const WORDS_MAX: usize = 300;

pub(crate) async fn by_uid(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = with_uid(&state, &visitor, &uid).await?;
    Ok(as_grafana(checked(&state, &visitor, &row).await?))
}

pub(crate) async fn by_id(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(slot): Path<String>,
) -> ApiResult {
    let row = in_slot(&state, &visitor, &slot).await?;
    Ok(as_grafana(checked(&state, &visitor, &row).await?))
}

/// `GET /api/ui/data-sources/{uid}/health`: 200 whether the source works or not. Errors: 404
/// without the source, 403 where the visitor may not query it.
pub(crate) async fn of_ui(
    State(state): State<PortalState>,
    visitor: Visitor,
    Path(uid): Path<String>,
) -> ApiResult {
    let row = with_uid(&state, &visitor, &uid).await?;
    let asked = Instant::now();
    let (status, message) = match checked(&state, &visitor, &row).await? {
        Ok(message) => ("OK", Cow::Borrowed(message)),
        Err(reason) => ("ERROR", Cow::Owned(reason)),
    };
    let duration_ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(json(&json!({
        "uid": row.source.uid,
        "type": row.source.kind,
        "status": status,
        "message": message,
        "durationMs": duration_ms,
    })))
}

/// What to say of a source that works, or what is wrong with it.
type Checked = Result<&'static str, String>;

fn as_grafana(checked: Checked) -> Response {
    match checked {
        Ok(message) => json(&json!({ "status": "OK", "message": message })),
        Err(reason) => {
            let body = json(&json!({ "status": "ERROR", "message": reason }));
            (StatusCode::BAD_REQUEST, body).into_response()
        }
    }
}

async fn checked(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
) -> Result<Checked, ApiError> {
    if state.is_own(row) {
        let scope = own::scope(state, visitor, row)?;
        return engine(state.clone(), scope).await;
    }
    Ok(match open(state, visitor, row).await {
        Ok(upstream) => ask(state, visitor, row, upstream).await,
        Err(error) => Err(advice(row, &error)),
    })
}

/// Our own: an instant query in process.
async fn engine(state: PortalState, scope: query::Scope) -> Result<Checked, ApiError> {
    let answer = tokio::task::spawn_blocking(move || {
        let now = Instant::now();
        let budget = state.evaluations.budget(now, state.config.budget, Cancel::default());
        let now_ms = state.clock.unix_ms();
        state.engine.instant(&*state.source, &scope, "count(up)", now_ms, &budget)
    })
    .await;
    match answer {
        Ok(Ok(_)) => Ok(Ok(PROMETHEUS_WORKS)),
        Ok(Err(error)) => Ok(Err(error.to_string())),
        Err(error) => Err(ApiError::internal(&error)),
    }
}

/// A question that a type of source can answer without data.
struct Probe {
    path: &'static str,
    query: Option<&'static str>,
    works: &'static str,
}

/// In order; the next one is tried where a server does not know the path.
fn probes(kind: &str) -> &'static [Probe] {
    const PROMETHEUS: [Probe; 1] =
        [Probe { path: "api/v1/query", query: Some("query=1%2B1"), works: PROMETHEUS_WORKS }];
    const LOKI: [Probe; 1] = [Probe {
        path: "loki/api/v1/query",
        query: Some("query=vector(1)%2Bvector(1)"),
        works: "Data source successfully connected.",
    }];
    const TEMPO: [Probe; 2] = [
        Probe { path: "api/echo", query: None, works: "Data source is working" },
        Probe { path: "api/search", query: Some("limit=1"), works: "Data source is working" },
    ];
    const JAEGER: [Probe; 1] =
        [Probe { path: "api/services", query: None, works: "Data source is working" }];
    const OTHER: [Probe; 1] =
        [Probe { path: "", query: None, works: "Data source is reachable: its URL answers." }];
    match kind {
        "prometheus" | "mimir" => &PROMETHEUS,
        "loki" => &LOKI,
        "tempo" => &TEMPO,
        "jaeger" => &JAEGER,
        _ => &OTHER,
    }
}

async fn ask(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    first: Upstream,
) -> Checked {
    let mut upstream = Some(first);
    let mut last = String::new();
    for probe in probes(&row.source.kind) {
        let upstream = match upstream.take() {
            Some(upstream) => upstream,
            None => open(state, visitor, row).await.map_err(|error| advice(row, &error))?,
        };
        let request = upstream.request(Method::GET, probe.path, probe.query, HeaderMap::new());
        let answer = send(state, visitor, row, upstream, request).await;
        let answer = answer.map_err(|error| advice(row, &error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(probe.works);
        }
        let body = answer.bytes().await.unwrap_or_default();
        last = refused(row, status, &body);
        if status != StatusCode::NOT_FOUND {
            break;
        }
    }
    Err(last)
}

/// What a status that is no success means for somebody who set up a data source.
fn refused(row: &DataSourceRow, status: StatusCode, body: &[u8]) -> String {
    let url = &row.source.url;
    let kind = &row.source.kind;
    let advice = match status {
        StatusCode::UNAUTHORIZED => "check the user and the password of the data source",
        StatusCode::FORBIDDEN => "the data source's user or tenant may not query",
        StatusCode::NOT_FOUND => "check the URL and its path, it is no API of this type",
        status if status.is_redirection() => {
            "it redirects, which is not followed: set the URL to where it leads"
        }
        _ => "look at the log of the server behind it",
    };
    let words = String::from_utf8_lossy(body);
    let words: String = words.trim().chars().take(WORDS_MAX).collect();
    let words = if words.is_empty() { String::new() } else { format!(" ({words})") };
    format!("{kind} at {} answered {status}: {advice}{words}", without_credentials(url))
}

fn advice(row: &DataSourceRow, error: &AskError) -> String {
    let url = without_credentials(&row.source.url);
    match error {
        AskError::Refused(_)
        | AskError::Source(_)
        | AskError::Busy(_)
        | AskError::BodyTooLarge(_) => error.to_string(),
        AskError::AnswerTooLarge(_) => format!("{url}: {error}"),
        AskError::Tls(trouble) => format!("no secure connection to {url}: {trouble}"),
        AskError::Timeout(_) => format!(
            "{url}: {error}: check that the server is not overloaded and that no firewall drops \
             the connection, or raise the data source's timeout"
        ),
        AskError::Unreachable(cause) => format!(
            "cannot reach {url}: {cause}: check that the server runs and that the URL is right \
             as seen from Orrery, not from your browser"
        ),
    }
}

/// `http://user:password@host` → `http://host`
fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod words {
    use super::without_credentials;

    #[test]
    fn credentials_are_not_repeated() {
        for (url, want) in [
            ("http://a:b@host:1/x@y", "http://host:1/x@y"),
            ("http://host", "http://host"),
            ("host:9090", "host:9090"),
        ] {
            assert_eq!(without_credentials(url), want);
        }
    }
}
