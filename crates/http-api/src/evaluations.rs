//! What queries cost, whichever face they come in by. Handles are kept, so that a query takes no
//! lock of the registry, and every series is there before the first query.

use std::time::Duration;

use telemetry::{Counter, Gauge, Histogram, LATENCY_BUCKETS, Registry};

/// Where a query came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Query,
    QueryRange,
    Ui,
}

/// Counts of evaluations; clones count together.
#[derive(Clone, Debug)]
pub struct Evaluations {
    in_flight: Gauge,
    samples: Counter,
    query: Histogram,
    query_range: Histogram,
    ui: Histogram,
}

impl Evaluations {
    pub fn new(registry: &Registry) -> Self {
        let duration = |endpoint| {
            registry.histogram(
                "orrery_query_duration_seconds",
                "Time to evaluate a query, without rendering.",
                &[("endpoint", endpoint)],
                LATENCY_BUCKETS,
            )
        };
        Self {
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
            query: duration("query"),
            query_range: duration("query_range"),
            ui: duration("ui"),
        }
    }

    /// Counts an evaluation as under way until the guard is dropped, also by a panic.
    pub(crate) fn begin(&self) -> impl Drop + use<> {
        self.in_flight.count_scope()
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

    #[test]
    fn series_are_there_before_the_first_query() {
        let registry = telemetry::Registry::new();
        let evaluations = Evaluations::new(&registry);
        let check = |want: &[&str]| {
            let mut page = String::new();
            registry.render(&mut page, telemetry::Format::Text004);
            for line in want {
                assert!(page.lines().any(|got| got == *line), "{line} in\n{page}");
            }
        };
        check(&[
            "orrery_queries_in_flight 0",
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
