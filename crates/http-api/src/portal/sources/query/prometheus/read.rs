//! Reads the JSON of Prometheus' HTTP API, as every server that speaks it writes it: numbers as
//! texts, times as seconds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::Labels;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::frame::Notice;
use super::{Kind, Reply, Series};

/// Why there is no reply. The text is for whoever made the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::portal::sources::query) enum BadReply {
    /// The server says so: `bad_data: …`.
    Error(String),
    /// It is not JSON of this API.
    Shape(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(default)]
    status: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    error: Cow<'a, str>,
    #[serde(default)]
    error_type: Cow<'a, str>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    #[serde(default)]
    infos: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(default)]
    result_type: Cow<'a, str>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Element<'a> {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(borrow)]
    value: Option<Pair<'a>>,
    #[serde(default, borrow)]
    values: Vec<Pair<'a>>,
    #[serde(borrow)]
    histogram: Option<(f64, Histogram<'a>)>,
    #[serde(default, borrow)]
    histograms: Vec<(f64, Histogram<'a>)>,
}

#[derive(Deserialize)]
struct Histogram<'a> {
    #[serde(default, borrow)]
    buckets: Vec<(i8, Number<'a>, Number<'a>, Number<'a>)>,
}

/// Seconds and a value.
#[derive(Deserialize)]
struct Pair<'a>(f64, #[serde(borrow)] Number<'a>);

#[derive(Deserialize)]
struct Number<'a>(#[serde(borrow)] Cow<'a, str>);

impl Number<'_> {
    fn value(&self) -> Result<f64, BadReply> {
        let bad = || BadReply::Shape(format!("{:?} is no number", self.0));
        self.0.parse().map_err(|_| bad())
    }
}

/// What is inside `data` after the envelope was looked at, with the server's notices.
pub(in crate::portal::sources::query) fn data(
    body: &[u8],
) -> Result<(&RawValue, Vec<Notice>), BadReply> {
    let envelope: Envelope<'_> = parse(body)?;
    if envelope.status != "success" || envelope.data.is_none() {
        if envelope.error.is_empty() {
            return Err(BadReply::Shape("it has no data".to_owned()));
        }
        return Err(BadReply::Error(format!("{}: {}", envelope.error_type, envelope.error)));
    }
    let notice = |severity, texts: Option<Vec<String>>| {
        texts.unwrap_or_default().into_iter().map(move |text| Notice { severity, text })
    };
    let mut notices: Vec<Notice> = notice("warning", envelope.warnings).collect();
    notices.extend(notice("info", envelope.infos));
    let data = envelope.data.ok_or_else(|| BadReply::Shape("it has no data".to_owned()))?;
    Ok((data, notices))
}

/// The type of a result and the result itself.
pub(in crate::portal::sources::query) fn result(
    data: &RawValue,
) -> Result<(Cow<'_, str>, &RawValue), BadReply> {
    let data: Data<'_> = parse(data.get().as_bytes())?;
    let result = data.result.ok_or_else(|| BadReply::Shape("it has no result".to_owned()))?;
    Ok((data.result_type, result))
}

/// An answer to `query` or `query_range`.
pub(in crate::portal::sources::query) fn reply(body: &[u8]) -> Result<Reply, BadReply> {
    let (data, notices) = data(body)?;
    let (kind, result) = result(data)?;
    Ok(Reply { notices, ..of_kind(&kind, result.get().as_bytes())? })
}

/// A result of one of Prometheus' types.
pub(in crate::portal::sources::query) fn of_kind(
    kind: &str,
    result: &[u8],
) -> Result<Reply, BadReply> {
    match kind {
        "matrix" | "vector" => {
            let elements: Vec<Element<'_>> = parse(result)?;
            let series: Result<Vec<Series>, BadReply> = elements.iter().map(series).collect();
            let kind = if kind == "matrix" { Kind::Matrix } else { Kind::Vector };
            Ok(Reply { kind, series: series?, ..Reply::default() })
        }
        "scalar" => {
            let Pair(t_s, v) = parse(result)?;
            let one = Series { t_ms: vec![ms(t_s)], v: vec![v.value()?], ..Series::default() };
            Ok(Reply { kind: Kind::Scalar, series: vec![one], ..Reply::default() })
        }
        "string" => {
            let (t_s, text): (f64, String) = parse(result)?;
            let one = Series { t_ms: vec![ms(t_s)], ..Series::default() };
            Ok(Reply { kind: Kind::String, series: vec![one], text, ..Reply::default() })
        }
        other => Err(BadReply::Shape(format!("unknown result type: {other}"))),
    }
}

fn series(element: &Element<'_>) -> Result<Series, BadReply> {
    let mut series = Series { labels: Labels::from_pairs(&element.metric), ..Series::default() };
    for Pair(t_s, v) in element.value.iter().chain(&element.values) {
        series.t_ms.push(ms(*t_s));
        series.v.push(v.value()?);
    }
    for (t_s, histogram) in element.histogram.iter().chain(&element.histograms) {
        for (layout, lower, upper, count) in &histogram.buckets {
            let bounds = (lower.value()?, upper.value()?, count.value()?);
            series.cells.push(ms(*t_s), bounds, *layout);
        }
    }
    Ok(series)
}

pub(in crate::portal::sources::query) fn parse<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
) -> Result<T, BadReply> {
    serde_json::from_slice(bytes).map_err(|error| BadReply::Shape(error.to_string()))
}

/// Seconds as floats do not hold every millisecond; the nearest one is meant.
pub(in crate::portal::sources::query) fn ms(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::{BadReply, reply};

    #[test]
    fn every_result_type_is_read() {
        let check = |data: &str, kind: Kind, shown: &str| {
            let body = format!(r#"{{"status":"success","data":{data}}}"#);
            let got = reply(body.as_bytes()).unwrap();
            assert_eq!(got.kind, kind);
            let series: Vec<_> =
                got.series.iter().map(|s| (s.labels.to_string(), &s.t_ms, &s.v)).collect();
            assert_eq!(format!("{series:?} {}", got.text), shown);
        };
        check(
            r#"{"resultType":"matrix","result":[{"metric":{"b":"\u0031","a":"2"},"values":[[1.001,"1"],[2,"NaN"],[3,"-Inf"]]}]}"#,
            Kind::Matrix,
            r#"[("{a=\"2\", b=\"1\"}", [1001, 2000, 3000], [1.0, NaN, -inf])] "#,
        );
        check(
            r#"{"result":[{"metric":{},"value":[1641889530.123,"+Inf"]}],"resultType":"vector"}"#,
            Kind::Vector,
            r#"[("{}", [1641889530123], [inf])] "#,
        );
        check(
            r#"{"resultType":"scalar","result":[1,"2.5e-05"]}"#,
            Kind::Scalar,
            r#"[("{}", [1000], [2.5e-5])] "#,
        );
        check(
            r#"{"resultType":"string","result":[1,"x"]}"#,
            Kind::String,
            r#"[("{}", [1000], [])] x"#,
        );
    }

    #[test]
    fn histograms_become_cells() {
        let body = br#"{"status":"success","warnings":["w"],"infos":["i"],"data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{"count":"3","sum":"5","buckets":[[3,"-0.001","0.001","1"],[0,"0.5","1","2"]]}]]}]}}"#;
        let got = reply(body).unwrap();
        let cells = &got.series[0].cells;
        assert_eq!(cells.t_ms, [1000, 1000]);
        assert_eq!((&*cells.lower, &*cells.upper), (&[-0.001, 0.5][..], &[0.001, 1.0][..]));
        assert_eq!((&*cells.count, &*cells.layout), (&[1.0, 2.0][..], &[3, 0][..]));
        let notices: Vec<_> = got.notices.iter().map(|n| (n.severity, &*n.text)).collect();
        assert_eq!(notices, [("warning", "w"), ("info", "i")]);
    }

    #[test]
    fn what_is_no_reply_is_told() {
        let check = |body: &str, want: &str| match reply(body.as_bytes()) {
            Err(BadReply::Error(text) | BadReply::Shape(text)) => {
                assert!(text.contains(want), "{body}: {text}");
            }
            Ok(reply) => panic!("{body}: {reply:?}"),
        };
        check(r#"{"status":"error","errorType":"bad_data","error":"no"}"#, "bad_data: no");
        check("<html>", "expected value");
        check("", "EOF");
        check("{}", "no data");
        check(r#"{"status":"success","data":{}}"#, "no result");
        check(r#"{"status":"success","data":{"resultType":"vector","result":7}}"#, "invalid type");
        check(r#"{"status":"success","data":{"resultType":"tensor","result":[]}}"#, "tensor");
        check(
            r#"{"status":"success","data":{"resultType":"scalar","result":[1,"x"]}}"#,
            "no number",
        );
        check(
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":1}}]}}"#,
            "invalid type",
        );
        let (open, close) = ("[".repeat(10_000), "]".repeat(10_000));
        let result = format!(r#"{{"resultType":"vector","result":{open}{close}}}"#);
        check(&format!(r#"{{"status":"success","data":{result}}}"#), "invalid");
    }
}
