//! Which format a response is in: by its `Content-Type`, else by the configured fallback.

use super::Format;
use crate::media_type::media_type;

/// A format and, when it was not taken from a clean header, the reason worth a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    pub format: Format,
    pub warning: Option<ContentTypeError>,
}

/// Fails the scrape when no fallback is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentTypeError {
    #[error("non-compliant scrape target sending blank Content-Type{}", fallback_note(*.fallback))]
    Blank { fallback: bool },
    #[error("cannot parse Content-Type {header:?}{}", fallback_note(*.fallback))]
    Malformed { header: String, fallback: bool },
    #[error("received unsupported Content-Type {header:?}{}", fallback_note(*.fallback))]
    Unsupported { header: String, fallback: bool },
}

fn fallback_note(fallback: bool) -> &'static str {
    if fallback {
        ", using fallback_scrape_protocol"
    } else {
        " and no fallback_scrape_protocol specified for target"
    }
}

/// Picks the parser for a body. The versions in the header are not looked at, as in the reference.
pub fn negotiate(
    header: Option<&str>,
    fallback: Option<Format>,
) -> Result<Negotiated, ContentTypeError> {
    let has_fallback = fallback.is_some();
    let header = header.unwrap_or_default();
    let error = if header.is_empty() {
        ContentTypeError::Blank { fallback: has_fallback }
    } else {
        match media_type(header).as_deref() {
            Some("text/plain") => {
                return Ok(Negotiated { format: Format::Prometheus, warning: None });
            }
            Some("application/openmetrics-text") => {
                return Ok(Negotiated { format: Format::OpenMetrics, warning: None });
            }
            Some(_) => {
                ContentTypeError::Unsupported { header: header.to_owned(), fallback: has_fallback }
            }
            None => {
                ContentTypeError::Malformed { header: header.to_owned(), fallback: has_fallback }
            }
        }
    };
    match fallback {
        Some(format) => Ok(Negotiated { format, warning: Some(error) }),
        None => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::{ContentTypeError, Format, negotiate};

    #[test]
    fn the_header_decides_and_the_fallback_helps() {
        let check = |header: &str, fallback, want: Result<(Format, bool), ()>| {
            let got = negotiate(Some(header), fallback);
            let got =
                got.map(|n| (n.format, n.warning.is_some())).map_err(|_: ContentTypeError| ());
            assert_eq!(got, want, "{header}");
        };
        let text = Some(Format::Prometheus);
        check("text/plain", None, Ok((Format::Prometheus, false)));
        check("text/plain; version=0.0.4; charset=utf-8", None, Ok((Format::Prometheus, false)));
        check("Text/Plain;version=\"0.0.4\"", None, Ok((Format::Prometheus, false)));
        check(
            "application/openmetrics-text; version=1.0.0",
            None,
            Ok((Format::OpenMetrics, false)),
        );
        check("", None, Err(()));
        check("", text, Ok((Format::Prometheus, true)));
        check("text/html", None, Err(()));
        check("text/html", text, Ok((Format::Prometheus, true)));
        check("invalid", None, Err(()));
        check("text/plain; version", text, Ok((Format::Prometheus, true)));
        check("application/openmetrics-text; bad", None, Err(()));
    }
}
