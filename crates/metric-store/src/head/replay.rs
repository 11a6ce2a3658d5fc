//! Fills the heads from the log after a start.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use hashbrown::HashMap;
use model::{HistogramSample, Labels, LabelsBuilder, Tenant};
use wal::Position;

use crate::cursor::{Cursor, Malformed};
use crate::head::epoch::Epoch;
use crate::head::series::Outcome;
use crate::head::{Names, TenantHead};
use crate::record::{
    KIND_EXEMPLARS, KIND_EXEMPLARS_IN_FULL, KIND_METADATA, KIND_SAMPLES, SamplesVisitor,
    take_exemplars, take_metadata, visit_samples,
};

/// Applies records one by one, in the order in which they were written.
pub(crate) struct Replay<'a> {
    /// Makes a tenant's head, and says from which position on its records are not in parts.
    open: &'a mut dyn FnMut(Tenant) -> Option<(Arc<TenantHead>, Position)>,
    tenants: BTreeMap<String, ReplayedTenant>,
    exemplars_max: usize,
    /// Records that made no sense, and samples of series that no record defined.
    pub(crate) malformed: u64,
    pub(crate) orphaned: u64,
    pub(crate) samples: u64,
    batch: Batch,
}

struct ReplayedTenant {
    head: Arc<TenantHead>,
    epoch: Arc<Epoch>,
    from: Position,
    /// The naming whose references are known.
    naming: Option<u64>,
    series: HashMap<u32, Defined>,
    /// Series that the log defines and of which no sample was to be replayed so far, as parts hold
    /// them all: in the head they would only take room.
    waiting: Names,
}

/// What one of the log's references means.
#[derive(Clone, Copy, Debug)]
enum Defined {
    Waiting(u32),
    InHead(u32),
}

/// The samples of a record, by references of the head.
#[derive(Default)]
struct Batch {
    floats: Vec<(u32, i64, f64)>,
    histograms: Vec<(u32, HistogramSample)>,
    builder: LabelsBuilder,
}

impl<'a> Replay<'a> {
    pub(crate) fn new(
        open: &'a mut dyn FnMut(Tenant) -> Option<(Arc<TenantHead>, Position)>,
        exemplars_max: usize,
    ) -> Self {
        let (tenants, batch) = Default::default();
        Self { open, tenants, exemplars_max, malformed: 0, orphaned: 0, samples: 0, batch }
    }

    pub(crate) fn record(&mut self, position: Position, kind: u8, payload: &[u8]) {
        let applied = match kind {
            KIND_SAMPLES => self.samples(position, payload),
            KIND_METADATA => self.metadata(payload),
            KIND_EXEMPLARS | KIND_EXEMPLARS_IN_FULL => self.exemplars(payload),
            _ => Err(Malformed),
        };
        if applied.is_err() {
            self.malformed += 1;
            tracing::error!(%position, kind, "a log record makes no sense and is left out");
        }
    }

    /// Call after the heads were cut: samples go to the new epochs from here.
    pub(crate) fn follow_cut(&mut self) {
        for tenant in self.tenants.values_mut() {
            tenant.epoch = tenant.head.current();
        }
    }

    fn tenant(&mut self, tenant: &str) -> Result<&mut ReplayedTenant, Malformed> {
        if !self.tenants.contains_key(tenant) {
            let parsed = Tenant::parse(tenant).map_err(|_| Malformed)?;
            let (head, from) = (self.open)(parsed).ok_or(Malformed)?;
            let epoch = head.current();
            let (series, waiting) = Default::default();
            let opened = ReplayedTenant { head, epoch, from, naming: None, series, waiting };
            self.tenants.insert(tenant.to_owned(), opened);
        }
        self.tenants.get_mut(tenant).ok_or(Malformed)
    }

    fn samples(&mut self, position: Position, payload: &[u8]) -> Result<(), Malformed> {
        let mut batch = std::mem::take(&mut self.batch);
        let tenant = self.tenant(Cursor(payload).text()?)?;
        // What a part holds already is left out, but later records use its definitions.
        let skip = position < tenant.from;
        let mut applied = Apply { tenant, skip, orphaned: 0, batch: &mut batch };
        let result = visit_samples(payload, &mut applied);
        let orphaned = applied.orphaned;
        let added = batch.push_into(&tenant.epoch);
        self.orphaned += orphaned;
        self.samples += added;
        self.batch = batch;
        result
    }

    fn metadata(&mut self, payload: &[u8]) -> Result<(), Malformed> {
        let mut bytes = Cursor(payload);
        let tenant = self.tenant(bytes.text()?)?;
        while !bytes.0.is_empty() {
            let (metric, metadata) = take_metadata(&mut bytes)?;
            tenant.head.add_metadata(metric, metadata);
        }
        Ok(())
    }

    fn exemplars(&mut self, payload: &[u8]) -> Result<(), Malformed> {
        let exemplars_max = self.exemplars_max;
        let mut bytes = Cursor(payload);
        let tenant = self.tenant(bytes.text()?)?;
        let mut exemplars = tenant.head.exemplars.lock();
        take_exemplars(&mut bytes, |series, exemplar| {
            exemplars.add(series.clone(), exemplar, exemplars_max);
        })
    }
}

impl Batch {
    /// Hands the samples over, a shard at a time; returns how many were new.
    fn push_into(&mut self, epoch: &Epoch) -> u64 {
        let mut added = 0;
        let shards = epoch.shards();
        for (number, shard) in shards.iter().enumerate() {
            let slot = |series: u32| {
                let series = series as usize;
                (series % shards.len() == number).then_some(series / shards.len())
            };
            let mut shard = shard.lock();
            for (series, t_ms, v) in &self.floats {
                if let Some(slot) = slot(*series) {
                    added += u64::from(shard.push(slot, *t_ms, *v) == Outcome::Added);
                }
            }
            for (series, sample) in &self.histograms {
                if let Some(slot) = slot(*series) {
                    added += u64::from(shard.push_histogram(slot, sample) == Outcome::Added);
                }
            }
        }
        self.floats.clear();
        self.histograms.clear();
        added
    }
}

/// One samples record on its way into a head.
struct Apply<'a> {
    tenant: &'a mut ReplayedTenant,
    skip: bool,
    orphaned: u64,
    batch: &'a mut Batch,
}

impl SamplesVisitor for Apply<'_> {
    fn start(&mut self, _tenant: &str, naming: u64) -> Result<(), Malformed> {
        if self.tenant.naming != Some(naming) {
            self.tenant.naming = Some(naming);
            self.tenant.series.clear();
            self.tenant.waiting = Names::default();
        }
        Ok(())
    }

    fn define(&mut self, series: u32, labels: Labels) {
        if labels.is_empty() {
            return;
        }
        let defined = if self.skip {
            Defined::Waiting(enter(&mut self.tenant.waiting, &labels))
        } else {
            Defined::InHead(enter(&mut self.tenant.head.names.write(), &labels))
        };
        self.tenant.series.insert(series, defined);
    }

    fn sample(&mut self, series: u32, t_ms: i64, v: f64) {
        if !self.skip
            && let Some(known) = self.in_head(series)
        {
            self.batch.floats.push((known, t_ms, v));
        }
    }

    fn histogram(&mut self, series: u32, sample: HistogramSample) {
        if !self.skip
            && let Some(known) = self.in_head(series)
        {
            self.batch.histograms.push((known, sample));
        }
    }
}

impl Apply<'_> {
    /// The head's reference of a defined series, which is entered at its first sample.
    #[inline]
    fn in_head(&mut self, series: u32) -> Option<u32> {
        match self.tenant.series.get(&series) {
            Some(Defined::InHead(known)) => Some(*known),
            Some(Defined::Waiting(waiting)) => {
                let waiting = *waiting;
                let labels = self.tenant.waiting.labels(waiting, &mut self.batch.builder);
                if labels.is_empty() {
                    // Two references of one series, which only a damaged log can define.
                    self.orphaned += 1;
                    return None;
                }
                let known = enter(&mut self.tenant.head.names.write(), &labels);
                self.tenant.series.insert(series, Defined::InHead(known));
                self.tenant.waiting.remove(waiting);
                Some(known)
            }
            None => {
                self.orphaned += 1;
                None
            }
        }
    }
}

/// The reference of a series that was accepted once, so that no limit is asked.
fn enter(names: &mut Names, labels: &Labels) -> u32 {
    let Ok(known) = names.get_or_insert(labels, |_| Ok::<_, Infallible>(()));
    known
}
