//! Appending families to a page of text exposition.

use telemetry::{push_label_value, push_number};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    /// What `node_exporter` does not vouch for as either.
    Untyped,
}

/// A page being written. Each family is opened once and its samples follow at once.
pub(crate) struct Page<'a> {
    out: &'a mut String,
    family: String,
}

impl<'a> Page<'a> {
    pub(crate) fn new(out: &'a mut String) -> Self {
        Self { out, family: String::new() }
    }

    pub(crate) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        debug_assert!(!help.contains(['\n', '\\']), "help is written without escaping");
        name.clone_into(&mut self.family);
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Untyped => "untyped",
        };
        for part in ["# HELP ", name, " ", help, "\n# TYPE ", name, " ", kind, "\n"] {
            self.out.push_str(part);
        }
    }

    /// One sample of the open family. A label with an empty value is the same as no label.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: f64) {
        self.out.push_str(&self.family);
        let mut before = '{';
        for (name, text) in labels.iter().filter(|(_, text)| !text.is_empty()) {
            self.out.push(before);
            self.out.push_str(name);
            self.out.push_str("=\"");
            push_label_value(self.out, text);
            self.out.push('"');
            before = ',';
        }
        if before == ',' {
            self.out.push('}');
        }
        self.out.push(' ');
        push_number(self.out, value);
        self.out.push('\n');
    }

    /// A family of one sample without labels.
    pub(crate) fn single(&mut self, name: &str, kind: Kind, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample(&[], value);
    }

    /// A family with one sample for each device; left out if no device has it.
    pub(crate) fn by_device<'n>(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        values: impl Iterator<Item = (&'n str, f64)>,
    ) {
        let mut values = values.peekable();
        if values.peek().is_some() {
            self.family(name, kind, help);
            for (device, value) in values {
                self.sample(&[("device", device)], value);
            }
        }
    }

    /// The length so far; see [`Page::cut`].
    pub(crate) fn mark(&self) -> usize {
        self.out.len()
    }

    /// Drops everything after `mark`, so that a collector that failed half-way leaves nothing.
    pub(crate) fn cut(&mut self, mark: usize) {
        self.out.truncate(mark);
    }
}
