//! Options of a variable whose data source is a Prometheus elsewhere: the same questions, over HTTP.

use portal::tables::DataSourceRow;

use super::ask::Ask;
use super::{Span, series_text};
use crate::portal::guard::Visitor;
use crate::portal::sources::{self, Reply};
use crate::portal::state::PortalState;
use crate::portal::ui::Ask as Question;

/// The error is for whoever looks at the dashboard.
pub(super) async fn look_up(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    ask: Ask,
    span: Span,
) -> Result<Vec<String>, String> {
    let range_ms = (span.from, span.to);
    match ask {
        Ask::LabelNames(selector) => {
            sources::names_elsewhere(state, visitor, row, "api/v1/labels", &selector, range_ms)
                .await
        }
        Ask::LabelValues { selector, label } => {
            let path = values_path(&label);
            sources::names_elsewhere(state, visitor, row, &path, &selector, range_ms).await
        }
        Ask::Metrics(pattern) => {
            let regex = regex::Regex::new(&pattern).map_err(|error| error.to_string())?;
            let path = values_path("__name__");
            let names = sources::names_elsewhere(state, visitor, row, &path, "", range_ms).await?;
            Ok(names.into_iter().filter(|name| regex.is_match(name)).collect())
        }
        // Those of the moment; what ended before is not asked for.
        Ask::Series(expr) => {
            let answer = instant(state, visitor, row, expr, span).await?;
            Ok(answer.series.iter().map(|one| series_text(&one.labels)).collect())
        }
        Ask::Result(expr) => Ok(texts(&instant(state, visitor, row, expr, span).await?)),
    }
}

/// The answer at the end of the range.
async fn instant(
    state: &PortalState,
    visitor: &Visitor,
    row: &DataSourceRow,
    expr: String,
    span: Span,
) -> Result<Reply, String> {
    let question = Question {
        expr,
        instant: true,
        range: false,
        start_ms: span.to,
        end_ms: span.to,
        step_ms: 0,
        at_ms: span.to,
    };
    let answer = sources::ask_elsewhere(state, visitor, row, &question).await?;
    Ok(answer.instant.unwrap_or_default())
}

/// Label names may have slashes here, which must not become segments there.
fn values_path(label: &str) -> String {
    format!("api/v1/label/{}/values", label.replace('/', "%2F"))
}

/// Series, value and time in a line, as for our own.
fn texts(reply: &Reply) -> Vec<String> {
    if !reply.text.is_empty() {
        return vec![reply.text.clone()];
    }
    let line = |one: &sources::AnsweredSeries| {
        let (t_ms, v) = (one.t_ms.last()?, one.v.last()?);
        Some(if reply.is_scalar() {
            v.to_string()
        } else {
            format!("{} {v} {t_ms}", series_text(&one.labels))
        })
    };
    reply.series.iter().filter_map(line).collect()
}
