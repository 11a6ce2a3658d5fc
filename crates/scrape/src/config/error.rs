//! What is wrong with a configuration, and in which line of which file.

use std::path::{Path, PathBuf};

/// A configuration that cannot be used. The message is the reference's where it has one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{message}", file.as_ref().map(|f| format!("parsing YAML file {}: ", f.display())).unwrap_or_default(), line.map(|l| format!("line {l}: ")).unwrap_or_default())]
pub struct ConfigError {
    pub file: Option<PathBuf>,
    /// Counted from one; absent when the message has its own or no place can be named.
    pub line: Option<usize>,
    pub message: String,
}

impl ConfigError {
    pub(crate) fn at(line: usize, message: String) -> Self {
        let line = (!message.contains("\n  line ")).then_some(line);
        Self { file: None, line, message }
    }

    pub(crate) fn in_file(mut self, file: &Path) -> Self {
        self.file.get_or_insert_with(|| file.to_owned());
        self
    }
}

/// A key that is understood but has no effect yet; worth telling, never fatal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub line: usize,
    /// Where it stands, e.g. `scrape_configs[job].kubernetes_sd_configs`.
    pub key: String,
    pub text: String,
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.key, self.text)
    }
}
