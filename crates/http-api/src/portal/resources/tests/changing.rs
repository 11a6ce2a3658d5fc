//! Patches, selectors, conversions and watches.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt as _;
use portal::tables::{By, NewFolder};
use serde_json::{Value, json};
use tokio::time::timeout;

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
            let bytes = timeout(Duration::from_secs(20), self.body.next()).await;
            let bytes = bytes.expect("a line in time").expect("another line").unwrap();
            let lines = std::str::from_utf8(&bytes).unwrap().lines();
            self.rest.extend(lines.map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        let event = self.rest.remove(0);
        (event["type"].as_str().unwrap().to_owned(), event["object"].clone())
    }

    /// All up to the bookmark that ends what was there.
    async fn initial(&mut self) -> (Vec<(String, String)>, Value) {
        let mut events = Vec::new();
        loop {
            let (kind, object) = self.next().await;
            if kind == "BOOKMARK" {
                return (events, object);
            }
            events.push((kind, object["metadata"]["name"].as_str().unwrap().to_owned()));
        }
    }

    async fn told(&mut self) -> (String, String, String) {
        let (kind, object) = self.next().await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (kind, text(&object["metadata"]["name"]), text(&object["spec"]["title"]))
    }
}

fn version_of(list: &Value) -> String {
    list["metadata"]["resourceVersion"].as_str().unwrap().to_owned()
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
    // What was there shortly before the list may come once more.
    let mut first = lines.told().await;
    while first.1 != "w" {
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

/// Waits until the viewer has no watch any more.
async fn all_end(site: &Site) {
    let viewer = site.get("/api/user", &VIEWER).await.json()["id"].as_i64().unwrap();
    let live = &site.state.live;
    let most = live.limits().connections_per_user_max;
    let free = async {
        while (0..most).map(|_| live.admit(viewer)).collect::<Result<Vec<_>, _>>().is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_mins(1), free).await.expect("every place becomes free");
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
    drop((lines, folders, open));
    all_end(&site).await;
    let nobody = site.get(&format!("{FOLDERS}?watch=true"), &As::Nobody).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_watch_tells_what_leaves_its_selection() {
    let site = Site::start().await;
    let team = |name: &str, team: &str| board(name, &json!({ "labels": { "team": team } }));
    let put = async |name: &str, label: &str| {
        let one = format!("{DASHBOARDS}/{name}");
        let answer = send(&site, "PUT", &one, &ADMIN, &team(name, label)).await;
        assert!(answer.status.is_success(), "{}", answer.text());
    };
    put("a", "blue").await;
    put("b", "red").await;
    let selected = format!("{DASHBOARDS}?labelSelector=team%3Dblue");
    let list = site.get(&selected, &VIEWER).await.json();
    let watch = format!("{selected}&watch=true");
    let mut lines = Lines::of(site.open_get(&watch, &VIEWER).await);
    assert_eq!(lines.told().await, told("ADDED", "a", "K"));
    // What was never told is not told of when it changes or goes.
    put("b", "green").await;
    put("a", "red").await;
    assert_eq!(lines.told().await, told("DELETED", "a", ""));
    put("a", "green").await;
    put("b", "blue").await;
    assert_eq!(lines.told().await, told("ADDED", "b", "K"));
    put("b", "blue").await;
    assert_eq!(lines.told().await, told("MODIFIED", "b", "K"));
    // A watch from the list's version on tells the end of what the list had, or may have had.
    put("c", "red").await;
    let resumed = format!("{watch}&sendInitialEvents=true&resourceVersion={}", version_of(&list));
    let (events, _) = Lines::of(site.open_get(&resumed, &VIEWER).await).initial().await;
    assert!(events.contains(&("DELETED".to_owned(), "a".to_owned())), "{events:?}");
    assert!(events.contains(&("MODIFIED".to_owned(), "b".to_owned())), "{events:?}");
    assert!(events.iter().all(|(_, name)| name != "c"), "{events:?}");
    send(&site, "DELETE", &format!("{DASHBOARDS}/a"), &ADMIN, "").await;
    send(&site, "DELETE", &format!("{DASHBOARDS}/b"), &ADMIN, "").await;
    assert_eq!(lines.told().await, told("DELETED", "b", ""));
}

#[tokio::test]
async fn a_watch_of_folders_selects_by_label() {
    let site = Site::start().await;
    let initial = async |selector: &str| {
        let query = format!("watch=true&sendInitialEvents=true&labelSelector={selector}");
        let watch = site.open_get(&format!("{FOLDERS}?{query}"), &VIEWER).await;
        Lines::of(watch).initial().await.0.len()
    };
    assert_eq!(initial("team%3Dblue").await, 0);
    assert_eq!(initial("!team").await, 1);
    assert_eq!(initial("grafana.app/deprecatedInternalID%3D4000").await, 0);
}

#[tokio::test]
async fn a_watch_tells_what_was_committed_after_the_list_it_goes_on_from() {
    let site = Site::start().await;
    let from = version_of(&site.get(FOLDERS, &VIEWER).await.json());
    let late = NewFolder { uid: "late", parent_uid: "", title: "Late", description: "" };
    let by = By { user_id: 1, name: "admin", now_ms: from.parse::<i64>().unwrap() - 1000 };
    site.state.tables.insert_folder(1, &late, by).await.unwrap();
    let query = format!("watch=true&sendInitialEvents=true&resourceVersion={from}");
    let watch = site.open_get(&format!("{FOLDERS}?{query}"), &VIEWER).await;
    let (events, _) = Lines::of(watch).initial().await;
    assert!(events.iter().any(|(_, name)| name == "late"), "{events:?}");
}

/// Does the second when the first has gone this many steps; both together where the first holds
/// what the second waits for. Their outputs, and whether the first was done before.
async fn interrupted<A, B>(
    (first, steps): (impl Future<Output = A>, usize),
    second: impl Future<Output = B>,
) -> (A, B, bool) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let mut left = steps;
    let early = std::future::poll_fn(|context| match first.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    });
    if let Some(first) = early.await {
        return (first, second.await, true);
    }
    if let Ok(second) = timeout(Duration::from_millis(200), second.as_mut()).await {
        return (first.await, second, false);
    }
    let (first, second) = tokio::join!(first, second);
    (first, second, false)
}

/// Whatever step of a patch another change falls into: both are made.
#[tokio::test]
async fn a_patch_goes_over_what_somebody_else_saved_meanwhile() {
    let site = Site::start().await;
    let folder = json!({ "metadata": { "name": "k" }, "spec": { "title": "K" } }).to_string();
    for (kind, object) in [(DASHBOARDS, board("k", &json!({}))), (FOLDERS, folder)] {
        send(&site, "POST", kind, &ADMIN, &object).await;
        let one = format!("{kind}/k");
        for steps in 0.. {
            let described = json!({ "spec": { "description": format!("d{steps}") } });
            let titled = json!({ "spec": { "title": format!("t{steps}") } });
            let first = patch(&site, &one, MERGE, &described);
            let second = patch(&site, &one, MERGE, &titled);
            let (first, second, is_last) = interrupted((first, steps), second).await;
            assert_eq!(second.status, StatusCode::OK, "{steps}: {}", second.text());
            assert_eq!(first.status, StatusCode::OK, "{steps}: {}", first.text());
            let spec = &site.get(&one, &ADMIN).await.json()["spec"];
            assert_eq!(
                (&spec["title"], &spec["description"]),
                (&titled["spec"]["title"], &described["spec"]["description"])
            );
            if is_last {
                break;
            }
        }
    }
}

/// Whatever step of a watch's beginning a deletion falls into: it is told, or both the version
/// that the watch began with and that of its bookmark are too old for the next.
#[tokio::test]
async fn no_deletion_is_lost_while_a_watch_begins() {
    let site = Site::start().await;
    for steps in 0.. {
        let folder = NewFolder { uid: "w", parent_uid: "", title: "W", description: "" };
        let by = By { user_id: 1, name: "admin", now_ms: site.state.clock.unix_ms() - 10_000 };
        site.state.tables.insert_folder(1, &folder, by).await.unwrap();
        let watch = format!("{FOLDERS}?watch=true&sendInitialEvents=true&resourceVersion=");
        let from = version_of(&site.get(FOLDERS, &VIEWER).await.json());
        let from = format!("{watch}{from}");
        let begun = site.open_get(&from, &VIEWER);
        let one = format!("{FOLDERS}/w");
        let gone = send(&site, "DELETE", &one, &ADMIN, "");
        let (begun, gone, is_last) = interrupted((begun, steps), gone).await;
        assert_eq!(gone.status, StatusCode::OK, "{steps} steps: {}", gone.text());
        if begun.status() != StatusCode::GONE {
            let (events, bookmark) = Lines::of(begun).initial().await;
            if !events.contains(&("DELETED".to_owned(), "w".to_owned())) {
                let next = format!("{watch}{}", version_of(&bookmark));
                let next = site.open_get(&next, &VIEWER).await;
                assert_eq!(next.status(), StatusCode::GONE, "{steps} steps");
            }
        }
        if is_last {
            break;
        }
    }
}

/// The version of a list that still has what is deleted is too old for a watch, whatever step of
/// the reading the deletion falls into.
#[tokio::test]
async fn no_deletion_is_lost_between_a_list_and_a_watch() {
    let site = Site::start().await;
    for kind in [DASHBOARDS, FOLDERS] {
        for steps in 0.. {
            let object = match kind {
                FOLDERS => json!({ "metadata": { "name": "w" }, "spec": { "title": "W" } }),
                _ => serde_json::from_str(&board("w", &json!({}))).unwrap(),
            };
            let made = send(&site, "POST", kind, &ADMIN, &object.to_string()).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
            let one = format!("{kind}/w");
            let gone = send(&site, "DELETE", &one, &ADMIN, "");
            let list = site.get(kind, &VIEWER);
            let (list, gone, is_last) = interrupted((list, steps), gone).await;
            assert_eq!(gone.status, StatusCode::OK, "{}", gone.text());
            let list = list.json();
            let mut items = list["items"].as_array().unwrap().iter();
            if items.any(|item| item["metadata"]["name"] == "w") {
                let watch = format!("{kind}?watch=true&resourceVersion={}", version_of(&list));
                let watch = site.open_get(&watch, &VIEWER).await;
                assert_eq!(watch.status(), StatusCode::GONE, "{steps} steps of {kind}");
            }
            if is_last {
                break;
            }
        }
    }
}

async fn make_folders(site: &Site, count: usize) {
    for n in 0..count {
        let (uid, title) = (format!("f{n:03}"), format!("F{n:03}"));
        let folder = NewFolder { uid: &uid, parent_uid: "", title: &title, description: "" };
        let by = By { user_id: 1, name: "admin", now_ms: site.state.clock.unix_ms() };
        site.state.tables.insert_folder(1, &folder, by).await.unwrap();
    }
}

#[tokio::test]
async fn what_may_not_be_seen_any_more_is_not_told() {
    let site = Site::start().await;
    make_folders(&site, 150).await;
    let query = "watch=true&sendInitialEvents=true";
    let mut lines = Lines::of(site.open_get(&format!("{FOLDERS}?{query}"), &VIEWER).await);
    assert_eq!(lines.told().await, told("ADDED", "f000", "F000"));
    let editors = json!({ "items": [{ "role": "Editor", "permission": 1 }] });
    let closed = site.post("/api/folders/f149/permissions", &ADMIN, &editors).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.text());
    let (events, _) = lines.initial().await;
    assert!(events.iter().any(|(_, name)| name == "f148"));
    assert!(events.iter().all(|(_, name)| name != "f149"));
}

#[tokio::test]
async fn a_client_that_reads_nothing_does_not_keep_its_place() {
    let site = Site::start().await;
    make_folders(&site, 20).await;
    let timed = format!("{FOLDERS}?watch=true&timeoutSeconds=1");
    let timed = site.open_get(&timed, &VIEWER).await;
    assert_eq!(timed.status(), StatusCode::OK);
    all_end(&site).await;
    let stopped = site.open_get(&format!("{FOLDERS}?watch=true"), &VIEWER).await;
    assert_eq!(stopped.status(), StatusCode::OK);
    site.state.live.stop();
    all_end(&site).await;
    drop((timed, stopped));
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
