//! Where targets come from: the kinds we act on are typed, all others are checked for shape and
//! reported.

use std::path::Path;
use std::time::Duration;

use super::discovery_rules::check;
use super::discovery_tables::{Field, TABLES, Table};
use super::error::Notice;
use super::http::{HttpClientConfig, TlsConfig, join_directory};
use super::section::{Result, Section, fail, text};
use super::yaml::Node;

/// Addresses that share labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetGroup {
    pub targets: Vec<String>,
    pub labels: Vec<(String, String)>,
}

/// A source of target groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovery {
    Static(Vec<TargetGroup>),
    /// Patterns may have one `*` in the last part; the files are YAML or JSON.
    File {
        patterns: Vec<String>,
        refresh_interval: Duration,
    },
    Http {
        url: String,
        refresh_interval: Duration,
        client: Box<HttpClientConfig>,
    },
}

/// Reads every `*_sd_configs` and `static_configs` of a section.
pub(crate) fn read_discovery(
    section: &mut Section<'_>,
    place: &str,
    notices: &mut Vec<Notice>,
) -> Result<Vec<Discovery>> {
    let mut found = Vec::new();
    let mut groups = Vec::new();
    for node in items_of(section, "static_configs")? {
        groups.push(read_group(node)?);
    }
    if !groups.is_empty() {
        found.push(Discovery::Static(groups));
    }
    for node in items_of(section, "file_sd_configs")? {
        found.push(read_file(node)?);
    }
    for node in items_of(section, "http_sd_configs")? {
        found.push(read_http(node, place, notices)?);
    }
    for table in TABLES {
        for node in items_of(section, table.key)? {
            let place = format!("{place}{}.", table.key);
            let mut entry = Section::of(node, table.key)?;
            let http = read_table(&mut entry, table, &place)?;
            check(table.key, &mut entry, &http)?;
            entry.finish()?;
        }
        section.not_acted_on(table.key, place, notices);
    }
    Ok(found)
}

fn items_of<'a>(section: &mut Section<'a>, key: &str) -> Result<Vec<&'a Node>> {
    let list = section.list(key)?;
    for node in list {
        if node.is_null() {
            return fail(node, format!("empty or null section in {key}"));
        }
    }
    Ok(list.iter().map(|node| &**node).collect())
}

pub(crate) fn read_group(node: &Node) -> Result<TargetGroup> {
    let mut section = Section::of(node, "targetgroup.Group")?;
    let targets = section.strings("targets")?;
    let labels = match section.get("labels") {
        None => Vec::new(),
        Some(node) => super::section::string_map(node)?,
    };
    section.finish()?;
    if let Some((name, _)) = labels.iter().find(|(name, _)| name.is_empty()) {
        return fail(node, format!("{name:?} is not a valid label name"));
    }
    Ok(TargetGroup { targets, labels })
}

fn read_file(node: &Node) -> Result<Discovery> {
    let mut section = Section::of(node, "file.SDConfig")?;
    let patterns = section.strings("files")?;
    let refresh_interval = section.duration("refresh_interval")?.unwrap_or(Duration::from_mins(5));
    if patterns.is_empty() {
        return fail(node, "file service discovery config must contain at least one path name");
    }
    for name in &patterns {
        let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
        let known = ["json", "yml", "yaml", "JSON", "YML", "YAML"].contains(&extension);
        let stars = name.matches('*').count();
        let in_last_part = name.rfind('*') > name.rfind('/');
        if !known || stars > 1 || (stars == 1 && !in_last_part) {
            return section
                .fail("files", format!("path name {name:?} is not valid for file discovery"));
        }
    }
    section.finish()?;
    Ok(Discovery::File { patterns, refresh_interval })
}

fn read_http(node: &Node, place: &str, notices: &mut Vec<Notice>) -> Result<Discovery> {
    let mut section = Section::of(node, "http.SDConfig")?;
    let place = format!("{place}http_sd_configs.");
    let (client, _) = HttpClientConfig::read(&mut section, &place, notices)?;
    let url = section.string_or_empty("url")?;
    let refresh_interval = section.duration("refresh_interval")?.unwrap_or(Duration::from_mins(1));
    if let Err(why) = check_http_url(&url) {
        return section.fail("url", why);
    }
    section.finish()?;
    Ok(Discovery::Http { url, refresh_interval, client: Box::new(client) })
}

pub(crate) fn check_http_url(url: &str) -> std::result::Result<(), &'static str> {
    if url.is_empty() {
        return Err("URL is missing");
    }
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    match rest {
        None => Err("URL scheme must be 'http' or 'https'"),
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Err("host is missing in URL"),
        Some(_) => Ok(()),
    }
}

/// What the table-driven part found out about credentials.
pub(crate) struct TableHttp {
    pub(crate) client: HttpClientConfig,
    pub(crate) has_bearer: bool,
    pub(crate) any: bool,
}

/// Reads all fields of a table, so that their types are checked and they count as known.
fn read_table(entry: &mut Section<'_>, table: &Table, place: &str) -> Result<TableHttp> {
    let mut http = TableHttp { client: HttpClientConfig::default(), has_bearer: false, any: false };
    if table.http {
        // The whole section is reported as not acted on; its parts need no notices of their own.
        let (client, keys) = HttpClientConfig::read(entry, place, &mut Vec::new())?;
        http = TableHttp { client, has_bearer: keys.has_bearer, any: keys.any };
    }
    read_fields(entry, table.fields)?;
    Ok(http)
}

fn read_fields(entry: &mut Section<'_>, fields: &[(&str, Field)]) -> Result<()> {
    for (key, field) in fields {
        match field {
            Field::Text => drop(entry.string(key)?),
            Field::Bool => drop(entry.boolean(key)?),
            Field::Int => drop(entry.int(key)?),
            Field::Duration => drop(entry.duration(key)?),
            Field::Texts => drop(entry.strings(key)?),
            Field::TextMap => drop(entry.string_map(key)?),
            Field::Tls => drop(entry.get(key).map(TlsConfig::read).transpose()?),
            Field::OneOf(words, error) => {
                if let Some(word) = entry.string(key)?
                    && !words.contains(&word.as_str())
                {
                    return entry.fail(key, format!("{error} {word:?}"));
                }
            }
            Field::Section(fields) => {
                if let Some(node) = entry.get(key) {
                    let mut inner = Section::of(node, "discovery section")?;
                    read_fields(&mut inner, fields)?;
                    inner.finish()?;
                }
            }
            Field::Sections(fields) => {
                for node in entry.list(key)? {
                    let mut inner = Section::of(node, "discovery section")?;
                    read_fields(&mut inner, fields)?;
                    inner.finish()?;
                }
            }
        }
    }
    Ok(())
}

impl Discovery {
    /// Makes relative file names relative to `dir`.
    pub(crate) fn set_directory(&mut self, dir: &Path) {
        match self {
            Self::Static(_) => {}
            Self::File { patterns, .. } => {
                for pattern in patterns {
                    join_directory(dir, pattern);
                }
            }
            Self::Http { client, .. } => client.set_directory(dir),
        }
    }

    /// Addresses written in the configuration must not be URLs.
    pub(crate) fn check_static_targets(&self, line: usize) -> Result<()> {
        let Self::Static(groups) = self else { return Ok(()) };
        for target in groups.iter().flat_map(|group| &group.targets) {
            if let Err(message) = check_address(target) {
                return Err(super::ConfigError::at(line, message));
            }
        }
        Ok(())
    }
}

/// Host and port, no more.
pub(crate) fn check_address(address: &str) -> std::result::Result<(), String> {
    if address.contains('/') {
        return Err(format!("{address:?} is not a valid hostname"));
    }
    Ok(())
}

/// Target groups of a discovery file or response: a list in YAML, of which JSON is a part.
pub(crate) fn read_groups(content: &str) -> Result<Vec<TargetGroup>> {
    let root = super::yaml::parse(content)?;
    let list = super::section::items(&root)?;
    let mut groups = Vec::with_capacity(list.len());
    for node in list {
        if node.is_null() {
            return fail(node, "nil target group item found");
        }
        groups.push(read_group(node)?);
    }
    Ok(groups)
}

/// A required text of a section that was read already.
pub(crate) fn text_of(entry: &mut Section<'_>, key: &str) -> String {
    entry.get(key).and_then(|node| text(node).ok()).unwrap_or_default().to_owned()
}
