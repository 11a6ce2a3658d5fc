//! Asking data sources: those of this process without a socket, all others over HTTP. The proxy,
//! the health check and `ds/query` come through here; `docs/operate/data-sources.md` describes it.

mod address;
mod client;
mod headers;
mod health;
mod outgoing;
pub(in crate::portal) mod own;
mod path;
mod proxy;
mod query;
mod rules;
#[cfg(test)]
pub(in crate::portal) mod tests;
mod upgrade;

use axum::http::StatusCode;
use portal::tables::{DataSourceRow, NewAudit};
use reqwest::RequestBuilder;

pub use address::{AllowList, BadAllowEntry};
pub use client::SourceClients;
pub(crate) use health::{by_id as health_by_id, by_uid as health_by_uid, of_ui as health_of_ui};
pub(crate) use path::check as check_path;
pub(crate) use proxy::{by_slot, by_uid, resources_by_slot, resources_by_uid};
pub(in crate::portal) use query::{
    AnsweredSeries, Elsewhere, Reply, ask_elsewhere, names_elsewhere, speaks_promql,
};
pub(crate) use query::{ds_query, unix_ms_of};
pub(crate) use upgrade::same_origin;

use self::client::{Answer, AskError, Upstream};
use self::outgoing::Outgoing;
use super::guard::Visitor;
use super::reply::ApiError;
use super::state::PortalState;

/// The source that a slot of a path means: by number, else by uid, else by name in any case.
/// Errors: 404 without one, 403 where the visitor may not query it.
async fn in_slot(
    state: &PortalState,
    visitor: &Visitor,
    slot: &str,
) -> Result<DataSourceRow, ApiError> {
    let rows = state.tables.data_sources(visitor.org()).await?;
    let number = slot.parse::<i64>().ok();
    let found = rows
        .iter()
        .find(|row| Some(row.id) == number)
        .or_else(|| rows.iter().find(|row| row.source.uid == slot))
        .or_else(|| rows.iter().find(|row| row.source.name.eq_ignore_ascii_case(slot)));
    queryable(state, visitor, found.cloned()).await
}

async fn with_uid(
    state: &PortalState,
    visitor: &Visitor,
    uid: &str,
) -> Result<DataSourceRow, ApiError> {
    let rows = state.tables.data_sources(visitor.org()).await?;
    let found = rows.into_iter().find(|row| row.source.uid == uid);
    queryable(state, visitor, found).await
}

async fn queryable(
    state: &PortalState,
    visitor: &Visitor,
    found: Option<DataSourceRow>,
) -> Result<DataSourceRow, ApiError> {
    let row = found.ok_or_else(|| ApiError::not_found("Data source not found"))?;
    match state.access(visitor).await?.data_source(&row.source.uid) {
        Some(_) => Ok(row),
        None => Err(ApiError::no_permission()),
    }
}

/// Makes a source that is not ours ready to be asked.
async fn open(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
) -> Result<Upstream, AskError> {
    let outgoing = Outgoing::of(&row.source, state.sources.timeouts())?;
    for notice in &outgoing.notices {
        tracing::debug!(data_source = row.source.name, notice);
    }
    noted(state, visitor, row, state.sources.open(row.id, outgoing).await).await
}

/// Sends a request that `open` made possible.
async fn send(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    upstream: Upstream,
    request: RequestBuilder,
) -> Result<Answer, AskError> {
    noted(state, visitor, row, upstream.send(request).await).await
}

/// Somebody made a source of an address that may lead to credentials: worth an operator's look,
/// though not once per panel and refresh.
async fn noted<T>(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    result: Result<T, AskError>,
) -> Result<T, AskError> {
    if let Err(AskError::Refused(refused)) = &result
        && state.sources.is_news(row.id, state.clock.unix_ms())
    {
        tracing::warn!(data_source = row.source.name, uid = row.source.uid, %refused, "request refused");
        state
            .audit(&NewAudit {
                org_id: visitor.org(),
                actor_id: visitor.identity.user_id,
                actor: &visitor.identity.login,
                address: "",
                action: "ask",
                kind: "data source",
                resource: &row.source.uid,
                outcome: "refused",
                detail: &refused.to_string(),
            })
            .await;
    }
    result
}

impl From<AskError> for ApiError {
    fn from(error: AskError) -> Self {
        let status = match &error {
            AskError::Refused(_) => StatusCode::FORBIDDEN,
            AskError::Source(_) => StatusCode::BAD_REQUEST,
            AskError::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            AskError::Timeout(_) => StatusCode::GATEWAY_TIMEOUT,
            AskError::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            AskError::Unreachable(_) | AskError::Tls(_) | AskError::AnswerTooLarge(_) => {
                StatusCode::BAD_GATEWAY
            }
        };
        Self::new(status, error.to_string())
    }
}
