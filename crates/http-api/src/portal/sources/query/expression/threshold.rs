//! `threshold` and `classic_conditions`: 1 where a condition holds, 0 where not.

use serde_json::{Map, Value as Json, json};

use super::reduce::Reducer;
use super::value::{Value, Values};

/// A comparison with one or two fixed numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Test {
    Above(f64),
    Below(f64),
    Equal(f64),
    NotEqual(f64),
    AtLeast(f64),
    AtMost(f64),
    Within(f64, f64),
    Outside(f64, f64),
    WithinOrOn(f64, f64),
    OutsideOrOn(f64, f64),
    NoValue,
}

impl Test {
    /// `{"type":"gt","params":[5]}`
    fn parse(evaluator: &Json) -> Result<Self, String> {
        let params: Vec<f64> = evaluator
            .get("params")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_f64)
            .collect();
        let kind = evaluator.get("type").and_then(Json::as_str).unwrap_or_default();
        let few = |need| {
            format!(
                "incorrect number of arguments for threshold function {kind:?}: got {} but need {need}",
                params.len()
            )
        };
        let one = || params.first().copied().ok_or_else(|| few(1));
        let two = || match params.as_slice() {
            [low, high, ..] => Ok((*low, *high)),
            _ => Err(few(2)),
        };
        Ok(match kind {
            "gt" => Self::Above(one()?),
            "lt" => Self::Below(one()?),
            "eq" => Self::Equal(one()?),
            "ne" => Self::NotEqual(one()?),
            "gte" => Self::AtLeast(one()?),
            "lte" => Self::AtMost(one()?),
            "within_range" => two().map(|(low, high)| Self::Within(low, high))?,
            "outside_range" => two().map(|(low, high)| Self::Outside(low, high))?,
            "within_range_included" => two().map(|(low, high)| Self::WithinOrOn(low, high))?,
            "outside_range_included" => two().map(|(low, high)| Self::OutsideOrOn(low, high))?,
            "no_value" => Self::NoValue,
            other => return Err(format!("{other:?} is no threshold function")),
        })
    }

    fn holds(self, v: f64) -> bool {
        match self {
            Self::Above(limit) => v > limit,
            Self::Below(limit) => v < limit,
            Self::Equal(limit) => v == limit,
            Self::NotEqual(limit) => v != limit,
            Self::AtLeast(limit) => v >= limit,
            Self::AtMost(limit) => v <= limit,
            Self::Within(low, high) => v > low && v < high,
            Self::Outside(low, high) => v < low || v > high,
            Self::WithinOrOn(low, high) => v >= low && v <= high,
            Self::OutsideOrOn(low, high) => v <= low || v >= high,
            Self::NoValue => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Threshold(Test);

impl Threshold {
    pub(super) fn parse(model: &Map<String, Json>) -> Result<Self, String> {
        let conditions = model.get("conditions").and_then(Json::as_array);
        let Some([condition]) = conditions.map(Vec::as_slice) else {
            return Err("threshold expression requires exactly one condition".to_owned());
        };
        if condition.get("loadedDimensions").is_some_and(|loaded| !loaded.is_null()) {
            return Err("thresholds with loaded dimensions are not supported".to_owned());
        }
        let test = Test::parse(&condition["evaluator"]);
        Ok(Self(test.map_err(|error| format!("invalid condition: {error}"))?))
    }

    pub(super) fn run(&self, input: &Values) -> Values {
        input.map(|v| v.map(|v| f64::from(u8::from(self.0.holds(v)))))
    }
}

/// Conditions as alert rules had them before unified alerting.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Classic(Vec<Condition>);

#[derive(Clone, Debug, PartialEq)]
struct Condition {
    ref_id: String,
    reducer: ClassicReducer,
    test: Test,
    or: bool,
}

/// Reductions that leave out what is no number, unlike [`Reducer`].
#[derive(Clone, Copy, Debug, PartialEq)]
enum ClassicReducer {
    Plain(Reducer),
    CountNonNull,
    Diff,
    PercentDiff,
}

impl Classic {
    pub(super) fn parse(model: &Map<String, Json>) -> Result<Self, String> {
        let conditions = model.get("conditions").and_then(Json::as_array);
        let conditions = conditions.ok_or("classic conditions need a list of conditions")?;
        let parsed = conditions.iter().enumerate().map(|(i, json)| {
            Condition::parse(json, i == 0).map_err(|error| format!("condition {}: {error}", i + 1))
        });
        Ok(Self(parsed.collect::<Result<_, _>>()?))
    }

    pub(super) fn needs(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|condition| &*condition.ref_id)
    }

    /// One number: 1 when the conditions hold, 0 when not, null without data. `input` gives the
    /// values of a query.
    pub(super) fn run<'a>(
        &self,
        input: impl Fn(&str) -> Option<&'a Values>,
    ) -> Result<(Values, Vec<Json>), String> {
        let (mut firing, mut no_data) = (false, false);
        let mut matches = Vec::new();
        for (i, condition) in self.0.iter().enumerate() {
            let values = input(&condition.ref_id).map_or(&[][..], |values| &values.values);
            let (fires, has_none) = condition.look(values, &mut matches)?;
            let join = |all: bool, one: bool| if condition.or { all || one } else { all && one };
            (firing, no_data) = if i == 0 {
                (fires, has_none)
            } else {
                (join(firing, fires), join(no_data, has_none))
            };
        }
        let v = match (firing, no_data) {
            (true, _) => Some(1.0),
            (false, true) => None,
            (false, false) => Some(0.0),
        };
        Ok((Values::of(vec![Value::Number(model::Labels::empty(), v)]), matches))
    }
}

impl Condition {
    fn parse(json: &Json, first: bool) -> Result<Self, String> {
        let of = |name: &str, part: &str| {
            json.get(name).and_then(|value| value.get(part)).and_then(Json::as_str)
        };
        let or = match of("operator", "type") {
            Some("or") => true,
            Some("and") => false,
            None if first => false,
            _ => return Err("operator must be `and` or `or`".to_owned()),
        };
        let ref_id = json.pointer("/query/params/0").and_then(Json::as_str).unwrap_or_default();
        if ref_id.is_empty() {
            return Err("it is missing the query refID argument".to_owned());
        }
        let reducer = match of("reducer", "type").unwrap_or_default() {
            "count_non_null" => ClassicReducer::CountNonNull,
            "diff" => ClassicReducer::Diff,
            "percent_diff" => ClassicReducer::PercentDiff,
            name => ClassicReducer::Plain(Reducer::parse(name)?),
        };
        let test = Test::parse(&json["evaluator"])?;
        Ok(Self { ref_id: ref_id.to_owned(), reducer, test, or })
    }

    /// Whether any of the values passes, and whether none of them is one.
    fn look(&self, values: &[Value], matches: &mut Vec<Json>) -> Result<(bool, bool), String> {
        let (mut fires, mut without) = (false, 0);
        for value in values {
            let (labels, v) = match value {
                Value::Series(series) => (Some(&series.labels), self.reducer.of(&series.v)),
                Value::Number(labels, v) => (Some(labels), *v),
                Value::Scalar(_) => return Err("can only reduce type series, got a scalar".into()),
                Value::NoData => (None, None),
            };
            let passes = match v {
                Some(v) => self.test.holds(v),
                None => self.test == Test::NoValue,
            };
            without += usize::from(v.is_none());
            if passes {
                fires = true;
                let labels: Map<String, Json> = labels
                    .into_iter()
                    .flat_map(model::Labels::iter)
                    .map(|(name, value)| (name.to_owned(), value.into()))
                    .collect();
                matches.push(json!({ "metric": "", "labels": labels, "value": v }));
            }
        }
        Ok((fires, without == values.len()))
    }
}

impl ClassicReducer {
    fn of(self, values: &[Option<f64>]) -> Option<f64> {
        let numbers: Vec<f64> = values.iter().filter_map(|v| v.filter(|v| !v.is_nan())).collect();
        let ends = numbers.first().copied().zip(numbers.last().copied());
        match self {
            Self::Plain(Reducer::Count) => Some(values.len() as f64),
            Self::Plain(reducer) => {
                let kept: Vec<Option<f64>> = numbers.iter().map(|v| Some(*v)).collect();
                reducer.of(&kept).filter(|v| !v.is_nan())
            }
            Self::CountNonNull => Some(numbers.len() as f64).filter(|count| *count > 0.0),
            Self::Diff => ends.map(|(first, last)| last - first),
            Self::PercentDiff => ends.map(|(first, last)| (last - first) / first.abs() * 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Labels;
    use serde_json::{Value as Json, json};

    use super::{Classic, Test, Threshold, Value, Values};
    use crate::portal::sources::query::expression::value::Series;

    #[test]
    fn every_test_has_its_bounds() {
        for (kind, params, holds, fails) in [
            ("gt", json!([5]), vec![6.0], vec![5.0, f64::NAN]),
            ("lt", json!([5]), vec![4.0], vec![5.0]),
            ("eq", json!([5]), vec![5.0], vec![4.0]),
            ("ne", json!([5]), vec![4.0], vec![5.0]),
            ("gte", json!([5]), vec![5.0], vec![4.9]),
            ("lte", json!([5]), vec![5.0], vec![5.1]),
            ("within_range", json!([1, 3]), vec![2.0], vec![1.0, 3.0]),
            ("outside_range", json!([1, 3]), vec![0.0, 4.0], vec![1.0, 3.0]),
            ("within_range_included", json!([1, 3]), vec![1.0, 3.0], vec![0.9]),
            ("outside_range_included", json!([1, 3]), vec![1.0, 3.0], vec![2.0]),
        ] {
            let test = Test::parse(&json!({ "type": kind, "params": params })).unwrap();
            assert!(holds.iter().all(|v| test.holds(*v)), "{kind}");
            assert!(!fails.iter().any(|v| test.holds(*v)), "{kind}");
        }
        for (evaluator, want) in [
            (json!({ "type": "gt", "params": [] }), "need 1"),
            (json!({ "type": "within_range", "params": [1] }), "need 2"),
            (json!({ "type": "about", "params": [1] }), "no threshold function"),
            (json!(7), "no threshold function"),
        ] {
            assert!(Test::parse(&evaluator).unwrap_err().contains(want), "{evaluator}");
        }
    }

    #[test]
    fn a_threshold_keeps_labels_and_nulls() {
        let model = json!({ "conditions": [{ "evaluator": { "type": "gt", "params": [1] } }] });
        let threshold = Threshold::parse(model.as_object().unwrap()).unwrap();
        let labels = Labels::from_pairs([("a", "1")]);
        let series = Series {
            labels: labels.clone(),
            t_ms: vec![1, 2, 3],
            v: vec![Some(1.0), None, Some(2.0)],
        };
        let input = Values::of(vec![
            Value::Series(series.clone()),
            Value::Number(labels.clone(), Some(5.0)),
            Value::NoData,
        ]);
        let want = [
            Value::Series(Series { v: vec![Some(0.0), None, Some(1.0)], ..series }),
            Value::Number(labels, Some(1.0)),
            Value::NoData,
        ];
        assert_eq!(threshold.run(&input).values, want);
        for conditions in [json!([]), json!([1, 2]), json!("x")] {
            let model = json!({ "conditions": conditions });
            assert!(Threshold::parse(model.as_object().unwrap()).is_err());
        }
    }

    #[test]
    fn classic_conditions_are_joined() {
        let condition = |operator: &str, ref_id: &str, reducer: &str, limit: f64| {
            json!({
                "operator": { "type": operator },
                "query": { "params": [ref_id] },
                "reducer": { "type": reducer },
                "evaluator": { "type": "gt", "params": [limit] },
            })
        };
        let series = |v: &[Option<f64>]| {
            let t_ms = (0..v.len() as i64).collect();
            Values::of(vec![Value::Series(Series { t_ms, v: v.to_vec(), ..Series::default() })])
        };
        let (low, high, none) =
            (series(&[Some(1.0), None, Some(3.0)]), series(&[Some(10.0)]), series(&[None]));
        let check = |conditions: Vec<Json>, want: Option<f64>, matched: usize| {
            let model = json!({ "conditions": conditions });
            let classic = Classic::parse(model.as_object().unwrap()).unwrap();
            let input = |ref_id: &str| match ref_id {
                "A" => Some(&low),
                "B" => Some(&high),
                _ => Some(&none),
            };
            let (values, matches) = classic.run(input).unwrap();
            let Value::Number(_, got) = values.values[0] else { panic!("{values:?}") };
            assert_eq!((got, matches.len()), (want, matched), "{conditions:?}");
        };
        let (low, high, none) = (&low, &high, &none);
        assert!(low != high && high != none);
        check(vec![condition("and", "A", "avg", 1.5)], Some(1.0), 1);
        check(vec![condition("and", "A", "avg", 2.0)], Some(0.0), 0);
        check(
            vec![condition("and", "A", "diff", 1.0), condition("and", "B", "last", 20.0)],
            Some(0.0),
            1,
        );
        check(
            vec![condition("and", "A", "max", 5.0), condition("or", "B", "last", 5.0)],
            Some(1.0),
            1,
        );
        check(vec![condition("and", "A", "percent_diff", 199.0)], Some(1.0), 1);
        check(vec![condition("and", "A", "count_non_null", 1.0)], Some(1.0), 1);
        check(vec![condition("and", "C", "last", 5.0)], None, 0);
        for bad in [
            json!([{ "query": { "params": ["A"] }, "reducer": { "type": "x" } }]),
            json!([condition("xor", "A", "avg", 1.0)]),
            json!([condition("and", "", "avg", 1.0)]),
            json!({}),
        ] {
            assert!(
                Classic::parse(json!({ "conditions": bad }).as_object().unwrap()).is_err(),
                "{bad}"
            );
        }
    }
}
