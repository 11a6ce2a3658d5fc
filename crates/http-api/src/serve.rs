//! The accept loop every face shares: a bounded number of connections, time-outs for slow
//! clients, and a graceful stop that lets running requests end.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::connect_info::MockConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;
use tower_http::timeout::RequestBodyTimeout;

/// Limits of one face's listener.
#[derive(Clone, Copy, Debug)]
pub struct ServeConfig {
    /// `limits.connections_max`: open connections per face; more wait in the kernel's queue.
    pub connections_max: usize,
    /// `limits.header_timeout`: time a client has to send its request head, longest pause within
    /// a request's body, and how often an HTTP/2 client must show that it is there.
    pub header_timeout: Duration,
    /// `limits.stop_timeout`: time running requests have to end after a stop was asked for.
    pub stop_timeout: Duration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            connections_max: 1024,
            header_timeout: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(10),
        }
    }
}

/// Serves `router` until `stop` turns true, then waits for running requests (at most
/// `stop_timeout`). Accept errors of one connection never end the loop.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: ServeConfig,
    mut stop: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(config.connections_max));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(config.header_timeout);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(config.header_timeout);
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let (stream, peer, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors or a connection reset before we took it: go on, slowly.
                tracing::debug!(%error, "accepting a connection failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = router.clone().layer(axum::Extension(ConnectInfo(peer)));
        let service = service.layer(MockConnectInfo(peer));
        let asked = Arc::new(AtomicBool::new(false));
        let mark = Arc::clone(&asked);
        let service =
            RequestBodyTimeout::new(service, config.header_timeout).map_request(move |request| {
                mark.store(true, Ordering::Relaxed);
                request
            });
        let service = TowerToHyperService::new(service);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        let connection = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let first = tokio::time::timeout(config.header_timeout, connection.as_mut()).await;
            let ended = match first {
                Ok(ended) => ended,
                // The HTTP/1 timer only runs once the protocol is known, HTTP/2 has none: a client
                // that says nothing, or half a greeting, would keep its place for ever.
                Err(_) if !asked.load(Ordering::Relaxed) => Ok(()),
                Err(_) => connection.await,
            };
            if let Err(error) = ended {
                tracing::trace!(%peer, %error, "connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(config.stop_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!(timeout = ?config.stop_timeout, "requests still running at stop were cut off");
    }
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> io::Result<Accepted> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    // Small answers (a health check, one number) must not wait for Nagle's timer.
    stream.set_nodelay(true)?;
    Ok((stream, peer, permit))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::Router;
    use axum::body::Bytes;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::watch;

    use super::{ServeConfig, serve};

    /// What a client that sends `words` and then nothing reads until the server hangs up.
    async fn answer_to(words: &[u8]) -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(|body: Bytes| async move { body }));
        let header_timeout = Duration::from_millis(50);
        let config = ServeConfig { header_timeout, ..ServeConfig::default() };
        let (_running, stop) = watch::channel(false);
        let server = tokio::spawn(serve(listener, router, config, stop));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(words).await.unwrap();
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.unwrap();
        server.abort();
        read
    }

    #[tokio::test]
    async fn a_client_that_stops_talking_loses_its_place() {
        for words in [&b""[..], b"PRI * HT", b"POST / HTTP/1.1\r\nHost: x\r\n"] {
            assert_eq!(answer_to(words).await, b"", "{}", words.escape_ascii());
        }
        // An HTTP/2 client gets the server's settings, but may not just sit there.
        assert!(!answer_to(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.is_empty());
        let half = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf";
        assert!(answer_to(half).await.starts_with(b"HTTP/1.1 400 "));
    }
}
