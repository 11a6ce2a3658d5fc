//! What a received dashboard is wrapped in: nothing, `{"dashboard": …}` of the HTTP API, or a
//! resource with `metadata` and `spec`.

use serde::Deserialize;
use serde_json::value::RawValue;

/// Longest dashboard accepted, bytes.
pub const DASHBOARD_BYTES_MAX: usize = 16 << 20;

/// Not a dashboard; `reason` names line and column where there is one.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("a dashboard is a JSON object, this is something else")]
    NotAnObject,
    #[error("dashboard title cannot be empty")]
    NoTitle,
    #[error("dashboard is {size} bytes long, the limit is {DASHBOARD_BYTES_MAX}")]
    TooLong { size: usize },
}

/// The dashboard inside, and what lists need to know of it.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The dashboard's own object, byte for byte.
    pub body: &'a str,
    pub uid: Option<String>,
    pub title: String,
    pub tags: Vec<String>,
}

#[derive(Deserialize)]
struct Outer<'a> {
    #[serde(borrow)]
    dashboard: Option<&'a RawValue>,
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
    metadata: Option<serde_json::Value>,
}

/// Every field may be of any kind: odd dashboards are shown, not refused.
#[derive(Deserialize)]
struct Head {
    uid: Option<serde_json::Value>,
    title: Option<serde_json::Value>,
    tags: Option<serde_json::Value>,
}

impl<'a> Envelope<'a> {
    pub fn open(received: &'a str) -> Result<Self, EnvelopeError> {
        if received.len() > DASHBOARD_BYTES_MAX {
            return Err(EnvelopeError::TooLong { size: received.len() });
        }
        let text = received.trim_start_matches('\u{feff}').trim();
        let whole: &RawValue = serde_json::from_str(text)?;
        if !text.starts_with('{') {
            return Err(EnvelopeError::NotAnObject);
        }
        let outer: Outer<'a> = serde_json::from_str(text)?;
        let inner = [outer.dashboard, outer.spec].into_iter().flatten().find(is_object);
        let body = inner.unwrap_or(whole).get();
        let head: Head = serde_json::from_str(body)?;
        let named = outer.metadata.as_ref().and_then(|metadata| metadata.get("name"));
        let named = named.and_then(|name| name.as_str()).map(str::to_owned);
        let uid = head.uid.as_ref().and_then(|uid| uid.as_str()).map(str::to_owned).or(named);
        let title = head.title.as_ref().and_then(|title| title.as_str()).unwrap_or_default();
        if title.trim().is_empty() {
            return Err(EnvelopeError::NoTitle);
        }
        let tags = head.tags.as_ref().and_then(|tags| tags.as_array());
        let tags = tags.into_iter().flatten().filter_map(|tag| tag.as_str());
        Ok(Self {
            body,
            uid: uid.filter(|uid| !uid.is_empty()),
            title: title.to_owned(),
            // A line break would part one tag into two in the tables.
            tags: tags.map(|tag| tag.replace(['\r', '\n'], " ")).collect(),
        })
    }
}

fn is_object(value: &&RawValue) -> bool {
    value.get().starts_with('{')
}

/// The readable end of a dashboard's address: lower-case words joined by hyphens. Letters of other
/// scripts stay, for addresses may carry them.
#[must_use]
pub fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for c in title.chars().flat_map(char::to_lowercase) {
        match c {
            c if c.is_alphanumeric() || c == '_' => slug.push(c),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() { "dashboard".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::{Envelope, slug};

    #[test]
    fn every_wrapping_comes_off() {
        let check = |received: &str, uid: Option<&str>, body: &str| {
            let envelope = Envelope::open(received).unwrap();
            assert_eq!(envelope.uid.as_deref(), uid, "{received}");
            assert_eq!(envelope.body, body, "{received}");
        };
        let plain = r#"{ "title": "T",  "uid": "u" }"#;
        check(plain, Some("u"), plain);
        check(&format!("\u{feff}\n{plain}\n"), Some("u"), plain);
        check(&format!(r#"{{"dashboard": {plain}, "overwrite": true}}"#), Some("u"), plain);
        check(
            r#"{"apiVersion":"dashboard.grafana.app/v1beta1","kind":"Dashboard","metadata":{"name":"n"},"spec":{"title":"T"}}"#,
            Some("n"),
            r#"{"title":"T"}"#,
        );
        check(
            r#"{"title":"T","uid":null,"tags":"odd"}"#,
            None,
            r#"{"title":"T","uid":null,"tags":"odd"}"#,
        );
    }

    #[test]
    fn what_is_no_dashboard_says_why() {
        let check = |received: &str, want: &str| {
            let error = Envelope::open(received).unwrap_err().to_string();
            assert!(error.contains(want), "{received}: {error}");
        };
        check("[]", "object");
        check("{\"title\": \n nope}", "line 2");
        check("{}", "title");
        check(r#"{"title":" "}"#, "title");
        check(r#"{"title":5}"#, "title");
        check("", "EOF");
    }

    #[test]
    fn slugs_are_readable() {
        let check = |title: &str, want: &str| assert_eq!(slug(title), want);
        check("Node Exporter / Full!", "node-exporter-full");
        check("  Ünïcode  ", "ünïcode");
        check("***", "dashboard");
        check("a_b", "a_b");
    }
}
