//! The shared remote-write cases against an in-memory store: statuses and written counts.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::path::PathBuf;

use base64::Engine;
use ingest::remote_write::{Decoded, Decoder, WriteError, message_of};
use model::Tenant;
use query::memory::MemorySource;
use query::{MetricSink, Scope, TenantLimits};
use serde_json::Value;

fn load(name: &str) -> Option<Value> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/prometheus");
    let path = PathBuf::from(root).join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not here", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("base64");
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

#[derive(Debug, Default, PartialEq)]
struct Outcome {
    status: u16,
    samples: u64,
    histograms: u64,
    exemplars: u64,
}

/// What a handler does: decode, append, answer by what was left out.
fn receive(headers: &Value, body: &[u8]) -> Outcome {
    let store = MemorySource::default();
    let tenant = Tenant::default();
    let scope = Scope::grant(tenant, TenantLimits::default(), Vec::new());
    let append = |decoded: &Decoded<'_>| {
        let report = store.append(&scope, &decoded.batch).expect("memory takes all");
        let refused = decoded.first_rejection.is_some() || report.first_rejection.is_some();
        Outcome {
            status: if refused { 400 } else { 204 },
            samples: report.samples,
            histograms: report.histograms,
            // The in-memory store keeps none; what reaches a store is what counts here.
            exemplars: decoded.batch.exemplars.len() as u64,
        }
    };
    let header = |name: &str| headers[name].as_str();
    let outcome = message_of(header("Content-Type"), header("Content-Encoding"))
        .and_then(|message| Decoder::default().decode(message, body, append));
    outcome.unwrap_or_else(|e: WriteError| Outcome { status: e.status(), ..Outcome::default() })
}

#[test]
fn receivers_answer_as_the_suite_asks() {
    let Some(file) = load("remote_write_receiver.json") else { return };
    let mut failures = Vec::new();
    for case in file["cases"].as_array().expect("cases") {
        let got = receive(&case["headers"], &bytes(&case["body_base64"]));
        let expect = &case["expect"];
        let success = expect["success"] == true;
        let status_fits = match expect["status"].as_u64() {
            Some(status) => u64::from(got.status) == status,
            None if success => got.status == 204,
            None => got.status == 400,
        };
        let two = case["headers"]["X-Prometheus-Remote-Write-Version"].is_string();
        let counts = (got.samples, got.exemplars, got.histograms);
        let count = |name: &str| expect[name].as_u64().unwrap_or_default();
        let want =
            (count("samples_written"), count("exemplars_written"), count("histograms_written"));
        if !status_fits || (success && two && counts != want) {
            failures.push(format!("{} {}: {got:?}, want {expect}", case["id"], case["name"]));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn messages_decode_to_the_listed_series() {
    let Some(file) = load("remote_write_codec.json") else { return };
    for case in file["cases"].as_array().expect("cases") {
        if case["version"] == "read" {
            continue;
        }
        let decoded = &case["decoded"];
        let proto = if decoded["symbols"].is_array() {
            "application/x-protobuf;proto=io.prometheus.write.v2.Request"
        } else {
            "application/x-protobuf"
        };
        let message = message_of(Some(proto), None).expect("known");
        let (mut samples, mut histograms, mut exemplars) = (0, 0, 0);
        let list = decoded["timeseries"].as_array().expect("list");
        for series in list {
            let count = |name: &str| series[name].as_array().map_or(0, Vec::len);
            samples += count("samples");
            histograms += count("histograms");
            exemplars += count("exemplars");
        }
        let read = Decoder::default().decode(message, &bytes(&case["snappy_base64"]), |d| {
            let b = &d.batch;
            (
                b.series.len(),
                b.t_ms.len(),
                b.histograms.len() as u64 + d.rejected,
                b.exemplars.len(),
            )
        });
        assert_eq!(
            read,
            Ok((list.len(), samples, histograms as u64, exemplars)),
            "{}",
            case["name"]
        );
    }
}
