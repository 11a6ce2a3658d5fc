//! The path behind a data source's address: taken from the raw request, refused when it tries to
//! leave the address it is appended to.

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPath {
    #[error("the path is not valid: it has a segment that leads upwards")]
    Upwards,
    #[error("the path is not valid: it has an empty segment")]
    EmptySegment,
    #[error("the path is not valid: it has a backslash or a control character")]
    Character,
    #[error("the path is not valid: it is not percent-encoded UTF-8")]
    Encoding,
}

/// The part of a raw path that follows its first `segments` segments, without leading slash.
///
/// `/api/datasources/proxy/1/api/v1/query` less 4 is `api/v1/query`.
pub(crate) fn rest_of(raw: &str, segments: usize) -> &str {
    let mut rest = raw.trim_start_matches('/');
    for _ in 0..segments {
        let Some((_, after)) = rest.split_once('/') else { return "" };
        rest = after;
    }
    rest
}

/// Accepts a raw path whose meaning cannot change on its way: nothing in it, decoded once or
/// twice, may be taken for a way upwards, and no segment is empty but the last.
pub(crate) fn check(raw: &str) -> Result<(), BadPath> {
    check_form(raw)?;
    let once = decode(raw)?;
    check_form(&once)?;
    // A server behind a server may decode once more. What does not decode again was meant so.
    if let Ok(twice) = decode(&once) {
        check_form(&twice)?;
    }
    Ok(())
}

fn check_form(path: &str) -> Result<(), BadPath> {
    if path.chars().any(|c| c == '\\' || c.is_control()) {
        return Err(BadPath::Character);
    }
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        // Some servers cut parameters off a segment before they look at it: `..;a`.
        let name = segment.split(';').next().unwrap_or_default();
        if matches!(name, "." | "..") {
            return Err(BadPath::Upwards);
        }
        if segment.is_empty() && segments.peek().is_some() {
            return Err(BadPath::EmptySegment);
        }
    }
    Ok(())
}

pub(crate) fn decode(text: &str) -> Result<String, BadPath> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16));
        let (high, low) = digit().zip(digit()).ok_or(BadPath::Encoding)?;
        out.push((high * 16 + low) as u8);
    }
    String::from_utf8(out).map_err(|_| BadPath::Encoding)
}

/// `path` behind `base`, with one slash between them.
pub(crate) fn join(base: &str, path: &str) -> String {
    format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::{BadPath, check, join, rest_of};

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        use BadPath::{Character, EmptySegment, Encoding, Upwards};
        for (path, want) in [
            ("api/v1/query", Ok(())),
            ("", Ok(())),
            ("api/", Ok(())),
            ("api/v1/label/a%2Fb/values", Ok(())),
            ("api/v1/label/caf%C3%A9/values", Ok(())),
            ("a/b..c/...", Ok(())),
            ("a/100%25/b", Ok(())),
            ("..", Err(Upwards)),
            ("a/../b", Err(Upwards)),
            ("a/./b", Err(Upwards)),
            ("a/..", Err(Upwards)),
            ("a/%2e%2e/b", Err(Upwards)),
            ("a/.%2E/b", Err(Upwards)),
            ("a/%252e%252e/b", Err(Upwards)),
            ("a%2F..%2Fb", Err(Upwards)),
            ("a%252F..%252Fb", Err(Upwards)),
            ("a/..;x=1/b", Err(Upwards)),
            ("//evil.example/a", Err(EmptySegment)),
            ("a//b", Err(EmptySegment)),
            ("a/%2f/b", Err(EmptySegment)),
            ("a\\b", Err(Character)),
            ("a/%5c..%5cb", Err(Character)),
            ("a/%00", Err(Character)),
            ("a%0d%0aHost:x", Err(Character)),
            ("a/%250a", Err(Character)),
            ("a/%zz", Err(Encoding)),
            ("a/%", Err(Encoding)),
            ("a/%ff", Err(Encoding)),
        ] {
            assert_eq!(check(path), want, "{path}");
        }
    }

    #[test]
    fn the_rest_is_kept_raw() {
        let check = |raw: &str, segments, want: &str| assert_eq!(rest_of(raw, segments), want);
        check("/api/datasources/proxy/1/api/v1/label/a%2Fb", 4, "api/v1/label/a%2Fb");
        check("/api/datasources/proxy/1//evil", 4, "/evil");
        check("/api/datasources/proxy/1", 4, "");
        check("/api/datasources/uid/x/resources/a/", 5, "a/");
    }

    #[test]
    fn one_slash_joins() {
        assert_eq!(join("/prometheus/", "/api"), "/prometheus/api");
        assert_eq!(join("", "api"), "/api");
        assert_eq!(join("/p", ""), "/p/");
    }
}
