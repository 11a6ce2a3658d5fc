//! Relabelling: rules that rewrite, keep or drop a label set, on targets, samples and alerts.
//! Source: <https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config>.

use model::LabelsBuilder;
use model::labels::is_plain_label_name;
use model::re2::compile_anchored;
use regex::Regex;

/// Which characters a label name may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameScheme {
    /// Any text that is not empty.
    #[default]
    Utf8,
    /// `[a-zA-Z_][a-zA-Z0-9_]*`
    Legacy,
}

impl NameScheme {
    pub fn allows(self, name: &str) -> bool {
        match self {
            Self::Utf8 => !name.is_empty(),
            Self::Legacy => is_plain_label_name(name),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Replace,
    Keep,
    Drop,
    KeepEqual,
    DropEqual,
    HashMod,
    LabelMap,
    LabelDrop,
    LabelKeep,
    Lowercase,
    Uppercase,
}

impl Action {
    /// Case does not matter.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_lowercase().as_str() {
            "replace" => Self::Replace,
            "keep" => Self::Keep,
            "drop" => Self::Drop,
            "keepequal" => Self::KeepEqual,
            "dropequal" => Self::DropEqual,
            "hashmod" => Self::HashMod,
            "labelmap" => Self::LabelMap,
            "labeldrop" => Self::LabelDrop,
            "labelkeep" => Self::LabelKeep,
            "lowercase" => Self::Lowercase,
            "uppercase" => Self::Uppercase,
            _ => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::KeepEqual => "keepequal",
            Self::DropEqual => "dropequal",
            Self::HashMod => "hashmod",
            Self::LabelMap => "labelmap",
            Self::LabelDrop => "labeldrop",
            Self::LabelKeep => "labelkeep",
            Self::Lowercase => "lowercase",
            Self::Uppercase => "uppercase",
        }
    }

    fn needs_target(self) -> bool {
        use Action::{DropEqual, HashMod, KeepEqual, Lowercase, Replace, Uppercase};
        matches!(self, Replace | HashMod | Lowercase | Uppercase | KeepEqual | DropEqual)
    }
}

/// What a rule is made of, as written; turned into a [`Rule`] once it is known to make sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSpec {
    pub source_labels: Option<Vec<String>>,
    pub separator: String,
    /// `None`: the default, which matches everything in one group.
    pub regex: Option<String>,
    pub modulus: u64,
    pub target_label: String,
    pub replacement: String,
    /// `None` only when built by hand; a configuration file defaults to replace.
    pub action: Option<Action>,
}

const SEPARATOR: &str = ";";
const REPLACEMENT: &str = "$1";

impl Default for RuleSpec {
    fn default() -> Self {
        Self {
            source_labels: None,
            separator: SEPARATOR.into(),
            regex: None,
            modulus: 0,
            target_label: String::new(),
            replacement: REPLACEMENT.into(),
            action: Some(Action::Replace),
        }
    }
}

/// A checked rule with its pattern compiled, anchored at both ends.
#[derive(Clone, Debug)]
pub struct Rule {
    spec: RuleSpec,
    action: Action,
    regex: Regex,
    scheme: NameScheme,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec && self.scheme == other.scheme
    }
}

impl RuleSpec {
    /// Checks the rule; the error is the reference's text.
    pub fn compile(self, scheme: NameScheme) -> Result<Rule, String> {
        let Some(action) = self.action else {
            return Err("relabel action cannot be empty".into());
        };
        self.check(action, scheme)?;
        let pattern = self.regex.as_deref().unwrap_or("(.*)");
        let regex = compile_anchored(pattern).map_err(|e| e.to_string())?;
        Ok(Rule { spec: self, action, regex, scheme })
    }

    fn check(&self, action: Action, scheme: NameScheme) -> Result<(), String> {
        let word = action.as_str();
        if action == Action::HashMod && self.modulus == 0 {
            return Err("relabel configuration for hashmod requires non-zero modulus".into());
        }
        if action.needs_target() && self.target_label.is_empty() {
            return Err(format!(
                "relabel configuration for {word} action requires 'target_label' value"
            ));
        }
        let template = |text: &str| match scheme {
            NameScheme::Utf8 => scheme.allows(text),
            NameScheme::Legacy => is_legacy_template(text),
        };
        let target_fits = if action == Action::Replace && self.target_label.contains('$') {
            template(&self.target_label)
        } else {
            scheme.allows(&self.target_label)
        };
        if action.needs_target() && !target_fits {
            return Err(format!(
                "{:?} is invalid 'target_label' for {word} action",
                self.target_label
            ));
        }
        let compares = matches!(action, Action::KeepEqual | Action::DropEqual);
        let changes_case = matches!(action, Action::Lowercase | Action::Uppercase);
        if (compares || changes_case) && self.replacement != REPLACEMENT {
            return Err(format!("'replacement' can not be set for {word} action"));
        }
        if action == Action::LabelMap && !template(&self.replacement) {
            return Err(format!(
                "{:?} is invalid 'replacement' for {word} action",
                self.replacement
            ));
        }
        if compares && (self.regex.is_some() || self.modulus != 0 || self.separator != SEPARATOR) {
            return Err(format!(
                "{word} action requires only 'source_labels' and `target_label`, and no other fields"
            ));
        }
        let by_name = matches!(action, Action::LabelDrop | Action::LabelKeep);
        let only_regex = self.source_labels.is_none()
            && self.target_label.is_empty()
            && self.modulus == 0
            && self.separator == SEPARATOR
            && self.replacement == REPLACEMENT;
        if by_name && !only_regex {
            return Err(format!("{word} action requires only 'regex', and no other fields"));
        }
        Ok(())
    }
}

/// A legacy label name in which `$1`, `$name` and `${name}` stand for parts of it.
fn is_legacy_template(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    let mut at_start = true;
    while let Some(first) = rest.chars().next() {
        rest = if let Some(variable) = rest.strip_prefix('$') {
            let braced = variable.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let (name, tail) = braced.unwrap_or_else(|| {
                variable.split_at(variable.find(|c| !word(c)).unwrap_or(variable.len()))
            });
            if name.is_empty() || !name.chars().all(word) {
                return false;
            }
            tail
        } else if word(first) && !(at_start && first.is_ascii_digit()) {
            &rest[1..]
        } else {
            return false;
        };
        at_start = false;
    }
    !at_start
}

impl Rule {
    pub fn spec(&self) -> &RuleSpec {
        &self.spec
    }

    /// Applies the rule; `false` drops the label set.
    pub fn apply(&self, labels: &mut LabelsBuilder) -> bool {
        let spec = &self.spec;
        match self.action {
            Action::Keep => self.regex.is_match(&self.source(labels)),
            Action::Drop => !self.regex.is_match(&self.source(labels)),
            Action::KeepEqual => value(labels, &spec.target_label) == self.source(labels),
            Action::DropEqual => value(labels, &spec.target_label) != self.source(labels),
            Action::Replace => {
                self.replace(labels);
                true
            }
            Action::Lowercase => {
                let text = self.source(labels).to_lowercase();
                labels.set(&spec.target_label, &text);
                true
            }
            Action::Uppercase => {
                let text = self.source(labels).to_uppercase();
                labels.set(&spec.target_label, &text);
                true
            }
            Action::HashMod => {
                let digest = md5::compute(self.source(labels)).0;
                let half = digest.last_chunk::<8>().copied().unwrap_or_default();
                let bucket = u64::from_be_bytes(half) % spec.modulus;
                labels.set(&spec.target_label, &bucket.to_string());
                true
            }
            Action::LabelMap => {
                self.map_names(labels);
                true
            }
            Action::LabelDrop => {
                self.drop_names(labels, true);
                true
            }
            Action::LabelKeep => {
                self.drop_names(labels, false);
                true
            }
        }
    }

    fn source(&self, labels: &LabelsBuilder) -> String {
        let names = self.spec.source_labels.as_deref().unwrap_or_default();
        let values: Vec<&str> = names.iter().map(|name| value(labels, name)).collect();
        values.join(&self.spec.separator)
    }

    fn replace(&self, labels: &mut LabelsBuilder) {
        let source = self.source(labels);
        let Some(groups) = self.regex.captures(&source) else { return };
        let mut target = String::new();
        groups.expand(&self.spec.target_label, &mut target);
        if !self.scheme.allows(&target) {
            return;
        }
        let mut replacement = String::new();
        groups.expand(&self.spec.replacement, &mut replacement);
        labels.set(&target, &replacement);
    }

    fn map_names(&self, labels: &mut LabelsBuilder) {
        let mut mapped = Vec::new();
        for (name, value) in &labels.build() {
            if let Some(groups) = self.regex.captures(name) {
                let mut target = String::new();
                groups.expand(&self.spec.replacement, &mut target);
                mapped.push((target, value.to_owned()));
            }
        }
        for (name, value) in mapped {
            labels.set(&name, &value);
        }
    }

    fn drop_names(&self, labels: &mut LabelsBuilder, matching: bool) {
        let names: Vec<String> = labels
            .iter()
            .map(|(name, _)| name)
            .filter(|name| self.regex.is_match(name) == matching)
            .map(str::to_owned)
            .collect();
        for name in names {
            labels.remove(&name);
        }
    }
}

fn value<'a>(labels: &'a LabelsBuilder, name: &str) -> &'a str {
    labels.get(name).unwrap_or_default()
}

/// Applies the rules in order; `false` as soon as one drops the label set.
pub fn apply_all(rules: &[Rule], labels: &mut LabelsBuilder) -> bool {
    rules.iter().all(|rule| rule.apply(labels))
}
