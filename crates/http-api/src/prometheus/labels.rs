//! `/series`, `/labels`, `/label/<name>/values`, `/metadata`: what there is to select.

use axum::extract::{Path, State};
use axum::response::Response;
use query::{Budget, Cancel, Scope, SourceError};
use serde_json::{Value, json};

use super::format::{push_pairs, push_string};
use super::params::Params;
use super::state::{PrometheusState, Reader};
use super::wire::{ApiError, ErrorType, begin_success, end_success, success_json};

/// Runs index work on a blocking thread under the query budget; leaves when the client does.
pub(super) async fn read<T: Send + 'static>(
    state: &PrometheusState,
    scope: Scope,
    work: impl FnOnce(&PrometheusState, &Scope, &Budget) -> Result<T, SourceError> + Send + 'static,
) -> Result<T, ApiError> {
    let cancel = Cancel::default();
    let _cancel_on_drop = cancel.guard();
    let shared = state.clone();
    let task = tokio::task::spawn_blocking(move || {
        let now = std::time::Instant::now();
        let budget = shared.evaluations.budget(now, shared.config.budget, cancel);
        work(&shared, &scope, &budget)
    });
    let joined = task.await.map_err(|e| ApiError::new(ErrorType::Internal, e.to_string()))?;
    Ok(joined?)
}

pub(crate) async fn series(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    if params.all("match[]").next().is_none() {
        return Err(ApiError::bad_data("no match[] parameter provided"));
    }
    let sets = params.matcher_sets(&state.engine.config().parse)?;
    let (range, limit) = (params.range()?, params.limit()?);
    read(&state, scope, move |state, scope, budget| {
        let found = state.source.series(scope, &sets, range, one_more(limit), budget)?;
        Ok(list(found.iter(), limit, 128, push_pairs))
    })
    .await
}

pub(crate) async fn names(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    let sets = params.matcher_sets(&state.engine.config().parse)?;
    let (range, limit) = (params.range()?, params.limit()?);
    read(&state, scope, move |state, scope, budget| {
        let found = state.source.label_names(scope, &sets, range, one_more(limit), budget)?;
        Ok(texts(&found, limit))
    })
    .await
}

pub(crate) async fn values(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    Path(name): Path<String>,
    params: Params,
) -> Result<Response, ApiError> {
    let name = unescape_name(&name);
    if name.is_empty() {
        return Err(ApiError::bad_data(format!("invalid label name: {name:?}")));
    }
    let sets = params.matcher_sets(&state.engine.config().parse)?;
    let (range, limit) = (params.range()?, params.limit()?);
    read(&state, scope, move |state, scope, budget| {
        let found =
            state.source.label_values(scope, &name, &sets, range, one_more(limit), budget)?;
        Ok(texts(&found, limit))
    })
    .await
}

pub(crate) async fn metadata(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    let number = |name: &str| match params.first(name) {
        "" => Ok(0_usize),
        text => text
            .parse::<i64>()
            .map(|n| usize::try_from(n).unwrap_or(0))
            .map_err(|_| ApiError::bad_data(format!("{name} must be a number"))),
    };
    let (limit, per_metric) = (number("limit")?, number("limit_per_metric")?);
    let metric = params.first("metric").to_owned();
    let found = read(&state, scope, move |state, scope, _budget| {
        let metric = (!metric.is_empty()).then_some(metric.as_str());
        state.source.metadata(scope, metric, limit)
    })
    .await?;
    let take = if per_metric == 0 { usize::MAX } else { per_metric };
    let data: serde_json::Map<String, Value> = found
        .into_iter()
        .map(|(name, known)| {
            let entries = known
                .iter()
                .take(take)
                .map(|m| json!({"type": m.metric_type.as_str(), "help": m.help, "unit": m.unit}));
            (name, entries.collect())
        })
        .collect();
    Ok(success_json(&Value::Object(data)))
}

/// One beyond the limit tells whether something was left out.
fn one_more(limit: usize) -> usize {
    if limit == 0 { 0 } else { limit.saturating_add(1) }
}

fn texts(found: &[String], limit: usize) -> Response {
    list(found.iter(), limit, 32, |body, text| push_string(body, text))
}

/// An answer with at most `limit` of what was found, of about `item_bytes` each, and a warning
/// where something was left out. Called where the work is done: a long answer takes milliseconds,
/// which the sockets' threads do not have.
fn list<T>(
    found: impl ExactSizeIterator<Item = T>,
    limit: usize,
    item_bytes: usize,
    push: impl Fn(&mut Vec<u8>, T),
) -> Response {
    let most = if limit == 0 { usize::MAX } else { limit };
    let is_cut = found.len() > most;
    let warnings = is_cut.then(|| "results truncated due to limit".to_owned());
    let mut body = begin_success(found.len() * item_bytes);
    body.push(b'[');
    for (i, item) in found.take(most).enumerate() {
        if i > 0 {
            body.push(b',');
        }
        push(&mut body, item);
    }
    body.push(b']');
    end_success(body, warnings.as_slice(), &[])
}

/// Undoes the `U__` escaping of names in paths: `_<hex>_` is a character, `__` an underscore.
/// A name that is not so escaped, or badly, is taken as it is.
fn unescape_name(name: &str) -> String {
    let Some(escaped) = name.strip_prefix("U__") else { return name.to_owned() };
    let mut out = String::new();
    let mut rest = escaped;
    while let Some(at) = rest.find('_') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        if let Some(after) = tail.strip_prefix('_') {
            out.push('_');
            rest = after;
            continue;
        }
        let decoded = tail.split_once('_').and_then(|(hex, after)| {
            Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, after))
        });
        match decoded {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => return name.to_owned(),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{texts, unescape_name};

    #[test]
    fn unescapes_names_of_paths() {
        let check = |name: &str, want: &str| assert_eq!(unescape_name(name), want);
        check("job", "job");
        check("U__my_2e_label", "my.label");
        check("U__a__b", "a_b");
        check("U__bad_zz_", "U__bad_zz_");
    }

    #[tokio::test]
    async fn says_when_something_was_left_out() {
        for (limit, want) in [
            (0, r#"{"status":"success","data":["a","b"]}"#),
            (2, r#"{"status":"success","data":["a","b"]}"#),
            (
                1,
                r#"{"status":"success","data":["a"],"warnings":["results truncated due to limit"]}"#,
            ),
        ] {
            let answer = texts(&["a".to_owned(), "b".to_owned()], limit);
            let body = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&body), want, "limit {limit}");
        }
    }
}
