//! A label set: the identity of a series. One allocation, sorted by name, cheap to clone.
//!
//! Layout: one string of entries `name_len value_len name value`, where each length is three
//! ASCII bytes of seven bits, little-endian. Lengths below 0x80 per byte keep the whole buffer
//! valid UTF-8, so reading a name or a value is a slice, without `unsafe` and without a check
//! beyond the character boundary.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";

/// Longest name or value the layout can hold: 2^21 − 1 bytes. Builders cut nothing: they refuse.
pub const LABEL_BYTES_MAX: usize = (1 << 21) - 1;

const LEN_BYTES: usize = 3;

/// A sorted set of label pairs with unique names and no empty values.
///
/// Equality and hashing are over bytes; ordering is Prometheus' (pairwise by name, then value).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Labels(Arc<str>);

impl Default for Labels {
    fn default() -> Self {
        Self::empty()
    }
}

impl Labels {
    pub fn empty() -> Self {
        Self("".into())
    }

    /// From pairs in any order; a later pair wins over an earlier one of the same name, and an
    /// empty value removes the label.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.build()
    }

    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.0 }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of pairs. Cost: O(pairs).
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// The value of `name`, or `None`; an absent label and an empty one mean the same in PromQL.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    pub fn metric_name(&self) -> Option<&str> {
        self.get(METRIC_NAME)
    }

    /// The encoded bytes: equal exactly when the sets are equal. Good for hashing and for storing.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn laid_out(&self) -> &str {
        &self.0
    }

    /// Inverse of [`Self::as_bytes`]; `None` when the bytes are not a well-formed, sorted set.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut rest = text;
        let mut last: Option<&str> = None;
        while !rest.is_empty() {
            let (name, value, tail) = split_entry(rest)?;
            if value.is_empty() || last.is_some_and(|l| l >= name) {
                return None;
            }
            last = Some(name);
            rest = tail;
        }
        Some(Self(text.into()))
    }

    /// A 128-bit identity of the set, stable across restarts (part of on-disk formats).
    pub fn hash128(&self) -> u128 {
        xxhash_rust::xxh3::xxh3_128(self.as_bytes())
    }

    /// A 64-bit hash of the set; collisions must be resolved by comparing.
    pub fn hash64(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(self.as_bytes())
    }

    /// Lays a pair out as a set holds it; one that is empty or too long adds nothing.
    pub fn lay_out(text: &mut String, name: &str, value: &str) {
        push_pair(text, name, value);
    }

    /// The set of pairs that [`Self::lay_out`] has written, in ascending order of their names, which
    /// the caller vouches for; in another order some are not found, and nothing worse. Cost: one
    /// allocation and a copy.
    pub fn of_laid_out(text: &str) -> Self {
        Self(text.into())
    }

    /// The pairs of a set that [`Self::lay_out`] has written.
    pub const fn iter_laid_out(text: &str) -> Iter<'_> {
        Iter { rest: text }
    }

    /// Without the named labels.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        self.filtered(|name| !names.contains(&name))
    }

    /// Only the named labels.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        self.filtered(|name| names.contains(&name))
    }

    fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut text = String::with_capacity(self.0.len());
        for (name, value) in self.iter().filter(|(name, _)| keep(name)) {
            push_entry(&mut text, name, value);
        }
        Self(text.into())
    }
}

fn push_len(text: &mut String, len: usize) {
    debug_assert!(len <= LABEL_BYTES_MAX, "builders refuse longer labels");
    for shift in [0, 7, 14] {
        text.push(char::from(((len >> shift) & 0x7f) as u8));
    }
}

fn push_entry(text: &mut String, name: &str, value: &str) {
    push_len(text, name.len());
    push_len(text, value.len());
    text.push_str(name);
    text.push_str(value);
}

/// What a builder keeps of a pair: nothing when it is empty or too long.
fn push_pair(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() && name.len() <= LABEL_BYTES_MAX && value.len() <= LABEL_BYTES_MAX {
        push_entry(text, name, value);
    }
}

/// Where the name and the value of the first entry end; `None` when there is no whole one.
fn split_bytes(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.first_chunk::<{ 2 * LEN_BYTES }>()?;
    let len = |b: &[u8]| usize::from(b[0]) | usize::from(b[1]) << 7 | usize::from(b[2]) << 14;
    if head.iter().any(|b| *b >= 0x80) {
        return None;
    }
    let name_end = 2 * LEN_BYTES + len(&head[..LEN_BYTES]);
    let value_end = name_end + len(&head[LEN_BYTES..]);
    (value_end <= bytes.len()).then_some((name_end, value_end))
}

fn split_entry(text: &str) -> Option<(&str, &str, &str)> {
    let (name_end, value_end) = split_bytes(text.as_bytes())?;
    let name = text.get(2 * LEN_BYTES..name_end)?;
    let value = text.get(name_end..value_end)?;
    Some((name, value, text.get(value_end..)?))
}

/// Pairs `(name, value)` in name order.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value, rest) = split_entry(self.rest)?;
        self.rest = rest;
        Some((name, value))
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Labels {
    /// Pair by pair. Cost: some nanoseconds for each pair that both begin with; series that are
    /// sorted have many of them.
    fn cmp(&self, other: &Self) -> Ordering {
        compare_laid_out(self.as_bytes(), other.as_bytes())
    }
}

/// The order of two sets by their encoded bytes.
pub(crate) fn compare_laid_out(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while let (Some(mine), Some(theirs)) = (split_bytes(a), split_bytes(b)) {
        let (mine_end, theirs_end) = (mine.1, theirs.1);
        if a[..mine_end] != b[..theirs_end] {
            let (a_name, b_name) = (&a[2 * LEN_BYTES..mine.0], &b[2 * LEN_BYTES..theirs.0]);
            let (a_value, b_value) = (&a[mine.0..mine_end], &b[theirs.0..theirs_end]);
            return a_name.cmp(b_name).then_with(|| a_value.cmp(b_value));
        }
        (a, b) = (&a[mine_end..], &b[theirs_end..]);
    }
    a.len().cmp(&b.len())
}

/// As Prometheus prints a series: `name{a="b", c="d"}`, `{}` when empty; names that are not plain
/// identifiers are quoted.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.metric_name();
        let plain = name.is_some_and(is_plain_metric_name);
        if plain {
            f.write_str(name.unwrap_or_default())?;
            if self.len() == 1 {
                return Ok(());
            }
        }
        f.write_str("{")?;
        let mut first = true;
        if let Some(name) = name.filter(|_| !plain) {
            write_quoted(f, name)?;
            first = false;
        }
        for (name, value) in self.iter().filter(|(name, _)| *name != METRIC_NAME) {
            if !first {
                f.write_str(", ")?;
            }
            first = false;
            if is_plain_label_name(name) {
                f.write_str(name)?;
            } else {
                write_quoted(f, name)?;
            }
            f.write_str("=")?;
            write_quoted(f, value)?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`
pub fn is_plain_metric_name(name: &str) -> bool {
    is_identifier(name, true)
}

/// `[a-zA-Z_][a-zA-Z0-9_]*`
pub fn is_plain_label_name(name: &str) -> bool {
    is_identifier(name, false)
}

fn is_identifier(name: &str, colon: bool) -> bool {
    let start = |b: u8| b.is_ascii_alphabetic() || b == b'_' || (colon && b == b':');
    let bytes = name.as_bytes();
    bytes.first().is_some_and(|b| start(*b))
        && bytes.iter().all(|b| start(*b) || b.is_ascii_digit())
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

/// Collects pairs in any order and sorts them once. Reusable: [`Self::clear`] keeps its memory.
#[derive(Clone, Debug, Default)]
pub struct LabelsBuilder {
    text: String,
    /// `(name start, name end = value start, value end)` into `text`.
    pairs: Vec<(u32, u32, u32)>,
}

impl LabelsBuilder {
    pub fn clear(&mut self) {
        self.text.clear();
        self.pairs.clear();
    }

    /// Starts from an existing set.
    pub fn reset_to(&mut self, labels: &Labels) {
        self.clear();
        for (name, value) in labels {
            self.push(name, value);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Appends without looking for an earlier pair of that name. Cheaper than [`Self::set`];
    /// duplicates are found by [`Self::duplicate`] or resolved (last wins) by [`Self::build`].
    pub fn push(&mut self, name: &str, value: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(name);
        let middle = self.text.len() as u32;
        self.text.push_str(value);
        self.pairs.push((start, middle, self.text.len() as u32));
    }

    /// Sets the label, replacing an earlier value; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        if !value.is_empty() {
            self.push(name, value);
        }
    }

    pub fn remove(&mut self, name: &str) {
        let Self { text, pairs } = self;
        pairs
            .retain(|(start, middle, _)| text.get(*start as usize..*middle as usize) != Some(name));
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().rev().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// Pairs in insertion order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| self.pair(*pair))
    }

    fn pair(&self, (start, middle, end): (u32, u32, u32)) -> (&str, &str) {
        let part =
            |from: u32, to: u32| self.text.get(from as usize..to as usize).unwrap_or_default();
        (part(start, middle), part(middle, end))
    }

    /// The first name that was pushed twice, if any.
    pub fn duplicate(&self) -> Option<&str> {
        let mut names: Vec<&str> = self.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }

    /// The name of a pair that is too long for the layout, if any; `build` leaves such pairs out.
    pub fn oversized(&self) -> Option<&str> {
        let too_long = |text: &str| text.len() > LABEL_BYTES_MAX;
        self.iter().find(|(name, value)| too_long(name) || too_long(value)).map(|(name, _)| name)
    }

    /// The sorted set: last value of a name wins, empty values are left out.
    /// Cost: O(n log n), one allocation.
    pub fn build(&self) -> Labels {
        let mut text = String::with_capacity(self.text.len() + 2 * LEN_BYTES * self.pairs.len());
        self.lay_out(&mut text);
        Labels(text.into())
    }

    /// Appends the sorted set as [`Labels`] lays it out; see [`Self::build`].
    pub fn lay_out(&self, text: &mut String) {
        // Senders are asked to sort, and most do.
        let names = || self.iter().map(|(name, _)| name);
        if names().zip(names().skip(1)).all(|(a, b)| a < b) {
            self.iter().for_each(|(name, value)| push_pair(text, name, value));
            return;
        }
        let mut order: Vec<usize> = (0..self.pairs.len()).collect();
        let name = |i: usize| self.pair(self.pairs[i]).0;
        order.sort_by(|a, b| name(*a).cmp(name(*b)).then(a.cmp(b)));
        for (k, i) in order.iter().enumerate() {
            let (name, value) = self.pair(self.pairs[*i]);
            let superseded = order.get(k + 1).is_some_and(|j| self.pair(self.pairs[*j]).0 == name);
            if !superseded {
                push_pair(text, name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Labels, LabelsBuilder};
    use proptest::prelude::*;

    #[test]
    fn prints_as_prometheus_does() {
        let check = |pairs: &[(&str, &str)], want: &str| {
            assert_eq!(Labels::from_pairs(pairs.iter().copied()).to_string(), want);
        };
        check(&[], "{}");
        check(&[("__name__", "up")], "up");
        check(&[("__name__", "up"), ("job", "a\"b\\\n")], r#"up{job="a\"b\\\n"}"#);
        check(&[("b", "2"), ("a", "1")], r#"{a="1", b="2"}"#);
        check(&[("__name__", "my.metric"), ("a.b", "1")], r#"{"my.metric", "a.b"="1"}"#);
    }

    #[test]
    fn the_last_value_wins_and_an_empty_one_removes() {
        let mut builder = LabelsBuilder::default();
        builder.push("a", "1");
        builder.push("b", "2");
        builder.push("a", "3");
        assert_eq!(builder.duplicate(), Some("a"));
        assert_eq!(builder.build().to_string(), r#"{a="3", b="2"}"#);
        builder.set("b", "");
        assert_eq!(builder.build().to_string(), r#"{a="3"}"#);
    }

    proptest! {
        #[test]
        fn encodes_and_decodes(pairs in prop::collection::btree_map(".{0,40}", ".{1,200}", 0..12)) {
            let labels = Labels::from_pairs(pairs.iter());
            prop_assert_eq!(
                labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect::<Vec<_>>(),
                pairs.into_iter().collect::<Vec<_>>()
            );
            prop_assert_eq!(Labels::from_bytes(labels.as_bytes()), Some(labels));
        }

        #[test]
        fn is_laid_out_as_built(
            pairs in prop::collection::btree_map("[a-c]{1,3}", "[a-cé]{0,20}", 0..6),
        ) {
            let mut text = String::new();
            for (name, value) in &pairs {
                Labels::lay_out(&mut text, name, value);
            }
            prop_assert_eq!(Labels::of_laid_out(&text), Labels::from_pairs(&pairs));
        }

        #[test]
        fn orders_pair_by_pair(
            a in prop::collection::btree_map("[ab]{1,3}", "[aé]{1,20}", 0..6),
            b in prop::collection::btree_map("[ab]{1,3}", "[aé]{1,20}", 0..6),
            shared in 0..6_usize,
        ) {
            let other: BTreeMap<String, String> =
                a.iter().take(shared).chain(&b).map(|(n, v)| (n.clone(), v.clone())).collect();
            let order = Labels::from_pairs(&a).cmp(&Labels::from_pairs(&other));
            prop_assert_eq!(order, a.iter().cmp(other.iter()));
        }

        #[test]
        fn never_panics_on_foreign_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(labels) = Labels::from_bytes(&bytes) {
                prop_assert_eq!(labels.as_bytes(), &bytes[..]);
            }
        }
    }
}
