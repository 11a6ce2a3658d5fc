//! Data frames: columns with names and labels, and how they are written as Grafana's JSON.

use std::io::Write as _;

use model::Labels;
use serde::Serialize;
use serde::ser::SerializeMap as _;
use serde_json::{Map, Value};

use crate::portal::ui::push_number;

/// A table of columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    pub(crate) name: String,
    pub(crate) meta: Meta,
    pub(crate) fields: Vec<Field>,
}

/// What a frame says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    /// `timeseries-multi`, `numeric-multi`, …
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    pub(crate) type_version: [u8; 2],
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) custom: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notices: Vec<Notice>,
    #[serde(rename = "preferredVisualisationType", skip_serializing_if = "Option::is_none")]
    pub(crate) shown_as: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) executed_query_string: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Notice {
    /// `warning` or `info`.
    pub(crate) severity: &'static str,
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// `None` for columns that are nobody's; a value without labels has none, but is somebody's.
    pub(crate) labels: Option<Labels>,
    pub(crate) config: Config,
    pub(crate) column: Column,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Config {
    /// Milliseconds between points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) interval: Option<i64>,
    #[serde(rename = "displayNameFromDS", skip_serializing_if = "String::is_empty")]
    pub(crate) display_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) unit: String,
    /// What plug-ins agree on among themselves.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) custom: Map<String, Value>,
}

/// The values of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    /// Unix milliseconds.
    Time(Vec<i64>),
    /// Unix nanoseconds: sent as milliseconds with what is left over beside them.
    TimeNs(Vec<i64>),
    Number(Vec<f64>),
    /// Numbers with gaps.
    Sparse(Vec<Option<f64>>),
    Small(Vec<i8>),
    Whole(Vec<i64>),
    Text(Vec<String>),
    /// Values of any shape.
    Json(Vec<Value>),
}

impl Field {
    pub(crate) fn new(name: impl Into<String>, column: Column) -> Self {
        Self { name: name.into(), labels: None, config: Config::default(), column }
    }

    pub(crate) fn labelled(name: impl Into<String>, labels: Labels, column: Column) -> Self {
        Self { labels: Some(labels), ..Self::new(name, column) }
    }
}

impl Column {
    /// Type in the schema, the type behind it, and whether there may be gaps.
    fn type_info(&self) -> (&'static str, &'static str, bool) {
        match self {
            Self::Time(_) | Self::TimeNs(_) => ("time", "time.Time", false),
            Self::Number(_) => ("number", "float64", false),
            Self::Sparse(_) => ("number", "float64", true),
            Self::Small(_) => ("number", "int8", false),
            Self::Whole(_) => ("number", "int64", false),
            Self::Text(_) => ("string", "string", false),
            Self::Json(_) => ("other", "json.RawMessage", false),
        }
    }
}

impl Frame {
    /// Appends the frame as JSON.
    pub(crate) fn push(&self, out: &mut Vec<u8>, ref_id: &str) {
        out.extend_from_slice(b"{\"schema\":");
        push_json(out, &Schema { frame: self, ref_id });
        out.extend_from_slice(b",\"data\":{\"values\":[");
        for (i, field) in self.fields.iter().enumerate() {
            separate(out, i);
            push_column(out, &field.column);
        }
        out.push(b']');
        self.push_extras(out, b",\"entities\":[", entities);
        self.push_extras(out, b",\"nanos\":[", nanos);
        out.extend_from_slice(b"}}");
    }

    /// A list with an entry per column, left out where no column has one.
    fn push_extras(
        &self,
        out: &mut Vec<u8>,
        opening: &[u8],
        of: impl Fn(&Column) -> Option<Vec<u8>>,
    ) {
        let extras: Vec<Option<Vec<u8>>> = self.fields.iter().map(|f| of(&f.column)).collect();
        if extras.iter().all(Option::is_none) {
            return;
        }
        out.extend_from_slice(opening);
        for (i, extra) in extras.iter().enumerate() {
            separate(out, i);
            out.extend_from_slice(extra.as_deref().unwrap_or(b"null"));
        }
        out.push(b']');
    }
}

struct Schema<'a> {
    frame: &'a Frame,
    ref_id: &'a str,
}

impl Serialize for Schema<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.frame.name.is_empty() {
            map.serialize_entry("name", &self.frame.name)?;
        }
        map.serialize_entry("refId", self.ref_id)?;
        map.serialize_entry("meta", &self.frame.meta)?;
        map.serialize_entry("fields", &self.frame.fields)?;
        map.end()
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct TypeInfo {
            frame: &'static str,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            nullable: bool,
        }
        let (kind, frame, nullable) = self.column.type_info();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("type", kind)?;
        map.serialize_entry("typeInfo", &TypeInfo { frame, nullable })?;
        if let Some(labels) = &self.labels {
            map.serialize_entry("labels", &Pairs(labels))?;
        }
        if self.config != Config::default() {
            map.serialize_entry("config", &self.config)?;
        }
        map.end()
    }
}

struct Pairs<'a>(&'a Labels);

impl Serialize for Pairs<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

fn push_column(out: &mut Vec<u8>, column: &Column) {
    out.push(b'[');
    match column {
        Column::Time(values) | Column::Whole(values) => {
            push_all(out, values, |out, v| push_int(out, *v));
        }
        Column::TimeNs(values) => {
            push_all(out, values, |out, ns| push_int(out, ns.div_euclid(1_000_000)));
        }
        Column::Number(values) => push_all(out, values, |out, v| push_float(out, Some(*v))),
        Column::Sparse(values) => push_all(out, values, |out, v| push_float(out, *v)),
        Column::Small(values) => push_all(out, values, |out, v| push_int(out, i64::from(*v))),
        Column::Text(values) => push_all(out, values, push_json),
        Column::Json(values) => push_all(out, values, push_json),
    }
    out.push(b']');
}

fn push_all<T>(out: &mut Vec<u8>, values: &[T], mut push: impl FnMut(&mut Vec<u8>, &T)) {
    for (i, value) in values.iter().enumerate() {
        separate(out, i);
        push(out, value);
    }
}

/// JSON has no words for what is not finite: `null` here, and its place in `entities`.
fn push_float(out: &mut Vec<u8>, value: Option<f64>) {
    push_number(out, value.filter(|v| v.is_finite()));
}

/// `{"NaN":[…],"Inf":[…],"NegInf":[…]}`: where the column's values are not finite.
fn entities(column: &Column) -> Option<Vec<u8>> {
    let mut places: [(&str, Vec<usize>); 3] =
        [("NaN", Vec::new()), ("Inf", Vec::new()), ("NegInf", Vec::new())];
    let mut look = |i: usize, v: f64| {
        if v.is_nan() {
            places[0].1.push(i);
        } else if v == f64::INFINITY {
            places[1].1.push(i);
        } else if v == f64::NEG_INFINITY {
            places[2].1.push(i);
        }
    };
    match column {
        Column::Number(values) => values.iter().enumerate().for_each(|(i, v)| look(i, *v)),
        Column::Sparse(values) => {
            values
                .iter()
                .enumerate()
                .filter_map(|(i, v)| Some((i, (*v)?)))
                .for_each(|(i, v)| look(i, v));
        }
        _ => return None,
    }
    if places.iter().all(|(_, places)| places.is_empty()) {
        return None;
    }
    let found = places.iter().filter(|(_, places)| !places.is_empty());
    let map: Map<String, Value> =
        found.map(|(name, places)| ((*name).to_owned(), Value::from(places.clone()))).collect();
    let mut out = Vec::new();
    push_json(&mut out, &map);
    Some(out)
}

/// Nanoseconds beyond the milliseconds, where there are some.
fn nanos(column: &Column) -> Option<Vec<u8>> {
    let Column::TimeNs(values) = column else { return None };
    if values.iter().all(|ns| ns.rem_euclid(1_000_000) == 0) {
        return None;
    }
    let mut out = vec![b'['];
    push_all(&mut out, values, |out, ns| push_int(out, ns.rem_euclid(1_000_000)));
    out.push(b']');
    Some(out)
}

pub(crate) fn separate(out: &mut Vec<u8>, i: usize) {
    if i > 0 {
        out.push(b',');
    }
}

fn push_int(out: &mut Vec<u8>, value: i64) {
    // Writing to a vector cannot fail.
    write!(out, "{value}").expect("vectors grow");
}

pub(crate) fn push_json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Our own types have string keys and no failing serialisers.
    serde_json::to_writer(&mut *out, value).expect("frames are JSON");
}

#[cfg(test)]
mod tests {
    use model::Labels;
    use serde_json::{Value, json};

    use super::{Column, Field, Frame, Meta, Notice};

    fn written(frame: &Frame) -> Value {
        let mut out = Vec::new();
        frame.push(&mut out, "A");
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn an_empty_frame_has_its_parts() {
        let want = json!({
            "schema": { "refId": "A", "meta": { "typeVersion": [0, 0] }, "fields": [] },
            "data": { "values": [] },
        });
        assert_eq!(written(&Frame::default()), want);
    }

    #[test]
    fn what_is_not_finite_stands_beside_the_values() {
        let labels = Labels::from_pairs([("b", "2"), ("a", "1")]);
        let numbers = vec![1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.5, f64::NAN];
        let frame = Frame {
            name: "n".into(),
            meta: Meta {
                kind: Some("timeseries-multi"),
                type_version: [0, 1],
                notices: vec![Notice { severity: "warning", text: "w".into() }],
                ..Meta::default()
            },
            fields: vec![
                Field::new("Time", Column::Time(vec![1, 2, 3, 4, 5, 6])),
                Field::labelled("Value", labels, Column::Number(numbers)),
            ],
        };
        let want = json!({
            "schema": {
                "name": "n",
                "refId": "A",
                "meta": {
                    "type": "timeseries-multi",
                    "typeVersion": [0, 1],
                    "notices": [{ "severity": "warning", "text": "w" }],
                },
                "fields": [
                    { "name": "Time", "type": "time", "typeInfo": { "frame": "time.Time" } },
                    {
                        "name": "Value",
                        "type": "number",
                        "typeInfo": { "frame": "float64" },
                        "labels": { "a": "1", "b": "2" },
                    },
                ],
            },
            "data": {
                "values": [[1, 2, 3, 4, 5, 6], [1, null, null, null, 0.5, null]],
                "entities": [null, { "NaN": [1, 5], "Inf": [2], "NegInf": [3] }],
            },
        });
        assert_eq!(written(&frame), want);
    }

    #[test]
    fn every_column_has_its_type() {
        let check = |column: Column, want: Value| {
            let frame = Frame { fields: vec![Field::new("x", column)], ..Frame::default() };
            let got = written(&frame);
            let field = &got["schema"]["fields"][0];
            assert_eq!(json!([field["type"], field["typeInfo"], got["data"]]), want);
        };
        check(
            Column::TimeNs(vec![1_000_001, -1]),
            json!(["time", { "frame": "time.Time" }, { "values": [[1, -1]], "nanos": [[1, 999_999]] }]),
        );
        check(
            Column::TimeNs(vec![1_000_000]),
            json!(["time", { "frame": "time.Time" }, { "values": [[1]] }]),
        );
        check(
            Column::Sparse(vec![Some(1.5), None, Some(f64::NAN)]),
            json!([
                "number",
                { "frame": "float64", "nullable": true },
                { "values": [[1.5, null, null]], "entities": [{ "NaN": [2] }] },
            ]),
        );
        check(
            Column::Small(vec![-1, 3]),
            json!(["number", { "frame": "int8" }, { "values": [[-1, 3]] }]),
        );
        check(
            Column::Text(vec!["a\"\u{1}".into()]),
            json!(["string", { "frame": "string" }, { "values": [["a\"\u{1}"]] }]),
        );
        check(
            Column::Json(vec![json!({ "a": 1 })]),
            json!(["other", { "frame": "json.RawMessage" }, { "values": [[{ "a": 1 }]] }]),
        );
    }
}
