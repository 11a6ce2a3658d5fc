//! Asks a few queries of one's own when the server has started: the first question would otherwise
//! wait for the parts of the program that answer it to come from the disk, some ten
//! milliseconds, and for threads to be made.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::CACHE_CONTROL;
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

use super::{PrometheusState, api_router};

/// What dashboards ask first, with `$now` and `$start` (five minutes before), Unix seconds.
const QUESTIONS: [&str; 5] = [
    "/api/v1/query?query=up&time=$now",
    "/api/v1/query_range?query=sum%20by%20(job)%20(rate(up%5B1m%5D))&start=$start&end=$now&step=15",
    "/api/v1/query_range?query=topk(3,%20up)&start=$start&end=$now&step=60",
    "/api/v1/query_range?query=avg_over_time(up%5B2m%5D)&start=$start&end=$now&step=60",
    "/api/v1/label/job/values?start=$start&end=$now",
];

/// Answers go nowhere, and neither do refusals. Cost: under ten milliseconds of processor time.
pub async fn warm_up(state: &PrometheusState) {
    let now_s = state.clock.unix_ms().div_euclid(1000);
    let (now, start) = (now_s.to_string(), (now_s - 300).to_string());
    for question in QUESTIONS {
        let uri = question.replace("$now", &now).replace("$start", &start);
        // Nothing of it is worth keeping.
        let request = Request::get(uri).header(CACHE_CONTROL, "no-store").body(Body::empty());
        let Ok(request) = request else { continue };
        let Ok(answer) = api_router(state).oneshot(request).await;
        let mut body = answer.into_body().into_data_stream();
        while body.next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::QUESTIONS;

    #[test]
    fn every_question_is_an_address() {
        for question in QUESTIONS {
            let uri = question.replace("$now", "1700000300").replace("$start", "1700000000");
            assert!(uri.parse::<axum::http::Uri>().is_ok(), "{uri}");
        }
    }
}
