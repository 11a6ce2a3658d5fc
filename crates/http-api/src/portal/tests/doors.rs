//! Every route of the table against every kind of visitor.

use auth::{Action, Role};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};

use super::site::{ADMIN, ADMIN_PASSWORD, As, Site, VIEWER, request};
use crate::portal::guard::Needs;
use crate::portal::routes::table;

/// The path with its parameters filled in, by things that are not there.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{kind}" => "folders",
        "{subject_kind}" => "users",
        "{*path}" => "api/v1/query",
        "{*page}" => "d/board",
        "{id}" | "{user}" | "{org}" | "{team}" | "{token}" | "{version}" | "{subject}" => "7000",
        "{namespace}" => "default",
        part if part.starts_with('{') => "nothing",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// Somebody, with what they are.
struct Who {
    name: &'static str,
    shown: As,
    role: Role,
    grafana_admin: bool,
}

impl Who {
    fn may(&self, action: Action) -> bool {
        let by_role = action.role_min().is_some_and(|least| self.role >= least);
        let by_server = action == Action::AdministerServer;
        by_role || (self.grafana_admin && by_server)
    }
}

async fn everybody(site: &Site) -> Vec<Who> {
    let user = |name, password, role| Who {
        name,
        shown: As::Basic(name, password),
        role,
        grafana_admin: false,
    };
    let mut all = vec![
        user("nora", "no role at all", Role::None),
        user("vera", "viewer password", Role::Viewer),
        user("eddy", "editor password", Role::Editor),
        user("orla", "org admin password", Role::Admin),
        Who { name: "admin", shown: ADMIN, role: Role::Admin, grafana_admin: true },
        // In an organisation of which they are no member, all but the server's rights are gone.
        Who {
            name: "vera elsewhere",
            shown: As::BasicIn("vera", "viewer password", 4000),
            role: Role::None,
            grafana_admin: false,
        },
        Who {
            name: "admin elsewhere",
            shown: As::BasicIn("admin", ADMIN_PASSWORD, 4000),
            role: Role::None,
            grafana_admin: true,
        },
    ];
    for (name, account_role, token_role, role) in [
        ("viewer token", Role::Viewer, Role::Viewer, Role::Viewer),
        ("editor token", Role::Editor, Role::Editor, Role::Editor),
        ("admin token", Role::Admin, Role::Admin, Role::Admin),
        ("admin's viewer token", Role::Admin, Role::Viewer, Role::Viewer),
    ] {
        let tables = &site.state.tables;
        let account = tables.insert_service_account(1, name, account_role, 0).await.unwrap();
        let token = site.state.accounts.issue_token(1, account, "t", token_role, 0).await.unwrap();
        let shown = As::Bearer(token.1.expose().to_owned());
        all.push(Who { name, shown, role, grafana_admin: false });
    }
    all
}

#[tokio::test]
async fn every_route_opens_to_whom_its_table_entry_says() {
    let site = Site::start().await;
    let everybody = everybody(&site).await;
    for route in table() {
        let path = filled(route.path);
        let place = format!("{} {path}", route.method);
        let answer =
            |who: &As| site.send(request(route.method.as_str(), &path, who, Body::empty()));
        let stranger = answer(&As::Nobody).await;
        let permitted = |who: &Who| match route.needs {
            Needs::Nothing | Needs::OwnPage | Needs::Page => true,
            Needs::Right(action) => who.may(action),
        };
        match route.needs {
            Needs::Nothing | Needs::OwnPage => {
                // Grafana's word for a sign-up that is switched off.
                let closed = route.path == "/api/user/signup";
                assert!(stranger.status != StatusCode::UNAUTHORIZED || closed, "{place}");
                continue;
            }
            Needs::Page => {
                assert_eq!(stranger.status, StatusCode::FOUND, "{place}");
                assert!(stranger.header(&header::LOCATION).starts_with("/login"), "{place}");
            }
            Needs::Right(_) => {
                assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{place}");
                assert_eq!(stranger.json()["message"], "Unauthorized", "{place}");
            }
        }
        for who in &everybody {
            let found = answer(&who.shown).await.status;
            // Grafana's word for choosing an organisation that is not one's own.
            let by_org = route.path.contains("/using/");
            assert!(found != StatusCode::UNAUTHORIZED || by_org, "{place} as {}", who.name);
            assert_ne!(found, StatusCode::INTERNAL_SERVER_ERROR, "{place} as {}", who.name);
            // Where a right depends on the folder, the handler may refuse as well.
            let by_handler = matches!(
                route.needs,
                Needs::Right(Action::WriteDashboards | Action::Annotate | Action::UseOwnAccount)
            );
            let open = permitted(who);
            let fits = if open { by_handler || !refused(found) } else { refused(found) };
            assert!(fits, "{place} as {}: {found}", who.name);
        }
    }
}

#[test]
fn no_two_routes_are_the_same_and_changes_are_audited() {
    let mut seen = std::collections::HashSet::new();
    for route in table() {
        assert!(seen.insert((route.method.clone(), route.path)), "{} {}", route.method, route.path);
        // What changes the server is written down. Questions are asked by POST, too.
        let asks = [
            "query",
            "proxy",
            "resources",
            "variable",
            "login",
            "stars",
            "preferences",
            "validate",
            "calculate-diff",
            "dashboard-view",
        ];
        let changes = !matches!(route.method, Method::GET | Method::HEAD);
        let is_question = asks.iter().any(|word| route.path.contains(word));
        assert!(
            !changes || is_question || !route.audited.is_empty(),
            "{} {} is not audited",
            route.method,
            route.path
        );
    }
}

#[tokio::test]
async fn wrong_passwords_are_refused_everywhere_and_then_slowed_down() {
    let site = Site::start().await;
    let wrong = As::Basic("admin", "wrong");
    for route in table() {
        if matches!(route.needs, Needs::Nothing | Needs::OwnPage) {
            continue;
        }
        let path = filled(route.path);
        let answer = site.send(request(route.method.as_str(), &path, &wrong, Body::empty())).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {path}", route.method);
        assert_eq!(answer.json()["message"], "Invalid username or password");
    }
    // By now the throttle has closed, for the right password too.
    let admin = site.get("/api/user", &ADMIN).await;
    assert_eq!(admin.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/api/user", &VIEWER).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_foreign_page_cannot_act_with_our_cookie() {
    let site = Site::start().await;
    let cookie = site.sign_in().await;
    let star = "/api/user/stars/dashboard/uid/board";
    let send = async |who: &As, name: &'static str, value: &'static str| {
        let mut request = request("POST", star, who, Body::empty());
        request.headers_mut().insert(name, value.parse().unwrap());
        site.send(request).await
    };
    let foreign = send(&cookie, "origin", "http://evil.example").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(foreign.json()["message"], "origin not allowed");
    assert_eq!(send(&cookie, "sec-fetch-site", "cross-site").await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&cookie, "origin", "http://here:3000").await.status, StatusCode::OK);
    assert_eq!(send(&ADMIN, "origin", "http://evil.example").await.status, StatusCode::OK);
    let mut login = request("POST", "/login", &As::Nobody, Body::from("{}"));
    login.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    assert_eq!(site.send(login).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn answers_are_hardened_and_unknown_ones_say_so() {
    let site = Site::start().await;
    for path in ["/login", "/api/health", "/api/search", "/assets/none.js", "/api/nothing"] {
        let answer = site.get(path, &ADMIN).await;
        assert_eq!(answer.header(&header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
        assert_eq!(answer.header(&header::X_FRAME_OPTIONS), "deny", "{path}");
        assert!(!answer.header(&header::REFERRER_POLICY).is_empty(), "{path}");
    }
    let slash = site.get("/api/search/?type=dash-folder", &ADMIN).await;
    assert_eq!(
        (slash.status, slash.json()[0]["type"].as_str()),
        (StatusCode::OK, Some("dash-folder"))
    );
    let unknown = site.get("/api/nothing/here", &ADMIN).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.json()["message"], "Not found");
    let wrong = site.send(request(Method::DELETE.as_str(), "/api/search", &ADMIN, Body::empty()));
    assert_eq!(wrong.await.status, StatusCode::METHOD_NOT_ALLOWED);
}
