//! The queue in front of evaluation: `query.max_concurrency` places, given to tenants in turn.
//!
//! A tenant that sends a thousand queries waits for its own; the next place goes to the tenant
//! whose turn it is, not to the query that came first. Waiting has a limit per tenant, too
//! (`query.max_outstanding_per_tenant`); what is beyond it is refused at once, as Mimir does.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use model::Tenant;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Places for queries; clones share them.
#[derive(Clone, Debug)]
pub struct QueryQueue(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    waiting_max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    free: usize,
    waiting: HashMap<Tenant, VecDeque<oneshot::Sender<Place>>>,
    /// Tenants with a waiting query, each once; the first is next.
    turns: VecDeque<Tenant>,
}

/// A place, free for the next query when dropped.
#[derive(Debug)]
pub(crate) struct Place(Option<Arc<Queue>>);

/// The tenant has as many queries waiting as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyOutstanding {
    pub(crate) limit: usize,
}

impl QueryQueue {
    /// `places`: queries evaluated at once, at least 1; `waiting_max`: queries that one tenant may
    /// have waiting.
    pub fn new(places: usize, waiting_max: usize) -> Self {
        let state = State { free: places.max(1), ..State::default() };
        Self(Arc::new(Queue { waiting_max, state: Mutex::new(state) }))
    }

    /// Waits for a place. A caller that stops waiting gives up its turn.
    pub(crate) async fn admit(&self, tenant: &Tenant) -> Result<Place, TooManyOutstanding> {
        let turn = self.0.state.lock().place_or_turn(tenant, self.0.waiting_max)?;
        let Some(turn) = turn else { return Ok(Place(Some(Arc::clone(&self.0)))) };
        // The sender stays in the queue until it has sent.
        turn.await.map_err(|_| TooManyOutstanding { limit: self.0.waiting_max })
    }

    /// Queries that wait, of all tenants.
    #[cfg(test)]
    fn waiting(&self) -> usize {
        self.0.state.lock().waiting.values().map(VecDeque::len).sum()
    }
}

impl State {
    /// Takes a free place, or a number in the tenant's queue.
    fn place_or_turn(
        &mut self,
        tenant: &Tenant,
        waiting_max: usize,
    ) -> Result<Option<oneshot::Receiver<Place>>, TooManyOutstanding> {
        if self.free > 0 {
            self.free -= 1;
            return Ok(None);
        }
        let queue = self.waiting.entry(tenant.clone()).or_default();
        if queue.len() >= waiting_max {
            // Those who have left do not count.
            queue.retain(|waiting| !waiting.is_closed());
            if queue.len() >= waiting_max {
                return Err(TooManyOutstanding { limit: waiting_max });
            }
        }
        let (give, turn) = oneshot::channel();
        queue.push_back(give);
        if !self.turns.contains(tenant) {
            self.turns.push_back(tenant.clone());
        }
        Ok(Some(turn))
    }

    /// The query whose turn it is; its tenant goes to the end of the line.
    fn next(&mut self) -> Option<oneshot::Sender<Place>> {
        while let Some(tenant) = self.turns.pop_front() {
            let queue = self.waiting.get_mut(&tenant)?;
            let next = queue.pop_front();
            if queue.is_empty() {
                self.waiting.remove(&tenant);
            } else {
                self.turns.push_back(tenant);
            }
            if next.is_some() {
                return next;
            }
        }
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(queue) = self.0.take() else { return };
        loop {
            let mut state = queue.state.lock();
            let Some(next) = state.next() else {
                state.free += 1;
                return;
            };
            drop(state);
            match next.send(Place(Some(Arc::clone(&queue)))) {
                Ok(()) => return,
                // Left in the meantime: the place is still to be given away.
                Err(mut place) => place.0 = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::{QueryQueue, TooManyOutstanding};
    use model::Tenant;
    use tokio::sync::mpsc;

    fn tenant(name: &str) -> Tenant {
        Tenant::parse(name).unwrap()
    }

    fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Queues one query that tells its name when it is admitted and leaves at once.
    async fn queue_up(queue: &QueryQueue, name: &'static str, told: &mpsc::Sender<&'static str>) {
        let before = queue.waiting();
        let (queue_of_task, told) = (queue.clone(), told.clone());
        tokio::spawn(async move {
            let place = queue_of_task.admit(&tenant(&name[..1])).await.unwrap();
            told.send(name).await.unwrap();
            drop(place);
        });
        while queue.waiting() == before {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn tenants_take_turns() {
        let queue = QueryQueue::new(1, 10);
        let first = queue.admit(&tenant("a")).await.unwrap();
        let (told, mut order) = mpsc::channel(10);
        for name in ["a1", "a2", "a3", "b1", "c1", "b2"] {
            queue_up(&queue, name, &told).await;
        }
        drop(first);
        let mut seen = Vec::new();
        for _ in 0..6 {
            seen.push(order.recv().await.unwrap());
        }
        assert_eq!(seen, ["a1", "b1", "c1", "a2", "b2", "a3"]);
        // All places are free again.
        assert!(queue.admit(&tenant("d")).await.is_ok());
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_those_who_leave_make_room() {
        let queue = QueryQueue::new(1, 1);
        let (a, b) = (tenant("a"), tenant("b"));
        let place = queue.admit(&a).await.unwrap();
        let mut waiting = Box::pin(queue.admit(&a));
        assert!(poll(&mut waiting).is_pending());
        let refused = queue.admit(&a).await;
        assert_eq!(refused.unwrap_err(), TooManyOutstanding { limit: 1 });
        let mut other = Box::pin(queue.admit(&b));
        assert!(poll(&mut other).is_pending(), "another tenant has its own queue");
        drop(waiting);
        let mut again = Box::pin(queue.admit(&a));
        assert!(poll(&mut again).is_pending());
        drop((other, place));
        assert!(again.await.is_ok(), "skips those who have left");
    }
}
