//! `/targets`, `/targets/metadata`, `/scrape_pools`: what is scraped, and how it goes.

use axum::extract::State;
use axum::response::Response;
use model::Labels;
use scrape::TargetSnapshot;
use serde_json::{Value, json};

use super::params::Params;
use super::state::{PrometheusState, Reader};
use super::status::rfc3339;
use super::wire::{ApiError, success_json};

pub(crate) async fn targets(
    State(state): State<PrometheusState>,
    Reader(_): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    let wanted = params.first("state").to_ascii_lowercase();
    let pool = params.first("scrapePool");
    let in_pool = |name: &str| pool.is_empty() || pool == name;
    let snapshot = state.scraper.targets();
    let active: Vec<Value> = if wanted == "dropped" {
        Vec::new()
    } else {
        snapshot.active.iter().filter(|t| in_pool(&t.scrape_pool)).map(active_target).collect()
    };
    let counts: serde_json::Map<String, Value> = snapshot
        .dropped_counts
        .iter()
        .filter(|(name, _)| in_pool(name))
        .map(|(name, count)| (name.clone(), Value::from(*count)))
        .collect();
    let dropped: Vec<Value> = if wanted == "active" {
        Vec::new()
    } else {
        let shown = snapshot.dropped.iter().filter(|t| in_pool(&t.scrape_pool));
        shown
            .map(|t| json!({"discoveredLabels": object(&t.discovered_labels), "scrapePool": t.scrape_pool}))
            .collect()
    };
    Ok(success_json(&json!({
        "activeTargets": active,
        "droppedTargets": dropped,
        "droppedTargetCounts": counts,
    })))
}

fn active_target(target: &TargetSnapshot) -> Value {
    json!({
        "discoveredLabels": object(&target.discovered_labels),
        "labels": object(&target.labels),
        "scrapePool": target.scrape_pool,
        "scrapeUrl": target.scrape_url,
        "globalUrl": target.global_url(&super::status::hostname()),
        "lastError": target.last_error,
        "lastScrape": target.last_scrape_ms.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), rfc3339),
        "lastScrapeDuration": target.last_scrape_duration.as_secs_f64(),
        "health": target.health.as_str(),
        "scrapeInterval": promql_syntax::format_duration(target.scrape_interval.as_nanos() as i64),
        "scrapeTimeout": promql_syntax::format_duration(target.scrape_timeout.as_nanos() as i64),
    })
}

fn object(labels: &Labels) -> Value {
    labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

pub(crate) async fn scrape_pools(
    State(state): State<PrometheusState>,
    Reader(_): Reader,
) -> Response {
    let mut pools: Vec<String> =
        state.scraper.targets().active.into_iter().map(|t| t.scrape_pool).collect();
    pools.sort_unstable();
    pools.dedup();
    success_json(&json!({"scrapePools": pools}))
}

pub(crate) async fn metadata(
    State(state): State<PrometheusState>,
    Reader(_): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    let matchers = match params.first("match_target") {
        "" => Vec::new(),
        text => super::params::matchers("match_target", text, &state.engine.config().parse)?,
    };
    let (metric, limit) = (params.first("metric"), params.limit()?);
    let limit = if limit == 0 { usize::MAX } else { limit };
    let passes = |labels: &Labels| {
        matchers.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or_default()))
    };
    let mut rows = Vec::new();
    for target in state.scraper.target_metadata() {
        if !passes(&target.target) {
            continue;
        }
        for (name, known) in &target.families {
            if !metric.is_empty() && metric != name {
                continue;
            }
            let mut row = json!({
                "target": object(&target.target),
                "type": known.metric_type.as_str(),
                "help": known.help,
                "unit": known.unit,
            });
            if metric.is_empty() {
                row["metric"] = json!(name);
            }
            rows.push(row);
        }
    }
    rows.truncate(limit);
    Ok(success_json(&Value::Array(rows)))
}
