//! Sends what `outgoing` describes: connections kept per source, and every limit held (places,
//! time, bytes, addresses). Redirects are not followed, proxies of the environment are not used:
//! neither would ask `address` again.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, header};
use futures_util::stream::unfold;
use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, RequestBuilder, Response, Url};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::address::{AllowList, Refused};
use super::outgoing::{BadSource, Outgoing, Timeouts};
use super::path;
use crate::portal::state::PortalConfig;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// Sources whose connections are kept; beyond it all start anew.
const CLIENTS_MAX: usize = 1000;

/// A refused source is written down once in this time.
const REFUSAL_INTERVAL_MS: i64 = 10 * 60 * 1000;

/// No answer from a data source: one variant per reaction.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// 403: it is no address for a data source.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// 400: the source's settings have to be changed.
    #[error(transparent)]
    Source(#[from] BadSource),
    /// 503: try again later.
    #[error(
        "{0} requests to data sources are under way already (raise limits.data_source_requests_max)"
    )]
    Busy(usize),
    /// 504
    #[error("the data source did not answer within {0:?}")]
    Timeout(Duration),
    /// 413: the visitor sent too much.
    #[error("request body too large: the limit is {0} bytes (raise limits.portal_body_bytes_max)")]
    BodyTooLarge(usize),
    /// 502: it cannot be reached, or breaks off.
    #[error("{0}")]
    Unreachable(String),
    /// 502: TLS does not come about, and what would help.
    #[error("{0}")]
    Tls(String),
    /// 502: its answer is larger than may be held.
    #[error(
        "the data source's answer has more than {0} bytes (raise \
         limits.data_source_response_bytes_max)"
    )]
    AnswerTooLarge(u64),
}

/// The outgoing side for all data sources; cheap to clone.
#[derive(Clone)]
pub struct SourceClients(Arc<Shared>);

struct Shared {
    allow: Arc<AllowList>,
    pub(crate) timeouts: Timeouts,
    response_bytes_max: u64,
    requests_max: usize,
    places: Arc<Semaphore>,
    clients: Mutex<HashMap<i64, (Outgoing, Client)>>,
    /// When a refusal of a source was last written down, Unix milliseconds.
    refusals: Mutex<HashMap<i64, i64>>,
}

/// A source that is ready to be asked once.
pub(crate) struct Upstream {
    client: Client,
    outgoing: Outgoing,
    response_bytes_max: u64,
    place: OwnedSemaphorePermit,
}

/// The head of an answer, and what is left to read.
pub(crate) struct Answer {
    response: Response,
    bytes_max: u64,
    timeout: Duration,
    place: OwnedSemaphorePermit,
}

impl std::fmt::Debug for SourceClients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceClients").finish_non_exhaustive()
    }
}

impl SourceClients {
    pub fn new(config: &PortalConfig) -> Self {
        Self(Arc::new(Shared {
            allow: Arc::new(config.data_source_allow.clone()),
            timeouts: Timeouts {
                default: config.data_source_timeout,
                max: config.data_source_timeout_max,
            },
            response_bytes_max: config.data_source_response_bytes_max,
            requests_max: config.data_source_requests_max,
            places: Arc::new(Semaphore::new(config.data_source_requests_max)),
            clients: Mutex::default(),
            refusals: Mutex::default(),
        }))
    }

    /// Whether a refusal of this source has not been written down for a while.
    pub(crate) fn is_news(&self, id: i64, now_ms: i64) -> bool {
        let mut refusals = self.0.refusals.lock();
        refusals.retain(|_, last_ms| now_ms.saturating_sub(*last_ms) < REFUSAL_INTERVAL_MS);
        refusals.len() < CLIENTS_MAX && refusals.insert(id, now_ms).is_none()
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.0.timeouts
    }

    /// Waits for a place, at most as long as the source itself would be waited for.
    /// `id`: the source's, under which its connections are kept while its settings stay the same.
    pub(crate) async fn open(&self, id: i64, outgoing: Outgoing) -> Result<Upstream, AskError> {
        let shared = &self.0;
        shared.allow.check_host(outgoing.base.host_str().unwrap_or_default())?;
        let client = shared.client(id, &outgoing)?;
        let place = Arc::clone(&shared.places).acquire_owned();
        let Ok(Ok(place)) = tokio::time::timeout(outgoing.timeout, place).await else {
            return Err(AskError::Busy(shared.requests_max));
        };
        let response_bytes_max = shared.response_bytes_max;
        Ok(Upstream { client, outgoing, response_bytes_max, place })
    }
}

impl Shared {
    fn client(&self, id: i64, outgoing: &Outgoing) -> Result<Client, AskError> {
        if let Some((known, client)) = self.clients.lock().get(&id)
            && known == outgoing
        {
            return Ok(client.clone());
        }
        let client = build(outgoing, &self.allow)
            .map_err(|reason| BadSource { name: outgoing.base.to_string(), reason })?;
        let mut clients = self.clients.lock();
        if clients.len() >= CLIENTS_MAX {
            clients.clear();
        }
        clients.insert(id, (outgoing.clone(), client.clone()));
        Ok(client)
    }
}

impl Upstream {
    pub(crate) fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    /// A request for a path behind the source's address. `path` has passed [`path::check`]; `query`
    /// is encoded.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        query: Option<&str>,
        headers: HeaderMap,
    ) -> RequestBuilder {
        let url = self.url(path, query);
        let mut all = headers;
        for (name, value) in &self.outgoing.headers {
            all.insert(name, value.clone());
        }
        if self.outgoing.tls.server_name.is_some()
            && let Ok(host) = authority(&self.outgoing.base).parse()
        {
            all.insert(header::HOST, host);
        }
        self.client.request(method, url).headers(all).timeout(self.outgoing.timeout)
    }

    fn url(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.outgoing.base.clone();
        url.set_path(&path::join(self.outgoing.base.path(), path));
        let both = [query.unwrap_or_default(), &self.outgoing.query];
        let both: Vec<&str> = both.into_iter().filter(|part| !part.is_empty()).collect();
        url.set_query((!both.is_empty()).then(|| both.join("&")).as_deref());
        if let Some(name) = &self.outgoing.tls.server_name {
            // TLS asks for the name in the address; the resolver knows what it stands for.
            url.set_host(Some(name)).ok();
        }
        url
    }

    pub(crate) async fn send(self, request: RequestBuilder) -> Result<Answer, AskError> {
        let timeout = self.outgoing.timeout;
        let response = request.send().await.map_err(|error| explain(&error, timeout))?;
        if response.content_length().is_some_and(|length| length > self.response_bytes_max) {
            return Err(AskError::AnswerTooLarge(self.response_bytes_max));
        }
        Ok(Answer { response, bytes_max: self.response_bytes_max, timeout, place: self.place })
    }
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The rest of the answer at once.
    pub(crate) async fn bytes(mut self) -> Result<Vec<u8>, AskError> {
        let mut all = Vec::new();
        while let Some(chunk) = self.next().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }

    /// The rest of the answer as it comes; its place is taken until it is read or dropped.
    pub(crate) fn into_body(self) -> Body {
        Body::from_stream(unfold(Some(self), |answer| async move {
            let mut answer = answer?;
            match answer.next().await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(answer))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        }))
    }

    /// For an answer that switches protocols: the connection, with its place.
    pub(crate) async fn upgrade(
        self,
    ) -> Result<(reqwest::Upgraded, OwnedSemaphorePermit), AskError> {
        let timeout = self.timeout;
        let upgraded = self.response.upgrade().await.map_err(|error| explain(&error, timeout))?;
        Ok((upgraded, self.place))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, AskError> {
        let chunk = self.response.chunk().await.map_err(|error| explain(&error, self.timeout))?;
        if let Some(chunk) = &chunk {
            let length = chunk.len() as u64;
            if length > self.bytes_max {
                return Err(AskError::AnswerTooLarge(self.bytes_max));
            }
            self.bytes_max -= length;
        }
        Ok(chunk)
    }
}

fn authority(base: &Url) -> String {
    let host = base.host_str().unwrap_or_default();
    base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn build(outgoing: &Outgoing, allow: &Arc<AllowList>) -> Result<Client, String> {
    // Fails only when a provider is installed already, which is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    let resolver = Guarded {
        allow: Arc::clone(allow),
        alias: outgoing.tls.server_name.clone().zip(outgoing.base.host_str().map(str::to_owned)),
    };
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(resolver)
        .user_agent(concat!("Orrery/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT);
    let tls = &outgoing.tls;
    if outgoing.base.scheme() != "https" {
        // The machine's certificates take a while to read, and nobody needs them.
        builder = builder.tls_certs_only([]);
    } else if let Some(pem) = &tls.ca {
        let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
        let certificates = certificates.map_err(|error| format!("tlsCACert: {error}"))?;
        if certificates.is_empty() {
            return Err("tlsCACert: it holds no certificate".to_owned());
        }
        builder = builder.tls_certs_only(certificates);
    }
    if let Some((certificate, key)) = &tls.identity {
        let pem = format!("{certificate}\n{key}");
        let identity = reqwest::Identity::from_pem(pem.as_bytes());
        builder = builder.identity(identity.map_err(|error| format!("tlsClientCert: {error}"))?);
    }
    if tls.skip_verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    builder.build().map_err(|error| causes(&error))
}

/// Resolves names, and hands out only what may be asked: whoever answers for a name cannot lead a
/// request elsewhere between a check and the connection.
struct Guarded {
    allow: Arc<AllowList>,
    /// A TLS server name and the host that it stands for.
    alias: Option<(String, String)>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = Arc::clone(&self.allow);
        let asked = name.as_str();
        let host = match &self.alias {
            Some((alias, host)) if alias.eq_ignore_ascii_case(asked) => host.clone(),
            _ => asked.to_owned(),
        };
        Box::pin(async move {
            let addresses = addresses(&allow, &host).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

async fn addresses(
    allow: &AllowList,
    host: &str,
) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
    allow.check_host(host)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found = tokio::net::lookup_host((bare, 0)).await?;
    permitted(allow, host, found).map_err(Into::into)
}

/// The addresses of a name that may be asked; an error when it has others only.
fn permitted(
    allow: &AllowList,
    host: &str,
    found: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, Refused> {
    if allow.allows_name(host) {
        return Ok(found.collect());
    }
    let mut refused = None;
    let mut permitted = Vec::new();
    for address in found {
        match allow.check_address(address.ip()) {
            Ok(()) => permitted.push(address),
            Err(why) => {
                refused = Some(Refused { target: format!("{host} ({})", why.target), ..why });
            }
        }
    }
    match refused {
        Some(why) if permitted.is_empty() => Err(why),
        _ => Ok(permitted),
    }
}

fn explain(error: &reqwest::Error, timeout: Duration) -> AskError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(e) = cause {
        if let Some(refused) = e.downcast_ref::<Refused>() {
            return refused.clone().into();
        }
        if let Some(body) = e.downcast_ref::<BodyTooLarge>() {
            return AskError::BodyTooLarge(body.0);
        }
        cause = e.source();
    }
    if error.is_timeout() {
        return AskError::Timeout(timeout);
    }
    match tls_trouble(error) {
        Some(trouble) => AskError::Tls(trouble),
        None => AskError::Unreachable(causes(error)),
    }
}

/// What is wrong with the certificates of either side, in words for who sets up the source.
fn tls_trouble(error: &reqwest::Error) -> Option<String> {
    let mut cause = error.source();
    while let Some(e) = cause {
        if let Some(found) = tls_error(e) {
            return said_of_tls(found);
        }
        cause = e.source();
    }
    None
}

/// An error of TLS, which may lie in errors of I/O that do not name it as their source.
fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    let inside = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    tls_error(inside)
}

fn said_of_tls(error: &rustls::Error) -> Option<String> {
    use rustls::AlertDescription::{
        AccessDenied, BadCertificate, CertificateExpired, CertificateRequired, CertificateUnknown,
        DecryptError, UnknownCA,
    };
    use rustls::{CertificateError as Certificate, Error};
    let text = match error {
        // Another authority of the same name makes another signature.
        Error::InvalidCertificate(Certificate::UnknownIssuer | Certificate::BadSignature) => {
            "its certificate is not signed by an authority that is trusted: give the data source \
             the authority's certificate (CA certificate)"
        }
        Error::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => {
            "its certificate is for another name: set the server name of the data source to a name \
             that the certificate has"
        }
        Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            "its certificate has expired"
        }
        Error::AlertReceived(CertificateRequired) => {
            "it asks for a client certificate: give the data source one with its key (TLS client \
             authentication)"
        }
        Error::AlertReceived(
            UnknownCA | BadCertificate | CertificateUnknown | CertificateExpired | AccessDenied
            | DecryptError,
        ) => "it does not accept the data source's client certificate",
        Error::InvalidCertificate(other) => {
            return Some(format!("its certificate is not accepted: {other:?}"));
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// The limit that a visitor's body is beyond, as the stream of the body says it.
#[derive(Debug, thiserror::Error)]
#[error("request body too large")]
pub(crate) struct BodyTooLarge(pub(crate) usize);

/// An error's causes without the URL, which may have secrets in its query.
fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(e) = cause {
        let text = e.to_string();
        // Some wrappers repeat what they wrap.
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        cause = e.source();
    }
    if texts.is_empty() { "the request failed".to_owned() } else { texts.join(": ") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use portal::tables::NewDataSource;

    use super::super::outgoing::Tls;
    use super::{AllowList, Outgoing, Timeouts, build, permitted};

    #[test]
    fn settings_of_tls_that_cannot_be_used_are_named() {
        let tls = |change: fn(&mut Tls)| {
            let source = NewDataSource { url: "https://host".into(), ..NewDataSource::default() };
            let timeouts = Timeouts { default: Duration::ZERO, max: Duration::ZERO };
            let mut outgoing = Outgoing::of(&source, timeouts).unwrap();
            change(&mut outgoing.tls);
            build(&outgoing, &Arc::default()).map(drop)
        };
        assert_eq!(tls(|tls| tls.skip_verify = true), Ok(()));
        let empty = tls(|tls| tls.ca = Some("not a certificate".into())).unwrap_err();
        assert!(empty.contains("tlsCACert"), "{empty}");
        let pair = tls(|tls| tls.identity = Some(("x".into(), "y".into()))).unwrap_err();
        assert!(pair.contains("tlsClientCert"), "{pair}");
    }

    #[test]
    fn names_lead_only_where_they_may() {
        let check = |allow: &[&str], found: &[&str], want: Result<&[&str], &str>| {
            let allow = AllowList::parse(allow).unwrap();
            let addresses = found.iter().map(|address| address.parse().unwrap());
            let got = permitted(&allow, "rebind.example", addresses);
            match (got, want) {
                (Ok(got), Ok(want)) => {
                    let got: Vec<String> = got.iter().map(ToString::to_string).collect();
                    assert_eq!(got, want);
                }
                (Err(got), Err(want)) => assert!(got.to_string().contains(want), "{got}"),
                (got, want) => panic!("{found:?}: {got:?}, not {want:?}"),
            }
        };
        check(&[], &["10.0.0.1:0", "127.0.0.1:0"], Ok(&["10.0.0.1:0", "127.0.0.1:0"]));
        check(&[], &["169.254.169.254:0"], Err("rebind.example (169.254.169.254)"));
        check(&[], &["169.254.169.254:0", "10.0.0.1:0"], Ok(&["10.0.0.1:0"]));
        check(&[], &["[::ffff:169.254.169.254]:0"], Err("metadata"));
        check(&["rebind.example"], &["169.254.169.254:0"], Ok(&["169.254.169.254:0"]));
        check(&["169.254.0.0/16"], &["169.254.169.254:0"], Ok(&["169.254.169.254:0"]));
        check(&[], &[], Ok(&[]));
    }
}
