//! The grammar of OpenMetrics 1.0 text: single spaces, seconds as timestamps, exemplars, `# EOF`.

use super::error::{ParseError, Reason};
use super::pairs::Braces;
use super::{Entry, ExemplarAt, Parser, Sample, State, scan};

const METRIC_TYPES: &[&str] =
    &["counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"];

impl<'a> Parser<'a> {
    pub(super) fn openmetrics_entry(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        self.line_start = self.pos;
        match self.byte(self.pos) {
            None => Err(self.error(self.pos, Reason::NoEof)),
            Some(b'#') => self.openmetrics_metadata(),
            Some(b'{') => {
                self.pos += 1;
                self.read_pairs(Braces::Series)?;
                self.openmetrics_sample().map(Some)
            }
            Some(b) if scan::is_metric_start(b) => {
                let end = scan::metric_name(self.bytes, self.pos);
                self.metric_name = Some((self.pos, end));
                self.pos = end;
                if self.byte(end) == Some(b'{') {
                    self.pos += 1;
                    self.read_pairs(Braces::Series)?;
                }
                self.openmetrics_sample().map(Some)
            }
            Some(_) => Err(self.error(self.pos, Reason::Start)),
        }
    }

    fn openmetrics_metadata(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        if rest.starts_with(b"# EOF") {
            let behind = rest.get(5..).unwrap_or_default();
            return match behind {
                [] | [b'\n'] => Ok(None),
                _ => Err(self.error(self.pos + 5, Reason::AfterEof)),
            };
        }
        let keyword = match rest.get(..7) {
            Some(b"# HELP ") => "HELP",
            Some(b"# TYPE ") => "TYPE",
            Some(b"# UNIT ") => "UNIT",
            _ => return Err(self.error(self.pos, Reason::Start)),
        };
        let name = self.family(keyword, self.pos + 7)?;
        let end = scan::line_end(self.bytes, name.1);
        if self.byte(name.1) != Some(b' ') || end == self.bytes.len() {
            return Err(self.error(name.1, Reason::MetadataText(keyword)));
        }
        let text = (name.1 + 1, end);
        let name = self.unquoted(name);
        self.family_bytes = name.1 - name.0;
        let family = self.slice(name);
        let entry = match keyword {
            "HELP" => self.help(family, text, true)?,
            "TYPE" => self.metric_type_of(family, text, METRIC_TYPES)?,
            _ => self.unit(family, text)?,
        };
        self.pos = end + 1;
        Ok(Some(entry))
    }

    /// A unit must be the last word of its family's name.
    fn unit(&self, family: &'a [u8], at: (usize, usize)) -> Result<Entry<'a>, ParseError> {
        let raw = self.slice(at);
        let fits = family.strip_suffix(raw).is_some_and(|stem| stem.ends_with(b"_"));
        match std::str::from_utf8(raw) {
            Ok(unit) if unit.is_empty() || fits => Ok(Entry::Unit { family, unit }),
            _ => {
                let unit = String::from_utf8_lossy(raw).into_owned();
                let family = String::from_utf8_lossy(family).into_owned();
                Err(self.error(at.0, Reason::Unit { unit, family }))
            }
        }
    }

    fn openmetrics_sample(&mut self) -> Result<Entry<'a>, ParseError> {
        let series = self.slice((self.line_start, self.pos));
        if self.metric_name.is_none() {
            return Err(self.error(self.pos, Reason::NameMissing));
        }
        let v = self.spaced_value("metric")?;
        let mut t_ms = None;
        match self.after_number() {
            After::Newline => self.pos += 1,
            After::Exemplar => self.read_exemplar()?,
            After::Number(end) => {
                t_ms = Some(self.seconds(self.pos + 1, end, "timestamp")?);
                self.pos = end;
                match self.after_number() {
                    After::Newline => self.pos += 1,
                    After::Exemplar => self.read_exemplar()?,
                    _ => return Err(self.error(self.pos, Reason::NextEntry("timestamp"))),
                }
            }
            After::End => return Err(self.error(self.pos, Reason::NoEof)),
            // The reference hands the sample out and fails on its next step.
            After::Other => self.state = State::Broken(self.pos),
        }
        Ok(Entry::Sample(Sample { series, v, t_ms, has_exemplar: self.exemplar.is_some() }))
    }

    /// One space, then the value.
    fn spaced_value(&mut self, after: &'static str) -> Result<f64, ParseError> {
        let end = scan::until(self.bytes, self.pos + 1, b" \n");
        if self.byte(self.pos) != Some(b' ') || end == self.pos + 1 {
            return Err(self.error(self.pos, Reason::Value(after)));
        }
        let v = self.float(self.pos + 1, end)?;
        self.pos = end;
        Ok(v)
    }

    fn after_number(&self) -> After {
        match self.byte(self.pos) {
            None => return After::End,
            Some(b'\n') => return After::Newline,
            Some(b' ') => {}
            Some(_) => return After::Other,
        }
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        if rest.starts_with(b" # ") {
            return if rest.get(3) == Some(&b'{') { After::Exemplar } else { After::Other };
        }
        match scan::until(self.bytes, self.pos + 1, b" \n") {
            end if end == self.pos + 1 => After::Other,
            end => After::Number(end),
        }
    }

    /// From ` # {` to the end of the line.
    fn read_exemplar(&mut self) -> Result<(), ParseError> {
        self.pos += 4;
        self.read_pairs(Braces::Exemplar)?;
        let v = self.spaced_value("exemplar labels")?;
        let mut t_ms = None;
        match self.after_number() {
            After::Newline => self.pos += 1,
            After::End => return Err(self.error(self.pos, Reason::NoEof)),
            After::Number(end) => {
                t_ms = Some(self.seconds(self.pos + 1, end, "exemplar timestamp")?);
                self.pos = end;
                if self.byte(self.pos) != Some(b'\n') {
                    return Err(self.error(self.pos, Reason::NextEntry("exemplar timestamp")));
                }
                self.pos += 1;
            }
            After::Exemplar | After::Other => {
                return Err(self.error(self.pos, Reason::TimestampOrEnd));
            }
        }
        self.exemplar = Some(ExemplarAt { v, t_ms });
        Ok(())
    }

    /// Seconds with a fraction as whole milliseconds, cut towards zero.
    fn seconds(&self, from: usize, to: usize, what: &'static str) -> Result<i64, ParseError> {
        let seconds = self.float(from, to)?;
        if !seconds.is_finite() {
            let text = String::from_utf8_lossy(self.slice((from, to))).into_owned();
            return Err(self.error(from, Reason::Timestamp(what, text)));
        }
        Ok((seconds * 1000.0) as i64)
    }
}

/// What stands behind a number on a sample's line.
enum After {
    Newline,
    Exemplar,
    /// Another number, which ends here.
    Number(usize),
    End,
    Other,
}
