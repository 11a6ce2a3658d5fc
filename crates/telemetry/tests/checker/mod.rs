//! A small strict reader of exposition text, written apart from the writer it judges.

use std::collections::{BTreeMap, BTreeSet};

/// One sample line: the name, the unescaped labels, the value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// A page that obeyed the rules: types and unescaped help by family, samples in order.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) types: BTreeMap<String, String>,
    pub(crate) helps: BTreeMap<String, String>,
    pub(crate) samples: Vec<Sample>,
}

/// Reads a page and panics with the offending line if any rule is broken.
#[track_caller]
pub(crate) fn read(text: &str, open_metrics: bool) -> Page {
    let mut page = Page::default();
    let body = if open_metrics {
        text.strip_suffix("# EOF\n").expect("an OpenMetrics page ends in # EOF")
    } else {
        text
    };
    assert!(body.is_empty() || body.ends_with('\n'), "the last line lacks its end");
    let mut family = String::new();
    let mut seen = BTreeSet::new();
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
            let before = page.helps.insert(name.to_owned(), unescape(help, open_metrics));
            assert_eq!(before, None, "second HELP: {line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
            let before = page.types.insert(name.to_owned(), kind.to_owned());
            assert_eq!(before, None, "second TYPE: {line}");
            name.clone_into(&mut family);
        } else {
            let sample = read_sample(line);
            let kind = page.types.get(&family).unwrap_or_else(|| panic!("untyped: {line}"));
            let suffix = sample.name.strip_prefix(&family);
            let suffix = suffix.unwrap_or_else(|| panic!("outside its family: {line}"));
            let allowed: &[&str] = match (kind.as_str(), open_metrics) {
                ("histogram", _) => &["_bucket", "_sum", "_count"],
                ("counter", true) => &["_total"],
                _ => &[""],
            };
            assert!(allowed.contains(&suffix), "suffix {suffix:?} of a {kind}: {line}");
            let key = (sample.name.clone(), sample.labels.clone());
            assert!(seen.insert(key), "series twice: {line}");
            page.samples.push(sample);
        }
    }
    check_histograms(&page);
    page
}

fn read_sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("no value: {line}"));
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(mut inside) = rest.strip_prefix('{') {
        loop {
            let (label, after) = inside.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
            let close = closing_quote(after).unwrap_or_else(|| panic!("open quote: {line}"));
            let value = unescape(&after[..close], true);
            assert_eq!(labels.insert(label.to_owned(), value), None, "label twice: {line}");
            inside = &after[close + 1..];
            if let Some(next) = inside.strip_prefix(',') {
                inside = next;
            } else {
                rest = inside.strip_prefix('}').unwrap_or_else(|| panic!("no brace: {line}"));
                break;
            }
        }
    }
    let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("no space: {line}"));
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        digits => digits.parse().unwrap_or_else(|_| panic!("bad value: {line}")),
    };
    Sample { name: name.to_owned(), labels, value }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let found = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        found.then_some(at)
    })
}

fn unescape(text: &str, quotes: bool) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        assert!(!(quotes && c == '"'), "bare quote in {text}");
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('\\') => out.push('\\'),
            Some('"') if quotes => out.push('"'),
            other => panic!("bad escape {other:?} in {text}"),
        }
    }
    out
}

/// Buckets rise, end in `+Inf`, and that last one equals `_count`.
fn check_histograms(page: &Page) {
    for (family, _) in page.types.iter().filter(|(_, kind)| *kind == "histogram") {
        let mut children: BTreeMap<_, Vec<(f64, f64)>> = BTreeMap::new();
        let buckets = page.samples.iter().filter(|s| s.name == format!("{family}_bucket"));
        for sample in buckets {
            let mut labels = sample.labels.clone();
            let bound = labels.remove("le").expect("a bucket has a bound");
            let bound = if bound == "+Inf" {
                f64::INFINITY
            } else {
                bound.parse().expect("a bound is a number")
            };
            children.entry(labels).or_default().push((bound, sample.value));
        }
        for (labels, buckets) in children {
            assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{family} {buckets:?}");
            let last = buckets.last().expect("at least one bucket");
            assert_eq!(last.0, f64::INFINITY, "{family} lacks +Inf");
            let count = page.samples.iter();
            let count = count.filter(|s| s.name == format!("{family}_count") && s.labels == labels);
            assert_eq!(count.map(|s| s.value).collect::<Vec<_>>(), [last.1], "{family}");
        }
    }
}
