//! Dashboards and folders as resources of Kubernetes' kind: metadata around a spec, and back.
//! Source: `dashboard.grafana.app` and `folder.grafana.app` of Grafana 12.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::envelope::{DashboardFormat, Envelope, FOLDER_ANNOTATION};
use super::raw::{RawObject, quoted};
use super::view::{classic_of_v2, v2_of_classic};

pub const DASHBOARD_GROUP: &str = "dashboard.grafana.app";
pub const FOLDER_GROUP: &str = "folder.grafana.app";
/// Versions of the group, the preferred one first.
pub const DASHBOARD_VERSIONS: [&str; 6] =
    ["v1", "v2", "v1beta1", "v2beta1", "v2alpha1", "v0alpha1"];
pub const FOLDER_VERSIONS: [&str; 2] = ["v1", "v1beta1"];

/// The label that has the number of an object.
pub const INTERNAL_ID_LABEL: &str = "grafana.app/deprecatedInternalID";

/// The labels in a stored resource; a dashboard that came as such has none.
#[must_use]
pub fn labels(received: &str) -> BTreeMap<String, String> {
    let metadata = RawObject::parse(received).ok().and_then(|outer| outer.object("metadata"));
    let labels = metadata.as_ref().and_then(|metadata| metadata.get("labels"));
    let labels: Option<Map<String, Value>> =
        labels.and_then(|text| serde_json::from_str(text).ok());
    let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
    labels.into_iter().flatten().filter_map(text).collect()
}

/// What the server knows of an object.
#[derive(Clone, Debug, Default)]
pub struct Metadata<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
    pub internal_id: i64,
    pub folder_uid: &'a str,
    pub version: i64,
    /// RFC 3339.
    pub created: &'a str,
    pub updated: &'a str,
    /// `user:<login>`; empty = nobody that is known.
    pub created_by: &'a str,
    pub updated_by: &'a str,
    /// The provider whose file the object comes from; empty = none.
    pub provisioned_by: &'a str,
    /// What its author labels it with.
    pub labels: BTreeMap<String, String>,
}

impl Metadata<'_> {
    /// The `metadata` object. The version is both generation and resource version: it grows with
    /// every change and with nothing else.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut annotations = Map::new();
        let mut note = |key: &str, value: &str| {
            if !value.is_empty() {
                annotations.insert(key.to_owned(), json!(value));
            }
        };
        note(FOLDER_ANNOTATION, self.folder_uid);
        note("grafana.app/createdBy", self.created_by);
        note("grafana.app/updatedBy", self.updated_by);
        note("grafana.app/updatedTimestamp", self.updated);
        if !self.provisioned_by.is_empty() {
            note("grafana.app/managedBy", "classic-file-provisioning");
            note("grafana.app/managerId", self.provisioned_by);
        }
        let mut labels = self.labels.clone();
        labels.insert(INTERNAL_ID_LABEL.to_owned(), self.internal_id.to_string());
        json!({
            "name": self.name,
            "namespace": self.namespace,
            "uid": self.name,
            "resourceVersion": self.version.to_string(),
            "generation": self.version,
            "creationTimestamp": self.created,
            "labels": labels,
            "annotations": annotations,
        })
    }
}

/// A stored dashboard as a resource of `version`, the spec's text as it stands where the version
/// fits what is stored. V2 is converted for readers of V1 and V1 for readers of V2; what cannot be
/// is answered as stored, with a status that says so, as Grafana does.
pub fn wrap(
    envelope: &Envelope<'_>,
    version: &str,
    metadata: &Metadata<'_>,
) -> serde_json::Result<String> {
    let wants_v2 = is_v2(version);
    let mut status = json!({});
    let spec = match (envelope.format, wants_v2) {
        (DashboardFormat::V2, true) => envelope.body.to_owned(),
        (DashboardFormat::V2, false) => {
            let stored = envelope.api_version.as_deref().unwrap_or_default();
            let stored = stored.rsplit('/').next().unwrap_or_default();
            status = json!({ "conversion": { "failed": false, "storedVersion": stored } });
            classic_of_v2(&serde_json::from_str(envelope.body)?).to_string()
        }
        (DashboardFormat::Classic, false) => classic_spec(envelope.body)?,
        (DashboardFormat::Classic, true) => {
            let stored = classic_spec(envelope.body)?;
            let version_of = envelope.api_version.as_deref().and_then(|v| v.rsplit('/').next());
            let mut conversion = json!({
                "failed": false, "storedVersion": version_of.unwrap_or("v1"),
            });
            let spec = match v2_of_classic(&serde_json::from_str(&stored)?, version) {
                Ok(spec) => spec.to_string(),
                Err(error) => {
                    conversion["failed"] = json!(true);
                    conversion["error"] = json!(error);
                    stored
                }
            };
            status = json!({ "conversion": conversion });
            spec
        }
    };
    let api_version = quoted(&format!("{DASHBOARD_GROUP}/{version}"));
    let metadata = metadata.json();
    Ok(format!(
        r#"{{"kind":"Dashboard","apiVersion":{api_version},"metadata":{metadata},"spec":{spec},"status":{status}}}"#
    ))
}

/// Whether a version of the group has elements and layouts.
#[must_use]
pub fn is_v2(version: &str) -> bool {
    version.starts_with("v2")
}

/// A classic dashboard without the fields that the metadata has.
fn classic_spec(body: &str) -> serde_json::Result<String> {
    let mut spec = body.to_owned();
    for own in ["id", "uid", "version"] {
        let object = RawObject::parse(&spec)?;
        if object.get(own).is_some() {
            spec = object.without(own);
        }
    }
    Ok(spec)
}

/// A folder as a resource.
#[must_use]
pub fn folder(title: &str, description: &str, version: &str, metadata: &Metadata<'_>) -> Value {
    let mut spec = json!({ "title": title });
    if !description.is_empty() {
        spec["description"] = json!(description);
    }
    json!({
        "kind": "Folder",
        "apiVersion": format!("{FOLDER_GROUP}/{version}"),
        "metadata": metadata.json(),
        "spec": spec,
        "status": {},
    })
}

/// What a received resource says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    pub name: String,
    /// The start of a name that the server is to make up.
    pub generate_name: String,
    pub namespace: String,
    pub folder_uid: String,
    /// Of the version that the author has seen.
    pub resource_version: Option<String>,
    /// What the author says of the change.
    pub message: String,
    pub api_version: String,
    pub kind: String,
}

/// Reads the outside of a resource. Errors: not JSON, or not an object.
pub fn received(text: &str) -> serde_json::Result<Received> {
    let outer = RawObject::parse(text)?;
    let metadata = outer.object("metadata");
    let metadata = metadata.as_ref();
    let of = |key: &str| metadata.and_then(|m| m.string(key)).unwrap_or_default();
    let annotations = metadata.and_then(|metadata| metadata.object("annotations"));
    let note = |key: &str| annotations.as_ref().and_then(|a| a.string(key)).unwrap_or_default();
    Ok(Received {
        name: of("name"),
        generate_name: of("generateName"),
        namespace: of("namespace"),
        folder_uid: note(FOLDER_ANNOTATION),
        resource_version: Some(of("resourceVersion")).filter(|version| !version.is_empty()),
        message: note("grafana.app/message"),
        api_version: outer.string("apiVersion").unwrap_or_default(),
        kind: outer.string("kind").unwrap_or_default(),
    })
}

/// The organisation that a namespace stands for: `default` is the first.
#[must_use]
pub fn org_of(namespace: &str) -> Option<i64> {
    match namespace {
        "default" => Some(1),
        other => other.strip_prefix("org-")?.parse().ok().filter(|org| *org > 0),
    }
}

#[must_use]
pub fn namespace_of(org: i64) -> String {
    if org == 1 { "default".to_owned() } else { format!("org-{org}") }
}

/// An error as Kubernetes' clients expect it. `resource` is the plural: `dashboards`.
#[must_use]
pub fn failure(
    code: u16,
    reason: &str,
    message: &str,
    group: &str,
    resource: &str,
    name: &str,
) -> Value {
    json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": { "name": name, "group": group, "kind": resource },
        "code": code,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Envelope, Metadata, namespace_of, org_of, received, wrap};

    const METADATA: Metadata<'_> = Metadata {
        labels: std::collections::BTreeMap::new(),
        name: "n",
        namespace: "default",
        internal_id: 7,
        folder_uid: "f",
        version: 3,
        created: "2026-01-01T00:00:00Z",
        updated: "2026-01-02T00:00:00Z",
        created_by: "user:admin",
        updated_by: "user:vera",
        provisioned_by: "",
    };

    fn wrapped(text: &str, version: &str) -> Value {
        let text = wrap(&Envelope::open(text).unwrap(), version, &METADATA).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_classic_dashboard_becomes_a_resource_and_comes_back() {
        let text = r#"{"id":1,"uid":"n","version":3,"title":"T","n":1.10}"#;
        let resource = wrap(&Envelope::open(text).unwrap(), "v1beta1", &METADATA).unwrap();
        assert!(resource.contains(r#""spec":{"title":"T","n":1.10}"#), "{resource}");
        let back = Envelope::open(&resource).unwrap();
        assert_eq!((back.uid.as_deref(), back.folder_uid.as_deref()), (Some("n"), Some("f")));
        let outside = received(&resource).unwrap();
        assert_eq!((outside.name.as_str(), outside.resource_version.as_deref()), ("n", Some("3")));
        assert_eq!((outside.folder_uid.as_str(), outside.namespace.as_str()), ("f", "default"));
        assert_eq!(outside.api_version, "dashboard.grafana.app/v1beta1");
        let resource: Value = serde_json::from_str(&resource).unwrap();
        assert_eq!(resource["metadata"]["annotations"]["grafana.app/updatedBy"], "user:vera");
        assert_eq!(resource["metadata"]["labels"]["grafana.app/deprecatedInternalID"], "7");
        let converted = wrapped(text, "v2");
        assert_eq!(converted["status"]["conversion"]["failed"], false);
        assert_eq!(converted["spec"]["layout"]["kind"], "GridLayout");
        let old = r#"{"title":"T","schemaVersion":14,"rows":[{"panels":[]}]}"#;
        let failed = wrapped(old, "v2");
        assert_eq!(failed["status"]["conversion"]["failed"], true);
        assert!(failed["spec"]["rows"].is_array());
    }

    #[test]
    fn a_v2_dashboard_stays_and_is_converted_for_old_readers() {
        let spec = r#"{"title":"T", "elements":{"a":{"kind":"Panel","spec":{"id":1,"title":"P","vizConfig":{"kind":"VizConfig","group":"stat","spec":{}}}}},"layout":{"kind":"GridLayout","spec":{"items":[]}}}"#;
        let text = format!(
            r#"{{"apiVersion":"dashboard.grafana.app/v2beta1","metadata":{{"name":"n"}},"spec":{spec}}}"#
        );
        let same = wrap(&Envelope::open(&text).unwrap(), "v2beta1", &METADATA).unwrap();
        assert!(same.contains(spec));
        let old = wrapped(&text, "v1");
        assert_eq!(
            (&old["spec"]["panels"][0]["type"], &old["spec"]["schemaVersion"]),
            (&json!("stat"), &json!(42))
        );
        assert_eq!(old["status"]["conversion"]["storedVersion"], "v2beta1");
    }

    #[test]
    fn namespaces_stand_for_organisations() {
        for org in [1, 2, 77] {
            assert_eq!(org_of(&namespace_of(org)), Some(org));
        }
        for odd in ["", "org-", "org-0", "org-x", "stacks-1"] {
            assert_eq!(org_of(odd), None, "{odd}");
        }
    }
}
