//! `info`: adds labels of info series (`target_info` by default) to series of the same target.

use hashbrown::HashMap;
use model::{Labels, LabelsBuilder, METRIC_NAME, MatchOp, Matcher};

use super::arg;
use crate::error::QueryError;
use crate::eval::{Evaluator, Rows, Show, merge_same_labels};
use crate::grid::{Cell, CellValue, Grid, Row, braced, is_absent};
use crate::plan::{CallNode, Hints, Kind, Node, Selector, TimeShift, shared_time};

const DEFAULT_INFO_METRIC: &str = "target_info";
/// Labels that say which target a series is of.
const IDENTIFYING: [&str; 2] = ["instance", "job"];

/// What the second argument asks for.
struct Wanted {
    /// Conditions on the info metrics' names.
    names: Vec<Matcher>,
    /// Conditions on their other labels; only these labels are added, all when there are none.
    data: Vec<Matcher>,
}

impl Wanted {
    fn of(argument: Option<&Node>) -> Self {
        let matchers = match argument.map(|node| &node.unmarked().kind) {
            Some(Kind::Vector(selector)) => selector.matchers.clone(),
            _ => Vec::new(),
        };
        let (mut names, data): (Vec<_>, Vec<_>) =
            matchers.into_iter().partition(|m| m.name() == METRIC_NAME);
        let positive = |m: &Matcher| matches!(m.op(), MatchOp::Equal | MatchOp::Regex);
        if names.is_empty() {
            names.push(Matcher::equal(METRIC_NAME, DEFAULT_INFO_METRIC));
        } else if !names.iter().any(positive) {
            // "Not this one" means any other info metric.
            names.extend(Matcher::new(METRIC_NAME, MatchOp::Regex, ".+_info"));
        }
        Self { names, data }
    }

    fn is_info_metric(&self, labels: &Labels) -> bool {
        let name = labels.metric_name().unwrap_or_default();
        self.names.iter().all(|m| m.matches(name))
    }

    fn takes(&self, label: &str) -> bool {
        self.data.is_empty() || self.data.iter().any(|m| m.name() == label)
    }

    /// Series without info series stay only when nothing was demanded of these.
    fn keeps_unmatched(&self) -> bool {
        self.data.iter().all(Matcher::matches_empty)
    }
}

pub(super) fn info<'a>(
    evaluator: &Evaluator<'a>,
    call: &CallNode,
    grid: &Grid,
) -> Result<Rows<'a>, QueryError> {
    let base = arg(call, 0)?;
    let wanted = Wanted::of(call.args.get(1));
    let time = shared_time(base).unwrap_or_default();
    let rows = evaluator.rows(base, grid)?;
    let infos = info_rows(evaluator, &wanted, &rows, time, grid)?;
    let infos = infos.as_ref().map(|rows| &rows[..]).unwrap_or_default();
    let by_target = InfoSeries::new(infos, grid)?;
    let mut out = Vec::new();
    for row in rows.iter() {
        evaluator.budget.check()?;
        if wanted.is_info_metric(&row.labels) {
            out.push(row.clone());
        } else {
            enrich(row, &by_target, &wanted, &mut out)?;
        }
    }
    out.retain(|row| !row.is_empty());
    evaluator.hold(merge_same_labels(out)?)
}

/// Which of the labels that identify a target are there.
fn presence(labels: &Labels) -> [bool; IDENTIFYING.len()] {
    IDENTIFYING.map(|label| labels.get(label).is_some())
}

/// Info series of the targets that occur; cells hold their samples' times.
fn info_rows<'a>(
    evaluator: &Evaluator<'a>,
    wanted: &Wanted,
    rows: &[Row],
    time: TimeShift,
    grid: &Grid,
) -> Result<Option<Rows<'a>>, QueryError> {
    let own = rows.iter().map(|row| &row.labels).filter(|labels| !wanted.is_info_metric(labels));
    let own: Vec<&Labels> = own.filter(|labels| presence(labels).contains(&true)).collect();
    if own.is_empty() {
        return Ok(None);
    }
    let mut matchers = wanted.names.clone();
    for label in IDENTIFYING {
        // The absent one is the empty one.
        let values = own.iter().map(|labels| labels.get(label).unwrap_or_default());
        let mut values: Vec<&str> = values.collect();
        values.sort_unstable();
        values.dedup();
        let escaped: Vec<String> = values.into_iter().map(regex::escape).collect();
        let matcher = Matcher::new(label, MatchOp::Regex, escaped.join("|"));
        matchers.push(matcher.map_err(|error| QueryError::Execution(error.to_string()))?);
    }
    matchers.extend(wanted.data.iter().cloned());
    let hints = Hints { function: "info".into(), ..Hints::default() };
    let selector =
        Selector { matchers, time, anchored: false, smoothed: false, stats_only: false, hints };
    let infos = evaluator.instant_rows(&selector, grid, Show::TimestampMs)?.into_vec();
    // Of targets that are told apart by other labels nothing is to be known, not even conflicts.
    let is_wanted = |row: &Row| {
        let identified = presence(&row.labels);
        own.iter().any(|labels| presence(labels) == identified)
    };
    evaluator.hold(infos.into_iter().filter(is_wanted).collect()).map(Some)
}

/// The labels that tell targets apart.
fn target(labels: &Labels) -> Labels {
    labels.only(&IDENTIFYING)
}

/// Info series by target and info metric, the newest at every step.
struct InfoSeries<'r> {
    rows: &'r [Row],
    by_target: HashMap<Labels, Vec<Newest>>,
}

/// One info metric of one target.
struct Newest {
    metric: String,
    /// Per step, the index of the row to use.
    at: Vec<Option<u32>>,
}

impl<'r> InfoSeries<'r> {
    fn new(rows: &'r [Row], grid: &Grid) -> Result<Self, QueryError> {
        let mut by_target: HashMap<Labels, Vec<Newest>> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            let metric = row.labels.metric_name().unwrap_or_default();
            let metrics = by_target.entry(target(&row.labels)).or_default();
            let at = metrics.iter().position(|m| m.metric == metric).unwrap_or_else(|| {
                metrics.push(Newest { metric: metric.to_owned(), at: vec![None; grid.steps] });
                metrics.len() - 1
            });
            for (step, t_ms) in row.values.iter().enumerate().filter(|(_, v)| !is_absent(**v)) {
                let known = metrics[at].at[step].map(|other| &rows[other as usize]);
                let known_t_ms = known.map_or(f64::NEG_INFINITY, |other| other.values[step]);
                if let Some(other) = known.filter(|_| known_t_ms == *t_ms) {
                    return Err(QueryError::Execution(format!(
                        "found duplicate series for info metric: existing {} @ {t_ms}, new {} @ {t_ms}",
                        braced(&other.labels),
                        braced(&row.labels)
                    )));
                }
                if *t_ms > known_t_ms {
                    metrics[at].at[step] = Some(index as u32);
                }
            }
        }
        Ok(Self { rows, by_target })
    }
}

/// One row per combination of info series that the row meets over time.
fn enrich(
    row: &Row,
    infos: &InfoSeries<'_>,
    wanted: &Wanted,
    out: &mut Vec<Row>,
) -> Result<(), QueryError> {
    let metrics = infos.by_target.get(&target(&row.labels)).map(Vec::as_slice).unwrap_or_default();
    let mut known: Vec<(Vec<u32>, usize)> = Vec::new();
    for step in 0..row.values.len() {
        let value = match row.cell(step) {
            Cell::Absent => continue,
            Cell::Float(v) => CellValue::Float(v),
            Cell::Histogram(h) => CellValue::Histogram(h.clone()),
        };
        let met: Vec<u32> = metrics.iter().filter_map(|metric| metric.at[step]).collect();
        if met.is_empty() && !wanted.keeps_unmatched() {
            continue;
        }
        let index =
            if let Some((_, index)) = known.iter().find(|(combination, _)| *combination == met) {
                *index
            } else {
                let info_labels = met.iter().map(|i| &infos.rows[*i as usize].labels);
                let labels = enriched_labels(&row.labels, info_labels, wanted)?;
                let absent = Row::absent(labels, row.values.len());
                out.push(Row { drop_name: row.drop_name, ..absent });
                known.push((met, out.len() - 1));
                out.len() - 1
            };
        out[index].set(step, value);
    }
    Ok(())
}

fn enriched_labels<'l>(
    base: &Labels,
    infos: impl Iterator<Item = &'l Labels>,
    wanted: &Wanted,
) -> Result<Labels, QueryError> {
    let mut added = LabelsBuilder::default();
    for info in infos {
        for (name, value) in info {
            if name == METRIC_NAME || !wanted.takes(name) {
                continue;
            }
            if added.get(name).is_some_and(|other| other != value) {
                return Err(QueryError::Execution(format!("conflicting label: {name}")));
            }
            if base.get(name).is_none() {
                added.set(name, value);
            }
        }
    }
    let mut builder = LabelsBuilder::default();
    builder.reset_to(base);
    for (name, value) in added.iter() {
        builder.set(name, value);
    }
    Ok(builder.build())
}
