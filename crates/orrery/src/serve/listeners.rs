//! Binds every face's address before anything else is opened, and serves the faces.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use axum::Router;
use http_api::serve::{ServeConfig, serve};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::serve::wiring::Running;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Portal,
    Prometheus,
    Mimir,
    MimirQuery,
}

impl Face {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Prometheus => "prometheus",
            Self::Mimir => "mimir",
            Self::MimirQuery => "mimir_query",
        }
    }
}

/// Bound, not yet accepting.
pub(crate) struct Listeners(Vec<(Face, TcpListener, SocketAddr)>);

/// Accepting; ends with [`Faces::stop`].
pub(crate) struct Faces {
    pub(crate) addresses: Vec<(Face, SocketAddr)>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

pub(crate) async fn bind(config: &Config) -> anyhow::Result<Listeners> {
    let listen = &config.listen;
    let mut bound = Vec::new();
    for (face, address) in [
        (Face::Portal, &listen.portal),
        (Face::Prometheus, &listen.prometheus),
        (Face::Mimir, &listen.mimir),
        (Face::MimirQuery, &listen.mimir_query),
    ] {
        let Some(address) = config.address(address).map_err(anyhow::Error::msg)? else { continue };
        let listener = match TcpListener::bind(address).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
                "the {} address {address} is already in use; choose another with listen.{} or --port-offset",
                face.name(),
                face.name()
            ),
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot listen on {address} for {}", face.name()));
            }
        };
        let local = listener.local_addr().context("a bound socket has an address")?;
        bound.push((face, listener, local));
    }
    Ok(Listeners(bound))
}

impl Listeners {
    pub(crate) fn addresses(&self) -> Vec<(Face, SocketAddr)> {
        self.0.iter().map(|(face, _, address)| (*face, *address)).collect()
    }

    /// Starts to accept on every face.
    pub(crate) fn serve(self, running: &Running, config: &Config) -> Faces {
        let limits = ServeConfig {
            connections_max: config.limits.connections_max,
            header_timeout: config.limits.header_timeout.0,
            stop_timeout: config.limits.stop_timeout.0,
        };
        let addresses = self.addresses();
        let (stop, stopped) = watch::channel(false);
        let tasks = self
            .0
            .into_iter()
            .map(|(face, listener, address)| {
                tracing::info!(face = face.name(), %address, "listening");
                let router: Router = running.router(face);
                tokio::spawn(serve(listener, router, limits, stopped.clone()))
            })
            .collect();
        Faces { addresses, stop, tasks }
    }
}

impl Faces {
    /// Takes no more connections and waits for running requests, within the limit.
    pub(crate) async fn stop(self) {
        // Fails only when every face has ended already.
        let _all_ended = self.stop.send(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a face ended badly");
            }
        }
    }
}
