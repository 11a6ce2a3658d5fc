//! The durability side: one sync at a time, the thread that keeps the window, and failed syncs.
//!
//! A failed sync is final. The kernel may have marked the pages that it could not write as clean,
//! so a second sync would succeed without having written them. The log is therefore poisoned, and
//! a marker file tells the next opening to copy the segment (see `recovery::rewrite`) instead of
//! trusting another sync of the same file.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::MutexGuard;

use crate::config::WalError;
use crate::format::Position;
use crate::log::{Active, Log, State};
use crate::recovery::mark_unsynced;
use crate::stats::Counters;

impl Log {
    /// Makes everything durable that was written before the call.
    pub(crate) fn sync_now(&self) -> Result<(), WalError> {
        let mut state = self.state.lock();
        match state.active.as_ref().map(Active::written_to) {
            Some(end) => self.sync_to(&mut state, end),
            None => Ok(()),
        }
    }

    /// Makes everything before `position` durable; callers that come together share one sync.
    pub(crate) fn sync_to(
        &self,
        state: &mut MutexGuard<'_, State>,
        position: Position,
    ) -> Result<(), WalError> {
        loop {
            // Durable is durable, even when the log was poisoned since.
            if state.synced_to >= position {
                return Ok(());
            }
            if let Some(reason) = &state.poison {
                return Err(WalError::Poisoned { reason: reason.clone() });
            }
            if state.syncing {
                self.synced.wait(state);
                continue;
            }
            self.sync_leader(state);
        }
    }

    /// Syncs the active segment once and settles the outcome in `state`.
    fn sync_leader(&self, state: &mut MutexGuard<'_, State>) {
        let Some(active) = &state.active else { return };
        let (file, end) = (Arc::clone(&active.file), active.written_to());
        let path = self.path(active);
        // Bytes written from now on start a new window.
        state.dirty_since = None;
        state.syncing = true;
        let (result, took) = MutexGuard::unlocked(state, || {
            let start = Instant::now();
            (file.sync_data(), start.elapsed())
        });
        state.syncing = false;
        match result {
            Ok(()) => {
                self.counters.synced(took);
                state.synced_to = state.synced_to.max(end);
            }
            Err(error) => {
                Counters::add(&self.counters.sync_failures, 1);
                state.poison(format!("{}: sync failed: {error}", path.display()));
                MutexGuard::unlocked(state, || mark_unsynced(&*self.disk, &self.dir, end.segment));
                // Appenders must not wait for a leader that will not come.
                self.written.notify_all();
            }
        }
        self.synced.notify_all();
    }

    /// Body of the sync thread: returns when the log closes or is poisoned.
    pub(crate) fn keep_window(&self) {
        loop {
            {
                let mut state = self.state.lock();
                while state.dirty_since.is_none() && !state.closing {
                    self.dirty.wait(&mut state);
                }
                while let Some(since) = state.dirty_since.filter(|_| !state.closing) {
                    let deadline = since + self.config.sync_window;
                    if self.dirty.wait_until(&mut state, deadline).timed_out() {
                        break;
                    }
                }
                if state.closing {
                    return; // whoever closes syncs once more
                }
            }
            if let Err(error) = self.sync_now() {
                tracing::error!(%error, "the write-ahead log takes no more records");
                return;
            }
        }
    }
}
