//! `/status/tsdb`, `/status/tsdb/blocks`, `/status/walreplay`: what the store holds.

use axum::extract::State;
use axum::response::Response;
use query::{HeadStats, PartInfo};
use serde_json::{Value, json};

use super::admin::run;
use super::params::Params;
use super::state::{PrometheusState, Reader};
use super::wire::{ApiError, success_json};

/// Entries of each list, when not asked otherwise.
const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 10_000;

pub(crate) async fn status(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    let limit = limit(params.first("limit")).map_err(ApiError::bad_data)?;
    let stats = run(&state, scope, move |admin, scope| admin.head_stats(scope, limit)).await?;
    Ok(success_json(&status_json(&stats)))
}

fn limit(text: &str) -> Result<usize, String> {
    match text {
        "" => Ok(LIMIT_DEFAULT),
        text => match text.parse::<i64>() {
            Ok(limit) if limit > LIMIT_MAX as i64 => {
                Err(format!("limit must not exceed {LIMIT_MAX}"))
            }
            Ok(limit) if limit >= 1 => Ok(limit as usize),
            _ => Err("limit must be a positive number".to_owned()),
        },
    }
}

fn status_json(stats: &HeadStats) -> Value {
    let list = |counts: &[(String, u64)]| -> Value {
        counts.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    };
    json!({
        "headStats": {
            "numSeries": stats.series,
            "numLabelPairs": stats.label_pairs,
            "chunkCount": stats.chunks,
            // An empty head begins after it ends, as in the reference.
            "minTime": stats.time.map_or(i64::MAX, |time| time.start_ms),
            "maxTime": stats.time.map_or(i64::MIN, |time| time.end_ms),
        },
        "seriesCountByMetricName": list(&stats.series_by_metric),
        "labelValueCountByLabelName": list(&stats.values_by_name),
        "memoryInBytesByLabelName": list(&stats.bytes_by_name),
        "seriesCountByLabelValuePair": list(&stats.series_by_pair),
    })
}

pub(crate) async fn blocks(
    State(state): State<PrometheusState>,
    Reader(scope): Reader,
) -> Result<Response, ApiError> {
    let parts = run(&state, scope, |admin, scope| admin.parts(scope)).await?;
    let blocks: Vec<Value> = parts.iter().map(block_json).collect();
    Ok(success_json(&json!({"blocks": blocks})))
}

fn block_json(part: &PartInfo) -> Value {
    let own = ulid(part.id);
    let sources: Vec<String> = if part.replaces.is_empty() {
        vec![own.clone()]
    } else {
        part.replaces.iter().map(|id| ulid(*id)).collect()
    };
    json!({
        "ulid": own,
        "minTime": part.time.start_ms,
        // A block ends before this.
        "maxTime": part.time.end_ms.saturating_add(1),
        "stats": {
            "numSamples": part.samples,
            "numSeries": part.series,
            "numChunks": part.chunks,
        },
        "compaction": {"level": u32::from(part.level) + 1, "sources": sources},
        "version": 1,
    })
}

/// The number of a part in the form of the reference's ids: 26 digits of Crockford's base 32.
fn ulid(id: u64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let digit = |place: u32| {
        let shifted = u128::from(id) >> (5 * place);
        char::from(DIGITS[(shifted & 31) as usize])
    };
    (0..26).rev().map(digit).collect()
}

/// Answered before the server is ready, for whoever watches it become so.
pub(crate) async fn wal_replay(State(state): State<PrometheusState>) -> Response {
    let progress = state.admin.replay_progress();
    success_json(&json!({
        "min": progress.first,
        "max": progress.last,
        "current": progress.current,
    }))
}

#[cfg(test)]
mod tests {
    use super::{block_json, limit, status_json, ulid};
    use model::TimeRange;
    use query::{HeadStats, PartInfo};
    use serde_json::json;

    #[test]
    fn limits_are_those_of_the_reference() {
        let check = |text: &str, want: Result<usize, &str>| {
            assert_eq!(limit(text), want.map_err(str::to_owned), "{text}");
        };
        check("", Ok(10));
        check("10000", Ok(10_000));
        check("10001", Err("limit must not exceed 10000"));
        check("0", Err("limit must be a positive number"));
        check("-1", Err("limit must be a positive number"));
        check("x", Err("limit must be a positive number"));
    }

    #[test]
    fn an_empty_head_and_a_merged_part_have_the_reference_s_shape() {
        assert_eq!(
            status_json(&HeadStats::default()),
            json!({
                "headStats": {
                    "numSeries": 0, "numLabelPairs": 0, "chunkCount": 0,
                    "minTime": i64::MAX, "maxTime": i64::MIN,
                },
                "seriesCountByMetricName": [], "labelValueCountByLabelName": [],
                "memoryInBytesByLabelName": [], "seriesCountByLabelValuePair": [],
            })
        );
        let part = PartInfo {
            id: 33,
            time: TimeRange::new(10, 19),
            samples: 4,
            series: 2,
            chunks: 3,
            level: 1,
            replaces: vec![31, 32],
        };
        assert_eq!(
            block_json(&part),
            json!({
                "ulid": "00000000000000000000000011", "minTime": 10, "maxTime": 20,
                "stats": {"numSamples": 4, "numSeries": 2, "numChunks": 3},
                "compaction": {"level": 2, "sources": [
                    "0000000000000000000000000Z", "00000000000000000000000010",
                ]},
                "version": 1,
            })
        );
        assert_eq!(ulid(u64::MAX), "0000000000000FZZZZZZZZZZZZ");
    }
}
