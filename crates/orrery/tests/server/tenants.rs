//! A tenant's samples are seen by that tenant and by nobody else.

use crate::harness::{Server, now_ms, write_body};

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let client = crate::harness::client();
    let labels: &[(&str, &str)] = &[("__name__", "secret_of")];
    for (tenant, v) in [("a", 1.0), ("b", 2.0)] {
        let answer = client
            .post(server.url("mimir", "/api/v1/push"))
            .header("X-Scope-OrgID", tenant)
            .body(write_body(&[(labels, now_ms(), v)]))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 204);
    }
    let check = async |header: Option<(&str, &str)>, want: &[&str]| {
        let url = server.url("mimir_query", "/prometheus/api/v1/query");
        let mut request = client.post(url).form(&[("query", "secret_of")]);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let body = request.send().await.unwrap().bytes().await.unwrap();
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let values: Vec<&str> = json["data"]["result"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|sample| sample["value"][1].as_str())
            .collect();
        assert_eq!(values, want, "{header:?}");
    };
    check(Some(("X-Scope-OrgID", "a")), &["1"]).await;
    check(Some(("X-Tenant-ID", "b")), &["2"]).await;
    check(None, &[]).await;
}
