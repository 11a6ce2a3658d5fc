//! From a Prometheus' answer to Grafana's frames: one per series.
//! Source: Grafana's data plane contract, kinds `timeseries-multi` and `numeric-multi` 0.1.

use model::Labels;
use serde_json::{Map, Value};

use super::super::frame::{Column, Config, Field, Frame, Meta};
use super::super::interval::in_words;
use super::{Cells, Kind, Reply, Series};
use crate::portal::ui::legend_name;

/// What series are named by.
#[derive(Clone, Copy, Debug)]
pub(in crate::portal::sources::query) struct Naming<'a> {
    pub(in crate::portal::sources::query) expr: &'a str,
    pub(in crate::portal::sources::query) legend: &'a str,
}

/// At least one frame: where there are no series, one that says what was asked.
pub(in crate::portal::sources::query) fn frames(
    reply: Reply,
    naming: &Naming<'_>,
    step_ms: i64,
) -> Vec<Frame> {
    let Reply { kind, series, text, notices } = reply;
    let mut frames: Vec<Frame> = series
        .into_iter()
        .map(|one| {
            if one.cells == Cells::default() {
                line(kind, one, &text, naming, step_ms)
            } else {
                heatmap(one, naming, step_ms)
            }
        })
        .collect();
    if frames.is_empty() {
        let name = if notices.is_empty() { "" } else { "Warnings" };
        frames.push(Frame { name: name.to_owned(), ..Frame::default() });
    }
    for frame in &mut frames {
        frame.meta.notices.clone_from(&notices);
    }
    frames[0].meta.executed_query_string =
        format!("Expr: {}\nStep: {}", naming.expr, in_words(step_ms));
    frames
}

fn line(kind: Kind, series: Series, text: &str, naming: &Naming<'_>, step_ms: i64) -> Frame {
    let Series { labels, t_ms, v, .. } = series;
    let (meta_kind, version, word) = match kind {
        Kind::Matrix => ("timeseries-multi", [0, 1], "matrix"),
        Kind::Vector => ("numeric-multi", [0, 1], "vector"),
        Kind::Scalar => ("numeric-multi", [0, 1], "scalar"),
        Kind::String => ("timeseries-multi", [0, 0], "string"),
    };
    let mut custom = Map::new();
    custom.insert("resultType".to_owned(), word.into());
    if kind == Kind::Matrix {
        custom.insert("calculatedMinStep".to_owned(), step_ms.into());
    }
    let column = match kind {
        Kind::String => Column::Text(vec![text.to_owned()]),
        Kind::Matrix | Kind::Vector | Kind::Scalar => Column::Number(v),
    };
    let name = labels.metric_name().unwrap_or("Value").to_owned();
    let shown = display_name(&labels, naming);
    let mut value = Field::labelled(name, labels, column);
    value.config.display_name = shown;
    Frame {
        name: String::new(),
        meta: Meta { kind: Some(meta_kind), type_version: version, custom, ..Meta::default() },
        fields: vec![time("Time", t_ms, step_ms), value],
    }
}

/// Native histograms: a cell per bucket.
fn heatmap(series: Series, naming: &Naming<'_>, step_ms: i64) -> Frame {
    let Cells { t_ms, lower, upper, count, layout } = series.cells;
    let shown = display_name(&series.labels, naming);
    let mut y_min = Field::labelled("yMin", series.labels, Column::Number(lower));
    y_min.config.display_name = shown;
    Frame {
        name: String::new(),
        meta: Meta { kind: Some("heatmap-cells"), ..Meta::default() },
        fields: vec![
            time("xMax", t_ms, step_ms),
            y_min,
            Field::new("yMax", Column::Number(upper)),
            Field::new("count", Column::Number(count)),
            Field::new("yLayout", Column::Small(layout)),
        ],
    }
}

fn time(name: &str, t_ms: Vec<i64>, step_ms: i64) -> Field {
    let config = Config { interval: Some(step_ms), ..Config::default() };
    Field { config, ..Field::new(name, Column::Time(t_ms)) }
}

/// Empty where the panel is to choose the name: `__auto` and labels to choose from.
fn display_name(labels: &Labels, naming: &Naming<'_>) -> String {
    if naming.legend == "__auto" && !labels.is_empty() {
        return String::new();
    }
    legend_name(naming.legend, labels, naming.expr)
}

/// The part of a frame's description that says what kind of answer it is of.
pub(in crate::portal::sources::query) fn result_type(word: &str) -> Map<String, Value> {
    Map::from_iter([("resultType".to_owned(), word.into())])
}
