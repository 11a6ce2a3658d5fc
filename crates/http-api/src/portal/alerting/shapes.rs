//! What alerting files hold, in the JSON of Grafana's provisioning, ruler and notification APIs.
//! Pure.

use portal::provisioning::{
    AlertQuery, ContactPoint, MatchOperator, Matcher, MuteTiming, NotificationSettings, Receiver,
    Recording, Route, Rule, RuleGroup, StateWithoutResult, TimeInterval,
};
use serde_json::{Map, Value, json};

/// `5m`, `1h30m`: Prometheus' way of writing durations.
pub(super) fn duration(ms: i64) -> String {
    promql_syntax::format_duration(ms.saturating_mul(1_000_000))
}

fn state(state: StateWithoutResult) -> &'static str {
    match state {
        StateWithoutResult::NoData => "NoData",
        StateWithoutResult::Error => "Error",
        StateWithoutResult::Alerting => "Alerting",
        StateWithoutResult::Ok => "OK",
        StateWithoutResult::KeepLast => "KeepLast",
    }
}

fn query(query: &AlertQuery) -> Value {
    json!({
        "refId": query.ref_id,
        "queryType": query.query_type,
        "relativeTimeRange": { "from": query.from_seconds, "to": query.to_seconds },
        "datasourceUid": query.datasource_uid,
        "model": query.model,
    })
}

/// Puts those pairs in that are there.
fn optional<const N: usize>(object: &mut Value, pairs: [(&str, Option<Value>); N]) {
    if let Value::Object(fields) = object {
        let there = pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        fields.extend(there);
    }
}

fn listed(items: &[String]) -> Option<Value> {
    (!items.is_empty()).then(|| items.into())
}

fn notification(settings: &NotificationSettings) -> Value {
    let mut shown = json!({ "receiver": settings.receiver });
    let timed = |ms: Option<i64>| ms.map(|ms| duration(ms).into());
    optional(
        &mut shown,
        [
            ("group_by", listed(&settings.group_by)),
            ("group_wait", timed(settings.group_wait_ms)),
            ("group_interval", timed(settings.group_interval_ms)),
            ("repeat_interval", timed(settings.repeat_interval_ms)),
            ("mute_time_intervals", listed(&settings.mute_time_intervals)),
            ("active_time_intervals", listed(&settings.active_time_intervals)),
        ],
    );
    shown
}

fn recording(record: &Recording) -> Value {
    let mut shown = json!({ "metric": record.metric, "from": record.from });
    let target = &record.target_datasource_uid;
    let target = (!target.is_empty()).then(|| target.as_str().into());
    optional(&mut shown, [("target_datasource_uid", target)]);
    shown
}

/// A rule of `/api/v1/provisioning/alert-rules`. `id` counts within one answer.
pub(super) fn rule(id: usize, group: &RuleGroup, folder_uid: &str, rule: &Rule) -> Value {
    let mut shown = json!({
        "id": id,
        "uid": rule.uid,
        "orgID": group.org_id,
        "folderUID": folder_uid,
        "ruleGroup": group.name,
        "title": rule.title,
        "condition": rule.condition,
        "data": rule.data.iter().map(query).collect::<Vec<_>>(),
        "noDataState": state(rule.no_data),
        "execErrState": state(rule.error),
        "for": duration(rule.for_ms),
        "keep_firing_for": duration(rule.keep_firing_for_ms),
        "annotations": annotations(rule),
        "labels": rule.labels,
        "isPaused": rule.is_paused,
        "provenance": "file",
        "notification_settings": rule.notification.as_ref().map(notification),
        "record": rule.record.as_ref().map(recording),
    });
    let missing = rule.missing_series_evals_to_resolve.map(Value::from);
    optional(&mut shown, [("missingSeriesEvalsToResolve", missing)]);
    shown
}

/// With the panel a rule belongs to, which Grafana keeps among the annotations.
fn annotations(rule: &Rule) -> Map<String, Value> {
    let mut shown: Map<String, Value> =
        rule.annotations.iter().map(|(name, text)| (name.clone(), text.as_str().into())).collect();
    if !rule.dashboard_uid.is_empty() {
        shown.insert("__dashboardUid__".into(), rule.dashboard_uid.as_str().into());
    }
    if let Some(panel) = rule.panel_id {
        shown.insert("__panelId__".into(), panel.to_string().into());
    }
    shown
}

/// A rule of `/api/ruler/grafana/api/v1/rules`.
pub(super) fn ruler_rule(group: &RuleGroup, folder_uid: &str, rule: &Rule) -> Value {
    json!({
        "expr": "",
        "for": duration(rule.for_ms),
        "keep_firing_for": duration(rule.keep_firing_for_ms),
        "labels": rule.labels,
        "annotations": annotations(rule),
        "grafana_alert": {
            "uid": rule.uid,
            "orgId": group.org_id,
            "title": rule.title,
            "condition": rule.condition,
            "data": rule.data.iter().map(query).collect::<Vec<_>>(),
            "intervalSeconds": group.interval_ms / 1000,
            "is_paused": rule.is_paused,
            "namespace_uid": folder_uid,
            "rule_group": group.name,
            "no_data_state": state(rule.no_data),
            "exec_err_state": state(rule.error),
            "provenance": "file",
            "notification_settings": rule.notification.as_ref().map(notification),
            "record": rule.record.as_ref().map(recording),
        },
    })
}

pub(super) fn contact_point(point: &ContactPoint, receiver: &Receiver) -> Value {
    json!({
        "uid": receiver.uid,
        "name": point.name,
        "type": receiver.kind,
        "settings": receiver.redacted_settings(),
        "disableResolveMessage": receiver.disable_resolve_message,
        "provenance": "file",
    })
}

/// A channel of Grafana before version 11.
pub(super) fn channel(id: usize, point: &ContactPoint, receiver: &Receiver) -> Value {
    json!({
        "id": id,
        "uid": receiver.uid,
        "name": point.name,
        "type": receiver.kind,
        "isDefault": false,
        "sendReminder": false,
        "disableResolveMessage": receiver.disable_resolve_message,
        "frequency": "",
        "settings": receiver.redacted_settings(),
        "secureFields": receiver.secret_names().map(|name| (name, true)).collect::<std::collections::BTreeMap<_, _>>(),
    })
}

fn matcher(matcher: &Matcher) -> Value {
    let operator = match matcher.operator {
        MatchOperator::Equal => "=",
        MatchOperator::NotEqual => "!=",
        MatchOperator::Matches => "=~",
        MatchOperator::NotMatches => "!~",
    };
    json!([matcher.label, operator, matcher.value])
}

/// A policy with those below it.
pub(super) fn policy(route: &Route) -> Value {
    let mut shown = json!({ "receiver": route.receiver, "provenance": "file" });
    let timed = |ms: Option<i64>| ms.map(|ms| duration(ms).into());
    let matchers: Vec<Value> = route.matchers.iter().map(matcher).collect();
    let routes: Vec<Value> = route.routes.iter().map(policy).collect();
    optional(
        &mut shown,
        [
            ("group_by", listed(&route.group_by)),
            ("object_matchers", (!matchers.is_empty()).then(|| matchers.into())),
            ("continue", route.is_continued.then(|| true.into())),
            ("group_wait", timed(route.group_wait_ms)),
            ("group_interval", timed(route.group_interval_ms)),
            ("repeat_interval", timed(route.repeat_interval_ms)),
            ("mute_time_intervals", listed(&route.mute_time_intervals)),
            ("active_time_intervals", listed(&route.active_time_intervals)),
            ("routes", (!routes.is_empty()).then(|| routes.into())),
        ],
    );
    shown
}

pub(super) fn mute_timing(timing: &MuteTiming) -> Value {
    json!({
        "name": timing.name,
        "time_intervals": timing.intervals.iter().map(interval).collect::<Vec<_>>(),
        "version": "",
        "provenance": "file",
    })
}

fn interval(interval: &TimeInterval) -> Value {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let times = interval.times.iter();
    let times: Vec<Value> = times
        .map(|(from, to)| json!({ "start_time": clock(*from), "end_time": clock(*to) }))
        .collect();
    let ranges = |list: &[(i32, i32)], word: &dyn Fn(i32) -> String| {
        let range = |(from, to): &(i32, i32)| match (word(*from), word(*to)) {
            (from, to) if from == to => from,
            (from, to) => format!("{from}:{to}"),
        };
        (!list.is_empty()).then(|| list.iter().map(range).collect::<Vec<_>>().into())
    };
    let location = &interval.location;
    let mut shown = json!({});
    optional(
        &mut shown,
        [
            ("times", (!times.is_empty()).then(|| times.into())),
            ("weekdays", ranges(&interval.weekdays, &TimeInterval::weekday)),
            ("days_of_month", ranges(&interval.days_of_month, &|day| day.to_string())),
            ("months", ranges(&interval.months, &|month| month.to_string())),
            ("years", ranges(&interval.years, &|year| year.to_string())),
            ("location", (!location.is_empty()).then(|| location.as_str().into())),
        ],
    );
    shown
}
