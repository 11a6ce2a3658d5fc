//! The registry: families by name, children by label set, both created on first use.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::exposition::{Format, push_family, push_label};
use crate::histogram::{Histogram, HistogramCell};
use crate::instrument::{AtomicF64, Counter, CounterCell, Gauge};

/// What a registry may grow to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Label sets a family holds before further ones share one child whose label values are all
    /// `overflow`.
    pub children_per_family_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { children_per_family_max: 1000 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

type ReadFn = dyn Fn() -> f64 + Send + Sync;

#[derive(Clone)]
pub(crate) enum Child {
    Counter(Arc<CounterCell>),
    Gauge(Arc<AtomicF64>),
    Histogram(Arc<HistogramCell>),
    Read(Arc<ReadFn>),
}

struct Family {
    kind: Kind,
    help: Box<str>,
    /// Keyed by the label set as it is written between braces, so rendering copies the key.
    children: BTreeMap<Box<str>, Child>,
}

/// One family as it stood when a page was asked for.
pub(crate) struct FamilyReading {
    pub(crate) name: Box<str>,
    pub(crate) kind: Kind,
    pub(crate) help: Box<str>,
    pub(crate) children: Vec<(Box<str>, Child)>,
}

struct Inner {
    limits: Limits,
    /// Guards the set of instruments, never their values.
    families: Mutex<BTreeMap<Box<str>, Family>>,
    hooks: Mutex<Vec<Arc<dyn Fn() + Send + Sync>>>,
    overflowed: Counter,
    refused: Counter,
}

/// Every instrument of the process. A clone is another handle to the same registry.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("families", &self.0.families.lock().len()).finish()
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// An empty registry with the usual limits.
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// An empty registry. It reports its own trouble: label sets that had to share the overflow
    /// child, and registrations it could not honour.
    pub fn with_limits(limits: Limits) -> Self {
        let registry = Self(Arc::new(Inner {
            limits,
            families: Mutex::default(),
            hooks: Mutex::default(),
            overflowed: Counter::default(),
            refused: Counter::default(),
        }));
        let cells = [
            (
                "orrery_telemetry_overflowed_total",
                "Requests for a label set beyond the limit of its family.",
                &registry.0.overflowed,
            ),
            (
                "orrery_telemetry_refused_total",
                "Instruments with a bad name, bad labels, or a name of another type.",
                &registry.0.refused,
            ),
        ];
        for (name, help, counter) in cells {
            registry.child(name, help, &[], Kind::Counter, || Child::Counter(counter.0.clone()));
        }
        registry
    }

    /// The counter of this name and label set, created on first use.
    ///
    /// A name already taken by another type, or a name or label the exposition format cannot
    /// carry, yields a working counter that no page shows; `orrery_telemetry_refused_total`
    /// counts it. Telemetry never brings down what it observes.
    pub fn counter(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Counter {
        let fresh = || Child::Counter(Arc::default());
        match self.child(name, help, labels, Kind::Counter, fresh) {
            Some(Child::Counter(cell)) => Counter(cell),
            _ => Counter::default(),
        }
    }

    /// The gauge of this name and label set, created on first use; see [`Registry::counter`].
    pub fn gauge(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Gauge {
        let fresh = || Child::Gauge(Arc::default());
        match self.child(name, help, labels, Kind::Gauge, fresh) {
            Some(Child::Gauge(cell)) => Gauge(cell),
            _ => Gauge::default(),
        }
    }

    /// The histogram of this name and label set, created on first use; see
    /// [`Registry::counter`]. `bounds` are upper bounds in any order; `+Inf` is implied, and
    /// an existing child keeps the bounds it was created with.
    pub fn histogram(
        &self,
        name: &str,
        help: &str,
        labels: &[(&str, &str)],
        bounds: &[f64],
    ) -> Histogram {
        let fresh = || Child::Histogram(Histogram::new(bounds).0);
        match self.child(name, help, labels, Kind::Histogram, fresh) {
            Some(Child::Histogram(cell)) => Histogram(cell),
            _ => Histogram::new(bounds),
        }
    }

    /// A counter whose value is asked for while a page is rendered. A second closure for the
    /// same label set replaces the first. Beyond the family's limit it is refused: a sum of
    /// closures has no meaning.
    pub fn counter_fn(
        &self,
        name: &str,
        help: &str,
        labels: &[(&str, &str)],
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        self.read_child(name, help, labels, Kind::Counter, Arc::new(read));
    }

    /// A gauge whose value is asked for while a page is rendered; see [`Registry::counter_fn`].
    pub fn gauge_fn(
        &self,
        name: &str,
        help: &str,
        labels: &[(&str, &str)],
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        self.read_child(name, help, labels, Kind::Gauge, Arc::new(read));
    }

    /// Runs `hook` before every page, for a group of values that are cheapest read together.
    /// The hook may use the registry.
    pub fn before_render(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.0.hooks.lock().push(Arc::new(hook));
    }

    /// Appends every family to `out`, by name, in the given format.
    /// Cost: one copy of the list of instruments; no lock is held while closures run.
    pub fn render(&self, out: &mut String, format: Format) {
        let hooks = self.0.hooks.lock().clone();
        for hook in &hooks {
            hook();
        }
        for family in self.readings() {
            push_family(out, &family, format);
        }
        if format == Format::OpenMetrics {
            out.push_str("# EOF\n");
        }
    }

    fn readings(&self) -> Vec<FamilyReading> {
        let families = self.0.families.lock();
        let readings = families.iter().map(|(name, family)| FamilyReading {
            name: name.clone(),
            kind: family.kind,
            help: family.help.clone(),
            children: family.children.iter().map(|(k, c)| (k.clone(), c.clone())).collect(),
        });
        readings.collect()
    }

    /// Finds or creates a child; `None` if the registration must be refused.
    fn child(
        &self,
        name: &str,
        help: &str,
        labels: &[(&str, &str)],
        kind: Kind,
        fresh: impl FnOnce() -> Child,
    ) -> Option<Child> {
        if !is_metric_name(name) || !are_labels_valid(labels, kind) {
            self.0.refused.inc();
            return None;
        }
        let key = label_key(labels);
        let mut families = self.0.families.lock();
        let family = family_of(&mut families, name, help, kind);
        if family.kind != kind {
            self.0.refused.inc();
            return None;
        }
        if let Some(child) = family.children.get(key.as_str()) {
            return Some(child.clone());
        }
        let key = if family.children.len() < self.0.limits.children_per_family_max {
            key
        } else {
            self.0.overflowed.inc();
            label_key(&labels.iter().map(|(name, _)| (*name, "overflow")).collect::<Vec<_>>())
        };
        Some(family.children.entry(key.into()).or_insert_with(fresh).clone())
    }

    fn read_child(
        &self,
        name: &str,
        help: &str,
        labels: &[(&str, &str)],
        kind: Kind,
        read: Arc<ReadFn>,
    ) {
        let mut families = self.0.families.lock();
        if is_metric_name(name) && are_labels_valid(labels, kind) {
            let family = family_of(&mut families, name, help, kind);
            let key = label_key(labels);
            let room = family.children.len() < self.0.limits.children_per_family_max
                || family.children.contains_key(key.as_str());
            if family.kind == kind && room {
                family.children.insert(key.into(), Child::Read(read));
                return;
            }
        }
        self.0.refused.inc();
    }
}

/// The family of this name; one that exists keeps its type and help.
fn family_of<'a>(
    families: &'a mut BTreeMap<Box<str>, Family>,
    name: &str,
    help: &str,
    kind: Kind,
) -> &'a mut Family {
    // Looked up twice because an entry would need an owned name on every call.
    if !families.contains_key(name) {
        let family = Family { kind, help: help.into(), children: BTreeMap::new() };
        families.insert(name.into(), family);
    }
    families.get_mut(name).expect("inserted above when it was missing")
}

/// The label set as it stands between braces, sorted by name so that the order in which a caller
/// lists labels does not make another child.
fn label_key(labels: &[(&str, &str)]) -> String {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable();
    let mut key = String::with_capacity(labels.iter().map(|(n, v)| n.len() + v.len() + 4).sum());
    for (name, value) in sorted {
        push_label(&mut key, name, value);
    }
    key
}

fn is_metric_name(name: &str) -> bool {
    is_identifier(name, |byte| byte == b':')
}

fn are_labels_valid(labels: &[(&str, &str)], kind: Kind) -> bool {
    labels.iter().enumerate().all(|(index, (name, _))| {
        let reserved = kind == Kind::Histogram && *name == "le";
        let repeated = labels.iter().take(index).any(|(earlier, _)| earlier == name);
        is_identifier(name, |_| false) && !name.starts_with("__") && !reserved && !repeated
    })
}

fn is_identifier(name: &str, extra: impl Fn(u8) -> bool) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || extra(byte);
    let mut bytes = name.bytes();
    bytes.next().is_some_and(&letter) && bytes.all(|byte| letter(byte) || byte.is_ascii_digit())
}
