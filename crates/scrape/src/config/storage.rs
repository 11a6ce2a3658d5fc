//! `storage`, `otlp` and `runtime`: settings of the server itself.

use std::time::Duration;

use super::section::{Result, Section, fail};
use super::yaml::Node;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StorageConfig {
    pub out_of_order_time_window: Duration,
    pub retention_time: Option<Duration>,
    pub retention_bytes: Option<u64>,
    pub retention_percentage: Option<f64>,
    pub exemplars_max: Option<i64>,
}

impl StorageConfig {
    pub(crate) fn read(node: &Node) -> Result<Self> {
        let mut config = Self::default();
        let mut section = Section::of(node, "config.StorageConfig")?;
        if let Some(node) = section.get("exemplars") {
            let mut inner = Section::of(node, "config.ExemplarsConfig")?;
            config.exemplars_max = inner.int("max_exemplars")?;
            inner.finish()?;
        }
        if let Some(node) = section.get("tsdb") {
            config.read_tsdb(node)?;
        }
        section.finish()?;
        Ok(config)
    }

    fn read_tsdb(&mut self, node: &Node) -> Result<()> {
        let mut section = Section::of(node, "config.TSDBConfig")?;
        self.out_of_order_time_window =
            section.duration("out_of_order_time_window")?.unwrap_or_default();
        section.float("stale_series_compaction_threshold")?;
        if let Some(node) = section.get("chunk_encoding") {
            let mut inner = Section::of(node, "config.ChunkEncodingConfig")?;
            let floats = inner.string_or_empty("floats")?;
            if !matches!(floats.as_str(), "" | "xor" | "xor2") {
                return inner.fail("floats", format!("'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got {floats:?}"));
            }
            inner.finish()?;
        }
        if let Some(node) = section.get("retention") {
            let mut inner = Section::of(node, "config.TSDBRetentionConfig")?;
            self.retention_time = inner.duration("time")?;
            self.retention_bytes = inner.bytes("size")?;
            self.retention_percentage = inner.float("percentage")?;
            if let Some(p) = self.retention_percentage.filter(|p| !(0.0..=100.0).contains(p)) {
                return inner.fail(
                    "percentage",
                    format!(
                        "'storage.tsdb.retention.percentage' must be in the range [0, 100], got {p}"
                    ),
                );
            }
            inner.finish()?;
        }
        section.finish()
    }
}

/// How OpenTelemetry metrics become Prometheus series.
#[expect(clippy::struct_excessive_bools, reason = "the file format has these switches")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpConfig {
    pub promote_all_resource_attributes: bool,
    pub promote_resource_attributes: Vec<String>,
    pub ignore_resource_attributes: Vec<String>,
    pub translation_strategy: String,
    pub keep_identifying_resource_attributes: bool,
    pub convert_histograms_to_nhcb: bool,
    pub promote_scope_metadata: bool,
    pub label_name_underscore_sanitization: bool,
    pub label_name_preserve_multiple_underscores: bool,
}

impl Default for OtlpConfig {
    fn default() -> Self {
        Self {
            promote_all_resource_attributes: false,
            promote_resource_attributes: Vec::new(),
            ignore_resource_attributes: Vec::new(),
            translation_strategy: "UnderscoreEscapingWithSuffixes".into(),
            keep_identifying_resource_attributes: false,
            convert_histograms_to_nhcb: false,
            promote_scope_metadata: false,
            label_name_underscore_sanitization: true,
            label_name_preserve_multiple_underscores: true,
        }
    }
}

impl OtlpConfig {
    /// `utf8`: whether names outside the legacy alphabet are allowed.
    pub(crate) fn read(node: &Node, utf8: bool) -> Result<Self> {
        let default = Self::default();
        let mut section = Section::of(node, "config.OTLPConfig")?;
        let config = Self {
            promote_all_resource_attributes: section
                .boolean("promote_all_resource_attributes")?
                .unwrap_or(false),
            promote_resource_attributes: trimmed(&section.strings("promote_resource_attributes")?),
            ignore_resource_attributes: trimmed(&section.strings("ignore_resource_attributes")?),
            translation_strategy: section
                .string("translation_strategy")?
                .unwrap_or(default.translation_strategy),
            keep_identifying_resource_attributes: section
                .boolean("keep_identifying_resource_attributes")?
                .unwrap_or(false),
            convert_histograms_to_nhcb: section
                .boolean("convert_histograms_to_nhcb")?
                .unwrap_or(false),
            promote_scope_metadata: section.boolean("promote_scope_metadata")?.unwrap_or(false),
            label_name_underscore_sanitization: section
                .boolean("label_name_underscore_sanitization")?
                .unwrap_or(true),
            label_name_preserve_multiple_underscores: section
                .boolean("label_name_preserve_multiple_underscores")?
                .unwrap_or(true),
        };
        let strategy = config.translation_strategy.as_str();
        match strategy {
            "" | "UnderscoreEscapingWithSuffixes" | "UnderscoreEscapingWithoutSuffixes" => {}
            "NoTranslation" | "NoUTF8EscapingWithSuffixes" if utf8 => {}
            "NoTranslation" | "NoUTF8EscapingWithSuffixes" => {
                return section.fail("translation_strategy", format!("OTLP translation strategy {strategy:?} is not allowed when UTF8 is disabled"));
            }
            _ => {
                return section.fail(
                    "translation_strategy",
                    format!("unsupported OTLP translation strategy {strategy:?}"),
                );
            }
        }
        let checked = if config.promote_all_resource_attributes {
            if !config.promote_resource_attributes.is_empty() {
                return fail(
                    node,
                    "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously",
                );
            }
            check_attributes(
                &config.ignore_resource_attributes,
                "ignored",
                "ignore_resource_attributes",
            )
        } else {
            if !config.ignore_resource_attributes.is_empty() {
                return fail(
                    node,
                    "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true",
                );
            }
            check_attributes(
                &config.promote_resource_attributes,
                "promoted",
                "promote_resource_attributes",
            )
        };
        checked.or_else(|message| fail(node, message))?;
        section.finish()?;
        Ok(config)
    }
}

fn trimmed(attributes: &[String]) -> Vec<String> {
    attributes.iter().map(|text| text.trim().to_owned()).collect()
}

fn check_attributes(attributes: &[String], adjective: &str, key: &str) -> Result<(), String> {
    let mut problems = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for attribute in attributes.iter().map(String::as_str) {
        if attribute.is_empty() {
            problems.push(format!("empty {adjective} OTel resource attribute"));
        } else if seen.contains(&attribute) {
            problems.push(format!("duplicated {adjective} OTel resource attribute {attribute:?}"));
        }
        seen.push(attribute);
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("invalid '{key}': {}", problems.join("\n")))
    }
}
