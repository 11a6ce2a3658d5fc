//! Dashboards and provisioning files: whatever is accepted can be shown, exported, wrapped and
//! compared, and stays what it was.

use portal::dashboard::resource::{Metadata, wrap};
use portal::dashboard::{
    Envelope, GivenInput, KnownSource, KnownSources, RawObject, basic_html, diff, fill_inputs,
    inputs, json_html, shape_failures, summary, view,
};
use portal::provisioning::alerting::read_alerting;
use portal::provisioning::{Environment, read_access, read_apps, unwrap_config_maps, verdict};
use serde_json::Value;

/// Imports a dashboard as the HTTP API and the provisioner do, and takes it everywhere it goes.
pub fn dashboard(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(envelope) = Envelope::open(text) else { return };
    let body: Value = serde_json::from_str(envelope.body).expect("what is accepted can be read");
    let again = Envelope::open(envelope.body).expect("a body alone is accepted");
    assert_eq!(again.title, envelope.title, "a body keeps its title");

    let view = view(&body, &sources());
    assert!(serde_json::to_string(&view).is_ok(), "a view is written");
    let mut ids: Vec<i64> = view.panels.iter().map(|panel| panel.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), view.panels.len(), "panels have ids of their own");
    for panel in &view.panels {
        let place = panel.grid_pos;
        assert!(place.w >= 1 && place.h >= 1 && place.x + place.w <= 24, "{place:?}");
    }

    exported(&envelope);
    for version in ["v1beta1", "v2beta1"] {
        let metadata = Metadata { name: "n", namespace: "default", ..Metadata::default() };
        let resource = wrap(&envelope, version, &metadata).expect("what is accepted is wrapped");
        let back = Envelope::open(&resource).expect("a resource is accepted");
        assert_eq!((back.uid.as_deref(), &back.title), (Some("n"), &envelope.title));
    }
    assert!(diff(&body, &body).is_empty(), "nothing differs from itself");
    let changes = diff(&Value::Null, &body);
    drop((json_html(&changes), basic_html(&summary(&body, &Value::Null))));
    drop(shape_failures(&body));
    filled(envelope.body, &body);
}

fn sources() -> KnownSources {
    let source = |kind: &str, is_default| KnownSource {
        uid: kind.to_owned(),
        name: kind.to_owned(),
        kind: kind.to_owned(),
        is_default,
    };
    KnownSources::new(vec![source("prometheus", true), source("loki", false)])
}

/// An export differs in the server's fields and in nothing else.
fn exported(envelope: &Envelope<'_>) {
    let exported = envelope.export(4711, "uid", 3).expect("what is accepted is exported");
    let others = |text: &str| -> Vec<(String, String)> {
        let fields = RawObject::parse(text).expect("an object");
        let others = fields.iter().filter(|(key, _)| !["id", "uid", "version"].contains(key));
        others.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    assert_eq!(others(&exported), others(envelope.body), "other fields stay as they are written");
}

fn filled(text: &str, body: &Value) {
    let given = inputs(body).into_iter().map(|input| GivenInput {
        name: input.name,
        kind: input.kind,
        plugin_id: input.plugin_id,
        value: "a \"value\" ${x}".to_owned(),
    });
    let given: Vec<GivenInput> = given.collect();
    if let Ok(filled) = fill_inputs(text, &given) {
        assert!(serde_json::from_str::<Value>(&filled).is_ok(), "what was filled in is JSON");
    }
}

/// Reads a provisioning file with every reader there is.
pub fn provisioning(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let environment = Environment::from([("NAME".to_owned(), "value".to_owned())]);
    let files = unwrap_config_maps(text).ok().flatten().unwrap_or_default();
    for text in files.iter().map(|(_, text)| text.as_str()).chain([text]) {
        if let Ok(verdict) = verdict(text, &environment, "file.yaml") {
            assert!(verdict.failures.iter().all(|reason| !reason.is_empty()), "reasons are given");
        }
        let errors = [
            read_alerting(text, &environment).err(),
            read_apps(text, &environment).err(),
            read_access(text, &environment).err(),
        ];
        for error in errors.into_iter().flatten() {
            assert!(!error.to_string().is_empty(), "an error says why");
        }
    }
}
