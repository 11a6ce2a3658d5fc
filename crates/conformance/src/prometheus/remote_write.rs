//! The remote write receiver: status and written counts, against a store in memory. What the HTTP
//! face adds (headers, routing) is for the suites that talk to the binary.

use std::path::Path;

use base64::Engine as _;
use ingest::remote_write::{Decoded, Decoder, WriteError, message_of};
use model::Tenant;
use query::memory::MemorySource;
use query::{MetricSink, Scope, TenantLimits};
use serde_json::Value;

#[derive(Debug, Default, PartialEq)]
struct Outcome {
    status: u16,
    samples: u64,
    exemplars: u64,
    histograms: u64,
}

/// Receives the body of a case. Errors: status or counts differ.
pub(super) fn check(_: &Path, case: &Value) -> Result<(), String> {
    let body = body(&case["body_base64"])?;
    let (got, expect) = (receive(&case["headers"], &body), &case["expect"]);
    let success = expect["success"] == true;
    let status_fits = match expect["status"].as_u64() {
        Some(status) => u64::from(got.status) == status,
        None if expect["retryable"] == true => got.status >= 500,
        None if success => got.status == 204,
        None => got.status == 400,
    };
    // Version 1 answers without counts.
    let counted = case["headers"]["X-Prometheus-Remote-Write-Version"].is_string();
    let count = |key: &str| expect[key].as_u64().unwrap_or_default();
    let want = Outcome {
        status: got.status,
        samples: count("samples_written"),
        exemplars: count("exemplars_written"),
        histograms: count("histograms_written"),
    };
    if status_fits && (!success || !counted || got == want) {
        return Ok(());
    }
    Err(format!("{}\nwant {expect}\ngot  {got:?}", case["name"]))
}

fn body(base64: &Value) -> Result<Vec<u8>, String> {
    let text = base64.as_str().ok_or("the case has no body")?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text);
    decoded.map_err(|error| error.to_string())
}

/// Decodes a write request and counts what is in it. Errors: a count differs.
pub(super) fn check_message(_: &Path, case: &Value) -> Result<(), String> {
    let content_type = if case["decoded"]["symbols"].is_array() {
        "application/x-protobuf;proto=io.prometheus.write.v2.Request"
    } else {
        "application/x-protobuf"
    };
    let list = case["decoded"]["timeseries"].as_array().ok_or("the case lists no series")?;
    let count = |key: &str| -> usize {
        list.iter().filter_map(|series| series[key].as_array()).map(Vec::len).sum()
    };
    let want = (list.len(), count("samples"), count("histograms"), count("exemplars"));
    let counts = |decoded: &Decoded<'_>| {
        let batch = &decoded.batch;
        let histograms = batch.histograms.len() + decoded.rejected as usize;
        (batch.series.len(), batch.t_ms.len(), histograms, batch.exemplars.len())
    };
    let body = body(&case["snappy_base64"])?;
    let got = message_of(Some(content_type), None)
        .and_then(|message| Decoder::default().decode(message, &body, counts))
        .map_err(|error| error.to_string())?;
    if got == want { Ok(()) } else { Err(format!("counts\nwant {want:?}\ngot  {got:?}")) }
}

/// What a handler does: decode, append, answer by what was left out.
fn receive(headers: &Value, body: &[u8]) -> Outcome {
    let store = MemorySource::default();
    let scope = Scope::grant(Tenant::default(), TenantLimits::default(), Vec::new());
    let append = |decoded: &Decoded<'_>| {
        let appended = store.append(&scope, &decoded.batch);
        let Ok(appended) = appended else { return Outcome { status: 500, ..Outcome::default() } };
        let refused = decoded.first_rejection.is_some() || appended.first_rejection.is_some();
        Outcome {
            status: if refused { 400 } else { 204 },
            samples: appended.samples,
            // The store in memory keeps none; what reaches a store is what counts here.
            exemplars: decoded.batch.exemplars.len() as u64,
            histograms: appended.histograms,
        }
    };
    let header = |name: &str| headers[name].as_str();
    message_of(header("Content-Type"), header("Content-Encoding"))
        .and_then(|message| Decoder::default().decode(message, body, append))
        .unwrap_or_else(|error: WriteError| Outcome {
            status: error.status(),
            ..Outcome::default()
        })
}
