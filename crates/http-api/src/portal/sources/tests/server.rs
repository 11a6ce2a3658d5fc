//! The server behind a data source, on a free port of this machine.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use portal::tables::{By, NewDataSource};
use serde_json::Value;

use crate::portal::tests::site::Site;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(in crate::portal) struct Arrived {
    pub(in crate::portal) method: String,
    pub(in crate::portal) uri: String,
    pub(in crate::portal) headers: HeaderMap,
    pub(in crate::portal) body: String,
}

impl Arrived {
    pub(in crate::portal) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

type Reply = dyn Fn(&Arrived) -> Response + Send + Sync;

#[derive(Clone)]
struct Shared {
    arrived: Arc<Mutex<Vec<Arrived>>>,
    reply: Arc<Reply>,
}

pub(in crate::portal) struct Server {
    pub(in crate::portal) url: String,
    shared: Shared,
}

impl Server {
    pub(in crate::portal) async fn start(
        reply: impl Fn(&Arrived) -> Response + Send + Sync + 'static,
    ) -> Self {
        let shared = Shared { arrived: Arc::default(), reply: Arc::new(reply) };
        let router = Router::new().fallback(answer).with_state(shared.clone());
        Self { url: serve(router).await, shared }
    }

    /// Answers everything with this JSON.
    pub(in crate::portal) async fn json(body: Value) -> Self {
        let body = body.to_string();
        Self::start(move |_| ([("content-type", "application/json")], body.clone()).into_response())
            .await
    }

    pub(in crate::portal) fn arrived(&self) -> Vec<Arrived> {
        self.shared.arrived.lock().clone()
    }

    pub(in crate::portal) fn last(&self) -> Arrived {
        self.arrived().pop().expect("nothing arrived")
    }
}

/// Serves on a free port until the test ends; returns the address.
pub(in crate::portal) async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let arrived = Arrived {
        method: parts.method.to_string(),
        uri: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let reply = (shared.reply)(&arrived);
    shared.arrived.lock().push(arrived);
    reply
}

/// Makes a data source of the uid and name `far2`.
pub(in crate::portal) async fn make_source(site: &Site, kind: &str, url: &str, settings: &Value) {
    make_secret_source(site, kind, url, settings, &[]).await;
}

/// The same, with secrets.
pub(in crate::portal) async fn make_secret_source(
    site: &Site,
    kind: &str,
    url: &str,
    settings: &Value,
    secrets: &[(&str, &str)],
) {
    let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let source = NewDataSource {
        uid: "far2".into(),
        name: "Far Two".into(),
        kind: kind.into(),
        url: url.into(),
        access: "proxy".into(),
        json_data: settings.to_string(),
        secure_json_data: secrets.collect(),
        ..NewDataSource::default()
    };
    site.state.tables.save_data_source(1, &source, By::provisioning(0)).await.unwrap();
}

/// An empty page.
pub(in crate::portal) fn empty() -> Response {
    Response::new(Body::empty())
}
