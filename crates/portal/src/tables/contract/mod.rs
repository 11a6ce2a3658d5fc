//! One suite over both databases: what every public statement of the tables promises holds in
//! SQLite and in PostgreSQL.

mod postgres;

use std::collections::HashSet;
use std::sync::Arc;

use crate::tables::{
    AnnotationSearch, AuditSearch, By, ChangeRow, ChangeSearch, CorrelationSearch, FolderRow,
    MAIN_ORG_ID, NewAnnotation, NewAudit, NewCorrelation, NewDashboard, NewDataSource, NewFolder,
    NewLibraryElement, NewSession, NewToken, NewUser, Permission, PlaylistRow, Preferences,
    PreferencesOf, Resource, Room, Subject, TeamRow, UserSearch,
};
use crate::{Database, Seal, TableError, Tables, TablesConfig};
use auth::Role;
use platform::HostRandom;
use postgres::Postgres;
use tempfile::TempDir;

const ROOM: Room = Room { setting: "a limit", rows_max: 100 };

async fn open(dir: &TempDir, database: Database) -> Tables {
    let seal = Seal::open_or_create(&dir.path().join("key"), Arc::new(HostRandom)).unwrap();
    let config = TablesConfig { versions_max: 3, changes_max: 50, ..TablesConfig::default() };
    Tables::open(database, config, seal).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_the_contract() {
    let dir = TempDir::new().unwrap();
    let file = Database::File(dir.path().join("a b%?.db"));
    let tables = open(&dir, file.clone()).await;
    contract(&tables).await;
    backup_while_writing(&dir, &tables).await;
    tables.close().await;
    again(&open(&dir, file).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_keeps_the_contract() {
    let Some(server) = Postgres::start() else { return };
    let dir = TempDir::new().unwrap();
    let database = Database::Postgres(server.url("postgres"));
    let tables = open(&dir, database.clone()).await;
    contract(&tables).await;
    assert!(!tables.backup(&dir.path().join("copy.db")).await.unwrap());
    tables.close().await;
    again(&open(&dir, database).await).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let dir = TempDir::new().unwrap();
    let url = "postgres://u:hush@127.0.0.1:1/d".to_owned();
    let seal = Seal::open_or_create(&dir.path().join("key"), Arc::new(HostRandom)).unwrap();
    let config = TablesConfig {
        busy_timeout: std::time::Duration::from_millis(100),
        ..TablesConfig::default()
    };
    let error = Tables::open(Database::Postgres(url), config, seal).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("127.0.0.1:1/d") && !text.contains("hush"), "{text}");
}

async fn contract(t: &Tables) {
    t.ping().await.unwrap();
    let (ada, bob) = users(t).await;
    let org = orgs(t, ada, bob).await;
    teams(t, org, bob).await;
    service_accounts(t, org).await;
    sessions(t, ada).await;
    let board = dashboards(t, org, ada).await;
    folders(t, org, board).await;
    data_sources(t, org).await;
    undone(t, org).await;
    correlations(t, org).await;
    permissions(t, org, bob).await;
    small_things(t, org, ada).await;
    annotations(t, org).await;
    goes_along(t, org, ada).await;
    concurrent_writers(t).await;
    everything_goes_with_its_organisation(t, org, ada).await;
}

/// What a restart finds.
async fn again(t: &Tables) {
    assert_eq!(t.setting("k").await.unwrap().as_deref(), Some("w"));
    assert_eq!(t.org(MAIN_ORG_ID).await.unwrap().unwrap().name, "Main Org.");
    let row = t.dashboard(MAIN_ORG_ID, "w49").await.unwrap().unwrap();
    assert_eq!(row.received, "{}");
}

#[expect(clippy::needless_pass_by_value, reason = "the result is not wanted any more")]
fn is_taken<T: std::fmt::Debug>(result: Result<T, TableError>) {
    assert!(matches!(result, Err(TableError::Taken { .. })), "{result:?}");
}

fn at(now_ms: i64) -> By<'static> {
    By { user_id: 7, name: "ada", now_ms }
}

async fn users(t: &Tables) -> (i64, i64) {
    let user = |login: &'static str| NewUser {
        login,
        email: "",
        name: "",
        password_hash: "h",
        org_id: MAIN_ORG_ID,
        role: Role::Editor,
        grafana_admin: false,
        must_change_password: false,
    };
    let ada = t.insert_user(&user("Ada"), 1).await.unwrap();
    let bob = t.insert_user(&user("bob"), 2).await.unwrap();
    is_taken(t.insert_user(&user("ADA"), 3).await);
    assert_eq!(t.count_users().await.unwrap(), 2);
    assert_eq!(t.user_by_login("aDa").await.unwrap().unwrap().id, ada);
    assert!(t.user_by_id(999).await.unwrap().is_none());
    assert!(t.update_profile(bob, ("bob", "b_%@x", "Bo"), 4).await.unwrap());
    is_taken(t.update_profile(bob, ("ada", "", ""), 4).await);
    let search = UserSearch { query: "_%@", limit: 10, offset: 0 };
    assert_eq!(t.search_users(&search).await.unwrap().1, 1, "no pattern, but text");
    t.set_password(bob, "h2", 5).await.unwrap();
    assert!(t.set_grafana_admin(bob, true).await.unwrap());
    assert!(t.set_disabled(bob, true).await.unwrap() && !t.set_disabled(999, true).await.unwrap());
    t.touch_user(bob, 6).await.unwrap();
    let row = t.user_by_id(bob).await.unwrap().unwrap();
    assert_eq!(
        (row.password_hash.as_str(), row.grafana_admin, row.disabled, row.seen_ms),
        ("h2", true, true, 6)
    );
    assert_eq!(t.logins().await.unwrap()[&ada], "Ada");
    (ada, bob)
}

async fn orgs(t: &Tables, ada: i64, bob: i64) -> i64 {
    let org = t.insert_org("Second", 1).await.unwrap();
    is_taken(t.insert_org("Second", 1).await);
    let mut row = t.org_by_name("Second").await.unwrap().unwrap();
    assert_eq!((row.id, row.tenant.clone()), (org, format!("org-{org}")));
    row.label_policy = "{a=\"b\"}".into();
    assert!(t.update_org(&row, at(2)).await.unwrap());
    is_taken(t.update_org(&crate::tables::OrgRow { name: "Main Org.".into(), ..row }, at(2)).await);
    assert_eq!(t.orgs().await.unwrap().len(), 2);
    t.add_org_user(org, ada, Role::Admin, 1).await.unwrap();
    is_taken(t.add_org_user(org, ada, Role::Admin, 1).await);
    t.add_org_user(org, bob, Role::Viewer, 1).await.unwrap();
    assert!(t.set_org_role(org, bob, Role::Editor).await.unwrap());
    assert_eq!(t.org_role(org, bob).await.unwrap(), Some(Role::Editor));
    assert_eq!(t.org_users(org).await.unwrap().len(), 2);
    assert_eq!(t.orgs_of_user(ada).await.unwrap().len(), 2);
    t.set_current_org(ada, org).await.unwrap();
    org
}

async fn teams(t: &Tables, org: i64, bob: i64) {
    let team = |name: &str| TeamRow {
        id: 0,
        org_id: org,
        uid: name.to_lowercase(),
        name: name.to_owned(),
        email: String::new(),
        label_policy: String::new(),
        provisioned_from: String::new(),
        members: 0,
        created_ms: 0,
        updated_ms: 0,
    };
    let id = t.insert_team(&team("Ops"), 1).await.unwrap();
    is_taken(t.insert_team(&team("Ops"), 1).await);
    t.add_team_member(id, bob, 0, 1).await.unwrap();
    is_taken(t.add_team_member(id, bob, 0, 1).await);
    assert!(t.set_team_permission(id, bob, 4).await.unwrap());
    assert_eq!(t.team_members(id).await.unwrap()[0].permission, 4);
    let row = t.team(org, "ops").await.unwrap().unwrap();
    assert_eq!((row.id, row.members), (id, 1));
    assert!(t.team(org, &id.to_string()).await.unwrap().is_some());
    assert!(t.update_team(&TeamRow { email: "e".into(), ..row }, 2).await.unwrap());
    assert_eq!(t.teams(org, "OP", "").await.unwrap().len(), 1);
    assert_eq!(t.teams(org, "", "Nobody").await.unwrap().len(), 0);
    assert_eq!(t.teams_of_user(org, bob).await.unwrap().len(), 1);
    assert!(t.remove_team_member(id, bob).await.unwrap());
    assert!(!t.remove_team_member(id, bob).await.unwrap());
    assert!(t.delete_team(org, id).await.unwrap() && !t.delete_team(org, id).await.unwrap());
}

async fn service_accounts(t: &Tables, org: i64) {
    let id = t.insert_service_account(org, "robot", Role::Viewer, 1).await.unwrap();
    is_taken(t.insert_service_account(org, "robot", Role::Viewer, 1).await);
    let mut row = t.service_account(org, id).await.unwrap().unwrap();
    row.role = Role::Admin;
    t.update_service_account(org, &row, 2).await.unwrap();
    assert_eq!(t.service_accounts(org, "rob").await.unwrap()[0].role, Role::Admin);
    let token = NewToken { name: "t", hash: "hash", role: Role::Viewer, expires_ms: 0 };
    let token_id = t.insert_token(org, id, &token, 1).await.unwrap();
    is_taken(t.insert_token(org, id, &token, 1).await);
    t.touch_token(token_id, 9).await.unwrap();
    assert_eq!(t.token_owner("hash").await.unwrap().unwrap().service_account_id, id);
    assert_eq!(t.tokens(org, id).await.unwrap()[0].used_ms, 9);
    assert!(t.delete_token(org, id, token_id).await.unwrap());
    assert!(t.token_owner("hash").await.unwrap().is_none());
    assert!(t.delete_user(id).await.unwrap());
}

async fn sessions(t: &Tables, ada: i64) {
    for hash in ["one", "two", "old"] {
        let session = NewSession { user_id: ada, token_hash: hash, address: "a", user_agent: "u" };
        t.insert_session(&session, if hash == "old" { 1 } else { 100 }).await.unwrap();
    }
    let one = t.session_by_token("one").await.unwrap().unwrap();
    assert!(t.rotate_session(one.id, "one", "uno", 110).await.unwrap());
    assert!(!t.rotate_session(one.id, "one", "eins", 110).await.unwrap(), "only once");
    assert!(t.session_by_token("one").await.unwrap().unwrap().by_previous_token);
    t.touch_session(one.id, 120).await.unwrap();
    assert_eq!(t.delete_expired_sessions(50, 50).await.unwrap(), 1);
    assert_eq!(t.sessions_of(ada).await.unwrap().len(), 2);
    t.delete_other_sessions(ada, one.id).await.unwrap();
    assert!(t.session_by_token("two").await.unwrap().is_none());
    assert!(t.delete_session_of(ada, one.id).await.unwrap());
    t.delete_session("uno").await.unwrap();
}

fn board<'a>(uid: &'a str, title: &'a str) -> NewDashboard<'a> {
    NewDashboard { uid, title, slug: title, received: "{}", ..NewDashboard::default() }
}

async fn dashboards(t: &Tables, org: i64, ada: i64) -> i64 {
    let first = t.save_dashboard(org, &board("b", "One"), 1).await.unwrap();
    let seen = NewDashboard { seen_version: Some(1), author: ada, ..board("b", "Two") };
    assert_eq!(t.save_dashboard(org, &seen, 2).await.unwrap().version, 2);
    let stale = t.save_dashboard(org, &seen, 3).await;
    assert!(matches!(stale, Err(TableError::VersionMismatch)));
    let other_org = t.save_dashboard(MAIN_ORG_ID, &board("b", "Elsewhere"), 1).await.unwrap();
    assert_ne!(other_org.id, first.id);
    for n in 3..6 {
        t.save_dashboard(org, &board("b", "More"), n).await.unwrap();
    }
    let versions = t.dashboard_versions(first.id, 10, 0).await.unwrap();
    assert_eq!(versions.iter().map(|v| v.version).collect::<Vec<_>>(), [5, 4, 3], "three are kept");
    assert!(t.dashboard_version(first.id, 2).await.unwrap().is_none());
    assert_eq!(t.dashboard_version(first.id, 5).await.unwrap().unwrap().received, "{}");
    t.save_dashboard(org, &board("a", "A"), 6).await.unwrap();
    let some = t.dashboards(org, &["b", "none", "a"]).await.unwrap();
    assert_eq!(some.iter().map(|row| row.uid.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert!(t.delete_dashboard(org, "a", at(6)).await.unwrap());
    assert_eq!(t.dashboard_uid_by_id(org, first.id).await.unwrap().as_deref(), Some("b"));
    assert_eq!(t.dashboard_uid_by_title(org, "", "More").await.unwrap().as_deref(), Some("b"));
    let from_file = NewDashboard {
        provisioned_by: "P",
        provisioned_from: "f",
        checksum: "c",
        drifted: true,
        ..board("p", "File")
    };
    t.save_dashboards(org, &[from_file, board("q", "Q")], 7).await.unwrap();
    let rows = t.provisioned_dashboards().await.unwrap();
    assert_eq!((rows.len(), rows[0].drifted, rows[0].version), (1, true, 1));
    assert!(t.settle_dashboard(org, "p", 1, "d").await.unwrap());
    assert!(!t.settle_dashboard(org, "p", 9, "d").await.unwrap());
    assert!(!t.dashboard(org, "p").await.unwrap().unwrap().drifted);
    t.unsettle_dashboard(org, "p", "c").await.unwrap();
    assert!(t.dashboard(org, "p").await.unwrap().unwrap().drifted);
    t.unprovision_dashboard(org, "p").await.unwrap();
    assert!(t.provisioned_dashboards().await.unwrap().is_empty());
    assert!(t.delete_dashboard(org, "p", at(8)).await.unwrap());
    assert!(!t.delete_dashboard(org, "p", at(8)).await.unwrap());
    first.id
}

async fn folders(t: &Tables, org: i64, board_id: i64) {
    let folder = |uid, parent_uid, title| NewFolder { uid, parent_uid, title, description: "" };
    let id = t.insert_folder(org, &folder("f", "", "Top"), at(1)).await.unwrap();
    is_taken(t.insert_folder(org, &folder("f", "", "Top"), at(1)).await);
    t.ensure_folder(org, &folder("f", "", "Renamed"), at(2)).await.unwrap();
    t.ensure_folder(org, &folder("g", "f", "Inner"), at(2)).await.unwrap();
    assert_eq!(t.folder_by_id(org, id).await.unwrap().unwrap().title, "Renamed");
    let inner = t.folder_by_title(org, "f", "Inner").await.unwrap().unwrap();
    let moved = FolderRow { parent_uid: String::new(), ..inner };
    assert!(t.update_folder(org, &moved, at(3)).await.unwrap());
    assert!(!t.update_folder(org, &moved, at(3)).await.unwrap(), "at that version no more");
    assert_eq!(t.folders(org).await.unwrap().len(), 2);
    assert!(t.move_dashboard(org, "b", "g").await.unwrap());
    assert_eq!(t.dashboard(org, "b").await.unwrap().unwrap().folder_title, "Inner");
    let listing = t.listing(org).await.unwrap();
    assert!(listing.folder("g").is_some() && listing.rows.len() == 4);
    t.delete_folders(org, &["g".to_owned()], at(4)).await.unwrap();
    assert!(t.dashboard_versions(board_id, 9, 0).await.unwrap().is_empty(), "versions go, too");
    assert!(t.folder(org, "g").await.unwrap().is_none());
}

fn source(uid: &str, name: &str) -> NewDataSource {
    NewDataSource {
        uid: uid.into(),
        name: name.into(),
        kind: "loki".into(),
        json_data: "{}".into(),
        is_default: true,
        secure_json_data: [("token".to_owned(), "hush".to_owned())].into_iter().collect(),
        ..NewDataSource::default()
    }
}

async fn data_sources(t: &Tables, org: i64) {
    let id = t.insert_data_source(org, &source("s", "S"), at(1)).await.unwrap();
    is_taken(t.insert_data_source(org, &source("s", "Other"), at(1)).await);
    is_taken(t.insert_data_source(org, &source("other", "S"), at(1)).await);
    assert_eq!(t.save_data_source(org, &source("s2", "S"), at(2)).await.unwrap(), id, "by name");
    assert_eq!(
        t.save_data_source(org, &source("s2", "Renamed"), at(3)).await.unwrap(),
        id,
        "by uid"
    );
    let second = t.insert_data_source(org, &source("x", "X"), at(4)).await.unwrap();
    let rows = t.data_sources(org).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.source.is_default).count(), 1);
    assert_eq!(rows[0].source.secure_json_data.get("token"), Some("hush"));
    assert!(t.update_data_source(org, id, &source("s2", "Again"), at(5)).await.unwrap());
    is_taken(t.update_data_source(org, id, &source("x", "Again"), at(5)).await);
    t.raise_data_source_version(org, second, 7).await.unwrap();
    t.raise_data_source_version(org, second, 3).await.unwrap();
    let rows = t.data_sources(org).await.unwrap();
    assert_eq!(rows.iter().find(|row| row.id == second).unwrap().version, 7);
    assert_eq!(t.reseal().await.unwrap(), 2);
    assert!(t.delete_data_source(org, "x", at(6)).await.unwrap());
    assert!(!t.delete_data_source(org, "x", at(6)).await.unwrap());
    changes(t, org, id, second).await;
}

/// What the history of data sources says after the above, and taking it back step by step.
async fn changes(t: &Tables, org: i64, id: i64, second: i64) {
    let search = ChangeSearch { kind: "data source".into(), limit: 100, ..ChangeSearch::default() };
    let all = t.changes(org, &search).await.unwrap();
    let told: Vec<_> = all.iter().map(|c| (c.subject.as_str(), c.version, c.at_ms)).collect();
    // Three versions are kept of each; those between are parts: the default went elsewhere.
    assert_eq!(told, [("X", 3, 6), ("Again", 5, 5), ("X", 1, 4), ("Renamed", 3, 3)]);
    assert_eq!(all[0].author, "ada");
    assert!(all[0].after.is_none() && all[2].before.is_none());
    let secrets = &all[1].before.as_ref().unwrap()["secure_json_data"];
    assert_eq!(secrets["token"], "configured");
    // The deleted source comes back under its old id, with its secrets.
    assert!(t.undo_change(org, all[0].id, false, at(8)).await.unwrap());
    let rows = t.data_sources(org).await.unwrap();
    let back = rows.iter().find(|row| row.id == second).unwrap();
    assert_eq!(back.source.secure_json_data.get("token"), Some("hush"));
    assert_eq!(rows.iter().filter(|row| row.source.is_default).count(), 1);
    // A change that is not the last one is taken back only by force.
    let refused = t.undo_change(org, all[3].id, false, at(9)).await;
    assert!(matches!(refused, Err(TableError::VersionMismatch)), "{refused:?}");
    assert!(t.undo_change(org, all[3].id, true, at(9)).await.unwrap());
    let rows = t.data_sources(org).await.unwrap();
    assert_eq!(rows.iter().find(|row| row.id == id).unwrap().source.name, "S");
    assert!(!t.undo_change(org, 7_000_000, false, at(9)).await.unwrap());
    let last = t.changes(org, &search).await.unwrap().remove(0);
    assert_eq!((last.undoes, last.version), (all[3].id, 6));
    // Undoing the creation deletes.
    let third = t.insert_data_source(org, &source("y", "Y"), at(10)).await.unwrap();
    let made = newest(t, org, "data source").await;
    assert!(t.undo_change(org, made.id, false, at(10)).await.unwrap());
    assert!(t.data_sources(org).await.unwrap().iter().all(|row| row.id != third));
    assert!(t.delete_data_source(org, "x", at(10)).await.unwrap());
    t.set_quota((org, 0), "dashboard", 5, at(11)).await.unwrap();
    t.set_quota((org, 0), "folder", 2, at(12)).await.unwrap();
    let search = ChangeSearch { kind: "quotas".into(), limit: 1, ..ChangeSearch::default() };
    let last = t.changes(org, &search).await.unwrap().remove(0);
    assert!(t.undo_change(org, last.id, false, at(13)).await.unwrap());
    assert_eq!(
        t.quotas(org, 0).await.unwrap().into_iter().collect::<Vec<_>>(),
        [("dashboard".to_owned(), 5)]
    );
}

/// What the newest change of a kind is.
async fn newest(t: &Tables, org: i64, kind: &str) -> ChangeRow {
    let search = ChangeSearch { kind: kind.into(), limit: 1, ..ChangeSearch::default() };
    t.changes(org, &search).await.unwrap().remove(0)
}

async fn undone(t: &Tables, org: i64) {
    let element = |uid: &str, folder_uid: &str| NewLibraryElement {
        uid: uid.into(),
        folder_uid: folder_uid.into(),
        name: uid.to_uppercase(),
        kind: 1,
        model: "{}".into(),
        ..NewLibraryElement::default()
    };
    let folder = |uid, parent_uid, title| NewFolder { uid, parent_uid, title, description: "" };
    t.insert_folder(org, &folder("u", "", "Up"), at(20)).await.unwrap();
    t.insert_folder(org, &folder("v", "u", "Down"), at(21)).await.unwrap();
    t.insert_library_element(org, &element("e", "v"), ROOM, at(22)).await.unwrap();
    let inside = NewDashboard { folder_uid: "v", ..board("d", "Inside") };
    let id = t.save_dashboard(org, &inside, 23).await.unwrap().id;
    let on = Resource::Folder("u");
    let viewer = Subject::Role("Viewer".into());
    t.set_permission(org, on, &viewer, Some(Permission::View), 24).await.unwrap();
    // The whole tree goes and comes back, permissions included.
    let tree = ["u".to_owned(), "v".to_owned()];
    t.delete_folders(org, &tree, at(25)).await.unwrap();
    let gone = newest(t, org, "folder").await;
    assert_eq!((gone.subject.as_str(), gone.part_of), ("Up", 0));
    let kinds = t.deleted_with_change(org, gone.id).await.unwrap();
    let one_of = |kind: &str| (kind.to_owned(), 1);
    assert_eq!(kinds, ["folder", "library element", "dashboard"].map(one_of).into());
    assert_eq!(t.change_part_counts(org, gone.id, gone.id).await.unwrap()[&gone.id], 3);
    let part = t.change(org, gone.id + 1).await.unwrap().unwrap();
    assert_eq!(part.part_of, gone.id);
    let alone = t.undo_change(org, part.id, true, at(26)).await;
    assert!(matches!(alone, Err(TableError::PartOfChange { .. })), "{alone:?}");
    assert!(t.undo_change(org, gone.id, false, at(26)).await.unwrap());
    assert_eq!(t.folder(org, "v").await.unwrap().unwrap().parent_uid, "u");
    assert_eq!(t.library_element(org, "e").await.unwrap().unwrap().element.name, "E");
    let back = t.dashboard(org, "d").await.unwrap().unwrap();
    assert_eq!((back.id, back.folder_title.as_str()), (id, "Down"));
    assert_eq!(t.dashboard_versions(id, 9, 0).await.unwrap()[0].restored_from, 1);
    assert_eq!(t.permissions_on(org, on).await.unwrap().len(), 1);
    // Another thing may have the number of a deleted one.
    let playlist = |uid: &str| PlaylistRow { uid: uid.into(), ..PlaylistRow::default() };
    t.insert_playlist(org, &playlist("first"), ROOM, at(30)).await.unwrap();
    assert!(t.delete_playlist(org, "first", at(31)).await.unwrap());
    let gone = newest(t, org, "playlist").await;
    t.insert_playlist(org, &playlist("second"), ROOM, at(32)).await.unwrap();
    assert!(t.undo_change(org, gone.id, true, at(33)).await.unwrap());
    let both = [t.playlist(org, "first").await, t.playlist(org, "second").await];
    assert!(both.iter().all(|row| row.as_ref().unwrap().is_some()), "{both:?}");
    // A dashboard uses the element: neither its folder nor it itself goes.
    let uses = r#"{"title":"T","panels":[{"id":1,"libraryPanel":{"uid":"e"}}]}"#;
    t.save_dashboard(org, &NewDashboard { received: uses, ..board("l", "L") }, 34).await.unwrap();
    let refused = t.delete_folders(org, &tree, at(35)).await;
    assert!(matches!(refused, Err(TableError::InUse)), "{refused:?}");
    let refused = t.delete_library_element(org, "e", at(35)).await;
    assert!(matches!(refused, Err(TableError::InUse)), "{refused:?}");
    assert!(t.delete_dashboard(org, "l", at(36)).await.unwrap());
    // The list does not read what the dashboard was; the change itself has it.
    let listed = newest(t, org, "dashboard").await;
    assert_eq!((listed.before, listed.after), (Some(serde_json::Map::new()), None));
    let whole = t.change(org, listed.id).await.unwrap().unwrap();
    assert_eq!(whole.before.unwrap()["received"], uses);
    assert!(t.delete_library_element(org, "e", at(37)).await.unwrap());
    let element_gone = newest(t, org, "library element").await;
    // Its folder is gone by then.
    t.delete_folders(org, &["v".to_owned()], at(38)).await.unwrap();
    let refused = t.undo_change(org, element_gone.id, false, at(39)).await;
    assert!(matches!(refused, Err(TableError::NoPlace)), "{refused:?}");
    t.delete_folders(org, &["u".to_owned()], at(39)).await.unwrap();
    defaults_and_files(t, org).await;
}

async fn defaults_and_files(t: &Tables, org: i64) {
    let default = async || -> Vec<String> {
        let rows = t.data_sources(org).await.unwrap().into_iter();
        rows.filter(|row| row.source.is_default).map(|row| row.source.uid).collect()
    };
    t.insert_data_source(org, &source("m", "M"), at(40)).await.unwrap();
    let id = t.insert_data_source(org, &source("n", "N"), at(41)).await.unwrap();
    assert_eq!(default().await, ["n"]);
    let made = newest(t, org, "data source").await;
    // What else was changed of the displaced one stays.
    let displaced = t.data_sources(org).await.unwrap();
    let displaced = displaced.iter().find(|row| row.source.uid == "m").unwrap();
    let moved = NewDataSource { url: "http://moved".into(), ..displaced.source.clone() };
    assert!(t.update_data_source(org, displaced.id, &moved, at(42)).await.unwrap());
    assert!(t.undo_change(org, made.id, false, at(43)).await.unwrap());
    assert_eq!(default().await, ["m"]);
    let rows = t.data_sources(org).await.unwrap();
    let back = rows.iter().find(|row| row.source.uid == "m").unwrap();
    assert_eq!(back.source.url, "http://moved");
    assert!(rows.iter().all(|row| row.id != id));
    // A file has taken it over: nothing is undone, even by force.
    let by_file = NewDataSource { read_only: true, ..back.source.clone() };
    t.save_data_source(org, &by_file, By::provisioning(44)).await.unwrap();
    let changes = ChangeSearch { kind: "data source".into(), limit: 9, ..ChangeSearch::default() };
    let changes = t.changes(org, &changes).await.unwrap();
    let moved = changes.iter().find(|row| row.subject == "M" && row.at_ms == 42).unwrap();
    let refused = t.undo_change(org, moved.id, true, at(45)).await;
    assert!(matches!(refused, Err(TableError::Provisioned)), "{refused:?}");
    assert!(t.delete_data_source(org, "m", at(46)).await.unwrap());
    // Of each thing three changes are kept, and of the organisation so many.
    for n in 0..60 {
        let row = PlaylistRow { uid: format!("p{n}"), ..PlaylistRow::default() };
        t.insert_playlist(org, &row, ROOM, at(50)).await.unwrap();
    }
    let all = ChangeSearch { limit: 1_000, ..ChangeSearch::default() };
    assert_eq!(t.changes(org, &all).await.unwrap().len(), 50);
}

/// What belongs to a dashboard goes with it, whether it goes alone or with its folder.
async fn goes_along(t: &Tables, org: i64, ada: i64) {
    let file = By::provisioning(60);
    for with_folder in [false, true] {
        let folder = NewFolder { uid: "box", parent_uid: "", title: "Box", description: "" };
        t.insert_folder(org, &folder, at(60)).await.unwrap();
        let element = NewLibraryElement { uid: "knob".into(), ..NewLibraryElement::default() };
        t.insert_library_element(org, &element, ROOM, at(60)).await.unwrap();
        let uses = r#"{"title":"T","panels":[{"id":1,"libraryPanel":{"uid":"knob"}}]}"#;
        let boxed = NewDashboard { folder_uid: "box", received: uses, ..board("lid", "Lid") };
        t.save_dashboard(org, &boxed, 60).await.unwrap();
        t.star(org, ada, "lid", 60).await.unwrap();
        let note = NewAnnotation { dashboard_uid: "lid".into(), ..NewAnnotation::default() };
        let note = t.insert_annotation(org, &note, ROOM, 60).await.unwrap();
        let on = Resource::Dashboard("lid");
        let viewer = Subject::Role("Viewer".into());
        t.set_permission(org, on, &viewer, Some(Permission::View), 60).await.unwrap();
        assert_eq!(t.library_connections(org, "knob").await.unwrap(), ["lid"]);
        if !with_folder {
            assert!(t.delete_dashboard(org, "lid", file).await.unwrap());
            // Its file is gone: nobody undoes that.
            let lids = ChangeSearch { kind: "dashboard".into(), limit: 9, ..Default::default() };
            assert!(t.changes(org, &lids).await.unwrap().iter().all(|row| row.subject != "Lid"));
        }
        t.delete_folders(org, &["box".to_owned()], at(61)).await.unwrap();
        assert!(!t.delete_dashboard(org, "lid", at(61)).await.unwrap());
        assert!(!t.stars(org, ada).await.unwrap().contains(&"lid".to_owned()));
        assert!(t.annotation(org, note).await.unwrap().is_none());
        assert!(t.permissions_on(org, on).await.unwrap().is_empty());
        assert!(t.library_connections(org, "knob").await.unwrap().is_empty());
        assert!(t.delete_library_element(org, "knob", at(61)).await.unwrap());
    }
    // Of a data source it is written down also when its file is gone.
    t.insert_data_source(org, &source("f", "F"), at(62)).await.unwrap();
    assert!(t.delete_data_source(org, "f", file).await.unwrap());
    let gone = newest(t, org, "data source").await;
    assert!(gone.subject == "F" && gone.after.is_none(), "{gone:?}");
}

async fn correlations(t: &Tables, org: i64) {
    let link = |uid: &str, provisioned| NewCorrelation {
        uid: uid.into(),
        source_uid: "s2".into(),
        target_uid: "t".into(),
        kind: "query".into(),
        config: "{}".into(),
        provisioned,
        ..NewCorrelation::default()
    };
    t.insert_correlation(org, &link("a", false), ROOM, 1).await.unwrap();
    is_taken(t.insert_correlation(org, &link("a", false), ROOM, 1).await);
    for _ in 0..2 {
        let files = [link("b", true), link("c", true)];
        t.replace_provisioned_correlations(org, "s2", &files, 2).await.unwrap();
    }
    let labelled = NewCorrelation { label: "l".into(), ..link("a", false) };
    assert!(t.update_correlation(org, &labelled).await.unwrap());
    let row = t.correlation(org, "s2", "a").await.unwrap().unwrap();
    assert_eq!(row.correlation.label, "l");
    let search = CorrelationSearch { limit: 2, ..CorrelationSearch::default() };
    let (page, total) = t.correlations(org, &search).await.unwrap();
    assert_eq!((page.len(), total), (2, 3));
    assert!(t.delete_correlation(org, "s2", "a").await.unwrap());
    assert!(t.delete_data_source(org, "s2", at(7)).await.unwrap());
    assert_eq!(t.correlations(org, &search).await.unwrap().1, 0, "they go with their source");
}

async fn permissions(t: &Tables, org: i64, bob: i64) {
    let on = Resource::Folder("f");
    let viewer = Subject::Role("Viewer".into());
    for permission in [Some(Permission::View), Some(Permission::Edit)] {
        t.set_permission(org, on, &Subject::User(bob), permission, 1).await.unwrap();
    }
    t.set_permission(org, on, &viewer, Some(Permission::View), 1).await.unwrap();
    assert_eq!(t.permissions_on(org, on).await.unwrap().len(), 2);
    t.set_permission(org, on, &viewer, None, 1).await.unwrap();
    t.replace_permissions(org, on, &[(Subject::Team(1), Permission::Admin)], 2).await.unwrap();
    let rows = t.permissions(org).await.unwrap();
    assert_eq!((rows.len(), rows[0].permission), (1, Permission::Admin));
}

async fn small_things(t: &Tables, org: i64, ada: i64) {
    for value in ["v", "w"] {
        t.set_setting("k", value).await.unwrap();
    }
    assert_eq!(t.setting("none").await.unwrap(), None);
    // Kept, or refused by its name.
    let nul = t.set_setting("n", "a\0b").await;
    assert!(matches!(nul, Ok(()) | Err(TableError::Nul)), "{nul:?}");
    for _ in 0..2 {
        t.star(org, ada, "q", 1).await.unwrap();
    }
    assert_eq!(t.stars(org, ada).await.unwrap(), ["q"]);
    assert!(t.is_starred(org, ada, "q").await.unwrap());
    t.unstar(org, ada, "q").await.unwrap();
    assert!(!t.is_starred(org, ada, "q").await.unwrap());
    let dark = Preferences { theme: "dark".into(), ..Preferences::default() };
    for _ in 0..2 {
        t.set_preferences(org, PreferencesOf::User(ada), &dark, at(1)).await.unwrap();
    }
    assert_eq!(t.preferences(org, PreferencesOf::User(ada)).await.unwrap().theme, "dark");
    let entry = NewAudit {
        org_id: org,
        actor_id: ada,
        actor: "Ada",
        address: "",
        action: "create",
        kind: "team",
        resource: "r",
        outcome: "done",
        detail: "",
    };
    t.insert_audit(&entry, 5).await.unwrap();
    let search = AuditSearch { limit: 10, to_ms: 100, ..AuditSearch::default() };
    assert_eq!(t.audit(&search).await.unwrap()[0].actor, "Ada");
}

async fn annotations(t: &Tables, org: i64) {
    let note = |text: &str| NewAnnotation {
        dashboard_uid: "q".into(),
        panel_id: 1,
        user_id: 0,
        time_ms: 10,
        time_end_ms: 20,
        text: text.into(),
        tags: vec!["deploy".into(), text.into()],
        data: "{}".into(),
    };
    let id = t.insert_annotation(org, &note("a"), ROOM, 1).await.unwrap();
    let full = Room { rows_max: 1, ..ROOM };
    assert!(t.insert_annotation(org, &note("b"), full, 1).await.is_err());
    assert!(t.update_annotation(org, id, &note("c"), 2).await.unwrap());
    assert_eq!(t.annotation(org, id).await.unwrap().unwrap().annotation.text, "c");
    let search = AnnotationSearch {
        to_ms: 100,
        tags: vec!["deploy".into()],
        limit: 10,
        ..AnnotationSearch::default()
    };
    assert_eq!(t.annotations(org, &search).await.unwrap().len(), 1);
    assert!(!t.annotation_tags(org).await.unwrap().is_empty());
    assert!(t.delete_annotation(org, id).await.unwrap());
    t.insert_annotation(org, &note("d"), ROOM, 3).await.unwrap();
    assert_eq!(t.delete_annotations_of_panel(org, "q", 1).await.unwrap(), 1);
}

async fn concurrent_writers(t: &Tables) {
    let writers = (0..50).map(|n| {
        let t = t.clone();
        tokio::spawn(async move {
            let uid = format!("w{n}");
            t.save_dashboard(MAIN_ORG_ID, &board(&uid, "Written"), n).await.unwrap();
            // All want the same one: each save is a version of its own or is told of the other.
            match t.save_dashboard(MAIN_ORG_ID, &board("shared", "Shared"), n).await {
                Ok(saved) => Some(saved.version),
                Err(TableError::VersionMismatch | TableError::Taken { .. }) => None,
                Err(error) => panic!("{error:?}"),
            }
        })
    });
    let mut versions = HashSet::new();
    let mut saved = 0;
    for writer in writers.collect::<Vec<_>>() {
        if let Some(version) = writer.await.unwrap() {
            saved += 1;
            assert!(versions.insert(version), "version {version} twice");
        }
    }
    let row = t.dashboard(MAIN_ORG_ID, "shared").await.unwrap().unwrap();
    assert_eq!(row.version, saved);
}

async fn everything_goes_with_its_organisation(t: &Tables, org: i64, ada: i64) {
    assert!(t.dashboard(org, "q").await.unwrap().is_some());
    assert!(t.remove_org_user(org, ada).await.unwrap());
    assert!(t.delete_org(org).await.unwrap() && !t.delete_org(org).await.unwrap());
    assert!(t.dashboard(org, "q").await.unwrap().is_none());
    assert!(t.folders(org).await.unwrap().is_empty());
    assert!(t.permissions(org).await.unwrap().is_empty());
    assert_eq!(t.user_by_id(ada).await.unwrap().unwrap().org_id, MAIN_ORG_ID);
    assert!(t.delete_user(ada).await.unwrap());
}

async fn backup_while_writing(dir: &TempDir, t: &Tables) {
    let writer = t.clone();
    let writes = tokio::spawn(async move {
        for n in 0..50 {
            writer.save_dashboard(MAIN_ORG_ID, &board("busy", "Busy"), n).await.unwrap();
        }
    });
    let to = dir.path().join("copy.db");
    assert!(t.backup(&to).await.unwrap());
    writes.await.unwrap();
    let copy = open(dir, Database::File(to)).await;
    again(&copy).await;
    if let Some(row) = copy.dashboard(MAIN_ORG_ID, "busy").await.unwrap() {
        let versions = copy.dashboard_versions(row.id, 1, 0).await.unwrap();
        assert_eq!(versions[0].version, row.version, "a state of one moment");
    }
}
