//! Lists of dashboards and of alerts: what lay beside the type moved into the options.

use serde_json::{Value, json};

use super::Panel;
use super::fields::{array, flag, integer, text, texts};
use super::panel::set;

pub(super) fn dashboards(raw: &Value, panel: &mut Panel) {
    let flags = [
        ("starred", "showStarred"),
        ("recent", "showRecentlyViewed"),
        ("search", "showSearch"),
        ("headings", "showHeadings"),
    ];
    let flags = flags.iter().filter(|(old, _)| raw.get(old).is_some());
    move_in(panel, flags.map(|(old, new)| (*new, json!(flag(raw, old)))).collect());
    let limit = integer(raw, "limit").map(|limit| ("maxItems", json!(limit)));
    let query = Some(text(raw, "query")).filter(|q| !q.is_empty()).map(|q| ("query", json!(q)));
    let tags = Some(texts(raw, "tags")).filter(|t| !t.is_empty()).map(|t| ("tags", json!(t)));
    let folder = integer(raw, "folderId").map(|folder| ("folderId", json!(folder)));
    move_in(panel, [limit, query, tags, folder].into_iter().flatten().collect());
}

pub(super) fn alerts(raw: &Value, panel: &mut Panel) {
    let limit = integer(raw, "limit").map(|limit| ("maxItems", json!(limit)));
    let name = Some(text(raw, "nameFilter")).filter(|n| !n.is_empty());
    let name = name.map(|name| ("alertName", json!(name)));
    let own = flag(raw, "onlyAlertsOnDashboard").then_some(("dashboardAlerts", json!(true)));
    let states = array(raw, "stateFilter").iter().filter_map(Value::as_str);
    let states: serde_json::Map<String, Value> = states
        .filter_map(|state| match state {
            "alerting" => Some(("firing", true)),
            "pending" => Some(("pending", true)),
            "no_data" => Some(("noData", true)),
            "ok" => Some(("normal", true)),
            "execution_error" => Some(("error", true)),
            _ => None,
        })
        .map(|(state, on)| (state.to_owned(), json!(on)))
        .collect();
    let states = (!states.is_empty()).then_some(("stateFilter", Value::Object(states)));
    move_in(panel, [limit, name, own, states].into_iter().flatten().collect());
}

/// Options that are there already stay.
fn move_in(panel: &mut Panel, options: Vec<(&str, Value)>) {
    for (key, value) in options {
        if panel.options.get(key).is_none() {
            set(&mut panel.options, key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::only_panel;

    #[test]
    fn what_lay_beside_the_type_becomes_options() {
        let list = only_panel(
            &json!({ "panels": [{ "type": "dashlist", "starred": true, "limit": 5, "tags": ["a"], "options": { "maxItems": 9 } }] }),
        );
        assert_eq!(list.options, json!({ "showStarred": true, "maxItems": 9, "tags": ["a"] }));
        let alerts = only_panel(
            &json!({ "panels": [{ "type": "alertlist", "limit": 10, "stateFilter": ["alerting", "ok"], "onlyAlertsOnDashboard": true }] }),
        );
        assert_eq!(
            alerts.options,
            json!({ "maxItems": 10, "dashboardAlerts": true, "stateFilter": { "firing": true, "normal": true } })
        );
    }
}
