//! Counters and gauges: handles that share one atomic cell with the registry.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An `f64` that several threads may add to. The value lives in the bits of an integer because
/// there is no atomic float; adding therefore retries, which only gauges and the fractional
/// part of counters pay for.
#[derive(Debug, Default)]
pub(crate) struct AtomicF64(AtomicU64);

impl AtomicF64 {
    pub(crate) fn load(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn store(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    pub(crate) fn add(&self, value: f64) {
        let mut seen = self.0.load(Ordering::Relaxed);
        loop {
            let next = (f64::from_bits(seen) + value).to_bits();
            match self.0.compare_exchange_weak(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct CounterCell {
    whole: AtomicU64,
    fraction: AtomicF64,
}

impl CounterCell {
    pub(crate) fn value(&self) -> f64 {
        self.whole.load(Ordering::Relaxed) as f64 + self.fraction.load()
    }
}

/// A value that only grows while the process lives.
/// Cost: a clone shares the cell; counting whole units is one atomic addition.
#[derive(Clone, Debug, Default)]
pub struct Counter(pub(crate) Arc<CounterCell>);

impl Counter {
    /// Counts one event.
    pub fn inc(&self) {
        self.inc_by(1);
    }

    /// Counts `amount` events or bytes at once.
    pub fn inc_by(&self, amount: u64) {
        self.0.whole.fetch_add(amount, Ordering::Relaxed);
    }

    /// Adds a fractional amount, as seconds are. A negative or undefined amount is ignored:
    /// a counter never falls.
    pub fn add(&self, amount: f64) {
        if amount > 0.0 && amount.is_finite() {
            self.0.fraction.add(amount);
        }
    }

    /// The sum of everything counted so far.
    pub fn value(&self) -> f64 {
        self.0.value()
    }
}

/// A value that may rise and fall.
#[derive(Clone, Debug, Default)]
pub struct Gauge(pub(crate) Arc<AtomicF64>);

impl Gauge {
    /// Replaces the value.
    pub fn set(&self, value: f64) {
        self.0.store(value);
    }

    /// Adds `amount`, which may be negative.
    pub fn add(&self, amount: f64) {
        self.0.add(amount);
    }

    /// Adds one.
    pub fn inc(&self) {
        self.add(1.0);
    }

    /// Takes one away.
    pub fn dec(&self) {
        self.add(-1.0);
    }

    /// Adds one and takes it away again when the guard is dropped, on every path out of a scope.
    #[must_use = "the gauge falls back as soon as the guard is dropped"]
    pub fn count_scope(&self) -> impl Drop + use<> {
        self.inc();
        ScopeGuard(self.clone())
    }

    /// The present value.
    pub fn value(&self) -> f64 {
        self.0.load()
    }
}

struct ScopeGuard(Gauge);

impl Drop for ScopeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
