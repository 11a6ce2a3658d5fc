//! Annotation queries: their data sources resolved, otherwise as received.

use serde_json::{Value, json};

use super::fields::{array, items, text};
use super::panel::set;
use super::{Notices, Resolver};

/// More annotation queries than anybody has.
const ANNOTATIONS_MAX: usize = 1000;

/// The annotation queries, in their order. Before schema 6 they were one of the pulldowns.
pub(super) fn annotations(
    dashboard: &Value,
    resolver: &Resolver<'_>,
    notices: &mut Notices,
) -> Vec<Value> {
    let mut list = items(dashboard, "annotations", "list");
    let is_annotations = |entry: &&Value| text(entry, "type") == "annotations";
    if list.is_empty()
        && let Some(old) = array(dashboard, "pulldowns").iter().find(is_annotations)
    {
        list = array(old, "annotations");
    }
    let resolved = |entry: &Value| {
        let mut entry = entry.clone();
        if entry.is_object() {
            let source = resolver.resolve(entry.get("datasource"));
            set(&mut entry, "datasource", json!(source));
        }
        entry
    };
    if list.len() > ANNOTATIONS_MAX {
        notices.add(format!("the first {ANNOTATIONS_MAX} of {} annotations are shown", list.len()));
    }
    list.iter().take(ANNOTATIONS_MAX).map(resolved).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::seen;

    #[test]
    fn annotations_keep_their_fields_and_get_their_source() {
        let view = seen(&json!({ "annotations": { "list": [
            { "name": "builtin", "datasource": { "uid": "-- Grafana --", "type": "grafana" }, "builtIn": 1 },
            { "name": "deploys", "expr": "x", "datasource": "LOGS" }, "odd",
        ] } }));
        assert_eq!(
            view.annotations[0]["datasource"],
            json!({ "type": "datasource", "uid": "grafana" })
        );
        assert_eq!(view.annotations[1]["datasource"], json!({ "type": "loki", "uid": "logs" }));
        assert_eq!(
            (&view.annotations[1]["expr"], &view.annotations[2]),
            (&json!("x"), &json!("odd"))
        );
        let old = seen(
            &json!({ "pulldowns": [{ "type": "annotations", "annotations": [{ "name": "a" }] }] }),
        );
        assert_eq!(old.annotations[0]["name"], "a");
    }
}
