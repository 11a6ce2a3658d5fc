//! A portal in a temporary folder: three users, two dashboards, a memory store with `up`.

use std::fs;
use std::sync::Arc;

use auth::{Authority, Password, PasswordParams, Role};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use platform::{HostClock, HostRandom};
use portal::accounts::Anonymous;
use portal::accounts::NewAccount;
use portal::provisioning::{Providers, Provisioner, ProvisioningConfig};
use portal::{Accounts, AccountsConfig, Tables, TablesConfig};
use query::Scope;
use query::memory::MemorySource;
use serde_json::Value;
use telemetry::Registry;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use crate::evaluations::Evaluations;
use tower::ServiceExt as _;

use crate::portal::{Live, LiveLimits, PortalConfig, PortalState, SourceClients, router};

pub(in crate::portal) const ADMIN_PASSWORD: &str = "correct horse";
pub(in crate::portal) const BOARD: &str = r#"{"uid":"board","title":"A Board","tags":["host"],"schemaVersion":39,"zz":1.10,"panels":[{"id":1,"type":"timeseries","title":"Up","gridPos":{"x":0,"y":0,"w":12,"h":8},"targets":[{"refId":"A","expr":"up"}]}]}"#;

/// Whose request it is.
#[derive(Clone, Debug)]
pub(in crate::portal) enum As {
    Nobody,
    Basic(&'static str, &'static str),
    /// In an organisation.
    BasicIn(&'static str, &'static str, i64),
    Bearer(String),
    Cookie(String),
}

pub(in crate::portal) const ADMIN: As = As::Basic("admin", ADMIN_PASSWORD);
pub(in crate::portal) const VIEWER: As = As::Basic("vera", "viewer password");

pub(in crate::portal) struct Answer {
    pub(in crate::portal) status: StatusCode,
    pub(in crate::portal) headers: HeaderMap,
    pub(in crate::portal) body: Bytes,
}

impl Answer {
    pub(in crate::portal) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(in crate::portal) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(in crate::portal) fn header(&self, name: &header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(in crate::portal) fn cookie(&self) -> As {
        let set = self.header(&header::SET_COOKIE);
        let pair = set.split(';').next().unwrap();
        As::Cookie(pair.to_owned())
    }
}

pub(in crate::portal) struct Site {
    pub(in crate::portal) state: PortalState,
    pub(in crate::portal) store: Arc<MemorySource>,
    pub(in crate::portal) dir: TempDir,
    /// Method, path and JSON of every answer of success, for whoever wants to know their shapes.
    pub(in crate::portal) answers: parking_lot::Mutex<Vec<(String, String, Value)>>,
    router: Router,
}

impl Site {
    pub(in crate::portal) async fn start() -> Self {
        Self::with(PortalConfig::default()).await
    }

    pub(in crate::portal) async fn with(config: PortalConfig) -> Self {
        Self::with_anonymous(config, None).await
    }

    /// `anonymous` is what those may do who have not signed in.
    pub(in crate::portal) async fn with_anonymous(
        config: PortalConfig,
        anonymous: Option<Anonymous>,
    ) -> Self {
        let dir = TempDir::new().unwrap();
        let random = Arc::new(HostRandom);
        let tables = Tables::open_in(dir.path(), TablesConfig::default(), random).await.unwrap();
        let clock = Arc::new(HostClock::new());
        let providers = provision(&dir, &tables, &clock).await;
        let accounts_config = AccountsConfig {
            admin_password: ADMIN_PASSWORD.to_owned(),
            password_params: PasswordParams { memory_kib: 64, passes: 1, lanes: 1 },
            anonymous,
            ..AccountsConfig::default()
        };
        let accounts =
            Accounts::open(tables.clone(), clock.clone(), Arc::new(HostRandom), accounts_config)
                .await
                .unwrap();
        for (login, password, role) in [
            ("vera", "viewer password", Role::Viewer),
            ("eddy", "editor password", Role::Editor),
            ("nora", "no role at all", Role::None),
            ("orla", "org admin password", Role::Admin),
        ] {
            let account = NewAccount { login, email: "", name: "", org_id: 1, role };
            accounts.create_user(&account, Password::new(password.into())).await.unwrap();
        }
        let store = Arc::new(MemorySource::default());
        let registry = Registry::new();
        let state = PortalState {
            tables,
            accounts,
            providers,
            random: Arc::new(HostRandom),
            authority: Arc::new(Authority::default()),
            clock,
            live: Live::new(&registry, LiveLimits::default()),
            evaluations: Evaluations::new(&registry, query::MemoryPool::new(1 << 30)),
            registry,
            engine: Arc::new(
                promql::Engine::new(promql::EngineConfig::default())
                    .unwrap()
                    .with_cache(Arc::new(promql::ResultCache::new(8 << 20))),
            ),
            source: store.clone(),
            prometheus: Router::new().fallback(echo),
            places: Arc::new(Semaphore::new(config.concurrency_max)),
            sources: SourceClients::new(&config),
            config: Arc::new(config),
        };
        Self { router: router(&state), state, store, dir, answers: parking_lot::Mutex::default() }
    }

    pub(in crate::portal) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        if parts.status.is_success()
            && let Ok(json) = serde_json::from_slice(&body)
        {
            self.answers.lock().push((method, path, json));
        }
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(in crate::portal) async fn get(&self, path: &str, who: &As) -> Answer {
        self.send(request("GET", path, who, Body::empty())).await
    }

    pub(in crate::portal) async fn post(&self, path: &str, who: &As, body: &Value) -> Answer {
        let mut request = request("POST", path, who, Body::from(body.to_string()));
        let json = "application/json".parse().unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        self.send(request).await
    }

    /// A POST whose answer nobody reads.
    pub(in crate::portal) async fn open(&self, path: &str, who: &As, body: &Value) -> Response {
        let request = request("POST", path, who, Body::from(body.to_string()));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A GET whose answer nobody reads yet.
    pub(in crate::portal) async fn open_get(&self, path: &str, who: &As) -> Response {
        self.router.clone().oneshot(request("GET", path, who, Body::empty())).await.unwrap()
    }

    /// What the viewer may read of the metrics; tests store samples under it.
    pub(in crate::portal) async fn viewer_scope(&self) -> Scope {
        let password = Password::new("viewer password".into());
        let viewer = self.state.accounts.by_basic("vera", password, "", None).await.unwrap();
        self.state.metrics_scope(&viewer).unwrap()
    }

    /// Signs in as the administrator and returns the cookie.
    pub(in crate::portal) async fn sign_in(&self) -> As {
        let body = serde_json::json!({ "user": "admin", "password": ADMIN_PASSWORD });
        self.post("/login", &As::Nobody, &body).await.cookie()
    }
}

pub(in crate::portal) fn request(method: &str, path: &str, who: &As, body: Body) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path).header(header::HOST, "here:3000");
    let builder = match who {
        As::Nobody => builder,
        As::Cookie(pair) => builder.header(header::COOKIE, pair),
        As::Bearer(token) => builder.header(header::AUTHORIZATION, format!("Bearer {token}")),
        As::BasicIn(login, password, org) => {
            let builder = builder.header("x-grafana-org-id", *org);
            builder.header(header::AUTHORIZATION, basic(login, password))
        }
        As::Basic(login, password) => builder.header(header::AUTHORIZATION, basic(login, password)),
    };
    builder.body(body).unwrap()
}

fn basic(login: &str, password: &str) -> String {
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{login}:{password}"));
    format!("Basic {pair}")
}

impl Site {
    /// Reads changed provisioning files.
    pub(in crate::portal) async fn provision_again(&self) {
        let root = self.dir.path().join("provisioning");
        let config = ProvisioningConfig { roots: vec![root], ..ProvisioningConfig::default() };
        let (tables, clock) = (self.state.tables.clone(), self.state.clock.clone());
        let provisioner = Provisioner::new(tables, clock, config);
        let mut provisioner = provisioner.with_handle(self.state.providers.clone());
        assert_eq!(provisioner.pass().await.unwrap().failures, 0);
    }
}

async fn provision(dir: &TempDir, tables: &Tables, clock: &Arc<HostClock>) -> Providers {
    let root = dir.path().join("provisioning");
    fs::create_dir_all(root.join("dashboards")).unwrap();
    fs::create_dir_all(root.join("datasources")).unwrap();
    fs::create_dir_all(dir.path().join("boards")).unwrap();
    let boards = dir.path().join("boards").display().to_string();
    let provider =
        format!("providers: [{{name: P, folder: Hosts, options: {{path: '{boards}'}}}}]");
    fs::write(root.join("dashboards/p.yaml"), provider).unwrap();
    fs::write(dir.path().join("boards/board.json"), BOARD).unwrap();
    fs::write(dir.path().join("boards/other.json"), r#"{"title":"Zoo"}"#).unwrap();
    let sources = "datasources:\n- {name: Own, uid: own, type: prometheus, url: 'http://localhost:9090'}\n- {name: Far, uid: far, type: loki, url: 'http://loki:3100', secureJsonData: {password: hush}}\n";
    fs::write(root.join("datasources/d.yaml"), sources).unwrap();
    let config = ProvisioningConfig { roots: vec![root], ..ProvisioningConfig::default() };
    let mut provisioner = Provisioner::new(tables.clone(), clock.clone(), config);
    let pass = provisioner.pass().await.unwrap();
    assert_eq!((pass.dashboards_saved, pass.failures), (2, 0));
    provisioner.providers_handle()
}

/// Stands in for the Prometheus face: tells what reached it.
async fn echo(request: Request<Body>) -> String {
    let scope = request.extensions().get::<Scope>();
    let tenant = scope.map_or("none", |scope| scope.tenant().as_str()).to_owned();
    let secrets = request.headers().contains_key(header::AUTHORIZATION)
        || request.headers().contains_key(header::COOKIE);
    let head = format!("{} {} tenant={tenant} secrets={secrets}", request.method(), request.uri());
    let body = to_bytes(request.into_body(), 1000).await.unwrap();
    format!("{head} body={}", String::from_utf8_lossy(&body))
}
