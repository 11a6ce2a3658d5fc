//! Fills the heads from the log after a start.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::Arc;

use model::{HistogramSample, Labels, Tenant};
use wal::Position;

use crate::cursor::{Cursor, Malformed};
use crate::head::TenantHead;
use crate::head::epoch::{Epoch, Shard};
use crate::head::series::Outcome;
use crate::record::{
    KIND_EXEMPLARS, KIND_METADATA, KIND_SAMPLES, SamplesVisitor, take_exemplar, take_metadata,
    visit_samples,
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
}

struct ReplayedTenant {
    head: Arc<TenantHead>,
    epoch: Arc<Epoch>,
    from: Position,
    /// The naming whose references are known.
    naming: Option<u64>,
    series: HashMap<u32, Defined>,
}

/// What the log says of one of its references.
enum Defined {
    /// Not in the head, because no sample that is to be replayed has needed it so far.
    Labels(Labels),
    /// The head's own reference.
    InHead(u32),
}

impl<'a> Replay<'a> {
    pub(crate) fn new(
        open: &'a mut dyn FnMut(Tenant) -> Option<(Arc<TenantHead>, Position)>,
        exemplars_max: usize,
    ) -> Self {
        let tenants = BTreeMap::new();
        Self { open, tenants, exemplars_max, malformed: 0, orphaned: 0, samples: 0 }
    }

    pub(crate) fn record(&mut self, position: Position, kind: u8, payload: &[u8]) {
        let applied = match kind {
            KIND_SAMPLES => self.samples(position, payload),
            KIND_METADATA => self.metadata(payload),
            KIND_EXEMPLARS => self.exemplars(payload),
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
            let opened = ReplayedTenant { head, epoch, from, naming: None, series: HashMap::new() };
            self.tenants.insert(tenant.to_owned(), opened);
        }
        self.tenants.get_mut(tenant).ok_or(Malformed)
    }

    fn samples(&mut self, position: Position, payload: &[u8]) -> Result<(), Malformed> {
        let tenant = self.tenant(Cursor(payload).text()?)?;
        // What a part holds already is left out, but later records use its definitions.
        let skip = position < tenant.from;
        let mut applied = Apply { tenant, skip, orphaned: 0, samples: 0 };
        let result = visit_samples(payload, &mut applied);
        let (orphaned, samples) = (applied.orphaned, applied.samples);
        self.orphaned += orphaned;
        self.samples += samples;
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
        while !bytes.0.is_empty() {
            let (series, exemplar) = take_exemplar(&mut bytes)?;
            tenant.head.exemplars.lock().add(series, exemplar, exemplars_max);
        }
        Ok(())
    }
}

/// One samples record on its way into a head.
struct Apply<'a> {
    tenant: &'a mut ReplayedTenant,
    skip: bool,
    orphaned: u64,
    samples: u64,
}

impl SamplesVisitor for Apply<'_> {
    fn start(&mut self, _tenant: &str, naming: u64) -> Result<(), Malformed> {
        if self.tenant.naming != Some(naming) {
            self.tenant.naming = Some(naming);
            self.tenant.series.clear();
        }
        Ok(())
    }

    fn define(&mut self, series: u32, labels: Labels) {
        self.tenant.series.insert(series, Defined::Labels(labels));
    }

    fn sample(&mut self, series: u32, t_ms: i64, v: f64) {
        self.push(series, |shard, slot| shard.push(slot, t_ms, v));
    }

    fn histogram(&mut self, series: u32, sample: HistogramSample) {
        self.push(series, |shard, slot| shard.push_histogram(slot, &sample));
    }
}

impl Apply<'_> {
    /// The head's reference of a defined series, which is entered at its first sample.
    fn in_head(&mut self, series: u32) -> Option<u32> {
        let defined = self.tenant.series.get_mut(&series)?;
        if let Defined::Labels(labels) = defined {
            let mut names = self.tenant.head.names.write();
            // What was accepted once is within no limit's reach.
            let known = names.get_or_insert(labels, |_| Ok::<_, Infallible>(()));
            let Ok(known) = known;
            *defined = Defined::InHead(known);
        }
        match defined {
            Defined::InHead(known) => Some(*known),
            Defined::Labels(_) => None,
        }
    }

    fn push(&mut self, series: u32, push: impl FnOnce(&mut Shard, usize) -> Outcome) {
        if self.skip {
            return;
        }
        let Some(known) = self.in_head(series) else {
            self.orphaned += 1;
            return;
        };
        let shards = self.tenant.epoch.shards();
        let mut shard = shards[known as usize % shards.len()].lock();
        let added = push(&mut shard, known as usize / shards.len()) == Outcome::Added;
        self.samples += u64::from(added);
    }
}
