//! Experimental features under Prometheus' names.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::file::nearest;

/// A feature of the reference; those that change something here have a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    ExperimentalFunctions,
    BinopFillModifiers,
    UnquotedUtf8Names,
    DelayedNameRemoval,
    UseStartTimestamps,
    /// As `ingest.created_timestamp_zero`.
    CreatedTimestampZero,
    /// Always on, or nothing that there is here; by its name.
    Other(&'static str),
}

const EFFECTIVE: [(&str, Feature); 6] = [
    ("promql-experimental-functions", Feature::ExperimentalFunctions),
    ("promql-binop-fill-modifiers", Feature::BinopFillModifiers),
    ("promql-unquoted-utf8-names", Feature::UnquotedUtf8Names),
    ("promql-delayed-name-removal", Feature::DelayedNameRemoval),
    ("use-start-timestamps", Feature::UseStartTimestamps),
    ("created-timestamp-zero-ingestion", Feature::CreatedTimestampZero),
];

/// Source: Prometheus 3.16, `--enable-feature`.
const OTHERS: [&str; 30] = [
    "auto-gomaxprocs",
    "auto-gomemlimit",
    "auto-reload-config",
    "concurrent-rule-eval",
    "delayed-compaction",
    "exemplar-storage",
    "extra-scrape-metrics",
    "fast-startup",
    "histograms-st-encoding",
    "memory-snapshot-on-shutdown",
    "metadata-wal-records",
    "native-histograms",
    "old-ui",
    "ooo-native-histograms",
    "openmetrics2",
    "otlp-deltatocumulative",
    "otlp-native-delta-ingestion",
    "promql-at-modifier",
    "promql-duration-expr",
    "promql-extended-range-selectors",
    "promql-negative-offset",
    "promql-per-step-stats",
    "query-cost",
    "search-api",
    "st-storage",
    "st-synthesis",
    "type-and-unit-labels",
    "use-uncached-io",
    "xor2-encoding",
    "zstd-scrape",
];

impl Feature {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Other(name) => name,
            known => EFFECTIVE.iter().find(|(_, feature)| *feature == known).map_or("", |f| f.0),
        }
    }
}

impl FromStr for Feature {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, feature)) = EFFECTIVE.iter().find(|(name, _)| *name == text) {
            return Ok(*feature);
        }
        if let Some(name) = OTHERS.iter().find(|name| **name == text) {
            return Ok(Self::Other(name));
        }
        let near = nearest(text, EFFECTIVE.iter().map(|(name, _)| *name).chain(OTHERS));
        let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
        Err(format!("unknown feature {text:?}{hint}"))
    }
}

impl Serialize for Feature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Feature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Feature;

    #[test]
    fn names_are_the_references() {
        let check = |name: &str, want: Feature| {
            let feature: Feature = name.parse().unwrap();
            assert_eq!((feature, feature.name()), (want, name));
        };
        check("promql-binop-fill-modifiers", Feature::BinopFillModifiers);
        check("promql-unquoted-utf8-names", Feature::UnquotedUtf8Names);
        check("created-timestamp-zero-ingestion", Feature::CreatedTimestampZero);
        check("exemplar-storage", Feature::Other("exemplar-storage"));
        // Always on.
        check("promql-duration-expr", Feature::Other("promql-duration-expr"));
        let extended = "promql-extended-range-selectors";
        check(extended, Feature::Other(extended));
        let error = "promql-duration".parse::<Feature>().unwrap_err();
        assert!(error.contains("did you mean"), "{error}");
    }
}
