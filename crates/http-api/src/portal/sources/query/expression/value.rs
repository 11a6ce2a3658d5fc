//! What expressions compute with: series, numbers and scalars, read from frames and written as
//! frames.

use model::Labels;

use super::super::frame::{Column, Field, Frame, Meta, Notice};

/// The answer to a query or an expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Values {
    pub(super) values: Vec<Value>,
    /// Said with the first of them.
    pub(super) notices: Vec<Notice>,
}

/// `None` is a value that is not known: JSON's null.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Series(Series),
    /// A value of one time, with labels.
    Number(Labels, Option<f64>),
    /// A value of the expression itself.
    Scalar(Option<f64>),
    /// The query had no data.
    NoData,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Series {
    pub(super) labels: Labels,
    /// Unix milliseconds, as many as values.
    pub(super) t_ms: Vec<i64>,
    pub(super) v: Vec<Option<f64>>,
}

impl Value {
    pub(super) fn points(&self) -> usize {
        match self {
            Self::Series(series) => series.v.len(),
            Self::Number(..) | Self::Scalar(_) | Self::NoData => 1,
        }
    }
}

impl Values {
    pub(super) fn points(&self) -> usize {
        self.values.iter().map(Value::points).sum()
    }

    pub(super) fn of(values: Vec<Value>) -> Self {
        Self { values, notices: Vec::new() }
    }

    /// The same kinds and labels, every value replaced.
    pub(super) fn map(&self, of: impl Fn(Option<f64>) -> Option<f64>) -> Self {
        let value = |value: &Value| match value {
            Value::Series(series) => Value::Series(Series {
                v: series.v.iter().map(|v| of(*v)).collect(),
                ..series.clone()
            }),
            Value::Number(labels, v) => Value::Number(labels.clone(), of(*v)),
            Value::Scalar(v) => Value::Scalar(of(*v)),
            Value::NoData => Value::NoData,
        };
        Self { values: self.values.iter().map(value).collect(), notices: self.notices.clone() }
    }
}

/// Reads frames; the error says what cannot be computed with.
pub(super) fn of_frames(frames: &[Frame]) -> Result<Values, String> {
    let mut values = Vec::new();
    for frame in frames.iter().filter(|frame| !frame.fields.is_empty()) {
        of_frame(frame, &mut values)?;
    }
    if values.is_empty() {
        values.push(Value::NoData);
    }
    Ok(Values::of(values))
}

fn of_frame(frame: &Frame, values: &mut Vec<Value>) -> Result<(), String> {
    let times = frame.fields.iter().find_map(|field| match &field.column {
        Column::Time(t_ms) => Some(t_ms.clone()),
        Column::TimeNs(ns) => Some(ns.iter().map(|ns| ns.div_euclid(1_000_000)).collect()),
        _ => None,
    });
    let is_numeric = frame.meta.kind == Some("numeric-multi");
    let before = values.len();
    for field in &frame.fields {
        let v: Vec<Option<f64>> = match &field.column {
            Column::Number(v) => v.iter().map(|v| Some(*v)).collect(),
            Column::Sparse(v) => v.clone(),
            Column::Time(_) | Column::TimeNs(_) => continue,
            Column::Small(_) | Column::Whole(_) | Column::Text(_) | Column::Json(_) => {
                return Err(format!(
                    "column {:?} is no number: expressions compute with time series and numbers",
                    field.name
                ));
            }
        };
        let labels = field.labels.clone().unwrap_or_else(Labels::empty);
        match &times {
            Some(t_ms) if !is_numeric => {
                values.push(Value::Series(Series { labels, t_ms: t_ms.clone(), v }));
            }
            _ if v.len() == 1 => values.push(Value::Number(labels, v[0])),
            _ => return Err(format!("frame has {} rows and no times", v.len())),
        }
    }
    if values.len() == before {
        return Err("frame has no numbers".to_owned());
    }
    if frame.meta.kind == Some("heatmap-cells") {
        return Err("native histograms cannot be computed with".to_owned());
    }
    Ok(())
}

/// A frame per value.
pub(super) fn to_frames(values: Values, ref_id: &str) -> Vec<Frame> {
    let meta = |kind| Meta { kind: Some(kind), type_version: [0, 1], ..Meta::default() };
    let frame = |value| match value {
        Value::Series(Series { labels, t_ms, v }) => Frame {
            meta: meta("timeseries-multi"),
            fields: vec![
                Field::new("Time", Column::Time(t_ms)),
                Field::labelled(ref_id, labels, Column::Sparse(v)),
            ],
            ..Frame::default()
        },
        Value::Number(labels, v) => Frame {
            meta: meta("numeric-multi"),
            fields: vec![Field::labelled(ref_id, labels, Column::Sparse(vec![v]))],
            ..Frame::default()
        },
        Value::Scalar(v) => Frame {
            meta: meta("numeric-multi"),
            fields: vec![Field::new(ref_id, Column::Sparse(vec![v]))],
            ..Frame::default()
        },
        Value::NoData => Frame { name: "no data".to_owned(), ..Frame::default() },
    };
    let mut frames: Vec<Frame> = values.values.into_iter().map(frame).collect();
    if let Some(first) = frames.first_mut() {
        first.meta.notices = values.notices;
    }
    frames
}

#[cfg(test)]
mod tests {
    use model::Labels;

    use super::super::super::frame::{Column, Field, Frame, Meta};
    use super::{Series, Value, of_frames, to_frames};

    fn frame(kind: Option<&'static str>, fields: Vec<Field>) -> Frame {
        Frame { meta: Meta { kind, ..Meta::default() }, fields, ..Frame::default() }
    }

    #[test]
    fn frames_become_values_and_back() {
        let labels = Labels::from_pairs([("a", "1")]);
        let time = || Field::new("Time", Column::Time(vec![1]));
        let number = || Field::labelled("v", labels.clone(), Column::Number(vec![2.0]));
        let values = of_frames(&[
            frame(Some("timeseries-multi"), vec![time(), number()]),
            frame(Some("numeric-multi"), vec![time(), number()]),
            frame(None, vec![number()]),
            Frame::default(),
        ])
        .unwrap();
        let series = Series { labels: labels.clone(), t_ms: vec![1], v: vec![Some(2.0)] };
        let one = Value::Number(labels, Some(2.0));
        assert_eq!(values.values, [Value::Series(series), one.clone(), one]);
        let again = of_frames(&to_frames(values.clone(), "B")).unwrap();
        assert_eq!(again, values);
        assert_eq!(of_frames(&[Frame::default()]).unwrap().values, [Value::NoData]);
    }

    #[test]
    fn what_cannot_be_computed_with_is_said() {
        let text = Field::new("Line", Column::Text(vec!["x".into()]));
        assert!(of_frames(&[frame(None, vec![text])]).unwrap_err().contains("\"Line\""));
        let rows = Field::new("v", Column::Number(vec![1.0, 2.0]));
        assert!(of_frames(&[frame(None, vec![rows])]).unwrap_err().contains("2 rows"));
        let time = Field::new("Time", Column::Time(vec![1]));
        assert!(of_frames(&[frame(None, vec![time])]).unwrap_err().contains("no numbers"));
    }
}
