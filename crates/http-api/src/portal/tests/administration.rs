//! Organisations, users, teams, service accounts and data sources through the API, as scripts
//! written for Grafana use it.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::site::{ADMIN, ADMIN_PASSWORD, Answer, As, Site, VIEWER, request};

impl Site {
    async fn put(&self, path: &str, who: &As, body: &Value) -> Answer {
        self.send(request("PUT", path, who, Body::from(body.to_string()))).await
    }

    async fn patch(&self, path: &str, who: &As, body: &Value) -> Answer {
        self.send(request("PATCH", path, who, Body::from(body.to_string()))).await
    }

    async fn delete(&self, path: &str, who: &As) -> Answer {
        self.send(request("DELETE", path, who, Body::empty())).await
    }

    async fn new_user(&self, login: &'static str) -> i64 {
        let body = json!({ "login": login, "password": "long enough", "email": format!("{login}@x.test") });
        let answer = self.post("/api/admin/users", &ADMIN, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()["id"].as_i64().unwrap()
    }
}

fn check(answer: &Answer, status: u16, pointer: &str, want: &Value) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json().pointer(pointer), Some(want), "{}", answer.text());
}

#[tokio::test]
async fn users_are_made_changed_and_deleted() {
    let site = Site::start().await;
    let id = site.new_user("ulla").await;
    let ulla = As::Basic("ulla", "long enough");
    check(&site.get("/api/user", &ulla).await, 200, "/login", &json!("ulla"));
    let again = json!({ "login": "ULLA", "password": "long enough" });
    let taken = "User with email '' or username 'ULLA' already exists";
    check(&site.post("/api/admin/users", &ADMIN, &again).await, 412, "/message", &json!(taken));
    let by_mail = site.get("/api/users/lookup?loginOrEmail=ulla@x.test", &ADMIN).await;
    check(&by_mail, 200, "/id", &json!(id));
    let found = site.get("/api/users/search?query=ULL&perpage=5", &ADMIN).await;
    check(&found, 200, "/totalCount", &json!(1));
    let profile = json!({ "login": "ulla", "name": "<script>alert(1)</script>", "email": "" });
    check(&site.put("/api/user", &ulla, &profile).await, 200, "/message", &json!("User updated"));
    let stolen = site.put("/api/user", &ulla, &json!({ "login": "admin" })).await;
    assert_eq!(stolen.status, StatusCode::PRECONDITION_FAILED);
    let named = site.get(&format!("/api/users/{id}"), &ADMIN).await;
    check(&named, 200, "/name", &json!("<script>alert(1)</script>"));
    assert!(named.header(&header::CONTENT_TYPE).starts_with("application/json"));

    let path = format!("/api/admin/users/{id}");
    let new = json!({ "password": "another one" });
    assert_eq!(site.put(&format!("{path}/password"), &ADMIN, &new).await.status, 200);
    assert_eq!(site.get("/api/user", &ulla).await.status, StatusCode::UNAUTHORIZED);
    let ulla = As::Basic("ulla", "another one");
    site.post(&format!("{path}/disable"), &ADMIN, &json!({})).await;
    assert_eq!(site.get("/api/user", &ulla).await.status, StatusCode::UNAUTHORIZED);
    site.post(&format!("{path}/enable"), &ADMIN, &json!({})).await;
    assert_eq!(site.get("/api/user", &ulla).await.status, StatusCode::OK);
    let gone = site.delete(&path, &ADMIN).await;
    check(&gone, 200, "/message", &json!("User deleted"));
    check(&site.delete(&path, &ADMIN).await, 404, "/message", &json!("user not found"));
    let last = site.delete("/api/admin/users/1", &ADMIN).await;
    check(&last, 400, "/message", &json!("Cannot remove last grafana admin"));
    let number = site.get("/api/users/one", &ADMIN).await;
    check(&number, 400, "/message", &json!("id is invalid"));
}

#[tokio::test]
async fn sessions_are_listed_and_revoked() {
    let site = Site::start().await;
    let (here, elsewhere) = (site.sign_in().await, site.sign_in().await);
    let list = site.get("/api/user/auth-tokens", &here).await.json();
    let of = |active: bool| {
        let found = list.as_array().unwrap().iter().find(|s| s["isActive"] == active);
        json!({ "authTokenId": found.unwrap()["id"] })
    };
    let revoke = "/api/user/revoke-auth-token";
    assert_eq!(site.post(revoke, &here, &of(true)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.post(revoke, &here, &of(false)).await.status, StatusCode::OK);
    assert_eq!(site.get("/api/user", &elsewhere).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/api/user", &here).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_organisation_sees_nothing_of_another() {
    let site = Site::start().await;
    let made = site.post("/api/orgs", &ADMIN, &json!({ "name": "Other" })).await;
    let org = made.json()["orgId"].as_i64().unwrap();
    let twice = site.post("/api/orgs", &ADMIN, &json!({ "name": "Other" })).await;
    check(&twice, 409, "/message", &json!("Organization name taken"));
    let own = site.post("/api/orgs", &VIEWER, &json!({ "name": "Mine" })).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let there = As::BasicIn("admin", ADMIN_PASSWORD, org);
    for path in ["/api/datasources", "/api/search", "/api/folders", "/api/org/users?query=vera"] {
        assert_eq!(site.get(path, &there).await.json(), json!([]), "{path}");
    }
    assert_eq!(site.get("/api/dashboards/uid/board", &there).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/api/datasources/uid/own", &there).await.status, StatusCode::NOT_FOUND);
    let health = site.get("/api/datasources/proxy/uid/own/api/v1/query", &there).await;
    assert_eq!(health.status, StatusCode::NOT_FOUND);
    // Its tenant is its own; its sources cannot lead to another's data.
    let source = json!({
        "name": "sneaky", "type": "prometheus", "access": "proxy", "url": "http://localhost:9090",
        "jsonData": { "httpHeaderName1": "X-Scope-OrgID" },
        "secureJsonData": { "httpHeaderValue1": "default" },
    });
    let made = site.post("/api/datasources", &there, &source).await.json();
    let path = format!(
        "/api/datasources/proxy/uid/{}/api/v1/query",
        made["datasource"]["uid"].as_str().unwrap()
    );
    assert_eq!(site.get(&path, &there).await.status, StatusCode::FORBIDDEN);
    // Joining and leaving.
    let join = json!({ "loginOrEmail": "vera", "role": "Editor" });
    let users = format!("/api/orgs/{org}/users");
    assert_eq!(site.post(&users, &ADMIN, &join).await.status, StatusCode::OK);
    let vera = As::BasicIn("vera", "viewer password", org);
    check(&site.get("/api/org", &vera).await, 200, "/name", &json!("Other"));
    let save = json!({ "dashboard": { "title": "Theirs" } });
    assert_eq!(site.post("/api/dashboards/db", &vera, &save).await.status, StatusCode::OK);
    assert_eq!(site.get("/api/search?query=theirs", &ADMIN).await.json(), json!([]));
    let last = site.patch(&format!("{users}/1"), &ADMIN, &json!({ "role": "Viewer" })).await;
    check(&last, 400, "/message", &json!("Cannot remove last organization admin"));
    let deleted = site.delete(&format!("/api/orgs/{org}"), &ADMIN).await;
    check(&deleted, 200, "/message", &json!("Organization deleted"));
    assert_eq!(site.get("/api/search", &vera).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.delete("/api/orgs/1", &ADMIN).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn teams_have_members_and_label_policies() {
    let site = Site::start().await;
    let made = site.post("/api/teams", &ADMIN, &json!({ "name": "Ops" })).await.json();
    let team = format!("/api/teams/{}", made["teamId"]);
    let twice = site.post("/api/teams", &ADMIN, &json!({ "name": "Ops" })).await;
    check(&twice, 409, "/message", &json!("Team name taken"));
    let vera = site.get("/api/users/lookup?loginOrEmail=vera", &ADMIN).await.json()["id"].clone();
    let member = json!({ "userId": vera });
    let members = format!("{team}/members");
    assert_eq!(site.post(&members, &ADMIN, &member).await.status, StatusCode::OK);
    let twice = site.post(&members, &ADMIN, &member).await;
    check(&twice, 400, "/message", &json!("User is already added to this team"));
    check(&site.get(&members, &ADMIN).await, 200, "/0/login", &json!("vera"));
    let found = site.get("/api/teams/search?name=Ops", &ADMIN).await;
    check(&found, 200, "/teams/0/memberCount", &json!(1));
    let bad = site.put(&team, &ADMIN, &json!({ "labelPolicy": "{job=" })).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let policy = json!({ "labelPolicy": "{job=\"a\"}" });
    assert_eq!(site.put(&team, &ADMIN, &policy).await.status, StatusCode::OK);
    // The policy follows the login into every query.
    let password = || auth::Password::new("viewer password".into());
    let identity = site.state.accounts.by_basic("vera", password(), "", None).await.unwrap();
    let scope = site.state.metrics_scope(&identity).unwrap();
    assert_eq!(scope.label_policy().alternatives().len(), 1);
    // Those of a second team add up, and a third one without a policy opens nothing.
    let seen = async |jobs: &[&str]| {
        let identity = site.state.accounts.by_basic("vera", password(), "", None).await.unwrap();
        let scope = site.state.metrics_scope(&identity).unwrap();
        for job in ["a", "b", "c"] {
            let labels = model::Labels::from_pairs([("job", job), ("org", "o")]);
            assert_eq!(scope.label_policy().admits(&labels), jobs.contains(&job), "{job}");
        }
    };
    for (name, policy) in [("Dev", "{job=\"b\"}"), ("All", "")] {
        let made = site.post("/api/teams", &ADMIN, &json!({ "name": name })).await.json();
        let team = format!("/api/teams/{}", made["teamId"]);
        site.post(&format!("{team}/members"), &ADMIN, &member).await;
        site.put(&team, &ADMIN, &json!({ "labelPolicy": policy })).await;
    }
    seen(&["a", "b"]).await;
    // What the organisation demands is demanded besides.
    let own = json!({ "name": "Main Org.", "labelPolicy": "{org=\"o\",job!=\"b\"}" });
    assert_eq!(site.put("/api/orgs/1", &ADMIN, &own).await.status, StatusCode::OK);
    seen(&["a"]).await;
    let own = json!({ "name": "Main Org.", "labelPolicy": "" });
    assert_eq!(site.put("/api/orgs/1", &ADMIN, &own).await.status, StatusCode::OK);
    assert_eq!(site.delete(&team, &ADMIN).await.status, StatusCode::OK);
    seen(&["b"]).await;
}

#[tokio::test]
async fn service_accounts_sign_in_with_tokens_that_expire() {
    let site = Site::start().await;
    let new = json!({ "name": "robot", "role": "Editor" });
    let made = site.post("/api/serviceaccounts", &ADMIN, &new).await;
    check(&made, 201, "/role", &json!("Editor"));
    let tokens = format!("/api/serviceaccounts/{}/tokens", made.json()["id"]);
    let token = site.post(&tokens, &ADMIN, &json!({ "name": "t" })).await.json();
    let key = token["key"].as_str().unwrap();
    assert!(key.starts_with("glsa_"));
    let robot = As::Bearer(key.to_owned());
    let save = json!({ "dashboard": { "title": "By robot" } });
    assert_eq!(site.post("/api/dashboards/db", &robot, &save).await.status, StatusCode::OK);
    assert_eq!(site.post("/api/teams", &robot, &json!({ "name": "x" })).await.status, 403);
    let listed = site.get(&tokens, &ADMIN).await;
    assert!(!listed.text().contains(&key[5..]), "a token is shown once");
    assert!(listed.json()[0]["lastUsedAt"].is_string());
    // As Basic credentials a token is no password.
    let spent =
        site.post(&tokens, &ADMIN, &json!({ "name": "s", "secondsToLive": 1 })).await.json();
    let hash = auth::ServiceToken::parse(spent["key"].as_str().unwrap()).unwrap().hash();
    assert!(site.state.tables.token_owner(hash.as_str()).await.unwrap().is_some());
    let path = format!("{tokens}/{}", token["id"]);
    assert_eq!(site.delete(&path, &ADMIN).await.status, StatusCode::OK);
    let refused = site.get("/api/user", &robot).await;
    check(&refused, 401, "/message", &json!("Invalid API key"));
}

#[tokio::test]
async fn data_sources_are_made_changed_and_deleted_and_keep_their_secrets() {
    let site = Site::start().await;
    let new = json!({
        "name": "New", "type": "prometheus", "access": "proxy", "url": "http://h:1",
        "basicAuth": true, "basicAuthUser": "u",
        "secureJsonData": { "basicAuthPassword": "hush" }, "jsonData": { "timeInterval": "5s" },
    });
    let made = site.post("/api/datasources", &ADMIN, &new).await;
    check(&made, 200, "/message", &json!("Datasource added"));
    check(&made, 200, "/datasource/secureJsonFields/basicAuthPassword", &json!(true));
    assert!(!made.text().contains("hush"));
    let twice = site.post("/api/datasources", &ADMIN, &new).await;
    let taken = "data source with the same name already exists";
    check(&twice, 409, "/message", &json!(taken));
    let uid = made.json()["datasource"]["uid"].as_str().unwrap().to_owned();
    let path = format!("/api/datasources/uid/{uid}");
    let mut changed = new.clone();
    changed["secureJsonData"] = json!({ "httpHeaderValue1": "x" });
    changed["version"] = json!(1);
    let answer = site.put(&path, &ADMIN, &changed).await;
    check(&answer, 200, "/datasource/version", &json!(2));
    check(
        &answer,
        200,
        "/datasource/secureJsonFields",
        &json!({ "basicAuthPassword": true, "httpHeaderValue1": true }),
    );
    assert_eq!(site.put(&path, &ADMIN, &changed).await.status, StatusCode::CONFLICT);
    for body in [
        json!({ "type": "loki", "access": "proxy" }),
        json!({ "name": "x", "access": "proxy" }),
        json!({ "name": "x", "type": "loki", "access": "sideways" }),
        json!({ "name": "x", "type": "loki", "access": "proxy", "url": "file:///etc/passwd" }),
        json!({ "name": "x", "type": "loki", "access": "proxy", "uid": "a/b" }),
        json!([]),
        json!({ "name": { "deep": [] } }),
    ] {
        let answer = site.post("/api/datasources", &ADMIN, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text());
    }
    // What a file provides is the file's.
    let answer = site.delete("/api/datasources/uid/own", &ADMIN).await;
    check(&answer, 403, "/message", &json!("Cannot delete read-only data source"));
    let gone = site.delete("/api/datasources/name/New", &ADMIN).await;
    check(&gone, 200, "/message", &json!("Data source deleted"));
    assert_eq!(site.get(&path, &ADMIN).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn changes_and_refusals_are_in_the_audit_log() {
    let site = Site::start().await;
    site.post("/api/teams", &ADMIN, &json!({ "name": "Ops" })).await;
    site.post("/api/teams", &VIEWER, &json!({ "name": "Mine" })).await;
    let entries = site.get("/api/ui/audit?kind=team", &ADMIN).await.json()["entries"].clone();
    let seen: Vec<[&str; 4]> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|e| ["user", "action", "resource", "outcome"].map(|key| e[key].as_str().unwrap()))
        .collect();
    assert_eq!(
        seen,
        [["vera", "create", "/api/teams", "refused"], ["admin", "create", "/api/teams", "done"]]
    );
    let wrong = json!({ "user": "admin", "password": "wrong" });
    site.post("/login", &As::Nobody, &wrong).await;
    site.sign_in().await;
    let logins = site.get("/api/ui/audit?action=login", &ADMIN).await.json()["entries"].clone();
    assert_eq!((&logins[0]["outcome"], &logins[1]["outcome"]), (&json!("done"), &json!("refused")));
    assert_eq!(site.get("/api/ui/audit", &VIEWER).await.status, StatusCode::FORBIDDEN);
}
