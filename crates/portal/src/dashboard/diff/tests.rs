//! Diffs that are empty, small and complete.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::view::any_json;
use super::{ChangeKind, basic_html, diff, json_html, summary};

fn lines(old: &Value, new: &Value) -> Vec<String> {
    let line = |change: super::Change| {
        let path = change.path;
        match change.kind {
            ChangeKind::Added { new } => format!("+{path} {new}"),
            ChangeKind::Removed { old } => format!("-{path} {old}"),
            ChangeKind::Changed { old, new } => format!("~{path} {old} {new}"),
            ChangeKind::Moved => format!(">{path}"),
        }
    };
    diff(old, new).into_iter().map(line).collect()
}

fn board() -> Value {
    json!({
        "id": 1, "version": 3, "title": "T", "tags": ["a", "b"],
        "panels": [
            { "id": 1, "type": "stat", "title": "One", "targets": [{ "refId": "A", "expr": "up" }, { "refId": "B", "expr": "x" }] },
            { "id": 2, "type": "row", "panels": [{ "id": 3, "title": "Three" }] },
        ],
        "templating": { "list": [{ "name": "v", "query": "q" }] },
    })
}

#[test]
fn a_save_without_changes_is_no_difference() {
    let old = board();
    let mut new = old.clone();
    new["version"] = json!(4);
    new["iteration"] = json!(1_700_000_000);
    assert_eq!(lines(&old, &new), Vec::<String>::new());
    let written: Value = serde_json::from_str(r#"{"b":1.0,"a":[{"y":2,"x":1}]}"#).unwrap();
    assert_eq!(
        lines(&json!({ "a": [{ "x": 1, "y": 2 }], "b": 1 }), &written),
        Vec::<String>::new()
    );
}

#[test]
fn changes_are_told_by_what_names_their_place() {
    let check = |change: &dyn Fn(&mut Value), want: &[&str]| {
        let (old, mut new) = (board(), board());
        change(&mut new);
        assert_eq!(lines(&old, &new), want);
    };
    check(
        &|b| b["panels"][0]["targets"][1]["expr"] = json!("y"),
        &["~panels[id=1].targets[refId=B].expr \"x\" \"y\""],
    );
    check(&|b| b["panels"].as_array_mut().unwrap().reverse(), &[">panels"]);
    check(
        &|b| b["panels"].as_array_mut().unwrap().insert(0, json!({ "id": 9 })),
        &["+panels[id=9] {\"id\":9}"],
    );
    check(
        &|b| drop(b["panels"][1]["panels"].as_array_mut().unwrap().remove(0)),
        &["-panels[id=2].panels[id=3] {\"id\":3,\"title\":\"Three\"}"],
    );
    check(&|b| b["tags"].as_array_mut().unwrap().insert(0, json!("c")), &["+tags[0] \"c\""]);
    check(&|b| b["tags"] = json!(["b"]), &["-tags[0] \"a\""]);
    check(&|b| b["tags"] = json!(["x", "b"]), &["~tags[0] \"a\" \"x\""]);
    check(
        &|b| b["templating"]["list"][0]["query"] = json!("r"),
        &["~templating.list[name=v].query \"q\" \"r\""],
    );
    check(&|b| drop(b.as_object_mut().unwrap().remove("title")), &["-title \"T\""]);
}

#[test]
fn panels_are_summed_up_and_html_is_safe() {
    let (old, mut new) = (board(), board());
    new["panels"][0]["title"] = json!("<script>");
    new["panels"][1]["panels"] = json!([{ "id": 4, "title": "Four" }]);
    new["title"] = json!("U");
    let summary = summary(&old, &new);
    let panels: Vec<_> = summary
        .panels
        .iter()
        .map(|p| (p.id, p.title.as_str(), p.change, p.changes.len()))
        .collect();
    assert_eq!(
        panels,
        [(1, "<script>", "changed", 1), (4, "Four", "added", 0), (3, "Three", "removed", 0)]
    );
    assert_eq!(summary.panels[0].changes[0].path, "title");
    assert_eq!((summary.settings.len(), summary.variables.len()), (1, 0));
    for html in [basic_html(&summary), json_html(&diff(&old, &new))] {
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"), "{html}");
    }
    assert_eq!(json_html(&[]), "");
}

#[test]
fn long_lists_end_in_time() {
    let list = |from: usize| (from..from + 20_000).map(Value::from).collect::<Value>();
    let changes = diff(&json!({ "a": list(0) }), &json!({ "a": list(7) }));
    assert!(!changes.is_empty());
}

proptest! {
    #[test]
    fn equal_values_never_differ_and_others_always_do(a in any_json(), b in any_json()) {
        let (old, new) = (json!({ "a": a }), json!({ "a": b }));
        prop_assert!(diff(&old, &old).is_empty());
        if old != new {
            let same = serde_json::to_string(&old).unwrap() == serde_json::to_string(&new).unwrap();
            let numbers = diff(&old, &new).is_empty();
            prop_assert!(!numbers || !same, "{old} {new}");
        }
        drop((summary(&old, &new), json_html(&diff(&old, &new))));
    }
}
