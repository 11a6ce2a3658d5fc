//! The grammar of the Prometheus text format 0.0.4, line by line.

use super::error::{ParseError, Reason};
use super::pairs::Braces;
use super::{Entry, Parser, Sample, scan};

const METRIC_TYPES: &[&str] = &["counter", "gauge", "histogram", "summary", "untyped"];

impl<'a> Parser<'a> {
    pub(super) fn prometheus_entry(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        loop {
            self.pos = scan::skip_blanks(self.bytes, self.pos);
            self.line_start = self.pos;
            match self.byte(self.pos) {
                // A NUL at the start of a line ends the document for the reference parser.
                None | Some(0) => return Ok(None),
                Some(b'\n') => self.pos += 1,
                Some(b'#') => return self.prometheus_comment(),
                Some(b'{') => {
                    self.pos += 1;
                    self.read_pairs(Braces::Series)?;
                    return self.prometheus_sample().map(Some);
                }
                Some(b) if scan::is_metric_start(b) => {
                    let end = scan::metric_name(self.bytes, self.pos);
                    self.metric_name = Some((self.pos, end));
                    self.pos = end;
                    let brace = scan::skip_blanks(self.bytes, end);
                    if self.byte(brace) == Some(b'{') {
                        self.pos = brace + 1;
                        self.read_pairs(Braces::Series)?;
                    }
                    return self.prometheus_sample().map(Some);
                }
                Some(_) => return Err(self.error(self.pos, Reason::Start)),
            }
        }
    }

    fn prometheus_comment(&mut self) -> Result<Option<Entry<'a>>, ParseError> {
        let word = scan::skip_blanks(self.bytes, self.pos + 1);
        let blank_follows = word > self.pos + 1;
        let rest = self.bytes.get(word..).unwrap_or_default();
        let is = |keyword: &[u8]| {
            rest.starts_with(keyword) && rest.get(4).is_some_and(|b| scan::is_blank(*b))
        };
        if blank_follows && is(b"HELP") {
            return self.prometheus_metadata("HELP", word + 4).map(Some);
        }
        if blank_follows && is(b"TYPE") {
            return self.prometheus_metadata("TYPE", word + 4).map(Some);
        }
        let end = scan::line_end(self.bytes, word);
        let nul = if blank_follows {
            self.byte(word) == Some(0)
        } else {
            self.slice((word, end)).contains(&0)
        };
        if nul {
            return Ok(None);
        }
        let text = self.slice((self.pos, end));
        self.pos = (end + 1).min(self.bytes.len());
        Ok(Some(Entry::Comment(text)))
    }

    fn prometheus_metadata(
        &mut self,
        keyword: &'static str,
        at: usize,
    ) -> Result<Entry<'a>, ParseError> {
        let name = self.family(keyword, scan::skip_blanks(self.bytes, at))?;
        let family = self.slice(self.unquoted(name));
        let end = scan::line_end(self.bytes, name.1);
        let rest = self.slice((name.1, end));
        if rest.first() == Some(&0) {
            return Err(self.error(name.1, Reason::MetadataEnd));
        }
        let blank = rest.iter().all(|b| scan::is_blank(*b) || *b == 0);
        // One byte parts the name from its text; a text of blanks is no text.
        let text = if blank { (end, end) } else { (name.1 + 1, end) };
        let entry = match keyword {
            "TYPE" => self.metric_type_of(family, text, METRIC_TYPES)?,
            _ => self.help(family, text, false)?,
        };
        self.pos = (end + 1).min(self.bytes.len());
        Ok(entry)
    }

    /// Value, optional timestamp in milliseconds, end of line. The end of the body is one, too.
    fn prometheus_sample(&mut self) -> Result<Entry<'a>, ParseError> {
        let series = self.slice((self.line_start, self.pos));
        if self.metric_name.is_none() {
            return Err(self.error(self.pos, Reason::NameMissing));
        }
        let from = scan::skip_blanks(self.bytes, self.pos);
        let end = scan::until(self.bytes, from, b"{ \t\n");
        if end == from {
            return Err(self.error(from, Reason::Value("metric")));
        }
        let v = self.float(from, end)?;
        self.pos = scan::skip_blanks(self.bytes, end);
        let mut t_ms = None;
        if self.byte(self.pos).is_some_and(|b| b.is_ascii_digit()) {
            t_ms = Some(self.prometheus_timestamp()?);
        }
        match self.byte(self.pos) {
            None => {}
            Some(b'\n') => self.pos += 1,
            Some(_) if t_ms.is_some() => {
                return Err(self.error(self.pos, Reason::NextEntry("timestamp")));
            }
            Some(_) => return Err(self.error(self.pos, Reason::TimestampOrEnd)),
        }
        Ok(Entry::Sample(Sample { series, v, t_ms, has_exemplar: false }))
    }

    fn prometheus_timestamp(&mut self) -> Result<i64, ParseError> {
        let from = self.pos;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let digits = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
        let text = std::str::from_utf8(self.slice((from, from + digits))).unwrap_or_default();
        let t_ms = text
            .parse()
            .map_err(|_| self.error(from, Reason::Timestamp("timestamp", text.to_owned())))?;
        self.pos = scan::skip_blanks(self.bytes, from + digits);
        Ok(t_ms)
    }
}
