//! TraceQL that counts: series over time from Tempo's metrics API.

use model::Labels;
use serde_json::Value;

use super::super::fetch::Question;
use super::super::frame::{Column, Field, Frame, Meta};
use super::super::interval::duration_ms;
use super::super::wire::{Query, text as text_of};
use super::otlp::{list, plain, text, whole};
use crate::portal::ui::legend_name;

/// What turns spans into series, at the end of a pipeline.
const FUNCTIONS: [&str; 9] = [
    "rate",
    "count_over_time",
    "min_over_time",
    "max_over_time",
    "avg_over_time",
    "sum_over_time",
    "quantile_over_time",
    "histogram_over_time",
    "compare",
];

/// Whether a query asks for series: one of its stages, outside of texts, calls such a function.
pub(super) fn counts(query: &str) -> bool {
    let mut in_text = None;
    let mut plain = String::with_capacity(query.len());
    for c in query.chars() {
        match (in_text, c) {
            (None, '"' | '`') => in_text = Some(c),
            (Some(quote), c) if c == quote => in_text = None,
            (None, c) => plain.push(c),
            (Some(_), _) => {}
        }
    }
    plain.split('|').skip(1).any(|stage| {
        let name = stage.split('(').next().unwrap_or_default().trim();
        FUNCTIONS.contains(&name)
    })
}

pub(super) fn question(query: &Query, words: &str) -> Question {
    let mut form = vec![
        ("q", words.to_owned()),
        ("start", (query.from_ms / 1000).to_string()),
        ("end", (query.to_ms / 1000).to_string()),
    ];
    let step_ms = duration_ms(text_of(&query.model, "step"))
        .unwrap_or_else(|| query.interval_ms.max((query.to_ms - query.from_ms) / 1000))
        .max(1000);
    form.push(("step", format!("{}s", step_ms / 1000)));
    Question { path: "api/metrics/query_range".to_owned(), form, ..Question::default() }
}

/// `{"series":[{"labels":[{"key":…,"value":…}],"samples":[{"timestampMs":…,"value":…}]}]}`
pub(super) fn frames(value: &Value, legend: &str) -> Vec<Frame> {
    let frame = |series: &Value| {
        let labels: Vec<(String, String)> = list(series, "labels")
            .map(|pair| {
                let value = plain(&pair["value"]);
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (text(pair, "key").to_owned(), value)
            })
            .collect();
        let labels = Labels::from_pairs(labels.iter().map(|(name, value)| (name, value)));
        let (mut times, mut values) = (Vec::new(), Vec::new());
        for sample in list(series, "samples") {
            times.push(whole(sample, "timestampMs"));
            values.push(sample["value"].as_f64().unwrap_or(0.0));
        }
        let shown = legend_name(legend, &labels, text(series, "promLabels"));
        let mut field = Field::labelled("value", labels, Column::Number(values));
        field.config.display_name = shown;
        let time = Field::new("time", Column::Time(times));
        let meta = Meta { kind: Some("timeseries-multi"), ..Meta::default() };
        Frame { meta, fields: vec![time, field], ..Frame::default() }
    };
    list(value, "series").map(frame).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::frame::Column;
    use super::{counts, frames};

    #[test]
    fn counting_queries_are_told_from_searches() {
        for (query, want) in [
            ("{} | rate()", true),
            ("{ span.a = `x` } | quantile_over_time(duration, .9) by (b)", true),
            ("{}|count_over_time()", true),
            ("{ name = \"a | rate()\" }", false),
            ("{} | count() > 2", false),
            ("{}", false),
            ("rate()", false),
            ("", false),
        ] {
            assert_eq!(counts(query), want, "{query}");
        }
    }

    #[test]
    fn series_are_frames() {
        let body = json!({ "series": [{
            "labels": [{ "key": "service", "value": { "stringValue": "shop" } }],
            "samples": [{ "timestampMs": "1000", "value": 0.5 }, { "timestampMs": 2000 }],
        }] });
        let frames = frames(&body, "");
        assert_eq!(frames[0].fields[0].column, Column::Time(vec![1000, 2000]));
        assert_eq!(frames[0].fields[1].column, Column::Number(vec![0.5, 0.0]));
        assert_eq!(frames[0].fields[1].config.display_name, "{service=\"shop\"}");
    }
}
