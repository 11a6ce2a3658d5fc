//! The engine: settings, the pool it computes on, and the two kinds of query.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use promql_syntax::ast::ValueType;
use promql_syntax::{Expr, ParseOptions};
use query::{Budget, MetricSource, Scope};

use crate::cache::{self, Answer, Asked, ResultCache};
use crate::error::QueryError;
use crate::eval::{Evaluated, Evaluator, Settings};
use crate::grid::{Cell, Grid};
use crate::plan::{self, Kind, Node, QueryTimes};
use crate::threads::Threads;
use crate::value::{QueryResult, QueryStats, SampleValue, Series, Value, VectorSample};

/// Settings; those with a name in `docs/operate/configuration.md` say it.
#[derive(Clone, Copy, Debug)]
pub struct EngineConfig {
    /// `query.lookback_delta`, milliseconds: how old a sample may be to stand for now.
    pub lookback_ms: i64,
    /// `query.points_max`: steps of one range query.
    pub points_max: usize,
    /// Milliseconds: step of subqueries that do not say.
    pub subquery_step_ms: i64,
    /// `query.threads`: threads that compute for all queries together, 0 = one per core.
    pub threads: usize,
    /// How much lower than the process' own their priority is, in steps of nice(1).
    pub priority_lowered_by: i32,
    /// Milliseconds: from this length on, a store's aggregates are asked for in place of samples.
    /// Shorter than the runs that they are of, there would be nothing to gain.
    pub fold_ms_min: i64,
    /// Feature `promql-delayed-name-removal`.
    pub delayed_name_removal: bool,
    /// Feature `use-start-timestamps`: a counter's start time shows resets that values hide.
    pub use_start_timestamps: bool,
    /// Which extensions of the language are accepted.
    pub parse: ParseOptions,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            lookback_ms: 5 * 60 * 1000,
            points_max: 11_000,
            subquery_step_ms: 60 * 1000,
            threads: 0,
            priority_lowered_by: 5,
            fold_ms_min: 30 * 60 * 1000,
            delayed_name_removal: false,
            use_start_timestamps: false,
            parse: ParseOptions::default(),
        }
    }
}

/// Times of a range query, Unix milliseconds; both ends inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeTimes {
    pub start_ms: i64,
    pub end_ms: i64,
    pub step_ms: i64,
}

/// What a single query may ask for; the default asks for nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueryOptions {
    /// In place of [`EngineConfig::lookback_ms`].
    pub lookback_ms: Option<i64>,
    /// In place of [`EngineConfig::use_start_timestamps`].
    pub use_start_timestamps: Option<bool>,
    /// Count the samples that every step looks at: costs two additions per series and step.
    pub count_samples: bool,
}

/// Evaluates PromQL. Cheap to clone; queries run concurrently and share their threads.
#[derive(Clone)]
pub struct Engine {
    config: EngineConfig,
    count_samples: bool,
    threads: Arc<Threads>,
    cache: Option<Arc<ResultCache>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Whose data, from where, at which cost.
struct Access<'a> {
    source: &'a dyn MetricSource,
    scope: &'a Scope,
    budget: &'a Budget,
}

impl Engine {
    /// Errors: the system refuses to start threads.
    pub fn new(config: EngineConfig) -> Result<Self, QueryError> {
        let threads = Threads::new(config.threads, config.priority_lowered_by)?;
        Ok(Self { config, count_samples: false, threads: Arc::new(threads), cache: None })
    }

    /// The same engine, on the same threads, for a query that asks for something special. One that
    /// counts samples or has a lookback of its own neither finds nor leaves anything in the cache;
    /// answers with start times and without them are kept apart there.
    #[must_use]
    pub fn with(&self, options: QueryOptions) -> Self {
        let lookback_ms = options.lookback_ms.unwrap_or(self.config.lookback_ms);
        let special = options.count_samples || lookback_ms != self.config.lookback_ms;
        let use_start_timestamps =
            options.use_start_timestamps.unwrap_or(self.config.use_start_timestamps);
        Self {
            config: EngineConfig { lookback_ms, use_start_timestamps, ..self.config },
            count_samples: options.count_samples,
            threads: Arc::clone(&self.threads),
            cache: self.cache.clone().filter(|_| !special),
        }
    }

    /// The same engine with a cache for the steps of its range queries; give it one source only.
    #[must_use]
    pub fn with_cache(self, cache: Arc<ResultCache>) -> Self {
        Self { cache: Some(cache), ..self }
    }

    /// The same engine, computing everything anew and keeping nothing.
    #[must_use]
    pub fn without_cache(&self) -> Self {
        Self { cache: None, ..self.clone() }
    }

    pub fn cache(&self) -> Option<&Arc<ResultCache>> {
        self.cache.as_ref()
    }

    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// Runs `work` on one of the threads that queries are walked on, where those that it makes stay,
    /// and returns at once. For servers: a query costs one change of threads in place of two.
    /// Errors: the system gives no thread.
    pub fn spawn(&self, work: impl FnOnce() + Send + 'static) -> Result<(), QueryError> {
        self.threads.spawn(work)
    }

    /// Parses with the engine's extensions.
    pub fn parse(&self, query: &str) -> Result<Expr, QueryError> {
        Ok(promql_syntax::parse(query, &self.config.parse)?)
    }

    /// Evaluates at one time. Blocks; call from a thread that may.
    pub fn instant(
        &self,
        source: &dyn MetricSource,
        scope: &Scope,
        query: &str,
        t_ms: i64,
        budget: &Budget,
    ) -> Result<QueryResult, QueryError> {
        let expr = self.parse(query)?;
        let access = Access { source, scope, budget };
        let times = QueryTimes { start_ms: t_ms, end_ms: t_ms, step_ms: 0 };
        self.run(&access, query, &expr, times, Grid::instant(t_ms))
    }

    /// Evaluates at every step. Blocks; call from a thread that may.
    pub fn range(
        &self,
        source: &dyn MetricSource,
        scope: &Scope,
        query: &str,
        times: RangeTimes,
        budget: &Budget,
    ) -> Result<QueryResult, QueryError> {
        let grid = self.grid(times)?;
        let expr = self.parse(query)?;
        if !matches!(expr.value_type(), ValueType::Scalar | ValueType::Vector) {
            return Err(QueryError::Parse(format!(
                "invalid expression type {:?} for range query, must be Scalar or instant Vector",
                expr.value_type().documented()
            )));
        }
        let access = Access { source, scope, budget };
        let RangeTimes { start_ms, end_ms, step_ms } = times;
        self.run(&access, query, &expr, QueryTimes { start_ms, end_ms, step_ms }, grid)
    }

    /// When the first step of a range query is, Unix milliseconds, that may have another value
    /// than in an evaluation which began at version `since` of the data
    /// ([`MetricSource::version`]); the time after the last step when none has. Whoever holds that
    /// evaluation needs the steps from there on, and no others: the value of a step depends on
    /// neither the first nor the last. `None`: that cannot be told, or does not hold for this query.
    /// Cost: parses and plans, and reads no sample.
    pub fn first_changed(
        &self,
        source: &dyn MetricSource,
        scope: &Scope,
        query: &str,
        times: RangeTimes,
        since: u64,
    ) -> Option<i64> {
        self.cache.as_ref()?;
        let grid = self.grid(times).ok()?;
        let expr = self.parse(query).ok()?;
        let RangeTimes { start_ms, end_ms, step_ms } = times;
        let plan = plan::build(&expr, &QueryTimes { start_ms, end_ms, step_ms }).ok()?;
        let asked = Asked {
            source,
            scope,
            budget: &Budget::default(),
            threads: &self.threads,
            settings: self.settings(),
            text: query,
            expr: &expr,
            plan: &plan,
            grid,
            ends_later: start_ms < end_ms,
        };
        let step = cache::first_changed(&asked, since)?;
        Some(grid.t_ms(step))
    }

    fn settings(&self) -> Settings {
        Settings {
            lookback_ms: self.config.lookback_ms,
            subquery_step_ms: self.config.subquery_step_ms,
            delayed_name_removal: self.config.delayed_name_removal,
            use_start_timestamps: self.config.use_start_timestamps,
            count_samples: self.count_samples,
            fold_ms_min: self.config.fold_ms_min,
        }
    }

    /// Whether a range query has at most [`EngineConfig::points_max`] steps.
    pub fn check_points(&self, times: RangeTimes) -> Result<(), QueryError> {
        self.grid(times).map(drop)
    }

    fn grid(&self, times: RangeTimes) -> Result<Grid, QueryError> {
        if times.end_ms < times.start_ms {
            return Err(QueryError::Parse("end timestamp must not be before start time".into()));
        }
        if times.step_ms <= 0 {
            return Err(QueryError::Parse(
                "zero or negative query resolution step widths are not accepted. Try a positive integer".into(),
            ));
        }
        let grid = Grid::between(times.start_ms, times.end_ms, times.step_ms);
        // As in the reference, the limit is on the distances between points.
        if grid.steps.saturating_sub(1) > self.config.points_max {
            return Err(QueryError::Parse(format!(
                "exceeded maximum resolution of {} points per timeseries. Try decreasing the query resolution (?step=XX)",
                with_thousands(self.config.points_max)
            )));
        }
        Ok(grid)
    }

    fn run(
        &self,
        access: &Access<'_>,
        query: &str,
        expr: &Expr,
        times: QueryTimes,
        grid: Grid,
    ) -> Result<QueryResult, QueryError> {
        let begun = Instant::now();
        let plan = plan::build(expr, &times)?;
        let planned = Instant::now();
        let settings = self.settings();
        let range_query = times.step_ms > 0;
        // A bug in an operator must cost its query, not the caller's thread.
        let evaluate = || {
            let Access { source, scope, budget } = *access;
            let asked = Asked {
                source,
                scope,
                budget,
                threads: &self.threads,
                settings,
                text: query,
                expr,
                plan: &plan,
                grid,
                ends_later: times.start_ms < times.end_ms,
            };
            let (value, answer) = match &self.cache {
                _ if !range_query => {
                    let evaluator =
                        Evaluator::new(source, scope, budget, &self.threads, settings, &grid);
                    let value = instant_value(&evaluator, &plan, &grid)?;
                    let answer = Answer {
                        notes: evaluator.notes(),
                        series_selected: evaluator.series_selected(),
                        counts: evaluator.step_counts(),
                        ..Answer::default()
                    };
                    (value, answer)
                }
                cache => {
                    let mut answer = match cache {
                        Some(cache) => cache::range(cache, &asked)?,
                        None => asked.uncached()?,
                    };
                    let rows = std::mem::take(&mut answer.rows).into_iter();
                    (Value::Matrix(rows.map(|row| Series::on_grid(grid, row)).collect()), answer)
                }
            };
            let (warnings, infos) = answer.notes.render(query);
            let counts = answer.counts.as_ref();
            let sort_time = answer.sort_time;
            let stats = QueryStats {
                samples_read: budget.samples_read(),
                samples_by_step: counts.map(|c| c.queried()).unwrap_or_default(),
                samples_new_by_step: counts.map(|c| c.read()).unwrap_or_default(),
                samples_peak: budget.samples_peak(),
                series_selected: answer.series_selected,
                steps_cached: answer.steps_reused,
                prepare_time: planned - begun,
                eval_time: planned.elapsed().saturating_sub(sort_time),
                sort_time,
            };
            Ok(QueryResult { value, warnings, infos, stats })
        };
        let guarded = AssertUnwindSafe(|| self.threads.walk(evaluate));
        match catch_unwind(guarded) {
            Ok(Ok(result)) => result,
            Ok(Err(no_thread)) => Err(no_thread),
            Err(_) => Err(QueryError::Internal("unexpected error in evaluation".into())),
        }
    }
}

fn with_thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn instant_value(evaluator: &Evaluator<'_>, plan: &Node, grid: &Grid) -> Result<Value, QueryError> {
    let t_ms = grid.start_ms;
    if let Kind::Range(range) = &plan.kind {
        let mut series = evaluator.range_vector(range, grid)?;
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        return Ok(Value::Matrix(series));
    }
    Ok(match evaluator.root(plan, grid)? {
        Evaluated::Scalar(values) => {
            Value::Scalar { t_ms, v: values.first().copied().unwrap_or(f64::NAN) }
        }
        Evaluated::Text(text) => Value::String { t_ms, text: text.to_string_lossy().into_owned() },
        Evaluated::Rows(rows) => {
            let samples = rows.into_vec().into_iter().filter_map(|mut row| {
                let value = match row.cell(0) {
                    Cell::Absent => return None,
                    Cell::Float(v) => SampleValue::Float(v),
                    Cell::Histogram(h) => SampleValue::Histogram(Arc::clone(h)),
                };
                Some(VectorSample { labels: std::mem::take(&mut row.labels), value })
            });
            Value::Vector { t_ms, samples: samples.collect() }
        }
    })
}
