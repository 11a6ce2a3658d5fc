//! Asks mounts for their usage on another thread and stops waiting for those that hang.
//!
//! A network mount whose server is gone blocks the caller in the kernel for as long as it likes,
//! and nothing can interrupt it. So the questions of a page are asked in order by a thread of
//! their own. When no answer comes for a while, the mount it stands at is set aside as slow,
//! that thread is left to its fate, and another goes on with the rest. A mount set aside is not
//! asked again until its thread comes back, so each costs one waiting thread and no more.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::Usage;

/// The question itself; a mount that hangs never returns from it.
pub(crate) type StatFs = dyn Fn(&Path) -> io::Result<Usage> + Send + Sync;

/// Mounts set aside at most. With so many servers gone, further ones are reported as timed out
/// without being asked.
const SLOW_MAX: usize = 32;

/// How a mount answered.
#[derive(Debug)]
pub(crate) enum Outcome {
    Usage(Usage),
    Failed(String),
    TimedOut,
}

impl Outcome {
    pub(crate) fn usage(&self) -> Option<&Usage> {
        match self {
            Self::Usage(usage) => Some(usage),
            Self::Failed(_) | Self::TimedOut => None,
        }
    }

    /// For the label `device_error`.
    pub(crate) fn error(&self) -> &str {
        match self {
            Self::Usage(_) => "",
            Self::Failed(error) => error,
            Self::TimedOut => "mountpoint timeout",
        }
    }
}

struct Answer {
    path: PathBuf,
    result: io::Result<Usage>,
    elapsed: Duration,
}

pub(crate) struct Probe {
    stat_fs: Arc<StatFs>,
    sender: Sender<Answer>,
    answers: Receiver<Answer>,
    /// Asked by a thread that has not come back.
    slow: HashSet<PathBuf>,
}

/// Asks the host's kernel.
pub(crate) fn host_stat_fs() -> Arc<StatFs> {
    Arc::new(|path| {
        let stat = rustix::fs::statvfs(path)?;
        let unit = stat.f_frsize as f64;
        Ok(Usage {
            size: stat.f_blocks as f64 * unit,
            free: stat.f_bfree as f64 * unit,
            available: stat.f_bavail as f64 * unit,
            files: stat.f_files as f64,
            files_free: stat.f_ffree as f64,
        })
    })
}

impl Probe {
    pub(crate) fn new(stat_fs: Arc<StatFs>) -> Self {
        let (sender, answers) = mpsc::channel();
        Self { stat_fs, sender, answers, slow: HashSet::new() }
    }

    /// One outcome for each path, in order. Waits for all together no longer than `timeout`, and
    /// for one that does not answer no longer than half of it, so that one dead server does not
    /// hide the others.
    /// Errors: no thread could be started.
    pub(crate) fn ask(&mut self, paths: &[PathBuf], timeout: Duration) -> io::Result<Vec<Outcome>> {
        let deadline = Instant::now() + timeout;
        let patience = timeout / 2;
        let mut known: HashMap<PathBuf, io::Result<Usage>> = HashMap::new();
        while let Ok(late) = self.answers.try_recv() {
            self.slow.remove(&late.path);
            if late.elapsed >= patience && paths.contains(&late.path) {
                // It is slow but alive: show what it said since the last page, and ask again for
                // the next one, without waiting.
                self.slow.insert(late.path.clone());
                self.start(vec![late.path.clone()])?;
                known.insert(late.path, late.result);
            }
        }
        let mut queue: VecDeque<PathBuf> =
            paths.iter().filter(|path| !self.slow.contains(*path)).cloned().collect();
        while !queue.is_empty() && self.slow.len() < SLOW_MAX {
            let abandoned = self.start(queue.iter().cloned().collect())?;
            let stopped = self.await_answers(&mut queue, &mut known, deadline, patience);
            if let Some(path) = stopped {
                abandoned.store(true, Ordering::Relaxed);
                self.slow.insert(path);
            }
            if Instant::now() >= deadline {
                break;
            }
        }
        let outcomes = paths.iter().map(|path| match known.get(path) {
            Some(Ok(usage)) => Outcome::Usage(*usage),
            Some(Err(error)) => Outcome::Failed(error.to_string()),
            None => Outcome::TimedOut,
        });
        Ok(outcomes.collect())
    }

    /// Takes answers until the queue is empty, or until the mount at its head took too long; then
    /// that mount is taken off the queue and returned.
    fn await_answers(
        &mut self,
        queue: &mut VecDeque<PathBuf>,
        known: &mut HashMap<PathBuf, io::Result<Usage>>,
        deadline: Instant,
        patience: Duration,
    ) -> Option<PathBuf> {
        while !queue.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now()).min(patience);
            match self.answers.recv_timeout(left) {
                Ok(answer) => {
                    self.slow.remove(&answer.path);
                    queue.retain(|path| *path != answer.path);
                    known.insert(answer.path, answer.result);
                }
                // The channel cannot close, as this end holds a sender as well.
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return queue.pop_front();
                }
            }
        }
        None
    }

    /// Starts a thread that asks each path in turn. Setting the returned flag makes it stop after
    /// the question it is at.
    fn start(&self, paths: Vec<PathBuf>) -> io::Result<Arc<AtomicBool>> {
        let abandoned = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&abandoned);
        let (stat_fs, sender) = (Arc::clone(&self.stat_fs), self.sender.clone());
        let ask_all = move || {
            for path in paths {
                let start = Instant::now();
                let result = stat_fs(&path);
                let elapsed = start.elapsed();
                // The receiver is gone when the collector is; then nobody wants the rest.
                let gone = sender.send(Answer { path, result, elapsed }).is_err();
                if gone || flag.load(Ordering::Relaxed) {
                    return;
                }
            }
        };
        thread::Builder::new().name("mount-probe".to_owned()).spawn(ask_all)?;
        Ok(abandoned)
    }
}

#[cfg(test)]
mod tests;
