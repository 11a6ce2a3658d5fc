//! Tables for the grammar's corners, and properties of the parser over arbitrary bytes.

use std::fmt::Write;

use model::LabelsBuilder;
use proptest::prelude::*;

use super::{Entry, Format, Parser, Reason};

fn samples(text: &str, format: Format) -> Result<Vec<(String, f64, Option<i64>)>, String> {
    let mut parser = Parser::new(text.as_bytes(), format);
    let mut labels = LabelsBuilder::default();
    let mut found = Vec::new();
    while let Some(entry) = parser.next_entry().map_err(|e| e.to_string())? {
        if let Entry::Sample(sample) = entry {
            labels.clear();
            parser.labels(&mut labels).map_err(|e| e.to_string())?;
            found.push((labels.build().to_string(), sample.v, sample.t_ms));
        }
    }
    Ok(found)
}

#[track_caller]
fn check(text: &str, want: &[(&str, f64, Option<i64>)]) {
    let want: Vec<_> = want.iter().map(|(s, v, t)| ((*s).to_owned(), *v, *t)).collect();
    assert_eq!(samples(text, Format::Prometheus), Ok(want), "{text:?}");
}

#[test]
fn prometheus_text_is_lenient_about_blanks() {
    check("a 1", &[("a", 1.0, None)]);
    check(" \t a\t{ b = \"c\" , } \t 1 \t 2 ", &[(r#"a{b="c"}"#, 1.0, Some(2))]);
    check(
        "a{b=\"1\" c=\"2\"}3\n\n# x\na+1",
        &[(r#"a{b="1", c="2"}"#, 3.0, None), ("a", 1.0, None)],
    );
    check(
        "{\"my.name\",\"a.b\"=\"\\\"\\\\\\n\\t\"} 1",
        &[(r#"{"my.name", "a.b"="\"\\\n\\t"}"#, 1.0, None)],
    );
}

#[test]
fn errors_say_line_and_column() {
    let check = |text: &str, format, line, column, reason: Reason| {
        let mut parser = Parser::new(text.as_bytes(), format);
        let error = loop {
            match parser.next_entry() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{text:?} is accepted"),
                Err(e) => break e,
            }
        };
        assert_eq!((error.line, error.column, &error.reason), (line, column, &reason), "{error}");
        assert!(matches!(parser.next_entry(), Ok(None)), "an error ends the document");
    };
    let prom = Format::Prometheus;
    check("a 1\nb{c=1} 2\n", prom, 2, 5, Reason::LabelValue);
    check("a 1 -5\n", prom, 1, 5, Reason::TimestampOrEnd);
    check("a 1 5 6\n", prom, 1, 7, Reason::NextEntry("timestamp"));
    check("a true\n", prom, 1, 3, Reason::Float("true".into()));
    check("{a=\"b\"} 1\n", prom, 1, 8, Reason::NameMissing);
    check("x{\"a\"} 1\n", prom, 1, 6, Reason::NameTwice);
    check("# TYPE a thing\n", prom, 1, 10, Reason::MetricType("thing".into()));
    check("a 1\n", Format::OpenMetrics, 2, 1, Reason::NoEof);
    check("a 1\n# EOF\n\n", Format::OpenMetrics, 2, 6, Reason::AfterEof);
    check("a  1\n# EOF", Format::OpenMetrics, 1, 2, Reason::Value("metric"));
}

#[test]
fn exemplars_carry_their_labels_and_time() {
    let text = b"a_total{b=\"c\"} 5 1.5 # {trace_id=\"x\"} 2 1.25\n# EOF\n";
    let mut parser = Parser::new(text, Format::OpenMetrics);
    let Ok(Some(Entry::Sample(sample))) = parser.next_entry() else { panic!("no sample") };
    assert_eq!((sample.v, sample.t_ms, sample.has_exemplar), (5.0, Some(1500), true));
    let exemplar = parser.exemplar(7).expect("there is one");
    assert_eq!((exemplar.labels.to_string().as_str(), exemplar.t_ms), (r#"{trace_id="x"}"#, 1250));
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in [Format::Prometheus, Format::OpenMetrics] {
            let mut parser = Parser::new(&bytes, format);
            let mut labels = LabelsBuilder::default();
            while let Ok(Some(entry)) = parser.next_entry() {
                if let Entry::Sample(_) = entry {
                    labels.clear();
                    let named = parser.labels(&mut labels).is_ok();
                    prop_assert!(!named || !labels.is_empty());
                    parser.start_time_ms();
                }
            }
        }
    }

    #[test]
    fn near_valid_text_is_judged_without_panic(text in "[a{}\"=\\\\, 1.#\nTYPEOFHLU_e\u{0}]{0,80}") {
        for format in [Format::Prometheus, Format::OpenMetrics] {
            let mut parser = Parser::new(text.as_bytes(), format);
            while let Ok(Some(_)) = parser.next_entry() {
                parser.start_time_ms();
            }
        }
    }

    #[test]
    fn printed_series_read_back(
        pairs in prop::collection::btree_map("[a-z]{1,5}", "[^\u{0}]{1,12}", 0..5),
        v in any::<f64>().prop_filter("NaN differs from itself", |v| !v.is_nan()),
        t in prop::option::of(0i64..i64::MAX),
    ) {
        let mut text = String::from("metric{");
        for (name, value) in &pairs {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            write!(text, "{name}=\"{value}\",").expect("to a string");
        }
        write!(text, "}} {v}").expect("to a string");
        if let Some(t) = t {
            write!(text, " {t}").expect("to a string");
        }
        let labels = model::Labels::from_pairs(
            pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain([("__name__", "metric")]),
        );
        let got = samples(&text, Format::Prometheus);
        prop_assert_eq!(got, Ok(vec![(labels.to_string(), v, t)]));
    }
}
