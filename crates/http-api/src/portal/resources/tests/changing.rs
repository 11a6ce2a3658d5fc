//! Patches, selectors, conversions and watches.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::{DASHBOARDS, FOLDERS, board, refused, send};
use crate::portal::tests::site::{ADMIN, Answer, As, Site, VIEWER, request};

const MERGE: &str = "application/merge-patch+json";
const STEPS: &str = "application/json-patch+json";

async fn patch(site: &Site, path: &str, kind: &str, body: &Value) -> Answer {
    patch_as(&ADMIN, site, path, kind, body).await
}

async fn patch_as(who: &As, site: &Site, path: &str, kind: &str, body: &Value) -> Answer {
    let mut request = request("PATCH", path, who, Body::from(body.to_string()));
    request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
    site.send(request).await
}

#[tokio::test]
async fn patches_are_laid_over_dashboards_and_folders() {
    let site = Site::start().await;
    let labels = json!({ "labels": { "team": "blue" } });
    let made = send(&site, "POST", DASHBOARDS, &ADMIN, &board("k", &labels)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let one = format!("{DASHBOARDS}/k");
    let change =
        json!({ "spec": { "title": "Merged" }, "metadata": { "labels": { "tier": "1" } } });
    let merged = patch(&site, &one, MERGE, &change).await;
    assert_eq!(merged.status, StatusCode::OK, "{}", merged.text());
    let merged = merged.json();
    assert_eq!((&merged["spec"]["title"], &merged["spec"]["n"]), (&json!("Merged"), &json!(1.1)));
    let labels = &merged["metadata"]["labels"];
    assert_eq!((&labels["team"], &labels["tier"]), (&json!("blue"), &json!("1")));
    assert_eq!(merged["metadata"]["resourceVersion"], "2");
    let steps = json!([
        { "op": "test", "path": "/metadata/resourceVersion", "value": "2" },
        { "op": "add", "path": "/spec/tags", "value": ["a"] },
    ]);
    let stepped = patch(&site, &one, STEPS, &steps).await;
    assert_eq!(stepped.json()["spec"]["tags"], json!(["a"]), "{}", stepped.text());
    let again = patch(&site, &one, STEPS, &steps).await;
    refused(&again, StatusCode::UNPROCESSABLE_ENTITY, "Invalid");
    let stale = json!({ "metadata": { "resourceVersion": "1" } });
    refused(&patch(&site, &one, MERGE, &stale).await, StatusCode::CONFLICT, "Conflict");
    let renamed = json!({ "metadata": { "name": "other" } });
    refused(&patch(&site, &one, MERGE, &renamed).await, StatusCode::BAD_REQUEST, "BadRequest");
    let other = patch(&site, &one, "application/apply-patch+yaml", &json!({})).await;
    refused(&other, StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType");
    let dry = patch(&site, &format!("{one}?dryRun=All"), MERGE, &change).await;
    refused(&dry, StatusCode::BAD_REQUEST, "BadRequest");
    let none = patch(&site, &format!("{DASHBOARDS}/none"), MERGE, &change).await;
    refused(&none, StatusCode::NOT_FOUND, "NotFound");

    let folder = json!({ "metadata": { "name": "f" }, "spec": { "title": "F" } }).to_string();
    send(&site, "POST", FOLDERS, &ADMIN, &folder).await;
    let one = format!("{FOLDERS}/f");
    let change = json!({ "spec": { "description": "d" } });
    let merged = patch(&site, &one, MERGE, &change).await.json();
    assert_eq!(
        (&merged["spec"]["title"], &merged["spec"]["description"]),
        (&json!("F"), &json!("d"))
    );
    let steps = json!([{ "op": "remove", "path": "/spec/title" }]);
    refused(&patch(&site, &one, STEPS, &steps).await, StatusCode::UNPROCESSABLE_ENTITY, "Invalid");
    // A dashboard moves by its annotation.
    let moved = json!({ "metadata": { "annotations": { "grafana.app/folder": "f" } } });
    let moved = patch(&site, &format!("{DASHBOARDS}/k"), MERGE, &moved).await.json();
    assert_eq!(moved["metadata"]["annotations"]["grafana.app/folder"], "f");
    let back = json!({ "metadata": { "annotations": { "grafana.app/folder": null } } });
    let back = patch(&site, &format!("{DASHBOARDS}/k"), MERGE, &back).await.json();
    assert_eq!(back["metadata"]["annotations"].get("grafana.app/folder"), None);
}

#[tokio::test]
async fn lists_are_selected_by_name_and_label() {
    let site = Site::start().await;
    for (name, team) in [("a", "blue"), ("b", "red"), ("c", "blue")] {
        let labels = json!({ "labels": { "team": team } });
        send(&site, "POST", DASHBOARDS, &ADMIN, &board(name, &labels)).await;
    }
    let names = async |query: &str| -> Vec<String> {
        let list = site.get(&format!("{DASHBOARDS}?{query}"), &VIEWER).await;
        let items = list.json()["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("fieldSelector=metadata.name%3Db").await, ["b"]);
    assert_eq!(names("labelSelector=team%3Dblue").await, ["a", "c"]);
    assert_eq!(names("labelSelector=team%3Dblue&limit=1&continue=1").await, ["c"]);
    assert_eq!(names("labelSelector=team+in+(red),!tier").await, ["b"]);
    let all = site.get(DASHBOARDS, &VIEWER).await.json();
    let id = "grafana.app/deprecatedInternalID";
    let own = all["items"].as_array().unwrap().iter().find(|i| i["metadata"]["name"] == "c");
    let own = own.unwrap()["metadata"]["labels"][id].as_str().unwrap();
    assert_eq!(names(&format!("labelSelector={id}%3D{own}")).await, ["c"]);
    for bad in ["fieldSelector=spec.title%3Dx", "labelSelector=a+b"] {
        let answer = site.get(&format!("{DASHBOARDS}?{bad}"), &VIEWER).await;
        refused(&answer, StatusCode::BAD_REQUEST, "BadRequest");
        let answer = site.get(&format!("{FOLDERS}?{bad}"), &VIEWER).await;
        refused(&answer, StatusCode::BAD_REQUEST, "BadRequest");
    }
    let folders = site.get(&format!("{FOLDERS}?fieldSelector=metadata.name%3Dnone"), &VIEWER).await;
    assert_eq!(folders.json()["items"], json!([]));
}

#[tokio::test]
async fn a_folders_patch_tells_nothing_and_changes_all_or_nothing() {
    let site = Site::start().await;
    let folder = json!({ "metadata": { "name": "n" }, "spec": { "title": "New" } }).to_string();
    send(&site, "POST", FOLDERS, &ADMIN, &folder).await;
    let one = format!("{FOLDERS}/n");
    for guess in ["New", "Old"] {
        let steps = json!([{ "op": "test", "path": "/spec/title", "value": guess }]);
        let answer = patch_as(&VIEWER, &site, &one, STEPS, &steps).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{guess}: {}", answer.text());
    }
    let elsewhere = json!({
        "metadata": { "annotations": { "grafana.app/folder": "none" } },
        "spec": { "title": "Renamed" },
    });
    let refused = patch(&site, &one, MERGE, &elsewhere).await;
    assert!(refused.status.is_client_error(), "{}", refused.text());
    let is = site.get(&one, &ADMIN).await.json();
    assert_eq!(
        (&is["spec"]["title"], &is["metadata"]["resourceVersion"]),
        (&json!("New"), &json!("1"))
    );
}

/// The next line of a watch.
struct Lines {
    body: axum::body::BodyDataStream,
    rest: Vec<Value>,
}

impl Lines {
    fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        Self { body: response.into_body().into_data_stream(), rest: Vec::new() }
    }

    async fn next(&mut self) -> (String, Value) {
        while self.rest.is_empty() {
            let bytes = self.body.next().await.expect("another line").unwrap();
            let lines = std::str::from_utf8(&bytes).unwrap().lines();
            self.rest.extend(lines.map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        let event = self.rest.remove(0);
        (event["type"].as_str().unwrap().to_owned(), event["object"].clone())
    }

    async fn told(&mut self) -> (String, String, String) {
        let (kind, object) = self.next().await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (kind, text(&object["metadata"]["name"]), text(&object["spec"]["title"]))
    }
}

fn told(kind: &str, name: &str, title: &str) -> (String, String, String) {
    (kind.to_owned(), name.to_owned(), title.to_owned())
}

#[tokio::test]
async fn a_watch_tells_what_happens_from_a_version_on() {
    let site = Site::start().await;
    let list = site.get(DASHBOARDS, &VIEWER).await.json();
    let from = list["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let watch = format!("{DASHBOARDS}?watch=true&resourceVersion={from}");
    let mut lines = Lines::of(site.open_get(&watch, &VIEWER).await);
    send(&site, "POST", DASHBOARDS, &ADMIN, &board("w", &json!({}))).await;
    // What was there at the very moment of the list may come once more.
    let mut first = lines.told().await;
    while first.1 == "board" {
        first = lines.told().await;
    }
    assert_eq!(first, told("ADDED", "w", "K"));
    let changed = board("w", &json!({})).replace("\"K\"", "\"L\"");
    send(&site, "PUT", &format!("{DASHBOARDS}/w"), &ADMIN, &changed).await;
    assert_eq!(lines.told().await, told("MODIFIED", "w", "L"));
    send(&site, "DELETE", &format!("{DASHBOARDS}/w"), &ADMIN, "").await;
    assert_eq!(lines.told().await, told("DELETED", "w", ""));
    // Who has read before that has missed something.
    let late = site.get(&watch, &VIEWER).await;
    refused(&late, StatusCode::GONE, "Expired");
    let bad = site.get(&format!("{DASHBOARDS}?watch=1&resourceVersion=x"), &VIEWER).await;
    refused(&bad, StatusCode::BAD_REQUEST, "BadRequest");
}

#[tokio::test]
async fn a_watch_begins_with_what_is_there_and_ends_with_its_client() {
    let site = Site::start().await;
    let query = "watch=true&sendInitialEvents=true&fieldSelector=metadata.name%3Dboard";
    let mut lines = Lines::of(site.open_get(&format!("{DASHBOARDS}?{query}"), &VIEWER).await);
    assert_eq!(lines.told().await, told("ADDED", "board", "A Board"));
    let (kind, object) = lines.next().await;
    assert_eq!(kind, "BOOKMARK");
    assert_eq!(object["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
    // Others than the selected one are nothing to this watch; a folder is told of elsewhere.
    let mut folders = Lines::of(site.open_get(&format!("{FOLDERS}?watch=true"), &VIEWER).await);
    let hosts = folders.told().await;
    assert_eq!((hosts.0.as_str(), hosts.2.as_str()), ("ADDED", "Hosts"));
    send(&site, "POST", DASHBOARDS, &ADMIN, &board("other", &json!({}))).await;
    let folder = json!({ "metadata": { "name": "n" }, "spec": { "title": "New" } }).to_string();
    send(&site, "POST", FOLDERS, &ADMIN, &folder).await;
    assert_eq!(folders.told().await, told("ADDED", "n", "New"));
    // Watches are bounded with the other connections, and give their place back.
    let most = site.state.live.limits().connections_per_user_max;
    let mut open = Vec::new();
    for _ in 2..most {
        open.push(site.open_get(&format!("{FOLDERS}?watch=true"), &VIEWER).await);
    }
    assert!(open.iter().all(|response| response.status() == StatusCode::OK));
    let full = site.get(&format!("{FOLDERS}?watch=true"), &VIEWER).await;
    let status = refused(&full, StatusCode::TOO_MANY_REQUESTS, "TooManyRequests");
    assert!(status["message"].as_str().unwrap().contains("limits.live_connections_per_user_max"));
    drop(lines);
    drop(folders);
    let free = site.open_get(&format!("{FOLDERS}?watch=true"), &VIEWER).await;
    assert_eq!(free.status(), StatusCode::OK);
    let nobody = site.get(&format!("{FOLDERS}?watch=true"), &As::Nobody).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_stop_ends_watches() {
    let site = Site::start().await;
    let mut lines = Lines::of(site.open_get(&format!("{FOLDERS}?watch=true"), &VIEWER).await);
    let hosts = lines.told().await;
    assert_eq!((hosts.0.as_str(), hosts.2.as_str()), ("ADDED", "Hosts"));
    site.state.live.stop();
    assert!(lines.body.next().await.is_none());
}

#[tokio::test]
async fn a_classic_dashboard_is_changed_in_the_new_format() {
    let site = Site::start().await;
    send(&site, "POST", DASHBOARDS, &ADMIN, &board("k", &json!({}))).await;
    let v2 = DASHBOARDS.replace("v1beta1", "v2beta1");
    let one = format!("{v2}/k");
    let seen = site.get(&one, &VIEWER).await.json();
    assert_eq!(seen["spec"]["layout"]["kind"], "GridLayout", "{seen}");
    let conversion = json!({ "failed": false, "storedVersion": "v1beta1" });
    assert_eq!(seen["status"]["conversion"], conversion);
    let changed = patch(&site, &one, MERGE, &json!({ "spec": { "title": "New" } })).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    assert_eq!(changed.json()["status"], json!({}));
    let old = site.get(&format!("{DASHBOARDS}/k"), &VIEWER).await.json();
    assert_eq!(old["status"]["conversion"]["storedVersion"], "v2beta1");
    let first = r#"{"metadata":{"name":"first"},"spec":{"title":"First","schemaVersion":14,"rows":[{"panels":[]}]}}"#;
    send(&site, "POST", DASHBOARDS, &ADMIN, first).await;
    let failed = site.get(&format!("{v2}/first"), &VIEWER).await.json();
    assert_eq!(failed["status"]["conversion"]["failed"], true);
    let refusal = patch(&site, &format!("{v2}/first"), MERGE, &json!({})).await;
    refused(&refusal, StatusCode::UNPROCESSABLE_ENTITY, "Invalid");
}
