//! The receiver: where requests go, who sends them, and what a refusal means.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode, Url};

use crate::write_request::WriteRequest;

/// Longest time one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// Pauses between attempts grow up to this.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// Longest part of a refusal that is repeated to the reader, in characters.
const REASON_CHARS_MAX: usize = 400;

/// Who sends.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    #[default]
    None,
    Basic {
        user: String,
        password: String,
    },
    Bearer(String),
}

/// A remote-write receiver.
#[derive(Clone, Debug)]
pub struct Target {
    client: Client,
    push: Url,
    /// Where the same server answers queries, if that is known.
    query: Option<Url>,
    credentials: Credentials,
    headers: HeaderMap,
}

#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("{0:?} is no http or https address")]
    Address(String),
    #[error("the tenant {0:?} cannot be sent in a header")]
    Tenant(String),
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// The receiver will not have it, now or later.
#[derive(Debug, thiserror::Error)]
#[error("{url} refused the samples: {status} {reason}")]
pub struct SendError {
    url: String,
    status: StatusCode,
    reason: String,
}

impl Target {
    /// `address` without a path is a Prometheus face: `/api/v1/write` and `/api/v1/query` are
    /// added. With a path it is the whole push address, such as Mimir's `/api/v1/push`.
    pub fn new(
        address: &str,
        credentials: Credentials,
        tenant: Option<&str>,
    ) -> Result<Self, TargetError> {
        let (push, query) = faces(address)?;
        let mut headers = HeaderMap::new();
        if let Some(tenant) = tenant {
            let value = HeaderValue::from_str(tenant);
            let value = value.map_err(|_| TargetError::Tenant(tenant.to_owned()))?;
            headers.insert("X-Scope-OrgID", value);
        }
        let client = Client::builder().timeout(REQUEST_TIMEOUT).build()?;
        Ok(Self { client, push, query, credentials, headers })
    }

    pub(crate) fn address(&self) -> &str {
        self.push.as_str()
    }

    /// Sends until it is taken. Waits while the receiver is away or busy (connection refused, 429,
    /// 5xx) and says so once; any other refusal is an error.
    pub(crate) async fn send(&self, request: &WriteRequest) -> Result<(), SendError> {
        let mut pause = Duration::from_millis(100);
        let mut told = false;
        loop {
            let post = self
                .with_credentials(self.client.post(self.push.clone()))
                .header("Content-Type", "application/x-protobuf")
                .header("Content-Encoding", "snappy")
                .header("X-Prometheus-Remote-Write-Version", "0.1.0")
                .body(request.body.clone());
            let trouble = match post.send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) if waits(answer.status()) => answer.status().to_string(),
                Ok(answer) => return Err(self.refusal(answer).await),
                Err(error) => error.to_string(),
            };
            if !told {
                tracing::warn!(trouble, "the receiver does not answer; trying again");
                told = true;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// The value of an instant query that gives one; `None` when nobody can say.
    pub(crate) async fn ask(&self, expression: &str) -> Option<f64> {
        let mut url = self.query.clone()?;
        url.query_pairs_mut().append_pair("query", expression);
        let answer = self.with_credentials(self.client.get(url)).send().await.ok()?;
        let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
        answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
    }

    fn with_credentials(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let request = request.headers(self.headers.clone());
        match &self.credentials {
            Credentials::None => request,
            Credentials::Basic { user, password } => request.basic_auth(user, Some(password)),
            Credentials::Bearer(token) => request.bearer_auth(token),
        }
    }

    async fn refusal(&self, answer: reqwest::Response) -> SendError {
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        let reason = text.trim().chars().take(REASON_CHARS_MAX).collect();
        SendError { url: self.push.to_string(), status, reason }
    }
}

/// Where to push, and where to ask if that is known.
fn faces(address: &str) -> Result<(Url, Option<Url>), TargetError> {
    let wrong = || TargetError::Address(address.to_owned());
    let base = Url::parse(address).map_err(|_| wrong())?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err(wrong());
    }
    if base.path() != "/" {
        return Ok((base, None));
    }
    let join = |path: &str| base.join(path).map_err(|_| wrong());
    Ok((join("/api/v1/write")?, Some(join("/api/v1/query")?)))
}

fn waits(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

#[cfg(test)]
mod tests {
    use super::faces;

    #[test]
    fn an_address_without_a_path_is_a_prometheus_face() {
        let target = |address: &str| {
            let faces = faces(address).map_err(|error| error.to_string());
            faces.map(|(push, query)| (push.to_string(), query.is_some()))
        };
        let check = |address: &str, push: &str, asks: bool| {
            assert_eq!(target(address), Ok((push.to_owned(), asks)), "{address}");
        };
        check("http://h:9090", "http://h:9090/api/v1/write", true);
        check("http://h:9090/", "http://h:9090/api/v1/write", true);
        check("https://h/api/v1/push", "https://h/api/v1/push", false);
        assert!(target("ftp://h").is_err_and(|e| e.contains("no http")));
        assert!(target("localhost").is_err());
    }
}
