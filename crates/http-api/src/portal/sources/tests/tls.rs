//! TLS options of data sources, tried on a server with a certificate of its own authority that asks
//! for one of its clients, or does not.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::server::make_secret_source;
use crate::portal::tests::site::{Site, VIEWER};

/// An authority that signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

/// A signed certificate with its key.
struct Signed {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    fn sign(&self, name: &str) -> Signed {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        Signed { certificate: params.signed_by(&key, &self.issuer).unwrap(), key }
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        Arc::new(roots)
    }
}

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let Ok((socket, from)) = self.listener.accept().await else { continue };
            match self.acceptor.accept(socket).into_fallible().await {
                Ok(stream) => return (stream, from),
                // Whom it refuses is to read why before the connection is gone.
                Err((_, mut socket)) => drop(tokio::spawn(async move {
                    socket.shutdown().await?;
                    tokio::io::copy(&mut socket, &mut tokio::io::sink()).await
                })),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Serves until the test ends; with `clients`, to those only whom that authority has signed.
async fn serve(own: &Signed, clients: Option<&Authority>) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(authority.roots(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.key.serialize_der()));
    let config = builder.with_single_cert(vec![own.certificate.der().clone()], key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let router = Router::new().fallback(|| async { "{}" });
    tokio::spawn(async move { axum::serve(Tls { listener, acceptor }, router).await });
    url
}

/// What the health check of a source with these settings and secrets says: nothing when it works.
async fn trouble(site: &Site, url: &str, settings: Value, secrets: &[(&str, &str)]) -> String {
    make_secret_source(site, "prometheus", url, &settings, secrets).await;
    let health = site.get("/api/datasources/uid/far2/health", &VIEWER).await;
    match health.status {
        StatusCode::OK => String::new(),
        _ => health.json()["message"].as_str().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn a_server_is_trusted_by_its_authority_and_name() {
    let site = Site::start().await;
    let (own, other) = (Authority::new(), Authority::new());
    let url = serve(&own.sign("127.0.0.1"), None).await;
    let (ca, wrong) = (own.certificate.pem(), other.certificate.pem());
    let with_ca = || json!({ "tlsAuthWithCACert": true });
    assert_eq!(trouble(&site, &url, with_ca(), &[("tlsCACert", &ca)]).await, "");
    let refused = trouble(&site, &url, with_ca(), &[("tlsCACert", &wrong)]).await;
    assert!(refused.contains("not signed by an authority that is trusted"), "{refused}");
    assert!(refused.contains(&url), "{refused}");
    let refused = trouble(&site, &url, json!({}), &[]).await;
    assert!(refused.contains("not signed by an authority that is trusted"), "{refused}");
    assert_eq!(trouble(&site, &url, json!({ "tlsSkipVerify": true }), &[]).await, "");

    let named = serve(&own.sign("inside.example"), None).await;
    let refused = trouble(&site, &named, with_ca(), &[("tlsCACert", &ca)]).await;
    assert!(refused.contains("for another name"), "{refused}");
    let by_name = |name: &str| json!({ "tlsAuthWithCACert": true, "serverName": name });
    let found = trouble(&site, &named, by_name("inside.example"), &[("tlsCACert", &ca)]).await;
    assert_eq!(found, "");
    let refused = trouble(&site, &named, by_name("outside.example"), &[("tlsCACert", &ca)]).await;
    assert!(refused.contains("for another name"), "{refused}");
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_the_right_one() {
    let site = Site::start().await;
    let (own, other) = (Authority::new(), Authority::new());
    let url = serve(&own.sign("127.0.0.1"), Some(&own)).await;
    let ca = own.certificate.pem();
    let with_ca = json!({ "tlsAuthWithCACert": true });
    let refused = trouble(&site, &url, with_ca, &[("tlsCACert", &ca)]).await;
    assert!(refused.contains("asks for a client certificate"), "{refused}");
    for (signed, want) in
        [(own.sign("orrery"), ""), (other.sign("orrery"), "does not accept the data source's")]
    {
        let (certificate, key) = (signed.certificate.pem(), signed.key.serialize_pem());
        let secrets =
            [("tlsClientCert", &*certificate), ("tlsClientKey", &key), ("tlsCACert", &ca)];
        let settings = json!({ "tlsAuth": true, "tlsAuthWithCACert": true });
        let found = trouble(&site, &url, settings, &secrets).await;
        assert!(found.contains(want) && found.is_empty() == want.is_empty(), "{found}");
        // Whom it serves is the server's business, whatever is skipped here.
        let settings = json!({ "tlsAuth": true, "tlsSkipVerify": true });
        let found = trouble(&site, &url, settings, &secrets).await;
        assert!(found.contains(want) && found.is_empty() == want.is_empty(), "{found}");
    }
}
