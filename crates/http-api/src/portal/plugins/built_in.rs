//! What Grafana calls plug-ins and this binary brings along, as data.

/// A panel or a kind of data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plugin {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Comes with Grafana itself; the others are downloaded there.
    pub(super) is_core: bool,
    pub(super) category: &'static str,
    pub(super) description: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Panel,
    DataSource,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::DataSource => "datasource",
        }
    }
}

const fn panel(id: &'static str, name: &'static str, description: &'static str) -> Plugin {
    Plugin { id, name, kind: Kind::Panel, is_core: true, category: "", description }
}

const fn source(
    id: &'static str,
    name: &'static str,
    category: &'static str,
    description: &'static str,
) -> Plugin {
    Plugin { id, name, kind: Kind::DataSource, is_core: true, category, description }
}

const fn extra(plugin: Plugin) -> Plugin {
    Plugin { is_core: false, ..plugin }
}

pub(super) const PLUGINS: &[Plugin] = &[
    panel("timeseries", "Time series", "Lines, bars and points over time"),
    panel("stat", "Stat", "Large numbers with an optional sparkline"),
    panel("gauge", "Gauge", "A value on a round scale"),
    panel("bargauge", "Bar gauge", "Values as bars"),
    panel("table", "Table", "Rows and columns"),
    panel("piechart", "Pie chart", "Shares of a whole"),
    panel("barchart", "Bar chart", "Bars by category"),
    panel("histogram", "Histogram", "How often values occur"),
    panel("heatmap", "Heatmap", "Buckets over time as colours"),
    panel("state-timeline", "State timeline", "Spans of states over time"),
    panel("status-history", "Status history", "States at regular moments"),
    panel("candlestick", "Candlestick", "Opening, closing, highest and lowest values"),
    panel("trend", "Trend", "Values over a number that is not time"),
    panel("xychart", "XY chart", "One value over another"),
    panel("text", "Text", "Markdown and HTML"),
    panel("dashlist", "Dashboard list", "Dashboards by star, tag and search"),
    panel("annolist", "Annotations list", "Annotations by tag and author"),
    panel("alertlist", "Alert list", "Alerts and their states"),
    panel("news", "News", "A feed; none is fetched from foreign servers"),
    panel("logs", "Logs", "Log lines"),
    panel("traces", "Traces", "The spans of a trace"),
    panel("flamegraph", "Flame graph", "Stacks of a profile"),
    panel("nodeGraph", "Node graph", "Nodes and the edges between them"),
    panel("geomap", "Geomap", "Points on a map"),
    panel("canvas", "Canvas", "Elements placed freely"),
    panel("graph", "Graph (old)", "The graph of older dashboards, shown as time series"),
    panel("singlestat", "Singlestat (old)", "The number of older dashboards, shown as stat"),
    panel("table-old", "Table (old)", "The table of older dashboards, shown as table"),
    source("prometheus", "Prometheus", "tsdb", "Metrics by PromQL"),
    source("loki", "Loki", "logging", "Logs by LogQL"),
    source("tempo", "Tempo", "tracing", "Traces by TraceQL"),
    source("jaeger", "Jaeger", "tracing", "Traces"),
    source("zipkin", "Zipkin", "tracing", "Traces"),
    source("alertmanager", "Alertmanager", "", "Alerts, groups and silences"),
    source("mixed", "-- Mixed --", "", "A source of its own for each query"),
    source("dashboard", "-- Dashboard --", "", "What another panel has already asked"),
    source("grafana", "-- Grafana --", "", "Annotations and samples of the server itself"),
    source("grafana-testdata-datasource", "TestData", "other", "Made-up data"),
    extra(panel("grafana-clock-panel", "Clock", "The time, or the time until an event")),
    extra(panel("grafana-piechart-panel", "Pie Chart", "The pie chart of older dashboards")),
    extra(source("grafana-simple-json-datasource", "SimpleJson", "other", "JSON from a server")),
];

/// Names that older dashboards and scripts use.
const ALIASES: [(&str, &str); 2] = [
    ("testdata", "grafana-testdata-datasource"),
    ("testdata-datasource", "grafana-testdata-datasource"),
];

pub(super) fn plugin(id: &str) -> Option<&'static Plugin> {
    let id = ALIASES.iter().find(|(alias, _)| *alias == id).map_or(id, |(_, id)| id);
    PLUGINS.iter().find(|plugin| plugin.id == id)
}

#[cfg(test)]
mod names {
    use super::{ALIASES, PLUGINS, plugin};

    #[test]
    fn ids_are_found_and_unlike() {
        let mut seen = std::collections::HashSet::new();
        for one in PLUGINS {
            assert!(seen.insert(one.id), "{} is there twice", one.id);
            assert_eq!(plugin(one.id), Some(one));
        }
        for (alias, id) in ALIASES {
            assert_eq!(plugin(alias).unwrap().id, id);
        }
        assert_eq!(plugin("../prometheus"), None);
    }
}
