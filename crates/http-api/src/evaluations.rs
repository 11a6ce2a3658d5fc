//! What queries cost, whichever face they come in by. Handles are kept, so that a query takes no
//! lock of the registry, and every series is there before the first query.

use std::sync::Arc;
use std::time::{Duration, Instant};

use promql::QueryError;
use query::{Budget, BudgetLimits, Cancel, MemoryPool};
use telemetry::{Counter, Gauge, Histogram, LATENCY_BUCKETS, Registry};

/// Where a query came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Query,
    QueryRange,
    Ui,
}

/// Prometheus' error types of queries.
const FAILURES: [&str; 6] =
    ["bad_data", "canceled", "execution", "internal", "timeout", "unavailable"];

/// Prometheus' word for the kind of an error.
pub(crate) fn error_type(error: &QueryError) -> &'static str {
    match error {
        QueryError::Parse(_) => "bad_data",
        QueryError::Execution(_) | QueryError::Unsupported(_) | QueryError::Limit(_) => "execution",
        QueryError::Timeout(_) => "timeout",
        QueryError::Cancelled(_) => "canceled",
        QueryError::NotReady(_) => "unavailable",
        QueryError::Internal(_) => "internal",
    }
}

/// Counts of evaluations; clones count together.
#[derive(Clone, Debug)]
pub struct Evaluations {
    memory: Arc<MemoryPool>,
    in_flight: Gauge,
    waiting: Gauge,
    samples: Counter,
    failures: [(&'static str, Counter); 6],
    query: Histogram,
    query_range: Histogram,
    ui: Histogram,
}

impl Evaluations {
    /// `memory`: what all queries together may hold.
    pub fn new(registry: &Registry, memory: MemoryPool) -> Self {
        let duration = |endpoint| {
            registry.histogram(
                "orrery_query_duration_seconds",
                "Time to evaluate a query, without rendering.",
                &[("endpoint", endpoint)],
                LATENCY_BUCKETS,
            )
        };
        Self {
            memory: Arc::new(memory),
            waiting: registry.gauge(
                "orrery_queries_waiting",
                "Queries that wait for a place among those that are evaluated.",
                &[],
            ),
            in_flight: registry.gauge(
                "orrery_queries_in_flight",
                "Queries being evaluated; those that wait for a place are not counted.",
                &[],
            ),
            samples: registry.counter(
                "orrery_query_samples_total",
                "Samples read by queries.",
                &[],
            ),
            failures: FAILURES.map(|reason| {
                let counter = registry.counter(
                    "orrery_query_failures_total",
                    "Queries without an answer, by the error type they were told.",
                    &[("reason", reason)],
                );
                (reason, counter)
            }),
            query: duration("query"),
            query_range: duration("query_range"),
            ui: duration("ui"),
        }
    }

    /// Counts an evaluation as under way until the guard is dropped, also by a panic.
    pub(crate) fn begin(&self) -> impl Drop + use<> {
        self.in_flight.count_scope()
    }

    /// Counts a query as waiting until the guard is dropped.
    pub(crate) fn wait(&self) -> impl Drop + use<> {
        self.waiting.count_scope()
    }

    /// The account of a query that arrived at `arrived`.
    pub(crate) fn budget(&self, arrived: Instant, limits: BudgetLimits, cancel: Cancel) -> Budget {
        Budget::since(arrived, limits, cancel).within(Arc::clone(&self.memory))
    }

    pub(crate) fn count_failure(&self, error: &QueryError) {
        let reason = error_type(error);
        if let Some((_, counter)) = self.failures.iter().find(|(known, _)| *known == reason) {
            counter.inc();
        }
    }

    pub(crate) fn finish(&self, endpoint: Endpoint, took: Duration, samples: u64) {
        let duration = match endpoint {
            Endpoint::Query => &self.query,
            Endpoint::QueryRange => &self.query_range,
            Endpoint::Ui => &self.ui,
        };
        duration.observe_duration(took);
        self.samples.inc_by(samples);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Endpoint, Evaluations};
    use query::MemoryPool;

    #[test]
    fn series_are_there_before_the_first_query() {
        let registry = telemetry::Registry::new();
        let evaluations = Evaluations::new(&registry, MemoryPool::new(1 << 30));
        let check = |want: &[&str]| {
            let mut page = String::new();
            registry.render(&mut page, telemetry::Format::Text004);
            for line in want {
                assert!(page.lines().any(|got| got == *line), "{line} in\n{page}");
            }
        };
        check(&[
            "orrery_queries_in_flight 0",
            r#"orrery_query_failures_total{reason="canceled"} 0"#,
            "orrery_queries_waiting 0",
            "orrery_query_samples_total 0",
            r#"orrery_query_duration_seconds_count{endpoint="query"} 0"#,
            r#"orrery_query_duration_seconds_count{endpoint="query_range"} 0"#,
            r#"orrery_query_duration_seconds_count{endpoint="ui"} 0"#,
        ]);
        let running = (evaluations.begin(), evaluations.clone().begin());
        check(&["orrery_queries_in_flight 2"]);
        drop(running);
        evaluations.finish(Endpoint::Ui, Duration::from_millis(3), 7);
        check(&[
            "orrery_queries_in_flight 0",
            "orrery_query_samples_total 7",
            r#"orrery_query_duration_seconds_count{endpoint="query"} 0"#,
            r#"orrery_query_duration_seconds_bucket{endpoint="ui",le="0.005"} 1"#,
        ]);
    }
}
