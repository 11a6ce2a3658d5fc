//! Dashboards and folders as resources; importing, comparing and validating.

mod changing;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::portal::tests::site::{ADMIN, Answer, As, Site, VIEWER, request};

const DASHBOARDS: &str = "/apis/dashboard.grafana.app/v1beta1/namespaces/default/dashboards";
const FOLDERS: &str = "/apis/folder.grafana.app/v1beta1/namespaces/default/folders";

async fn send(site: &Site, method: &str, path: &str, who: &As, body: &str) -> Answer {
    site.send(request(method, path, who, Body::from(body.to_owned()))).await
}

#[track_caller]
fn refused(answer: &Answer, code: StatusCode, reason: &str) -> Value {
    assert_eq!(answer.status, code, "{}", answer.text());
    let status = answer.json();
    assert_eq!((&status["kind"], &status["status"]), (&json!("Status"), &json!("Failure")));
    assert_eq!((&status["reason"], &status["code"]), (&json!(reason), &json!(code.as_u16())));
    status
}

fn board(name: &str, more: &Value) -> String {
    let mut metadata = json!({ "name": name });
    for (key, value) in more.as_object().into_iter().flatten() {
        metadata[key] = value.clone();
    }
    format!(
        r#"{{"apiVersion":"dashboard.grafana.app/v1beta1","kind":"Dashboard","metadata":{metadata},"spec":{{"title":"K", "n": 1.10}}}}"#
    )
}

#[tokio::test]
async fn a_dashboard_is_created_read_changed_and_deleted() {
    let site = Site::start().await;
    let folder = json!({ "metadata": { "name": "f" }, "spec": { "title": "Folder" } }).to_string();
    assert_eq!(send(&site, "POST", FOLDERS, &ADMIN, &folder).await.status, StatusCode::CREATED);
    let in_folder =
        json!({ "annotations": { "grafana.app/folder": "f", "grafana.app/message": "first" } });
    let created = send(&site, "POST", DASHBOARDS, &ADMIN, &board("k", &in_folder)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let answer = created.json();
    assert_eq!(
        (&answer["metadata"]["name"], &answer["metadata"]["namespace"]),
        (&json!("k"), &json!("default"))
    );
    assert_eq!(
        (&answer["metadata"]["resourceVersion"], &answer["metadata"]["generation"]),
        (&json!("1"), &json!(1))
    );
    assert_eq!(answer["metadata"]["annotations"]["grafana.app/folder"], "f");
    assert_eq!(answer["metadata"]["annotations"]["grafana.app/createdBy"], "user:admin");
    assert!(created.text().contains(r#""spec":{"title":"K", "n": 1.10}"#), "{}", created.text());
    let again = send(&site, "POST", DASHBOARDS, &ADMIN, &board("k", &json!({}))).await;
    let status = refused(&again, StatusCode::CONFLICT, "AlreadyExists");
    assert_eq!(status["message"], "dashboards.dashboard.grafana.app \"k\" already exists");

    let one = format!("{DASHBOARDS}/k");
    let seen = json!({ "resourceVersion": "1" });
    let changed = send(&site, "PUT", &one, &ADMIN, &board("k", &seen)).await;
    assert_eq!(
        (changed.status, &changed.json()["metadata"]["generation"]),
        (StatusCode::OK, &json!(2))
    );
    assert_eq!(changed.json()["metadata"]["annotations"].get("grafana.app/folder"), None);
    let late = send(&site, "PUT", &one, &ADMIN, &board("k", &seen)).await;
    let status = refused(&late, StatusCode::CONFLICT, "Conflict");
    assert!(status["message"].as_str().unwrap().contains("the object has been modified"));
    let put = format!("{DASHBOARDS}/new");
    let put = send(&site, "PUT", &put, &ADMIN, &board("", &json!({}))).await;
    assert_eq!(put.status, StatusCode::CREATED);
    let old = site.get("/api/dashboards/uid/k", &VIEWER).await.json();
    assert_eq!(
        (&old["dashboard"]["title"], &old["dashboard"]["version"]),
        (&json!("K"), &json!(2))
    );

    let list = site.get(&format!("{DASHBOARDS}?limit=2"), &VIEWER).await.json();
    assert_eq!(
        (&list["kind"], list["items"].as_array().unwrap().len()),
        (&json!("DashboardList"), 2)
    );
    assert_eq!(
        (&list["metadata"]["continue"], &list["metadata"]["remainingItemCount"]),
        (&json!("2"), &json!(2))
    );
    let rest = site.get(&format!("{DASHBOARDS}?limit=2&continue=2"), &VIEWER).await.json();
    assert_eq!(
        (rest["items"].as_array().unwrap().len(), rest["metadata"].get("continue")),
        (2, None)
    );

    let gone = send(&site, "DELETE", &one, &ADMIN, "").await;
    assert_eq!((gone.status, &gone.json()["status"]), (StatusCode::OK, &json!("Success")));
    let missing = site.get(&one, &VIEWER).await;
    let status = refused(&missing, StatusCode::NOT_FOUND, "NotFound");
    assert_eq!(status["message"], "dashboards.dashboard.grafana.app \"k\" not found");
    assert_eq!(
        status["details"],
        json!({ "name": "k", "group": "dashboard.grafana.app", "kind": "dashboards" })
    );
}

#[tokio::test]
async fn what_does_not_fit_is_refused_as_a_status() {
    let site = Site::start().await;
    let check = async |path: &str, body: &str, code: StatusCode, reason: &str| {
        refused(&send(&site, "POST", path, &ADMIN, body).await, code, reason);
    };
    let good = board("x", &json!({}));
    check(DASHBOARDS, "nope", StatusCode::BAD_REQUEST, "BadRequest").await;
    check(
        DASHBOARDS,
        &good.replace("\"Dashboard\"", "\"Folder\""),
        StatusCode::BAD_REQUEST,
        "BadRequest",
    )
    .await;
    check(
        DASHBOARDS,
        &good.replace("dashboard.grafana.app", "other.app"),
        StatusCode::BAD_REQUEST,
        "BadRequest",
    )
    .await;
    check(DASHBOARDS, r#"{"spec":{"title":"T"}}"#, StatusCode::UNPROCESSABLE_ENTITY, "Invalid")
        .await;
    check(
        DASHBOARDS,
        r#"{"title":"bare","metadata":{"name":"x"}}"#,
        StatusCode::UNPROCESSABLE_ENTITY,
        "Invalid",
    )
    .await;
    check(
        DASHBOARDS,
        &good.replace("\"title\":\"K\"", "\"title\":\"\""),
        StatusCode::UNPROCESSABLE_ENTITY,
        "Invalid",
    )
    .await;
    let v2 = DASHBOARDS.replace("v1beta1", "v2beta1");
    check(&v2, &good, StatusCode::UNPROCESSABLE_ENTITY, "Invalid").await;
    check(&DASHBOARDS.replace("v1beta1", "v9"), &good, StatusCode::NOT_FOUND, "NotFound").await;
    check(&DASHBOARDS.replace("default", "org-5"), &good, StatusCode::FORBIDDEN, "Forbidden").await;
    check(
        FOLDERS,
        r#"{"metadata":{"name":"a"},"spec":{}}"#,
        StatusCode::UNPROCESSABLE_ENTITY,
        "Invalid",
    )
    .await;
    let renamed = send(&site, "PUT", &format!("{DASHBOARDS}/y"), &ADMIN, &good).await;
    refused(&renamed, StatusCode::BAD_REQUEST, "BadRequest");
    let nothing = json!({ "resourceVersion": "4" });
    let absent =
        send(&site, "PUT", &format!("{DASHBOARDS}/x"), &ADMIN, &board("x", &nothing)).await;
    refused(&absent, StatusCode::NOT_FOUND, "NotFound");
    let provisioned = send(&site, "DELETE", &format!("{DASHBOARDS}/board"), &ADMIN, "").await;
    refused(&provisioned, StatusCode::BAD_REQUEST, "BadRequest");
}

#[tokio::test]
async fn a_v2_dashboard_stays_as_it_is_and_old_readers_get_it_converted() {
    let site = Site::start().await;
    let spec = r#"{"title":"Two","elements":{"a":{"kind":"Panel","spec":{"id":1,"title":"P","vizConfig":{"kind":"VizConfig","group":"stat","spec":{}}}}}, "layout":{"kind":"GridLayout","spec":{"items":[{"kind":"GridLayoutItem","spec":{"x":0,"y":0,"width":6,"height":4,"element":{"kind":"ElementReference","name":"a"}}}]}}}"#;
    let body = format!(
        r#"{{"apiVersion":"dashboard.grafana.app/v2beta1","kind":"Dashboard","metadata":{{"generateName":"two-"}},"spec":{spec}}}"#
    );
    let v2 = DASHBOARDS.replace("v1beta1", "v2beta1");
    let created = send(&site, "POST", &v2, &ADMIN, &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    assert!(created.text().contains(spec));
    let name = created.json()["metadata"]["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("two-"));
    let old = site.get(&format!("{DASHBOARDS}/{name}"), &VIEWER).await.json();
    assert_eq!(
        (&old["spec"]["panels"][0]["type"], &old["status"]["conversion"]["storedVersion"]),
        (&json!("stat"), &json!("v2beta1"))
    );
    let view = site.get(&format!("/api/ui/dashboards/{name}"), &VIEWER).await.json();
    assert_eq!(
        (&view["view"]["panels"][0]["type"], &view["view"]["panels"][0]["gridPos"]["w"]),
        (&json!("stat"), &json!(6))
    );
    let classic = site.get(&format!("{v2}/board"), &VIEWER).await.json();
    assert_eq!(classic["status"]["conversion"]["failed"], false);
    assert_eq!(classic["spec"]["elements"]["panel-1"]["kind"], "Panel");
}

#[tokio::test]
async fn folders_nest_move_and_tell_their_groups() {
    let site = Site::start().await;
    let folder = |name: &str, parent: &str, title: &str| {
        json!({ "metadata": { "name": name, "annotations": { "grafana.app/folder": parent } }, "spec": { "title": title, "description": "d" } }).to_string()
    };
    for (name, parent) in [("a", ""), ("b", "a")] {
        let made = send(&site, "POST", FOLDERS, &ADMIN, &folder(name, parent, name)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    }
    let again = send(&site, "POST", FOLDERS, &ADMIN, &folder("a", "", "A")).await;
    refused(&again, StatusCode::CONFLICT, "AlreadyExists");
    let b = site.get(&format!("{FOLDERS}/b"), &VIEWER).await.json();
    assert_eq!(
        (&b["spec"]["title"], &b["metadata"]["annotations"]["grafana.app/folder"]),
        (&json!("b"), &json!("a"))
    );
    let moved = send(&site, "PUT", &format!("{FOLDERS}/b"), &ADMIN, &folder("b", "", "B")).await;
    assert_eq!((moved.status, &moved.json()["spec"]["title"]), (StatusCode::OK, &json!("B")));
    assert_eq!(moved.json()["metadata"]["annotations"].get("grafana.app/folder"), None);
    let list = site.get(FOLDERS, &VIEWER).await.json();
    let names: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["spec"]["title"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "B", "Hosts"]);
    assert_eq!(
        send(&site, "DELETE", &format!("{FOLDERS}/a"), &ADMIN, "").await.status,
        StatusCode::OK
    );
    refused(&site.get(&format!("{FOLDERS}/a"), &VIEWER).await, StatusCode::NOT_FOUND, "NotFound");
    let groups = site.get("/apis", &VIEWER).await.json();
    assert_eq!(groups["groups"][0]["preferredVersion"]["groupVersion"], "dashboard.grafana.app/v1");
    let version = site.get("/apis/folder.grafana.app/v1", &VIEWER).await.json();
    assert_eq!(version["resources"][0]["kind"], "Folder");
    refused(&site.get("/apis/none.app", &VIEWER).await, StatusCode::NOT_FOUND, "NotFound");
}

#[tokio::test]
async fn an_exported_dashboard_is_imported_with_its_inputs() {
    let site = Site::start().await;
    let exported = json!({
        "__inputs": [{ "name": "DS_P", "type": "datasource", "pluginId": "prometheus" }],
        "uid": "imp", "title": "Imported", "panels": [{ "id": 1, "type": "stat", "datasource": "${DS_P}" }],
    });
    let import = "/api/dashboards/import";
    let missing = site.post(import, &ADMIN, &json!({ "dashboard": exported })).await;
    assert_eq!(missing.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        missing.json()["message"],
        "Dashboard input variable: DS_P missing from import command"
    );
    let inputs =
        json!([{ "name": "DS_P", "type": "datasource", "pluginId": "prometheus", "value": "own" }]);
    let body = json!({ "dashboard": exported, "inputs": inputs, "folderUid": "" });
    let done = site.post(import, &ADMIN, &body).await;
    assert_eq!(
        (done.status, &done.json()["imported"]),
        (StatusCode::OK, &json!(true)),
        "{}",
        done.text()
    );
    assert_eq!(done.json()["importedUrl"], "/d/imp/imported");
    let saved = site.get("/api/dashboards/uid/imp", &VIEWER).await.json();
    assert_eq!(
        (&saved["dashboard"]["panels"][0]["datasource"], saved["dashboard"].get("__inputs")),
        (&json!("own"), None)
    );
    assert_eq!(site.post(import, &ADMIN, &body).await.status, StatusCode::PRECONDITION_FAILED);
    let mut over = body;
    over["overwrite"] = json!(true);
    assert_eq!(site.post(import, &ADMIN, &over).await.json()["revision"], 2);
    assert_eq!(
        site.post(import, &ADMIN, &json!({})).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn versions_are_compared_and_dashboards_validated() {
    let site = Site::start().await;
    let save = async |title: &str| {
        let board = json!({ "uid": "d", "title": title, "panels": [{ "id": 1, "type": "stat" }] });
        let body = json!({ "dashboard": board, "overwrite": true });
        let saved = site.post("/api/dashboards/db", &ADMIN, &body).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
        saved.json()["id"].as_i64().unwrap()
    };
    let id = save("One").await;
    save("<b>Two</b>").await;
    let compare = async |kind: &str, new: Value| {
        let base = json!({ "dashboardId": id, "version": 1 });
        let body = json!({ "base": base, "new": new, "diffType": kind });
        site.post("/api/dashboards/calculate-diff", &VIEWER, &body).await
    };
    let second = json!({ "dashboardId": id, "version": 2 });
    let html = compare("json", second.clone()).await;
    assert!(html.text().contains("title: &quot;&lt;b&gt;Two&lt;/b&gt;&quot;"), "{}", html.text());
    assert_eq!(html.header(&axum::http::header::CONTENT_TYPE), "text/html; charset=UTF-8");
    assert!(compare("basic", second.clone()).await.text().contains("Settings"));
    let delta = compare("delta", second).await.json();
    assert_eq!(
        (&delta["changes"][0]["path"], &delta["changes"][0]["change"]),
        (&json!("title"), &json!("changed"))
    );
    assert_eq!(compare("json", json!({ "dashboardUid": "d", "version": 1 })).await.text(), "");
    let unsaved = json!({ "unsavedDashboard": { "uid": "d", "title": "One", "panels": [] } });
    assert_eq!(compare("delta", unsaved).await.json()["summary"]["panels"][0]["change"], "removed");
    assert_eq!(compare("odd", json!({ "dashboardId": id })).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(compare("json", json!({ "dashboardId": 999 })).await.status, StatusCode::NOT_FOUND);

    let validate = async |dashboard: Value| {
        let body = json!({ "dashboard": dashboard });
        let answer = site.post("/api/dashboards/validate", &VIEWER, &body).await;
        (answer.status, answer.text().to_owned())
    };
    assert_eq!(validate(json!(r#"{"title":"T","schemaVersion":41}"#)).await.0, StatusCode::OK);
    let (code, text) = validate(json!(r#"{"title":5,"schemaVersion":41}"#)).await;
    assert!(
        code == StatusCode::UNPROCESSABLE_ENTITY && text.contains("title is not a string"),
        "{text}"
    );
    assert_eq!(validate(json!(r#"{"schemaVersion":16}"#)).await.0, StatusCode::PRECONDITION_FAILED);
    let (code, text) = validate(json!("{\n nope}")).await;
    assert!(code == StatusCode::BAD_REQUEST && text.contains("line 2"), "{text}");
}
