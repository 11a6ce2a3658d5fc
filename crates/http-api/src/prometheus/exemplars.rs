//! `/query_exemplars`: the exemplars of every series that an expression selects.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use model::{Exemplar, Labels, Matcher};
use promql_syntax::ast::VectorSelector;

use super::format::{push_float, push_labels, push_string, push_time};
use super::labels::read;
use super::params::Params;
use super::state::{PrometheusState, Reader};
use super::wire::{ApiError, success};

pub(crate) async fn query_exemplars(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    let range = params.range_without_name()?;
    let parsed = promql_syntax::parse(params.first("query"), &state.engine.config().parse)
        .map_err(|error| ApiError::bad_data(error.to_string()))?;
    let mut selectors: Vec<&VectorSelector> = Vec::new();
    parsed.for_each_selector(&mut |selector| selectors.push(selector));
    let compiled: Result<Vec<Vec<Matcher>>, _> = selectors
        .iter()
        .map(|selector| selector.matchers.iter().map(promql::compile_matcher).collect())
        .collect();
    let sets = compiled.map_err(|error| ApiError::bad_data(error.to_string()))?;
    if sets.is_empty() {
        return Ok(success(b"null", &[], &[]));
    }
    let found = read(&state, scope, move |state, scope, budget| {
        state.source.exemplars(scope, &sets, range, budget)
    })
    .await?;
    Ok(success(&json(found), &[], &[]))
}

/// `[{"seriesLabels":{…},"exemplars":[{"labels":{…},"value":"…","timestamp":…}]}]`, series by their
/// labels and exemplars by time.
fn json(found: Vec<(Labels, Exemplar)>) -> Vec<u8> {
    let mut series: BTreeMap<Labels, Vec<Exemplar>> = BTreeMap::new();
    for (labels, exemplar) in found {
        series.entry(labels).or_default().push(exemplar);
    }
    let mut out = vec![b'['];
    for (i, (labels, mut exemplars)) in series.into_iter().enumerate() {
        exemplars.sort_by_key(|exemplar| exemplar.t_ms);
        out.extend_from_slice(if i > 0 { b",{\"seriesLabels\":" } else { b"{\"seriesLabels\":" });
        push_labels(&mut out, &labels);
        out.extend_from_slice(b",\"exemplars\":[");
        for (i, exemplar) in exemplars.iter().enumerate() {
            out.extend_from_slice(if i > 0 { b",{\"labels\":" } else { b"{\"labels\":" });
            push_labels(&mut out, &exemplar.labels);
            let mut value = Vec::new();
            push_float(&mut value, exemplar.v);
            out.extend_from_slice(b",\"value\":");
            push_string(&mut out, &String::from_utf8_lossy(&value));
            out.extend_from_slice(b",\"timestamp\":");
            push_time(&mut out, exemplar.t_ms);
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
    }
    out.push(b']');
    out
}

#[cfg(test)]
mod tests {
    use model::{Exemplar, Labels};

    #[test]
    fn exemplars_are_grouped_by_series() {
        let series = |job| Labels::from_pairs([("__name__", "m"), ("job", job)]);
        let at = |t_ms, v| Exemplar { labels: Labels::from_pairs([("trace_id", "x")]), v, t_ms };
        let found = vec![
            (series("b"), at(2000, 6.0)),
            (series("b"), at(1500, 0.5)),
            (series("a"), at(3, 1.0)),
        ];
        let text = String::from_utf8(super::json(found)).unwrap();
        let want = concat!(
            r#"[{"seriesLabels":{"__name__":"m","job":"a"},"exemplars":["#,
            r#"{"labels":{"trace_id":"x"},"value":"1","timestamp":0.003}]},"#,
            r#"{"seriesLabels":{"__name__":"m","job":"b"},"exemplars":["#,
            r#"{"labels":{"trace_id":"x"},"value":"0.5","timestamp":1.500},"#,
            r#"{"labels":{"trace_id":"x"},"value":"6","timestamp":2}]}]"#,
        );
        assert_eq!(text, want);
    }
}
