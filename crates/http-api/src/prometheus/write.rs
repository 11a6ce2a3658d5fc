//! `POST /api/v1/write`: remote write, decoded in place and appended in one batch.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ingest::remote_write::{Decoder, Message, WriteError, WriteLimits, message_of};
use parking_lot::Mutex;
use query::{AppendError, AppendReport, Scope};
use telemetry::{Counter, Registry};
use tokio::sync::Semaphore;

use super::state::{PrometheusState, Writer};
use super::wire::{ApiError, ErrorType};

/// Seconds a sender is asked to wait when there is too much to take.
const RETRY_AFTER_SECONDS: &str = "5";

/// Decoders with the memory they have grown, handed from request to request; as many requests
/// are worked on at once as there are decoders, the others wait with their body in hand.
pub struct WriteGate {
    limits: WriteLimits,
    places: Semaphore,
    idle: Mutex<Vec<Decoder>>,
    stored: Counter,
}

impl WriteGate {
    /// `concurrency`: requests decoded and appended at once.
    pub fn new(limits: WriteLimits, concurrency: usize, registry: &Registry) -> Self {
        let stored = registry.counter(
            "orrery_ingest_samples_total",
            "Samples stored, floats and histograms.",
            &[("protocol", "remote_write")],
        );
        let places = Semaphore::new(concurrency.max(1));
        Self { limits, places, idle: Mutex::default(), stored }
    }

    pub fn body_bytes_max(&self) -> usize {
        self.limits.body_bytes_max
    }

    fn take(&self) -> Decoder {
        self.idle.lock().pop().unwrap_or_else(|| Decoder::new(self.limits.clone()))
    }
}

/// What became of a request, before it is put into HTTP.
struct Stored {
    report: AppendReport,
    refused: Option<String>,
}

enum WriteFailure {
    Refused(WriteError),
    Store(AppendError),
}

pub(crate) async fn remote_write(
    State(state): State<PrometheusState>,
    Writer(scope): Writer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let message = match message_of(text(header::CONTENT_TYPE), text(header::CONTENT_ENCODING)) {
        Ok(message) => message,
        Err(error) => return Ok(refuse(&error)),
    };
    let internal = |e: String| ApiError::new(ErrorType::Internal, e);
    let gate = Arc::clone(&state.write_gate);
    let place = gate.places.acquire().await.map_err(|e| internal(e.to_string()))?;
    let shared = state.clone();
    let task = tokio::task::spawn_blocking(move || store(&shared, &scope, message, &body));
    let outcome = task.await.map_err(|e| internal(e.to_string()))?;
    drop(place);
    Ok(match outcome {
        Ok(stored) => answer(&stored),
        Err(WriteFailure::Refused(error)) => refuse(&error),
        Err(WriteFailure::Store(error)) => unavailable(&error),
    })
}

fn store(
    state: &PrometheusState,
    scope: &Scope,
    message: Message,
    body: &[u8],
) -> Result<Stored, WriteFailure> {
    let mut decoder = state.write_gate.take();
    let outcome = decoder.decode(message, body, |decoded| {
        let report = state.sink.append(scope, &decoded.batch)?;
        let refused = decoded.first_rejection.map(str::to_owned);
        let refused = refused.or_else(|| report.first_rejection.clone());
        Ok(Stored { report, refused })
    });
    state.write_gate.idle.lock().push(decoder);
    let stored = outcome.map_err(WriteFailure::Refused)?.map_err(WriteFailure::Store)?;
    state.write_gate.stored.inc_by(stored.report.samples + stored.report.histograms);
    Ok(stored)
}

/// 204 when everything was stored; 400 with the first reason when something was left out (what
/// could be stored is). The counts of the 2.0 protocol are in the headers either way.
fn answer(stored: &Stored) -> Response {
    let report = &stored.report;
    let mut response = match &stored.refused {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(reason) => (StatusCode::BAD_REQUEST, format!("{reason}\n")).into_response(),
    };
    let counts = [
        ("x-prometheus-remote-write-samples-written", report.samples),
        ("x-prometheus-remote-write-histograms-written", report.histograms),
        ("x-prometheus-remote-write-exemplars-written", report.exemplars),
    ];
    for (name, count) in counts {
        response.headers_mut().insert(name, HeaderValue::from(count));
    }
    response
}

fn refuse(error: &WriteError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    (status, format!("{error}\n")).into_response()
}

fn unavailable(error: &AppendError) -> Response {
    let text = format!("{error}\n");
    let wait = [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)];
    match error {
        AppendError::NotReady(_) => (StatusCode::SERVICE_UNAVAILABLE, wait, text).into_response(),
        AppendError::Overloaded { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, wait, text).into_response()
        }
        AppendError::Io(_) => (StatusCode::INTERNAL_SERVER_ERROR, text).into_response(),
    }
}
