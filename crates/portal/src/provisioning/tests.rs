//! The provisioner against real folders: files come, change, break and go.

use std::fs;
use std::sync::Arc;

use platform::{HostClock, HostRandom};
use tempfile::TempDir;

use super::{BUILT_IN_UID, Environment, Pass, Provisioner, ProvisioningConfig, write_bundled};
use crate::dashboard::DASHBOARD_BYTES_MAX;
use crate::tables::{By, MAIN_ORG_ID, Tables, TablesConfig};

struct Site {
    dir: TempDir,
    tables: Tables,
    provisioner: Provisioner,
}

async fn site() -> Site {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("p/dashboards")).unwrap();
    fs::create_dir_all(dir.path().join("p/datasources")).unwrap();
    fs::create_dir_all(dir.path().join("boards/Team A")).unwrap();
    let tables =
        Tables::open_in(dir.path(), TablesConfig::default(), Arc::new(HostRandom)).await.unwrap();
    let config = ProvisioningConfig {
        roots: vec![dir.path().join("p")],
        environment: Environment::from([("PORT".to_owned(), "9090".to_owned())]),
        ..ProvisioningConfig::default()
    };
    let provisioner = Provisioner::new(tables.clone(), Arc::new(HostClock::new()), config);
    Site { dir, tables, provisioner }
}

impl Site {
    fn write(&self, path: &str, text: &str) {
        fs::write(self.dir.path().join(path), text).unwrap();
    }

    fn provider(&self, more: &str) {
        let boards = self.dir.path().join("boards");
        let yaml = format!(
            "apiVersion: 1\nproviders:\n- name: P\n  folder: Shared\n{more}  options:\n    path: {}\n",
            boards.display()
        );
        self.write("p/dashboards/p.yaml", &yaml);
    }

    async fn pass(&mut self) -> Pass {
        self.provisioner.pass().await.unwrap()
    }

    async fn titles(&self) -> Vec<String> {
        let listing = self.tables.listing(MAIN_ORG_ID).await.unwrap();
        let folder = |uid| listing.folder(uid).map_or("", |folder| folder.title.as_str());
        let boards = listing.rows.iter().filter(|row| !row.is_folder);
        boards.map(|row| format!("{}/{}", folder(&row.folder_uid), row.title)).collect()
    }
}

#[tokio::test]
async fn dashboards_follow_their_files() {
    let mut site = site().await;
    site.provider("");
    site.write("boards/one.json", r#"{"uid":"one","title":"One","tags":["x"]}"#);
    site.write("boards/Team A/two.json", r#"{"title":"Two"}"#);
    assert_eq!(site.pass().await.dashboards_saved, 2);
    assert_eq!(site.titles().await, ["Shared/One", "Shared/Two"]);
    assert_eq!(site.pass().await, Pass::default(), "nothing changed, nothing is written");

    site.write("boards/one.json", r#"{"uid":"one","title":"One, changed"}"#);
    assert_eq!(site.pass().await.dashboards_saved, 1);
    let row = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    assert_eq!(
        (row.version, row.received.as_str()),
        (2, r#"{"uid":"one","title":"One, changed"}"#)
    );
    assert_eq!(row.provisioned_by, "P");

    site.write("boards/one.json", "{\"uid\":\"one\",\n oops");
    let pass = site.pass().await;
    assert_eq!((pass.failures, pass.dashboards_saved, pass.dashboards_removed), (1, 0, 0));
    assert_eq!(
        site.titles().await,
        ["Shared/One, changed", "Shared/Two"],
        "the last good one stays"
    );
    assert_eq!(site.pass().await.failures, 1, "a standing complaint still counts");

    fs::remove_file(site.dir.path().join("boards/one.json")).unwrap();
    assert_eq!(site.pass().await.dashboards_removed, 1);
    assert_eq!(site.titles().await, ["Shared/Two"]);
}

#[tokio::test]
async fn files_may_lend_their_folders_and_deletion_may_be_off() {
    let mut site = site().await;
    site.provider("  disableDeletion: true\n");
    let yaml = fs::read_to_string(site.dir.path().join("p/dashboards/p.yaml")).unwrap();
    site.write("p/dashboards/p.yaml", &format!("{yaml}    foldersFromFilesStructure: true\n"));
    site.write("boards/Team A/two.json", r#"{"title":"Two"}"#);
    site.write("boards/one.json", r#"{"title":"One"}"#);
    site.pass().await;
    assert_eq!(site.titles().await, ["/One", "Team A/Two"]);
    fs::remove_file(site.dir.path().join("boards/one.json")).unwrap();
    assert_eq!(site.pass().await.dashboards_removed, 0);
    assert_eq!(site.titles().await.len(), 2);
}

#[tokio::test]
async fn a_broken_provider_file_costs_no_dashboards_but_a_removed_one_does() {
    let mut site = site().await;
    site.provider("");
    site.write("boards/one.json", r#"{"title":"One"}"#);
    site.pass().await;
    site.write("p/dashboards/p.yaml", "providers: [");
    let pass = site.pass().await;
    assert_eq!((pass.failures, pass.dashboards_removed), (1, 0));
    fs::remove_file(site.dir.path().join("p/dashboards/p.yaml")).unwrap();
    assert_eq!(site.pass().await.dashboards_removed, 1);
}

#[tokio::test]
async fn what_is_no_file_is_passed_over_and_a_missing_folder_is_said() {
    let mut site = site().await;
    site.provider("");
    site.write("boards/one.json", r#"{"title":"One"}"#);
    fs::create_dir(site.dir.path().join("p/dashboards/folder.yaml")).unwrap();
    fs::create_dir(site.dir.path().join("boards/folder.json")).unwrap();
    let long = fs::File::create(site.dir.path().join("boards/long.json")).unwrap();
    long.set_len(DASHBOARD_BYTES_MAX as u64 + 1).unwrap();
    let pass = site.pass().await;
    assert_eq!((pass.failures, pass.dashboards_saved), (1, 1), "the long one is refused");
    fs::remove_dir_all(site.dir.path().join("p")).unwrap();
    assert_eq!(site.pass().await.failures, 1);
}

#[tokio::test]
async fn one_uid_comes_from_one_file() {
    let mut site = site().await;
    site.provider("");
    site.write("boards/a.json", r#"{"uid":"same","title":"A"}"#);
    site.write("boards/b.json", r#"{"uid":"same","title":"B"}"#);
    assert_eq!(site.pass().await.failures, 1);
    assert_eq!(site.titles().await, ["Shared/A"]);
    fs::rename(site.dir.path().join("boards/a.json"), site.dir.path().join("boards/c.json"))
        .unwrap();
    site.pass().await;
    assert_eq!(site.titles().await.len(), 1, "a moved file keeps its uid");
    fs::remove_file(site.dir.path().join("boards/b.json")).unwrap();
    site.pass().await;
    fs::rename(site.dir.path().join("boards/c.json"), site.dir.path().join("boards/d.json"))
        .unwrap();
    let pass = site.pass().await;
    assert_eq!((pass.failures, site.titles().await), (0, vec!["Shared/A".to_owned()]));
}

#[tokio::test]
async fn sources_follow_their_files_and_the_built_in_one_stays() {
    let mut site = site().await;
    assert_eq!(site.pass().await.sources_saved, 1);
    let rows = site.tables.data_sources(MAIN_ORG_ID).await.unwrap();
    assert!(rows[0].source.uid == BUILT_IN_UID && rows[0].source.is_default);

    let yaml = "prune: true\ndatasources:\n- {name: A, type: prometheus, url: 'http://h:$PORT', isDefault: true}\n- {name: B, type: loki}\n";
    site.write("p/datasources/d.yaml", yaml);
    site.write("p/datasources/broken.yaml", "datasources: {");
    let pass = site.pass().await;
    assert_eq!(
        (pass.sources_saved, pass.failures),
        (2, 1),
        "A and B are saved, the broken file is named"
    );
    let rows = site.tables.data_sources(MAIN_ORG_ID).await.unwrap();
    let of = |name: &str| rows.iter().find(|row| row.source.name == name).unwrap().source.clone();
    assert_eq!(of("A").url, "http://h:9090");
    assert!(of("A").is_default && !of("Metrics").is_default);
    assert_eq!(site.pass().await.sources_saved, 0);

    site.write(
        "p/datasources/d.yaml",
        "prune: true\ndatasources:\n- {name: B, type: loki}\n- {name: Metrics, type: loki}\n",
    );
    let pass = site.pass().await;
    assert_eq!((pass.sources_removed, pass.failures), (1, 2));
    let rows = site.tables.data_sources(MAIN_ORG_ID).await.unwrap();
    assert!(rows.iter().any(|row| row.source.uid == BUILT_IN_UID && row.source.is_default));
}

#[tokio::test]
async fn the_built_in_source_takes_its_time_interval_from_a_file() {
    let mut site = site().await;
    let file = |interval: &str| {
        format!(
            "datasources:\n- {{name: Metrics, uid: {BUILT_IN_UID}, type: prometheus, jsonData: {{{interval}}}}}\n"
        )
    };
    for (interval, want, saved) in [
        ("timeInterval: 30s", r#"{"httpMethod":"POST","timeInterval":"30s"}"#, 1),
        ("timeInterval: 30s", r#"{"httpMethod":"POST","timeInterval":"30s"}"#, 0),
        ("", r#"{"httpMethod":"POST"}"#, 1),
    ] {
        site.write("p/datasources/d.yaml", &file(interval));
        let pass = site.pass().await;
        assert_eq!((pass.sources_saved, pass.failures), (saved, 0), "{interval}");
        let rows = site.tables.data_sources(MAIN_ORG_ID).await.unwrap();
        assert_eq!(rows[0].source.json_data, want);
    }
}

#[tokio::test]
async fn bundled_files_are_laid_out_and_stale_ones_removed() {
    let dir = TempDir::new().unwrap();
    let root = dir.path().join("bundled");
    fs::create_dir_all(root.join("dashboards")).unwrap();
    fs::write(root.join("dashboards/gone.json"), "{}").unwrap();
    let folder = write_bundled(&root, &[]).unwrap();
    assert_eq!(folder, root.join("dashboards/provisioning"));
    assert!(folder.join("dashboards/orrery.yaml").is_file());
    assert!(!root.join("dashboards/gone.json").exists());
    write_bundled(&root, &[]).unwrap();
}

async fn bundled_site(own: &str) -> Site {
    let mut site = site().await;
    let bundled = site.dir.path().join("bundled");
    let addresses = [("http://localhost:9090", "http://localhost:19090".to_owned())];
    let bundled = write_bundled(&bundled, &addresses).unwrap();
    if !own.is_empty() {
        site.write("p/datasources/own.yaml", own);
    }
    let config = ProvisioningConfig {
        roots: vec![site.dir.path().join("p")],
        bundled: Some(bundled),
        ..ProvisioningConfig::default()
    };
    site.provisioner = Provisioner::new(site.tables.clone(), Arc::new(HostClock::new()), config);
    site
}

impl Site {
    async fn sources(&self) -> Vec<crate::tables::DataSourceRow> {
        self.tables.data_sources(MAIN_ORG_ID).await.unwrap()
    }

    async fn source(&self, name: &str) -> crate::tables::DataSourceRow {
        let rows = self.sources().await;
        rows.into_iter().find(|row| row.source.name == name).unwrap_or_else(|| panic!("no {name}"))
    }
}

#[tokio::test]
async fn a_fresh_server_has_the_four_sources_and_a_team() {
    let mut site = bundled_site("").await;
    assert_eq!(site.pass().await.failures, 0);
    let rows = site.sources().await;
    let names: Vec<&str> = rows.iter().map(|row| row.source.name.as_str()).collect();
    assert_eq!(names, ["Loki", "Metrics", "Mimir", "Prometheus", "Tempo"]);
    let defaults: Vec<i64> = rows.iter().filter(|r| r.source.is_default).map(|r| r.id).collect();
    let prometheus = site.source("Prometheus").await;
    assert_eq!((prometheus.id, defaults), (1, vec![1]), "id 1 answers PromQL");
    assert_eq!(prometheus.source.url, "http://localhost:19090");
    for (name, pointer, want) in [
        ("Prometheus", "/timeInterval", "15s"),
        ("Prometheus", "/queryTimeout", "60s"),
        ("Prometheus", "/cacheLevel", "High"),
        ("Prometheus", "/httpMethod", "POST"),
        ("Mimir", "/exemplarTraceIdDestinations/0/datasourceUid", "tempo"),
        ("Loki", "/derivedFields/0/datasourceUid", "tempo"),
        ("Loki", "/derivedFields/0/url", "${__value.raw}"),
        ("Tempo", "/tracesToMetrics/datasourceUid", "prometheus"),
        ("Tempo", "/tracesToLogsV2/datasourceUid", "loki"),
    ] {
        let row = site.source(name).await;
        let json: serde_json::Value = serde_json::from_str(&row.source.json_data).unwrap();
        assert_eq!(json.pointer(pointer).unwrap(), want, "{name} {pointer}");
    }
    let teams = site.tables.teams(MAIN_ORG_ID, "", "").await.unwrap();
    assert_eq!(teams[0].name, "Operators");
}

#[tokio::test]
async fn what_people_do_to_bundled_sources_and_teams_stays() {
    let mut site = bundled_site("").await;
    site.pass().await;
    let loki = site.source("Loki").await;
    let mut edited = loki.source.clone();
    edited.url = "http://elsewhere:3100".into();
    site.tables
        .update_data_source(MAIN_ORG_ID, loki.id, &edited, By::provisioning(1))
        .await
        .unwrap();
    site.tables.delete_data_source(MAIN_ORG_ID, "mimir", By::provisioning(1)).await.unwrap();
    let team = site.tables.teams(MAIN_ORG_ID, "", "Operators").await.unwrap()[0].id;
    site.tables.delete_team(MAIN_ORG_ID, team).await.unwrap();
    // As after a restart.
    let config = site.provisioner.config.clone();
    site.provisioner = Provisioner::new(site.tables.clone(), Arc::new(HostClock::new()), config);
    let pass = site.pass().await;
    assert_eq!((pass.sources_saved, pass.people_saved, pass.failures), (0, 0, 0));
    assert_eq!(site.source("Loki").await.source.url, "http://elsewhere:3100");
    assert!(site.sources().await.iter().all(|row| row.source.uid != "mimir"));
    assert!(site.tables.teams(MAIN_ORG_ID, "", "").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_operators_source_takes_the_place_of_the_bundled_one() {
    let own = "datasources:\n- {name: Prometheus, type: prometheus, url: 'http://p:9090'}\n- {name: traces, uid: tempo, type: tempo, isDefault: true}\n- {name: loki, uid: logs, type: loki}\n";
    let mut site = bundled_site("").await;
    site.pass().await;
    site.write("p/datasources/own.yaml", own);
    assert_eq!(site.pass().await.failures, 0);
    let rows = site.sources().await;
    let mut names: Vec<(&str, &str)> =
        rows.iter().map(|row| (row.source.name.as_str(), row.source.uid.as_str())).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            ("Metrics", BUILT_IN_UID),
            ("Mimir", "mimir"),
            ("Prometheus", "PBFA97CFB590B2093"),
            ("loki", "logs"),
            ("traces", "tempo"),
        ]
    );
    assert_eq!(site.source("Prometheus").await.source.url, "http://p:9090");
    assert_eq!(rows.iter().filter(|row| row.source.is_default).count(), 1);
    assert!(site.source("traces").await.source.is_default);
}

#[tokio::test]
async fn an_edit_lasts_until_the_file_changes() {
    let mut site = site().await;
    let file =
        "datasources: [{name: A, type: loki, url: 'http://a', editable: true, version: 3}]\n";
    site.write("p/datasources/d.yaml", file);
    site.pass().await;
    let row = site.source("A").await;
    assert_eq!(row.version, 3);
    let edited = crate::tables::NewDataSource { url: "http://b".into(), ..row.source };
    site.tables
        .update_data_source(MAIN_ORG_ID, row.id, &edited, By::provisioning(1))
        .await
        .unwrap();
    assert_eq!(site.pass().await, Pass::default());
    site.write("p/datasources/d.yaml", &file.replace("/a", "/c"));
    assert_eq!(site.pass().await.failures, 1, "version 3 of the file is older than what is stored");
    site.write("p/datasources/d.yaml", &file.replace("/a", "/c").replace(": 3", ": 5"));
    assert_eq!(site.pass().await.failures, 0);
    assert_eq!(site.source("A").await.source.url, "http://c");
}

#[tokio::test]
async fn organisations_are_kept_apart_and_an_unknown_one_stops_nothing_else() {
    let mut site = site().await;
    let org = site.tables.insert_org("Second", 1).await.unwrap();
    site.provider(&format!("  orgId: {org}\n"));
    site.write("boards/one.json", r#"{"uid":"one","title":"One"}"#);
    let yaml = "datasources:\n- {name: A, type: loki, orgId: ORG}\n- {name: B, type: loki, orgId: 77}\n- {name: C, type: loki}\n";
    site.write("p/datasources/d.yaml", &yaml.replace("ORG", &org.to_string()));
    let pass = site.pass().await;
    assert_eq!((pass.failures, pass.dashboards_saved), (1, 1));
    assert!(site.tables.dashboard(org, "one").await.unwrap().is_some());
    assert!(site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().is_none());
    let rows = site.tables.data_sources(org).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(site.sources().await.iter().any(|row| row.source.name == "C"));
    site.provider("  orgId: 88\n");
    let pass = site.pass().await;
    assert_eq!((pass.failures, pass.dashboards_removed), (2, 0), "its dashboards are not lost");
}

#[tokio::test]
async fn config_maps_are_unwrapped_wherever_they_lie() {
    let mut site = site().await;
    let sources = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ds}\ndata:\n  prometheus.yaml: |\n    apiVersion: 1\n    datasources: [{name: A, type: loki}]\n";
    site.write("p/datasources/prometheus.yaml", sources);
    let boards = "kind: ConfigMap\nmetadata: {name: b}\ndata:\n  provider.yaml: |\n    providers: [{name: default, folder: Maps, options: {path: /nowhere/at/all}}]\n  main.json: |\n    {\"uid\": \"main\", \"title\": \"Main\"}\n---\nkind: ConfigMap\ndata:\n  d.yaml: |\n    datasources: [{name: B, type: loki}]\n";
    site.write("p/dashboards/main.yaml", boards);
    let alone = "kind: List\nitems:\n- kind: ConfigMap\n  data:\n    alone.json: '{\"dashboard\": {\"uid\": \"alone\", \"title\": \"Alone\"}}'\n    broken.json: '{oops'\n";
    site.write("p/dashboards/other.yaml", alone);
    let pass = site.pass().await;
    assert_eq!((pass.dashboards_saved, pass.failures), (2, 1), "the broken entry is named");
    assert_eq!(site.titles().await, ["/Alone", "Maps/Main"]);
    assert!(site.sources().await.iter().any(|row| row.source.name == "B"));
    assert_eq!(site.pass().await.dashboards_saved, 0);
    site.write("p/dashboards/main.yaml", &boards.replace("\"Main\"", "\"Main, changed\""));
    assert_eq!(site.pass().await.dashboards_saved, 1);
    fs::remove_file(site.dir.path().join("p/dashboards/other.yaml")).unwrap();
    assert_eq!(site.pass().await.dashboards_removed, 1);
}

#[tokio::test]
async fn folders_of_files_may_be_nested() {
    let mut site = site().await;
    site.provider("");
    let yaml = fs::read_to_string(site.dir.path().join("p/dashboards/p.yaml")).unwrap();
    site.write("p/dashboards/p.yaml", &format!("{yaml}    foldersFromFilesStructure: true\n"));
    fs::create_dir_all(site.dir.path().join("boards/Team A/EU")).unwrap();
    site.write("boards/Team A/EU/x.json", r#"{"uid":"x","title":"X"}"#);
    site.pass().await;
    let row = site.tables.dashboard(MAIN_ORG_ID, "x").await.unwrap().unwrap();
    let folder = site.tables.folder(MAIN_ORG_ID, &row.folder_uid).await.unwrap().unwrap();
    let parent = site.tables.folder(MAIN_ORG_ID, &folder.parent_uid).await.unwrap().unwrap();
    assert_eq!((folder.title.as_str(), parent.title.as_str()), ("EU", "Team A"));
}

#[tokio::test]
async fn an_edit_made_here_survives_its_file() {
    let mut site = site().await;
    site.provider("  allowUiUpdates: true\n");
    site.write("boards/one.json", r#"{"uid":"one","title":"One"}"#);
    site.pass().await;
    let row = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    let drifted = crate::tables::NewDashboard {
        uid: "one",
        folder_uid: &row.folder_uid,
        title: "Edited",
        slug: "edited",
        received: r#"{"uid":"one","title":"Edited"}"#,
        checksum: &row.checksum,
        provisioned_by: "P",
        provisioned_from: &row.provisioned_from,
        drifted: true,
        ..crate::tables::NewDashboard::default()
    };
    site.tables.save_dashboard(MAIN_ORG_ID, &drifted, 5).await.unwrap();
    assert_eq!(site.pass().await.dashboards_saved, 0, "the file has nothing new");
    site.write("boards/one.json", r#"{"uid":"one","title":"From the file"}"#);
    site.pass().await;
    let row = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    assert_eq!((row.title.as_str(), row.version, row.drifted), ("From the file", 3, false));
    let versions = site.tables.dashboard_versions(row.id, 10, 0).await.unwrap();
    assert!(versions[0].message.contains("kept as version 2"), "{}", versions[0].message);
    let kept = site.tables.dashboard_version(row.id, 2).await.unwrap().unwrap();
    assert!(kept.received.contains("Edited"));

    let checksum = row.checksum.clone();
    let again = crate::tables::NewDashboard { checksum: &checksum, ..drifted };
    site.tables.save_dashboard(MAIN_ORG_ID, &again, 6).await.unwrap();
    fs::remove_file(site.dir.path().join("boards/one.json")).unwrap();
    assert_eq!(site.pass().await.dashboards_removed, 0);
    let row = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    assert_eq!((row.title.as_str(), row.provisioned_by.as_str()), ("Edited", ""));
}

#[tokio::test]
async fn people_come_from_files() {
    let mut site = site().await;
    let accounts = crate::Accounts::open(
        site.tables.clone(),
        Arc::new(HostClock::new()),
        Arc::new(HostRandom),
        crate::AccountsConfig {
            password_params: auth::PasswordParams { memory_kib: 8, ..Default::default() },
            ..Default::default()
        },
    )
    .await
    .unwrap();
    site.provisioner.accounts = Some(accounts);
    fs::create_dir_all(site.dir.path().join("p/access-control")).unwrap();
    let text = "users: [{login: ada, password: a good one, role: Editor}]\nteams: [{name: Ops, members: [{login: ada, permission: Admin}]}]\npermissions: [{folder: f, team: Ops, permission: Edit}, {folder: f, team: Nobody, permission: Edit}]\n";
    site.write("p/access-control/a.yaml", text);
    let pass = site.pass().await;
    assert_eq!((pass.people_saved, pass.failures), (2, 1), "the unknown team is named");
    let ada = site.tables.user_by_login("ada").await.unwrap().unwrap();
    assert_eq!(site.tables.org_role(MAIN_ORG_ID, ada.id).await.unwrap(), Some(auth::Role::Editor));
    let team = &site.tables.teams_of_user(MAIN_ORG_ID, ada.id).await.unwrap()[0];
    assert!(team.provisioned_from.ends_with("a.yaml"));
    assert_eq!(site.tables.permissions(MAIN_ORG_ID).await.unwrap().len(), 1);
    assert_eq!(site.pass().await.people_saved, 0);
}

#[tokio::test]
async fn apps_and_alerting_files_are_kept() {
    let mut site = site().await;
    for folder in ["plugins", "alerting"] {
        fs::create_dir_all(site.dir.path().join("p").join(folder)).unwrap();
    }
    site.write("p/plugins/a.yaml", "apps: [{type: some-app}]\n");
    site.write("p/alerting/a.yaml", "contactPoints: [{name: c, receivers: []}]\n");
    site.write("p/alerting/broken.yaml", "groups:\n- {}\n");
    assert_eq!(site.pass().await.failures, 1);
    let kept = site.provisioner.providers_handle();
    assert_eq!(kept.apps()[0].id, "some-app");
    assert_eq!(kept.alerting().len(), 1);
}

#[tokio::test]
async fn a_change_is_seen_without_waiting_for_the_interval() {
    let site = site().await;
    site.provider("  updateIntervalSeconds: 86400\n");
    site.write("boards/one.json", r#"{"uid":"one","title":"One"}"#);
    let Site { dir, tables, provisioner } = site;
    let published = provisioner.providers_handle();
    assert!(published.reload().await.is_none(), "nobody is there to do it");
    let (over, first) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(provisioner.watch(over));
    assert_eq!(first.await.unwrap().dashboards_saved, 1);
    fs::write(dir.path().join("boards/one.json"), r#"{"uid":"one","title":"Changed"}"#).unwrap();
    let row = async || tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    tokio::time::timeout(std::time::Duration::from_mins(1), async {
        while row().await.title != "Changed" {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the change is seen");
    assert_eq!(published.reload().await.unwrap().failures, 0);
    task.abort();
}

/// Saves an edit as a person would.
async fn edit(site: &Site, uid: &str, received: &str) -> crate::tables::DashboardRow {
    let row = site.tables.dashboard(MAIN_ORG_ID, uid).await.unwrap().unwrap();
    let new = crate::tables::NewDashboard {
        uid,
        folder_uid: &row.folder_uid,
        title: "Edited",
        slug: "edited",
        received,
        checksum: &row.checksum,
        provisioned_by: &row.provisioned_by,
        provisioned_from: &row.provisioned_from,
        drifted: true,
        ..crate::tables::NewDashboard::default()
    };
    site.tables.save_dashboard(MAIN_ORG_ID, &new, 5).await.unwrap();
    site.tables.dashboard(MAIN_ORG_ID, uid).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_edit_goes_into_its_file_or_is_discarded() {
    let mut site = site().await;
    site.provider("  allowUiUpdates: true\n");
    site.write("boards/one.json", r#"{"uid":"one","title":"One"}"#);
    site.pass().await;
    let published = site.provisioner.providers_handle();
    let row = edit(&site, "one", r#"{"dashboard":{"uid":"one","title":"Edited","x":[1]}}"#).await;
    let drift = published.drift(&row).await.unwrap();
    let mut paths: Vec<&str> = drift.differences.iter().map(|d| d.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/title", "/x"]);
    assert_eq!(drift.file["title"], "One");

    published.write_back(&site.tables, MAIN_ORG_ID, &row).await.unwrap();
    let text = fs::read_to_string(site.dir.path().join("boards/one.json")).unwrap();
    assert_eq!(text, r#"{"uid":"one","title":"Edited","x":[1]}"#);
    assert_eq!(site.pass().await, Pass::default(), "the file is what is kept");
    let settled = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    assert!(!settled.drifted && settled.version == row.version);
    let files = fs::read_dir(site.dir.path().join("boards")).unwrap().count();
    assert_eq!(files, 2, "nothing is left beside the file");

    let stale = row;
    let row = edit(&site, "one", r#"{"uid":"one","title":"Edited again"}"#).await;
    let refused = published.write_back(&site.tables, MAIN_ORG_ID, &stale).await;
    assert!(matches!(refused, Err(super::DriftError::Changed)));
    let saved = published.discard(&site.tables, MAIN_ORG_ID, &row, 7, 9).await.unwrap();
    assert_eq!(saved.version, row.version + 1);
    let now = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    assert!(!now.drifted && now.received.contains("\"x\":[1]"));
    let kept = site.tables.dashboard_version(row.id, row.version).await.unwrap().unwrap();
    assert!(kept.received.contains("Edited again"));
    assert_eq!(site.pass().await, Pass::default());
}

#[tokio::test]
async fn only_files_of_the_provider_are_written() {
    let mut site = site().await;
    site.provider("  allowUiUpdates: true\n");
    site.write("boards/one.json", r#"{"uid":"one","title":"One"}"#);
    site.write("outside.json", r#"{"uid":"link","title":"Link"}"#);
    let link = site.dir.path().join("boards/link.json");
    std::os::unix::fs::symlink(site.dir.path().join("outside.json"), &link).unwrap();
    site.pass().await;
    let published = site.provisioner.providers_handle();
    let row = edit(&site, "link", r#"{"uid":"link","title":"Edited"}"#).await;
    let refused = published.write_back(&site.tables, MAIN_ORG_ID, &row).await;
    assert!(matches!(refused, Err(super::DriftError::Outside(_))), "{refused:?}");
    let mut foreign = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    foreign.provisioned_from = site.dir.path().join("outside.json").display().to_string();
    let refused = published.write_back(&site.tables, MAIN_ORG_ID, &foreign).await;
    assert!(matches!(refused, Err(super::DriftError::Outside(_))));
    site.provider("");
    site.pass().await;
    let row = site.tables.dashboard(MAIN_ORG_ID, "one").await.unwrap().unwrap();
    let refused = published.drift(&row).await;
    assert!(matches!(refused, Err(super::DriftError::Forbidden(_))));
}

#[tokio::test]
async fn the_catalogue_is_there_once_and_gives_way() {
    let mut site = bundled_site("").await;
    let saved = site.pass().await.dashboards_saved;
    let titles = site.titles().await;
    assert_eq!(titles.len(), saved);
    for title in [
        "Orrery/This host",
        "Platform/AI Agents - System Health & Performance",
        "Kubernetes/Kubernetes Cluster",
        "AutoWeave/AutoWeave Business",
        "Macula/Macula Platform",
    ] {
        assert!(titles.iter().any(|found| found == title), "{title} in {titles:?}");
    }
    // As after a restart.
    let config = site.provisioner.config.clone();
    site.provisioner = Provisioner::new(site.tables.clone(), Arc::new(HostClock::new()), config);
    assert_eq!(site.pass().await, Pass::default());
    // A file of the operator's with the same uid stands in its place, and as long as it is there.
    site.provider("");
    site.write("boards/own.json", r#"{"uid":"macula-platform","title":"Our Macula"}"#);
    let pass = site.pass().await;
    assert_eq!((pass.dashboards_saved, pass.failures), (1, 0));
    assert!(site.titles().await.contains(&"Shared/Our Macula".to_owned()));
    assert_eq!(site.pass().await, Pass::default());
    fs::remove_file(site.dir.path().join("boards/own.json")).unwrap();
    assert_eq!(site.pass().await.failures, 0);
    assert_eq!(site.titles().await, titles);
}
