//! What a received dashboard is wrapped in: nothing, `{"dashboard": …}` of the HTTP API, or a
//! resource with `metadata` and `spec`.

use serde_json::Value;

use super::raw::{self, RawObject};

/// Longest dashboard accepted, bytes.
pub const DASHBOARD_BYTES_MAX: usize = 16 << 20;
/// Deepest nesting accepted; readers of JSON stop at 128.
pub const DASHBOARD_DEPTH_MAX: usize = 100;

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
    #[error("dashboard is nested {depth} levels deep, the limit is {DASHBOARD_DEPTH_MAX}")]
    TooDeep { depth: usize },
}

/// How the object inside is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DashboardFormat {
    /// Panels, or rows of panels, with a `schemaVersion`.
    Classic,
    /// Elements and layouts of `dashboard.grafana.app/v2*`.
    V2,
}

/// The dashboard inside, and what lists need to know of it.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The dashboard's own object, byte for byte.
    pub body: &'a str,
    /// Of a resource its name, otherwise what the body says.
    pub uid: Option<String>,
    pub title: String,
    pub tags: Vec<String>,
    /// Of a resource: the folder that its annotation names.
    pub folder_uid: Option<String>,
    /// Of a resource: `dashboard.grafana.app/v1beta1`.
    pub api_version: Option<String>,
    pub format: DashboardFormat,
}

impl<'a> Envelope<'a> {
    /// Unwraps what was received. Costs one pass over the text for each level of wrapping.
    pub fn open(received: &'a str) -> Result<Self, EnvelopeError> {
        if received.len() > DASHBOARD_BYTES_MAX {
            return Err(EnvelopeError::TooLong { size: received.len() });
        }
        let text = received.trim_start_matches('\u{feff}').trim();
        let depth = raw::depth(text);
        if depth > DASHBOARD_DEPTH_MAX {
            return Err(EnvelopeError::TooDeep { depth });
        }
        raw::check(text)?;
        if !text.starts_with('{') {
            return Err(EnvelopeError::NotAnObject);
        }
        let outer = RawObject::parse(text)?;
        // A resource inside the answer of an API is not known to exist, but costs nothing.
        let wrapped = outer.object("dashboard").unwrap_or(outer);
        let resource = wrapped.object("spec").map(|spec| (spec, &wrapped));
        let body = resource.as_ref().map_or(&wrapped, |(spec, _)| spec);
        let metadata = resource.as_ref().and_then(|(_, outer)| outer.object("metadata"));
        let named = metadata.as_ref().and_then(|metadata| metadata.string("name"));
        let annotations = metadata.as_ref().and_then(|metadata| metadata.object("annotations"));
        let folder = annotations.and_then(|annotations| annotations.string(FOLDER_ANNOTATION));
        let title = body.string("title").unwrap_or_default();
        if title.trim().is_empty() {
            return Err(EnvelopeError::NoTitle);
        }
        let given = |text: &String| !text.is_empty();
        let tags = body.get("tags").and_then(|tags| serde_json::from_str::<Value>(tags).ok());
        let tags = tags.as_ref().and_then(Value::as_array).into_iter().flatten();
        let is_v2 = body.object("elements").is_some() && body.object("layout").is_some();
        Ok(Self {
            body: body.text(),
            uid: named.filter(given).or_else(|| body.string("uid").filter(given)),
            title,
            // A line break would part one tag into two in the tables.
            tags: tags.filter_map(Value::as_str).map(|t| t.replace(['\r', '\n'], " ")).collect(),
            folder_uid: folder.filter(given),
            api_version: resource.as_ref().and_then(|(_, outer)| outer.string("apiVersion")),
            format: if is_v2 { DashboardFormat::V2 } else { DashboardFormat::Classic },
        })
    }

    /// The dashboard as it leaves the server: as received, but for the fields that are the
    /// server's. V2 has them in the resource around it, so its body stays as it is.
    pub fn export(&self, id: i64, uid: &str, version: i64) -> serde_json::Result<String> {
        if self.format == DashboardFormat::V2 {
            return Ok(self.body.to_owned());
        }
        let (id, uid, version) = (id.to_string(), raw::quoted(uid), version.to_string());
        let own = [("id", id.as_str()), ("uid", uid.as_str()), ("version", version.as_str())];
        Ok(RawObject::parse(self.body)?.with(&own))
    }
}

/// The annotation of a resource that names its folder.
pub const FOLDER_ANNOTATION: &str = "grafana.app/folder";

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
    use super::{DASHBOARD_DEPTH_MAX, DashboardFormat, Envelope, slug};

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
        let twice = r#"{"title":"first","title":"T","uid":"u"}"#;
        check(twice, Some("u"), twice);
    }

    #[test]
    fn a_resource_says_its_name_folder_and_format() {
        let check = |spec: &str, format: DashboardFormat| {
            let text = format!(
                r#"{{"apiVersion":"dashboard.grafana.app/v2beta1","metadata":{{"name":"n","annotations":{{"grafana.app/folder":"f"}}}},"spec":{spec}}}"#
            );
            let envelope = Envelope::open(&text).unwrap();
            assert_eq!(
                (envelope.uid.as_deref(), envelope.folder_uid.as_deref()),
                (Some("n"), Some("f"))
            );
            assert_eq!(envelope.api_version.as_deref(), Some("dashboard.grafana.app/v2beta1"));
            assert_eq!((envelope.body, envelope.format), (spec, format));
        };
        check(r#"{"title":"T","uid":"other"}"#, DashboardFormat::Classic);
        check(r#"{"title":"T","elements":{},"layout":{}}"#, DashboardFormat::V2);
    }

    #[test]
    fn an_export_changes_the_servers_fields_and_nothing_else() {
        let check = |body: &str, want: &str| {
            assert_eq!(Envelope::open(body).unwrap().export(7, "u", 2).unwrap(), want);
        };
        check(
            "{ \"id\": null,\n \"title\": \"T\", \"uid\": \"u\", \"n\": 1.10 }",
            "{ \"id\": 7,\n \"title\": \"T\", \"uid\": \"u\", \"n\": 1.10,\"version\":2}",
        );
        let same = "{\"id\":7, \"uid\":\"u\", \"version\" : 2, \"title\":\"T\"}";
        check(same, same);
        let v2 = r#"{"title":"T","elements":{},"layout":{}}"#;
        check(v2, v2);
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
        check(r#"{"title":"T","n":1e999}"#, "number out of range");
        check(r#"{"title":"T","n":"\ud800"}"#, "hex escape");
        check("{\"title\":\"T\"} x", "trailing characters");
        let deep = DASHBOARD_DEPTH_MAX + 1;
        check(&format!("{{\"title\":\"T\",\"a\":{}", "[".repeat(deep)), "levels deep");
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
