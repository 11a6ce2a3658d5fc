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
