//! What runs on this machine: kernel and distribution.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::io;

use crate::page::{Kind, Page};
use crate::source::{Roots, first_number};

pub(crate) fn uname(page: &mut Page<'_>) {
    let uname = rustix::system::uname();
    let text = |field: &'_ CStr| field.to_string_lossy().into_owned();
    let labels = [
        ("domainname", text(uname.domainname())),
        ("machine", text(uname.machine())),
        ("nodename", text(uname.nodename())),
        ("release", text(uname.release())),
        ("sysname", text(uname.sysname())),
        ("version", text(uname.version())),
    ];
    let labels = labels.each_ref().map(|(name, text)| (*name, text.as_str()));
    page.family("node_uname_info", Kind::Gauge, "The running kernel, as uname(2) says; always 1.");
    page.sample(&labels, 1.0);
}

const OS_LABELS: [&str; 12] = [
    "build_id",
    "id",
    "id_like",
    "image_id",
    "image_version",
    "name",
    "pretty_name",
    "variant",
    "variant_id",
    "version",
    "version_codename",
    "version_id",
];

pub(crate) fn os(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let text = roots.read_root("etc/os-release");
    let text = text.or_else(|_| roots.read_root("usr/lib/os-release"))?;
    let fields: BTreeMap<String, Cow<'_, str>> = text
        .lines()
        .filter_map(|line| line.trim().split_once('='))
        .filter(|(key, _)| !key.starts_with('#'))
        .map(|(key, value)| (key.to_ascii_lowercase(), unquote(value)))
        .collect();
    let field = |key: &str| fields.get(key).map_or("", |value| value.as_ref());
    page.family("node_os_info", Kind::Gauge, "The distribution, as os-release says; always 1.");
    page.sample(&OS_LABELS.map(|key| (key, field(key))), 1.0);
    if let Some(version) = major_minor(field("version_id")) {
        let help = "Major and minor part of the distribution's version.";
        page.family("node_os_version", Kind::Gauge, help);
        let labels = [("id", field("id")), ("id_like", field("id_like")), ("name", field("name"))];
        page.sample(&labels, version);
    }
    Ok(())
}

/// `22.04.1` becomes 22.04.
fn major_minor(version: &str) -> Option<f64> {
    let mut parts = version.splitn(3, '.');
    let major = parts.next()?;
    let short = parts.next().map_or(major.to_owned(), |minor| format!("{major}.{minor}"));
    first_number(&short)
}

/// A value as a shell reads it, as far as os-release(5) lets it go: one pair of quotes, and
/// backslashes inside double quotes.
fn unquote(value: &str) -> Cow<'_, str> {
    if let Some(inside) = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return inside.into();
    }
    let inside = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inside = inside.unwrap_or(value);
    if !inside.contains('\\') {
        return inside.into();
    }
    let mut out = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unquoted() {
        let table = [
            ("debian", "debian"),
            ("\"a b\"", "a b"),
            ("'a \"b\"'", "a \"b\""),
            (r#""a \"b\" \\ c""#, r#"a "b" \ c"#),
            ("\"", "\""),
            ("", ""),
        ];
        for (value, want) in table {
            assert_eq!(unquote(value), want, "{value}");
        }
    }

    #[test]
    fn versions_are_cut_to_two_parts() {
        let table = [
            ("12", Some(12.0)),
            ("22.04.1", Some(22.04)),
            ("", None),
            ("rolling", None),
            ("39", Some(39.0)),
        ];
        for (version, want) in table {
            assert_eq!(major_minor(version), want, "{version}");
        }
    }
}
