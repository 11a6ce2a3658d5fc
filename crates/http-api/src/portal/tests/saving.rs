//! Dashboards and folders are saved, given versions, closed to some, moved and deleted.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::site::{ADMIN, Answer, As, Site, VIEWER, request};

const EDITOR: As = As::Basic("eddy", "editor password");

impl Site {
    async fn save(&self, who: &As, body: &Value) -> Answer {
        self.post("/api/dashboards/db", who, body).await
    }

    async fn remove(&self, path: &str, who: &As) -> StatusCode {
        self.send(request("DELETE", path, who, Body::empty())).await.status
    }
}

fn board(uid: &str, text: &str) -> Value {
    json!({ "dashboard": { "uid": uid, "title": format!("T {uid}"), "text": text }, "overwrite": true })
}

#[tokio::test]
async fn a_dashboard_grows_versions_and_goes_back() {
    let site = Site::start().await;
    assert_eq!(site.save(&EDITOR, &board("v", "one")).await.json()["version"], 1);
    assert_eq!(site.save(&EDITOR, &board("v", "two")).await.json()["version"], 2);
    let versions = site.get("/api/dashboards/uid/v/versions", &VIEWER).await.json();
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2);
    assert_eq!(versions["versions"][0]["createdBy"], "eddy");
    let first = site.get("/api/dashboards/uid/v/versions/1", &VIEWER).await.json();
    assert_eq!(first["data"]["text"], "one");
    let restore =
        site.post("/api/dashboards/uid/v/restore", &EDITOR, &json!({ "version": 1 })).await;
    assert_eq!(restore.json()["version"], 3);
    let now = site.get("/api/dashboards/uid/v", &VIEWER).await.json();
    assert_eq!(
        (&now["dashboard"]["text"], &now["dashboard"]["version"]),
        (&json!("one"), &json!(3))
    );
    let missing =
        site.post("/api/dashboards/uid/v/restore", &EDITOR, &json!({ "version": 9 })).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_somebody_else_saved_meanwhile_is_not_overwritten() {
    let site = Site::start().await;
    site.save(&EDITOR, &board("c", "one")).await;
    let check = async |version: i64, overwrite: bool, want: u16| {
        let body = json!({
            "dashboard": { "uid": "c", "title": "C", "version": version }, "overwrite": overwrite,
        });
        let answer = site.save(&EDITOR, &body).await;
        assert_eq!(answer.status, want, "{version} {overwrite}: {}", answer.text());
        answer
    };
    let refused = check(99, false, 412).await.json();
    assert_eq!(refused["status"], "version-mismatch");
    check(0, false, 412).await;
    check(1, false, 200).await;
    check(1, true, 200).await;
    let mut with_header = request(
        "POST",
        "/api/dashboards/db",
        &EDITOR,
        Body::from(json!({ "dashboard": { "uid": "c", "title": "C", "version": 3 } }).to_string()),
    );
    with_header.headers_mut().insert("if-match", "\"1\"".parse().unwrap());
    assert_eq!(site.send(with_header).await.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn bad_dashboards_are_refused_with_a_reason() {
    let site = Site::start().await;
    let check = async |body: &str, status: u16, want: &str| {
        let answer = site
            .send(request("POST", "/api/dashboards/db", &EDITOR, Body::from(body.to_owned())))
            .await;
        let start = &body[..body.len().min(100)];
        assert_eq!(answer.status, status, "{start}: {}", answer.text());
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(want), "{start}: {message}");
    };
    check("", 400, "bad request data").await;
    check("[]", 400, "").await;
    check("{\"dashboard\":{}}", 400, "title").await;
    check("{\"dashboard\":5}", 400, "").await;
    check(r#"{"dashboard":{"title":"x","uid":"a/../b"}}"#, 400, "illegal characters").await;
    let long = format!(r#"{{"dashboard":{{"title":"x","uid":"{}"}}}}"#, "u".repeat(41));
    check(&long, 400, "uid too long").await;
    check(r#"{"dashboard":{"title":"x"},"folderUid":"nowhere"}"#, 400, "folder not found").await;
    check(r#"{"dashboard":{"title":"x","id":77}}"#, 404, "not found").await;
    let deep =
        format!(r#"{{"dashboard":{{"title":"x","a":{}1{}}}}}"#, "[".repeat(4000), "]".repeat(4000));
    check(&deep, 400, "nested").await;
}

#[tokio::test]
async fn a_bare_dashboard_is_taken_and_a_provisioned_one_keeps_its_owner() {
    let site = Site::start().await;
    let bare = json!({ "uid": "bare", "title": "Bare" });
    assert_eq!(site.save(&ADMIN, &bare).await.json()["version"], 1);
    assert_eq!(site.save(&ADMIN, &bare).await.json()["version"], 2);
    let provisioned = site.save(&ADMIN, &board("board", "mine")).await;
    assert_eq!(provisioned.status, StatusCode::BAD_REQUEST);
    assert_eq!(provisioned.json()["message"], "Cannot save provisioned dashboard");
    assert_eq!(site.remove("/api/dashboards/uid/board", &ADMIN).await, StatusCode::BAD_REQUEST);
    assert_eq!(site.remove("/api/dashboards/uid/bare", &VIEWER).await, StatusCode::FORBIDDEN);
    assert_eq!(site.remove("/api/dashboards/uid/bare", &ADMIN).await, StatusCode::OK);
    assert_eq!(site.get("/api/dashboards/uid/bare", &ADMIN).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_closed_folder_opens_to_whom_it_was_given() {
    let site = Site::start().await;
    let folder = site.post("/api/folders", &ADMIN, &json!({ "uid": "f", "title": "F" })).await;
    assert_eq!(folder.status, StatusCode::OK, "{}", folder.text());
    let inner = json!({ "uid": "g", "title": "G", "parentUid": "f" });
    assert_eq!(site.post("/api/folders", &ADMIN, &inner).await.status, StatusCode::OK);
    let mut inside = board("in", "x");
    inside["folderUid"] = json!("g");
    assert_eq!(site.save(&ADMIN, &inside).await.status, StatusCode::OK);
    let seen = async |who: &As| site.get("/api/dashboards/uid/in", who).await.status.as_u16();
    assert_eq!((seen(&VIEWER).await, seen(&EDITOR).await), (200, 200));
    // Only Eddy may look.
    let eddy = site.get("/api/users/lookup?loginOrEmail=eddy", &ADMIN).await.json()["id"].clone();
    let items = json!({ "items": [{ "userId": eddy, "permission": 1 }] });
    let permissions = "/api/folders/f/permissions";
    assert_eq!(site.post(permissions, &ADMIN, &items).await.status, StatusCode::OK);
    assert_eq!((seen(&VIEWER).await, seen(&EDITOR).await, seen(&ADMIN).await), (403, 200, 200));
    assert_eq!(site.get("/api/search?query=in", &VIEWER).await.json(), json!([]));
    assert_eq!(site.save(&EDITOR, &inside).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post(permissions, &EDITOR, &items).await.status, StatusCode::FORBIDDEN);
    // A viewer with a permission to edit one dashboard edits that one.
    let vera = site.get("/api/users/lookup?loginOrEmail=vera", &ADMIN).await.json()["id"].clone();
    let grant = format!("/api/access-control/dashboards/in/users/{vera}");
    let given = site.post(&grant, &ADMIN, &json!({ "permission": "Edit" })).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text());
    assert_eq!(site.save(&VIEWER, &board("in", "y")).await.status, StatusCode::OK);
    assert_eq!(site.save(&VIEWER, &board("elsewhere", "y")).await.status, StatusCode::FORBIDDEN);
    let nobody = json!({ "items": [{ "userId": 4000, "permission": 1 }] });
    assert_eq!(site.post(permissions, &ADMIN, &nobody).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn folders_nest_move_and_go_with_what_is_in_them() {
    let site = Site::start().await;
    for (uid, parent) in [("a", ""), ("b", "a"), ("c", "b")] {
        let new = json!({ "uid": uid, "title": uid.to_uppercase(), "parentUid": parent });
        assert_eq!(site.post("/api/folders", &EDITOR, &new).await.status, StatusCode::OK);
    }
    let deepest = site.get("/api/folders/c", &VIEWER).await.json();
    assert_eq!(deepest["parents"][0]["uid"], "a");
    assert_eq!(site.get("/api/folders?parentUid=a", &VIEWER).await.json()[0]["uid"], "b");
    let into_itself = site.post("/api/folders/a/move", &ADMIN, &json!({ "parentUid": "c" })).await;
    assert_eq!(into_itself.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.post("/api/folders/b/move", &ADMIN, &json!({})).await.status, StatusCode::OK);
    let stale = json!({ "title": "New", "version": 77 });
    let update = request("PUT", "/api/folders/a", &ADMIN, Body::from(stale.to_string()));
    assert_eq!(site.send(update).await.status, StatusCode::PRECONDITION_FAILED);
    let mut inside = board("in", "x");
    inside["folderUid"] = json!("c");
    site.save(&ADMIN, &inside).await;
    for (name, kind) in [("panel", 1), ("variable", 2)] {
        let element = json!({ "name": name, "kind": kind, "folderUid": "c", "model": {} });
        let made = site.post("/api/library-elements", &ADMIN, &element).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    }
    let counts = site.get("/api/folders/b/counts", &VIEWER).await.json();
    assert_eq!(counts, json!({ "folder": 1, "dashboard": 1, "librarypanel": 1, "alertrule": 0 }));
    assert_eq!(site.remove("/api/folders/b", &ADMIN).await, StatusCode::OK);
    assert_eq!(site.get("/api/dashboards/uid/in", &ADMIN).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/api/folders/c", &ADMIN).await.status, StatusCode::NOT_FOUND);
    for (body, want) in [
        (json!({ "title": "" }), "Folder title cannot be empty"),
        (json!({ "title": "x", "uid": "a b" }), "uid contains illegal characters"),
        (json!({ "title": "x", "parentUid": "none" }), "parent folder not found"),
    ] {
        let answer = site.post("/api/folders", &ADMIN, &body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["message"].clone()), (400, json!(want)));
    }
}

#[tokio::test]
async fn searches_filter_sort_and_take_hostile_words_as_words() {
    let site = Site::start().await;
    for (uid, title, tags) in
        [("s1", "Alpha one", vec!["x", "y"]), ("s2", "Beta one", vec!["x"]), ("s3", "100%", vec![])]
    {
        let body = json!({ "dashboard": { "uid": uid, "title": title, "tags": tags } });
        site.save(&ADMIN, &body).await;
    }
    let check = async |query: &str, want: &[&str]| {
        let found = site.get(&format!("/api/search?type=dash-db&{query}"), &VIEWER).await.json();
        let uids: Vec<&str> =
            found.as_array().unwrap().iter().map(|hit| hit["uid"].as_str().unwrap()).collect();
        assert_eq!(uids, want, "{query}");
    };
    check("query=ONE", &["s1", "s2"]).await;
    check("query=one&sort=alpha-desc", &["s2", "s1"]).await;
    check("tag=x&tag=y", &["s1"]).await;
    check("query=one&limit=1&page=2", &["s2"]).await;
    check("dashboardUIDs=s3&dashboardUIDs=s1", &["s3", "s1"]).await;
    check("query=%25", &["s3"]).await;
    check("query=%27%20OR%201%3D1%20--", &[]).await;
    check("query=one&folderUIDs=general", &["s1", "s2"]).await;
    assert_eq!(site.get("/api/search?limit=x", &VIEWER).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.get("/api/search?sort=x", &VIEWER).await.status, StatusCode::BAD_REQUEST);
    site.post("/api/user/stars/dashboard/uid/s2", &VIEWER, &json!({})).await;
    check("starred=true", &["s2"]).await;
    let tags = site.get("/api/dashboards/tags", &VIEWER).await.json();
    assert!(tags.as_array().unwrap().contains(&json!({ "term": "x", "count": 2 })));
}
