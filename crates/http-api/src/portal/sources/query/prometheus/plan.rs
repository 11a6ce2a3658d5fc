//! From a query's JSON to what is asked: step chosen, placeholders filled in, times aligned.

use portal::tables::DataSourceRow;
use serde_json::Value;

use super::super::fetch::Question;
use super::super::interval::{StepRequest, aligned, duration_ms, step_ms};
use super::super::outcome::Failure;
use super::super::wire::{Query, flag, integer, text};
use super::Naming;
use crate::portal::data_sources::json_data;
use crate::portal::ui::{Ask, Times, fill_in};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) expr: String,
    pub(super) legend: String,
    pub(super) instant: bool,
    pub(super) range: bool,
    pub(super) exemplar: bool,
    /// Unix milliseconds: a grid of the step.
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) step_ms: i64,
    /// When an instant query is evaluated.
    pub(super) at_ms: i64,
}

/// `scrape_interval_ms` holds for sources that do not say.
pub(super) fn plan(
    query: &Query,
    row: &DataSourceRow,
    scrape_interval_ms: i64,
) -> Result<Plan, Failure> {
    let model = &query.model;
    let expr = match model.get("expr") {
        Some(Value::String(expr)) => expr,
        None | Some(Value::Null) => "",
        Some(other) => return Err(Failure::bad_query(format!("expr must be a text, not {other}"))),
    };
    if expr.trim().is_empty() {
        return Err(Failure::bad_query("bad_data: the query has no expression (expr)"));
    }
    let source_ms = duration_ms(text_of(&json_data(&row.source.json_data), "timeInterval"));
    let scrape_ms = source_ms.unwrap_or(scrape_interval_ms);
    let interval = text(model, "interval");
    let range_ms = query.to_ms - query.from_ms;
    let step_ms = step_ms(&StepRequest {
        range_ms,
        max_data_points: if query.max_data_points > 0 { query.max_data_points } else { 100 },
        interval,
        interval_ms: query.interval_ms,
        interval_factor: integer(model.get("intervalFactor")).unwrap_or_default(),
        scrape_interval_ms: scrape_ms,
    });
    // A query that names its own least step means the interval of its data by it.
    let data_ms = duration_ms(interval).unwrap_or(scrape_ms);
    let times = Times { step_ms, scrape_interval_ms: data_ms, range_ms };
    let offset_s = integer(model.get("utcOffsetSec")).unwrap_or_default();
    let (instant, range) = (flag(model, "instant"), flag(model, "range"));
    Ok(Plan {
        expr: fill_in(expr, &times).into_owned(),
        legend: text(model, "legendFormat").to_owned(),
        instant,
        range: range || !instant,
        exemplar: flag(model, "exemplar"),
        start_ms: aligned(query.from_ms, step_ms, offset_s),
        end_ms: aligned(query.to_ms, step_ms, offset_s),
        step_ms,
        at_ms: query.to_ms,
    })
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl Plan {
    /// What the engine in this process is asked.
    pub(super) fn ask(&self) -> Ask {
        Ask {
            expr: self.expr.clone(),
            instant: self.instant,
            range: self.range,
            start_ms: self.start_ms,
            end_ms: self.end_ms,
            step_ms: self.step_ms,
            at_ms: self.at_ms,
        }
    }

    pub(super) fn naming(&self) -> Naming<'_> {
        Naming { expr: &self.expr, legend: &self.legend }
    }

    pub(super) fn exemplar_question(&self) -> Question {
        let form = vec![
            ("query", self.expr.clone()),
            ("start", seconds(self.start_ms)),
            ("end", seconds(self.end_ms)),
        ];
        question("api/v1/query_exemplars", form)
    }
}

/// Where ranges are asked for.
pub(super) const RANGE_PATH: &str = "api/v1/query_range";

/// What a server elsewhere is asked, in the order of the answers.
pub(super) fn questions(ask: &Ask) -> Vec<Question> {
    let query = ("query", ask.expr.clone());
    let mut all = Vec::new();
    if ask.instant {
        let form = vec![query.clone(), ("time", seconds(ask.at_ms))];
        all.push(question("api/v1/query", form));
    }
    if ask.range {
        let form = vec![
            query,
            ("start", seconds(ask.start_ms)),
            ("end", seconds(ask.end_ms)),
            ("step", seconds(ask.step_ms)),
        ];
        all.push(question(RANGE_PATH, form));
    }
    all
}

/// Asked with GET: not every server takes these otherwise.
pub(super) fn names_question(path: &str, selector: &str, range_ms: (i64, i64)) -> Question {
    let mut form = vec![("start", seconds(range_ms.0)), ("end", seconds(range_ms.1))];
    if !selector.is_empty() {
        form.push(("match[]", selector.to_owned()));
    }
    Question { posted: false, ..question(path, form) }
}

fn question(path: &str, form: Vec<(&'static str, String)>) -> Question {
    Question { path: path.to_owned(), form, posted: true, ..Question::default() }
}

/// Unix seconds with what is left over of the milliseconds.
fn seconds(ms: i64) -> String {
    let (whole, rest) = (ms.div_euclid(1000), ms.rem_euclid(1000));
    if rest == 0 {
        return whole.to_string();
    }
    // The fraction counts upwards from the whole seconds below, also before 1970.
    if whole < 0 {
        return format!("-{}.{:03}", -whole - 1, 1000 - rest);
    }
    format!("{whole}.{rest:03}")
}

#[cfg(test)]
mod tests {
    use portal::tables::{DataSourceRow, NewDataSource};
    use serde_json::{Value, json};

    use super::super::super::wire::{Query, Target};
    use super::{plan, seconds};

    fn planned(model: &Value, settings: &str) -> Result<super::Plan, String> {
        let row = DataSourceRow {
            id: 1,
            org_id: 1,
            version: 1,
            source: NewDataSource { json_data: settings.into(), ..NewDataSource::default() },
        };
        let number = |name: &str| model[name].as_i64().unwrap_or_default();
        let query = Query {
            ref_id: "A".into(),
            target: Target::BuiltIn,
            hidden: false,
            kind: String::new(),
            interval_ms: number("intervalMs"),
            max_data_points: number("maxDataPoints"),
            from_ms: 1_001,
            to_ms: 3_601_001,
            model: model.as_object().unwrap().clone(),
        };
        plan(&query, &row, 15_000).map_err(|failure| failure.text)
    }

    #[test]
    fn a_query_becomes_what_is_asked() {
        let model = json!({
            "expr": "rate(x[$__rate_interval]) + $__range_s", "instant": true, "range": true,
            "intervalMs": 20_000, "maxDataPoints": 1000, "legendFormat": "{{a}}",
        });
        let plan = planned(&model, "{}").unwrap();
        assert_eq!(plan.expr, "rate(x[1m]) + 3600");
        assert_eq!((plan.start_ms, plan.end_ms, plan.step_ms), (0, 3_600_000, 20_000));
        let questions = super::questions(&plan.ask());
        assert_eq!(questions[0].path, "api/v1/query");
        assert_eq!(questions[0].form[1], ("time", "3601.001".to_owned()));
        assert_eq!(questions[1].path, "api/v1/query_range");
        assert_eq!(questions[1].form[3], ("step", "20".to_owned()));
    }

    #[test]
    fn the_sources_interval_is_the_least_step() {
        let step = |model: Value, settings: &str| planned(&model, settings).unwrap().step_ms;
        assert_eq!(step(json!({ "expr": "x", "maxDataPoints": 10_000 }), "{}"), 15_000);
        let settings = r#"{"timeInterval":"30s"}"#;
        assert_eq!(step(json!({ "expr": "x", "maxDataPoints": 10_000 }), settings), 30_000);
        let plan = planned(&json!({ "expr": "x[$__rate_interval]" }), settings).unwrap();
        assert_eq!((plan.expr.as_str(), plan.range, plan.instant), ("x[2m]", true, false));
    }

    #[test]
    fn what_is_no_expression_is_said() {
        for expr in [json!(null), json!(""), json!(" "), json!(7), json!(["up"]), json!({})] {
            let error = planned(&json!({ "expr": expr }), "{}").unwrap_err();
            assert!(error.contains("expr"), "{error}");
        }
    }

    #[test]
    fn times_are_seconds() {
        for (ms, want) in
            [(1000, "1"), (1001, "1.001"), (0, "0"), (-1, "-0.001"), (-1500, "-1.500")]
        {
            assert_eq!(seconds(ms), want);
        }
    }
}
