//! `watch=true`: what happens to folders or dashboards as a stream of JSON lines, as long as the
//! client reads it, and five minutes at most: then it asks again, and its rights are looked at
//! anew. A watch is one of the connections that `limits.live_*` bound.
//!
//! What has changed is found by comparing the listing with what was told: no event is kept, and a
//! client that reads slowly is told of the last state of each object only.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use portal::dashboard::resource::namespace_of;
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

use super::selector::Selector;
use super::{Kind, Refusal, dashboards, folders};
use crate::portal::guard::Visitor;
use crate::portal::live::Place;
use crate::portal::query_parameters::Pairs;
use crate::portal::state::PortalState;

const TIME_MAX: Duration = Duration::from_mins(5);

/// How often rights are looked at anew, and a bookmark is told.
const BOOKMARK_INTERVAL: Duration = Duration::from_secs(30);

/// Objects that are read at once.
const OBJECTS_AT_ONCE: usize = 100;

/// What of an object is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    version: i64,
    updated_ms: i64,
    folder_uid: String,
}

struct Watch {
    state: PortalState,
    visitor: Visitor,
    kind: Kind,
    version: String,
    selector: Selector,
    bookmarks: bool,
    /// What the client has been told, or is about to be.
    known: HashMap<String, Stamp>,
    /// Events whose objects are still to be read.
    pending: VecDeque<(&'static str, String)>,
    /// The version of the list that a bookmark names once `pending` is told.
    resource_version: i64,
    initial_events_end: bool,
    changed: Receiver<u64>,
    tick: Interval,
    end: Instant,
    _place: Place,
}

/// Answers with the stream. Errors: 410 when what was deleted since `resourceVersion` is not
/// known, 429 when too many are connected.
pub(super) async fn start(
    state: PortalState,
    visitor: Visitor,
    (kind, version): (Kind, String),
    (pairs, selector): (&Pairs, Selector),
) -> Result<Response, Refusal> {
    let place = state.live.admit(visitor.user()).map_err(|full| {
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", full.to_string())
    })?;
    let seconds: u64 = pairs.number("timeoutSeconds", TIME_MAX.as_secs())?;
    let time = Duration::from_secs(seconds).clamp(Duration::from_secs(1), TIME_MAX);
    // Before the listing is read: what changes meanwhile is told.
    let changed = state.tables.listing_changes();
    let now_ms = state.clock.unix_ms();
    let settled_ms = state.tables.settled_since_ms(visitor.org(), now_ms);
    let since = since(pairs.first("resourceVersion"), settled_ms)?;
    let mut tick = interval_at(Instant::now() + BOOKMARK_INTERVAL, BOOKMARK_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watch = Watch {
        bookmarks: pairs.first("allowWatchBookmarks") == "true",
        initial_events_end: pairs.first("sendInitialEvents") == "true",
        known: HashMap::new(),
        pending: VecDeque::new(),
        resource_version: settled_ms,
        changed,
        tick,
        end: Instant::now() + time,
        _place: place,
        state,
        visitor,
        kind,
        version,
        selector,
    };
    watch.compare(since).await?;
    let lines = stream::unfold(watch, |mut watch| async move {
        let line = watch.next().await?;
        Some((Ok::<_, std::convert::Infallible>(line), watch))
    });
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((json, Body::from_stream(lines)).into_response())
}

/// `None` where everything is to be told: without a version, or with 0.
fn since(resource_version: &str, settled_ms: i64) -> Result<Option<i64>, Refusal> {
    if matches!(resource_version, "" | "0") {
        return Ok(None);
    }
    let bad = || Refusal::bad_request(format!("bad resourceVersion {resource_version:?}"));
    let since: i64 = resource_version.parse().map_err(|_| bad())?;
    if since < settled_ms {
        let text = format!("too old resource version: {since} ({settled_ms})");
        return Err(Refusal::new(StatusCode::GONE, "Expired", text));
    }
    Ok(Some(since))
}

impl Watch {
    /// The next line; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if !self.pending.is_empty() {
                match self.told().await {
                    Ok(lines) if lines.is_empty() => continue,
                    Ok(lines) => return Some(lines),
                    Err(error) => return Some(self.last(&error)),
                }
            }
            if self.initial_events_end {
                self.initial_events_end = false;
                return Some(self.bookmark(true));
            }
            let tick = tokio::select! {
                changed = self.changed.changed() => {
                    changed.ok()?;
                    false
                }
                _ = self.tick.tick() => true,
                () = sleep_until(self.end) => return None,
                () = self.state.live.stopped() => return None,
            };
            if let Err(error) = self.compare(None).await {
                return Some(self.last(&error));
            }
            if tick && self.bookmarks && self.pending.is_empty() {
                return Some(self.bookmark(false));
            }
        }
    }

    /// An error is told once, and ends the stream.
    fn last(&mut self, refusal: &Refusal) -> Bytes {
        self.pending.clear();
        self.end = Instant::now();
        let status = self.kind.status("", refusal);
        line("ERROR", &status.to_string())
    }

    /// Finds what has changed. `since`: what is older has been told already.
    async fn compare(&mut self, since: Option<i64>) -> Result<(), Refusal> {
        self.changed.borrow_and_update();
        let is_folder = self.kind.plural == "folders";
        let access = self.state.access(&self.visitor).await?;
        let namespace = namespace_of(self.visitor.org());
        let mut present = HashMap::new();
        let mut newest = self.resource_version;
        for row in access.listing().rows.iter().filter(|row| row.is_folder == is_folder) {
            newest = newest.max(row.updated_ms);
            if access.listed(row).is_none() || !self.selector.names(&row.uid, &namespace) {
                continue;
            }
            let stamp = Stamp {
                version: row.version,
                updated_ms: row.updated_ms,
                folder_uid: row.folder_uid.clone(),
            };
            let is_told = since.is_some_and(|since| row.updated_ms < since);
            match self.known.get(&row.uid) {
                Some(known) if *known == stamp => {}
                Some(_) => self.pending.push_back(("MODIFIED", row.uid.clone())),
                None if is_told => {}
                None if since.is_some_and(|since| row.created_ms < since) => {
                    self.pending.push_back(("MODIFIED", row.uid.clone()));
                }
                None => self.pending.push_back(("ADDED", row.uid.clone())),
            }
            present.insert(row.uid.clone(), stamp);
        }
        let gone = self.known.keys().filter(|uid| !present.contains_key(*uid));
        let gone: Vec<String> = gone.cloned().collect();
        self.pending.extend(gone.into_iter().map(|uid| ("DELETED", uid)));
        self.known = present;
        let settled = self.state.tables.settled_since_ms(self.visitor.org(), newest);
        self.resource_version = newest.max(settled);
        Ok(())
    }

    /// The lines of some events; objects that are gone by now are told of later, as deleted.
    async fn told(&mut self) -> Result<Bytes, Refusal> {
        let some: Vec<(&'static str, String)> =
            self.pending.drain(..self.pending.len().min(OBJECTS_AT_ONCE)).collect();
        let uids = some.iter().filter(|(event, _)| *event != "DELETED");
        let uids: Vec<&str> = uids.map(|(_, uid)| uid.as_str()).collect();
        let place = (self.version.as_str(), namespace_of(self.visitor.org()));
        let mut objects = match self.kind.plural {
            "folders" => folders::objects(&self.state, &self.visitor, &place, &uids).await?,
            _ => {
                dashboards::objects(&self.state, &self.visitor, &place, (&uids, &self.selector))
                    .await?
            }
        };
        let mut lines = Vec::new();
        for (event, uid) in &some {
            if *event == "DELETED" {
                lines.extend(line(event, &self.remains(uid).to_string()));
            } else if let Some(object) = objects.remove(uid) {
                lines.extend(line(event, &object));
            }
        }
        Ok(lines.into())
    }

    /// What is still known of an object that is gone.
    fn remains(&self, uid: &str) -> Value {
        json!({
            "kind": self.kind.singular,
            "apiVersion": format!("{}/{}", self.kind.group, self.version),
            "metadata": {
                "name": uid,
                "namespace": namespace_of(self.visitor.org()),
                "uid": uid,
                "resourceVersion": self.resource_version.to_string(),
            },
        })
    }

    fn bookmark(&self, initial_events_end: bool) -> Bytes {
        let mut metadata = json!({ "resourceVersion": self.resource_version.to_string() });
        if initial_events_end {
            metadata["annotations"] = json!({ "k8s.io/initial-events-end": "true" });
        }
        let object = json!({
            "kind": self.kind.singular,
            "apiVersion": format!("{}/{}", self.kind.group, self.version),
            "metadata": metadata,
        });
        line("BOOKMARK", &object.to_string())
    }
}

fn line(event: &str, object: &str) -> Bytes {
    format!("{{\"type\":\"{event}\",\"object\":{object}}}\n").into()
}

/// Whether a list is to be watched.
pub(super) fn is_wanted(pairs: &Pairs) -> bool {
    matches!(pairs.first("watch"), "true" | "1")
}

/// The version of a list: what happens from then on is told by a watch.
pub(super) fn resource_version(state: &PortalState, org: i64, newest_ms: i64) -> i64 {
    newest_ms.max(state.tables.settled_since_ms(org, state.clock.unix_ms()))
}
