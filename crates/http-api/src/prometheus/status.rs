//! `/status/*`: build, runtime, configuration and flags.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::state::PrometheusState;
use super::wire::success_json;

/// The Prometheus whose API is spoken; clients choose features by it. Ours is in `orrery`.
const API_VERSION: &str = "3.14.0";

pub(crate) async fn buildinfo(State(state): State<PrometheusState>) -> Response {
    success_json(&json!({
        "version": API_VERSION,
        "revision": state.pages.commit(),
        "branch": "main",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
        "application": "Orrery",
        "orrery": env!("CARGO_PKG_VERSION"),
    }))
}

pub(crate) async fn config(State(state): State<PrometheusState>) -> Response {
    success_json(&json!({"yaml": state.pages.config_yaml()}))
}

pub(crate) async fn flags(State(state): State<PrometheusState>) -> Response {
    let flags: Map<String, Value> =
        state.pages.flags().into_iter().map(|(name, value)| (name, value.into())).collect();
    success_json(&Value::Object(flags))
}

pub(crate) async fn runtimeinfo(State(state): State<PrometheusState>) -> Response {
    let (reloaded, reload_ms) = state.pages.last_reload();
    success_json(&json!({
        "startTime": rfc3339(state.pages.start_ms()),
        "CWD": state.pages.working_directory(),
        "hostname": hostname(),
        "serverTime": rfc3339(state.clock.unix_ms()),
        "reloadConfigSuccess": reloaded,
        "lastConfigTime": rfc3339(reload_ms),
        "corruptionCount": state.admin.corruptions(),
        "goroutineCount": tokio::runtime::Handle::current().metrics().num_alive_tasks(),
        "GOMAXPROCS": std::thread::available_parallelism().map_or(1, usize::from),
        "GOMEMLIMIT": 0,
        "GOGC": "",
        "GODEBUG": "",
        "storageRetention": state.pages.retention(),
    }))
}

/// The kernel's name for this machine; empty when it does not say.
pub fn hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .unwrap_or_default()
}

/// `2026-11-20T12:00:00.123Z`
pub(crate) fn rfc3339(t_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(t_ms).map(|t| t.to_string()).unwrap_or_default()
}
