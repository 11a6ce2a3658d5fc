//! `reduce`: a series to one number.

use serde_json::{Map, Value as Json};

use super::super::frame::Notice;
use super::super::wire::text;
use super::value::{Series, Value, Values};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reducer {
    Sum,
    Mean,
    Min,
    Max,
    Count,
    Last,
    Median,
}

/// What is done with values that are no numbers: null, NaN and infinities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mode {
    /// One of them makes the whole so.
    Strict,
    Drop,
    Replace(f64),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reduce {
    reducer: Reducer,
    mode: Mode,
}

impl Reducer {
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "sum" => Self::Sum,
            "mean" | "avg" => Self::Mean,
            "min" => Self::Min,
            "max" => Self::Max,
            "count" => Self::Count,
            "last" => Self::Last,
            "median" => Self::Median,
            _ => return Err(format!("reduction {name:?} not implemented")),
        })
    }

    /// Over values in the order of their times; one that is no number makes all but a count so.
    pub(super) fn of(self, values: &[Option<f64>]) -> Option<f64> {
        if self == Self::Count {
            return Some(values.len() as f64);
        }
        if self == Self::Last {
            return values.last().copied().unwrap_or(Some(f64::NAN));
        }
        if values.iter().any(|v| v.is_none_or(f64::is_nan)) {
            return Some(f64::NAN);
        }
        let numbers = || values.iter().filter_map(|v| *v);
        let sum: f64 = numbers().sum();
        Some(match self {
            Self::Sum => sum,
            Self::Mean => sum / values.len() as f64,
            Self::Min => numbers().reduce(f64::min).unwrap_or(f64::NAN),
            Self::Max => numbers().reduce(f64::max).unwrap_or(f64::NAN),
            Self::Median => median(numbers().collect()),
            Self::Count | Self::Last => return None,
        })
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

impl Reduce {
    pub(super) fn parse(model: &Map<String, Json>) -> Result<Self, String> {
        let settings = model.get("settings").and_then(Json::as_object);
        let mode = settings.map(|settings| text(settings, "mode")).unwrap_or_default();
        let mode = match (mode, settings) {
            ("", _) => Mode::Strict,
            ("dropNN", _) => Mode::Drop,
            ("replaceNN", Some(settings)) => {
                let value = settings.get("replaceWithValue").and_then(Json::as_f64);
                Mode::Replace(value.ok_or("setting replaceWithValue must be a number")?)
            }
            (other, _) => {
                return Err(format!(
                    "reducer mode {other:?} is not supported. Supported only: [dropNN,replaceNN]"
                ));
            }
        };
        Ok(Self { reducer: Reducer::parse(text(model, "reducer"))?, mode })
    }

    pub(super) fn run(&self, input: &Values) -> Values {
        let mut out = Values::default();
        for value in &input.values {
            match value {
                Value::Series(series) => {
                    out.values.push(Value::Number(series.labels.clone(), self.series(series)));
                }
                Value::Number(labels, v) => {
                    let kept = self.take(*v);
                    if self.mode == Mode::Strict {
                        out.notices = vec![not_needed()];
                    } else if kept.is_none() {
                        continue;
                    }
                    out.values.push(Value::Number(labels.clone(), kept));
                }
                Value::Scalar(v) => out.values.push(Value::Scalar(*v)),
                Value::NoData => out.values.push(Value::NoData),
            }
        }
        out
    }

    fn series(&self, series: &Series) -> Option<f64> {
        if self.mode == Mode::Strict {
            return self.reducer.of(&series.v);
        }
        let kept: Vec<Option<f64>> =
            series.v.iter().filter_map(|v| self.take(*v)).map(Some).collect();
        // Of nothing there is no mean, and it is not made one.
        let reduced = self.reducer.of(&kept).filter(|v| !v.is_nan());
        match self.mode {
            Mode::Replace(value) => Some(reduced.unwrap_or(value)),
            Mode::Strict | Mode::Drop => reduced,
        }
    }

    /// A value as the mode takes it; `None` = not at all.
    fn take(&self, v: Option<f64>) -> Option<f64> {
        match self.mode {
            Mode::Strict => v,
            Mode::Drop => v.filter(|v| v.is_finite()),
            Mode::Replace(value) => Some(v.filter(|v| v.is_finite()).unwrap_or(value)),
        }
    }
}

fn not_needed() -> Notice {
    Notice {
        severity: "warning",
        text: "Reduce operation is not needed. The input is already reduced data.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Reduce, Value, Values};
    use crate::portal::sources::query::expression::value::Series;

    fn reduced(reducer: &str, settings: &Json, v: &[Option<f64>]) -> Option<f64> {
        let model = json!({ "reducer": reducer, "settings": settings });
        let t_ms = (0..v.len() as i64).collect();
        let series = Series { v: v.to_vec(), t_ms, ..Series::default() };
        let input = Values::of(vec![Value::Series(series)]);
        let out = Reduce::parse(model.as_object().unwrap()).unwrap().run(&input);
        match &out.values[0] {
            Value::Number(_, v) => *v,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_reducer_in_every_mode() {
        let numbers = [Some(1.0), Some(4.0), Some(3.0), Some(2.0)];
        let holes = [Some(1.0), None, Some(f64::NAN), Some(3.0), Some(f64::INFINITY)];
        let (strict, drop) = (json!({}), json!({ "mode": "dropNN" }));
        let replace = json!({ "mode": "replaceNN", "replaceWithValue": 5 });
        for (reducer, of_numbers, dropped, replaced) in [
            ("sum", 10.0, 4.0, 19.0),
            ("mean", 2.5, 2.0, 3.8),
            ("min", 1.0, 1.0, 1.0),
            ("max", 4.0, 3.0, 5.0),
            ("count", 4.0, 2.0, 5.0),
            ("last", 2.0, 3.0, 5.0),
            ("median", 2.5, 2.0, 5.0),
        ] {
            assert_eq!(reduced(reducer, &strict, &numbers), Some(of_numbers), "{reducer}");
            assert_eq!(reduced(reducer, &drop, &holes), Some(dropped), "{reducer} dropNN");
            assert_eq!(reduced(reducer, &replace, &holes), Some(replaced), "{reducer} replaceNN");
        }
        let nan = |v: Option<f64>| v.is_some_and(f64::is_nan);
        assert!(nan(reduced("sum", &strict, &holes)));
        assert!(nan(reduced("mean", &strict, &[])));
        assert_eq!(reduced("mean", &drop, &[None]), None);
        assert_eq!(reduced("mean", &replace, &[]), Some(5.0));
        assert_eq!(reduced("last", &strict, &[Some(1.0), None]), None);
    }

    #[test]
    fn what_is_no_reducer_is_said() {
        for (model, want) in [
            (json!({ "reducer": "mode" }), "not implemented"),
            (json!({}), "not implemented"),
            (json!({ "reducer": "sum", "settings": { "mode": "x" } }), "not supported"),
            (json!({ "reducer": "sum", "settings": { "mode": "replaceNN" } }), "must be a number"),
        ] {
            let error = Reduce::parse(model.as_object().unwrap()).unwrap_err();
            assert!(error.contains(want), "{error}");
        }
    }
}
