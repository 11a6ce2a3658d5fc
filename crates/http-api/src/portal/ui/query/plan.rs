//! From a request to the jobs it takes: sources resolved, steps chosen, placeholders filled in,
//! equal queries folded into one.

use std::collections::HashMap;
use std::sync::Arc;

use portal::tables::DataSourceRow;
use query::Scope;

use super::held::{Held, held, mark};
use super::placeholders::{Times, fill_in};
use super::step::{StepRequest, aligned, step_ms};
use super::wire::{Panel, Query, QueryRequest};
use crate::portal::data_sources::json_data;
use crate::portal::guard::Visitor;
use crate::portal::reply::ApiError;
use crate::portal::sources::{own, speaks_promql};
use crate::portal::state::{PortalConfig, PortalState};

/// Panels that do not say get this many points.
pub(super) const POINTS_DEFAULT: u32 = 1000;

/// What a panel of the request is to be told, and under which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) id: String,
    pub(super) ref_id: String,
    pub(super) legend: String,
    /// Names the question, for the tag of its answer; `None` when there is nothing to hold.
    pub(super) mark: Option<u64>,
}

/// One evaluation, shown in one or more places.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) of: Asked,
    pub(super) ask: Ask,
    /// What all places have already.
    pub(super) held: Option<Held>,
    pub(super) outputs: Vec<Output>,
}

/// Who answers.
#[derive(Clone, Debug)]
pub(in crate::portal::ui) enum Asked {
    /// The engine in this process, over this data.
    Engine(Scope),
    /// A Prometheus elsewhere.
    Elsewhere(Arc<DataSourceRow>),
}

impl Asked {
    /// Equal for those that give equal answers.
    fn key(&self) -> (i64, String) {
        match self {
            Self::Engine(scope) => (0, scope.tenant().to_string()),
            Self::Elsewhere(row) => (row.id, String::new()),
        }
    }
}

/// Of one source, equal asks have equal answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::portal) struct Ask {
    pub(in crate::portal) expr: String,
    pub(in crate::portal) instant: bool,
    pub(in crate::portal) range: bool,
    /// First and last point of the grid, Unix milliseconds.
    pub(in crate::portal) start_ms: i64,
    pub(in crate::portal) end_ms: i64,
    pub(in crate::portal) step_ms: i64,
    /// When an instant query is evaluated.
    pub(in crate::portal) at_ms: i64,
}

/// A query that will not be evaluated, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) output: Output,
    pub(super) message: String,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) jobs: Vec<Job>,
    pub(super) refusals: Vec<Refusal>,
}

/// The data sources as a plan needs them.
#[derive(Debug)]
pub(in crate::portal::ui) struct Sources {
    sources: Vec<Source>,
    scrape_interval_ms: i64,
}

#[derive(Debug)]
struct Source {
    uid: String,
    name: String,
    is_default: bool,
    /// `Err` says why nobody can be asked.
    asked: Result<Asked, String>,
    scrape_interval_ms: Option<i64>,
}

impl Sources {
    pub(in crate::portal::ui) async fn load(
        state: &PortalState,
        visitor: &Visitor,
    ) -> Result<Self, ApiError> {
        let mut rows = state.tables.data_sources(visitor.org()).await?;
        let access = state.access(visitor).await?;
        rows.retain(|row| access.data_source(&row.source.uid).is_some());
        let source = |row: &DataSourceRow| Source {
            uid: row.source.uid.clone(),
            name: row.source.name.clone(),
            is_default: row.source.is_default,
            asked: asked(state, visitor, row),
            scrape_interval_ms: json_data(&row.source.json_data)["timeInterval"]
                .as_str()
                .and_then(duration_ms),
        };
        let scrape_interval_ms = state.config.scrape_interval_ms;
        Ok(Self { sources: rows.iter().map(source).collect(), scrape_interval_ms })
    }

    /// Who answers for a source, and the scrape interval behind it; otherwise why nobody does.
    pub(in crate::portal::ui) fn resolve(
        &self,
        named: Option<&str>,
    ) -> Result<(&Asked, i64), String> {
        let named = named.unwrap_or_default();
        let found = match named {
            "" | "default" => self.sources.iter().find(|source| source.is_default),
            _ => self
                .sources
                .iter()
                .find(|source| source.uid == named)
                .or_else(|| self.sources.iter().find(|source| source.name == named)),
        };
        let source = found.ok_or_else(|| format!("data source {named:?} not found"))?;
        let asked = source.asked.as_ref().map_err(Clone::clone)?;
        Ok((asked, source.scrape_interval_ms.unwrap_or(self.scrape_interval_ms)))
    }
}

fn asked(state: &PortalState, visitor: &Visitor, row: &DataSourceRow) -> Result<Asked, String> {
    if state.is_own(row) {
        let scope = own::scope(state, visitor, row).map_err(|error| error.message)?;
        return Ok(Asked::Engine(scope));
    }
    if !speaks_promql(&row.source.kind) {
        return Err(not_shown(&row.source.kind));
    }
    Ok(Asked::Elsewhere(Arc::new(row.clone())))
}

/// Why a source is not asked. The page knows by these words that the source may well answer.
fn not_shown(kind: &str) -> String {
    format!("panels cannot show data sources of type {kind:?} yet")
}

/// Whose answer, to what, without what is held of it already.
type Question = ((i64, String), Ask, Option<Held>);

/// Errors: 400 when the request is beyond the limits, which name their settings.
pub(super) fn plan(
    request: QueryRequest,
    sources: &Sources,
    config: &PortalConfig,
) -> Result<Plan, ApiError> {
    let range = request.range;
    if range.from > range.to || range.to.checked_sub(range.from).is_none() {
        return Err(ApiError::bad_request("range.from must not be after range.to"));
    }
    let queries: usize = request.panels.iter().map(|panel| panel.queries.len()).sum();
    let limits = [
        ("panels", request.panels.len(), config.panels_max, "limits.ui_panels_max"),
        ("queries", queries, config.queries_max, "limits.ui_queries_max"),
    ];
    for (what, count, max, setting) in limits {
        if count > max {
            return Err(ApiError::bad_request(format!(
                "{count} {what} in one request, the limit is {max} (raise {setting})"
            )));
        }
    }
    let mut plan = Plan::default();
    let mut known: HashMap<Question, usize> = HashMap::new();
    for panel in request.panels {
        for query in &panel.queries {
            let mut output = Output {
                id: panel.id.clone(),
                ref_id: query.ref_id.clone(),
                legend: query.legend_format.clone().unwrap_or_default(),
                mark: None,
            };
            let (of, scrape_interval_ms) = match sources.resolve(query.datasource.as_deref()) {
                Ok(found) => found,
                Err(message) => {
                    plan.refusals.push(Refusal { output, message });
                    continue;
                }
            };
            let ask = ask(&panel, query, (range.from, range.to), scrape_interval_ms, config);
            output.mark = ask.range.then(|| mark(of, &ask, &output.legend));
            let have = query.have.as_ref().zip(output.mark);
            let held = have.and_then(|(have, mark)| held(have, mark, &ask));
            let question = (of.key(), ask, held);
            let index = *known.entry(question).or_insert_with_key(|(_, ask, held)| {
                let (ask, held) = (ask.clone(), *held);
                let job = Job { of: of.clone(), ask, held, outputs: Vec::new() };
                plan.jobs.push(job);
                plan.jobs.len() - 1
            });
            plan.jobs[index].outputs.push(output);
        }
    }
    Ok(plan)
}

fn ask(
    panel: &Panel,
    query: &Query,
    (from, to): (i64, i64),
    scrape_interval_ms: i64,
    config: &PortalConfig,
) -> Ask {
    let range_ms = to - from;
    let asked = query.interval.as_deref().and_then(duration_ms);
    let step_ms = step_ms(&StepRequest {
        range_ms,
        max_data_points: panel.max_data_points.unwrap_or(POINTS_DEFAULT),
        asked_min_ms: asked.or(panel.interval_ms),
        scrape_interval_ms,
        points_max: config.points_max,
    });
    // A query that names its own least step means the interval of its data by it.
    let times =
        Times { step_ms, scrape_interval_ms: asked.unwrap_or(scrape_interval_ms), range_ms };
    // Without range nothing is left to align: equal instant queries fold whatever their step.
    let range = query.range || !query.instant;
    let (start_ms, end_ms) = if range { aligned(from, to, step_ms) } else { (to, to) };
    Ask {
        expr: fill_in(&query.expr, &times).into_owned(),
        instant: query.instant,
        range,
        start_ms,
        end_ms,
        step_ms: if range { step_ms } else { 0 },
        at_ms: to,
    }
}

/// A duration as data sources and queries have it: `15s`, also with Grafana's leading `>`.
pub(super) fn duration_ms(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('>').trim();
    let ns = promql_syntax::parse_duration(text).ok()?;
    let ms = ns / 1_000_000;
    (ms > 0).then_some(ms)
}

#[cfg(test)]
mod tests {
    use auth::{Action, Authority, Principal};
    use serde_json::json;

    use super::{Asked, DataSourceRow, Plan, PortalConfig, Source, Sources, plan};

    fn planned(panels: &serde_json::Value) -> Plan {
        let scope = |tenant: &str| {
            let tenant = model::Tenant::parse(tenant).unwrap();
            Authority::default().scope(&Principal::OpenFace, Action::ReadMetrics, tenant).unwrap()
        };
        let source = |uid: &str, is_default, asked| Source {
            uid: uid.to_owned(),
            name: uid.to_uppercase(),
            is_default,
            asked,
            scrape_interval_ms: None,
        };
        let row = DataSourceRow {
            id: 7,
            org_id: 1,
            version: 1,
            source: portal::tables::NewDataSource::default(),
        };
        let sources = Sources {
            sources: vec![
                source("own", true, Ok(Asked::Engine(scope("default")))),
                source("team", false, Ok(Asked::Engine(scope("team-a")))),
                source("far", false, Ok(Asked::Elsewhere(row.into()))),
                source("logs", false, Err("no logs".to_owned())),
            ],
            scrape_interval_ms: 15_000,
        };
        let request = json!({ "range": { "from": 1_000, "to": 3_601_000 }, "panels": panels });
        let request = serde_json::from_value(request).unwrap();
        plan(request, &sources, &PortalConfig::default()).unwrap()
    }

    #[test]
    fn the_page_finds_the_type_of_a_source_that_is_not_asked() {
        // `PanelState.tsx` looks for it between these words.
        let words = "panels cannot show data sources of type \"grafana-athena-datasource\" yet";
        assert_eq!(super::not_shown("grafana-athena-datasource"), words);
    }

    #[test]
    fn equal_queries_become_one_job() {
        let query = |ref_id: &str, expr: &str| json!({ "refId": ref_id, "expr": expr, "range": true, "legendFormat": ref_id });
        let plan = planned(&json!([
            { "id": "1", "maxDataPoints": 500, "queries": [query("A", "up[$__interval]"), query("B", "up[15s]")] },
            { "id": "2", "maxDataPoints": 600, "queries": [query("A", "up[15s]"), query("B", "down")] },
        ]));
        let shown: Vec<_> =
            plan.jobs.iter().map(|job| (&*job.ask.expr, job.outputs.len())).collect();
        assert_eq!(shown, [("up[15s]", 3), ("down", 1)]);
        let ask = &plan.jobs[0].ask;
        assert_eq!((ask.start_ms, ask.end_ms, ask.step_ms), (0, 3_600_000, 15_000));
        assert!(ask.range && !ask.instant);
    }

    #[test]
    fn sources_are_found_by_uid_name_and_default() {
        let query =
            |datasource: &str| json!({ "refId": "A", "expr": "up", "datasource": datasource });
        let plan = planned(&json!([{ "id": "1", "queries": [
            query("own"), query("OWN"), query(""), query("default"), query("logs"), query("none"),
            query("far"), query("team"),
        ] }]));
        assert_eq!(plan.jobs[0].outputs.len(), 4);
        let reasons: Vec<_> = plan.refusals.iter().map(|refusal| &*refusal.message).collect();
        assert_eq!(reasons, ["no logs", "data source \"none\" not found"]);
        // The same words asked of others are other questions.
        assert_eq!(plan.jobs.len(), 3);
    }

    #[test]
    fn an_instant_query_is_evaluated_at_the_end() {
        let plan = planned(&json!([{ "id": "1", "queries": [
            { "refId": "A", "expr": "up", "instant": true },
            { "refId": "B", "expr": "rate(x[$__rate_interval])", "interval": "1m" },
        ] }]));
        let (instant, range) = (&plan.jobs[0].ask, &plan.jobs[1].ask);
        assert!(instant.instant && !instant.range && instant.at_ms == 3_601_000);
        assert_eq!((range.expr.as_str(), range.step_ms), ("rate(x[4m])", 60_000));
    }
}
