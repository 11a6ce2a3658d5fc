//! One connection: what the client asks, what it is told, and when it is closed.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use portal::tables::Permission;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, interval_at, sleep, timeout};

use super::hub::{DashboardEvent, Place};
use super::protocol::{self, Ask, Close, Refusal};
use crate::portal::guard::Visitor;
use crate::portal::state::PortalState;

/// How long a message may take to leave for a client that does not read.
const SEND_TIME_MAX: Duration = Duration::from_secs(10);

struct Session {
    state: PortalState,
    visitor: Visitor,
    client: String,
    is_connected: bool,
    /// Whether anything has come since the last ping.
    was_heard: bool,
    /// The dashboard's uid by the channel as the client calls it.
    channels: HashMap<String, String>,
}

/// Goes on until one of both ends it. `place` is given back then.
pub(super) async fn serve(
    state: PortalState,
    visitor: Visitor,
    mut socket: WebSocket,
    place: Place,
) {
    let live = state.live.clone();
    let limits = *live.limits();
    let mut events = live.listen();
    let mut session = Session {
        client: live.client(),
        state,
        visitor,
        is_connected: false,
        was_heard: true,
        channels: HashMap::new(),
    };
    let mut ping = interval_at(Instant::now() + limits.ping_interval, limits.ping_interval);
    let end = sleep(limits.connection_time_max);
    tokio::pin!(end);
    let close = loop {
        let step = tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => session.answer(text.as_str()).await,
                Some(Ok(Message::Binary(_))) => Err(protocol::BAD_REQUEST),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Vec::new()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => break None,
            },
            event = events.recv() => match event {
                Ok(event) => Ok(session.told(&event).await),
                Err(RecvError::Lagged(_)) => Err(protocol::SLOW),
                Err(RecvError::Closed) => Err(protocol::SHUTDOWN),
            },
            () = live.stopped() => Err(protocol::SHUTDOWN),
            _ = ping.tick() => session.ping(),
            () = &mut end => Err(protocol::EXPIRED),
        };
        let lines = match step {
            Ok(lines) if lines.is_empty() => continue,
            Ok(lines) => lines,
            Err(close) => break Some(close),
        };
        let text = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        match timeout(SEND_TIME_MAX, socket.send(Message::text(text))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => break None,
            Err(_) => break Some(protocol::SLOW),
        }
    };
    if let Some(Close(code, reason)) = close {
        if close == Some(protocol::SLOW) {
            live.count_dropped();
        }
        let frame = CloseFrame { code, reason: reason.into() };
        // Whoever does not take it is gone anyway.
        timeout(SEND_TIME_MAX, socket.send(Message::Close(Some(frame)))).await.ok();
    }
    drop(place);
}

impl Session {
    /// Replies to the commands of a message, in order.
    async fn answer(&mut self, text: &str) -> Result<Vec<Value>, Close> {
        self.was_heard = true;
        let mut replies = Vec::new();
        for (id, ask) in protocol::parse(text)? {
            let result = match ask {
                Ask::Pong => continue,
                Ask::Connect if self.is_connected => return Err(protocol::BAD_REQUEST),
                Ask::Connect => Ok(self.connected()),
                _ if !self.is_connected => return Err(protocol::BAD_REQUEST),
                Ask::Subscribe(channel) => self.subscribe(channel).await,
                Ask::Unsubscribe(channel) => {
                    self.channels.remove(&channel);
                    Ok(json!({ "unsubscribe": {} }))
                }
                // Everything that is told here is told by the server.
                Ask::Publish => Err(protocol::PERMISSION_DENIED),
                Ask::Presence(channel) => self.presence(&channel),
                Ask::PresenceStats(channel) => self.presence_stats(&channel),
                Ask::Ping => Ok(json!({ "ping": {} })),
                Ask::NotOffered => Err(protocol::NOT_AVAILABLE),
            };
            replies.push(match result {
                Ok(mut reply) => {
                    reply["id"] = id.into();
                    reply
                }
                Err(refused) => protocol::refusal(id, refused),
            });
        }
        Ok(replies)
    }

    fn connected(&mut self) -> Value {
        self.is_connected = true;
        let seconds = self.state.live.limits().ping_interval.as_secs();
        let connect =
            json!({ "client": self.client, "version": "", "ping": seconds, "pong": true });
        json!({ "connect": connect })
    }

    async fn subscribe(&mut self, channel: String) -> Result<Value, Refusal> {
        if self.channels.contains_key(&channel) {
            return Err(protocol::ALREADY_SUBSCRIBED);
        }
        if self.channels.len() >= self.state.live.limits().subscriptions_max {
            return Err(protocol::LIMIT_EXCEEDED);
        }
        let uid = protocol::dashboard_of(&channel, self.visitor.org());
        let uid = uid.ok_or(protocol::UNKNOWN_CHANNEL)?.to_owned();
        if !self.may_see(&uid).await? {
            return Err(protocol::PERMISSION_DENIED);
        }
        self.channels.insert(channel, uid);
        Ok(json!({ "subscribe": {} }))
    }

    /// As permissions are now; they may have changed since the client subscribed.
    async fn may_see(&self, uid: &str) -> Result<bool, Refusal> {
        let access = self.state.access(&self.visitor).await.map_err(|_| protocol::INTERNAL)?;
        let row = access.listing().rows.iter().find(|row| !row.is_folder && row.uid == uid);
        Ok(match row {
            Some(row) => access.listed(row).is_some(),
            // One that is not there yet, or no longer: whoever sees everything may wait for it.
            None => access.by_role() >= Some(Permission::Admin),
        })
    }

    fn presence(&self, channel: &str) -> Result<Value, Refusal> {
        self.subscribed(channel)?;
        let own = json!({ "client": self.client, "user": self.visitor.user().to_string() });
        let mut presence = json!({});
        presence[self.client.as_str()] = own;
        Ok(json!({ "presence": { "presence": presence } }))
    }

    /// Counts oneself and nobody else: who looks at what is nobody's business.
    fn presence_stats(&self, channel: &str) -> Result<Value, Refusal> {
        self.subscribed(channel)?;
        Ok(json!({ "presence_stats": { "num_clients": 1, "num_users": 1 } }))
    }

    fn subscribed(&self, channel: &str) -> Result<(), Refusal> {
        let is_one = self.channels.contains_key(channel);
        is_one.then_some(()).ok_or(protocol::PERMISSION_DENIED)
    }

    /// Pushes for the channels that an event is about.
    async fn told(&mut self, event: &DashboardEvent) -> Vec<Value> {
        if event.org != self.visitor.org() || !self.channels.values().any(|uid| *uid == event.uid) {
            return Vec::new();
        }
        // A deleted dashboard has no permissions to ask for any more; its subscribers had them.
        let is_gone = event.change == super::Change::Deleted;
        if !is_gone && !matches!(self.may_see(&event.uid).await, Ok(true)) {
            return Vec::new();
        }
        let data = event.data();
        let about = self.channels.iter().filter(|(_, uid)| **uid == event.uid);
        about.map(|(channel, _)| protocol::push(channel, &data)).collect()
    }

    fn ping(&mut self) -> Result<Vec<Value>, Close> {
        if !self.is_connected {
            return Err(protocol::STALE);
        }
        if !std::mem::take(&mut self.was_heard) {
            return Err(protocol::NO_PONG);
        }
        Ok(vec![json!({})])
    }
}
