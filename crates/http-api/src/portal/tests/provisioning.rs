//! Reloads, and dashboards beside their files, from outside.

use std::fs;

use super::script::run;
use super::site::Site;

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
