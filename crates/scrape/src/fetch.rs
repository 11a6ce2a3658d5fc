//! One HTTP request for a target's page, bounded in time and size.

use std::io::Read;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, Response};

use crate::config::{Credential, HttpClientConfig, Job, accept_header};

/// What a target answered with status 200, still compressed if it was.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) body: Vec<u8>,
    pub(crate) gzip: bool,
    pub(crate) content_type: Option<String>,
}

/// The text becomes the target's `lastError`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("context deadline exceeded: no complete answer within {0:?}")]
    Timeout(Duration),
    #[error("server returned HTTP status {0}")]
    Status(reqwest::StatusCode),
    #[error("body size limit exceeded ({0} bytes)")]
    TooLarge(u64),
    #[error("{0}")]
    Transport(String),
    /// The pool does not let its targets be scraped.
    #[error("{0}")]
    NotTried(String),
    #[error("cannot use the job's HTTP settings: {0}")]
    Settings(String),
}

/// The HTTP side of one job; connections are kept and shared by its targets.
#[derive(Debug)]
pub(crate) struct Fetcher {
    config: HttpClientConfig,
    accept: String,
    compression: bool,
    body_bytes_max: u64,
    plain: OnceLock<Result<Client, String>>,
    secure: OnceLock<Result<Client, String>>,
}

impl Fetcher {
    /// `body_bytes_max` holds for jobs that set no limit of their own.
    pub(crate) fn new(job: &Job, body_bytes_max: u64) -> Self {
        let own = job.limits.body_bytes;
        Self {
            config: job.client.clone(),
            accept: accept_header(&job.protocols, &job.escaping),
            compression: job.enable_compression,
            body_bytes_max: if own == 0 { body_bytes_max } else { own },
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        }
    }

    pub(crate) fn for_discovery(config: &HttpClientConfig, body_bytes_max: u64) -> Self {
        Self {
            config: config.clone(),
            accept: "application/json".into(),
            compression: true,
            body_bytes_max,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        }
    }

    pub(crate) async fn fetch(&self, url: &str, timeout: Duration) -> Result<Page, FetchError> {
        let answer = tokio::time::timeout(timeout, self.request(url, timeout));
        answer.await.unwrap_or(Err(FetchError::Timeout(timeout)))
    }

    async fn request(&self, url: &str, timeout: Duration) -> Result<Page, FetchError> {
        let mut response = self.send(url, url.starts_with("https:"), timeout).await?;
        if response.status().is_redirection() && self.config.follow_redirects {
            // The lean client stops at a way to https; the full one goes all of it.
            response = self.send(url, true, timeout).await?;
        }
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let header = |name| {
            let value: Option<&reqwest::header::HeaderValue> = response.headers().get(name);
            value.and_then(|v| v.to_str().ok()).map(str::to_owned)
        };
        let gzip = header(CONTENT_ENCODING).is_some_and(|v| v.eq_ignore_ascii_case("gzip"));
        let content_type = header(CONTENT_TYPE);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| transport(&e))? {
            if (body.len() + chunk.len()) as u64 > self.body_bytes_max {
                return Err(FetchError::TooLarge(self.body_bytes_max));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Page { body, gzip, content_type })
    }

    async fn send(
        &self,
        url: &str,
        secure: bool,
        timeout: Duration,
    ) -> Result<Response, FetchError> {
        let slot = if secure { &self.secure } else { &self.plain };
        let client = slot.get_or_init(|| build_client(&self.config, secure));
        let client = client.as_ref().map_err(|e| FetchError::Settings(e.clone()))?;
        let encoding = if self.compression { "gzip" } else { "identity" };
        let request = client
            .get(url)
            .header(ACCEPT, &self.accept)
            .header(ACCEPT_ENCODING, encoding)
            .header("X-Prometheus-Scrape-Timeout-Seconds", timeout.as_secs_f64().to_string());
        let request = self.authorize(request).map_err(FetchError::Settings)?;
        request.send().await.map_err(|e| transport(&e))
    }

    /// Files are read for every request, so a rotated secret needs no reload.
    fn authorize(&self, mut request: RequestBuilder) -> Result<RequestBuilder, String> {
        if let Some(basic) = &self.config.basic_auth {
            let (name, password) = (resolve(&basic.username)?, resolve(&basic.password)?);
            request = request.basic_auth(name, Some(password));
        }
        if let Some(authorization) = &self.config.authorization {
            let value =
                format!("{} {}", authorization.scheme, resolve(&authorization.credentials)?);
            request = request.header(AUTHORIZATION, value);
        }
        for header in &self.config.headers {
            for value in &header.values {
                request = request.header(&header.name, &value.0);
            }
            for file in &header.files {
                request = request.header(&header.name, read_file(file)?);
            }
        }
        Ok(request)
    }

    /// The text of a page, decompressed; blocking and CPU-bound.
    pub(crate) fn decompress(&self, page: &mut Page) -> Result<(), FetchError> {
        if !page.gzip {
            return Ok(());
        }
        let mut plain = Vec::new();
        let limit = self.body_bytes_max;
        flate2::read::MultiGzDecoder::new(page.body.as_slice())
            .take(limit.saturating_add(1))
            .read_to_end(&mut plain)
            .map_err(|e| FetchError::Transport(format!("gzip: {e}")))?;
        if plain.len() as u64 > limit {
            return Err(FetchError::TooLarge(limit));
        }
        page.body = plain;
        page.gzip = false;
        Ok(())
    }
}

/// An error with its causes, without the URL, which the status page shows anyway.
fn transport(error: &reqwest::Error) -> FetchError {
    let mut text = String::new();
    let mut source: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(e) = source {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&e.to_string());
        source = e.source();
    }
    FetchError::Transport(if text.is_empty() { error.to_string() } else { text })
}

fn resolve(credential: &Credential) -> Result<String, String> {
    if credential.file.is_empty() {
        return Ok(credential.value.0.clone());
    }
    read_file(&credential.file)
}

fn read_file(path: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("unable to read {path}: {e}"))?;
    Ok(text.trim().to_owned())
}

/// `secure` loads the machine's certificates, which a job over plain HTTP does not have to wait
/// for.
fn build_client(config: &HttpClientConfig, secure: bool) -> Result<Client, String> {
    // Fails only when a provider is installed already, which is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    let follow = config.follow_redirects;
    let policy = reqwest::redirect::Policy::custom(move |attempt| {
        let to_https = attempt.url().scheme() == "https";
        if !follow || (to_https && !secure) {
            attempt.stop()
        } else if attempt.previous().len() > 10 {
            attempt.error("stopped after 10 redirects")
        } else {
            attempt.follow()
        }
    });
    let mut builder = Client::builder()
        .redirect(policy)
        .no_proxy()
        .user_agent(concat!("Orrery/", env!("CARGO_PKG_VERSION")))
        .pool_idle_timeout(Duration::from_mins(5));
    let tls = &config.tls;
    if !secure {
        builder = builder.tls_certs_only([]);
    } else if tls.ca.is_set() {
        let pem = resolve(&tls.ca)?;
        let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
        builder = builder.tls_certs_only(certificates.map_err(|e| format!("ca: {e}"))?);
    }
    if secure && tls.cert.is_set() {
        let pem = format!("{}\n{}", resolve(&tls.cert)?, resolve(&tls.key)?);
        let identity = reqwest::Identity::from_pem(pem.as_bytes());
        builder = builder.identity(identity.map_err(|e| format!("client certificate: {e}"))?);
    }
    if tls.insecure_skip_verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    builder.build().map_err(|e| e.to_string())
}
