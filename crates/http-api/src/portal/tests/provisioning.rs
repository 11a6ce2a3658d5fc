//! Reloads, and dashboards beside their files, from outside.

use std::fs;

use super::script::run;
use super::site::Site;
use crate::portal::PortalConfig;

#[tokio::test]
async fn reloads_and_drift_are_guarded() {
    let site = Site::start().await;
    run(
        &site,
        r"
        > admin POST /api/admin/provisioning/dashboards/reload
        503 provisioning is not running
        > admin POST /api/admin/provisioning/nothing/reload
        404
        > orla POST /api/admin/provisioning/dashboards/reload
        403
        > nobody POST /api/admin/provisioning/dashboards/reload
        401
        > admin GET /api/ui/dashboards/board/drift
        403 allowUiUpdates
        > vera POST /api/ui/dashboards/board/provisioned/write-back
        403
        > vera POST /api/ui/dashboards/board/provisioned/discard
        403
        > admin GET /api/ui/dashboards/none/drift
        404
        ",
    )
    .await;
}

#[tokio::test]
async fn an_edit_shows_as_drift_and_goes_either_way() {
    let site = Site::start().await;
    let provider = site.dir.path().join("provisioning/dashboards/p.yaml");
    let text = fs::read_to_string(&provider).unwrap();
    fs::write(&provider, text.replace("name: P,", "name: P, allowUiUpdates: true,")).unwrap();
    site.provision_again().await;
    run(
        &site,
        r#"
        > admin POST /api/dashboards/db {"uid":"board","title":"Edited","panels":[]}
        200
        > admin GET /api/ui/dashboards/board/drift
        = /drifted true
        = /stored/title "Edited"
        = /file/title "A Board"
        > eddy POST /api/ui/dashboards/board/provisioned/write-back
        403
        > eddy POST /api/ui/dashboards/board/provisioned/discard
        200
        > admin GET /api/dashboards/uid/board
        = /dashboard/title "A Board"
        > admin POST /api/dashboards/db {"uid":"board","title":"Edited","panels":[]}
        200
        > admin POST /api/ui/dashboards/board/provisioned/write-back
        200
        > admin GET /api/ui/dashboards/board/drift
        = /drifted false
        = /differences []
        "#,
    )
    .await;
}

#[tokio::test]
async fn sign_up_is_off_unless_it_is_switched_on() {
    let site = Site::start().await;
    run(
        &site,
        r#"
        > nobody POST /api/user/signup {"email":"n@x","password":"a good one"}
        401 User signup is disabled
        > nobody GET /api/user/signup/options
        = /autoAssignOrg true
        > admin GET /api/frontend/settings
        = /disableUserSignUp true
        = /buildInfo/version "12.3.0"
        > nobody GET /api/health
        = /version "12.3.0"
        "#,
    )
    .await;
    let config = PortalConfig { allow_sign_up: true, login_form: false, ..PortalConfig::default() };
    let site = Site::with(config).await;
    run(
        &site,
        r#"
        > nobody POST /api/user/signup {"email":"n@x","password":"a good one"}
        200
        > nobody POST /api/user/signup {"username":"N@X","password":"a good one"}
        409
        > nobody POST /api/user/signup {"username":"short","password":"x"}
        400
        > nobody POST /api/user/signup {"password":"a good one"}
        400
        > admin GET /api/frontend/settings
        = /disableUserSignUp false
        = /disableLoginForm true
        > admin GET /api/users/lookup?loginOrEmail=n@x
        = /isGrafanaAdmin false
        "#,
    )
    .await;
}

#[tokio::test]
async fn basic_credentials_can_be_switched_off() {
    let config = PortalConfig { basic_auth: false, ..PortalConfig::default() };
    let site = Site::with(config).await;
    run(&site, "> admin GET /api/user\n401 Unauthorized\n").await;
}

pub(super) const ALERTING: &str = r#"
apiVersion: 1
groups:
  - name: minutes
    folder: Machines
    interval: 60s
    rules:
      - uid: hot
        title: Too hot
        condition: B
        for: 5m
        dashboardUid: board
        panelId: 1
        labels: { severity: critical }
        data:
          - refId: A
            datasourceUid: orrery-metrics
            relativeTimeRange: { from: 600, to: 0 }
            model: { expr: up, refId: A }
          - refId: B
            datasourceUid: __expr__
            model: { type: threshold, expression: A, refId: B }
      - { uid: gone, title: Gone, condition: A, data: [{ refId: A, datasourceUid: x, model: {} }] }
  - name: theirs
    orgId: 7
    folder: Machines
    interval: 60s
    rules: [{ uid: other, title: Other, condition: A, data: [{ refId: A, datasourceUid: x, model: {} }] }]
deleteRules: [{ uid: gone }]
contactPoints:
  - name: ops
    receivers:
      - { uid: s1, type: slack, settings: { url: "https://hooks.example/very-secret", recipient: "ops-room" } }
      - { uid: w1, type: webhook, settings: { url: "https://hook.example", password: very-secret } }
policies:
  - receiver: ops
    group_by: [alertname]
    group_wait: 30s
    routes:
      - { receiver: ops, object_matchers: [[severity, "=", critical]], continue: true }
muteTimes:
  - name: nights
    time_intervals:
      - { times: [{ start_time: "22:00", end_time: "24:00" }], weekdays: ["monday:friday"], months: ["january"] }
templates:
  - { name: short, template: "{{ define \"short\" }}x{{ end }}" }
"#;

#[tokio::test]
async fn alerting_files_are_listed_without_their_secrets() {
    let site = Site::start().await;
    let folder = site.dir.path().join("provisioning/alerting");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.yaml"), ALERTING).unwrap();
    site.provision_again().await;
    run(
        &site,
        r#"
        > admin POST /api/folders {"uid":"machines","title":"Machines"}
        200
        > vera GET /api/v1/provisioning/alert-rules
        = /0/uid "hot"
        = /0/folderUID "machines"
        = /0/ruleGroup "minutes"
        = /0/for "5m"
        = /0/data/0/relativeTimeRange/from 600
        = /0/annotations {"__dashboardUid__":"board","__panelId__":"1"}
        = /0/provenance "file"
        not other
        not gone
        > vera GET /api/v1/provisioning/alert-rules/hot
        = /title "Too hot"
        > vera GET /api/v1/provisioning/alert-rules/gone
        404
        > vera GET /api/v1/provisioning/folder/machines/rule-groups/minutes
        = /interval 60
        = /rules/0/uid "hot"
        > vera GET /api/v1/provisioning/folder/machines/rule-groups/theirs
        404
        > vera GET /api/ruler/grafana/api/v1/rules
        = /Machines/0/interval "1m"
        = /Machines/0/rules/0/grafana_alert/namespace_uid "machines"
        > admin GET /api/v1/provisioning/contact-points
        = /0/settings {"recipient":"ops-room","url":"[REDACTED]"}
        = /1/settings {"password":"[REDACTED]","url":"https://hook.example"}
        not very-secret
        > admin GET /api/v1/provisioning/contact-points?name=nobody
        200 []
        > vera GET /api/alert-notifications
        = /0/type "slack"
        = /0/secureFields {"url":true}
        = /1/type "webhook"
        not very-secret
        > vera GET /api/alert-notifications/lookup
        = /1/uid "w1"
        > vera GET /api/v1/provisioning/policies
        = /group_wait "30s"
        = /routes/0/object_matchers [["severity","=","critical"]]
        = /routes/0/continue true
        > vera GET /api/v1/provisioning/mute-timings
        = /0/time_intervals/0/times/0 {"start_time":"22:00","end_time":"24:00"}
        = /0/time_intervals/0/weekdays ["monday:friday"]
        > vera GET /api/v1/provisioning/mute-timings/days
        404
        > vera GET /api/v1/provisioning/templates
        = /0/name "short"
        > nobody GET /api/v1/provisioning/contact-points
        401
        "#,
    )
    .await;
}
