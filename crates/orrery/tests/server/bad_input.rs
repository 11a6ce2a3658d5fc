//! Malformed requests: the reference's status, a message that says where, and a server that goes on.

use crate::harness::{Server, write_body};

/// Status and a part of the message for one request.
struct Case {
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: Vec<u8>,
    status: u16,
    message: &'static str,
}

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];
const SNAPPY: &[(&str, &str)] =
    &[("content-type", "application/x-protobuf"), ("content-encoding", "snappy")];

fn get(path: &'static str, status: u16, message: &'static str) -> Case {
    Case { method: "GET", path, headers: &[], body: Vec::new(), status, message }
}

fn write(body: Vec<u8>, status: u16, message: &'static str) -> Case {
    Case { method: "POST", path: "/api/v1/write", headers: SNAPPY, body, status, message }
}

fn cases() -> Vec<Case> {
    let form = |body: &str, status, message| Case {
        method: "POST",
        path: "/api/v1/query",
        headers: FORM,
        body: body.as_bytes().to_vec(),
        status,
        message,
    };
    let duplicate: &[(&str, &str)] = &[("__name__", "x"), ("a", "1"), ("a", "2")];
    let nameless: &[(&str, &str)] = &[("", "x")];
    vec![
        get("/api/v1/query?query=sum(", 400, "1:5: parse error"),
        get("/api/v1/query", 400, "no expression found in input"),
        get("/api/v1/query?query=up&time=yesterday", 400, "cannot parse \\\"yesterday\\\""),
        get("/api/v1/query?query=up&timeout=x", 400, "invalid parameter \\\"timeout\\\""),
        get("/api/v1/query_range?query=up&start=0&end=1", 400, "invalid parameter \\\"step\\\""),
        get(
            "/api/v1/query_range?query=up&start=5&end=1&step=1",
            400,
            "end timestamp must not be before start time",
        ),
        get(
            "/api/v1/query_range?query=up&start=0&end=1&step=0",
            400,
            "zero or negative query resolution step",
        ),
        get(
            "/api/v1/query_range?query=up&start=0&end=99999&step=1",
            400,
            "exceeded maximum resolution of 11,000 points",
        ),
        get(
            "/api/v1/query_range?query=up[1m]&start=0&end=1&step=1",
            400,
            "invalid expression type",
        ),
        get("/api/v1/series", 400, "no match[] parameter provided"),
        get("/api/v1/series?match[]={}", 400, "match[]"),
        get("/api/v1/labels?match[]=a{", 400, "invalid parameter \\\"match[]\\\""),
        get(
            "/api/v1/labels?start=5&end=1",
            400,
            "end timestamp must not be before start timestamp",
        ),
        get("/api/v1/nothing", 404, ""),
        form("query=%ff", 400, "1:1: parse error"),
        form("query=up)", 400, "unexpected"),
        form(
            "query=label_replace(up,%22a%22,%22b%22,%22c%22,%22(%22)",
            422,
            "invalid regular expression",
        ),
        write(b"not snappy".to_vec(), 400, "decompress"),
        write(
            snap::raw::Encoder::new().compress_vec(&[0x0a, 0xff, 0xff]).expect("snappy encodes"),
            400,
            "byte",
        ),
        write(write_body(&[(duplicate, 1000, 1.0)]), 400, "duplicate"),
        write(write_body(&[(nameless, 1000, 1.0)]), 400, ""),
        Case {
            method: "POST",
            path: "/api/v1/write",
            headers: &[("content-type", "text/plain")],
            body: Vec::new(),
            status: 415,
            message: "application/x-protobuf",
        },
        Case {
            method: "GET",
            path: "/api/v1/query?query=up",
            headers: &[("x-scope-orgid", "a"), ("x-tenant-id", "b")],
            body: Vec::new(),
            status: 400,
            message: "different tenants",
        },
        Case {
            method: "GET",
            path: "/api/v1/query?query=up",
            headers: &[("x-scope-orgid", "../etc")],
            body: Vec::new(),
            status: 400,
            message: "unsupported character",
        },
    ]
}

#[tokio::test]
async fn bad_input_is_refused_with_the_reference_s_status_and_a_reason() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let client = crate::harness::client();
    for case in cases() {
        let method = reqwest::Method::from_bytes(case.method.as_bytes()).unwrap();
        let mut request = client.request(method, server.url("prometheus", case.path));
        for (name, value) in case.headers {
            request = request.header(*name, *value);
        }
        let answer = request.body(case.body).send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(status, case.status, "{} {}: {text}", case.method, case.path);
        assert!(text.contains(case.message), "{} {}: {text}", case.method, case.path);
    }
    // Nothing of it was stored, and the server goes on.
    let found = crate::harness::query(&client, &server, "{__name__=\"x\"}").await;
    assert_eq!(found.as_array().map(Vec::len), Some(0), "{found}");
}

#[tokio::test]
async fn a_body_beyond_its_limit_is_refused_by_name() {
    let data = tempfile::tempdir().unwrap();
    let config = data.path().join("orrery.yaml");
    std::fs::write(&config, "ingest:\n  decompressed_bytes_max: 100\n").unwrap();
    let path = config.to_str().unwrap();
    let server = Server::start(&data.path().join("data"), &["--config", path]);
    let value = "v".repeat(1000);
    let labels: &[(&str, &str)] = &[("__name__", "x"), ("a", &value)];
    let answer = crate::harness::client()
        .post(server.url("prometheus", "/api/v1/write"))
        .body(write_body(&[(labels, 1000, 1.0)]))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 413);
    let text = answer.text().await.unwrap();
    assert!(text.contains("ingest.decompressed_bytes_max"), "{text}");
}
