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

use super::Context;
use super::frame::Notice;
use super::outcome::Outcome;
use super::wire::Query;

pub(super) use frames::{Naming, frames};

/// What a Prometheus answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reply {
    pub(super) kind: Kind,
    pub(super) series: Vec<Series>,
    /// Of a string.
    pub(super) text: String,
    pub(super) notices: Vec<Notice>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Matrix,
    Vector,
    Scalar,
    String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Series {
    pub(super) labels: Labels,
    /// Unix milliseconds, as many as values.
    pub(super) t_ms: Vec<i64>,
    pub(super) v: Vec<f64>,
    /// Native histograms.
    pub(super) cells: Cells,
}

/// Buckets of histograms: columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cells {
    pub(super) t_ms: Vec<i64>,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) count: Vec<f64>,
    /// Which bounds are inclusive, in Prometheus' code.
    pub(super) layout: Vec<i8>,
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
    for question in plan.questions() {
        let reply = foreign::ask(context, row, question).await?;
        all.extend(frames(reply, &plan.naming(), plan.step_ms));
    }
    if plan.exemplar {
        all.extend(exemplars::of_foreign(context, row, &plan).await);
    }
    Ok(all)
}

/// What Grafana takes for sources that do not say their `timeInterval`.
const FOREIGN_SCRAPE_INTERVAL_MS: i64 = 15_000;
