//! The server for its administrators: settings as they are in force, and statistics.

use std::collections::{BTreeMap, HashSet};

use axum::extract::State;
use serde_json::{Map, Value, json};

use super::reply::{ApiResult, json};
use super::state::{PortalConfig, PortalState};

/// What stands in the place of a secret.
const SECRET: &str = "*********";

/// How long somebody counts as active, as in Grafana.
const ACTIVE_MS: i64 = 30 * 24 * 3600 * 1000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// `GET /api/admin/settings`: Grafana's sections as far as they mean something here, and ours with
/// `orrery.` in front.
pub(crate) async fn settings(State(state): State<PortalState>) -> ApiResult {
    let mut sections = grafana_sections(&state);
    if let Value::Object(effective) = &state.config.effective {
        for (name, section) in effective {
            let mut flat = Map::new();
            flatten(section, String::new(), &mut flat);
            sections.insert(format!("orrery.{name}"), flat);
        }
    }
    Ok(json(&sections))
}

/// `GET /api/ui/settings`: every setting of ours with its value, its default, and what set it.
pub(crate) async fn setting_origins(State(state): State<PortalState>) -> ApiResult {
    let (mut now, mut defaults) = (Map::new(), Map::new());
    flatten(&state.config.effective, String::new(), &mut now);
    flatten(&state.config.defaults, String::new(), &mut defaults);
    let origins = &state.config.origins;
    let told = |key: &str, field: &str| origins[key][field].as_str().unwrap_or_default().to_owned();
    // A table that is empty by default has no keys there.
    let default = |key: &str| defaults.get(key).cloned().unwrap_or_else(|| Value::from(""));
    let settings: Vec<Value> = now
        .iter()
        .map(|(key, value)| {
            json!({
                "key": key,
                "value": value,
                "default": default(key),
                "source": told(key, "source"),
                "name": told(key, "name"),
            })
        })
        .collect();
    Ok(json(&json!({ "settings": settings })))
}

fn grafana_sections(state: &PortalState) -> BTreeMap<String, Map<String, Value>> {
    let config: &PortalConfig = &state.config;
    let address = config.root_url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = address.split('/').next().unwrap_or_default();
    let (domain, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    let protocol = config.root_url.split_once("://").map_or("http", |(scheme, _)| scheme);
    let anonymous = state.accounts.anonymous_enabled().to_string();
    let cookie_secure = config.cookie_secure.to_string();
    let sections: [(&str, &[(&str, &str)]); 10] = [
        ("DEFAULT", &[("app_mode", "production"), ("instance_name", domain)]),
        ("analytics", &[("reporting_enabled", "false"), ("check_for_updates", "false")]),
        ("auth.anonymous", &[("enabled", &anonymous)]),
        ("auth.basic", &[("enabled", "true")]),
        ("database", &[("password", SECRET)]),
        (
            "security",
            &[
                ("admin_password", SECRET),
                ("secret_key", SECRET),
                ("cookie_secure", &cookie_secure),
                ("disable_gravatar", "true"),
            ],
        ),
        (
            "server",
            &[
                ("protocol", protocol),
                ("domain", domain),
                ("http_port", port),
                ("root_url", &config.root_url),
            ],
        ),
        ("smtp", &[("enabled", "false"), ("password", SECRET)]),
        ("snapshots", &[("enabled", "true"), ("external_enabled", "false")]),
        ("users", &[("allow_sign_up", "false"), ("default_theme", &config.default_theme)]),
    ];
    let section = |(name, pairs): (&str, &[(&str, &str)])| {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value)));
        (name.to_owned(), pairs.collect())
    };
    sections.into_iter().map(section).collect()
}

/// Every value as text, under the names on the way to it; secrets without their value.
fn flatten(value: &Value, name: String, out: &mut Map<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(field, name, out);
            }
        }
        value => {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let name = if name.is_empty() { "value".to_owned() } else { name };
            let shown = if is_secret(&name) && !text.is_empty() {
                SECRET.to_owned()
            } else {
                without_password(text)
            };
            out.insert(name, shown.into());
        }
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "secret", "token", "credential", "private_key", "certificate_key"]
        .iter()
        .any(|word| name.contains(word))
}

/// `scheme://user:password@host` less the password.
fn without_password(text: String) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once('@') {
        Some((user, _)) if user.contains(':') => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:{SECRET}{}", &rest[user.len()..])
        }
        _ => text,
    }
}

/// `GET /api/admin/stats`
pub(crate) async fn stats(State(state): State<PortalState>) -> ApiResult {
    let now_ms = state.clock.unix_ms();
    let mut stats = Map::new();
    for (what, n) in state.tables.counts().await? {
        stats.insert(what, n.into());
    }
    let mut tags: HashSet<String> = HashSet::new();
    for org in state.tables.orgs().await? {
        let listing = state.tables.listing(org.id).await?;
        tags.extend(listing.rows.iter().flat_map(|row| row.tags.iter().cloned()));
    }
    let active = state.tables.users_seen_since(now_ms - ACTIVE_MS).await?;
    let daily = state.tables.users_seen_since(now_ms - DAY_MS).await?;
    let sessions = stats.remove("sessions");
    for (name, value) in [
        ("tags", json!(tags.len())),
        ("alerts", json!(0)),
        ("activeUsers", json!(active)),
        ("dailyActiveUsers", json!(daily)),
        ("activeSessions", sessions.unwrap_or_else(|| json!(0))),
    ] {
        stats.insert(name.to_owned(), value);
    }
    Ok(json(&stats))
}

#[cfg(test)]
mod secrets {
    use serde_json::{Map, json};

    use super::{flatten, without_password};

    #[test]
    fn secrets_are_named_and_not_shown() {
        let mut out = Map::new();
        let settings = json!({
            "admin_password": "hush", "nested": { "api_token": "hush", "n": 5, "list": ["a"] },
            "url": "postgres://me:hush@db/x", "empty_secret": "",
        });
        flatten(&settings, String::new(), &mut out);
        let want = json!({
            "admin_password": "*********", "nested.api_token": "*********", "nested.n": "5",
            "nested.list": "[\"a\"]", "url": "postgres://me:*********@db/x", "empty_secret": "",
        });
        assert_eq!(serde_json::Value::Object(out), want);
        for plain in ["http://here:3000/", "text", "http://me@host/"] {
            assert_eq!(without_password(plain.to_owned()), plain);
        }
    }
}
