//! `resample`: a series onto a grid of its own.

use serde_json::{Map, Value as Json};

use super::super::interval::duration_ms;
use super::super::wire::text;
use super::reduce::Reducer;
use super::value::{Series, Value, Values};

/// Points of a resampled series.
const POINTS_MAX: i64 = 100_000;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resample {
    window_ms: i64,
    down: Reducer,
    up: Upsampler,
    from_ms: i64,
    to_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Upsampler {
    Pad,
    Backfill,
    Null,
}

impl Resample {
    /// `from_ms`, `to_ms`: the range of the request, which the grid begins with.
    pub(super) fn parse(
        model: &Map<String, Json>,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Self, String> {
        let window = text(model, "window");
        let window_ms = duration_ms(window)
            .ok_or_else(|| format!("failed to parse resample \"window\" duration {window:?}"))?;
        let up = match text(model, "upsampler") {
            "pad" => Upsampler::Pad,
            "backfilling" => Upsampler::Backfill,
            "fillna" => Upsampler::Null,
            other => return Err(format!("upsampling {other:?} not implemented")),
        };
        let down = match text(model, "downsampler") {
            name @ ("sum" | "mean" | "min" | "max" | "last") => Reducer::parse(name)?,
            other => return Err(format!("downsampling {other:?} not implemented")),
        };
        let points = (to_ms - from_ms) / window_ms;
        if points <= 0 {
            return Err(
                "the series cannot be sampled further; the time range is shorter than the interval"
                    .into(),
            );
        }
        if points > POINTS_MAX {
            return Err(format!("{points} points, the limit is {POINTS_MAX}: use a longer window"));
        }
        Ok(Self { window_ms, down, up, from_ms, to_ms })
    }

    pub(super) fn run(&self, input: &Values) -> Result<Values, String> {
        let resampled = |value: &Value| match value {
            Value::Series(series) => Ok(Value::Series(self.series(series))),
            Value::NoData => Ok(Value::NoData),
            Value::Number(..) | Value::Scalar(_) => {
                Err("can only resample type series, got a number".to_owned())
            }
        };
        let values: Result<Vec<Value>, String> = input.values.iter().map(resampled).collect();
        Ok(Values::of(values?))
    }

    fn series(&self, series: &Series) -> Series {
        let mut out = Series { labels: series.labels.clone(), ..Series::default() };
        let (mut next, mut last) = (0, None);
        let mut t_ms = self.from_ms;
        while t_ms <= self.to_ms {
            let start = next;
            while series.t_ms.get(next).is_some_and(|t| *t <= t_ms) {
                next += 1;
            }
            let window = &series.v[start..next];
            let v = match window.last() {
                Some(newest) => {
                    last = *newest;
                    self.down.of(window)
                }
                None => match self.up {
                    Upsampler::Pad => last,
                    Upsampler::Backfill => series.v.get(next).copied().flatten(),
                    Upsampler::Null => None,
                },
            };
            out.t_ms.push(t_ms);
            out.v.push(v);
            t_ms += self.window_ms;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Resample, Series, Value, Values};

    #[test]
    fn series_move_onto_the_grid() {
        let series = Series {
            t_ms: vec![0, 1000, 2000, 5000],
            v: vec![Some(1.0), Some(2.0), Some(4.0), Some(8.0)],
            ..Series::default()
        };
        let check = |down: &str, up: &str, want: [Option<f64>; 4]| {
            let model = json!({ "window": "2s", "downsampler": down, "upsampler": up });
            let resample = Resample::parse(model.as_object().unwrap(), 0, 6000).unwrap();
            let out = resample.run(&Values::of(vec![Value::Series(series.clone())])).unwrap();
            let Value::Series(got) = &out.values[0] else { panic!("{out:?}") };
            assert_eq!(got.t_ms, [0, 2000, 4000, 6000]);
            assert_eq!(got.v, want, "{down} {up}");
        };
        check("sum", "pad", [Some(1.0), Some(6.0), Some(4.0), Some(8.0)]);
        check("mean", "fillna", [Some(1.0), Some(3.0), None, Some(8.0)]);
        check("last", "backfilling", [Some(1.0), Some(4.0), Some(8.0), Some(8.0)]);
    }

    #[test]
    fn what_makes_no_grid_is_said() {
        for (window, down, up, want) in [
            ("x", "sum", "pad", "duration"),
            ("7s", "sum", "pad", "shorter than the interval"),
            ("1ms", "sum", "pad", ""),
            ("1s", "mode", "pad", "downsampling"),
            ("1s", "sum", "guess", "upsampling"),
        ] {
            let model = json!({ "window": window, "downsampler": down, "upsampler": up });
            let got = Resample::parse(model.as_object().unwrap(), 0, 6000);
            match got {
                Err(error) => assert!(error.contains(want) && !want.is_empty(), "{error}"),
                Ok(_) => assert!(want.is_empty(), "{window}"),
            }
        }
        let model = json!({ "window": "1ms", "downsampler": "sum", "upsampler": "pad" });
        let error = Resample::parse(model.as_object().unwrap(), 0, 1 << 40).unwrap_err();
        assert!(error.contains("the limit is 100000"), "{error}");
    }
}
