//! The threads queries run on: one that walks the plan per running query, and a pool that all of
//! them share for what is done series by series.
//!
//! A query never holds the shared pool for long: it hands in batches of some milliseconds, and the
//! pool takes batches in the order of their arrival. So a query over ten series does not wait for
//! the end of one over a million. All threads run at a lower priority than those that take samples
//! in: when the machine is full, queries slow down and ingest does not.

use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::QueryError;

/// Walking a plan recurses as deep as the parser allows, unoptimised builds included. Only what is
/// touched is ever backed by memory.
const WALKER_STACK_BYTES: usize = 64 << 20;
const WORKER_STACK_BYTES: usize = 4 << 20;

/// Idle walkers that are kept: as many as queries usually run at once.
const IDLE_WALKERS_MAX: usize = 32;

/// Work handed to the shared pool at a time should take about this long.
const BATCH_TARGET: Duration = Duration::from_millis(20);

/// Work that takes no longer than this stays where it is: to wake the pool costs up to a tenth of a
/// millisecond of processor time, and its threads have to fetch everything into their own caches.
const ALONE_MAX: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(crate) struct Threads {
    shared: ThreadPool,
    /// Pools of a single thread each: lent out as a whole, so that a query that waits for the
    /// shared pool is not made to run another query meanwhile.
    walkers: Mutex<Vec<ThreadPool>>,
    /// Threads that walk for callers who do not wait on a thread of their own.
    idle: Mutex<Vec<Sender<Errand>>>,
    priority_lowered_by: i32,
}

/// Work for an idle thread, with the only handle to it: it goes back among the idle ones, or the
/// thread ends.
struct Errand {
    work: Box<dyn FnOnce() + Send>,
    back: Sender<Self>,
}

thread_local! {
    /// The thread was made for a query.
    static IS_WALKER: Cell<bool> = const { Cell::new(false) };
}

impl Threads {
    /// `count`: threads of the shared pool, 0 = one per core.
    pub(crate) fn new(count: usize, priority_lowered_by: i32) -> Result<Self, QueryError> {
        let shared = ThreadPoolBuilder::new()
            .num_threads(count)
            .stack_size(WORKER_STACK_BYTES)
            .thread_name(|i| format!("promql-{i}"))
            .start_handler(move |_| lower_priority(priority_lowered_by))
            .build()
            .map_err(|error| QueryError::Internal(error.to_string()))?;
        let (walkers, idle) = (Mutex::default(), Mutex::default());
        Ok(Self { shared, walkers, idle, priority_lowered_by })
    }

    pub(crate) fn count(&self) -> usize {
        self.shared.current_num_threads()
    }

    /// Runs `work` on a thread of its own, on which queries that it makes are walked too, and does
    /// not wait. So a caller that is no thread itself spares the one that would wait.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), QueryError> {
        let idle = self.idle.lock().pop();
        let walker = match idle {
            Some(walker) => walker,
            None => self.errand_thread().map_err(|e| QueryError::Internal(e.to_string()))?,
        };
        let back = walker.clone();
        let sent = walker.send(Errand { work: Box::new(work), back });
        sent.map_err(|_| QueryError::Internal("a thread for queries has ended".to_owned()))
    }

    fn errand_thread(self: &Arc<Self>) -> std::io::Result<Sender<Errand>> {
        let (sender, errands) = channel::<Errand>();
        let (threads, lowered_by) = (Arc::downgrade(self), self.priority_lowered_by);
        let run = move || {
            lower_priority(lowered_by);
            IS_WALKER.set(true);
            while let Ok(Errand { work, back }) = errands.recv() {
                // Whoever waits for the work finds out; the thread serves the next one.
                let _panicked = catch_unwind(AssertUnwindSafe(work));
                let Some(threads) = threads.upgrade() else { break };
                let mut idle = threads.idle.lock();
                if idle.len() >= IDLE_WALKERS_MAX {
                    break;
                }
                idle.push(back);
            }
        };
        let thread = std::thread::Builder::new().name("promql-query".to_owned());
        thread.stack_size(WALKER_STACK_BYTES).spawn(run)?;
        Ok(sender)
    }

    /// Runs one query on a thread of its own, or on this one if that is what it was made for, and
    /// waits for it.
    pub(crate) fn walk<R: Send>(&self, query: impl FnOnce() -> R + Send) -> Result<R, QueryError> {
        if IS_WALKER.get() {
            return Ok(query());
        }
        let idle = self.walkers.lock().pop();
        let walker = match idle {
            Some(walker) => walker,
            None => self.walker().map_err(|error| QueryError::Internal(error.to_string()))?,
        };
        let result = walker.install(query);
        let mut idle = self.walkers.lock();
        if idle.len() < IDLE_WALKERS_MAX {
            idle.push(walker);
        }
        Ok(result)
    }

    fn walker(&self) -> Result<ThreadPool, rayon::ThreadPoolBuildError> {
        let lowered_by = self.priority_lowered_by;
        ThreadPoolBuilder::new()
            .num_threads(1)
            .stack_size(WALKER_STACK_BYTES)
            .thread_name(|_| "promql-query".to_owned())
            .start_handler(move |_| lower_priority(lowered_by))
            .build()
    }

    /// Runs parallel iterators of `work` on the shared pool.
    pub(crate) fn share<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.shared.install(work)
    }

    /// Runs `work` on the shared pool for consecutive parts of `range`, in order, until it fails.
    /// A part has at least `first` elements, or what is left, and grows as long as parts are
    /// quick.
    pub(crate) fn share_in_batches<E: Send>(
        &self,
        range: Range<usize>,
        first: usize,
        mut work: impl FnMut(Range<usize>) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let (mut from, mut size) = (range.start, first.max(1));
        while from < range.end {
            let to = from.saturating_add(size).min(range.end);
            let started = Instant::now();
            self.share(|| work(from..to))?;
            size = next_size(size, started.elapsed()).max(first);
            from = to;
        }
        Ok(())
    }
}

/// Runs `work` on this thread for consecutive parts of `0..count`, of `step` elements each, until
/// it fails or until all of it looks like taking long; what is left is for the shared pool.
pub(crate) fn begin_alone<E>(
    count: usize,
    step: usize,
    mut work: impl FnMut(Range<usize>) -> Result<(), E>,
) -> Result<Range<usize>, E> {
    let started = Instant::now();
    let mut done = 0;
    while done < count {
        let to = done.saturating_add(step.max(1)).min(count);
        work(done..to)?;
        done = to;
        if takes_long(started.elapsed(), done, count) {
            break;
        }
    }
    Ok(done..count)
}

/// Whether `count` take longer than may be done alone, when the first `done` have taken `took`.
fn takes_long(took: Duration, done: usize, count: usize) -> bool {
    took.as_nanos() * count as u128 > ALONE_MAX.as_nanos() * done as u128
}

/// Twice as much while that stays within the target, in proportion when it was exceeded.
fn next_size(size: usize, took: Duration) -> usize {
    if took * 2 <= BATCH_TARGET {
        return size.saturating_mul(2);
    }
    if took <= BATCH_TARGET * 2 {
        return size;
    }
    (size as f64 * BATCH_TARGET.as_secs_f64() / took.as_secs_f64()) as usize
}

/// Of the calling thread alone, where the system has priorities by thread. A refusal costs nothing
/// but the order in which a full machine does its work.
fn lower_priority(by: i32) {
    #[cfg(target_os = "linux")]
    if by > 0 {
        let now = rustix::process::getpriority_process(None).unwrap_or(0);
        let _refused = rustix::process::setpriority_process(None, (now + by).min(19));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = by;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Threads, begin_alone, next_size, takes_long};

    #[test]
    fn batches_grow_while_they_are_quick() {
        let check = |ms: u64, want: usize| {
            assert_eq!(next_size(1000, Duration::from_millis(ms)), want, "after {ms} ms");
        };
        check(1, 2000);
        check(10, 2000);
        check(15, 1000);
        check(40, 1000);
        check(200, 100);
    }

    #[test]
    fn batches_cover_everything_once_and_in_order() {
        let threads = Threads::new(2, 0).unwrap();
        let mut seen = Vec::new();
        let done = threads.share_in_batches(8..1000, 64, |part| {
            seen.extend(part);
            Ok::<(), ()>(())
        });
        assert_eq!(done, Ok(()));
        assert_eq!(seen, (8..1000).collect::<Vec<_>>());
        let failed = threads.share_in_batches(0..1000, 64, |part| Err(part.end));
        assert_eq!(failed, Err(64), "the first failure ends it");
    }

    #[test]
    fn work_takes_long_when_the_rest_looks_like_it() {
        let check = |us: u64, done: usize, count: usize, want: bool| {
            let took = Duration::from_micros(us);
            assert_eq!(takes_long(took, done, count), want, "{us} us for {done} of {count}");
        };
        check(0, 16, 1_000_000, false);
        check(100, 16, 160, false);
        check(101, 16, 160, true);
        check(1000, 64, 64, false);
    }

    #[test]
    fn work_that_is_begun_alone_goes_on_where_it_was_left() {
        let mut seen = Vec::new();
        let rest = begin_alone(100, 16, |part| {
            seen.extend(part);
            Ok::<(), ()>(())
        });
        let rest = rest.unwrap();
        assert_eq!(rest.end, 100);
        assert!(rest.start >= 16, "{rest:?}");
        assert_eq!(seen, (0..rest.start).collect::<Vec<_>>());
        assert_eq!(begin_alone(100, 16, |part| Err::<(), _>(part.end)), Err(16));
        assert_eq!(begin_alone(0, 16, |_| Err(())), Ok(0..0), "nothing to do");
    }

    #[test]
    fn spawned_work_walks_where_it_is_and_its_thread_serves_again() {
        let threads = Arc::new(Threads::new(1, 0).unwrap());
        let (sender, receiver) = std::sync::mpsc::channel();
        let mut seen = Vec::new();
        for round in 0..3 {
            let (inner, sender) = (Arc::clone(&threads), sender.clone());
            let work = move || {
                let here = std::thread::current().id();
                let walked = inner.walk(|| std::thread::current().id()).unwrap();
                sender.send((here, walked)).unwrap();
                assert!(round != 1, "a panic ends the work, not the thread");
            };
            threads.spawn(work).unwrap();
            let (here, walked) = receiver.recv().unwrap();
            assert_eq!(here, walked);
            seen.push(here);
            while threads.idle.lock().is_empty() {
                std::thread::yield_now();
            }
        }
        assert!(seen.iter().all(|thread| *thread == seen[0]), "{seen:?}");
        assert_ne!(threads.walk(|| std::thread::current().id()).unwrap(), seen[0]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn threads_of_queries_have_a_lower_priority() {
        let own = || rustix::process::getpriority_process(None).unwrap();
        let threads = Threads::new(1, 5).unwrap();
        let want = (own() + 5).min(19);
        assert_eq!(threads.share(own), want);
        assert_eq!(threads.walk(own).unwrap(), want);
    }
}
