//! The commands of a script: `load`, `clear`, `eval`, with the lines that belong to them.

use std::sync::LazyLock;

use model::Labels;
use promql::RangeTimes;
use regex::Regex;

use super::load::Load;
use super::notation::{self, Point};

pub(super) enum Command {
    Clear,
    Load(Load),
    Eval(Eval),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    Instant { t_ms: i64 },
    Range(RangeTimes),
}

/// A query and what is expected of it.
#[derive(Debug)]
pub(super) struct Eval {
    pub(super) query: String,
    pub(super) when: When,
    pub(super) expects: Vec<Expect>,
    pub(super) answer: Answer,
}

/// A condition on errors, annotations or order.
#[derive(Debug)]
pub(super) enum Expect {
    Fail(Pattern),
    Warn(Pattern),
    Info(Pattern),
    NoWarn,
    NoInfo,
    /// Any warning will do, others may be there: the old `eval_warn`.
    SomeWarn,
    SomeInfo,
    Ordered,
}

#[derive(Debug)]
pub(super) enum Pattern {
    Any,
    Exact(String),
    Regex(Regex),
}

impl Pattern {
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(want) => want == text,
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

#[derive(Debug)]
pub(super) enum Answer {
    Scalar(f64),
    Text(String),
    Series(Vec<ExpectedSeries>),
    /// As [`Self::Series`], for an instant query that yields a range vector over these times.
    RangeVector(RangeTimes, Vec<ExpectedSeries>),
}

#[derive(Debug)]
pub(super) struct ExpectedSeries {
    pub(super) labels: Labels,
    pub(super) points: Vec<Point>,
}

impl Eval {
    pub(super) fn is_ordered(&self) -> bool {
        self.expects.iter().any(|expect| matches!(expect, Expect::Ordered))
    }

    /// Whether the answer can be the middle of a range query, too.
    pub(super) fn repeats_as_range(&self) -> bool {
        !self.is_ordered() && matches!(self.answer, Answer::Scalar(_) | Answer::Series(_))
    }
}

static LOAD: LazyLock<Regex> = LazyLock::new(|| pattern(r"^load(?:_(with_nhcb))?\s+(.+?)$"));
static INSTANT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$")
});
static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$")
});
static EXPECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$")
});
static RANGE_VECTOR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file compile")
}

/// Commands with their line numbers (from 1). A command that cannot be read is an error of its
/// own; the next one starts at the next blank line.
pub(super) fn parse(text: &str) -> Vec<(usize, Result<Command, String>)> {
    let lines: Vec<&str> = text.lines().map(without_comment).collect();
    let mut commands = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let end =
            lines[at..].iter().position(|line| line.is_empty()).map_or(lines.len(), |n| at + n);
        if at == end {
            at += 1;
            continue;
        }
        let first_word = lines[at].split_whitespace().next().unwrap_or_default().to_lowercase();
        let block = if first_word == "clear" { &lines[at..=at] } else { &lines[at..end] };
        let (command, used) = match first_word.as_str() {
            "clear" => (Ok(Command::Clear), 1),
            word if word.starts_with("load") => (load(block).map(Command::Load), block.len()),
            word if word.starts_with("eval") => {
                let (eval, used) = eval(block);
                (eval.map(Command::Eval), used)
            }
            _ => (Err(format!("invalid command {:?}", lines[at])), block.len()),
        };
        commands.push((at + 1, command));
        at += used;
    }
    commands
}

/// A comment counts as a blank line.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') { "" } else { line }
}

fn load(block: &[&str]) -> Result<Load, String> {
    let parts = LOAD.captures(block[0]).ok_or("invalid load command")?;
    let step_ms = duration_ms(&parts[2])?;
    let mut load = Load::new(step_ms, parts.get(1).is_some());
    for line in &block[1..] {
        load.add_line(line)?;
    }
    Ok(load)
}

/// The command and how many lines of the block it used: an expected scalar ends it.
fn eval(block: &[&str]) -> (Result<Eval, String>, usize) {
    let (when, modifier, query) = match head(block[0]) {
        Ok(head) => head,
        Err(message) => return (Err(message), block.len()),
    };
    let mut expects = Vec::new();
    match modifier {
        Some("ordered") => expects.push(Expect::Ordered),
        Some("fail") => expects.push(Expect::Fail(Pattern::Any)),
        Some("warn") => expects.push(Expect::SomeWarn),
        Some("info") => expects.push(Expect::SomeInfo),
        _ => {}
    }
    let query = query.to_owned();
    let mut eval = Eval { query, when, expects, answer: Answer::Series(Vec::new()) };
    for (i, line) in block.iter().enumerate().skip(1) {
        match eval.add_line(line) {
            Ok(Next::Line) => {}
            Ok(Next::Command) => return (Ok(eval), i + 1),
            Err(message) => return (Err(message), block.len()),
        }
    }
    (Ok(eval), block.len())
}

type Head<'l> = (When, Option<&'l str>, &'l str);

fn head(line: &str) -> Result<Head<'_>, String> {
    let group = |parts: &regex::Captures<'_>, i: usize| -> Option<std::ops::Range<usize>> {
        parts.get(i).map(|found| found.range())
    };
    if let Some(parts) = INSTANT.captures(line) {
        let t_ms = duration_ms(group(&parts, 2).map_or("0", |range| &line[range]))?;
        let query = group(&parts, 3).map_or("", |range| &line[range]);
        return Ok((When::Instant { t_ms }, group(&parts, 1).map(|range| &line[range]), query));
    }
    let parts = RANGE.captures(line).ok_or("invalid evaluation command")?;
    let times = range_times(&parts[2], &parts[3], &parts[4])?;
    let query = group(&parts, 5).map_or("", |range| &line[range]);
    Ok((When::Range(times), group(&parts, 1).map(|range| &line[range]), query))
}

fn range_times(from: &str, to: &str, step: &str) -> Result<RangeTimes, String> {
    let (start_ms, end_ms) = (duration_ms(from)?, duration_ms(to)?);
    if end_ms < start_ms {
        return Err(format!("end {to} is before start {from}"));
    }
    Ok(RangeTimes { start_ms, end_ms, step_ms: duration_ms(step)? })
}

pub(super) fn duration_ms(text: &str) -> Result<i64, String> {
    if text == "0" {
        return Ok(0);
    }
    let invalid = |error| format!("invalid duration {text:?}: {error}");
    promql_syntax::parse_duration(text).map(|nanos| nanos / 1_000_000).map_err(invalid)
}

enum Next {
    Line,
    Command,
}

impl Eval {
    fn add_line(&mut self, line: &str) -> Result<Next, String> {
        if let Some(message) = line.strip_prefix("expected_fail_message") {
            self.expects = vec![Expect::Fail(Pattern::Exact(message.trim().to_owned()))];
            return Ok(Next::Command);
        }
        if let Some(regex) = line.strip_prefix("expected_fail_regexp") {
            self.expects = vec![Expect::Fail(regex_pattern(regex)?)];
            return Ok(Next::Command);
        }
        if line.starts_with("expect range vector") {
            let parts = RANGE_VECTOR.captures(line).ok_or("invalid expected range vector")?;
            let times = range_times(&parts[1], &parts[2], &parts[3])?;
            self.answer = Answer::RangeVector(times, Vec::new());
            return Ok(Next::Line);
        }
        if let Some(text) = line.strip_prefix("expect string") {
            let text = notation::unquote(text.trim()).ok_or("invalid expected string")?;
            self.answer = Answer::Text(text);
            return Ok(Next::Line);
        }
        if line.split(' ').next() == Some("expect") {
            self.expects.push(expect(line)?);
            return Ok(Next::Line);
        }
        if let Some(v) = notation::number(line) {
            self.answer = Answer::Scalar(v);
            return Ok(Next::Command);
        }
        let (labels, points) = notation::series(line)?;
        match &mut self.answer {
            Answer::Series(series) | Answer::RangeVector(_, series) => {
                series.push(ExpectedSeries { labels, points });
                Ok(Next::Line)
            }
            _ => Err("a series after a scalar or string".into()),
        }
    }
}

fn expect(line: &str) -> Result<Expect, String> {
    let parts = EXPECT.captures(line).ok_or_else(|| format!("invalid expectation {line:?}"))?;
    let text = parts.get(3).map(|text| text.as_str().trim());
    let pattern = match (parts.get(2).map(|kind| kind.as_str()), text) {
        (Some("msg"), Some(text)) => Pattern::Exact(text.to_owned()),
        (Some(_), Some(text)) => regex_pattern(text)?,
        _ => Pattern::Any,
    };
    Ok(match &parts[1] {
        "ordered" => Expect::Ordered,
        "fail" => Expect::Fail(pattern),
        "warn" => Expect::Warn(pattern),
        "info" => Expect::Info(pattern),
        "no_warn" => Expect::NoWarn,
        _ => Expect::NoInfo,
    })
}

fn regex_pattern(text: &str) -> Result<Pattern, String> {
    Regex::new(text.trim()).map(Pattern::Regex).map_err(|error| error.to_string())
}
