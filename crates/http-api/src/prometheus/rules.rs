//! `/rules`, `/alerts`, `/alertmanagers`: there is no ruler yet, so the answers are those of a
//! server without rule files and alertmanagers. Parameters are checked as the reference does, so
//! that a client learns of a slip of the pen today and not when the first rule is there.

use axum::extract::State;
use axum::response::Response;
use promql_syntax::ParseOptions;
use serde_json::json;

use super::params::Params;
use super::state::{PrometheusState, Reader};
use super::wire::{ApiError, success_json};

pub(crate) async fn rules(
    State(state): State<PrometheusState>,
    Reader(_): Reader,
    params: Params,
) -> Result<Response, ApiError> {
    check(&params, &state.engine.config().parse)?;
    Ok(success_json(&json!({ "groups": [] })))
}

pub(crate) async fn alerts(Reader(_): Reader) -> Response {
    success_json(&json!({ "alerts": [] }))
}

pub(crate) async fn alertmanagers(Reader(_): Reader) -> Response {
    success_json(&json!({ "activeAlertmanagers": [], "droppedAlertmanagers": [] }))
}

/// In the reference's order. `rule_name[]`, `rule_group[]` and `file[]` may be anything.
fn check(params: &Params, options: &ParseOptions) -> Result<(), ApiError> {
    params.matcher_sets(options)?;
    let kind = params.first("type").to_lowercase();
    if !matches!(kind.as_str(), "" | "alert" | "record") {
        let reason = format!("not supported value {kind:?}");
        return Err(ApiError::invalid_parameter("type", &reason));
    }
    let exclude = params.first("exclude_alerts").to_lowercase();
    if !matches!(exclude.as_str(), "" | "1" | "t" | "true" | "0" | "f" | "false") {
        let reason = format!("error converting exclude_alerts: {exclude:?} is no boolean");
        return Err(ApiError::invalid_parameter("exclude_alerts", &reason));
    }
    check_page(params.first("group_limit"), params.first("group_next_token"))
}

/// A token is of a list as it was; in one without groups there is none that fits.
fn check_page(limit: &str, token: &str) -> Result<(), ApiError> {
    let wrong = |name, reason: &str| Err(ApiError::invalid_parameter(name, reason));
    match limit.parse::<i64>() {
        Ok(limit) if limit > 0 => {}
        Ok(_) => return wrong("group_limit", "group_limit needs to be greater than 0"),
        Err(_) if limit.is_empty() && token.is_empty() => {}
        Err(_) if limit.is_empty() => {
            let reason = "group_limit needs to be present in order to paginate over the groups";
            return wrong("group_next_token", reason);
        }
        Err(error) => {
            let reason = format!("group_limit needs to be a valid number: {error}");
            return wrong("group_limit", &reason);
        }
    }
    if token.is_empty() {
        return Ok(());
    }
    let reason = format!("invalid group_next_token '{token}'. were rule groups changed?");
    wrong("group_next_token", &reason)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::{FromRequest as _, Request};

    use super::{ParseOptions, check};
    use crate::prometheus::params::Params;

    async fn checked(query: &str) -> Result<(), String> {
        let request = Request::get(format!("/api/v1/rules?{query}")).body(Body::empty()).unwrap();
        let params = Params::from_request(request, &()).await.unwrap();
        check(&params, &ParseOptions::default()).map_err(|error| error.message().to_owned())
    }

    #[tokio::test]
    async fn parameters_are_checked_though_there_are_no_rules() {
        for good in [
            "",
            "type=alert",
            "type=RECORD",
            "exclude_alerts=true&rule_name[]=a&rule_group[]=b&file[]=c",
            "exclude_alerts=F",
            "group_limit=10",
            "match[]={severity=\"page\"}".replace('"', "%22").as_str(),
        ] {
            assert_eq!(checked(good).await, Ok(()), "{good}");
        }
        for (bad, reason) in [
            ("type=alerting", r#"invalid parameter "type": not supported value "alerting""#),
            ("exclude_alerts=maybe", r#"invalid parameter "exclude_alerts": "#),
            ("group_limit=0", "group_limit needs to be greater than 0"),
            ("group_limit=-1", "group_limit needs to be greater than 0"),
            ("group_limit=x", "group_limit needs to be a valid number"),
            ("group_next_token=t", "group_limit needs to be present in order to paginate"),
            ("group_limit=1&group_next_token=t", "invalid group_next_token 't'"),
            ("match[]=%7B%7D", "at least one non-empty matcher"),
            ("match[]=%7Ba", r#"invalid parameter "match[]""#),
        ] {
            let refused = checked(bad).await.unwrap_err();
            assert!(refused.contains(reason), "{bad}: {refused}");
        }
    }
}
