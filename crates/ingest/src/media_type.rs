//! Media types of headers, read as `mime.ParseMediaType` of the reference does.

/// The lower-case `type/subtype` of a header whose parameters are well formed.
pub(crate) fn media_type(header: &str) -> Option<String> {
    let (essence, parameters) = header.split_once(';').unwrap_or((header, ""));
    let essence = essence.trim().to_ascii_lowercase();
    let (kind, subtype) = essence.split_once('/')?;
    if !is_token(kind) || !is_token(subtype) {
        return None;
    }
    let mut rest = parameters.trim();
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=')?;
        if !is_token(name.trim()) {
            return None;
        }
        rest = after_value(value)?;
        match rest.strip_prefix(';') {
            Some(next) => rest = next.trim(),
            None if rest.is_empty() => {}
            None => return None,
        }
    }
    Some(essence)
}

/// The value of parameter `name` in a media type header, unquoted.
pub(crate) fn parameter(header: &str, name: &str) -> Option<String> {
    let parts = header.split(';').skip(1);
    let found = parts
        .filter_map(|part| part.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    Some(found.1.trim().trim_matches('"').to_owned())
}

fn after_value(value: &str) -> Option<&str> {
    if let Some(quoted) = value.strip_prefix('"') {
        let mut escaped = false;
        let end = quoted.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        })?;
        return Some(quoted.get(end + 1..)?.trim_start());
    }
    let end = value.find(|c: char| c == ';' || c.is_whitespace()).unwrap_or(value.len());
    let (token, rest) = value.split_at(end);
    is_token(token).then(|| rest.trim_start())
}

fn is_token(text: &str) -> bool {
    let special = b"!#$%&'*+-.^_`|~";
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || special.contains(&b))
}
