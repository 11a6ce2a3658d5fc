//! Asks a few queries of one's own when the server has started: the first question would otherwise
//! wait for the parts of the program that answer it to come from the disk, some ten
//! milliseconds, and for threads to be made.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::CACHE_CONTROL;
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

use super::{PrometheusState, api_router};

/// What dashboards ask first: a query, the seconds it looks back, and its step in seconds.
const QUERIES: [(&str, i64, i64); 6] = [
    ("sum by (job) (rate(up[1m]))", 300, 15),
    ("topk(3, up)", 300, 60),
    (
        "sum by (job) (sum_over_time(up[2m])) or avg by (job) (avg_over_time(up[2m])) \
         or max by (job) (max_over_time(up[2m])) or count by (job) (up > 0) \
         or stddev_over_time(up[2m]) or quantile_over_time(0.9, up[2m]) \
         or up * on (job, instance) group_left () (up == 1)",
        300,
        60,
    ),
    // The series of the server and its host: many enough that all threads have something to do,
    // back to where they are read from parts.
    ("sum({job=~\"orrery|node\"}) or avg({job=~\"orrery|node\"})", 3 * 3600, 15),
    ("avg_over_time({job=~\"orrery|node\"}[2m])", 3 * 3600, 15),
    // Has samples also where nothing is stored yet.
    (
        "max_over_time(sum(increase(vector(1)[2m:15s]))[2m:30s]) or on () histogram_quantile(0.9, \
         sum by (le) (label_replace(vector(1), \"le\", \"+Inf\", \"\", \"\")))",
        300,
        60,
    ),
];

/// The addresses that are asked, `now_s` in Unix seconds.
fn questions(now_s: i64) -> Vec<String> {
    let (start, end) = ((now_s - 300).to_string(), now_s.to_string());
    let range = [("start", start.as_str()), ("end", end.as_str())];
    let address = |path: &str, parameters: &[(&str, &str)]| {
        // Names and texts can always be encoded.
        let parameters = serde_urlencoded::to_string(parameters).unwrap_or_default();
        format!("/api/v1/{path}?{parameters}")
    };
    let ranges = QUERIES.iter().map(|(query, span_s, step_s)| {
        let (start, step) = ((now_s - span_s).to_string(), step_s.to_string());
        let parameters = [("query", *query), ("start", &start), ("end", &end), ("step", &step)];
        address("query_range", &parameters)
    });
    let others = [
        address("query", &[("query", "up"), ("time", &end)]),
        address("label/job/values", &range),
        address("series", &[&range[..], &[("match[]", "up")]].concat()),
    ];
    ranges.chain(others).collect()
}

/// Answers go nowhere, and neither do refusals. Cost: under twenty milliseconds of processor time.
pub async fn warm_up(state: &PrometheusState) {
    for question in questions(state.clock.unix_ms().div_euclid(1000)) {
        // Nothing of it is worth keeping.
        let request = Request::get(question).header(CACHE_CONTROL, "no-store").body(Body::empty());
        let Ok(request) = request else { continue };
        let Ok(answer) = api_router(state).oneshot(request).await;
        let mut body = answer.into_body().into_data_stream();
        while body.next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use promql_syntax::{ParseOptions, parse};

    use super::{QUERIES, questions};

    #[test]
    fn every_question_can_be_asked() {
        for (query, ..) in QUERIES {
            assert!(parse(query, &ParseOptions::default()).is_ok(), "{query}");
        }
        for question in questions(1_700_000_300) {
            assert!(question.parse::<axum::http::Uri>().is_ok(), "{question}");
        }
    }
}
