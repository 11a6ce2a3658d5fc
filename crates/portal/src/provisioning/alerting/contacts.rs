//! Contact points: where notifications go.

use serde::Serialize;
use serde_json::Value;

use super::super::tree::Entry;
use super::super::yaml::YamlError;

/// A name and the ways it is reached by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContactPoint {
    pub org_id: i64,
    pub name: String,
    pub receivers: Vec<Receiver>,
}

/// One way. `settings` may hold secrets: not for logs.
#[derive(Clone, PartialEq, Serialize)]
pub struct Receiver {
    pub uid: String,
    /// `email`, `slack`, …: one of Grafana's integrations.
    pub kind: String,
    pub settings: Value,
    pub disable_resolve_message: bool,
}

/// Settings that are secrets by the name alone, whatever the integration.
const SECRET_PARTS: [&str; 6] = ["password", "secret", "token", "credential", "apikey", "api_key"];

/// Settings that are secrets of one integration: addresses that let whoever knows them send.
const SECRET_SETTINGS: [(&str, &[&str]); 12] = [
    ("dingding", &["url"]),
    ("discord", &["url"]),
    ("googlechat", &["url"]),
    ("oncall", &["url"]),
    ("pagerduty", &["integrationKey"]),
    ("pushover", &["userKey"]),
    ("slack", &["url"]),
    ("sns", &["access_key", "secret_key"]),
    ("teams", &["url"]),
    ("victorops", &["url"]),
    ("webhook", &["clientKey"]),
    ("wecom", &["url"]),
];

impl Receiver {
    fn is_secret(&self, name: &str) -> bool {
        let low = name.to_ascii_lowercase();
        let by_kind = SECRET_SETTINGS.iter().find(|(kind, _)| *kind == self.kind);
        SECRET_PARTS.iter().any(|part| low.contains(part))
            || by_kind.is_some_and(|(_, names)| names.contains(&name))
    }

    /// Names of the settings that are secrets.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        let settings = self.settings.as_object().into_iter().flatten();
        settings.map(|(name, _)| name.as_str()).filter(|name| self.is_secret(name))
    }

    /// The settings as they may be shown: `[REDACTED]`, Grafana's word, for every secret.
    #[must_use]
    pub fn redacted_settings(&self) -> Value {
        self.redacted(&self.settings)
    }

    fn redacted(&self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let shown = fields.iter().map(|(name, value)| {
                    let is_secret = self.is_secret(name) && !value.is_null();
                    let shown = if is_secret { "[REDACTED]".into() } else { self.redacted(value) };
                    (name.clone(), shown)
                });
                Value::Object(shown.collect())
            }
            Value::Array(items) => items.iter().map(|item| self.redacted(item)).collect(),
            other => other.clone(),
        }
    }
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver")
            .field("uid", &self.uid)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Grafana's integrations, and the settings without which each is of no use; of those joined by
/// `|` one will do.
const INTEGRATIONS: [(&str, &[&str]); 25] = [
    ("prometheus-alertmanager", &["url"]),
    ("dingding", &["url"]),
    ("discord", &["url"]),
    ("email", &["addresses"]),
    ("googlechat", &["url"]),
    ("jira", &["api_url|url", "project", "issue_type"]),
    ("kafka", &["kafkaRestProxy", "kafkaTopic"]),
    ("line", &["token"]),
    ("mqtt", &["brokerUrl", "topic"]),
    ("oncall", &["url"]),
    ("opsgenie", &["apiKey"]),
    ("pagerduty", &["integrationKey"]),
    ("pushover", &["userKey", "apiToken"]),
    ("sensugo", &["url", "apikey"]),
    ("slack", &["url|token"]),
    ("sns", &[]),
    ("teams", &["url"]),
    ("telegram", &["bottoken", "chatid"]),
    ("threema", &["gateway_id", "recipient_id", "api_secret"]),
    ("victorops", &["url"]),
    ("webex", &["bot_token", "room_id"]),
    ("webhook", &["url"]),
    ("wecom", &["url|secret"]),
    ("servicenow", &[]),
    ("hipchat", &[]),
];

pub(super) fn contact_point(entry: Entry<'_>) -> Result<ContactPoint, YamlError> {
    let name = entry.required("name", "contact point has no name")?.trim().to_owned();
    let receivers = entry.entries("receivers")?;
    let receivers = receivers.into_iter().map(|entry| receiver(entry, &name));
    Ok(ContactPoint {
        org_id: entry.org_id()?,
        receivers: receivers.collect::<Result<_, _>>()?,
        name,
    })
}

fn receiver(entry: Entry<'_>, name: &str) -> Result<Receiver, YamlError> {
    let uid = entry.required("uid", &format!("a receiver of {name:?} has no uid"))?;
    let kind = entry.required("type", &format!("a receiver of {name:?} has no type"))?;
    let (uid, kind) = (uid.trim().to_owned(), kind.trim().to_owned());
    let known = INTEGRATIONS.iter().find(|(known, _)| *known == kind);
    let (_, needed) = known.ok_or_else(|| {
        entry.refuse(format!("a receiver of {name:?} has the unknown type {kind:?}"))
    })?;
    let settings = entry.json_expanded("settings");
    if settings.as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(entry.refuse(format!("a receiver of {name:?} has no settings")));
    }
    // A secret of a Grafana may stand in for a setting that the file leaves out.
    let given = |key: &str| settings.get(key).is_some_and(|value| !value.is_null());
    for choice in *needed {
        if !choice.split('|').any(given) {
            return Err(entry.refuse(format!("{kind} of {name:?} needs the setting {choice:?}")));
        }
    }
    Ok(Receiver {
        uid,
        kind,
        settings,
        disable_resolve_message: entry.flag("disableResolveMessage")?,
    })
}
