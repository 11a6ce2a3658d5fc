//! Alert and recording rules.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::super::tree::Entry;
use super::super::yaml::YamlError;

/// Rules that are evaluated one after the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleGroup {
    pub org_id: i64,
    pub name: String,
    /// Title of the folder, with `/` between nested ones.
    pub folder: String,
    pub interval_ms: i64,
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    pub uid: String,
    pub title: String,
    /// `refId` of the query that decides; of a recording rule it may be empty.
    pub condition: String,
    pub data: Vec<AlertQuery>,
    pub dashboard_uid: String,
    pub panel_id: Option<i64>,
    pub no_data: StateWithoutResult,
    pub error: StateWithoutResult,
    pub for_ms: i64,
    pub keep_firing_for_ms: i64,
    pub missing_series_evals_to_resolve: Option<i64>,
    pub annotations: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    pub is_paused: bool,
    pub notification: Option<NotificationSettings>,
    pub record: Option<Recording>,
}

/// What a rule becomes when it has no data, or when its evaluation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum StateWithoutResult {
    NoData,
    Error,
    Alerting,
    Ok,
    KeepLast,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertQuery {
    pub ref_id: String,
    pub query_type: String,
    /// `__expr__` for an expression.
    pub datasource_uid: String,
    /// Seconds before the evaluation.
    pub from_seconds: i64,
    pub to_seconds: i64,
    /// The query of the data source, as it stands.
    pub model: Value,
}

/// A contact point of a rule's own, past the policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotificationSettings {
    pub receiver: String,
    pub group_by: Vec<String>,
    pub group_wait_ms: Option<i64>,
    pub group_interval_ms: Option<i64>,
    pub repeat_interval_ms: Option<i64>,
    pub mute_time_intervals: Vec<String>,
    pub active_time_intervals: Vec<String>,
}

/// Where a recording rule writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recording {
    pub metric: String,
    /// `refId` of the query whose result is written.
    pub from: String,
    pub target_datasource_uid: String,
}

pub(super) fn group(entry: Entry<'_>) -> Result<RuleGroup, YamlError> {
    let name = entry.required("name", "rule group has no name")?;
    let folder = entry.required("folder", &format!("rule group {name:?} has no folder"))?;
    let interval = entry.duration_ms("interval")?;
    let interval_ms =
        interval.ok_or_else(|| entry.refuse(format!("rule group {name:?} has no interval")))?;
    let rules = entry.entries("rules")?.into_iter().map(rule).collect::<Result<_, _>>()?;
    Ok(RuleGroup { org_id: entry.org_id()?, name, folder, interval_ms, rules })
}

fn rule(entry: Entry<'_>) -> Result<Rule, YamlError> {
    let title = entry.required("title", "rule has no title")?;
    let refuse = |what: &str| entry.refuse(format!("rule {title:?} {what}"));
    let uid = entry.required("uid", &format!("rule {title:?} has no uid"))?;
    let data: Vec<AlertQuery> =
        entry.entries("data")?.into_iter().map(query).collect::<Result<_, _>>()?;
    if data.is_empty() {
        return Err(refuse("has no data"));
    }
    let record = entry.entry("record")?.map(recording).transpose()?;
    let condition = entry.text("condition")?;
    if condition.is_empty() && record.is_none() {
        return Err(refuse("has no condition"));
    }
    let missing = entry.integer("missing_series_evals_to_resolve")?;
    if missing.is_some_and(|missing| missing < 0) {
        return Err(refuse("has a negative missing_series_evals_to_resolve"));
    }
    let dashboard = entry.text("dashboardUid")?;
    Ok(Rule {
        no_data: state(&entry, "noDataState", StateWithoutResult::NoData)?,
        error: state(&entry, "execErrState", StateWithoutResult::Alerting)?,
        for_ms: entry.duration_ms("for")?.unwrap_or(0),
        keep_firing_for_ms: entry.duration_ms("keepFiringFor")?.unwrap_or(0),
        missing_series_evals_to_resolve: missing,
        annotations: entry.pairs("annotations", true)?.into_iter().collect(),
        labels: entry.pairs("labels", false)?.into_iter().collect(),
        is_paused: entry.flag("isPaused")?,
        notification: entry.entry("notification_settings")?.map(notification).transpose()?,
        // Grafana's files had the name misspelt for years.
        dashboard_uid: if dashboard.is_empty() { entry.text("dasboardUid")? } else { dashboard },
        panel_id: entry.integer("panelId")?,
        uid,
        title,
        condition,
        data,
        record,
    })
}

fn state(
    entry: &Entry<'_>,
    name: &str,
    default: StateWithoutResult,
) -> Result<StateWithoutResult, YamlError> {
    let text = entry.text(name)?;
    match (text.trim(), default) {
        ("", default) => Ok(default),
        ("Alerting", _) => Ok(StateWithoutResult::Alerting),
        ("OK" | "Ok", _) => Ok(StateWithoutResult::Ok),
        ("KeepLast", _) => Ok(StateWithoutResult::KeepLast),
        ("NoData", StateWithoutResult::NoData) => Ok(StateWithoutResult::NoData),
        ("Error", StateWithoutResult::Alerting) => Ok(StateWithoutResult::Error),
        (other, _) => {
            Err(entry.field(name).unwrap_or(entry.node).refuse(format!("unknown {name} {other:?}")))
        }
    }
}

fn query(entry: Entry<'_>) -> Result<AlertQuery, YamlError> {
    let range = entry.entry("relativeTimeRange")?;
    let seconds = |name: &str| -> Result<i64, YamlError> {
        let Some(range) = &range else { return Ok(0) };
        match range.text(name)?.parse::<i64>() {
            Ok(seconds) => Ok(seconds),
            Err(_) => Ok(range.duration_ms(name)?.unwrap_or(0) / 1000),
        }
    };
    if entry.field("model").is_some() {
        entry.entry("model")?;
    }
    Ok(AlertQuery {
        ref_id: entry.text("refId")?,
        query_type: entry.text("queryType")?,
        datasource_uid: entry.text("datasourceUid")?,
        from_seconds: seconds("from")?,
        to_seconds: seconds("to")?,
        model: entry.json("model"),
    })
}

fn notification(entry: Entry<'_>) -> Result<NotificationSettings, YamlError> {
    Ok(NotificationSettings {
        receiver: entry.required("receiver", "notification settings have no receiver")?,
        group_by: entry.texts("group_by")?,
        group_wait_ms: entry.duration_ms("group_wait")?,
        group_interval_ms: entry.duration_ms("group_interval")?,
        repeat_interval_ms: entry.duration_ms("repeat_interval")?,
        mute_time_intervals: entry.texts("mute_time_intervals")?,
        active_time_intervals: entry.texts("active_time_intervals")?,
    })
}

fn recording(entry: Entry<'_>) -> Result<Recording, YamlError> {
    Ok(Recording {
        metric: entry.required("metric", "record has no metric")?,
        from: entry.required("from", "record does not say from which query")?,
        target_datasource_uid: entry.text("targetDatasourceUid")?,
    })
}
