//! Queries to Prometheus and what speaks as it: in process where it is us, else over HTTP. Both
//! end in a [`Reply`], of which `frames` makes what Grafana shows.

mod exemplars;
mod foreign;
mod frames;
mod own;
mod plan;
pub(super) mod read;

use model::Labels;
use portal::tables::DataSourceRow;
use query::Cancel;

use super::Context;
use super::frame::Notice;
use super::outcome::Outcome;
use super::wire::Query;
use crate::portal::guard::Visitor;
use crate::portal::state::PortalState;
use crate::portal::ui::Ask;

pub(super) use frames::{Naming, frames};

/// What a Prometheus answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::portal) struct Reply {
    pub(in crate::portal) kind: Kind,
    pub(in crate::portal) series: Vec<Series>,
    /// Of a string.
    pub(in crate::portal) text: String,
    pub(in crate::portal) notices: Vec<Notice>,
}

impl Reply {
    /// One value of the expression itself.
    pub(in crate::portal) fn is_scalar(&self) -> bool {
        self.kind == Kind::Scalar
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::portal) enum Kind {
    #[default]
    Matrix,
    Vector,
    Scalar,
    String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::portal) struct Series {
    pub(in crate::portal) labels: Labels,
    /// Unix milliseconds, as many as values.
    pub(in crate::portal) t_ms: Vec<i64>,
    pub(in crate::portal) v: Vec<f64>,
    /// Native histograms.
    pub(in crate::portal) cells: Cells,
}

/// Buckets of histograms: columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::portal) struct Cells {
    pub(in crate::portal) t_ms: Vec<i64>,
    pub(in crate::portal) lower: Vec<f64>,
    pub(in crate::portal) upper: Vec<f64>,
    pub(in crate::portal) count: Vec<f64>,
    /// Which bounds are inclusive, in Prometheus' code.
    pub(in crate::portal) layout: Vec<i8>,
}

impl Cells {
    fn push(&mut self, t_ms: i64, (lower, upper, count): (f64, f64, f64), layout: i8) {
        self.t_ms.push(t_ms);
        self.lower.push(lower);
        self.upper.push(upper);
        self.count.push(count);
        self.layout.push(layout);
    }
}

/// The source is this process.
pub(super) async fn ask_own(context: &Context, row: &DataSourceRow, query: &Query) -> Outcome {
    let plan = plan::plan(query, row, context.state.config.scrape_interval_ms)?;
    let scope = super::super::own::scope(&context.state, &context.visitor, row)?;
    let mut all = own::evaluate(context, &scope, &plan).await?;
    if plan.exemplar {
        all.extend(exemplars::of_own(context, scope, &plan).await);
    }
    Ok(all)
}

/// The source is a server elsewhere.
pub(super) async fn ask_foreign(context: &Context, row: &DataSourceRow, query: &Query) -> Outcome {
    let plan = plan::plan(query, row, FOREIGN_SCRAPE_INTERVAL_MS)?;
    let mut all = Vec::new();
    for question in plan::questions(&plan.ask()) {
        let reply = foreign::ask(context, row, question).await?;
        all.extend(frames(reply, &plan.naming(), plan.step_ms));
    }
    if plan.exemplar {
        all.extend(exemplars::of_foreign(context, row, &plan).await);
    }
    Ok(all)
}

/// What a server elsewhere answered to a panel of our own pages.
pub(in crate::portal) struct Elsewhere {
    pub(in crate::portal) range: Option<Reply>,
    pub(in crate::portal) instant: Option<Reply>,
    /// Warnings.
    pub(in crate::portal) notices: Vec<String>,
}

/// Asks a server elsewhere for a panel; the error is for whoever looks at it.
pub(in crate::portal) async fn ask_elsewhere(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    ask: &Ask,
) -> Result<Elsewhere, String> {
    let context =
        Context { state: state.clone(), visitor: visitor.clone(), cancel: Cancel::default() };
    let mut answer = Elsewhere { range: None, instant: None, notices: Vec::new() };
    for question in plan::questions(ask) {
        let is_range = question.path == plan::RANGE_PATH;
        let asked = foreign::ask(&context, row, question).await;
        let reply = asked.map_err(|failure| failure.text)?;
        let warnings = reply.notices.iter().filter(|notice| notice.severity == "warning");
        answer.notices.extend(warnings.map(|notice| notice.text.clone()));
        *(if is_range { &mut answer.range } else { &mut answer.instant }) = Some(reply);
    }
    answer.notices.dedup();
    Ok(answer)
}

/// Names from a server elsewhere: of labels, or of the values of one. `selector` may be empty;
/// `range_ms` is Unix milliseconds. The error is for whoever looks at the dashboard.
pub(in crate::portal) async fn names_elsewhere(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    path: &str,
    selector: &str,
    range_ms: (i64, i64),
) -> Result<Vec<String>, String> {
    super::super::path::check(path).map_err(|error| error.to_string())?;
    let context =
        Context { state: state.clone(), visitor: visitor.clone(), cancel: Cancel::default() };
    let question = plan::names_question(path, selector, range_ms);
    foreign::names(&context, row, question).await.map_err(|failure| failure.text)
}

/// What Grafana takes for sources that do not say their `timeInterval`.
const FOREIGN_SCRAPE_INTERVAL_MS: i64 = 15_000;
