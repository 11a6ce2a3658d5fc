//! Who is connected, and what is told to all of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use telemetry::{Counter, Gauge, Registry};
use tokio::sync::{broadcast, watch};

/// Events that a connection may fall behind before it is dropped.
const EVENTS_BEHIND_MAX: usize = 256;

/// `limits.live_*`
#[derive(Clone, Copy, Debug)]
pub struct LiveLimits {
    pub connections_max: usize,
    pub connections_per_user_max: usize,
    /// Of one message from a client.
    pub message_bytes_max: usize,
    /// Channels of one connection.
    pub subscriptions_max: usize,
    /// How often a client is asked whether it is there.
    pub ping_interval: Duration,
    /// After this a client has to connect, and so to sign in, again.
    pub connection_time_max: Duration,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self {
            connections_max: 1000,
            connections_per_user_max: 50,
            message_bytes_max: 64 << 10,
            subscriptions_max: 128,
            ping_interval: Duration::from_secs(25),
            connection_time_max: Duration::from_hours(1),
        }
    }
}

/// What happened to a dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Saved,
    Deleted,
}

#[derive(Clone, Debug)]
pub(crate) struct DashboardEvent {
    pub(crate) org: i64,
    pub(crate) uid: String,
    pub(crate) change: Change,
    pub(crate) user_id: i64,
    pub(crate) login: String,
    /// Why, in the author's words.
    pub(crate) message: String,
}

impl DashboardEvent {
    /// As Grafana's clients read it.
    pub(super) fn data(&self) -> Value {
        json!({
            "uid": self.uid,
            "action": match self.change { Change::Saved => "saved", Change::Deleted => "deleted" },
            "user": { "id": self.user_id, "login": self.login },
            "message": self.message,
        })
    }
}

/// Why somebody may not connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Full {
    #[error("limits.live_connections_max is reached: {0} connections are open")]
    All(usize),
    #[error("limits.live_connections_per_user_max is reached: {0} connections are open")]
    User(usize),
}

/// The connections and the channel to them; clones share both.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    events: broadcast::Sender<Arc<DashboardEvent>>,
    /// Connections by user; anonymous visitors are user 0.
    open: Mutex<HashMap<i64, usize>>,
    limits: LiveLimits,
    connections: Gauge,
    dropped: Counter,
    next_client: AtomicU64,
    stopping: watch::Sender<bool>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

impl Live {
    #[must_use]
    pub fn new(registry: &Registry, limits: LiveLimits) -> Self {
        Self(Arc::new(Inner {
            events: broadcast::Sender::new(EVENTS_BEHIND_MAX),
            open: Mutex::default(),
            limits,
            connections: registry.gauge(
                "orrery_live_connections",
                "WebSocket connections of Grafana Live that are open.",
                &[],
            ),
            dropped: registry.counter(
                "orrery_live_dropped_connections_total",
                "Connections of Grafana Live that were closed because they read too slowly.",
                &[],
            ),
            next_client: AtomicU64::new(1),
            stopping: watch::Sender::new(false),
        }))
    }

    /// Ends every connection and watch, so that a clean stop need not wait for them.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Returns once `stop` was called.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as `self`, so there is no error.
        self.0.stopping.subscribe().wait_for(|stopping| *stopping).await.ok();
    }

    pub(crate) fn limits(&self) -> &LiveLimits {
        &self.0.limits
    }

    /// Tells everybody who listens. Costs next to nothing when nobody does.
    pub(crate) fn tell(&self, event: DashboardEvent) {
        // An error says that nobody listens.
        self.0.events.send(Arc::new(event)).ok();
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<DashboardEvent>> {
        self.0.events.subscribe()
    }

    pub(super) fn count_dropped(&self) {
        self.0.dropped.inc();
    }

    /// A name for a connection, unlike those of all others of this process.
    pub(super) fn client(&self) -> String {
        format!("{:016x}", self.0.next_client.fetch_add(1, Ordering::Relaxed))
    }

    /// A place for one more connection, given back when dropped.
    pub(crate) fn admit(&self, user: i64) -> Result<Place, Full> {
        let mut open = self.0.open.lock();
        let all: usize = open.values().sum();
        if all >= self.0.limits.connections_max {
            return Err(Full::All(all));
        }
        let own = open.entry(user).or_default();
        // Anonymous visitors are many; the limit of all holds for them.
        if user != 0 && *own >= self.0.limits.connections_per_user_max {
            return Err(Full::User(*own));
        }
        *own += 1;
        self.0.connections.inc();
        Ok(Place { live: self.clone(), user })
    }
}

/// One of the connections that may be open.
pub(crate) struct Place {
    live: Live,
    user: i64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.live.0.open.lock();
        self.live.0.connections.dec();
        if let Some(own) = open.get_mut(&self.user) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod places {
    use telemetry::Registry;

    use super::{Full, Live, LiveLimits};

    #[test]
    fn connections_are_counted_in_all_and_by_user() {
        let limits =
            LiveLimits { connections_max: 3, connections_per_user_max: 2, ..LiveLimits::default() };
        let live = Live::new(&Registry::new(), limits);
        let first = live.admit(1).unwrap();
        let _second = live.admit(1).unwrap();
        assert_eq!(live.admit(1).err(), Some(Full::User(2)));
        let _anonymous = live.admit(0).unwrap();
        assert_eq!(live.admit(2).err(), Some(Full::All(3)));
        drop(first);
        assert!(live.admit(2).is_ok());
        assert!(live.admit(1).is_ok());
    }
}
