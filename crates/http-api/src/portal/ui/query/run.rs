//! Evaluates a plan on blocking threads and streams the lines; a client that leaves stops it.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use futures_util::stream::{Stream, unfold};
use promql::{QueryError, RangeTimes, Value};
use query::{Budget, Cancel, Scope};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::frame::{Shown, push_done, push_error, push_instant, push_notice, push_range};
use super::plan::{Ask, Job, Output, Plan};
use crate::evaluations::{Endpoint, error_type};
use crate::portal::state::PortalState;

/// Answers that may wait for a slow client before evaluations wait too.
const LINES_WAITING_MAX: usize = 4;

/// The lines of the whole answer. Dropping the stream cancels what is under way.
pub(super) fn run(
    state: PortalState,
    scope: Scope,
    plan: Plan,
) -> impl Stream<Item = io::Result<Bytes>> + use<> {
    let (lines, waiting) = mpsc::channel::<Bytes>(LINES_WAITING_MAX);
    let cancel = Cancel::default();
    let guard = cancel.guard();
    tokio::spawn(drive(state, scope, plan, lines, cancel));
    unfold((waiting, guard), |(mut waiting, guard)| async move {
        let line = waiting.recv().await?;
        Some((Ok(line), (waiting, guard)))
    })
}

async fn drive(
    state: PortalState,
    scope: Scope,
    plan: Plan,
    lines: mpsc::Sender<Bytes>,
    cancel: Cancel,
) {
    let mut refused = Vec::new();
    for refusal in &plan.refusals {
        push_error(&mut refused, &refusal.output, &refusal.message, "datasource");
    }
    if !refused.is_empty() && lines.send(refused.into()).await.is_err() {
        return;
    }
    let mut jobs = JoinSet::new();
    let mut waiting = plan.jobs.into_iter();
    loop {
        // No more under way than may be evaluated at once: a client that reads slowly holds the
        // results of these in memory, not those of all its panels.
        while jobs.len() < state.config.concurrency_max.max(1)
            && let Some(job) = waiting.next()
        {
            jobs.spawn(one(state.clone(), scope.clone(), job, lines.clone(), cancel.clone()));
        }
        if jobs.join_next().await.is_none() {
            break;
        }
        if cancel.is_cancelled() {
            // Dropping the set stops jobs that wait for their turn.
            return;
        }
    }
    // Nobody listens any more when this fails, and nothing is left to do.
    lines.send(Bytes::from_static(b"{\"end\":true}\n")).await.ok();
}

async fn one(
    state: PortalState,
    scope: Scope,
    job: Job,
    lines: mpsc::Sender<Bytes>,
    cancel: Cancel,
) {
    let Ok(turn) = Arc::clone(&state.places).acquire_owned().await else { return };
    let ask = job.ask.clone();
    let (asker, of) = (state.clone(), scope.clone());
    let evaluated = tokio::task::spawn_blocking(move || {
        let answer = evaluate(&asker, &of, &ask, cancel);
        drop(turn);
        answer
    })
    .await;
    let Ok(evaluated) = evaluated else {
        let mut out = Vec::new();
        for place in &job.outputs {
            push_error(&mut out, place, "the evaluation ended early", "internal");
        }
        // A failure means that the client has left, here and below.
        lines.send(out.into()).await.ok();
        return;
    };
    let evaluated = Arc::new(evaluated);
    // One place after the other: the same answer written out for a thousand places at once would
    // not fit into any memory.
    for place in job.outputs {
        let (answer, ask, max) = (Arc::clone(&evaluated), job.ask.clone(), state.config.series_max);
        let written = tokio::task::spawn_blocking(move || lines_of(&answer, &ask, &place, max));
        let Ok(bytes) = written.await else { return };
        if lines.send(bytes.into()).await.is_err() {
            return;
        }
    }
}

/// What the engine said, and how long it took.
pub(in crate::portal) struct Evaluated {
    pub(in crate::portal) answer: Result<Answer, QueryError>,
    ms: f64,
}

/// Blocks; counted like every query of a dashboard.
pub(in crate::portal) fn evaluate(
    state: &PortalState,
    scope: &Scope,
    ask: &Ask,
    cancel: Cancel,
) -> Evaluated {
    let _running = state.evaluations.begin();
    let started = Instant::now();
    let budget = state.evaluations.budget(started, state.config.budget, cancel);
    let answer = ask_engine(state, scope, ask, &budget);
    let took = started.elapsed();
    state.evaluations.finish(Endpoint::Ui, took, budget.samples_read());
    if let Err(error) = &answer {
        state.evaluations.count_failure(error);
    }
    count(state, &answer);
    Evaluated { answer, ms: took.as_secs_f64() * 1000.0 }
}

/// All lines of a job for one place that it is shown in.
fn lines_of(evaluated: &Evaluated, ask: &Ask, place: &Output, series_max: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 << 10);
    let answer = match &evaluated.answer {
        Ok(answer) => answer,
        Err(error) => {
            push_error(&mut out, place, &error.to_string(), error_type(error));
            return out;
        }
    };
    let mut shown = Shown::default();
    if let Some(value) = &answer.range {
        shown = push_range(&mut out, place, ask, value, series_max);
    }
    if let Some(value) = &answer.instant {
        let instant = push_instant(&mut out, place, ask, value, series_max);
        shown.series = shown.series.max(instant.series);
        shown.samples += instant.samples;
    }
    for notice in &answer.notices {
        push_notice(&mut out, place, notice);
    }
    push_done(&mut out, place, ask, evaluated.ms, shown);
    out
}

#[derive(Default)]
pub(in crate::portal) struct Answer {
    pub(in crate::portal) range: Option<Value>,
    pub(in crate::portal) instant: Option<Value>,
    /// Warnings.
    pub(in crate::portal) notices: Vec<String>,
    /// What may be worth a look; our own panels do not show it.
    pub(in crate::portal) infos: Vec<String>,
}

fn ask_engine(
    state: &PortalState,
    scope: &Scope,
    ask: &Ask,
    budget: &Budget,
) -> Result<Answer, QueryError> {
    let mut answer = Answer::default();
    if ask.range {
        let times = RangeTimes { start_ms: ask.start_ms, end_ms: ask.end_ms, step_ms: ask.step_ms };
        let result = state.engine.range(&*state.source, scope, &ask.expr, times, budget)?;
        answer.notices.extend(result.warnings);
        answer.infos.extend(result.infos);
        answer.range = Some(result.value);
    }
    if ask.instant {
        let result = state.engine.instant(&*state.source, scope, &ask.expr, ask.at_ms, budget)?;
        answer.notices.extend(result.warnings);
        answer.infos.extend(result.infos);
        answer.instant = Some(result.value);
    }
    answer.notices.dedup();
    answer.infos.dedup();
    Ok(answer)
}

fn count(state: &PortalState, answer: &Result<Answer, QueryError>) {
    let outcome = answer.as_ref().map_or_else(error_type, |_| "success");
    state
        .registry
        .counter(
            "orrery_portal_queries_total",
            "Queries evaluated for dashboards, by outcome.",
            &[("outcome", outcome)],
        )
        .inc();
}
