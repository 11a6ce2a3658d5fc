//! The targets of one job: keeps one loop per target as discovery adds and removes them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::Labels;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::config::{Job, TargetGroup};
use crate::discover::{Update, discover};
use crate::fetch::Fetcher;
use crate::local::LocalJob;
use crate::run::state::State;
use crate::run::task::{Shared, Signal, Source, Task};
use crate::status::{DroppedTarget, Status};
use crate::target::{Populated, Target, populate};

/// What status pages see of a pool.
#[derive(Debug, Default)]
pub(crate) struct PoolStatus {
    pub(crate) active: Vec<Arc<Status>>,
    pub(crate) dropped: Vec<DroppedTarget>,
    pub(crate) dropped_count: u64,
}

/// States of ended loops by their targets' labels.
pub(crate) type States = HashMap<Labels, State>;

struct Running {
    signal: watch::Sender<Signal>,
    handle: JoinHandle<State>,
    status: Arc<Status>,
}

/// A running pool; dropping it abandons its loops without a word, so end it with [`Self::stop`].
pub(crate) struct Pool {
    pub(crate) job: Arc<Job>,
    pub(crate) status: Arc<Mutex<PoolStatus>>,
    stop: watch::Sender<Signal>,
    handle: JoinHandle<States>,
}

impl Pool {
    /// `inherited`: states of the loops that this pool replaces.
    pub(crate) fn start(job: Job, shared: &Arc<Shared>, inherited: States) -> Self {
        let job = Arc::new(job);
        let fetcher = Arc::new(Fetcher::new(&job, shared.body_bytes_max));
        Self::spawn(job, Source::Http(fetcher), None, shared, inherited)
    }

    pub(crate) fn start_local(local: LocalJob, shared: &Arc<Shared>) -> Self {
        let mut labels = local.labels;
        labels.push(("instance".into(), local.instance.clone()));
        let group = TargetGroup { targets: vec![local.instance], labels };
        let source = Source::Local(local.source);
        Self::spawn(Arc::new(local.job), source, Some(group), shared, States::new())
    }

    fn spawn(
        job: Arc<Job>,
        source: Source,
        fixed: Option<TargetGroup>,
        shared: &Arc<Shared>,
        inherited: States,
    ) -> Self {
        let status = Arc::<Mutex<PoolStatus>>::default();
        let (stop, stopped) = watch::channel(Signal::Run);
        let manager = Manager {
            shared: Arc::clone(shared),
            job: Arc::clone(&job),
            source,
            status: Arc::clone(&status),
            forced_error: Arc::default(),
            sources: BTreeMap::new(),
            running: HashMap::new(),
            inherited,
        };
        let handle = tokio::spawn(manager.run(fixed, stopped));
        Self { job, status, stop, handle }
    }

    /// Ends all loops and waits for them; with [`Signal::HandOver`] gives their states.
    pub(crate) async fn stop(self, how: Signal) -> States {
        // The manager waits for this; it cannot be gone unless it panicked.
        self.stop.send(how).ok();
        match self.handle.await {
            Ok(states) => states,
            Err(error) => {
                tracing::error!(pool = self.job.name, %error, "a scrape pool was lost");
                States::new()
            }
        }
    }
}

struct Manager {
    shared: Arc<Shared>,
    job: Arc<Job>,
    source: Source,
    status: Arc<Mutex<PoolStatus>>,
    forced_error: Arc<Mutex<Option<String>>>,
    /// Latest groups by discovery.
    sources: BTreeMap<usize, Vec<TargetGroup>>,
    running: HashMap<Labels, Running>,
    inherited: States,
}

impl Manager {
    async fn run(
        mut self,
        fixed: Option<TargetGroup>,
        mut stopped: watch::Receiver<Signal>,
    ) -> States {
        let (sender, mut updates) = mpsc::channel(16);
        let discoveries = self.job.discovery.clone();
        let expected = discoveries.len();
        for (source, discovery) in discoveries.into_iter().enumerate() {
            let limit = self.shared.body_bytes_max;
            tokio::spawn(discover(source, discovery, limit, sender.clone()));
        }
        if let Some(group) = fixed {
            self.sources.insert(usize::MAX, vec![group]);
            self.sync().await;
        }
        // Without a sender of its own the channel would close when all sources are static.
        let _open = sender;
        loop {
            tokio::select! {
                update = updates.recv() => {
                    let Some(Update { source, groups }) = update else { break };
                    self.sources.insert(source, groups);
                    self.sync().await;
                    if self.sources.len() >= expected {
                        self.end_inherited().await;
                    }
                }
                _ = stopped.changed() => break,
            }
        }
        let how = *stopped.borrow();
        let mut states = std::mem::take(&mut self.inherited);
        let running: Vec<_> = self.running.drain().collect();
        for (_, running) in &running {
            running.signal.send(how).ok();
        }
        for (_, running) in running {
            let state = running.handle.await;
            // Only now is its health final.
            self.shared.metrics.targets(running.status.health()).dec();
            if let Ok(state) = state {
                states.insert(running.status.target.labels.clone(), state);
            }
        }
        states
    }

    /// Starts and ends loops so that they match the latest groups.
    async fn sync(&mut self) {
        let mut wanted: HashMap<Labels, Target> = HashMap::new();
        let mut dropped = Vec::new();
        for group in self.sources.values().flatten() {
            for address in &group.targets {
                match populate(&self.job, address, &group.labels) {
                    Populated::Active(target) => {
                        wanted.insert(target.all.clone(), *target);
                    }
                    Populated::Dropped(labels) => dropped.push(labels),
                    Populated::Invalid(error) => {
                        tracing::warn!(
                            pool = self.job.name,
                            address,
                            error,
                            "creating target failed"
                        );
                    }
                }
            }
        }
        let gone: Vec<Labels> =
            self.running.keys().filter(|labels| !wanted.contains_key(*labels)).cloned().collect();
        let mut ending = Vec::new();
        for labels in gone {
            if let Some(running) = self.running.remove(&labels) {
                running.signal.send(Signal::End).ok();
                ending.push(running);
            }
        }
        for (identity, target) in wanted {
            if !self.running.contains_key(&identity) {
                let running = self.start(target);
                self.running.insert(identity, running);
            }
        }
        self.publish(dropped);
        for running in ending {
            running.handle.await.ok();
            self.shared.metrics.targets(running.status.health()).dec();
        }
    }

    fn start(&mut self, target: Target) -> Running {
        let mut state = State::new(Arc::clone(&self.job), &target.labels);
        if let Some(predecessor) = self.inherited.remove(&target.labels) {
            state.inherit(predecessor);
        }
        let status = Status::new(&self.job.name, target);
        self.shared.metrics.targets(status.health()).inc();
        let (signal, receiver) = watch::channel(Signal::Run);
        let task = Task {
            shared: Arc::clone(&self.shared),
            job: Arc::clone(&self.job),
            status: Arc::clone(&status),
            source: self.source.clone(),
            forced_error: Arc::clone(&self.forced_error),
            state: Some(state),
        };
        Running { signal, handle: tokio::spawn(task.run(receiver)), status }
    }

    /// Tells status pages and loops what the pool looks like now.
    fn publish(&self, dropped: Vec<Labels>) {
        let limit = self.job.limits.targets;
        let count = self.running.len() as u64;
        *self.forced_error.lock() = (limit > 0 && count > limit)
            .then(|| format!("target_limit exceeded (number of targets: {count}, limit: {limit})"));
        let mut active: Vec<_> = self.running.values().map(|r| Arc::clone(&r.status)).collect();
        active.sort_by(|a, b| a.target.labels.cmp(&b.target.labels));
        let kept = match self.job.limits.kept_dropped_targets {
            0 => usize::MAX,
            limit => limit as usize,
        };
        let dropped_count = dropped.len() as u64;
        let pool = self.job.name.clone();
        let dropped = dropped.into_iter().take(kept);
        let dropped = dropped
            .map(|labels| DroppedTarget { discovered_labels: labels, scrape_pool: pool.clone() });
        let status = PoolStatus { active, dropped: dropped.collect(), dropped_count };
        *self.status.lock() = status;
    }

    /// Targets of the replaced pool that this one does not have are over.
    async fn end_inherited(&mut self) {
        let states: Vec<_> = self.inherited.drain().map(|(_, state)| state).collect();
        end_states(states, &self.shared).await;
    }
}

/// Writes the end of all series of loops that have ended without a successor.
pub(crate) async fn end_states(states: Vec<State>, shared: &Arc<Shared>) {
    if states.is_empty() {
        return;
    }
    let shared = Arc::clone(shared);
    let ended = tokio::task::spawn_blocking(move || {
        for mut state in states {
            let now_ms = shared.clock.unix_ms();
            if let Err(error) = state.flush_end(&shared.to, now_ms) {
                tracing::warn!(%error, "the end of a target could not be stored");
            }
        }
    });
    ended.await.ok();
}
