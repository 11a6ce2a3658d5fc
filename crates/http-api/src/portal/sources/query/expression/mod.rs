//! Expressions: queries whose source is the answers of the others. Each is computed once all that
//! it names are there; one that names itself, by whatever way, is refused.

mod math;
mod reduce;
mod resample;
mod threshold;
mod value;

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::{Map, Value as Json};

use self::reduce::Reduce;
use self::resample::Resample;
use self::threshold::{Classic, Threshold};
use self::value::Values;
use super::frame::Frame;
use super::outcome::{Failure, Outcome};
use super::wire::{Query, text};

/// What an expression does, and with which queries.
#[derive(Clone, Debug)]
pub(super) struct Command {
    kind: Kind,
    /// refIds.
    pub(super) needs: Vec<String>,
}

#[derive(Clone, Debug)]
enum Kind {
    Math(math::Expr),
    Reduce(Reduce),
    Resample(Resample),
    Threshold(Threshold),
    Classic(Classic),
}

/// Reads an expression's model.
pub(super) fn parse(query: &Query) -> Result<Command, Failure> {
    let failed = |error: String| {
        Failure::bad_query(format!("failed to parse expression [{}]: {error}", query.ref_id))
    };
    command(query).map_err(failed)
}

fn command(query: &Query) -> Result<Command, String> {
    let model = &query.model;
    // Most work on one other query.
    let one = || input(model).map(|input| vec![input]);
    let (kind, needs) = match text(model, "type") {
        "math" => {
            let expr = math::parse(text(model, "expression"))?;
            let mut needs = Vec::new();
            expr.for_each_variable(&mut |name| needs.push(name.to_owned()));
            (Kind::Math(expr), needs)
        }
        "reduce" => (Kind::Reduce(Reduce::parse(model)?), one()?),
        "resample" => {
            let resample = Resample::parse(model, query.from_ms, query.to_ms)?;
            (Kind::Resample(resample), one()?)
        }
        "threshold" => (Kind::Threshold(Threshold::parse(model)?), one()?),
        "classic_conditions" => {
            let classic = Classic::parse(model)?;
            let needs = classic.needs().map(str::to_owned).collect();
            (Kind::Classic(classic), needs)
        }
        "sql" => return Err("SQL expressions are not supported".to_owned()),
        other => return Err(format!("{other:?} is not a recognized expression type")),
    };
    Ok(Command { kind, needs })
}

/// `A`, `$A` or `${A}`.
fn input(model: &Map<String, Json>) -> Result<String, String> {
    let written = text(model, "expression").trim();
    let name = written.strip_prefix('$').unwrap_or(written);
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    if name.is_empty() {
        return Err("no variable specified to reference".to_owned());
    }
    Ok(name.to_owned())
}

/// Computes all expressions over the answers of the other queries; blocks. Answers are given back
/// in the order of `commands`. `values_max`: what all of them together may hold.
pub(super) fn run(
    commands: &[(String, Result<Command, Failure>)],
    answers: &HashMap<String, Outcome>,
    values_max: usize,
) -> Vec<(String, Outcome)> {
    let (done, under_way) = (HashMap::new(), Vec::new());
    let mut graph = Graph { commands, answers, done, under_way, values: 0, values_max };
    for (ref_id, _) in commands {
        graph.compute(ref_id);
    }
    let mut done = graph.done;
    let finished = commands.iter().map(|(ref_id, _)| {
        let missing = || Err(Failure::ours("the expression was not computed"));
        (ref_id.clone(), done.remove(ref_id).map_or_else(missing, |done| done.frames(ref_id)))
    });
    finished.collect()
}

/// A computed expression, or an answer as expressions see it.
struct Done {
    values: Result<Values, Failure>,
    /// Of classic conditions: what matched.
    matches: Vec<Json>,
}

impl Done {
    fn frames(self, ref_id: &str) -> Outcome {
        let mut frames: Vec<Frame> = value::to_frames(self.values?, ref_id);
        if !self.matches.is_empty()
            && let Some(first) = frames.first_mut()
        {
            first.meta.custom.insert("evalMatches".to_owned(), self.matches.into());
        }
        Ok(frames)
    }
}

struct Graph<'a> {
    commands: &'a [(String, Result<Command, Failure>)],
    answers: &'a HashMap<String, Outcome>,
    done: HashMap<String, Done>,
    under_way: Vec<String>,
    /// Held by what is done.
    values: usize,
    values_max: usize,
}

impl Graph<'_> {
    fn compute(&mut self, ref_id: &str) {
        if self.done.contains_key(ref_id) {
            return;
        }
        self.under_way.push(ref_id.to_owned());
        let done = match self.value(ref_id) {
            Ok((values, matches)) => {
                self.values += values.points();
                if self.values > self.values_max {
                    let text = format!(
                        "the expressions of a request hold more than {} values (raise \
                         limits.data_source_values_max)",
                        self.values_max
                    );
                    Done { values: Err(Failure::bad_query(text)), matches: Vec::new() }
                } else {
                    Done { values: Ok(values), matches }
                }
            }
            Err(failure) => Done { values: Err(failure), matches: Vec::new() },
        };
        self.under_way.pop();
        self.done.insert(ref_id.to_owned(), done);
    }

    fn value(&mut self, ref_id: &str) -> Result<(Values, Vec<Json>), Failure> {
        let commands = self.commands;
        let Some((_, command)) = commands.iter().find(|(name, _)| name == ref_id) else {
            return self.answer(ref_id).map(|values| (values, Vec::new()));
        };
        let command = command.as_ref().map_err(Clone::clone)?;
        for need in &command.needs {
            if self.under_way.contains(need) {
                let text = format!("expression [{ref_id}] depends on itself through [{need}]");
                return Err(Failure::bad_query(text));
            }
            self.compute(need);
            if self.done.get(need).is_some_and(|done| done.values.is_err()) {
                return Err(Failure::downstream(
                    StatusCode::FAILED_DEPENDENCY,
                    format!(
                        "did not execute expression [{ref_id}] due to a failure of the dependent \
                         expression or query [{need}]"
                    ),
                ));
            }
        }
        let values = |name: &str| self.done.get(name).and_then(|done| done.values.as_ref().ok());
        let one = || {
            let name = command.needs.first().map(String::as_str).unwrap_or_default();
            values(name).ok_or_else(|| format!("there is no query {name:?}"))
        };
        let computed = match &command.kind {
            Kind::Math(expr) => math::evaluate(expr, &values).map(|out| (out, Vec::new())),
            Kind::Reduce(reduce) => one().map(|input| (reduce.run(input), Vec::new())),
            Kind::Resample(resample) => {
                one().and_then(|input| resample.run(input)).map(|out| (out, Vec::new()))
            }
            Kind::Threshold(threshold) => one().map(|input| (threshold.run(input), Vec::new())),
            Kind::Classic(classic) => classic.run(values),
        };
        computed.map_err(|error| {
            Failure::bad_query(format!("failed to execute expression [{ref_id}]: {error}"))
        })
    }

    /// What a query that is no expression answered.
    fn answer(&self, ref_id: &str) -> Result<Values, Failure> {
        match self.answers.get(ref_id) {
            None => Err(Failure::bad_query(format!("there is no query {ref_id:?}"))),
            Some(Err(failure)) => Err(failure.clone()),
            Some(Ok(frames)) => value::of_frames(frames).map_err(|error| {
                Failure::bad_query(format!("the answer of [{ref_id}] cannot be used: {error}"))
            }),
        }
    }
}
