//! What a registry shows, in both formats, for every kind of instrument and every misuse.

mod checker;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use telemetry::{Format, Limits, Registry, exponential_buckets};

/// The page without the registry's own two counters.
fn page(registry: &Registry, format: Format) -> String {
    let mut text = String::new();
    registry.render(&mut text, format);
    checker::read(&text, format == Format::OpenMetrics);
    let own = |line: &&str| !line.contains("orrery_telemetry_");
    text.split_inclusive('\n').filter(own).collect()
}

#[track_caller]
fn check(fill: impl Fn(&Registry), text: &Expect, open: &Expect) {
    let registry = Registry::new();
    fill(&registry);
    text.assert_eq(&page(&registry, Format::Text004));
    open.assert_eq(&page(&registry, Format::OpenMetrics));
}

/// The value of one of the registry's own counters.
fn own(registry: &Registry, name: &str) -> f64 {
    let mut text = String::new();
    registry.render(&mut text, Format::Text004);
    let samples = checker::read(&text, false).samples;
    samples
        .iter()
        .find(|s| s.name == format!("orrery_telemetry_{name}"))
        .expect("the registry reports on itself")
        .value
}

#[test]
fn a_series_has_the_same_name_in_both_formats() {
    check(
        |r| {
            r.counter("a_bytes_total", "With.", &[]).inc_by(3);
            r.counter("b_bytes", "Without.", &[("x", "1")]).add(0.5);
        },
        &expect![[r#"
            # HELP a_bytes_total With.
            # TYPE a_bytes_total counter
            a_bytes_total 3
            # HELP b_bytes Without.
            # TYPE b_bytes counter
            b_bytes{x="1"} 0.5
        "#]],
        &expect![[r#"
            # HELP a_bytes With.
            # TYPE a_bytes counter
            a_bytes_total 3
            # HELP b_bytes Without.
            # TYPE b_bytes unknown
            b_bytes{x="1"} 0.5
            # EOF
        "#]],
    );
}

#[test]
fn label_values_and_help_are_escaped() {
    check(
        |r| r.gauge("g", "a \\ b \"c\"\nd", &[("v", "a \\ b \"c\"\nd")]).set(-1.5),
        &expect![[r#"
            # HELP g a \\ b "c"\nd
            # TYPE g gauge
            g{v="a \\ b \"c\"\nd"} -1.5
        "#]],
        &expect![[r#"
            # HELP g a \\ b \"c\"\nd
            # TYPE g gauge
            g{v="a \\ b \"c\"\nd"} -1.5
            # EOF
        "#]],
    );
}

#[test]
fn histograms_are_cumulative_and_bounds_read_as_floats_in_open_metrics() {
    check(
        |r| {
            // Out of order, repeated and infinite bounds are put right.
            let bounds = [1.0, 0.1, 1.0, f64::INFINITY];
            let h = r.histogram("h_seconds", "H.", &[("q", "x")], &bounds);
            for value in [0.05, 0.1, 0.5, 7.0] {
                h.observe(value);
            }
        },
        &expect![[r#"
            # HELP h_seconds H.
            # TYPE h_seconds histogram
            h_seconds_bucket{q="x",le="0.1"} 2
            h_seconds_bucket{q="x",le="1"} 3
            h_seconds_bucket{q="x",le="+Inf"} 4
            h_seconds_sum{q="x"} 7.65
            h_seconds_count{q="x"} 4
        "#]],
        &expect![[r#"
            # HELP h_seconds H.
            # TYPE h_seconds histogram
            h_seconds_bucket{q="x",le="0.1"} 2
            h_seconds_bucket{q="x",le="1.0"} 3
            h_seconds_bucket{q="x",le="+Inf"} 4
            h_seconds_sum{q="x"} 7.65
            h_seconds_count{q="x"} 4
            # EOF
        "#]],
    );
}

#[test]
fn values_of_every_size_are_written_exactly() {
    let table = [
        (0.0, "0"),
        (-0.0, "-0"),
        (1e15, "1e15"),
        (123_456_789_012.0, "123456789012"),
        (5e-324, "5e-324"),
        (1.5e-7, "1.5e-7"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "+Inf"),
        (f64::NEG_INFINITY, "-Inf"),
    ];
    for (value, want) in table {
        let registry = Registry::new();
        registry.gauge("g", "G.", &[]).set(value);
        assert!(page(&registry, Format::Text004).ends_with(&format!("\ng {want}\n")), "{value}");
    }
}

#[test]
fn the_same_name_and_labels_are_the_same_instrument() {
    let registry = Registry::new();
    registry.counter("c_total", "C.", &[("a", "1"), ("b", "2")]).inc();
    let again = registry.counter("c_total", "Other help.", &[("b", "2"), ("a", "1")]);
    again.inc();
    assert_eq!(again.value(), 2.0);
    assert!(page(&registry, Format::Text004).contains("# HELP c_total C.\n"));
}

#[test]
fn counters_never_fall() {
    let counter = Registry::new().counter("c_total", "C.", &[]);
    for amount in [-1.0, f64::NAN, f64::INFINITY, 0.25] {
        counter.add(amount);
    }
    assert_eq!(counter.value(), 0.25);
}

#[test]
fn closures_are_read_at_every_page_and_replaced_by_the_latest() {
    let registry = Registry::new();
    let level = registry.gauge("level", "L.", &[]);
    let source = level.clone();
    registry.gauge_fn("twice", "T.", &[], || 0.0);
    registry.gauge_fn("twice", "T.", &[], move || source.value() * 2.0);
    let inside = registry.clone();
    registry.counter_fn("calls_total", "C.", &[], move || {
        // A closure may use the registry: no lock is held while it runs.
        inside.gauge("level", "L.", &[]).value()
    });
    registry.before_render(move || level.inc());
    assert!(page(&registry, Format::Text004).contains("\ntwice 2\n"));
    assert!(page(&registry, Format::Text004).contains("\ncalls_total 2\n"));
}

#[test]
fn a_family_is_bounded_and_the_rest_is_counted_together() {
    let registry = Registry::with_limits(Limits { children_per_family_max: 2 });
    for route in ["/a", "/b", "/c", "/d", "/a"] {
        registry.counter("requests_total", "R.", &[("route", route)]).inc();
    }
    registry.gauge_fn("requests_total", "R.", &[("route", "/e")], || 1.0);
    let text = page(&registry, Format::Text004);
    let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        samples,
        [
            "requests_total{route=\"/a\"} 2",
            "requests_total{route=\"/b\"} 1",
            "requests_total{route=\"overflow\"} 2",
        ]
    );
    assert_eq!(own(&registry, "overflowed_total"), 2.0);
    assert_eq!(own(&registry, "refused_total"), 1.0);
}

#[test]
fn what_the_format_cannot_carry_is_refused_but_still_works() {
    type Try = fn(&Registry);
    let table: [(&str, Try); 9] = [
        ("empty name", |r| r.counter("", "", &[]).inc()),
        ("space in name", |r| r.counter("a b", "", &[]).inc()),
        ("leading digit", |r| r.gauge("1a", "", &[]).inc()),
        ("name beyond ASCII", |r| r.gauge("größe", "", &[]).inc()),
        ("colon in label", |r| r.gauge("a", "", &[("b:c", "")]).inc()),
        ("reserved label", |r| r.gauge("a", "", &[("__name__", "")]).inc()),
        ("label twice", |r| r.gauge("a", "", &[("b", "1"), ("b", "2")]).inc()),
        ("le on a histogram", |r| r.histogram("h", "", &[("le", "1")], &[1.0]).observe(1.0)),
        ("another type", |r| {
            let gauge = r.gauge("orrery_telemetry_refused_total", "", &[]);
            gauge.set(7.0);
            assert_eq!(gauge.value(), 7.0);
        }),
    ];
    for (what, attempt) in table {
        let registry = Registry::new();
        attempt(&registry);
        assert_eq!(own(&registry, "refused_total"), 1.0, "{what}");
        assert_eq!(page(&registry, Format::Text004), "", "{what}");
    }
}

#[test]
fn concurrent_additions_are_all_counted() {
    let registry = Registry::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    registry.counter("c_total", "C.", &[]).inc();
                    registry.gauge("g", "G.", &[]).add(0.5);
                    registry.histogram("h", "H.", &[], &[1.0]).observe(2.0);
                }
            });
        }
    });
    assert_eq!(registry.counter("c_total", "C.", &[]).value(), 4000.0);
    assert_eq!(registry.gauge("g", "G.", &[]).value(), 2000.0);
    let histogram = registry.histogram("h", "H.", &[], &[]);
    assert_eq!((histogram.count(), histogram.sum()), (4000, 8000.0));
}

#[test]
fn a_guard_counts_a_scope() {
    let gauge = Registry::new().gauge("in_flight", "I.", &[]);
    {
        let _one = gauge.count_scope();
        assert_eq!(gauge.value(), 1.0);
    }
    assert_eq!(gauge.value(), 0.0);
}

#[test]
fn the_accept_header_chooses_the_format() {
    let table = [
        ("", Format::Text004),
        ("*/*", Format::Text004),
        ("text/plain", Format::Text004),
        ("application/openmetrics-text", Format::OpenMetrics),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4",
            Format::OpenMetrics,
        ),
        ("application/openmetrics-text;q=0.3, text/plain;q=0.9", Format::Text004),
        ("application/openmetrics-text;q=0", Format::Text004),
        ("application/openmetrics-text;q=zero", Format::Text004),
    ];
    for (accept, want) in table {
        assert_eq!(Format::from_accept(accept), want, "{accept}");
    }
}

#[test]
fn exponential_buckets_grow_by_the_factor() {
    assert_eq!(exponential_buckets(1.0, 4.0, 4), [1.0, 4.0, 16.0, 64.0]);
    assert_eq!(exponential_buckets(0.0, 4.0, 4), [0.0_f64; 0]);
    assert_eq!(exponential_buckets(1.0, 1.0, 4), [0.0_f64; 0]);
}

proptest! {
    /// Whatever help, label values and numbers are given, a page reads back to the same.
    #[test]
    fn pages_read_back(
        help in any::<String>(),
        children in proptest::collection::btree_map(any::<String>(), any::<f64>(), 1..5),
        observed in proptest::collection::vec(any::<f64>(), 0..20),
        bounds in proptest::collection::vec(any::<f64>(), 0..6),
    ) {
        // A carriage return is data to the formats but a line end to this test's reader.
        let clean = |text: &str| text.replace('\r', "");
        let registry = Registry::new();
        let mut want = std::collections::BTreeMap::new();
        for (value, number) in &children {
            registry.gauge("g", &clean(&help), &[("v", &clean(value))]).set(*number);
            want.insert(clean(value), *number);
        }
        let histogram = registry.histogram("h", "H.", &[], &bounds);
        for value in &observed {
            histogram.observe(*value);
        }
        for format in [Format::Text004, Format::OpenMetrics] {
            let mut text = String::new();
            registry.render(&mut text, format);
            let page = checker::read(&text, format == Format::OpenMetrics);
            prop_assert_eq!(&page.helps["g"], &clean(&help));
            let got = page.samples.iter().filter(|s| s.name == "g");
            let got: Vec<_> = got.map(|s| (s.labels["v"].clone(), s.value.to_bits())).collect();
            let want: Vec<_> = want.iter().map(|(k, v)| (k.clone(), v.to_bits())).collect();
            // The children are ordered by their escaped text, so only the sets are compared.
            let (mut got, mut want) = (got, want);
            got.sort();
            want.sort();
            prop_assert_eq!(got, want);
            let count = page.samples.iter().find(|s| s.name == "h_count").map(|s| s.value);
            prop_assert_eq!(count, Some(observed.len() as f64));
        }
    }
}
