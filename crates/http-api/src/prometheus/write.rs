//! `POST /api/v1/write`: remote write, decoded in place and appended in one batch.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use ingest::remote_write::{Decoder, Message, WriteError, WriteLimits, message_of};
use query::{AppendError, AppendReport, Scope, Spares};
use telemetry::{Counter, Registry};
use tokio::sync::Semaphore;

use super::state::{PrometheusState, Writer};
use super::wire::{ApiError, ErrorType};

/// Seconds a sender is asked to wait when there is too much to take.
const RETRY_AFTER_SECONDS: &str = "5";

/// Requests whose bodies are read while others are being worked on. Times the largest body, this
/// bounds the memory of remote write.
const BODIES_PER_PLACE: usize = 8;

/// Decoders with the memory they have grown, handed from request to request; as many requests
/// are worked on at once as there are decoders, the others wait with their body in hand.
pub struct WriteGate {
    limits: WriteLimits,
    places: Arc<Semaphore>,
    /// Bodies held in memory at once; whoever comes later waits before sending theirs.
    bodies: Semaphore,
    decoders: Spares<Decoder>,
    concurrency: usize,
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
        let concurrency = concurrency.max(1);
        let places = Arc::new(Semaphore::new(concurrency));
        let bodies = Semaphore::new(BODIES_PER_PLACE * concurrency);
        Self { limits, places, bodies, decoders: Spares::default(), concurrency, stored }
    }

    pub fn body_bytes_max(&self) -> usize {
        self.limits.body_bytes_max
    }

    fn take(&self) -> Decoder {
        self.decoders.take().unwrap_or_else(|| Decoder::new(self.limits.clone()))
    }

    /// Lets go of the decoders that no request has wanted since the last call: one may hold some
    /// times the largest message it has seen.
    pub fn trim(&self) {
        self.decoders.trim();
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
    body: Body,
) -> Result<Response, ApiError> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let message = match message_of(text(header::CONTENT_TYPE), text(header::CONTENT_ENCODING)) {
        Ok(message) => message,
        Err(error) => return Ok(refuse(&error)),
    };
    let internal = |e: String| ApiError::new(ErrorType::Internal, e);
    let gate = Arc::clone(&state.write_gate);
    let _room = gate.bodies.acquire().await.map_err(|e| internal(e.to_string()))?;
    let body = match to_bytes(body, gate.body_bytes_max()).await {
        Ok(body) => body,
        Err(error) => return Ok(unreadable(&error, gate.body_bytes_max())),
    };
    let places = Arc::clone(&gate.places);
    let place = places.acquire_owned().await.map_err(|e| internal(e.to_string()))?;
    let shared = state.clone();
    let task = tokio::task::spawn_blocking(move || {
        let stored = store(&shared, &scope, message, &body);
        // Given back here, not when the client leaves: the work goes on without it.
        drop(place);
        stored
    });
    let outcome = task.await.map_err(|e| internal(e.to_string()))?;
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
    state.write_gate.decoders.give(decoder, state.write_gate.concurrency);
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

/// A body longer than its limit, or one that ended early.
fn unreadable(error: &axum::Error, limit: usize) -> Response {
    let too_long = std::error::Error::source(error)
        .and_then(|e| e.downcast_ref::<LengthLimitError>())
        .is_some();
    if too_long {
        let text = format!(
            "body of the write request is over {limit} bytes (raise ingest.body_bytes_max)\n"
        );
        return (StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
    }
    (StatusCode::BAD_REQUEST, format!("cannot read the write request: {error}\n")).into_response()
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
