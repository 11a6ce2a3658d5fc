//! Links of panels and fields: dashboards that were named become addresses, variables get the
//! names of today.

use serde_json::{Value, json};

use super::fields::{array, flag, text};
use super::panel::set;
use crate::dashboard::slug;

/// The schema from which on links name variables as today.
const TODAYS_VARIABLES: i64 = 21;

/// Brings the links of a panel as received to `{title, url, targetBlank}`.
pub(super) fn upgrade(raw: &mut Value, schema: i64) {
    let links = array(raw, "links");
    if links.iter().any(is_old) {
        let links: Vec<Value> = links
            .iter()
            .map(|link| if is_old(link) { panel_link(link) } else { link.clone() })
            .collect();
        set(raw, "links", Value::Array(links));
    }
    if schema >= TODAYS_VARIABLES {
        return;
    }
    for place in [
        "/options/dataLinks",
        "/options/fieldOptions/defaults/links",
        "/fieldConfig/defaults/links",
    ] {
        let links = raw.pointer_mut(place).and_then(Value::as_array_mut);
        for link in links.into_iter().flatten().filter(|link| link.is_object()) {
            let url = todays_variables(&text(link, "url"));
            set(link, "url", json!(url));
        }
    }
    let title = raw.pointer_mut("/options/fieldOptions/defaults/title");
    if let Some(Value::String(title)) = title {
        *title = todays_variables(title);
    }
}

/// Before schema 19 a panel's link could name a dashboard and say what to take along.
fn is_old(link: &Value) -> bool {
    ["dashboard", "dashUri", "params", "keepTime", "includeVars"]
        .iter()
        .any(|key| link.get(key).is_some())
}

fn panel_link(link: &Value) -> Value {
    let given = text(link, "url");
    let (dashboard, uri) = (text(link, "dashboard"), text(link, "dashUri"));
    let mut url = match (given.is_empty(), dashboard.is_empty(), uri.is_empty()) {
        (false, ..) => given,
        (_, false, _) => format!("dashboard/db/{}", slug(&dashboard)),
        (.., false) => format!("dashboard/{uri}"),
        _ => "/".to_owned(),
    };
    let mut append = |parameters: &str| {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(parameters);
    };
    if flag(link, "keepTime") {
        append("$__url_time_range");
    }
    if flag(link, "includeVars") {
        append("$__all_variables");
    }
    let parameters = text(link, "params");
    if !parameters.is_empty() {
        append(&parameters);
    }
    json!({ "title": text(link, "title"), "url": url, "targetBlank": flag(link, "targetBlank") })
}

fn todays_variables(text: &str) -> String {
    text.replace("$__series_name", "${__series.name}")
        .replace("__series_name", "__series.name")
        .replace("$__field_name", "${__field.name}")
        .replace("__field_name", "__field.name")
        .replace("__value_time", "__value.time")
        .replace("__series.labels", "__field.labels")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{panel_link, todays_variables, upgrade};

    #[test]
    fn a_dashboard_by_name_becomes_an_address() {
        let check =
            |link: serde_json::Value, want: &str| assert_eq!(panel_link(&link)["url"], want);
        check(json!({ "dashboard": "My Hosts" }), "dashboard/db/my-hosts");
        check(
            json!({ "dashUri": "db/x", "keepTime": true, "includeVars": true, "params": "a=b" }),
            "dashboard/db/x?$__url_time_range&$__all_variables&a=b",
        );
        check(json!({ "url": "/d/a?b", "params": "c" }), "/d/a?b&c");
        check(json!({ "title": "nowhere" }), "/");
    }

    #[test]
    fn variables_get_the_names_of_today() {
        assert_eq!(
            todays_variables(
                "a=$__series_name&b=${__series_name}&c=${__value_time}&d=$__field_name"
            ),
            "a=${__series.name}&b=${__series.name}&c=${__value.time}&d=${__field.name}"
        );
        let mut raw = json!({ "links": [{ "url": "/d/a" }], "options": { "dataLinks": [{ "url": "${__series.labels.x}" }] } });
        let untouched = raw.clone();
        upgrade(&mut raw, 21);
        assert_eq!(raw, untouched);
        upgrade(&mut raw, 20);
        assert_eq!(raw["options"]["dataLinks"][0]["url"], "${__field.labels.x}");
        assert_eq!(raw["links"], untouched["links"]);
    }
}
