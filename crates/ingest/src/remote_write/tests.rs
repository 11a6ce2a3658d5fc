//! Requests built by hand: shapes no well-behaved sender writes, limits, and arbitrary bytes.

use model::{LabelsBuilder, METRIC_NAME};
use proptest::prelude::*;

use super::labels::put_label;
use super::wire::put_varint;
use super::{Decoder, Message, WriteError, WriteLimits, message_of};

/// A length-delimited field.
fn nested(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    put_varint(&mut out, content.len() as u64);
    out.extend_from_slice(content);
    out
}

fn labels(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in pairs {
        put_label(&mut out, name.as_bytes(), value.as_bytes());
    }
    out
}

fn sample(t_ms: i64, v: f64) -> Vec<u8> {
    let mut content = vec![0x09];
    content.extend_from_slice(&v.to_le_bytes());
    content.push(0x10);
    put_varint(&mut content, t_ms as u64);
    nested(2, &content)
}

fn compress(message: &[u8]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(message).expect("small")
}

/// Series with their samples as text, or the first reason why labels were refused.
fn read(message: &[u8]) -> Result<Vec<String>, WriteError> {
    let mut decoder = Decoder::default();
    decoder.decode(Message::V1, &compress(message), |decoded| {
        let batch = &decoded.batch;
        let show = |series: &model::BatchSeries<'_>| {
            let mut builder = LabelsBuilder::default();
            if let Err(e) = (batch.decode)(series.raw, &mut builder) {
                return e.to_string();
            }
            let range = series.samples.0 as usize..series.samples.1 as usize;
            let points: Vec<_> =
                range.map(|i| format!("{}@{}", batch.v[i], batch.t_ms[i])).collect();
            format!("{} {}", builder.build(), points.join(" "))
        };
        batch.series.iter().map(show).collect()
    })
}

#[track_caller]
fn check(series: &[Vec<u8>], want: &[&str]) {
    let message: Vec<u8> = series.iter().flat_map(|s| nested(1, s)).collect();
    assert_eq!(read(&message).expect("well formed"), want);
}

#[test]
fn series_are_read_in_any_field_order() {
    let name = labels(&[(METRIC_NAME, "up")]);
    let job = labels(&[("job", "a")]);
    check(&[[name.clone(), job.clone(), sample(5, 1.5)].concat()], &[r#"up{job="a"} 1.5@5"#]);
    check(&[[sample(5, 1.0), name.clone(), sample(-6, 2.0)].concat()], &["up 1@5 2@-6"]);
    check(&[[job.clone(), sample(5, 1.0), name.clone()].concat()], &[r#"up{job="a"} 1@5"#]);
    // A sample whose zero timestamp is left out, one with its fields turned round.
    let short = nested(2, &[&[0x09][..], &2f64.to_le_bytes()].concat());
    let turned = nested(2, &[&[0x10, 7, 0x09][..], &3f64.to_le_bytes()].concat());
    check(&[[name, short, turned].concat()], &["up 2@0 3@7"]);
}

#[test]
fn bad_labels_are_refused_by_series() {
    let bad = |raw: Vec<u8>, want: &str| check(&[[raw, sample(1, 1.0)].concat()], &[want]);
    bad(labels(&[("job", "a")]), r#"invalid metric name or labels, got {job="a"}: no metric name"#);
    bad(
        labels(&[(METRIC_NAME, "up"), ("", "a")]),
        r#"invalid metric name or labels, got up{""="a"}: a label name is empty"#,
    );
    bad(
        labels(&[(METRIC_NAME, "up"), ("a", "1"), ("a", "2")]),
        r#"invalid labels for series, labels up{a="2"}, duplicated label a"#,
    );
    let mut raw = labels(&[(METRIC_NAME, "up")]);
    put_label(&mut raw, b"a", b"\xff");
    bad(raw, "invalid metric name or labels, got up{a=\"\u{fffd}\"}: not UTF-8");
}

#[test]
fn keys_follow_the_raw_bytes() {
    let series = |v: f64| nested(1, &[labels(&[(METRIC_NAME, "up")]), sample(1, v)].concat());
    let mut decoder = Decoder::default();
    let mut key = |v| {
        decoder.decode(Message::V1, &compress(&series(v)), |d| d.batch.series[0].key).expect("fine")
    };
    assert_eq!(key(1.0), key(2.0));
}

/// In the series' own field of early senders, and in those of its samples.
#[test]
fn starts_of_counters_are_read() {
    let integer = |number: u64, value: i64| {
        let mut out = Vec::new();
        put_varint(&mut out, number << 3);
        put_varint(&mut out, value as u64);
        out
    };
    let with_start = |mut content: Vec<u8>, number: u64, start_ms: i64| {
        content.extend(integer(number, start_ms));
        content
    };
    let time = |t_ms: i64| [vec![0x09], 1.0_f64.to_le_bytes().into(), integer(2, t_ms)].concat();
    // Without its value, which is 0.
    let zero = |t_ms: i64| integer(2, t_ms);
    let t_ms = 1_735_700_000_000;
    let refs = nested(1, &[1, 2]);
    let series = [
        vec![refs.clone(), nested(2, &time(t_ms))],
        vec![refs.clone(), nested(2, &with_start(time(t_ms), 3, t_ms - 77))],
        vec![refs.clone(), nested(2, &time(t_ms)), integer(6, 78)],
        vec![refs.clone(), nested(3, &with_start(integer(15, t_ms), 17, 79))],
        vec![refs.clone(), nested(2, &zero(t_ms))],
        vec![refs, nested(2, &with_start(zero(t_ms), 3, t_ms - 80))],
    ];
    let mut message: Vec<u8> = ["", METRIC_NAME, "up"].map(|s| nested(4, s.as_bytes())).concat();
    message.extend(series.into_iter().flat_map(|fields| nested(5, &fields.concat())));
    let mut decoder = Decoder::default();
    let starts = decoder
        .decode(Message::V2, &compress(&message), |decoded| decoded.batch.starts.to_vec())
        .expect("well formed");
    assert_eq!(starts, [(1, t_ms - 77), (2, 78), (3, 79), (5, t_ms - 80)]);
}

#[test]
fn limits_are_charged_before_the_work() {
    let limits = WriteLimits {
        body_bytes_max: 100,
        decompressed_bytes_max: 200,
        samples_max: 1,
        ..WriteLimits::default()
    };
    let mut decoder = Decoder::new(limits);
    let mut status = |body: &[u8]| {
        decoder.decode(Message::V1, body, |_| ()).map_err(|e| (e.status(), e.to_string()))
    };
    let too_large = status(&[0; 101]).expect_err("too large");
    assert_eq!(too_large.0, 413);
    assert!(too_large.1.contains("ingest.body_bytes_max"), "{}", too_large.1);
    // The header of a snappy block that claims 2^31 bytes.
    assert_eq!(status(&[0x80, 0x80, 0x80, 0x80, 0x08]).expect_err("too large").0, 413);
    assert_eq!(status(&[0xff; 20]).expect_err("no snappy").0, 400);
    assert_eq!(status(&[100, 0]).expect_err("a lie").0, 400);
    let series = [labels(&[(METRIC_NAME, "up")]), sample(1, 1.0), sample(2, 1.0)].concat();
    let error = status(&compress(&nested(1, &series))).expect_err("two samples");
    assert!(error.1.contains("ingest.samples_max"), "{}", error.1);
    assert_eq!(status(&compress(&[0x0a, 0x05])).expect_err("cut short").0, 400);
    assert_eq!(status(&compress(&[])), Ok(()));
}

#[test]
fn headers_choose_the_message() {
    let check = |content_type, encoding, want: Result<Message, u16>| {
        let got = message_of(content_type, encoding).map_err(|e| e.status());
        assert_eq!(got, want, "{content_type:?} {encoding:?}");
    };
    check(None, None, Ok(Message::V1));
    check(Some("application/x-protobuf"), Some("snappy"), Ok(Message::V1));
    check(Some("application/x-protobuf;proto=prometheus.WriteRequest"), None, Ok(Message::V1));
    let two = "application/x-protobuf; proto=io.prometheus.write.v2.Request";
    check(Some(two), Some("Snappy"), Ok(Message::V2));
    check(Some("application/x-protobuf;proto=other"), None, Err(415));
    check(Some("application/json"), Some("snappy"), Err(415));
    check(Some(two), Some("gzip"), Err(415));
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut decoder = Decoder::default();
        for message in [Message::V1, Message::V2] {
            for body in [bytes.clone(), compress(&bytes)] {
                let mut labels = LabelsBuilder::default();
                let read = decoder.decode(message, &body, |decoded| {
                    let batch = &decoded.batch;
                    batch.series.iter().filter(|series| {
                        labels.clear();
                        (batch.decode)(series.raw, &mut labels).is_ok()
                    }).count()
                });
                prop_assert!(read.is_err() || read.is_ok_and(|series| series <= bytes.len()));
            }
        }
    }

    #[test]
    fn what_is_written_is_read(
        series in prop::collection::vec(
            (prop::collection::btree_map("[a-z]{1,4}", "[^\u{0}]{1,8}", 0..4),
             prop::collection::vec((any::<i64>(), any::<i32>()), 0..4)),
            0..6,
        )
    ) {
        let mut message = Vec::new();
        let mut want = Vec::new();
        for (pairs, points) in &series {
            let mut all = vec![(METRIC_NAME, "m")];
            all.extend(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())));
            let samples: Vec<u8> =
                points.iter().flat_map(|(t, v)| sample(*t, f64::from(*v))).collect();
            message.extend(nested(1, &[labels(&all), samples].concat()));
            let text: Vec<_> = points.iter().map(|(t, v)| format!("{v}@{t}")).collect();
            want.push(format!("{} {}", model::Labels::from_pairs(all), text.join(" ")));
        }
        prop_assert_eq!(read(&message), Ok(want));
    }
}
