//! Evaluates a plan on blocking threads and streams the lines; a client that leaves stops it.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use futures_util::stream::{Stream, unfold};
use portal::tables::DataSourceRow;
use promql::{QueryError, QueryStats, RangeTimes, Value};
use query::{Budget, Cancel, Scope};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::frame::{
    Shown, Target, Took, push_done, push_error, push_instant, push_instant_elsewhere, push_notice,
    push_range, push_range_elsewhere,
};
use super::held::{Held, Increments, tag, tail};
use super::plan::{Ask, Asked, Job, Output, Plan};
use crate::evaluations::{Endpoint, error_type};
use crate::portal::guard::Visitor;
use crate::portal::sources::{self, Elsewhere};
use crate::portal::state::PortalState;

/// Answers that may wait for a slow client before evaluations wait too.
const LINES_WAITING_MAX: usize = 4;

/// The lines of the whole answer. Dropping the stream cancels what is under way.
pub(super) fn run(
    state: PortalState,
    visitor: Visitor,
    plan: Plan,
) -> impl Stream<Item = io::Result<Bytes>> + use<> {
    let (lines, waiting) = mpsc::channel::<Bytes>(LINES_WAITING_MAX);
    let cancel = Cancel::default();
    let guard = cancel.guard();
    tokio::spawn(drive(state, visitor, plan, lines, cancel));
    unfold((waiting, guard), |(mut waiting, guard)| async move {
        let line = waiting.recv().await?;
        Some((Ok(line), (waiting, guard)))
    })
}

async fn drive(
    state: PortalState,
    visitor: Visitor,
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
            jobs.spawn(one(state.clone(), visitor.clone(), job, lines.clone(), cancel.clone()));
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
    visitor: Visitor,
    job: Job,
    lines: mpsc::Sender<Bytes>,
    cancel: Cancel,
) {
    let evaluated = match &job.of {
        Asked::Engine(scope) => {
            in_process(&state, scope.clone(), (job.ask, job.held), cancel).await
        }
        Asked::Elsewhere(row) => Some(elsewhere(&state, &visitor, row, job.ask, job.held).await),
    };
    let Some(evaluated) = evaluated else {
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
        let (answer, max) = (Arc::clone(&evaluated), state.config.series_max);
        let written = tokio::task::spawn_blocking(move || lines_of(&answer, &place, max));
        let Ok(bytes) = written.await else { return };
        if lines.send(bytes.into()).await.is_err() {
            return;
        }
    }
}

/// Waits for a turn and evaluates; `None` when that ended early.
async fn in_process(
    state: &PortalState,
    scope: Scope,
    (whole, held): (Ask, Option<Held>),
    cancel: Cancel,
) -> Option<Finished> {
    let turn = Arc::clone(&state.places).acquire_owned().await.ok()?;
    let state = state.clone();
    let task = tokio::task::spawn_blocking(move || {
        // Before anything is read or compared: what comes later is newer than this.
        let since = state.source.version(&scope);
        let part = held.and_then(|held| tail_in_process(&state, &scope, &whole, held));
        let evaluated = evaluate(&state, &scope, part.as_ref().unwrap_or(&whole), cancel);
        drop(turn);
        (Part::of(whole, part), since, evaluated)
    });
    let (part, since, Evaluated { answer, ms }) = task.await.ok()?;
    let kind = answer.as_ref().map_or_else(error_type, |_| "");
    let answer = answer.map(Found::Here).map_err(|error| (error.to_string(), kind));
    Some(Finished { part, since, answer, ms })
}

/// The part of a range query that is new to somebody who holds an earlier answer.
fn tail_in_process(state: &PortalState, scope: &Scope, whole: &Ask, held: Held) -> Option<Ask> {
    let Ask { expr, start_ms, end_ms, step_ms, .. } = whole;
    let times = RangeTimes { start_ms: *start_ms, end_ms: *end_ms, step_ms: *step_ms };
    let changed_ms = state.engine.first_changed(&*state.source, scope, expr, times, held.since)?;
    tail(whole, held, changed_ms)
}

async fn elsewhere(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    whole: Ask,
    held: Option<Held>,
) -> Finished {
    let started = Instant::now();
    let now_ms = state.clock.unix_ms();
    // By `@ start()` and `@ end()` every step depends on where the range begins and ends.
    let by_steps = !whole.expr.contains('@');
    let increments = Increments::of(&row.source.json_data).filter(|_| by_steps);
    let part = increments.zip(held).and_then(|(increments, held)| {
        let part = tail(&whole, held, increments.changed_ms(held, now_ms)?)?;
        Some((part, held.since))
    });
    let (part, asked_whole) = part.unzip();
    let since = increments.and(asked_whole.or(u64::try_from(now_ms).ok()));
    let part = Part::of(whole, part);
    let answer = sources::ask_elsewhere(state, visitor, row, &part.ask).await;
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    let answer = answer.map(Found::Elsewhere).map_err(|text| (text, "datasource"));
    Finished { part, since, answer, ms }
}

/// What was asked in the end.
struct Part {
    ask: Ask,
    /// First step of the whole grid, when this is the tail of it.
    whole_from_ms: Option<i64>,
}

impl Part {
    fn of(whole: Ask, tail: Option<Ask>) -> Self {
        let whole_from_ms = tail.as_ref().map(|_| whole.start_ms);
        Self { ask: tail.unwrap_or(whole), whole_from_ms }
    }
}

/// An answer, or the message and the kind of an error; and how long it took.
struct Finished {
    part: Part,
    /// How new the data was; `None` when nothing may be kept of the answer.
    since: Option<u64>,
    answer: Result<Found, (String, &'static str)>,
    ms: f64,
}

enum Found {
    Here(Answer),
    Elsewhere(Elsewhere),
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
fn lines_of(finished: &Finished, place: &Output, series_max: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 << 10);
    let Part { ask, whole_from_ms } = &finished.part;
    let to = Target { place, ask, whole_from_ms: *whole_from_ms, series_max };
    let found = match &finished.answer {
        Ok(found) => found,
        Err((message, kind)) => {
            push_error(&mut out, place, message, kind);
            return out;
        }
    };
    let (range, instant, notices) = match found {
        Found::Here(answer) => (
            answer.range.as_ref().map(|v| push_range(&mut out, to, v)),
            answer.instant.as_ref().map(|v| push_instant(&mut out, place, ask, v, series_max)),
            &answer.notices,
        ),
        Found::Elsewhere(answer) => (
            answer.range.as_ref().map(|reply| push_range_elsewhere(&mut out, to, reply)),
            answer
                .instant
                .as_ref()
                .map(|reply| push_instant_elsewhere(&mut out, place, ask, reply, series_max)),
            &answer.notices,
        ),
    };
    let (range, instant) = (range.unwrap_or_default(), instant.unwrap_or_default());
    let shown = Shown {
        series: range.series.max(instant.series),
        samples: range.samples + instant.samples,
        whole_only: range.whole_only || instant.whole_only,
    };
    for notice in notices {
        push_notice(&mut out, place, notice);
    }
    let engine = match found {
        Found::Here(answer) => Some(&answer.stats),
        Found::Elsewhere(_) => None,
    };
    // What comes with a notice, such as that series are left out, stays whole as well.
    let parts = notices.is_empty() && !shown.whole_only;
    let tag = place.mark.zip(finished.since).filter(|_| parts);
    let tag = tag.map(|(mark, since)| self::tag(mark, since));
    push_done(&mut out, place, ask, &Took { ms: finished.ms, engine, tag }, shown);
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
    /// Of both queries together.
    stats: QueryStats,
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
        add_cost(&mut answer.stats, &result.stats);
        answer.notices.extend(result.warnings);
        answer.infos.extend(result.infos);
        answer.range = Some(result.value);
    }
    if ask.instant {
        let result = state.engine.instant(&*state.source, scope, &ask.expr, ask.at_ms, budget)?;
        add_cost(&mut answer.stats, &result.stats);
        answer.notices.extend(result.warnings);
        answer.infos.extend(result.infos);
        answer.instant = Some(result.value);
    }
    answer.notices.dedup();
    answer.infos.dedup();
    Ok(answer)
}

/// Sums what was done; the peak is that of the costlier query, for they run one after the other.
fn add_cost(total: &mut QueryStats, one: &QueryStats) {
    total.samples_read += one.samples_read;
    total.samples_peak = total.samples_peak.max(one.samples_peak);
    total.series_selected += one.series_selected;
    total.steps_cached += one.steps_cached;
    total.prepare_time += one.prepare_time;
    total.eval_time += one.eval_time;
    total.sort_time += one.sort_time;
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
