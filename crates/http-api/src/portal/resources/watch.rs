//! `watch=true`: what happens to folders or dashboards as a stream of JSON lines, as long as the
//! client reads it, and five minutes at most: then it asks again, and its rights are looked at
//! anew. A watch is one of the connections that `limits.live_*` bound.
//!
//! What has changed is found by comparing the listing with what was told: no event is kept, and a
//! client that reads slowly is told of the last state of each object only. What has left the
//! selection, or may not be seen any more, is told of as deleted.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use portal::dashboard::resource::namespace_of;
use portal::tables::Listed;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, Sender};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

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

/// Lines that may wait for a slow client before the watch waits too.
const LINES_WAITING_MAX: usize = 8;

/// A change bears the time at which it was asked for, and may be seen this much later. What is
/// no older than that before the version a watch begins with is told once more: no client minds.
const COMMIT_TIME_MAX_MS: i64 = 5000;

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
    initial_events_end: bool,
    /// What was there when it was last compared, as far as the listing can select it.
    known: HashMap<String, Stamp>,
    /// What the client may have, of this watch or of the list before it: only these are told of
    /// as deleted.
    told: HashSet<String>,
    /// Objects that are still to be read and told of.
    pending: VecDeque<String>,
    /// The version of the list that the client has made of all it was told.
    resource_version: i64,
    changed: Receiver<u64>,
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
    let since = since(pairs.first("resourceVersion"))?;
    let mut watch = Watch {
        bookmarks: pairs.first("allowWatchBookmarks") == "true",
        initial_events_end: pairs.first("sendInitialEvents") == "true",
        known: HashMap::new(),
        told: HashSet::new(),
        pending: VecDeque::new(),
        resource_version: since.unwrap_or(0),
        // Before the listing is read: what changes meanwhile is told.
        changed: state.tables.listing_changes(),
        end: Instant::now() + time,
        _place: place,
        state,
        visitor,
        kind,
        version,
        selector,
    };
    let compared = watch.compare(since).await?;
    // After the listing is read: what was deleted before that is not known to this watch.
    let oldest = watch.state.tables.oldest_version(watch.visitor.org());
    if let Some(since) = since.filter(|since| *since < oldest) {
        let text = format!("too old resource version: {since} ({oldest})");
        return Err(Refusal::new(StatusCode::GONE, "Expired", text));
    }
    let (lines, waiting) = mpsc::channel(LINES_WAITING_MAX);
    // A task of its own: a client that reads nothing must not keep its place.
    tokio::spawn(watch.run(compared, lines));
    let body = stream::unfold(waiting, |mut waiting| async move {
        let line = waiting.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(line), waiting))
    });
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((json, Body::from_stream(body)).into_response())
}

/// `None` where everything is to be told: without a version, or with 0.
fn since(resource_version: &str) -> Result<Option<i64>, Refusal> {
    if matches!(resource_version, "" | "0") {
        return Ok(None);
    }
    let bad = |_| Refusal::bad_request(format!("bad resourceVersion {resource_version:?}"));
    resource_version.parse().map(Some).map_err(bad)
}

impl Watch {
    /// Tells until the time is over, the server stops or the client has left.
    async fn run(mut self, compared: i64, lines: Sender<Bytes>) {
        let (end, live, kind) = (self.end, self.state.live.clone(), self.kind);
        let telling = async {
            if let Err(refusal) = self.tell(compared, &lines).await {
                // An error is told once, and ends the stream.
                let status = kind.status("", &refusal);
                lines.send(line("ERROR", &status.to_string())).await.ok();
            }
        };
        tokio::select! {
            biased;
            () = sleep_until(end) => {}
            () = live.stopped() => {}
            () = lines.closed() => {}
            () = telling => {}
        }
    }

    /// `compared` is the version of what is known. A line that cannot be sent says that the
    /// client has left, which ends `run`.
    async fn tell(&mut self, mut compared: i64, lines: &Sender<Bytes>) -> Result<(), Refusal> {
        let mut tick = interval_at(Instant::now() + BOOKMARK_INTERVAL, BOOKMARK_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_bookmark_due = self.initial_events_end;
        loop {
            while !self.pending.is_empty() {
                for line in self.lines_of_some().await? {
                    lines.send(line).await.ok();
                }
            }
            self.resource_version = compared;
            if is_bookmark_due {
                let initial_events_end = std::mem::take(&mut self.initial_events_end);
                lines.send(self.bookmark(initial_events_end)).await.ok();
            }
            is_bookmark_due = tokio::select! {
                changed = self.changed.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    false
                }
                _ = tick.tick() => self.bookmarks,
            };
            compared = self.compare(None).await?;
        }
    }

    fn is_of_folders(&self) -> bool {
        self.kind.plural == "folders"
    }

    /// By all that the listing knows; a folder has no labels but its number.
    fn may_select(&self, row: &Listed) -> bool {
        let needs_object = !self.is_of_folders() && self.selector.needs_labels();
        row.is_folder == self.is_of_folders()
            && self.selector.names(&row.uid, &namespace_of(self.visitor.org()))
            && (needs_object || self.selector.labelled(&BTreeMap::new(), row.id))
    }

    /// Finds what has changed; the version of what is known now. `since`: the client has a list
    /// of this version. It is taken to have all that was there by then: to be told of the end of
    /// what it has not does no harm.
    async fn compare(&mut self, since: Option<i64>) -> Result<i64, Refusal> {
        self.changed.borrow_and_update();
        let version = list_version(&self.state, &self.visitor);
        let access = self.state.access(&self.visitor).await?;
        let mut present = HashMap::new();
        for row in &access.listing().rows {
            if !self.may_select(row) || access.listed(row).is_none() {
                continue;
            }
            let stamp = Stamp {
                version: row.version,
                updated_ms: row.updated_ms,
                folder_uid: row.folder_uid.clone(),
            };
            let is_old = since
                .is_some_and(|since| row.updated_ms < since.saturating_sub(COMMIT_TIME_MAX_MS));
            if !is_old && self.known.get(&row.uid) != Some(&stamp) {
                self.pending.push_back(row.uid.clone());
            }
            if since.is_some_and(|since| row.created_ms <= since) {
                self.told.insert(row.uid.clone());
            }
            present.insert(row.uid.clone(), stamp);
        }
        let gone = self.known.keys().filter(|uid| !present.contains_key(*uid));
        self.pending.extend(gone.filter(|uid| self.told.contains(*uid)).cloned());
        self.known = present;
        Ok(version)
    }

    /// Some of `pending`, as they are and may be seen by now.
    async fn lines_of_some(&mut self) -> Result<Vec<Bytes>, Refusal> {
        let some = self.pending.len().min(OBJECTS_AT_ONCE);
        let some: Vec<String> = self.pending.drain(..some).collect();
        let wanted: HashSet<&str> = some.iter().map(String::as_str).collect();
        let access = self.state.access(&self.visitor).await?;
        let rows = access.listing().rows.iter().filter(|row| wanted.contains(row.uid.as_str()));
        let rows = rows.filter(|row| self.may_select(row) && access.listed(row).is_some());
        let uids: Vec<&str> = rows.map(|row| row.uid.as_str()).collect();
        let place = (self.version.as_str(), namespace_of(self.visitor.org()));
        let (state, visitor) = (&self.state, &self.visitor);
        let mut objects = if self.is_of_folders() {
            folders::objects(state, visitor, &place, &uids).await?
        } else {
            dashboards::objects(state, visitor, &place, (&uids, &self.selector)).await?
        };
        let mut lines = Vec::new();
        for uid in some {
            if let Some(object) = objects.remove(&uid) {
                let is_new = self.told.insert(uid);
                lines.push(line(if is_new { "ADDED" } else { "MODIFIED" }, &object));
                continue;
            }
            if !uids.contains(&uid.as_str()) {
                // It is told of as new once it may be seen again.
                self.known.remove(&uid);
            }
            if self.told.remove(&uid) {
                lines.push(line("DELETED", &self.remains(&uid).to_string()));
            }
        }
        Ok(lines)
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

/// A version for a list that is read after this: what happens from then on, a watch tells.
pub(super) fn list_version(state: &PortalState, visitor: &Visitor) -> i64 {
    state.tables.list_version(visitor.org(), state.clock.unix_ms())
}
