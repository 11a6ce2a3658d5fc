//! Label sets in braces: the part of the grammar that both formats share but for blanks, commas
//! and the quoting of values.

use super::error::{ParseError, Reason};
use super::scan::{self, Quoting};
use super::{Format, Pair, Parser};

/// What the braces belong to: an exemplar has no metric name among its labels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Braces {
    Series,
    Exemplar,
}

impl Parser<'_> {
    /// Reads from behind `{` to behind `}`; fills the pairs and, from a lone quoted string, the
    /// metric name.
    pub(super) fn read_pairs(&mut self, braces: Braces) -> Result<(), ParseError> {
        let series = braces == Braces::Series;
        let names = Quoting { newline: series, nul: false };
        let values = Quoting { newline: self.format == Format::Prometheus, nul: series };
        loop {
            self.skip_token_blanks();
            let from = self.pos;
            let quoted = match self.byte(from) {
                Some(b'}') => {
                    self.pos += 1;
                    return Ok(());
                }
                Some(b'"') => {
                    let end = scan::quoted(self.bytes, from, names);
                    self.pos = end.ok_or_else(|| self.error(from, Reason::LabelName))?;
                    true
                }
                Some(b) if scan::is_label_start(b) => {
                    self.pos = scan::label_name(self.bytes, from);
                    false
                }
                _ => return Err(self.error(from, Reason::LabelName)),
            };
            let name = self.unquoted((from, self.pos));
            self.skip_token_blanks();
            let next = self.byte(self.pos);
            if quoted && matches!(next, Some(b',' | b'}')) {
                self.set_metric_name(braces, name)?;
                if next == Some(b',') {
                    self.pos += 1;
                }
                continue;
            }
            if next != Some(b'=') {
                return Err(self.error(self.pos, Reason::Equal));
            }
            self.pos += 1;
            let value = self.read_value(values)?;
            let pair = Pair { name, value };
            let pairs = if series { &mut self.pairs } else { &mut self.exemplar_pairs };
            pairs.push(pair);
            self.skip_token_blanks();
            match (self.byte(self.pos), self.format) {
                (Some(b','), _) => self.pos += 1,
                // The older format reads `{a="1" b="2"}` too.
                (Some(b'}'), _) | (_, Format::Prometheus) => {}
                _ => return Err(self.error(self.pos, Reason::Comma)),
            }
        }
    }

    fn set_metric_name(&mut self, braces: Braces, name: (usize, usize)) -> Result<(), ParseError> {
        if braces == Braces::Exemplar {
            return Err(self.error(self.pos, Reason::LabelName));
        }
        if self.metric_name.is_some() {
            return Err(self.error(self.pos, Reason::NameTwice));
        }
        self.metric_name = Some(name);
        Ok(())
    }

    fn read_value(&mut self, allow: Quoting) -> Result<(usize, usize), ParseError> {
        self.skip_token_blanks();
        let from = self.pos;
        let end = (self.byte(from) == Some(b'"')).then(|| scan::quoted(self.bytes, from, allow));
        let Some(end) = end.flatten() else {
            return Err(self.error(from, Reason::LabelValue));
        };
        let value = (from + 1, end - 1);
        if let Err(e) = std::str::from_utf8(self.slice(value)) {
            return Err(self.error(value.0 + e.valid_up_to(), Reason::LabelUtf8));
        }
        self.pos = end;
        Ok(value)
    }

    /// The older format allows blanks between any two tokens, OpenMetrics nowhere.
    fn skip_token_blanks(&mut self) {
        if self.format == Format::Prometheus {
            self.pos = scan::skip_blanks(self.bytes, self.pos);
        }
    }
}
